"""Doubts about who can be served: zones without demand, demand without a way, facilities that nothing reaches."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hubopt.instance.draft import Draft
from hubopt.instance.errors import Problem
from hubopt.instance.rules.magnitudes import doubted
from hubopt.instance.types import Commodity, Structure


def usable_arcs(draft: Draft, structure: Structure) -> pd.DataFrame:
    """Arcs within the hard limits of their leg."""
    arcs = draft.tables["arcs"]
    kept = pd.Series(True, index=arcs.index)
    for limit in structure.service.limits:
        own = arcs["leg"] == limit.leg
        if limit.max_km is not None:
            kept &= ~own | (arcs["km"] <= limit.max_km)
        if limit.max_minutes is not None:
            kept &= ~own | (arcs["minutes"] <= limit.max_minutes)
    return arcs[kept]


def _starts(draft: Draft, item: Commodity, arcs: pd.DataFrame) -> set[str]:
    """Facilities of the first level that goods can start from: all of them, or those behind an admitted gateway."""
    sites = draft.tables["sites"]
    first = set(sites.loc[(sites["level"] == item.chain[0]) & (sites["forced"] != "closed"), "id"])
    admissions = draft.tables["admissions"]
    gateways = set(admissions.loc[admissions["commodity"] == item.id, "gateway"])
    if not gateways:
        return first
    behind = arcs[(arcs["leg"] == item.gateway_leg) & arcs["origin"].isin(gateways)]
    return first & set(behind["destination"])


def reached_zones(draft: Draft, item: Commodity, arcs: pd.DataFrame) -> set[str]:
    """Zones to which a chain of arcs leads for a commodity."""
    reached = _starts(draft, item, arcs)
    sites = draft.tables["sites"]
    closed = set(sites.loc[sites["forced"] == "closed", "id"])
    for leg in item.legs:
        reached = set(arcs.loc[(arcs["leg"] == leg) & arcs["origin"].isin(reached), "destination"]) - closed
    return reached


def demand_can_be_reached(draft: Draft) -> Iterator[Problem]:
    """For every zone's demand there is a chain of arcs from a gateway (or first level) within the hard limits."""
    if draft.structure is None:
        return
    demand, zones = draft.tables["demand"], draft.tables["zones"]
    arcs = usable_arcs(draft, draft.structure)
    bare: dict[str, set[str]] = {}
    cut_off: dict[str, set[str]] = {}
    names: dict[str, list[str]] = {}
    for item in draft.structure.commodities:
        asked = set(demand.loc[(demand["commodity"] == item.id) & (demand["t_d"] > 0), "zone"])
        lost = asked - reached_zones(draft, item, arcs)
        if lost:
            last = item.legs[-1]
            served = set(arcs.loc[arcs["leg"] == last, "destination"])
            bare.setdefault(last, set()).update(lost - served)
            cut_off.setdefault(last, set()).update(lost & served)
            names.setdefault(last, []).append(item.id)
    for last, goods in names.items():
        what = ", ".join(goods)
        message = f"cannot get {what}: no arc of leg {last!r} reaches it within the limits, so that demand stays unmet"
        mend = f"add arcs on leg {last!r}, or widen its limit"
        yield from doubted(draft, "zones", "id", zones["id"].isin(bare[last]), message, mend)
        message = f"cannot get {what}: nothing that reaches it on leg {last!r} is itself reached"
        mend = f"look at the arcs and admissions above leg {last!r}"
        yield from doubted(draft, "zones", "id", zones["id"].isin(cut_off[last]), message, mend)


def zones_have_demand(draft: Draft) -> Iterator[Problem]:
    """Every zone demands something."""
    zones, demand = draft.tables["zones"], draft.tables["demand"]
    asked = set(demand.loc[demand["t_d"] > 0, "zone"])
    wrong = ~zones["id"].isin(asked)
    if wrong.any() and not demand.empty:
        yield from doubted(draft, "zones", "id", wrong, "has no demand", "give its demand, or take the zone out")


def sites_have_arcs(draft: Draft) -> Iterator[Problem]:
    """Every site is an end of some arc, so that it can be of use."""
    sites, arcs = draft.tables["sites"], draft.tables["arcs"]
    used = set(arcs["origin"]) | set(arcs["destination"])
    wrong = ~sites["id"].isin(used)
    if not arcs.empty:
        yield from doubted(
            draft, "sites", "id", wrong, "has no arc and can serve nobody", "add arcs, or take the site out"
        )


RULES = (demand_can_be_reached, zones_have_demand, sites_have_arcs)
