"""Everything that the map's script draws and says, as one plain record for the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import hubopt
from hubopt.check import Report
from hubopt.instance.policy import COST_PARTS
from hubopt.instance.types import Instance, Structure
from hubopt.solution.types import Solution
from hubopt.texts import Language, embedded
from hubopt.viz import timeline
from hubopt.viz.base import BASE_LAYERS, PACKING, base_layers, region_names, thinned
from hubopt.viz.credits import credits_openstreetmap, synthetic_counts
from hubopt.viz.legend import demand_classes, scales
from hubopt.viz.places import MOST_ROWS, Layout, layout
from hubopt.viz.records import (
    facility_records,
    flow_records,
    gateway_records,
    site_records,
    zone_records,
    zone_service_records,
)
from hubopt.viz.service import passing
from hubopt.viz.style import (
    END_COLOURS,
    EXCHANGE_COLOUR,
    FLOW_COLOURS,
    RAMP,
    REACH_CLASSES,
    REACH_COLOURS,
    SERVED_CLASSES,
    ZONE_COLOURS,
    design_colours,
)
from hubopt.viz.values import names_of, web_link

if TYPE_CHECKING:
    import geopandas as gpd

TEXT_GROUPS = (
    "language", "brand", "number", "money", "unit", "level", "levels", "leg-end", "kind", "mode", "action", "cost",
    "status", "limit", "reliability", "direction", "service", "map", "search", "layer", "shade", "legend",
    "popup", "sources", "flow", "gap", "time",
)  # fmt: skip
"""Groups of the catalogue that the page carries in both languages."""

ZONE_BUDGET = 250_000
"""Vertices of the outlines of the zones together; a grid of 1 km over eleven cities has a third of it."""

FAR = 1.6
"""The view opens without the gateways when these would make it larger by more than this factor."""


def content(instance: Instance, solution: Solution, report: Report | None, lang: Language) -> dict[str, Any]:
    """The page's record; ``instance`` is the effective one, ``report`` is None when there is no plan."""
    where = layout(instance)
    geometry = {} if where.schematic else drawn_geometry(instance.geometry)
    drawn = replace(instance, geometry=geometry)
    periods = _periods(drawn, solution, report)
    return {
        "lang": lang,
        "texts": embedded(tuple(f"{group}." for group in TEXT_GROUPS)),
        "version": hubopt.__version__,
        **_facts(instance, solution),
        **catalogues(instance.structure),
        "schematic": where.schematic,
        "headings": {name: list(point) for name, point in where.headings.items()},
        "rows": MOST_ROWS,
        "unplaced": len(where.unplaced),
        "bounds": bounds(where),
        "packing": PACKING,
        "base": base_layers(geometry),
        "regions": region_names(geometry),
        "sites": site_records(drawn, where),
        "gateways": gateway_records(drawn, where),
        "zones": zone_records(drawn, where),
        "periods": periods,
        "legs": list(dict.fromkeys(flow["leg"] for period in periods for flow in period["flows"])),
        "scales": scales(periods),
        "demandClasses": demand_classes(periods),
        **style(instance.structure),
    }


def drawn_geometry(geometry: Mapping[str, gpd.GeoDataFrame]) -> dict[str, gpd.GeoDataFrame]:
    """The layers that the map draws, thinned; outlines of zones by a budget of their own, for there are thousands."""
    base = {name: layer for name, layer in geometry.items() if name in BASE_LAYERS}
    zones = {name: layer for name, layer in geometry.items() if name == "zones"}
    return {**thinned(base), **thinned(zones, ZONE_BUDGET)}


def _facts(instance: Instance, solution: Solution) -> dict[str, Any]:
    """What the title says about the case and the run."""
    info = instance.info
    return {
        "instance": {
            "name": names_of(info.model_dump()),
            "description": info.description,
            "synthetic": info.synthetic,
            "currency": info.currency,
        },
        "policy": names_of(solution.policy.model_dump()),
        "proof": {"status": solution.proof.status, "limit": solution.proof.limit, "gap": solution.proof.gap},
        "solved": solution.plan is not None,
        "total": sum(solution.cost.get(part, 0.0) for part in COST_PARTS) if solution.cost else None,
        "unmet": round(solution.cost.get("unmet", 0.0)),
        "kpi": {"served": solution.kpi.get("served_share"), "land": solution.kpi.get("land_ha.total")},
        "synthetic": synthetic_counts(instance),
        "openstreetmap": credits_openstreetmap(instance),
        "sources": [{**source.model_dump(), "url": web_link(source.url)} for source in instance.structure.sources],
    }


def catalogues(structure: Structure) -> dict[str, Any]:
    """Names of commodities, designs, hub types and targets; ``weighs``: places of the commodities a target weighs."""
    place = {item.id: i for i, item in enumerate(structure.commodities)}
    return {
        "commodities": [
            {"id": item.id, "name": names_of(item.model_dump()), "direction": item.direction}
            for item in structure.commodities
        ],
        "modes": [{"name": names_of(item.model_dump()), "kind": item.kind} for item in structure.modes],
        "designs": {item.id: names_of(item.model_dump()) for item in structure.designs},
        "hubTypes": {item.id: names_of(item.model_dump()) for item in structure.hub_types},
        "targets": [
            {
                "name": names_of(item.model_dump()),
                **item.model_dump(include={"id", "kind", "measure", "limit", "level"}),
                "weighs": [place[commodity] for commodity in passing(structure, item)],
            }
            for item in structure.service.targets
        ],
    }


def style(structure: Structure) -> dict[str, Any]:
    """Colours and class limits."""
    return {
        "designColours": design_colours(structure.designs),
        "endColours": {**END_COLOURS, "exchange": EXCHANGE_COLOUR},
        "zoneColours": dict(ZONE_COLOURS),
        "ramp": list(RAMP),
        "servedClasses": list(SERVED_CLASSES),
        "reachClasses": list(REACH_CLASSES),
        "reachColours": list(REACH_COLOURS),
        "flowColours": list(FLOW_COLOURS),
    }


def _periods(instance: Instance, solution: Solution, report: Report | None) -> list[dict[str, Any]]:
    index = {str(site): i for i, site in enumerate(instance.sites["id"])}
    plan = solution.plan
    return [
        {
            "id": period.id,
            "gatewayFactor": period.gateway_factor,
            "kpi": _kpi(instance, solution, period.id),
            "facilities": [] if plan is None else facility_records(plan, period.id, index),
            "flows": [] if plan is None else flow_records(instance, plan, period.id),
            "zones": zone_service_records(instance, plan, report, period.id),
        }
        for period in instance.structure.periods
    ]


def _kpi(instance: Instance, solution: Solution, period: str) -> dict[str, Any]:
    """The figures of one period that the panel shows; of each standard what is reached and asked for (shares)."""
    kpi = timeline.in_period(instance, solution.kpi, period)
    whole = sum(solution.cost.get(part, 0.0) for part in COST_PARTS) if solution.cost else None
    return {
        "served": kpi.get("served_share"),
        "land": kpi.get("land_ha.total"),
        "cost": solution.kpi.get(f"cost_cny_year.{period}", whole if len(instance.structure.periods) == 1 else None),
        "investment": kpi.get("investment_cny"),
        "carbon": None if (kg := kpi.get("kgco2e_year.total")) is None else kg / 1000,
        "targets": {
            item.id: [kpi.get(f"target.{item.id}"), kpi.get(f"target_required.{item.id}", item.share)]
            for item in instance.structure.service.targets
        },
    }


def bounds(where: Layout) -> list[list[float]]:
    """South-west and north-east corner (lat, lon) of the opening view: sites, zones, and gateways that are near."""
    everything = [*where.positions.values(), *where.headings.values()]
    inner = [point for (kind, _), point in where.positions.items() if kind != "gateway"]
    if not everything:
        return [[-1.0, -1.0], [1.0, 1.0]]
    (west, south), (east, north) = _corners(everything)
    if inner and not where.schematic:
        (inner_west, inner_south), (inner_east, inner_north) = _corners(inner)
        if max(east - west, north - south) > FAR * max(inner_east - inner_west, inner_north - inner_south):
            west, south, east, north = inner_west, inner_south, inner_east, inner_north
    beside, above = (22.0, 12.0) if where.schematic else (0.01, 0.01)
    return [[south - above, west - beside], [north + above, east + beside]]


def _corners(points: list[tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    xs, ys = zip(*points, strict=True)
    return (min(xs), min(ys)), (max(xs), max(ys))
