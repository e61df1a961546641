"""What happens when: the plan period by period, its standards, and what it costs to build now or later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hubopt.check import Report
from hubopt.instance.types import Instance
from hubopt.viz.values import number, rows_of, text

Record = dict[str, Any]

DONE = {"opened": "new", "expanded": "expand", "upgraded": "upgrade", "closed": "close"}
"""Counts of a period and the action that each counts."""


def in_period(instance: Instance, kpi: Mapping[str, float], period: str) -> dict[str, float]:
    """Indicators as they are in one period, by their plain names; what is not told by period stays as it is."""
    if len(instance.structure.periods) < 2:
        return dict(kpi)
    return {name: kpi.get(f"{name}.{period}", value) for name, value in kpi.items()}


def actions(instance: Instance, report: Report) -> dict[str, list[Record]]:
    """What is done at each site, by its id: period, action, modules and floor area; a closing only when it happens."""
    done: dict[str, list[Record]] = {}
    for period in instance.structure.periods:
        for row in rows_of(report.facilities[report.facilities["period"] == period.id]):
            steps = done.setdefault(str(row["site"]), [])
            action = text(row["action"])
            if action == "close" and steps and steps[-1]["action"] == "close":
                continue
            steps.append({"period": period.id, "action": action, "modules": number(row["modules"])})
    return done


def discounts(instance: Instance) -> dict[str, float]:
    """What a yuan of each period counts against one of the first period, by the weights of the objective."""
    per_year = {period.id: period.weight / period.years for period in instance.structure.periods}
    first = next(iter(per_year.values()))
    return {period: weight / first for period, weight in per_year.items()}


def periods(instance: Instance, report: Report) -> list[Record]:
    """One record per period: what is done in it, how the network stands then, and what it costs.

    ``invested`` and ``spent`` are CNY of the whole period, ``cost`` CNY a year; ``*_now`` are discounted to the first
    period.
    """
    steps = [step for site in actions(instance, report).values() for step in site]
    factors = discounts(instance)
    found = []
    for period in instance.structure.periods:
        kpi = in_period(instance, report.kpi, period.id)
        cost = kpi.get("cost_cny_year", report.kpi.get(f"cost_cny_year.{period.id}", sum(report.cost.values())))
        did = [step["action"] for step in steps if step["period"] == period.id]
        invested, factor = kpi.get("investment_cny", 0.0), factors[period.id]
        found.append(
            {
                "id": period.id,
                "years": period.years,
                "factor": factor,
                **{name: did.count(action) for name, action in DONE.items()},
                "invested": invested,
                "invested_now": factor * invested,
                "budget": period.capital_budget_cny,
                "land": kpi.get("land_ha.total"),
                "carbon": kpi.get("kgco2e_year.total", 0.0) / 1000,
                "cap": period.carbon_cap_t_year,
                "served": kpi.get("served_share"),
                "staff": kpi.get("staff.total"),
                "stock": kpi.get("stock.share"),
                "kept": kpi.get("stock.kept_m2", 0.0),
                "converted": kpi.get("stock.converted_m2", 0.0),
                "stock_closed": kpi.get("stock.closed_sites", 0.0),
                "today": kpi.get("stock.gfa_m2", 0.0),
                "worst": kpi.get("resilience.worst_share"),
                "cost": cost,
                "spent": cost * period.years,
                "spent_now": factor * cost * period.years,
            }
        )
    return found


def waiting(rows: list[Record]) -> Record:
    """Sums over the periods, undiscounted and discounted, and how much of the investment comes after the first."""
    sums = {name: sum(row[name] for row in rows) for name in ("invested", "invested_now", "spent", "spent_now")}
    later = sum(row["invested"] for row in rows[1:])
    return {**sums, "later_share": later / sums["invested"] if sums["invested"] else 0.0}


def standards(instance: Instance, kpi: Mapping[str, float], target: str) -> list[Record]:
    """What a target asks for and reaches in each period; empty without several periods or without a plan."""
    known = [period.id for period in instance.structure.periods if f"target.{target}.{period.id}" in kpi]
    return [
        {
            "period": period,
            "reached": kpi[f"target.{target}.{period}"],
            "required": kpi.get(f"target_required.{target}.{period}", 0.0),
        }
        for period in known
    ]
