"""A case over two periods with every new requirement in it, and a plan whose every figure was worked out on paper.

The rate is 0.5: an outlay over 2 years is recovered by 0.9 of it a year, one over 1 year (land, closing) by 1.5. There
are 100 days in the year. Everything that moves in q is twice what moves in p. Parcels go g1 - h1 - u1 - z1 (6 t/d) and
g2 - h2 - u2 - z2 (4, by rail to the hub; 1 is not carried). In-city goods are collected at u1 from z1 (group A: 1) and
at u2 from z2 (group B: 3) and delivered to z1 and z2 (2 each, a quarter from A).
"""

from __future__ import annotations

import pandas as pd

from hubopt.instance import (
    Commodity,
    Design,
    Info,
    Instance,
    LevelRule,
    Mode,
    Period,
    Policy,
    Presence,
    Resilience,
    Service,
    ServiceTarget,
    Structure,
)
from hubopt.solution.types import ASSIGNMENT_COLUMNS, EXCHANGE_COLUMNS, FLOW_COLUMNS, OUTAGE_COLUMNS
from tests.cases import instance_of
from tests.check.hand import Trial

PERIODS = {"p": 1.0, "q": 2.0}
"""How much moves in each period, against the first."""


def _named(id: str) -> dict[str, str]:
    return {"id": id, "name_en": id.upper(), "name_zh": id.upper()}


def _design(id: str, level: str, **figures: object) -> Design:
    return Design.model_validate({**_named(id), "levels": (level,), "life_years": 2, "max_modules": 4, **figures})


STRUCTURE = Structure(
    instance=Info(
        **_named("phased"), money_year=2024, operating_days=100, discount_rate=0.5, land_life_years=1,
        carbon_price_cny_t=200, grid_kgco2e_kwh=0.5,
    ),
    periods=(
        Period(id="p", years=2, weight=0.6, capital_budget_cny=3e6, carbon_cap_t_year=14),
        Period(
            id="q", years=3, weight=0.4, gateway_factor=2, capital_budget_cny=3e6, carbon_cap_t_year=32,
            target_shares={"whole": 0.9},
        ),
    ),
    commodities=(
        Commodity(**_named("parcel"), direction="inbound", chain=("hub", "utc"), requirement="bonded",
                  requirement_levels=("hub",), unmet_cny_t=1000),
        Commodity(**_named("in"), direction="inbound", chain=("utc",), exchange_with="out", unmet_cny_t=1000),
        Commodity(**_named("out"), direction="outbound", chain=("utc",), unmet_cny_t=1000),
    ),
    designs=(
        _design("big", "hub", module_gfa_m2=1000, floor_area_ratio=2, throughput_t_d=10, bonded_t_d=10,
                capital_cny_m2=1000, fixed_capital_cny=100_000, running_cny_m2_year=10, handling_cny_t=4,
                energy_kwh_t=10, energy_kwh_m2_year=2, staff=7),
        _design("old", "utc", module_gfa_m2=500, floor_area_ratio=1, throughput_t_d=8, capital_cny_m2=900,
                running_cny_m2_year=2, handling_cny_t=1),
        _design("new", "utc", module_gfa_m2=400, floor_area_ratio=1, throughput_t_d=10, capital_cny_m2=1000,
                fixed_capital_cny=50_000, conversion_cny_m2=200, converts_from=("old",), conversion_months=18,
                running_cny_m2_year=5, handling_cny_t=2, energy_kwh_t=4, staff=3),
    ),
    modes=(
        Mode(**_named("truck"), cny_t_km=1, cny_t=2, kgco2e_t_km=0.1, empty_running=0.5, capacity_t_d=100),
        Mode(**_named("rail"), cny_t_km=0.5, cny_t=4, kgco2e_t_km=0.02, kind="rail", capacity_t_d=8),
    ),
    levels={"hub": LevelRule(max_site_share=0.7, min_utilisation=0.1)},
    presence=(Presence(id="south", scope="district", place="South", level="utc", min_open=2, max_open=3),),
    resilience=Resilience(hub_outage_share=0.7, gateway_outage_share=0.7),
    service=Service(
        single_sourcing=("utc-zone",),
        targets=(
            ServiceTarget(**_named("whole"), kind="chain", level="hub", measure="minutes", limit=200, share=0.8,
                          budget_minutes={"gateway-hub": 50, "hub-utc": 20, "utc-zone": 12}),
            ServiceTarget(**_named("city"), kind="chain", level="utc", measure="minutes", limit=100, share=1,
                          budget_minutes={"utc-zone": 12, "utc-utc": 15}),
        ),
    ),
)  # fmt: skip


def _arc(
    leg: str, origin: str, destination: str, mode: str, km: float, minutes: float, **more: float
) -> dict[str, object]:
    return {"leg": leg, "origin": origin, "destination": destination, "mode": mode, "km": km, "minutes": minutes} | more


def phased_case() -> Instance:
    """The case; u1 and u3 stand today."""
    by_period = [("p", 1.0), ("q", 2.0)]
    return instance_of(
        STRUCTURE,
        gateways=[
            {"id": "g1", "name_en": "g1", "kind": "port", "capacity_t_d": 10, "beyond_cny_t": 3, "border_cny_t": 2,
             "beyond_kgco2e_t": 0.7, "beyond_minutes": 20},
            {"id": "g2", "name_en": "g2", "kind": "rail", "capacity_t_d": 8},
        ],
        admissions=[{"commodity": "parcel", "gateway": "g1"}, {"commodity": "parcel", "gateway": "g2"}],
        sites=[
            {"id": id, "name_en": id, "level": level, "district": district, "land_ha": 1, "land_price_cny_m2": price,
             "operator": operator, "max_far": far}
            for id, level, district, price, operator, far in (
                ("h1", "hub", "North", 500, "A", float("nan")),
                ("h2", "hub", "North", 500, "B", float("nan")),
                ("u1", "utc", "South", 100, "A", float("nan")),
                ("u2", "utc", "South", 100, "B", 0.5),
                ("u3", "utc", "South", 100, "B", float("nan")),
            )
        ],
        existing=[
            {"site": "u1", "design": "old", "modules": 2, "may_close": False},
            {"site": "u3", "design": "old", "modules": 1, "closure_cny": 1000},
        ],
        zones=[
            {"id": "z1", "name_en": "z1", "district": "A"},
            {"id": "z2", "name_en": "z2", "district": "North", "group": "B"},
        ],
        demand=[
            {"zone": zone, "commodity": commodity, "period": period, "t_d": t_d * factor}
            for period, factor in by_period
            for zone, commodity, t_d in (
                ("z1", "parcel", 6), ("z2", "parcel", 5), ("z1", "in", 2), ("z2", "in", 2), ("z1", "out", 1),
                ("z2", "out", 3),
            )
        ],
        terminals=[{"node": "h2", "mode": "rail", "capacity_t_d": 8}],
        arcs=[
            _arc("gateway-hub", "g1", "h1", "truck", 20, 30),
            _arc("gateway-hub", "g1", "h2", "truck", 25, 40),
            _arc("gateway-hub", "g2", "h1", "truck", 25, 40),
            _arc("gateway-hub", "g2", "h2", "rail", 30, 50),
            _arc("hub-utc", "h1", "u1", "truck", 10, 15, toll_cny_t=3),
            _arc("hub-utc", "h2", "u2", "truck", 10, 15),
            _arc("hub-utc", "h1", "u2", "truck", 12, 18),
            _arc("hub-utc", "h2", "u1", "truck", 12, 18),
            _arc("utc-zone", "u1", "z1", "truck", 4, 8),
            _arc("utc-zone", "u2", "z2", "truck", 4, 8),
            _arc("utc-zone", "u1", "z2", "truck", 6, 14),
            _arc("utc-utc", "u1", "u2", "truck", 5, 10, border_cny_t=1),
        ],
    )  # fmt: skip


POLICY = Policy(stock_share_min=0.5, unmet_share_max=0.07, cost_cap_cny_year=6e6, land_charge_cny_ha_year=1000)

DECISIONS = pd.DataFrame(
    [
        ("p", "h1", "big", 1, float("nan")), ("p", "h2", "big", 1, float("nan")), ("p", "u1", "old", 2, float("nan")),
        ("p", "u2", "new", 1, float("nan")), ("p", "u3", "old", 1, float("nan")),
        ("q", "h1", "big", 2, float("nan")), ("q", "h2", "big", 2, float("nan")), ("q", "u1", "new", 3, 2.0),
        ("q", "u2", "new", 2, float("nan")),
    ],
    columns=["period", "site", "design", "modules", "converted_modules"],
)  # fmt: skip


def _each_period(rows: list[tuple[object, ...]], columns: tuple[str, ...]) -> pd.DataFrame:
    """The rows of p (without the period) and, with twice the tonnes, of q."""
    scaled = [
        (period, *row[:-1], factor * row[-1]) if isinstance(row[-1], float) else (period, *row)
        for period, factor in PERIODS.items()
        for row in rows
    ]
    return pd.DataFrame(scaled, columns=list(columns))


LINKS = _each_period([("utc-zone", "u1", "z1"), ("utc-zone", "u2", "z2")], ASSIGNMENT_COLUMNS)
FLOWS = _each_period(
    [
        ("gateway-hub", "g1", "h1", "truck", "parcel", 6.0),
        ("gateway-hub", "g2", "h2", "rail", "parcel", 4.0),
        ("hub-utc", "h1", "u1", "truck", "parcel", 6.0),
        ("hub-utc", "h2", "u2", "truck", "parcel", 4.0),
        ("utc-zone", "u1", "z1", "truck", "parcel", 6.0),
        ("utc-zone", "u2", "z2", "truck", "parcel", 4.0),
        ("utc-zone", "u1", "z1", "truck", "in", 2.0),
        ("utc-zone", "u2", "z2", "truck", "in", 2.0),
        ("utc-zone", "u1", "z1", "truck", "out", 1.0),
        ("utc-zone", "u2", "z2", "truck", "out", 3.0),
    ],
    FLOW_COLUMNS,
)
EXCHANGES = _each_period(
    [
        ("in", "A", "u1", "u1", "", 0.5),
        ("in", "A", "u1", "u2", "truck", 0.5),
        ("in", "B", "u2", "u1", "truck", 1.5),
        ("in", "B", "u2", "u2", "", 1.5),
    ],
    EXCHANGE_COLUMNS,
)
OUTAGES = _each_period(
    [
        # without h1 everything comes by rail to h2, which g2 limits to 8
        ("h1", "gateway-hub", "g2", "h2", "rail", "parcel", 8.0),
        ("h1", "hub-utc", "h2", "u1", "truck", "parcel", 4.0),
        ("h1", "hub-utc", "h2", "u2", "truck", "parcel", 4.0),
        ("h2", "gateway-hub", "g1", "h1", "truck", "parcel", 10.0),
        ("h2", "hub-utc", "h1", "u1", "truck", "parcel", 6.0),
        ("h2", "hub-utc", "h1", "u2", "truck", "parcel", 4.0),
        ("g1", "gateway-hub", "g2", "h1", "truck", "parcel", 8.0),
        ("g1", "hub-utc", "h1", "u1", "truck", "parcel", 6.0),
        ("g1", "hub-utc", "h1", "u2", "truck", "parcel", 2.0),
        ("g2", "gateway-hub", "g1", "h1", "truck", "parcel", 6.0),
        ("g2", "gateway-hub", "g1", "h2", "truck", "parcel", 4.0),
        ("g2", "hub-utc", "h1", "u1", "truck", "parcel", 6.0),
        ("g2", "hub-utc", "h2", "u2", "truck", "parcel", 4.0),
    ],
    OUTAGE_COLUMNS,
)

YEARLY = {
    # p: two hubs of 1,000 m2 at 1,000 and 100,000 once, u2 of 400 m2 at 1,000 and 50,000 once: 0.9 * 2,650,000;
    # q: as much again for what was laid out in p, and 0.9 * (2 * 1,000,000 + 400,000 at u2 + 400,000 + 160,000 at u1)
    "capital": (2_385_000.0, 2_385_000.0 + 2_664_000.0),
    # m2 at 500 * 1.5: 2 * 500; at 100 * 1.5: 1,000, 800 (at most 0.5 m2 of floor to the m2), 500;
    # q: 2 * 1,000; 1,200, 1,600
    "land": (750_000.0 + 345_000.0, 1_500_000.0 + 420_000.0),
    "running": (20_000.0 + 2000.0 + 2000.0 + 1000.0, 40_000.0 + 6000.0 + 4000.0),
    # tonnes a year: 1,000 at the hubs at 4; 900 at u1 at 1 (old) or 1,800 at 2 (new); 900 and 1,800 at u2 at 2
    "handling": (4000.0 + 900.0 + 1800.0, 8000.0 + 3600.0 + 3600.0),
    # a day: 6 * 22 + 4 * (15 + 4) + 6 * (12 + 3) + 4 * 12 + 18 * 6 + 2 * 7 exchanged = 468
    "transport": (46_800.0, 93_600.0),
    # a day, at half the cost of a km: 6 * 20 + 6 * 10 + 4 * 10 + (8 - 1) * 4 + (6 - 3) * 4 + (1.5 - 0.5) * 5 = 265 t-km
    "empty": (13_250.0, 26_500.0),
    "beyond": (1800.0, 3600.0),
    # 6 * 2 at the gateway, 2 * 1 on the way between u1 and u2
    "border": (1400.0, 2800.0),
    "carbon": (0.2 * 13_805.0, 0.2 * 31_210.0),
    "closure": (0.0, 1500.0),
    "unmet": (100_000.0, 200_000.0),
}
"""CNY a year in p and in q."""

KILOGRAMMES = {
    # a day: 302 t-km by truck at 0.1, 120 by rail at 0.02
    "transport": (3260.0, 6520.0),
    "empty": (1325.0, 2650.0),
    # kWh: 10 * 1,000 t at the hubs, 4 * 900 at u2; q: 10 * 2,000, 4 * (1,800 + 1,800); each at 0.5
    "handling": (6800.0, 17_200.0),
    "building": (2000.0, 4000.0),
    "beyond": (420.0, 840.0),
}
"""kg CO2e a year in p and in q."""

LAND_HA = (0.05 + 0.05 + 0.1 + 0.08 + 0.05, 0.1 + 0.1 + 0.12 + 0.16)
INVESTMENT = (2_650_000.0, 2_000_000.0 + 400_000.0 + 560_000.0 + 1000.0)


def phased_trial() -> Trial:
    """The paper plan as a trial without a flaw."""
    return Trial(phased_case(), POLICY, DECISIONS, LINKS, FLOWS, EXCHANGES, OUTAGES)
