"""The tables of a case that a recipe names: read, and every mistake in them reported at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from hubopt.data.files import floats, read_table
from hubopt.data.gateways.known import known_gateways
from hubopt.data.recipe import Recipe
from hubopt.instance.errors import InputError, Problem
from hubopt.instance.schema import REQUIRED, TABLES

TEXT = {
    "districts": ("district", "group", "source", "reliability"),
    "gateways": (
        "id",
        "name_en",
        "name_zh",
        "kind",
        "city",
        "district",
        "route",
        "side",
        "access",
        "source",
        "reliability",
    ),
    "known_sites": ("id", "name_en", "name_zh", "level", "hub_type", "district", "access", "source", "reliability"),
}
"""Columns of text that the tables of the data room must have."""

NUMBERS = {
    "districts": ("land_price_cny_m2", "land_limit_ha", "industry_weight"),
    "gateways": (
        "lon", "lat", "precision_m", "volume_year", "t_per_unit", "city_share", "beyond_cny_t", "border_cny_t",
        "border_minutes", "beyond_minutes", "beyond_kgco2e_t",
    ),
    "known_sites": ("lon", "lat", "precision_m", "land_ha"),
}  # fmt: skip
"""Columns of numbers that they must have."""

MAY_BE_EMPTY = {("gateways", name) for name in ("lon", "lat", "precision_m")}
"""Columns of numbers whose cells may be empty."""

SCHEMA_TABLES = ("parameters", "admissions", "existing", "terminals", "land")
"""Tables that pass into the instance as they are, with the columns of its schema."""


def _columns(key: str) -> tuple[str, ...]:
    if key in SCHEMA_TABLES:
        return tuple(column.name for column in TABLES[key].columns if column.default is REQUIRED)
    return (*TEXT[key], *NUMBERS[key])


def _texts(key: str) -> tuple[str, ...]:
    """Columns that are read as text, whatever their cells look like."""
    if key in SCHEMA_TABLES:
        return tuple(column.name for column in TABLES[key].columns if column.kind == "str")
    return TEXT[key]


def _optional(key: str) -> dict[str, bool]:
    """Columns of numbers, and whether their cells may be empty."""
    if key in SCHEMA_TABLES:
        numbers = [column for column in TABLES[key].columns if column.kind in ("float", "int")]
        return {column.name: column.default is not REQUIRED for column in numbers}
    return {name: (key, name) in MAY_BE_EMPTY for name in NUMBERS[key]}


def _keys(key: str) -> tuple[str, ...]:
    return TABLES[key].key if key in SCHEMA_TABLES else (TEXT[key][0], *(("district",) if key == "known_sites" else ()))


def _numbers(key: str, file: str, table: pd.DataFrame) -> Iterator[Problem]:
    """Turn the columns of numbers into floats in place, yielding what is no number."""
    for name, may_be_empty in _optional(key).items():
        if name not in table.columns:
            continue
        numbers = floats(table[name])
        empty = table[name].isna()
        wrong = ~np.isfinite(numbers) & (~empty if may_be_empty else True)
        for row in table.index[wrong]:
            value = None if empty[row] else table.loc[row, name]
            yield Problem(file, "is not a number", "give a number", int(row) + 2, name, value)
        table[name] = numbers


def _truths(key: str, file: str, table: pd.DataFrame) -> Iterator[Problem]:
    """Turn the columns of yes and no into booleans in place, yielding what is neither."""
    columns = TABLES[key].columns if key in SCHEMA_TABLES else TABLES["sites"].columns if key == "known_sites" else ()
    for column in columns:
        if column.kind == "bool" and column.name in table.columns:
            words = table[column.name].map(lambda cell: "" if pd.isna(cell) else str(cell).strip().lower())
            known = words.map({**_TRUTH, "": column.default})
            for row in table.index[known.isna()]:
                yield Problem(
                    file, "is neither true nor false", "write true or false", int(row) + 2, column.name, words[row]
                )
            table[column.name] = known.fillna(False).astype(bool)


_TRUTH = {"true": True, "1": True, "1.0": True, "yes": True, "false": False, "0": False, "0.0": False, "no": False}


def _nameless(key: str, file: str, table: pd.DataFrame) -> Iterator[Problem]:
    """Rows without what identifies them."""
    for name in _keys(key):
        for row in table.index[table[name].isna()]:
            yield Problem(file, "is empty", "name what the row is about", int(row) + 2, name)


def _strangers(file: str, sites: pd.DataFrame, known: set[str]) -> Iterator[Problem]:
    """Sites in districts that the case does not have."""
    for row, name in sites["district"].items():
        if name not in known:
            mend = f"use one of {', '.join(sorted(known))}"
            yield Problem(file, "is no district of the case", mend, int(str(row)) + 2, "district", name)


def read_inputs(recipe: Recipe, folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of the case by their key in the recipe's ``inputs``.

    Raises:
        InputError: with every missing column, every cell that is no number, every unknown district.
    """
    tables: dict[str, pd.DataFrame] = {}
    problems: list[Problem] = []
    sites: list[tuple[str, pd.DataFrame]] = []
    for key, file in recipe.inputs.files():
        if key == "structure":
            continue
        table = read_table(folder / file, texts=_texts(key))
        if key == "gateways" and "id" in table and table["id"].notna().all() and table["id"].is_unique:
            table = filled(table)
        missing = [name for name in _columns(key) if name not in table.columns]
        problems += [Problem(file, "has no such column", "add the column", column=name) for name in missing]
        if not missing:
            problems += _numbers(key, file, table)
            problems += _truths(key, file, table)
            problems += _nameless(key, file, table)
            sites += [(file, table)] if key == "known_sites" else []
            tables[key] = _over(tables[key], table, key) if key in tables else table
    if "districts" in tables:
        known = set(tables["districts"]["district"].dropna())
        problems += [problem for file, table in sites for problem in _strangers(file, table, known)]
    if problems:
        raise InputError(problems)
    return tables


def filled(table: pd.DataFrame) -> pd.DataFrame:
    """Gateways with what the table leaves out taken from the known ones of the same id."""
    known = known_gateways()
    own = known[known["id"].isin(set(table["id"]))].set_index("id")
    if not len(own):
        return table
    whole = table.set_index("id").combine_first(own.dropna(axis="columns", how="all"))
    columns = [name for name in known.columns if name in whole] + [name for name in whole if name not in known]
    return whole.loc[list(table["id"])].reset_index().reindex(columns=["id", *(c for c in columns if c != "id")])


def _over(earlier: pd.DataFrame, later: pd.DataFrame, key: str) -> pd.DataFrame:
    """Rows of two tables, those of the later in place of rows of the earlier with the same key."""
    columns = list(TABLES[key].key) if key in SCHEMA_TABLES else [TEXT[key][0]]
    return pd.concat([earlier, later]).drop_duplicates(columns, keep="last").reset_index(drop=True)
