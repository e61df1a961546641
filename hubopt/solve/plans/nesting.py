"""The zones' choice of their sites together with the sites' choice of their parents, with what lies above priced.

Kept as they are: all rows of the sites and their parents, sizes and links of both. Priced by the duals that are given:
the supply of the parents, per unit of each commodity over its cheapest arc, and whatever else binds them (land,
budgets, standards). Goods that a parent delivers to zones directly need its room too: they are zones of their own,
whose site is a part of the parent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hubopt.instance import LEVELS
from hubopt.model import Network
from hubopt.solve.milp import Mask, Vector
from hubopt.solve.plans.annealing import Numbers
from hubopt.solve.plans.lowest import DEARER, TURNS, Lowest, Steps, table
from hubopt.solve.plans.nested_annealing import nest
from hubopt.solve.plans.two_level import TwoLevel

AT_SITES = (
    "throughput_capacity", "throughput_reachable", "modules_at_most", "modules_at_least", "one_design_per_site",
    "outflow_balance",
)  # fmt: skip
"""Constraints that the task keeps where they touch a size or the throughput of its sites and parents."""
ON_LEGS = (
    "demand_met_or_unmet", "one_source_per_zone", "one_source_per_site", "link_needs_open_origin", "flow_needs_link",
    "flow_needs_open_origin", "link_within_capacity", "inflow_balance",
)  # fmt: skip
"""Constraints that the task keeps where they touch a link or flow of its legs."""
_PART = " (itself)"
"""What tells the part of a parent that delivers from the parent itself."""
STEPS_PER_ZONE = 20_000
"""Changes tried for each zone."""
MENDING, MENDING_HEAT = 0.2, 0.1
"""Changes tried once more where shares had to get dearer, and their first temperature, in those of the first time."""


def leg_above(network: Network, leg: str) -> str | None:
    """The single-sourced leg that feeds the sites of a single-sourced leg to zones; None if the task has one level.

    All that goes through the sites goes to zones over the leg, and all that goes through their parents to these sites
    or to zones: else the sizes of both depend on more than the task knows.
    """
    level = leg.partition("-")[0]
    above = [x for x in sorted(network.single_sourced) if x.endswith(f"-{level}") and x.partition("-")[0] in LEVELS]
    if len(above) != 1:
        return None
    parents = above[0].partition("-")[0]
    if parents == level:
        return None
    after = {following for item in network.commodities.values() for following in _following(item.chain)}
    if f"{parents}-zone" in network.single_sourced:
        return None
    fits = after >= {(parents, level)} and all(
        end == "zone" if start == level else end in ("zone", level) for start, end in after if start in (level, parents)
    )
    return above[0] if fits else None


def _following(chain: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(zip(chain, (*chain[1:], "zone"), strict=True))


@dataclass(frozen=True)
class Choice:
    """A choice of a :class:`NestedTask`: its cost, the columns of its links, and the parents that it uses."""

    value: float
    columns: np.ndarray
    parents: frozenset[str]
    pair: Numbers
    way: Numbers


@dataclass(frozen=True)
class NestedTask:
    """A task of two levels, and where its pairs stand in the program.

    ``links`` and ``up_links`` are the columns of the pairs' and upper pairs' links, -1 where there is none; ``parents``
    names the parents. Shapes: ``use`` (pairs, shares), ``allowed`` and ``price`` (shares,): see
    :class:`~hubopt.solve.plans.lowest.Task`.
    """

    packing: TwoLevel
    links: np.ndarray
    up_links: np.ndarray
    parents: tuple[str, ...]
    use: Vector
    allowed: Vector
    price: Vector

    def chosen(self, seed: int) -> np.ndarray:
        """Columns of the links that annealing chooses."""
        return self.choose(seed).columns

    def choose(
        self, seed: int, *, shut: Collection[str] = (), opened: Collection[str] = (), start: Choice | None = None,
        effort: float = 1.0, heat: float = 1.0,
    ) -> Choice:  # fmt: skip
        """Anneal; a share of service of which too much is used gets dearer and dearer.

        Parameters
        ----------
        shut, opened
            Parents that hold nothing, and parents that are paid for also when nothing needs them.
        start
            A choice of the same task to start from; with it belongs a ``heat`` below 1.
        effort
            Number of changes tried, in multiples of :data:`STEPS_PER_ZONE` for each zone.
        heat
            First temperature, as a multiple of the usual one.
        """
        task = self._limited(set(shut), set(opened))
        steps = int(effort * STEPS_PER_ZONE * len(task.amount))
        price, begun = self.price, None if start is None else (start.pair, start.way)
        for _ in range(TURNS):
            dearer = task._replace(cost=task.cost + self.use @ (price - self.price))
            pair, way, value = nest(dearer, steps, seed, heat=heat, start=begun)
            # what follows mends a choice: shorter, and from where it stands
            begun, steps, heat = (pair, way), int(effort * MENDING * STEPS_PER_ZONE * len(task.amount)), MENDING_HEAT
            over = self.use[pair].sum(axis=0) > self.allowed
            if not over.any():
                break
            price = np.where(over, np.maximum(price * DEARER, self._least_price()), price)
        used = np.unique(task.site[pair])
        columns = np.concatenate([self.links[pair], self.up_links[way[used]]])
        names = frozenset(self.parents[p] for p in np.unique(task.parent[way[used]]))
        return Choice(value, columns[columns >= 0].astype(np.intp), names, pair, way)

    def _limited(self, shut: set[str], opened: set[str]) -> TwoLevel:
        """The task with some parents that have no room, and some that are paid for in any case."""
        task = self.packing
        closed = np.array([name in shut for name in self.parents], dtype=bool)
        forced = np.array([name in opened for name in self.parents], dtype=bool)
        return task._replace(
            parent_room=np.where(closed[:, None], 0.0, task.parent_room),
            parent_price=np.where(closed[:, None], 0.0, task.parent_price),
            parent_idle=np.where(forced, task.parent_price[:, 0], np.where(closed, 0.0, task.parent_idle)),
        )

    def _least_price(self) -> float:
        """A price of a share at which its use by a pair costs a tenth of what the pair costs."""
        used = self.use[self.use > 0]
        return 0.1 * float(np.abs(self.packing.cost).mean() / used.mean()) if len(used) else 0.0


@dataclass(frozen=True)
class Nesting(Lowest):
    """The lowest sites of a leg and their parents on the leg ``above``, as the program and prices see them."""

    above: str

    @property
    def parent_level(self) -> str:
        """Level of the parents."""
        return self.above.partition("-")[0]

    @property
    def direct(self) -> str:
        """Leg on which parents serve zones themselves."""
        return f"{self.parent_level}-zone"

    @cached_property
    def kept(self) -> Mask:
        """Rows that the task keeps by itself."""
        program, period = self.program, self.period
        levels, legs = {self.level, self.parent_level}, {self.leg, self.above, self.direct}

        def at_sites(index: tuple[str, ...]) -> bool:
            return index[-1] == period and self.network.sites[index[0]].level in levels

        inside = np.zeros(program.columns, dtype=bool)
        for group in ("open", "modules", "throughput"):
            inside |= program.column_mask(group, at_sites)
        along = np.zeros(program.columns, dtype=bool)
        for group in ("link", "flow"):
            along |= program.column_mask(group, lambda index: index[-1] == period and index[0] in legs)
        pattern = abs(program.matrix)
        kept: Mask = np.isin(self.families, AT_SITES) & (pattern @ inside.astype(float) > 0)
        kept |= np.isin(self.families, ON_LEGS) & (pattern @ along.astype(float) > 0)
        supplied = program.column_mask(
            "throughput",
            lambda index: index[-1] == period and self.network.sites[index[0]].level == self.parent_level,
        )
        kept |= (self.families == "inflow_balance") & (pattern @ supplied.astype(float) > 0)
        return kept

    @cached_property
    def parent_sizes(self) -> dict[str, Steps]:
        """What each parent can hold, and at what cost."""
        return self.steps_of(self.parent_level)

    @cached_property
    def supply(self) -> dict[Any, float]:
        """Least price of a unit at the parent's gate and of its handling, by (parent, commodity)."""
        brought: dict[Any, float] = {}
        for (_, _, j, _, k, t), column in self.program.groups.get("flow", {}).items():
            if t == self.period and j in self.parent_sizes and self.program.upper[column] > 0:
                brought[j, k] = min(float(self.costs[column]), brought.get((j, k), np.inf))
        return {
            (p, k): cost + (brought.get((p, k), np.inf) if self.network.needs_feeding(p, k) else 0.0)
            for (p, k), cost in self.handling_at(self.parent_level).items()
        }

    def nested(self) -> NestedTask | None:
        """The task; None if there is nothing to choose."""
        parents = {p: number for number, p in enumerate(self.parent_sizes)}
        ups = self._ups(parents)
        sizes: dict[str, Steps] = {i: steps for i, steps in self.sizes.items() if i in ups}
        number = {i: place for place, i in enumerate(sizes)}
        ways = self._ways(number)
        if not ways:
            return None
        zones, counts = np.unique([zone for _, zone, _ in ways], return_counts=True)
        order = np.argsort([zone for _, zone, _ in ways], kind="stable")
        ways = [ways[place] for place in order]
        links = np.array([column for _, _, column in ways])
        up = [(q, column) for i in sizes for q, column in ups[i]]
        goods, share, kinds = self._goods(zones)
        ruin = self._unserved(links)
        up_cost = self._up_cost([(i, q) for i in sizes for q, _ in ups[i]], kinds, ruin) @ share
        direct = self._direct(parents, ruin)
        # a site that is part of a parent takes all that the parent delivers itself, at no cost of its own
        whole = float(sum(amount for _, amount, _ in direct)) + 1.0
        sizes |= {f"{p}{_PART}": [(whole, 0.0)] for p in parents}
        near = [(len(number) + parents[p], cost) for _, _, ends in direct for p, cost in ends]
        amounts = np.array([amount for _, amount, _ in direct])
        taken = np.array([sum(self.demand[zone].values()) for zone in zones])
        first = np.cumsum([0, *counts, *(len(ends) for _, _, ends in direct)])
        up_counts = [*(len(ups[i]) for i in number), *([1] * len(parents))]
        task = TwoLevel(
            amount=np.concatenate([taken, amounts]),
            goods=np.vstack([goods, amounts[:, None] * (np.arange(goods.shape[1]) == 0)]),
            above=np.concatenate([goods.sum(axis=1), amounts]),
            first=first.astype(np.int64),
            site=np.array([*(number[i] for i, _, _ in ways), *(site for site, _ in near)], dtype=np.int64),
            cost=np.concatenate(
                [self.costs[links] + [self.carrying(i, zone) for i, zone, _ in ways], [cost for _, cost in near]]
            ),
            room=table(sizes, 0),
            price=table(sizes, 1),
            idle=np.where([i in self.forced for i in sizes], table(sizes, 1)[:, 0], 0.0),
            pinned=np.repeat([0, 1], [len(number), len(parents)]).astype(np.int64),
            up_first=np.cumsum([0, *up_counts]).astype(np.int64),
            parent=np.array([*(parents[q] for q, _ in up), *parents.values()], dtype=np.int64),
            up_cost=np.vstack([up_cost, np.zeros((len(parents), goods.shape[1]))]),
            up_fixed=np.concatenate([self.costs[[column for _, column in up]], np.zeros(len(parents))]),
            parent_room=table(self.parent_sizes, 0),
            parent_price=table(self.parent_sizes, 1),
            parent_idle=np.where([p in self.forced for p in parents], table(self.parent_sizes, 1)[:, 0], 0.0),
            unserved=ruin,
        )
        use, allowed, price = self.shares([(i, zone) for i, zone, _ in ways])
        return NestedTask(
            task,
            np.array([*links, *([-1] * len(near))], dtype=np.intp),
            np.array([*(column for _, column in up), *([-1] * len(parents))], dtype=np.intp),
            tuple(parents),
            np.vstack([use, np.zeros((len(near), use.shape[1]))]),
            allowed,
            price,
        )

    def _ways(self, number: dict[str, int]) -> list[tuple[str, str, int]]:
        """(site, zone, column of the link) of all pairs."""
        return [
            (i, zone, column)
            for (leg, i, zone, t), column in self.program.groups.get("link", {}).items()
            if leg == self.leg and t == self.period and zone in self.demand and i in number
            if self.program.upper[column] > 0
        ]

    def _ups(self, parents: Collection[str]) -> dict[str, list[tuple[str, int]]]:
        """(parent, column of the link) by site."""
        found: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for (leg, p, i, t), column in self.program.groups.get("link", {}).items():
            if leg == self.above and t == self.period and p in parents and self.program.upper[column] > 0:
                found[i].append((p, column))
        return dict(found)

    def _goods(self, zones: Collection[str]) -> tuple[Vector, Vector, list[str]]:
        """What zones take of each kind through a parent, each commodity's share of its kind, and the commodities.

        Commodities of which all zones take the same mix are one kind. Shapes: (zones, kinds), (commodities, kinds).
        """
        names = sorted(
            {k for zone in zones for k in self.demand[zone] if self.parent_level in self.network.commodities[k].chain}
        )
        taken = np.array([[self.demand[zone].get(k, 0.0) for k in names] for zone in zones]).reshape(-1, len(names))
        kinds: list[Vector] = []
        share = np.zeros((len(names), max(1, len(names))))
        for place, total in enumerate(taken.sum(axis=0)):
            mix = taken[:, place] / total
            same = [j for j, other in enumerate(kinds) if np.allclose(mix, other, rtol=1e-9, atol=0)]
            if not same:
                kinds.append(mix)
            share[place, same[0] if same else len(kinds) - 1] = total
        share = share[:, : max(1, len(kinds))]
        weights = share.sum(axis=0)
        goods = np.column_stack(
            [mix * weight for mix, weight in zip(kinds, weights, strict=False)] or [taken.sum(axis=1)]
        )
        return goods, share / np.where(weights > 0, weights, 1.0), names

    def _up_cost(self, pairs: list[tuple[str, str]], goods: list[str], ruin: float) -> Vector:
        """Cost of a unit of each commodity from above the parent down to the site; shape (pairs, commodities)."""
        flows = self.flows_on(self.above)
        cost = np.full((len(pairs), len(goods)), ruin)
        for place, (i, p) in enumerate(pairs):
            for j, k in enumerate(goods):
                column = flows.get((p, i, k))
                if column is not None:
                    cost[place, j] = min(ruin, self.costs[column] + self.supply.get((p, k), np.inf))
        return cost

    def _direct(self, parents: Collection[str], ruin: float) -> list[tuple[str, float, list[tuple[str, float]]]]:
        """Goods that parents deliver themselves: the zone, its amount, and (parent, cost)."""
        ends: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
        for (p, zone, k), column in self.flows_on(self.direct).items():
            amount = self.network.demand.get((zone, k, self.period), 0.0)
            unit = self.costs[column] + self.supply.get((p, k), np.inf)
            if p in parents and amount > 0:
                ends[zone, k].append((p, amount * float(min(unit, ruin))))
        return [(zone, self.network.demand[zone, k, self.period], found) for (zone, k), found in ends.items()]

    def _unserved(self, links: np.ndarray) -> float:
        """Cost of a unit that is not delivered, or a price above all others where everything must be."""
        if self.missing:
            return float(np.mean(list(self.missing.values())))
        return self.ruinous(links) + 100.0 * float(table(self.parent_sizes, 1).max())
