"""The integer L-shaped method: for many scenarios whose first stage is a few whole numbers.

A program of the first stage alone proposes decisions. In every scenario the linear relaxation of what is left to decide
answers with a plane below its cost (Benders cuts; Van Slyke and Wets 1969), until nothing more is learned at the
proposal. Then, and only where the relaxations leave hope, the scenarios' own programs are solved there, in the order in
which they have lain farthest above their relaxations, until the proposal is known to be no better than the best or all
are solved (the two kinds of cuts in turn: Angulo, Ahmed and Dey 2016). What was tried is struck out, and what is known
of it counts in the bound: the least of the program's own bound and of those of all that was struck out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from hubopt.solve.milp import Vector
from hubopt.study.stochastic.extensive import Found
from hubopt.study.stochastic.master import Master, columns_of
from hubopt.study.stochastic.measures import Interval
from hubopt.study.stochastic.program import Key
from hubopt.study.stochastic.recourse import Answer, Bench, Clock
from hubopt.study.stochastic.recourses import Recourses, lower_of

if TYPE_CHECKING:
    from hubopt.study.stochastic.run import Run

ROOT_ROUNDS = 60
"""Rounds of planes for the relaxed first stage at most."""

ROOT_PROGRESS, ROOT_PATIENCE = 1e-4, 4
"""Those rounds end after so many that raise the bound by less than this, relative to the distance to the best."""

LEARNED = 1e-6
"""What a plane must add to what is known of a scenario's cost, relative to the best cost, to be taken."""

PART_OF_GAP = 0.25
"""Share of the gap that the programs of first stage and scenarios may leave each."""


def _mark(at: Vector) -> tuple[int, ...]:
    """A first stage as whole numbers."""
    return tuple(np.round(at).astype(int).tolist())


class _LShaped:
    """The method at work for one run."""

    def __init__(self, run: Run, at: Bench, clock: Clock, recourses: Recourses) -> None:
        self.run, self.at, self.clock, self.recourses = run, at, clock, recourses
        self.money = run.parts[0].money
        self.chances = np.array(run.chances)
        floors = np.array([item.lower / self.money for item in run.alone])
        self.floors = np.where(np.isfinite(floors), floors, -1e12)
        self.master = Master(run.parts, self.floors)
        self.tried: dict[tuple[int, ...], float] = {}
        self.above = np.zeros(len(run.parts))
        """How far the scenarios' costs have lain above their relaxations (model units)."""
        self.bound = -math.inf
        self.trace: list[tuple[float, float | None, float | None]] = []

    # -- what is known -------------------------------------------------------------------------------------------

    @property
    def best(self) -> float:
        """Expected cost of the best first stage (model units)."""
        return self.run.reached() / self.money

    @property
    def room(self) -> float:
        """What the gap asked for leaves between bound and best (model units)."""
        best = self.best
        return self.run.question.gap * abs(best) if math.isfinite(best) else 0.0

    def is_done(self) -> bool:
        """Whether the gap is reached or the time is over."""
        return self.clock.left <= 0 or self.run.gap_reached(self.bound)

    def expected(self, costs: Vector) -> float:
        """Expected value of costs by scenario; one without chance counts only if it has no answer."""
        if np.isposinf(costs).any():
            return math.inf
        return float(np.sum(np.where(self.chances > 0, self.chances * np.where(self.chances > 0, costs, 0.0), 0.0)))

    def prove(self, bound: float) -> None:
        """Take a bound on all that was not struck out."""
        whole = min([bound, *self.tried.values()])
        if whole > self.bound:
            self.bound = whole
            self._note()

    def _note(self) -> None:
        best, bound = self.run.reached(), self.bound * self.money
        self.trace.append(
            (
                round(self.run.question.time_limit - self.run.clock.left, 2),
                best if math.isfinite(best) else None,
                bound if math.isfinite(bound) else None,
            )
        )

    # -- steps ---------------------------------------------------------------------------------------------------

    def learn(self, at: Vector, known: Vector | None) -> tuple[Vector, bool]:
        """Ask for planes at a first stage: what the scenarios cost there at least, and whether anything was learned.

        Parameters
        ----------
        known
            What the program of the first stage holds the scenarios' costs for there; None: every plane is taken.
        """
        costs, learned = self.floors.copy(), False
        least = LEARNED * max(1.0, abs(self.best) if math.isfinite(self.best) else 1.0)
        for number, plane in enumerate(self.recourses.planes(at, max(1.0, self.clock.left))):
            if plane is None:
                continue
            costs[number] = max(costs[number], plane.value) if plane.cost else math.inf
            if known is None or not plane.cost or plane.value > known[number] + least:
                self.master.learn(number, plane)
                learned = True
        return costs, learned

    def root(self) -> None:
        """Planes where the relaxed first stage asks for them."""
        idle = 0
        for _ in range(ROOT_ROUNDS):
            outcome = self.at.solve(self.master.program(relaxed=True), 0.0, self.clock.left)
            if outcome.values is None or outcome.bound is None:
                return
            gained = outcome.bound - self.bound
            ahead = self.best - outcome.bound if math.isfinite(self.best) else abs(outcome.bound)
            idle = idle + 1 if gained < ROOT_PROGRESS * abs(ahead) else 0
            self.prove(outcome.bound)
            _, learned = self.learn(self.master.decision(outcome.values), self.master.costs(outcome.values))
            if self.is_done() or not learned or idle > ROOT_PATIENCE:
                return

    def try_out(self, at: Vector, costs: Vector) -> None:
        """Solve the scenarios at a first stage until it is known to be no better than the best, and strike it out.

        Parameters
        ----------
        costs
            What they cost there at least.
        """
        mark = _mark(at)
        lower, answers = costs.copy(), dict[int, Answer]()
        part = PART_OF_GAP * self.run.question.gap
        if self.expected(lower) < self.best - self.room:
            order = np.argsort(-self.chances * self.above, kind="stable").tolist()
            asked = self.recourses.answers(order, at, part, part * self.scale, self.clock.left)
            for number, outcome in asked:
                proven = lower_of(outcome)
                if math.isfinite(proven):
                    self.above[number] = 0.5 * (self.above[number] + max(0.0, proven - costs[number]))
                lower[number] = max(lower[number], proven)
                if outcome.values is not None and outcome.objective is not None:
                    ends = (min(lower[number], outcome.objective) * self.money, outcome.objective * self.money)
                    answers[number] = Answer(Interval(*ends), outcome.reason, outcome.values)
                if self.expected(lower) >= self.best - self.room:
                    asked.close()
                    break
        if len(answers) == len(self.run.parts):
            decision = dict(zip(self.master.keys, map(float, mark), strict=True))
            if self.run.keep(decision, [answers[number] for number in range(len(answers))]):
                self._note()
        if mark not in self.tried:
            self.master.strike_out(at)
        self.tried[mark] = max(self.expected(lower), self.tried.get(mark, -math.inf))

    def try_again(self) -> bool:
        """Solve once more where time has left what holds the bound down; whether that brought anything."""
        mark, lower = min(self.tried.items(), key=lambda item: item[1])
        before = self.best
        self.try_out(np.array(mark, dtype=float), self.floors)
        return self.best < before or self.tried[mark] > lower

    @property
    def scale(self) -> float:
        """The size of the expected cost (model units)."""
        best = self.best
        return abs(best) if math.isfinite(best) else abs(self.expected(self.floors))

    def go(self) -> str:
        """Propose and try until the gap is reached; why it ended."""
        for wish, known in self._wishes():
            self._consider(wish, known)
            if self.is_done():
                return self._reason()
        self.root()
        while not self.is_done():
            outcome = self.at.solve(self.master.program(), PART_OF_GAP * self.run.question.gap, self.clock.left)
            bound = math.inf if outcome.reason == "infeasible" else outcome.bound
            if bound is None:
                return outcome.reason if outcome.reason in ("time", "crash", "memory", "interrupt") else "error"
            self.prove(bound)
            if self.is_done():
                break
            if bound == math.inf and min(self.tried.values(), default=math.inf) == math.inf:
                return "infeasible"
            if bound >= self.best - self.room:
                # nothing that was not tried is better: what is open are scenarios whose time was over
                if not self.try_again():
                    break
            elif outcome.values is None:
                return outcome.reason if outcome.reason in ("time", "crash", "memory", "interrupt") else "error"
            else:
                at = np.round(self.master.decision(outcome.values))
                costs, learned = self.learn(at, self.master.costs(outcome.values))
                if not learned or self.expected(costs) < self.best - self.room:
                    self.try_out(at, costs)
        return self._reason()

    def _reason(self) -> str:
        return "optimal" if self.run.gap_reached(self.bound) else "time"

    def _consider(self, wish: Mapping[Key, float], known: Vector) -> None:
        """Try a first stage that was found elsewhere, where the scenarios cost this at least."""
        if any(key not in wish for key in self.master.keys):
            return
        at = np.array([round(wish[key]) for key in self.master.keys], dtype=float)
        if (at < self.master.lower).any() or (at > self.master.upper).any() or _mark(at) in self.tried:
            return
        costs, _ = self.learn(at, None)
        self.try_out(at, np.maximum(costs, known))

    def _wishes(self) -> Iterator[tuple[Mapping[Key, float], Vector]]:
        """First stages to begin with: that of the mean case, and the one that most scenarios ask for by themselves."""
        run = self.run
        if run.best is not None:
            yield run.best[0], np.array([item.cost.lower / self.money for item in run.best[1]])
        counts: dict[tuple[float, ...], list[Mapping[Key, float]]] = {}
        for wish in (item for item in run.own if item is not None):
            counts.setdefault(tuple(wish.values()), []).append(wish)
        if counts:
            yield max(counts.values(), key=len)[0], self.floors


def solve_l_shaped(run: Run, at: Bench, clock: Clock) -> Found:
    """Solve by the integer L-shaped method; the best first stage is kept in ``run``.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; what was proven until then is in ``run``.
    """
    keys = Master(run.parts, np.zeros(len(run.parts))).keys
    programs = [(part.program, columns_of(part, keys)) for part in run.parts]
    with Recourses(programs, run.question.threads, run.question.seed) as recourses:
        own = _LShaped(run, at, clock, recourses)
        try:
            reason = own.go()
        except KeyboardInterrupt:
            reason = "interrupt"
    return Found(reason, None, None, own.bound, tuple(own.trace))
