"""Where things are drawn: positions of gateways, sites and zones, or a schematic layout when the case has none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hubopt.instance.types import LEVELS, Instance

COLUMN_STEP = 100.0
"""Distance of two columns of the schematic layout."""

COLUMN_HEIGHT = 240.0
"""Height of every column of the schematic layout."""

Place = tuple[str, str]
"""Kind (``gateway``, ``site`` or ``zone``) and id; ids are unique within a kind only."""


@dataclass(frozen=True)
class Layout:
    """Positions as (x, y): degrees WGS84, or the schematic layout's own plane when ``schematic``.

    ``unplaced`` are the places that have no coordinates in a case where most have.
    """

    positions: Mapping[Place, tuple[float, float]]
    schematic: bool
    unplaced: tuple[Place, ...] = ()


def ends(leg: str) -> tuple[str, str]:
    """Kinds of the upper and of the lower end of a leg."""
    upper, _, lower = leg.partition("-")
    return ("gateway" if upper == "gateway" else "site", "zone" if lower == "zone" else "site")


def layout(instance: Instance) -> Layout:
    """Positions of every gateway, site and zone of ``instance``.

    A case in which fewer than half of the sites and zones have coordinates is laid out schematically: the levels
    in columns from the gateways to the zones, each column ordered by the mean place of its upper neighbours.
    """
    tables = (("gateway", instance.gateways), ("site", instance.sites), ("zone", instance.zones))
    known: dict[Place, tuple[float, float]] = {}
    missing: list[Place] = []
    for kind, table in tables:
        for name, lon, lat in zip(table["id"], table["lon"].astype(float), table["lat"].astype(float), strict=True):
            if np.isfinite(lon) and np.isfinite(lat):
                known[kind, str(name)] = (lon, lat)
            else:
                missing.append((kind, str(name)))
    located = sum(kind != "gateway" for kind, _ in known)
    if 2 * located < len(instance.sites) + len(instance.zones):
        return Layout(_schematic(instance), True)
    return Layout(known, False, tuple(missing))


def _columns(instance: Instance) -> Iterator[tuple[str, list[str]]]:
    """Kind and ids of each column, from the gateways to the zones; empty columns are left out."""
    sites = instance.sites
    columns = [
        ("gateway", [str(name) for name in instance.gateways["id"]]),
        *(("site", [str(name) for name in sites.loc[sites["level"] == level, "id"]]) for level in LEVELS),
        ("zone", [str(name) for name in instance.zones["id"]]),
    ]
    return ((kind, names) for kind, names in columns if names)


def _schematic(instance: Instance) -> dict[Place, tuple[float, float]]:
    positions: dict[Place, tuple[float, float]] = {}
    uppers = _upper_neighbours(instance.arcs)
    for column, (kind, names) in enumerate(_columns(instance)):
        heights = {name: [positions[up][1] for up in uppers.get((kind, name), ()) if up in positions] for name in names}
        ordered = sorted(names, key=lambda name: -float(np.mean(heights[name])) if heights[name] else 0.0)
        step = COLUMN_HEIGHT / len(ordered)
        for row, name in enumerate(ordered):
            positions[kind, name] = (column * COLUMN_STEP, COLUMN_HEIGHT - (row + 0.5) * step)
    return positions


def _upper_neighbours(arcs: pd.DataFrame) -> dict[Place, set[Place]]:
    neighbours: dict[Place, set[Place]] = {}
    for leg, group in arcs.groupby("leg", sort=False):
        upper, lower = ends(str(leg))
        for origin, destination in zip(group["origin"], group["destination"], strict=True):
            neighbours.setdefault((lower, str(destination)), set()).add((upper, str(origin)))
    return neighbours
