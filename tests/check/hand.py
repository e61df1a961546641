"""A case of one gateway, hub, transfer centre, station and zone, and a plan whose every figure was worked out on paper.

The rate is 0.5, so that an outlay over 2 years is recovered by 0.5 / (1 - 1/2.25) = 0.9 of it a year, and one over 1
year by 1.5 of it. There are 100 days in the year. Ten tonnes a day travel g1 - h1 - u1 - s1 - z1, two are not carried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from hubopt.check import Finding, complete_plan
from hubopt.check.case import Case
from hubopt.check.facts import Facts
from hubopt.check.registry import broken_rules
from hubopt.instance import (
    Commodity,
    Design,
    HubType,
    Info,
    Instance,
    LevelRule,
    Mode,
    Period,
    Policy,
    Service,
    ServiceLimit,
    ServiceTarget,
    Structure,
)
from hubopt.solution.types import ASSIGNMENT_COLUMNS, FACILITY_COLUMNS, FLOW_COLUMNS, Plan
from tests.cases import instance_of


def _named(id: str) -> dict[str, str]:
    return {"id": id, "name_en": id.upper(), "name_zh": id.upper()}


def _design(id: str, level: str, **figures: float) -> Design:
    return Design.model_validate({**_named(id), "levels": (level,), "life_years": 2, "max_modules": 4, **figures})


def _target(id: str, **fields: object) -> ServiceTarget:
    return ServiceTarget.model_validate({**_named(id), "level": "utc", "share": 1, **fields})


STRUCTURE = Structure(
    instance=Info(
        **_named("hand"),
        money_year=2024,
        operating_days=100,
        discount_rate=0.5,
        land_life_years=1,
        carbon_price_cny_t=200,
        grid_kgco2e_kwh=0.5,
    ),
    periods=(Period(id="p"),),
    commodities=(
        Commodity(**_named("parcel"), direction="inbound", chain=("hub", "utc", "station"), unmet_cny_t=1000),
    ),
    designs=(
        _design(
            "big", "hub", module_gfa_m2=1000, floor_area_ratio=2, throughput_t_d=20, capital_cny_m2=1000,
            fixed_capital_cny=100_000, running_cny_m2_year=10, fixed_running_cny_year=5000, handling_cny_t=4,
            energy_kwh_t=10, energy_kwh_m2_year=2, staff=30,
        ),
        _design("old", "utc", module_gfa_m2=500, floor_area_ratio=1, throughput_t_d=4, capital_cny_m2=900),
        _design(
            "new", "utc", module_gfa_m2=400, floor_area_ratio=1, throughput_t_d=5, capital_cny_m2=1000,
            conversion_cny_m2=200, fixed_capital_cny=7_000_000, running_cny_m2_year=5, handling_cny_t=2, energy_kwh_t=4,
        ),
        _design(
            "stn", "station", module_gfa_m2=100, floor_area_ratio=0.5, throughput_t_d=12, capital_cny_m2=3000,
            running_cny_m2_year=20, fixed_running_cny_year=1000, handling_cny_t=1, energy_kwh_t=1, staff=2,
        ),
    ),
    modes=(
        Mode(**_named("truck"), cny_t_km=1, cny_t=2, kgco2e_t_km=0.1),
        Mode(**_named("trike"), cny_t_km=10),
    ),
    hub_types=(
        HubType(**_named("sea"), gateway_kinds=("port",), commodities=("parcel",), min_open=1, max_open=1),
    ),
    levels={"hub": LevelRule(min_open=1), "station": LevelRule(dwell_minutes=5, max_open=2)},
    service=Service(
        single_sourcing=("utc-station", "station-zone"),
        limits=(ServiceLimit(leg="station-zone", max_km=2), ServiceLimit(leg="utc-station", max_minutes=30)),
        targets=(
            _target("near", kind="access", measure="km", limit=5),
            _target("fast", kind="delivery", measure="minutes", limit=19),
        ),
    ),
)  # fmt: skip


def _arc(leg: str, origin: str, destination: str, mode: str, km: float, minutes: float) -> dict[str, object]:
    return {"leg": leg, "origin": origin, "destination": destination, "mode": mode, "km": km, "minutes": minutes}


def hand_case() -> Instance:
    """The case; u1, s1 and s2 stand today, and g2 is there but not admitted."""
    return instance_of(
        STRUCTURE,
        gateways=[
            {"id": "g1", "name_en": "Port", "kind": "port", "capacity_t_d": 50, "beyond_cny_t": 3, "border_cny_t": 2,
             "beyond_kgco2e_t": 0.7},
            {"id": "g2", "name_en": "Airport", "kind": "airport"},
        ],
        admissions=[{"commodity": "parcel", "gateway": "g1", "min_share": 0.5}],
        sites=[
            {"id": id, "name_en": name, "level": level, "hub_type": kind, "city": "C", "district": district,
             "land_ha": land, "land_price_cny_m2": price, "parcel": parcel}
            for id, name, level, kind, district, land, price, parcel in (
                ("h1", "Harbour", "hub", "sea", "North", 1, 500, ""),
                ("u1", "Centre", "utc", "", "South", 0.2, 100, "yard"),
                ("s1", "Corner", "station", "", "South", 0.02, 1000, "yard"),
                ("s2", "Lane", "station", "", "South", 0.02, 1000, ""),
            )
        ],
        existing=[
            {"site": "u1", "design": "old", "modules": 2, "may_close": False},
            {"site": "s1", "design": "stn", "modules": 1},
            {"site": "s2", "design": "stn", "modules": 1, "closure_cny": 1000},
        ],
        zones=[{"id": "z1", "name_en": "Village"}],
        demand=[{"zone": "z1", "commodity": "parcel", "period": "p", "t_d": 12}],
        land=[
            {"scope": "parcel", "id": "yard", "limit_ha": 0.14},
            {"scope": "parcel", "id": "h1", "limit_ha": 0.05},
            {"scope": "district", "id": "South", "limit_ha": 0.2},
            {"scope": "city", "id": "C", "limit_ha": 0.2},
            {"scope": "total", "id": "total", "limit_ha": 0.2},
        ],
        arcs=[
            _arc("gateway-hub", "g1", "h1", "truck", 20, 30),
            _arc("gateway-hub", "g2", "h1", "truck", 20, 30),
            _arc("hub-utc", "h1", "u1", "truck", 10, 15),
            _arc("utc-station", "u1", "s1", "truck", 5, 10),
            _arc("utc-station", "u1", "s2", "truck", 5, 10),
            _arc("utc-zone", "u1", "z1", "truck", 4, 8),
            _arc("station-zone", "s1", "z1", "trike", 1, 4),
            _arc("station-zone", "s2", "z1", "trike", 1, 4),
        ],
    )  # fmt: skip


DECISIONS = pd.DataFrame(
    [("p", "h1", "big", 1), ("p", "u1", "new", 3), ("p", "s1", "stn", 1)],
    columns=["period", "site", "design", "modules"],
)
LINKS = pd.DataFrame(
    [("p", "utc-station", "u1", "s1"), ("p", "station-zone", "s1", "z1")], columns=list(ASSIGNMENT_COLUMNS)
)
FLOWS = pd.DataFrame(
    [
        ("p", "gateway-hub", "g1", "h1", "truck", "parcel", 10.0),
        ("p", "hub-utc", "h1", "u1", "truck", "parcel", 10.0),
        ("p", "utc-station", "u1", "s1", "truck", "parcel", 10.0),
        ("p", "station-zone", "s1", "z1", "trike", "parcel", 10.0),
    ],
    columns=list(FLOW_COLUMNS),
)

FACILITIES = pd.DataFrame(
    [
        # 1,000 m2 at 1,000 and 100,000 once: 0.9 * 1,100,000; 500 m2 of land at 500 * 1.5;
        # 10 * 1,000 + 5,000; 4 * 1,000 t; 0.5 * (10 kWh * 1,000 t + 2 kWh * 1,000 m2)
        ("p", "h1", "hub", "big", "new", 1, 1.0, 0.0, 1000.0, 0.05, 10.0, 20.0, 0.5, 30.0, 6000.0,
         1_100_000.0, 990_000.0, 375_000.0, 15_000.0, 4000.0, 0.0),
        # today's 1,000 m2 are 2.5 modules of 400 m2: 0.9 * (200 m2 * 1,000 + 1,000 m2 * 200), nothing once;
        # 1,200 m2 of land at 100 * 1.5; 5 * 1,200; 2 * 1,000 t; 0.5 * 4 kWh * 1,000 t
        ("p", "u1", "utc", "new", "upgrade", 3, 0.5, 2.5, 1200.0, 0.12, 10.0, 15.0, 2 / 3, 0.0, 2000.0,
         400_000.0, 360_000.0, 180_000.0, 6000.0, 2000.0, 0.0),
        # 200 m2 of land at 1,000 * 1.5; 20 * 100 + 1,000; 1 * 1,000 t
        ("p", "s1", "station", "stn", "keep", 1, 0.0, 0.0, 100.0, 0.02, 10.0, 12.0, 10 / 12, 2.0, 500.0,
         0.0, 0.0, 300_000.0, 3000.0, 1000.0, 0.0),
        # 1,000 once: * 1.5
        ("p", "s2", "station", "stn", "close", 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
         1000.0, 0.0, 0.0, 0.0, 0.0, 1500.0),
    ],
    columns=list(FACILITY_COLUMNS),
)  # fmt: skip

COST = {
    "capital": 1_350_000.0,
    "land": 855_000.0,
    "running": 24_000.0,
    "handling": 7000.0,
    # per day: 10 * (20 + 2) + 10 * (10 + 2) + 10 * (5 + 2) + 10 * 1 * 10 = 510
    "transport": 51_000.0,
    "empty": 0.0,
    "beyond": 3000.0,
    "border": 2000.0,
    # 12,700 kg at 0.2
    "carbon": 2540.0,
    "closure": 1500.0,
    # 2 t * 100 * 1,000
    "unmet": 200_000.0,
}
OBJECTIVE = 2_496_040.0

KPI = {
    "sites.hub": 1.0,
    "sites.utc": 1.0,
    "sites.station": 1.0,
    "gfa_m2.total": 2300.0,
    "staff.total": 32.0,
    "land_ha.total": 0.19,
    "land_ha.North": 0.05,
    "land_ha.South": 0.14,
    "stock.kept": 1.0,
    "stock.expanded": 0.0,
    "stock.upgraded": 1.0,
    "stock.closed": 1.0,
    # today 1,000 m2 at u1, which are converted, 100 m2 at s1, which are kept, and 100 m2 at s2, which are closed
    "stock.gfa_m2": 1200.0,
    "stock.kept_m2": 100.0,
    "stock.converted_m2": 1000.0,
    "stock.closed_sites": 1.0,
    "stock.share": 11 / 12,
    **{f"largest_site_share.{level}": 1.0 for level in ("hub", "utc", "station")},
    **{f"largest_operator_share.{level}": 0.0 for level in ("hub", "utc", "station")},
    "investment_cny": 1_501_000.0,
    "empty_share": 0.0,
    "served_share": 10 / 12,
    "served_share.parcel": 10 / 12,
    "target.near": 1.0,
    "target_required.near": 1.0,
    "target.fast": 1.0,
    "target_required.fast": 1.0,
    "t_km_day.gateway-hub": 200.0,
    "t_km_day.hub-utc": 100.0,
    "t_km_day.utc-station": 50.0,
    "t_km_day.station-zone": 10.0,
    "mean_minutes.gateway-hub": 30.0,
    "mean_minutes.hub-utc": 15.0,
    "mean_minutes.utc-station": 10.0,
    "mean_minutes.station-zone": 4.0,
    "throughput_t_d.hub": 10.0,
    "throughput_t_d.utc": 10.0,
    "throughput_t_d.station": 10.0,
    "utilisation.hub": 0.5,
    "utilisation.utc": 2 / 3,
    "utilisation.station": 10 / 12,
    # 100 * 10 t * (20 + 10 + 5) km * 0.1
    "kgco2e_year.transport": 3500.0,
    # 100 * 10 t * (10 + 4 + 1) kWh * 0.5
    "kgco2e_year.handling": 7500.0,
    "kgco2e_year.empty": 0.0,
    # 2 kWh * 1,000 m2 * 0.5
    "kgco2e_year.building": 1000.0,
    # 1,000 t * 0.7
    "kgco2e_year.beyond": 700.0,
    "kgco2e_year.total": 12_700.0,
    "kgco2e_year.leg.gateway-hub": 2000.0,
    "kgco2e_year.leg.hub-utc": 1000.0,
    "kgco2e_year.leg.utc-station": 500.0,
    "kgco2e_year.leg.station-zone": 0.0,
    "cost_cny_t": 2496.04,
}


def hand_plan() -> Plan:
    """The plan as a result folder would hold it, figures from paper."""
    return Plan(facilities=FACILITIES.copy(), assignments=LINKS.copy(), flows=FLOWS.copy())


@dataclass(frozen=True)
class Trial:
    """A case, decisions that are completed to a plan, an edit of that plan, and figures that come with it."""

    instance: Instance
    policy: Policy
    decisions: pd.DataFrame
    links: pd.DataFrame
    flows: pd.DataFrame
    exchanges: pd.DataFrame | None = None
    outages: pd.DataFrame | None = None
    edit: Callable[[Plan], Plan] = lambda plan: plan
    cost: Mapping[str, float] | None = None
    objective: float | None = None
    kpi: Mapping[str, float] | None = None

    def plan(self) -> Plan:
        """The plan to be checked."""
        tables = (self.decisions, self.links, self.flows, self.exchanges, self.outages)
        return self.edit(complete_plan(self.instance, self.policy, *tables))

    def findings(self) -> tuple[Finding, ...]:
        """What the checker finds in it."""
        case = Case.of(self.instance, self.policy)
        return broken_rules(Facts(case, self.plan(), self.cost, self.objective, self.kpi))

    def but(self, **changes: Any) -> Trial:
        """The same trial with some parts replaced."""
        return replace(self, **changes)


def hand_trial() -> Trial:
    """The paper plan as a trial without a flaw."""
    return Trial(hand_case(), Policy(), DECISIONS, LINKS, FLOWS, cost=COST, objective=OBJECTIVE, kpi=KPI)
