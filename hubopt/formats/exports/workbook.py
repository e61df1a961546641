"""The spreadsheet (xlsx): a sheet for each part of a plan, with units in the headings, filters and frozen panes.

Texts are written as texts, never as formulas, links or numbers, whatever they begin with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from rich.cells import cell_len

from hubopt.formats.exports.case import Case
from hubopt.formats.exports.sheets import Cell, Column, Kind, Sheet, properties, sheets
from hubopt.texts import Texts

MOST_ROWS = 1_048_575
"""Rows below the heading that a sheet of the format can hold; a longer table goes on in a further sheet."""

MOST_CHARACTERS = 32_767
"""Characters that a cell of the format can hold."""

_MADE_AT = datetime(2000, 1, 1)
"""Date inside the file, fixed so that the same plan gives the same file."""

_FORMATS: dict[Kind, str] = {
    "text": "@",
    "whole": "#,##0",
    "tenths": "#,##0.0",
    "hundredths": "#,##0.00",
    "money": "#,##0",
    "share": "0.0%",
    "fine-share": "0.00%",
    "degrees": "0.00000",
    "number": "General",
    "flag": "General",
}
_WIDTHS = (8, 60)
"""Least and largest width of a column, in characters."""

_MEASURED = 200
"""Rows that the width of a column is taken from."""

_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


def _pages(sheet: Sheet) -> Iterator[Sheet]:
    """The sheet in parts that fit the format."""
    if len(sheet.rows) <= MOST_ROWS:
        yield sheet
        return
    for number, start in enumerate(range(0, len(sheet.rows), MOST_ROWS), start=1):
        yield replace(sheet, name=f"{sheet.name} {number}", rows=sheet.rows[start : start + MOST_ROWS])


def _width(sheet: Sheet, index: int) -> float:
    """A width that shows the heading and most cells; Chinese characters take two places."""
    texts = [sheet.columns[index].heading, *(_shown(row[index]) for row in sheet.rows[:_MEASURED])]
    longest = max(cell_len(text) for text in texts) + 2
    return float(min(max(longest, _WIDTHS[0]), _WIDTHS[1]))


def _shown(value: Cell) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else "" if value is None else str(value)


def _write_cell(page: Any, row: int, column: int, value: Cell, style: Any, say: Texts) -> None:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        page.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, style)
    elif isinstance(value, (int, float)):
        page.write_number(row, column, value, style)
    else:
        room = MOST_CHARACTERS - len(say("sheet.cut", text=""))
        text = value if len(value) <= MOST_CHARACTERS else say("sheet.cut", text=value[:room])
        page.write_string(row, column, text, style)


def _write_sheet(book: Any, sheet: Sheet, say: Texts) -> None:
    page = book.add_worksheet(sheet.name)
    heading = book.add_format(
        {"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "text_wrap": True, "valign": "vcenter", "num_format": "@"}
    )
    styles = {kind: book.add_format({"num_format": shown, "valign": "top"}) for kind, shown in _FORMATS.items()}
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, _width(sheet, index))
        page.write_string(0, index, column.heading, heading)
    for number, row in enumerate(sheet.rows, start=1):
        for index, value in enumerate(row):
            kind = sheet.columns[index].kind if sheet.row_kinds is None else sheet.row_kinds[number - 1]
            kind = "text" if isinstance(value, str) else kind
            _write_cell(page, number, index, value, styles[kind], say)
    page.freeze_panes(1, 0)
    if sheet.filtered:
        page.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.columns) - 1)
    page.set_landscape()
    page.repeat_rows(0)
    page.fit_to_pages(1, 0)


def write_workbook(case: Case, path: Path, lang: str) -> None:
    """Write the spreadsheet of a case to ``path``, in the language ``lang``."""
    say = Texts(lang)
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        book.set_properties({**properties(case, say), "created": _MADE_AT})
        for sheet in sheets(case, say):
            for page in _pages(sheet):
                _write_sheet(book, page, say)


def write_table(path: Path, name: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], lang: str) -> None:
    """Write one table to ``path`` as a spreadsheet of its own, with a filter over its headings."""
    columns = tuple(Column(text, "number") for text in head)
    sheet = Sheet(name, columns, tuple(tuple(row) for row in rows))
    with xlsxwriter.Workbook(str(path), _OPTIONS) as book:
        book.set_properties({"created": _MADE_AT})
        for page in _pages(sheet):
            _write_sheet(book, page, Texts(lang))
