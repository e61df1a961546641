"""What takes over when a hub or gateway is out: flows that prove a plan's resilience, one linear program an outage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import linprog

from hubopt.instance import rows
from hubopt.model import Network
from hubopt.model.network import Arc
from hubopt.model.outages import Outages, outage_periods
from hubopt.solution import OUTAGE_COLUMNS
from hubopt.solution.schema import OUTAGES
from hubopt.solution.write import typed

CRUMB_T_D = 1e-6
"""Flows below this many t/d are rounding errors of the solver and are dropped."""
DISTANCE_WEIGHT = 1e-4
"""Weight of the way (as a share of the longest) against serving a tonne: it only decides between equal servings."""


@dataclass(frozen=True, eq=False)
class _Period:
    """A period of a plan: sizes of the open hubs, what lower nodes take in, and the arcs that can be used."""

    network: Network
    period: str
    facilities: pd.DataFrame
    flows: pd.DataFrame

    @cached_property
    def commodities(self) -> tuple[str, ...]:
        """Commodities whose chain starts at a hub."""
        return Outages(self.network).commodities

    @cached_property
    def hubs(self) -> Mapping[str, tuple[str, float]]:
        """Design and modules in use by open hub."""
        found = {}
        for row in rows(self.facilities):
            if row.level == "hub" and row.modules > 0:
                lost = self.network.out_of_use(row.design, self.period) * row.converted_modules
                found[row.site] = (row.design, float(row.modules) - lost)
        return found

    @cached_property
    def planned(self) -> Mapping[tuple[str, str], float]:
        """What lower nodes take in from the hubs, by (node, commodity), t/d."""
        below = self.flows[self.flows["origin"].isin(self.hubs)]
        sums = below.groupby(["destination", "commodity"])["t_d"].sum()
        nodes, commodities = (sums.index.get_level_values(place) for place in (0, 1))
        return {(str(node), str(k)): float(amount) for node, k, amount in zip(nodes, commodities, sums, strict=True)}

    @cached_property
    def arcs(self) -> tuple[tuple[Arc, str], ...]:
        """Pairs that can be used: of parallel modes the shortest way, only at open hubs and nodes that take in."""
        best: dict[tuple[str, str, str, str], Arc] = {}
        for arc, k in self.network.passable:
            if k not in self.commodities:
                continue
            gateway_leg = arc[0] == self.network.commodities[k].gateway_leg
            if (arc[2] if gateway_leg else arc[1]) not in self.hubs or not (gateway_leg or (arc[2], k) in self.planned):
                continue
            key = (*arc[:3], k)
            if key not in best or self.network.way[arc].km < self.network.way[best[key]].km:
                best[key] = arc
        return tuple((arc, key[3]) for key, arc in best.items())

    def rerouted(self, out: str) -> Iterator[tuple[object, ...]]:
        """Rows of the outages table for one outage."""
        arcs = [(arc, k) for arc, k in self.arcs if out not in (arc[1], arc[2])]
        if not arcs:
            return
        amounts = self._best(arcs)
        for (arc, k), amount in zip(arcs, amounts, strict=True):
            if amount > CRUMB_T_D:
                yield (self.period, out, *arc, k, float(amount))

    def _best(self, arcs: list[tuple[Arc, str]]) -> np.ndarray:
        """Flows (t/d) that serve as much as possible, over short ways among equals."""
        network = self.network
        below = np.array([arc[1] in self.hubs for arc, _ in arcs])
        km = np.array([network.way[arc].km for arc, _ in arcs])
        cost = DISTANCE_WEIGHT * km / max(km.max(), 1.0) - below
        limits: dict[tuple[str, ...], float] = {}
        entries: dict[tuple[str, ...], list[int]] = defaultdict(list)
        balance: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
        for place, (arc, k) in enumerate(arcs):
            hub = arc[1] if below[place] else arc[2]
            if k in network.admitted:
                balance[hub, k].append((place, -1.0 if below[place] else 1.0))
            if not below[place]:
                entries["gateway", arc[1]].append(place)
                continue
            entries["node", arc[2], k].append(place)
            limits["node", arc[2], k] = self.planned[arc[2], k]
            for requirement in dict.fromkeys(("ambient", network.requirement(hub, k))):
                entries["hub", hub, requirement].append(place)
                limits["hub", hub, requirement] = self._room(hub, requirement)
        if network.policy.holds("gateway_capacity"):
            for (gateway, period), capacity in network.gateway_capacity.items():
                if period == self.period:
                    limits["gateway", gateway] = capacity * network.scale.flow_t_d
        used = [key for key in entries if key in limits]
        upper = _matrix([[(place, 1.0) for place in entries[key]] for key in used], len(arcs))
        equal = _matrix(list(balance.values()), len(arcs))
        found = linprog(
            cost, upper, [limits[key] for key in used], equal if balance else None,
            np.zeros(len(balance)) if balance else None, method="highs",
        )  # fmt: skip
        if found.x is None:
            raise RuntimeError(f"rerouting could not be solved: {found.message}")
        amounts: np.ndarray = found.x
        return amounts

    def _room(self, hub: str, requirement: str) -> float:
        design, modules = self.hubs[hub]
        room = self.network.module_capacity(hub, design, requirement) * self.network.scale.flow_t_d
        return room * modules


def _matrix(terms: list[list[tuple[int, float]]], columns: int) -> sparse.csr_array:
    at = [(number, place, value) for number, entries in enumerate(terms) for place, value in entries]
    row, column, value = zip(*at, strict=True) if at else ((), (), ())
    return sparse.csr_array((value, (row, column)), shape=(len(terms), columns))


def outages_of(network: Network, facilities: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """The outages table of a plan: for every outage of an open hub or a used gateway that the network must withstand.

    Parameters
    ----------
    facilities, flows
        Tables of the plan (t/d).

    Returns
    -------
    DataFrame
        Columns :data:`hubopt.solution.OUTAGE_COLUMNS`; empty where no resilience is asked for.
    """
    found: list[tuple[object, ...]] = []
    asked = outage_periods(network)
    for t in dict.fromkeys(period for _, period in asked):
        here = _Period(network, t, facilities[facilities["period"] == t], flows[flows["period"] == t])
        used = {*here.hubs, *here.flows["origin"]}
        for out in (w for w, period in asked if period == t and w in used):
            found += here.rerouted(out)
    return typed(OUTAGES, pd.DataFrame(found, columns=list(OUTAGE_COLUMNS)))
