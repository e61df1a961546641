"""The tiny city with all that a plan can have besides: periods, in-city goods, terminals, rules of all kinds."""

from __future__ import annotations

import itertools

import pandas as pd

from hubopt.instance import (
    Commodity,
    Instance,
    LevelRule,
    Period,
    Presence,
    Resilience,
    ServiceTarget,
    frame,
)
from hubopt.instance.frames import in_order
from tests.builder import Rows
from tests.cases import tiny

GROWTH = 1.5
"""Demand of the second period over that of the first."""

COLLECTED = {"z1": 4, "z2": 2, "z3": 6}
"""t/d of in-city goods by zone of origin in the first period: 6 from West, 6 from East."""

DELIVERED = {"z3": 4, "z4": 4, "z5": 4}
"""t/d of in-city goods by zone of destination; half of it comes from West, half from East."""

NAMES = {"name_en": "In-city parcels", "name_zh": "同城包裹"}


def _commodities() -> tuple[Commodity, ...]:
    common = {**NAMES, "chain": ("utc", "station"), "unmet_cny_t": 20000}
    return (
        Commodity.model_validate({**common, "id": "local", "direction": "inbound", "exchange_with": "local-out"}),
        Commodity.model_validate({**common, "id": "local-out", "direction": "outbound"}),
    )


def _targets() -> tuple[ServiceTarget, ...]:
    """Chain targets that take exactly their limits: 45 + 30 + 20 + 10 + (120 + 60 + 30); 2 (20 + 10 + 60 + 30) + 30."""
    common = {"name_en": "End to end", "name_zh": "全程时效", "kind": "chain", "measure": "minutes", "share": 0.5}
    return tuple(
        ServiceTarget.model_validate({**common, **target})
        for target in (
            {
                "id": "region",
                "level": "hub",
                "limit": 315,
                "commodities": ("parcel",),
                "budget_minutes": {"gateway-hub": 45, "hub-utc": 30, "utc-station": 20, "station-zone": 10},
            },
            {
                "id": "same-day",
                "level": "utc",
                "limit": 270,
                "commodities": ("local",),
                "budget_minutes": {"utc-station": 20, "station-zone": 10, "utc-utc": 30},
            },
        )
    )


def _demand() -> pd.DataFrame:
    rows: Rows = [
        {"zone": zone, "commodity": commodity, "period": "2025", "t_d": t_d}
        for commodity, amounts in (("local", DELIVERED), ("local-out", COLLECTED))
        for zone, t_d in amounts.items()
    ]
    today = pd.concat([tiny().demand, frame("demand", rows)], ignore_index=True)
    later = today.assign(period="2030", t_d=today["t_d"] * GROWTH)
    return in_order("demand", pd.concat([today, later], ignore_index=True))


def _arcs() -> pd.DataFrame:
    centres = ("u-east", "u-mid", "u-west")
    rows: Rows = [
        {"leg": "utc-utc", "origin": a, "destination": b, "mode": "van", "km": 6, "minutes": 12, "toll_cny_t": 1}
        for a, b in itertools.combinations(centres, 2)
    ]
    return in_order("arcs", pd.concat([tiny().arcs, frame("arcs", rows)], ignore_index=True))


def whole() -> Instance:
    """A valid instance in which every table has rows and every kind of rule is set."""
    case = tiny()
    base = case.structure
    service = base.service.model_copy(update={"targets": (*base.service.targets, *_targets())})
    designs = tuple(
        item.model_copy(update={"converts_from": ("utc-flat",), "conversion_months": 6.0, "staff": 12.0})
        if item.id == "utc-smart"
        else item
        for item in base.designs
    )
    bonded = {"requirement_levels": ("hub",)}
    structure = base.model_copy(
        update={
            "periods": (
                Period(id="2025", year=2025, years=5, weight=0.5, target_shares={"region": 0.4}),
                Period(id="2030", year=2030, years=5, weight=0.5, gateway_factor=1.5, capital_budget_cny=1e9),
            ),
            "commodities": (
                *(item.model_copy(update=bonded) if item.id == "bonded" else item for item in base.commodities),
                *_commodities(),
            ),
            "designs": designs,
            "modes": tuple(
                item.model_copy(update={"capacity_t_d": 500.0, "empty_running": 0.5}) if item.id == "evan" else item
                for item in base.modes
            ),
            "levels": {**base.levels, "utc": LevelRule(dwell_minutes=60, min_open=1, max_site_share=0.6)},
            "presence": (
                Presence(id="west", scope="district", place="West", level="utc", min_open=1),
                Presence(id="air", scope="city", place="Tinytown", hub_type="air", max_open=1),
            ),
            "resilience": Resilience(hub_outage_share=0.3, gateway_outage_share=0.2),
            "service": service,
        }
    )
    changed = Instance(**{**vars(case), "structure": structure})
    halves: Rows = [
        {"commodity": "local", "zone": zone, "group": group, "share": 0.5}
        for zone in DELIVERED
        for group in ("East", "West")
    ]
    sites = case.sites.assign(max_far=case.sites["max_far"].where(case.sites["id"] != "u-west", 1.5))
    return changed.with_tables(
        demand=_demand(),
        arcs=_arcs(),
        sites=sites,
        exchange=in_order("exchange", frame("exchange", halves)),
        terminals=frame("terminals", [{"node": "port", "mode": "truck", "capacity_t_d": 300}]),
    )
