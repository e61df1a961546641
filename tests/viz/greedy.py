"""A simple constructor of networks, so that pages can be tested without a solver: everyone takes the nearest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from math import ceil
from typing import Any

import pandas as pd

from hubopt.check import DECISION_COLUMNS, Report, check, complete_plan
from hubopt.instance.policy import Policy
from hubopt.instance.types import Instance
from hubopt.solution.types import ASSIGNMENT_COLUMNS, FLOW_COLUMNS, Plan, Proof, Solution
from hubopt.viz import network_map, report_html

Flows = dict[tuple[str, str, str, str, str], float]


def _spread(names: list[str], share: float) -> set[str]:
    """About ``share`` of the names, evenly taken."""
    return set(names[:: max(1, round(1 / share))])


class _Nearest:
    """The shortest arc into each lower end of a leg, over gateways and opened sites."""

    def __init__(self, instance: Instance, opened: set[str]) -> None:
        arcs = instance.arcs[instance.arcs["origin"].isin(opened | set(instance.gateways["id"]))]
        first = arcs.sort_values("km").drop_duplicates(["leg", "destination"])
        self.links = {(row.leg, row.destination): (row.origin, row.mode) for row in first.itertuples()}

    def path(self, legs: list[str], zone: str) -> list[tuple[str, str, str, str]]:
        """Leg, origin, destination and mode from the zone up; empty if a link is missing."""
        steps, lower = [], zone
        for leg in reversed(legs):
            if (leg, lower) not in self.links:
                return []
            upper, mode = self.links[leg, lower]
            steps.append((leg, upper, lower, mode))
            lower = upper
        return steps


def greedy_plan(instance: Instance, shares: dict[str, float] | None = None, leave_out: str = "") -> Plan:
    """A network of nearest links over some of the sites; the zone ``leave_out`` gets nothing."""
    period = instance.structure.periods[0].id
    opened: set[str] = set()
    for level, share in (shares or {"hub": 1.0, "utc": 1.0, "station": 1.0}).items():
        opened |= _spread(list(instance.sites.loc[instance.sites["level"] == level, "id"]), share)
    nearest = _Nearest(instance, opened)
    commodities = {item.id: item for item in instance.structure.commodities}
    admitted = set(instance.admissions["commodity"])
    flows: Flows = defaultdict(float)
    for row in instance.demand[instance.demand["period"] == period].itertuples():
        commodity = commodities[row.commodity]
        legs = [commodity.gateway_leg, *commodity.legs] if commodity.id in admitted else list(commodity.legs)
        for step in nearest.path(legs, row.zone) if row.zone != leave_out else ():
            flows[(*step, commodity.id)] += row.t_d
    table = pd.DataFrame([(period, *key, value) for key, value in sorted(flows.items())], columns=list(FLOW_COLUMNS))
    sourced = table[table["leg"].isin(instance.structure.service.single_sourcing)]
    links = sourced[list(ASSIGNMENT_COLUMNS)].drop_duplicates()
    return complete_plan(instance, Policy(), _decisions(instance, table, period), links, table)


def _decisions(instance: Instance, flows: pd.DataFrame, period: str) -> pd.DataFrame:
    """Designs by turns and just enough modules; what stands today is not shrunk."""
    through = flows.groupby("origin")["t_d"].sum()
    today = {row.site: row.modules for row in instance.existing.itertuples()}
    rows = []
    for number, site in enumerate(instance.sites.itertuples()):
        if site.id in through:
            designs = [item for item in instance.structure.designs if site.level in item.levels]
            design = designs[number % len(designs)]
            needed = ceil(through[site.id] / design.throughput_t_d - 1e-9)
            rows.append((period, site.id, design.id, max(design.min_modules, needed, today.get(site.id, 0))))
    return pd.DataFrame(rows, columns=list(DECISION_COLUMNS))


def greedy_solution(instance: Instance, plan: Plan | None = None, **changes: Any) -> Solution:
    """A solution around a greedy plan with the checker's figures; ``changes`` replace fields of the proof."""
    plan = plan or greedy_plan(instance)
    report = check(instance, Policy(), plan)
    changes = {"objective": report.objective, "bound": 0.991 * report.objective, **changes}
    return Solution(instance.info.id, Policy(), proof(**changes), plan, report.cost, report.kpi)


def proof(**changes: Any) -> Proof:
    """A proof of a run that ended by itself, with some fields replaced."""
    fields: dict[str, Any] = {
        "status": "optimal",
        "limit": "none",
        "objective": None,
        "bound": None,
        "gap_asked": 0.01,
        "method": "monolith",
        "seed": 0,
        "threads": 2,
        "seconds": {"build": 0.8, "solve": 12.4, "check": 0.3},
        "versions": {"hubopt": "0.1.0", "highspy": "1.15.1"},
        "instance_sha256": "ab" * 32,
    }
    fields.update(changes)
    objective = fields["objective"]
    if objective is not None and "trace" not in fields:
        points = [(1.0, None, 0.7), (2.0, 1.4, 0.8), (5.0, 1.1, 0.95), (12.0, 1.0, 0.991)]
        fields["trace"] = tuple((s, None if up is None else up * objective, down * objective) for s, up, down in points)
    return Proof(**fields)


def unsolved(instance: Instance) -> Solution:
    """A run that found nothing."""
    return Solution(instance.info.id, Policy(), proof(status="infeasible"), None, {}, {})


@cache
def solved(maker: Callable[[], Instance]) -> tuple[Instance, Solution, Report]:
    """The case of ``maker`` with its greedy solution and the checker's report; made once."""
    case = maker()
    solution = greedy_solution(case)
    assert solution.plan is not None
    return case, solution, check(case, solution.policy, solution.plan)


@cache
def map_of(maker: Callable[[], Instance], lang: str = "en") -> str:
    """The map of a solved case; made once."""
    case, solution, report = solved(maker)
    return network_map(case, solution, lang, report=report)


@cache
def report_of(maker: Callable[[], Instance], lang: str = "en") -> str:
    """The report of a solved case; made once."""
    case, solution, report = solved(maker)
    return report_html(case, solution, report, lang)
