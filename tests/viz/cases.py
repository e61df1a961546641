"""Cases that only pages need: geometry under ``tiny``, no coordinates, names that attack, two periods."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box

from hubopt.instance.types import Instance, Period
from hubopt.solution.types import Plan
from tests.cases import tiny
from tests.viz.greedy import greedy_plan

HOSTILE = (
    "<script>alert(1)</script>",
    "</script><script>window.hacked = 1</script>",
    "\"><img src=x onerror='window.hacked = 2'>",
    "{{ 7 * 7 }}{% raw %}",
    "<!--hubopt:data-->",
    "$x^2$ `${window.hacked = 3}` \\u003c",
    "</title><style>body { display: none }</style>",
)
"""Names that would run, or break the page, where a text is not kept a text."""


def _layer(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, crs=4326)


def mapped() -> Instance:
    """``tiny`` on a base map: land with a lake in it, two districts, roads, an expressway and zone polygons."""
    case = tiny()
    island = Polygon(
        [(113.8, 22.4), (114.2, 22.4), (114.2, 22.7), (113.8, 22.7)], [[(114.1, 22.6), (114.12, 22.6), (114.11, 22.62)]]
    )
    districts = [
        {"id": "West", "name_en": "West", "name_zh": "西区", "geometry": box(113.85, 22.45, 114.0, 22.6)},
        {
            "id": "East",
            "name_en": "East",
            "name_zh": "东区",
            "geometry": MultiPolygon([box(114.0, 22.45, 114.15, 22.6)]),
        },
    ]
    zones = [
        {"id": row.id, "geometry": Point(row.lon, row.lat).buffer(0.004, quad_segs=2)}
        for row in case.zones.itertuples()
    ]
    geometry = {
        "land": _layer([{"id": "island", "geometry": island}]),
        "water": _layer([{"id": "lake", "geometry": box(113.95, 22.55, 113.96, 22.56)}]),
        "districts": _layer(districts),
        "roads": _layer([{"id": "r", "geometry": LineString([(113.85, 22.5), (114.15, 22.52)])}]),
        "expressways": _layer([{"id": "e", "geometry": LineString([(113.9, 22.45), (113.95, 22.65)])}]),
        "zones": _layer(zones),
    }
    return replace(case, geometry=geometry)


def unlocated() -> Instance:
    """``tiny`` as an imported benchmark: no coordinates anywhere."""
    case = tiny()
    nowhere = {"lon": float("nan"), "lat": float("nan")}
    tables = {name: getattr(case, name).assign(**nowhere) for name in ("gateways", "sites", "zones")}
    return case.with_tables(**tables)


def hostile() -> Instance:
    """``mapped`` with an attack in every text that a page shows."""
    case = mapped()

    def attacked(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
        texts = [f"{HOSTILE[i % len(HOSTILE)]} {i}" for i in range(len(table))]
        return table.assign(**dict.fromkeys(columns, texts))

    structure = case.structure
    names = {"name_en": HOSTILE[1], "name_zh": HOSTILE[2]}
    sources = tuple(
        item.model_copy(update={"title": HOSTILE[2], "url": "javascript:window.hacked=4", "licence": HOSTILE[0]})
        for item in structure.sources
    )
    standards = {**names, "standard": HOSTILE[0]}
    targets = tuple(item.model_copy(update=standards) for item in structure.service.targets)
    info = {**names, "description": HOSTILE[0], "currency": HOSTILE[5]}
    structure = structure.model_copy(
        update={
            "instance": structure.instance.model_copy(update=info),
            "commodities": tuple(item.model_copy(update=names) for item in structure.commodities),
            "modes": tuple(item.model_copy(update=names) for item in structure.modes),
            "designs": tuple(item.model_copy(update=names) for item in structure.designs),
            "hub_types": tuple(item.model_copy(update=names) for item in structure.hub_types),
            "service": structure.service.model_copy(update={"targets": targets}),
            "sources": sources,
        }
    )
    places = ("name_en", "name_zh", "source")
    tables = {name: attacked(getattr(case, name), places) for name in ("gateways", "sites", "zones")}
    tables["parameters"] = attacked(case.parameters, ("source", "unit"))
    districts = case.geometry["districts"].assign(name_en=HOSTILE[1], name_zh=HOSTILE[2])
    attacked_case = case.with_tables(**tables)
    return replace(attacked_case, structure=structure, geometry={**case.geometry, "districts": districts})


def two_periods() -> Instance:
    """``tiny`` with a second period of half as much demand."""
    case = tiny()
    later = case.demand.assign(period="2030", t_d=case.demand["t_d"] / 2)
    structure = case.structure.model_copy(update={"periods": (*case.structure.periods, Period(id="2030"))})
    return replace(case, structure=structure).with_tables(demand=pd.concat([case.demand, later], ignore_index=True))


def plan_for_two_periods(case: Instance) -> Plan:
    """The greedy plan in both periods; in the second only what goes to the first zone is left out."""
    first, second = greedy_plan(case), greedy_plan(case, leave_out="z1")

    def both(name: str) -> pd.DataFrame:
        return pd.concat([getattr(first, name), getattr(second, name).assign(period="2030")], ignore_index=True)

    return Plan(both("facilities"), both("assignments"), both("flows"))
