"""Optima and best known values as published, with where they stand."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Known:
    """A published value: whether it is proven to be the optimum, the best bound if one is published, and the source."""

    value: float
    proven: bool
    bound: float | None
    source: str


@cache
def published() -> Mapping[tuple[str, str], Known]:
    """Published values by family and instance."""
    text = files("hubopt.bench").joinpath("published.csv").read_text(encoding="utf-8")
    return {
        (row["family"], row["instance"]): Known(
            float(row["value"]), row["proven"] == "yes", float(row["bound"]) if row["bound"] else None, row["source"]
        )
        for row in csv.DictReader(text.splitlines())
    }
