"""Map layers of an instance: GeoJSON files in WGS84; they take no part in solving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from hubopt.instance.errors import InputError, Problem

if TYPE_CHECKING:
    import geopandas as gpd

FOLDER = "geometry"
_DECIMALS = 6
"""Decimals of a degree in written layers, about 0.1 m."""


def read_layers(folder: Path, problems: list[Problem]) -> dict[str, gpd.GeoDataFrame]:
    """The layers of the instance in ``folder`` by file name without ending; what cannot be read is a problem."""
    files = sorted((folder / FOLDER).glob("*.geojson"))
    if not files:
        return {}
    from hubopt.instance.features import read_features  # takes half a second, which others need not wait for

    layers: dict[str, gpd.GeoDataFrame] = {}
    for file in files:
        name = f"{FOLDER}/{file.name}"
        try:
            layer = read_features(file, inside=folder)
        except InputError as error:
            problems += [replace(problem, file=name) for problem in error.problems]
            continue
        west, south, east, north = layer.total_bounds
        if len(layer) and not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
            problems.append(Problem(name, "has coordinates that are not degrees", "reproject it to WGS84 (EPSG:4326)"))
            continue
        layers[file.stem] = layer
    return layers


def write_layers(layers: Mapping[str, gpd.GeoDataFrame], folder: Path) -> None:
    """Write layers as GeoJSON into ``folder``; layers in another system are reprojected to WGS84."""
    for name, layer in sorted(layers.items()):
        (folder / FOLDER).mkdir(exist_ok=True)
        degrees = layer if layer.crs is None else layer.to_crs(4326)
        degrees.to_file(folder / FOLDER / f"{name}.geojson", driver="GeoJSON", COORDINATE_PRECISION=_DECIMALS)
