"""Places tied to the road graph: from each place onto the roads beside it, in every direction they allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import Floats, to_metric
from hubopt.data.roads.graph import NOT_FRONTED, Ints, RoadGraph
from hubopt.data.travel.weights import Speeds, Vehicle, Weights, cost_of, open_to, weigh

YARD_M = 50.0
"""Least way from a place to its road, in metres: a node of the graph is a point, a place is not."""

CARRIAGEWAYS_M = 45.0
"""How much further than the nearest carriageway the one of the other direction may lie to be used too, in metres."""

ANTIPARALLEL = -0.85
"""Cosine between the directions of two carriageways below which they are those of one road."""


@dataclass(frozen=True)
class Attached:
    """Edges of the graph and of the places' ways onto and off it; ``origin`` and ``destination`` node of each place.

    ``metres``: straight line from each place to the nearest road that it may front, shape (places,).
    """

    weights: Weights
    origin: Ints
    destination: Ints
    metres: Floats


def _frontages(graph: RoadGraph, xy: Floats, free: np.ndarray) -> pd.DataFrame:
    """Directed edges that each place fronts: place, edge (position in graph.edges), t (0..1), metres."""
    fronted = np.flatnonzero(free & ~graph.edges["road_class"].isin(NOT_FRONTED).to_numpy())
    nodes = graph.xy()
    u, v = graph.edges["u"].to_numpy()[fronted], graph.edges["v"].to_numpy()[fronted]
    shapes: Any = shapely.linestrings(np.stack([nodes[u], nodes[v]], axis=1))
    tree = shapely.STRtree(shapes)
    points: Any = shapely.points(xy)
    (first, _), nearest = tree.query_nearest(points, return_distance=True, all_matches=False)
    metres = np.zeros(len(xy))
    metres[first] = nearest
    place, edge = tree.query(points, predicate="dwithin", distance=metres + CARRIAGEWAYS_M)
    away = shapely.distance(points[place], shapes[edge])
    along = shapely.line_locate_point(shapes[edge], points[place], normalized=True)
    way = nodes[v[edge]] - nodes[u[edge]]
    table = pd.DataFrame(
        {"place": place, "edge": fronted[edge], "t": along, "metres": away, "row": np.arange(len(edge))}
    )
    table = table.sort_values(["place", "metres", "edge"], kind="stable")
    lead = table.groupby("place")["row"].first().reindex(table["place"]).to_numpy()
    direction = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    cosine = (direction[table["row"].to_numpy()] * direction[lead]).sum(axis=1)
    near = table["metres"].to_numpy() <= metres[table["place"].to_numpy()] + 0.01
    beside = (table["t"].to_numpy() > 0) & (table["t"].to_numpy() < 1)  # not the next block of the same street
    opposite = (cosine < ANTIPARALLEL) & (beside | near)
    kept: pd.DataFrame = table[near | opposite].assign(opposite=opposite[near | opposite])
    return kept.drop_duplicates(["place", "opposite"]).drop(columns="row").reset_index(drop=True)


def _between(front: pd.DataFrame) -> pd.DataFrame:
    """Pairs of places on one edge, the second ahead of the first: from, to, edge, share of the edge between them."""
    crowd = front[front.duplicated("edge", keep=False)]
    pairs = crowd.merge(crowd, on="edge", suffixes=("_from", "_to"))
    ahead = pairs[(pairs["t_to"] >= pairs["t_from"]) & (pairs["place_from"] != pairs["place_to"])]
    return ahead.reset_index(drop=True)


def attach(
    graph: RoadGraph, lonlat: Floats, speeds: Speeds, vehicle: Vehicle | None = None, classes: Sequence[str] = ()
) -> Attached:
    """Tie places, shape (p, 2) as lon, lat, to the points beside them on the nearest roads they may front.

    Each place lies on its nearest road; on a dual carriageway it is reached from both of its sides. The way to the road
    is the straight line (at least :data:`YARD_M`) times the access detour, at access speed.

    Raises:
        InputError: if a road class has no speed.
    """
    base = weigh(graph, speeds, classes=classes)
    free = open_to(graph, vehicle)
    front = _frontages(graph, to_metric(lonlat), free)
    places, nodes = len(lonlat), len(graph)
    edge, t = front["edge"].to_numpy(), front["t"].to_numpy()
    access = np.zeros((len(front), base.values.shape[1]))
    access[:, 0] = np.maximum(front["metres"].to_numpy(), YARD_M) * speeds.access_detour / 1000
    access[:, 1] = access[:, 0] / speeds.access_km_h * 60 * speeds.factor + speeds.terminal_minutes
    onto = access + base.values[edge] * (1 - t)[:, None]
    off = access + base.values[edge] * t[:, None]
    pairs = _between(front)
    part = (pairs["t_to"] - pairs["t_from"]).to_numpy()[:, None] * base.values[pairs["edge"].to_numpy()]
    by_front = pd.MultiIndex.from_frame(front[["place", "edge"]])
    start = by_front.get_indexer(pd.MultiIndex.from_frame(pairs[["place_from", "edge"]]))
    end = by_front.get_indexer(pd.MultiIndex.from_frame(pairs[["place_to", "edge"]]))
    direct = part + access[start] + access[end]
    place = front["place"].to_numpy()
    values = np.concatenate([base.values[free], onto, off, direct])
    u = np.concatenate([base.u[free], nodes + place, base.u[edge], nodes + pairs["place_from"].to_numpy()])
    v = np.concatenate(
        [base.v[free], base.v[edge], nodes + places + place, nodes + places + pairs["place_to"].to_numpy()]
    )
    nearest = front.groupby("place")["metres"].min().reindex(range(places)).to_numpy(dtype=float)
    weights = Weights(nodes + 2 * places, u.astype(np.int64), v.astype(np.int64), cost_of(values, speeds), values)
    return Attached(weights, nodes + np.arange(places), nodes + places + np.arange(places), nearest)
