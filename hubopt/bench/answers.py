"""What a run on one instance gave, whoever solved it, and the tiny formula that every rival's answer is held to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from hubopt.solve.milp import Milp, Vector

State = Literal["optimal", "feasible", "infeasible", "no-solution", "error", "skipped"]
"""optimal: proven within the gap asked for; skipped: the solver cannot take the instance or is not installed."""

Point = tuple[float, float | None, float | None]
"""Seconds, incumbent, bound."""

ROUNDING = 1e-6
"""How far a row may be missed, relative to its largest term: the tolerance that solvers work with."""


@dataclass(frozen=True)
class Limits:
    """Where a solver stops: wall seconds, relative gap, threads; and its seed."""

    seconds: float
    gap: float
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True)
class Answer:
    """A solver's own account: objective and bound of the minimised program, its point, and when they improved."""

    state: State
    objective: float | None = None
    bound: float | None = None
    values: Vector | None = field(default=None, repr=False)
    trace: tuple[Point, ...] = ()
    note: str = ""


@dataclass
class Trace:
    """Notes incumbents and bounds as they improve (minimised)."""

    points: list[Point] = field(default_factory=list)
    incumbent: float | None = None
    bound: float | None = None

    def note(self, seconds: float, incumbent: float | None, bound: float | None) -> None:
        """Keep what is better than before by more than rounding."""
        better = incumbent is not None and (
            self.incumbent is None or incumbent < self.incumbent - 1e-9 * abs(self.incumbent)
        )
        tighter = bound is not None and (self.bound is None or bound > self.bound + 1e-9 * abs(self.bound))
        if better:
            self.incumbent = incumbent
        if tighter:
            self.bound = bound
        if better or tighter:
            self.points.append((round(seconds, 3), self.incumbent, self.bound))


def finite(value: float | None, most: float = 1e19) -> float | None:
    """A number that a solver gives for none as None."""
    return None if value is None or not abs(value) < most else float(value)


def evaluated(program: Milp, values: Vector) -> tuple[float, float]:
    """Cost of a point with its integers rounded, and by how much it misses a row at most (relative to its terms)."""
    point = program.rounded(values)
    point = np.clip(point, program.lower, program.upper)
    terms = abs(program.matrix) @ np.abs(point)
    sums = program.matrix @ point
    missed = np.maximum(np.maximum(program.row_lower - sums, sums - program.row_upper), 0.0)
    return program.objective(point), float((missed / np.maximum(terms, 1.0)).max(initial=0.0))
