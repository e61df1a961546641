"""Districts: one outline per row of a table, and which of them a point lies in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import METRIC, WGS84


def districts(outlines: gpd.GeoDataFrame, table: pd.DataFrame) -> gpd.GeoDataFrame:
    """One outline per row of ``table``, sorted by district name.

    Args:
        outlines: polygons in WGS84 with a column ``district`` in Chinese.
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
