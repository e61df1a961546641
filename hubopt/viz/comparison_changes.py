"""What differs between two plans on the same places, from the first to the second, as plain records.

Sites, zones and gateways are named by id; nothing here knows where they lie.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from hubopt.instance.types import LEVELS
from hubopt.solution.types import Plan
from hubopt.viz.values import number, rows_of, text

Record = dict[str, Any]

SITE_CHANGES: tuple[str, ...] = ("opened", "closed", "redesigned", "grown", "shrunk")
"""What may become of a site, in the order in which it is told."""

SAME_SIZE = 1e-3
"""Relative difference of floor area below which two sizes are the same."""

SAME_FLOW = 0.05
"""Difference of a link's flow (t/d) below which it is the same."""

STATES: tuple[str, ...] = ("within", "beyond", "unmet")
"""How well a zone is served, best first (see :func:`hubopt.viz.service.zone_states`)."""


def standing(plan: Plan, period: str) -> dict[str, Record]:
    """The open facilities of a period by site."""
    rows = plan.facilities[(plan.facilities["period"] == period) & (plan.facilities["modules"] > 0)]
    return {str(row["site"]): row for row in rows_of(rows)}


def site_changes(first: Plan, second: Plan, periods: tuple[str, str]) -> list[Record]:
    """Sites that are not the same in both: ``site``, ``level``, ``change`` (:data:`SITE_CHANGES`), ``gfa`` (m2 more).

    A site that has another design is ``redesigned``, whatever its size; ``periods`` are those of the two plans.
    """
    before, after = standing(first, periods[0]), standing(second, periods[1])
    found = []
    for site in sorted(set(before) | set(after)):
        change = _change(before.get(site), after.get(site))
        if change:
            areas = [(number(row["gfa_m2"]) or 0.0) if row else 0.0 for row in (before.get(site), after.get(site))]
            level = text((after.get(site) or before[site])["level"])
            found.append({"site": site, "level": level, "change": change, "gfa": round(areas[1] - areas[0])})

    def rank(record: Record) -> tuple[int, int, float, str]:
        place = SITE_CHANGES.index(record["change"]), LEVELS.index(record["level"])
        return (*place, -abs(record["gfa"]), record["site"])

    return sorted(found, key=rank)


def _change(before: Record | None, after: Record | None) -> str | None:
    if before is None or after is None:
        return "opened" if before is None else "closed"
    if text(before["design"]) != text(after["design"]):
        return "redesigned"
    grown = float(after["gfa_m2"]) - float(before["gfa_m2"])
    if abs(grown) <= SAME_SIZE * max(float(before["gfa_m2"]), 1.0):
        return None
    return "grown" if grown > 0 else "shrunk"


def main_sources(plan: Plan, period: str) -> pd.DataFrame:
    """The origin that brings most to each place on each leg; columns ``leg``, ``destination``, ``origin``, ``t_d``."""
    flows = plan.flows[(plan.flows["period"] == period) & (plan.flows["t_d"] > 0)]
    sums = flows.groupby(["leg", "destination", "origin"])["t_d"].sum().reset_index()
    most = sums.sort_values(by=["t_d", "origin"], ascending=[False, True], kind="stable")
    return most.drop_duplicates(["leg", "destination"])


def reassigned(first: Plan, second: Plan, periods: tuple[str, str]) -> list[Record]:
    """Places below the hubs whose main source on a leg is another: ``leg``, ``place``, ``before``, ``after``, ``t_d``.

    Only places that get something on that leg in both plans; ``t_d`` is what the new source brings.
    """
    before, after = main_sources(first, periods[0]), main_sources(second, periods[1])
    both = before.merge(after, on=["leg", "destination"], suffixes=("_before", "_after"))
    moved = both[both["origin_before"] != both["origin_after"]]
    moved = moved[moved["leg"].str.endswith(("-station", "-zone"))]
    moved = moved.sort_values(["t_d_after", "destination"], ascending=[False, True], kind="stable")
    return [
        {
            "leg": str(row["leg"]),
            "place": str(row["destination"]),
            "before": str(row["origin_before"]),
            "after": str(row["origin_after"]),
            "t_d": round(float(row["t_d_after"]), 2),
        }
        for row in rows_of(moved)
    ]


def service_changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[Record]:
    """Zones that are served better or worse: ``zone``, ``before`` and ``after`` (:data:`STATES`), ``better``."""
    found = []
    for zone, state in before.items():
        then = after.get(zone)
        if state in STATES and then in STATES and state != then:
            better = STATES.index(then) < STATES.index(state)
            found.append({"zone": zone, "before": state, "after": then, "better": better})
    return found


def flow_changes(first: Plan, second: Plan, periods: tuple[str, str]) -> list[Record]:
    """Links above the zones whose load differs: ``leg``, ``origin``, ``destination``, ``before``, ``after`` (t/d)."""
    key = ["leg", "origin", "destination"]
    sums = []
    for plan, period in zip((first, second), periods, strict=True):
        flows = plan.flows[(plan.flows["period"] == period) & ~plan.flows["leg"].str.endswith("-zone")]
        sums.append(flows.groupby(key)["t_d"].sum())
    both = pd.concat(sums, axis=1, keys=["before", "after"]).fillna(0.0).reset_index()
    both = both[(both["after"] - both["before"]).abs() > SAME_FLOW]
    return [
        {**{name: str(row[name]) for name in key}, "before": round(row["before"], 2), "after": round(row["after"], 2)}
        for row in rows_of(both)
    ]
