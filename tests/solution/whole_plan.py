"""Rows of exchanges and outages beside the hand-made plan of the tiny city, and the solution around them."""

from __future__ import annotations

from dataclasses import replace

from hubopt.instance.frames import frame_of
from hubopt.solution import PLAN_TABLES, Plan, Solution
from hubopt.solution.write import typed
from tests.plans import tiny_solution

EXCHANGES = (
    ("2025", "local", "West", "u-west", "u-mid", "van", 2.5),
    ("2025", "local", "West", "u-west", "u-west", "", 3.5),
    ("2025", "local", "东部", "u-mid", "u-west", "van", 1 / 3),
)
"""Goods of two groups, one of them named in Chinese; what stays within a facility has no mode."""

OUTAGES = (
    ("2025", "h-air", "gateway-hub", "gate", "h-north", "truck", "parcel", 12.0),
    ("2025", "h-air", "hub-utc", "h-north", "u-mid", "truck", "parcel", 12.0),
    ("2025", "port", "hub-utc", "h-north", "u-mid", "truck", "cold", 1e-9),
)
"""What takes over when a hub and when a gateway is out."""


def as_written(solution: Solution) -> Solution:
    """The solution with its tables in the types of the schema."""
    assert solution.plan is not None
    plan = Plan(**{name: typed(table, getattr(solution.plan, name)) for name, table in PLAN_TABLES.items()})
    return replace(solution, plan=plan)


def whole_solution() -> Solution:
    """The solution of the tiny city with rows in every table of the plan."""
    solution = as_written(tiny_solution())
    assert solution.plan is not None
    tables = {
        name: frame_of(PLAN_TABLES[name], [dict(zip(columns, row, strict=True)) for row in rows])
        for name, columns, rows in (
            ("exchanges", [column.name for column in PLAN_TABLES["exchanges"].columns], EXCHANGES),
            ("outages", [column.name for column in PLAN_TABLES["outages"].columns], OUTAGES),
        )
    }
    return replace(solution, plan=replace(solution.plan, **tables))
