"""Compound moves of a two-level choice: whole sites and parents are closed, opened, and exchanged for others.

Each leaves its changes in the journal of the state; whether they stand is for the caller to say. A move that cannot be
made says so and leaves the rest to :func:`~hubopt.solve.plans.two_level.undo`.
"""

from __future__ import annotations

import numpy as np

from hubopt.solve.plans.annealing import inner
from hubopt.solve.plans.two_level import (
    Reverse,
    State,
    TwoLevel,
    above,
    in_use,
    lift,
    lift_change,
    parent_cost,
    shift,
    shift_change,
)


@inner
def move_away(t: TwoLevel, s: State, z: int, shunned: int) -> bool:
    """Shift a zone to the best other site in use that is not fed by the parent ``shunned``; False if there is none."""
    a = t.site[s.pair[z]]
    best, best_q, least = -1, -1, np.inf
    for new in range(t.first[z], t.first[z + 1]):
        b = t.site[new]
        if b == a or not in_use(t, s, b) or t.parent[s.way[b]] == shunned:
            continue
        change = shift_change(t, s, z, new, s.way[b])
        if change < least:
            best, best_q, least = new, s.way[b], change
    if best < 0:
        return False
    shift(t, s, z, best, best_q, least)
    return True


@inner
def close_site(t: TwoLevel, s: State, a: int, shunned: int) -> bool:
    """Shift all zones of a site to others in use, not fed by the parent ``shunned``."""
    while s.head[a] >= 0:
        if not move_away(t, s, s.head[a], shunned):
            return False
    return True


@inner
def swap_site(t: TwoLevel, s: State, a: int, b: int) -> bool:
    """Shift all zones of a site to another one where they can, and elsewhere where they cannot."""
    while s.head[a] >= 0:
        z = s.head[a]
        new = -1
        for pair in range(t.first[z], t.first[z + 1]):
            if t.site[pair] == b:
                new = pair
        if new < 0:
            if not move_away(t, s, z, -1):
                return False
            continue
        q = _way_for_all(t, s, a, b) if s.members[b] == 0 else s.way[b]
        shift(t, s, z, new, q, shift_change(t, s, z, new, q))
    return True


@inner
def _way_for_all(t: TwoLevel, s: State, a: int, b: int) -> int:
    """The cheapest upper pair of a site that takes over all goods of another one."""
    best, least = s.way[b], np.inf
    for q in range(t.up_first[b], t.up_first[b + 1]):
        p = t.parent[q]
        cost = t.up_fixed[q]
        for k in range(t.goods.shape[1]):
            cost += s.mix[a, k] * t.up_cost[q, k]
        if p != t.parent[s.way[a]]:
            cost += parent_cost(t, s, p, s.parent_load[p] + above(s, a), s.parent_members[p] + 1) - s.parent_value[p]
        if cost < least:
            best, least = q, cost
    return int(best)


@inner
def open_site(t: TwoLevel, r: Reverse, s: State, b: int) -> bool:
    """Shift zones to a site not in use for which it is cheaper at the mean price of what it holds."""
    size = np.random.randint(t.room.shape[1])
    room = t.room[b, size]
    if room <= 0.0 or r.first[b] == r.first[b + 1]:
        return False
    q = t.up_first[b] + np.random.randint(t.up_first[b + 1] - t.up_first[b])
    worth = np.random.random()
    for place in range(r.first[b], r.first[b + 1]):
        z, new = r.zone[place], r.pair[place]
        a = t.site[s.pair[z]]
        if s.load[b] + t.amount[z] > room + 1e-9:
            continue
        o = s.way[a]
        dearer = s.value[a] / max(s.load[a], 1e-9) - t.price[b, size] / room
        gain = t.cost[s.pair[z]] - t.cost[new] + t.amount[z] * worth * dearer
        for k in range(t.goods.shape[1]):
            gain += t.goods[z, k] * (t.up_cost[o, k] - t.up_cost[q, k])
        if gain > 0:
            shift(t, s, z, new, q, shift_change(t, s, z, new, q))
    return bool(s.members[b] > 0)


@inner
def close_parent(t: TwoLevel, s: State, p: int, instead: int) -> bool:
    """Feed the sites of a parent from ``instead`` where they can be, and else from others in use; or close them."""
    while s.parent_head[p] >= 0:
        a = s.parent_head[p]
        best, least = -1, np.inf
        for q in range(t.up_first[a], t.up_first[a + 1]):
            r = t.parent[q]
            if r == p or (s.parent_members[r] == 0 and r != instead):
                continue
            if r == instead:
                best = q
                break
            change = lift_change(t, s, a, q)
            if change < least:
                best, least = q, change
        if best >= 0:
            lift(t, s, a, best, lift_change(t, s, a, best))
        elif not close_site(t, s, a, p):
            return False
    return True


@inner
def open_parent(t: TwoLevel, r: Reverse, s: State, p: int) -> bool:
    """Feed from a parent the sites in use for which it is cheaper at the mean price of what parents hold."""
    size = np.random.randint(t.parent_room.shape[1])
    room = t.parent_room[p, size]
    if room <= 0.0:
        return False
    worth = np.random.random()
    for place in range(r.up_first[p], r.up_first[p + 1]):
        a, q = r.up_site[place], r.up_pair[place]
        if s.members[a] == 0 or t.parent[s.way[a]] == p or s.parent_load[p] + above(s, a) > room + 1e-9:
            continue
        o = t.parent[s.way[a]]
        dearer = s.parent_value[o] / max(s.parent_load[o], 1e-9) - t.parent_price[p, size] / room
        gain = t.up_fixed[s.way[a]] - t.up_fixed[q] + worth * above(s, a) * dearer
        for k in range(t.goods.shape[1]):
            gain += s.mix[a, k] * (t.up_cost[s.way[a], k] - t.up_cost[q, k])
        if gain > 0:
            lift(t, s, a, q, lift_change(t, s, a, q))
    return bool(s.parent_members[p] > 0)


@inner
def upheave(t: TwoLevel, r: Reverse, s: State) -> bool:
    """Make a compound move drawn at random; False if it cannot be made."""
    kind = np.random.randint(6)
    z = np.random.randint(len(t.amount))
    if kind < 3:
        # sites near a zone drawn at random: its own and another of its choices
        a = t.site[s.pair[z]]
        b = t.site[np.random.randint(t.first[z], t.first[z + 1])]
        if kind == 0:
            return bool(not t.pinned[a] and close_site(t, s, a, -1))
        if a == b or t.pinned[b] or s.members[b] > 0:
            return False
        if kind == 1:
            return bool(not t.pinned[a] and swap_site(t, s, a, b))
        return bool(open_site(t, r, s, b))
    a = t.site[s.pair[z]]
    p = t.parent[s.way[a]]
    if kind == 3:
        return bool(close_parent(t, s, p, -1))
    new = t.parent[np.random.randint(t.up_first[a], t.up_first[a + 1])]
    if new == p or s.parent_members[new] > 0:
        return False
    if kind == 4:
        return bool(close_parent(t, s, p, new))
    return bool(open_parent(t, r, s, new))
