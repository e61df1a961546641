"""Table files (CSV, Parquet) to typed frames; nothing is known here of what the tables mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hubopt.instance.cells import COMPLAINTS, parse
from hubopt.instance.draft import Draft
from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.frames import dtype
from hubopt.instance.listing import SHOWN, listed
from hubopt.instance.schema import REQUIRED, Column, Table
from hubopt.instance.text import read_text


class UnreadableError(Exception):
    """A file whose cells could not be told apart."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _separated(file: str, header: list[str]) -> None:
    """Complain of a header that is one cell because something else than a comma separates."""
    for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("，", "Chinese commas")):
        if len(header) == 1 and mark in header[0]:
            raise UnreadableError(Problem(file, f"is separated by {name}", "save it separated by commas", row=1))


def _records(file: str, text: str) -> tuple[list[str], dict[int, list[str]], list[Problem]]:
    """Header, cells by row (first line of the record) and problems of rows with another number of cells."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: dict[int, list[str]] = {}
    problems: list[Problem] = []
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            if not header:
                header = [cell.strip() for cell in cells]
                _separated(file, header)
            elif any(cells):
                if len(cells) != len(header):
                    message = f"has {len(cells)} cells, the header {len(header)}"
                    problems.append(Problem(file, message, "quote cells that contain commas; complete the row", line))
                else:
                    records[line] = cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableError(Problem(file, f"is not CSV: {error}", "mend the quotes of this row", row=line)) from None
    if not header:
        raise UnreadableError(Problem(file, "is empty", "give at least the header line"))
    return header, records, problems


@dataclass(frozen=True)
class Found:
    """The columns of a file: trimmed text, or values of the schema's type already; ``index`` is the row in the file."""

    index: pd.Index[Any]
    columns: Mapping[str, list[str] | pd.Series[Any]]


def read_csv(path: Path) -> tuple[Found, list[Problem]]:
    """All cells as trimmed text, and what is wrong with the shape of the rows.

    Raises
    ------
    UnreadableError
        If the text or its rows could not be read.
    """
    text = read_text(path)
    if isinstance(text, Problem):
        raise UnreadableError(text)
    header, records, problems = _records(path.name, text)
    for name in sorted({name for name in header if header.count(name) > 1}):
        shown = f"column {name!r}" if name else "a column without a name"
        problems.append(Problem(path.name, f"{shown} occurs more than once", "keep one of them", row=1))
    cells = list(zip(*records.values(), strict=True)) or [()] * len(header)
    columns = {name: [cell.strip() for cell in column] for name, column in zip(header, cells, strict=True)}
    return Found(pd.Index(list(records), dtype="int64"), columns), problems[:SHOWN]


def _text_of(column: pa.ChunkedArray) -> list[str]:
    """The cells of a Parquet column as CSV would have them."""
    if pa.types.is_floating(column.type):
        return ["" if value != value else repr(value) for value in column.fill_null(float("nan")).to_pylist()]
    return ["" if value is None else str(value).strip() for value in column.to_pylist()]


def _typed(column: pa.ChunkedArray, kind: str) -> pd.Series[Any] | None:
    """A Parquet column whose type already fits ``kind`` and whose every cell holds a usable value."""
    if column.null_count:
        return None
    if kind == "float" and (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        values = column.to_numpy().astype("float64")
        return pd.Series(values) if np.isfinite(values).all() else None
    if kind == "bool" and pa.types.is_boolean(column.type):
        return pd.Series(column.to_numpy(), dtype="bool")
    return None


def read_parquet(path: Path, table: Table) -> Found:
    """Columns typed where they fit the schema, else as text; rows count as they would in CSV.

    Raises
    ------
    UnreadableError
        If the file is missing or not Parquet.
    """
    try:
        return _columns_of(pq.ParquetFile(path).read(), table)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        problem = Problem(path.name, f"is not a sound Parquet file: {reason}", "write the file again")
        raise UnreadableError(problem) from None


def _columns_of(content: pa.Table, table: Table) -> Found:
    kinds = {column.name: column.kind for column in table.columns}
    index = pd.RangeIndex(2, content.num_rows + 2)
    columns: dict[str, list[str] | pd.Series[Any]] = {}
    for name in content.column_names:
        column = content.column(name)
        typed = _typed(column, kinds.get(name, "str"))
        columns[name] = _text_of(column) if typed is None else typed.set_axis(index)
    return Found(index, columns)


def _column_names(file: str, table: Table, found: Found) -> Iterator[Problem]:
    """Columns that the table does not have, and required ones that the file lacks."""
    known = [column.name for column in table.columns]
    free = [name for name in known if name not in found.columns]
    for name in found.columns:
        if name not in known:
            message = f"column {name!r} is not a column of this table" if name else "a column has no name"
            yield Problem(file, message, f"{choose_from(name, free or known)} or remove it", row=1)
    for column in table.columns:
        if column.default is REQUIRED and column.name not in found.columns:
            mend = f"add it: {column.description} ({column.unit})"
            yield Problem(file, f"column {column.name!r} is missing", mend, row=1)


def _enter_column(draft: Draft, table: Table, column: Column, found: Found) -> Iterator[Problem]:
    """Enter the cells of one column as text into the frame of ``table``."""
    file, cells = draft.files[table.name], list(found.columns[column.name])
    parsed = parse(cells, column)
    kind: Any = dtype(column)
    draft.tables[table.name][column.name] = pd.Series(parsed.values, index=found.index, dtype=kind)
    empty = [place for place, cell in enumerate(cells) if not cell] if column.default is REQUIRED else []
    mend = f"give the {column.description} ({column.unit})"
    for places, complaint in ((parsed.bad, COMPLAINTS[column.kind]), (empty, ("is empty", mend))):
        if places:
            wrong = pd.Series([cells[place] for place in places], index=found.index[places], dtype="str")
            draft.bad |= {(table.name, column.name, int(row)) for row in wrong.index}
            yield from listed(file, column.name, wrong, *complaint)


def enter(draft: Draft, table: Table, file: str, found: Found) -> Iterator[Problem]:
    """Bring the cells in ``found`` into the schema's columns and types, enter them into ``draft`` and complain."""
    yield from _column_names(file, table, found)
    draft.files[table.name] = file
    frame = draft.tables[table.name] = pd.DataFrame(index=found.index)
    for column in table.columns:
        cells = found.columns.get(column.name)
        if cells is None:
            frame[column.name] = absent(column, found.index)
            if column.default is REQUIRED:
                draft.unknown.add((table.name, column.name))
        elif isinstance(cells, pd.Series):
            frame[column.name] = cells
        else:
            yield from _enter_column(draft, table, column, found)


def absent(column: Column, index: pd.Index[Any]) -> pd.Series[Any]:
    """A column that the file does not have: its default, or what stands for a cell that is not known."""
    kind: Any = dtype(column)
    values: pd.Series[Any] = pd.Series(parse([""] * len(index), column).values, index=index, dtype=kind)
    return values
