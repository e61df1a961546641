"""Proofs of infeasibility that cost next to nothing: bounds on what any network can do, held against the limits."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from hubopt.diagnose.finding import Finding
from hubopt.diagnose.ground import TOLERANCE, Ground
from hubopt.diagnose.throughput import capacity_short, land_short, sites_short
from hubopt.instance import Instance, Policy
from hubopt.model import Network, make_network
from hubopt.model.land import land_limits
from hubopt.model.service import delivery_feeders, sites_within, targets, weights


def too_few_candidates(ground: Ground) -> Iterator[Finding]:
    """More sites asked for than can be open."""
    network, structure = ground.network, ground.network.instance.structure
    asked: list[tuple[str, str, int, list[str]]] = []
    if network.policy.holds("level_counts"):
        asked += [
            ("levels", level, rule.min_open, list(network.sites_of(level))) for level, rule in structure.levels.items()
        ]
    asked += [
        ("hub_types", h, item.min_open, [i for i, site in network.sites.items() if site.hub_type == h])
        for h, item in network.hub_types.items()
    ]
    if network.policy.holds("presence"):
        asked += [
            (
                "presence",
                rule.id,
                rule.min_open,
                [
                    i
                    for i, site in network.sites.items()
                    if getattr(site, rule.scope) == rule.place
                    and rule.level in (None, site.level)
                    and rule.hub_type in (None, site.hub_type)
                ],
            )
            for rule in structure.presence
        ]
    for family, name, least, sites in asked:
        can = ground.openable(sites)
        if len(can) < least:
            limit = f"{family}.{name}.min_open"
            values = {"limit": limit, "asked": least, "candidates": len(sites), "openable": len(can)}
            yield Finding("proof.too-few-candidates", values, (limit,))


def forced_sites_that_cannot_open(ground: Ground) -> Iterator[Finding]:
    """Sites that must be open and fit no design on their land, or have no upper end to be served from."""
    network = ground.network
    for site in sorted(ground.forced):
        if not network.designs_at[site]:
            sizes = [
                d.module_gfa_m2 * d.min_modules / min(d.floor_area_ratio, network.sites[site].max_far) / 1e4
                for d in network.designs.values()
                if network.sites[site].level in d.levels
            ]
            values = {"site": site, "land_ha": network.sites[site].land_ha, "needed_ha": min(sizes, default=0.0)}
            yield Finding("proof.forced-cannot-open", values, (f"force_open.{site}",))
            continue
        for leg in sorted(network.single_sourced):
            if leg.endswith(f"-{network.sites[site].level}") and not network.upper_ends.get((leg, site)):
                limits = (f"force_open.{site}", f"limits.{leg}.max_km")
                yield Finding("proof.forced-without-source", {"site": site, "leg": leg}, limits)


def more_forced_than_allowed(ground: Ground) -> Iterator[Finding]:
    """More sites that must be open than may be."""
    network, structure = ground.network, ground.network.instance.structure
    if network.policy.holds("level_counts"):
        for level, rule in structure.levels.items():
            forced = sorted(i for i in ground.forced if network.sites[i].level == level)
            if rule.max_open is not None and len(forced) > rule.max_open:
                limit = f"levels.{level}.max_open"
                yield Finding("proof.more-forced", {"limit": limit, "asked": rule.max_open, "sites": forced}, (limit,))
    for h, item in network.hub_types.items():
        forced = sorted(i for i in ground.forced if network.sites[i].hub_type == h)
        if item.max_open is not None and len(forced) > item.max_open:
            limit = f"hub_types.{h}.max_open"
            yield Finding("proof.more-forced", {"limit": limit, "asked": item.max_open, "sites": forced}, (limit,))


def _least(ground: Ground, sites: Sequence[str], of_option: Callable[[str, str], float]) -> dict[str, float]:
    """Least figure of each site that can open, over its designs."""
    return {i: min(of_option(i, d) for d in ground.network.designs_at[i]) for i in ground.openable(sites)}


def _at_least(ground: Ground, inside: Sequence[str], figures: dict[str, float]) -> float:
    """Least total over the sites that must be open, and those that the counts of their levels ask for beside them."""
    network, total = ground.network, 0.0
    rules = network.instance.structure.levels if network.policy.holds("level_counts") else {}
    for level in ("hub", "utc", "station"):
        own = [i for i in inside if network.sites[i].level == level and i in figures]
        forced = [i for i in own if i in ground.forced]
        total += sum(figures[i] for i in forced)
        outside = len(ground.openable(network.sites_of(level))) - len(own)
        rule = rules.get(level)
        more = (0 if rule is None else rule.min_open) - outside - len(forced)
        total += sum(sorted(figures[i] for i in own if i not in ground.forced)[: max(0, more)])
    return total


def land_below_minimum(ground: Ground) -> Iterator[Finding]:
    """Land limits below the smallest size of what must be open."""
    network = ground.network
    if not network.policy.holds("land"):
        return
    options = network.options
    figures = _least(ground, list(network.sites), lambda i, d: options[i, d].lower * options[i, d].land_ha_module)
    for scope, name in dict.fromkeys((scope, name) for scope, name, _ in land_limits(network)):
        inside = [i for i, site in network.sites.items() if scope == "total" or getattr(site, scope) == name]
        least, most = _at_least(ground, inside, figures), network.land_limit[scope, name]
        if least > most * (1 + TOLERANCE) + 1e-9:
            limit = f"land_ha.{scope}:{name}"
            yield Finding("proof.land-below-minimum", {"limit": limit, "least": least, "most": most}, (limit,))


def budget_below_minimum(ground: Ground) -> Iterator[Finding]:
    """A capital budget of the first period below what the sites that must be open cost at least."""
    network = ground.network
    first = network.periods[0]
    budget = network.period[first].capital_budget_cny
    if budget is None or not network.policy.holds("capital_budget"):
        return

    def capital(i: str, d: str) -> float:
        design = network.designs[d]
        return design.capital_cny_m2 * design.module_gfa_m2 * network.options[i, d].lower + design.fixed_capital_cny

    new = [i for i in network.sites if i not in network.existing]
    figures = _least(ground, new, capital) | dict.fromkeys(ground.openable(list(network.existing)), 0.0)
    least = _at_least(ground, list(network.sites), figures)
    if least > budget * (1 + TOLERANCE):
        values = {"period": first, "least": least, "most": budget}
        yield Finding("proof.budget-below-minimum", values, ("capital_budget_cny",))


def zones_cut_off(ground: Ground) -> Iterator[Finding]:
    """Demand that nothing can reach, where too little may stay unmet."""
    network = ground.network
    for t in network.periods:
        lost = {(z, k): x for (z, k, s), x in network.demand.items() if s == t and (z, k) not in ground.reached}
        firm = {(z, k): x for (z, k), x in lost.items() if network.commodities[k].must_be_met}
        total = ground.demand(t)
        if not firm and (ground.cap is None or sum(lost.values()) <= ground.cap * total * (1 + TOLERANCE) + 1e-9):
            continue
        shown = firm or lost
        values = {
            "zones": sorted({z for z, _ in shown}), "commodities": sorted({k for _, k in shown}), "period": t,
            "t_d": sum(shown.values()) * ground.flow, "lost_share": sum(shown.values()) / total,
        }  # fmt: skip
        yield Finding("proof.zones-cut-off", values, ("unmet_share_max",))


def targets_out_of_reach(ground: Ground) -> Iterator[Finding]:
    """Service targets that would be missed if every candidate were open."""
    network = ground.network
    if not network.policy.holds("service_targets"):
        return
    for kind in ("access", "delivery"):
        for target in targets(network, kind):
            if kind == "access":
                near = set(sites_within(network, target))
            else:
                near = {zone for _, zone in delivery_feeders(network, target)}
            for t in network.periods:
                zones, asked = weights(network, target, t), network.share_asked(target.id, t)
                total = sum(zones.values())
                reach = sum(x for z, x in zones.items() if z in near)
                if total > 0 and reach < asked * total * (1 - TOLERANCE):
                    far = sorted((z for z in zones if z not in near), key=lambda z: (-zones[z], z))
                    values = {
                        "target": target.id, "reach_share": reach / total, "asked_share": asked, "zones": far,
                        "reach": target.limit, "unit": "km" if target.measure == "km" else "min", "period": t,
                    }  # fmt: skip
                    yield Finding("proof.target-out-of-reach", values, (f"targets.{target.id}.share",))


def gateways_short(ground: Ground) -> Iterator[Finding]:
    """Gateways too small together for what must pass, or one of them for its least share."""
    network = ground.network
    if not network.policy.holds("gateway_capacity"):
        return
    for t in network.periods:
        through = set(network.admitted)
        gates = {g for shares in network.admitted.values() for g in shares}
        if gates and all((g, t) in network.gateway_capacity for g in gates):
            least, most = ground.certain(t, through), sum(network.gateway_capacity[g, t] for g in gates)
            if least > most * (1 + TOLERANCE) + 1e-9:
                values = {"least": least * ground.flow, "most": most * ground.flow, "gateways": sorted(gates)}
                yield Finding(
                    "proof.gateways-short", values, tuple(f"gateways.{g}.capacity_t_d" for g in sorted(gates))
                )
        if not network.policy.holds("gateway_shares"):
            continue
        for k, shares in network.admitted.items():
            for g, (share, _) in shares.items():
                least, capacity = share * ground.certain(t, {k}), network.gateway_capacity.get((g, t), math.inf)
                if least > capacity * (1 + TOLERANCE) + 1e-9:
                    values = {
                        "gateway": g, "commodity": k, "asked_share": share, "least": least * ground.flow,
                        "most": capacity * ground.flow,
                    }  # fmt: skip
                    limits = (f"admissions.{k}.{g}.min_share", f"gateways.{g}.capacity_t_d")
                    yield Finding("proof.gateway-share-short", values, limits)


def outages_too_hard(ground: Ground) -> Iterator[Finding]:
    """Shares to be served in an outage that what is left cannot handle at its largest."""
    network = ground.network
    if not network.policy.holds("resilience"):
        return
    asked = network.instance.structure.resilience
    goods = {k for k, item in network.commodities.items() if item.chain[0] == "hub"}
    for t in network.periods:
        total = ground.demand(t, goods)
        hubs = {i: network.largest_throughput(i) for i in ground.openable(network.sites_of("hub"))}
        gates = {g: network.gateway_capacity.get((g, t), math.inf) for g in network.instance.gateways["id"]}
        free = any(k not in network.admitted for k in goods)
        for sort, rooms, share in (
            ("hub", hubs, asked.hub_outage_share),
            ("gateway", {} if free else gates, asked.gateway_outage_share),
        ):
            if not rooms or share <= 0 or total <= 0:
                continue
            out = max(rooms, key=lambda x, rooms=rooms: rooms[x])
            left = sum(room for x, room in rooms.items() if x != out)
            if left < share * total * (1 - TOLERANCE):
                values = {
                    sort: out, "asked_share": share, "least": share * total * ground.flow, "most": left * ground.flow,
                }  # fmt: skip
                yield Finding(f"proof.{sort}-outage-too-hard", values, (f"resilience.{sort}_outage_share",))


def _cleanest(ground: Ground) -> dict[tuple[str, str], float]:
    """Least emission of a tonne from its gateway or first facility to its zone (kg CO2e/t), by (zone, commodity)."""
    network = ground.network
    grid, beyond = network.instance.info.grid_kgco2e_kwh, network.gateway_figure("beyond_kgco2e_t")
    found: dict[tuple[str, str], float] = {}
    arcs_of: dict[tuple[str, str], list[tuple[str, str, str, str]]] = defaultdict(list)
    for arc, k in network.carriers:
        arcs_of[k, arc[0]].append(arc)
    for k, item in network.commodities.items():
        legs = [item.gateway_leg] if k in network.admitted else []
        legs += item.legs
        least: dict[str, float] = {g: beyond.get(g, 0.0) for g in network.admitted.get(k, {})}
        if k not in network.admitted:
            least = {
                i: _handling(network, i, k, grid) for i in network.sites_of(item.chain[0]) if (i, k) in network.handlers
            }
        for leg in legs:
            reached: dict[str, float] = {}
            for arc in arcs_of[k, leg]:
                if arc[1] in least:
                    kg = least[arc[1]] + network.emission_kg_t(arc)
                    if arc[2] in network.sites:
                        kg += _handling(network, arc[2], k, grid)
                    reached[arc[2]] = min(kg, reached.get(arc[2], math.inf))
            least = reached
        found |= {(z, k): kg for z, kg in least.items()}
    return found


def _handling(network: Network, site: str, commodity: str, grid: float) -> float:
    return min(network.designs[d].energy_kwh_t for d in network.handlers[site, commodity]) * grid


def carbon_above_cap(ground: Ground) -> Iterator[Finding]:
    """A cap on emission below what carrying the least that must be carried emits on the cleanest ways."""
    network = ground.network
    if not network.policy.holds("carbon_cap"):
        return
    days = network.instance.info.operating_days
    for t, period in network.period.items():
        if period.carbon_cap_t_year is None:
            continue
        cleanest = _cleanest(ground)
        left, kg = ground.certain(t, set(network.commodities)), 0.0
        for (z, k), rate in sorted(cleanest.items(), key=lambda item: item[1]):
            carried = min(left, network.demand.get((z, k, t), 0.0))
            kg, left = kg + carried * rate, left - carried
        least = kg * ground.flow * days / 1000
        if least > period.carbon_cap_t_year * (1 + TOLERANCE):
            values = {"period": t, "least": least, "most": period.carbon_cap_t_year}
            yield Finding("proof.carbon-above-cap", values, ("carbon_cap_t_year", "unmet_share_max"))


def too_little_to_use(ground: Ground) -> Iterator[Finding]:
    """Sites that must be open and cannot have the throughput that their smallest size asks for."""
    network = ground.network
    if not network.policy.holds("utilisation"):
        return
    for site in sorted(ground.forced):
        least = network.level_rule(network.sites[site].level).min_utilisation
        if least <= 0 or not network.designs_at[site]:
            continue
        sizes = {
            d: network.options[site, d].lower * network.designs[d].throughput_t_d * least
            for d in network.designs_at[site]
        }
        wanted = min(sizes.values())
        for t in network.periods:
            goods = [k for k in network.commodities if (site, k) in network.handlers]
            room = sum(network.most_sent(site, k, t) for k in goods) * ground.flow
            if wanted > room * (1 + TOLERANCE) + 1e-9:
                limits = (f"levels.{network.sites[site].level}.min_utilisation", f"force_open.{site}")
                values = {"site": site, "asked_share": least, "least": wanted, "most": room}
                yield Finding("proof.too-little-to-use", values, limits)
                break


PROOFS = (
    too_few_candidates, forced_sites_that_cannot_open, more_forced_than_allowed, land_below_minimum,
    budget_below_minimum, zones_cut_off, capacity_short, land_short, sites_short, targets_out_of_reach, gateways_short,
    outages_too_hard, carbon_above_cap, too_little_to_use,
)  # fmt: skip
"""All proofs, in the order in which they are listed."""


def proofs(instance: Instance, policy: Policy) -> tuple[Finding, ...]:
    """Everything that proves, without solving, that no network keeps all limits.

    Raises
    ------
    InputError
        If the policy does not fit the instance.
    """
    ground = Ground(make_network(instance, policy))
    return tuple(finding for proof in PROOFS for finding in proof(ground))
