"""The directed road graph: one type for every source of roads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from hubopt.data.ground.coordinates import Floats, to_degrees

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ACCESS_CONTROLLED = ("motorway", "expressway")
"""Classes that only ramps connect to the rest: no site fronts them and no side road ends on them."""

RAMP = "ramp"
CONNECTOR = "connector"
FERRY = "ferry"
CROSSING = "crossing"
"""The way over a border: both yards, from road to road."""

NOT_FRONTED = (*ACCESS_CONTROLLED, RAMP, FERRY, CROSSING)
"""Classes on which no place lies."""

REQUIRED = ("u", "v", "km", "road_class")

EXTRAS: Mapping[str, float | bool] = {
    "km_h": np.nan,
    "wait_minutes": 0.0,
    "wait_cny": 0.0,
    "toll_cny": 0.0,
    "max_t": np.inf,
    "max_m": np.inf,
    "no_hgv": False,
    "estimated": False,
}
"""Further columns of edges and what stands where a source says nothing.

``km_h``: the edge's own speed, NaN: that of its class; ``wait_minutes`` and ``wait_cny`` (CNY/t) of boarding a ferry or
passing a border; ``toll_cny`` to drive it (CNY per vehicle); ``max_t`` and ``max_m``: weight and height that may pass;
``no_hgv``: shut to heavy goods vehicles; ``estimated``: not drawn from road data but from a model.
"""


@dataclass(frozen=True)
class RoadGraph:
    """A directed road graph.

    ``nodes``: lon, lat (degrees WGS84), x, y (metres of :data:`~hubopt.data.ground.coordinates.METRIC`), index 0..n-1.
    ``edges``: u, v (positions in ``nodes``), km, road_class, and any of :data:`EXTRAS`; a two-way road is two rows.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame

    def __len__(self) -> int:
        return len(self.nodes)

    def xy(self) -> Floats:
        """Node positions in metres, shape (n, 2)."""
        return self.nodes[["x", "y"]].to_numpy(dtype=float)

    def column(self, name: str) -> NDArray[np.generic]:
        """A column of :data:`EXTRAS`, shape (edges,), with its default where the graph has none."""
        if name in self.edges:
            return self.edges[name].to_numpy()
        return np.full(len(self.edges), EXTRAS[name])

    def kilometres(self) -> Mapping[str, float]:
        """Length by class in km; two-way roads count once."""
        low, high = np.minimum(self.edges["u"], self.edges["v"]), np.maximum(self.edges["u"], self.edges["v"])
        once = self.edges.assign(low=low, high=high).drop_duplicates(["low", "high", "road_class"])
        return {str(name): float(km) for name, km in once.groupby("road_class")["km"].sum().sort_index().items()}


def graph_of(xy: Floats, edges: pd.DataFrame) -> RoadGraph:
    """A graph from node positions in metres, shape (n, 2), and directed edges (u, v, km, road_class and extras).

    Loops are dropped, and of several edges from u to v the shortest is kept.
    """
    lonlat = to_degrees(xy)
    nodes = pd.DataFrame({"lon": lonlat[:, 0], "lat": lonlat[:, 1], "x": xy[:, 0], "y": xy[:, 1]})
    extras = [name for name in EXTRAS if name in edges]
    typed = edges.astype({"u": np.int64, "v": np.int64, "km": np.float64})
    typed = typed.assign(**{name: _filled(typed[name], EXTRAS[name]) for name in extras})
    kept = typed[typed["u"] != typed["v"]]
    shortest = kept.sort_values(["u", "v", "km", "road_class"]).drop_duplicates(["u", "v"]).reset_index(drop=True)
    return RoadGraph(nodes, shortest[[*REQUIRED, *extras]])


def _filled(values: pd.Series, default: float | bool) -> pd.Series:
    kind: type = bool if isinstance(default, bool) else float
    return values.where(values.notna(), default).astype(kind)


def both_ways(edges: pd.DataFrame) -> pd.DataFrame:
    """The edges and their reverses."""
    return pd.concat([edges, edges.rename(columns={"u": "v", "v": "u"})], ignore_index=True)


def strong_components(graph: RoadGraph) -> Ints:
    """The strongly linked part that each node belongs to, shape (n,)."""
    matrix = csr_array(
        (np.ones(len(graph.edges)), (graph.edges["u"].to_numpy(), graph.edges["v"].to_numpy())),
        shape=(len(graph), len(graph)),
    )
    _, label = connected_components(matrix, directed=True, connection="strong")
    return np.asarray(label, dtype=np.int64)


def largest_component(graph: RoadGraph) -> RoadGraph:
    """The part of the graph in which every node reaches every other; the largest such part."""
    label = strong_components(graph)
    return subgraph(graph, label == np.bincount(label).argmax()) if len(label) else graph


def subgraph(graph: RoadGraph, keep: Bools) -> RoadGraph:
    """The graph on the nodes where ``keep``, shape (n,), is true."""
    number = np.cumsum(keep) - 1
    edges = graph.edges[keep[graph.edges["u"]] & keep[graph.edges["v"]]]
    edges = edges.assign(u=number[edges["u"]], v=number[edges["v"]]).reset_index(drop=True)
    return RoadGraph(graph.nodes[keep].reset_index(drop=True), edges)


def without_edges(graph: RoadGraph, closed: Bools) -> RoadGraph:
    """The graph without the edges where ``closed``, shape (number of edges,), is true."""
    return RoadGraph(graph.nodes, graph.edges[~closed].reset_index(drop=True))


def with_edges(graph: RoadGraph, edges: pd.DataFrame) -> RoadGraph:
    """The graph with more directed edges between its nodes."""
    return graph_of(graph.xy(), pd.concat([graph.edges, edges], ignore_index=True)) if len(edges) else graph


def joined(graphs: list[RoadGraph]) -> RoadGraph:
    """Several graphs as one, side by side: nodes and edges in the order given, nothing tied."""
    nodes = pd.concat([graph.nodes for graph in graphs], ignore_index=True)
    offsets = np.cumsum([0, *(len(graph) for graph in graphs)])
    shifted = [
        graph.edges.assign(u=graph.edges["u"] + offset, v=graph.edges["v"] + offset)
        for graph, offset in zip(graphs, offsets, strict=False)
    ]
    edges = pd.concat(shifted, ignore_index=True)
    filled = {name: _filled(edges[name], default) for name, default in EXTRAS.items() if name in edges}
    return RoadGraph(nodes, edges.assign(**filled))
