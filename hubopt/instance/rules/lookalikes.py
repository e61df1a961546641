"""Doubts about identifiers: two that look alike, and those that a spreadsheet has spoilt or would run as a formula."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from hubopt.instance.cells import looks_like_date
from hubopt.instance.draft import Draft
from hubopt.instance.errors import Problem
from hubopt.instance.rules.magnitudes import doubted

_ROUNDED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)
_FORMULA = ("=", "+", "@", "-")
_TABLES = ("gateways", "sites", "zones")


def _folded(name: str) -> str:
    """What a name looks like: without case, width, hyphens and zeros that look like letters."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[-_.·]", "", plain).replace("o", "0").replace("l", "1")


def identifiers_do_not_look_alike(draft: Draft) -> Iterator[Problem]:
    """No two identifiers of one table differ by case, width, hyphens or O and 0 only."""
    for name in _TABLES:
        table = draft.tables[name]
        folded = table["id"].map(_folded)
        again = folded.duplicated() & ~table["id"].duplicated()
        message = "looks like the identifier of an earlier row"
        yield from doubted(draft, name, "id", again.astype("bool"), message, "make sure that they are two places")


def identifiers_are_unspoilt(draft: Draft) -> Iterator[Problem]:
    """No identifier is what a spreadsheet makes of another: a date, or the rounded form of a long number."""
    for name in _TABLES:
        ids = draft.tables[name]["id"]
        dates = ids.map(lambda cell: looks_like_date(cell) and not cell.isdigit()).astype("bool")
        message = "looks like a date that a spreadsheet made of an identifier"
        yield from doubted(draft, name, "id", dates, message, "format the column as text and enter it again")
        rounded = ids.map(lambda cell: _ROUNDED.fullmatch(cell) is not None).astype("bool")
        message = "looks like a long number that a spreadsheet rounded"
        yield from doubted(draft, name, "id", rounded, message, "format the column as text and enter it again")


def identifiers_are_no_formulas(draft: Draft) -> Iterator[Problem]:
    """No identifier begins as a formula does, which a spreadsheet would run when it opens a result."""
    for name in _TABLES:
        wrong = draft.tables[name]["id"].str.startswith(_FORMULA).astype("bool")
        message = "begins with a sign that spreadsheets take for a formula"
        yield from doubted(draft, name, "id", wrong, message, "begin it with a letter")


RULES = (identifiers_do_not_look_alike, identifiers_are_unspoilt, identifiers_are_no_formulas)
