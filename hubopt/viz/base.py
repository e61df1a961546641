"""The base map: the instance's own geometry, thinned and packed so that a map stays a few megabytes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from hubopt.viz.values import names_of, rows_of, text

if TYPE_CHECKING:
    import geopandas as gpd

PACKING = 100_000
"""Packed coordinates are whole numbers of 1/PACKING degree (about a metre)."""

BASE_LAYERS: tuple[str, ...] = ("land", "districts", "water", "roads", "expressways")
"""Layers of the base map in drawing order."""

VERTEX_BUDGET = 120_000
"""Vertices of all layers together; finer geometry is thinned until it fits (about 1 MB when packed)."""

FIRST_TOLERANCE = 0.00008
"""Thinning that a city map does not show (degrees, about 8 m)."""


def packed(coordinates: NDArray[np.float64]) -> list[int]:
    """Lon/lat pairs, shape (n, 2), as one list of differences: lon, lat, then what each vertex adds."""
    whole = np.rint(coordinates[:, :2] * PACKING).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    keep = np.ones(len(steps), dtype=bool)
    keep[1:] = steps[1:].any(axis=1)
    return [int(value) for value in steps[keep].ravel()]


def thinned(geometry: Mapping[str, gpd.GeoDataFrame], budget: int = VERTEX_BUDGET) -> dict[str, gpd.GeoDataFrame]:
    """The layers simplified just enough for ``budget`` vertices in all; empty geometries are dropped."""
    layers = {name: layer[~(layer.geometry.is_empty | layer.geometry.isna())] for name, layer in geometry.items()}
    tolerance = FIRST_TOLERANCE
    while True:
        thin = {name: layer.set_geometry(layer.geometry.simplify(tolerance)) for name, layer in layers.items()}
        if sum(int(shapely.get_num_coordinates(layer.geometry.values).sum()) for layer in thin.values()) <= budget:
            return thin
        if tolerance > 0.01:
            return thin
        tolerance *= 1.6


def shapes(geometry: Any) -> list[list[list[int]]]:
    """Packed parts of a geometry: a polygon part is its rings (shell first), a line part is one list."""
    parts: list[list[list[int]]] = []
    for part in shapely.get_parts(geometry):
        if part.geom_type == "Polygon":
            rings = [part.exterior, *part.interiors]
            parts.append([packed(shapely.get_coordinates(ring)) for ring in rings])
        elif part.geom_type in ("LineString", "LinearRing"):
            parts.append([packed(shapely.get_coordinates(part))])
    return parts


def base_layers(geometry: Mapping[str, gpd.GeoDataFrame]) -> dict[str, list[dict[str, Any]]]:
    """Features of each base layer: packed parts, and for districts their names and a point inside for the label."""
    layers: dict[str, list[dict[str, Any]]] = {}
    for name in BASE_LAYERS:
        if name not in geometry:
            continue
        if name == "districts":
            layers[name] = list(_districts(geometry[name]))
        else:
            layers[name] = [{"parts": shapes(shape)} for shape in geometry[name].geometry]
    return layers


def _districts(layer: gpd.GeoDataFrame) -> Iterator[dict[str, Any]]:
    for row in layer.to_dict("records"):
        shape = row["geometry"]
        largest = max(shapely.get_parts(shape), key=shapely.area)
        point = shapely.point_on_surface(largest)
        yield {"parts": shapes(shape), "name": names_of(row), "at": [round(point.x, 5), round(point.y, 5)]}


def zone_shapes(geometry: Mapping[str, gpd.GeoDataFrame]) -> dict[str, list[list[list[int]]]]:
    """Packed parts of each zone's polygon by zone id; empty when the case has no zone polygons."""
    if "zones" not in geometry or "id" not in geometry["zones"]:
        return {}
    layer = geometry["zones"]
    return {str(name): shapes(shape) for name, shape in zip(layer["id"], layer.geometry, strict=True)}


def region_names(geometry: Mapping[str, gpd.GeoDataFrame]) -> dict[str, dict[str, str]]:
    """Names by language of the districts and cities that the base layers name, by their id."""
    named = [geometry[layer] for layer in ("land", "districts") if layer in geometry and "id" in geometry[layer]]
    rows = [row for layer in named for row in rows_of(layer.drop(columns=layer.geometry.name))]
    return {text(row["id"]): names_of(row) for row in rows if text(row.get("name_zh"))}
