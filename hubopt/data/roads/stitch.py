"""Layers of different detail made one graph: clipped to their territories, their loose ends tied, islands rescued."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from hubopt.data.roads.graph import (
    ACCESS_CONTROLLED,
    CONNECTOR,
    FERRY,
    Bools,
    Ints,
    RoadGraph,
    strong_components,
    with_edges,
)

DETOUR = 1.2
"""Driven length of a tie over the straight line between its ends."""


@dataclass(frozen=True)
class Joined:
    """Ties made between two layers."""

    what: str
    count: int
    longest_m: float


def clip(graph: RoadGraph, inside: Bools) -> tuple[RoadGraph, Bools]:
    """The edges with an end where ``inside``, shape (n,), and the nodes where the layer is cut off, shape (kept,).

    An edge that leaves its territory is kept whole, so that it can be tied to the layer beyond.
    """
    u, v = graph.edges["u"].to_numpy(), graph.edges["v"].to_numpy()
    keep = inside[u] | inside[v]
    used = np.zeros(len(graph), dtype=bool)
    used[u[keep]] = used[v[keep]] = True
    number = np.cumsum(used) - 1
    edges = graph.edges[keep].assign(u=number[u[keep]], v=number[v[keep]]).reset_index(drop=True)
    return RoadGraph(graph.nodes[used].reset_index(drop=True), edges), ~inside[used]


def loose_ends(graph: RoadGraph) -> Bools:
    """Nodes with a single neighbour, shape (n,)."""
    n = len(graph)
    low = np.minimum(graph.edges["u"].to_numpy(), graph.edges["v"].to_numpy())
    high = np.maximum(graph.edges["u"].to_numpy(), graph.edges["v"].to_numpy())
    pairs = np.unique(low * np.int64(max(n, 1)) + high)
    return np.asarray(np.bincount(np.concatenate([pairs // max(n, 1), pairs % max(n, 1)]), minlength=n) == 1)


def _controlled_nodes(graph: RoadGraph) -> tuple[Bools, Bools]:
    """Nodes on access-controlled roads, and nodes on other roads."""
    controlled, surface = np.zeros(len(graph), dtype=bool), np.zeros(len(graph), dtype=bool)
    is_controlled = graph.edges["road_class"].isin(ACCESS_CONTROLLED).to_numpy()
    ferry = (graph.edges["road_class"] == FERRY).to_numpy()
    for end in ("u", "v"):
        nodes = graph.edges[end].to_numpy()
        controlled[nodes[is_controlled]] = True
        surface[nodes[~is_controlled & ~ferry]] = True
    return controlled, surface


def tie_layers(graph: RoadGraph, layer: Ints, loose: Bools, reach_m: float) -> tuple[RoadGraph, Joined]:
    """Tie each loose end of a layer to the nearest node of any other layer, like to like.

    Args:
        graph: all layers side by side.
        layer: the layer of each node, shape (n,).
        loose: the nodes to be tied, shape (n,).
        reach_m: how far a tie may reach, in metres.

    Returns:
        The graph with ties both ways (class ``connector``), and how many.
    """
    xy = graph.xy()
    kinds = _controlled_nodes(graph)
    rows: list[pd.DataFrame] = []
    for number in np.unique(layer):
        for kind in kinds:
            ends = np.flatnonzero(loose & (layer == number) & kind)
            others = np.flatnonzero((layer != number) & kind)
            if not len(ends) or not len(others):
                continue
            metres, position = KDTree(xy[others]).query(xy[ends], distance_upper_bound=reach_m)
            found = np.isfinite(metres)
            rows.append(pd.DataFrame({"u": ends[found], "v": others[position[found]], "metres": metres[found]}))
    ties = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame({"u": [], "v": [], "metres": []})
    return _tied(graph, ties), Joined("ends tied to another layer", len(ties), _longest(ties))


def _longest(ties: pd.DataFrame) -> float:
    return float(ties["metres"].max()) if len(ties) else 0.0


def _tied(graph: RoadGraph, ties: pd.DataFrame) -> RoadGraph:
    """The graph with ties (u, v, metres) both ways."""
    if not len(ties):
        return graph
    km = np.maximum(ties["metres"].to_numpy(dtype=float), 1.0) * DETOUR / 1000
    one = pd.DataFrame({"u": ties["u"].to_numpy(int), "v": ties["v"].to_numpy(int), "km": km})
    back = one.rename(columns={"u": "v", "v": "u"})
    return with_edges(graph, pd.concat([one, back], ignore_index=True).assign(road_class=CONNECTOR))


def rescue(graph: RoadGraph, reach_m: float, home: Ints | None = None) -> tuple[RoadGraph, Joined]:
    """Tie parts that are cut off to the main part, where one of their nodes lies within reach of it.

    One tie per part, at its nearest place, both ways; like to like; never from one side of a border to another
    (``home``: side of each node).
    """
    label = strong_components(graph)
    if not len(label) or reach_m <= 0:
        return graph, Joined("cut-off parts tied", 0, 0.0)
    main = label == np.bincount(label).argmax()
    xy = graph.xy()
    rows: list[pd.DataFrame] = []
    sides = np.zeros(len(graph), dtype=np.int64) if home is None else home
    for kind in _controlled_nodes(graph):
        for side in np.unique(sides):
            here = kind & (sides == side)
            off, on = np.flatnonzero(here & ~main), np.flatnonzero(here & main)
            if not len(off) or not len(on):
                continue
            metres, position = KDTree(xy[on]).query(xy[off], distance_upper_bound=reach_m)
            found = np.isfinite(metres)
            ties = pd.DataFrame({"u": off[found], "v": on[position[found]], "metres": metres[found]})
            rows.append(ties.assign(part=label[off[found]]))
    if not rows:
        return graph, Joined("cut-off parts tied", 0, 0.0)
    ties = pd.concat(rows, ignore_index=True).sort_values(["part", "metres", "u"]).drop_duplicates("part")
    return _tied(graph, ties), Joined("cut-off parts tied", len(ties), _longest(ties))
