"""Chains of edges without a choice made into single edges: the same routes on a much smaller graph."""

from __future__ import annotations

import numpy as np

from hubopt.data.roads.graph import Bools, Ints
from hubopt.data.travel.weights import Weights


def pass_through(weights: Weights, kept: Ints) -> Bools:
    """Nodes at which no route has a choice, shape (nodes,): two neighbours, one way through or two; not ``kept``."""
    n = weights.nodes
    u, v = weights.u, weights.v
    ins, outs = np.bincount(v, minlength=n), np.bincount(u, minlength=n)
    low, high = np.minimum(u, v), np.maximum(u, v)
    pairs = np.unique(low * np.int64(n) + high)
    neighbours = np.bincount(np.concatenate([pairs // n, pairs % n]), minlength=n) if n else ins
    through = (neighbours == 2) & (ins == outs) & ((ins == 1) | (ins == 2))
    through[kept] = False
    return np.asarray(through, dtype=bool)


def _next_edges(weights: Weights, through: Bools) -> Ints:
    """The edge that each edge runs on into at a pass-through node, shape (edges,); itself where its chain ends."""
    u, v = weights.u, weights.v
    own = np.arange(len(u))
    order = np.argsort(u, kind="stable")
    start = np.searchsorted(u[order], v)
    following = own.copy()
    for step in (0, 1):
        place = np.minimum(start + step, len(u) - 1)
        candidate = order[place]
        fits = through[v] & (u[candidate] == v) & (v[candidate] != u)
        following[fits] = candidate[fits]
    return following


def contract(weights: Weights, kept: Ints) -> Weights:
    """The graph on the nodes where routes have a choice and those in ``kept``, numbered as before.

    Costs and values are summed along each chain; of parallel edges the cheapest stays.
    """
    if not len(weights.u):
        return weights
    through = pass_through(weights, kept)
    jump = _next_edges(weights, through)
    ends = jump == np.arange(len(jump))
    cost = np.where(ends, 0.0, weights.cost)
    values = np.where(ends[:, None], 0.0, weights.values)
    for _ in range(len(jump).bit_length() + 1):  # a ring without a choice never ends; nothing starts on it either
        further = jump[jump]
        cost, values = cost + cost[jump], values + values[jump]
        if np.array_equal(further, jump):
            break
        jump = further
    cost, values = cost + weights.cost[jump], values + weights.values[jump]
    last = weights.v[jump]
    first = ~through[weights.u] & ~through[last] & (weights.u != last)
    u, v, cost, values = weights.u[first], last[first], cost[first], values[first]
    return cheapest(Weights(weights.nodes, u, v, cost, values))


def cheapest(weights: Weights) -> Weights:
    """The graph without loops and with only the cheapest of parallel edges."""
    order = np.lexsort((weights.cost, weights.v, weights.u))
    order = order[weights.u[order] != weights.v[order]]
    u, v = weights.u[order], weights.v[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (u[1:] != u[:-1]) | (v[1:] != v[:-1])
    order = order[new]
    return Weights(weights.nodes, weights.u[order], weights.v[order], weights.cost[order], weights.values[order])


def compact(weights: Weights, nodes: Ints) -> tuple[Weights, Ints]:
    """The graph with only the nodes that have edges, and the new numbers of ``nodes`` (which are always kept)."""
    used = np.zeros(weights.nodes, dtype=bool)
    used[weights.u] = used[weights.v] = used[nodes] = True
    number = np.cumsum(used) - 1
    slim = Weights(int(used.sum()), number[weights.u], number[weights.v], weights.cost, weights.values)
    return slim, number[nodes]
