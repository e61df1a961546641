"""Resilience: flows that take over when a hub or gateway is out, verified one outage at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from hubopt.check.case import GATEWAY
from hubopt.check.facts import Facts, remembered, summed
from hubopt.check.history import working_modules
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import FEASIBILITY, above, carries, slack

OUTAGE = ["period", "outage"]


def _where(facts: Facts, row: Any) -> str:
    """An outage as a message names it."""
    kind = GATEWAY if row.outage in facts.case.ids(GATEWAY) else "hub"
    return f"outage of {facts.case.place(kind, row.outage, row.period)}"


@remembered
def _goods(facts: Facts) -> pd.DataFrame:
    """What is rerouted: ``commodity``, ``below`` (leg below its hubs), ``fed`` (whether it comes from gateways)."""
    rows = [
        (item.id, item.legs[0], item.id in facts.case.admitted)
        for item in facts.case.instance.structure.commodities
        if item.chain[0] == "hub"
    ]
    return pd.DataFrame(rows, columns=["commodity", "below", "fed"])


def asked_demand(facts: Facts) -> pd.Series:
    """Demand (t/d) of everything whose chain starts at a hub, by period."""
    rows = facts.case.demand[facts.case.demand["commodity"].isin(_goods(facts)["commodity"])]
    return rows.groupby("period")["t_d"].sum().reindex(facts.case.periods.index).fillna(0.0)


@remembered
def _below_hubs(facts: Facts) -> pd.DataFrame:
    """The plan's own flows from hubs to what lies below."""
    rows = facts.flows.merge(_goods(facts), on="commodity")
    below: pd.DataFrame = rows[rows["leg"] == rows["below"]]
    return below


@remembered
def _used(facts: Facts) -> pd.DataFrame:
    """Outage flows that carry something, with :func:`_goods` and ``side``: above or below the hubs, or elsewhere."""
    rows = facts.outages[carries(facts.outages["t_d"])].merge(_goods(facts), on="commodity", how="left")
    above_hub = (rows["leg"] == "gateway-hub") & (rows["upper"] != "")
    side = np.select([above_hub, rows["leg"] == rows["below"]], ["above", "below"], "elsewhere")
    sided: pd.DataFrame = rows.assign(side=side)
    return sided


def outage_arcs(facts: Facts) -> Iterator[Finding]:
    """In an outage goods run on allowed arcs above and below open hubs, as admitted, and not by what is out."""
    case, rows = facts.case, _used(facts)
    hub = rows["destination"].where(rows["side"] == "above", rows["origin"])
    types = {item.id: item for item in case.instance.structure.hub_types} if case.policy.holds("hub_types") else {}
    admitted = set(zip(case.instance.admissions["gateway"], case.instance.admissions["commodity"], strict=True))
    is_open = facts.is_open(rows["period"], hub)
    for row, place, opened in zip(each(rows), hub, is_open, strict=False):
        kind = types.get(str(case.sites["hub_type"].get(place, "")))
        reason = ""
        if row.side == "elsewhere":
            reason = f"which is not rerouted on leg {row.leg}"
        elif row.outage in (row.origin, row.destination):
            reason = f"though {row.outage} is out"
        elif np.isnan(row.km):
            reason = "but there is no such arc"
        elif not row.allowed:
            reason = "but the arc lies beyond the leg's limit"
        elif not opened:
            reason = f"but {place} is not open"
        elif row.side == "above" and (row.origin, row.commodity) not in admitted:
            reason = f"which is not admitted at {row.origin}"
        elif kind is not None and kind.commodities is not None and row.commodity not in kind.commodities:
            reason = f"which hubs of type {kind.id} do not handle"
        elif (
            row.side == "above"
            and kind is not None
            and kind.gateway_kinds is not None
            and case.gateways["kind"][row.origin] not in kind.gateway_kinds
        ):
            reason = f"but hubs of type {kind.id} do not serve such gateways"
        if reason:
            link = case.link(row.leg, row.origin, row.destination)
            message = f"{link} carries {shown(row.t_d)} t/d of {row.commodity} by {row.mode}, {reason}"
            yield Finding("outage_arcs", message, _where(facts, row), row.t_d, 0.0)


def outage_balance(facts: Facts) -> Iterator[Finding]:
    """In an outage what enters a hub leaves it, commodity by commodity, if it comes from gateways."""
    rows = _used(facts)
    rows = rows[rows["fed"].astype(object).eq(True)]
    key = [*OUTAGE, "hub", "commodity"]
    into = rows[rows["side"] == "above"].rename(columns={"destination": "hub"}).groupby(key)["t_d"].sum()
    out = rows[rows["side"] == "below"].rename(columns={"origin": "hub"}).groupby(key)["t_d"].sum()
    sums = pd.concat({"inflow": into, "outflow": out}, axis=1).fillna(0.0)
    sums.index = sums.index.set_names(key)
    size = sums.max(axis=1)
    for row in each(sums[(sums["inflow"] - sums["outflow"]).abs() > slack(size)].reset_index()):
        message = f"{row.commodity}: {shown(row.inflow)} t/d enter hub {row.hub}, but {shown(row.outflow)} t/d leave it"
        yield Finding("outage_balance", message, _where(facts, row), row.inflow, row.outflow)


def _rooms(facts: Facts) -> pd.DataFrame:
    """Room (t/d) of the open hubs by period, hub and requirement (``all``: everything)."""
    table = facts.facilities[(facts.facilities["modules"] > 0) & (facts.facilities["level"] == "hub")]
    modules = working_modules(facts.case, table)
    offered = {"all": facts.case.offered("ambient")}
    if facts.case.policy.holds("requirements"):
        offered |= {
            need: facts.case.offered(need) for need in sorted(set(facts.case.needs["requirement"]) - {"ambient"})
        }
    parts = []
    for need, by_design in offered.items():
        room = modules * table["design"].map(by_design).to_numpy(dtype=float)
        parts.append(table[["period", "site"]].assign(need=need, room=room).rename(columns={"site": "hub"}))
    return pd.concat(parts, ignore_index=True)


def outage_capacity(facts: Facts) -> Iterator[Finding]:
    """In an outage the hubs, what they offer for classes of handling, and the gateways keep their capacities."""
    case, rows = facts.case, _used(facts)
    below = rows[rows["side"] == "below"].rename(columns={"origin": "hub"})
    needs = case.needs[case.needs["level"] == "hub"].set_index("commodity")["requirement"]
    below = below.assign(need=below["commodity"].map(needs))
    every = pd.concat([below.assign(need="all"), below[below["need"] != "ambient"]], ignore_index=True)
    loads = summed(every, [*OUTAGE, "hub", "need"]).merge(_rooms(facts), on=["period", "hub", "need"])
    for row in each(loads[above(loads["t_d"], loads["room"])]):
        goods = "" if row.need == "all" else f" of {row.need} goods"
        message = f"hub {row.hub} handles {shown(row.t_d)} t/d{goods}, but takes {shown(row.room)} t/d"
        yield Finding("outage_capacity", message, _where(facts, row), row.t_d, row.room)
    if not case.policy.holds("gateway_capacity"):
        return
    for row in each(summed(rows[rows["side"] == "above"], [*OUTAGE, "origin"])):
        room = float(case.gateway_rooms(row.period).get(row.origin, np.nan))
        if above(row.t_d, room):
            message = f"gateway {row.origin} carries {shown(row.t_d)} t/d, but takes {shown(room)} t/d"
            yield Finding("outage_capacity", message, _where(facts, row), row.t_d, room)


def outage_delivery(facts: Facts) -> Iterator[Finding]:
    """In an outage nothing below the hubs gets more of a commodity from them than it handles in the plan."""
    key = ["period", "destination", "commodity"]
    planned = _below_hubs(facts).groupby(key)["t_d"].sum().rename("planned")
    rows = _used(facts)
    rows = summed(rows[rows["side"] == "below"], [*OUTAGE, "destination", "commodity"])
    rows = rows.join(planned, on=key).fillna({"planned": 0.0})
    for row in each(rows[above(rows["t_d"], rows["planned"])]):
        message = (
            f"{row.destination} gets {shown(row.t_d)} t/d of {row.commodity}, but {shown(row.planned)} t/d in the plan"
        )
        yield Finding("outage_delivery", message, _where(facts, row), row.t_d, row.planned)


@remembered
def outage_shares(facts: Facts) -> pd.DataFrame:
    """What is served in each outage that the policy asks about: ``period``, ``outage``, ``share``, ``least``.

    Shares are of the demand of everything whose chain starts at a hub (1 where there is none). An outage without rows
    is proven by the plan's own flows: those that pass another hub, or all of them if the gateway carries nothing.
    """
    case, asked = facts.case, asked_demand(facts)
    floors = case.instance.structure.resilience
    outs = [(hub, floors.hub_outage_share) for hub in sorted(case.ids("hub"))]
    outs += [(gateway, floors.gateway_outage_share) for gateway in sorted(case.ids(GATEWAY))]
    given = _used(facts)
    given = summed(given[given["side"] == "below"], OUTAGE)
    listed = set(zip(facts.outages["period"], facts.outages["outage"], strict=True))
    own = _below_hubs(facts)
    entering = facts.gateway_flows[facts.gateway_flows["commodity"].isin(_goods(facts)["commodity"])]
    busy = set(zip(*(entering.loc[carries(entering["t_d"]), name] for name in ("period", "gateway")), strict=True))
    rows = []
    for period in case.periods.index if case.policy.holds("resilience") else []:
        planned = own[own["period"] == period]
        for outage, least in outs:
            if least <= 0:
                continue
            if (period, outage) in listed:
                served = float(given.loc[(given["period"] == period) & (given["outage"] == outage), "t_d"].sum())
            elif (period, outage) in busy:
                served = 0.0
            else:
                served = float(planned.loc[planned["origin"] != outage, "t_d"].sum())
            total = float(asked[period])
            rows.append((period, outage, served / total if total > 0 else 1.0, least))
    return pd.DataFrame(rows, columns=[*OUTAGE, "share", "least"])


def outage_share(facts: Facts) -> Iterator[Finding]:
    """At least the asked share of demand is served when any one hub or any one gateway is out."""
    rows = outage_shares(facts)
    for row in each(rows[rows["share"] < rows["least"] - FEASIBILITY]):
        message = f"{shown(100 * row.share)} % of demand is served, but {shown(100 * row.least)} % must be"
        yield Finding("outage_share", message, _where(facts, row), row.share, row.least)
