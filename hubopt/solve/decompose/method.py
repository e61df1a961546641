"""Decomposition: a Lagrangian bound from the lowest sites and a small program above, beside packings and a search.

1. The linear relaxation, or what comes near it where it is large (:mod:`hubopt.solve.decompose.priced`), gives the
   first bound, prices and the rows worth keeping.
2. Annealing at these prices puts zones to sites and sites to their upper ends; HiGHS completes the rest exactly.
3. One process solves the program of the upper levels, relaxed at first, again and again, at rising prices of what
   ties it to the lowest sites (:mod:`hubopt.solve.decompose.lagrangian`). Each solve gives a valid bound, each whole
   one sites of the upper levels worth a try: new packings at the new prices. The other process re-solves parts of the
   incumbent by large-neighbourhood search.
4. Where the prices rise no more, what is known of the lowest sites becomes rows of the upper program: a plane for each
   of several prices (:mod:`hubopt.solve.decompose.planes`), the highest of which HiGHS minimises by branching above.
5. Where that rises no more either, all plans are parted in two by what is open above
   (:mod:`hubopt.solve.decompose.tree`), and each part gets prices of its own.
6. Where there is nothing left to part, HiGHS branches on the whole program for what is left of the time.

A program without lowest sites that serve zones whole goes from step 2 to the last, and the log says so.

A run that starts from the result of another takes over how that one parted all plans and the prices in each part: the
relaxation is left out, and the bound begins about where it stood (:mod:`hubopt.solution.duals`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import numpy as np

from hubopt.solution.duals import Duals
from hubopt.solve.decompose.kept_duals import kept
from hubopt.solve.decompose.lagrangian import GAIN, STEP, Ascent, Node, start
from hubopt.solve.decompose.planes import Planes
from hubopt.solve.decompose.priced import Priced
from hubopt.solve.decompose.tree import Tree
from hubopt.solve.decompose.upper_asked import is_empty, relaxed_bound
from hubopt.solve.engine.jobs import Job, Outcome, Relaxed
from hubopt.solve.engine.process import SolverProcess, Task
from hubopt.solve.engine.repriced import Reprice, Repriced
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import Found
from hubopt.solve.plans.packing import tasks, with_links
from hubopt.solve.plans.search import LocalSearch
from hubopt.solve.staged import POOR_START, has_shares

STEPS = 60
"""Steps of the volume algorithm between two solves of the upper program."""
STEPS_RELAXED, STALLED_RELAXED = 20, 8
"""The same where the upper program is relaxed, and the rounds without a rise of the bound after which it no longer is.
"""
NEAR, NEAREST, NEAR_SHARE = 3e-3, 2e-4, 0.07
"""Widest and narrowest gap at which the upper program may stop, in bounds on the whole, and its share of the gap."""
UPPER_SHARE, UPPER_SECONDS = 0.1, 10.0
"""Longest solve of the upper program: a share of the time limit, or this if that is longer."""
STALLED, STALLED_LATER = 3, 2
"""Rounds without a rise of the bound after which all plans, or a part of them, are parted in two."""
LONGER, NEARER, LEAST_SHARE = 1.5, 0.3, 0.005
"""Factors of a solve's longest time after one that proved nothing, and of its gap after one that had nothing to add;
the share of the gap at which it is fine enough."""
HOPE = 0.03
"""Gap that the steps aim to close while there is no incumbent."""
PACK_AT = frozenset((1, 3, 6, 10, 16, 24, 36, 50, 70, 100))
"""Rounds after which zones are packed anew."""
POOR = 0.3
"""Gap of the first packing above which a dive follows."""
POOR_DUALS = 0.1
"""Gap at the duals and the plan of an earlier run above which the relaxation is solved all the same."""
COMPLETE_SHARE, COMPLETE_GAP = 0.05, 1e-3
"""Share of the time limit that completing a packing may take, and the gap at which it is complete enough."""


@dataclass
class Decompose(Priced):
    """One run by decomposition; what it does first and last is the staged method's."""

    ascent: Ascent | None = field(default=None, init=False)
    tree: Tree | None = field(default=None, init=False)
    planes: list[Vector] = field(default_factory=list, init=False)
    packings: int = field(default=0, init=False)

    def run(self) -> Found:
        """As every method, with duals for a later run."""
        found = super().run()
        return replace(found, duals=self._duals())

    def _prove_and_improve(self, prover: SolverProcess) -> Found:
        pieces = None if self.steady else self._pieces
        if pieces is None:
            self.log("no lowest sites serve zones whole, or every step is to be repeated: not decomposed\n")
            return super()._prove_and_improve(prover)
        self.tracker.enter("decomposition")
        self.ascent = start(self.network, *pieces)
        self.tree = Tree(self.network, self.ascent)
        self.log(f"dualised: {self.ascent.cut.told}\n")
        if self.earlier is not None:
            self.tree.restore(self.earlier)
        if self.point is None:
            return self._climb(prover, None, None)
        if self.best is not None:
            self.ascent.add(self.best[self.ascent.above])
        with SolverProcess(self.searched) as improver:
            return self._climb(prover, improver, self._local_search(self.point))

    def _duals(self) -> Duals | None:
        """Where a later run can start from."""
        tree, relaxed = self.tree, self.relaxed
        if tree is None or relaxed is None or relaxed.row_duals is None:
            return None
        return kept(tree, self.program, relaxed.row_duals, self.planes)

    def _climb(self, prover: SolverProcess, improver: SolverProcess | None, search: LocalSearch | None) -> Found:
        """Rounds of an upper program and rising prices, with the search beside them."""
        ascent, tree = self.ascent, self.tree
        assert ascent is not None and tree is not None
        self._began = time.monotonic()
        if improver is not None and search is not None:
            self._next(improver, search)
        self._begin(prover, tree)
        self._climb_relaxed(prover, improver, search)
        turn = 0
        while (node := tree.lowest(self.tracker.incumbent * (1 - self.gap))) is not None:
            turn += 1
            near = max(NEAREST, min(NEAR, NEAR_SHARE * self.tracker.gap)) * abs(self.tracker.bound)
            outcome, points = self._above(prover, improver, search, node, near)
            empty = outcome.reason == "infeasible" and is_empty(prover, ascent, node, self.tracker.left, self.seed)
            if empty:
                tree.drop(node)
            elif outcome.bound is not None:
                ascent.proved(node, outcome.bound)
            else:
                node.idle += 1
            self.tracker.proved(tree.bound(self.tracker.incumbent))
            self.log(
                f"decomposition: round {turn}, bound {tree.bound(np.inf):.6g}, {len(tree.nodes)} parts, "
                f"upper program {outcome.reason}, part {node.bound:.6g}\n"
            )
            if (ended := self._over()) is not None:
                return ended
            for point in points:
                ascent.add(point)
            if not empty:
                ascent.climb(node, STEPS, self._target(), lambda: self._hear(improver, search))
                known = self.earlier is not None and len(self.earlier.planes) > 0
                if node is ascent.root and (known or node.idle >= STALLED) and node.mean is not None:
                    self._by_planes(prover, improver, search)
                    if (ended := self._over()) is not None:
                        return ended
                if node.idle >= (STALLED if node is ascent.root else STALLED_LATER) and not tree.branch(node):
                    break
            # shares of service bind lowest sites and sites above together: packings seldom keep them
            if turn in PACK_AT and not has_shares(self.program):
                self._pack_anew(prover, improver, search, ascent.cut.program, node.trial)
            if (ended := self._over()) is not None:
                return ended
        return self._branch(prover, improver, search)

    def _begin(self, prover: SolverProcess, tree: Tree) -> None:
        """First bounds of parts taken over from an earlier run: those that are out of the question cost no more."""
        if len(tree.nodes) > 1:
            for node in tree.nodes:
                bound = relaxed_bound(prover, tree.ascent, node, self.tracker.left) if self.tracker.left > 0 else None
                node.bound = node.bound if bound is None else bound
            self.tracker.proved(tree.bound(self.tracker.incumbent))

    def _climb_relaxed(
        self, prover: SolverProcess, improver: SolverProcess | None, search: LocalSearch | None
    ) -> None:  # fmt: skip
        """Raise the first prices with the program above relaxed, which takes a hundredth of solving it whole."""
        ascent, tree = self.ascent, self.tree
        assert ascent is not None and tree is not None
        node = ascent.root
        if tree.nodes != [node] or self.earlier is not None:
            return
        turn = 0
        while node.idle < STALLED_RELAXED and self._over() is None:
            turn += 1
            task = Reprice(self.tracker.left, ascent.program(node).nameless)
            found = self._answer(prover, improver, search, task)
            if not isinstance(found, Repriced):
                break
            ascent.proved(node, found.bound)
            self.tracker.proved(tree.bound(self.tracker.incumbent))
            ascent.add(found.values)
            ascent.climb(node, STEPS_RELAXED, self._target(), lambda: self._hear(improver, search))
        self.log(f"decomposition: {turn} rounds with the program above relaxed, bound {node.bound:.6g}\n")
        ascent.forget()
        if self.best is not None:
            ascent.add(self.best[ascent.above])
        node.trial, node.idle, node.step = node.multipliers, 0, STEP

    def _answer(
        self, prover: SolverProcess, improver: SolverProcess | None, search: LocalSearch | None, task: Task
    ) -> object:
        """What a solver process answers to a task; the search goes on beside it."""
        prover.submit(task)
        while True:
            for report in prover.reports(wait=0.05):
                if report[0] == "done":
                    return report[1]
            self._hear(improver, search)
            if self.tracker.left <= 0:
                prover.cancel()

    def _over(self) -> Found | None:
        """How the run ends, if it does now."""
        if self.tracker.gap <= self.gap:
            return Found("optimal", self.best)
        return Found("time", self.best) if self.tracker.left <= 0 else None

    def _target(self) -> float:
        assert self.ascent is not None
        if np.isfinite(self.tracker.incumbent):
            return self.tracker.incumbent
        return self.tracker.bound + HOPE * abs(self.tracker.bound)

    def _by_planes(self, prover: SolverProcess, improver: SolverProcess | None, search: LocalSearch | None) -> None:
        """Rounds of the upper program over planes, until these prove no more."""
        ascent, tree = self.ascent, self.tree
        assert ascent is not None and tree is not None
        root = ascent.root
        planes = Planes(ascent)
        self.planes = planes.multipliers
        if self.earlier is not None:
            for duals in self.earlier.planes:
                planes.learn(ascent.known(self.earlier.rows, duals))
        turn, share, seconds = 0, NEAR_SHARE, self._longest
        while self._over() is None:
            turn += 1
            if self.best is not None:
                planes.add(self.best[ascent.above])
            rose = planes.rise(self._target() * (1 - self.gap), lambda: self._hear(improver, search))
            near = max(NEAREST, min(NEAR, share * self.tracker.gap)) * abs(self.tracker.bound)
            program, rest, first = planes.program()
            job = Job(
                program.lower, program.upper, program.integer, first,
                near=near, seconds=min(self.tracker.left, seconds), seed=self.seed, heuristics=False, restarts=False,
            )  # fmt: skip
            prover.replace(program)
            outcome, points = self._solved(prover, improver, search, job)
            for point in points:
                planes.add(point[:-1])
            found = -np.inf if outcome.bound is None else outcome.bound + rest
            gained = found > root.bound + GAIN * abs(root.bound)
            root.bound = max(root.bound, found)
            self.tracker.proved(tree.bound(self.tracker.incumbent))
            self.log(f"planes: round {turn}, {len(planes.multipliers)} known, {outcome.reason}, bound {found:.6g}\n")
            if gained:
                continue
            if outcome.reason != "optimal":
                seconds *= LONGER
            elif not rose:
                share *= NEARER
            if seconds > self.tracker.time_limit or share < LEAST_SHARE:
                break

    @property
    def _longest(self) -> float:
        """Seconds that one solve of the upper program may take."""
        return max(UPPER_SECONDS, UPPER_SHARE * self.tracker.time_limit)

    def _above(
        self, prover: SolverProcess, improver: SolverProcess | None, search: LocalSearch | None, node: Node,
        near: float,
    ) -> tuple[Outcome, list[Vector]]:  # fmt: skip
        """Solve the upper program of a part; the points it gives on the way are worth keeping too."""
        assert self.ascent is not None
        program = self.ascent.program(node)
        prover.replace(program)
        known = self.ascent.best_point(node)
        # the best point known is near the best there is: heuristics and restarts would look for it again
        job = Job(
            program.lower, program.upper, program.integer, known,
            near=near, seconds=min(self.tracker.left, self._longest), seed=self.seed,
            heuristics=known is None, restarts=known is None,
        )  # fmt: skip
        return self._solved(prover, improver, search, job)

    def _solved(
        self, prover: SolverProcess, improver: SolverProcess | None, search: LocalSearch | None, job: Job
    ) -> tuple[Outcome, list[Vector]]:
        """How a job on the upper program ends, and all points that it gives; the search goes on beside it."""
        prover.submit(job)
        points: list[Vector] = []
        while True:
            for report in prover.reports(wait=0.05):
                if report[0] == "incumbent":
                    points.append(report[2])  # type: ignore[arg-type]
                elif report[0] == "log":
                    self.log(str(report[1]))
                elif report[0] == "done" and isinstance(report[1], Outcome):
                    outcome = report[1]
                    return outcome, points if outcome.values is None else [*points, outcome.values]
            self._hear(improver, search)
            if self.tracker.gap <= self.gap or self.tracker.left <= 0:
                prover.cancel()

    def _hear(self, improver: SolverProcess | None, search: LocalSearch | None) -> None:
        """Take in what the search found, and set it its next task."""
        if improver is None or search is None:
            return
        for report in improver.reports():
            if report[0] != "done" or not isinstance(report[1], Outcome):
                continue
            if search.absorb(report[1], time.monotonic() - self._began):
                self._take(search.point, search.objective)
            self._press(improver, search)
            self._began = time.monotonic()
            self._next(improver, search)

    def _first_point(self, prover: SolverProcess, relaxed: Relaxed) -> None:
        pieces = None if self.steady or has_shares(self.program) else self._pieces
        if pieces is not None:
            if self.start is not None:
                self.tracker.enter("warm start")
                completed = self._complete(prover, self._padded(self.start))
                if self.earlier is not None and self.tracker.gap > POOR_DUALS:
                    self._relax_after_all(prover)
                    pieces = self._pieces
                    assert pieces is not None
                if completed and self.tracker.gap <= (POOR_START if self.earlier is None else POOR_DUALS):
                    return
            self.tracker.enter("packing")
            made, duals, _ = pieces
            self._pack_anew(prover, None, None, made.program, duals)
        if self.point is None or self.tracker.gap > POOR:
            if not self.solved:
                # a dive goes on from a basis
                self._relax_after_all(prover)
                assert self.relaxed is not None and self.relaxed.row_duals is not None
                relaxed = replace(self.relaxed, row_duals=self.relaxed.row_duals[self.relaxed.rows])
            super()._first_point(prover, relaxed)

    def _pack_anew(
        self, prover: SolverProcess, improver: SolverProcess | None, search: LocalSearch | None, program: Milp,
        prices: Vector,
    ) -> None:  # fmt: skip
        """Pack zones at these prices, complete the plan, and let the search go on from it if it is better."""
        assert self.relaxed is not None and self.relaxed.values is not None
        self.packings += 1
        point = self.relaxed.values[: program.columns]
        links = [task.chosen(self.seed + self.packings) for task in tasks(self.network, program, prices, point)]
        chosen = np.concatenate([np.array([], dtype=np.intp), *links])
        if not len(chosen):
            return
        prover.replace(self.searched)
        outcome = self._answer(prover, improver, search, self._completion(chosen))
        assert isinstance(outcome, Outcome)
        self.log(f"packing {self.packings}: {outcome.reason}, {outcome.objective}\n")
        if self._take(outcome.values, outcome.objective) and search is not None:
            search.adopt(outcome.values, outcome.objective)  # type: ignore[arg-type]

    def _completion(self, chosen: np.ndarray) -> Job:
        """All that is left to decide where the links are chosen, on the legs that they are of."""
        linked = with_links(self.searched, chosen)
        seconds = min(self.tracker.left, max(UPPER_SECONDS, COMPLETE_SHARE * self.tracker.time_limit))
        return Job(linked.lower, linked.upper, linked.integer, gap=COMPLETE_GAP, seconds=seconds, seed=self.seed)

    def _branch(self, prover: SolverProcess, improver: SolverProcess | None, search: LocalSearch | None) -> Found:
        """HiGHS on the whole program, the search going on beside it."""
        self.tracker.enter("search")
        prover.replace(self.searched)
        prover.submit(self._whole_job())
        return self._prove(prover, improver, search)
