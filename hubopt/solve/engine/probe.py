"""What-if questions to one linear program: the objective when some bounds change; runs where HiGHS does.

The program is solved once. Every question changes the bounds of a few columns and starts from the same basis, so that
the dual simplex needs few steps for each.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from hubopt.solve.engine.highs_lp import highs_lp
from hubopt.solve.milp import Milp, Vector


@dataclass(frozen=True)
class Question:
    """Other bounds for some columns; ``groups`` of columns must each sum to at least 1."""

    name: str
    columns: NDArray[np.intp]
    lower: Vector
    upper: Vector
    groups: tuple[NDArray[np.intp], ...] = ()


@dataclass(frozen=True)
class Probe:
    """Questions to ask one after the other within ``seconds``, none of them for longer than ``each``."""

    questions: tuple[Question, ...]
    seconds: float
    each: float = 20.0


@dataclass(frozen=True)
class Probed:
    """Objectives (model units) by question: infinite where the program has no solution then.

    ``base`` is the objective with nothing changed; None, and no answers, if that was not found (``reason`` says why).
    Questions that were not answered in time are absent.
    """

    reason: str
    base: float | None
    objectives: Mapping[str, float] = field(default_factory=dict)


class _Prober:
    def __init__(self, program: Milp, task: Probe) -> None:
        self.program, self.task = program, task
        self.until = time.monotonic() + task.seconds
        self.solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        self.solver.setOptionValue("log_to_console", False)
        continuous = np.zeros_like(program.integer)
        self.solver.passModel(highs_lp(program, program.lower, program.upper, continuous))

    @property
    def left(self) -> float:
        return self.until - time.monotonic()

    def solve(self, seconds: float) -> tuple[str, float]:
        self.solver.setOptionValue("time_limit", max(0.1, self.solver.getRunTime() + min(seconds, self.left)))
        self.solver.run()
        status = self.solver.getModelStatus()
        if status == highspy.HighsModelStatus.kOptimal:
            return "optimal", float(self.solver.getInfo().objective_function_value)
        impossible = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
        return ("infeasible" if status in impossible else "time"), float("inf")

    def _bounds(self, columns: NDArray[np.intp], lower: Vector, upper: Vector) -> None:
        self.solver.changeColsBounds(len(columns), columns.astype(np.int32), lower, upper)

    def ask(self, question: Question, basis: Any) -> float | None:
        """The answer; None if there was no time for it."""
        first = self.solver.getNumRow()
        self._bounds(question.columns, question.lower, question.upper)
        for columns in question.groups:
            self.solver.addRow(1.0, highspy.kHighsInf, len(columns), columns.astype(np.int32), np.ones(len(columns)))
        reason, objective = self.solve(self.task.each)
        for row in reversed(range(first, self.solver.getNumRow())):
            self.solver.deleteRows(1, np.array([row], dtype=np.int32))
        columns = question.columns
        self._bounds(columns, self.program.lower[columns], self.program.upper[columns])
        self.solver.setBasis(basis)
        return None if reason == "time" else objective


def probe(program: Milp, task: Probe, pipe: Connection, stop: Event) -> Probed:
    """Ask every question of ``program``, whose integrality is left aside.

    Every answer is reported over ``pipe`` too, as ``("answer", name, objective)``, the first with an empty name.
    """
    prober = _Prober(program, task)
    prober.solver.cbSimplexInterrupt += lambda event: event.interrupt() if stop.is_set() else None
    reason, base = prober.solve(task.seconds)
    if reason != "optimal":
        return Probed(reason, None)
    pipe.send(("answer", "", base))
    prober.solver.setOptionValue("presolve", "off")  # from here on every run starts from a basis
    basis = prober.solver.getBasis()
    objectives: dict[str, float] = {}
    for question in task.questions:
        if prober.left < 0.1 or stop.is_set():
            return Probed("interrupt" if stop.is_set() else "time", base, objectives)
        found = prober.ask(question, basis)
        if found is not None:
            objectives[question.name] = found
            pipe.send(("answer", question.name, found))
    return Probed("optimal", base, objectives)
