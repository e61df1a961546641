"""How goods move, for the report: by leg and mode, in the city, and when a hub or gateway is out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from hubopt.instance.policy import Policy
from hubopt.instance.types import LEVELS, Instance
from hubopt.solution.types import Plan
from hubopt.viz.values import names_of, rows_of

Record = dict[str, Any]

ENDS = ("gateway", *LEVELS, "zone")
"""What a leg may join, from the outside world to the customer."""

TAKERS = 3
"""Most places that are named as taking over in an outage."""


def exchange_legs(instance: Instance) -> dict[str, str]:
    """Leg on which each in-city commodity (as delivered) is exchanged."""
    goods = [item for item in instance.structure.commodities if item.exchange_with is not None]
    return {item.id: f"{item.chain[0]}-{item.chain[0]}" for item in goods}


def exchanged(instance: Instance, plan: Plan, period: str) -> pd.DataFrame:
    """In-city goods between facilities in a period, in the columns of the flows; from collection to delivery."""
    rows = plan.exchanges[(plan.exchanges["period"] == period) & (plan.exchanges["t_d"] > 0)]
    rows = rows[rows["origin"] != rows["destination"]]
    return rows.assign(leg=rows["commodity"].map(exchange_legs(instance)).astype("str"))


def hauled(instance: Instance, plan: Plan, period: str) -> pd.DataFrame:
    """Flows and exchanges of a period with the ``km`` of their arcs; columns ``leg``, ``mode``, ``t_d``, ``km``."""
    key = ["leg", "origin", "destination", "mode"]
    arcs = instance.arcs[[*key, "km"]]
    flows = plan.flows.loc[plan.flows["period"] == period, [*key, "t_d"]].merge(arcs, on=key, how="left")
    moved = exchanged(instance, plan, period)[[*key, "t_d"]]
    if moved.empty:
        return flows
    turned = arcs.rename(columns={"origin": "destination", "destination": "origin"})
    both = pd.concat([arcs, turned], ignore_index=True).drop_duplicates(key)
    return pd.concat([flows, moved.merge(both, on=key, how="left")], ignore_index=True)


def carbon(instance: Instance, plan: Plan, kpi: Mapping[str, float]) -> list[Record]:
    """Transport by leg in the last period: tonnes (t/d), tonne-km (a day), mean km and emission (kg CO2e a year).

    ``kpi`` are the indicators of that period; emissions hold those of empty running.
    """
    table = hauled(instance, plan, instance.structure.periods[-1].id)
    table["t_km"] = table["t_d"] * table["km"]
    found = []
    for leg, group in table.groupby("leg", sort=False):
        tonnes, work = float(group["t_d"].sum()), float(group["t_km"].sum())
        mean, kg = work / tonnes if tonnes else None, kpi.get(f"kgco2e_year.leg.{leg}", 0.0)
        found.append({"leg": str(leg), "t_d": tonnes, "t_km": work, "km": mean, "kg": kg})
    return sorted(found, key=lambda row: [ENDS.index(end) for end in row["leg"].split("-")])


def modes(instance: Instance, plan: Plan, period: str | None = None) -> list[Record]:
    """What each mode carries in a period (the last), in t/d over all arcs, against its capacity, and in t-km a day."""
    table = hauled(instance, plan, period or instance.structure.periods[-1].id)
    table["t_km"] = table["t_d"] * table["km"]
    sums = table.groupby("mode")[["t_d", "t_km"]].sum()
    total = float(sums["t_km"].sum())
    found = []
    for item in instance.structure.modes:
        if item.id not in sums.index and item.capacity_t_d is None:
            continue
        used, work = (float(sums[name].get(item.id, 0.0)) for name in ("t_d", "t_km"))
        found.append(
            {
                "name": names_of(item.model_dump()),
                "kind": item.kind,
                "t_d": used,
                "t_km": work,
                "share": work / total if total else 0.0,
                "capacity": item.capacity_t_d,
                "use": used / item.capacity_t_d if item.capacity_t_d else None,
            }
        )
    return found


def exchanges(instance: Instance, plan: Plan, period: str | None = None) -> list[Record]:
    """In-city goods of a period (the last; t/d): in all, within one facility, and between facilities."""
    rows = plan.exchanges[plan.exchanges["period"] == (period or instance.structure.periods[-1].id)]
    names = {item.id: names_of(item.model_dump()) for item in instance.structure.commodities}
    found = []
    for commodity, group in rows.groupby("commodity", sort=False):
        total = float(group["t_d"].sum())
        inside = float(group.loc[group["origin"] == group["destination"], "t_d"].sum())
        share = (total - inside) / total if total else 0.0
        name = names[str(commodity)]
        found.append({"name": name, "total": total, "inside": inside, "between": total - inside, "share": share})
    return found


def outages(instance: Instance, policy: Policy, plan: Plan, period: str | None = None) -> list[Record]:
    """Outages of a period (the last) that the plan answers with flows of their own, the worst first.

    ``share`` of the demand through hubs that is served all the same, ``least`` that is asked, ``takers``: where most is
    taken over, with the t/d that come on top of the plan.
    """
    period = period or instance.structure.periods[-1].id
    rows = plan.outages[plan.outages["period"] == period]
    if rows.empty or not policy.holds("resilience"):
        return []
    below = {item.id: item.legs[0] for item in instance.structure.commodities if item.chain[0] == "hub"}
    demand = instance.demand
    asked = float(demand.loc[(demand["period"] == period) & demand["commodity"].isin(list(below)), "t_d"].sum())
    names = {str(row["id"]): names_of(row) for table in (instance.sites, instance.gateways) for row in rows_of(table)}
    gateways, floors = set(instance.gateways["id"]), instance.structure.resilience
    own = plan.flows[(plan.flows["period"] == period) & plan.flows["commodity"].isin(list(below))]
    found = []
    for outage, group in rows.groupby("outage", sort=False):
        is_gateway = outage in gateways
        served = float(group.loc[group["leg"] == group["commodity"].map(below), "t_d"].sum())
        more = _more(group, own, is_gateway, below)
        takers = [(names[str(name)], float(t_d)) for name, t_d in more.items() if t_d > 1e-6 and name != outage]
        found.append(
            {
                "name": names[str(outage)],
                "period": period,
                "kind": "gateway" if is_gateway else "hub",
                "share": served / asked if asked else 1.0,
                "least": floors.gateway_outage_share if is_gateway else floors.hub_outage_share,
                "takers": takers[:TAKERS],
                "others": max(0, len(takers) - TAKERS),
            }
        )
    return sorted(found, key=lambda row: row["share"])


def _more(rows: pd.DataFrame, own: pd.DataFrame, by_gateway: bool, below: Mapping[str, str]) -> pd.Series:
    """t/d that each gateway, or each hub, carries in ``rows`` beyond what it does in ``own``, most first."""
    sums = []
    for table in (rows, own):
        chosen = table["leg"] == ("gateway-hub" if by_gateway else table["commodity"].map(below))
        sums.append(table[chosen].groupby("origin")["t_d"].sum())
    return sums[0].sub(sums[1], fill_value=0.0).sort_values(ascending=False, kind="stable")
