"""The border: closed to the road graph except at its crossings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from hubopt.data.ground.coordinates import METRIC, Floats, to_metric
from hubopt.data.roads.graph import (
    CROSSING,
    FERRY,
    RAMP,
    Bools,
    Ints,
    RoadGraph,
    strong_components,
    with_edges,
)
from hubopt.data.roads.spec import Crossing


def territory(xy: Floats, territories: gpd.GeoDataFrame) -> NDArray[np.int64]:
    """Position in ``territories`` of the territory that each point, shape (n, 2) in metres, lies in or is nearest to.

    Bridges and reclaimed land outside every outline thus belong to the nearest one.
    """
    outlines = territories.to_crs(METRIC).geometry.simplify(20).to_numpy()
    home = np.full(len(xy), -1, dtype=np.int64)
    for number, outline in enumerate(outlines):
        west, south, east, north = outline.bounds
        near = (home < 0) & (xy[:, 0] >= west) & (xy[:, 0] <= east) & (xy[:, 1] >= south) & (xy[:, 1] <= north)
        here = np.flatnonzero(near)
        shapely.prepare(outline)
        home[here[shapely.contains_xy(outline, xy[here])]] = number
    outside = np.flatnonzero(home < 0)
    if len(outside):
        points: Any = shapely.points(xy[outside])
        found, nearest = shapely.STRtree(outlines).query_nearest(points, all_matches=False)
        home[outside[found]] = nearest
    return home


def over_border(graph: RoadGraph, home: Ints, sides: NDArray[np.int64]) -> Bools:
    """Which edges lead from one side of the border to another; ``sides`` by territory, shape (edges,)."""
    side = sides[home]
    return np.asarray(side[graph.edges["u"].to_numpy()] != side[graph.edges["v"].to_numpy()])


@dataclass(frozen=True)
class Opened:
    """What became of a crossing: km of its edge, or why there is none."""

    id: str
    km: float
    metres: tuple[float, float]
    reason: str = ""


@dataclass(frozen=True)
class _Side:
    """One side of the border: the nodes its main roads lead to, and those that lead to its main roads."""

    number: int
    xy: Floats
    reached: Ints
    leading: Ints

    def metres(self, place: Floats) -> float:
        """How far the nearest node is that the main roads lead to."""
        return float(np.hypot(*(self.xy[self.reached] - place).T).min()) if len(self.reached) else np.inf

    def nearest(self, place: Floats, nodes: Ints) -> tuple[int, float]:
        """The one of ``nodes`` nearest to a place in metres, and how far it is."""
        if not len(nodes):
            return -1, np.inf
        metres = np.hypot(*(self.xy[nodes] - place).T)
        return int(nodes[metres.argmin()]), float(metres.min())


def _sides(graph: RoadGraph, side: Ints) -> list[_Side]:
    """The sides of the border; ferries and ramps are no place to begin or end a crossing."""
    label = strong_components(graph)
    u, v = graph.edges["u"].to_numpy(), graph.edges["v"].to_numpy()
    driven = ~graph.edges["road_class"].isin([FERRY, RAMP]).to_numpy()
    road = np.zeros(len(graph), dtype=bool)
    road[u[driven]] = road[v[driven]] = True
    out = csr_array((np.ones(len(u)), (u, v)), shape=(len(graph), len(graph)))
    xy = graph.xy()
    sides = []
    for number in np.unique(side):
        here = road & (side == number)
        if not here.any():
            continue
        main = np.bincount(label[here]).argmax()
        start = int(np.flatnonzero(here & (label == main))[0])
        ways = []
        for matrix in (out, out.T.tocsr()):
            found = np.zeros(len(graph), dtype=bool)
            found[breadth_first_order(matrix, start, directed=True, return_predecessors=False)] = True
            ways.append(np.flatnonzero(found & here))
        sides.append(_Side(int(number), xy, ways[0], ways[1]))
    return sides


def _places(crossing: Crossing) -> tuple[Floats, Floats]:
    """Where the crossing begins and ends, in metres."""
    there = (crossing.lon, crossing.lat) if crossing.to_lon is None else (crossing.to_lon, crossing.to_lat)
    points = to_metric(np.array([(crossing.lon, crossing.lat), there], dtype=float))
    return points[0], points[1]


def _open(crossing: Crossing, sides: Sequence[_Side]) -> tuple[Opened, list[dict[str, object]]]:
    """The edges of one crossing, there and back."""
    here, there = _places(crossing)
    near = min(sides, key=lambda part: part.metres(here), default=None)
    others = [part for part in sides if near is None or part.number != near.number]
    far = min(others, key=lambda part: part.metres(there), default=None)
    if near is None or far is None:
        return Opened(crossing.id, np.nan, (np.inf, np.inf), "there are no roads on two sides of a border"), []
    bridge = float(np.hypot(*(here - there))) / 1000 * 1.1 if crossing.km is None else crossing.km
    rows: list[dict[str, object]] = []
    metres: list[float] = []
    for begin, begins, end, ends in ((near, here, far, there), (far, there, near, here)):
        u, away = begin.nearest(begins, begin.reached)
        v, off = end.nearest(ends, end.leading)
        metres += [away, off]
        km = max(bridge + (away + off) * 1.3 / 1000, 0.05)
        edge = {"km": km, "km_h": crossing.km_h, "wait_minutes": crossing.minutes, "wait_cny": crossing.cny_t}
        rows.append(
            {"u": u, "v": v, "km": max(bridge + (away + off) * 1.3 / 1000, 0.05), "road_class": CROSSING, **edge}
        )
    if max(metres) > crossing.reach_m:
        reason = f"no road of the other side within {crossing.reach_m:.0f} m (nearest {max(metres):.0f} m)"
        return Opened(crossing.id, np.nan, (min(metres), max(metres)), reason), []
    return Opened(crossing.id, float(str(rows[0]["km"])), (metres[0], metres[1])), rows


def open_crossings(
    graph: RoadGraph, home: Ints, sides: NDArray[np.int64], crossings: Sequence[Crossing]
) -> tuple[RoadGraph, list[Opened]]:
    """Join the roads on either side of a closed border at its crossings.

    A crossing is left by the nearest road that the main roads of its side lead to, and entered onto the nearest one
    that leads to the main roads beyond, so that one-way carriageways are respected.

    Args:
        graph: the road graph, the border closed.
        home: territory of each node, shape (n,).
        sides: side of the border that each territory is on.
        crossings: where it may be passed, with waiting time and costs.

    Returns:
        The graph with an edge each way per crossing (class ``crossing``), and what became of each.
    """
    reachable = _sides(graph, sides[home])
    made = [_open(crossing, reachable) for crossing in crossings]
    rows = [row for _, edges in made for row in edges]
    return with_edges(graph, pd.DataFrame(rows)), [opened for opened, _ in made]
