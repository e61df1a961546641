"""What is left to decide once the scenario is known: the best answer to a first stage, scenario by scenario."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np

from hubopt.check import Report, check
from hubopt.instance import rows
from hubopt.solution import Plan
from hubopt.solve import solve
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.extract import plan_of, point_of
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import fixed_job
from hubopt.study.stochastic.measures import Interval
from hubopt.study.stochastic.program import Key, Part

LEAST_SECONDS = 2.0
"""Time that the solve of one scenario has, if the limit of the run leaves less."""


@dataclass(frozen=True)
class Clock:
    """When a run is to end."""

    deadline: float

    @classmethod
    def of(cls, seconds: float) -> Clock:
        """A run of so many seconds from now on."""
        return cls(time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds that are left, never negative."""
        return max(0.0, self.deadline - time.monotonic())

    def share(self, part: float) -> Clock:
        """A run that ends when a share of what is left is over."""
        return Clock(time.monotonic() + part * self.left)


@dataclass(frozen=True, eq=False)
class Answer:
    """The best answer found to a first stage in one scenario; amounts in CNY/year.

    ``cost``: the interval of the scenario's least cost under this first stage. ``point`` is that of the scenario's
    program, None where there is none: then ``reason`` says why. ``plan`` and ``report`` are there once the checker has
    judged it, and the cost is the checker's then.
    """

    cost: Interval
    reason: str
    point: Vector | None = None
    plan: Plan | None = None
    report: Report | None = None


class Bench:
    """A solver process that takes one program after the other."""

    def __init__(self, first: Milp, seed: int, threads: int) -> None:
        self._solver = SolverProcess(first)
        self._current = first
        self.seed, self.threads = seed, threads

    def close(self) -> None:
        """End the process."""
        self._solver.close()

    def solve(self, program: Milp, gap: float, seconds: float, start: Vector | None = None) -> Outcome:
        """Solve a program to a relative gap."""
        self._take(program)
        job = Job(
            program.lower, program.upper, program.integer, start, gap=gap, seconds=max(LEAST_SECONDS, seconds),
            seed=self.seed, threads=self.threads,
        )  # fmt: skip
        outcome = self._solver.run(job)
        assert isinstance(outcome, Outcome)
        return outcome

    def completed(self, program: Milp, values: Vector, seconds: float) -> Outcome:
        """The linear program that is left where the integer columns are as at a point."""
        self._take(program)
        outcome = self._solver.run(fixed_job(program, values, max(LEAST_SECONDS, seconds), self.threads))
        assert isinstance(outcome, Outcome)
        return outcome

    def settled(self, program: Milp, values: Vector) -> Vector:
        """The point with its integers rounded and its flows at the optimum for them, if that is found."""
        outcome = self.completed(program, values, 60.0)
        if outcome.reason == "optimal" and outcome.values is not None:
            return np.where(program.integer, np.round(values), outcome.values)
        return program.rounded(values)

    def _take(self, program: Milp) -> None:
        if program is not self._current:
            self._solver.replace(program)
            self._current = program


@contextmanager
def bench(first: Milp, seed: int, threads: int) -> Iterator[Bench]:
    """A solver process for as long as the block lasts."""
    own = Bench(first, seed, threads)
    try:
        yield own
    finally:
        own.close()


def judged(part: Part, point: Vector, lower: float, reason: str = "optimal") -> Answer:
    """The checked answer at a point of a scenario's program whose integers are whole."""
    case = part.case
    plan = plan_of(case.instance, case.policy, part.network, part.program, point)
    report = check(case.instance, case.policy, plan)
    if not report.ok:
        refused = f"the checker refused it: {report.findings[0]}"
        return Answer(Interval(lower, math.inf), refused, None, None, report)
    return Answer(Interval(min(lower, report.objective), report.objective), reason, point, plan, report)


def answer(
    part: Part, at: Bench, gap: float, seconds: float, decision: Mapping[Key, float] | None = None,
    start: Vector | None = None,
) -> Answer:  # fmt: skip
    """The best answer in one scenario to a first stage, or (None) with the first stage free; not yet checked."""
    program = part.program if decision is None else part.held(decision)
    outcome = at.solve(program, gap, seconds, start)
    if outcome.reason == "infeasible":
        return Answer(Interval(math.inf, math.inf), "infeasible")
    lower = -math.inf if outcome.bound is None else outcome.bound * part.money
    if outcome.values is None or outcome.objective is None:
        return Answer(Interval(lower, math.inf), outcome.reason)
    upper = outcome.objective * part.money
    return Answer(Interval(min(lower, upper), upper), outcome.reason, outcome.values)


def solved_alone(part: Part, gap: float, seconds: float, threads: int, seed: int) -> Answer:
    """The best answer in one scenario with the first stage free, by the method that suits the size of its case.

    Its point holds whole numbers and converted floor area only: the first stage can be told from it.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    case = part.case
    limit = max(LEAST_SECONDS, seconds)
    found = solve(case.instance, case.policy, gap=gap, time_limit=limit, threads=threads, seed=seed)
    proof = found.proof
    if proof.limit == "interrupt":
        raise KeyboardInterrupt
    if proof.status == "infeasible":
        return Answer(Interval(math.inf, math.inf), "infeasible")
    lower = -math.inf if proof.bound is None else proof.bound
    if found.plan is None or proof.objective is None:
        return Answer(Interval(lower, math.inf), proof.limit)
    point = point_of(part.program, found.plan)
    for row in rows(found.plan.facilities):
        column = part.decided.get(("converted", (row.site, row.design, row.period)))
        if column is not None and row.modules > 0:
            point[column] = float(row.converted_modules)
    return Answer(Interval(min(lower, proof.objective), proof.objective), proof.status, point)


def confirmed(part: Part, at: Bench, decision: Mapping[Key, float], found: Answer) -> Answer:
    """The answer with exact flows, as the checker judges it."""
    if found.point is None:
        return found
    point = at.settled(part.held(decision), found.point)
    return judged(part, point, found.cost.lower, found.reason)


def with_better(one: Answer, other: Answer) -> Answer:
    """Of two answers to the same first stage in the same scenario the cheaper one with the better bound."""
    lower = max(one.cost.lower, other.cost.lower)
    best = one if one.cost.upper <= other.cost.upper else other
    return replace(best, cost=Interval(min(lower, best.cost.upper), best.cost.upper))
