"""Expressway junctions: ramps within the road data, and gates at the city limit.

Road extracts by class often leave the ramps out. The junction list says where they are: near each junction the
nearest motorway lines and the nearest surface roads are tied together by ramps.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import Floats
from hubopt.data.roads.graph import ACCESS_CONTROLLED, RAMP, RoadGraph, both_ways, graph_of

RAMP_SPACING_M = 120
"""Least distance between the nodes of one junction that ramps lead to, so that they reach different roads."""

RAMP_DETOUR = 1.3
"""Driven length of a ramp over the straight line between its ends."""


class _Side:
    """The nodes on one side of the ramps: those of motorways, or those of surface roads."""

    def __init__(self, xy: Floats, edges: pd.DataFrame, reach_m: float, most: int) -> None:
        self.xy = xy
        self.nodes = np.unique(edges[["u", "v"]].to_numpy()).astype(int)
        self.tree = KDTree(xy[self.nodes]) if len(self.nodes) else None
        self.reach_m = reach_m
        self.most = most

    def near(self, centre: Floats) -> list[int]:
        """The nearest nodes within reach, nearest first, none within :data:`RAMP_SPACING_M` of another."""
        found = [] if self.tree is None else sorted(self.tree.query_ball_point(centre, self.reach_m))
        nodes = self.nodes[found]
        chosen: list[int] = []
        for node in nodes[np.argsort(np.hypot(*(self.xy[nodes] - centre).T), kind="stable")]:
            if all(np.hypot(*(self.xy[node] - self.xy[other])) > RAMP_SPACING_M for other in chosen):
                chosen.append(int(node))
        return chosen[: self.most]


def add_ramps(graph: RoadGraph, points: Floats, motorway_m: float, surface_m: float) -> tuple[RoadGraph, int]:
    """Tie motorways to each other and to surface roads at junctions.

    Args:
        graph: the road graph.
        points: junctions in metres, shape (n, 2).
        motorway_m: how far from a junction its motorways may lie, in metres.
        surface_m: how far from a junction the surface roads may lie that its ramps lead to, in metres.

    Returns:
        The graph with ramps, and the number of junctions that got any.
    """
    xy = graph.xy()
    controlled = graph.edges["road_class"].isin(ACCESS_CONTROLLED)
    motorways = _Side(xy, graph.edges[controlled], motorway_m, most=6)
    streets = _Side(xy, graph.edges[~controlled], surface_m, most=3)
    rows: list[tuple[int, int, float]] = []
    served = 0
    for centre in points:
        near = motorways.near(centre)
        if not near:
            continue
        served += 1
        first, *others = near
        for node in [*others, *streets.near(centre)]:
            metres = float(np.hypot(*(xy[first] - xy[node])))
            rows.append((first, node, max(metres, 1.0) * RAMP_DETOUR / 1000))
    ramps = pd.DataFrame(rows, columns=["u", "v", "km"]).assign(road_class=RAMP)
    return graph_of(xy, pd.concat([graph.edges, both_ways(ramps)], ignore_index=True)), served


def gate(edges: gpd.GeoDataFrame, route: str, city: shapely.Geometry, side: str) -> tuple[float, float] | None:
    """Where an expressway leaves the city: its outermost crossing of the city outline on one side.

    Args:
        edges: expressway edges with a column ``route``, WGS84.
        route: the route's name, as in that column.
        city: outline of the city, WGS84.
        side: north, south, east or west.

    Returns:
        Longitude and latitude, or None if the route does not cross the outline.
    """
    lines = shapely.union_all(edges.loc[edges["route"] == route].geometry.to_numpy())
    crossings = shapely.get_coordinates(shapely.intersection(lines, shapely.boundary(city)))
    if not len(crossings):
        return None
    outward = {"north": crossings[:, 1], "south": -crossings[:, 1], "east": crossings[:, 0], "west": -crossings[:, 0]}
    lon, lat = crossings[int(outward[side].argmax())]
    return float(lon), float(lat)
