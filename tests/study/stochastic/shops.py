"""A town of three shops and three villages, small enough that every first stage can be tried on paper.

A shop of 1 or 2 modules takes 6 t/d a module; opening costs a fixed sum a year and each module its running cost. What a
village does not get costs a penalty. There is one day in the year, so that a tonne a day costs what a tonne does.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
from scipy.optimize import linprog

from hubopt.instance import Commodity, Design, Info, Instance, Mode, Period, Service, Structure
from hubopt.study.stochastic.scenarios import ScenarioSet
from tests.builder import instance_of

SHOPS, VILLAGES = ("a", "b", "c"), ("x", "y", "z")
FIXED = {"a": 10.0, "b": 14.0, "c": 8.0}
MODULE, ROOM, PENALTY = 5.0, 6.0, 9.0
KM = {"a": (1.0, 4.0, 6.0), "b": (3.0, 1.0, 3.0), "c": (7.0, 3.0, 1.0)}
DEMAND = {"x": 5.0, "y": 4.0, "z": 6.0}

SCENARIOS = ScenarioSet.model_validate(
    {
        "scenarios": [
            {"id": "usual", "probability": 0.5},
            {"id": "boom", "probability": 0.25, "demand_factor": 1.5, "demand": [{"zone": "x", "factor": 2.0}]},
            {"id": "out", "probability": 0.15, "closed_sites": ["b"], "site_capacity": {"c": 0.5}},
            {"id": "quiet", "probability": 0.1, "demand": [{"district": "West", "factor": 0.2}]},
        ]
    }
)
FACTORS = {
    "usual": (1.0, 1.0, 1.0), "boom": (3.0, 1.5, 1.5), "out": (1.0, 1.0, 1.0), "quiet": (0.2, 0.2, 1.0),
}  # fmt: skip
"""Factor on the demand of x, y and z."""
SHARES = {
    "usual": (1.0, 1.0, 1.0), "boom": (1.0, 1.0, 1.0), "out": (1.0, 0.0, 0.5), "quiet": (1.0, 1.0, 1.0),
}  # fmt: skip
"""Share of the capacity of a, b and c."""
CHANCES = {"usual": 0.5, "boom": 0.25, "out": 0.15, "quiet": 0.1}

Stage = tuple[int, int, int]
"""Modules of a, b and c."""


def town(*, one_shop_each: bool = False) -> Instance:
    """The instance; villages that go to one shop each make the answers whole numbers."""
    named = {"name_en": "x", "name_zh": "某"}
    designs = tuple(
        Design(
            id=f"shop-{name}", **named, levels=("station",), module_gfa_m2=1, max_modules=2, floor_area_ratio=1,
            throughput_t_d=ROOM, capital_cny_m2=0, life_years=1, running_cny_m2_year=MODULE,
            fixed_running_cny_year=FIXED[name],
        )
        for name in SHOPS
    )  # fmt: skip
    return instance_of(
        Structure(
            instance=Info(id="town", **named, money_year=2024, operating_days=1, discount_rate=0, land_life_years=1),
            periods=(Period(id="p"),),
            commodities=(Commodity(id="goods", **named, direction="inbound", chain=("station",), unmet_cny_t=PENALTY),),
            designs=designs,
            modes=(Mode(id="van", **named, cny_t_km=1),),
            service=Service(single_sourcing=("station-zone",) if one_shop_each else ()),
        ),
        sites=[
            {"id": name, "name_en": name, "level": "station", "land_ha": 1, "designs": f"shop-{name}"} for name in SHOPS
        ],
        zones=[{"id": name, "name_en": name, "district": "East" if name == "z" else "West"} for name in VILLAGES],
        demand=[{"zone": name, "commodity": "goods", "period": "p", "t_d": DEMAND[name]} for name in VILLAGES],
        arcs=[
            {"leg": "station-zone", "origin": shop, "destination": name, "mode": "van", "km": km}
            for shop in SHOPS
            for name, km in zip(VILLAGES, KM[shop], strict=True)
        ],
    )


def stages() -> Iterator[Stage]:
    """Every first stage."""
    for stage in itertools.product((0, 1, 2), repeat=3):
        yield (stage[0], stage[1], stage[2])


def cost(stage: Stage, scenario: str) -> float:
    """Cost of a first stage in a scenario: its own, and the cheapest flows as a transport problem."""
    own = sum(FIXED[name] * (size > 0) + MODULE * size for name, size in zip(SHOPS, stage, strict=True))
    demand = [DEMAND[name] * factor for name, factor in zip(VILLAGES, FACTORS[scenario], strict=True)]
    room = [size * ROOM * share for size, share in zip(stage, SHARES[scenario], strict=True)]
    rates = np.array([KM[name] for name in SHOPS]).ravel() - PENALTY
    within = np.kron(np.eye(3), np.ones(3))
    asked = np.kron(np.ones(3), np.eye(3))
    found = linprog(rates, np.vstack([within, asked]), [*room, *demand], method="highs")
    return own + PENALTY * sum(demand) + float(found.fun)


def cost_of_one_shop_each(stage: Stage, scenario: str) -> float:
    """The same where a village is served by one shop, in part or not at all: every way of dealing them out tried."""
    own = sum(FIXED[name] * (size > 0) + MODULE * size for name, size in zip(SHOPS, stage, strict=True))
    demand = [DEMAND[name] * factor for name, factor in zip(VILLAGES, FACTORS[scenario], strict=True)]
    room = [size * ROOM * share for size, share in zip(stage, SHARES[scenario], strict=True)]
    best = np.inf
    for given in itertools.product(range(3), repeat=3):
        total, left = 0.0, list(room)
        # within a shop the village of the lowest rate comes first
        for village in sorted(range(3), key=lambda place: KM[SHOPS[given[place]]][place]):
            shop = given[village]
            rate = KM[SHOPS[shop]][village] - PENALTY
            carried = min(demand[village], left[shop]) if rate < 0 else 0.0
            left[shop] -= carried
            total += rate * carried
        best = min(best, total)
    return own + PENALTY * sum(demand) + float(best)


def table() -> Mapping[Stage, list[float]]:
    """Cost of every first stage in every scenario, in their order."""
    return {stage: [cost(stage, name) for name in CHANCES] for stage in stages()}


def worst_mean(costs: list[float], alpha: float) -> float:
    """Mean cost of the worst 1 - alpha of all chances, counted out from the dearest scenario on."""
    left, total = 1 - alpha, 0.0
    for value, chance in sorted(zip(costs, CHANCES.values(), strict=True), reverse=True):
        part = min(left, chance)
        total, left = total + part * value, left - part
    return total / (1 - alpha)


def mean(costs: list[float]) -> float:
    """Expected cost."""
    return sum(chance * value for chance, value in zip(CHANCES.values(), costs, strict=True))
