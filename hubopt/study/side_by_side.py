"""A comparison of results, or of whole studies, as tables for files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hubopt.instance import LEVELS, Instance
from hubopt.solution import Solution
from hubopt.study.compare import Comparison, open_sites
from hubopt.study.scenarios.parts import zones_served
from hubopt.study.scenarios.tables import Column, Table


def rows_table(comparison: Comparison) -> Table:
    """The comparison as it is printed: a line for each figure, a column for each result."""
    columns = (
        Column("", "", "text"),
        Column("unit", "", "text"),
        *(Column(name, "", "text") for name in comparison.names),
    )
    return Table("comparison", columns, tuple((row.name, row.unit, *row.cells) for row in comparison.rows))


def results_table(comparison: Comparison) -> Table:
    """The same with a line for each result, for many of them."""
    columns = (Column("result", "", "text"), *(Column(row.name, row.unit, "text") for row in comparison.rows))
    rows = zip(comparison.names, *(row.cells for row in comparison.rows), strict=True)
    return Table("comparison", columns, tuple(rows))


def sets_table(solutions: Mapping[str, Solution]) -> Table:
    """A line for each site that stands in the last period of any plan, with its modules in each result."""
    planned = {name: item for name, item in solutions.items() if item.plan is not None}
    columns = (
        Column("site", "", "text"), Column("level", "", "text"), Column("chosen in", "", "share"),
        *(Column(name, "modules", "count") for name in planned),
    )  # fmt: skip
    modules = {name: _modules(item) for name, item in planned.items()}
    rows: list[tuple[Any, ...]] = []
    for level in LEVELS:
        chosen = {name: open_sites(item, level) for name, item in planned.items()}
        union = sorted(frozenset().union(*chosen.values())) if chosen else []
        often = {site: sum(site in sites for sites in chosen.values()) for site in union}
        for site in sorted(union, key=lambda site: (-often[site], site)):
            own = tuple(modules[name].get(site) for name in planned)
            rows.append((site, level, often[site] / len(planned), *own))
    return Table("sites", columns, tuple(rows))


def _modules(solution: Solution) -> dict[str, float]:
    assert solution.plan is not None
    rows = solution.plan.facilities
    last = rows[(rows["period"] == rows["period"].iloc[-1]) & (rows["modules"] > 0)] if len(rows) else rows
    return dict(zip(last["site"], map(float, last["modules"]), strict=True))


_ZONE = ["zone", "source", "km", "served_t_d", "demand_t_d"]


def zones_table(sides: Sequence[tuple[str, Instance, Solution]]) -> Table:
    """A line for each result and zone whose supply differs from that in the first result, in the last period."""
    columns = (
        Column("result", "", "text"), Column("zone", "", "text"), Column("demand", "t/d", "number"),
        Column("source", "", "text"), Column("source in the first", "", "text"), Column("distance", "km", "number"),
        Column("distance, more than in the first", "km", "number"), Column("demand served", "", "share"),
        Column("demand served, more than in the first", "", "share"),
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    first: dict[str, tuple[str, float, float]] = {}
    for name, instance, solution in sides:
        served = zones_served(instance, solution)
        last = list(dict.fromkeys(served["period"]))[-1:]
        rows_now = served[served["period"].isin(last)]
        own: dict[str, tuple[str, float, float]] = {}
        for zone, source, km, served_t_d, demand_t_d in rows_now[_ZONE].to_numpy().tolist():
            own[zone] = (source, km, served_t_d / demand_t_d if demand_t_d else 1.0)
        demand = dict(zip(rows_now["zone"], rows_now["demand_t_d"], strict=True))
        first = first or own
        for zone, (source, km, share) in own.items():
            if zone not in first:
                continue
            before, was_km, was_share = first[zone]
            farther = km - was_km if km == km and was_km == was_km else None
            if source != before or abs(farther or 0.0) > 0.005 or abs(share - was_share) > 0.0005:
                far = km if km == km else None
                rows.append((name, zone, float(demand[zone]), source, before, far, farther, share, share - was_share))
    return Table("zones", columns, tuple(rows))
