"""Relaxation, dive, then two processes side by side: one proves the bound, the other improves the incumbent.

1. The linear relaxation, strengthened by row generation, gives the first bound and the rows worth keeping.
2. A dive from it (upper levels first, then stations, then links, then sizes) gives the first incumbent.
3. HiGHS branches on the whole program with these rows (its dual bound is valid as it stands), while a
   large-neighbourhood search re-solves parts of the incumbent. Each hands the other what it finds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hubopt.instance import LEVELS
from hubopt.model import Network
from hubopt.solve.dive import Columns, Dive, Dived
from hubopt.solve.highs import Job, Outcome, Relaxation, Relaxed
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import Found, fixed_job
from hubopt.solve.process import SolverProcess
from hubopt.solve.progress import Tracker
from hubopt.solve.search import LocalSearch

RELAXATION_SHARE = 0.4
"""Share of the time limit that the relaxation may take before the run goes on without it."""
DIVE_SHARE, PATIENCE_SHARE = 0.7, 0.1
"""Shares of the time left that the dive may take at most, and before it stops having second thoughts."""
PATIENCE_SECONDS = 20.0
"""Least time for second thoughts, if a quarter of the time left allows it."""


def columns_of(program: Milp, group: str, chosen: Callable[[tuple[str, ...]], bool]) -> Columns:
    """Columns of a variable whose index satisfies ``chosen``."""
    return np.flatnonzero(program.column_mask(group, chosen))


def dive_order(network: Network, program: Milp) -> tuple[tuple[Columns, bool], ...]:
    """Openings of the upper levels (also closed), links to zones, openings of the lowest level, links to sites.

    Zones choose before the lowest level closes anything: whole zones need room that fractions of them do not.
    """
    lowest = {leg.split("-")[0] for leg in network.single_sourced if leg.endswith("-zone")}

    def of_level(level: str) -> Columns:
        return columns_of(program, "open", lambda index: network.sites[index[0]].level == level)

    return (
        *((of_level(level), True) for level in LEVELS if level not in lowest),
        (columns_of(program, "link", lambda index: index[0].endswith("-zone")), False),
        *((of_level(level), False) for level in LEVELS if level in lowest),
        (columns_of(program, "link", lambda index: not index[0].endswith("-zone")), False),
    )


@dataclass
class Staged:
    """One staged run over a compiled program; :meth:`run` does it all."""

    network: Network
    program: Milp
    tracker: Tracker
    gap: float
    seed: int
    start: Vector | None
    log: Callable[[str], None]
    best: Vector | None = None

    def run(self) -> Found:
        """Run to the gap, the time limit or an interrupt (KeyboardInterrupt is caught and kept as the reason)."""
        try:
            with SolverProcess(self.program) as prover:
                return self._run(prover)
        except KeyboardInterrupt:
            return Found("interrupt", self.best)

    def _listen(self, report: tuple[object, ...]) -> None:
        if report[0] == "progress":
            self.tracker.proved(report[2])  # type: ignore[arg-type]
        elif report[0] == "log":
            self.log(str(report[1]))

    def _take(self, values: Vector | None, objective: float | None) -> bool:
        if values is None or objective is None or not self.tracker.improves(objective):
            return False
        # kept before it is told of: Ctrl-C may come while somebody listens
        self.best = values
        return self.tracker.found(objective)

    def _run(self, prover: SolverProcess) -> Found:
        self.tracker.enter("relaxation")
        relaxed = prover.run(Relaxation(self.tracker.left * RELAXATION_SHARE), self._listen)
        if not isinstance(relaxed, Relaxed):
            relaxed = Relaxed(relaxed.reason, None, None, None, ~self.program.strengthening)
        if relaxed.reason == "infeasible":
            return Found("infeasible", None)
        self.tracker.proved(relaxed.bound)
        self._first_incumbent(prover)
        return self._prove_and_improve(prover, relaxed)

    def _first_incumbent(self, prover: SolverProcess) -> None:
        if self.start is not None:
            self.tracker.enter("warm start")
            outcome = prover.run(fixed_job(self.program, self.start, self.tracker.left), self._listen)
            fits = isinstance(outcome, Outcome) and outcome.reason == "optimal"
            if isinstance(outcome, Outcome) and fits and self._take(outcome.values, outcome.objective):
                return
        self.tracker.enter("dive")
        task = Dive(
            dive_order(self.network, self.program),
            columns_of(self.program, "modules", lambda index: True),
            seconds=self.tracker.left * DIVE_SHARE,
            patience=max(self.tracker.left * PATIENCE_SHARE, min(PATIENCE_SECONDS, self.tracker.left / 4)),
        )
        dived = prover.run(task, self._listen)
        if isinstance(dived, Dived):
            self.log(f"dive: {dived.reason}, objective {dived.objective}\n")
            self._take(dived.values, dived.objective)

    def _prove_and_improve(self, prover: SolverProcess, relaxed: Relaxed) -> Found:
        self.tracker.enter("search")
        program = self.program.with_rows(relaxed.rows)
        prover.replace(program)
        prover.submit(
            Job(
                program.lower, program.upper, program.integer, self.best,
                gap=self.gap, seconds=self.tracker.left, seed=self.seed, heuristics=self.best is None,
            )
        )  # fmt: skip
        if self.best is None:
            return self._prove(prover, None, None)
        with SolverProcess(program) as improver:
            search = LocalSearch(self.network, program, _whole(program, self.best), self.tracker.incumbent, self.seed)
            return self._prove(prover, improver, search)

    def _prove(self, prover: SolverProcess, improver: SolverProcess | None, search: LocalSearch | None) -> Found:
        """Listen to both processes until the gap is closed, time is up, or the prover is done."""
        began = time.monotonic()
        if improver is not None and search is not None:
            self._next(improver, search)
        while True:
            for report in prover.reports(wait=0.05):
                self._listen(report)
                if report[0] == "incumbent" and self._take(report[2], report[1]) and search is not None:  # type: ignore[arg-type]
                    search.adopt(report[2], report[1])  # type: ignore[arg-type]
                if report[0] == "done" and isinstance(report[1], Outcome):
                    return self._ended(report[1])
            if improver is not None and search is not None:
                for report in improver.reports():
                    if report[0] != "done" or not isinstance(report[1], Outcome):
                        continue
                    if search.absorb(report[1], time.monotonic() - began):
                        self._take(search.point, search.objective)
                        prover.offer(search.point)
                    began = time.monotonic()
                    if not self._next(improver, search):
                        improver = None
                        break
            if self.tracker.gap <= self.gap:
                return Found("optimal", self.best)
            if self.tracker.left <= 0:
                return Found("time", self.best)

    def _next(self, improver: SolverProcess, search: LocalSearch) -> bool:
        job = search.next_job(self.tracker.left, self.tracker.gap)
        if job is not None:
            improver.submit(job)
        return job is not None

    def _ended(self, outcome: Outcome) -> Found:
        self._take(outcome.values, outcome.objective)
        self.tracker.proved(outcome.bound)
        return Found(outcome.reason, self.best, outcome.nodes)


def _whole(program: Milp, values: Vector) -> Vector:
    """The point with its integer columns rounded."""
    return np.where(program.integer, np.round(values), values)
