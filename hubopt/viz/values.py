"""Cells of pandas tables as plain values that JSON and templates take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd


def text(value: object) -> str:
    """A text cell; empty for a missing one."""
    return "" if _missing(value) else str(value)


def number(value: object, digits: int | None = None) -> float | None:
    """A number cell, rounded to ``digits`` significant decimals when given; None for a missing one."""
    if _missing(value):
        return None
    plain = float(value)  # type: ignore[arg-type]
    if plain != plain or plain in (float("inf"), float("-inf")):
        return None
    return plain if digits is None else round(plain, digits)


def names_of(row: Mapping[str, Any]) -> dict[str, str]:
    """Name by language; a missing one is taken from the other language, then from the id."""
    english, chinese = text(row.get("name_en")), text(row.get("name_zh"))
    fallback = english or chinese or text(row.get("id"))
    return {"en": english or fallback, "zh": chinese or fallback}


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)


def web_link(value: object) -> str:
    """A web address from data when it is one that a reader may follow; empty for anything else (such as a script)."""
    address = text(value).strip()
    return address if address.startswith(("https://", "http://")) else ""


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a table as dictionaries by column name."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
