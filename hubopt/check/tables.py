"""Rules on the tables themselves: columns, types, numbers, ids and duplicates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hubopt.check.case import GATEWAY
from hubopt.check.facts import TEXT_COLUMNS, Facts, known_ends
from hubopt.check.recompute import COLUMNS as TABLES
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import FEASIBILITY, WHOLE

KEYS = {
    "facilities": ["period", "site", "design"],
    "assignments": list(TABLES["assignments"]),
    **{name: list(TABLES[name][:-1]) for name in ("flows", "exchanges", "outages")},
}
"""Columns that together name a row of a table."""


def _row(name: str, position: object) -> str:
    return f"{name}, row {int(str(position)) + 1}"


def _present(facts: Facts, name: str) -> list[str]:
    return [column for column in TABLES[name] if column in getattr(facts.plan, name).columns]


def columns(facts: Facts) -> Iterator[Finding]:
    """Every table has all of its columns."""
    for name, wanted in TABLES.items():
        for column in wanted:
            if column not in getattr(facts.plan, name).columns:
                yield Finding("columns", f"there is no column '{column}'", name)


def dtypes(facts: Facts) -> Iterator[Finding]:
    """Ids and words are text, figures are numbers."""
    for name in TABLES:
        table: pd.DataFrame = getattr(facts.plan, name)
        for column in _present(facts, name) if len(table) else []:
            cells = table[column]
            if isinstance(cells.dtype, pd.CategoricalDtype):
                cells = cells.cat.categories.to_series()
            if column in TEXT_COLUMNS:
                right = pd.api.types.infer_dtype(cells, skipna=True) in ("string", "empty") or bool(cells.isna().all())
            else:
                right = pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_bool_dtype(cells.dtype)
            if not right:
                wanted = "text" if column in TEXT_COLUMNS else "numbers"
                yield Finding("dtypes", f"column '{column}' holds {cells.dtype} where {wanted} belong", name)


def numbers(facts: Facts) -> Iterator[Finding]:
    """Figures are finite and not negative."""
    for name in TABLES:
        figures = [column for column in _present(facts, name) if column not in TEXT_COLUMNS]
        cells = facts.tables[name][figures].to_numpy(dtype=float)
        for row, place in np.argwhere(~np.isfinite(cells) | (cells < -FEASIBILITY)):
            value = float(cells[row, place])
            what = f"is {shown(value)}" if np.isfinite(value) else "is not a finite number"
            message = f"'{figures[place]}' {what}, but must be 0 or more"
            yield Finding("numbers", message, _row(name, row), value, 0.0)


def known_periods(facts: Facts) -> Iterator[Finding]:
    """Every row belongs to a period of the instance."""
    for name in TABLES:
        cells = facts.tables[name]["period"]
        for position, value in cells[~cells.isin(facts.case.periods.index)].items():
            known = ", ".join(facts.case.periods.index)
            message = f"period '{value}' is not one of the instance's: {known}"
            yield Finding("known_periods", message, _row(name, position))


def known_ids(facts: Facts) -> Iterator[Finding]:
    """Sites, designs, legs, ends, modes and commodities exist in the instance; ends are of the kind the leg names."""
    case = facts.case
    facilities, links, flows, exchanges, outages = (facts.tables[name] for name in TABLES)
    legs = set(case.arcs["leg"]) | set(case.legs)
    # a closed facility's row may leave its design empty
    left_empty = (facilities["design"] == "") & (facilities["modules"] == 0)
    designed = facilities["design"].isin(case.designs.index) | left_empty
    checks = [
        ("facilities", "site", facilities["site"].isin(case.sites.index)),
        ("facilities", "design", designed),
    ]
    for name, rows in (("flows", flows), ("outages", outages)):
        checks.append((name, "mode", rows["mode"].isin(case.modes.index)))
        checks.append((name, "commodity", rows["commodity"].isin(case.commodities.index)))
    in_city = {item.id: item.chain[0] for item in case.instance.structure.commodities if item.exchange_with is not None}
    level = exchanges["commodity"].map(in_city)
    within_one = exchanges["origin"] == exchanges["destination"]
    checks += [
        ("outages", "outage", outages["outage"].isin(case.ids("hub") | case.ids(GATEWAY))),
        ("exchanges", "commodity", exchanges["commodity"].isin(in_city)),
        ("exchanges", "group", exchanges["group"].isin(set(case.groups))),
        ("exchanges", "mode", exchanges["mode"].isin(case.modes.index) | ((exchanges["mode"] == "") & within_one)),
    ]
    for end in ("origin", "destination"):
        checks.append(("exchanges", end, (exchanges[end].map(case.sites["level"]) == level) | level.isna()))
    for name, rows in (("assignments", links), ("flows", flows), ("outages", outages)):
        known_leg = rows["leg"].isin(legs)
        checks.append((name, "leg", known_leg))
        checks += [(name, end, known_ends(case, rows, end) | ~known_leg) for end in ("origin", "destination")]
    for name, column, known in checks:
        if column not in _present(facts, name):
            continue
        for row in each(facts.tables[name][~known]):
            of_leg = f" for leg {row.leg}" if column in ("origin", "destination") and hasattr(row, "leg") else ""
            message = f"the instance has no {column} '{getattr(row, column)}'{of_leg}"
            yield Finding("known_ids", message, _row(name, row.Index))


def duplicates(facts: Facts) -> Iterator[Finding]:
    """No row is there twice."""
    for name, key in KEYS.items():
        rows = facts.tables[name]
        for row in each(rows[rows.duplicated(key)]):
            what = ", ".join(str(getattr(row, column)) for column in key)
            yield Finding("duplicates", f"({what}) is listed more than once", _row(name, row.Index))


def whole_modules(facts: Facts) -> Iterator[Finding]:
    """Sizes are whole numbers of modules."""
    rows = facts.recorded
    for row in each(rows[(rows["modules"] - rows["modules"].round()).abs() > WHOLE]):
        message = f"has {shown(row.modules)} modules, which is not a whole number"
        yield Finding("whole_modules", message, facts.case.site(row.site, row.period), row.modules)
