"""The whole program handed to HiGHS: at once where it is small, else narrowed by the prices of its relaxation.

A large program is first relaxed over few of its columns and rows (:mod:`hubopt.solve.engine.sifting`). The prices say
which integer columns can be other than 0 in a solution that costs little more than the bound
(:mod:`hubopt.solve.narrowing`). Branching over these alone gives a first solution; as soon as it costs less than any
that was left out, nothing is left to do, and otherwise it says what must not be left out. Where prices leave out too
little for that, programs over few sites (:mod:`hubopt.solve.plans.kernel`) give the first solution.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from hubopt.solution.duals import Duals
from hubopt.solve.engine.first_order import RowPrices
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.engine.sifting import NEAR, Sifting
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.narrowing import Prices, prices
from hubopt.solve.plans.kernel import Kernels
from hubopt.solve.progress import Tracker

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
UNDECIDED = 0.4
"""Share of the integer columns left free at first, above which kernels of few sites give the first solution."""
KERNELS, IDLE_KERNELS = 8, 2
"""Kernels at most, and those after which nothing better is expected of more."""
KERNEL_SHARE = 0.05
"""Share of the time left that a kernel may take, the first one twice as much..."""
LONGER = 4.0
"""... and so many times as much while the best solution is poor."""
GOOD = 0.01
"""Gap up to which a solution is not poor; branching then leaves it to find others by itself."""
KERNEL_NODES = 200
"""Nodes of a kernel where the clock decides nothing."""
MANY = 20
"""Sites from which on it counts how many of them a row opens."""
OPEN_NEAR = 1.5
"""Open sites that there should be among the nearest of a zone, with which a relaxation is begun."""
RELAXATION_SHARE, FIRST_SHARE = 0.5, 0.35
"""Shares of the time left that the relaxation, and each search that can prove nothing by itself, may take."""
PRICES_SHARE = 0.3
"""Share of the relaxation's time that first prices for it may take."""


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


def open_share(program: Milp) -> float:
    """Which share of sites is open at most, or else at least, as far as rows that count them say; 1 if none does."""
    counted = program.columns_of(["open"]).astype(float)
    pattern = sparse.csr_array(program.matrix)
    entries = np.diff(pattern.indptr)
    rows = (pattern @ counted == entries) & (np.abs(pattern) @ counted == entries) & (entries >= MANY)
    number = np.where(np.isfinite(program.row_upper), program.row_upper, program.row_lower)[rows]
    shares = number[number >= 1] / entries[rows][number >= 1]
    return float(min(1.0, shares.min(initial=1.0)))


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
    _leaves_plans: bool = False

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

    def _job(
        self, solver: SolverProcess, program: Milp, lower: Vector, upper: Vector, seconds: float,
        most: int | None = None, idle: Callable[[], bool] | None = None,
    ) -> Outcome:  # fmt: skip
        """Branch and bound between other bounds; given up, as if out of time, once ``idle`` says so.

        ``most`` nodes in a run in which the clock decides nothing.
        """
        whole = program.lower is lower and program.upper is upper
        nodes = None if self.nodes is None else max(0, self.nodes - self._spent)
        if self.steady and most is not None:
            nodes = most if nodes is None else min(nodes, most)
        job = Job(
            lower, upper, program.integer, self.best, gap=self.gap, seconds=seconds, nodes=nodes,
            seed=self.seed, threads=self.threads, heuristics=not (whole and self._leaves_plans),
        )  # fmt: skip
        given_up = False

        def listen(report: tuple[object, ...]) -> None:
            nonlocal given_up
            (self._listen if whole else self._listen_in_part)(report)
            if idle is not None and not given_up and idle():
                given_up = True
                solver.cancel()

        outcome = solver.run(job, listen)
        assert isinstance(outcome, Outcome)
        if given_up and outcome.reason == "interrupt":
            outcome = replace(outcome, reason="time")
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
        seconds = self.tracker.left * (1.0 if self.steady else RELAXATION_SHARE)
        few = open_share(self.program) * NEAR < OPEN_NEAR
        first = seconds * (1.0 if self.steady else PRICES_SHARE)
        task = Sifting(seconds, self.threads, first_seconds=first if few else 0.0)
        sifted = solver.run(task, self._listen)
        if not isinstance(sifted, RowPrices) or sifted.duals is None:
            return None
        priced = prices(self.program, sifted.duals)
        if not np.isfinite(priced.bound):
            return None
        self.tracker.proved(priced.bound)
        program = self.program.with_rows(priced.rows)
        solver.replace(program)
        self.tracker.enter("search")
        limit = max(priced.bound + FIRST_ABOVE * abs(priced.bound), priced.limit_for(program, FEWEST))
        if self._free_share(*priced.narrowed(program, limit)) > UNDECIDED and sifted.values is not None:
            ended = self._kernels(solver, program, Kernels(program, sifted.values, priced.off_lower, self.seed))
            if ended is not None:
                return ended
            # what is as good is left to do at once
            limit = max(limit, self._worth) if self.best is not None else limit
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

    def _free_share(self, lower: Vector, upper: Vector) -> float:
        """Share of the integer columns that are free between these bounds, of those that are free at all."""
        program = self.program
        free = program.integer & (program.lower < program.upper)
        return float((free & (lower < upper)).sum() / max(1, int(free.sum())))

    def _kernels(self, solver: SolverProcess, program: Milp, kernels: Kernels) -> Found | None:
        """Solutions over few sites each; what the run ends with, if it ends there."""
        if kernels.is_whole:
            return None
        idle = 0
        for number in range(KERNELS):
            chosen = kernels.beside(self.best) if number else kernels.first()
            before = self.tracker.incumbent
            share = KERNEL_SHARE * self.tracker.left * (1 if number else 2)
            seconds = self.tracker.left if self.steady else LONGER * share
            until = time.monotonic() + share

            def enough(until: float = until) -> bool:
                return not self.steady and time.monotonic() > until and self.tracker.gap <= GOOD

            lower, upper = program.lower, kernels.upper(chosen)
            if not number or self.best is not None:
                lower = kernels.lower(self.best if number else None)
            outcome = self._job(solver, program, lower, upper, seconds, KERNEL_NODES, enough)
            self.log(f"kernel of {len(chosen)} sites: {outcome.reason}, objective {outcome.objective}\n")
            if self.tracker.gap <= self.gap:
                return Found("optimal", self.best, outcome.nodes)
            if outcome.reason in ("interrupt", "memory", "crash", "error", "unbounded"):
                return Found(outcome.reason, self.best, outcome.nodes)
            if self.nodes is not None and self._spent >= self.nodes:
                # that a kernel has no solution says nothing of the program
                return Found("nodes", self.best, outcome.nodes)
            self._leaves_plans = self.tracker.gap <= GOOD
            idle = 0 if self.tracker.incumbent < before else idle + 1
            if idle == IDLE_KERNELS or self.tracker.left <= 0:
                break
        return None

    def _part(self, solver: SolverProcess, program: Milp, priced: Prices, limit: float) -> Outcome | None:
        """The program where it may cost less than a limit; None if that leaves nothing out."""
        lower, upper = priced.narrowed(program, limit)
        if self.best is not None:
            # the best so far stays among what is looked at
            whole = np.where(program.integer, np.round(self.best), lower)
            lower, upper = np.minimum(lower, whole), np.maximum(upper, np.where(program.integer, whole, upper))
        free = int((program.integer & (lower < upper)).sum())
        last = limit >= self._worth
        if self._free_share(lower, upper) > MOST_FREE and not last:
            return None
        self.log(f"{free} integer columns free up to {limit:.6g}, bound {priced.bound:.6g}\n")
        until = time.monotonic() + FIRST_SHARE * self.tracker.left

        def idle() -> bool:
            # a solution on the way may show that nothing was left out: then this search is the proof
            return not self.steady and time.monotonic() > until and limit < self._worth

        outcome = self._job(solver, program, lower, upper, self.tracker.left, idle=idle)
        part = np.inf if outcome.reason == "infeasible" else outcome.bound
        if outcome.reason == "optimal" and part is None:
            part = outcome.objective
        if part is not None:
            # what was left out costs the limit or more, and so does a better solution than the best
            self.tracker.proved(min(part, limit, self.tracker.incumbent))
        return outcome
