"""Where things are drawn: positions of gateways, sites and zones, or a schematic layout when the case has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hubopt.instance.types import LEVELS, Instance

COLUMN_STEP = 100.0
"""Free space between two columns of the schematic layout."""

COLUMN_HEIGHT = 300.0
"""Height of every column of the schematic layout."""

MOST_ROWS = 48
"""Rows of a column; a column of more places has several of them side by side in a row."""

BESIDE = 9.0
"""Distance of two places side by side in one row of a column."""

Place = tuple[str, str]
"""Kind (``gateway``, ``site`` or ``zone``) and id; ids are unique within a kind only."""


@dataclass(frozen=True)
class Layout:
    """Positions as (x, y): degrees WGS84, or the schematic layout's own plane when ``schematic``.

    ``unplaced`` are the places that have no coordinates in a case where most have. ``headings`` has the place of the
    title of each column of a schematic layout: ``gateway``, a level or ``zone``.
    """

    positions: Mapping[Place, tuple[float, float]]
    schematic: bool
    unplaced: tuple[Place, ...] = ()
    headings: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def ends(leg: str) -> tuple[str, str]:
    """Kinds of the upper and of the lower end of a leg."""
    upper, _, lower = leg.partition("-")
    return ("gateway" if upper == "gateway" else "site", "zone" if lower == "zone" else "site")


def layout(instance: Instance) -> Layout:
    """Positions of every gateway, site and zone of ``instance``.

    A case in which fewer than half of the sites and zones have coordinates is laid out schematically: the levels
    in columns from the gateways to the zones, each column ordered by the mean place of its upper neighbours. A
    coordinate is missing when it is empty, NaN or None, or when the table has no such column.
    """
    tables = (("gateway", instance.gateways), ("site", instance.sites), ("zone", instance.zones))
    known: dict[Place, tuple[float, float]] = {}
    missing: list[Place] = []
    for kind, table in tables:
        for name, lon, lat in zip(table["id"], degrees(table, "lon"), degrees(table, "lat"), strict=True):
            if np.isfinite(lon) and np.isfinite(lat):
                known[kind, str(name)] = (float(lon), float(lat))
            else:
                missing.append((kind, str(name)))
    located = sum(kind != "gateway" for kind, _ in known)
    if 2 * located < len(instance.sites) + len(instance.zones):
        return _schematic(instance)
    return Layout(known, False, tuple(missing))


def degrees(table: pd.DataFrame, column: str) -> NDArray[np.float64]:
    """A column of coordinates, shape (rows,), with NaN for every cell that has none."""
    if column not in table:
        return np.full(len(table), np.nan)
    return np.asarray(pd.to_numeric(table[column], errors="coerce"), dtype=np.float64)


def _columns(instance: Instance) -> Iterator[tuple[str, str, list[str]]]:
    """Title, kind and ids of each column, from the gateways to the zones; empty columns are left out."""
    sites = instance.sites
    columns = [
        ("gateway", "gateway", [str(name) for name in instance.gateways["id"]]),
        *((level, "site", [str(name) for name in sites.loc[sites["level"] == level, "id"]]) for level in LEVELS),
        ("zone", "zone", [str(name) for name in instance.zones["id"]]),
    ]
    return (column for column in columns if column[2])


def _schematic(instance: Instance) -> Layout:
    positions: dict[Place, tuple[float, float]] = {}
    headings: dict[str, tuple[float, float]] = {}
    uppers = _upper_neighbours(instance.arcs)
    left = 0.0
    for title, kind, names in _columns(instance):
        heights = {name: [positions[up][1] for up in uppers.get((kind, name), ()) if up in positions] for name in names}
        ordered = sorted(names, key=lambda name: -float(np.mean(heights[name])) if heights[name] else 0.0)
        beside = ceil(len(ordered) / MOST_ROWS)
        step = COLUMN_HEIGHT / ceil(len(ordered) / beside)
        for i, name in enumerate(ordered):
            row, place = divmod(i, beside)
            positions[kind, name] = (left + place * BESIDE, COLUMN_HEIGHT - (row + 0.5) * step)
        width = (beside - 1) * BESIDE
        headings[title] = (left + width / 2, COLUMN_HEIGHT)
        left += width + COLUMN_STEP
    return Layout(positions, True, headings=headings)


def _upper_neighbours(arcs: pd.DataFrame) -> dict[Place, set[Place]]:
    neighbours: dict[Place, set[Place]] = {}
    for leg, group in arcs.groupby("leg", sort=False):
        upper, lower = ends(str(leg))
        for origin, destination in zip(group["origin"], group["destination"], strict=True):
            neighbours.setdefault((lower, str(destination)), set()).add((upper, str(origin)))
    return neighbours
