"""What a study says, as tables: a line for each scenario, site sets, changes by zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from hubopt.instance import COST_PARTS, LEVELS, InputError, Problem
from hubopt.study.scenarios.layout import STORE
from hubopt.study.scenarios.store import Store

Kind = Literal["text", "number", "count", "money", "share", "signed-money"]

NAMES = {"name_en": "name in English", "name_zh": "name in Chinese"}
"""Columns of the names of scenarios; left out where all are their keys."""

WITH_PLAN = ("optimal", "feasible")

_KPIS: Mapping[str, tuple[str, str, Kind, float]] = {
    "cost_cny_t": ("cost per tonne", "CNY/t", "number", 1.0),
    "investment_cny": ("investment", "CNY M", "money", 1e-6),
    "land_ha.total": ("land", "ha", "number", 1.0),
    "gfa_m2.total": ("floor area", "1,000 m2", "number", 1e-3),
    "kgco2e_year.total": ("emission", "t CO2e/year", "count", 1e-3),
    "served_share": ("demand served", "", "share", 1.0),
    "resilience.worst": ("served in the worst outage", "", "share", 1.0),
    "stock.share": ("floor area of today in use", "", "share", 1.0),
}
"""Indicators of the overview by their dotted name: what they are called, unit, kind and factor."""


@dataclass(frozen=True)
class Column:
    """A column of a table: what it is called (English, known to the catalogue), its unit and what its cells are."""

    name: str
    unit: str
    kind: Kind


@dataclass(frozen=True)
class Table:
    """A table with a name for its sheet; cells are texts, numbers or None."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class SiteUse:
    """How often a site stands in the last period: in which scenarios, and in which design and size how often."""

    site: str
    level: str
    scenarios: tuple[str, ...]
    share: float
    sizes: Mapping[tuple[str, int], int]

    @property
    def always(self) -> bool:
        """Whether it is in every plan (a no-regret site)."""
        return self.share == 1.0


def _none(value: Any) -> Any:
    if value is None or value != value:
        return None
    return value.item() if hasattr(value, "item") else value


def planned(store: Store) -> list[str]:
    """Scenarios that have a plan, in their order."""
    listed = ", ".join(f"'{status}'" for status in WITH_PLAN)
    rows = store.query(
        f"SELECT scenario FROM runs JOIN scenarios USING (scenario) WHERE status IN ({listed}) ORDER BY position"
    )
    return rows["scenario"].tolist()


def overview(store: Store) -> Table:
    """A line for each scenario: its names, how it ended, objective and bound, cost, indicators, open sites; no times.

    Money in millions of CNY (a year). The column after the objective is the difference to the first scenario that
    has a plan.
    """
    runs = store.query(
        "SELECT scenario, name_en, name_zh, status, objective, bound, gap FROM scenarios LEFT JOIN runs "
        "USING (scenario) ORDER BY position"
    )
    costs = store.query("SELECT scenario, part, cny_year FROM costs").pivot(
        index="scenario", columns="part", values="cny_year"
    )
    kpis = store.query("SELECT scenario, kpi, value FROM kpis").pivot(index="scenario", columns="kpi", values="value")
    counts = store.query(
        "SELECT scenario, level, count(DISTINCT site) AS sites FROM sites AS s WHERE modules > 0 AND period = "
        "(SELECT last(period) FROM sites AS t WHERE t.scenario = s.scenario) GROUP BY scenario, level"
    ).pivot(index="scenario", columns="level", values="sites")
    names = runs["scenario"].tolist()
    first = next((float(value) for value in runs["objective"] if _none(value) is not None), None)
    columns, cells = [Column("scenario", "", "text")], [names]
    for field, name in NAMES.items():
        told = [str(value) if _none(value) else "" for value in runs[field]]
        if any(value not in ("", key) for key, value in zip(names, told, strict=True)):
            columns.append(Column(name, "", "text"))
            cells.append(told)
    columns.append(Column("status", "", "text"))
    cells.append([value if _none(value) is not None else "not run" for value in runs["status"]])

    def add(name: str, unit: str, kind: Kind, values: Sequence[Any], factor: float = 1.0) -> None:
        found = [None if _none(value) is None else float(value) * factor for value in values]
        if any(value is not None for value in found):
            columns.append(Column(name, unit, kind))
            cells.append(found)

    def of(frame: pd.DataFrame, name: str) -> list[Any]:
        return frame[name].reindex(names).tolist() if name in frame.columns else []

    add("objective", "CNY M/year", "money", runs["objective"].tolist(), 1e-6)
    more = [None if first is None or _none(value) is None else value - first for value in runs["objective"]]
    add("objective, more than in the first", "CNY M/year", "signed-money", more, 1e-6)
    add("lower bound", "CNY M/year", "money", runs["bound"].tolist(), 1e-6)
    add("gap", "", "share", runs["gap"].tolist())
    for part in COST_PARTS:
        values = of(costs, part)
        if any(_none(value) for value in values):
            add(f"cost, {part}", "CNY M/year", "money", values, 1e-6)
    for key, (name, unit, kind, factor) in _KPIS.items():
        add(name, unit, kind, of(kpis, key), factor)
    for key in sorted(str(name) for name in kpis.columns):
        if key.startswith("target.") and key.count(".") == 1:
            add(f"standard, {key.partition('.')[2]}", "", "share", of(kpis, key))
    for level in LEVELS:
        add(f"open, {level}", "sites", "count", of(counts, level))
    return Table("scenarios", tuple(columns), tuple(zip(*cells, strict=True)))


def site_uses(store: Store) -> list[SiteUse]:
    """How often each site stands in the last period of a plan, the most frequent first within each level.

    Raises
    ------
    InputError
        If the store has sites of scenarios that have no plan in it: a part of it is lost.
    """
    scenarios = planned(store)
    rows = store.query(
        "SELECT s.scenario, s.site, s.level, s.design, s.modules FROM sites AS s JOIN scenarios USING (scenario) "
        "WHERE s.modules > 0 AND s.period = (SELECT last(period) FROM sites AS t WHERE t.scenario = s.scenario) "
        "ORDER BY position"
    )
    if lost := sorted(set(map(str, rows["scenario"])) - set(scenarios)):
        message = f"has sites of {', '.join(lost)}, and no run with a plan there"
        mend = "run the study again into this folder: what is lost of its tables is written anew, nothing is solved"
        raise InputError([Problem(str(store.folder / STORE), message, mend)])
    found = []
    for (level, site), own in rows.groupby(["level", "site"], sort=True):
        sizes: dict[tuple[str, int], int] = {}
        for design, modules in zip(own["design"], own["modules"], strict=True):
            sizes[str(design), int(modules)] = sizes.get((str(design), int(modules)), 0) + 1
        names = tuple(map(str, own["scenario"]))
        often = dict(sorted(sizes.items(), key=lambda item: (-item[1], item[0])))
        found.append(SiteUse(str(site), str(level), names, len(names) / len(scenarios), often))
    rank = {level: number for number, level in enumerate(LEVELS)}
    return sorted(found, key=lambda item: (rank.get(item.level, len(rank)), -item.share, item.site))  # type: ignore[call-overload]


def sites_table(store: Store) -> Table:
    """A line for each site that stands in any plan: in how many, in which size mostly, and its modules in each."""
    scenarios = planned(store)
    modules = store.query(
        "SELECT scenario, site, modules FROM sites AS s WHERE modules > 0 AND period = "
        "(SELECT last(period) FROM sites AS t WHERE t.scenario = s.scenario)"
    ).pivot(index="site", columns="scenario", values="modules")
    columns = (
        Column("site", "", "text"), Column("level", "", "text"), Column("chosen in", "", "share"),
        Column("mostly as", "", "text"), *(Column(name, "modules", "count") for name in scenarios),
    )  # fmt: skip
    rows = []
    for use in site_uses(store):
        (design, size), _ = next(iter(use.sizes.items()))
        own = [_none(modules.loc[use.site].get(name)) for name in scenarios]
        rows.append((use.site, use.level, use.share, f"{design} x {size}", *own))
    return Table("sites", columns, tuple(rows))


def zones_table(store: Store) -> Table:
    """A line for each scenario and zone whose supply differs from that in the first plan: source, distance, served.

    The last period of each plan counts.
    """
    scenarios = planned(store)
    columns = (
        Column("scenario", "", "text"), Column("zone", "", "text"), Column("demand", "t/d", "number"),
        Column("source", "", "text"), Column("source in the first", "", "text"), Column("distance", "km", "number"),
        Column("distance, more than in the first", "km", "number"), Column("demand served", "", "share"),
        Column("demand served, more than in the first", "", "share"),
    )  # fmt: skip
    if not scenarios:
        return Table("zones", columns, ())
    rows = store.query(
        "WITH ends AS (SELECT *, CASE WHEN demand_t_d > 0 THEN served_t_d / demand_t_d END AS share FROM zones AS z "
        "WHERE period = (SELECT last(period) FROM zones AS y WHERE y.scenario = z.scenario)) "
        "SELECT a.scenario, a.zone, a.demand_t_d, a.source, b.source AS before, a.km, a.km - b.km AS farther, a.share, "
        "a.share - b.share AS more FROM ends AS a JOIN ends AS b ON a.zone = b.zone AND b.scenario = ? "
        "JOIN scenarios AS o ON o.scenario = a.scenario WHERE a.scenario <> ? AND (a.source <> b.source "
        "OR abs(coalesce(a.km, 0) - coalesce(b.km, 0)) > 0.005 OR abs(a.share - b.share) > 0.0005) "
        "ORDER BY o.position, a.zone",
        [scenarios[0], scenarios[0]],
    )
    cells = (tuple(_none(value) for value in row) for row in rows.itertuples(index=False))
    return Table("zones", columns, tuple(cells))


def parameters_table(store: Store) -> Table:
    """A line for each scenario and change that it makes to the base."""
    rows = store.query(
        "SELECT scenario, parameter, value FROM parameters JOIN scenarios USING (scenario) ORDER BY position, parameter"
    )
    columns = (Column("scenario", "", "text"), Column("change", "", "text"), Column("value", "", "text"))
    return Table("changes", columns, tuple(rows.itertuples(index=False, name=None)))


def runs_table(store: Store) -> Table:
    """A line for each run: how it ended, what it started from, how long it took, what went wrong."""
    rows = store.query(
        'SELECT scenario, status, "limit", gap, method, seconds, start, message FROM scenarios LEFT JOIN runs '
        "USING (scenario) ORDER BY position"
    )
    columns = (
        Column("scenario", "", "text"), Column("status", "", "text"), Column("limit", "", "text"),
        Column("gap", "", "share"), Column("method", "", "text"), Column("time", "s", "number"),
        Column("start", "", "text"), Column("message", "", "text"),
    )  # fmt: skip
    cells = (tuple(_none(value) for value in row) for row in rows.itertuples(index=False))
    return Table("runs", columns, tuple(cells))
