"""Rules on the rows of tables: keys, shares, ranges, rows that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hubopt.instance.draft import Draft
from hubopt.instance.errors import Problem
from hubopt.instance.rules.references import EXCHANGE_LEGS
from hubopt.instance.rules.service import legs_of
from hubopt.instance.schema import TABLES

_TOLERANCE = 1e-9


def keys_are_unique(draft: Draft) -> Iterator[Problem]:
    """No two rows of a table have the same key."""
    for table in TABLES.values():
        rows = draft.tables[table.name]
        key = list(table.key)
        if not draft.knows(table.name, *key):
            continue
        again = rows.duplicated(key)
        if again.any():
            again &= (rows[key] != "").all(axis="columns")
        names = " and ".join(key)
        yield from draft.complain(table.name, key[0], again, f"repeats the {names} of an earlier row", "keep one row")


def places_have_their_own_identifiers(draft: Draft) -> Iterator[Problem]:
    """No identifier names two of gateways, sites and zones."""
    taken: dict[str, str] = {}
    for name in ("gateways", "sites", "zones"):
        identifiers = draft.tables[name]["id"]
        wrong = identifiers.isin(taken)
        message = "is the identifier of a gateway or site already"
        yield from draft.complain(name, "id", wrong, message, lambda value: f"{taken[value]} has it: rename one")
        taken.update(dict.fromkeys(identifiers[identifiers != ""], f"{name}.csv"))


def needed_tables_have_rows(draft: Draft) -> Iterator[Problem]:
    """Tables without which there is nothing to solve have at least one row."""
    for table in TABLES.values():
        if table.required and draft.tables[table.name].empty and draft.knows(table.name, table.key[0]):
            file = draft.files.get(table.name, f"{table.name}.csv")
            yield Problem(file, "has no rows", "add at least one")


def shares_are_in_order(draft: Draft) -> Iterator[Problem]:
    """A gateway's least share is not above its largest share."""
    table = draft.tables["admissions"]
    wrong = table["min_share"] > table["max_share"] + _TOLERANCE
    yield from draft.complain("admissions", "min_share", wrong, "is above max_share", "lower it or raise max_share")


def shares_can_add_up(draft: Draft) -> Iterator[Problem]:
    """A commodity's gateways can carry all of it: least shares add up to 1 at most, largest shares to 1 at least."""
    table = draft.tables["admissions"]
    file = draft.files.get("admissions", "admissions.csv")
    for commodity, rows in table.groupby("commodity"):
        row = int(rows.index[-1])
        least, most = float(rows["min_share"].sum()), float(rows["max_share"].sum())
        if least > 1 + _TOLERANCE:
            message = f"the least shares of {commodity!r} add up to {least:g}"
            yield Problem(file, message, "lower them to 1 together at most", row, "min_share")
        if most < 1 - _TOLERANCE:
            message = f"the largest shares of {commodity!r} add up to {most:g}"
            yield Problem(file, message, "raise them to 1 together at least", row, "max_share")


def existing_sites_are_not_forced_closed(draft: Draft) -> Iterator[Problem]:
    """A site whose facility may not close is not forced closed."""
    existing, sites = draft.tables["existing"], draft.tables["sites"]
    closed = sites.loc[sites["forced"] == "closed", "id"]
    wrong = existing["site"].isin(closed) & ~existing["may_close"]
    message = "may not close, but sites.csv forces it closed"
    yield from draft.complain("existing", "site", wrong, message, "set may_close to true or free the site")


def ranges_hold_the_value(draft: Draft) -> Iterator[Problem]:
    """A parameter lies between the ends of its plausible range."""
    table = draft.tables["parameters"]
    yield from draft.complain("parameters", "low", table["low"] > table["value"], "is above the value", "lower it")
    yield from draft.complain("parameters", "high", table["high"] < table["value"], "is below the value", "raise it")


def floor_area_ratios_are_positive(draft: Draft) -> Iterator[Problem]:
    """A largest floor area ratio leaves something to build."""
    wrong = draft.tables["sites"]["max_far"] == 0
    message = "leaves nothing to build"
    yield from draft.complain("sites", "max_far", wrong, message, "leave it empty, or force the site closed")


def exchange_arcs_join_two_facilities(draft: Draft) -> Iterator[Problem]:
    """An arc between facilities of one level joins two of them; one row per pair and mode serves both ways."""
    if not draft.knows("arcs", "leg", "origin", "destination", "mode"):
        return
    arcs = draft.tables["arcs"]
    inner = arcs[arcs["leg"].isin(EXCHANGE_LEGS)]
    loop = (inner["origin"] == inner["destination"]).reindex(arcs.index, fill_value=False)
    message = "is both ends of the arc"
    yield from draft.complain(
        "arcs", "destination", loop, message, "remove the row: within a facility no arc is needed"
    )
    swapped = inner["origin"] > inner["destination"]
    ends = inner[["leg", "mode"]].assign(
        low=inner["origin"].where(~swapped, inner["destination"]),
        high=inner["destination"].where(~swapped, inner["origin"]),
    )
    again = ends.duplicated() & ~inner.duplicated(list(TABLES["arcs"].key))
    message = "repeats an earlier row the other way round"
    mend = "keep one row with the mean of both directions"
    yield from draft.complain("arcs", "origin", again.reindex(arcs.index, fill_value=False), message, mend)


def border_waiting_is_in_the_minutes(draft: Draft) -> Iterator[Problem]:
    """Arcs from a gateway at a border take at least as long as waiting there does."""
    gateways, arcs = draft.tables["gateways"], draft.tables["arcs"]
    if not draft.knows("arcs", "leg", "origin", "minutes"):
        return
    waiting = dict(zip(gateways["id"], gateways["border_minutes"], strict=True))
    least = pd.Series([waiting.get(name, 0.0) for name in arcs["origin"]], index=arcs.index, dtype="float64")
    wrong = (arcs["minutes"] < least - _TOLERANCE) & arcs["leg"].str.startswith("gateway-").astype("bool")
    message = "is less than the waiting at the gateway's border (border_minutes), which belongs to it"
    yield from draft.complain("arcs", "minutes", wrong, message, "add the waiting to the driving time")


def _leg_and_measure(draft: Draft) -> Iterator[tuple[str, str]]:
    if draft.structure is None:
        return
    service = draft.structure.service
    for limit in service.limits:
        if limit.max_minutes is not None:
            yield limit.leg, f"service.limits.{limit.leg}"
    for target in service.targets:
        if target.measure == "minutes":
            yield from ((leg, f"service.targets.{target.id}") for leg in legs_of(target))


def timed_legs_have_minutes(draft: Draft) -> Iterator[Problem]:
    """Arcs of a leg whose minutes are limited take time."""
    arcs = draft.tables["arcs"]
    for leg, name in _leg_and_measure(draft):
        rows = arcs[arcs["leg"] == leg]
        if draft.knows("arcs", "minutes") and (rows["km"] > 0).any() and not (rows["minutes"] > 0).any():
            file = draft.files.get("arcs", "arcs.csv")
            message = f"all arcs of leg {leg!r} take 0 minutes, which {name} looks at"
            yield Problem(file, message, "give the driving times", column="minutes")


RULES = (
    keys_are_unique,
    places_have_their_own_identifiers,
    needed_tables_have_rows,
    shares_are_in_order,
    shares_can_add_up,
    existing_sites_are_not_forced_closed,
    ranges_hold_the_value,
    floor_area_ratios_are_positive,
    exchange_arcs_join_two_facilities,
    border_waiting_is_in_the_minutes,
    timed_legs_have_minutes,
)
