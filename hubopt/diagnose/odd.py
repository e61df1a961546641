"""What looks odd about an instance or a result that breaks no rule: a likely slip, a limit without effect."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from hubopt.diagnose.finding import Finding
from hubopt.diagnose.ground import Ground
from hubopt.instance import Instance, Policy, apply
from hubopt.model import make_network
from hubopt.model.service import sites_within, targets, weights
from hubopt.solution import Plan, Solution

LOW_USE = 0.1
"""Utilisation below which a facility looks idle."""

ALL_BUT_ALL, ALONE_AMONG = 0.95, 3
"""Share of a level's throughput in one site, and candidates from which that looks odd."""

LARGE_PART, LARGE_PENALTY, AT_LIMIT = 0.8, 0.3, 0.98
"""Share of the cost in one part, of the cost in penalties, and of a limit from which something lies at it."""

MUCH_UNMET = 0.05


def goods_without_demand(ground: Ground) -> Iterator[Finding]:
    """Commodities that nobody asks for, and zones that ask for nothing."""
    network = ground.network
    asked = {k for _, k, _ in network.demand}
    for k in network.commodities:
        if k not in asked:
            yield Finding("odd.goods-without-demand", {"commodity": k})
    wanting = {z for z, _, _ in network.demand}
    idle = [z for z in network.instance.zones["id"] if z not in wanting]
    if idle:
        yield Finding("odd.zones-without-demand", {"zones": idle})


def zones_without_way(ground: Ground) -> Iterator[Finding]:
    """Demand that can only stay unmet, as no way leads to it."""
    network = ground.network
    lost = {(z, k, t): x for (z, k, t), x in network.demand.items() if (z, k) not in ground.reached}
    by_goods: dict[str, dict[str, float]] = {}
    for (z, k, t), x in lost.items():
        if t == network.periods[-1]:
            by_goods.setdefault(k, {})[z] = x * ground.flow
    for k, zones in by_goods.items():
        total = ground.demand(network.periods[-1], {k}) * ground.flow
        values = {
            "commodity": k, "zones": sorted(zones, key=lambda z: (-zones[z], z)), "t_d": sum(zones.values()),
            "lost_share": sum(zones.values()) / total,
        }  # fmt: skip
        yield Finding("odd.zones-without-way", values)


def sites_that_cannot_open(ground: Ground) -> Iterator[Finding]:
    """Candidates on whose land no design fits."""
    network = ground.network
    closed = {i for i, site in network.sites.items() if site.forced == "closed"}
    none = [i for i, designs in network.designs_at.items() if not designs and i not in closed]
    if none:
        yield Finding("odd.sites-that-cannot-open", {"sites": none})


def targets_without_effect(ground: Ground) -> Iterator[Finding]:
    """Service targets that every network keeps, or that ask for nothing."""
    network = ground.network
    if not network.policy.holds("service_targets"):
        return
    for target in network.targets.values():
        if all(network.share_asked(target.id, t) <= 0 for t in network.periods):
            yield Finding("odd.target-asks-nothing", {"target": target.id})
    for target in targets(network, "access"):
        near = sites_within(network, target)
        candidates = set(ground.openable(network.sites_of(target.level)))
        zones = weights(network, target, network.periods[-1])
        if zones and len(candidates) > 1 and all(set(near.get(z, ())) >= candidates for z in zones):
            values = {
                "target": target.id, "reach": target.limit, "unit": "km" if target.measure == "km" else "min",
                "level": target.level,
            }  # fmt: skip
            yield Finding("odd.target-cannot-bind", values)


def limits_without_effect(ground: Ground) -> Iterator[Finding]:
    """Limits on land and of gateways that are larger than anything that could use them."""
    network = ground.network
    if network.policy.holds("land"):
        for (scope, name), most in network.land_limit.items():
            inside = [i for i, site in network.sites.items() if scope == "total" or getattr(site, scope) == name]
            largest = sum(
                max(
                    (o.upper * o.land_ha_module for d in network.designs_at[i] for o in (network.options[i, d],)),
                    default=0.0,
                )
                for i in inside
            )
            if most > largest * (1 + 1e-6):
                values = {"limit": f"land_ha.{scope}:{name}", "most": most, "largest": largest}
                yield Finding("odd.land-cannot-bind", values, (f"land_ha.{scope}:{name}",))


def cheap_to_leave(ground: Ground) -> Iterator[Finding]:
    """Goods whose penalty is below what carrying them over the last leg alone costs."""
    network = ground.network
    for k, item in network.commodities.items():
        if item.must_be_met:
            continue
        last: dict[str, float] = {}
        for arc, other in network.carriers:
            if other == k and arc[2] not in network.sites:
                last[arc[2]] = min(last.get(arc[2], math.inf), sum(network.money_cny_t(arc).values()))
        dear = {z: cost for z, cost in last.items() if cost > item.unmet_cny_t}
        if dear:
            values = {
                "commodity": k, "zones": sorted(dear, key=lambda z: (-dear[z], z)), "penalty": item.unmet_cny_t,
                "least": min(dear.values()),
            }  # fmt: skip
            yield Finding("odd.cheaper-to-leave", values)


OF_INSTANCE: tuple[Callable[[Ground], Iterator[Finding]], ...] = (
    goods_without_demand, zones_without_way, sites_that_cannot_open, targets_without_effect, limits_without_effect,
    cheap_to_leave,
)  # fmt: skip


def odd_instance(instance: Instance, policy: Policy) -> tuple[Finding, ...]:
    """What looks odd about an instance under a policy.

    Raises
    ------
    InputError
        If the policy does not fit the instance.
    """
    ground = Ground(make_network(instance, policy))
    return tuple(finding for look in OF_INSTANCE for finding in look(ground))


def _idle(facilities: pd.DataFrame) -> Iterator[Finding]:
    standing = facilities[facilities["modules"] > 0]
    for (period, level), rows in standing.groupby(["period", "level"], sort=False):
        low = rows[(rows["capacity_t_d"] > 0) & (rows["utilisation"] < LOW_USE)].sort_values("utilisation")
        if len(low):
            values = {
                "level": level, "period": period, "sites": low["site"].tolist(), "count": len(low),
                "of": len(rows), "used_share": float(low["throughput_t_d"].sum() / low["capacity_t_d"].sum()),
            }  # fmt: skip
            yield Finding("odd.idle", values)


def _one_for_all(facilities: pd.DataFrame, sites: pd.DataFrame) -> Iterator[Finding]:
    standing = facilities[facilities["modules"] > 0]
    candidates = sites["level"].value_counts()
    groups: Any = standing.groupby(["period", "level"], sort=False)
    for (period, level), rows in groups:
        total = float(rows["throughput_t_d"].sum())
        if total <= 0 or candidates.get(level, 0) < ALONE_AMONG:
            continue
        first = rows.sort_values("throughput_t_d", ascending=False).iloc[0]
        share = float(first["throughput_t_d"]) / total
        if share >= ALL_BUT_ALL:
            values = {
                "site": first["site"], "level": level, "period": period, "carried_share": share,
                "count": int(candidates[level]),
            }  # fmt: skip
            yield Finding("odd.one-for-all", values)


def _costs(solution: Solution) -> Iterator[Finding]:
    total = sum(solution.cost.values())
    if total <= 0:
        return
    for part, amount in solution.cost.items():
        share = amount / total
        if part == "unmet" and share > LARGE_PENALTY:
            yield Finding("odd.mostly-penalty", {"cost_share": share, "cny": amount})
        elif part != "unmet" and share > LARGE_PART:
            yield Finding("odd.one-part-of-cost", {"cost": part, "cost_share": share, "cny": amount})


def _unmet(effective: Instance, plan: Plan) -> Iterator[Finding]:
    last = {(k.id, k.legs[-1]) for k in effective.structure.commodities}
    flows = plan.flows[[(k, leg) in last for k, leg in zip(plan.flows["commodity"], plan.flows["leg"], strict=True)]]
    into = flows.groupby(["destination", "commodity", "period"])["t_d"].sum()
    demand = effective.demand.groupby(["zone", "commodity", "period"])["t_d"].sum()
    left = (demand - into.reindex(demand.index, fill_value=0.0)).clip(lower=0)
    groups: Any = left.groupby(level=["commodity", "period"], sort=False)
    for (commodity, period), part in groups:
        asked = float(demand.xs((commodity, period), level=("commodity", "period")).sum())
        share = float(part.sum()) / asked if asked > 0 else 0.0
        if share > MUCH_UNMET:
            worst = part[part > 1e-6].sort_values(ascending=False)
            values = {
                "commodity": commodity, "period": period, "lost_share": share, "t_d": float(part.sum()),
                "zones": worst.index.get_level_values("zone").tolist(),
            }  # fmt: skip
            yield Finding("odd.much-unmet", values)


def _at_the_limit(effective: Instance, plan: Plan) -> Iterator[Finding]:
    arcs = effective.arcs.set_index(["leg", "origin", "destination", "mode"])[["km", "minutes"]]
    used = plan.flows.drop_duplicates(["leg", "origin", "destination", "mode"])
    index = pd.MultiIndex.from_frame(used[["leg", "origin", "destination", "mode"]])
    ways = arcs.reindex(index)
    for limit in effective.structure.service.limits:
        for most, column, unit in ((limit.max_km, "km", "km"), (limit.max_minutes, "minutes", "min")):
            if most is None:
                continue
            on_leg = ways[index.get_level_values("leg") == limit.leg][column]
            near = on_leg[on_leg >= AT_LIMIT * most]
            if len(near) and len(near) >= 0.05 * len(on_leg):
                ends = list(dict.fromkeys(near.index.get_level_values("destination")))
                key = "odd.zones-at-limit" if limit.leg.endswith("-zone") else "odd.sites-at-limit"
                sort = "zones" if limit.leg.endswith("-zone") else "sites"
                values = {"leg": limit.leg, "reach": most, "unit": unit, sort: ends, "count": len(ends)}
                yield Finding(key, values, (f"limits.{limit.leg}.max_{column}",))


def _slack_targets(effective: Instance, solution: Solution) -> Iterator[Finding]:
    for target in effective.structure.service.targets:
        reached = solution.kpi.get(f"target.{target.id}")
        if reached is not None and 0 < target.share < 1 and reached > target.share + 0.5 * (1 - target.share) + 1e-9:
            values = {"target": target.id, "asked_share": target.share, "reach_share": reached}
            yield Finding("odd.target-far-exceeded", values)


def odd_result(instance: Instance, solution: Solution) -> tuple[Finding, ...]:
    """What looks odd about a result of the instance; nothing if it holds no plan."""
    if solution.plan is None:
        return ()
    effective, plan = apply(instance, solution.policy), solution.plan
    return (
        *_idle(plan.facilities),
        *_one_for_all(plan.facilities, instance.sites),
        *_costs(solution),
        *_unmet(effective, plan),
        *_at_the_limit(effective, plan),
        *_slack_targets(effective, solution),
    )
