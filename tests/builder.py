"""Instances from partial rows on a grid of kilometres."""

from __future__ import annotations

import itertools

from hubopt.instance.frames import frame, in_order
from hubopt.instance.schema import TABLES
from hubopt.instance.types import Instance, Structure

KM_PER_DEGREE_LAT = 111.0
KM_PER_DEGREE_LON = 102.0
ORIGIN = (114.0, 22.5)

Rows = list[dict[str, object]]
Place = tuple[str, float, float]
"""Identifier, km east and km north of the origin."""


def instance_of(structure: Structure, **tables: Rows) -> Instance:
    """An instance from partial rows per table; tables left out are empty; rows in canonical order."""
    return Instance(structure=structure, **{name: in_order(name, frame(name, tables.get(name, []))) for name in TABLES})


def at(x: float, y: float) -> dict[str, object]:
    """Coordinates of a point ``x`` km east and ``y`` km north of the origin."""
    return {"lon": round(ORIGIN[0] + x / KM_PER_DEGREE_LON, 5), "lat": round(ORIGIN[1] + y / KM_PER_DEGREE_LAT, 5)}


def arcs_between(
    leg: str, uppers: list[Place], lowers: list[Place], modes: dict[str, float], reach: float = 1e9
) -> Rows:
    """All pairs within ``reach`` km by grid distance; ``modes`` gives km/h by mode."""
    rows: Rows = []
    for (origin, x, y), (destination, u, v), (mode, speed) in itertools.product(uppers, lowers, modes.items()):
        km = round(abs(x - u) + abs(y - v), 3)
        if km <= reach:
            row = {"leg": leg, "origin": origin, "destination": destination, "mode": mode}
            rows.append({**row, "km": km, "minutes": round(km * 60 / speed, 3)})
    return rows
