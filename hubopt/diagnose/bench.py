"""Runs of the elastic program, one solver process for all of them, with a clock for the whole diagnosis."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from types import TracebackType

import numpy as np

from hubopt.diagnose.elastic import Elastic
from hubopt.solve.highs import Job, Outcome
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.process import SolverProcess

NOTHING = 1e-6
"""Sum of scaled changes that is taken for none."""

ANY_PLAN = 10.0
"""Relative gap at which a run ends with the first plan that it finds."""


@dataclass
class Bench:
    """A solver process and the time that is left; use as a context manager."""

    program: Milp
    seconds: float
    threads: int = 1
    seed: int = 0
    _start: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Bench:
        self._solver = SolverProcess(self.program)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._solver.close()

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


def priced(elastic: Elastic, free: frozenset[str]) -> Milp:
    """The elastic program in which some limits give way at no price."""
    if not free:
        return elastic.program
    cost = elastic.program.cost.copy()
    for place, limit in enumerate(elastic.limits):
        if limit.id in free:
            cost[elastic.first + place] = 0.0
    return replace(elastic.program, cost=cost)
