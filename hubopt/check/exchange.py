"""In-city goods: what is collected where, what is delivered where, and that the exchange joins the two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hubopt.check.case import ARC, ARC_FIGURES, ZONE
from hubopt.check.facts import Facts, remembered, summed
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import carries, slack
from hubopt.instance.types import Commodity
from hubopt.solution.types import EXCHANGE_COLUMNS


def _both_ways(facts: Facts) -> pd.DataFrame:
    """Arcs between facilities of one level as they stand (``forth``) and, where the reverse is not listed, reversed."""
    arcs = facts.case.arcs
    arcs = arcs[
        arcs["leg"].map({leg: leg.split("-")[0] == leg.split("-")[1] for leg in arcs["leg"].unique()}).astype(bool)
    ]
    turned = arcs.rename(columns={"origin": "destination", "destination": "origin"})[arcs.columns]
    both = pd.concat([arcs.assign(forth=True), turned.assign(forth=False)], ignore_index=True)
    return both.drop_duplicates(ARC, keep="first")


@remembered
def exchanges(facts: Facts) -> pd.DataFrame:
    """Exchanges with known ids and their arc: the plan's columns, ``leg``, the arc's figures and what it allows.

    ``inside``: within one facility, where no arc is needed. ``forth``: from the origin of the arc to its destination
    (the arc serves both ways). Figures are NaN where there is no arc. Empty if the policy switches the exchange off.
    """
    case, rows = facts.case, facts.tables["exchanges"]
    level = rows["commodity"].map({name: str(item.chain[0]) for name, item in case.exchanged.items()}).astype(object)
    legs = rows["commodity"].map({name: item.exchange_leg for name, item in case.exchanged.items()}).astype(object)
    rows = rows.assign(leg=legs, inside=rows["origin"] == rows["destination"])
    known = rows["period"].isin(case.periods.index) & level.notna() & rows["group"].isin(set(case.groups))
    known &= (rows["mode"].isin(case.modes.index)) | (rows["inside"] & (rows["mode"] == ""))
    for column in ("origin", "destination"):
        known &= rows[column].map(case.sites["level"]) == level
    rows = rows[known & np.isfinite(rows["t_d"])].merge(
        _both_ways(facts)[[*ARC, *ARC_FIGURES, "allowed", "forth"]], on=ARC, how="left"
    )
    rows["allowed"] = rows["allowed"].astype(object).eq(True)
    rows["forth"] = rows["forth"].astype(object).eq(True)
    ordered: pd.DataFrame = rows.sort_values([*EXCHANGE_COLUMNS[:-1], "t_d"], ignore_index=True)
    return ordered


@remembered
def origin_shares(facts: Facts, commodity: Commodity) -> pd.DataFrame:
    """Where a zone's in-city goods come from: ``period``, ``zone``, ``group``, ``share``.

    The exchange table's shares; for zones without a row there, every group by its part in what all zones send.
    """
    case = facts.case
    table = case.instance.exchange
    table = table[table["commodity"] == commodity.id]
    sent = case.demand[case.demand["commodity"] == commodity.exchange_with]
    sent = summed(sent.assign(group=sent["zone"].map(case.groups)), ["period", "group"])
    zones = [zone for zone in case.instance.zones["id"] if zone not in set(table["zone"])]
    rows: list[tuple[object, ...]] = []
    for period in case.periods.index:
        rows += [(period, row.zone, row.group, row.share) for row in each(table)]
        supply = sent[sent["period"] == period]
        total = float(supply["t_d"].sum())
        if total > 0:
            rows += [(period, zone, row.group, row.t_d / total) for zone in zones for row in each(supply)]
    return pd.DataFrame(rows, columns=["period", "zone", "group", "share"]).astype({"share": float})


def _zone_mix(facts: Facts, item: Commodity, partner: str) -> pd.DataFrame:
    """Groups in what a zone receives (``partner`` is the in-city goods) or sends: period, destination, group, share."""
    if partner == item.id:
        return origin_shares(facts, item).rename(columns={"zone": "destination"})
    zones = facts.case.groups.rename_axis("destination").reset_index().assign(share=1.0)
    return pd.concat([zones.assign(period=period) for period in facts.case.periods.index], ignore_index=True)


@remembered
def _mixes(facts: Facts, commodity: str, partner: str) -> pd.DataFrame:
    """Least and most tonnes a day of ``partner`` at each first-level facility by group: period, group, site, low, high.

    What a facility handles for a zone is mixed as the zone sends or receives it. Where a facility has several upper
    ends, any split of its mix over them is allowed: then only bounds follow, else ``low`` and ``high`` are the same.
    """
    item = facts.case.exchanged[commodity]
    goods = next(other for other in facts.case.instance.structure.commodities if other.id == partner)
    flows = facts.flows[facts.flows["commodity"] == partner]
    *upper_legs, last = goods.legs
    rows = flows[flows["leg"] == last].merge(_zone_mix(facts, item, partner), on=["period", "destination"])
    rows["low"] = rows["high"] = rows["t_d"] * rows["share"]
    key = ["period", "group", "origin"]
    mix = rows.groupby(key)[["low", "high"]].sum().reset_index()
    totals = summed(flows[flows["leg"] == last], ["period", "origin"])
    for leg in reversed(upper_legs):
        arcs = summed(flows[flows["leg"] == leg], ["period", "origin", "destination"])
        below = mix.merge(totals.rename(columns={"t_d": "total"}), on=["period", "origin"])
        rows = arcs.merge(below.rename(columns={"origin": "destination"}), on=["period", "destination"])
        others = rows["total"] - rows["low"]
        rows["low"] = (rows["t_d"] - others).clip(lower=0.0)
        rows["high"] = rows[["t_d", "high"]].min(axis=1)
        mix = rows.groupby(key)[["low", "high"]].sum().reset_index()
        totals = summed(arcs, ["period", "origin"])
    return mix.rename(columns={"origin": "site"})


def _sides(facts: Facts, item: Commodity) -> Iterator[tuple[str, str, str, pd.DataFrame]]:
    """Both ends of an exchange: the column of its facilities, the commodity there, a verb, the exchanges by cell."""
    rows = exchanges(facts)
    rows = rows[rows["commodity"] == item.id]
    for column, partner, verb in (
        ("origin", str(item.exchange_with), "collects"),
        ("destination", item.id, "delivers"),
    ):
        yield column, partner, verb, summed(rows.rename(columns={column: "site"}), ["period", "group", "site"])


def _beside(left: pd.DataFrame, right: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Sums of two tables of tonnes by key, side by side: ``true`` and ``given``, and whether they are ``off``."""
    true, given = (
        summed(table, key).rename(columns={"t_d": name}) for table, name in ((left, "true"), (right, "given"))
    )
    both = true.merge(given, on=key, how="outer").fillna({"true": 0.0, "given": 0.0})
    both["off"] = (both["true"] - both["given"]).abs() > slack(both[["true", "given"]].max(axis=1))
    return both


@remembered
def _balances(facts: Facts, commodity: str) -> pd.DataFrame:
    """Throughput beside what the exchange takes from or brings to each facility, at both ends."""
    item = facts.case.exchanged[commodity]
    at_level = facts.site_flows["site"].map(facts.case.sites["level"]) == item.chain[0]
    parts = []
    for column, partner, verb, given in _sides(facts, item):
        handled = facts.site_flows[at_level & (facts.site_flows["commodity"] == partner)]
        handled = handled.assign(t_d=handled["outflow"])
        parts.append(_beside(handled, given, ["period", "site"]).assign(end=column, partner=partner, verb=verb))
    return pd.concat(parts, ignore_index=True)


def exchange_balance(facts: Facts) -> Iterator[Finding]:
    """All that a first-level facility collects of in-city goods is exchanged, and all that it delivers has been."""
    for commodity in facts.case.exchanged:
        rows = _balances(facts, commodity)
        for row in each(rows[rows["off"]]):
            word = "leave" if row.end == "origin" else "reach"
            message = (
                f"{row.verb} {shown(row.true)} t/d of {row.partner}, but {shown(row.given)} t/d {word} it by exchange"
            )
            yield Finding("exchange_balance", message, facts.case.site(row.site, row.period), row.given, row.true)


def _group_totals(facts: Facts, item: Commodity, partner: str) -> pd.DataFrame:
    """Tonnes a day of each group in what all zones send or receive: period, group, t_d."""
    last = facts.flows[(facts.flows["commodity"] == partner) & (facts.flows["lower"] == ZONE)]
    rows = last.merge(_zone_mix(facts, item, partner), on=["period", "destination"])
    return summed(rows.assign(t_d=rows["t_d"] * rows["share"]), ["period", "group"])


def exchange_mix(facts: Facts) -> Iterator[Finding]:
    """In-city goods are exchanged by the groups of zones that they come from, as the zones send and receive them."""
    for commodity, item in facts.case.exchanged.items():
        sums = _balances(facts, commodity)
        for column, partner, verb, given in _sides(facts, item):
            balances = sums[sums["end"] == column]
            sound = pd.MultiIndex.from_frame(balances.loc[~balances["off"], ["period", "site"]])
            key = ["period", "group", "site"]
            rows = _mixes(facts, commodity, partner).merge(given, on=key, how="outer").fillna(0.0)
            size = slack(rows[["high", "t_d"]].max(axis=1))
            off = (rows["t_d"] > rows["high"] + size) | (rows["t_d"] < rows["low"] - size)
            off &= pd.MultiIndex.from_frame(rows[["period", "site"]]).isin(sound)
            for row in each(rows[off]):
                true = row.high if row.t_d > row.high else row.low
                message = (
                    f"{verb} {shown(true)} t/d of {partner} from group {row.group}, "
                    f"but {shown(row.t_d)} t/d are exchanged"
                )
                yield Finding("exchange_mix", message, facts.case.site(row.site, row.period), row.t_d, true)
            if off.any() or balances["off"].any():
                continue
            totals = _beside(_group_totals(facts, item, partner), given, ["period", "group"])
            for row in each(totals[totals["off"]]):
                message = f"all zones together have {shown(row.true)} t/d of {partner}, but {shown(row.given)} t/d go"
                yield Finding("exchange_mix", message, f"group {row.group}{facts.case.when(row.period)}", row.given)


def exchange_arcs(facts: Facts) -> Iterator[Finding]:
    """Exchanges between facilities run on arcs within the hard limits; those within one name no mode."""
    rows = exchanges(facts)
    rows = rows[carries(rows["t_d"])]
    for row in each(rows):
        where = facts.case.link(row.leg, row.origin, row.destination, row.period)
        if row.inside and row.mode != "":
            yield Finding("exchange_arcs", f"stays within one facility, but goes by {row.mode}", where, row.t_d)
        elif not row.inside and np.isnan(row.km):
            message = f"exchanges {shown(row.t_d)} t/d by {row.mode}, but there is no such arc either way"
            yield Finding("exchange_arcs", message, where, row.t_d)
        elif not row.inside and not row.allowed:
            message = (
                f"exchanges {shown(row.t_d)} t/d over {shown(row.km)} km, which is beyond the limit of leg {row.leg}"
            )
            yield Finding("exchange_arcs", message, where, row.t_d)
