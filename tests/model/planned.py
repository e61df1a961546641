"""A case of two periods in which every family of constraints of the whole plan has a row, with round figures."""

from __future__ import annotations

from hubopt.instance import Instance, Policy
from hubopt.instance.policy import Charges
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
from tests.builder import Rows, instance_of

NAMED = {"name_en": "x", "name_zh": "某"}

WAYS = {
    "g1 h1": 100, "g1 h2": 80, "g2 h2": 40, "h1 u1": 20, "h1 u2": 30, "h2 u2": 20, "h1 z1": 40, "h2 z1": 30,
    "u1 u2": 10, "u1 s1": 5, "u2 s1": 8, "u2 s2": 5, "s1 z1": 1, "s1 z2": 3, "s2 z2": 2,
}  # fmt: skip
"""Kilometres by road between two places; a minute each."""

KINDS = {"g": "gateway", "h": "hub", "u": "utc", "s": "station", "z": "zone"}

POLICY = Policy(
    stock_share_min=0.5,
    cost_cap_cny_year=1e6,
    unmet_share_max=0.4,
    allow_closing=True,
    charges=Charges(land_cny_ha_year=1e4, carbon_cny_t=10, missed_cny_year=1e5, outage_cny_year=1e5),
)
"""Asks for what an instance cannot ask for itself."""


def _design(id: str, level: str, **figures: object) -> Design:
    common = {"module_gfa_m2": 1000, "max_modules": 5, "floor_area_ratio": 1, "life_years": 20, "capital_cny_m2": 2000}
    return Design.model_validate({"id": id, **NAMED, "levels": (level,), **common, **figures})


def _goods(id: str, *chain: str, **figures: object) -> Commodity:
    common = {"direction": "inbound", "unmet_cny_t": 1000}
    return Commodity.model_validate({"id": id, **NAMED, "chain": chain, **common, **figures})


def _structure() -> Structure:
    return Structure(
        instance=Info(
            id="planned", **NAMED, money_year=2024, operating_days=100, discount_rate=0, grid_kgco2e_kwh=0.5,
            carbon_price_cny_t=100,
        ),
        periods=(
            Period(id="a", weight=0.25),
            Period(
                id="b", years=3, weight=0.75, gateway_factor=2, capital_budget_cny=5e7, carbon_cap_t_year=50,
                target_shares={"end": 0.5},
            ),
        ),
        commodities=(
            _goods("box", "hub", "utc"),
            _goods("med", "hub", requirement="cold", requirement_levels=("hub",)),
            _goods("in", "utc", "station", exchange_with="out"),
            _goods("out", "utc", "station", direction="outbound"),
        ),
        designs=(
            _design("hd", "hub", throughput_t_d=20, cold_t_d=5, energy_kwh_t=2),
            _design("old", "utc", throughput_t_d=10, module_gfa_m2=500),
            _design(
                "new", "utc", throughput_t_d=30, conversion_cny_m2=500, conversion_months=9, fixed_capital_cny=1e6,
                energy_kwh_m2_year=4,
            ),
            _design("st", "station", throughput_t_d=8, module_gfa_m2=100),
        ),
        modes=(
            Mode(id="truck", **NAMED, cny_t_km=2, kgco2e_t_km=0.1, empty_running=0.5),
            Mode(id="rail", **NAMED, kind="rail", cny_t_km=1, kgco2e_t_km=0.02, capacity_t_d=25),
        ),
        levels={
            "hub": LevelRule(max_site_share=0.8, max_operator_share=0.9),
            "utc": LevelRule(min_utilisation=0.3),
        },
        presence=(
            Presence(id="west", scope="district", place="West", level="utc", min_open=1),
            Presence(id="east", scope="district", place="East", max_open=2),
        ),
        resilience=Resilience(hub_outage_share=0.5, gateway_outage_share=0.4),
        service=Service(
            targets=(
                ServiceTarget(
                    id="end", **NAMED, kind="chain", level="hub", measure="minutes", limit=150, share=0.25,
                    commodities=("box",), budget_minutes={"gateway-hub": 90, "hub-utc": 25},
                ),
                ServiceTarget(
                    id="day", **NAMED, kind="chain", level="utc", measure="minutes", limit=60, share=0.25,
                    commodities=("in",), budget_minutes={"utc-utc": 9, "station-zone": 2},
                ),
            )
        ),
    )  # fmt: skip


def _arcs() -> Rows:
    rows: Rows = []
    for ends, km in WAYS.items():
        origin, destination = ends.split()
        leg = f"{KINDS[origin[0]]}-{KINDS[destination[0]]}"
        row = {"leg": leg, "origin": origin, "destination": destination, "minutes": km}
        rows.append({**row, "mode": "truck", "km": km})
    rows.append({**rows[0], "mode": "rail", "km": 120, "toll_cny_t": 5, "border_cny_t": 1})
    return rows


def planned() -> Instance:
    """Two gateways, hubs, transfer centres (one stands today), stations and zones; in-city goods of two groups.

    A day: 20 t of boxes reach u1's and u2's zones, 2 t of medicine z1, and 8 t of in-city goods go from z1 (6 t) and
    z2 (2 t) to both zones alike, in the first period; in the second there is half as much again of everything.
    """
    amounts = {
        ("z1", "box"): 12, ("z2", "box"): 8, ("z1", "med"): 2,
        ("z1", "in"): 4, ("z2", "in"): 4, ("z1", "out"): 6, ("z2", "out"): 2,
    }  # fmt: skip
    level = {"h": ("hub", 1), "u": ("utc", 0.35), "s": ("station", 0.05)}
    arcs = _arcs()
    arcs += [
        {"leg": "utc-zone", "origin": u, "destination": z, "mode": "truck", "km": 6, "minutes": 6}
        for u, z in (("u1", "z1"), ("u2", "z1"), ("u2", "z2"))
    ]
    return instance_of(
        _structure(),
        gateways=[
            {"id": "g1", "name_en": "g1", "kind": "port", "capacity_t_d": 20, "beyond_minutes": 10},
            {"id": "g2", "name_en": "g2", "kind": "airport", "capacity_t_d": 12, "beyond_kgco2e_t": 3},
        ],
        admissions=[{"commodity": k, "gateway": g} for k, g in (("box", "g1"), ("box", "g2"), ("med", "g1"))],
        sites=[
            {
                "id": id,
                "name_en": id,
                "level": level[id[0]][0],
                "district": "West" if id[1] == "1" else "East",
                "operator": {"h1": "X", "h2": "Y"}.get(id, ""),
                "land_ha": level[id[0]][1],
                "max_far": 0.5 if id == "u2" else None,
            }
            for id in ("h1", "h2", "u1", "u2", "s1", "s2")
        ],
        existing=[{"site": "u1", "design": "old", "modules": 4, "may_close": False, "closure_cny": 1e5}],
        zones=[
            {"id": "z1", "name_en": "z1", "district": "West"},
            {"id": "z2", "name_en": "z2", "district": "East", "group": "B"},
        ],
        demand=[
            {"zone": z, "commodity": k, "period": t, "t_d": t_d * factor}
            for (z, k), t_d in amounts.items()
            for t, factor in (("a", 1.0), ("b", 1.5))
        ],
        exchange=[
            {"commodity": "in", "zone": z, "group": group, "share": share}
            for z, group, share in (("z1", "West", 0.5), ("z1", "B", 0.5), ("z2", "West", 1.0))
        ],
        terminals=[{"node": "g1", "mode": "rail", "capacity_t_d": 12}],
        arcs=arcs,
    )
