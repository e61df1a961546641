"""A first plan by diving: solve the relaxation, fix what it nearly decides, solve again, until everything is whole.

Works on any compiled program; the caller says in which order groups of columns are decided. Runs in the solver process,
where each re-solve starts from the last basis.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from hubopt.solve.milp import Milp, Vector

Columns = NDArray[np.intp]
WHOLE = 1e-6
SURE = 0.9
"""Relaxed value from which a column counts as decided."""
DEAR_OPENING, DEAR_LINK = 0.003, 0.0005
"""Relative rise of the objective in one step from which the step is taken back."""
HASTY = 0.5
"""Share of the undecided columns that a step fixes when time is short."""


@dataclass(frozen=True)
class Dive:
    """What to dive on: ``binaries`` in the order of deciding, then ``counts``, which are rounded up together.

    Each class of binaries says whether columns are also fixed at 0 (openings) or only at 1 (links: the others of
    the same lower end follow). Every step fixes the columns above :data:`SURE` and, of the rest, the ``share`` with
    the largest (and smallest) values. Steps that cost too much are taken back while the run is younger than
    ``patience`` seconds; after that nothing is closed any more, and once it is twice as old it decides by halves, to
    end with a plan in any case. With a ``pace``, the age is not taken from the clock: it is so many seconds for each
    iteration of the simplex method. ``freed`` columns, at 0 in the relaxation, may rise at ``price`` each. ``given``
    columns are fixed at 1 from the start if the relaxation allows it.
    """

    binaries: tuple[tuple[Columns, bool], ...]
    counts: Columns
    seconds: float
    patience: float
    share: float = 0.1
    freed: Columns = field(default_factory=lambda: np.array([], dtype=np.intp))
    price: float = 0.0
    given: Columns = field(default_factory=lambda: np.array([], dtype=np.intp))
    pace: float | None = None


@dataclass(frozen=True)
class Dived:
    """The point reached; None if the dive ran into a dead end or out of time.

    For ``reason`` "sizes" all binaries are decided, but counts rounded up do not fit: those of the point are not whole.
    """

    reason: str
    objective: float | None
    values: Vector | None


def rounded_up(counts: Vector, most: Vector) -> Vector:
    """Counts rounded up, to no more than there may be."""
    whole: Vector = np.minimum(np.ceil(counts - WHOLE), most)
    return whole


class _Diver:
    def __init__(self, solver: highspy.Highs, program: Milp, task: Dive) -> None:
        self.solver, self.program, self.task = solver, program, task
        self.lower, self.upper = program.lower.copy(), program.upper.copy()
        if len(task.freed):
            columns = task.freed.astype(np.int32)
            solver.changeColsCost(len(columns), columns, np.full(len(columns), task.price))
            self.fix(task.freed, np.zeros(len(columns)), np.full(len(columns), np.inf))
        self.began = time.monotonic()
        self.iterations = 0
        self.point: Vector = np.zeros(program.columns)

    @property
    def age(self) -> float:
        """Seconds since the dive began, by the clock or by the work done."""
        return self.clock if self.task.pace is None else self.iterations * self.task.pace

    @property
    def clock(self) -> float:
        """Seconds since the dive began."""
        return time.monotonic() - self.began

    def solve(self) -> bool:
        left = self.task.seconds - self.clock
        if left <= 0:
            return False
        self.solver.setOptionValue("time_limit", self.solver.getRunTime() + left)
        self.solver.run()
        self.iterations += max(0, int(self.solver.getInfo().simplex_iteration_count))
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return False
        self.point = np.array(self.solver.getSolution().col_value, dtype=float)
        return True

    def solve_given(self) -> bool:
        """Solve with the given columns at 1 or, if that cannot be, without."""
        given = self.task.given
        if len(given):
            old = self.lower[given].copy(), self.upper[given].copy()
            self.fix(given, np.ones(len(given)), np.ones(len(given)))
            if self.solve():
                return True
            self.fix(given, *old)
        return self.solve()

    def fix(self, columns: Columns, lower: Vector, upper: Vector) -> None:
        self.lower[columns], self.upper[columns] = lower, upper
        self.solver.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)

    def undecided(self, columns: Columns) -> Columns:
        values = self.point[columns]
        loose = self.lower[columns] < self.upper[columns]
        fractional = np.abs(values - np.round(values)) > WHOLE
        return columns[loose & fractional]

    def choose(self, undecided: Columns, closing: bool, share: float) -> tuple[Columns, Vector]:
        """What to fix next, and at which values: the nearly decided ones first, then a share of the likeliest."""
        values = self.point[undecided]
        order = np.argsort(-values, kind="stable")
        number = max(1, int(np.ceil(share * len(undecided))))
        ones = np.union1d(undecided[order[:number]], undecided[values >= SURE] if share == self.task.share else [])
        ones = ones.astype(np.intp)
        if not closing:
            return ones, np.ones(len(ones))
        zeros = np.setdiff1d(undecided[order[::-1][:number]], ones)
        zeros = zeros[self.point[zeros] <= 0.5]
        return np.concatenate([ones, zeros]), np.concatenate([np.ones(len(ones)), np.zeros(len(zeros))])

    def decide(self, columns: Columns, closing: bool) -> bool:
        """Fix binaries of one class until none is fractional; False on a dead end.

        A step that costs too much is taken back and tried again with fewer columns.
        """
        share, hasty = self.task.share, False
        dear = DEAR_OPENING if closing else DEAR_LINK
        while (undecided := self.undecided(columns)).size:
            before = self.objective
            patient = self.age < self.task.patience
            if not hasty and self.age > 2 * self.task.patience:
                # once: where so many do not fit together, the share has to come down again
                share, hasty = HASTY, True
            chosen, values = self.choose(undecided, closing and patient, share)
            if len(chosen) <= 2 and patient:
                if not self.decide_one(undecided, dear):
                    return False
                share = min(self.task.share, share * 2)
                continue
            old = self.lower[chosen].copy(), self.upper[chosen].copy()
            self.fix(chosen, values, values)
            fits = self.solve()
            if fits and (not patient or self.objective - before <= dear * abs(before)):
                share = min(self.task.share, share * 1.5)
                continue
            if len(chosen) == 1 and not fits:
                self.fix(chosen, 1 - values, 1 - values)
            else:
                self.fix(chosen, *old)
            if not self.solve():
                return False
            share /= 3
        return True

    def decide_one(self, undecided: Columns, dear: float) -> bool:
        """Fix the likeliest column at 1 or, if that is dear and 0 is cheaper, at 0; False if neither can be."""
        before = self.objective
        column = undecided[np.argmax(self.point[undecided])][None]
        self.fix(column, np.ones(1), np.ones(1))
        taken = self.objective if self.solve() else np.inf
        if taken - before <= dear * abs(before):
            return True
        self.fix(column, np.zeros(1), np.zeros(1))
        left = self.objective if self.solve() else np.inf
        if min(taken, left) == np.inf:
            return False
        if taken < left:
            self.fix(column, np.ones(1), np.ones(1))
            return self.solve()
        return True

    @property
    def objective(self) -> float:
        """Value of the last relaxation."""
        return float(self.solver.getInfo().objective_function_value)

    def round_counts(self) -> bool:
        """Round the counts up and fix them; True if exact flows exist."""
        columns = self.task.counts
        sized = rounded_up(self.point[columns], self.upper[columns])
        self.fix(columns, sized, sized)
        return self.solve()


def dive(program: Milp, solver: highspy.Highs, task: Dive) -> Dived:
    """Dive in ``solver``, which holds the program's relaxation."""
    diver = _Diver(solver, program, task)
    if not diver.solve_given():
        return Dived("time", None, None)
    for _ in range(3):
        for columns, closing in task.binaries:
            if not diver.decide(columns, closing):
                return Dived("dead end", None, None)
        if not any(diver.undecided(columns).size for columns, _ in task.binaries):
            break
    fixed = np.concatenate([np.array([], dtype=np.intp), *(columns for columns, _ in task.binaries)])
    values: Any = np.round(diver.point[fixed])
    diver.fix(fixed, values, values)
    decided = diver.point
    decided[fixed] = values
    if not diver.round_counts():
        return Dived("sizes", None, decided)
    return Dived("optimal", float(solver.getInfo().objective_function_value), diver.point)
