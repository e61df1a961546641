"""Random instances that can be solved by brute force."""

from __future__ import annotations

import random

from hubopt.instance.types import (
    Commodity,
    Design,
    Info,
    Instance,
    LevelRule,
    Mode,
    Period,
    Service,
    ServiceLimit,
    ServiceTarget,
    Structure,
)
from tests.builder import Place, Rows, arcs_between, at, instance_of
from tests.tiny_structure import tiny_structure


def _random_design(rng: random.Random, id: str, level: str, requirement: str) -> Design:
    throughput = rng.choice([10, 20, 30])
    return Design.model_validate(
        {
            "id": id,
            "name_en": id,
            "name_zh": "设计",
            "levels": (level,),
            "module_gfa_m2": 1000,
            "max_modules": rng.choice([1, 2]),
            "floor_area_ratio": rng.choice([0.5, 1.0, 2.0]),
            "throughput_t_d": throughput,
            "bonded_t_d": throughput / 2 if requirement == "bonded" else 0,
            "cold_t_d": throughput / 2 if requirement == "cold" else 0,
            "capital_cny_m2": rng.randint(1000, 5000),
            "fixed_capital_cny": rng.choice([0, 1e6, 3e6]),
            "conversion_cny_m2": rng.choice([500, 6000]),
            "life_years": 20,
            "running_cny_m2_year": rng.randint(50, 200),
            "fixed_running_cny_year": rng.choice([0, 1e5, 5e5]),
            "handling_cny_t": rng.randint(5, 40),
            "energy_kwh_t": rng.randint(0, 5),
        }
    )


def _random_commodities(rng: random.Random, requirement: str, direction: str) -> tuple[Commodity, ...]:
    chains = [("hub", "utc", "station"), ("hub", "utc"), ("utc", "station")]
    return tuple(
        Commodity.model_validate(
            {
                "id": id,
                "name_en": id,
                "name_zh": "货类",
                "direction": direction if index else "inbound",
                "chain": chains[0] if index == 0 else rng.choice(chains),
                "requirement": requirement if index == 0 else "ambient",
                "unmet_cny_t": rng.choice([300, 3000]),
            }
        )
        for index, id in enumerate(["k1", "k2"][: rng.choice([1, 2])])
    )


def _random_targets(rng: random.Random) -> tuple[ServiceTarget, ...]:
    common = {"name_en": "target", "name_zh": "目标", "level": "utc"}
    access = ServiceTarget.model_validate(
        {**common, "id": "access", "kind": "access", "measure": "km", "limit": rng.choice([6, 12]), "share": 0.4}
    )
    delivery = ServiceTarget.model_validate(
        {
            **common,
            "id": "delivery",
            "kind": "delivery",
            "measure": "minutes",
            "limit": rng.choice([30, 60]),
            "share": 0.4,
        }
    )
    return rng.choice([(), (access,), (delivery,), (access, delivery)])


def random_case(seed: int) -> Instance:
    """A valid instance for brute force: 1-2 hubs and utcs, 2 stations, 2-3 zones, 1-2 commodities, few sizes.

    The same seed always gives the same case. Every case can be solved (demand may stay unmet) unless a service
    target is out of reach, which happens and is meant.
    """
    rng = random.Random(seed)

    def places(prefix: str, count: int) -> list[Place]:
        return [
            (f"{prefix}{index + 1}", float(rng.randint(0, 10)), float(rng.randint(0, 10))) for index in range(count)
        ]

    hubs, utcs, stations = places("h", rng.choice([1, 2])), places("u", rng.choice([1, 2])), places("s", 2)
    zones, gateways = places("z", rng.choice([2, 3])), places("g", rng.choice([0, 1, 2]))
    requirement = rng.choice(["ambient", "ambient", "bonded", "cold"])
    commodities = _random_commodities(rng, requirement, rng.choice(["inbound", "outbound"]))
    designs = tuple(_random_design(rng, f"d-{level}", level, requirement) for level in ("hub", "utc", "station"))
    if rng.random() < 0.3:
        designs = (*designs, _random_design(rng, "d-utc-new", "utc", requirement))
    sourced = rng.choice([("utc-station", "station-zone"), ("utc-station", "station-zone"), ()])
    structure = Structure(
        instance=Info(
            id=f"random-{seed}",
            name_en="A random case",
            name_zh="随机算例",
            synthetic=True,
            money_year=2024,
            operating_days=300,
            carbon_price_cny_t=rng.choice([0, 100]),
            grid_kgco2e_kwh=0.5,
        ),
        periods=(Period(id="p"),),
        commodities=commodities,
        designs=designs,
        modes=(
            Mode(
                id="truck",
                name_en="Truck",
                name_zh="货车",
                cny_t_km=rng.randint(1, 9),
                cny_t=rng.randint(0, 9),
                kgco2e_t_km=0.1,
            ),
        ),
        levels={
            "station": LevelRule(dwell_minutes=10, min_open=rng.choice([0, 0, 1])),
            "utc": LevelRule(max_open=rng.choice([None, 1])),
        },
        service=Service(
            single_sourcing=sourced,
            limits=(ServiceLimit(leg="station-zone", max_km=rng.choice([8, 15])),),
            targets=_random_targets(rng) if sourced else (),
        ),
    )
    sites: Rows = [
        {
            "id": id,
            "name_en": id,
            "level": level,
            "district": rng.choice(["A", "B"]),
            **at(x, y),
            "land_ha": rng.choice([0.1, 0.2, 0.4]),
            "land_price_cny_m2": rng.randint(0, 2000),
            "synthetic": True,
        }
        for level, group in (("hub", hubs), ("utc", utcs), ("station", stations))
        for id, x, y in group
    ]
    existing: Rows = []
    if rng.random() < 0.5:
        existing = [
            {"site": "u1", "design": "d-utc", "modules": 1, "may_close": rng.random() < 0.7, "closure_cny": 1e5}
        ]
    admissions: Rows = []
    if gateways:
        admissions = [{"commodity": "k1", "gateway": gateway[0], "max_share": 1.0} for gateway in gateways]
        if len(gateways) == 2 and rng.random() < 0.6:
            admissions[0] |= {"min_share": 0.25, "max_share": 0.5}
    capacity = rng.choice([float("nan"), 8.0, 40.0])
    groups = {"gateway": gateways, "hub": hubs, "utc": utcs, "station": stations, "zone": zones}
    legs = {leg for item in commodities for leg in item.legs} | {"gateway-hub", "utc-zone", "station-zone"}
    arcs = [
        row
        for leg in sorted(legs)
        for row in arcs_between(leg, groups[leg.split("-")[0]], groups[leg.split("-")[1]], {"truck": 30})
    ]
    land: Rows = [{"scope": "total", "id": "total", "limit_ha": 0.6}] if rng.random() < 0.4 else []
    return instance_of(
        structure,
        gateways=[
            {
                "id": id,
                "name_en": id,
                "kind": "port",
                **at(x, y),
                "capacity_t_d": capacity,
                "beyond_cny_t": rng.randint(0, 20),
                "border_cny_t": rng.randint(0, 9),
            }
            for id, x, y in gateways
        ],
        admissions=admissions,
        sites=sites,
        existing=existing,
        zones=[{"id": id, "name_en": id, **at(x, y)} for id, x, y in zones],
        demand=[
            {"zone": zone[0], "commodity": item.id, "period": "p", "t_d": rng.randint(1, 12)}
            for zone in zones
            for item in commodities
        ],
        land=land,
        arcs=arcs,
    )


def medium_case(seed: int = 0) -> Instance:
    """A city of 40 zones, 16 stations, 6 transfer centres and 3 hubs: soon solved well, not soon proven optimal."""
    rng = random.Random(seed)

    def places(prefix: str, count: int) -> list[Place]:
        return [(f"{prefix}{at}", rng.uniform(0, 12), rng.uniform(0, 12)) for at in range(count)]

    hubs, utcs, stations, zones = places("h", 3), places("u", 6), places("s", 16), places("z", 40)
    levels = (("hub", hubs, 6.0), ("utc", utcs, 2.0), ("station", stations, 0.1))
    structure = tiny_structure()
    parcel = structure.commodities[:1]
    service = structure.service.model_copy(update={"targets": (), "limits": ()})
    update = {"commodities": parcel, "hub_types": (), "service": service, "levels": {}}
    return instance_of(
        structure.model_copy(update=update),
        sites=[
            {"id": id, "name_en": id, "level": level, **at(x, y), "land_ha": land_ha, "land_price_cny_m2": 3000}
            for level, group, land_ha in levels
            for id, x, y in group
        ],
        zones=[{"id": id, "name_en": id, **at(x, y)} for id, x, y in zones],
        demand=[
            {"zone": zone[0], "commodity": "parcel", "period": "2025", "t_d": rng.randint(3, 25)} for zone in zones
        ],
        arcs=[
            *arcs_between("hub-utc", hubs, utcs, {"truck": 40}),
            *arcs_between("utc-station", utcs, stations, {"van": 30}),
            *arcs_between("station-zone", stations, zones, {"trike": 15}, 6),
        ],
    )
