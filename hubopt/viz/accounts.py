"""The rows of the report's tables, as plain records without language; names hold both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from hubopt.check import Report
from hubopt.instance.policy import COST_PARTS
from hubopt.instance.types import LEVELS, Instance
from hubopt.solution.types import Plan, Solution
from hubopt.viz import timeline
from hubopt.viz.service import delivered_table, demand_table
from hubopt.viz.values import names_of, number, rows_of, text

Record = dict[str, Any]

PLANNED = {"hub": "plan.hubs", "utc": "plan.transfer_centres"}
"""Parameters that hold the official plan's number of sites."""

FACILITY_COSTS = ("capital", "land", "running", "handling", "closure")


def last_period(instance: Instance) -> str:
    """The period that the tables show: the last one, as the indicators do."""
    return instance.structure.periods[-1].id


def _names(table: pd.DataFrame) -> dict[str, dict[str, str]]:
    return {str(row["id"]): names_of(row) for row in rows_of(table)}


def cost(report: Report) -> dict[str, float]:
    """CNY/year of every cost part, in the order of the parts."""
    return {part: report.cost.get(part, 0.0) for part in COST_PARTS}


def targets(instance: Instance, kpi: Mapping[str, float]) -> list[Record]:
    """Service standards: what is required and what is reached (shares of demand; None before there is a plan).

    ``at_least``: what is reached is a lower bound, as of trips over several legs that may each be late.
    """
    return [
        {
            "name": names_of(item.model_dump()),
            "limit": item.limit,
            "measure": item.measure,
            "at_least": item.kind == "chain",
            "required": kpi.get(f"target_required.{item.id}", item.share),
            "reached": kpi.get(f"target.{item.id}"),
            "periods": timeline.standards(instance, kpi, item.id),
            "standard": item.standard,
        }
        for item in instance.structure.service.targets
    ]


def counts(instance: Instance, kpi: Mapping[str, float]) -> list[Record]:
    """Open sites by level and by hub type, with the bounds and the official plan's number."""
    official = {str(row["name"]): number(row["value"]) for row in rows_of(instance.parameters)}
    rows: list[Record] = []
    for level in LEVELS:
        if not (instance.sites["level"] == level).any():
            continue
        rule = instance.structure.levels.get(level)
        rows.append(
            {
                "level": level,
                "open": kpi.get(f"sites.{level}"),
                "candidates": int((instance.sites["level"] == level).sum()),
                "min": rule.min_open if rule else 0,
                "max": rule.max_open if rule else None,
                "planned": official.get(PLANNED.get(level, "")),
            }
        )
    return rows


def land(instance: Instance, report: Report) -> list[Record]:
    """Land used against each limit (ha), and districts without a limit that have sites; the total comes last.

    ``used`` is that of the last period, ``periods`` has all.
    """
    used = report.facilities[["period", "site", "land_ha"]].merge(
        instance.sites, left_on="site", right_on="id", suffixes=("", "_available")
    )
    used["total"] = "total"
    found = []
    limits = {(str(row["scope"]), str(row["id"])): number(row["limit_ha"]) for row in rows_of(instance.land)}
    places = [("district", name) for name in sorted({text(name) for name in used["district"]} - {""})]
    known = list(dict.fromkeys([*places, *limits, ("total", "total")]))
    for scope, name in sorted(known, key=lambda key: (("district", "parcel", "city", "total").index(key[0]), key[1])):
        amounts = used[used[scope] == name].groupby("period")["land_ha"].sum()
        by_period = [float(amounts.get(period.id, 0.0)) for period in instance.structure.periods]
        limit = limits.get((scope, name))
        found.append({"scope": scope, "id": name, "used": by_period[-1], "limit": limit, "periods": by_period})
    return found


def sites(instance: Instance, report: Report) -> list[Record]:
    """Open and closed facilities with names, sizes, use and yearly cost, in the order of levels and throughput."""
    places = {str(row["id"]): row for row in rows_of(instance.sites)}
    designs = {item.id: names_of(item.model_dump()) for item in instance.structure.designs}
    types = {item.id: names_of(item.model_dump()) for item in instance.structure.hub_types}
    rows = report.facilities[report.facilities["period"] == last_period(instance)]
    steps = timeline.actions(instance, report) if len(instance.structure.periods) > 1 else {}
    found = []
    for row in rows_of(rows):
        place = places[str(row["site"])]
        found.append(
            {
                "id": str(row["site"]),
                "name": names_of(place),
                "level": text(row["level"]),
                "type": types.get(text(place.get("hub_type"))),
                "district": text(place.get("district")) or text(place.get("city")),
                "design": designs.get(text(row["design"])),
                "action": text(row["action"]),
                "steps": steps.get(str(row["site"]), []),
                "modules": number(row["modules"]),
                "gfa": number(row["gfa_m2"]),
                "land": number(row["land_ha"]),
                "throughput": number(row["throughput_t_d"]),
                "capacity": number(row["capacity_t_d"]),
                "utilisation": number(row["utilisation"]),
                "cost": sum(number(row[f"{part}_cny_year"]) or 0.0 for part in FACILITY_COSTS),
                "synthetic": bool(place.get("synthetic", False)),
            }
        )
    return sorted(found, key=lambda row: (LEVELS.index(row["level"]), -(row["throughput"] or 0.0)))


def gateways(instance: Instance, plan: Plan) -> list[Record]:
    """Use of each gateway (t/d), inbound and outbound, against its capacity and in the whole."""
    flows = plan.flows[(plan.flows["period"] == last_period(instance)) & plan.flows["leg"].str.startswith("gateway-")]
    outbound = {item.id for item in instance.structure.commodities if item.direction == "outbound"}
    is_out = flows["commodity"].isin(outbound)
    total = float(flows["t_d"].sum())
    factor = instance.structure.periods[-1].gateway_factor
    found = []
    for row in rows_of(instance.gateways):
        own = flows["origin"] == row["id"]
        used = float(flows.loc[own, "t_d"].sum())
        capacity = number(row.get("capacity_t_d"))
        capacity = None if capacity is None else capacity * factor
        found.append(
            {
                "name": names_of(row),
                "kind": text(row["kind"]),
                "inbound": float(flows.loc[own & ~is_out, "t_d"].sum()),
                "outbound": float(flows.loc[own & is_out, "t_d"].sum()),
                "used": used,
                "capacity": capacity,
                "use": used / capacity if capacity else None,
                "share": used / total if total else 0.0,
                "synthetic": bool(row.get("synthetic", False)),
            }
        )
    return sorted(found, key=lambda row: -row["used"])


def commodities(instance: Instance, plan: Plan | None) -> list[Record]:
    """Demand and what is delivered of each commodity (t/d)."""
    period = last_period(instance)
    demand = demand_table(instance, period)
    delivered = demand * 0.0 if plan is None else delivered_table(instance, plan, period)
    return [
        {
            "name": names_of(item.model_dump()),
            "direction": item.direction,
            "requirement": item.requirement,
            "chain": item.chain,
            "demand": float(demand[item.id].sum()),
            "delivered": float(delivered[item.id].clip(upper=demand[item.id]).sum()),
        }
        for item in instance.structure.commodities
    ]


def stock(instance: Instance, report: Report) -> list[Record]:
    """What has become of each facility that stands today by the last period, against today."""
    names = _names(instance.sites)
    designs = {item.id: item for item in instance.structure.designs}
    rows = report.facilities[report.facilities["period"] == last_period(instance)]
    after = {str(row["site"]): row for row in rows_of(rows)}
    found = []
    for row in rows_of(instance.existing):
        then = after.get(str(row["site"]))
        today = designs[str(row["design"])]
        new = None if then is None else designs.get(text(then["design"]))
        found.append(
            {
                "name": names.get(str(row["site"]), {"en": str(row["site"]), "zh": str(row["site"])}),
                "design": names_of(today.model_dump()),
                "gfa": today.module_gfa_m2 * float(row["modules"]),
                "action": _against_today(row, then),
                "new_design": None if new is None else names_of(new.model_dump()),
                "new_gfa": 0.0 if then is None else number(then["gfa_m2"]),
            }
        )
    return found


def _against_today(today: Record, then: Record | None) -> str:
    """The action that leads from what stands today to what stands then, however many periods later."""
    if then is None or not number(then["modules"]):
        return "close"
    if text(then["design"]) != text(today["design"]):
        return "upgrade"
    return "expand" if float(then["modules"]) > float(today["modules"]) + 1e-6 else "keep"


def parameters(instance: Instance) -> list[Record]:
    """Every figure with unit, range, year, source and reliability, assumptions marked."""
    return [
        {
            "name": text(row["name"]),
            "value": number(row["value"]),
            "low": number(row.get("low")),
            "high": number(row.get("high")),
            "unit": text(row["unit"]),
            "year": None if number(row.get("year")) is None else int(row["year"]),
            "source": text(row["source"]),
            "reliability": text(row["reliability"]),
        }
        for row in rows_of(instance.parameters)
    ]


def agreement(solution: Solution, report: Report) -> Record:
    """The checker's figures beside those that the run reported (CNY/year), and how far they differ."""
    reported, recomputed = solution.proof.objective, report.objective
    difference = None if reported is None else abs(reported - recomputed) / max(abs(recomputed), 1.0)
    return {
        "ok": report.ok,
        "reported": reported,
        "recomputed": recomputed,
        "difference": difference,
        "findings": [str(finding) for finding in report.findings],
    }
