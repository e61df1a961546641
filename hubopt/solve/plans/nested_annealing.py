"""The schedule of a two-level annealing: where it starts, how it cools, and where it ends.

While it is hot, what is unserved costs no more than room does, so that sites may be overfull on the way from one good
choice to another; halfway down the price is what it is in the task.
"""

from __future__ import annotations

import numpy as np

from hubopt.solve.plans.annealing import Numbers, compiled, inner
from hubopt.solve.plans.two_level import (
    Reverse,
    State,
    TwoLevel,
    begin,
    keep,
    lift,
    lift_change,
    make_state,
    recount,
    reversed_pairs,
    shift,
    shift_change,
    undo,
    way_in,
)
from hubopt.solve.plans.upheavals import upheave

HOT, COLD = 0.3, 1e-4
"""First and last temperature, in mean costs of serving a zone."""
STAGES = 200
"""Temperatures between them."""
LIFT_IN, UPHEAVAL_IN = 20, 300
"""One change in so many is that of a site's parent, and one a compound move."""
SLACK = 2.0
"""First price of a unit unserved, in mean prices of room for it."""


@inner
def _accepted(change: float, heat: float) -> bool:
    return bool(change <= 0 or np.random.random() < np.exp(-change / heat))


@inner
def _stage(t: TwoLevel, r: Reverse, s: State, steps: int, heat: float, lift_in: int, upheaval_in: int) -> None:
    """So many changes tried at one temperature."""
    zones = len(t.amount)
    for step in range(steps):
        if step % upheaval_in == 0:
            total = s.total[0]
            begin(s)
            if upheave(t, r, s) and _accepted(s.total[0] - total, heat):
                keep(s)
            else:
                undo(t, s, total)
            continue
        z = np.random.randint(zones)
        if step % lift_in == 0:
            a = t.site[s.pair[z]]
            q = np.random.randint(t.up_first[a], t.up_first[a + 1])
            if q != s.way[a]:
                change = lift_change(t, s, a, q)
                if _accepted(change, heat):
                    lift(t, s, a, q, change)
            continue
        new = np.random.randint(t.first[z], t.first[z + 1])
        if new == s.pair[z]:
            continue
        q = way_in(t, s, t.site[new], z)
        change = shift_change(t, s, z, new, q)
        if _accepted(change, heat):
            shift(t, s, z, new, q, change)


@inner
def _descend(t: TwoLevel, s: State) -> None:
    """Shift zones and sites, one at a time, while that saves."""
    saving = True
    while saving:
        saving = False
        recount(t, s)
        for z in range(len(t.amount)):
            for new in range(t.first[z], t.first[z + 1]):
                b = t.site[new]
                ways = (s.way[b], s.way[b] + 1) if s.members[b] > 0 else (t.up_first[b], t.up_first[b + 1])
                for q in range(*ways):
                    if new == s.pair[z]:
                        break
                    change = shift_change(t, s, z, new, q)
                    if change < -1e-9:
                        shift(t, s, z, new, q, change)
                        saving = True
        for a in range(len(t.idle)):
            for q in range(t.up_first[a], t.up_first[a + 1]):
                if s.members[a] > 0 and q != s.way[a]:
                    change = lift_change(t, s, a, q)
                    if change < -1e-9:
                        lift(t, s, a, q, change)
                        saving = True
    recount(t, s)


@compiled
def _anneal(
    t: TwoLevel, r: Reverse, s: State, steps: int, stages: int, hot: float, cold: float, lenient: float, seed: int,
    lift_in: int, upheaval_in: int,
) -> tuple[Numbers, Numbers, float]:  # fmt: skip
    """The best choice found, as the pair of each zone and the upper pair of each site, and its cost."""
    np.random.seed(seed)
    best, best_way, least = s.pair.copy(), s.way.copy(), np.inf
    for stage in range(stages):
        done = stage / max(stages - 1, 1)
        s.total[1] = lenient * (t.unserved / lenient) ** min(1.0, 2 * done)
        recount(t, s)
        _stage(t, r, s, max(steps // stages, 1), hot * (cold / hot) ** done, lift_in, upheaval_in)
        if s.total[1] == t.unserved and s.total[0] < least:
            least = s.total[0]
            best[:] = s.pair
            best_way[:] = s.way
    s.total[1] = t.unserved
    _descend(t, s)
    if least < s.total[0]:
        s.pair[:] = best
        s.way[:] = best_way
        _descend(t, s)
    return s.pair, s.way, s.total[0]


def nest(
    task: TwoLevel, steps: int, seed: int, *, heat: float = 1.0, start: tuple[Numbers, Numbers] | None = None,
) -> tuple[Numbers, Numbers, float]:  # fmt: skip
    """Put zones to sites and sites to parents at least cost, as far as ``steps`` changes tried lead.

    Parameters
    ----------
    heat
        First temperature, in multiples of :data:`HOT`.
    start
        A choice to start from, as this function gives it; without one, zones go where that costs least by itself.

    Returns
    -------
    tuple
        The pair of each zone (a position in ``task.site``), the upper pair of each site (a position in
        ``task.parent``, without meaning where no zone goes to the site), and the cost of the whole.
    """
    if start is None:
        pair = _cheapest(task.cost, task.first)
        start = pair, _cheapest(task.up_cost.sum(axis=1), task.up_first)
    state = make_state(task, *start)
    if not len(task.amount):
        return state.pair, state.way, float(state.total[0])
    scale = float(np.abs(task.cost).mean() + np.abs(task.price[:, 0]).mean()) or 1.0
    room = float(np.sum(task.room[:, -1]) + np.sum(task.parent_room[:, -1]))
    worth = float(np.sum(task.price[:, -1]) + np.sum(task.parent_price[:, -1])) / max(room, 1e-9)
    # what is left unserved costs something at first, however little in the end: annealing divides by it
    lenient = max(min(task.unserved, SLACK * worth), 1e-9)
    pair, way, value = _anneal(
        task, reversed_pairs(task), state, steps, STAGES, heat * HOT * scale, COLD * scale, lenient, seed,
        LIFT_IN, UPHEAVAL_IN,
    )  # fmt: skip
    return pair, way, float(value)


def _cheapest(cost: np.ndarray, first: Numbers) -> Numbers:
    """Position of the least cost of each group."""
    order = np.lexsort((cost, np.repeat(np.arange(len(first) - 1), np.diff(first))))
    cheapest: Numbers = order[first[:-1]].astype(np.int64)
    return cheapest
