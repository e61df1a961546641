"""Which site serves which zone and which parent feeds which site, in one simulated annealing.

Where parents cost by steps of their size as well, the prices of a relaxation say little about which of them to open:
the choice is a whole one. Here zones go to sites and sites with all their zones to parents; what lies above the
parents is priced per unit. Besides single shifts, whole sites and parents are closed, opened and exchanged for others
now and then, each such compound change being judged as one and taken back exactly if it is refused.

S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi: Optimization by simulated annealing. Science 220 (1983) 671-680.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hubopt.solve.plans.annealing import Numbers, Vector, compiled, inner, step_cost


class TwoLevel(NamedTuple):
    """Zones to be put whole to sites, and sites whole to parents, all of limited size (model units).

    Zone ``z`` may go to the sites ``site[first[z]:first[z+1]]`` at the costs ``cost`` beside them. It takes
    ``amount[z]``, of which ``above[z]`` comes through the parent, ``goods[z, k]`` of each kind. A site in use goes to
    one of the parents ``parent[up_first[s]:up_first[s+1]]``, at ``up_fixed`` and ``up_cost[., k]`` a unit. Site ``s``
    holds ``room[s, j]`` at ``price[s, j]``, both rising with ``j`` and the last repeated to the end of the row; with
    nothing in it, it costs ``idle[s]``; parents likewise. A ``pinned`` site is part of its only parent and is there as
    soon as the parent is. Goods above the largest room cost ``unserved`` per unit.
    """

    amount: Vector
    goods: Vector
    above: Vector
    first: Numbers
    site: Numbers
    cost: Vector
    room: Vector
    price: Vector
    idle: Vector
    pinned: Numbers
    up_first: Numbers
    parent: Numbers
    up_cost: Vector
    up_fixed: Vector
    parent_room: Vector
    parent_price: Vector
    parent_idle: Vector
    unserved: float


class Reverse(NamedTuple):
    """Pairs by their upper end: ``zone`` and ``pair`` between ``first[s]`` and ``first[s+1]``, and likewise above."""

    first: Numbers
    pair: Numbers
    zone: Numbers
    up_first: Numbers
    up_pair: Numbers
    up_site: Numbers


class State(NamedTuple):
    """A choice and what follows from it.

    ``pair`` of each zone, ``way`` (the upper pair) of each site, which it keeps while it is not in use. Sites and
    parents have their ``load``, ``members`` (how many), ``value`` (their cost by size), and a list of what is linked
    to them: ``head``, ``next`` and ``before``, ended by -1. ``total`` holds the cost of all and the price of what is
    unserved; ``journal`` the changes of a compound move, as (0 for a zone or 1 for a site, which, where from), and
    ``size`` their number and whether they are recorded.
    """

    pair: Numbers
    way: Numbers
    load: Vector
    mix: Vector
    members: Numbers
    value: Vector
    parent_load: Vector
    parent_members: Numbers
    parent_value: Vector
    head: Numbers
    next: Numbers
    before: Numbers
    parent_head: Numbers
    parent_next: Numbers
    parent_before: Numbers
    total: Vector
    journal: Numbers
    size: Numbers


JOURNAL_OF, SIZE_OF, RECORDING = 3, 0, 1
"""Width of an entry of the journal, and the places of the number of entries and of the flag in ``State.size``."""


def reversed_pairs(task: TwoLevel) -> Reverse:
    """The pairs of a task by their upper end, the cheapest first."""
    zone = np.repeat(np.arange(len(task.amount)), np.diff(task.first))
    order = np.lexsort((task.cost, task.site)).astype(np.int64)
    sites = np.repeat(np.arange(len(task.idle)), np.diff(task.up_first))
    up_order = np.lexsort((task.up_cost.sum(axis=1), task.parent)).astype(np.int64)
    return Reverse(
        first=np.searchsorted(task.site[order], np.arange(len(task.idle) + 1)).astype(np.int64),
        pair=order,
        zone=zone[order].astype(np.int64),
        up_first=np.searchsorted(task.parent[up_order], np.arange(len(task.parent_idle) + 1)).astype(np.int64),
        up_pair=up_order,
        up_site=sites[up_order].astype(np.int64),
    )


def make_state(task: TwoLevel, pair: Numbers, way: Numbers) -> State:
    """The state of a choice at the task's price of what is unserved."""
    sites, parents, kinds = len(task.idle), len(task.parent_idle), task.goods.shape[1]
    zones = len(task.amount)
    state = State(
        pair=pair.astype(np.int64), way=way.astype(np.int64),
        load=np.zeros(sites), mix=np.zeros((sites, kinds)), members=np.zeros(sites, dtype=np.int64),
        value=np.zeros(sites),
        parent_load=np.zeros(parents), parent_members=np.zeros(parents, dtype=np.int64), parent_value=np.zeros(parents),
        head=np.empty(sites, dtype=np.int64), next=np.empty(zones, dtype=np.int64),
        before=np.empty(zones, dtype=np.int64),
        parent_head=np.empty(parents, dtype=np.int64), parent_next=np.empty(sites, dtype=np.int64),
        parent_before=np.empty(sites, dtype=np.int64),
        total=np.zeros(2), journal=np.empty((3 * (zones + sites) + 8, JOURNAL_OF), dtype=np.int64),
        size=np.zeros(2, dtype=np.int64),
    )  # fmt: skip
    state.total[1] = task.unserved
    recount(task, state)
    return state


@compiled
def recount(t: TwoLevel, s: State) -> None:
    """Work out everything that follows from ``pair`` and ``way``, and with it the cost of all."""
    s.load[:] = 0.0
    s.mix[:] = 0.0
    s.members[:] = 0
    s.parent_load[:] = 0.0
    s.parent_members[:] = 0
    s.head[:] = -1
    s.parent_head[:] = -1
    total = 0.0
    for z in range(len(t.amount)):
        a = t.site[s.pair[z]]
        s.load[a] += t.amount[z]
        s.members[a] += 1
        for k in range(t.goods.shape[1]):
            s.mix[a, k] += t.goods[z, k]
        _enter(s.head, s.next, s.before, a, z)
        total += t.cost[s.pair[z]]
    for a in range(len(t.idle)):
        s.value[a] = step_cost(s.load[a], s.members[a], t.room[a], t.price[a], t.idle[a], s.total[1])
        total += s.value[a]
        if s.members[a] > 0:
            q = s.way[a]
            p = t.parent[q]
            s.parent_load[p] += above(s, a)
            s.parent_members[p] += 1
            _enter(s.parent_head, s.parent_next, s.parent_before, p, a)
            total += t.up_fixed[q]
            for k in range(t.goods.shape[1]):
                total += s.mix[a, k] * t.up_cost[q, k]
    for p in range(len(t.parent_idle)):
        s.parent_value[p] = parent_cost(t, s, p, s.parent_load[p], s.parent_members[p])
        total += s.parent_value[p]
    s.total[0] = total


@inner
def _enter(head: Numbers, after: Numbers, before: Numbers, owner: int, item: int) -> None:
    first = head[owner]
    after[item], before[item] = first, -1
    if first >= 0:
        before[first] = item
    head[owner] = item


@inner
def _leave(head: Numbers, after: Numbers, before: Numbers, owner: int, item: int) -> None:
    if before[item] >= 0:
        after[before[item]] = after[item]
    else:
        head[owner] = after[item]
    if after[item] >= 0:
        before[after[item]] = before[item]


@inner
def site_cost(t: TwoLevel, s: State, a: int, load: float, count: int) -> float:
    """What a site costs with so much in it."""
    return float(step_cost(load, count, t.room[a], t.price[a], t.idle[a], s.total[1]))


@inner
def parent_cost(t: TwoLevel, s: State, p: int, load: float, count: int) -> float:
    """What a parent costs with so much in it."""
    return float(step_cost(load, count, t.parent_room[p], t.parent_price[p], t.parent_idle[p], s.total[1]))


@inner
def above(s: State, a: int) -> float:
    """What a site gets through its parent."""
    total = 0.0
    for k in range(s.mix.shape[1]):
        total += s.mix[a, k]
    return total


@inner
def in_use(t: TwoLevel, s: State, a: int) -> bool:
    """Whether a site has zones, or is part of a parent that has something."""
    return bool(s.members[a] > 0 or (t.pinned[a] and s.parent_members[t.parent[s.way[a]]] > 0))


@inner
def way_in(t: TwoLevel, s: State, a: int, z: int) -> int:
    """The upper pair over which a site gets the goods of a zone: its own if it is in use, else the cheapest."""
    if s.members[a] > 0 or t.up_first[a + 1] - t.up_first[a] == 1:
        return int(s.way[a])
    best, least = s.way[a], np.inf
    for q in range(t.up_first[a], t.up_first[a + 1]):
        p = t.parent[q]
        cost = t.up_fixed[q] - s.parent_value[p]
        cost += parent_cost(t, s, p, s.parent_load[p] + t.above[z], s.parent_members[p] + 1)
        for k in range(t.goods.shape[1]):
            cost += t.goods[z, k] * t.up_cost[q, k]
        if cost < least:
            best, least = q, cost
    return int(best)


@inner
def shift_change(t: TwoLevel, s: State, z: int, new: int, q: int) -> float:
    """What it changes to shift a zone to another pair, whose site gets its goods over the upper pair ``q``."""
    old = s.pair[z]
    a, b = t.site[old], t.site[new]
    if a == b:
        return float(t.cost[new] - t.cost[old])
    amount, o = t.amount[z], s.way[a]
    change = t.cost[new] - t.cost[old] - s.value[a] - s.value[b]
    change += site_cost(t, s, a, s.load[a] - amount, s.members[a] - 1)
    change += site_cost(t, s, b, s.load[b] + amount, s.members[b] + 1)
    if q != o:
        for k in range(t.goods.shape[1]):
            change += t.goods[z, k] * (t.up_cost[q, k] - t.up_cost[o, k])
    closing, opening = s.members[a] == 1, s.members[b] == 0
    if closing:
        change -= t.up_fixed[o]
    if opening:
        change += t.up_fixed[q]
    p, r = t.parent[o], t.parent[q]
    if p != r:
        amount = t.above[z]
        change += parent_cost(t, s, p, s.parent_load[p] - amount, s.parent_members[p] - closing) - s.parent_value[p]
        change += parent_cost(t, s, r, s.parent_load[r] + amount, s.parent_members[r] + opening) - s.parent_value[r]
    return float(change)


@inner
def shift(t: TwoLevel, s: State, z: int, new: int, q: int, change: float) -> None:
    """Shift a zone to another pair; ``change`` is what :func:`shift_change` says."""
    old = s.pair[z]
    a, b = t.site[old], t.site[new]
    _note(s, 0, z, old)
    s.total[0] += change
    s.pair[z] = new
    if a == b:
        return
    amount, o = t.amount[z], s.way[a]
    closing, opening = s.members[a] == 1, s.members[b] == 0
    p, r = t.parent[o], t.parent[q]
    _leave(s.head, s.next, s.before, a, z)
    _enter(s.head, s.next, s.before, b, z)
    if closing:
        _leave(s.parent_head, s.parent_next, s.parent_before, p, a)
        s.parent_members[p] -= 1
    if opening:
        _note(s, 1, b, s.way[b])
        s.way[b] = q
        _enter(s.parent_head, s.parent_next, s.parent_before, r, b)
        s.parent_members[r] += 1
    s.members[a] -= 1
    s.members[b] += 1
    s.load[a] = 0.0 if closing else s.load[a] - amount
    s.load[b] += amount
    for k in range(t.goods.shape[1]):
        s.mix[a, k] = 0.0 if closing else s.mix[a, k] - t.goods[z, k]
        s.mix[b, k] += t.goods[z, k]
    s.value[a] = site_cost(t, s, a, s.load[a], s.members[a])
    s.value[b] = site_cost(t, s, b, s.load[b], s.members[b])
    if p != r:
        s.parent_load[p] = 0.0 if s.parent_members[p] == 0 else s.parent_load[p] - t.above[z]
        s.parent_load[r] += t.above[z]
        s.parent_value[p] = parent_cost(t, s, p, s.parent_load[p], s.parent_members[p])
        s.parent_value[r] = parent_cost(t, s, r, s.parent_load[r], s.parent_members[r])


@inner
def lift_change(t: TwoLevel, s: State, a: int, q: int) -> float:
    """What it changes to feed a site in use, with all its zones, over another upper pair."""
    o = s.way[a]
    change = t.up_fixed[q] - t.up_fixed[o]
    for k in range(t.goods.shape[1]):
        change += s.mix[a, k] * (t.up_cost[q, k] - t.up_cost[o, k])
    p, r = t.parent[o], t.parent[q]
    if p != r:
        load = above(s, a)
        change += parent_cost(t, s, p, s.parent_load[p] - load, s.parent_members[p] - 1) - s.parent_value[p]
        change += parent_cost(t, s, r, s.parent_load[r] + load, s.parent_members[r] + 1) - s.parent_value[r]
    return float(change)


@inner
def lift(t: TwoLevel, s: State, a: int, q: int, change: float) -> None:
    """Feed a site in use over another upper pair; ``change`` is what :func:`lift_change` says."""
    o = s.way[a]
    _note(s, 1, a, o)
    s.total[0] += change
    s.way[a] = q
    p, r = t.parent[o], t.parent[q]
    if p == r:
        return
    _leave(s.parent_head, s.parent_next, s.parent_before, p, a)
    _enter(s.parent_head, s.parent_next, s.parent_before, r, a)
    load = above(s, a)
    s.parent_members[p] -= 1
    s.parent_members[r] += 1
    s.parent_load[p] = 0.0 if s.parent_members[p] == 0 else s.parent_load[p] - load
    s.parent_load[r] += load
    s.parent_value[p] = parent_cost(t, s, p, s.parent_load[p], s.parent_members[p])
    s.parent_value[r] = parent_cost(t, s, r, s.parent_load[r], s.parent_members[r])


@inner
def _note(s: State, kind: int, item: int, old: int) -> None:
    if s.size[RECORDING]:
        place = s.size[SIZE_OF]
        if place < len(s.journal):
            s.journal[place, 0], s.journal[place, 1], s.journal[place, 2] = kind, item, old
        s.size[SIZE_OF] = place + 1


@inner
def begin(s: State) -> None:
    """Record what changes from now on."""
    s.size[SIZE_OF] = 0
    s.size[RECORDING] = 1


@inner
def keep(s: State) -> None:
    """Let what has changed since :func:`begin` stand."""
    s.size[RECORDING] = 0


@inner
def undo(t: TwoLevel, s: State, total: float) -> None:
    """Take back, last first, what has changed since :func:`begin`, when the cost was ``total``."""
    s.size[RECORDING] = 0
    for place in range(s.size[SIZE_OF] - 1, -1, -1):
        kind, item, old = s.journal[place, 0], s.journal[place, 1], s.journal[place, 2]
        if kind == 0:
            shift(t, s, item, old, s.way[t.site[old]], 0.0)
        elif s.members[item] > 0:
            lift(t, s, item, old, 0.0)
        else:
            s.way[item] = old
    s.total[0] = total
