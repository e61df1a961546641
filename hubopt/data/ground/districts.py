"""Districts and neighbouring cities: outlines in WGS84 with census populations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import METRIC, WGS84, shapes_from_gcj02
from hubopt.instance.errors import InputError, Problem

CITIES = {
    "广州市": "Guangzhou",
    "深圳市": "Shenzhen",
    "珠海市": "Zhuhai",
    "佛山市": "Foshan",
    "江门市": "Jiangmen",
    "肇庆市": "Zhaoqing",
    "惠州市": "Huizhou",
    "东莞市": "Dongguan",
    "中山市": "Zhongshan",
    "香港特别行政区": "Hong Kong",
    "澳门特别行政区": "Macao",
}
"""English names of the cities of the Greater Bay Area."""


def read_outlines(
    path: Path, city_zh: str, neighbours_zh: Sequence[str], simplify_degrees: float = 0.0001
) -> gpd.GeoDataFrame:
    """Outlines of a city, its districts and its neighbours, moved from GCJ-02 to WGS84 (columns as in the file).

    Rows with a district are outlines of districts, rows without one those of whole cities.
    """
    shapes = gpd.read_file(path)
    wanted = (shapes["city"] == city_zh) | (shapes["city"].isin(neighbours_zh) & shapes["district"].isna())
    shapes = shapes[wanted].reset_index(drop=True)
    return shapes_from_gcj02(shapes.set_geometry(shapes.geometry.simplify(simplify_degrees)))


def districts(outlines: gpd.GeoDataFrame, table: pd.DataFrame) -> gpd.GeoDataFrame:
    """One outline per row of ``table``, sorted by district name.

    Args:
        outlines: what :func:`read_outlines` gives, with a column ``district`` in Chinese.
        table: district, district_zh, outline_zh (district in ``outlines``) and east_of (degrees, mostly empty): the
            row takes the parts of that outline whose centre lies east of it, and the other row of the same outline
            the rest. So a functional district that the outlines count to its parent gets its own.
    """
    rows = []
    for name, east_of in zip(table["outline_zh"], table["east_of"].astype(float), strict=True):
        parts = outlines.loc[outlines["district"] == name].explode(index_parts=False).geometry.to_numpy()
        limit = table.loc[table["outline_zh"] == name, "east_of"].max()
        east = shapely.get_x(shapely.centroid(parts)) > limit
        rows.append(shapely.union_all(parts[~east if np.isnan(east_of) else east]))
    shapes = gpd.GeoDataFrame(table.reset_index(drop=True), geometry=rows, crs=WGS84)
    shapes["area_km2"] = shapes.to_crs(METRIC).area / 1e6
    return shapes.sort_values("district").reset_index(drop=True)


def populations(path: Path, city: str, names: pd.Series) -> pd.Series:
    """Census population of each named district of a city, indexed by name.

    Raises:
        InputError: if a district has no figure.
    """
    census = pd.read_csv(path)
    found = census[census["city"] == city].set_index("district")["population"]
    missing = sorted(set(names) - set(found.index))
    if missing:
        message = f"has no population of {', '.join(missing)} in {city}"
        raise InputError([Problem(path.name, message, "add a row for each", column="district")])
    return found.loc[list(names)].astype(int)


def city_outline(outlines: gpd.GeoDataFrame, city_zh: str) -> shapely.Geometry:
    """Outline of a whole city, with slivers between its districts closed."""
    return shapely.union_all(
        outlines.loc[(outlines["city"] == city_zh) & outlines["district"].isna()].geometry.to_numpy()
    )


def which_district(points: gpd.GeoSeries, shapes: gpd.GeoDataFrame) -> np.ndarray:
    """Position in ``shapes`` of the first outline that each point lies within, or -1."""
    xy = shapely.get_coordinates(points.to_numpy())
    result = np.full(len(points), -1)
    for position, shape in reversed(list(enumerate(shapes.geometry.to_numpy()))):
        west, south, east, north = shapely.bounds(shape)
        near = np.flatnonzero((west <= xy[:, 0]) & (xy[:, 0] <= east) & (south <= xy[:, 1]) & (xy[:, 1] <= north))
        shapely.prepare(shape)
        result[near[shapely.contains_xy(shape, xy[near])]] = position
    return result
