"""What makes instances differ: size, tightness of capacity, weight of fixed costs, spread; and how hard they are.

Every figure is defined so that it can be compared between instances of any kind: as a number, a ratio or a share.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy.spatial import ConvexHull, QhullError, cKDTree

from hubopt.instance import LEVELS, Instance, Level, Policy
from hubopt.model import Network, Scale, build, make_network
from hubopt.model.objective import capital_recovery
from hubopt.solve import solve
from hubopt.solve.compile import compile_model
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.engine.process import SolverProcess

KM_PER_DEGREE = 111.2
"""Length of a degree of latitude."""

HARDNESS_GAP = 1e-3
"""Relative gap at which a measured solve counts as done."""


@dataclass(frozen=True)
class Features:
    """Figures of one instance as it stands (without a policy); NaN where one has no meaning.

    ``arcs`` counts (arc, commodity) pairs that can carry something. ``capacity_ratio``: what the sites of a level can
    handle at their largest size (of the most that may open, if there is a limit) over what must pass it; that of the
    tightest level or class of handling. ``fixed_ratio``: yearly cost of opening every site at its largest size over the
    cost of carrying all demand at the mean rates of the legs. ``cost_spread``: standard deviation over mean of the
    carrying cost of arcs into zones. ``density``: share of the pairs of site and zone on these legs that have an arc.
    ``clustering``: mean way from a zone to the nearest other one over that of as many zones strewn at random over their
    hull (1: random, below: clustered, above: regular).
    """

    zones: int
    hub: int
    utc: int
    station: int
    commodities: int
    periods: int
    arcs: int
    single_sourced: int
    demand_t_d: float
    capacity_ratio: float
    fixed_ratio: float
    cost_spread: float
    density: float
    clustering: float


@dataclass(frozen=True)
class Hardness:
    """What a solve of limited time shows; amounts as the instance states its objective.

    ``lp_gap``: |best - relaxation| / |best|; ``gap``: what was left unproven; ``seconds``: of the solve, building and
    check left out.
    """

    lp_bound: float
    objective: float
    bound: float
    lp_gap: float
    gap: float
    seconds: float


FEATURES: tuple[str, ...] = tuple(item.name for item in fields(Features))
HARDNESS: tuple[str, ...] = tuple(item.name for item in fields(Hardness))


def _passing(network: Network, level: Level) -> Mapping[str, float]:
    """Demand that must pass a level by commodity (t/d), in the period in which it is largest."""
    by_period: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (_, k, t), amount in network.demand.items():
        if level in network.commodities[k].chain:
            by_period[t][k] += amount
    return max(by_period.values(), key=lambda goods: sum(goods.values()), default={})


def _room(network: Network, level: Level, sizes: Sequence[float]) -> float:
    """Sum of the largest sizes that may be open at once."""
    most = network.level_rule(level).max_open
    return sum(sorted(sizes, reverse=True)[:most])


def capacity_ratio(network: Network) -> float:
    """Room over demand of the tightest level or class of handling; infinite without demand."""
    ratios = [math.inf]
    for level in LEVELS:
        goods, sites = _passing(network, level), network.sites_of(level)
        if not goods:
            continue
        ratios.append(_room(network, level, [network.largest_throughput(i) for i in sites]) / sum(goods.values()))
        classes: dict[str, list[str]] = defaultdict(list)
        for k in goods:
            classes[network.commodities[k].requirement_at(level)].append(k)
        for name, members in classes.items():
            if name != "ambient":
                sizes = [max(network.largest_capacity(i, k) for k in members) for i in sites]
                ratios.append(_room(network, level, sizes) / sum(goods[k] for k in members))
    return min(ratios)


def _opening(network: Network, site: str) -> float:
    """Yearly cost of a site at the largest size of its largest design (CNY/year)."""
    info = network.instance.info
    costs = []
    for d in network.designs_at[site]:
        design, option = network.designs[d], network.options[site, d]
        area = option.upper * design.module_gfa_m2
        capital = area * design.capital_cny_m2 + design.fixed_capital_cny
        land = option.upper * option.land_ha_module * 1e4 * network.sites[site].land_price_cny_m2
        yearly = (
            capital_recovery(info.discount_rate, design.life_years) * capital
            + capital_recovery(info.discount_rate, info.land_life_years) * land
            + area * design.running_cny_m2_year
            + design.fixed_running_cny_year
        )
        costs.append((-option.upper * design.throughput_t_d, yearly))
    return min(costs)[1] if costs else 0.0


def fixed_ratio(network: Network) -> float:
    """Opening everything over carrying everything; NaN where carrying costs nothing."""
    rates: dict[tuple[str, str], list[float]] = defaultdict(list)
    for arc, k in network.carriers:
        rates[arc[0], k].append(sum(network.money_cny_t(arc).values()))
    asked: dict[str, float] = defaultdict(float)
    for (_, k, _), amount in network.demand.items():
        asked[k] += amount / len(network.periods)
    carrying = sum(asked[k] * float(np.mean(values)) for (_, k), values in rates.items())
    carrying *= network.instance.info.operating_days
    return sum(_opening(network, i) for i in network.sites) / carrying if carrying > 0 else math.nan


def _into_zones(network: Network) -> tuple[float, float]:
    """Spread of the carrying cost of arcs into zones, and the share of pairs that have one."""
    arcs = {arc for arc, _ in network.carriers if arc[2] not in network.sites}
    costs = np.array([sum(network.money_cny_t(arc).values()) for arc in arcs])
    spread = float(costs.std() / costs.mean()) if costs.size and costs.mean() > 0 else math.nan
    asking = {z for z, _, _ in network.demand}
    legs = {arc[0] for arc in arcs}
    pairs = sum(len(network.sites_of(leg.split("-")[0])) * len(asking) for leg in legs)
    return spread, len({arc[:3] for arc in arcs}) / pairs if pairs else math.nan


def clustering(instance: Instance) -> float:
    """Clark and Evans's ratio of the zones with coordinates; NaN with fewer than five or all in one line."""
    places = instance.zones[["lon", "lat"]].dropna().drop_duplicates().to_numpy(dtype=float)
    if len(places) < 5:
        return math.nan
    km = places * KM_PER_DEGREE
    km[:, 0] *= math.cos(math.radians(float(places[:, 1].mean())))
    try:
        hull = ConvexHull(km)
    except QhullError:
        return math.nan
    count, area, border = len(km), float(hull.volume), float(hull.area)
    # Donnelly's expectation: zones at the border have neighbours on one side only
    expected = 0.5 * math.sqrt(area / count) + (0.0514 + 0.041 / math.sqrt(count)) * border / count
    nearest = cKDTree(km).query(km, k=2)[0][:, 1]
    return float(nearest.mean() / expected)


def features(instance: Instance) -> Features:
    """The figures of an instance as it stands."""
    network = make_network(instance, Policy(), Scale())
    spread, density = _into_zones(network)
    counts = {level: len(network.sites_of(level)) for level in LEVELS}
    return Features(
        zones=len(instance.zones),
        **counts,
        commodities=len(network.commodities),
        periods=len(network.periods),
        arcs=len(network.carriers),
        single_sourced=len(network.links),
        demand_t_d=sum(network.demand.values()) / len(network.periods),
        capacity_ratio=capacity_ratio(network),
        fixed_ratio=fixed_ratio(network),
        cost_spread=spread,
        density=density,
        clustering=clustering(instance),
    )


def hardness(instance: Instance, seconds: float, threads: int = 1) -> Hardness:
    """Solve the relaxation and the instance, each within ``seconds``, to a gap of 0.1 %."""
    model = build(instance)
    program = compile_model(model)
    relaxed = Job(program.lower, program.upper, np.zeros_like(program.integer), seconds=seconds, threads=threads)
    with SolverProcess(program) as solver:
        outcome = solver.run(relaxed)
    stated = instance.info.sign * model.network.scale.money_cny
    is_done = isinstance(outcome, Outcome) and outcome.bound is not None
    lp_bound = outcome.bound * stated if is_done else math.nan  # type: ignore[union-attr]
    proof = solve(instance, gap=HARDNESS_GAP, time_limit=seconds, threads=threads).proof
    objective, bound, gap = (math.nan if x is None else x for x in (proof.objective, proof.bound, proof.gap))
    own = proof.seconds.get("total", math.nan) - proof.seconds.get("build", 0.0) - proof.seconds.get("check", 0.0)
    missed = abs(objective - lp_bound) / max(abs(objective), 1e-9)
    return Hardness(lp_bound, objective, bound, missed, gap, own)
