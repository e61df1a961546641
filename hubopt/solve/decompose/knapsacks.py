"""What a lowest site costs at least, at given prices: the best size, way of supply and zones, in machine code.

Each site alone chooses whether to open, in which size, which of its possible upper ends feeds it, and which zones it
serves whole. For one size, design and upper end that is a 0-1 knapsack with a soft capacity: goods above it may stay
undelivered at a price. The linear relaxation of all of them is had from one sort; only those that it does not rule out
are solved exactly, by depth-first branch and bound.

E. Horowitz, S. Sahni: Computing partitions with applications to the knapsack problem. Journal of the ACM 21 (1974)
277-292 (the depth-first scheme).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hubopt.solve.plans.annealing import Numbers, Vector, compiled

NODES = 2_000
"""Nodes of branch and bound for one knapsack, after which its linear relaxation stands for it."""


@dataclass(frozen=True)
class Sites:
    """The lowest sites of one leg and period, with what does not depend on prices (model units).

    Site ``s`` may serve the zones ``zone[items[s]:items[s+1]]``, be fed over ``ways[s]:ways[s+1]`` and have the designs
    ``designs[s]:designs[s+1]``; design ``d`` has the sizes ``sizes[d]:sizes[d+1]``, which hold ``room``, rising.
    ``demand`` has shape (zones, commodities); where ``shut`` is False, the site must stay open.
    """

    items: Numbers
    zone: Numbers
    ways: Numbers
    designs: Numbers
    sizes: Numbers
    room: Vector
    demand: Vector
    shut: np.ndarray


@dataclass(frozen=True)
class Prices:
    """Reduced costs of everything a site decides on (model units).

    ``item`` (pairs,) of a zone's link, ``item_unit`` (pairs, commodities) of its goods, ``way`` and ``way_unit`` of the
    supply, ``design_unit`` (designs, commodities) of handling, ``size`` of the opening with all its modules.
    """

    item: Vector
    item_unit: Vector
    way: Vector
    way_unit: Vector
    design_unit: Vector
    size: Vector


@dataclass(frozen=True)
class Choice:
    """What the sites choose: way, design and size each (-1 if closed), and the pairs taken; ``value`` is the sum."""

    value: float
    way: Numbers
    design: Numbers
    size: Numbers
    taken: np.ndarray


@compiled
def _gains(
    a: int, b: int, zone: Numbers, demand: Vector, item: Vector, item_unit: Vector, way_unit: Vector,
    design_unit: Vector, gain: Vector, weight: Vector,
) -> float:  # fmt: skip
    """Gain and weight of each zone, and the least loss of a unit that is taken but not delivered."""
    commodities = demand.shape[1]
    least = np.inf
    for j in range(a, b):
        total, load = -item[j], 0.0
        for k in range(commodities):
            amount = demand[zone[j], k]
            if amount > 0:
                unit = item_unit[j, k] + way_unit[k] + design_unit[k]
                if unit < 0:
                    total -= amount * unit
                    load += amount
                    least = min(least, -unit)
        gain[j - a], weight[j - a] = total, load
    return least


@compiled
def _relaxed(gain: Vector, weight: Vector, order: Numbers, count: int, room: float, loss: float) -> float:
    """Most that the linear knapsack gains; ``order`` holds the ``count`` gainful items by falling gain per weight."""
    left, total = room, 0.0
    for position in range(count):
        j = order[position]
        if weight[j] <= left:
            left -= weight[j]
            total += gain[j]
        else:
            share = left / weight[j]
            total += gain[j] * share
            if gain[j] > loss * weight[j]:
                total += (gain[j] - loss * weight[j]) * (1.0 - share)
            elif left <= 0:
                break
            left = 0.0
    return float(total)


@compiled
def _exact(
    gain: Vector, weight: Vector, order: Numbers, count: int, room: float, loss: float, nodes: int, taken: np.ndarray
) -> float:
    """Most that the knapsack gains (its relaxation, if ``nodes`` do not suffice); ``taken`` are the items of the best.

    Depth first: each item is taken and, on the way back, left; a branch ends where its relaxation gains no more.
    """
    taken[:] = False
    chosen = np.zeros(count, dtype=np.bool_)
    best, value, load = 0.0, 0.0, 0.0
    depth, used = 0, 0
    root = _relaxed(gain, weight, order, count, room, loss)
    forward = True
    while True:
        if forward:
            used += 1
            if used > nodes:
                return float(root)
            over = max(0.0, load - room)
            rest = _relaxed(gain, weight, order[depth:], count - depth, max(0.0, room - load), loss)
            if value - loss * over + rest <= best + 1e-9 if over > 0 else value + rest <= best + 1e-9:
                forward = False
            elif depth == count:
                best = value - (loss * over if over > 0 else 0.0)
                taken[:] = False
                for position in range(count):
                    taken[order[position]] = chosen[position]
                forward = False
            else:
                j = order[depth]
                if weight[j] > room - load and loss == np.inf:
                    chosen[depth] = False
                else:
                    chosen[depth] = True
                    value += gain[j]
                    load += weight[j]
                depth += 1
        else:
            depth -= 1
            while depth >= 0 and not chosen[depth]:
                depth -= 1
            if depth < 0:
                return float(best)
            j = order[depth]
            chosen[depth] = False
            value -= gain[j]
            load -= weight[j]
            depth += 1
            forward = True


@compiled
def _choose(
    items: Numbers, zone: Numbers, ways: Numbers, designs: Numbers, sizes: Numbers, room: Vector, demand: Vector,
    shut: np.ndarray, item: Vector, item_unit: Vector, way: Vector, way_unit: Vector, design_unit: Vector,
    size: Vector, nodes: int, best_way: Numbers, best_design: Numbers, best_size: Numbers, taken: np.ndarray,
) -> float:  # fmt: skip
    whole = 0.0
    for s in range(len(items) - 1):
        a, b = items[s], items[s + 1]
        count = b - a
        first, last = ways[s], ways[s + 1]
        low, high = designs[s], designs[s + 1]
        most = 0
        for d in range(low, high):
            most = max(most, sizes[d + 1] - sizes[d])
        combinations = (last - first) * (high - low)
        relaxed = np.full((combinations, max(most, 1)), np.inf)
        gain, weight = np.empty(count), np.empty(count)
        orders = np.empty((combinations, count), dtype=np.int64)
        counts = np.zeros(combinations, dtype=np.int64)
        losses = np.empty(combinations)
        for q in range(first, last):
            for d in range(low, high):
                number = (q - first) * (high - low) + d - low
                losses[number] = _gains(a, b, zone, demand, item, item_unit, way_unit[q], design_unit[d], gain, weight)
                for j in range(count):
                    if gain[j] > 1e-12 and weight[j] > 0:
                        orders[number, counts[number]] = j
                        counts[number] += 1
                free = 0.0
                for j in range(count):
                    if gain[j] > 0 and weight[j] <= 0:
                        free += gain[j]
                n = counts[number]
                dense = np.empty(n)
                for position in range(n):
                    j = orders[number, position]
                    dense[position] = -gain[j] / weight[j]
                orders[number, :n] = orders[number, :n][np.argsort(dense, kind="mergesort")]
                for c in range(sizes[d], sizes[d + 1]):
                    relaxed[number, c - sizes[d]] = (
                        way[q] + size[c] - free
                        - _relaxed(gain, weight, orders[number], n, room[c], losses[number])
                    )  # fmt: skip
        best = 0.0 if shut[s] else np.inf
        best_way[s] = best_design[s] = best_size[s] = -1
        taken[a:b] = False
        here = np.zeros(count, dtype=np.bool_)
        while combinations > 0 and most > 0:
            place = np.argmin(relaxed)
            number, c = place // relaxed.shape[1], place % relaxed.shape[1]
            promised = relaxed[number, c]
            if promised >= best - 1e-9:
                break
            relaxed[number, c] = np.inf
            q, d = first + number // (high - low), low + number % (high - low)
            _gains(a, b, zone, demand, item, item_unit, way_unit[q], design_unit[d], gain, weight)
            n = counts[number]
            at_most = _relaxed(gain, weight, orders[number], n, room[sizes[d] + c], losses[number])
            found = promised + at_most - _exact(
                gain, weight, orders[number], n, room[sizes[d] + c], losses[number], nodes, here
            )  # fmt: skip
            if found < best:
                best = found
                best_way[s], best_design[s], best_size[s] = q, d, sizes[d] + c
                for j in range(count):
                    taken[a + j] = here[j] or (gain[j] > 0 and weight[j] <= 0)
        whole += best
    return whole


def choose(sites: Sites, prices: Prices, nodes: int = NODES) -> Choice:
    """The least cost of all sites at these prices (a lower bound where a knapsack is too hard), and what attains it.

    ``inf`` if a site that must stay open has nothing to be.
    """
    count = len(sites.items) - 1
    way, design, size = (np.full(count, -1, dtype=np.int64) for _ in range(3))
    taken = np.zeros(len(sites.zone), dtype=bool)
    value = _choose(
        sites.items, sites.zone, sites.ways, sites.designs, sites.sizes, sites.room, sites.demand, sites.shut,
        prices.item, prices.item_unit, prices.way, prices.way_unit, prices.design_unit, prices.size,
        nodes, way, design, size, taken,
    )  # fmt: skip
    return Choice(float(value), way, design, size, taken)
