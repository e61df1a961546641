"""Relaxation, dive, then two processes side by side: one proves the bound, the other improves the incumbent.

1. The linear relaxation, strengthened by row generation, gives the first bound and the rows worth keeping.
2. A dive from it (upper levels first, then stations, then links, then sizes) gives the first incumbent.
3. HiGHS branches on the whole program with these rows (its dual bound is valid as it stands), while a
   large-neighbourhood search re-solves parts of the incumbent. Each hands the other what it finds.

:mod:`hubopt.solve.tracks` begins the proof beside the dive.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hubopt.model import Network
from hubopt.solve.engine.dive import Columns, Dive, Dived
from hubopt.solve.engine.jobs import Job, Outcome, Relaxation, Relaxed
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.lockstep import Lockstep, round_of
from hubopt.solve.milp import Mask, Milp, Vector
from hubopt.solve.monolith import Found, fixed_job
from hubopt.solve.plans.order import columns_of, dive_order, dive_pace
from hubopt.solve.plans.packing import tasks
from hubopt.solve.plans.search import LocalSearch, improve
from hubopt.solve.progress import Tracker

LEFT_OUT = ("exchange", "mixed")
"""Variables of in-city exchange, which the relaxation and the dive do without: many columns, little cost."""
SHARES = ("access_share", "delivery_share", "chain_share")
"""Rows that may fall short during the search."""
SHORTFALL_PRICE = 0.5
"""First price of missing a whole share, in objectives of the relaxation: less than leaving demand unmet instead."""
DEARER_AFTER, DEARER_BY = 25, 1.6
"""Turns of the search after which a shortfall that is still there gets dearer, and by which factor."""
DEARER_PROVEN, RAISES = 6.0, 6
"""The factor where a proof ended at a point that falls short, and how often."""
WHOLE = 1e-7
"""Shortfall that counts as none."""
RELAXATION_SHARE = 0.4
"""Share of the time limit that the relaxation may take before the run goes on without it."""
DIVE_SHARE, PATIENCE_SHARE = 0.7, 0.1
"""Shares of the time left that the dive may take at most, and before it stops having second thoughts."""
SIZE_GAP, SIZE_NODES = 2e-3, 500
"""Gap and nodes at which branching on the sizes alone ends."""
POOR_START = 0.05
"""Gap above which a plan to start from is followed by a dive: sizes that are too small now leave demand unmet."""
PATIENCE_SECONDS = 20.0
"""Least time for second thoughts, if a quarter of the time left allows it."""


def share_rows(program: Milp) -> Mask:
    """Rows that are shares of service."""
    return np.array([name.partition("[")[0] in SHARES for name in program.row_names], dtype=bool)


def has_shares(program: Milp) -> bool:
    """Whether shares of service bind the plan."""
    return bool(share_rows(program).any())


@dataclass
class Staged:
    """One staged run over a compiled program; :meth:`run` does it all.

    The search works on a program in which shares of service may fall short at a high price, so that it can start from
    a point that misses one; only points without shortfall become incumbents.

    ``steady``: nothing but the time limit depends on the clock (:mod:`hubopt.solve.lockstep`), with ``rounds`` of the
    search at most. Without ``bounding`` nobody proves: a plan is improved for as long as there is time.
    """

    network: Network
    program: Milp
    tracker: Tracker
    gap: float
    seed: int
    start: Vector | None
    log: Callable[[str], None]
    best: Vector | None = None
    steady: bool = False
    rounds: int | None = None
    nodes: int | None = None
    bounding: bool = True

    def __post_init__(self) -> None:
        self.searched = self.program.elastic(SHARES, 0.0)
        self.point: Vector | None = None
        self.value = float("inf")
        self.turns = self.raises = 0

    def run(self) -> Found:
        """Run to the gap, the time limit or an interrupt (KeyboardInterrupt is caught and kept as the reason)."""
        try:
            with SolverProcess(self.searched.at_zero("shortfall")) as prover:
                return self._run(prover)
        except KeyboardInterrupt:
            return Found("interrupt", self.best)

    def _listen(self, report: tuple[object, ...]) -> None:
        if report[0] == "progress":
            self.tracker.proved(report[2])  # type: ignore[arg-type]
        elif report[0] == "log":
            self.log(str(report[1]))

    def _take(self, values: Vector | None, objective: float | None) -> bool:
        """Keep a better point of the searched program; it is an incumbent if nothing falls short in it."""
        if values is None or objective is None:
            return False
        if self._misses(values):  # at the price of now: the proof may still reckon with an earlier one
            objective = self.searched.objective(values)
        if objective >= self.value - 1e-9 * abs(objective):
            return False
        self.point, self.value = values, objective
        if not self._misses(values) and self.tracker.improves(objective):
            # kept before it is told of: Ctrl-C may come while somebody listens
            self.best = values[: self.program.columns]
            self.tracker.found(objective, self.best)
        return True

    def _run(self, prover: SolverProcess) -> Found:
        self.tracker.enter("relaxation")
        relaxed = self._relaxed(prover)
        if relaxed.reason == "infeasible":
            return Found("infeasible", None)
        self.tracker.proved(relaxed.bound)
        self._prepared(relaxed)
        self.searched = self.searched.with_rows(relaxed.rows)
        self._price_shortfall(relaxed.bound)
        if relaxed.row_duals is not None:
            relaxed = replace(relaxed, row_duals=relaxed.row_duals[relaxed.rows])
        self._first_point(prover, relaxed)
        return self._prove_and_improve(prover)

    def _price_shortfall(self, bound: float | None) -> None:
        """The first price of missing a share, given the bound of a relaxation."""
        price = SHORTFALL_PRICE * abs(bound or float(self.program.cost.sum()))
        self.searched = self.searched.priced("shortfall", price)

    def _relaxed(self, prover: SolverProcess) -> Relaxed:
        """The relaxation of the whole program."""
        relaxed = prover.run(Relaxation(self.tracker.left * self._relaxation_share), self._listen)
        if isinstance(relaxed, Relaxed):
            return relaxed
        return Relaxed(relaxed.reason, None, None, ~self.program.strengthening)

    def _prepared(self, relaxed: Relaxed) -> None:
        """Hear of the relaxation of the whole program, with the duals of all its rows."""

    def _first_point(self, prover: SolverProcess, relaxed: Relaxed) -> None:
        if self.start is not None:
            self.tracker.enter("warm start")
            if self._complete(prover, self._padded(self.start)) and self.tracker.gap <= POOR_START:
                return
            relaxed = self._relax_again(prover, self.searched.at_zero("shortfall"))
        program = self.searched.at_zero("shortfall")
        if relaxed.values is not None and any(self.program.groups.get(name) for name in LEFT_OUT):
            self.tracker.enter("dive")
            program = self._core(relaxed.values)
            relaxed = self._relax_again(prover, program)
        self._dive(prover, program, relaxed)

    def _dive(self, prover: SolverProcess, program: Milp, relaxed: Relaxed) -> None:
        """Dive from the relaxation of a program, which the process has just solved, and complete the plan."""
        self.tracker.enter("dive")
        left = self.tracker.time_limit if self.steady else self.tracker.left
        task = Dive(
            dive_order(self.network, self.program),
            columns_of(self.program, "modules", lambda index: True),
            seconds=self.tracker.left * (1.0 if self.steady else DIVE_SHARE),
            patience=max(left * PATIENCE_SHARE, min(PATIENCE_SECONDS, left / 4)),
            freed=np.arange(self.program.columns, self.searched.columns),
            price=float(self.searched.cost[-1]),
            given=self._packed(program, relaxed),
            pace=dive_pace(self.searched) if self.steady else None,
        )
        dived = prover.run(task, self._listen)
        if isinstance(dived, Dived):
            self.log(f"dive: {dived.reason}, objective {dived.objective}\n")
            if dived.values is not None:
                (self._size if dived.reason == "sizes" else self._complete)(prover, dived.values)

    def _size(self, prover: SolverProcess, values: Vector) -> None:
        """Branch on the sizes alone where those that a dive needs do not fit, into little land say."""
        program = self.searched
        prover.replace(program)
        decided = program.integer & ~program.columns_of(["modules"])
        whole = np.clip(np.round(values), program.lower, program.upper)
        job = Job(
            np.where(decided, whole, program.lower), np.where(decided, whole, program.upper), program.integer,
            gap=SIZE_GAP, seconds=self.tracker.left, nodes=SIZE_NODES, seed=self.seed,
        )  # fmt: skip
        outcome = prover.run(job)
        if isinstance(outcome, Outcome):
            self.log(f"sizes: {outcome.reason}, objective {outcome.objective}\n")
            if outcome.values is not None:
                self._complete(prover, outcome.values)

    def _packed(self, program: Milp, relaxed: Relaxed) -> Columns:
        """Links of zones chosen by annealing at the prices of a relaxation of ``program``."""
        prices, point = relaxed.row_duals, relaxed.values
        if prices is None or point is None:
            return np.array([], dtype=np.intp)
        chosen = [task.chosen(self.seed) for task in tasks(self.network, program, prices, point, nested=False)]
        return np.concatenate([np.array([], dtype=np.intp), *chosen])

    @property
    def _relaxation_share(self) -> float:
        """Share of the time left that a relaxation may take: all of it where the clock may decide nothing else."""
        return 1.0 if self.steady else RELAXATION_SHARE

    def _core(self, point: Vector) -> Milp:
        """The searched program without in-city exchange, which leaves it the room that it takes now."""
        whole = self.searched.at_zero("shortfall")
        taken = whole.matrix @ np.where(whole.columns_of(LEFT_OUT), point, 0.0)
        row_upper = np.where(share_rows(whole), whole.row_upper - taken, whole.row_upper)
        return replace(whole, row_upper=row_upper).without(LEFT_OUT)

    def _relax_again(self, prover: SolverProcess, program: Milp) -> Relaxed:
        """The relaxation of another program, for a dive to start from."""
        prover.replace(program)
        relaxed = prover.run(Relaxation(self.tracker.left * self._relaxation_share, rounds=0, strengthened=True))
        nothing = np.ones(program.rows, dtype=bool)
        return relaxed if isinstance(relaxed, Relaxed) else Relaxed("error", None, None, nothing)

    def _complete(self, prover: SolverProcess, values: Vector) -> bool:
        """Solve the searched program for the whole columns of a point; whether that gives one."""
        prover.replace(self.searched)
        outcome = prover.run(fixed_job(self.searched, values, self.tracker.left), self._listen)
        if not isinstance(outcome, Outcome) or outcome.reason != "optimal":
            return False
        self.log(f"completed: objective {outcome.objective}\n")
        return self._take(outcome.values, outcome.objective)

    def _padded(self, values: Vector) -> Vector:
        return np.concatenate([values, np.zeros(self.searched.columns - len(values))])

    def _prove_and_improve(self, prover: SolverProcess) -> Found:
        self.tracker.enter("search")
        program = self.searched
        prover.replace(program)
        if self.point is not None and not self.bounding:
            return self._improve(prover, self._local_search(self.point))
        job = self._whole_job()
        if self.point is None:
            if self.steady:
                outcome = prover.run(job)
                assert isinstance(outcome, Outcome)
                return self._ended(prover, outcome)
            prover.submit(job)
            return self._prove(prover, None, None)
        with SolverProcess(program) as improver:
            search = self._local_search(self.point)
            if self.steady:
                return self._in_step(prover, improver, search, job)
            prover.submit(job)
            return self._prove(prover, improver, search)

    def _improve(self, improver: SolverProcess, search: LocalSearch) -> Found:
        """The search by itself."""
        turns = None if self.rounds is None else self.rounds * round_of(self.searched)[1]

        def absorbed(improved: bool) -> bool:
            nonlocal turns
            if improved:
                self._take(search.point, search.objective)
            self._press(improver, search)
            turns = None if turns is None else turns - 1
            return self.tracker.gap > self.gap and turns != 0

        improve(improver, search, self.tracker, absorbed)
        return Found("optimal" if self.tracker.gap <= self.gap else "time", self.best)

    def _whole_job(self) -> Job:
        """Branch and bound on the whole searched program."""
        program = self.searched
        return Job(
            program.lower, program.upper, program.integer, self.point,
            gap=self.gap, seconds=self.tracker.left, nodes=self.nodes, seed=self.seed, heuristics=self.point is None,
        )  # fmt: skip

    def _local_search(self, point: Vector) -> LocalSearch:
        """A search that starts from a point of the searched program."""
        whole = self.searched.rounded(point)
        return LocalSearch(self.network, self.searched, whole, self.value, self.seed, steady=self.steady)

    def _in_step(self, prover: SolverProcess, improver: SolverProcess, search: LocalSearch, job: Job) -> Found:
        """The search in rounds, in which the clock decides nothing."""
        while True:
            steps = Lockstep(
                search.program, self.tracker, self.gap, search, self._take, self._press, self.log, self.rounds
            )  # fmt: skip
            ended = steps.run(prover, improver, job)
            if isinstance(ended, Found):
                return replace(ended, values=self.best)
            if not self._falls_short(ended) or self.raises == RAISES:
                return self._ended(prover, ended)
            job = self._dearer_for_both(prover, improver, search)

    def _prove(self, prover: SolverProcess, improver: SolverProcess | None, search: LocalSearch | None) -> Found:
        """Listen to both processes until the gap is closed, time is up, or the prover is done."""
        began, idle = time.monotonic(), False
        if improver is not None and search is not None:
            self._next(improver, search)
        while True:
            for report in prover.reports(wait=0.05):
                self._listen(report)
                if report[0] == "incumbent" and self._take(report[2], report[1]) and search is not None:  # type: ignore[arg-type]
                    search.adopt(report[2], report[1])  # type: ignore[arg-type]
                if report[0] == "done" and isinstance(report[1], Outcome):
                    idle = improver is not None and self._falls_short(report[1]) and self.raises < RAISES
                    if not idle:
                        return self._ended(prover, report[1])
            if improver is not None and search is not None:
                for report in improver.reports():
                    if report[0] != "done" or not isinstance(report[1], Outcome):
                        continue
                    if search.absorb(report[1], time.monotonic() - began):
                        self._take(search.point, search.objective)
                        prover.offer(search.point)
                    self._press(improver, search)
                    if idle:
                        prover.submit(self._dearer_for_both(prover, improver, search))
                        idle = False
                    began = time.monotonic()
                    if not self._next(improver, search):
                        improver = None
                        break
            if self.tracker.gap <= self.gap:
                return Found("optimal", self.best)
            if self.tracker.left <= 0:
                return Found("time", self.best)

    def _press(self, improver: SolverProcess, search: LocalSearch) -> None:
        """Make a shortfall dearer that has outlived some turns of the search."""
        self.turns += 1
        if self.turns % DEARER_AFTER == 0 and self._misses(search.point):
            self._dearer(improver, search, DEARER_BY)

    def _misses(self, point: Vector) -> bool:
        """Whether a share of service falls short at a point of the searched program."""
        return bool(point[self.program.columns :].sum() > WHOLE)

    def _dearer(self, improver: SolverProcess, search: LocalSearch, factor: float) -> None:
        """Make a shortfall dearer for the search."""
        program = search.program
        price = factor * float(program.cost[program.columns - 1])
        search.program = self.searched = program.priced("shortfall", price)
        search.objective = self.value = search.program.objective(search.point)
        if self.best is not None and (kept := search.program.objective(self._padded(self.best))) < self.value:
            self.point, self.value = self._padded(self.best), kept
            search.adopt(self.point, kept)
        improver.replace(search.program)
        self.log(f"shortfall costs {price:g}\n")

    def _dearer_for_both(self, prover: SolverProcess, improver: SolverProcess, search: LocalSearch) -> Job:
        """Make a shortfall dearer for search and proof; the job with which the proof goes on."""
        self.raises += 1
        self._dearer(improver, search, DEARER_PROVEN)
        self.point = search.point
        prover.replace(self.searched)
        return self._whole_job()

    def _next(self, improver: SolverProcess, search: LocalSearch) -> bool:
        job = search.next_job(self.tracker.left, self.tracker.gap)
        if job is not None:
            improver.submit(job)
        return job is not None

    def _falls_short(self, outcome: Outcome) -> bool:
        """Take in how a proof ended; whether at a point that misses a share."""
        self._take(outcome.values, outcome.objective)
        self.tracker.proved(outcome.bound)
        return outcome.reason == "optimal" and (self.best is None or self.tracker.gap > self.gap + WHOLE)

    def _ended(self, prover: SolverProcess, outcome: Outcome) -> Found:
        if self._falls_short(outcome):
            return self._without_shortfall(prover)
        return Found(outcome.reason, self.best, outcome.nodes)

    def _without_shortfall(self, prover: SolverProcess) -> Found:
        """The best point at this price falls short: only the program itself can tell what one that does not costs."""
        self.tracker.enter("branch and bound")
        program = self.searched.at_zero("shortfall")
        prover.replace(program)
        job = Job(
            program.lower, program.upper, program.integer, gap=self.gap, seconds=self.tracker.left, seed=self.seed
        )
        outcome = prover.run(job, self._listen)
        if not isinstance(outcome, Outcome):
            return Found("error", None)
        self.value = float("inf")
        self._take(outcome.values, outcome.objective)
        return Found(outcome.reason, self.best, outcome.nodes)
