"""Cheapest routes from some sources to some targets: a tree per source, and what is summed along its branches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from hubopt.data.ground.coordinates import Floats
from hubopt.data.roads.graph import Ints
from hubopt.data.travel.weights import Weights

SOURCES_AT_ONCE = 16
"""Trees kept in memory at a time: 12 bytes per node each."""


@dataclass(frozen=True)
class Incoming:
    """A graph made ready for trees: the cost matrix, and the edges sorted by their end."""

    matrix: csr_array
    start: Ints
    """First edge into each node, shape (nodes + 1,)."""
    origin: Ints
    """Node that each edge comes from, sorted by its end, shape (edges,)."""
    values: Floats
    """What is summed, in the same order, shape (edges, number of values)."""
    most: int
    """Edges into the busiest node."""


def incoming(weights: Weights) -> Incoming:
    """Make a graph ready; parallel edges must be gone."""
    n = weights.nodes
    matrix = csr_array((weights.cost, (weights.u, weights.v)), shape=(n, n))
    order = np.argsort(weights.v, kind="stable")
    count = np.bincount(weights.v, minlength=n)
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    return Incoming(matrix, start, weights.u[order].astype(np.int32), weights.values[order], int(count.max(initial=0)))


def _edge_into(graph: Incoming, node: Ints, before: Ints) -> Ints:
    """The edge from ``before`` to ``node``, both shape (k,)."""
    edge = graph.start[node]
    found = edge.copy()
    last = graph.start[node + 1]
    open_ = np.arange(len(node))
    for _ in range(graph.most):
        hit = graph.origin[edge[open_]] == before[open_]
        found[open_[hit]] = edge[open_[hit]]
        open_ = open_[~hit]
        if not len(open_):
            break
        edge[open_] = np.minimum(edge[open_] + 1, last[open_] - 1)
    return found


def _branches(before: Ints, wanted: Ints) -> Ints:
    """All nodes of the tree on the way from the root to the wanted nodes, ascending."""
    marked = np.zeros(len(before), dtype=bool)
    front = wanted
    while len(front):
        front = front[~marked[front]]
        marked[front] = True
        front = before[front]
        front = np.unique(front[front >= 0])
    return np.flatnonzero(marked)


def sums_along(graph: Incoming, before: Ints, targets: Ints) -> Floats:
    """What is summed from the root to each target, shape (targets, number of values).

    ``before``: node before each node in the tree, below zero at the root; the tree must reach all targets.
    """
    nodes = _branches(before, targets)
    number = np.zeros(len(before), dtype=np.int64)
    number[nodes] = np.arange(len(nodes))
    parent = before[nodes]
    rooted = parent < 0
    jump = np.where(rooted, np.arange(len(nodes)), number[np.maximum(parent, 0)])
    total = np.zeros((len(nodes), graph.values.shape[1]))
    inner = np.flatnonzero(~rooted)
    total[inner] = graph.values[_edge_into(graph, nodes[inner], parent[inner])]
    while True:
        further = jump[jump]
        total += total[jump]
        if np.array_equal(further, jump):
            return np.asarray(total[number[targets]])
        jump = further


def routes(graph: Incoming, sources: Ints, targets: Ints, limit: float = np.inf) -> tuple[Floats, Floats]:
    """Cheapest routes from every source to every target.

    Args:
        graph: the graph.
        sources: nodes, shape (s,).
        targets: nodes, shape (t,).
        limit: cost beyond which nothing is looked for, in minutes.

    Returns:
        Cost, shape (s, t), infinite where there is no route within the limit; what is summed along the cheapest
        route, shape (s, t, number of values), likewise.
    """
    cost = np.full((len(sources), len(targets)), np.inf)
    sums = np.full((len(sources), len(targets), graph.values.shape[1]), np.inf)
    for first in range(0, len(sources), SOURCES_AT_ONCE):
        batch = sources[first : first + SOURCES_AT_ONCE]
        reached, before = dijkstra(graph.matrix, indices=batch, return_predecessors=True, limit=limit)
        for row in range(len(batch)):
            found = np.flatnonzero(np.isfinite(reached[row, targets]))
            cost[first + row, found] = reached[row, targets[found]]
            if len(found):
                sums[first + row, found] = sums_along(graph, before[row].astype(np.int64), targets[found])
    return cost, sums
