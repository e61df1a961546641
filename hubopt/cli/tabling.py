"""Tables of studies in the terminal, as CSV, Markdown and spreadsheets."""

from __future__ import annotations

import csv
import io
import math
import os
import tempfile
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from rich.cells import cell_len
from rich.markup import escape
from rich.table import Table as Printed

from hubopt.cli.exits import out
from hubopt.cli.results import write_whole
from hubopt.cli.speech import say, spoken, word
from hubopt.instance import InputError, Problem
from hubopt.study.scenarios.tables import Column, Kind, Table
from hubopt.texts import told

_FORMATS: dict[Kind, str] = {
    "text": "@", "number": "#,##0.00", "count": "#,##0", "money": "#,##0.00", "share": "0.00%",
    "signed-money": "+#,##0.00;-#,##0.00;0.00",
}  # fmt: skip
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_MADE_AT = datetime(2000, 1, 1)
"""Date inside a spreadsheet, fixed so that the same study gives the same file."""

_LONGEST_SHEET_NAME = 31
_WIDTHS = (8, 50)
STATUS = {
    "optimal": "study-status.optimal", "feasible": "study-status.feasible", "infeasible": "study-status.infeasible",
    "no-solution": "study-status.no-solution", "error": "study-status.error", "lost": "study-status.lost",
    "not run": "study-status.not-run", "chosen": "study-status.chosen", "closed": "study-status.closed",
}  # fmt: skip
"""Keys of the short words for how a run of a study ended."""


def heading(column: Column, *, own_line: bool = False) -> str:
    """The heading of a column in the language of this run, with its unit in brackets."""
    name, unit = told(column.name, spoken()), told(column.unit, spoken())
    return name if not unit else f"{name}{chr(10) if own_line else ' '}({unit})"


def status_word(status: str) -> str:
    """How a run ended, in the language of this run."""
    return say(STATUS[status]) if status in STATUS else status


def _text(column: Column, value: Any) -> str:
    if column.name == "status":
        return status_word(str(value))
    if column.name == "level":
        return word("node", str(value))
    return str(value)


def cell(column: Column, value: Any) -> str:
    """A cell as it is printed; nothing for a missing value."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    match column.kind:
        case "text":
            return _text(column, value)
        case "share":
            return f"{value:.2%}"
        case "count":
            return f"{value:,.0f}"
        case "signed-money":
            return f"{value:+,.2f}"
        case _:
            return f"{value:,.2f}"


def chosen(table: Table, names: Collection[str]) -> Table:
    """The table with some of its columns only, in its own order."""
    kept = [index for index, column in enumerate(table.columns) if column.name in names]
    rows = tuple(tuple(row[index] for index in kept) for row in table.rows)
    return Table(table.name, tuple(table.columns[index] for index in kept), rows)


def print_table(table: Table) -> None:
    """Print a table."""
    printed = Printed(box=None, pad_edge=False, header_style="bold")
    for number, column in enumerate(table.columns):
        # nothing is cut, least of all what a line is called, which other commands are told; Chinese has no spaces
        printed.add_column(
            escape(heading(column, own_line=True)), justify="left" if column.kind == "text" else "right",
            no_wrap=number == 0, overflow="fold",
        )  # fmt: skip
    for row in table.rows:
        printed.add_row(*(escape(cell(column, value)) for column, value in zip(table.columns, row, strict=True)))
    out.print(printed)


def print_upright(table: Table, at_once: int = 6) -> None:
    """Print a table of many columns with a line for each of them, and a few of its rows side by side at a time."""
    for start in range(0, len(table.rows), at_once):
        rows = table.rows[start : start + at_once]
        printed = Printed(box=None, pad_edge=False, header_style="bold")
        printed.add_column(escape(heading(table.columns[0])))
        for row in rows:
            printed.add_column(escape(cell(table.columns[0], row[0])), justify="right")
        for index, column in enumerate(table.columns[1:], start=1):
            printed.add_row(escape(heading(column)), *(escape(cell(column, row[index])) for row in rows))
        if start:
            out.print()
        out.print(printed)


def _plain(column: Column, value: Any) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if column.kind == "text":
        return _text(column, value)
    return repr(round(float(value), 9)).removesuffix(".0")


def csv_text(table: Table) -> str:
    """The table as CSV with a heading, units in brackets; numbers in full."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([heading(column) for column in table.columns])
    for row in table.rows:
        writer.writerow([_plain(column, value) for column, value in zip(table.columns, row, strict=True)])
    return stream.getvalue()


def markdown_text(tables: Iterable[Table]) -> str:
    """The tables as Markdown, one after the other."""

    def line(cells: Iterable[str]) -> str:
        return "| " + " | ".join(text.replace("|", "\\|").replace("\n", " ") for text in cells) + " |"

    parts = []
    for table in tables:
        rule = "|" + "".join("---|" if column.kind == "text" else "---:|" for column in table.columns)
        rows = (
            line(cell(column, value) for column, value in zip(table.columns, row, strict=True)) for row in table.rows
        )
        parts.append("\n".join([line(heading(column) for column in table.columns), rule, *rows]))
    return "\n\n".join(parts) + "\n"


def _write_sheet(book: Any, table: Table, name: str) -> None:
    page = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bg_color": "#DCE6F1", "bottom": 1, "text_wrap": True, "num_format": "@"})
    styles = {kind: book.add_format({"num_format": shown, "valign": "top"}) for kind, shown in _FORMATS.items()}
    for index, column in enumerate(table.columns):
        texts = [heading(column), *(cell(column, row[index]) for row in table.rows[:200])]
        width = min(max(*map(cell_len, texts), _WIDTHS[0]) + 2, _WIDTHS[1])
        page.set_column(index, index, width)
        page.write_string(0, index, heading(column), bold)
        for number, row in enumerate(table.rows, start=1):
            value = row[index]
            if value is None or (isinstance(value, float) and not math.isfinite(value)):
                continue
            if column.kind == "text":
                page.write_string(number, index, _text(column, value), styles["text"])
            else:
                page.write_number(number, index, float(value), styles[column.kind])
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, max(1, len(table.rows)), max(0, len(table.columns) - 1))


def write_workbook(path: Path, tables: Sequence[Table]) -> None:
    """Write the tables as a spreadsheet, each on a sheet of its own, whole or not at all.

    Raises
    ------
    InputError
        If there is no folder for it.
    """
    _refuse_place(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".xlsx", dir=path.absolute().parent)
    os.close(handle)
    try:
        with xlsxwriter.Workbook(temporary, _OPTIONS) as book:
            book.set_properties({"created": _MADE_AT})
            for table in tables:
                _write_sheet(book, table, told(table.name, spoken())[:_LONGEST_SHEET_NAME])
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    out.print(say("cli-frame.written", path=escape(str(path))))


def _refuse_place(path: Path) -> None:
    if not path.absolute().parent.is_dir():
        raise InputError([Problem(str(path), "lies in no folder", "make the folder, or give another place")])


def write_tables(tables: Sequence[Table], csv_path: Path | None, xlsx: Path | None, markdown: Path | None) -> None:
    """Write the tables to the files that were asked for; CSV gets the first only.

    Raises
    ------
    InputError
        If a file lies in no folder.
    """
    for path in filter(None, (csv_path, xlsx, markdown)):
        _refuse_place(path)
    if csv_path is not None:
        write_whole(csv_path, csv_text(tables[0]))
    if markdown is not None:
        write_whole(markdown, markdown_text(tables))
    if xlsx is not None:
        write_workbook(xlsx, tables)
