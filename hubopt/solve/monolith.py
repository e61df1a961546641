"""The whole program handed to HiGHS at once: best for small cases, and the yardstick for every other method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hubopt.solve.highs import Job, Outcome
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.process import SolverProcess
from hubopt.solve.progress import Tracker


@dataclass(frozen=True)
class Found:
    """What a method ends with: why it ended, and its best point in the program's columns."""

    reason: str
    values: Vector | None
    nodes: int = 0


def fixed_job(program: Milp, start: Vector, seconds: float, threads: int = 1) -> Job:
    """The linear program left when the integer columns are fixed as in ``start``.

    HiGHS runs all jobs of a process with the number of threads of the first, and refuses any other number.
    """
    fixed = np.round(start)
    return Job(
        lower=np.where(program.integer, fixed, program.lower),
        upper=np.where(program.integer, fixed, program.upper),
        integer=np.zeros_like(program.integer),
        seconds=seconds,
        threads=threads,
    )


@dataclass
class Monolith:
    """One run over a compiled program; :meth:`run` does it all."""

    program: Milp
    tracker: Tracker
    gap: float
    seed: int
    threads: int
    start: Vector | None
    log: Callable[[str], None]
    nodes: int | None = None
    best: Vector | None = None

    def run(self) -> Found:
        """Run to the gap, the time limit or an interrupt (KeyboardInterrupt is caught and kept as the reason)."""
        try:
            with SolverProcess(self.program) as solver:
                return self._run(solver)
        except KeyboardInterrupt:
            return Found("interrupt", self.best)

    def _take(self, values: Vector | None, objective: float | None) -> None:
        if values is not None and objective is not None and self.tracker.improves(objective):
            # kept before it is told of: Ctrl-C may come while somebody listens
            self.best = values
            self.tracker.found(objective, values)

    def _listen(self, report: tuple[object, ...]) -> None:
        if report[0] == "progress":
            self.tracker.proved(report[2])  # type: ignore[arg-type]
        elif report[0] == "incumbent":
            self._take(report[2], report[1])  # type: ignore[arg-type]
        elif report[0] == "log":
            self.log(str(report[1]))

    def _run(self, solver: SolverProcess) -> Found:
        if self.start is not None:
            self.tracker.enter("warm start")
            outcome = solver.run(fixed_job(self.program, self.start, self.tracker.left, self.threads))
            if isinstance(outcome, Outcome) and outcome.reason == "optimal":
                self._take(outcome.values, outcome.objective)
            if self.tracker.gap <= self.gap:
                return Found("optimal", self.best)
        self.tracker.enter("branch and bound")
        job = Job(
            self.program.lower, self.program.upper, self.program.integer, self.best,
            gap=self.gap, seconds=self.tracker.left, nodes=self.nodes, seed=self.seed, threads=self.threads,
        )  # fmt: skip
        outcome = solver.run(job, self._listen)
        assert isinstance(outcome, Outcome)
        self._take(outcome.values, outcome.objective)
        if outcome.reason == "optimal" and outcome.bound is None:
            self.tracker.proved(outcome.objective)
        self.tracker.proved(outcome.bound)
        return Found(outcome.reason, self.best, outcome.nodes)
