"""Random small cases with the requirements of the whole plan: periods, stock, shares, modes, exchange, outages.

Two levels (hubs and transfer centres) are enough for all of them, and leave few enough networks to try every one.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from hubopt.instance import Instance, Policy
from hubopt.instance.types import (
    Commodity,
    Design,
    Info,
    LevelRule,
    Mode,
    Period,
    Presence,
    Resilience,
    Service,
    ServiceTarget,
    Structure,
)
from tests.builder import Place, Rows, arcs_between, at, instance_of

FEATURES = (
    "periods", "phases", "exchange", "outbound", "gateways", "stock", "months", "budget", "carbon cap", "presence",
    "utilisation", "site share", "operator share", "empty running", "mode capacity", "terminals", "tolls", "chain",
    "hub outage", "gateway outage", "single", "closing", "cost cap", "unmet cap", "land charge", "bonded",
)  # fmt: skip
"""What a case may have; each seed draws some."""


@dataclass(frozen=True)
class Featured:
    """A case, its policy and the features that were drawn."""

    case: Instance
    policy: Policy
    features: frozenset[str]


def _drawn(rng: random.Random) -> set[str]:
    found = {name for name in FEATURES if rng.random() < 0.25}
    if rng.random() < 0.6:
        found.add("periods")
    if "periods" not in found:
        found -= {"phases", "closing"}
    if "gateways" not in found:
        found -= {"gateway outage"}
    if rng.random() < 0.6:
        # sources of two periods at once are many; where the periods hang together few cases have any
        found -= {"stock", "cost cap"}
    elif found & {"stock", "cost cap"}:
        found -= {"single"}
    return found


def _named(id: str) -> dict[str, str]:
    return {"id": id, "name_en": id, "name_zh": "某"}


def _designs(rng: random.Random, have: set[str]) -> tuple[Design, ...]:
    def design(id: str, level: str, **figures: object) -> Design:
        common = {
            "levels": (level,), "module_gfa_m2": rng.choice([800, 1000]), "floor_area_ratio": rng.choice([1.0, 2.0]),
            "max_modules": 2, "life_years": 20, "capital_cny_m2": rng.randint(1000, 4000),
            "handling_cny_t": rng.randint(5, 30),
            "fixed_capital_cny": rng.choice([0, 1e6]), "running_cny_m2_year": rng.randint(50, 150),
            "fixed_running_cny_year": rng.choice([0, 2e5]), "energy_kwh_t": rng.randint(0, 5),
            "energy_kwh_m2_year": rng.choice([0, 40]), "staff": rng.randint(1, 9),
        }  # fmt: skip
        return Design.model_validate({**_named(id), **common, **figures})

    return (
        design(
            "d-hub",
            "hub",
            throughput_t_d=rng.choice([12, 20]),
            bonded_t_d=rng.choice([5, 8]),
            conversion_cny_m2=300 if "months" in have else 5000,
            conversion_months=rng.choice([9, 18]) if "months" in have else 0,
        ),
        design("d-old", "utc", throughput_t_d=rng.choice([6, 9]), max_modules=rng.choice([1, 2])),
        design(
            "d-new",
            "utc",
            throughput_t_d=rng.choice([10, 16]),
            max_modules=1 if "exchange" in have else 2,
            conversion_cny_m2=rng.choice([300, 900, 5000]),
            converts_from=rng.choice([None, ("d-old",), ()]),
            conversion_months=rng.choice([6, 18]) if "months" in have else 0,
        ),
        *([design("d-yard", "hub", max_modules=1, throughput_t_d=8, bonded_t_d=8)] if "months" in have else []),
    )


def _commodities(rng: random.Random, have: set[str]) -> tuple[Commodity, ...]:
    def goods(id: str, direction: str, chain: tuple[str, ...], **more: object) -> Commodity:
        fields = {"direction": direction, "chain": chain, "unmet_cny_t": rng.choice([800, 3000]), **more}
        return Commodity.model_validate({**_named(id), **fields})

    bonded = {"requirement": "bonded", "requirement_levels": ("hub",)} if "bonded" in have else {}
    found = [goods("k1", "inbound", ("hub", "utc"), **bonded)]
    if "outbound" in have:
        found.append(goods("k2", "outbound", ("hub", "utc")))
    if "exchange" in have:
        found.append(goods("in", "inbound", ("utc",), exchange_with="out"))
        found.append(goods("out", "outbound", ("utc",)))
    return tuple(found)


def _service(rng: random.Random, have: set[str]) -> Service:
    common = {"kind": "chain", "measure": "minutes", "limit": 500, "share": rng.choice([0.3, 0.6])}
    budgets = {"hub-utc": rng.choice([10, 25]), "utc-zone": rng.choice([8, 16])}
    if "gateways" in have:
        budgets["gateway-hub"] = rng.choice([20, 40])
    targets = []
    if "chain" in have:
        targets.append({**_named("whole"), **common, "level": "hub", "budget_minutes": budgets})
        if "exchange" in have:
            city = {"utc-zone": rng.choice([10, 20]), "utc-utc": rng.choice([5, 15])}
            targets.append({**_named("city"), **common, "level": "utc", "commodities": ("in",), "budget_minutes": city})
    return Service(
        single_sourcing=("utc-zone",) if "single" in have else (),
        targets=tuple(ServiceTarget.model_validate(item) for item in targets),
    )


def _levels(rng: random.Random, have: set[str]) -> dict[str, LevelRule]:
    rules: dict[str, dict[str, float]] = {"hub": {}, "utc": {}}
    if "utilisation" in have:
        rules[rng.choice(["hub", "utc"])]["min_utilisation"] = rng.choice([0.3, 0.6])
    if "site share" in have:
        rules[rng.choice(["hub", "utc"])]["max_site_share"] = rng.choice([0.6, 0.8])
    if "operator share" in have:
        rules["utc"]["max_operator_share"] = rng.choice([0.5, 0.7])
    return {level: LevelRule.model_validate(rule) for level, rule in rules.items()}


def _periods(rng: random.Random, have: set[str]) -> tuple[Period, ...]:
    asks: dict[str, float] = {}
    if "budget" in have:
        asks["capital_budget_cny"] = rng.choice([4e6, 6e6, 9e6])
    if "carbon cap" in have:
        asks["carbon_cap_t_year"] = rng.choice([20, 40, 80])
    periods = [Period(id="p", years=rng.choice([1, 3]), **asks)]  # type: ignore[arg-type]
    if "periods" in have:
        asks["capital_budget_cny"] = asks.get("capital_budget_cny", 2e7) * rng.choice([0.5, 1])
        shares = {"whole": 0.5} if "chain" in have else {}
        periods[0] = periods[0].model_copy(update={"weight": 0.6})
        periods.append(
            Period(id="q", years=2, weight=0.4, gateway_factor=1.5, target_shares=shares, **asks)  # type: ignore[arg-type]
        )
    return tuple(periods)


def _policy(rng: random.Random, have: set[str]) -> Policy:
    asks: dict[str, object] = {}
    if "phases" in have:
        asks["phases"] = [
            {"id": "one", "years": 2, "demand_factor": 0.6, "capital_budget_cny": rng.choice([None, 8e6])},
            {"id": "two", "years": rng.choice([1, 4]), "demand_factors": {"k1": 1.3}, "gateway_factor": 2},
        ]
    if "stock" in have:
        asks["stock_share_min"] = rng.choice([0.4, 0.8, 1.0])
    if "cost cap" in have:
        asks["cost_cap_cny_year"] = rng.choice([6e6, 1e7, 2e7])
    if "unmet cap" in have:
        asks["unmet_share_max"] = rng.choice([0.1, 0.5])
    if "land charge" in have:
        asks |= {"land_charge_cny_ha_year": 5e5, "weights": {"carbon": 3, "transport": 0.5}}
    if "closing" in have:
        asks["allow_closing"] = True
    return Policy.model_validate(asks)


def _existing(rng: random.Random, have: set[str]) -> Rows:
    rows: Rows = [{"site": "u1", "design": "d-old", "modules": 1, "may_close": rng.random() < 0.8, "closure_cny": 3e5}]
    if have & {"stock", "months"} and rng.random() < 0.5:
        design = "d-yard" if "months" in have else "d-hub"
        rows.append({"site": "h1", "design": design, "modules": 1, "closure_cny": 1e5})
    return rows if rng.random() < 0.8 or have & {"stock", "months"} else []


def _demand(rng: random.Random, goods: tuple[Commodity, ...], periods: tuple[Period, ...], zones: list[str]) -> Rows:
    """Tonnes a day, more in the second period; in-city goods are delivered as many as are collected."""
    rows: Rows = []
    for number, period in enumerate(periods):
        sent = {zone: rng.randint(2, 6) + 2 * number for zone in zones}
        got = dict(zip(zones, rng.sample(list(sent.values()), len(zones)), strict=True))
        for item in goods:
            amounts = {"in": got, "out": sent}.get(item.id, {zone: rng.randint(2, 6) + 2 * number for zone in zones})
            rows += [
                {"zone": zone, "commodity": item.id, "period": period.id, "t_d": t_d} for zone, t_d in amounts.items()
            ]
    return rows


def featured_case(seed: int) -> Featured:
    """A valid case for brute force with a random choice of features; the same seed always gives the same.

    Two hubs, two transfer centres, two or three zones of two groups, at most four commodities and two periods. Some
    cases have no network that keeps every rule, which is meant.
    """
    rng = random.Random(f"featured {seed}")
    have = _drawn(rng)

    def places(prefix: str, count: int) -> list[Place]:
        return [(f"{prefix}{index + 1}", float(rng.randint(0, 8)), float(rng.randint(0, 8))) for index in range(count)]

    hubs, utcs = places("h", 2), places("u", 2)
    zones = places("z", 2 if {"single", "periods"} <= have else 3)
    gateways = places("g", 2) if "gateways" in have else []
    commodities = _commodities(rng, have)
    periods = _periods(rng, have)
    truck = Mode(
        **_named("truck"), cny_t_km=rng.randint(1, 6), cny_t=rng.randint(0, 9), kgco2e_t_km=0.2,
        empty_running=0.5 if "empty running" in have else 0,
        capacity_t_d=rng.choice([40, 70]) if "mode capacity" in have else None,
    )  # fmt: skip
    rail = Mode(**_named("rail"), cny_t_km=1, cny_t=20, kgco2e_t_km=0.02, kind="rail")
    floors = Resilience(
        hub_outage_share=rng.choice([0.3, 0.5]) if "hub outage" in have else 0,
        gateway_outage_share=rng.choice([0.3, 0.5]) if "gateway outage" in have else 0,
    )
    presence = (
        Presence(
            id="east", scope="district", place="East", level=rng.choice([None, "utc", "hub"]), min_open=1, max_open=2
        ),
    )
    structure = Structure(
        instance=Info(
            **_named(f"featured-{seed}"), synthetic=True, money_year=2024, operating_days=300,
            carbon_price_cny_t=rng.choice([0, 300]), grid_kgco2e_kwh=0.5,
        ),
        periods=periods,
        commodities=commodities,
        designs=_designs(rng, have),
        modes=(truck, rail),
        levels=_levels(rng, have),  # type: ignore[arg-type]
        presence=presence if "presence" in have else (),
        resilience=floors,
        service=_service(rng, have),
    )  # fmt: skip
    modes = {"truck": 40.0, "rail": 30.0}
    arcs = [
        *arcs_between("gateway-hub", gateways, hubs, modes),
        *arcs_between("hub-utc", hubs, utcs, {"truck": 40}),
        *arcs_between("utc-zone", utcs, zones, {"truck": 30}),
    ]
    if "exchange" in have:
        arcs += arcs_between("utc-utc", utcs[:1], utcs[1:], {"truck": 40})
    if "tolls" in have:
        arcs = [{**arc, "toll_cny_t": rng.choice([0, 15]), "border_cny_t": rng.choice([0, 40])} for arc in arcs]
    sites = [
        {
            "id": id, "name_en": id, "level": level, **at(x, y), "land_ha": rng.choice([0.1, 0.2, 0.3]),
            "designs": "d-hub" if level == "hub" else "",
            "district": "East" if id in ("h2", "u2") else "West", "land_price_cny_m2": rng.randint(0, 1500),
            "max_far": rng.choice([float("nan"), 0.8]),
            "operator": "AB"[id[1] == "2"] if level == "utc" else rng.choice(["", "A"]),
        }
        for level, group in (("hub", hubs), ("utc", utcs))
        for id, x, y in group
    ]  # fmt: skip
    by = rng.choice(["rail", "truck"]) if gateways else "truck"
    terminals: Rows = [{"node": "h1", "mode": by, "capacity_t_d": 6}]
    case = instance_of(
        structure,
        gateways=[
            {
                "id": id, "name_en": id, "kind": "port", "capacity_t_d": rng.choice([float("nan"), 10.0, 25.0]),
                "beyond_cny_t": rng.randint(0, 20), "border_cny_t": rng.randint(0, 9), "beyond_minutes": 5,
                "beyond_kgco2e_t": rng.randint(0, 3),
            }
            for id, _, _ in gateways
        ],
        admissions=[
            {"commodity": item.id, "gateway": id, "min_share": 0.2 if id == "g2" and "tolls" in have else 0.0}
            for item in commodities
            if item.chain[0] == "hub"
            for id, _, _ in gateways
        ],
        sites=sites,
        existing=_existing(rng, have),
        zones=[
            {"id": id, "name_en": id, "district": "West" if id == "z1" else "East", **at(x, y)} for id, x, y in zones
        ],
        demand=_demand(rng, commodities, periods, [id for id, _, _ in zones]),
        terminals=terminals if "terminals" in have else [],
        arcs=arcs,
    )  # fmt: skip
    return Featured(case, _policy(rng, have), frozenset(have))
