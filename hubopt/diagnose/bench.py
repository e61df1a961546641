"""Runs of the elastic program, one solver process for all of them, with a clock for the whole diagnosis."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from types import TracebackType

import numpy as np

from hubopt.diagnose.elastic import Elastic
from hubopt.solve.engine import watchdog
from hubopt.solve.engine.jobs import Job, Outcome, Relaxation, Relaxed
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Milp, Vector

NOTHING = 1e-6
"""Sum of scaled changes that is taken for none."""

ANY_PLAN = 10.0
"""Relative gap at which a run ends with the first plan that it finds."""

LARGE = 1500
"""Integer columns from which the elastic program is only relaxed: whole plans of its own would take it hours."""


def heeding() -> None:
    """From now on a signal, where one is watched for, ends the diagnosis at the next look at the solver process."""
    if (watch := watchdog.current()) is not None:
        watch.searching()
        watch.heed()


@dataclass
class Bench:
    """A solver process and the time that is left; use as a context manager."""

    program: Milp
    seconds: float
    threads: int = 1
    seed: int = 0
    _start: float = field(default_factory=time.monotonic)
    _known: dict[tuple[int, frozenset[str], frozenset[str]], tuple[Elastic, Outcome]] = field(default_factory=dict)

    def __enter__(self) -> Bench:
        heeding()
        self._solver = SolverProcess(self.program)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._solver.close()

    @property
    def is_large(self) -> bool:
        """Whether whole plans of the program at hand are out of reach."""
        return int(self.program.integer.sum()) >= LARGE

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.seconds - (time.monotonic() - self._start))

    def run(
        self,
        program: Milp,
        *,
        upper: Vector | None = None,
        whole: bool = True,
        start: Vector | None = None,
        gap: float = 1e-4,
        share: float = 1.0,
    ) -> Outcome:
        """Run a program, or its relaxation unless ``whole``, for at most a share of the time that is left."""
        if program is not self.program:
            self._solver.replace(program)
            self.program = program
        job = Job(
            program.lower,
            program.upper if upper is None else upper,
            program.integer if whole else np.zeros_like(program.integer),
            start=start, gap=gap, seconds=max(1.0, self.left * share), seed=self.seed, threads=self.threads,
        )  # fmt: skip
        outcome = self._solver.run(job)
        assert isinstance(outcome, Outcome)
        return outcome

    def relaxed(
        self,
        elastic: Elastic,
        free: frozenset[str] | set[str] = frozenset(),
        rigid: frozenset[str] | set[str] = frozenset(),
        share: float = 1.0,
    ) -> Outcome:
        """Run the relaxation of the elastic program; what was asked before is not solved again.

        By interior points, and for a large program without the rows that only strengthen it: a relaxation of the
        relaxation, so that what it proves holds for both.

        Parameters
        ----------
        free
            Limits that give way at no price.
        rigid
            Limits that do not give way.
        """
        key = id(elastic.program), frozenset(free), frozenset(rigid)
        if key not in self._known:
            program = replace(priced(elastic, frozenset(free)), upper=elastic.upper(frozenset(rigid)))
            large = int(program.integer.sum()) >= LARGE
            self.program = program
            self._solver.replace(program)
            seconds = max(1.0, self.left * share)
            outcome = self._solver.run(Relaxation(seconds, rounds=0, strengthened=not large, threads=self.threads))
            if isinstance(outcome, Relaxed):
                outcome = Outcome(
                    outcome.reason, outcome.bound, outcome.bound, outcome.values, row_duals=outcome.row_duals
                )
            assert isinstance(outcome, Outcome)
            if outcome.reason not in ("optimal", "infeasible", "time") and not large:
                outcome = self.run(program, whole=False, share=share)
            if outcome.reason not in ("optimal", "infeasible"):
                return outcome
            # the elastic program is kept with its outcome: the key is its place in memory
            self._known[key] = elastic, outcome
        return self._known[key][1]


def priced(elastic: Elastic, free: frozenset[str]) -> Milp:
    """The elastic program in which some limits give way at no price."""
    if not free:
        return elastic.program
    cost = elastic.program.cost.copy()
    for place, limit in enumerate(elastic.limits):
        if limit.id in free:
            cost[elastic.first + place] = 0.0
    return replace(elastic.program, cost=cost)
