"""Cases that are infeasible for one known cause each: the limits that clash, and the proof that names it, if any.

Modules are of 1 ha floor area and land, 10 t/d each, at most 9 to a site.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hubopt.instance import HubType, Instance, LevelRule, Policy, Presence, Resilience, Service, ServiceLimit
from hubopt.instance.types import ServiceTarget
from tests.model.paper import NAMED, case, design, goods, mode, periods


@dataclass(frozen=True)
class Cause:
    """An infeasible case; ``clash``: limits that it is about; ``proof``: key of the proof that names it."""

    instance: Instance
    policy: Policy
    clash: set[str]
    proof: str = ""


def building(id: str, level: str, **figures: Any) -> Any:
    """A design of 1 ha modules."""
    return design(id, level, **{"module_gfa_m2": 10_000, **figures})


def town(**changes: Any) -> Instance:
    """Two zones of 15 t/d, each 1 km from a centre of its own and 9 km from the other's."""
    given: dict[str, Any] = {
        "goods": (goods("k", "utc"),),
        "demand": {"z1 k": 15, "z2 k": 15},
        "ways": {"u1 z1": 1, "u1 z2": 9, "u2 z1": 9, "u2 z2": 1},
        "sites": {"u1": {"district": "West"}, "u2": {"district": "East"}},
        "designs": (building("d", "utc"),),
    }
    return case(**{**given, **changes})


def asks(**content: Any) -> Policy:
    """A policy."""
    return Policy.model_validate(content)


def _target(kind: str, **figures: Any) -> ServiceTarget:
    return ServiceTarget.model_validate({"id": "near", **NAMED, "kind": kind, "level": "utc", **figures})


def _hubs(**changes: Any) -> Instance:
    """Two hubs for one zone of 20 t/d; a port of 12 t/d and a free one."""
    given: dict[str, Any] = {
        "goods": (goods("k", "hub"),),
        "demand": {"z1 k": 20},
        "ways": {"g1 h1": 1, "g2 h1": 1, "g1 h2": 1, "g2 h2": 1, "h1 z1": 5, "h2 z1": 7},
        "sites": {"h1": {"city": "A"}, "h2": {"city": "B"}},
        "designs": (building("d", "hub"),),
        "gateways": {"g1": {"capacity_t_d": 12}, "g2": {}},
        "admissions": {"k g1": {}, "k g2": {}},
    }
    return case(**{**given, **changes})


def _chain() -> Instance:
    """A centre, two stations and two zones; one station is far from the centre."""
    return case(
        (goods("k", "utc", "station"),),
        {"z1 k": 5, "z2 k": 5},
        {"u1 s1": 10, "u1 s2": 40, "s1 z1": 5, "s2 z2": 5},
        ("u1", "s1", "s2"),
        (building("d", "utc"), building("e", "station")),
        service=Service(
            single_sourcing=("utc-station", "station-zone"),
            targets=(_target("delivery", measure="minutes", limit=20, share=0.9),),
        ),
    )


def causes() -> dict[str, Cause]:
    """Every cause by name."""
    all_carried = {"unmet_share_max": 0.0}
    return {
        "land in all": Cause(
            town(), asks(land_ha={"total:total": 2}, **all_carried), {"land_ha.total:total", "unmet_share_max"},
            "proof.land-short",
        ),
        "too few sites": Cause(
            town(demand={"z1 k": 70, "z2 k": 50}), asks(levels={"utc": {"max_open": 1}}, **all_carried),
            {"levels.utc.max_open", "unmet_share_max"}, "proof.sites-short",
        ),
        "land of a district": Cause(
            town(), asks(land_ha={"district:West": 0.5}, levels={"utc": {"min_open": 2}}),
            {"land_ha.district:West", "levels.utc.min_open"}, "proof.land-below-minimum",
        ),
        "forced sites against counts": Cause(
            town(), asks(force_open=["u1", "u2"], levels={"utc": {"max_open": 1}}),
            {"force_open.u1", "force_open.u2", "levels.utc.max_open"}, "proof.more-forced",
        ),
        "forced site without land": Cause(
            town(sites={"u1": {"land_ha": 0.2, "forced": "open"}, "u2": {}}), asks(), {"force_open.u1"},
            "proof.forced-cannot-open",
        ),
        "capacity": Cause(
            town(demand={"z1 k": 150, "z2 k": 150}), asks(unmet_share_max=0.1), {"unmet_share_max"},
            "proof.capacity-short",
        ),
        "cold capacity": Cause(
            town(
                goods=(goods("k", "utc", requirement="cold"),), designs=(building("d", "utc", cold_t_d=1),),
            ),
            asks(unmet_share_max=0.25), {"unmet_share_max"}, "proof.class-capacity-short",
        ),
        "least share of a gateway": Cause(
            _hubs(admissions={"k g1": {"min_share": 0.8}, "k g2": {}}), asks(unmet_share_max=0.1),
            {"gateways.g1.capacity_t_d", "admissions.k.g1.min_share", "unmet_share_max"}, "proof.gateway-share-short",
        ),
        "access target": Cause(
            town(
                ways={"u1 z1": 1, "u2 z1": 9, "u1 z2": 7, "u2 z2": 6},
                service=Service(targets=(_target("access", measure="km", limit=5, share=0.9),)),
            ),
            asks(), {"targets.near.share"}, "proof.target-out-of-reach",
        ),
        "delivery target": Cause(_chain(), asks(), {"targets.near.share"}, "proof.target-out-of-reach"),
        "capital budget": Cause(
            town(designs=(building("d", "utc", capital_cny_m2=100),)),
            asks(capital_budget_cny=1e6, force_open=["u1", "u2"]),
            {"capital_budget_cny", "force_open.u1", "force_open.u2"}, "proof.budget-below-minimum",
        ),
        "carbon cap": Cause(
            town(modes=(mode("road", kgco2e_t_km=100),)), asks(carbon_cap_t_year=1, **all_carried),
            {"carbon_cap_t_year", "unmet_share_max"}, "proof.carbon-above-cap",
        ),
        "knapsack of single sourcing": Cause(
            case(
                (goods("k", "station"),),
                {f"z{n} k": 6 for n in range(1, 4)},
                {f"s{i} z{n}": 1 for i in (1, 2) for n in range(1, 4)},
                ("s1", "s2"),
                (building("e", "station", max_modules=1),),
                service=Service(single_sourcing=("station-zone",)),
            ),
            asks(**all_carried), {"single_sourcing.station-zone", "unmet_share_max"},
        ),
        "a hub out": Cause(
            _hubs(
                sites={"h1": {}, "h2": {"land_ha": 1}}, resilience=Resilience(hub_outage_share=0.8),
            ),
            asks(), {"resilience.hub_outage_share"}, "proof.hub-outage-too-hard",
        ),
        "least utilisation": Cause(
            town(
                demand={"z1 k": 3, "z2 k": 15}, ways={"u1 z1": 1, "u2 z2": 1},
                levels={"utc": LevelRule(min_utilisation=0.5, min_open=2)},
            ),
            asks(force_open=["u1"]), {"levels.utc.min_utilisation", "force_open.u1"}, "proof.too-little-to-use",
        ),
        "service limit that cuts a zone off": Cause(
            town(
                ways={"u1 z1": 1, "u2 z1": 2, "u1 z2": 8, "u2 z2": 6.5},
                service=Service(limits=(ServiceLimit(leg="utc-zone", max_km=5),)),
            ),
            asks(unmet_share_max=0.05), {"limits.utc-zone.max_km", "unmet_share_max"}, "proof.zones-cut-off",
        ),
        "hubs of a type": Cause(
            _hubs(
                sites={"h1": {"hub_type": "air"}, "h2": {"hub_type": "air", "land_ha": 0.2}},
                hub_types=(HubType(id="air", **NAMED, min_open=2),),
            ),
            asks(), {"hub_types.air.min_open"}, "proof.too-few-candidates",
        ),
        "presence in a city": Cause(
            _hubs(presence=(Presence(id="in-b", scope="city", place="B", min_open=1),)),
            asks(force_closed=["h2"]), {"presence.in-b.min_open", "force_closed.h2"}, "proof.too-few-candidates",
        ),
        "stock that must stay": Cause(
            town(existing={"u1": {"design": "d", "modules": 3, "may_close": False}}),
            asks(land_ha={"district:West": 2}),
            {"existing.u1.may_close", "land_ha.district:West"}, "proof.land-below-minimum",
        ),
        "a mode too small": Cause(
            town(modes=(mode("road", capacity_t_d=20),)), asks(**all_carried),
            {"mode_capacity_t_d.road", "unmet_share_max"},
        ),
        "demand that must be met": Cause(
            town(goods=(goods("k", "utc", must_be_met=True),)), asks(land_ha={"total:total": 2}),
            {"commodities.k.must_be_met", "land_ha.total:total"},
        ),
        "one site's share": Cause(
            town(sites={"u1": {}, "u2": {}, "u3": {"land_ha": 0.2}}, levels={"utc": LevelRule(max_site_share=0.4)}),
            asks(**all_carried),
            {"levels.utc.max_site_share", "unmet_share_max"},
        ),
        "a phase's budget": Cause(
            town(
                designs=(building("d", "utc", capital_cny_m2=100),),
                periods=periods(a={}, b={"capital_budget_cny": 1e5}),
            ),
            asks(levels={"utc": {"min_open": 1}}, capital_budget_cny=1e5),
            {"capital_budget_cny", "levels.utc.min_open"}, "proof.budget-below-minimum",
        ),
    }  # fmt: skip
