"""A case just large enough that every family of constraints has a row, with round figures."""

from __future__ import annotations

from dataclasses import replace

from hubopt.instance import Instance
from hubopt.instance.types import (
    Commodity,
    Design,
    HubType,
    Info,
    LevelRule,
    Mode,
    Period,
    Service,
    ServiceLimit,
    ServiceTarget,
    Structure,
)
from tests.builder import arcs_between, instance_of


def _design(id: str, level: str, **figures: float) -> Design:
    common = {"module_gfa_m2": 1000, "max_modules": 3, "floor_area_ratio": 1, "life_years": 20, "capital_cny_m2": 2000}
    return Design.model_validate({"id": id, "name_en": id, "name_zh": "设计", "levels": (level,), **common, **figures})


def _structure() -> Structure:
    named = {"name_en": "x", "name_zh": "某"}
    target = {**named, "level": "utc", "share": 0.75}
    return Structure(
        instance=Info(id="small", **named, money_year=2024, operating_days=300, discount_rate=0),
        periods=(Period(id="p"),),
        commodities=(
            Commodity(id="dry", **named, direction="inbound", chain=("hub", "utc", "station"), unmet_cny_t=1000),
            Commodity(
                id="bond", **named, direction="inbound", chain=("hub", "utc"), requirement="bonded", unmet_cny_t=1000
            ),
        ),
        designs=(
            _design("big", "hub", throughput_t_d=50, bonded_t_d=20, min_modules=2, floor_area_ratio=0.5),
            _design("old", "utc", throughput_t_d=10, bonded_t_d=4, module_gfa_m2=500),
            _design("new", "utc", throughput_t_d=30, bonded_t_d=12, conversion_cny_m2=500),
            _design("stn", "station", throughput_t_d=8, module_gfa_m2=100),
        ),
        modes=(Mode(id="van", **named, cny_t_km=2),),
        hub_types=(
            HubType(id="sea", **named, gateway_kinds=("port",), min_open=1),
            HubType(id="land", **named, commodities=("dry",), max_open=1),
        ),
        levels={"station": LevelRule(dwell_minutes=10, min_open=1), "utc": LevelRule(max_open=2)},
        service=Service(
            single_sourcing=("utc-station", "station-zone"),
            limits=(ServiceLimit(leg="station-zone", max_km=5),),
            targets=(
                ServiceTarget(id="near", kind="access", measure="km", limit=4, **target),
                ServiceTarget(id="fast", kind="delivery", measure="minutes", limit=25, commodities=("dry",), **target),
            ),
        ),
    )


def stretched() -> Instance:
    """The small case whose stations handle more than their modules take at 7 CNY/t; of s1 a quarter is available.

    A tonne from s1 to z1 takes 1.5 t of its throughput.
    """
    case = small()
    designs = tuple(
        item.model_copy(update={"overflow_cny_t": 7.0 if item.id == "stn" else None}) for item in case.structure.designs
    )
    sites = case.sites.assign(availability=case.sites["availability"].mask(case.sites["id"] == "s1", 0.25))
    last = (case.arcs["leg"] == "station-zone") & (case.arcs["origin"] == "s1") & (case.arcs["destination"] == "z1")
    arcs = case.arcs.assign(load=case.arcs["load"].mask(last, 1.5))
    return replace(case, structure=case.structure.model_copy(update={"designs": designs}), sites=sites, arcs=arcs)


def small() -> Instance:
    """Two gateways, two hubs, two transfer centres (one stands today), two stations and two zones.

    Kilometres are counted on a grid, at 30 km/h. Demand is 6 and 4 t/d dry, 2 and 0 t/d bonded.
    """
    places = {
        "gateway": [("quay", 0.0, 10.0), ("road", 4.0, 10.0)],
        "hub": [("h1", 0.0, 8.0), ("h2", 4.0, 8.0)],
        "utc": [("u1", 0.0, 4.0), ("u2", 4.0, 4.0)],
        "station": [("s1", 0.0, 2.0), ("s2", 4.0, 2.0)],
        "zone": [("z1", 0.0, 1.0), ("z2", 4.0, 0.0)],
    }
    land = {"hub": 1.2, "utc": 0.25, "station": 0.015}
    types = {"h1": "sea", "h2": "land"}
    legs = ("gateway-hub", "hub-utc", "utc-station", "utc-zone", "station-zone")
    return instance_of(
        _structure(),
        gateways=[
            {"id": "quay", "name_en": "quay", "kind": "port", "capacity_t_d": 9},
            {"id": "road", "name_en": "road", "kind": "expressway"},
        ],
        admissions=[
            {"commodity": "dry", "gateway": "quay", "min_share": 0.25, "max_share": 0.5},
            {"commodity": "dry", "gateway": "road"},
            {"commodity": "bond", "gateway": "quay"},
        ],
        sites=[
            {
                "id": id,
                "name_en": id,
                "level": level,
                "hub_type": types.get(id, ""),
                "district": "West" if x < 2 else "East",
                "parcel": "yard" if id in ("u1", "s1") else "",
                "land_ha": land[level],
                "forced": "open" if id == "s2" else "",
            }
            for level in land
            for id, x, _ in places[level]
        ],
        existing=[{"site": "u1", "design": "old", "modules": 4, "may_close": False}],
        zones=[{"id": "z1", "name_en": "z1", "own_site": "u1"}, {"id": "z2", "name_en": "z2", "own_site": "s2"}],
        demand=[
            {"zone": zone, "commodity": commodity, "period": "p", "t_d": t_d}
            for zone, commodity, t_d in (("z1", "dry", 6), ("z2", "dry", 4), ("z1", "bond", 2))
        ],
        land=[
            {"scope": "parcel", "id": "yard", "limit_ha": 0.2},
            {"scope": "district", "id": "East", "limit_ha": 1},
            {"scope": "total", "id": "total", "limit_ha": 2},
        ],
        arcs=[
            row
            for leg in legs
            for row in arcs_between(leg, places[leg.split("-")[0]], places[leg.split("-")[1]], {"van": 30})
        ],
    )
