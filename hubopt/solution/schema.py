"""Columns of the result tables: they drive typing on writing, checks on reading and the reference page."""

from __future__ import annotations

from typing import Any

from hubopt.instance.schema import REQUIRED, Column, Table
from hubopt.instance.types import LEVELS

ACTIONS = ("new", "keep", "expand", "upgrade", "close")
"""What becomes of a site."""


def _text(name: str, description: str, choices: tuple[str, ...] = (), default: Any = REQUIRED) -> Column:
    return Column(name, "str", description, choices=choices, default=default)


def _number(name: str, unit: str, description: str, default: Any = REQUIRED) -> Column:
    return Column(name, "float", description, unit=unit, default=default)


FACILITIES = Table(
    "facilities",
    "One row per open site, and one per existing facility that is closed.",
    ("period", "site"),
    (
        _text("period", "period id"),
        _text("site", "site id"),
        _text("level", "level of the network", LEVELS),
        _text("design", "design id; of a closed facility the design of today", default=""),
        _text("action", "new, keep, expand (same design, larger), upgrade (other design) or close", ACTIONS),
        Column("modules", "int", "size", unit="modules"),
        _number("built_modules", "modules", "of which built new"),
        _number("converted_modules", "modules", "of which converted from the floor area of today"),
        _number("gfa_m2", "m2 GFA", "gross floor area"),
        _number("land_ha", "ha", "land used"),
        _number("throughput_t_d", "t/d", "tonnes a day through the facility"),
        _number("capacity_t_d", "t/d", "tonnes a day that it can handle"),
        _number("utilisation", "-", "throughput over capacity", None),
        _number("capital_cny_year", "CNY/year", "annualised capital"),
        _number("land_cny_year", "CNY/year", "annualised land"),
        _number("running_cny_year", "CNY/year", "running cost"),
        _number("handling_cny_year", "CNY/year", "handling cost"),
        _number("closure_cny_year", "CNY/year", "annualised closing cost"),
    ),
)

ASSIGNMENTS = Table(
    "assignments",
    "One row per link of a single-sourced leg: the destination gets everything on that leg from the origin.",
    ("period", "leg", "destination"),
    (
        _text("period", "period id"),
        _text("leg", "leg, such as utc-station"),
        _text("origin", "id of the upper end"),
        _text("destination", "id of the lower end"),
    ),
)

FLOWS = Table(
    "flows",
    "Tonnes a day on every used arc; the origin is the upper end in both directions.",
    ("period", "leg", "origin", "destination", "mode", "commodity"),
    (
        _text("period", "period id"),
        _text("leg", "leg, such as utc-station"),
        _text("origin", "id of the upper end"),
        _text("destination", "id of the lower end"),
        _text("mode", "mode id"),
        _text("commodity", "commodity id"),
        _number("t_d", "t/d", "tonnes a day"),
    ),
)

PLAN_TABLES = {table.name: table for table in (FACILITIES, ASSIGNMENTS, FLOWS)}
"""The tables of a plan by name."""
