"""Rules on what the network must keep: counts, presence, concentration and resilience can be kept at all."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hubopt.instance.draft import TOML, Draft
from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.types import HubType, LevelRule, Presence

Counted = tuple[str, LevelRule | HubType | Presence, "pd.Series[bool]"]
"""Where a rule on a number of open sites stands, the rule, and which rows of the sites table it counts."""

_TOLERANCE = 1e-9


def _counts(draft: Draft) -> Iterator[Counted]:
    if draft.structure is None or not draft.knows("sites", "level", "hub_type", "city", "district"):
        return
    sites = draft.tables["sites"]
    for level, rule in draft.structure.levels.items():
        yield f"levels.{level}", rule, sites["level"] == level
    for item in draft.structure.hub_types:
        yield f"hub_types.{item.id}", item, sites["hub_type"] == item.id
    for presence in draft.structure.presence:
        if presence.place not in set(sites[presence.scope]):  # a problem of its own
            continue
        counted = sites[presence.scope] == presence.place
        if presence.level is not None:
            counted &= sites["level"] == presence.level
        if presence.hub_type is not None:
            counted &= sites["hub_type"] == presence.hub_type
        yield f"presence.{presence.id}", presence, counted


def counts_are_in_order(draft: Draft) -> Iterator[Problem]:
    """The least number of open sites is not above the largest."""
    for where, rule, _ in _counts(draft):
        if rule.max_open is not None and rule.min_open > rule.max_open:
            message = f"is above max_open ({rule.max_open})"
            yield Problem(TOML, message, "lower it", column=f"{where}.min_open", value=rule.min_open)


def counts_can_be_kept(draft: Draft) -> Iterator[Problem]:
    """There are as many sites as must be open, and no more forced open than may be."""
    sites = draft.tables["sites"]
    for where, rule, counted in _counts(draft):
        free = int((counted & (sites["forced"] != "closed")).sum())
        fixed = int((counted & (sites["forced"] == "open")).sum())
        if rule.min_open > free:
            message = f"is above the number of such sites ({free}, those forced closed aside)"
            yield Problem(TOML, message, "lower it or add sites", column=f"{where}.min_open", value=rule.min_open)
        if rule.max_open is not None and rule.max_open < fixed:
            message = f"is below the number of such sites that sites.csv forces open ({fixed})"
            yield Problem(TOML, message, "raise it or free sites", column=f"{where}.max_open", value=rule.max_open)


def presence_names_what_exists(draft: Draft) -> Iterator[Problem]:
    """Places and hub types of presence rules are those of sites, and only hubs have a hub type."""
    for rule in draft.structure.presence if draft.structure else ():
        where = f"presence.{rule.id}"
        if draft.knows("sites", rule.scope):
            places = draft.values("sites", rule.scope) - {""}
            if rule.place not in places:
                mend = choose_from(rule.place, places)
                yield Problem(
                    TOML, f"is not a {rule.scope} of any site", mend, column=f"{where}.place", value=rule.place
                )
        if rule.hub_type is not None:
            types = draft.names.get("hub_types", set())
            if rule.hub_type not in types:
                mend = choose_from(rule.hub_type, types)
                yield Problem(TOML, "does not exist", mend, column=f"{where}.hub_type", value=rule.hub_type)
            if rule.level not in (None, "hub"):
                message = "has no hub types, but the rule names one"
                mend = "leave one of the two out"
                yield Problem(TOML, message, mend, column=f"{where}.level", value=rule.level)


def shares_leave_room_for_all(draft: Draft) -> Iterator[Problem]:
    """A level's sites, each with the largest share it may have, can take all of the throughput; so can operators."""
    if draft.structure is None or not draft.knows("sites", "level", "operator"):
        return
    sites = draft.tables["sites"]
    for level, rule in draft.structure.levels.items():
        free = sites[(sites["level"] == level) & (sites["forced"] != "closed")]
        count = len(free) if rule.max_open is None else min(len(free), rule.max_open)
        if count and rule.max_site_share * count < 1 - _TOLERANCE:
            message = f"is too small: {count} sites with that share each cannot handle everything"
            mend = f"raise it to at least {1 / count:.3g}"
            yield Problem(TOML, message, mend, column=f"levels.{level}.max_site_share", value=rule.max_site_share)
        if rule.max_operator_share >= 1 or free.empty:
            continue
        where, share = f"levels.{level}.max_operator_share", rule.max_operator_share
        operators = set(free["operator"]) - {""}
        if not operators:
            message = "limits operators, but sites.csv names none for this level"
            yield Problem(
                TOML, message, "name the operators of the sites, or remove the limit", column=where, value=share
            )
        elif (free["operator"] != "").all() and share * len(operators) < 1 - _TOLERANCE:
            message = f"is too small: {len(operators)} operators with that share each cannot handle everything"
            yield Problem(TOML, message, f"raise it to at least {1 / len(operators):.3g}", column=where, value=share)


def outages_leave_something(draft: Draft) -> Iterator[Problem]:
    """A share to be served when a hub is out needs two hubs and goods that pass hubs."""
    if draft.structure is None:
        return
    resilience = draft.structure.resilience
    from_hubs = [item for item in draft.structure.commodities if item.chain[0] == "hub"]
    for name in ("hub_outage_share", "gateway_outage_share"):
        share = getattr(resilience, name)
        if share > 0 and not from_hubs:
            message = "asks for goods that come through hubs, and no commodity's chain starts at one"
            yield Problem(TOML, message, "set it to 0", column=f"resilience.{name}", value=share)
    hubs = int((draft.tables["sites"]["level"] == "hub").sum())
    if resilience.hub_outage_share > 0 and from_hubs and hubs == 1 and draft.knows("sites", "level"):
        where, value = "resilience.hub_outage_share", resilience.hub_outage_share
        yield Problem(TOML, "cannot be kept with a single hub", "add a hub or set it to 0", column=where, value=value)


def gateways_can_stand_in_for_each_other(draft: Draft) -> Iterator[Problem]:
    """Without any one gateway, the other gateways admit the share that is asked for."""
    if draft.structure is None or not draft.knows("demand", "commodity", "period", "t_d"):
        return
    share = draft.structure.resilience.gateway_outage_share
    admitted = draft.tables["admissions"].groupby("commodity")["gateway"].agg(set)
    from_hubs = [item.id for item in draft.structure.commodities if item.chain[0] == "hub"]
    demand = draft.tables["demand"]
    through = demand[demand["commodity"].isin(from_hubs)]
    total = through.groupby("period")["t_d"].sum()
    for gateway in sorted(draft.values("admissions", "gateway")) if share > 0 else ():
        only_here = {name for name in from_hubs if admitted.get(name, set()) == {gateway}}
        lost = through[through["commodity"].isin(only_here)].groupby("period")["t_d"].sum()
        shares = {str(period): 1 - float(lost.get(period, 0.0)) / whole for period, whole in total.items() if whole > 0}
        worst = min(shares, key=lambda period: shares[period], default=None)
        if worst is not None and shares[worst] < share - _TOLERANCE:
            message = (
                f"without gateway {gateway!r} at most {shares[worst]:.3g} of the demand can be served in period "
                f"{worst!r}: {', '.join(sorted(only_here))} have no other gateway"
            )
            where = "resilience.gateway_outage_share"
            yield Problem(TOML, message, "lower it or admit them elsewhere", column=where, value=share)


RULES = (
    counts_are_in_order,
    counts_can_be_kept,
    presence_names_what_exists,
    shares_leave_room_for_all,
    outages_leave_something,
    gateways_can_stand_in_for_each_other,
)
