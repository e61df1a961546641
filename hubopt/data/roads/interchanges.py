"""Ramps and turning places that an extract left out, put where main roads cross or run side by side.

Extracts by road class leave the link roads out, so that flyovers, and the carriageways of an expressway and of the
street beside it, are not tied anywhere. Three rules stand in for the missing links, where links are the rule: where
main roads cross without a common node, every few hundred metres along carriageways that run side by side in the same
direction, and, as places to turn round, along the two carriageways of surface roads. Held against the recorded
streets of Futian and Nanshan, with their real links and one-ways, they take the mean error of fastest-path km over 5 to
10 km from 17 % to 11 %; without the minor streets no graph does better than 7 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import Floats
from hubopt.data.roads.graph import RAMP, RoadGraph, graph_of

RANK: Mapping[str, int] = {"motorway": 5, "expressway": 5, "trunk": 4, "primary": 3, "secondary": 2, "tertiary": 1}
"""Rank of the road classes that ramps join."""


@dataclass(frozen=True)
class RampRule:
    """Where ramps are put.

    ``least_rank`` by rank of the higher road: roads at least this high, crossing it without a junction, are joined to
    it. ``ramp_km``: driven km from one road to the other at a crossing. ``beside_m``: carriageways this near that run
    the same way are joined by slips; ``slip_every_m`` along them, over ``slip_km`` more than their distance;
    ``slip_rank``: the higher of the two has at least this rank. ``turn_every_m``: how often one may turn round from a
    carriageway of one of ``turn_ranks`` to the other within ``turn_within_m``, over ``turn_km`` more than their
    distance (0: never).
    """

    least_rank: Mapping[int, int] = field(default_factory=lambda: {5: 2, 4: 2, 3: 2})
    ramp_km: float = 0.2
    beside_m: float = 45.0
    slip_every_m: float = 500.0
    slip_km: float = 0.03
    slip_rank: int = 3
    turn_every_m: float = 600.0
    turn_within_m: float = 60.0
    turn_km: float = 0.05
    turn_ranks: tuple[int, ...] = (1, 2, 3)


@dataclass(frozen=True)
class _Roads:
    """Undirected segments of ranked roads: ends, rank, direction of travel (both, if two-way)."""

    a: np.ndarray
    b: np.ndarray
    rank: np.ndarray
    two_way: np.ndarray
    shapes: Any


def _roads(graph: RoadGraph) -> _Roads:
    ranks = graph.edges["road_class"].map(dict(RANK)).to_numpy(dtype=float)
    ranked = np.isfinite(ranks)
    u, v = (graph.edges[end].to_numpy(dtype=np.int64)[ranked] for end in ("u", "v"))
    size = np.int64(len(graph))
    two_way = np.isin(v * size + u, u * size + v)
    keep = ~two_way | (u < v)
    u, v = u[keep], v[keep]
    xy = graph.xy()
    shapes = np.asarray(shapely.linestrings(np.stack([xy[u], xy[v]], axis=1)), dtype=object)
    return _Roads(u, v, ranks[ranked].astype(int)[keep], two_way[keep], shapes)


def _crossings(roads: _Roads, rule: RampRule) -> pd.DataFrame:
    """Pairs of segments that cross without a common node and that the rule joins: one, other, x, y."""
    if not len(roads.a):
        return pd.DataFrame({"one": [], "other": [], "x": [], "y": []}).astype({"one": int, "other": int})
    one, other = shapely.STRtree(roads.shapes).query(roads.shapes, predicate="crosses")
    high = np.maximum(roads.rank[one], roads.rank[other])
    low = np.minimum(roads.rank[one], roads.rank[other])
    least = np.array([rule.least_rank.get(int(rank), 99) for rank in high])
    ends = np.stack([roads.a[one], roads.b[one], roads.a[other], roads.b[other]])
    apart = (ends[0] != ends[2]) & (ends[0] != ends[3]) & (ends[1] != ends[2]) & (ends[1] != ends[3])
    keep = (one < other) & apart & (low >= least)
    one, other = one[keep], other[keep]
    at = shapely.get_coordinates(shapely.intersection(roads.shapes[one], roads.shapes[other]))
    return pd.DataFrame({"one": one, "other": other, "x": at[:, 0], "y": at[:, 1]})


def _beside(graph: RoadGraph, roads: _Roads, rule: RampRule) -> pd.DataFrame:
    """Places where two carriageways run side by side the same way: one, other, and the point on either."""
    xy = graph.xy()
    high = np.flatnonzero(roads.rank >= rule.slip_rank)
    if not len(high) or rule.slip_every_m <= 0:
        return pd.DataFrame({"one": [], "other": [], "t": [], "s": []}).astype({"one": int, "other": int})
    middle: Any = shapely.line_interpolate_point(roads.shapes[high], 0.5, normalized=True)
    at, other = shapely.STRtree(roads.shapes).query(middle, predicate="dwithin", distance=rule.beside_m)
    one = high[at]
    way = xy[roads.b] - xy[roads.a]
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    cosine = (way[one] * way[other]).sum(axis=1)
    same_way = (cosine > 0.95) | (roads.two_way[other] & (cosine < -0.95))
    lower = roads.rank[other] < roads.rank[one]
    touches = (roads.a[one] == roads.a[other]) | (roads.a[one] == roads.b[other]) | (roads.b[one] == roads.a[other])
    keep = same_way & lower & ~touches
    one, other, at = one[keep], other[keep], at[keep]
    place = shapely.line_locate_point(roads.shapes[other], middle[at], normalized=True)
    table = pd.DataFrame({"one": one, "other": other, "t": 0.5, "s": place})
    table["metres"] = shapely.distance(roads.shapes[other], middle[at])
    table["cell"] = list(map(tuple, np.floor(shapely.get_coordinates(middle[at]) / rule.slip_every_m).astype(int)))
    table["heading"] = np.round(np.arctan2(way[one, 1], way[one, 0]) / (np.pi / 4)).astype(int) % 8
    table = table.sort_values(["metres", "one", "other"]).drop_duplicates(["cell", "heading"])
    return table.sort_values(["one", "other"]).reset_index(drop=True)


def turning_places(graph: RoadGraph, rule: RampRule) -> pd.DataFrame:
    """Edges (u, v, km, road_class) by which one turns round from one carriageway of a surface road to the other."""
    roads = _roads(graph)
    xy = graph.xy()
    single = np.flatnonzero(np.isin(roads.rank, rule.turn_ranks) & ~roads.two_way)
    if not len(single) or rule.turn_every_m <= 0:
        return pd.DataFrame({"u": [], "v": [], "km": [], "road_class": []})
    middle: Any = shapely.line_interpolate_point(roads.shapes[single], 0.5, normalized=True)
    at, other = shapely.STRtree(roads.shapes).query(middle, predicate="dwithin", distance=rule.turn_within_m)
    one = single[at]
    way = xy[roads.b] - xy[roads.a]
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    facing = (way[one] * way[other]).sum(axis=1) < -0.95
    keep = facing & (roads.rank[one] == roads.rank[other]) & ~roads.two_way[other]
    one, other, at = one[keep], other[keep], at[keep]
    table = pd.DataFrame({"one": one, "other": other, "metres": shapely.distance(roads.shapes[other], middle[at])})
    table["cell"] = list(map(tuple, np.floor(shapely.get_coordinates(middle[at]) / rule.turn_every_m).astype(int)))
    table["heading"] = np.round(np.arctan2(way[one, 1], way[one, 0]) / (np.pi / 4)).astype(int) % 4
    table = table.sort_values(["metres", "one", "other"]).drop_duplicates(["cell", "heading"])
    one, other = table["one"].to_numpy(), table["other"].to_numpy()
    u = np.concatenate([roads.b[one], roads.b[other]])
    v = np.concatenate([roads.a[other], roads.a[one]])
    km = np.linalg.norm(xy[u] - xy[v], axis=1) / 1000 + rule.turn_km
    return pd.DataFrame({"u": u, "v": v, "km": km, "road_class": RAMP})


def _cut(edges: pd.DataFrame, xy: Floats, stops: pd.DataFrame, new: Floats) -> pd.DataFrame:
    """The edges with each stop (low, high, t from low, node) inserted; km shared by length."""
    low, high = np.minimum(edges["u"], edges["v"]), np.maximum(edges["u"], edges["v"])
    keyed = edges.assign(low=low, high=high, edge=np.arange(len(edges)))
    hit = keyed.merge(stops, on=["low", "high"])
    if not len(hit):
        return edges
    hit["t"] = np.where(hit["u"] == hit["low"], hit["t"], 1 - hit["t"])
    touched = keyed[keyed["edge"].isin(hit["edge"])]
    points = pd.concat(
        [
            pd.DataFrame({"edge": touched["edge"], "t": 0.0, "node": touched["u"]}),
            hit[["edge", "t", "node"]],
            pd.DataFrame({"edge": touched["edge"], "t": 1.0, "node": touched["v"]}),
        ],
        ignore_index=True,
    ).sort_values(["edge", "t", "node"], kind="stable")
    edge, t, node = points["edge"].to_numpy(), points["t"].to_numpy(), points["node"].to_numpy()
    same = edge[1:] == edge[:-1]
    of = edge[:-1][same]
    part: pd.DataFrame = edges.iloc[of].assign(u=node[:-1][same], v=node[1:][same])
    part["km"] = part["km"].to_numpy() * (t[1:] - t[:-1])[same]
    left = edges.drop(edges.index[touched["edge"]])
    together: pd.DataFrame = pd.concat([left, part], ignore_index=True)
    return together


def add_interchanges(graph: RoadGraph, rule: RampRule) -> tuple[RoadGraph, int, int]:
    """Put ramps where main roads cross without a junction, and slips where they run side by side.

    Returns:
        The graph with ramps both ways at every such place, the number of crossings and the number of slips.
    """
    roads = _roads(graph)
    crossing, beside = _crossings(roads, rule), _beside(graph, roads, rule)
    if not len(crossing) and not len(beside):
        return graph, 0, 0
    xy = graph.xy()

    def on(segment: np.ndarray, t: np.ndarray) -> Floats:
        return np.asarray(xy[roads.a[segment]] * (1 - t[:, None]) + xy[roads.b[segment]] * t[:, None])

    at = crossing[["x", "y"]].to_numpy(dtype=float)
    span = np.linalg.norm(xy[roads.b] - xy[roads.a], axis=1)

    def place(segment: np.ndarray) -> np.ndarray:
        return np.asarray(np.linalg.norm(at - xy[roads.a[segment]], axis=1) / np.maximum(span[segment], 1e-9))

    segment = np.concatenate([crossing["one"], crossing["other"], beside["one"], beside["other"]]).astype(int)
    t = np.concatenate(
        [place(crossing["one"].to_numpy()), place(crossing["other"].to_numpy()), beside["t"], beside["s"]]
    ).astype(float)
    t = np.clip(t, 0.0, 1.0)
    new = on(segment, t)
    node = len(graph) + np.arange(len(segment))
    a, b = roads.a[segment], roads.b[segment]
    stops = pd.DataFrame(
        {"low": np.minimum(a, b), "high": np.maximum(a, b), "t": np.where(a < b, t, 1 - t), "node": node}
    )
    edges = _cut(graph.edges, xy, stops, new)
    first, second = len(crossing), 2 * len(crossing)
    one = np.concatenate([node[:first], node[second : second + len(beside)]])
    other = np.concatenate([node[first:second], node[second + len(beside) :]])
    gap = np.linalg.norm(new[one - len(graph)] - new[other - len(graph)], axis=1) / 1000
    km = gap + np.where(np.arange(len(one)) < len(crossing), rule.ramp_km, rule.slip_km)
    ramps = pd.DataFrame({"u": np.r_[one, other], "v": np.r_[other, one], "km": np.r_[km, km], "road_class": RAMP})
    return graph_of(np.concatenate([xy, new]), pd.concat([edges, ramps], ignore_index=True)), len(crossing), len(beside)
