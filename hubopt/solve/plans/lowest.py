"""The zones' choice of their lowest sites as a task of its own, with everything above priced by the relaxation.

The rows that bind the lowest sites to the rest (their supply from above, land, budgets, standards) are dualised: each
column of a zone's link, its goods and a site's size gets its cost less what its use of those rows is worth. Left are
zones that go whole to sites of limited size (:class:`~hubopt.solve.plans.annealing.Packing`). Goods of different kinds
count together, so that handling classes of their own are left to the solves that follow.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse

from hubopt.model import Network
from hubopt.solve.milp import Mask, Milp, Vector
from hubopt.solve.plans.annealing import Packing, pack

STRUCTURE = frozenset(
    (
        "demand_met_or_unmet", "outflow_balance", "throughput_capacity", "throughput_reachable", "modules_at_most",
        "modules_at_least", "one_design_per_site", "one_source_per_zone", "link_needs_open_origin", "flow_needs_link",
        "flow_needs_open_origin", "link_within_capacity",
    )
)  # fmt: skip
"""Constraints that the packing keeps by itself."""
SHARES = frozenset(("chain_share", "delivery_share"))
"""Dualised constraints of which the packing uses at most as much as the relaxation does."""
Steps = list[tuple[float, float]]
"""What a site can hold and what that costs, by size."""
STEPS_PER_ZONE = 20_000
"""Changes tried for each zone: 4 million on 200 zones take half a second and end within 0.5 % of the bound."""
TURNS, DEARER = 8, 2.0
"""Packings at most, and the factor by which the price of a share rises from one to the next while too much is used."""


@dataclass(frozen=True)
class Task:
    """A packing, the column of each of its pairs' link, and what each pair uses of each share.

    Shapes: ``links`` (pairs,), ``use`` (pairs, shares), ``allowed`` and ``price`` (shares,).
    """

    packing: Packing
    links: np.ndarray
    use: Vector
    allowed: Vector
    price: Vector

    def chosen(self, seed: int) -> np.ndarray:
        """Columns of the links that annealing chooses; a share of which too much is used gets dearer and dearer."""
        steps = STEPS_PER_ZONE * len(self.packing.amount)
        price = self.price
        for _ in range(TURNS):
            cost = self.packing.cost + self.use @ (price - self.price)
            best, _ = pack(replace(self.packing, cost=cost), steps, seed)
            over = self.use[best].sum(axis=0) > self.allowed
            if not over.any():
                break
            price = np.where(over, np.maximum(price * DEARER, self._least_price()), price)
        chosen: np.ndarray = self.links[best]
        return chosen

    def _least_price(self) -> float:
        """A price of a share at which its use by a pair costs a tenth of what the pair costs."""
        used = self.use[self.use > 0]
        return 0.1 * float(np.abs(self.packing.cost).mean() / used.mean()) if len(used) else 0.0


@dataclass(frozen=True)
class Lowest:
    """The lowest sites of one leg in one period, as the program and its relaxation see them."""

    network: Network
    program: Milp
    families: np.ndarray
    duals: Vector
    point: Vector
    leg: str
    period: str

    @property
    def level(self) -> str:
        """Level of the sites."""
        return self.leg.partition("-")[0]

    @cached_property
    def costs(self) -> Vector:
        """Cost of each column less the worth of its use of all rows that are not kept (model units)."""
        costs: Vector = self.program.cost - self.program.matrix.T @ np.where(self.kept, 0.0, self.duals)
        return costs

    @cached_property
    def kept(self) -> Mask:
        """Rows that the packing keeps by itself."""
        kept: Mask = np.isin(self.families, list(STRUCTURE))
        return kept

    @cached_property
    def demand(self) -> dict[str, dict[str, float]]:
        """What the lowest sites deliver, by zone and commodity (flow units)."""
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for (zone, k, t), amount in self.network.demand.items():
            if t == self.period and self.network.commodities[k].chain[-1] == self.level and amount > 0:
                found[zone][k] = amount
        return found

    @cached_property
    def flows(self) -> dict[Any, int]:
        """Column of the cheapest mode by (site, zone, commodity)."""
        return self.flows_on(self.leg)

    def flows_on(self, wanted: str) -> dict[Any, int]:
        """Column of the cheapest mode by (upper end, lower end, commodity) of a leg."""
        found: dict[Any, int] = {}
        for (leg, i, j, _, k, t), column in self.program.groups.get("flow", {}).items():
            if leg == wanted and t == self.period and self.program.upper[column] > 0:
                best = found.setdefault((i, j, k), column)
                if self.costs[column] < self.costs[best]:
                    found[i, j, k] = column
        return found

    @cached_property
    def handling(self) -> dict[Any, float]:
        """Least cost of a unit's handling by (site, commodity)."""
        return self.handling_at(self.level)

    def handling_at(self, level: str) -> dict[Any, float]:
        """Least cost of a unit's handling by (site, commodity) of a level."""
        found: dict[Any, float] = {}
        for (i, _, k, t), column in self.program.groups.get("throughput", {}).items():
            if t == self.period and self.network.sites[i].level == level:
                found[i, k] = min(float(self.costs[column]), found.get((i, k), np.inf))
        return found

    @cached_property
    def missing(self) -> dict[Any, float]:
        """Cost of a unit that is not delivered, by (zone, commodity); nothing where it must be."""
        return {
            (zone, k): float(self.costs[column])
            for (zone, k, t), column in self.program.groups.get("unmet", {}).items()
            if t == self.period and k in self.demand.get(zone, {})
        }

    @cached_property
    def sizes(self) -> dict[str, Steps]:
        """What each site can hold, rising, at the cost of the cheapest design and size that holds it."""
        return self.steps_of(self.level)

    def steps_of(self, level: str) -> dict[str, Steps]:
        """What each site of a level can hold, rising, and at what cost."""
        program, opening = self.program, self.program.groups.get("open", {})
        found: dict[str, Steps] = defaultdict(list)
        for (i, d, t), column in program.groups.get("modules", {}).items():
            opened = opening.get((i, d, t))
            if t != self.period or self.network.sites[i].level != level or opened is None:
                continue
            design = self.network.designs[d]
            most = int(program.upper[column] + 1e-6) if program.upper[opened] > 0.5 else 0
            for count in range(max(1, design.min_modules), most + 1):
                room = count * self.network.module_capacity(i, d)
                found[i].append((room, float(self.costs[opened] + self.costs[column] * count)))
        return {i: undercut(steps) for i, steps in found.items()}

    def task(self) -> Task | None:
        """The packing; None if there is nothing to choose."""
        number = {i: place for place, i in enumerate(self.sizes)}
        pairs: dict[str, list[tuple[str, int]]] = {zone: [] for zone in self.demand}
        for (leg, i, zone, t), column in self.program.groups.get("link", {}).items():
            if leg == self.leg and t == self.period and zone in pairs and i in number and self.program.upper[column]:
                pairs[zone].append((i, column))
        zones = [zone for zone, ways in pairs.items() if ways]
        if not zones:
            return None
        ways = [(i, zone, column) for zone in zones for i, column in pairs[zone]]
        links = np.array([column for _, _, column in ways])
        use, allowed, price = self.shares([(i, zone) for i, zone, _ in ways])
        packing = Packing(
            amount=np.array([sum(self.demand[zone].values()) for zone in zones]),
            first=np.concatenate([[0], np.cumsum([len(pairs[zone]) for zone in zones])]).astype(np.int64),
            site=np.array([number[i] for i, _, _ in ways], dtype=np.int64),
            cost=self.costs[links] + np.array([self.carrying(i, zone) for i, zone, _ in ways]),
            room=table(self.sizes, 0),
            price=table(self.sizes, 1),
            idle=np.where([i in self.forced for i in self.sizes], table(self.sizes, 1)[:, 0], 0.0),
            unserved=float(np.mean(list(self.missing.values()))) if self.missing else self.ruinous(links),
        )
        return Task(packing, links, use, allowed, price)

    def carrying(self, i: str, zone: str) -> float:
        """Cost of all that a zone gets, from one site; what no way carries is missing."""
        total = 0.0
        for k, amount in self.demand[zone].items():
            column = self.flows.get((i, zone, k))
            if column is None:
                total += amount * self.missing.get((zone, k), 0.0)
            else:
                total += amount * (self.costs[column] + self.handling.get((i, k), 0.0))
        return float(total)

    def ruinous(self, links: np.ndarray) -> float:
        """A price per unit above all others, where everything must be delivered."""
        return 100.0 * float(np.abs(self.costs[links]).max() + table(self.sizes, 1).max() + 1.0)

    @cached_property
    def forced(self) -> set[str]:
        """Sites that must be open."""
        opened = self.program.groups.get("open", {})
        return {i for (i, _, t), column in opened.items() if t == self.period and self.program.lower[column] > 0.5}

    def shares(self, pairs: list[tuple[str, str]]) -> tuple[Vector, Vector, Vector]:
        """Use of each share by the pairs, its use in the relaxation, and its price there."""
        rows = np.flatnonzero(np.isin(self.families, list(SHARES)) & np.isneginf(self.program.row_lower))
        part = self.program.matrix[rows]
        columns, places, amounts = [], [], []
        for place, (i, zone) in enumerate(pairs):
            for k, amount in self.demand[zone].items():
                column = self.flows.get((i, zone, k))
                if column is not None:
                    columns.append(column)
                    places.append(place)
                    amounts.append(amount)
        whole = sparse.csc_array((amounts, (columns, places)), shape=(self.program.columns, len(pairs)))
        mine = np.zeros(self.program.columns, dtype=bool)
        mine[list(self.flows.values())] = True
        return (part @ whole).toarray().T, part @ np.where(mine, self.point, 0.0), -self.duals[rows]


def undercut(steps: Steps) -> Steps:
    """The steps in rising size, without those that a larger one undercuts."""
    kept: Steps = []
    for room, price in sorted(steps, reverse=True):
        if not kept or price < kept[-1][1]:
            kept.append((room, price))
    return kept[::-1]


def table(sizes: dict[str, Steps], part: int) -> Vector:
    """Rooms (``part`` 0) or costs (1) of the sites, a row each, the last repeated to the end; shape (sites, sizes)."""
    width = max(len(steps) for steps in sizes.values())
    return np.array([[*steps, *[steps[-1]] * (width - len(steps))] for steps in sizes.values()])[:, :, part]
