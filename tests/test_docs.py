"""The reference pages say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.generate import FOLDER, PAGES


@pytest.mark.parametrize("name", PAGES)
def test_a_committed_page_is_the_generated_one(name: str) -> None:
    """Every page of docs/reference equals what docs/generate.py makes from the code; ``make docs`` mends it."""
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name]().rstrip() + "\n"


def test_every_link_leads_somewhere() -> None:
    """Links between reference pages lead to pages that exist."""
    for page in FOLDER.glob("*.md"):
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name} links to {link}"


def test_there_is_no_stray_page() -> None:
    """Every page of docs/reference is made by the generator."""
    assert {path.name for path in Path(FOLDER).glob("*")} == set(PAGES)
