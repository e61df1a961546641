"""A synthetic city with every feature of the model, small enough to check by hand."""

from __future__ import annotations

from hubopt.instance.types import Instance
from tests.builder import Place, Rows, arcs_between, at, instance_of
from tests.tiny_structure import tiny_structure

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
                    **at(x, y),
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
        *arcs_between("gateway-hub", TINY_GATEWAYS, TINY_HUBS, {"truck": 60}),
        *arcs_between("hub-utc", TINY_HUBS, TINY_UTCS, {"truck": 40}),
        *arcs_between("utc-station", TINY_UTCS, TINY_STATIONS, {"van": 30, "evan": 30}, 12),
        *arcs_between("utc-zone", TINY_UTCS, TINY_ZONES, {"van": 30}, 10),
        *arcs_between("station-zone", TINY_STATIONS, TINY_ZONES, {"trike": 15}, 4),
    ]


def tiny() -> Instance:
    """A synthetic city with every feature of the model, small enough to check by hand."""
    place = {"city": "Tinytown", "synthetic": True, "source": "made-up"}
    kinds = {"port": "port", "airport": "airport", "gate": "expressway"}
    return instance_of(
        tiny_structure(),
        gateways=[
            {
                "id": id,
                "name_en": id.capitalize(),
                "name_zh": TINY_CHINESE[id],
                "kind": kinds[id],
                **at(x, y),
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
                **at(x, y),
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
