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
    "One row per period and open site, and one per site that stood before and is closed.",
    ("period", "site"),
    (
        _text("period", "period id"),
        _text("site", "site id"),
        _text("level", "level of the network", LEVELS),
        _text("design", "design id; of a closed facility the design of today", default=""),
        _text("action", "new, keep, expand (same design, larger), upgrade (other design) or close", ACTIONS),
        Column("modules", "int", "size", unit="modules"),
        _number("built_modules", "modules", "of which built in the period"),
        _number("converted_modules", "modules", "of which converted in the period from floor area of another design"),
        _number("gfa_m2", "m2 GFA", "gross floor area"),
        _number("land_ha", "ha", "land used"),
        _number("throughput_t_d", "t/d", "tonnes a day through the facility"),
        _number("capacity_t_d", "t/d", "tonnes a day that it can handle"),
        _number("utilisation", "-", "throughput over capacity", None),
        _number("staff", "persons", "staff of its modules", 0.0),
        _number("kgco2e_year", "kg CO2e/year", "emission of handling and of the building", 0.0),
        _number("investment_cny", "CNY", "what is invested in it in the period, closing included", 0.0),
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

EXCHANGES = Table(
    "exchanges",
    "In-city goods between facilities of one level, from where they are collected to where they are delivered from.",
    ("period", "commodity", "group", "origin", "destination", "mode"),
    (
        _text("period", "period id"),
        _text("commodity", "commodity id, as delivered"),
        _text("group", "group of the zones of origin"),
        _text("origin", "id of the facility that collects"),
        _text("destination", "id of the facility that delivers"),
        _text("mode", "mode id; empty within one facility", default=""),
        _number("t_d", "t/d", "tonnes a day"),
    ),
    required=False,
)

OUTAGES = Table(
    "outages",
    "Flows that take over when a hub or gateway is out.",
    ("period", "outage", "leg", "origin", "destination", "mode", "commodity"),
    (
        _text("period", "period id"),
        _text("outage", "id of the hub or gateway that is out"),
        _text("leg", "leg, such as hub-utc"),
        _text("origin", "id of the upper end"),
        _text("destination", "id of the lower end"),
        _text("mode", "mode id"),
        _text("commodity", "commodity id"),
        _number("t_d", "t/d", "tonnes a day"),
    ),
    required=False,
)

PLAN_FILES = {
    "facilities.csv": FACILITIES,
    "assignments.parquet": ASSIGNMENTS,
    "flows.parquet": FLOWS,
    "exchanges.parquet": EXCHANGES,
    "outages.parquet": OUTAGES,
}
"""The files of a plan and their tables; those that are not required are there only if they have rows."""

PLAN_TABLES = {table.name: table for table in PLAN_FILES.values()}
"""The tables of a plan by name."""
