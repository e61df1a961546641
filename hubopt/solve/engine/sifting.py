"""A linear relaxation over a few of its columns and rows at first, priced and separated until nothing is missing.

Most columns of a network program are flows between places far apart, which no optimum uses, and most strengthening
rows are about such flows. The relaxation without these rows says which columns are near to being used; the rest is
left at its lower bound until the prices call for it. Runs where HiGHS does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hubopt.solve.engine.first_order import FirstOrder, RowPrices, first_order
from hubopt.solve.engine.highs_lp import highs_lp
from hubopt.solve.milp import Mask, Milp, Vector

NEAR = 24
"""Columns of each row that are there from the start."""
LARGE = 50_000
"""Columns from which on the first prices are those of a first-order method, where few sites will be open."""
FIRST_TOLERANCE, FIRST_ITERATIONS = 1e-3, 20_000
"""Where that method ends."""
WORTH = 0.5
"""Share of their point's value that first prices must prove: stopped far from the optimum, they prove nothing."""
NEAR_PRICED = 16
"""Columns of each row that are there from the start, if that start is near the optimum."""
WRONG = 1e-7
"""Reduced cost below 0, in units of the mean cost of a column, from which a column is missing."""
VIOLATED = 1e-6
"""How far a row may be missed."""
ENOUGH = 2e-6
"""Relative distance between the value and the bound that its prices prove, at which what is missing may stay away."""
ALONG = 0.03
"""Share of the other columns that come along when some are missing."""
PASSES = 12
"""Solves at most."""


@dataclass(frozen=True)
class Sifting:
    """The linear relaxation to solve within ``seconds``.

    ``first_seconds`` of them at most go to first prices of a first-order method: where only a few of the sites will be
    open, those without the strengthening rows say little about which. 0: none.
    """

    seconds: float
    threads: int = 1
    first_seconds: float = 0.0


def dual_bound(program: Milp, duals: Vector) -> tuple[float, Vector]:
    """The lower bound that prices of the rows prove, whatever their quality, and the reduced costs.

    Prices of the wrong sign for a row without that limit count as 0, and so does a reduced cost next to 0 of a column
    without a limit.
    """
    astray = ((duals > 0) & np.isneginf(program.row_lower)) | ((duals < 0) & np.isposinf(program.row_upper))
    kept = np.where(astray, 0.0, duals)
    limit = np.where(kept > 0, program.row_lower, program.row_upper)
    rest = program.cost - program.matrix.T @ kept
    at = np.where(rest > 0, program.lower, program.upper)
    free = np.isinf(at) & (np.abs(rest) <= WRONG * _unit(program))
    rows, columns = kept != 0, (rest != 0) & ~free
    bound = program.offset + float(kept[rows] @ limit[rows]) + float(rest[columns] @ at[columns])
    return bound, rest


def _unit(program: Milp) -> float:
    return max(1.0, float(np.abs(program.cost).mean()))


def _nearest(program: Milp, rows: Mask, rest: Vector, count: int) -> Mask:
    """``count`` columns of each row with the least in ``rest``, and all that are integer or have no lower bound."""
    near = program.integer | np.isneginf(program.lower)
    part = sparse.csr_array(program.matrix[np.flatnonzero(rows)])
    number = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
    order = np.lexsort((rest[part.indices], number))
    place = np.arange(len(order)) - part.indptr[:-1][number[order]]
    near[part.indices[order[place < count]]] = True
    return near


class _Sieve:
    """Solves over chosen rows and columns."""

    def __init__(self, program: Milp, task: Sifting, stop: Event) -> None:
        self.program, self.until = program, time.monotonic() + task.seconds
        self.least = np.where(np.isfinite(program.lower), program.lower, 0.0)
        self.of_columns: NDArray[np.object_] | None = None
        self.of_rows: NDArray[np.object_] | None = None
        self.solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in {"log_to_console": False, "output_flag": False, "threads": task.threads}.items():
            self.solver.setOptionValue(name, value)
        for callback in (self.solver.cbSimplexInterrupt, self.solver.cbIpmInterrupt):
            callback += lambda event: event.interrupt() if stop.is_set() else None

    def solve(self, rows: Mask, columns: Mask, solver: str) -> tuple[str, Vector, Vector]:
        """HiGHS's word, the duals of all rows and the whole point."""
        program = self.program
        taken, near = np.flatnonzero(rows), np.flatnonzero(columns)
        part = program.matrix[taken]
        away = part @ np.where(columns, 0.0, self.least)
        sub = Milp(
            program.cost[near], 0.0, sparse.csr_array(part[:, near]), program.row_lower[taken] - away,
            program.row_upper[taken] - away, program.lower[near], program.upper[near],
            np.zeros(len(near), dtype=bool), np.zeros(len(taken), dtype=bool),
        )  # fmt: skip
        highs = self.solver
        highs.setOptionValue("solver", solver)
        highs.setOptionValue("time_limit", max(0.1, highs.getRunTime() + self.until - time.monotonic()))
        highs.passModel(highs_lp(sub, sub.lower, sub.upper, sub.integer))
        if solver == "simplex" and self.of_columns is not None and self.of_rows is not None:
            basis = highspy.HighsBasis()
            basis.valid = True
            basis.col_status, basis.row_status = list(self.of_columns[near]), list(self.of_rows[taken])
            highs.setBasis(basis)
        highs.run()
        duals, values = np.zeros(program.rows), self.least.copy()
        status = highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            infeasible = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
            return "infeasible" if status in infeasible else "time", duals, values
        basis = highs.getBasis()
        if self.of_columns is None or self.of_rows is None:
            self.of_columns = np.full(program.columns, highspy.HighsBasisStatus.kLower, dtype=object)
            self.of_rows = np.full(program.rows, highspy.HighsBasisStatus.kBasic, dtype=object)
        self.of_columns[near], self.of_rows[taken] = basis.col_status, basis.row_status
        point = highs.getSolution()
        duals[taken] = np.array(point.row_dual, dtype=float)
        values[near] = np.array(point.col_value, dtype=float)
        return "optimal", duals, values


def sift(program: Milp, task: Sifting, pipe: Connection, stop: Event) -> RowPrices:
    """Solve the relaxation, reporting its bound over ``pipe`` as it rises."""
    sieve = _Sieve(program, task, stop)
    basic = ~program.strengthening
    found = _first(program, task) if task.first_seconds > 0 and program.columns >= LARGE else None
    near = found is not None
    if found is None:
        reason, duals, values = sieve.solve(basic, np.ones(program.columns, dtype=bool), "simplex")
        if reason != "optimal":
            return RowPrices(reason)
        found = RowPrices("optimal", duals, values)
    assert found.duals is not None
    best, rest = dual_bound(program, found.duals)
    pipe.send(("progress", None, best if np.isfinite(best) else None))
    # near the optimum a column of negative reduced cost is one that is missed; far from it, one at its upper bound
    columns = _nearest(program, basic, rest, NEAR_PRICED) if near else _nearest(program, basic, np.abs(rest), NEAR)
    flows = np.flatnonzero(~program.integer)
    rows = basic | _has(program, flows[columns[flows]]) | ~_has(program, flows)
    for number in range(PASSES):
        reason, duals, values = sieve.solve(rows, columns, "simplex" if number else "ipm")
        if reason == "infeasible" and not columns.all():
            columns[:] = True
            continue
        if reason != "optimal":
            return found
        bound, rest = dual_bound(program, duals)
        if bound > best:
            best, found = bound, RowPrices("optimal", duals, values)
            pipe.send(("progress", None, bound))
        wrong = ~columns & (rest < -WRONG * _unit(program))
        over = program.matrix @ values - program.row_upper
        violated = program.strengthening & ~rows & (over > VIOLATED * np.maximum(1.0, np.abs(program.row_upper)))
        close = program.objective(values) - bound <= ENOUGH * abs(bound)
        if (close or not wrong.any()) and not violated.any():
            break
        # what is next to be missing comes along, with its rows; rows with room have done their work
        missing = wrong | _next(rest, ~columns)
        tight = (duals != 0) | (over > -VIOLATED)
        rows = basic | (rows & tight) | violated | (program.strengthening & _has(program, np.flatnonzero(missing)))
        columns = columns | missing
    return found


def _first(program: Milp, task: Sifting) -> RowPrices | None:
    """Prices by a first-order method, which knows all rows; None if it has none that are worth anything."""
    found = first_order(program, FirstOrder(task.first_seconds, FIRST_TOLERANCE, FIRST_ITERATIONS))
    if found.reason != "near" or found.duals is None or found.values is None:
        return None
    value, (bound, _) = program.objective(found.values), dual_bound(program, found.duals)
    return found if value - bound <= WORTH * abs(value) else None


def _next(rest: Vector, away: Mask) -> Mask:
    """The columns of the least reduced costs among those that are away."""
    return away & (rest <= np.quantile(rest[away], ALONG)) if away.any() else away


def _has(program: Milp, columns: NDArray[np.intp]) -> Mask:
    """Rows that hold one of the columns."""
    counts: Mask = np.diff(sparse.csr_array(program.matrix[:, columns]).indptr) > 0
    return counts
