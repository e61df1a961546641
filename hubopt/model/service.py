"""Service: at least a given share of demand within reach of a level, or delivered within a time along the chain."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.instance import InputError, Problem
from hubopt.instance.types import ServiceTarget
from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.variables import is_open


def targets(network: Network, kind: str) -> list[ServiceTarget]:
    """Targets of one kind that ask for something in some period."""
    return [
        target
        for target in network.targets.values()
        if target.kind == kind and any(network.share_asked(target.id, t) > 0 for t in network.periods)
    ]


def weights(network: Network, target: ServiceTarget, period: str) -> dict[str, float]:
    """Demand by zone that the target weighs (flow units)."""
    counted = {
        k
        for k, item in network.commodities.items()
        if (target.commodities is None and target.level in item.chain)
        or (target.commodities and k in target.commodities)
    }
    found: dict[str, float] = {}
    for (z, k, t), amount in network.demand.items():
        if k in counted and t == period:
            found[z] = found.get(z, 0.0) + amount
    return found


def sites_within(network: Network, target: ServiceTarget) -> dict[str, tuple[str, ...]]:
    """Sites of the target's level within its limit, by zone (every mode counts; service limits do not)."""
    arcs = network.instance.arcs
    near = arcs[(arcs["leg"] == f"{target.level}-zone") & (arcs[target.measure] <= target.limit)]
    found: dict[str, list[str]] = {}
    for site, zone in dict.fromkeys(zip(near["origin"], near["destination"], strict=True)):
        if network.designs_at.get(site):
            found.setdefault(zone, []).append(site)
    return {zone: tuple(sites) for zone, sites in found.items()}


def access_zones(network: Network) -> list[tuple[str, str, str]]:
    """(target, zone, period) of zones that an access target can count."""
    return [
        (target.id, z, t)
        for target in targets(network, "access")
        for near in (sites_within(network, target),)
        for t in network.periods
        for z in weights(network, target, t)
        if z in near
    ]


def covered_by_open_site(m: Any, a: str, z: str, t: str) -> Any:
    r"""A zone is covered only if an open site of the level lies within the limit.

    .. math:: covered_{a,z,t} \le \sum_{i \in I_{a,z}} \sum_d open_{i,d,t} \qquad \forall a, z, t

    Dimensionless.
    """
    return m.covered[a, z, t] <= pyo.quicksum(is_open(m, i, t) for i in m.near[a][z])


def _within(leg_minutes: float, dwell: float, last_minutes: float, limit: float) -> bool:
    return leg_minutes + dwell + last_minutes <= limit


def delivery_feeders(network: Network, target: ServiceTarget) -> dict[tuple[str, str], tuple[tuple[str, ...], bool]]:
    """By (station, zone): the upper ends from which the zone is reached in time, and whether that is all of them."""
    feed, last = f"{target.level}-station", "station-zone"
    if not {feed, last} <= network.single_sourced:
        raise InputError(
            [
                Problem(
                    "policy",
                    f"target {target.id!r} follows {feed} and {last}, which are not single-sourced",
                    "keep single_sourcing on for both legs, or switch service_targets off as well",
                )
            ]
        )
    dwell = network.dwell_minutes("station")
    minutes = network.fastest_minutes
    found = {}
    for leg, station, zone in network.links:
        if leg != last:
            continue
        ends = network.upper_ends.get((feed, station), ())
        ok = tuple(
            u for u in ends if _within(minutes[feed, u, station], dwell, minutes[last, station, zone], target.limit)
        )
        if ok:
            found[station, zone] = (ok, len(ok) == len(ends))
    return found


def delivery_pairs(network: Network) -> list[tuple[str, str, str, str]]:
    """(target, station, zone, period) of links over which a delivery target can count the zone."""
    return [
        (target.id, s, z, t)
        for target in targets(network, "delivery")
        for feeders in (delivery_feeders(network, target),)
        for t in network.periods
        for z_weights in (weights(network, target, t),)
        for (s, z) in feeders
        if z in z_weights
    ]


def tight_delivery_pairs(network: Network) -> list[tuple[str, str, str, str]]:
    """Those of :func:`delivery_pairs` that only some of the station's upper ends serve in time."""
    partly = {
        target.id: {pair for pair, (_, all_in_time) in delivery_feeders(network, target).items() if not all_in_time}
        for target in targets(network, "delivery")
    }
    return [(a, s, z, t) for a, s, z, t in delivery_pairs(network) if (s, z) in partly[a]]


def on_time_over_link(m: Any, a: str, s: str, z: str, t: str) -> Any:
    r"""A zone is served in time by a station only if linked to it.

    .. math:: ontime_{a,s,z,t} \le link_{station\text{-}zone,s,z,t} \qquad \forall a, s, z, t

    Dimensionless.
    """
    return m.ontime[a, s, z, t] <= m.link["station-zone", s, z, t]


def on_time_over_feeder(m: Any, a: str, s: str, z: str, t: str) -> Any:
    r"""... and only if the station is fed from near enough.

    .. math:: ontime_{a,s,z,t} \le \sum_{u \in U_{a,s,z}} link_{utc\text{-}station,u,s,t} \qquad \forall a, s, z, t

    Dimensionless; U holds the upper ends from which driving and dwell stay within the limit. No big-M.
    """
    leg = f"{m.network.targets[a].level}-station"
    return m.ontime[a, s, z, t] <= pyo.quicksum(m.link[leg, u, s, t] for u in m.feeders[a][s, z][0])


def access_target_periods(network: Network) -> list[tuple[str, str]]:
    """(access target, period)."""
    return [(target.id, t) for target in targets(network, "access") for t in network.periods]


def delivery_target_periods(network: Network) -> list[tuple[str, str]]:
    """(delivery target, period)."""
    return [(target.id, t) for target in targets(network, "delivery") for t in network.periods]


def covered_share(m: Any, a: str, t: str) -> Any:
    """Share of the demand that is covered, as a linear expression; None where an access target weighs nothing."""
    zones = weights(m.network, m.network.targets[a], t)
    total = sum(zones.values())
    if total == 0:
        return None
    return pyo.quicksum(w / total * m.covered[a, z, t] for z, w in zones.items() if (a, z, t) in m.covered)


def on_time_share(m: Any, a: str, t: str) -> Any:
    """Share of the demand delivered in time, as a linear expression; None where a delivery target weighs nothing."""
    zones = weights(m.network, m.network.targets[a], t)
    total = sum(zones.values())
    if total == 0:
        return None
    return pyo.quicksum(zones[z] / total * m.ontime[a, s, z, t] for (s, z) in m.feeders[a] if (a, s, z, t) in m.ontime)


def access_share(m: Any, a: str, t: str) -> Any:
    r"""At least the asked share of demand is covered.

    .. math:: \sum_z w_{a,z,t} \, covered_{a,z,t} \ge \sigma_{a,t} \sum_z w_{a,z,t} \qquad \forall a, t

    As a share of all weighed demand (dimensionless).
    """
    counted = covered_share(m, a, t)
    return pyo.Constraint.Skip if counted is None else row(m, counted, ">=", m.network.share_asked(a, t))


def delivery_share(m: Any, a: str, t: str) -> Any:
    r"""At least the asked share of demand is delivered in time.

    .. math:: \sum_z w_{a,z,t} \sum_s ontime_{a,s,z,t} \ge \sigma_{a,t} \sum_z w_{a,z,t} \qquad \forall a, t

    As a share of all weighed demand (dimensionless).
    """
    counted = on_time_share(m, a, t)
    return pyo.Constraint.Skip if counted is None else row(m, counted, ">=", m.network.share_asked(a, t))


def add_service_variables(model: pyo.ConcreteModel) -> None:
    """Add ``covered`` (target, zone, period) and ``ontime`` (target, station, zone, period), both in [0, 1]."""
    network: Network = model.network
    model.near = {target.id: sites_within(network, target) for target in targets(network, "access")}
    model.feeders = {target.id: delivery_feeders(network, target) for target in targets(network, "delivery")}
    model.covered = pyo.Var(access_zones(network), bounds=(0, 1))
    model.ontime = pyo.Var(delivery_pairs(network), bounds=(0, 1))


CONSTRAINTS = (
    Constraint(covered_by_open_site, access_zones, "service_targets"),
    Constraint(access_share, access_target_periods, "service_targets"),
    Constraint(on_time_over_link, delivery_pairs, "service_targets"),
    Constraint(on_time_over_feeder, tight_delivery_pairs, "service_targets"),
    Constraint(delivery_share, delivery_target_periods, "service_targets"),
)
