"""How spreadsheets write CSV: their separators, empty rims and formats of numbers; what has one meaning only is read.

Everything that is read in another way than it stands is reported. What could mean two things (is ``1,234`` a thousand,
or one and a bit?) is left as it stands, to be complained of like any cell that is no number.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hubopt.instance.errors import Problem

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
"""What may stand between cells, and its name."""

_SEP_LINE = re.compile(r"sep=(.)\r?\n?", re.IGNORECASE)
_AS_TEXT = re.compile(r'="([^"]*)"')

Comma = Literal["decimal", "thousands"]

PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
"""A number as programs write it."""

_SIGN = r"[+-]?"
_SPACED = re.compile(_SIGN + r"[0-9]{1,3}(?:[   '’][0-9]{3})+(?:[.,][0-9]+)?")
_DECIMAL = (  # a comma that can only be a decimal comma
    re.compile(_SIGN + r"(?:0|[0-9]{4,}),[0-9]+(?:[eE][+-]?[0-9]+)?"),
    re.compile(_SIGN + r"[0-9]*,(?:[0-9]{1,2}|[0-9]{4,})(?:[eE][+-]?[0-9]+)?"),
    re.compile(_SIGN + r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+"),
)
_THOUSANDS = (  # commas that can only set thousands apart
    re.compile(_SIGN + r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]*"),
    re.compile(_SIGN + r"[0-9]{1,3}(?:,[0-9]{3}){2,}"),
)
_EITHER = re.compile(_SIGN + r"[0-9]{1,3},[0-9]{3}")
_POINT_OF_THOUSANDS = re.compile(_SIGN + r"[0-9]{1,3}\.[0-9]{3}")


@dataclass
class Rows:
    """A CSV file told apart: header, cells by row (first line of the record), problems, and what was read unusually."""

    header: list[str] = field(default_factory=list)
    records: dict[int, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def _separator(first: str) -> str:
    """What separates the cells of a header line: the comma unless it leaves a single cell and another mark does not."""
    try:
        cells = next(csv.reader([first]), [])
    except csv.Error:
        return ","
    if len(cells) != 1:
        return ","
    return next((mark for mark in (";", "\t") if mark in cells[0]), ",")


def separator_of(text: str) -> tuple[str, int]:
    """What separates the cells of a CSV text, and where it begins: after a line ``sep=;``, which spreadsheets write."""
    if sep := _SEP_LINE.match(text):
        return sep[1], sep.end()
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    return _separator(first), 0


def told_apart(file: str, text: str) -> Rows:
    """The rows of a CSV file, whatever separates its cells.

    Raises
    ------
    csv.Error
        If its quotes do not close; the message ends with the number of the row.
    """
    rows = Rows()
    mark, begin = separator_of(text)
    skipped, text = int(begin > 0), text[begin:]
    if mark not in SEPARATORS:
        rows.problems.append(Problem(file, f"is separated by {mark!r}", "save it separated by commas", row=1))
        return rows
    if mark != ",":
        message = f"is separated by {SEPARATORS[mark]} and was read so"
        rows.notes.append(Problem(file, message, "save it separated by commas", row=1, warning=True))
    _fill(rows, file, csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True), skipped)
    _without_empty_columns(rows, file)
    return rows


def _fill(rows: Rows, file: str, reader: Iterable[list[str]], skipped: int) -> None:
    line = skipped + 1
    try:
        for cells in reader:
            if not rows.header:
                rows.header = [cell.strip() for cell in cells] if any(map(str.strip, cells)) else []
            elif any(map(str.strip, cells)):
                width = len(rows.header)
                if len(cells) > width and not any(map(str.strip, cells[width:])):
                    cells = cells[:width]
                if len(cells) != width:
                    message = f"has {len(cells)} cells, the header {width}"
                    mend = "quote cells that contain commas; complete the row"
                    rows.problems.append(Problem(file, message, mend, line))
                else:
                    rows.records[line] = cells
            line = reader.line_num + skipped + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        raise csv.Error(error, line) from None


def _without_empty_columns(rows: Rows, file: str) -> None:
    """Drop columns at the end that have neither a name nor a cell, which spreadsheets like to leave."""
    width = len(rows.header)
    while width and not rows.header[width - 1] and not any(cells[width - 1].strip() for cells in rows.records.values()):
        width -= 1
    if 0 < width < len(rows.header):
        dropped = len(rows.header) - width
        message = f"has {dropped} empty {'columns' if dropped > 1 else 'column'} at the end, left out"
        rows.notes.append(Problem(file, message, "delete them in the spreadsheet", row=1, warning=True))
        rows.header = rows.header[:width]
        rows.records = {row: cells[:width] for row, cells in rows.records.items()}


def bare(cell: str) -> str:
    """A cell without the dress that keeps a spreadsheet from changing it: ``="0012"`` is 0012."""
    found = _AS_TEXT.fullmatch(cell)
    return found[1].strip() if found else cell


def western(cell: str) -> str:
    """A number with full-width figures, or with the minus sign of typesetters, in plain characters."""
    return unicodedata.normalize("NFKC", cell).replace("\u2212", "-") if not cell.isascii() else cell


def _matches(patterns: Sequence[re.Pattern[str]], cell: str) -> bool:
    return any(pattern.fullmatch(cell) for pattern in patterns)


def meaning_of_commas(cells: Iterable[str]) -> Comma | None:
    """What commas mean in the numbers of one file, by the cells that leave no doubt; None if they do, or contradict."""
    found: set[Comma] = set()
    for cell in cells:
        if "," in cell:
            found |= {"decimal"} if _matches(_DECIMAL, cell) else set()
            found |= {"thousands"} if _matches(_THOUSANDS, cell) else set()
    return found.pop() if len(found) == 1 else None


def in_doubt(cell: str, commas: Comma | None) -> bool:
    """Whether a plain number could be meant otherwise in a file with decimal commas: 1.234 may be a thousand there."""
    return commas == "decimal" and _POINT_OF_THOUSANDS.fullmatch(cell) is not None


def number(cell: str, commas: Comma | None) -> str:
    """The cell as a plain number where it can only be one; else the cell as it stands."""
    plain = western(cell)
    if _SPACED.fullmatch(plain):
        plain = re.sub(r"[   '’]", "", plain)
    known = commas == "decimal" and (_matches(_DECIMAL, plain) or _EITHER.fullmatch(plain))
    if known:
        plain = plain.replace(".", "").replace(",", ".")
    elif commas == "thousands" and (_matches(_THOUSANDS, plain) or _EITHER.fullmatch(plain)):
        plain = plain.replace(",", "")
    return plain if PLAIN.fullmatch(plain) else cell
