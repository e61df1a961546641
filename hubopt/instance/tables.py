"""Table files (CSV, Parquet) to typed frames; nothing is known here of what the tables mean."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from hubopt.instance.cells import COMPLAINTS, parse
from hubopt.instance.dialect import Rows, bare, in_doubt, meaning_of_commas, number, told_apart, western
from hubopt.instance.draft import Draft
from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.frames import dtype
from hubopt.instance.intake import unfit
from hubopt.instance.listing import SHOWN, listed
from hubopt.instance.parquet import TooLargeError, bounded_parquet
from hubopt.instance.schema import REQUIRED, Column, Table
from hubopt.instance.text import read_text


class UnreadableError(Exception):
    """A file whose cells could not be told apart."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


@dataclass(frozen=True)
class Found:
    """The columns of a file: trimmed text, or values of the schema's type already; ``index`` is the row in the file."""

    index: pd.Index[Any]
    columns: Mapping[str, list[str] | pd.Series[Any]]


def read_csv(path: Path, *, inside: Path | None = None) -> tuple[Found, list[Problem]]:
    """All cells as trimmed text, what is wrong with the shape of the rows, and what was read in an unusual way.

    Raises
    ------
    UnreadableError
        If the text or its rows could not be read.
    """
    notes: list[Problem] = []
    text = read_text(path, inside=inside, notes=notes, most_mb=None)
    if isinstance(text, Problem):
        raise UnreadableError(text)
    rows = _told_apart(path.name, text)
    problems = rows.problems
    for name in sorted({name for name in rows.header if rows.header.count(name) > 1}):
        shown = f"column {name!r}" if name else "a column without a name"
        problems.append(Problem(path.name, f"{shown} occurs more than once", "keep one of them", row=1))
    cells = list(zip(*rows.records.values(), strict=True)) or [()] * len(rows.header)
    columns = {name: [bare(cell.strip()) for cell in column] for name, column in zip(rows.header, cells, strict=True)}
    found = Found(pd.Index(list(rows.records), dtype="int64"), columns)
    return found, [*notes, *rows.notes, *problems[:SHOWN]]


def _told_apart(file: str, text: str) -> Rows:
    try:
        rows = told_apart(file, text)
    except csv.Error as error:
        why, row = error.args if len(error.args) == 2 else (error, None)
        raise UnreadableError(Problem(file, f"is not CSV: {why}", "mend the quotes of this row", row=row)) from None
    if rows.problems and not rows.header:
        raise UnreadableError(rows.problems[0])
    if not rows.header:
        raise UnreadableError(Problem(file, "is empty", "give at least the header line"))
    return rows


def _text_of(column: pa.ChunkedArray) -> list[str]:
    """The cells of a Parquet column as CSV would have them."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
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


def read_parquet(path: Path, table: Table, *, inside: Path | None = None) -> Found:
    """Columns typed where they fit the schema, else as text; rows count as they would in CSV.

    Raises
    ------
    UnreadableError
        If the file is missing, not Parquet, or unpacks to more than an input file may take.
    """
    if problem := unfit(path, inside=inside):
        raise UnreadableError(problem)
    try:
        return _columns_of(bounded_parquet(path), table)
    except TooLargeError as error:
        raise UnreadableError(error.problem) from None
    except (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        problem = Problem(path.name, f"is not a sound Parquet file: {reason}", "write the file again")
        raise UnreadableError(problem) from None


def _columns_of(content: pa.Table, table: Table) -> Found:
    kinds = {column.name: column.kind for column in table.columns}
    index = pd.RangeIndex(2, content.num_rows + 2)
    columns: dict[str, list[str] | pd.Series[Any]] = {}
    for name, column in zip(content.column_names, content.columns, strict=True):
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


def _plain_numbers(file: str, table: Table, found: Found) -> tuple[dict[str, list[str]], list[Problem]]:
    """Columns of numbers with those that a spreadsheet has dressed up as plain numbers, and what was done to them."""
    numbers = {column.name for column in table.columns if column.kind in ("float", "int")}
    texts = {name: cells for name, cells in found.columns.items() if name in numbers and isinstance(cells, list)}
    odd = {name: [cell for cell in cells if _is_odd(cell)] for name, cells in texts.items()}
    commas = meaning_of_commas(western(cell) for cells in odd.values() for cell in cells)
    plain: dict[str, list[str]] = {}
    notes = []
    for name, cells in texts.items():
        if not odd[name] and commas != "decimal":
            continue
        plain[name] = ["1.234?" if in_doubt(cell, commas) else number(cell, commas) for cell in cells]
        changed = [at for at, cell in enumerate(cells) if plain[name][at] != cell and not in_doubt(cell, commas)]
        if changed:
            first = changed[0]
            message = f"holds numbers that are not plain ({len(changed)}, the first one read as {plain[name][first]})"
            mend = "write them with a decimal point and nothing else between the figures"
            row = int(found.index[first])
            notes.append(Problem(file, message, mend, row, name, cells[first], warning=True))
    return plain, notes


def _is_odd(cell: str) -> bool:
    """Whether a cell may be a number in another dress."""
    return "," in cell or " " in cell or "'" in cell or not cell.isascii()


def _enter_column(
    draft: Draft, table: Table, column: Column, found: Found, plain: list[str] | None = None
) -> Iterator[Problem]:
    """Enter the cells of one column as text into the frame of ``table``; ``plain``: its numbers as plain ones."""
    file, cells = draft.files[table.name], list(found.columns[column.name])
    parsed = parse(cells if plain is None else plain, column)
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
    plain, notes = _plain_numbers(file, table, found)
    yield from notes
    for column in table.columns:
        cells = found.columns.get(column.name)
        if cells is None:
            frame[column.name] = absent(column, found.index)
            if column.default is REQUIRED:
                draft.unknown.add((table.name, column.name))
        elif isinstance(cells, pd.Series):
            frame[column.name] = cells
        else:
            yield from _enter_column(draft, table, column, found, plain.get(column.name))


def absent(column: Column, index: pd.Index[Any]) -> pd.Series[Any]:
    """A column that the file does not have: its default, or what stands for a cell that is not known."""
    kind: Any = dtype(column)
    values: pd.Series[Any] = pd.Series(parse([""] * len(index), column).values, index=index, dtype=kind)
    return values
