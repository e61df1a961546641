"""The documentation site: built without a warning, read without a network."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from playwright.sync_api import Browser, expect

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; every warning of the build is a failure."""
    folder = tmp_path_factory.mktemp("site")
    warned: list[str] = []

    class Heard(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            warned.append(record.getMessage())

    heard = Heard(logging.WARNING)
    logging.getLogger("mkdocs").addHandler(heard)
    try:
        config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder))
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
    finally:
        logging.getLogger("mkdocs").removeHandler(heard)
    assert warned == []
    return folder


def test_every_page_is_there_and_in_the_navigation(site: Path) -> None:
    """Each Markdown page of docs has its page on the site, and the navigation of the first page leads to it."""
    home = (site / "index.html").read_text(encoding="utf-8")
    for path in (ROOT / "docs").rglob("*.md"):
        page = path.relative_to(ROOT).with_suffix(".html").as_posix()
        assert (site / page).exists(), page
        assert f'href="{page}"' in home, page


def test_no_page_asks_the_network(site: Path) -> None:
    """No page or style loads anything from elsewhere: only links that a reader follows lead out."""
    loads = re.compile(
        r"<(?:script|img|iframe|source|embed)\b[^>]*\bsrc=\"?(?:https?:)?//|@import|url\(\W?(?:https?:)?//"
    )
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        assert not loads.search(text), path
        for tag in re.findall(r"<link\b[^>]*>", text):
            assert "://" not in tag, (path, tag)
        assert "class=mermaid" not in text and 'class="mermaid"' not in text


def test_formulas_need_no_script(site: Path) -> None:
    """Formulas are MathML; none is left in TeX."""
    text = (site / "docs/reference/mathematics.html").read_text(encoding="utf-8")
    assert text.count("<math ") > 100 and "arithmatex" not in text and "\\sum" not in text


@pytest.mark.browser
def test_the_site_opens_from_files_and_finds_words(site: Path, browser: Browser) -> None:
    """Opened as files in a browser without a network, pages ask for files of the site alone and the search answers."""
    context = browser.new_context(offline=True, viewport={"width": 1300, "height": 900})
    page = context.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("requestfailed", lambda request: wrong.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((site / "index.html").as_uri())
    for words in ("least-land", "枢纽"):
        page.locator("input.md-search__input").fill(words)
        page.locator("input.md-search__input").press("End")
        found = page.locator(".md-search-result__item mark").filter(has_text=words[0])
        expect(found.first).to_be_visible(timeout=60_000)
    page.goto((site / "docs/zh/planner.html").as_uri())
    assert page.locator(".md-content [lang=zh-CN] h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
    assert wrong == [] and not [url for url in asked if not url.startswith(("file://", "data:", "about:", "blob:"))]
