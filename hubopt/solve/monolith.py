"""The whole program handed to HiGHS: at once where it is small, else narrowed by the prices of its relaxation.

A large program is first relaxed over few of its columns and rows (:mod:`hubopt.solve.sifting`). The prices say which
integer columns can be other than 0 in a solution that costs little more than the bound
(:mod:`hubopt.solve.narrowing`). Branching over these alone gives a first solution; as soon as it costs less than any
that was left out, nothing is left to do, and otherwise it says what must not be left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hubopt.solution.duals import Duals
from hubopt.solve.highs import Job, Outcome
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.narrowing import Prices, prices
from hubopt.solve.process import SolverProcess
from hubopt.solve.progress import Tracker
from hubopt.solve.sifting import Sifted, Sifting

NARROW_FROM = 10_000
"""Strengthening rows from which a program is narrowed first."""

FIRST_ABOVE = 0.003
"""How far above the bound a solution may be for what is not left out at first (relative)."""
FEWEST = 12
"""Integer columns that are left free at least."""
WIDER = 4.0
"""By which factor that distance grows where nothing was found within it."""
MOST_FREE = 0.7
"""Share of the integer columns above which a part is as good as the whole."""
RELAXATION_SHARE, FIRST_SHARE = 0.3, 0.35
"""Shares of the time left that the relaxation, and each search that proves nothing by itself, may take."""


@dataclass(frozen=True)
class Found:
    """What a method ends with: why it ended, its best point in the program's columns, and what a later run can use."""

    reason: str
    values: Vector | None
    nodes: int = 0
    duals: Duals | None = None


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
    """One run over a compiled program; :meth:`run` does it all. ``steady``: only the time limit may heed the clock."""

    program: Milp
    tracker: Tracker
    gap: float
    seed: int
    threads: int
    start: Vector | None
    log: Callable[[str], None]
    nodes: int | None = None
    best: Vector | None = None
    steady: bool = False
    _spent: int = 0

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
        found = self._narrowed(solver) if int(self.program.strengthening.sum()) >= NARROW_FROM else None
        return self._branched(solver, self.program) if found is None else found

    def _branched(self, solver: SolverProcess, program: Milp) -> Found:
        """Branch and bound on a program whose rows may be fewer, if none but strengthening ones."""
        self.tracker.enter("branch and bound")
        outcome = self._job(solver, program, program.lower, program.upper, self.tracker.left)
        if outcome.reason == "optimal" and outcome.bound is None:
            self.tracker.proved(outcome.objective)
        self.tracker.proved(outcome.bound)
        return Found(outcome.reason, self.best, outcome.nodes)

    def _job(self, solver: SolverProcess, program: Milp, lower: Vector, upper: Vector, seconds: float) -> Outcome:
        whole = program.lower is lower and program.upper is upper
        nodes = None if self.nodes is None else max(0, self.nodes - self._spent)
        job = Job(
            lower, upper, program.integer, self.best, gap=self.gap, seconds=seconds, nodes=nodes,
            seed=self.seed, threads=self.threads,
        )  # fmt: skip
        outcome = solver.run(job, self._listen if whole else self._listen_in_part)
        assert isinstance(outcome, Outcome)
        self._spent += outcome.nodes
        self._take(outcome.values, outcome.objective)
        return outcome

    def _listen_in_part(self, report: tuple[object, ...]) -> None:
        """What a part of the program reports, whose bound is none of the whole."""
        if report[0] != "progress":
            self._listen(report)

    def _narrowed(self, solver: SolverProcess) -> Found | None:
        """Search and proof where the prices of the relaxation allow a solution; None if they say nothing."""
        self.tracker.enter("relaxation")
        task = Sifting(self.tracker.left * (1.0 if self.steady else RELAXATION_SHARE), self.threads)
        sifted = solver.run(task, self._listen)
        if not isinstance(sifted, Sifted) or sifted.duals is None:
            return None
        priced = prices(self.program, sifted.duals)
        if not np.isfinite(priced.bound):
            return None
        self.tracker.proved(priced.bound)
        program = self.program.with_rows(priced.rows)
        solver.replace(program)
        self.tracker.enter("search")
        limit = max(priced.bound + FIRST_ABOVE * abs(priced.bound), priced.limit_for(program, FEWEST))
        while self.tracker.left > 0:
            # nothing that costs more than what there is needs to be looked at
            limit = min(limit, self._worth)
            if limit <= priced.bound:
                break
            outcome = self._part(solver, program, priced, limit)
            if outcome is None:
                break
            if outcome.reason == "crash":
                return Found("crash", self.best)
            if self.tracker.gap <= self.gap:
                return Found("optimal", self.best, outcome.nodes)
            if outcome.reason in ("interrupt", "memory", "nodes", "error", "unbounded"):
                return Found(outcome.reason, self.best, outcome.nodes)
            limit = priced.bound + WIDER * (limit - priced.bound)
        if self.tracker.gap <= self.gap:
            return Found("optimal", self.best)
        return self._branched(solver, program) if self.tracker.left > 0 else Found("time", self.best)

    @property
    def _worth(self) -> float:
        """What a solution may cost at most to be worth looking for."""
        best = self.tracker.incumbent
        return best - self.gap * (1 - 1e-6) * abs(best) if np.isfinite(best) else np.inf

    def _part(self, solver: SolverProcess, program: Milp, priced: Prices, limit: float) -> Outcome | None:
        """The program where it may cost less than a limit; None if that leaves nothing out."""
        lower, upper = priced.narrowed(program, limit)
        if self.best is not None:
            # the best so far stays among what is looked at
            whole = np.where(program.integer, np.round(self.best), lower)
            lower, upper = np.minimum(lower, whole), np.maximum(upper, np.where(program.integer, whole, upper))
        free = int((program.integer & (lower < upper)).sum())
        last = limit >= self._worth
        if free > MOST_FREE * int((program.integer & (program.lower < program.upper)).sum()) and not last:
            return None
        self.log(f"{free} integer columns free up to {limit:.6g}, bound {priced.bound:.6g}\n")
        seconds = self.tracker.left * (1.0 if last or self.steady else FIRST_SHARE)
        outcome = self._job(solver, program, lower, upper, seconds)
        part = np.inf if outcome.reason == "infeasible" else outcome.bound
        if outcome.reason == "optimal" and part is None:
            part = outcome.objective
        if part is not None:
            # what was left out costs the limit or more, and so does a better solution than the best
            self.tracker.proved(min(part, limit, self.tracker.incumbent))
        return outcome
