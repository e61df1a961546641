"""Merging: neighbouring pieces become zones, the least populated first."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import geopandas as gpd
import h3
import numpy as np
from numpy.typing import NDArray

from hubopt.data.ground.coordinates import Floats, to_metric


@dataclass(frozen=True)
class ZoneRule:
    """How zones are made.

    ``resolution`` of the H3 hexagons; ``count`` that merging aims at; ``span_km`` between the hexagon centres of a
    zone at most. Zones with fewer than ``least`` residents are merged whatever the count, up to ``sparse_km``.
    """

    resolution: int
    count: int
    span_km: float
    least: float = 0.0
    sparse_km: float = 0.0


def _centres(cells: list[str]) -> Floats:
    return to_metric(np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells], dtype=float).reshape(-1, 2))


def _span_km(one: Floats, two: Floats) -> float:
    """Longest distance between the points of both sets together, which each keep the limit by themselves."""
    return float(np.hypot(*(one[:, None] - two[None, :]).transpose(2, 0, 1)).max()) / 1000


class _Merger:
    """Zones as sets of pieces, and who lies beside whom."""

    def __init__(self, pieces: gpd.GeoDataFrame) -> None:
        self.cells = list(pieces["cell"])
        self.region = pieces["region"].to_numpy()
        self.people = dict(enumerate(pieces["population"].to_numpy(dtype=float).tolist()))
        self.members = {position: [position] for position in range(len(pieces))}
        self.home = list(range(len(pieces)))
        self.centre = _centres(self.cells)
        self.at = {(int(self.region[i]), cell): i for i, cell in enumerate(self.cells)}

    def partner(self, zone: int, span_km: float) -> int | None:
        """The least populated neighbour that ``zone`` may join within the span; None if there is none."""
        region = int(self.region[zone])
        beside = {
            self.home[self.at[region, cell]]
            for piece in self.members[zone]
            for cell in h3.grid_ring(self.cells[piece], 1)
            if (region, cell) in self.at
        } - {zone}
        own = self.centre[self.members[zone]]
        for other in sorted(beside, key=lambda item: (self.people[item], item)):
            if _span_km(own, self.centre[self.members[other]]) <= span_km:
                return other
        return None

    def join(self, zone: int, other: int) -> None:
        for piece in self.members[zone]:
            self.home[piece] = other
        self.members[other] += self.members.pop(zone)
        self.people[other] += self.people.pop(zone)

    def run(self, count: int, span_km: float, below: float) -> None:
        """Join the least zone to its least neighbour while more than ``count`` zones have less than ``below``."""
        heap = [(people, zone) for zone, people in self.people.items() if people < below]
        heapq.heapify(heap)
        while heap and len(self.members) > count:
            people, zone = heapq.heappop(heap)
            if self.people.get(zone) != people:
                continue
            other = self.partner(zone, span_km)
            if other is None:
                continue
            self.join(zone, other)
            if self.people[other] < below:
                heapq.heappush(heap, (self.people[other], other))


def merge_pieces(pieces: gpd.GeoDataFrame, rule: ZoneRule) -> NDArray[np.int64]:
    """Zone number of each piece (region, cell, population): the smallest zone joins its least neighbour.

    First, zones of fewer than ``rule.least`` residents are joined up to ``rule.sparse_km``; then all, up to
    ``rule.span_km``, until ``rule.count`` zones are left. Zones join only within their region and only neighbours.
    """
    merger = _Merger(pieces)
    if rule.least > 0:
        merger.run(0, max(rule.sparse_km, rule.span_km), rule.least)
    merger.run(rule.count, rule.span_km, np.inf)
    return np.array(merger.home, dtype=np.int64)
