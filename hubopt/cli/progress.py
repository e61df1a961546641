"""What a run shows while it goes on: one live line in a terminal, sparse plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.live import Live
from rich.text import Text

from hubopt.cli.speech import say, word

SECONDS_BETWEEN_LINES = 2.0
"""Least time between two plain lines."""

_PHASE_CELLS = 18
"""Least width of a phase; a Chinese character takes two cells."""


class Progress(Protocol):
    """How far a solve is (as :class:`hubopt.solve.Progress`); amounts in CNY/year."""

    @property
    def phase(self) -> str:
        """What the solver is doing."""

    @property
    def incumbent(self) -> float | None:
        """Objective of the best solution."""

    @property
    def bound(self) -> float | None:
        """Proven lower bound."""

    @property
    def gap(self) -> float | None:
        """Relative gap between the two."""

    @property
    def seconds(self) -> float:
        """Time since the start."""


def amount(value: float | None) -> str:
    """An amount with thousands set apart; a dash if there is none."""
    return "-" if value is None else f"{value:,.0f}"


def percent(value: float | None) -> str:
    """A share in percent; a dash if there is none."""
    return "-" if value is None else f"{value:.2%}"


def line(progress: Progress) -> str:
    """One line about ``progress``."""
    head, colon, rest = progress.phase.partition(": ")  # a part of a run names itself before its phase
    phase = word("progress", head) + colon + word("progress", rest)
    return say(
        "progress.line",
        seconds=f"{progress.seconds:7.1f}",
        phase=set_cell_size(phase, max(_PHASE_CELLS, cell_len(phase))),
        best=f"{amount(progress.incumbent):>15}",
        bound=f"{amount(progress.bound):>15}",
        gap=f"{percent(progress.gap):>8}",
    )


class LiveDisplay:
    """Has a live part of ``console`` while it is entered, if that is a terminal: :attr:`live`, else None."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.live = Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self.live is not None:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live is not None:
            self.live.stop()


class ProgressLine(LiveDisplay):
    """Shows the progress of a solve on ``console``; use as a context manager and call with each report."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(console)
        self._clock = clock
        self._shown: tuple[str, float | None, float | None] | None = None
        self._last = -SECONDS_BETWEEN_LINES

    def __call__(self, progress: Progress) -> None:
        """Show ``progress``, unless a plain line would say nothing new or come too soon."""
        if self.live is not None:
            self.live.update(Text(line(progress)))
            return
        news = (progress.phase, progress.incumbent, progress.bound)
        now = self._clock()
        if news != self._shown and now - self._last >= SECONDS_BETWEEN_LINES:
            self._shown, self._last = news, now
            self.console.print(line(progress), markup=False)
