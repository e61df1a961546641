"""A sheet for each chosen hub and transfer centre: what stands there, whom it serves, what it costs.

Plain records without language; names hold both languages. Amounts are those of the last period unless one is named.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from hubopt.check import Report
from hubopt.instance.types import LEVELS, Instance
from hubopt.solution.types import Plan
from hubopt.viz import accounts, timeline
from hubopt.viz.accounts import FACILITY_COSTS
from hubopt.viz.places import ends
from hubopt.viz.values import names_of, number, rows_of, text

Record = dict[str, Any]

Places = Mapping[str, Mapping[str, Record]]
"""Rows of the gateways, sites and zones by id."""

SHEET_LEVELS = ("hub", "utc")
"""Levels whose sites have a sheet; stations are in a table."""

LINKS = 6
"""Most links of a direction that a sheet lists."""


def sheets(instance: Instance, plan: Plan, report: Report) -> list[Record]:
    """The sheets in the order of levels and throughput; ``instance`` is the effective one."""
    period = accounts.last_period(instance)
    flows = plan.flows[(plan.flows["period"] == period) & (plan.flows["t_d"] > 0)]
    arcs = instance.arcs.drop_duplicates(["leg", "origin", "destination", "mode"])
    moved = flows.merge(arcs[["leg", "origin", "destination", "mode", "km", "minutes"]], how="left")
    steps = timeline.actions(instance, report)
    rows = report.facilities[(report.facilities["period"] == period) & (report.facilities["modules"] > 0)]
    tables = {"gateway": instance.gateways, "site": instance.sites, "zone": instance.zones}
    places = {kind: {str(row["id"]): row for row in rows_of(table)} for kind, table in tables.items()}
    found = [
        _sheet(instance, places, row, moved, report, steps.get(str(row["site"]), []))
        for row in rows_of(rows)
        if row["level"] in SHEET_LEVELS
    ]
    return sorted(found, key=lambda sheet: (LEVELS.index(sheet["level"]), -sheet["throughput"]))


def _sheet(
    instance: Instance, places: Places, row: Record, moved: pd.DataFrame, report: Report, steps: list[Record]
) -> Record:
    site = str(row["site"])
    place = places["site"][site]
    design = next(item for item in instance.structure.designs if item.id == text(row["design"]))
    types = {item.id: names_of(item.model_dump()) for item in instance.structure.hub_types}
    cost = {part: number(row[f"{part}_cny_year"]) or 0.0 for part in FACILITY_COSTS}
    out, into = moved[moved["origin"] == site], moved[moved["destination"] == site]
    return {
        "site": site,
        "names": names_of(place),
        "level": text(row["level"]),
        "type": types.get(text(place.get("hub_type"))),
        "district": text(place.get("district")) or text(place.get("city")),
        "operator": text(place.get("operator")),
        "parcel": text(place.get("parcel")),
        "forced": text(place.get("forced")),
        "synthetic": bool(place.get("synthetic", False)),
        "source": text(place.get("source")),
        "reliability": text(place.get("reliability")),
        "score": number(place.get("score")),
        "at": _position(place),
        "action": text(row["action"]),
        "steps": steps,
        "design": names_of(design.model_dump()),
        "storeys": design.storeys,
        "modules": number(row["modules"]) or 0.0,
        "gfa": number(row["gfa_m2"]) or 0.0,
        "land": number(row["land_ha"]) or 0.0,
        "available": number(place.get("land_ha")),
        "land_price": number(place.get("land_price_cny_m2")),
        "throughput": number(row["throughput_t_d"]) or 0.0,
        "capacity": number(row["capacity_t_d"]) or 0.0,
        "utilisation": number(row["utilisation"]) or 0.0,
        "staff": number(row["staff"]),
        "carbon": (number(row["kgco2e_year"]) or 0.0) / 1000,
        "investment": _invested(report, site),
        "cost": cost,
        "total": sum(cost.values()),
        "handled": _handled(instance, out),
        "sources": _links(instance, places, into, "origin"),
        "takers": _links(instance, places, out, "destination"),
        "catchment": _catchment(instance, moved, site),
        "periods": _periods(instance, report, site),
    }


def _position(place: Record) -> tuple[float, float] | None:
    lon, lat = number(place.get("lon")), number(place.get("lat"))
    return None if lon is None or lat is None else (lon, lat)


def _invested(report: Report, site: str) -> float:
    """CNY laid out at the site over all periods."""
    return float(report.facilities.loc[report.facilities["site"] == site, "investment_cny"].sum())


def _handled(instance: Instance, out: pd.DataFrame) -> list[Record]:
    """t/d by commodity that leave the site for the lower levels, most first."""
    sums = out.groupby("commodity")["t_d"].sum()
    named = [(item, float(sums.get(item.id, 0.0))) for item in instance.structure.commodities]
    found = [
        {"names": names_of(item.model_dump()), "direction": item.direction, "t_d": t_d}
        for item, t_d in named
        if t_d > 0
    ]
    return sorted(found, key=lambda record: -record["t_d"])


def _links(instance: Instance, places: Places, rows: pd.DataFrame, end: str) -> list[Record]:
    """Links of the site by leg: how many, t/d, mean km and minutes, and the largest with their names."""
    modes = {item.id: names_of(item.model_dump()) for item in instance.structure.modes}
    found = []
    for leg, group in rows.groupby("leg", sort=True):
        kind = ends(str(leg))[0 if end == "origin" else 1]
        weighed = group.assign(t_km=group["t_d"] * group["km"], t_min=group["t_d"] * group["minutes"])
        sums = weighed.groupby(end)[["t_d", "t_km", "t_min"]].sum().sort_values("t_d", ascending=False, kind="stable")
        tonnes = float(sums["t_d"].sum())
        largest = [
            {
                "names": names_of(places[kind].get(str(name), {"id": name})),
                "t_d": float(row["t_d"]),
                "km": float(row["t_km"]) / float(row["t_d"]),
                "minutes": float(row["t_min"]) / float(row["t_d"]),
                "modes": [
                    modes[str(mode)]
                    for mode in sorted(set(group.loc[group[end] == name, "mode"]))
                    if str(mode) in modes
                ],
            }
            for name, row in zip(sums.index[:LINKS], rows_of(sums.head(LINKS)), strict=True)
        ]
        found.append(
            {
                "leg": str(leg),
                "count": len(sums),
                "t_d": tonnes,
                "km": float(sums["t_km"].sum()) / tonnes,
                "minutes": float(sums["t_min"].sum()) / tonnes,
                "largest": largest if kind != "zone" else [],
                "others": max(0, len(sums) - LINKS) if kind != "zone" else 0,
                "ends": [str(name) for name in sums.index],
                "amounts": [float(value) for value in sums["t_d"]],
            }
        )
    return found


def _catchment(instance: Instance, moved: pd.DataFrame, site: str) -> Record:
    """Zones that get anything through the site, directly or through lower levels, with their residents.

    ``zones`` are their ids; ``stations`` and ``centres`` those that the site feeds on the way.
    """
    reached = {site}
    below: set[str] = set()
    while reached:
        rows = moved[moved["origin"].isin(reached)]
        reached = {str(name) for name in rows["destination"]} - below
        below |= reached
    zones = instance.zones[instance.zones["id"].isin(below)]
    levels = instance.sites[instance.sites["id"].isin(below)]["level"].value_counts()
    people = zones["population"].astype(float).sum(min_count=1) if "population" in zones else float("nan")
    return {
        "zones": [str(name) for name in zones["id"]],
        "people": number(people),
        "centres": int(levels.get("utc", 0)),
        "stations": int(levels.get("station", 0)),
    }


def _periods(instance: Instance, report: Report, site: str) -> list[Record]:
    """Action, size, use and yearly cost of the site in each period; empty with a single period."""
    if len(instance.structure.periods) < 2:
        return []
    rows = {str(row["period"]): row for row in rows_of(report.facilities[report.facilities["site"] == site])}
    return [
        {
            "period": period.id,
            "action": text(row["action"]),
            "modules": number(row["modules"]),
            "gfa": number(row["gfa_m2"]),
            "land": number(row["land_ha"]),
            "throughput": number(row["throughput_t_d"]),
            "utilisation": number(row["utilisation"]),
            "investment": number(row["investment_cny"]),
            "cost": sum(number(row[f"{part}_cny_year"]) or 0.0 for part in FACILITY_COSTS),
        }
        for period in instance.structure.periods
        if (row := rows.get(period.id)) is not None
    ]
