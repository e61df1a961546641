"""Table files (CSV, Parquet) to typed frames; nothing is known here of what the tables mean."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from hubopt.instance.cells import COMPLAINTS, parse
from hubopt.instance.draft import Draft
from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.frames import dtype, filling
from hubopt.instance.listing import listed
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


def read_csv(path: Path) -> tuple[pd.DataFrame, list[Problem]]:
    """All cells as trimmed text; the index is the row in the file.

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
    index = pd.Index(list(records), dtype="int64")
    columns = {
        name: pd.Series([cell.strip() for cell in column], index=index, dtype="str")
        for name, column in zip(header, cells, strict=True)
    }
    return pd.DataFrame(columns, index=index), problems[:20]


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


def read_parquet(path: Path, table: Table) -> pd.DataFrame:
    """Columns typed where they fit the schema, else as text; the index is the row as CSV would have it.

    Raises
    ------
    UnreadableError
        If the file is missing or not Parquet.
    """
    try:
        content = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise UnreadableError(
            Problem(path.name, f"is not a sound Parquet file: {reason}", "write the file again")
        ) from None
    kinds = {column.name: column.kind for column in table.columns}
    columns: dict[str, Any] = {}
    for name in content.column_names:
        column = content.column(name)
        typed = _typed(column, kinds.get(name, "str"))
        columns[name] = pd.Series(_text_of(column), dtype="str") if typed is None else typed
    return pd.DataFrame(columns).set_axis(pd.RangeIndex(2, content.num_rows + 2), axis="index")


def _column_names(file: str, table: Table, found: pd.DataFrame) -> Iterator[Problem]:
    """Columns that the table does not have, and required ones that the file lacks."""
    known = [column.name for column in table.columns]
    free = [name for name in known if name not in found.columns]
    for name in found.columns:
        if name not in known:
            message = f"column {name!r} is not a column of this table" if name else "a column has no name"
            yield Problem(file, message, f"{choose_from(str(name), free or known)} or remove it", row=1)
    for column in table.columns:
        if column.default is REQUIRED and column.name not in found.columns:
            yield Problem(
                file, f"column {column.name!r} is missing", f"add it: {column.description} ({column.unit})", row=1
            )


def _absent(column: Column, index: pd.Index[Any]) -> pd.Series[Any]:
    """A column that the file does not have: its default, or what stands for a cell that is not known."""
    kind = dtype(column)
    value = 0 if kind == "int64" and column.default is REQUIRED else filling(column)
    return pd.Series([value] * len(index), index=index, dtype=kind)


def enter(draft: Draft, table: Table, file: str, found: pd.DataFrame) -> Iterator[Problem]:
    """Bring the cells in ``found`` into the schema's columns and types, enter them into ``draft`` and complain."""
    yield from _column_names(file, table, found)
    typed: dict[str, Any] = {}
    for column in table.columns:
        if column.name not in found.columns:
            typed[column.name] = _absent(column, found.index)
            if column.default is REQUIRED:
                draft.unknown.add((table.name, column.name))
            continue
        raw = found[column.name]
        if raw.dtype == dtype(column) and column.kind != "str":
            typed[column.name] = raw
            continue
        parsed = parse(raw, column)
        typed[column.name] = parsed.values
        empty = (raw == "") if column.default is REQUIRED else pd.Series(False, index=raw.index)
        draft.bad |= {(table.name, column.name, int(row)) for row in raw.index[parsed.bad | empty]}
        yield from listed(file, column.name, raw[parsed.bad], *COMPLAINTS[column.kind])
        yield from listed(file, column.name, raw[empty], "is empty", f"give the {column.description} ({column.unit})")
    draft.tables[table.name] = pd.DataFrame(typed, index=found.index)
    draft.files[table.name] = file
