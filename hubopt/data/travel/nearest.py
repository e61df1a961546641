"""Distances without routes: to the nearest of several nodes, and straight lines."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from hubopt.data.ground.coordinates import Floats, to_metric
from hubopt.data.roads.graph import Ints, RoadGraph


def km_to_nearest(graph: RoadGraph, nodes: Ints) -> Floats:
    """Shortest km to every node from the nearest of ``nodes``, shape (number of nodes of the graph,)."""
    u, v = graph.edges["u"].to_numpy(), graph.edges["v"].to_numpy()
    km = np.maximum(graph.edges["km"].to_numpy(dtype=float), 1e-9)
    lengths = csr_array((km, (u, v)), shape=(len(graph), len(graph)))
    return np.asarray(dijkstra(lengths, indices=np.unique(nodes), min_only=True), dtype=float)


def straight_km(origins: pd.DataFrame, destinations: pd.DataFrame) -> Floats:
    """Straight-line km between the lon, lat of two tables, shape (origins, destinations)."""
    a = to_metric(origins[["lon", "lat"]].to_numpy(dtype=float))
    b = to_metric(destinations[["lon", "lat"]].to_numpy(dtype=float))
    return np.asarray(np.hypot(a[:, None, 0] - b[None, :, 0], a[:, None, 1] - b[None, :, 1]) / 1000)
