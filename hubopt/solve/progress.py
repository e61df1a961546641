"""What a run has found so far: incumbent, bound and gap over time, told to whoever listens."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from hubopt.solve.milp import Vector


@dataclass(frozen=True)
class Progress:
    """A moment of a run. Amounts in CNY/year, ``gap`` as a fraction of the incumbent, ``seconds`` since the start."""

    phase: str
    incumbent: float | None
    bound: float | None
    gap: float | None
    seconds: float


class Tracker:
    """Keeps the best incumbent and bound (model units), their history, and the time left.

    ``money`` is one model unit in CNY/year; ``keep`` takes the point of every better incumbent.
    Improvements smaller than 1e-9 of the value are not recorded.
    """

    def __init__(self, money: float, time_limit: float, listener: Callable[[Progress], None] | None = None) -> None:
        self.money = money
        self.time_limit = time_limit
        self.keep: Callable[[Vector], None] | None = None
        self.phase = "build"
        self.incumbent = math.inf
        self.bound = -math.inf
        self.trace: list[tuple[float, float | None, float | None]] = []
        self.phase_seconds: dict[str, float] = {}
        self._listener = listener
        self._started = time.monotonic()
        self._phase_started = self._started
        self._deadline = self._started + time_limit

    @property
    def seconds(self) -> float:
        """Seconds since the start of the run."""
        return time.monotonic() - self._started

    @property
    def left(self) -> float:
        """Seconds until the time limit, never negative."""
        return max(0.0, self._deadline - time.monotonic())

    @property
    def gap(self) -> float:
        """(incumbent - bound) / |incumbent|, infinite while one is missing."""
        if not math.isfinite(self.incumbent) or not math.isfinite(self.bound):
            return math.inf
        return max(0.0, self.incumbent - self.bound) / max(abs(self.incumbent), 1e-9)

    def enter(self, phase: str) -> None:
        """Begin a phase; the time of the one before is booked."""
        now = time.monotonic()
        self.phase_seconds[self.phase] = self.phase_seconds.get(self.phase, 0.0) + now - self._phase_started
        self.phase, self._phase_started = phase, now
        self._tell()

    def improves(self, incumbent: float) -> bool:
        """Whether an incumbent is better than the last."""
        return incumbent < self.incumbent - 1e-9 * abs(incumbent)

    def found(self, incumbent: float, values: Vector | None = None) -> bool:
        """Note an incumbent and its point in the program's columns; whether it is better than the last."""
        if not self.improves(incumbent):
            return False
        self.incumbent = incumbent
        if self.keep is not None and values is not None:
            self.keep(values)
        self._record()
        return True

    def proved(self, bound: float | None) -> None:
        """Note a lower bound."""
        if bound is not None and bound > self.bound + 1e-9 * abs(bound):
            self.bound = bound
            self._record()

    def _record(self) -> None:
        now = self.now()
        self.trace.append((round(now.seconds, 2), now.incumbent, now.bound))
        self._tell()

    def now(self) -> Progress:
        """Where the run stands at this moment."""
        incumbent = self.incumbent * self.money if math.isfinite(self.incumbent) else None
        bound = self.bound * self.money if math.isfinite(self.bound) else None
        return Progress(self.phase, incumbent, bound, self.gap if math.isfinite(self.gap) else None, self.seconds)

    def _tell(self) -> None:
        if self._listener is not None:
            self._listener(self.now())
