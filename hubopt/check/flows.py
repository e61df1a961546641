"""Rules on flows: where they may run, that nothing is lost or made, and that it fits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hubopt.check.case import ARC, ZONE
from hubopt.check.exchange import exchanges
from hubopt.check.facts import Facts, remembered
from hubopt.check.history import working_modules
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import above, below, carries, slack


@remembered
def _linked_pairs(facts: Facts) -> pd.DataFrame:
    """Assigned pairs with ``known`` (some arc joins them) and ``allowed`` (some arc within the hard limits does)."""
    pair = ARC[:-1]
    allowed = facts.case.arcs.groupby(pair, sort=False)["allowed"].any()
    status = allowed.reindex(pd.MultiIndex.from_frame(facts.links[pair]))
    return facts.links.assign(known=status.notna().to_numpy(), allowed=status.eq(True).to_numpy(dtype=bool))


def arcs(facts: Facts) -> Iterator[Finding]:
    """Flows run on arcs of the instance, by a mode that the arc has; links join ends that have an arc."""
    for row in each(facts.flows[facts.flows["km"].isna()]):
        where = facts.case.link(row.leg, row.origin, row.destination, row.period)
        yield Finding("arcs", f"carries {shown(row.t_d)} t/d by {row.mode}, but there is no such arc", where, row.t_d)
    links = _linked_pairs(facts)
    for row in each(links[~links["known"]]):
        where = facts.case.link(row.leg, row.origin, row.destination, row.period)
        yield Finding("arcs", "is assigned, but no arc joins the two", where)


def service_limits(facts: Facts) -> Iterator[Finding]:
    """Arcs beyond the hard limit of their leg carry nothing and are not assigned."""
    limits = {limit.leg: limit for limit in facts.case.instance.structure.service.limits}

    def told(leg: str) -> str:
        limit = limits[leg]
        parts = [f"{shown(limit.max_km)} km"] if limit.max_km is not None else []
        parts += [f"{shown(limit.max_minutes)} min"] if limit.max_minutes is not None else []
        return " and ".join(parts)

    flows = facts.flows[facts.flows["km"].notna() & ~facts.flows["allowed"] & carries(facts.flows["t_d"])]
    for row in each(flows):
        where = facts.case.link(row.leg, row.origin, row.destination, row.period)
        message = f"is {shown(row.km)} km and {shown(row.minutes)} min long, but leg {row.leg} ends at {told(row.leg)}"
        limit = limits[row.leg]
        if limit.max_km is not None and row.km > limit.max_km:
            yield Finding("service_limits", message, where, row.km, limit.max_km)
        else:
            yield Finding("service_limits", message, where, row.minutes, limit.max_minutes)
    links = _linked_pairs(facts)
    for row in each(links[links["known"] & ~links["allowed"]]):
        where = facts.case.link(row.leg, row.origin, row.destination, row.period)
        yield Finding("service_limits", f"is assigned, but lies beyond the leg's limit of {told(row.leg)}", where)


def commodity_legs(facts: Facts) -> Iterator[Finding]:
    """A commodity travels only on the legs of its chain, and from gateways only if some are admitted for it."""
    for row in each(facts.flows[(facts.flows["upper"] == "") & carries(facts.flows["t_d"])]):
        where = facts.case.link(row.leg, row.origin, row.destination, row.period)
        message = f"carries {shown(row.t_d)} t/d of {row.commodity}, which does not travel on leg {row.leg}"
        yield Finding("commodity_legs", message, where, row.t_d, 0.0)


def open_before_use(facts: Facts) -> Iterator[Finding]:
    """Flows and links only touch facilities that are open in the period."""
    flows, moved = (rows[carries(rows["t_d"])] for rows in (facts.flows, exchanges(facts)))
    for rows, verb in ((flows, "carries goods"), (moved, "exchanges goods"), (facts.links, "is assigned")):
        for column in ("origin", "destination"):
            for row in each(rows[facts.closed_end(rows, column)]):
                where = facts.case.link(row.leg, row.origin, row.destination, row.period)
                amount = None if verb == "is assigned" else float(row.t_d)
                yield Finding("open_before_use", f"{verb}, but {getattr(row, column)} is not open", where, amount)


def conservation(facts: Facts) -> Iterator[Finding]:
    """What enters a facility leaves it, commodity by commodity; a first level without gateways is a free source."""
    steps = facts.case.steps
    fed = steps.loc[steps["lower"] != ZONE, ["commodity", "lower"]].rename(columns={"lower": "level"})
    rows = facts.site_flows.join(facts.case.sites["level"], on="site").merge(fed, on=["commodity", "level"])
    size = np.maximum(rows["inflow"].abs(), rows["outflow"].abs())
    for row in each(rows[(rows["inflow"] - rows["outflow"]).abs() > slack(size)]):
        message = f"{row.commodity}: {shown(row.inflow)} t/d come in, but {shown(row.outflow)} t/d go out"
        yield Finding("conservation", message, facts.case.site(row.site, row.period), row.inflow, row.outflow)


def over_delivery(facts: Facts) -> Iterator[Finding]:
    """No zone gets more of a commodity than it asks for."""
    rows = facts.carried
    for row in each(rows[above(rows["delivered"], rows["demand"])]):
        message = f"{row.commodity}: gets {shown(row.delivered)} t/d, but asks for {shown(row.demand)} t/d"
        where = facts.case.place(ZONE, row.zone, row.period)
        yield Finding("over_delivery", message, where, row.delivered, row.demand)


def demand_met(facts: Facts) -> Iterator[Finding]:
    """Zones get all that they ask for of commodities whose demand must be met."""
    rows = facts.carried[facts.carried["commodity"].map(facts.case.commodities["must_be_met"]).astype(bool)]
    for row in each(rows[below(rows["delivered"], rows["demand"])]):
        message = f"{row.commodity}: gets {shown(row.delivered)} t/d, but must get all of {shown(row.demand)} t/d"
        where = facts.case.place(ZONE, row.zone, row.period)
        yield Finding("demand_met", message, where, row.delivered, row.demand)


def mode_goods(facts: Facts) -> Iterator[Finding]:
    """Modes that are for some commodities only carry no others."""
    for rows in (facts.used, exchanges(facts)):
        pairs = pd.MultiIndex.from_frame(rows[["mode", "commodity"]])
        for row in each(rows[pairs.isin(list(facts.case.barred)) & carries(rows["t_d"])]):
            where = facts.case.link(row.leg, row.origin, row.destination, row.period)
            message = f"carries {shown(row.t_d)} t/d of {row.commodity} by {row.mode}, which does not carry it"
            yield Finding("mode_goods", message, where, row.t_d, 0.0)


def own_zone(facts: Facts) -> Iterator[Finding]:
    """A zone is served by no other site of the level while the site in its own place is open."""
    zones = facts.case.instance.zones
    usable = facts.case.sites["availability"] > 0
    home = {z: i if usable.get(i, False) else "" for z, i in zip(zones["id"], zones["own_site"], strict=True)}
    serving = pd.concat([facts.pairs, facts.links]).drop_duplicates()
    serving = serving.assign(own=serving["destination"].map(home).fillna(""))
    serving = serving[(serving["own"] != "") & (serving["own"] != serving["origin"])]
    same = serving["own"].map(facts.case.sites["level"]) == serving["origin"].map(facts.case.sites["level"])
    for row in each(serving[same & facts.is_open(serving["period"], serving["own"])]):
        message = f"is served by {row.origin}, although the site in its own place, {row.own}, is open"
        yield Finding("own_zone", message, facts.case.place(ZONE, row.destination, row.period))


def capacity(facts: Facts) -> Iterator[Finding]:
    """The throughput of a facility fits into its modules, less those that are out of use while they are converted.

    Designs with a price of overflow may take more, unless nothing of the site is available.
    """
    rows = facts.facilities
    stretches = rows["design"].map(facts.case.overflow).notna()
    stretches &= rows["site"].map(facts.case.sites["availability"]) > 0
    full = (rows["modules"] > 0) & above(rows["throughput_t_d"], rows["capacity_t_d"]) & ~stretches
    for row in each(rows[full]):
        message = (
            f"handles {shown(row.throughput_t_d)} t/d, but {row.modules} modules of {row.design} "
            f"take {shown(row.capacity_t_d)} t/d"
        )
        where = facts.case.site(row.site, row.period)
        yield Finding("capacity", message, where, row.throughput_t_d, row.capacity_t_d)


def requirements(facts: Facts) -> Iterator[Finding]:
    """Goods of a class of handling (bonded, cold, ...) fit into what the modules offer for it, where they need it."""
    flows = facts.site_flows.join(facts.case.sites["level"], on="site").merge(
        facts.case.needs, on=["commodity", "level"]
    )
    sums = flows.groupby(["period", "site", "requirement"])["outflow"].sum()
    table = facts.facilities[facts.facilities["modules"] > 0]
    working = working_modules(facts.case, table)
    for requirement in sorted(set(facts.case.needs["requirement"]) - {"ambient"}):
        keys = pd.MultiIndex.from_frame(table[["period", "site"]].assign(requirement=requirement))
        rows = table.assign(load=sums.reindex(keys).fillna(0.0).to_numpy(dtype=float))
        rows = rows.assign(room=working * rows["design"].map(facts.case.offered(requirement)).astype(float))
        for row in each(rows[above(rows["load"], rows["room"])]):
            message = (
                f"handles {shown(row.load)} t/d of {requirement} goods, but {row.modules} modules "
                f"of {row.design} take {shown(row.room)} t/d of them"
            )
            yield Finding("requirements", message, facts.case.site(row.site, row.period), row.load, row.room)
