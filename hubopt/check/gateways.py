"""Rules on gateways and on the division of labour between hubs."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hubopt.check.case import GATEWAY, ends
from hubopt.check.facts import Facts
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import above, below, carries
from hubopt.instance.types import HubType


def admissions(facts: Facts) -> Iterator[Finding]:
    """A commodity passes only gateways that are admitted for it."""
    admitted = pd.MultiIndex.from_frame(facts.case.instance.admissions[["gateway", "commodity"]])
    rows = facts.gateway_flows[carries(facts.gateway_flows["t_d"])]
    for row in each(rows[~pd.MultiIndex.from_frame(rows[["gateway", "commodity"]]).isin(admitted)]):
        message = f"carries {shown(row.t_d)} t/d of {row.commodity}, which is not admitted there"
        yield Finding("admissions", message, facts.case.place(GATEWAY, row.gateway, row.period), row.t_d, 0.0)


def gateway_capacity(facts: Facts) -> Iterator[Finding]:
    """All flows of a gateway together keep its capacity of the period (0 if the policy closes it)."""
    sums = facts.gateway_flows.groupby(["period", "gateway"], as_index=False)["t_d"].sum()
    rooms = pd.concat({period: facts.case.gateway_rooms(period) for period in facts.case.periods.index})
    rows = sums.join(rooms.rename_axis(["period", "gateway"]).rename("capacity_t_d"), on=["period", "gateway"])
    for row in each(rows[above(rows["t_d"], rows["capacity_t_d"])]):
        message = f"carries {shown(row.t_d)} t/d, but its capacity is {shown(row.capacity_t_d)} t/d"
        where = facts.case.place(GATEWAY, row.gateway, row.period)
        yield Finding("gateway_capacity", message, where, row.t_d, row.capacity_t_d)


def gateway_shares(facts: Facts) -> Iterator[Finding]:
    """A gateway's share of a commodity's gateway tonnage keeps the bounds of its admission."""
    flows = facts.gateway_flows.set_index(["period", "commodity", "gateway"])["t_d"]
    totals = facts.gateway_flows.groupby(["period", "commodity"])["t_d"].sum()
    for row in each(facts.case.instance.admissions):
        for period in facts.case.periods.index:
            total = float(totals.get((period, row.commodity), 0.0))
            value = float(flows.get((period, row.commodity, row.gateway), 0.0))
            least, most = row.min_share * total, row.max_share * total
            where = facts.case.place(GATEWAY, row.gateway, period)
            for broken, word, limit in ((below(value, least), "least", least), (above(value, most), "most", most)):
                if broken:
                    message = (
                        f"carries {shown(value)} t/d of {row.commodity}, but its {word} share of "
                        f"{shown(total)} t/d is {shown(limit)} t/d"
                    )
                    yield Finding("gateway_shares", message, where, value, limit)


def _types(facts: Facts) -> dict[str, HubType]:
    return {item.id: item for item in facts.case.instance.structure.hub_types}


def hub_type_gateways(facts: Facts) -> Iterator[Finding]:
    """A hub takes goods only from gateways of the kinds that its type serves."""
    rows = pd.concat([facts.pairs, facts.links]).drop_duplicates()
    rows = rows[rows["leg"].map({leg: ends(str(leg)) == (GATEWAY, "hub") for leg in rows["leg"].unique()}).astype(bool)]
    rows = rows.join(facts.case.sites["hub_type"], on="destination").join(facts.case.gateways["kind"], on="origin")
    for name, item in _types(facts).items():
        if item.gateway_kinds is None:
            continue
        wrong = rows[(rows["hub_type"] == name) & ~rows["kind"].isin(item.gateway_kinds)]
        for row in each(wrong):
            served = ", ".join(item.gateway_kinds)
            message = f"links a {row.kind} gateway with a hub of type {name}, which serves {served}"
            where = facts.case.link(row.leg, row.origin, row.destination, row.period)
            yield Finding("hub_type_gateways", message, where)


def hub_type_commodities(facts: Facts) -> Iterator[Finding]:
    """A hub handles only the commodities of its type."""
    rows = facts.site_flows.join(facts.case.sites["hub_type"], on="site")
    rows = rows[carries(rows["inflow"]) | carries(rows["outflow"])]
    for name, item in _types(facts).items():
        if item.commodities is None:
            continue
        wrong = rows[(rows["hub_type"] == name) & ~rows["commodity"].isin(item.commodities)]
        for row in each(wrong):
            amount = max(row.inflow, row.outflow)
            message = f"handles {shown(amount)} t/d of {row.commodity}, which hubs of type {name} do not"
            yield Finding("hub_type_commodities", message, facts.case.site(row.site, row.period), amount, 0.0)
