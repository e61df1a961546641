"""What the map knows about each thing on it, as plain records for the page's script."""

from __future__ import annotations

from typing import Any

import pandas as pd

from hubopt.check import Report
from hubopt.instance.types import LEVELS, Instance
from hubopt.solution.types import Plan
from hubopt.viz.base import zone_shapes
from hubopt.viz.movement import exchanged
from hubopt.viz.places import Layout, ends
from hubopt.viz.service import delivered_table, demand_table, measured, zone_rows, zone_states
from hubopt.viz.style import GATEWAY_KINDS
from hubopt.viz.values import names_of, number, rows_of, text

LEG_ENDS = ("gateway", *LEVELS, "zone")
"""What a leg may join, from the outside world to the customer."""

COST_COLUMNS = ("capital", "land", "running", "handling", "closure")
"""Cost parts that a facility row carries (as ``PART_cny_year``)."""


def _common(row: dict[str, Any], kind: str, layout: Layout) -> dict[str, Any]:
    place = layout.positions.get((kind, str(row["id"])))
    return {
        "id": str(row["id"]),
        "name": names_of(row),
        "city": text(row.get("city")),
        "district": text(row.get("district")),
        "at": None if place is None else [round(place[0], 5), round(place[1], 5)],
        "synthetic": bool(row.get("synthetic", False)),
        "source": text(row.get("source")),
        "reliability": text(row.get("reliability")),
    }


def site_records(instance: Instance, layout: Layout) -> list[dict[str, Any]]:
    """Every candidate site, in the order of the table, with what stands there today."""
    standing = {str(row["site"]): row for row in rows_of(instance.existing)}
    records = []
    for row in rows_of(instance.sites):
        record = _common(row, "site", layout)
        record |= {
            "level": text(row["level"]),
            "type": text(row.get("hub_type")),
            "parcel": text(row.get("parcel")),
            "land": number(row["land_ha"], 2),
            "score": number(row.get("score"), 0),
            "forced": text(row.get("forced")),
        }
        today = standing.get(record["id"])
        if today is not None:
            record["today"] = {"design": text(today["design"]), "modules": number(today["modules"])}
        records.append(record)
    return records


def gateway_records(instance: Instance, layout: Layout) -> list[dict[str, Any]]:
    """Every gateway, in the order of the table."""
    records = []
    for row in rows_of(instance.gateways):
        record = _common(row, "gateway", layout)
        kind = text(row["kind"])
        record["kind"] = kind if kind in GATEWAY_KINDS else "expressway"
        record["capacity"] = number(row.get("capacity_t_d"), 1)
        records.append(record)
    return records


def zone_records(instance: Instance, layout: Layout) -> list[dict[str, Any]]:
    """Every zone, in the order of the table, with its polygon where the case has one."""
    polygons = {} if layout.schematic else zone_shapes(instance.geometry)
    records = []
    for row in rows_of(instance.zones):
        record = _common(row, "zone", layout)
        record |= {"population": number(row.get("population"), 0), "area": number(row.get("area_km2"), 2)}
        if record["id"] in polygons:
            record["parts"] = polygons[record["id"]]
        records.append(record)
    return records


def facility_records(plan: Plan, period: str, index: dict[str, int]) -> list[dict[str, Any]]:
    """Open and closed facilities of a period; ``site`` is the place of the site in the list of sites (``index``)."""
    rows = plan.facilities[plan.facilities["period"] == period]
    return [
        {
            "site": index[str(row["site"])],
            "design": text(row["design"]),
            "action": text(row["action"]),
            "modules": number(row["modules"], 2),
            "built": number(row["built_modules"], 2),
            "converted": number(row["converted_modules"], 2),
            "gfa": number(row["gfa_m2"], 0),
            "land": number(row["land_ha"], 2),
            "throughput": number(row["throughput_t_d"], 2),
            "capacity": number(row["capacity_t_d"], 2),
            "utilisation": number(row["utilisation"], 4),
            "cost": {part: number(row[f"{part}_cny_year"], 0) for part in COST_COLUMNS},
        }
        for row in rows_of(rows)
        if str(row["site"]) in index
    ]


def flow_records(instance: Instance, plan: Plan, period: str) -> list[dict[str, Any]]:
    """Flows of a period by leg: each line is origin index, destination index and t/d by commodity, for one mode.

    ``modes`` has the index of each line's mode; the indices of the ends are places in the lists of gateways, sites or
    zones, as the leg's ends say. Legs come in the order of the levels, from the gateways down; in-city goods between
    facilities are a leg of their own, from where they are collected to where they are delivered.
    """
    commodities = [item.id for item in instance.structure.commodities]
    modes = {item.id: i for i, item in enumerate(instance.structure.modes)}
    tables = {"gateway": instance.gateways, "site": instance.sites, "zone": instance.zones}
    index = {kind: {str(name): i for i, name in enumerate(table["id"])} for kind, table in tables.items()}
    flows = plan.flows[(plan.flows["period"] == period) & (plan.flows["t_d"] > 0)]
    between = exchanged(instance, plan, period)
    flows = flows if between.empty else pd.concat([flows, between[flows.columns]], ignore_index=True)
    key = ["origin", "destination", "mode"]
    legs = []
    for leg, group in flows.groupby("leg", sort=True):
        upper, lower = ends(str(leg))
        wide = group.pivot_table(index=key, columns="commodity", values="t_d", aggfunc="sum")
        wide = wide.reindex(columns=commodities).fillna(0.0)
        lines, by = [], []
        for (a, b, mode), values in zip(wide.index, wide.to_numpy(), strict=True):
            if str(a) in index[upper] and str(b) in index[lower]:
                lines.append([index[upper][str(a)], index[lower][str(b)], *(round(float(v), 3) for v in values)])
                by.append(modes.get(str(mode), 0))
        legs.append({"leg": str(leg), "from": upper, "to": lower, "lines": lines, "modes": by})
    return sorted(legs, key=lambda item: [LEG_ENDS.index(end) for end in item["leg"].split("-")])


def zone_service_records(
    instance: Instance, plan: Plan | None, report: Report | None, period: str
) -> list[dict[str, Any]]:
    """Service of each zone in the order of the table.

    Amounts are t/d by commodity; ``within`` says for each target whether the zone meets it, ``measures`` what was
    compared with the limit (km or minutes) where the checker tells.
    """
    demand = demand_table(instance, period)
    delivered = demand * 0.0 if plan is None else delivered_table(instance, plan, period)
    states = zone_states(instance, report, period)
    found = None if report is None else zone_rows(report, period).reindex(states.index)
    targets = {} if found is None else {item.id: measured(item) for item in instance.structure.service.targets}
    within = {name: found[f"within.{name}"].astype(bool).tolist() for name in targets} if found is not None else {}
    measures = {name: _rounded(found, column, len(states)) for name, column in targets.items()}
    asked, brought = demand.round(3).to_numpy().tolist(), delivered.round(3).to_numpy().tolist()
    return [
        {
            "state": state,
            "demand": asked[i],
            "delivered": brought[i],
            "within": {name: cells[i] for name, cells in within.items()},
            "measures": {name: cells[i] for name, cells in measures.items()},
        }
        for i, state in enumerate(states)
    ]


def _rounded(table: pd.DataFrame | None, column: str | None, count: int) -> list[float | None]:
    """A column to two decimals, None for what is not known."""
    if table is None or column is None:
        return [None] * count
    return [number(value, 2) for value in table[column]]
