"""The border: closed to the road graph except at its crossings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import METRIC, Floats, to_metric
from hubopt.data.roads.graph import (
    NOT_FRONTED,
    Bools,
    Ints,
    RoadGraph,
    strong_components,
    with_edges,
    without_edges,
)
from hubopt.data.roads.spec import Crossing

CROSSING = "crossing"
"""Road class of the way over the border: both yards, from road to road."""

NOWHERE = -1
"""Position of points that lie in no territory and near none."""


def territory(xy: Floats, territories: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Position in ``territories`` of the territory that each point, shape (n, 2) in metres, lies in or is nearest to.

    Bridges and reclaimed land outside every outline thus belong to the nearest one.
    """
    outlines = territories.to_crs(METRIC).geometry.simplify(20).to_numpy()
    points = shapely.points(xy)
    tree = shapely.STRtree(outlines)
    home = np.full(len(xy), NOWHERE, dtype=np.int64)
    for outline in outlines:
        shapely.prepare(outline)
    inside, of = tree.query(points, predicate="intersects")
    home[inside[::-1]] = of[::-1]  # of several, the first
    outside = np.flatnonzero(home == NOWHERE)
    if len(outside):
        found, near = tree.query_nearest(points[outside], all_matches=False)
        home[outside[found]] = near
    return home


def over_border(graph: RoadGraph, home: Ints, sides: NDArray[np.int64]) -> Bools:
    """Which edges lead from one side of the border to another; ``sides`` by territory, shape (edges,)."""
    side = sides[home]
    return np.asarray(side[graph.edges["u"].to_numpy()] != side[graph.edges["v"].to_numpy()])


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


@dataclass(frozen=True)
class Opened:
    """What became of a crossing: km of its edge, or why there is none."""

    id: str
    km: float
    metres: tuple[float, float]
    reason: str = ""


class _Side:
    """Nodes of one side of the border that a crossing may lead to: well linked, on roads that trucks front."""

    def __init__(self, graph: RoadGraph, usable: Bools) -> None:
        self.nodes = np.flatnonzero(usable)
        self.xy = graph.xy()[self.nodes]
        self.tree = KDTree(self.xy) if len(self.nodes) else None

    def nearest(self, place: Floats) -> tuple[int, float]:
        """Node nearest to a place in metres, and how far it is."""
        if self.tree is None:
            return -1, np.inf
        metres, position = self.tree.query(place)
        return int(self.nodes[position]), float(metres)


def _sides(graph: RoadGraph, side: Ints) -> dict[int, _Side]:
    """By side of the border, the nodes in its largest linked part that lie on roads one may turn into."""
    label = strong_components(graph)
    on_road = np.zeros(len(graph), dtype=bool)
    fronted = ~graph.edges["road_class"].isin(NOT_FRONTED).to_numpy()
    for end in ("u", "v"):
        on_road[graph.edges[end].to_numpy()[fronted]] = True
    sides = {}
    for number in np.unique(side):
        here = side == number
        main = np.bincount(label[here & on_road]).argmax() if (here & on_road).any() else -1
        sides[int(number)] = _Side(graph, here & on_road & (label == main))
    return sides


def open_crossings(
    graph: RoadGraph, home: Ints, sides: NDArray[np.int64], crossings: Sequence[Crossing]
) -> tuple[RoadGraph, list[Opened]]:
    """Join the roads on either side of a closed border at its crossings.

    Args:
        graph: the road graph, the border closed.
        home: territory of each node, shape (n,).
        sides: side of the border that each territory is on.
        crossings: where it may be passed, with waiting time and costs.

    Returns:
        The graph with an edge each way per crossing (class ``crossing``), and what became of each.
    """
    side = sides[home]
    reachable = _sides(graph, side)
    rows: list[dict[str, object]] = []
    opened: list[Opened] = []
    for crossing in crossings:
        here = to_metric(np.array([[crossing.lon, crossing.lat]]))[0]
        if crossing.to_lon is None or crossing.to_lat is None:
            ends = [(*found, here) for found in (part.nearest(here) for part in reachable.values())]
            detour, straight = 1.3, 0.0
        else:
            there = to_metric(np.array([[crossing.to_lon, crossing.to_lat]]))[0]
            ends = []
            for place in (here, there):
                used = {graph_side for graph_side in reachable if any(side[node] == graph_side for node, *_ in ends)}
                found = [part.nearest(place) for number, part in reachable.items() if number not in used]
                ends.append((*min(found, key=lambda item: item[1], default=(-1, np.inf)), place))
            straight, detour = float(np.hypot(*(here - there))) / 1000, 1.1
        ends = sorted(ends, key=lambda end: end[1])[:2]
        far = max((end[1] for end in ends), default=np.inf)
        if len(ends) < 2 or far > crossing.reach_m:
            reason = f"no road of the other side within {crossing.reach_m:.0f} m (nearest {far:.0f} m)"
            opened.append(Opened(crossing.id, np.nan, (ends[0][1] if ends else np.inf, far), reason))
            continue
        bridge = crossing.km if crossing.km is not None else straight * detour
        km = bridge + (ends[0][1] + ends[1][1]) * 1.3 / 1000
        km = max(km, 0.05)
        opened.append(Opened(crossing.id, km, (ends[0][1], ends[1][1])))
        edge = {"km": km, "road_class": CROSSING, "km_h": crossing.km_h}
        edge |= {"wait_minutes": crossing.minutes, "wait_cny": crossing.cny_t}
        rows += [{"u": ends[0][0], "v": ends[1][0], **edge}, {"u": ends[1][0], "v": ends[0][0], **edge}]
    return with_edges(graph, pd.DataFrame(rows)), opened
