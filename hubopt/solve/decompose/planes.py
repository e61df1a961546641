r"""The upper program over planes: a bound that branching on the levels above raises beyond that of any one price.

For any multipliers :math:`\lambda`, a plan whose columns above the lowest sites are :math:`x` costs at least

.. math:: p_\lambda(x) = b^T \lambda + \min_{blocks} (c - A^T \lambda)^T y + (c - A^T \lambda)_{above}^T x

a plane over :math:`x`. The Lagrangian bound is the least value of one plane; this program minimises the highest of
several, over whole :math:`x`, so that each choice above is held against the prices that suit it. Points that it gives
get planes of their own: multipliers rise with the columns above held, for which nothing but blocks is solved.

T. J. Van Roy: Cross decomposition for mixed integer programming. Mathematical Programming 25 (1983) 46-63.
R. Rahmaniani, S. Ahmed, T. G. Crainic, M. Gendreau, W. Rei: The Benders dual decomposition method. Operations Research
68 (2020) 878-895.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from hubopt.solve.decompose.lagrangian import Ascent
from hubopt.solve.milp import Milp, Vector

HELD_STEPS = 60
"""Steps of the volume algorithm for a point that is held."""
A_ROUND = 25
"""Points that get planes of their own between two solves, at most: one takes a hundredth of a solve."""
NEAREST_POINTS, MOST_PLANES = 40, 60
"""Cheapest points, the highest planes over which are in the program, and how many of these there are at most."""
MOST_POINTS = 400
"""Points that are remembered."""
ABOVE = 0.01
"""How far above the bound that is wanted steps aim (relative)."""
ROSE = 1e-4
"""Rise of a point's value (relative) that counts."""


@dataclass
class Planes:
    """Planes and points known so far; the first plane is that of the multipliers at which the root's bound stands."""

    ascent: Ascent
    points: list[Vector] = field(default_factory=list)
    multipliers: list[Vector] = field(default_factory=list)
    _low: list[float] = field(default_factory=list)
    _slope: list[Vector] = field(default_factory=list)
    _held: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.points = list(self.ascent.points)
        self._held = [False] * len(self.points)
        self.learn(self.ascent.root.multipliers)

    def learn(self, multipliers: Vector) -> None:
        """Add the plane of some multipliers."""
        ascent = self.ascent
        low, _ = ascent.below(ascent.root, multipliers)
        if np.isfinite(low):
            self.multipliers.append(multipliers)
            self._low.append(low)
            self._slope.append(ascent.cut.costs(multipliers)[ascent.above])

    def add(self, point: Vector) -> None:
        """Remember a point of the upper program."""
        if not any(np.allclose(point, known, atol=1e-6) for known in self.points):
            self.points.append(point)
            self._held.append(False)
            del self.points[:-MOST_POINTS], self._held[:-MOST_POINTS]

    def values(self) -> Vector:
        """The value of every plane at every point, shape (planes, points)."""
        found: Vector = np.array(self._low)[:, None] + np.array(self._slope) @ np.array(self.points).T
        return found

    def rise(self, goal: float, between: Callable[[], None] = lambda: None) -> bool:
        """Give planes of their own to the points that cost least; whether one of them costs more by it.

        Parameters
        ----------
        goal
            Value (model units) from which a point is out of the question.
        between
            Called before each step.
        """
        rose = False
        for _ in range(A_ROUND):
            values = self.values()
            least, highest = values.max(axis=0), values.argmax(axis=0)
            number = int(np.argmin(np.where(self._held, np.inf, least)))
            if self._held[number] or least[number] >= goal:
                break
            self._held[number] = True
            found, value = self.ascent.hold(
                self.points[number], self.multipliers[int(highest[number])], HELD_STEPS,
                goal + ABOVE * abs(goal), goal, between,
            )  # fmt: skip
            if value > least[number] + ROSE * abs(value):
                self.learn(found)
                rose = True
        return rose

    def program(self) -> tuple[Milp, float, Vector]:
        """The upper program with a column more for what the highest plane has above the first.

        The second result is what its value lacks to a bound, the third a point of it to start from.
        """
        values = self.values()
        cheapest = np.argsort(values.max(axis=0))[:NEAREST_POINTS]
        chosen = [place for place in dict.fromkeys(values.argmax(axis=0)[cheapest].tolist()) if place][:MOST_PLANES]
        upper = self.ascent.cut.upper
        count = len(chosen)
        slopes = np.array([self._slope[0] - self._slope[place] for place in chosen]).reshape(count, upper.columns)
        added = sparse.csr_array(np.hstack([slopes, np.ones((count, 1))]))
        own = sparse.hstack([upper.matrix, sparse.csr_array((upper.rows, 1))], format="csr")
        best = int(cheapest[0])
        rise = max(0.0, float((values[[0, *chosen], best] - values[0, best]).max()))
        return (
            replace(
                upper,
                cost=np.append(self._slope[0], 1.0),
                matrix=sparse.csr_array(sparse.vstack([own, added], format="csr")),
                row_lower=np.concatenate([upper.row_lower, [self._low[place] - self._low[0] for place in chosen]]),
                row_upper=np.concatenate([upper.row_upper, np.full(count, np.inf)]),
                lower=np.append(upper.lower, 0.0),
                upper=np.append(upper.upper, np.inf),
                integer=np.append(upper.integer, False),
                strengthening=np.concatenate([upper.strengthening, np.zeros(count, dtype=bool)]),
                row_names=(*upper.row_names, *(f"plane[{place}]" for place in chosen)),
            ),
            self._low[0],
            np.append(self.points[best], rise),
        )
