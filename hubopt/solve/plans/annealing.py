"""Which lowest site serves which zone, by simulated annealing at the prices of a relaxation.

Where zones are served whole and room is short, a relaxation packs fractions that no plan can, and a dive that rounds
them leaves goods unserved. The task by itself is small: each zone goes to one site, a site costs what the cheapest
design and size that hold its goods cost, and what lies above is priced by the relaxation's duals. Shifting one zone
changes two sites only, so that millions of changes are tried in a second.

S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi: Optimization by simulated annealing. Science 220 (1983) 671-680.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Vector = NDArray[np.float64]

HOT, COLD = 0.3, 1e-4
"""First and last temperature, in mean costs of serving a zone."""


def compiled(function: Callable[..., Any]) -> Any:
    """The function in machine code, kept on disk for the next run where there is a place for it."""
    try:
        return numba.njit(cache=True)(function)
    except RuntimeError:
        # neither the package's folder nor the user's cache can be written to
        return numba.njit(function)


_INNER: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""What halves the time to compile a function that takes many arrays."""


def inner(function: Callable[..., Any]) -> Any:
    """As :func:`compiled`, for functions that only compiled ones call: without a way in from Python."""
    try:
        return numba.njit(cache=True, **_INNER)(function)
    except RuntimeError:
        return numba.njit(**_INNER)(function)


@dataclass(frozen=True)
class Packing:
    """Zones to be put whole to sites of limited size (model units).

    Zone ``z`` may go to the sites ``site[first[z]:first[z+1]]`` at the costs ``cost`` beside them. Site ``s`` holds
    ``room[s, j]`` at ``price[s, j]``, both rising with ``j`` and the last repeated to the end of the row; with nothing
    in it, it costs ``idle[s]``. Goods above the largest room cost ``unserved`` per unit.

    Shapes: ``amount`` (zones,), ``first`` (zones + 1,), ``site`` and ``cost`` (pairs,), ``room`` and ``price`` (sites,
    sizes), ``idle`` (sites,).
    """

    amount: Vector
    first: Numbers
    site: Numbers
    cost: Vector
    room: Vector
    price: Vector
    idle: Vector
    unserved: float


@compiled
def step_cost(load: float, zones: int, room: Vector, price: Vector, idle: float, unserved: float) -> float:
    """What a site costs with so much in it."""
    if zones == 0:
        return idle
    last = len(room) - 1
    if load > room[last] + 1e-9:
        return float(price[last] + unserved * (load - room[last]))
    low, high = 0, last
    while low < high:
        middle = (low + high) // 2
        if room[middle] + 1e-9 >= load:
            high = middle
        else:
            low = middle + 1
    return float(price[low])


@compiled
def _descend(
    amount: Vector, first: Numbers, site: Numbers, cost: Vector, room: Vector, price: Vector, idle: Vector,
    unserved: float, chosen: Numbers,
) -> float:  # fmt: skip
    """Shift zones, one at a time and in place, while that saves; the cost of what is reached."""
    sites = len(idle)
    load, zones = np.zeros(sites), np.zeros(sites, dtype=np.int64)
    for z in range(len(amount)):
        load[site[chosen[z]]] += amount[z]
        zones[site[chosen[z]]] += 1
    saving = True
    while saving:
        saving = False
        for z in range(len(amount)):
            for new in range(first[z], first[z + 1]):
                here, there = site[chosen[z]], site[new]
                if here == there:
                    continue
                change = (
                    cost[new] - cost[chosen[z]]
                    + step_cost(load[here] - amount[z], zones[here] - 1, room[here], price[here], idle[here], unserved)
                    - step_cost(load[here], zones[here], room[here], price[here], idle[here], unserved)
                    + step_cost(load[there] + amount[z], zones[there] + 1, room[there], price[there], idle[there],
                                 unserved)
                    - step_cost(load[there], zones[there], room[there], price[there], idle[there], unserved)
                )  # fmt: skip
                if change < -1e-9:
                    load[here] -= amount[z]
                    load[there] += amount[z]
                    zones[here] -= 1
                    zones[there] += 1
                    chosen[z] = new
                    saving = True
    value = 0.0
    for z in range(len(amount)):
        value += cost[chosen[z]]
    for s in range(sites):
        value += step_cost(load[s], zones[s], room[s], price[s], idle[s], unserved)
    return value


@compiled
def _anneal(
    amount: Vector, first: Numbers, site: Numbers, cost: Vector, room: Vector, price: Vector, idle: Vector,
    unserved: float, chosen: Numbers, steps: int, hot: float, cold: float, seed: int,
) -> tuple[Numbers, float]:  # fmt: skip
    """The best choice found, as a position in ``site`` for each zone, and its cost."""
    np.random.seed(seed)
    sites = len(idle)
    load, zones = np.zeros(sites), np.zeros(sites, dtype=np.int64)
    value = 0.0
    for z in range(len(amount)):
        s = site[chosen[z]]
        load[s] += amount[z]
        zones[s] += 1
        value += cost[chosen[z]]
    costs = np.empty(sites)
    for s in range(sites):
        costs[s] = step_cost(load[s], zones[s], room[s], price[s], idle[s], unserved)
        value += costs[s]
    best, best_value = chosen.copy(), value
    cooling = (cold / hot) ** (1.0 / max(steps, 1))
    heat = hot
    for _ in range(steps):
        heat *= cooling
        z = np.random.randint(len(amount))
        if first[z + 1] - first[z] < 2:
            continue
        new = np.random.randint(first[z], first[z + 1])
        old = chosen[z]
        if new == old:
            continue
        here, there = site[old], site[new]
        left = step_cost(load[here] - amount[z], zones[here] - 1, room[here], price[here], idle[here], unserved)
        taken = step_cost(load[there] + amount[z], zones[there] + 1, room[there], price[there], idle[there], unserved)
        change = cost[new] - cost[old] + left - costs[here] + taken - costs[there]
        if change > 0 and np.random.random() >= np.exp(-change / heat):
            continue
        load[here] -= amount[z]
        load[there] += amount[z]
        zones[here] -= 1
        zones[there] += 1
        costs[here], costs[there] = left, taken
        chosen[z] = new
        value += change
        if value < best_value - 1e-9:
            best_value = value
            best[:] = chosen
    return best, _descend(amount, first, site, cost, room, price, idle, unserved, best)


def pack(task: Packing, steps: int, seed: int, hot: float = HOT) -> tuple[Numbers, float]:
    """Put every zone to a site at least cost, as far as ``steps`` changes tried lead from the temperature ``hot``.

    Returns
    -------
    tuple
        The position in ``task.site`` for each zone, shape (zones,), and the cost of the whole.
    """
    if not len(task.amount):
        return np.zeros(0, dtype=np.int64), float(task.idle.sum())
    starts, ends = task.first[:-1], task.first[1:]
    cheapest = np.array([a + np.argmin(task.cost[a:b]) for a, b in zip(starts, ends, strict=True)], dtype=np.int64)
    scale = float(np.abs(task.cost).mean() + np.abs(task.price[:, 0]).mean()) or 1.0
    best, value = _anneal(
        task.amount, task.first, task.site, task.cost, task.room, task.price, task.idle, task.unserved,
        cheapest, steps, hot * scale, COLD * scale, seed,
    )  # fmt: skip
    return best, float(value)
