"""Rules on single cells: filled, finite, within bounds, one of the choices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from hubopt.instance.draft import TOML, Draft
from hubopt.instance.errors import Problem
from hubopt.instance.listing import one_of
from hubopt.instance.schema import REQUIRED, TABLES, Column, Table

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Control characters, but for tabs and the ends of lines; and marks that turn the direction of writing."""

LARGEST = 1e15
"""Largest size of a figure; a double holds no more than so many units to the unit."""

BEYOND, LOOK = (
    "is larger than anything that can be reckoned with",
    "look at the unit; leave out a limit that is to be none",
)

_IDENTIFIER = r"[^\s,;|]{1,100}"


def _columns(draft: Draft, *kinds: str) -> Iterator[tuple[Table, Column, pd.Series[Any]]]:
    for table in TABLES.values():
        for column in table.columns:
            if column.kind in kinds and draft.knows(table.name, column.name):
                yield table, column, draft.tables[table.name][column.name]


def required_cells_hold_a_value(draft: Draft) -> Iterator[Problem]:
    """A cell of a required column is neither empty nor NaN."""
    for table, column, values in _columns(draft, "str", "float"):
        if column.default is REQUIRED:
            empty = values == "" if column.kind == "str" else values.isna()
            yield from draft.complain(table.name, column.name, empty, "is empty", f"give the {column.description}")


def numbers_are_finite(draft: Draft) -> Iterator[Problem]:
    """No number is infinite."""
    for table, column, values in _columns(draft, "float"):
        infinite = pd.Series(np.isinf(values), index=values.index)
        yield from draft.complain(table.name, column.name, infinite, "is infinite", "give a finite number")


def numbers_can_be_reckoned_with(draft: Draft) -> Iterator[Problem]:
    """No number is so large that sums and products of it leave what a solver can hold."""
    for table, column, values in _columns(draft, "float"):
        beyond = pd.Series(np.isfinite(values) & (np.abs(values) > LARGEST), index=values.index)
        yield from draft.complain(table.name, column.name, beyond, BEYOND, LOOK)
    if draft.structure is not None:
        for where, value in leaves_of(draft.structure.model_dump(mode="json"), ""):
            if not isinstance(value, str) and abs(value) > LARGEST:
                yield Problem(TOML, BEYOND, LOOK, column=where, value=value)


def _mend_bounds(column: Column) -> str:
    if column.minimum is not None and column.maximum is not None:
        return f"give a value from {column.minimum:g} to {column.maximum:g} ({column.unit})"
    return f"give a value of at least {column.minimum:g} ({column.unit})"


def _mend_latitude(value: float) -> str:
    return (
        "longitude and latitude seem to be swapped; latitude lies between -90 and 90"
        if abs(value) <= 180
        else ("give degrees (WGS84), not metres")
    )


def numbers_lie_within_bounds(draft: Draft) -> Iterator[Problem]:
    """A number lies between the smallest and the largest value of its column."""
    for table, column, values in _columns(draft, "float", "int"):
        low = -np.inf if column.minimum is None else column.minimum
        high = np.inf if column.maximum is None else column.maximum
        outside = ((values < low) | (values > high)).fillna(False).astype("bool")
        mend = _mend_latitude if column.name == "lat" else _mend_bounds(column) if outside.any() else ""
        yield from draft.complain(table.name, column.name, outside, "is out of range", mend)


def choices_are_known(draft: Draft) -> Iterator[Problem]:
    """A cell of a column with choices holds one of them."""
    for table, column, values in _columns(draft, "str"):
        if column.choices:
            choices = [choice for choice in column.choices if choice]
            wrong = ~values.isin(column.choices) & (values != "")
            yield from draft.complain(
                table.name,
                column.name,
                wrong,
                "is not one of the choices",
                one_of(choices),
            )


def identifiers_are_plain(draft: Draft) -> Iterator[Problem]:
    """Identifiers of gateways, sites and zones have no white space, comma, semicolon or bar."""
    for name in ("gateways", "sites", "zones"):
        values = draft.tables[name]["id"]
        wrong = ~values.str.fullmatch(_IDENTIFIER).astype("bool") & (values != "")
        message = "is not an identifier"
        yield from draft.complain(name, "id", wrong, message, "use up to 100 characters without spaces , ; or |")


def leaves_of(value: Any, where: str) -> Iterator[tuple[str, str | float]]:
    """Every text and number in a dump of records, with the dotted key that leads to it."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        yield where, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from leaves_of(str(key), where)
            yield from leaves_of(part, f"{where}.{key}" if where else str(key))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            name = part.get("id", part.get("leg", at)) if isinstance(part, dict) else at
            yield from leaves_of(part, f"{where}.{name}")


def texts_hold_no_control_characters(draft: Draft) -> Iterator[Problem]:
    """No text has characters that command a terminal or turn the direction of writing, which no name needs."""
    message, mend = "holds a control character", "enter the text again; it may have been made to deceive"
    for table, column, values in _columns(draft, "str"):
        if any(_CONTROL.search(text) for text in values.unique()):
            wrong = values.str.contains(_CONTROL, regex=True).astype("bool")
            yield from draft.complain(table.name, column.name, wrong, message, mend)
    if draft.structure is not None:
        for where, text in leaves_of(draft.structure.model_dump(mode="json"), ""):
            if isinstance(text, str) and _CONTROL.search(text):
                yield Problem(TOML, message, mend, column=where, value=text)


def coordinates_come_in_pairs(draft: Draft) -> Iterator[Problem]:
    """Longitude and latitude are both given or both empty."""
    for name in ("gateways", "sites", "zones"):
        table = draft.tables[name]
        for column, other in (("lon", "lat"), ("lat", "lon")):
            if draft.knows(name, column, other):
                alone = table[column].isna() & table[other].notna()
                yield from draft.complain(name, column, alone, f"is empty while {other} is given", "give both or none")


def coordinates_are_not_zero(draft: Draft) -> Iterator[Problem]:
    """No place lies at longitude 0 and latitude 0, where missing coordinates end up."""
    for name in ("gateways", "sites", "zones"):
        table = draft.tables[name]
        zero = (table["lon"] == 0) & (table["lat"] == 0)
        yield from draft.complain(
            name, "lon", zero, "lies at 0, 0", "give the place's coordinates, or leave both empty"
        )


RULES = (
    required_cells_hold_a_value,
    numbers_are_finite,
    numbers_can_be_reckoned_with,
    numbers_lie_within_bounds,
    choices_are_known,
    identifiers_are_plain,
    texts_hold_no_control_characters,
    coordinates_come_in_pairs,
    coordinates_are_not_zero,
)
