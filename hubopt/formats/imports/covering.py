"""Covering: all rows at least cost (OR-Library scp), or as much demand as so many sites reach (maximal covering).

Set covering, OR-Library layout: ``m n`` (rows, columns); the cost of each column; for each row the number of columns
that cover it, and these columns. Columns are sites, rows are customers.

Maximal covering, a layout of our own since none is common: ``n p r`` (points, sites to open, radius); for each point
its x, y and demand. Every point is a site and a customer; a site covers what lies within r of it, in a straight line.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.spatial.distance import cdist

from hubopt.formats.imports import parts
from hubopt.formats.imports.options import Options
from hubopt.formats.imports.parts import Origin
from hubopt.formats.imports.tokens import Tokens, Vector
from hubopt.instance import InputError, Instance, Level, LevelRule, Problem

LEVEL: Level = "station"
LEG = f"{LEVEL}-zone"

_BEASLEY = "Beasley, OR-Library: set covering"
_CHURCH = "Church, ReVelle: The maximal covering location problem, Papers of the Regional Science Association 32 (1974)"


def read_rows(tokens: Tokens) -> tuple[Vector, list[list[int]]]:
    """Costs of the columns, and for each row the columns (from 0) that cover it."""
    rows = tokens.whole("the number of rows", most=1_000_000)
    columns = tokens.whole("the number of columns", most=1_000_000)
    cost = tokens.numbers(columns, "the cost of a column")
    covered: list[list[int]] = []
    for row in range(1, rows + 1):
        count = tokens.whole(f"the number of columns that cover row {row}", least=1, most=columns)
        what = f"a column that covers row {row}"
        covered.append(sorted({tokens.whole(what, most=columns) - 1 for _ in range(count)}))
    tokens.end(lambda: f"{rows} rows and {columns} columns are all read")
    return cost, covered


def _set_covering(path: Path, options: Options) -> Instance:
    cost, covered = read_rows(Tokens.of(path))
    customers = parts.ids("c", len(covered))
    places = parts.sites(LEVEL, "s", np.full(len(cost), float(len(customers))), cost)
    origin = Origin(options.name_of(path), "import.kind-covering", _BEASLEY, 1990, "OR-Library scp layout, by rows")
    return parts.instance(
        origin,
        description=f"{len(cost)} columns that cover {len(customers)} rows.",
        commodities=[parts.commodity("goods", "import.coverage", (LEVEL,))],
        designs=places.designs,
        tables={
            "sites": places.rows,
            "zones": parts.zones(customers),
            "demand": parts.demand({"goods": (customers, np.ones(len(customers)))}),
            "arcs": parts.listed_arcs(LEG, list(places.rows["id"]), customers, covered),
        },
    )


def _maximal_covering(path: Path, options: Options) -> Instance:
    tokens = Tokens.of(path)
    count = tokens.whole("the number of points", most=5_000)
    opened = tokens.whole("p, the number of sites to open", most=count)
    radius = tokens.number("the radius")
    points = np.empty((count, 3))
    for point in range(count):
        points[point, :2] = tokens.numbers(2, f"the coordinates of point {point + 1}", least=None)
        points[point, 2] = tokens.number(f"the demand of point {point + 1}")
    tokens.end(lambda: f"{count} points are all read")
    opened, demand = options.facilities or opened, points[:, 2]
    within = cdist(points[:, :2], points[:, :2]) <= radius * (1 + 1e-12)
    customers = parts.ids("c", count)
    places = parts.sites(LEVEL, "s", np.full(count, demand.sum()), np.zeros(count))
    layout = "n p r, then x y demand of each point"
    origin = Origin(options.name_of(path), "import.kind-maximal", _CHURCH, 1974, layout)
    return parts.instance(
        origin,
        description=f"{count} points, of which {opened} cover what lies within {radius:g}; covered demand is largest.",
        commodities=[parts.commodity("goods", "import.coverage", (LEVEL,), must_be_met=False, unmet_cny_t=1)],
        designs=places.designs,
        levels={LEVEL: LevelRule(min_open=opened, max_open=opened)},
        sense="max",
        objective_constant=float(demand.sum()),
        tables={
            "sites": places.rows,
            "zones": parts.zones(customers),
            "demand": parts.demand({"goods": (customers, demand)}),
            "arcs": parts.arcs(LEG, list(places.rows["id"]), customers, np.where(within, 0.0, np.inf)),
        },
    )


def covering(path: Path, options: Options) -> Instance:
    """A set covering file, or with ``maximal`` one of maximal covering, whose p ``facilities`` replaces.

    Raises
    ------
    InputError
        If ``facilities`` is given for set covering, which has no number of sites.
    """
    if options.facilities is not None and not options.maximal:
        message = "--facilities says nothing to set covering, which opens as many as it takes"
        raise InputError([Problem(path.name, message, "leave it out, or give --maximal with a file of points")])
    return _maximal_covering(path, options) if options.maximal else _set_covering(path, options)
