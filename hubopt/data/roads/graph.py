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

ACCESS_CONTROLLED = ("motorway", "expressway")
"""Classes that only ramps connect to the rest: no site fronts them and no side road ends on them."""

RAMP = "ramp"
CONNECTOR = "connector"


@dataclass(frozen=True)
class RoadGraph:
    """A directed road graph.

    ``nodes``: lon, lat (degrees WGS84), x, y (metres of :data:`~hubopt.data.ground.coordinates.METRIC`), index 0..n-1.
    ``edges``: u, v (positions in ``nodes``), km, road_class; a two-way road is two rows.
    """

    nodes: pd.DataFrame
    edges: pd.DataFrame

    def __len__(self) -> int:
        return len(self.nodes)

    def xy(self) -> Floats:
        """Node positions in metres, shape (n, 2)."""
        return self.nodes[["x", "y"]].to_numpy(dtype=float)

    def kilometres(self) -> Mapping[str, float]:
        """Length by class in km; two-way roads count once."""
        low, high = np.minimum(self.edges["u"], self.edges["v"]), np.maximum(self.edges["u"], self.edges["v"])
        once = self.edges.assign(low=low, high=high).drop_duplicates(["low", "high", "road_class"])
        return {str(name): float(km) for name, km in once.groupby("road_class")["km"].sum().sort_index().items()}


def graph_of(xy: Floats, edges: pd.DataFrame) -> RoadGraph:
    """A graph from node positions in metres, shape (n, 2), and directed edges (u, v, km, road_class)."""
    lonlat = to_degrees(xy)
    nodes = pd.DataFrame({"lon": lonlat[:, 0], "lat": lonlat[:, 1], "x": xy[:, 0], "y": xy[:, 1]})
    typed = edges.astype({"u": np.int64, "v": np.int64, "km": np.float64})
    kept = typed[typed["u"] != typed["v"]]
    shortest = kept.sort_values(["u", "v", "km", "road_class"]).drop_duplicates(["u", "v"]).reset_index(drop=True)
    return RoadGraph(nodes, shortest[["u", "v", "km", "road_class"]])


def both_ways(edges: pd.DataFrame) -> pd.DataFrame:
    """The edges and their reverses."""
    return pd.concat([edges, edges.rename(columns={"u": "v", "v": "u"})], ignore_index=True)


def largest_component(graph: RoadGraph) -> RoadGraph:
    """The part of the graph in which every node reaches every other; the largest such part."""
    matrix = csr_array(
        (np.ones(len(graph.edges)), (graph.edges["u"].to_numpy(), graph.edges["v"].to_numpy())),
        shape=(len(graph), len(graph)),
    )
    _, label = connected_components(matrix, directed=True, connection="strong")
    return subgraph(graph, label == np.bincount(label).argmax())


def subgraph(graph: RoadGraph, keep: NDArray[np.bool_]) -> RoadGraph:
    """The graph on the nodes where ``keep``, shape (n,), is true."""
    number = np.cumsum(keep) - 1
    edges = graph.edges[keep[graph.edges["u"]] & keep[graph.edges["v"]]]
    edges = edges.assign(u=number[edges["u"]], v=number[edges["v"]]).reset_index(drop=True)
    return RoadGraph(graph.nodes[keep].reset_index(drop=True), edges)


def without_edges(graph: RoadGraph, closed: NDArray[np.bool_]) -> RoadGraph:
    """The graph without the edges where ``closed``, shape (number of edges,), is true."""
    return RoadGraph(graph.nodes, graph.edges[~closed].reset_index(drop=True))
