"""The layers of a case for geographic tools: their rows, their geometry (WGS84) and their styles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.formats.exports import symbols
from hubopt.formats.exports.case import Case
from hubopt.formats.exports.symbols import Style
from hubopt.texts import Texts

WGS84 = "EPSG:4326"


@dataclass(frozen=True)
class Layer:
    """A layer: its name in files, its title, its features and its styles, the first of which is the one shown."""

    name: str
    title: str
    features: gpd.GeoDataFrame
    styles: tuple[Style, ...]


def _points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """The rows that have a position, as points."""
    placed = table[table["lon"].notna() & table["lat"].notna()]
    geometry = gpd.points_from_xy(placed["lon"].astype(float), placed["lat"].astype(float), crs=WGS84)
    return gpd.GeoDataFrame(placed.reset_index(drop=True), geometry=geometry)


def _areas(case: Case, layer: str, table: pd.DataFrame, key: str) -> gpd.GeoDataFrame:
    """The rows whose place has an area in the instance's geometry, as multipolygons."""
    known = case.instance.geometry.get(layer)
    if known is None or "id" not in known:
        return gpd.GeoDataFrame(table.iloc[:0], geometry=[], crs=WGS84)
    solid = known[shapely.get_dimensions(known.geometry.to_numpy()) == 2]
    areas = dict(zip(solid["id"].astype(str), solid.geometry, strict=True))
    chosen = table[table[key].isin(list(areas))].reset_index(drop=True)
    shapes = [_multi(areas[str(identifier)]) for identifier in chosen[key]]
    return gpd.GeoDataFrame(chosen, geometry=gpd.GeoSeries(shapes, crs=WGS84))


def _multi(shape: shapely.Geometry) -> shapely.Geometry:
    """The polygons of a shape as one multipolygon, shells counterclockwise as RFC 7946 wants them."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    turned = [shapely.geometry.polygon.orient(part) for part in parts]
    return shapely.geometry.MultiPolygon(turned)


def _rest(table: pd.DataFrame, areas: gpd.GeoDataFrame, key: str) -> gpd.GeoDataFrame:
    """The rows without an area, as points."""
    return _points(table[~table[key].isin(areas[key])])


def _lines(case: Case) -> gpd.GeoDataFrame:
    """Links whose ends both have a position, as straight lines from origin to destination."""
    rows = case.links
    at = {
        end: case.places[["lon", "lat"]].reindex(rows[end]).to_numpy(dtype=float) for end in ("origin", "destination")
    }
    ends = np.stack([at["origin"], at["destination"]], axis=1)
    placed = np.isfinite(ends).all(axis=(1, 2))
    geometry = gpd.GeoSeries(shapely.linestrings(ends[placed]), crs=WGS84)
    names = {
        f"{end}_{lang}": [case.name(str(identifier), lang) for identifier in rows.loc[placed, end]]
        for end in ("origin", "destination")
        for lang in ("en", "zh")
    }
    table = rows[placed].reset_index(drop=True).assign(**names)
    return gpd.GeoDataFrame(table, geometry=geometry)


def _largest(values: pd.Series) -> float:
    return float(values.max()) if len(values) and values.notna().any() else 0.0


def layers(case: Case, say: Texts) -> Iterator[Layer]:
    """The layers of a case from the ground upwards; those without features are left out."""
    for layer in _all_layers(case, say):
        if len(layer.features):
            yield layer


def _all_layers(case: Case, say: Texts) -> Iterator[Layer]:
    label = "name_zh" if say.lang == "zh" else "name_en"

    def layer(name: str, features: gpd.GeoDataFrame, *styles: Style) -> Layer:
        return Layer(name, say(f"map-layer.{name}"), features, styles)

    districts = case.instance.geometry.get("districts")
    if districts is not None:
        shapes = gpd.GeoSeries([_multi(shape) for shape in districts.geometry], crs=WGS84)
        table = districts.drop(columns=districts.geometry.name).reset_index(drop=True)
        style = symbols.districts_style(say, label if label in table else "")
        yield layer("districts", gpd.GeoDataFrame(table, geometry=shapes), style)
    areas = _areas(case, "zones", case.zones, "zone")
    most = _largest(case.zones["demand_t_d"])
    shown: tuple[tuple[str, gpd.GeoDataFrame, Literal["fill", "marker"]], ...] = (
        ("zones", areas, "fill"), ("zone_points", _rest(case.zones, areas, "zone"), "marker"),
    )  # fmt: skip
    for name, features, geometry in shown:
        styles = symbols.service_style(say, name, geometry), symbols.demand_style(say, geometry, most)
        yield layer(name, features, *styles)
    yield layer("flows", _lines(case), symbols.flows_style(say, _largest(case.links["t_d"])))
    areas = _areas(case, "sites", case.candidates, "id")
    yield layer("sites", areas, symbols.candidates_style(say, "sites", "fill"))
    points = _rest(case.candidates, areas, "id")
    yield layer("site_points", points, symbols.candidates_style(say, "site_points", "marker"))
    yield layer("gateways", _points(case.gateways), symbols.gateways_style(say, label))
    facilities = _points(case.facilities)
    style = symbols.facilities_style(say, _largest(case.facilities["throughput_t_d"]), label)
    yield layer("facilities", facilities, style)
