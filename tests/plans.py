"""A plan for ``tiny`` made by hand that keeps every rule, and the solution around it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import cache

import pandas as pd

from hubopt.check import Report, check, complete_plan
from hubopt.instance import Instance, Policy, sha256
from hubopt.solution import ASSIGNMENT_COLUMNS, FLOW_COLUMNS, Limit, Plan, Proof, Solution, Status
from tests.cases import TINY_DEMAND, TINY_ZONES, tiny
from tests.check.phased import phased_trial

PERIOD = "2025"
SIZES = {
    "h-north": ("hub-stack", 3),
    "h-air": ("hub-flat", 1),
    "u-west": ("utc-flat", 2),
    "u-mid": ("utc-smart", 4),
    "s1": ("stn-cold", 2),
    "s2": ("stn-cold", 3),
    "s3": ("stn-cold", 3),
    "s4": ("stn-cold", 4),
    "s5": ("stn-basic", 1),
}
SERVED_BY = {"z1": "s1", "z2": "s2", "z3": "s3", "z4": "s4", "z5": "s4", "z6": "s5"}
BY_AIR = 0.1
"""Share of the parcels that comes by air, the least that is allowed."""


def _delivered() -> dict[tuple[str, str], float]:
    """t/d by zone and commodity; station s5 has no cold room, so the chilled food of z6 stays unmet."""
    amounts = {
        (zone[0], commodity): float(t_d)
        for commodity, row in TINY_DEMAND.items()
        for zone, t_d in zip(TINY_ZONES, row, strict=True)
        if t_d
    }
    del amounts["z6", "cold"]
    return amounts


def _flows() -> pd.DataFrame:
    delivered = _delivered()
    total = {k: sum(t_d for (_, commodity), t_d in delivered.items() if commodity == k) for k in TINY_DEMAND}
    air, land = BY_AIR * total["parcel"], (1 - BY_AIR) * total["parcel"]
    rows = [
        ("gateway-hub", "airport", "h-air", "truck", "parcel", air),
        ("gateway-hub", "gate", "h-north", "truck", "parcel", land),
        ("gateway-hub", "gate", "h-north", "truck", "returns", total["returns"]),
        ("gateway-hub", "port", "h-north", "truck", "bonded", total["bonded"]),
        ("hub-utc", "h-air", "u-mid", "truck", "parcel", air),
        ("hub-utc", "h-north", "u-mid", "truck", "parcel", land),
        *(("hub-utc", "h-north", "u-mid", "truck", k, total[k]) for k in ("returns", "bonded", "cold")),
    ]
    for (zone, commodity), t_d in delivered.items():
        if commodity == "bonded":
            rows.append(("utc-zone", "u-mid", zone, "van", commodity, t_d))
        else:
            rows.append(("station-zone", SERVED_BY[zone], zone, "trike", commodity, t_d))
    for station, commodity in itertools.product(sorted(set(SERVED_BY.values())), ("parcel", "cold", "returns")):
        t_d = sum(delivered.get((zone, commodity), 0) for zone, by in SERVED_BY.items() if by == station)
        if t_d:
            rows.append(("utc-station", "u-mid", station, "evan", commodity, t_d))
    return pd.DataFrame([(PERIOD, *row) for row in rows], columns=list(FLOW_COLUMNS))


def tiny_plan(instance: Instance | None = None, policy: Policy | None = None) -> Plan:
    """The plan: two hubs, two transfer centres (one kept idle for access), five stations; 2 t/d stay unmet."""
    decisions = pd.DataFrame(
        [(PERIOD, site, design, modules) for site, (design, modules) in SIZES.items()],
        columns=["period", "site", "design", "modules"],
    )
    links = [("utc-station", "u-mid", station) for station in sorted(set(SERVED_BY.values()))]
    links += [("station-zone", station, zone) for zone, station in SERVED_BY.items()]
    assignments = pd.DataFrame([(PERIOD, *link) for link in links], columns=list(ASSIGNMENT_COLUMNS))
    return complete_plan(instance or tiny(), policy or Policy(), decisions, assignments, _flows())


@cache
def _checked() -> tuple[Instance, Plan, Report]:
    """The plan and the checker's report on it, made once."""
    instance = tiny()
    plan = tiny_plan(instance)
    report = check(instance, Policy(), plan)
    assert report.ok, report.findings
    return instance, plan, report


def tiny_solution(status: Status = "feasible", limit: Limit = "time") -> Solution:
    """The plan with its recomputed cost and indicators, and a bound one percent below the objective."""
    instance, plan, report = _checked()
    proof = Proof(
        status=status,
        limit=limit,
        objective=report.objective,
        bound=0.99 * report.objective,
        gap_asked=0.02 if status == "optimal" else 0.001,
        method="monolith",
        seed=0,
        threads=2,
        seconds={"build": 0.2, "solve": 1.3, "total": 1.5},
        versions={"hubopt": "0.1.0", "highs": "1.15.1"},
        instance_sha256=sha256(instance),
        trace=((0.4, None, 0.5 * report.objective), (1.1, report.objective, 0.99 * report.objective)),
    )
    return Solution(instance.info.id, Policy(), proof, plan, report.cost, report.kpi)


def phased_solution() -> Solution:
    """A plan over two periods with upgrades, a closure, in-city goods and outages, worked out by hand; not proven."""
    trial = phased_trial()
    instance, plan = trial.instance, trial.plan()
    report = check(instance, trial.policy, plan)
    assert report.ok, report.findings
    proof = replace(
        tiny_solution().proof,
        objective=report.objective,
        bound=0.95 * report.objective,
        instance_sha256=sha256(instance),
        trace=((1.0, report.objective, 0.95 * report.objective),),
    )
    return Solution(instance.info.id, trial.policy, proof, plan, report.cost, report.kpi)


def no_solution(status: Status, limit: Limit = "none") -> Solution:
    """The outcome of a run that found no plan."""
    proof = Proof(
        status=status,
        limit=limit,
        objective=None,
        bound=None,
        gap_asked=0.01,
        method="monolith",
        seed=0,
        threads=2,
        seconds={"total": 0.5},
        versions={"hubopt": "0.1.0"},
        instance_sha256=sha256(tiny()),
    )
    return Solution("tiny", Policy(), proof, None, {}, {})
