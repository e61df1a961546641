"""Footprints: polygons for sites that are known as points only, so that they are judged like mapped land."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import METRIC, WGS84, to_metric


def footprints(table: pd.DataFrame, kind: str = "generated") -> gpd.GeoDataFrame:
    """Candidates from points with land: a disc of the site's land around each.

    Args:
        table: id, name_en, name_zh, lon, lat, land_ha (above 0), synthetic, source, reliability; ``level`` becomes the
            only level asked for; other columns pass on.
        kind: kind of rows that name none in a column ``kind``.

    Returns:
        The rows with ``levels`` and discs (32-sided, true to the area), WGS84.
    """
    xy = to_metric(table[["lon", "lat"]].to_numpy(dtype=float).reshape(-1, 2))
    # a regular polygon of 32 sides has 0.9936 of its circle's area
    radius = np.sqrt(table["land_ha"].to_numpy(dtype=float) * 1e4 / (16 * np.sin(np.pi / 16)))
    discs = shapely.buffer(shapely.points(xy), radius, quad_segs=8)
    frame = gpd.GeoDataFrame(table.reset_index(drop=True), geometry=discs, crs=METRIC).to_crs(WGS84)
    if "level" in frame.columns:
        frame = frame.rename(columns={"level": "levels"})
    given = frame["kind"] if "kind" in frame.columns else pd.Series(None, index=frame.index, dtype=object)
    return frame.assign(kind=given.where(given.notna() & (given != ""), kind))
