"""Sites that were forced in or out, and what a plan costs more or less than a reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hubopt.instance.policy import COST_PARTS
from hubopt.instance.types import LEVELS, Instance
from hubopt.solution.types import Solution
from hubopt.viz.accounts import last_period
from hubopt.viz.values import names_of, rows_of, text

Record = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """A result to hold the plan against: what it is called, and its solution, with a plan, of the same instance."""

    name: str
    solution: Solution


def decisions(instance: Instance, solution: Solution) -> list[Record]:
    """Sites and gateways that the run was told to use or to leave, and whether the plan does; sites by level.

    ``by``: ``policy`` (which the marks of a review become) or ``instance``. ``instance`` is the effective one.
    """
    if not solution.policy.holds("forced_sites"):
        return []
    opened, shut = set(solution.policy.force_open), set(solution.policy.force_closed)
    standing = _standing(solution, last_period(instance))
    found = []
    for row in rows_of(instance.sites):
        site = str(row["id"])
        forced = "open" if site in opened else "closed" if site in shut else text(row.get("forced"))
        if forced in ("open", "closed"):
            found.append(
                {
                    "site": site,
                    "names": names_of(row),
                    "level": text(row["level"]),
                    "district": text(row.get("district")) or text(row.get("city")),
                    "forced": forced,
                    "by": "policy" if site in opened | shut else "instance",
                    "stands": site in standing,
                }
            )
    return sorted(found, key=lambda record: (LEVELS.index(record["level"]), record["forced"]))


def _standing(solution: Solution, period: str) -> frozenset[str]:
    """Sites that stand in a period of the plan; none without a plan."""
    if solution.plan is None:
        return frozenset()
    rows = solution.plan.facilities
    return frozenset(str(site) for site in rows.loc[(rows["period"] == period) & (rows["modules"] > 0), "site"])


def difference(instance: Instance, solution: Solution, reference: Reference, cost: Mapping[str, float]) -> Record:
    """What the plan costs against the reference (CNY/year; more is positive), by part, and the sites that differ.

    ``cost`` is the plan's by part, as the checker counts it. ``least`` and ``most`` bound what lies between the two
    optima, as far as both runs proved their bounds and minimised the same: a plan may be dearer because of what was
    decided, or because its run ended early.
    """
    other = reference.solution
    rows: list[Record] = [
        {"part": part, "cost": cost.get(part, 0.0), "reference": other.cost.get(part, 0.0)} for part in COST_PARTS
    ]
    here, there = (_standing(item, last_period(instance)) for item in (solution, other))
    names = {str(row["id"]): (names_of(row), text(row["level"])) for row in rows_of(instance.sites)}

    def named(sites: frozenset[str]) -> list[Record]:
        known = [{"site": site, "names": names[site][0], "level": names[site][1]} for site in sites if site in names]
        return sorted(known, key=lambda record: (LEVELS.index(record["level"]), record["site"]))

    mine, its = solution.proof, other.proof
    total, against = (float(sum(row[name] for row in rows)) for name in ("cost", "reference"))
    comparable = (
        solution.policy.weights == other.policy.weights
        and solution.policy.charges == other.policy.charges
        and (solution.policy.land_charge_cny_ha_year == other.policy.land_charge_cny_ha_year)
    )
    proven = comparable and None not in (mine.objective, mine.bound, its.objective, its.bound)
    return {
        "name": reference.name,
        "policy": names_of(other.policy.model_dump()),
        "rows": rows,
        "total": total,
        "reference": against,
        "price": total - against,
        "share": (total - against) / abs(against) if against else 0.0,
        "least": mine.bound - its.objective
        if proven and mine.bound is not None and its.objective is not None
        else None,
        "most": mine.objective - its.bound if proven and mine.objective is not None and its.bound is not None else None,
        "opened": named(here - there),
        "closed": named(there - here),
    }
