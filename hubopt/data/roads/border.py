"""The border: closed to the road graph except at its crossings."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hubopt.data.ground.coordinates import METRIC, Floats, to_metric
from hubopt.data.roads.graph import RoadGraph, without_edges


def territory(xy: Floats, territories: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Position in ``territories`` of the territory that each point, shape (n, 2) in metres, lies in or is nearest to.

    Bridges and reclaimed land outside every outline thus belong to the nearest one.
    """
    outlines = territories.to_crs(METRIC).geometry.simplify(20).to_numpy()
    distance = np.stack([shapely.distance(shapely.points(xy), _prepared(outline)) for outline in outlines])
    return np.asarray(distance.argmin(axis=0), dtype=np.int64)


def _prepared(shape: shapely.Geometry) -> shapely.Geometry:
    shapely.prepare(shape)
    return shape


def close_border(
    graph: RoadGraph, territories: gpd.GeoDataFrame, crossings: pd.DataFrame, reach_m: float
) -> tuple[RoadGraph, pd.DataFrame]:
    """Cut every edge whose ends lie in different territories, unless a crossing is within ``reach_m`` metres.

    Args:
        graph: the road graph.
        territories: one outline per territory, any CRS.
        crossings: lon, lat (degrees WGS84) of the points where the border may be passed.
        reach_m: how far from a crossing its road may pass the border, in metres.

    Returns:
        The graph without the closed edges, and the edges that pass the border with a column ``open``.
    """
    home = territory(graph.xy(), territories)
    u, v = graph.edges["u"].to_numpy(), graph.edges["v"].to_numpy()
    passing = home[u] != home[v]
    middle = (graph.xy()[u] + graph.xy()[v]) / 2
    near = np.zeros(len(u), dtype=bool)
    for x, y in to_metric(crossings[["lon", "lat"]].to_numpy(dtype=float)):
        near |= np.hypot(middle[:, 0] - x, middle[:, 1] - y) <= reach_m
    edges = graph.edges[passing].assign(open=near[passing])
    return without_edges(graph, passing & ~near), edges.reset_index(drop=True)
