"""Cells as files hold them, to typed columns: every cell that does not fit its column is a problem."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from hubopt.instance.frames import dtype, filling
from hubopt.instance.listing import Mend
from hubopt.instance.schema import Column

_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_LARGEST_INT = 2**53


@dataclass(frozen=True)
class Parsed:
    """A typed column, and the rows whose cell did not fit (they hold a filling value)."""

    values: pd.Series[Any]
    bad: pd.Series[bool]


def _numbers(raw: pd.Series[Any], column: Column) -> Parsed:
    good = raw.str.fullmatch(_NUMBER).astype("bool")
    values = pd.Series(np.nan, index=raw.index, dtype="float64")
    values[good] = np.array([float(text) for text in raw[good]], dtype="float64")
    values = values.where(np.isfinite(values))
    bad = values.isna() & (raw != "")
    default = filling(column)
    if default is not pd.NA:
        values[raw == ""] = float(str(default))
    return Parsed(values, bad)


def _whole_numbers(raw: pd.Series[Any], column: Column) -> Parsed:
    parsed = _numbers(raw, column)
    whole = parsed.values.isna() | ((parsed.values % 1 == 0) & (parsed.values.abs() <= _LARGEST_INT))
    values = parsed.values.where(whole)
    kind = dtype(column)
    whole_values = values.astype("Int64") if kind == "Int64" else values.fillna(0).astype("int64")
    return Parsed(whole_values, parsed.bad | ~whole)


def _truths(raw: pd.Series[Any], column: Column) -> Parsed:
    lower = raw.str.lower()
    default = bool(filling(column))
    values = [_TRUTH.get(text, default) for text in lower]
    return Parsed(pd.Series(values, index=raw.index, dtype="bool"), ~lower.isin(_TRUTH) & (raw != ""))


def _texts(raw: pd.Series[Any], column: Column) -> Parsed:
    values = raw.where(raw != "", str(filling(column))).astype("str")
    return Parsed(values, pd.Series(False, index=raw.index, dtype="bool"))


_PARSERS: dict[str, Callable[[pd.Series[Any], Column], Parsed]] = {
    "str": _texts,
    "float": _numbers,
    "int": _whole_numbers,
    "bool": _truths,
}


def parse(raw: pd.Series[Any], column: Column) -> Parsed:
    """A typed column from the trimmed text of its cells; empty cells get the default."""
    return _PARSERS[column.kind](raw, column)


def _mend_number(value: object) -> str:
    text = str(value)
    if text.lower() in {"nan", "na", "n/a", "null", "none", "-"}:
        return "leave the cell empty if there is no figure"
    if text.lower().lstrip("+-") in {"inf", "infinity"}:
        return "give a finite number, or leave the cell empty where the column allows it"
    if "," in text:
        return "write it with a decimal point and without thousands separators"
    if text.endswith("%"):
        return "write a share as a fraction, such as 0.9"
    return "write a plain number such as 1234.5, without its unit"


COMPLAINTS: dict[str, tuple[str, Mend]] = {
    "str": ("is not text", "write text"),
    "float": ("is not a finite number", _mend_number),
    "int": ("is not a whole number", "write a whole number such as 3"),
    "bool": ("is neither true nor false", "write true or false"),
}
"""What to say of a cell that does not fit, and the mend, by kind of column."""
