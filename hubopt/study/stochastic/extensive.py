"""All scenarios in one program, handed to HiGHS at once: the way for few scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import Monolith
from hubopt.solve.progress import Progress, Tracker
from hubopt.study.stochastic.measures import Measure, program_of
from hubopt.study.stochastic.program import Joined, Key, Part, join
from hubopt.study.stochastic.recourse import Clock


@dataclass(frozen=True)
class Found:
    """What a way of solving ends with: why, its best first stage, points by scenario, and bound (model units)."""

    reason: str
    decision: Mapping[Key, float] | None
    points: Sequence[Vector] | None
    bound: float
    trace: tuple[tuple[float, float | None, float | None], ...]


def _start(joined: Joined, program: Milp, points: Sequence[Vector] | None) -> Vector | None:
    """The whole integer point that the points of the scenarios make."""
    if points is None:
        return None
    values = np.zeros(program.columns)
    for place, own in zip(joined.places, points, strict=True):
        values[place] = own
    return values


def solve_extensive(
    parts: Sequence[Part], measure: Measure, least: Vector, points: Sequence[Vector] | None, *, gap: float,
    clock: Clock, seed: int, threads: int, listen: Callable[[Progress], None] | None,
) -> Found:  # fmt: skip
    """Solve the extensive form.

    Parameters
    ----------
    least
        Least cost of each scenario alone (model units).
    points
        Points of the scenarios, of one first stage, to start from.
    """
    joined = join(parts)
    program = program_of(measure, joined, least)
    tracker = Tracker(parts[0].money, max(1.0, clock.left), listen)
    start = _start(joined, program, points)
    found = Monolith(program, tracker, gap, seed, threads, start, lambda line: None).run()
    values = found.values
    return Found(
        found.reason, None if values is None else joined.decision(values),
        None if values is None else [joined.values(number, values) for number in range(len(parts))],
        tracker.bound, tuple(tracker.trace),
    )  # fmt: skip
