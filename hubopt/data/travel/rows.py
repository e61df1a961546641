"""The rows of a travel matrix: from some origins to the destinations within the limits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import Floats
from hubopt.data.roads.graph import Ints
from hubopt.data.travel.legs import Legs, stacked
from hubopt.data.travel.trees import SOURCES_AT_ONCE, Incoming, incoming, sums_along
from hubopt.data.travel.weights import Weights

FIRST_KM_H = 25.0
"""Speed from which the first search radius in minutes is taken; it grows until every candidate is reached."""


@dataclass(frozen=True)
class Task:
    """All that the rows need: the graph, the nodes of origins and destinations, their places and the limits.

    ``out_of`` and ``into`` of the origins, ``into_ends`` and ``out_of_ends`` of the destinations: the nodes from which
    a place is left and at which it is reached. ``mean``: average of there and back instead of there.
    """

    weights: Weights
    out_of: Ints
    into: Ints
    out_of_ends: Ints
    into_ends: Ints
    origins: Floats
    destinations: Floats
    limit_km: float
    limit_minutes: float
    mean: bool


def reversed_weights(weights: Weights) -> Weights:
    """The graph with every edge turned round."""
    return replace(weights, u=weights.v, v=weights.u)


class Rows:
    """A task made ready for any number of rows."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.there: Incoming = incoming(task.weights)
        self.back: Incoming | None = incoming(reversed_weights(task.weights)) if task.mean else None
        self.tree = KDTree(task.destinations) if len(task.destinations) and np.isfinite(task.limit_km) else None
        spent = task.weights.values[:, 1] + task.weights.values[:, 3]
        timed = spent > 1e-6
        ratio = (task.weights.cost[timed] / spent[timed]).max(initial=1.0)
        longest = task.limit_minutes * (2 if task.mean else 1)  # one way may take twice the mean, the other nothing
        self.most_cost = longest * ratio + 1e-6

    def _candidates(self, rows: Ints) -> list[Ints]:
        """Destinations within the limit as the crow flies, by row."""
        if self.tree is None:
            return [np.arange(len(self.task.destinations))] * len(rows)
        found = self.tree.query_ball_point(self.task.origins[rows], self.task.limit_km * 1000)
        return [np.array(sorted(near), dtype=np.int64) for near in found]

    def _search(self, graph: Incoming, sources: Ints, targets: list[Ints]) -> list[Floats]:
        """What is summed along the cheapest route from each source to each of its targets; NaN: none."""
        width = graph.values.shape[1]
        sums = [np.full((len(near), width), np.nan) for near in targets]
        open_ = np.array([row for row, near in enumerate(targets) if len(near)], dtype=int)
        first = self.task.limit_km * 60 / FIRST_KM_H + 10
        for radius in (first, 3 * first, np.inf):
            if not len(open_):
                break
            limit = min(radius, self.most_cost)
            reached, before = dijkstra(graph.matrix, indices=sources[open_], return_predecessors=True, limit=limit)
            again = []
            for position, row in enumerate(open_):
                near = targets[row]
                found = np.isfinite(reached[position, near])
                if not found.all() and limit < self.most_cost and np.isfinite(radius):
                    again.append(row)
                elif found.any():
                    sums[row][found] = sums_along(graph, before[position].astype(np.int64), near[found])
            open_ = np.array(again, dtype=int)
        return sums

    def legs(self, rows: Ints) -> Legs:
        """The legs from the origins at ``rows`` to all destinations within the limits."""
        task = self.task
        parts: list[Legs] = []
        for first in range(0, len(rows), SOURCES_AT_ONCE):
            batch = rows[first : first + SOURCES_AT_ONCE]
            near = self._candidates(batch)
            sums = self._search(self.there, task.out_of[batch], [task.into_ends[columns] for columns in near])
            if self.back is not None:
                home = self._search(self.back, task.into[batch], [task.out_of_ends[columns] for columns in near])
                sums = [(there + back) / 2 for there, back in zip(sums, home, strict=True)]
            for row, columns, values in zip(batch, near, sums, strict=True):
                parts.append(self._kept(int(row), columns, values))
        return stacked(parts, (len(task.origins), len(task.destinations)))

    def _kept(self, row: int, columns: Ints, values: Floats) -> Legs:
        """The legs of one origin that were found and lie within the limits."""
        km, minutes, toll, wait, cny, estimated = values.T
        with np.errstate(invalid="ignore"):
            keep = (km <= self.task.limit_km) & (minutes + wait <= self.task.limit_minutes)
        return Legs(
            (len(self.task.origins), len(self.task.destinations)),
            np.full(int(keep.sum()), row, dtype=np.int64),
            columns[keep],
            km[keep],
            minutes[keep],
            toll[keep],
            wait[keep],
            cny[keep],
            estimated[keep] > 1e-9,
        )
