"""Random cases of two hubs, two centres and two zones with any of what a plan can be asked for, and their policies."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from functools import cache
from typing import Any

from hubopt.instance import InputError, Instance, Policy, apply, validate
from hubopt.instance.types import Commodity, LevelRule, Period, Presence, Resilience, Service, ServiceLimit
from tests.model.paper import NAMED, design, draft, goods, mode, target

HUBS, CENTRES, ZONES = ("h1", "h2"), ("u1", "u2"), ("z1", "z2")


class Dice(random.Random):
    """Random choices by what they are for."""

    def perhaps(self, value: Any, otherwise: Any = None, chance: float = 0.25) -> Any:
        """``value`` now and then, else ``otherwise``."""
        return value if self.random() < chance else otherwise

    def of(self, *values: Any) -> Any:
        """One of the values."""
        return self.choice(values)


def _goods(dice: Dice) -> tuple[Commodity, ...]:
    box = goods("box", "hub", "utc", unmet_cny_t=dice.of(60, 200))
    needs = dice.of((), ("hub",), None)
    found = [box]
    if dice.random() < 0.4:
        found.append(goods("cold", "hub", requirement="cold", requirement_levels=needs, unmet_cny_t=80))
    if dice.random() < 0.4:
        found.append(goods("back", "hub", "utc", direction="outbound", unmet_cny_t=70))
    if dice.random() < 0.4:
        found.append(goods("in", "utc", exchange_with="out", unmet_cny_t=90))
        found.append(goods("out", "utc", direction="outbound", unmet_cny_t=90))
    return tuple(found)


def _periods(dice: Dice) -> tuple[Period, ...]:
    later = {
        "years": dice.of(1, 3),
        "weight": dice.of(1, 0.7, 2),
        "gateway_factor": dice.of(1, 1.5, 0.5),
        "capital_budget_cny": dice.perhaps(dice.of(0, 60, 200)),
        "carbon_cap_t_year": dice.perhaps(dice.of(0.02, 0.05, 0.1), chance=0.25),
        "target_shares": dice.perhaps({"chain": dice.of(0, 0.4, 0.9)}, {}),
    }
    now = {"id": "a", "capital_budget_cny": dice.perhaps(dice.of(100, 300), chance=0.2)}
    periods = [now, {"id": "b", **later}] if dice.random() < 0.7 else [now]
    return tuple(Period.model_validate(item) for item in periods)


def _designs(dice: Dice) -> tuple[Any, ...]:
    life_years = dice.of(1, 4)
    return (
        design(
            "hd", "hub", max_modules=2, throughput_t_d=dice.of(6, 9, 14), cold_t_d=dice.of(0, 3, 6),
            capital_cny_m2=dice.of(20, 60), fixed_capital_cny=dice.of(0, 30), fixed_running_cny_year=dice.of(0, 25),
            handling_cny_t=dice.of(0, 1), energy_kwh_t=dice.of(0, 2),
            life_years=life_years,
        ),
        design(
            "old", "utc", max_modules=dice.of(1, 2), throughput_t_d=dice.of(5, 8), cold_t_d=3,
            capital_cny_m2=dice.of(30, 50), running_cny_m2_year=dice.of(5, 25), energy_kwh_m2_year=dice.of(0, 3),
        ),
        design(
            "new", "utc", max_modules=2, throughput_t_d=dice.of(10, 16), cold_t_d=3, capital_cny_m2=80,
            module_gfa_m2=dice.of(1, 2), conversion_cny_m2=dice.of(10, 40, 90), conversion_months=dice.of(0, 4, 9),
            converts_from=dice.of(None, ("old",), ()), fixed_capital_cny=dice.of(0, 20),
            running_cny_m2_year=dice.of(1, 6),
        ),
    )  # fmt: skip


def _ways(dice: Dice, items: Sequence[Commodity]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    pairs = [("g1", "h1"), ("g1", "h2"), ("g2", "h2"), *itertools.product(HUBS, CENTRES)]
    pairs += [pair for pair in itertools.product(CENTRES, ZONES) if pair != dice.perhaps(("u1", "z2"))]
    pairs += list(itertools.product(HUBS, ZONES)) if any(item.id == "cold" for item in items) else []
    pairs += [CENTRES] if any(item.id == "in" for item in items) else []
    for upper, lower in pairs:
        km = dice.randint(1, 9)
        found[f"{upper} {lower}"] = {
            "km": km, "minutes": km * 2, "toll_cny_t": dice.perhaps(2, 0), "border_cny_t": dice.perhaps(1, 0, 0.2),
        }  # fmt: skip
        if dice.random() < 0.4:
            found[f"{upper} {lower} rail"] = {"km": km + dice.of(0, 2), "minutes": km * dice.of(1, 3)}
    return found


def _service(dice: Dice, items: Sequence[Commodity]) -> Service:
    legs = dice.of((), ("hub-utc",), ("utc-zone",), ("hub-utc", "utc-zone"))
    if any(item.id == "in" for item in items) and "utc-zone" not in legs:
        legs = (*legs, "utc-zone")
    targets = []
    if dice.random() < 0.4:
        budgets = {"gateway-hub": dice.of(15, 25), "hub-utc": dice.of(10, 16)}
        targets.append(target("chain", "hub", share=dice.of(0.3, 0.6), commodities=("box",), budget_minutes=budgets))
    if any(item.id == "in" for item in items) and dice.random() < 0.4:
        budgets = {"utc-utc": dice.of(6, 12), "utc-zone": 14}
        targets.append(target("city", "utc", share=dice.of(0.3, 0.6), commodities=("in",), budget_minutes=budgets))
    if dice.random() < 0.3:
        near = {"kind": "access", "measure": "km", "limit": dice.of(4, 6), "share": 0.5}
        targets.append(target("near", "utc", **near))
    limits = (ServiceLimit(leg="hub-utc", max_minutes=16),) if dice.random() < 0.3 else ()
    return Service(single_sourcing=legs, targets=tuple(targets), limits=limits)


def _levels(dice: Dice) -> dict[str, LevelRule]:
    return {
        "hub": LevelRule(
            max_site_share=dice.perhaps(0.7, 1, 0.2), max_operator_share=dice.perhaps(0.8, 1, 0.2),
            min_open=dice.perhaps(1, 0, 0.2),
        ),
        "utc": LevelRule(
            min_utilisation=dice.perhaps(dice.of(0.3, 0.6), 0), max_open=dice.perhaps(1, None, 0.15), dwell_minutes=5,
        ),
    }  # fmt: skip


def _policy(dice: Dice) -> Policy:
    asked = {
        "allow_closing": dice.perhaps(True, False),
        "stock_share_min": dice.perhaps(dice.of(0.4, 0.75, 1)),
        "unmet_share_max": dice.perhaps(dice.of(0.1, 0.4), chance=0.2),
        "land_charge_cny_ha_year": dice.perhaps(5e4, 0, 0.2),
        "carbon_price_cny_t": dice.perhaps(dice.of(100, 2000)),
        "mode_capacity_t_d": dice.perhaps({"rail": dice.of(3, 8)}, {}),
        "closed_gateways": dice.perhaps(("g1",), (), 0.1),
        "weights": dice.perhaps({"transport": 2.0, "capital": 0.5}, {}, 0.2),
        "cost_cap_cny_year": dice.perhaps(dice.of(900, 2000, 6000), chance=0.2),
    }
    return Policy.model_validate(asked)


def _draft(dice: Dice) -> Instance:
    items = _goods(dice)
    periods = _periods(dice)
    ids = [item.id for item in items]
    demand: dict[str, Any] = {}
    for zone, id in itertools.product(ZONES, (k for k in ids if k not in ("in", "out"))):
        first = dice.randint(1, 8)
        demand[f"{zone} {id}"] = (first, first * dice.of(1, 1.5, 2))[: len(periods)]
    if "in" in ids:
        factors = (1, dice.of(1, 2))[: len(periods)]
        for key, amount in {"z1 in": 2, "z2 in": 4, "z1 out": 3, "z2 out": 3}.items():
            demand[key] = tuple(amount * factor for factor in factors)
    of_zones = {"z1": {"A": 1.0}, "z2": {"A": 0.25, "B": 0.75}}
    exchange = {f"in {z} {o}": {"share": share} for z, shares in of_zones.items() for o, share in shares.items()}
    admitted: dict[str, Any] = {}
    for k in (k for k in ids if k not in ("in", "out")):
        admitted |= {f"{k} g1": dice.perhaps({"max_share": 0.7}, {}), f"{k} g2": {}}
    empty_by_rail = dice.of(0, 0.3)
    existing = {
        "u1": {"design": "old", "modules": dice.of(1, 2), "may_close": dice.of(True, True, False),
               "closure_cny": dice.of(0, 40)},
    }  # fmt: skip
    if dice.random() < 0.3:
        existing["h1"] = {"design": "hd", "modules": 1, "may_close": True, "closure_cny": 20}
    fits = dice.perhaps(2, None)
    sites = {
        "h1": {"operator": "X", "city": "W", "district": "N", "hub_type": "a", "land_price_cny_m2": dice.of(0, 5)},
        "h2": {"operator": dice.of("X", "Y", ""), "city": "E", "district": "S", "hub_type": "b"},
        "u1": {"city": "W", "district": "N", "max_far": dice.perhaps(0.5)},
        "u2": {"city": "E", "district": "S", "land_ha": 10 if fits is None else fits * 1e-4,
               "forced": dice.perhaps("open", "", 0.1)},
    }  # fmt: skip
    types = [{"id": "a", **NAMED}, {"id": "b", **NAMED, "commodities": dice.perhaps(("box", "back"), None, 0.2)}]
    presence = (Presence(id="e", scope="city", place="E", level="utc", min_open=1),)
    far = {"beyond_cny_t": 1, "beyond_minutes": 3, "beyond_kgco2e_t": 1, "capacity_t_d": dice.of(8, 30)}
    return draft(
        items,
        demand,
        _ways(dice, items),
        sites,
        _designs(dice),
        periods,
        (
            mode("road", kgco2e_t_km=0.2, empty_running=dice.perhaps(0.4, 0)),
            mode("rail", kind="rail", cny_t_km=dice.of(0.6, 1.5), kgco2e_t_km=0.05, empty_running=empty_by_rail),
        ),
        {"grid_kgco2e_kwh": 0.5, "discount_rate": dice.of(0, 0.05), "land_life_years": 10},
        _service(dice, items),
        {"g1": far, "g2": {"beyond_cny_t": 4, "border_cny_t": dice.of(0, 2)}},
        admitted,
        existing,
        {"z1": {"group": "A"}, "z2": {"group": "B"}},
        exchange if "in" in ids and dice.random() < 0.5 and demand["z1 in"] else None,
        dice.perhaps({"h2 rail": {"capacity_t_d": 4}}),
        levels=_levels(dice),
        presence=dice.perhaps(presence, ()),
        resilience=Resilience(
            hub_outage_share=dice.perhaps(dice.of(0.3, 0.5), 0), gateway_outage_share=dice.perhaps(0.3, 0, 0.2)
        ),
        hub_types=types,
    )


@cache
def rich_case(seed: int) -> tuple[Instance, Policy]:
    """The same seed always gives the same valid case and a policy that fits it."""
    for attempt in itertools.count():
        dice = Dice(f"{seed} {attempt}")
        instance, policy = _draft(dice), _policy(dice)
        if validate(instance):
            continue
        try:
            apply(instance, policy)
        except InputError:
            continue
        return instance, policy
    raise AssertionError("never reached")
