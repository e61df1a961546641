"""Cells as files hold them, to typed columns: every cell that does not fit its column is a problem."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hubopt.instance.frames import EMPTY, dtype, filling
from hubopt.instance.listing import Mend
from hubopt.instance.schema import Column

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_LARGEST_INT = 2**53


@dataclass(frozen=True)
class Parsed:
    """Typed cells, and the places of those that did not fit (they hold the empty value of their kind)."""

    values: list[Any]
    bad: list[int]


def _parse(cells: Sequence[str], one: Callable[[str], Any], empty: object, misfit: object) -> Parsed:
    """Apply ``one`` (None: does not fit) to the cells that are not empty."""
    values: list[Any] = []
    bad: list[int] = []
    for place, text in enumerate(cells):
        value = one(text) if text else empty
        if value is None:
            bad.append(place)
            value = misfit
        values.append(value)
    return Parsed(values, bad)


def _number(text: str) -> float | None:
    if _NUMBER.fullmatch(text) is None:
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def _whole_number(text: str) -> int | None:
    value = _number(text)
    return int(value) if value is not None and value.is_integer() and abs(value) <= _LARGEST_INT else None


_ONE: Mapping[str, Callable[[str], Any]] = {
    "str": lambda text: text,
    "float": _number,
    "int": _whole_number,
    "bool": lambda text: _TRUTH.get(text.lower()),
}


def parse(cells: Sequence[str], column: Column) -> Parsed:
    """Typed values of the trimmed text of cells; empty cells get the default."""
    misfit = 0 if dtype(column) == "int64" else EMPTY[column.kind]
    default = filling(column)
    return _parse(cells, _ONE[column.kind], misfit if default is pd.NA else default, misfit)


_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?: .*)?|\d{1,2}[-/][A-Za-z]{3,9}(?:[-/]\d+)?|(?:\d+年)?\d{1,2}月(?:\d{1,2}日)?"
)
"""What a spreadsheet makes of a number or an id that looks like a day to it."""


def looks_like_date(text: str) -> bool:
    """Whether a cell holds what a spreadsheet writes for a day."""
    return _DATE.fullmatch(text) is not None


def _mend_number(value: object) -> str:
    text = str(value)
    if looks_like_date(text):
        return "a spreadsheet made a date of it: format the column as a number and enter it again"
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
