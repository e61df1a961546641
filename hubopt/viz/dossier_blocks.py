"""The pieces that a dossier is made of, as plain records for the typesetter: every text is a text, never markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Block = dict[str, Any]
Cell = str | dict[str, Any]


def section(title: str) -> Block:
    """A chapter on a new page."""
    return {"kind": "section", "title": title}


def heading(title: str) -> Block:
    """A heading inside a chapter."""
    return {"kind": "heading", "title": title}


def text(words: str, *, soft: bool = False) -> Block:
    """A paragraph; ``soft``: of less weight."""
    return {"kind": "text", "text": words, "soft": soft}


def note(words: str) -> Block:
    """A paragraph that must not be missed."""
    return {"kind": "note", "text": words}


def verdict(words: str, good: bool) -> Block:
    """A line with a sign of good or bad."""
    return {"kind": "verdict", "text": words, "good": good}


def cards(items: Sequence[tuple[str, str, str]], columns: int = 4) -> Block:
    """Key figures: label, value and a line below (may be empty)."""
    names = ("label", "value", "below")
    return {"kind": "cards", "columns": columns, "cards": [dict(zip(names, item, strict=True)) for item in items]}


def image(file: str, alt: str, *, width: float = 100.0, caption: str = "") -> Block:
    """A drawing; ``alt`` for those who cannot see it, ``width`` in per cent of the text."""
    return {"kind": "image", "file": file, "alt": alt, "width": width, "caption": caption}


def table(
    heads: Sequence[str], rows: Sequence[Sequence[Cell]], widths: Sequence[float], *, total: bool = False,
    small: bool = False,
) -> Block:  # fmt: skip
    """A table that goes on over pages under the same head.

    A head that begins with ``#`` is that of numbers, set to the right; ``widths`` are shares of the width; ``total``:
    the last row sums up.
    """
    return {
        "kind": "table",
        "heads": [head.removeprefix("#") for head in heads],
        "numbers": [head.startswith("#") for head in heads],
        "widths": list(widths),
        "rows": [list(row) for row in rows],
        "total": total,
        "small": small,
    }


def facts(items: Sequence[tuple[str, Cell]]) -> Block:
    """Names and values, one below the other."""
    return {"kind": "facts", "items": [list(item) for item in items]}


def columns(*parts: Sequence[Block], widths: Sequence[float] = ()) -> Block:
    """Blocks side by side; ``widths`` are shares of the width, equal when none are given."""
    return {"kind": "columns", "parts": [list(part) for part in parts], "widths": list(widths or [1.0] * len(parts))}


def bar(share: float, words: str) -> Cell:
    """A cell with a bar for a share."""
    return {"bar": max(0.0, min(1.0, share)), "text": words}


def strong(words: str, below: str = "") -> Cell:
    """A cell whose text stands out, with lesser text below it."""
    return {"strong": True, "text": words, "below": below}


def sign(good: bool, words: str) -> Cell:
    """A cell with a sign of good or bad."""
    return {"good": good, "text": words}


def page_of(site: str) -> Cell:
    """A cell with the page on which the sheet of a site is."""
    return {"page": site, "text": ""}


def sheet(site: str, kicker: str, title: str, other: str, blocks: Sequence[Block]) -> Block:
    """A page for one site; ``other`` is its name in the other language."""
    return {"kind": "sheet", "site": site, "kicker": kicker, "title": title, "other": other, "blocks": list(blocks)}
