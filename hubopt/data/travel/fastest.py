"""Driving km and minutes between points on the road graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import Floats, to_metric
from hubopt.data.roads.graph import ACCESS_CONTROLLED, RoadGraph
from hubopt.data.travel.weights import Speeds, edge_minutes

Ints = NDArray[np.int64]


YARD_M = 50.0
"""Least way from a place to its road, in metres: a node of the graph is a point, a place is not."""


@dataclass(frozen=True)
class Places:
    """Points tied to the graph: their node, and the km and minutes from the point to it."""

    node: Ints
    km: Floats
    minutes: Floats
    metres: Floats
    """Straight line from the point to its node."""


def tie(graph: RoadGraph, lonlat: Floats, speeds: Speeds) -> Places:
    """Tie points, shape (n, 2) as lon, lat, to the nearest node that lies on a surface road."""
    surface = ~graph.edges["road_class"].isin(ACCESS_CONTROLLED)
    candidates = np.unique(graph.edges.loc[surface, ["u", "v"]].to_numpy())
    metres, nearest = KDTree(graph.xy()[candidates]).query(to_metric(lonlat))
    km = np.maximum(metres, YARD_M) * speeds.access_detour / 1000
    return Places(candidates[nearest], km, km / speeds.access_km_h * 60, metres)


def _matrix(graph: RoadGraph, weight: Floats) -> csr_array:
    u, v = graph.edges["u"].to_numpy(), graph.edges["v"].to_numpy()
    return csr_array((np.maximum(weight, 1e-9), (u, v)), shape=(len(graph), len(graph)))


def _km_along(predecessors: Ints, km_to: Floats) -> Floats:
    """Km from the source along the tree of fastest paths, by doubling jumps towards the root."""
    jump = np.where(predecessors < 0, np.arange(len(predecessors)), predecessors)
    total = np.where(predecessors < 0, 0.0, km_to)
    while True:
        further = jump[jump]
        total = total + total[jump]
        if np.array_equal(further, jump):
            return total
        jump = further


def fastest(graph: RoadGraph, minutes: Floats, sources: Ints, targets: Ints) -> tuple[Floats, Floats]:
    """Km and minutes of the fastest paths from each source node to each target node, shapes (sources, targets).

    Unreached targets have infinite km and minutes.
    """
    times = _matrix(graph, minutes)
    lengths = _matrix(graph, graph.edges["km"].to_numpy(dtype=float))
    km = np.full((len(sources), len(targets)), np.inf)
    time = np.full((len(sources), len(targets)), np.inf)
    distinct, back = np.unique(sources, return_inverse=True)
    for position, source in enumerate(distinct):
        reached, before = dijkstra(times, indices=int(source), return_predecessors=True)
        before = before.astype(np.int64)
        linked = np.flatnonzero(before >= 0)
        km_to = np.zeros(len(graph))
        km_to[linked] = lengths[before[linked], linked]
        along = _km_along(before, km_to)
        along[~np.isfinite(reached)] = np.inf
        rows = np.flatnonzero(back == position)
        km[rows], time[rows] = along[targets], reached[targets]
    return km, time


def _two_way(graph: RoadGraph) -> bool:
    one = graph.edges[["u", "v", "km"]].sort_values(["u", "v"]).to_numpy()
    other = graph.edges[["v", "u", "km"]].sort_values(["v", "u"]).to_numpy()
    return one.shape == other.shape and np.allclose(one, other)


def _reversed(graph: RoadGraph) -> RoadGraph:
    return RoadGraph(graph.nodes, graph.edges.rename(columns={"u": "v", "v": "u"})[["u", "v", "km", "road_class"]])


def travel(graph: RoadGraph, speeds: Speeds, origins: Places, destinations: Places) -> tuple[Floats, Floats]:
    """Km and minutes from door to door, mean of both directions, shapes (origins, destinations)."""
    minutes = edge_minutes(graph, speeds)
    km, time = fastest(graph, minutes, origins.node, destinations.node)
    if not _two_way(graph):
        km_back, time_back = fastest(_reversed(graph), minutes, origins.node, destinations.node)
        km, time = (km + km_back) / 2, (time + time_back) / 2
    km = km + origins.km[:, None] + destinations.km[None, :]
    time = time + origins.minutes[:, None] + destinations.minutes[None, :] + 2 * speeds.terminal_minutes
    return km, time


def km_to_nearest(graph: RoadGraph, nodes: Ints) -> Floats:
    """Shortest km from every node to the nearest of ``nodes``, shape (number of nodes of the graph,)."""
    lengths = _matrix(graph, graph.edges["km"].to_numpy(dtype=float))
    return np.asarray(dijkstra(lengths, indices=np.unique(nodes), min_only=True), dtype=float)


def straight_km(origins: pd.DataFrame, destinations: pd.DataFrame) -> Floats:
    """Straight-line km between the lon, lat of two tables, shape (origins, destinations)."""
    a = to_metric(origins[["lon", "lat"]].to_numpy(dtype=float))
    b = to_metric(destinations[["lon", "lat"]].to_numpy(dtype=float))
    return np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1]) / 1000
