"""A made-up city of some size: too large to be proven optimal in seconds, small enough to find plans quickly."""

from __future__ import annotations

import random

from hubopt.instance import Instance
from hubopt.instance.types import LevelRule, ServiceLimit
from tests.builder import Place, arcs_between, at, instance_of
from tests.tiny_structure import tiny_structure

GATEWAYS: list[Place] = [("port", -2.0, 0.0), ("airport", 0.0, 16.0), ("gate", 22.0, 6.0)]


def medium(zones: int = 40, stations: int = 25, utcs: int = 8, hubs: int = 4, seed: int = 0) -> Instance:
    """Goods, designs and modes of the tiny city on 20 by 14 km; the same arguments give the same case."""
    rng = random.Random(seed)

    def places(prefix: str, count: int) -> list[Place]:
        return [(f"{prefix}{n}", round(rng.uniform(0, 20), 1), round(rng.uniform(0, 14), 1)) for n in range(count)]

    groups = {
        "gateway": GATEWAYS, "hub": places("h", hubs), "utc": places("u", utcs), "station": places("s", stations),
        "zone": places("z", zones),
    }  # fmt: skip
    structure = tiny_structure()
    targets = tuple(
        target.model_copy(update={"limit": limit, "share": share})
        for target, limit, share in zip(structure.service.targets, (8.0, 90.0), (0.8, 0.5), strict=True)
    )
    limits = (ServiceLimit(leg="station-zone", max_km=8), ServiceLimit(leg="utc-station", max_km=15))
    levels = {"station": LevelRule(dwell_minutes=30), "utc": LevelRule(min_open=1), "hub": LevelRule(min_open=1)}
    service = structure.service.model_copy(update={"limits": limits, "targets": targets})
    structure = structure.model_copy(
        update={
            "instance": structure.instance.model_copy(update={"id": "medium"}), "service": service, "levels": levels,
        }
    )  # fmt: skip
    modes = {"gateway-hub": {"truck": 60.0}, "hub-utc": {"truck": 40.0}, "utc-station": {"van": 30.0, "evan": 30.0}}
    reach = {"utc-station": 15.0, "utc-zone": 12.0, "station-zone": 8.0}
    land = {"hub": 6.0, "utc": 1.0, "station": 0.05}
    price = {"hub": 800, "utc": 3000, "station": 10000}
    kinds = {"port": "port", "airport": "airport", "gate": "expressway"}
    most = {"parcel": 20, "cold": 4, "bonded": 4, "returns": 5}
    return instance_of(
        structure,
        gateways=[{"id": id, "name_en": id, "kind": kinds[id], **at(x, y)} for id, x, y in GATEWAYS],
        admissions=[
            {"commodity": "parcel", "gateway": "airport", "min_share": 0.1, "max_share": 0.5},
            {"commodity": "parcel", "gateway": "gate"},
            {"commodity": "bonded", "gateway": "port"},
            {"commodity": "returns", "gateway": "gate"},
        ],
        sites=[
            {
                "id": id,
                "name_en": id,
                "level": level,
                "hub_type": ("trade", "air")[number % 2] if level == "hub" else "",
                **at(x, y),
                "land_ha": land[level],
                "land_price_cny_m2": price[level] * rng.uniform(0.5, 1.5),
                "synthetic": True,
            }
            for level in ("hub", "utc", "station")
            for number, (id, x, y) in enumerate(groups[level])
        ],
        existing=[{"site": "u0", "design": "utc-flat", "modules": 2, "closure_cny": 1e6}],
        zones=[{"id": id, "name_en": id, **at(x, y)} for id, x, y in groups["zone"]],
        demand=[
            {"zone": zone[0], "commodity": name, "period": "2025", "t_d": rng.randint(1, amount)}
            for zone in groups["zone"]
            for name, amount in most.items()
        ],
        land=[{"scope": "total", "id": "total", "limit_ha": 40.0}],
        arcs=[
            row
            for leg in ("gateway-hub", "hub-utc", "utc-station", "utc-zone", "station-zone")
            for row in arcs_between(
                leg,
                groups[leg.split("-")[0]],
                groups[leg.split("-")[1]],
                modes.get(leg, {"van": 30.0} if leg == "utc-zone" else {"trike": 15.0}),
                reach.get(leg, 1e9),
            )
        ],
    )
