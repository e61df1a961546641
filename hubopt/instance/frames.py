"""Instance tables as pandas frames of one shape: the schema's columns in its order, its types, its defaults."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from hubopt.instance.schema import REQUIRED, TABLES, Column, Table

EMPTY: Mapping[str, object] = {"str": "", "float": float("nan"), "int": pd.NA, "bool": False}
"""What an empty cell without a default holds, by kind of column."""


def dtype(column: Column) -> str:
    """Pandas type of a column: str, float64, bool, int64, or Int64 where cells may stay empty."""
    if column.kind == "int":
        return "Int64" if column.default is None else "int64"
    return {"str": "str", "float": "float64", "bool": "bool"}[column.kind]


def filling(column: Column) -> object:
    """What an empty cell of ``column`` gets: its default, or the empty value of its kind."""
    missing = column.default is None or column.default is REQUIRED
    return EMPTY[column.kind] if missing else column.default


def frame(name: str, rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """The instance table ``name`` from partial rows; columns that a row leaves out get the schema's defaults.

    Raises
    ------
    KeyError
        If a row has a column that the table does not have, or lacks a required one.
    """
    return frame_of(TABLES[name], rows)


def frame_of(table: Table, rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """As :func:`frame`, for any table."""
    columns = table.columns
    known = {column.name for column in columns}
    required = {column.name for column in columns if column.default is REQUIRED}
    content = [dict(row) for row in rows]
    for row in content:
        if wrong := (row.keys() - known) | (required - row.keys()):
            raise KeyError(f"{table.name}: unknown or missing columns {sorted(wrong)}")
    return pd.DataFrame(
        {
            column.name: pd.Series([row.get(column.name, filling(column)) for row in content], dtype=dtype(column))
            for column in columns
        }
    )


def rows(table: pd.DataFrame) -> Iterator[Any]:
    """The rows of a table as named tuples; their cells have the kinds that the schema gives."""
    return table.itertuples(index=False)


def columns_in_use(table: Table, content: pd.DataFrame) -> tuple[Column, ...]:
    """The columns of ``table`` without later ones that hold nothing but their default."""
    return tuple(
        column for column in table.columns if not (column.later and (content[column.name] == filling(column)).all())
    )


def in_order(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """``table`` sorted by its key, as files are written and digests are taken."""
    return table.sort_values(list(TABLES[name].key), kind="stable", ignore_index=True)


def same(left: pd.DataFrame, right: pd.DataFrame) -> bool:
    """Whether two frames have the same columns, rows and cells in the same order."""
    return list(left.columns) == list(right.columns) and left.reset_index(drop=True).equals(
        right.reset_index(drop=True)
    )
