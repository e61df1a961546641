"""Neighbourhoods of an incumbent: which columns a small re-solve may change, chosen by nearness in the network.

Nearness is counted along the arcs (km) between zones, stations and transfer centres, so that cases without coordinates
have neighbourhoods too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from hubopt.model import Network
from hubopt.solve.milp import Mask, Milp, Vector

_NODE_PARTS: dict[str, tuple[int, ...]] = {
    "open": (0,),
    "modules": (0,),
    "converted": (0,),
    "stopped": (0,),
    "built": (0,),
    "founded": (0,),
    "in_use": (0,),
    "carried_over": (0,),
    "link": (1, 2),
    "flow": (1, 2),
    "unmet": (0,),
    "exchange": (2, 3),
    "mixed": (3, 4),
    "rerouted": (2,),
    "rerouted_down": (1,),
}
"""Where the nodes stand in the index of each variable (upper end first); other variables follow from these."""

AT_SITE = ("open", "modules", "converted", "stopped", "built", "founded", "in_use", "carried_over")
"""Variables that say what a site is and becomes."""
BETWEEN = ("exchange", "mixed")
"""Variables between two nodes that are free as soon as one of them is."""
TAKING_OVER = ("rerouted", "rerouted_down")
"""Variables of what hubs take over in an outage."""
FOLLOWING_NEARBY = ("throughput", "empties", "covered")
"""Variables that follow from decisions with which they share a row; elsewhere they stay as they are."""


@dataclass(frozen=True)
class Neighbourhoods:
    """The columns of a program by the nodes they touch, and the nodes by their distance from each other."""

    network: Network
    program: Milp

    @cached_property
    def nodes(self) -> tuple[str, ...]:
        """Sites and zones (gateways belong to no neighbourhood: they have no decisions)."""
        return (*self.network.sites, *dict.fromkeys(z for z, _, _ in self.network.demand))

    @cached_property
    def number(self) -> dict[str, int]:
        """Position of each node in :attr:`nodes`."""
        return {node: position for position, node in enumerate(self.nodes)}

    @cached_property
    def _ends(self) -> tuple[np.ndarray, np.ndarray]:
        """Upper and lower node of every column; -1 stands for none or a gateway, one-node columns have both alike."""
        upper = np.full(self.program.columns, -1)
        lower = np.full(self.program.columns, -1)
        for group, parts in _NODE_PARTS.items():
            for index, column in self.program.groups.get(group, {}).items():
                upper[column] = self.number.get(index[parts[0]], -1)
                lower[column] = self.number.get(index[parts[-1]], -1)
        return upper, lower

    def _columns(self, group: str) -> Mask:
        mask = np.zeros(self.program.columns, dtype=bool)
        mask[list(self.program.groups.get(group, {}).values())] = True
        return mask

    @cached_property
    def _kinds(self) -> dict[str, Mask]:
        return {group: self._columns(group) for group in _NODE_PARTS}

    @cached_property
    def _following(self) -> Mask:
        """Columns that no node decides: they follow from the others (throughput, coverage, empty running)."""
        mask: Mask = ~np.logical_or.reduce(list(self._kinds.values()))
        return mask

    @cached_property
    def _nearby(self) -> Mask:
        """Those of the following columns that only decisions in their own rows can move."""
        mask: Mask = np.logical_or.reduce([self._columns(group) for group in FOLLOWING_NEARBY])
        return mask

    @cached_property
    def _rows_of(self) -> sparse.csc_array:
        return sparse.csc_array(self.program.matrix)

    def _moved(self, decisions: Mask) -> Mask:
        """Columns that follow from these decisions."""
        rows = np.zeros(self.program.rows, dtype=bool)
        rows[self._rows_of[:, np.flatnonzero(decisions)].indices] = True
        near = np.zeros_like(decisions)
        near[self.program.matrix[np.flatnonzero(rows)].indices] = True
        moved: Mask = self._following & (near | ~self._nearby)
        return moved

    @cached_property
    def _from_gateway(self) -> Mask:
        return self._kinds["flow"] & (self._ends[0] < 0)

    @cached_property
    def _graph(self) -> sparse.csr_array:
        """Arcs below the hubs, weighed in km."""
        rows, columns, km = [], [], []
        for arc, way in self.network.way.items():
            if arc[1] in self.number and arc[2] in self.number and self.network.sites[arc[1]].level != "hub":
                rows.append(self.number[arc[1]])
                columns.append(self.number[arc[2]])
                km.append(way.km + 1e-3)
        size = len(self.nodes)
        return sparse.csr_array((km, (rows, columns)), shape=(size, size))

    def nearest(self, node: str, level: str, count: int) -> list[str]:
        """The ``count`` nodes of a level ("zone": zones) nearest to ``node`` along the arcs, itself included."""
        distance = csgraph.dijkstra(self._graph, directed=False, indices=self.number[node])
        order = np.argsort(distance, kind="stable")
        found = (self.nodes[i] for i in order if np.isfinite(distance[i]))
        return [name for name in found if self._level(name) == level][:count]

    def of_level(self, level: str) -> list[str]:
        """Nodes of a level ("zone" for zones)."""
        return [node for node in self.nodes if self._level(node) == level]

    def _level(self, node: str) -> str:
        site = self.network.sites.get(node)
        return site.level if site is not None else "zone"

    def linked_to(self, point: Vector, upper_ends: Iterable[str]) -> list[str]:
        """Lower ends whose link starts at one of ``upper_ends`` in the integer point."""
        starts = set(upper_ends)
        links: dict[Any, int] = dict(self.program.groups.get("link", {}))
        return list(dict.fromkeys(x[2] for x, column in links.items() if x[1] in starts and point[column] > 0.5))

    def free_columns(self, point: Vector, free_nodes: Iterable[str]) -> Mask:
        """Columns that may change when the decisions at ``free_nodes`` may.

        Sizes and openings of free sites; links into free nodes from free sites or from where they start now; flows
        between free nodes, those that are in use at one of them, and those to zones that miss something; used gateway
        flows; unmet demand; and what merely follows from these (throughput, coverage).
        """
        free = np.zeros(len(self.nodes) + 1, dtype=bool)
        free[[self.number[node] for node in free_nodes]] = True
        upper, lower = self._ends
        kinds = self._kinds
        at_site = np.logical_or.reduce([kinds[group] for group in (*AT_SITE, *TAKING_OVER)])
        mask: Mask = at_site & free[upper]
        mask |= kinds["link"] & free[lower] & (free[upper] | (point > 0.5))
        used = point > 1e-9
        both, one = free[upper] & free[lower], free[upper] | free[lower]
        from_gateway = self._from_gateway & (free[lower] | used)
        short = np.zeros_like(free)
        short[upper[kinds["unmet"] & used]] = True
        mask |= kinds["flow"] & (both | (one & used) | (free[upper] & short[lower]) | from_gateway)
        mask |= kinds["unmet"] & (free[upper] | used)
        mask |= np.logical_or.reduce([kinds[group] for group in BETWEEN]) & one
        return mask | self._moved(mask)

    def _at_levels(self, group: str, levels: frozenset[str]) -> Mask:
        inside = np.array([*(self._level(node) in levels for node in self.nodes), False])
        mask: Mask = self._kinds[group] & inside[self._ends[0]]
        return mask

    def designs_and_sizes(self, levels: frozenset[str]) -> Mask:
        """Design and size of every facility of the levels, with links and flows as they are."""
        mask: Mask = np.logical_or.reduce([self._at_levels(group, levels) for group in AT_SITE])
        return mask | self._following

    def sizes_and_flows(self, levels: frozenset[str]) -> Mask:
        """Size of every facility of the levels and all flows, with openings and links as they are."""
        kinds = self._kinds
        mask: Mask = np.logical_or.reduce([kinds[x] for x in ("flow", "unmet", *BETWEEN, *TAKING_OVER)])
        for group in ("modules", "converted", "built", "carried_over", "in_use"):
            mask |= self._at_levels(group, levels)
        return mask | self._following
