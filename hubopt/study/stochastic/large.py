"""Scenarios as large as a city: bounds from their relaxations at prices on the first stage, plans by stages.

Of such a scenario no method proves an optimum in the time that there is for ten of them. Its relaxation says most of
what can be proven; what is left to decide under a first stage is found by relaxation, dive and search, as in ``hubopt
solve``. First stages come from the mean of the scenarios, also with less room in the sites than they have: what is
chosen then has room for the scenario of most demand.

The relaxations of scenarios that are known ask for different first stages. Prices on where they part, which sum to 0
over the scenarios, draw them together and raise the bound (the dual steps of progressive hedging, Rockafellar and Wets
1991, without its distance term, of which relaxations have no need, and with lengths that aim at a level above the
bound, as Polyak's do).
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from hubopt.solve.engine.jobs import Relaxation, Relaxed
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.progress import Tracker
from hubopt.solve.staged import Staged
from hubopt.study.stochastic.cases import demand_factors, mean_case
from hubopt.study.stochastic.extensive import Found
from hubopt.study.stochastic.measures import Interval, expected
from hubopt.study.stochastic.program import Key, Numbers, Part, part_of
from hubopt.study.stochastic.recourse import LEAST_SECONDS, Answer, Bench, Clock, solved_alone, with_better

if TYPE_CHECKING:
    from hubopt.study.stochastic.run import Run

WAIT_SECONDS = 0.05
"""How long one of several processes is listened to at a stretch."""

RELAXED_SHARE, PROPOSED_SHARE, REFINED_SHARE = 0.4, 0.7, 0.5
"""Shares of the time left: for the relaxations, then for first stages, then for better answers to the best of them."""

SOLVED_SHARE, LONGEST_SHARE, PLAN_RELAXATIONS = 0.3, 0.7, 8.0
"""Share of the time left for first stages that the search for one of them may take; and where that is less than a first
plan takes, so many times a relaxation on this machine and under its load, the share that it may take then."""

ROOMS = (1.0, 0.5, 0.0)
"""How much of what the scenario of most demand has beyond the mean is left free in the sites, first stage by first."""

NEAR = 0.1
"""How far an answer may lie above what the scenario costs at least for its links to be worth keeping (relative)."""

AHEAD, FARTHER, NEARER, LEAST_AHEAD = 0.01, 1.5, 0.4, 1e-4
"""How far above the bound a step of the prices aims at first (relative to it), what that is multiplied with where it
rises and where it falls, and where the steps end."""

ALIKE = 1e-9
"""Squared distance, weighed, below which the relaxations ask for one first stage."""


class Relaxations:
    """Solves relaxations in so many processes; use as a context manager."""

    def __init__(self, first: Milp, processes: int) -> None:
        self.processes = processes
        self._stack = ExitStack()
        self._solvers = [self._stack.enter_context(SolverProcess(first)) for _ in range(processes)]

    def __enter__(self) -> Relaxations:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def solve(self, programs: Sequence[Milp], clock: Clock) -> list[Relaxed]:
        """The relaxation of every program, as far as the time goes; each gets an even share of it."""
        nothing = Relaxed("time", None, None, np.zeros(0, dtype=bool))
        found, waiting = [nothing] * len(programs), list(range(len(programs)))
        busy: dict[int, int] = {}
        while waiting or busy:
            for place, solver in enumerate(self._solvers):
                if place not in busy:
                    if not waiting:
                        continue
                    seconds = max(LEAST_SECONDS, clock.left / math.ceil(len(waiting) / len(self._solvers)))
                    number = busy[place] = waiting.pop(0)
                    solver.replace(programs[number])
                    solver.submit(Relaxation(seconds))
                for report in solver.reports(WAIT_SECONDS):
                    if report[0] == "done":
                        number = busy.pop(place)
                        found[number] = report[1] if isinstance(report[1], Relaxed) else nothing
                        break
        return found


def carried(one: Part, point: Vector, other: Part) -> Vector:
    """A point of a scenario's program in another's, column by column; 0 where it has no such column."""
    values = np.zeros(other.program.columns)
    for name, own in other.program.groups.items():
        known = one.program.groups.get(name, {})
        for index, column in own.items():
            if (place := known.get(index)) is not None:
                values[column] = point[place]
    return values


def answer_by_stages(
    part: Part, decision: Mapping[Key, float], gap: float, seconds: float, seed: int, start: Vector | None = None
) -> Answer:
    """The best answer in one scenario to a first stage that relaxation, dive and search find; not yet checked.

    Parameters
    ----------
    start
        A point to search from, in place of a dive.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    tracker = Tracker(part.money, max(LEAST_SECONDS, seconds))
    found = Staged(
        part.network, part.held(decision), tracker, gap, seed, start, lambda line: None, bounding=False
    ).run()  # fmt: skip
    if found.reason == "interrupt":
        raise KeyboardInterrupt
    if found.reason == "infeasible":
        return Answer(Interval(math.inf, math.inf), "infeasible")
    lower = tracker.bound * part.money
    if found.values is None:
        return Answer(Interval(lower, math.inf), found.reason)
    upper = part.program.objective(found.values) * part.money
    return Answer(Interval(min(lower, upper), upper), found.reason, found.values)


def peak_of(run: Run) -> float:
    """Demand of the scenario that has most of it, over the mean of all (dimensionless, at least 1)."""
    demand = run.instance.demand["t_d"]
    totals = [float((demand * demand_factors(run.instance, item)).sum()) for item in run.scenarios.scenarios]
    mean = expected(run.chances, totals)
    most = max((total for total, chance in zip(totals, run.chances, strict=True) if chance > 0), default=mean)
    return max(1.0, most / mean) if mean > 0 else 1.0


@dataclass
class Large:
    """What is done for a run of large scenarios before they are solved together."""

    run: Run
    relaxed: list[Relaxed] = field(default_factory=list)
    relaxation_seconds: float = 0.0

    def prepare(self, at: Bench) -> bool:
        """Bounds of the scenarios by themselves, and first stages; False if a scenario is proven to have no plan."""
        run = self.run
        with SolverProcess.standby():
            run.tell("relaxations of the scenarios")
            with self.relaxations() as relaxations:
                began, programs = time.monotonic(), [part.program for part in run.parts]
                self.relaxed = relaxations.solve(programs, run.clock.share(RELAXED_SHARE))
                self.relaxation_seconds = (time.monotonic() - began) * relaxations.processes / len(programs)
            for part, own in zip(run.parts, self.relaxed, strict=True):
                if own.reason == "infeasible" and part.case.probability > 0:
                    run.reason = "infeasible"
                    run.tell(f"scenario {part.case.id} has no plan at all")
                    return False
                lower = -math.inf if own.bound is None else own.bound * part.money
                run.alone.append(Interval(lower, math.inf))
            run.prove_alone()
            run.booked("alone")
            self._propose(at, run.clock.share(PROPOSED_SHARE))
            run.booked("mean")
            self._refine(run.clock.share(REFINED_SHARE))
            run.booked("answers")
        return True

    def relaxations(self) -> Relaxations:
        """Processes for relaxations, as many as threads were asked for."""
        run = self.run
        return Relaxations(run.parts[0].program, max(1, min(run.question.threads, len(run.parts))))

    def _is_done(self) -> bool:
        run = self.run
        return run.gap_reached(run.bound / run.parts[0].money)

    def _propose(self, at: Bench, clock: Clock) -> None:
        """First stages of the mean of the scenarios, with room in the sites and without, each tried in all of them."""
        run, beyond = self.run, peak_of(self.run) - 1.0
        longest = 0.0
        for number, room in enumerate(ROOMS if beyond > 0 else ROOMS[-1:]):
            if number and (clock.left < longest or self._is_done()):
                return
            began = time.monotonic()
            run.tell("mean of the scenarios, with room in the sites" if room else "mean of the scenarios")
            case = mean_case(run.instance, run.question.policy, run.scenarios, 1.0 / (1.0 + room * beyond))
            part = part_of(case, run.scale)
            enough = min(LONGEST_SHARE * clock.left, PLAN_RELAXATIONS * self.relaxation_seconds)
            seconds = max(SOLVED_SHARE * clock.left, enough)
            found = solved_alone(part, run.question.gap, seconds, run.question.threads, run.question.seed)
            if found.point is not None and part.decided.keys() >= run.parts[0].decided.keys():
                starts = [carried(part, found.point, other) for other in run.parts]
                answers = self.try_out(part.decision(found.point), starts, at, clock, whole=not room)
                if not room:
                    run.mean = answers
            longest = max(longest, time.monotonic() - began)

    def try_out(
        self, decision: Mapping[Key, float], starts: Sequence[Vector], at: Bench, clock: Clock, *, whole: bool
    ) -> list[Answer] | None:
        """Answer a first stage in all scenarios; unless ``whole`` until it is no better than the best.

        Parameters
        ----------
        starts
            Points of the scenarios whose links are kept where that costs little more than the scenario must.
        """
        run = self.run
        costs = [item.lower for item in run.alone]
        answers: dict[int, Answer] = {}
        # those first that count most: a first stage that is no good is soon known
        order = sorted(range(len(run.parts)), key=lambda number: -run.chances[number])
        for done, number in enumerate(order):
            seconds = clock.left / (len(order) - done)
            found = answers[number] = self._answer(number, decision, starts[number], at, seconds)
            costs[number] = found.cost.upper
            self._limit(number, found)
            if not whole and expected(run.chances, costs) >= run.reached():
                return None
        found_all = [answers[number] for number in range(len(order))]
        run.keep(decision, found_all)
        return found_all

    def _limit(self, number: int, found: Answer) -> None:
        """What is reached in a scenario limits what it would cost had it been known."""
        own = self.run.alone[number]
        self.run.alone[number] = replace(own, upper=max(own.lower, min(own.upper, found.cost.upper)))

    def _answer(self, number: int, decision: Mapping[Key, float], start: Vector, at: Bench, seconds: float) -> Answer:
        """The answer with the links of a point; where they do not suit the scenario, with others."""
        run, part, began = self.run, self.run.parts[number], time.monotonic()
        run.tell(f"scenario {part.case.id} under this first stage")
        least = run.alone[number].lower
        outcome = at.completed(part.held(decision), start, seconds)
        kept = Answer(Interval(least, math.inf), outcome.reason)
        if outcome.values is not None and outcome.objective is not None and outcome.reason == "optimal":
            cost = outcome.objective * part.money
            kept = Answer(Interval(min(least, cost), cost), "optimal", outcome.values)
            if cost <= least + NEAR * abs(least):
                return kept
        left = seconds - (time.monotonic() - began)
        own = answer_by_stages(part, decision, run.question.gap / 2, left, run.question.seed)
        return own if own.reason == "infeasible" else with_better(kept, own)

    def _refine(self, clock: Clock) -> None:
        """Better answers to the best first stage, those first that have most to gain."""
        run = self.run
        if run.best is None:
            return
        decision, answers = run.best[0], list(run.best[1])
        room = [
            chance * (item.cost.upper - own.lower)
            for chance, item, own in zip(run.chances, answers, run.alone, strict=True)
        ]
        order = sorted(range(len(answers)), key=lambda number: -room[number])
        for done, number in enumerate(order):
            part, own = run.parts[number], answers[number]
            seconds = clock.left / (len(order) - done)
            if own.point is None or seconds < LEAST_SECONDS or self._is_done():
                return
            run.tell(f"scenario {part.case.id} under this first stage")
            found = answer_by_stages(part, decision, run.question.gap / 4, seconds, run.question.seed, own.point)
            if found.reason != "infeasible":
                answers[number] = with_better(own, found)
                self._limit(number, answers[number])
                run.best = (decision, list(answers))


def hedge_relaxations(run: Run, large: Large, clock: Clock) -> Found:
    """Raise the bound by prices that draw the first stages of the relaxations together, as long as there is time."""
    keys = list(run.parts[0].decided)
    columns = [np.array([part.decided[key] for key in keys], dtype=np.int64) for part in run.parts]
    chances = np.array(run.chances)
    weights = _weights(run.parts[0], columns[0])
    prices, bound = np.zeros((len(run.parts), len(keys))), run.bound / run.parts[0].money
    trace: list[tuple[float, float | None, float | None]] = []
    if any(own.values is None for own in large.relaxed) or not math.isfinite(bound):
        return Found("time", None, None, -math.inf, ())
    wanted = _wanted(large.relaxed, columns)
    ahead, longest, reason = AHEAD * abs(bound), 0.0, "rounds"
    try:
        with SolverProcess.standby(), large.relaxations() as relaxations:
            while ahead >= LEAST_AHEAD * abs(bound) and not run.gap_reached(bound):
                apart = wanted - chances @ wanted / chances.sum()
                size = float(chances @ (apart**2 @ weights))
                if size <= ALIKE:
                    break
                if clock.left < longest:
                    reason = "time"
                    break
                began = time.monotonic()
                trial = prices + ahead / size * apart * weights
                trial -= chances @ trial / chances.sum()
                relaxed = relaxations.solve(_priced(run.parts, keys, trial), clock)
                longest = max(longest, time.monotonic() - began)
                if any(own.bound is None or own.values is None for own in relaxed):
                    reason = "time"
                    break
                reached = expected(run.chances, [own.bound or 0.0 for own in relaxed])
                if reached > bound:
                    prices, bound, wanted = trial, reached, _wanted(relaxed, columns)
                    trace.append(_moment(run, bound))
                    ahead *= FARTHER
                else:
                    ahead *= NEARER
    except KeyboardInterrupt:
        reason = "interrupt"
    reason = "optimal" if reason != "interrupt" and run.gap_reached(bound) else reason
    return Found(reason, None, None, bound, tuple(trace))


def _priced(parts: Sequence[Part], keys: Sequence[Key], prices: Vector) -> list[Milp]:
    """The scenarios' programs with prices, a row each."""
    return [part.priced(dict(zip(keys, own.tolist(), strict=True))) for part, own in zip(parts, prices, strict=True)]


def _wanted(relaxed: Sequence[Relaxed], columns: Sequence[Numbers]) -> Vector:
    """The first stages that relaxations ask for, a row each."""
    rows = []
    for own, places in zip(relaxed, columns, strict=True):
        assert own.values is not None
        rows.append(own.values[places])
    return np.array(rows)


def _weights(part: Part, columns: Numbers) -> Vector:
    """What a unit of each decision costs by itself, which weighs the steps of its price; the median where nothing."""
    costs = np.abs(part.program.cost[columns])
    some = costs[costs > 0]
    return np.where(costs > 0, costs, float(np.median(some)) if len(some) else 1.0)


def _moment(run: Run, bound: float) -> tuple[float, float | None, float | None]:
    best = run.reached()
    seconds = round(run.question.time_limit - run.clock.left, 2)
    return seconds, best if math.isfinite(best) else None, bound * run.parts[0].money
