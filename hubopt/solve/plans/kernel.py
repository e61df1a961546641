r"""Kernel search: a program over few of its sites at a time, first those that its relaxation opens.

Where a level needs few of many sites that cost much the same, prices rule out next to none of them, and branching over
all takes long to come to a good plan. The relaxation opens parts of some; an optimum is mostly made of these. A kernel
is a choice of them: all other sites are closed, and so is everything that would need them. Each further kernel has the
sites of the best plan so far and others drawn by how near they are to being opened (Guastaroba and Speranza, Kernel
search for the capacitated facility location problem, Journal of Heuristics 18, 2012).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hubopt.solve.milp import Mask, Milp, Vector

Columns = NDArray[np.intp]

MOST = 40
"""Sites of a kernel, if the relaxation opens as many in part and a plan does not need more."""
SPARE = 1.25
"""Sites of a kernel for each that the relaxation opens, parts added up, at least..."""
BESIDE = 6
"""... and some more."""
PART = 1e-6
"""Share of a site from which the relaxation opens it in part."""
SURE = 0.999
"""Share of a site from which the first kernel has it open."""
STAYING = 0.7
"""Share of these that stay open in each further kernel."""
PASSES = 8
"""Levels through which closing goes at most: a site, its sizes, what it handles, its flows."""


class Kernels:
    """Choices of sites of a program, by the point of its relaxation and what opening a site costs beyond the bound.

    Parameters
    ----------
    program
        The program; its variable ``open`` says what a site is.
    point
        Point of the relaxation.
    dearer
        By how much more a solution costs for each column that is not 0 (:class:`hubopt.solve.narrowing.Prices`).
    """

    def __init__(self, program: Milp, point: Vector, dearer: Vector, seed: int) -> None:
        self._program = program
        self._open = np.array(list(program.groups.get("open", {}).values()), dtype=np.intp)
        part = np.where(point[self._open] > PART, point[self._open], 0.0)
        self._ranked = self._open[np.lexsort((dearer[self._open], -part))]
        self._sure = self._open[(part >= SURE) & (program.upper[self._open] >= 1)]
        self._random = np.random.default_rng(seed)
        least = round(SPARE * float(part.sum())) + BESIDE
        self.size = min(max(least, min(MOST, int((part > 0).sum()))), len(self._open))

    @property
    def is_whole(self) -> bool:
        """Whether a kernel leaves out too little to be worth a search of its own."""
        return 2 * self.size >= len(self._open)

    def first(self) -> Columns:
        """The sites that the relaxation opens most of."""
        return self._ranked[: self.size]

    def lower(self, best: Vector | None = None) -> Vector:
        """Lower bounds of the columns: sites that the relaxation opens whole are open.

        With a point only most of those that are open in it, drawn anew each time.
        """
        sure = self._sure
        if best is not None:
            sure = sure[(best[sure] > 0.5) & (self._random.random(len(sure)) < STAYING)]
        lower = self._program.lower.copy()
        lower[sure] = np.maximum(lower[sure], 1.0)
        return lower

    def beside(self, best: Vector | None) -> Columns:
        """The sites that are open in a point, and others drawn: the likelier the nearer they are to being opened."""
        kept = self._open[best[self._open] > 0.5] if best is not None else self._open[:0]
        others = self._ranked[~np.isin(self._ranked, kept)]
        likely = np.exp(-np.arange(len(others)) / self.size)
        count = min(max(self.size - len(kept), BESIDE), len(others))
        drawn = self._random.choice(others, count, replace=False, p=likely / likely.sum())
        return np.concatenate([kept, drawn])

    def upper(self, chosen: Columns) -> Vector:
        """Upper bounds of the columns where no site but the chosen ones may open."""
        program = self._program
        upper = program.upper.copy()
        closed = np.setdiff1d(self._open, chosen)
        upper[closed[program.lower[closed] <= 0]] = 0.0
        return at_zero(program, upper)


def at_zero(program: Milp, upper: Vector) -> Vector:
    """Upper bounds that follow where columns have to stay at 0: rows that leave others no room close these too."""
    sides = [_at_most_nothing(program, 1.0, program.row_upper), _at_most_nothing(program, -1.0, -program.row_lower)]
    positive = program.lower >= 0
    found = upper.copy()
    for _ in range(PASSES):
        before = int((found > 0).sum())
        for part, number, limits in sides:
            gives: Mask = (part.data < 0) & (found[part.indices] > 0) | ~positive[part.indices]
            shut = np.bincount(number, gives, minlength=part.shape[0])[number] == 0
            # a row with room of its own closes nothing
            shut &= (limits[number] <= 0) & (part.data > 0) & (program.lower[part.indices] <= 0)
            found[part.indices[shut]] = 0.0
        if int((found > 0).sum()) == before:
            break
    return found


def _at_most_nothing(program: Milp, sign: float, limit: Vector) -> tuple[sparse.csr_array, Columns, Vector]:
    """Rows ``sign * row <= limit`` with no room of their own, the row of each entry, and the limits."""
    rows = np.flatnonzero(limit <= 0)
    part = sparse.csr_array(sign * program.matrix[rows])
    return part, np.repeat(np.arange(len(rows)), np.diff(part.indptr)), limit[rows]
