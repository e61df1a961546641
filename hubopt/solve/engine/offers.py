"""What two processes share while a job runs, without either ever waiting for the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from hubopt.solve.milp import Vector


class Offers:
    """What a running job shares with the parent: the latest feasible point found elsewhere, and a gate.

    Neither side ever waits for the other over the point. The gate is the tick at which the job waits until it is set
    further; below 0 it is open. ``columns`` is the most that a point may have.
    """

    def __init__(self, context: Any, columns: int) -> None:
        self._lock = context.Lock()
        self._point = context.RawArray("d", columns)
        self._length = context.RawValue("q", 0)
        self._count = context.RawValue("i", 0)
        self.gate = context.RawValue("q", -1)

    def put(self, values: Vector) -> None:
        """Replace the point; given up if the other side holds the lock for a second."""
        if self._lock.acquire(timeout=1.0):
            np.frombuffer(self._point)[: len(values)] = values
            self._length.value = len(values)
            self._count.value += 1
            self._lock.release()

    def newer_than(self, seen: int) -> tuple[int, Vector | None]:
        """The number of points put so far and, if that is more than ``seen``, the latest."""
        if self._count.value == seen or not self._lock.acquire(timeout=1.0):
            return seen, None
        count, point = int(self._count.value), np.frombuffer(self._point)[: self._length.value].copy()
        self._lock.release()
        return count, point
