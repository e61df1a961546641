"""Rules on in-city goods: who exchanges with whom, where from, and sums that must agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pandas as pd

from hubopt.instance.draft import TOML, Draft
from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.listing import one_of
from hubopt.instance.types import Commodity

TOTALS = 1e-6
"""Relative difference up to which what is collected and what is delivered agree."""

SHARES = 1e-6
"""Difference from 1 up to which the shares of a zone agree."""

SUPPLIES = 1e-4
"""Relative difference up to which what a group sends and what is received from it agree."""


def delivered_goods(draft: Draft) -> list[Commodity]:
    """In-city goods as they are delivered: commodities that name another one with which they exchange."""
    items = draft.structure.commodities if draft.structure else ()
    return [item for item in items if item.exchange_with is not None]


def _pairs(draft: Draft) -> Iterator[tuple[Commodity, Commodity]]:
    """In-city goods and their partners, for those that have a partner of their own to be compared with."""
    known = {item.id: item for item in draft.structure.commodities} if draft.structure else {}
    named = Counter(item.exchange_with for item in delivered_goods(draft))
    for item in delivered_goods(draft):
        partner = known.get(item.exchange_with or "")
        alone = named[item.exchange_with] == 1
        if alone and partner is not None and partner.direction == "outbound" and item.direction == "inbound":
            yield item, partner


def _sound(draft: Draft, table: str, *columns: str) -> bool:
    """Whether all cells of these columns could be read, so that sums over them say something."""
    hurt = {name for of, name, _ in draft.bad if of == table}
    return draft.knows(table, *columns) and not hurt & set(columns)


def partners_collect_what_is_delivered(draft: Draft) -> Iterator[Problem]:
    """In-city goods are inbound and name an outbound commodity."""
    if draft.structure is None:
        return
    collected = {item.id for item in draft.structure.commodities if item.direction == "outbound"}
    for item in delivered_goods(draft):
        where = f"commodities.{item.id}.exchange_with"
        partner = item.exchange_with or ""
        if item.direction != "inbound":
            mend = "give it with the inbound commodity only, or correct the direction"
            yield Problem(TOML, "is given for goods that are not inbound", mend, column=where, value=partner)
        elif partner not in collected:
            message = "is not an outbound commodity"
            yield Problem(TOML, message, choose_from(partner, collected), column=where, value=partner)


def partners_pass_the_same_levels(draft: Draft) -> Iterator[Problem]:
    """In-city goods are collected along the chain on which they are delivered."""
    for item, partner in _pairs(draft):
        if item.chain != partner.chain:
            message = f"differs from the chain of {item.id!r} ({', '.join(item.chain)}), which exchanges with it"
            chain = list(partner.chain)
            yield Problem(TOML, message, "make the two equal", column=f"commodities.{partner.id}.chain", value=chain)


def partners_are_shared_with_nobody(draft: Draft) -> Iterator[Problem]:
    """Each collected commodity is exchanged for one delivered commodity."""
    for partner, count in Counter(item.exchange_with for item in delivered_goods(draft)).items():
        if count > 1:
            message = f"is named by {count} commodities"
            mend = "split it, so that each has a partner of its own"
            yield Problem(TOML, message, mend, column="commodities.exchange_with", value=partner)


def in_city_goods_use_no_gateway(draft: Draft) -> Iterator[Problem]:
    """Neither side of in-city goods is admitted at a gateway: they stay in the city."""
    inside = {side.id for pair in _pairs(draft) for side in pair}
    wrong = draft.tables["admissions"]["commodity"].isin(inside)
    message = "is exchanged within the city and uses no gateway"
    yield from draft.complain("admissions", "commodity", wrong, message, "remove the row, or exchange_with")


def collected_is_delivered(draft: Draft) -> Iterator[Problem]:
    """In every period as much is collected of in-city goods as is delivered (up to a millionth)."""
    if not _sound(draft, "demand", "commodity", "period", "t_d"):
        return
    total = draft.tables["demand"].groupby(["period", "commodity"])["t_d"].sum()
    for item, partner in _pairs(draft):
        for period in draft.structure.periods if draft.structure else ():
            delivered, collected = (float(total.get((period.id, side.id), 0.0)) for side in (item, partner))
            if abs(delivered - collected) > TOTALS * max(delivered, collected):
                file = draft.files.get("demand", "demand.csv")
                message = (
                    f"{item.id!r} delivers {delivered:g} t/d in period {period.id!r}, "
                    f"but its partner {partner.id!r} collects {collected:g} t/d"
                )
                yield Problem(file, message, "scale one of the two", column="t_d", value=delivered - collected)


def exchange_rows_are_of_in_city_goods(draft: Draft) -> Iterator[Problem]:
    """Origins are given for commodities that are exchanged, as they are delivered."""
    if draft.structure is None:
        return
    known = {item.id for item in delivered_goods(draft)}
    commodity = draft.tables["exchange"]["commodity"]
    wrong = commodity.isin(draft.names.get("commodities", set()) - known)
    yield from draft.complain("exchange", "commodity", wrong, "is not delivered in exchange", one_of(known))


def groups_of(draft: Draft) -> pd.Series[str]:
    """The origin group of every zone by its id: its own, or its district."""
    zones = draft.tables["zones"]
    groups = zones["group"].where(zones["group"] != "", zones["district"])
    return groups.set_axis(zones["id"], axis="index")


def groups_of_origin_have_zones(draft: Draft) -> Iterator[Problem]:
    """A group that goods come from is that of a zone."""
    if draft.knows("zones", "id"):
        known = set(groups_of(draft)) - {""}
        group = draft.tables["exchange"]["group"]
        wrong = ~group.isin(known) & (group != "")
        yield from draft.complain("exchange", "group", wrong, "is no group or district of any zone", one_of(known))


def zones_of_in_city_goods_have_a_group(draft: Draft) -> Iterator[Problem]:
    """A zone from which in-city goods come has a group or a district."""
    senders = {partner.id for _, partner in _pairs(draft)}
    demand, zones = draft.tables["demand"], draft.tables["zones"]
    sending = demand.loc[demand["commodity"].isin(senders) & (demand["t_d"] > 0), "zone"]
    wrong = zones["id"].isin(sending) & (zones["group"] == "") & (zones["district"] == "")
    message = "is empty, as is the district, though in-city goods come from the zone"
    yield from draft.complain("zones", "group", wrong, message, "give the group or the district")


def shares_of_a_zone_add_up(draft: Draft) -> Iterator[Problem]:
    """What a zone receives comes from somewhere in full: its shares add up to 1."""
    table = draft.tables["exchange"]
    if not _sound(draft, "exchange", "commodity", "zone", "share"):
        return
    file = draft.files.get("exchange", "exchange.csv")
    for (commodity, zone), rows in table.groupby(["commodity", "zone"]):
        total = float(rows["share"].sum())
        if abs(total - 1) > SHARES and commodity and zone:
            message = f"the shares of {commodity!r} in zone {zone!r} add up to {total:.6g}"
            row = int(rows.index[-1])
            yield Problem(file, message, "make them 1 together", row=row, column="share", value=total)


def zones_that_receive_have_shares(draft: Draft) -> Iterator[Problem]:
    """If origins are given for a commodity, they are given for every zone that receives it."""
    demand, table = draft.tables["demand"], draft.tables["exchange"]
    for item in delivered_goods(draft):
        given = set(table.loc[table["commodity"] == item.id, "zone"])
        if given and given <= draft.values("zones", "id") and _sound(draft, "exchange", "commodity", "zone"):
            wrong = (demand["commodity"] == item.id) & (demand["t_d"] > 0) & ~demand["zone"].isin(given)
            message = f"receives {item.id!r} but has no rows in exchange.csv"
            yield from draft.complain("demand", "zone", wrong, message, "say where its goods come from")


SHARES_OF_ZONES = (
    exchange_rows_are_of_in_city_goods,
    groups_of_origin_have_zones,
    zones_of_in_city_goods_have_a_group,
    shares_of_a_zone_add_up,
    zones_that_receive_have_shares,
)
"""Rules without which sums over groups would only say the same once more."""


def _group_sums(
    draft: Draft, item: Commodity, partner: Commodity, period: str
) -> Iterator[tuple[str, float, float, float]]:
    """Group, what it sends, what is received from it and what all groups send (t/d) in a period."""
    now = draft.tables["demand"][draft.tables["demand"]["period"] == period]
    shares = draft.tables["exchange"][draft.tables["exchange"]["commodity"] == item.id]
    sent = now[now["commodity"] == partner.id]
    sends = sent.groupby(sent["zone"].map(groups_of(draft)).fillna(""))["t_d"].sum()
    arrivals = shares.merge(now[now["commodity"] == item.id], on="zone")
    received = (arrivals["share"] * arrivals["t_d"]).groupby(arrivals["group"]).sum()
    for name in sorted(set(sends.index) | set(received.index)):
        yield name, float(sends.get(name, 0.0)), float(received.get(name, 0.0)), float(sends.sum())


def shares_fit_what_groups_send(draft: Draft) -> Iterator[Problem]:
    """What is received from a group is what the group sends, in every period."""
    sound = _sound(draft, "exchange", "commodity", "zone", "group", "share") and _sound(draft, "zones", "id")
    sound &= _sound(draft, "demand", "zone", "commodity", "period", "t_d")
    table, zones = draft.tables["exchange"], draft.tables["zones"]
    if not sound or not zones["id"].is_unique or not table["zone"].isin(zones["id"]).all():
        return
    if any(next(rule(draft), None) for rule in (*SHARES_OF_ZONES, collected_is_delivered)):
        return
    given = set(table["commodity"])
    for item, partner in _pairs(draft):
        for period in draft.structure.periods if draft.structure and item.id in given else ():
            for group, out, come, total in _group_sums(draft, item, partner, period.id):
                if abs(out - come) > SUPPLIES * max(out, come) + TOTALS * total:
                    file = draft.files.get("exchange", "exchange.csv")
                    message = (
                        f"{come:g} t/d of {item.id!r} are received from group {group!r} in period {period.id!r}, "
                        f"which sends {out:g} t/d"
                    )
                    yield Problem(file, message, "correct the shares or the supply", column="share", value=come - out)


RULES = (
    partners_collect_what_is_delivered,
    partners_pass_the_same_levels,
    partners_are_shared_with_nobody,
    in_city_goods_use_no_gateway,
    collected_is_delivered,
    *SHARES_OF_ZONES,
    shares_fit_what_groups_send,
)
