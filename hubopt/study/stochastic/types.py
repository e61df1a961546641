"""What a run under uncertainty is asked, and what it ends with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Literal

from hubopt.instance import Policy
from hubopt.solution.types import Limit, Status
from hubopt.study.stochastic.measures import Interval, Measure
from hubopt.study.stochastic.program import Key
from hubopt.study.stochastic.recourse import Answer
from hubopt.study.stochastic.scenarios import ScenarioSet

Way = Literal["auto", "extensive", "hedging", "l-shaped"]


def rank() -> int:
    """Number of this process among those of an MPI run; 0 where there is only one."""
    if find_spec("mpi4py") is None:
        return 0
    try:
        from mpi4py import MPI
    except (ImportError, RuntimeError):  # the package is there, the library of MPI is not
        return 0
    return int(MPI.COMM_WORLD.Get_rank())


@dataclass(frozen=True)
class Question:
    """What a run is asked beside instance and scenarios; times in seconds, ``gap`` relative."""

    policy: Policy = field(default_factory=Policy)
    measure: Measure = field(default_factory=Measure)
    method: Way = "auto"
    gap: float = 0.01
    time_limit: float = 600.0
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Line:
    """One scenario: the answer to the chosen first stage, and what it would cost alone and under the mean plan.

    Amounts in CNY/year. ``alone``: the least cost had the scenario been known. ``mean``: the cost when the first stage
    is that of the mean case; None if there is none.
    """

    id: str
    probability: float
    chosen: Answer
    alone: Interval
    mean: Interval | None

    @property
    def regret(self) -> Interval:
        """How much more the chosen first stage costs than had the scenario been known."""
        return (self.chosen.cost - self.alone).at_least(0.0)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a run ended with; amounts in CNY/year.

    ``value``: the measure, between its proven bound and what the chosen first stage reaches. ``expected``, ``cvar`` and
    ``regret`` of the chosen first stage: what was reached. ``mean``: the measure of the first stage of the mean case;
    ``vss``: how much worse it is than the best; ``evpi``: what knowing the scenario beforehand would save (None for
    regret, where it is the measure itself).
    """

    question: Question
    scenarios: ScenarioSet
    instance_id: str
    instance_sha256: str
    method: Literal["extensive", "hedging", "l-shaped"]
    status: Status
    limit: Limit
    value: Interval
    expected: float | None
    cvar: float | None
    regret: float | None
    alone: Interval
    mean: Interval | None
    vss: Interval | None
    evpi: Interval | None
    decision: Mapping[Key, float] | None
    lines: tuple[Line, ...]
    seconds: Mapping[str, float]
    versions: Mapping[str, str]
    trace: tuple[tuple[float, float | None, float | None], ...]

    @property
    def leads(self) -> bool:
        """Whether this process is the one that writes and prints, where several work on one run."""
        return rank() == 0

    @property
    def gap(self) -> float | None:
        """(reached - bound) / |reached|; None while either is missing."""
        if not math.isfinite(self.value.upper) or not math.isfinite(self.value.lower):
            return None
        return max(0.0, self.value.upper - self.value.lower) / max(abs(self.value.upper), 1e-9)
