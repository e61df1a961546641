"""Small instances for tests: ``tiny`` can be checked by hand, ``random_case`` can be solved by brute force."""

from __future__ import annotations

import itertools
import random

from hubopt.instance.frames import frame, in_order
from hubopt.instance.schema import TABLES
from hubopt.instance.types import (
    Commodity,
    Design,
    HubType,
    Info,
    Instance,
    LevelRule,
    Mode,
    Period,
    Service,
    ServiceLimit,
    ServiceTarget,
    Source,
    Structure,
)

KM_PER_DEGREE_LAT = 111.0
KM_PER_DEGREE_LON = 102.0
ORIGIN = (114.0, 22.5)

Rows = list[dict[str, object]]
Place = tuple[str, float, float]
"""Identifier, km east and km north of the origin."""


def instance_of(structure: Structure, **tables: Rows) -> Instance:
    """An instance from partial rows per table; tables left out are empty; rows in canonical order."""
    return Instance(structure=structure, **{name: in_order(name, frame(name, tables.get(name, []))) for name in TABLES})


def _at(x: float, y: float) -> dict[str, object]:
    return {"lon": round(ORIGIN[0] + x / KM_PER_DEGREE_LON, 5), "lat": round(ORIGIN[1] + y / KM_PER_DEGREE_LAT, 5)}


def _arcs(leg: str, uppers: list[Place], lowers: list[Place], modes: dict[str, float], reach: float = 1e9) -> Rows:
    """All pairs within ``reach`` km by grid distance; ``modes`` gives km/h by mode."""
    rows: Rows = []
    for (origin, x, y), (destination, u, v), (mode, speed) in itertools.product(uppers, lowers, modes.items()):
        km = round(abs(x - u) + abs(y - v), 3)
        if km <= reach:
            row = {"leg": leg, "origin": origin, "destination": destination, "mode": mode}
            rows.append({**row, "km": km, "minutes": round(km * 60 / speed, 3)})
    return rows


# --- tiny -----------------------------------------------------------------------------------------------------------

TINY_GATEWAYS: list[Place] = [("port", -12, 0), ("airport", -10, 12), ("gate", 2, 14)]
TINY_HUBS: list[Place] = [("h-port", -8, 0), ("h-north", 2, 10), ("h-air", -8, 10)]
TINY_UTCS: list[Place] = [("u-west", -2, 2), ("u-mid", 2, 3), ("u-east", 6, 2)]
TINY_STATIONS: list[Place] = [("s1", -3, 1), ("s2", -1, 3), ("s3", 2, 2), ("s4", 5, 3), ("s5", 7, 1)]
TINY_ZONES: list[Place] = [("z1", -3, 2), ("z2", -2, 3), ("z3", 1, 2), ("z4", 3, 2), ("z5", 5, 2), ("z6", 7, 2)]
TINY_DEMAND = {
    "parcel": (20, 30, 40, 30, 20, 10),
    "cold": (4, 6, 8, 6, 4, 2),
    "bonded": (0, 10, 10, 0, 0, 5),
    "returns": (5, 5, 10, 5, 5, 0),
}
TINY_CHINESE = {
    "port": "港口",
    "airport": "机场",
    "gate": "高速口",
    "h-port": "临港枢纽",
    "h-north": "北部枢纽",
    "h-air": "临空枢纽",
    "u-west": "西部转运中心",
    "u-mid": "中部转运中心",
    "u-east": "东部转运中心",
}


def _tiny_designs() -> tuple[Design, ...]:
    def design(id: str, en: str, zh: str, level: str, **figures: float) -> Design:
        return Design.model_validate(
            {"id": id, "name_en": en, "name_zh": zh, "levels": (level,), "life_years": 25, **figures}
        )

    return (
        design(
            "hub-flat",
            "Single-storey hub",
            "单层枢纽",
            "hub",
            module_gfa_m2=10000,
            max_modules=4,
            floor_area_ratio=0.5,
            throughput_t_d=100,
            bonded_t_d=30,
            capital_cny_m2=3000,
            fixed_capital_cny=5e6,
            running_cny_m2_year=100,
            fixed_running_cny_year=500000,
            handling_cny_t=20,
            energy_kwh_t=3,
        ),
        design(
            "hub-stack",
            "Multi-storey hub",
            "多层枢纽",
            "hub",
            storeys=3,
            module_gfa_m2=10000,
            min_modules=2,
            max_modules=6,
            floor_area_ratio=2,
            throughput_t_d=100,
            bonded_t_d=50,
            cold_t_d=30,
            capital_cny_m2=4500,
            fixed_capital_cny=8e6,
            running_cny_m2_year=120,
            fixed_running_cny_year=800000,
            handling_cny_t=16,
            energy_kwh_t=4,
        ),
        design(
            "utc-flat",
            "Single-storey transfer centre",
            "单层转运中心",
            "utc",
            module_gfa_m2=2000,
            max_modules=5,
            floor_area_ratio=0.5,
            throughput_t_d=40,
            bonded_t_d=10,
            capital_cny_m2=2500,
            fixed_capital_cny=1e6,
            running_cny_m2_year=120,
            fixed_running_cny_year=200000,
            handling_cny_t=25,
            energy_kwh_t=4,
        ),
        design(
            "utc-smart",
            "Automated transfer centre",
            "自动化转运中心",
            "utc",
            storeys=4,
            module_gfa_m2=2000,
            max_modules=5,
            floor_area_ratio=2.5,
            throughput_t_d=60,
            bonded_t_d=15,
            cold_t_d=20,
            capital_cny_m2=5000,
            fixed_capital_cny=2e6,
            conversion_cny_m2=1500,
            running_cny_m2_year=150,
            fixed_running_cny_year=300000,
            handling_cny_t=12,
            energy_kwh_t=8,
        ),
        design(
            "stn-basic",
            "Street station",
            "社区网点",
            "station",
            module_gfa_m2=100,
            max_modules=4,
            floor_area_ratio=1,
            throughput_t_d=20,
            capital_cny_m2=1500,
            running_cny_m2_year=400,
            fixed_running_cny_year=50000,
            handling_cny_t=60,
            energy_kwh_t=2,
            life_years=10,
        ),
        design(
            "stn-cold",
            "Station with cold room",
            "带冷库网点",
            "station",
            module_gfa_m2=100,
            max_modules=4,
            floor_area_ratio=1,
            throughput_t_d=20,
            cold_t_d=8,
            capital_cny_m2=3000,
            running_cny_m2_year=500,
            fixed_running_cny_year=60000,
            handling_cny_t=60,
            energy_kwh_t=6,
            life_years=10,
        ),
    )


def _tiny_structure() -> Structure:
    chain = ("hub", "utc", "station")
    return Structure(
        instance=Info(
            id="tiny",
            name_en="A city small enough to check by hand",
            name_zh="可手工核算的小城",
            synthetic=True,
            money_year=2024,
            description="Made up: three gateways, three hubs, three transfer centres, five stations and six zones on a grid.",
            operating_days=300,
            discount_rate=0.06,
            land_life_years=50,
            carbon_price_cny_t=100,
            grid_kgco2e_kwh=0.5,
        ),
        periods=(Period(id="2025"),),
        commodities=(
            Commodity(
                id="parcel", name_en="Parcels", name_zh="快递包裹", direction="inbound", chain=chain, unmet_cny_t=20000
            ),
            Commodity(
                id="cold",
                name_en="Chilled food",
                name_zh="冷链食品",
                direction="inbound",
                chain=chain,
                requirement="cold",
                unmet_cny_t=30000,
            ),
            Commodity(
                id="bonded",
                name_en="Bonded imports on pallets",
                name_zh="保税进口托盘货",
                direction="inbound",
                chain=("hub", "utc"),
                requirement="bonded",
                unmet_cny_t=20000,
            ),
            Commodity(
                id="returns",
                name_en="Outbound parcels",
                name_zh="寄出包裹",
                direction="outbound",
                chain=chain,
                unmet_cny_t=20000,
            ),
        ),
        designs=_tiny_designs(),
        modes=(
            Mode(id="truck", name_en="Heavy truck", name_zh="重型货车", cny_t_km=0.5, cny_t=5, kgco2e_t_km=0.08),
            Mode(id="van", name_en="Diesel van", name_zh="柴油厢式车", cny_t_km=2, cny_t=10, kgco2e_t_km=0.4),
            Mode(id="evan", name_en="Electric van", name_zh="电动厢式车", cny_t_km=2.1, cny_t=10, kgco2e_t_km=0.1),
            Mode(
                id="trike", name_en="Electric tricycle", name_zh="电动三轮车", cny_t_km=20, cny_t=30, kgco2e_t_km=0.05
            ),
        ),
        hub_types=(
            HubType(
                id="trade",
                name_en="Trade-service hub",
                name_zh="商贸服务型枢纽",
                gateway_kinds=("port", "expressway"),
                min_open=1,
            ),
            HubType(
                id="air",
                name_en="Airport hub",
                name_zh="空港型枢纽",
                gateway_kinds=("airport", "expressway"),
                commodities=("parcel", "returns"),
                max_open=1,
            ),
        ),
        levels={
            "hub": LevelRule(dwell_minutes=120, min_open=1, max_open=3),
            "utc": LevelRule(dwell_minutes=60, min_open=1),
            "station": LevelRule(dwell_minutes=30, max_open=5),
        },
        service=Service(
            single_sourcing=("utc-station", "station-zone"),
            limits=(
                ServiceLimit(leg="station-zone", max_km=3),
                ServiceLimit(leg="utc-station", max_km=12, max_minutes=40),
            ),
            targets=(
                ServiceTarget(
                    id="utc-access",
                    name_en="Transfer centre within 5 km",
                    name_zh="5公里内有转运中心",
                    kind="access",
                    level="utc",
                    measure="km",
                    limit=5,
                    share=0.9,
                    standard="made up after the city's 2035 standard",
                ),
                ServiceTarget(
                    id="in-city",
                    name_en="In-city delivery in 60 minutes",
                    name_zh="市内60分钟送达",
                    kind="delivery",
                    level="utc",
                    measure="minutes",
                    limit=60,
                    share=0.8,
                    commodities=("parcel", "cold"),
                ),
            ),
        ),
        sources=(Source(id="made-up", title="Made up for the tests", date="2025", licence="MIT"),),
    )


def _tiny_sites() -> Rows:
    levels = {"hub": (TINY_HUBS, 6.0, 800), "utc": (TINY_UTCS, 1.0, 3000), "station": (TINY_STATIONS, 0.05, 10000)}
    types = {"h-port": "trade", "h-north": "trade", "h-air": "air"}
    rows: Rows = []
    for level, (places, land_ha, price) in levels.items():
        for id, x, y in places:
            rows.append(
                {
                    "id": id,
                    "name_en": f"Site {id}",
                    "name_zh": TINY_CHINESE.get(id, f"网点{id}"),
                    "level": level,
                    "hub_type": types.get(id, ""),
                    "city": "Tinytown",
                    "district": "West" if x < 0 else "East",
                    **_at(x, y),
                    "parcel": "depot" if id in ("u-west", "s1") else "",
                    "land_ha": land_ha,
                    "land_price_cny_m2": price,
                    "designs": "stn-basic" if id == "s5" else "",
                    "score": 60 + len(rows),
                    "synthetic": True,
                    "source": "made-up",
                }
            )
    return rows


def _tiny_arcs() -> Rows:
    return [
        *_arcs("gateway-hub", TINY_GATEWAYS, TINY_HUBS, {"truck": 60}),
        *_arcs("hub-utc", TINY_HUBS, TINY_UTCS, {"truck": 40}),
        *_arcs("utc-station", TINY_UTCS, TINY_STATIONS, {"van": 30, "evan": 30}, 12),
        *_arcs("utc-zone", TINY_UTCS, TINY_ZONES, {"van": 30}, 10),
        *_arcs("station-zone", TINY_STATIONS, TINY_ZONES, {"trike": 15}, 4),
    ]


def tiny() -> Instance:
    """A synthetic city with every feature of the model, small enough to check by hand."""
    place = {"city": "Tinytown", "synthetic": True, "source": "made-up"}
    kinds = {"port": "port", "airport": "airport", "gate": "expressway"}
    return instance_of(
        _tiny_structure(),
        gateways=[
            {
                "id": id,
                "name_en": id.capitalize(),
                "name_zh": TINY_CHINESE[id],
                "kind": kinds[id],
                **_at(x, y),
                **place,
                "capacity_t_d": {"port": 400, "airport": 120, "gate": float("nan")}[id],
                "beyond_cny_t": {"port": 10, "airport": 200, "gate": 30}[id],
                "border_cny_t": {"port": 15, "airport": 5, "gate": 0}[id],
            }
            for id, x, y in TINY_GATEWAYS
        ],
        admissions=[
            {"commodity": "parcel", "gateway": "airport", "min_share": 0.1, "max_share": 0.5},
            {"commodity": "parcel", "gateway": "gate"},
            {"commodity": "bonded", "gateway": "port"},
            {"commodity": "returns", "gateway": "gate"},
            {"commodity": "returns", "gateway": "airport", "max_share": 0.6},
        ],
        sites=_tiny_sites(),
        existing=[{"site": "u-west", "design": "utc-flat", "modules": 2, "closure_cny": 1e6, "source": "made-up"}],
        zones=[
            {
                "id": id,
                "name_en": f"Zone {id}",
                "name_zh": f"小区{id}",
                **_at(x, y),
                **place,
                "district": "West" if x < 0 else "East",
                "area_km2": 1.0,
                "population": 1000.0 * (index + 1),
            }
            for index, (id, x, y) in enumerate(TINY_ZONES)
        ],
        demand=[
            {"zone": zone[0], "commodity": commodity, "period": "2025", "t_d": t_d}
            for commodity, amounts in TINY_DEMAND.items()
            for zone, t_d in zip(TINY_ZONES, amounts, strict=True)
            if t_d
        ],
        land=[
            {"scope": "parcel", "id": "depot", "limit_ha": 1.0},
            {"scope": "district", "id": "West", "limit_ha": 10.0, "source": "made-up"},
            {"scope": "district", "id": "East", "limit_ha": 8.0, "source": "made-up"},
            {"scope": "total", "id": "total", "limit_ha": 16.0},
        ],
        arcs=_tiny_arcs(),
        parameters=[
            {
                "name": "instance.carbon_price_cny_t",
                "value": 100,
                "unit": "CNY/t CO2e",
                "low": 60,
                "high": 200,
                "year": 2024,
                "source": "made-up",
                "reliability": "assumption",
            },
            {
                "name": "designs.utc-smart.capital_cny_m2",
                "value": 5000,
                "unit": "CNY/m2 GFA",
                "source": "made-up",
                "reliability": "assumption",
            },
            {
                "name": "modes.van.cny_t_km",
                "value": 2,
                "unit": "CNY/t-km",
                "year": 2024,
                "source": "made-up",
                "reliability": "assumption",
            },
            {
                "name": "levels.station.dwell_minutes",
                "value": 30,
                "unit": "min",
                "source": "made-up",
                "reliability": "assumption",
            },
            {
                "name": "service.targets.utc-access.share",
                "value": 0.9,
                "unit": "-",
                "source": "made-up",
                "reliability": "assumption",
            },
            {
                "name": "service.limits.station-zone.max_km",
                "value": 3,
                "unit": "km",
                "source": "made-up",
                "reliability": "assumption",
            },
            {
                "name": "background.parcels_per_day",
                "value": 30000,
                "unit": "items/d",
                "year": 2024,
                "source": "made-up",
                "reliability": "assumption",
            },
        ],
    )


# --- random cases ---------------------------------------------------------------------------------------------------


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
            **_at(x, y),
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
        for row in _arcs(leg, groups[leg.split("-")[0]], groups[leg.split("-")[1]], {"truck": 30})
    ]
    land: Rows = [{"scope": "total", "id": "total", "limit_ha": 0.6}] if rng.random() < 0.4 else []
    return instance_of(
        structure,
        gateways=[
            {
                "id": id,
                "name_en": id,
                "kind": "port",
                **_at(x, y),
                "capacity_t_d": capacity,
                "beyond_cny_t": rng.randint(0, 20),
                "border_cny_t": rng.randint(0, 9),
            }
            for id, x, y in gateways
        ],
        admissions=admissions,
        sites=sites,
        existing=existing,
        zones=[{"id": id, "name_en": id, **_at(x, y)} for id, x, y in zones],
        demand=[
            {"zone": zone[0], "commodity": item.id, "period": "p", "t_d": rng.randint(1, 12)}
            for zone in zones
            for item in commodities
        ],
        land=land,
        arcs=arcs,
    )
