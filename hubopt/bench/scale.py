"""Synthetic three-level cases of any size, the same numbers for the same sizes and seed on every machine.

Zones, stations and centres gather around twelve places, hubs and gateways lie anywhere; each zone takes everything from
one of its nearest stations, each station from one of its nearest centres, and gateways have fixed shares of each kind
of goods. Sizes have economies of scale, and what a size costs differs by site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from hubopt.formats.imports.parts import all_named, ids, named, table
from hubopt.instance import (
    LEVELS,
    TABLES,
    Commodity,
    Design,
    Info,
    Instance,
    Level,
    Mode,
    Period,
    Policy,
    Service,
    Source,
    Structure,
)
from hubopt.texts import LANGUAGES, Texts

Vector = NDArray[np.float64]
Places = NDArray[np.int64]

NEAREST_STATIONS, NEAREST_CENTRES = 15, 6
"""How many stations a zone, and how many centres a station, may choose from."""

GATEWAYS, GOODS, CLUSTERS = 6, 3, 12

CIRCUITY = 1.3
"""Driven over straight distance."""

RATES = {"station-zone": 0.9, "utc-station": 0.35, "hub-utc": 0.15, "gateway-hub": 0.10}
"""Cost of a unit and kilometre by leg."""

KM_PER_DEGREE = 111.2
"""Kilometres of the plane to a degree of longitude or latitude: the plane is laid on the equator."""

SIZES: dict[Level, tuple[float, ...]] = {"hub": (0.5, 1, 2, 4), "utc": (0.5, 1, 2, 4), "station": (0.5, 1, 2)}
"""Sizes in multiples of the level's unit."""

_ONCE = "once"


@dataclass(frozen=True)
class Layer:
    """Sites of one level: where they lie (km), what a size takes and costs, and the factor of each site on the cost."""

    points: Vector
    capacity: Vector
    cost: Vector
    factor: Vector


@dataclass(frozen=True)
class Case:
    """The numbers of a case; points in km, shape (count, 2). ``gateway_share`` has shape (goods, gateways)."""

    zones: Vector
    demand: Vector
    gateways: Vector
    layers: dict[Level, Layer]
    share: Vector
    gateway_share: Vector


def draw(zones: int, stations: int, centres: int, hubs: int, seed: int) -> Case:
    """Draw a case. The order of the draws is part of its definition: another order gives other cases."""
    rng = np.random.default_rng(seed)
    middles = rng.uniform(0, 100, (CLUSTERS, 2))
    weights = rng.dirichlet(np.ones(CLUSTERS))

    def gathered(count: int, spread: float) -> Vector:
        chosen = rng.choice(CLUSTERS, count, p=weights)
        points: Vector = middles[chosen] + rng.normal(0, spread, (count, 2))
        return points

    points: dict[Level, Vector] = {}
    zone = gathered(zones, 8)
    points["station"] = gathered(stations, 8)
    points["utc"] = gathered(centres, 10)
    points["hub"] = rng.uniform(-5, 105, (hubs, 2))
    gateways = rng.uniform(-10, 110, (GATEWAYS, 2))
    demand = rng.lognormal(0, 0.8, zones) * 10
    share = rng.dirichlet(np.ones(GOODS) * 4)
    gateway_share = rng.dirichlet(np.ones(GATEWAYS), GOODS)
    factor = {
        "station": rng.uniform(0.8, 1.2, stations),
        "utc": rng.uniform(0.7, 1.3, centres),
        "hub": rng.uniform(0.7, 1.3, hubs),
    }
    total = demand.sum()
    sizes = {level: np.array(SIZES[level], dtype=float) for level in LEVELS}
    unit = {"station": total / stations * 4, "utc": total / centres * 4, "hub": total / hubs * 3}
    cost = {
        "station": 30 * sizes["station"] ** 0.7 * unit["station"] / 10,
        "utc": 8 * sizes["utc"] ** 0.65 * unit["utc"] / 10 * 3,
        "hub": 4 * sizes["hub"] ** 0.6 * unit["hub"] / 10 * 3,
    }
    layers = {level: Layer(points[level], sizes[level] * unit[level], cost[level], factor[level]) for level in LEVELS}
    return Case(zone, demand, gateways, layers, share, gateway_share)


def nearest(lower: Vector, upper: Vector, count: int) -> tuple[Places, Places, Vector]:
    """Upper and lower ends of the arcs from the ``count`` nearest upper ends, and their driven km."""
    count = min(count, len(upper))
    _, found = cKDTree(upper).query(lower, k=[*range(1, count + 1)])
    upper_ends, lower_ends = found.ravel().astype(np.int64), np.repeat(np.arange(len(lower)), count)
    return upper_ends, lower_ends, _km(upper[upper_ends], lower[lower_ends])


def _every(lower: Vector, upper: Vector) -> tuple[Places, Places, Vector]:
    upper_ends = np.tile(np.arange(len(upper)), len(lower))
    lower_ends = np.repeat(np.arange(len(lower)), len(upper))
    return upper_ends, lower_ends, _km(upper[upper_ends], lower[lower_ends])


def _km(one: Vector, other: Vector) -> Vector:
    km: Vector = np.hypot(other[:, 0] - one[:, 0], other[:, 1] - one[:, 1]) * CIRCUITY
    return km


def _arcs(case: Case, names: dict[str, list[str]]) -> pd.DataFrame:
    points = {"zone": case.zones, "gateway": case.gateways} | {level: case.layers[level].points for level in LEVELS}
    limits = {"station-zone": NEAREST_STATIONS, "utc-station": NEAREST_CENTRES}
    parts = []
    for leg in RATES:
        upper, lower = leg.split("-")
        ends = (points[lower], points[upper])
        from_, to, km = nearest(*ends, limits[leg]) if leg in limits else _every(*ends)
        origin, destination = (np.array(names[end], dtype=object) for end in (upper, lower))
        parts.append(
            table("arcs", leg=leg, origin=origin[from_], destination=destination[to], mode=f"mode-{leg}", km=km)
        )
    return pd.concat(parts, ignore_index=True)


def _designs(case: Case) -> tuple[Design, ...]:
    """A design for each size. Its floor area is what it costs, at the price of the site's land: the site's factor."""
    return tuple(
        Design(
            id=f"{level}-{size:g}",
            **named("bench.design", capacity=f"{capacity:.6g}", cost=f"{cost:.6g}"),
            levels=(level,),
            module_gfa_m2=float(cost),
            max_modules=1,
            floor_area_ratio=1,
            throughput_t_d=float(capacity),
            capital_cny_m2=0,
            life_years=1,
        )
        for level in LEVELS
        for size, capacity, cost in zip(SIZES[level], case.layers[level].capacity, case.layers[level].cost, strict=True)
    )


def _place(points: Vector) -> dict[str, Vector]:
    return {"lon": points[:, 0] / KM_PER_DEGREE, "lat": points[:, 1] / KM_PER_DEGREE}


def _tables(case: Case) -> dict[str, pd.DataFrame]:
    goods = ids("k", GOODS)
    names = {"zone": ids("z", len(case.zones)), "gateway": ids("g", GATEWAYS)}
    names |= {level: ids(level[0], len(case.layers[level].points)) for level in LEVELS}
    made_up: dict[str, Any] = {"source": "made-up"}

    def synthetic(count: int) -> dict[str, Any]:
        return made_up | {"synthetic": np.ones(count, dtype=bool)}

    sites = [
        table(
            "sites",
            id=names[level],
            **all_named("import.site", names[level]),
            level=level,
            **_place(layer.points),
            # a little more land than the largest size needs, so that rounding never forbids it
            land_ha=np.full(len(layer.points), layer.cost.max() * 1.001 / 1e4),
            land_price_cny_m2=layer.factor,
            **synthetic(len(layer.points)),
        )
        for level, layer in case.layers.items()
    ]
    demand = [
        table("demand", zone=names["zone"], commodity=k, period=_ONCE, t_d=case.demand * share)
        for k, share in zip(goods, case.share, strict=True)
    ]
    admissions = [
        table("admissions", commodity=k, gateway=names["gateway"], min_share=shares, max_share=shares)
        for k, shares in zip(goods, case.gateway_share, strict=True)
    ]
    return {
        "gateways": table(
            "gateways",
            id=names["gateway"],
            **all_named("bench.gateway", names["gateway"]),
            kind="port",
            **_place(case.gateways),
            **synthetic(GATEWAYS),
        ),
        "admissions": pd.concat(admissions, ignore_index=True),
        "sites": pd.concat(sites, ignore_index=True),
        "zones": table(
            "zones",
            id=names["zone"],
            **all_named("bench.zone", names["zone"]),
            **_place(case.zones),
            **synthetic(len(case.zones)),
        ),
        "demand": pd.concat(demand, ignore_index=True),
        "arcs": _arcs(case, names),
    }


def case_name(zones: int, stations: int, centres: int, hubs: int, seed: int) -> str:
    """Id of a case, such as ``300x80x20x8-s0``."""
    return f"{zones}x{stations}x{centres}x{hubs}-s{seed}"


def scale_instance(zones: int, stations: int, centres: int, hubs: int, seed: int = 0) -> tuple[Instance, Policy]:
    """The case of these sizes and seed as an instance, and the policy it is solved under.

    Its objective is the sum of what sizes and carrying cost, in the numbers of the draw: a year has one day and money
    is not annualised.

    Raises
    ------
    ValueError
        If a size is not positive or the seed is negative.
    """
    if min(zones, stations, centres, hubs) < 1 or seed < 0:
        raise ValueError("sizes must be at least 1 and the seed at least 0")
    case = draw(zones, stations, centres, hubs, seed)
    name = case_name(zones, stations, centres, hubs, seed)
    chain: tuple[Literal["hub", "utc", "station"], ...] = LEVELS
    structure = Structure(
        instance=Info(
            id=name,
            **{f"name_{lang}": Texts(lang)("bench.case", name=name) for lang in LANGUAGES},
            description="Made up: drawn at random on a plane of about 100 km by 100 km, laid on the equator.",
            synthetic=True,
            money_year=2025,
            currency="units of the draw",
            operating_days=1,
            discount_rate=0,
            land_life_years=1,
        ),
        periods=(Period(id=_ONCE),),
        commodities=tuple(
            Commodity(id=k, **named("import.product", id=k), direction="inbound", chain=chain, must_be_met=True)
            for k in ids("k", GOODS)
        ),
        designs=_designs(case),
        modes=tuple(
            Mode(id=f"mode-{leg}", **named("bench.mode", leg=leg), cny_t_km=rate) for leg, rate in RATES.items()
        ),
        service=Service(single_sourcing=("utc-station", "station-zone")),
        sources=(Source(id="made-up", title="Drawn at random by hubopt", date="2025", licence="MIT"),),
    )
    tables = _tables(case)
    content: dict[str, Any] = {key: tables.get(key, table(key)) for key in TABLES}
    return Instance(structure=structure, **content), Policy()
