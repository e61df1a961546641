"""Small random cities in which cost, emission, land and service pull against each other."""

from __future__ import annotations

import random

from hubopt.instance import Instance
from hubopt.instance.types import Service, ServiceTarget
from tests.model.paper import NAMED, case, design, goods, mode, periods


def torn_city(seed: int, count: int = 1) -> Instance:
    """Two centres and four zones in ``count`` periods; towers spare land, vans on batteries spare emission."""
    rng = random.Random(f"torn {seed}")
    zones, centres = ("z1", "z2", "z3", "z4"), ("u1", "u2")
    near = ServiceTarget.model_validate(
        {"id": "near", **NAMED, "kind": "access", "level": "utc", "measure": "km", "limit": 4, "share": 0}
    )
    km = {f"{u} {z}": rng.randint(2, 12) for u in centres for z in zones}
    ways = {f"{pair} {way}": length for pair, length in km.items() for way in ("road", "clean")}
    figures = {"max_modules": 4, "fixed_capital_cny": 30}
    return case(
        (goods("box", "utc", unmet_cny_t=2000),),
        {f"{z} box": tuple(rng.randint(3, 9) * (1 + step) for step in range(count)) for z in zones},
        ways,
        {u: {"land_ha": 0.01, "land_price_cny_m2": rng.randint(1, 4), "district": "D"} for u in centres},
        (
            design("flat", "utc", floor_area_ratio=0.1, capital_cny_m2=20, energy_kwh_m2_year=5, **figures),
            design("tower", "utc", floor_area_ratio=0.5, capital_cny_m2=rng.randint(30, 60), energy_kwh_m2_year=40,
                   **figures),
        ),
        periods(**{f"p{step}": {} for step in range(count)}),
        (mode("road", kgco2e_t_km=2), mode("clean", cny_t_km=1.7, kgco2e_t_km=0.4)),
        {"grid_kgco2e_kwh": 0.5, "carbon_price_cny_t": 50},
        Service(targets=(near,)),
    )  # fmt: skip
