"""The staged method on two tracks from its first second: one makes a plan, the other a proof.

The plan's track relaxes the program without in-city exchange and dives from there. The proof's track relaxes the whole
program and goes on to branching, which takes in the plan as soon as there is one. Where exchange counts in a share of
service, a dive has to know how much room it takes, and the plan waits for the relaxation of the whole program.

A large program, whose relaxation takes minutes, is planned from the zones up at prices over the nearest ways to each
place (:mod:`hubopt.solve.plans.from_below`), and its bound is that of interior-point relaxations. The search from the
plan, which has all ways, does not wait for these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from hubopt.model import Network
from hubopt.solve.engine.dive import Columns, Dived
from hubopt.solve.engine.jobs import Outcome, Relaxation, Relaxed
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Milp
from hubopt.solve.monolith import Found
from hubopt.solve.plans.from_below import FromBelow
from hubopt.solve.plans.search import LocalSearch, improve
from hubopt.solve.staged import DIVE_SHARE, LEFT_OUT, Staged, share_rows

WAIT_SECONDS = 0.05
"""How long one track waits for the other at a time."""
LARGE, NEAREST = 80_000, 4
"""Columns from which on a first plan is made from below, at prices over so many ways to each place."""


class _Beside(SolverProcess):
    """A solver process that hears another one while it runs; once ``hear`` is False its job is given up."""

    def __init__(self, program: Milp, hear: Callable[[], bool]) -> None:
        self._hear = hear
        super().__init__(program)

    def reports(self, wait: float = 0.0) -> Iterator[tuple[object, ...]]:
        if not self._hear():
            self.cancel()
        yield from super().reports(min(wait, WAIT_SECONDS))


def nearest_ways(network: Network, program: Milp, count: int) -> Milp:
    """The program with no more than the ``count`` shortest ways to each place on legs where one way serves it all."""
    origins: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for (leg, i, j, _), way in network.way.items():
        if i in network.sites and leg in network.single_sourced:
            known = origins[leg, j]
            known[i] = min(way.km, known.get(i, np.inf))
    near = {(leg, i, j) for (leg, j), known in origins.items() for i in sorted(known, key=known.__getitem__)[:count]}
    upper = program.upper.copy()
    for group in ("link", "flow"):
        for index, column in program.groups.get(group, {}).items():
            if index[0] in network.single_sourced and index[1] in network.sites and index[:3] not in near:
                upper[column] = program.lower[column]
    return replace(program, upper=upper)


@dataclass
class Tracks(Staged):
    """A staged run whose plan and proof begin at once, each in a process of its own."""

    _prover: SolverProcess | None = field(default=None, init=False)
    _whole: Milp | None = field(default=None, init=False)
    _proven: Milp | None = field(default=None, init=False)
    _outcome: Outcome | None = field(default=None, init=False)
    _priced: bool = field(default=False, init=False)
    _relaxations: Iterator[Relaxation] = field(default_factory=lambda: iter(()), init=False)
    _searching: bool = field(default=False, init=False)

    def _run(self, prover: SolverProcess) -> Found:
        if self.steady or self.start is not None or not self.bounding or (self._exchange_counts and not self._is_large):
            return super()._run(prover)
        self.tracker.enter("relaxation")
        self._prover, self._whole = prover, self.searched
        self._relaxations = self._relaxations_to_come
        prover.submit(next(self._relaxations))
        core = self.searched.at_zero("shortfall").without(LEFT_OUT)
        if self._is_large:
            core = nearest_ways(self.network, core, NEAREST)
        with _Beside(core, self._hear) as planner:
            self._plan(planner, core)
            search = self._search_ahead(planner)
            while not self._proof_began:
                if self.tracker.gap <= self.gap or self.tracker.left <= 0:
                    return Found("optimal" if self.tracker.gap <= self.gap else "time", self.best)
                self._hear(WAIT_SECONDS)
            self._searching = True
            if self._proven is not None and not self._is_large:
                self.searched = self._proven
            if self._outcome is None and self.point is None:
                self._outcome = self._broken_off(prover)
            if self._outcome is not None:
                return self._ended_early(prover, self._outcome)
            if self.point is None:
                return self._prove_and_improve(prover)
            self.tracker.enter("search")
            prover.offer(self.point)
            planner.replace(self.searched)
            if search is None:
                search = self._local_search(self.point)
            search.program = self.searched
            return self._prove(prover, planner, search)

    @property
    def _relaxations_to_come(self) -> Iterator[Relaxation]:
        """The relaxations of the whole program, one after the other.

        Of a large one the first has no strengthening rows and the second all of them, both without the basis from which
        rounds of row generation would go on: these take longer than branching, which needs one, is worth.
        """
        if not self._is_large:
            yield Relaxation(self.tracker.left * self._relaxation_share)
            return
        for strengthened in (False, True):
            yield Relaxation(self.tracker.left, rounds=0, strengthened=strengthened, crossover=False)

    @property
    def _proof_began(self) -> bool:
        """Whether the proof is past its relaxation, or has ended."""
        return self._proven is not None or self._outcome is not None

    def _search_ahead(self, planner: SolverProcess) -> LocalSearch | None:
        """Search from the plan for as long as the other track relaxes; None where there is nothing to search."""
        if self.point is None or self._proof_began:
            return None
        self.tracker.enter("search")
        search = self._local_search(self.point)
        planner.replace(self.searched)

        def absorbed(improved: bool) -> bool:
            if improved:
                self._take(search.point, search.objective)
            if not self._proof_began:
                self._press(planner, search)
            return not self._proof_began and self.tracker.gap > self.gap

        improve(planner, search, self.tracker, absorbed)
        return search

    @property
    def _is_large(self) -> bool:
        return self.program.columns >= LARGE

    @property
    def _exchange_counts(self) -> bool:
        """Whether in-city exchange counts in a share of service."""
        exchanged = np.flatnonzero(self.program.columns_of(LEFT_OUT))
        return bool(self.program.matrix[share_rows(self.program)][:, exchanged].nnz)

    def _plan(self, planner: SolverProcess, core: Milp) -> None:
        """The plan's track, from the relaxation of the core to a plan; the other track is heard all the while."""
        # over some of the ways the relaxation bounds nothing
        task = Relaxation(self.tracker.left * self._relaxation_share)
        relaxed = planner.run(replace(task, rounds=0)) if self._is_large else planner.run(task, self._listen)
        if not isinstance(relaxed, Relaxed) or relaxed.values is None or relaxed.row_duals is None:
            return
        self._price_shortfall(relaxed.bound)
        if not self._is_large:
            idle = {name for name, kept in zip(core.row_names, relaxed.rows, strict=True) if not kept}
            self.searched = self.searched.with_rows(np.array([name not in idle for name in self.searched.row_names]))
        relaxed = replace(relaxed, row_duals=relaxed.row_duals[relaxed.rows])
        core = core.with_rows(relaxed.rows)
        if self._is_large:
            if self._from_below(planner, self._packed(core, relaxed)):
                return
            # the process has other programs now
            relaxed = self._relax_again(planner, core)
        self._dive(planner, core, relaxed)

    def _from_below(self, planner: SolverProcess, zones: Columns) -> bool:
        """A plan in which these links of zones are given; whether there is one."""
        steps = FromBelow(self.network, self.searched.with_rows(~self.searched.strengthening), zones)
        if not len(zones) or steps.left is None:
            return False
        self.tracker.enter("dive")
        planner.replace(steps.left.program)
        planner.run(Relaxation(self.tracker.left * self._relaxation_share, rounds=0))
        dived = planner.run(steps.sites(steps.left, self.tracker.left * DIVE_SHARE))
        if not isinstance(dived, Dived) or dived.values is None:
            return False
        program, job = steps.links(steps.left.whole(dived.values), self.tracker.left, self.seed)
        planner.replace(program)
        linked = planner.run(job)
        self.log(f"sites: objective {dived.objective}; links: {linked.reason}\n")
        if not isinstance(linked, Outcome) or linked.values is None:
            return False
        if not self._complete(planner, steps.sized(linked.values)):
            self._size(planner, linked.values)
        return self.point is not None

    def _hear(self, wait: float = 0.0) -> bool:
        """Take in what the proof's track reports, and lead it on; whether a plan is still wanted."""
        assert self._prover is not None
        if self._searching or self._outcome is not None:
            return self._searching
        for report in self._prover.reports(wait):
            self._listen(report)
            if report[0] == "incumbent":
                self._take(report[2], report[1])  # type: ignore[arg-type]
            elif report[0] == "done" and self._proven is None:
                self._begin_proof(report[1])
            elif report[0] == "done":
                assert isinstance(report[1], Outcome)
                self._outcome = report[1]
        return True

    def _begin_proof(self, answer: object) -> None:
        """Go on from the relaxation of the whole program to branching, unless there is no plan at all."""
        assert self._prover is not None and self._whole is not None
        kept = ~self.program.strengthening
        if isinstance(answer, Relaxed):
            if answer.reason == "infeasible":
                self._outcome = Outcome("infeasible", None, None, None)
                return
            kept = answer.rows
            self.tracker.proved(answer.bound)
            self._price_shortfall(answer.bound)
            if (further := next(self._relaxations, None)) is not None and answer.bound is not None:
                self._prover.submit(further)
                return
        self._proven = replace(self._whole, cost=self.searched.cost).with_rows(kept)
        self._prover.replace(self._proven)
        self._prover.submit(replace(self._whole_job(), start=None, heuristics=False))

    def _price_shortfall(self, bound: float | None) -> None:
        """As the staged method; whichever track is relaxed first sets the price for both."""
        if not self._priced:
            super()._price_shortfall(bound)
            self._priced = True

    def _broken_off(self, prover: SolverProcess) -> Outcome | None:
        """Stop the proof, which leaves looking for plans to the other track; how it ended, if by itself."""
        prover.cancel()
        while True:
            for report in prover.reports(WAIT_SECONDS):
                self._listen(report)
                if report[0] == "done" and isinstance(report[1], Outcome):
                    return None if report[1].reason == "interrupt" else report[1]

    def _ended_early(self, prover: SolverProcess, outcome: Outcome) -> Found:
        """How the run ends where a proof was done before the search began, or there is no plan to search from."""
        if self._falls_short(outcome):
            return self._prove_and_improve(prover)
        return Found(outcome.reason, self.best, outcome.nodes)
