"""What a proof by decomposition was made of: how all plans were parted, and the prices (duals) of rows in each part.

A run that starts from them has a bound at once. That bound is valid whatever was changed in the meantime: any prices
give one, and the parts hold all plans because each is one of two into which another falls.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hubopt.instance.schema import Column, Table

WHOLE = "r"
"""Name of the part that is all plans; those into which part ``p`` falls are ``p0`` (at most so many) and ``p1``."""
RELAXATION, PLANE = "relaxation", "plane"
"""What stands for a part where the duals are those of the linear relaxation, or (with a number) of a plane."""
MOST_CELLS = 1_500_000
"""Duals that are kept at most; parts beyond start from those of a part near them."""

SPLITS = Table(
    "splits",
    "How the proof parted all plans: each part falls into one with at most so many of some sites open, and the rest.",
    ("part",),
    (
        Column("part", "str", "name of the part: r is all plans; 0 (at most) or 1 (more) is added with each parting"),
        Column("what", "str", "whose openings are counted", choices=("level", "site")),
        Column("id", "str", "level or site id"),
        Column("period", "str", "period id"),
        Column("at_most", "int", "open sites in the first of the two parts, at most"),
    ),
    required=False,
)
DUALS = Table(
    "duals",
    "Prices of the model's rows at which the bound was proven; a run that starts from this result begins with them.",
    ("part", "row"),
    (
        Column(
            "part",
            "str",
            "part of all plans, as in splits.csv; relaxation: the linear relaxation; plane1, ...: further bounds",
        ),
        Column("row", "str", "name of the row of the model"),
        Column("dual", "float", "what the objective gains per unit of the row's limit", unit="model units"),
    ),
    required=False,
)
DUAL_FILES = {"splits.csv": SPLITS, "duals.parquet": DUALS}
"""The files of a proof by decomposition and their tables."""


@dataclass(frozen=True)
class Split:
    """Where a part falls in two: at most ``at_most`` open sites of a level, or of one site, in a period, or more."""

    what: Literal["level", "site"]
    id: str
    period: str
    at_most: int


@dataclass(frozen=True, eq=False)
class Duals:
    """Duals of some rows (model units): of the relaxation, and of each part that was not parted any further.

    ``relaxation`` has shape (rows,), and so has each of ``parts`` and of ``planes``, which bound all plans by their
    sites above; NaN: not known.
    """

    rows: tuple[str, ...]
    relaxation: NDArray[np.float64]
    splits: Mapping[str, Split]
    parts: Mapping[str, NDArray[np.float64]]
    planes: tuple[NDArray[np.float64], ...] = ()

    def near(self, part: str) -> NDArray[np.float64] | None:
        """The duals of a part, or of the one whose name has most in common with its name; None if there are none."""
        if part in self.parts or not self.parts:
            return self.parts.get(part)

        def alike(name: str) -> int:
            return next(
                (place for place, (one, other) in enumerate(zip(name, part, strict=False)) if one != other), len(name)
            )

        return self.parts[max(self.parts, key=lambda name: (min(alike(name), len(part)), name))]

    def frames(self) -> Mapping[str, pd.DataFrame]:
        """The tables, by name."""
        splits = pd.DataFrame(
            [(name, split.what, split.id, split.period, split.at_most) for name, split in self.splits.items()],
            columns=[column.name for column in SPLITS.columns],
        )
        most = max(1, MOST_CELLS // max(1, len(self.rows)))
        planes = [(f"{PLANE}{number}", values) for number, values in enumerate(self.planes, start=1)]
        kept = [(RELAXATION, self.relaxation), *[*self.parts.items(), *planes][:most]]
        names = np.array(self.rows, dtype=object)
        known = [(name, values, np.flatnonzero(np.isfinite(values))) for name, values in kept]
        duals = pd.DataFrame(
            {
                "part": np.repeat([name for name, _, _ in known], [len(places) for *_, places in known]),
                "row": np.concatenate([names[places] for *_, places in known]),
                "dual": np.concatenate([values[places] for _, values, places in known]),
            }
        )
        return {SPLITS.name: splits, DUALS.name: duals}


def of_frames(splits: pd.DataFrame, duals: pd.DataFrame) -> Duals:
    """What the tables hold; they must be sound (:func:`orphans`, :func:`unknown`)."""
    rows = tuple(dict.fromkeys(duals["row"]))
    places = duals["row"].map({name: place for place, name in enumerate(rows)}).to_numpy(dtype=np.int64)
    values = duals["dual"].to_numpy(dtype=float)
    found: dict[str, NDArray[np.float64]] = {}
    for part, which in duals.groupby("part", sort=False).indices.items():
        found[str(part)] = np.full(len(rows), np.nan)
        found[str(part)][places[which]] = values[which]
    relaxation = found.pop(RELAXATION, np.zeros(len(rows)))
    relaxation = np.where(np.isfinite(relaxation), relaxation, 0.0)
    made: dict[str, Any] = {
        str(row.part): Split(row.what, str(row.id), str(row.period), int(row.at_most))  # type: ignore[arg-type]
        for row in splits.itertuples()
    }
    planes = tuple(found.pop(name) for name in list(found) if name.startswith(PLANE))
    return Duals(rows, relaxation, made, found, planes)


def orphans(splits: Collection[str]) -> Iterator[str]:
    """Parts that are said to fall in two, but come from no part that does."""
    known = set(splits)
    for part in splits:
        if part != WHOLE and not (part[-1:] in ("0", "1") and part[:-1] in known):
            yield part


def unknown(parts: Collection[str], splits: Collection[str]) -> Iterator[str]:
    """Parts that have duals, but are none of those that all plans fall into."""
    known = set(splits)
    ends = {part + side for part in known for side in "01"} - known if known else {WHOLE}
    for part in parts:
        if part != RELAXATION and not (part.startswith(PLANE) and part[len(PLANE) :].isdecimal()) and part not in ends:
            yield part
