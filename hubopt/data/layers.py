"""Layers of the base map: simplified, small, in WGS84."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import METRIC, WGS84
from hubopt.data.recipe_parts import Layers
from hubopt.data.roads.graph import RoadGraph

_GRID = 1e-5
"""Coordinates are rounded to this many degrees (1 m)."""


def _coarse(shapes: gpd.GeoSeries, tolerance_m: float) -> gpd.GeoSeries:
    simple = shapes.to_crs(METRIC).simplify(tolerance_m, preserve_topology=True).to_crs(WGS84)
    rounded = shapely.set_precision(shapely.make_valid(simple.to_numpy()), _GRID)
    return gpd.GeoSeries(rounded, index=shapes.index, crs=WGS84)


def areas(shapes: gpd.GeoDataFrame, columns: list[str], tolerance_m: float) -> gpd.GeoDataFrame:
    """Polygons with ``columns``; neighbours keep common edges because all are simplified as one coverage."""
    metric = shapes.to_crs(METRIC).geometry.to_numpy()
    simple = gpd.GeoSeries(shapely.coverage_simplify(metric, tolerance_m), crs=METRIC).to_crs(WGS84)
    geometry = shapely.set_precision(shapely.make_valid(simple.to_numpy()), _GRID)
    return gpd.GeoDataFrame(shapes[columns].reset_index(drop=True), geometry=geometry, crs=WGS84)


def land(cities: gpd.GeoDataFrame, frame: shapely.Geometry, tolerance_m: float) -> gpd.GeoDataFrame:
    """Land by city within ``frame`` (WGS84): id, name_en, name_zh."""
    clipped = shapely.intersection(cities.geometry.to_numpy(), frame)
    result = cities[["id", "name_en", "name_zh"]].reset_index(drop=True)
    coarse = _coarse(gpd.GeoSeries(clipped, crs=WGS84), tolerance_m)
    return gpd.GeoDataFrame(result, geometry=coarse.to_numpy(), crs=WGS84)[~coarse.is_empty.to_numpy()]


def lines(edges: gpd.GeoDataFrame, by: str, frame: shapely.Geometry, tolerance_m: float) -> gpd.GeoDataFrame:
    """Lines within ``frame`` (WGS84), one feature per value of ``by``, which becomes its id."""
    clipped = shapely.intersection(edges.geometry.to_numpy(), frame)
    table = pd.DataFrame({"id": edges[by].to_numpy(), "shape": clipped})
    table = table[~shapely.is_empty(clipped)]
    merged = {
        name: shapely.line_merge(shapely.union_all(np.array(group.tolist())))
        for name, group in table.groupby("id")["shape"]
    }
    coarse = _coarse(gpd.GeoSeries(list(merged.values()), crs=WGS84), tolerance_m)
    return gpd.GeoDataFrame({"id": list(merged)}, geometry=coarse.to_numpy(), crs=WGS84)


def frame_around(city: shapely.Geometry, km: float) -> shapely.Polygon:
    """Rectangle ``km`` wider than the city on each side, WGS84."""
    box = gpd.GeoSeries([city], crs=WGS84).to_crs(METRIC).total_bounds
    wide = shapely.box(box[0] - km * 1000, box[1] - km * 1000, box[2] + km * 1000, box[3] + km * 1000)
    degrees: shapely.Polygon = gpd.GeoSeries([wide], crs=METRIC).to_crs(WGS84).iloc[0]
    return degrees


def road_lines(graph: RoadGraph, classes: Sequence[str]) -> gpd.GeoDataFrame:
    """Edges of the wanted classes as lines, each pair of nodes once: road_class, WGS84."""
    edges = graph.edges[graph.edges["road_class"].isin(classes)]
    u, v = edges["u"].to_numpy(), edges["v"].to_numpy()
    once = ~pd.DataFrame({"a": np.minimum(u, v), "b": np.maximum(u, v)}).duplicated().to_numpy()
    lonlat = graph.nodes[["lon", "lat"]].to_numpy(dtype=float)
    shapes = shapely.linestrings(np.stack([lonlat[u[once]], lonlat[v[once]]], axis=1))
    return gpd.GeoDataFrame({"road_class": edges["road_class"].to_numpy()[once]}, geometry=shapes, crs=WGS84)


def candidates(outlines: gpd.GeoDataFrame, tolerance_m: float = 2.0) -> Mapping[str, gpd.GeoDataFrame]:
    """The layer ``candidates`` with the outlines of mapped land; none where no candidate is more than a point.

    Args:
        outlines: id and other columns, polygons in WGS84.
        tolerance_m: how far a corner may move.
    """
    if not len(outlines):
        return {}
    return {"candidates": outlines.set_geometry(_coarse(outlines.geometry, tolerance_m))}


def base_map(
    zones: gpd.GeoDataFrame,
    districts: gpd.GeoDataFrame,
    cities: gpd.GeoDataFrame,
    expressways: gpd.GeoDataFrame,
    graph: RoadGraph,
    settings: Layers,
) -> Mapping[str, gpd.GeoDataFrame]:
    """All layers: zones, districts, land, expressways and roads.

    Args:
        zones: id, name_en, name_zh.
        districts: likewise.
        cities: likewise, with ``own``: whether the city is of the case or lies around it.
        expressways: lines with a column ``route``.
        graph: the road graph.
        settings: how coarse.
    """
    case = shapely.union_all(cities.geometry.to_numpy()[cities["own"].to_numpy(dtype=bool)])
    frame = frame_around(case, settings.context_km)
    return {
        "zones": areas(zones, ["id", "name_en", "name_zh"], settings.tolerance_m),
        "districts": areas(districts, ["id", "name_en", "name_zh"], settings.tolerance_m),
        "land": land(cities, frame, settings.context_tolerance_m),
        "expressways": lines(expressways, "route", frame, settings.tolerance_m),
        "roads": lines(
            road_lines(graph, settings.road_classes), "road_class", shapely.buffer(case, 0.01), settings.tolerance_m
        ),
    }
