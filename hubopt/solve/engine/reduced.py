"""A program without the columns that a job fixes: a re-solve of a small part need not take the whole along."""

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import numpy as np

from hubopt.solve.milp import Mask, Milp, Vector

WORTH = 0.5
"""Share of the columns that must be fixed for a smaller program to be worth making."""


@dataclass(frozen=True)
class Reduced:
    """What is left of a program: the ``free`` columns and the ``rows`` that hold one of them (numbers in the whole).

    ``fixed`` holds the values of the other columns (0 for the free ones); their cost is part of the offset and what
    they use is taken off the rows' limits.
    """

    program: Milp
    free: np.ndarray
    rows: np.ndarray
    fixed: Vector
    rows_of_whole: int

    def whole(self, values: Vector) -> Vector:
        """A point of the whole program from one of what is left."""
        point = self.fixed.copy()
        point[self.free] = values
        return point

    def whole_duals(self, duals: Vector) -> Vector:
        """Duals of all rows: 0 for those without a free column."""
        found = np.zeros(self.rows_of_whole)
        found[self.rows] = duals
        return found


class Widened:
    """A pipe for reports on what is left of a program: their points become points of the whole."""

    def __init__(self, pipe: Connection, left: Reduced) -> None:
        self._pipe, self._left = pipe, left

    def send(self, report: tuple[Any, ...]) -> None:
        """Pass a report on."""
        if report[0] == "incumbent":
            report = (report[0], report[1], self._left.whole(report[2]))
        self._pipe.send(report)


def reduced(
    program: Milp, lower: Vector, upper: Vector, integer: Mask, tolerance: float, worth: float = WORTH
) -> Reduced | None:  # fmt: skip
    """The program between other bounds, without the columns that these fix.

    Returns
    -------
    Reduced or None
        None if less than a share ``worth`` of the columns are fixed, all are, or the fixed ones alone miss a row by
        more than ``tolerance``: then HiGHS is to see the whole.
    """
    fixed = lower == upper
    free = np.flatnonzero(~fixed)
    if not len(free) or len(free) > (1 - worth) * program.columns:
        return None
    at = np.where(fixed, lower, 0.0)
    taken = program.matrix @ at
    part = program.matrix[:, free]
    touched = np.diff(part.indptr) > 0
    low, high = program.row_lower - taken, program.row_upper - taken
    if (low[~touched] > tolerance).any() or (high[~touched] < -tolerance).any():
        return None
    rows = np.flatnonzero(touched)
    left = Milp(
        cost=program.cost[free],
        offset=program.objective(at),
        matrix=part[rows],
        row_lower=low[rows],
        row_upper=high[rows],
        lower=lower[free],
        upper=upper[free],
        integer=integer[free],
        strengthening=program.strengthening[rows],
    )
    return Reduced(left, free, rows, at, program.rows)
