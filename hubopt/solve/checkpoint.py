"""The best plan so far, checked and handed on while the search goes on, so that a lost process loses little of it.

Runs in a thread of its own: the search is done by other processes, which do not wait for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hubopt.solution import Solution
from hubopt.solve.milp import Vector

SECONDS_BETWEEN = 5.0
"""Least time between two plans that are handed on."""
SHARE = 0.05
"""Largest share of the time that checking and handing on may take."""

Judge = Callable[[Vector], Solution | None]
"""From a point of the program to a checked solution; None if the checker finds it wanting."""


class Keeper:
    """Takes better and better points, and hands on the checked solution of the latest from time to time.

    Parameters
    ----------
    judge
        Makes the checked solution of a point.
    keep
        Receives it, in this keeper's thread. What it raises ends the keeping, not the run; see :attr:`trouble`.
    between
        Least seconds between two hand-overs.
    """

    def __init__(self, judge: Judge, keep: Callable[[Solution], None], between: float = SECONDS_BETWEEN) -> None:
        self._judge, self._keep, self._between = judge, keep, between
        self._latest: Vector | None = None
        self._news = threading.Condition()
        self._over = False
        self.kept = 0
        self.trouble: Exception | None = None
        self._thread = threading.Thread(target=self._work, name="hubopt-keeper", daemon=True)
        self._thread.start()

    def found(self, values: Vector) -> None:
        """Take a better point; returns at once."""
        with self._news:
            self._latest = values
            self._news.notify()

    def end(self) -> None:
        """Hand on nothing more; waits for what is under way."""
        with self._news:
            self._over = True
            self._news.notify()
        self._thread.join()

    def _next(self) -> Vector | None:
        """The latest point, once there is one; None when it is over."""
        with self._news:
            self._news.wait_for(lambda: self._over or self._latest is not None)
            found, self._latest = self._latest, None
            return None if self._over else found

    def _work(self) -> None:
        while (values := self._next()) is not None:
            began = time.monotonic()
            try:
                if (solution := self._judge(values)) is not None:
                    self._keep(solution)
                    self.kept += 1
            except Exception as error:  # whatever it is, the run itself goes on
                self.trouble = error
            rest = max(self._between, (time.monotonic() - began) / SHARE)
            with self._news:
                self._news.wait_for(lambda: self._over, timeout=rest)
