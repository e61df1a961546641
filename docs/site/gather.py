"""Which files of the repository the site shows, and what Markdown alone does not do; a hook of mkdocs.

Pages keep the paths that they have in the repository, so that a link which works there works on the site too.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from latex2mathml.converter import convert
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pymdownx.slugs import slugify

ROOT = Path(__file__).resolve().parents[2]

SHOWN = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "LICENSE-DATA.md",
    "docs/**/*.md",
    "docs/images/*",
    "examples/*",
    "instances/README.md",
    "instances/*/README.md",
    "instances/*/BUILD.md",
    "results/README.md",
)
"""Patterns of the files that become pages, or are copied as they are."""


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Anchors of headings are those that links in the repository use."""
    config.mdx_configs["toc"]["slugify"] = slugify(case="lower")
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """The theme's own files, and those of the repository by their paths there."""
    kept = [file for file in files if file.src_dir != config.docs_dir]
    for pattern in SHOWN:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                kept.append(File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)))
    return Files(kept)


def on_page_content(content: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Formulas as MathML, which browsers set without a script; the language of Chinese pages."""
    content = re.sub(r'<(span|div) class="arithmatex">\\[\[(](.*?)\\[\])]</\1>', _mathml, content, flags=re.S)
    return f'<div lang="zh-CN">{content}</div>' if page.file.src_uri.startswith("docs/zh/") else content


def _mathml(found: re.Match[str]) -> str:
    display = "block" if found[1] == "div" else "inline"
    formula = convert(html.unescape(found[2]), display=display)
    return f'<div class="formula">{formula}</div>' if display == "block" else formula
