"""Service: what every zone gets, how far it has to the nearest open facilities, and the targets."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import pandas as pd

from hubopt.check.case import Case
from hubopt.check.chain import in_time_shares, late_zones
from hubopt.check.facts import Facts, remembered
from hubopt.check.report import Finding, shown
from hubopt.check.tolerance import FEASIBILITY, within
from hubopt.instance.types import LEVELS, ServiceTarget

STATION_LEG = "station-zone"


def _quickest(case: Case, leg: str) -> pd.DataFrame:
    """Least minutes over the allowed arcs of each pair on a leg: origin, destination, minutes."""
    arcs = case.arcs[(case.arcs["leg"] == leg) & case.arcs["allowed"]]
    return arcs.groupby(["origin", "destination"], sort=False)["minutes"].min().reset_index()


def _links(facts: Facts, leg: str) -> pd.DataFrame:
    """Pairs that serve on a leg: its assignments if it is single-sourced, else where something flows."""
    rows = facts.links if leg in facts.case.single_legs else facts.pairs
    return rows.loc[rows["leg"] == leg, ["period", "origin", "destination"]]


@remembered
def delivery_minutes(facts: Facts, level: str) -> pd.Series:
    """Minutes from the facility that feeds a zone's station, through the station, to the zone.

    Driving on both legs (the quickest mode within the hard limits) and the station's dwell; the dwell at ``level`` is
    not included. Where a zone or a station has several upper ends, the slowest way counts.

    Returns:
        Minutes by (period, zone), for zones that a fed station serves.
    """
    upper_leg = f"{level}-station"
    feed = _links(facts, upper_leg).merge(_quickest(facts.case, upper_leg), on=["origin", "destination"])
    serve = _links(facts, STATION_LEG).merge(_quickest(facts.case, STATION_LEG), on=["origin", "destination"])
    ways = serve.rename(columns={"origin": "station", "destination": "zone"}).merge(
        feed.rename(columns={"destination": "station"}), on=["period", "station"], suffixes=("_zone", "_station")
    )
    dwell = facts.case.level_rule("station").dwell_minutes
    ways["total"] = ways["minutes_station"] + dwell + ways["minutes_zone"]
    return ways.groupby(["period", "zone"])["total"].max()


@remembered
def nearest(facts: Facts, level: str, measure: str) -> pd.Series:
    """Way (``km`` or ``minutes``) from the nearest open facility of a level by an arc of leg ``level-zone``.

    Returns:
        By (period, zone), for zones that have such an arc from an open facility; any mode, hard limits aside.
    """
    arcs = facts.case.arcs[facts.case.arcs["leg"] == f"{level}-zone"]
    ways = arcs.groupby(["origin", "destination"], sort=False)[measure].min().reset_index()
    rows = facts.decisions[["period", "site"]].merge(ways, left_on="site", right_on="origin")
    return rows.groupby(["period", "destination"])[measure].min().rename_axis(["period", "zone"])


def _within(facts: Facts, target: ServiceTarget, places: pd.MultiIndex) -> np.ndarray:
    if target.kind == "chain":
        return np.asarray(~places.isin(late_zones(facts, target)))
    if target.kind == "access":
        way = nearest(facts, target.level, target.measure)
    else:
        way = delivery_minutes(facts, target.level)
    return np.asarray(within(way.reindex(places).to_numpy(dtype=float), target.limit))


def zone_table(facts: Facts) -> pd.DataFrame:
    """Service per period and zone, in the order of the instance.

    Columns: ``period``, ``zone``, ``demand_t_d``, ``delivered_t_d``, ``unmet_t_d`` (t/d, all commodities),
    ``nearest_hub_km``, ``nearest_utc_km``, ``nearest_station_km`` (km to the nearest open facility by arcs of leg
    ``LEVEL-zone``; NaN where no arc leads from an open one), ``delivery_minutes`` (see :func:`delivery_minutes`; for
    the level of the first delivery target, else ``utc``; NaN where no fed station serves the zone) and, per target,
    ``within.ID`` (true or false; for a chain target, whether the last leg keeps its budget).
    """
    case = facts.case
    places = pd.MultiIndex.from_product([case.periods.index, case.instance.zones["id"]], names=["period", "zone"])
    sums = facts.carried.groupby(["period", "zone"])[["demand", "delivered", "unmet"]].sum()
    table = sums.reindex(places).fillna(0.0).add_suffix("_t_d")
    for level in LEVELS:
        table[f"nearest_{level}_km"] = nearest(facts, level, "km").reindex(places).astype(float)
    targets = case.instance.structure.service.targets
    level = next((target.level for target in targets if target.kind == "delivery"), "utc")
    table["delivery_minutes"] = delivery_minutes(facts, level).reindex(places).astype(float)
    for target in targets:
        table[f"within.{target.id}"] = _within(facts, target, places)
    return table.reset_index()


@remembered
def target_shares(facts: Facts, target: ServiceTarget) -> dict[str, float]:
    """Share of the target's demand (t/d, unmet included) within its limit, by period; 1 where nothing is asked for."""
    if target.kind == "chain":
        return in_time_shares(facts, target)
    case = facts.case
    rows = case.demand[case.demand["commodity"].isin(case.target_commodities(target))]
    weight = rows.groupby(["period", "zone"])["t_d"].sum()
    places = pd.MultiIndex.from_frame(weight.reset_index()[["period", "zone"]])
    kept = pd.Series(np.where(_within(facts, target, places), weight.to_numpy(), 0.0), index=places)
    shares = {}
    for period in case.periods.index:
        total = float(weight[places.get_level_values("period") == period].sum())
        reached = float(kept[places.get_level_values("period") == period].sum())
        shares[str(period)] = reached / total if total > 0 else 1.0
    return shares


def enforced(case: Case, target: ServiceTarget) -> bool:
    """Whether a target binds: those of delivery need single-sourced links, and without them are only reported."""
    return target.kind != "delivery" or {f"{target.level}-station", STATION_LEG} <= set(case.single_legs)


def worst_target_share(facts: Facts, named: Collection[str] = ()) -> float:
    """Least share reached by a target in a period, of the (named) targets that bind and ask for something; else 1."""
    case = facts.case
    shares = [1.0]
    for target in case.instance.structure.service.targets:
        asks = any(case.target_share(target, str(period)) > 0 for period in case.periods.index)
        if asks and enforced(case, target) and (not named or target.id in named):
            shares += target_shares(facts, target).values()
    return min(shares)


def service_targets(facts: Facts) -> Iterator[Finding]:
    """At least the share of demand that the period asks for lies within each target."""
    for target in facts.case.instance.structure.service.targets:
        if not enforced(facts.case, target):
            continue
        for period, share in target_shares(facts, target).items():
            asked = facts.case.target_share(target, period)
            if share < asked - FEASIBILITY:
                unit = "km" if target.measure == "km" else "min"
                message = (
                    f"{shown(100 * share)} % of demand is within {shown(target.limit)} {unit}, "
                    f"but {shown(100 * asked)} % must be"
                )
                where = f"target {target.id} ({target.name_en})" + facts.case.when(period)
                yield Finding("service_targets", message, where, share, asked)
