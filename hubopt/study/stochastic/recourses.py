"""The scenarios' programs in solver processes that keep them: planes below their cost, best answers to first stages.

A plane comes from the linear relaxation with the decisions of the first stage held. Where the relaxation has no
answer, the least sum by which its rows must be missed has such a plane too, and that must not be above 0.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import numpy as np

from hubopt.solve.engine import highs
from hubopt.solve.engine.errand import Errand
from hubopt.solve.engine.held import HeldRelaxation, with_misses
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Milp, Vector
from hubopt.study.stochastic.program import Numbers

WAIT_SECONDS = 0.002
"""How long one of several processes is listened to at a stretch."""

SHARES = 4.0
"""How much more than its even share of the time the answer in one scenario may take."""

MISSED = 1e-6
"""Sum by which rows may be missed (model units) before a first stage counts as having no answer."""

_MEMORY, _KEPT = "recourses", "kept"


@dataclass(frozen=True, eq=False)
class Plane:
    """A lower bound on the cost of a scenario over the first stage: ``value + slopes @ (x - at)`` (model units).

    Not ``cost``: a bound on what its rows must be missed by; where that is above 0 there is no answer.
    """

    at: Vector
    value: float
    slopes: Vector
    cost: bool = True


class _Deaf:
    """Takes what a run reports on its way."""

    def send(self, report: tuple[object, ...]) -> None:
        """Nobody listens."""


class Recourse:
    """One scenario's program; ``held`` are the columns of the decisions of the first stage."""

    def __init__(self, program: Milp, held: Numbers) -> None:
        self._program, self._held = program, held
        self._relaxation: HeldRelaxation | None = None
        self._misses: HeldRelaxation | None = None

    def plane(self, at: Vector, seconds: float) -> Plane | None:
        """The plane at a first stage; None if none was found in time."""
        if self._relaxation is None:
            self._relaxation = HeldRelaxation(self._program, self._held)
        found = self._relaxation.at(at, seconds)
        if found is not None:
            return Plane(at, found.value, found.slopes)
        if not self._relaxation.is_infeasible:
            return None
        if self._misses is None:
            self._misses = HeldRelaxation(with_misses(self._program), self._held)
        missed = self._misses.at(at, seconds)
        return None if missed is None or missed.value <= MISSED else Plane(at, missed.value, missed.slopes, cost=False)

    def answer(self, at: Vector, gap: float, near: float, seconds: float, seed: int) -> Outcome:
        """The best answer to a first stage of whole numbers."""
        lower, upper = self._program.lower.copy(), self._program.upper.copy()
        lower[self._held] = upper[self._held] = at
        program = self._program
        job = Job(lower, upper, program.integer, gap=gap, near=near, seconds=seconds, seed=seed)
        pipe: Any = _Deaf()
        stop: Any = threading.Event()
        return highs.run(program, job, pipe, stop)


@dataclass(frozen=True, eq=False)
class _Keep(Errand):
    """Keep the programs of some scenarios, by their number, with the columns that are held."""

    programs: dict[int, tuple[Milp, Numbers]]
    seconds: float = 600.0

    def carry_out(self, memory: dict[str, Any]) -> object:
        memory[_MEMORY] = {number: Recourse(*own) for number, own in self.programs.items()}
        return _KEPT


@dataclass(frozen=True, eq=False)
class _Planes(Errand):
    """Planes at a first stage in all scenarios that the process keeps."""

    at: dict[int, Vector]
    seconds: float

    def carry_out(self, memory: dict[str, Any]) -> object:
        end = time.monotonic() + self.seconds
        kept: dict[int, Recourse] = memory.get(_MEMORY, {})
        found = {}
        for number, own in kept.items():
            left = end - time.monotonic()
            found[number] = own.plane(self.at[number], left) if left > 0 else None
        return found


@dataclass(frozen=True, eq=False)
class _Answer(Errand):
    """The best answer to a first stage in one scenario."""

    number: int
    at: Vector
    gap: float
    near: float
    seconds: float
    seed: int

    def carry_out(self, memory: dict[str, Any]) -> object:
        kept: dict[int, Recourse] = memory.get(_MEMORY, {})
        if self.number not in kept:
            return Outcome("crash", None, None, None)
        return kept[self.number].answer(self.at, self.gap, self.near, self.seconds, self.seed)


@dataclass(eq=False)
class _Place:
    """A process, the scenarios that it keeps, and the one that it answers now."""

    solver: SolverProcess
    programs: dict[int, tuple[Milp, Numbers]]
    knows: bool = False
    answering: int | None = None
    waiting: list[int] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)


class Recourses:
    """Scenarios dealt out over solver processes; use as a context manager.

    Parameters
    ----------
    programs
        Of every scenario its program and, for each decision of the first stage, its column; -1: it has none.
    processes
        How many solver processes share the work.
    """

    def __init__(self, programs: Sequence[tuple[Milp, Numbers]], processes: int, seed: int) -> None:
        self._places, self._columns, self._seed = [], [held for _, held in programs], seed
        for number in range(max(1, min(processes, len(programs)))):
            own = {
                place: (program.nameless, held[held >= 0])
                for place, (program, held) in enumerate(programs)
                if place % processes == number
            }
            self._places.append(_Place(SolverProcess(programs[number][0]), own))

    def __enter__(self) -> Recourses:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for place in self._places:
            place.solver.__exit__(kind, error, trace)

    def _own(self, number: int, at: Vector) -> Vector:
        """The decisions that a scenario has, of all."""
        return at[self._columns[number] >= 0]

    def _wide(self, number: int, plane: Plane, at: Vector) -> Plane:
        """A scenario's plane over all decisions."""
        slopes = np.zeros(len(at))
        slopes[self._columns[number] >= 0] = plane.slopes
        return replace(plane, at=at, slopes=slopes)

    @staticmethod
    def _see_that_it_knows(place: _Place) -> None:
        """Send a process its programs, unless it has them."""
        if not place.knows:
            place.solver.submit(_Keep(place.programs))
            place.knows = _done(place.solver) == _KEPT

    def planes(self, at: Vector, seconds: float) -> list[Plane | None]:
        """The plane of every scenario at a first stage, which need not be whole; None where none was found in time."""
        found: list[Plane | None] = [None] * len(self._columns)
        asked = self._places
        for _ in range(2):  # twice where a process was lost
            for place in asked:
                self._see_that_it_knows(place)
                place.solver.submit(_Planes({number: self._own(number, at) for number in place.programs}, seconds))
            for place in asked:
                result = _done(place.solver)
                place.knows = isinstance(result, dict) and result.keys() == place.programs.keys()
                if isinstance(result, dict):
                    for number, plane in result.items():
                        found[number] = None if plane is None else self._wide(number, plane, at)
            asked = [place for place in asked if not place.knows]
        return found

    def answers(
        self, order: Sequence[int], at: Vector, gap: float, near: float, seconds: float
    ) -> Generator[tuple[int, Outcome]]:
        """The best answers to a first stage of whole numbers, as they come; asked for in this order.

        Whoever has heard enough closes the iterator: what is under way is ended.
        """
        end = time.monotonic() + seconds
        for place in self._places:
            self._see_that_it_knows(place)
            place.waiting = [number for number in order if number in place.programs]
        try:
            while any(place.waiting or place.answering is not None for place in self._places):
                for place in self._places:
                    if place.answering is None and place.waiting:
                        number = place.answering = place.waiting.pop(0)
                        # most take a small part of the time, so that one may take more than its share of what is left
                        left = end - time.monotonic()
                        left = max(0.5, min(left, SHARES * left / (1 + len(place.waiting))))
                        self._see_that_it_knows(place)
                        place.solver.submit(_Answer(number, self._own(number, at), gap, near, left, self._seed))
                    if place.answering is not None:
                        result = _heard(place.solver, WAIT_SECONDS if len(self._places) > 1 else 1.0)
                        if result is not None:
                            assert isinstance(result, Outcome)
                            number, place.answering = place.answering, None
                            place.knows = result.reason != "crash"
                            if result.reason == "crash" and number not in place.lost:
                                # once more: it may not have been this one that the process was lost over
                                place.lost.add(number)
                                place.waiting.insert(0, number)
                                continue
                            yield number, result
        finally:
            for place in self._places:
                place.waiting = []
                if place.answering is not None:
                    place.answering = None
                    _done(place.solver)


def _heard(solver: SolverProcess, wait: float) -> object | None:
    """The result of an errand, if it is there."""
    return next((report[1] for report in solver.reports(wait) if report[0] == "done"), None)


def _done(solver: SolverProcess) -> object:
    """The result of an errand, waited for."""
    while (result := _heard(solver, 1.0)) is None:
        pass
    return result


def lower_of(outcome: Outcome) -> float:
    """What is proven of a scenario's cost at a first stage (model units)."""
    if outcome.reason == "infeasible":
        return math.inf
    return -math.inf if outcome.bound is None else outcome.bound
