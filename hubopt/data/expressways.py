"""Expressways from junction to junction: ramps within the road data, links beyond them, gates at the city limit.

Road extracts by class often leave the ramps out. The junction list says where they are: near each junction the
nearest motorway lines and the nearest surface roads are tied together by ramps.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from hubopt.data.coordinates import METRIC, Floats
from hubopt.data.roads import ACCESS_CONTROLLED, CONNECTOR, RAMP, RoadGraph, both_ways, graph_of

RAMP_DETOUR = 1.3
"""Driven length of a ramp over the straight line between its ends."""


def junctions(edges: gpd.GeoDataFrame) -> Floats:
    """Distinct end points of the expressway edges, in metres, shape (n, 2), sorted."""
    lines = edges.to_crs(METRIC).geometry.to_numpy()
    ends = [shapely.get_coordinates(shapely.get_point(lines, position)) for position in (0, -1)]
    return np.unique(np.round(np.concatenate(ends), 1), axis=0)


def _nearest_by_line(graph: RoadGraph, centre: Floats, nodes: pd.Index, reach_m: float, most: int) -> list[int]:
    """Up to ``most`` of ``nodes`` within reach of ``centre``, nearest first, no two within 60 m of each other."""
    xy = graph.xy()
    metres = np.hypot(*(xy[nodes] - centre).T)
    chosen: list[int] = []
    for position in np.argsort(metres, kind="stable"):
        node = int(nodes[position])
        if metres[position] > reach_m or len(chosen) == most:
            break
        if all(np.hypot(*(xy[node] - xy[other])) > 60 for other in chosen):
            chosen.append(node)
    return chosen


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
    edges = graph.edges
    controlled = edges["road_class"].isin(ACCESS_CONTROLLED)
    sides = {
        name: np.unique(edges.loc[mask, ["u", "v"]].to_numpy())
        for name, mask in (("m", controlled), ("s", ~controlled))
    }
    if not len(sides["m"]) or not len(points):
        return graph, 0
    trees = {name: KDTree(graph.xy()[nodes]) for name, nodes in sides.items()}
    rows: list[tuple[int, int, float]] = []
    served = 0
    for centre in points:
        near = {
            name: _nearest_by_line(
                graph, centre, pd.Index(sides[name][sorted(trees[name].query_ball_point(centre, reach))]), reach, most
            )
            for name, reach, most in (("m", motorway_m, 4), ("s", surface_m, 3))
        }
        if not near["m"]:
            continue
        served += 1
        hub, *others = near["m"]
        for node in [*others, *near["s"]]:
            metres = float(np.hypot(*(graph.xy()[hub] - graph.xy()[node])))
            rows.append((hub, node, max(metres, 1.0) * RAMP_DETOUR / 1000))
    ramps = pd.DataFrame(rows, columns=["u", "v", "km"]).assign(road_class=RAMP)
    return graph_of(graph.xy(), pd.concat([edges, both_ways(ramps)], ignore_index=True)), served


def join_expressways(graph: RoadGraph, edges: gpd.GeoDataFrame, inside: shapely.Geometry, reach_m: float) -> RoadGraph:
    """Add the expressway edges that lead out of the road data, tied to the motorway nodes nearest their inner ends.

    Args:
        graph: the road graph.
        edges: expressway edges, one line each from junction to junction, any CRS.
        inside: outline of the road data in metres; edges wholly inside are there already.
        reach_m: how far an inner end may lie from a motorway of the road data, in metres.
    """
    lines = edges.to_crs(METRIC).geometry.to_numpy()
    lines = lines[~shapely.contains(inside, lines)]
    ends = np.stack([shapely.get_coordinates(shapely.get_point(lines, position)) for position in (0, -1)], axis=1)
    points, node = np.unique(np.round(ends.reshape(-1, 2), 1), axis=0, return_inverse=True)
    node = node.reshape(-1, 2) + len(graph)
    added = pd.DataFrame(
        {"u": node[:, 0], "v": node[:, 1], "km": shapely.length(lines) / 1000, "road_class": "expressway"}
    )
    motorway = np.unique(graph.edges.loc[graph.edges["road_class"] == "motorway", ["u", "v"]].to_numpy())
    ties = pd.DataFrame({"u": [], "v": [], "km": [], "road_class": []})
    if len(motorway):
        metres, nearest = KDTree(graph.xy()[motorway]).query(points, distance_upper_bound=reach_m)
        found = np.flatnonzero(np.isfinite(metres))
        ties = pd.DataFrame(
            {
                "u": found + len(graph),
                "v": motorway[nearest[found]],
                "km": metres[found] / 1000,
                "road_class": CONNECTOR,
            }
        )
    together = pd.concat([graph.edges, both_ways(pd.concat([added, ties], ignore_index=True))], ignore_index=True)
    return graph_of(np.concatenate([graph.xy(), points]), together.astype({"u": int, "v": int}))


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
