"""A little greedy constructor: plans for random cases that hold unless a target, count or share is out of reach."""

from __future__ import annotations

import math
import random

import pandas as pd

from hubopt.check import complete_plan
from hubopt.instance import Design, Instance, Policy
from hubopt.solution.types import ASSIGNMENT_COLUMNS, FLOW_COLUMNS, Plan

Node = tuple[str, str]
"""Kind and id of an end; free sources are not nodes."""


def _sizes(case: Instance, rng: random.Random) -> dict[str, tuple[Design, int]]:
    """A design and size for most sites, as much as the land limit takes; what stands today is kept as it is."""
    designs = {design.id: design for design in case.structure.designs}
    today = {row.site: (designs[row.design], int(row.modules)) for row in case.existing.itertuples()}
    left = float(case.land["limit_ha"].min()) if len(case.land) else math.inf
    chosen: dict[str, tuple[Design, int]] = {}
    for row in sorted(case.sites.itertuples(), key=lambda row: (row.id not in today, rng.random())):
        rule = case.structure.levels.get(row.level)
        at_level = sum(1 for site in chosen if site[0] == row.id[0])
        if rule is not None and rule.max_open is not None and at_level >= rule.max_open:
            continue
        options = [today[row.id]] if row.id in today else []
        if not options:
            options = [
                (design, modules)
                for design in designs.values()
                if row.level in design.levels
                for modules in range(design.min_modules, design.max_modules + 1)
                if modules * design.module_gfa_m2 / design.floor_area_ratio / 1e4 <= row.land_ha
            ]
        options = [item for item in options if item[1] * item[0].module_gfa_m2 / item[0].floor_area_ratio / 1e4 <= left]
        if options:
            design, modules = chosen[row.id] = rng.choice(options)
            left -= modules * design.module_gfa_m2 / design.floor_area_ratio / 1e4
    return chosen


def greedy_plan(case: Instance, policy: Policy, seed: int) -> Plan:
    """Open at random, link each lower end to a random upper end, send along the links what still fits."""
    rng = random.Random(seed)
    sizes = _sizes(case, rng)
    arcs: dict[tuple[str, str], dict[str, str]] = {}
    limits = {limit.leg: limit.max_km or math.inf for limit in case.structure.service.limits}
    for arc in case.arcs.itertuples():
        if arc.km <= limits.get(arc.leg, math.inf):
            arcs.setdefault((arc.leg, arc.destination), {})[arc.origin] = arc.mode
    single = set(case.structure.service.single_sourcing)
    levels = dict(zip(case.sites["id"], case.sites["level"], strict=True))
    # a station that nothing can feed must not be open
    feeders = [site for site in sizes if levels[site] == "utc"]
    if "utc-station" in single and not feeders:
        sizes = {site: size for site, size in sizes.items() if levels[site] != "station"}
    uppers: dict[tuple[str, str], str] = {}
    links = []
    for leg in sorted(single):
        lower_kind = leg.split("-")[1]
        ends = [site for site in sizes if levels[site] == lower_kind]
        for end in ends if lower_kind != "zone" else list(case.zones["id"]):
            known = sorted(origin for origin in arcs.get((leg, end), {}) if origin in sizes)
            if known:
                uppers[leg, end] = rng.choice(known)
                links.append(("p", leg, uppers[leg, end], end))
    room = {site: design.throughput_t_d * modules for site, (design, modules) in sizes.items()}
    special = {
        (site, need): getattr(design, f"{need}_t_d") * modules
        for site, (design, modules) in sizes.items()
        for need in ("bonded", "cold")
    }
    gate_room = dict(zip(case.gateways["id"], case.gateways["capacity_t_d"].fillna(math.inf), strict=True))
    carried: dict[tuple[str, ...], float] = {}
    commodities = {item.id: item for item in case.structure.commodities}
    for row in case.demand.itertuples():
        item = commodities[row.commodity]
        admitted = sorted(case.admissions.loc[case.admissions["commodity"] == item.id, "gateway"])
        legs = [*([item.gateway_leg] if admitted else []), *item.legs]
        way: list[tuple[str, str, str, str]] = []
        end = row.zone
        for leg in reversed(legs):
            known = sorted(o for o in arcs.get((leg, end), {}) if o in sizes or o in admitted)
            origin = uppers.get((leg, end)) if leg in single else (rng.choice(known) if known else None)
            if origin is None:
                break
            way.append((leg, origin, end, arcs[leg, end][origin]))
            end = origin
        if len(way) < len(legs):
            continue
        sites = [origin for leg, origin, _, _ in way if not leg.startswith("gateway")]
        gates = [origin for leg, origin, _, _ in way if leg.startswith("gateway")]
        amounts = [row.t_d, *(room[site] for site in sites), *(gate_room[gate] for gate in gates)]
        if item.requirement != "ambient":
            amounts += [special[site, item.requirement] for site in sites]
        amount = min(amounts)
        if amount <= 1e-3:
            continue
        for site in sites:
            room[site] -= amount
            if item.requirement != "ambient":
                special[site, item.requirement] -= amount
        for gate in gates:
            gate_room[gate] -= amount
        for step in way:
            carried[(*step, item.id)] = carried.get((*step, item.id), 0.0) + amount
    decisions = [("p", site, design.id, modules) for site, (design, modules) in sizes.items()]
    return complete_plan(
        case,
        policy,
        pd.DataFrame(decisions, columns=["period", "site", "design", "modules"]),
        pd.DataFrame(links, columns=list(ASSIGNMENT_COLUMNS)),
        pd.DataFrame([("p", *way, t_d) for way, t_d in carried.items()], columns=list(FLOW_COLUMNS)),
    )
