"""What may end a run before its time: Ctrl-C, an end signal, too much memory, a build that outlasts the time limit.

A stop is noted when it comes and acted on where nothing can be lost by it. While nothing has been found (reading,
building) it raises at once; during the search it waits for the next look at the solver processes; while the plan that
was found is checked and written it waits for the end.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import Any, Literal

Reason = Literal["interrupt", "memory", "time"]
Stage = Literal["open", "searching", "closing"]

SECONDS_BETWEEN_LOOKS = 0.1
"""How often the memory is looked at."""
PRESSES_TO_GIVE_UP = 3
"""How often Ctrl-C must be pressed while a plan is checked and written, to give it up."""
GIB = 2.0**30

_STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)  # fmt: skip


class Stopped(KeyboardInterrupt):
    """The run is to end now; ``reason`` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Watch:
    """Keeps the stop that was asked for; :func:`watching` makes one.

    Parameters
    ----------
    memory_gib
        Resident memory (GiB) of this process and its solver processes together, above which the run stops.
    notice
        Called, from the signal handler, with "interrupt" or "closing" when a signal comes: it must not block.
    """

    def __init__(self, memory_gib: float | None = None, notice: Callable[[str], None] | None = None) -> None:
        self.memory_gib = memory_gib
        self.reason: Reason | None = None
        self.stage: Stage = "open"
        self.solvers: set[int] = set()
        self._notice = notice
        self._presses = 0
        self._build_ends = float("inf")
        self._over = threading.Event()
        self._in_main = threading.current_thread() is threading.main_thread()

    # -- stages ----------------------------------------------------------------------------------------------------

    def building(self, seconds: float) -> None:
        """From now on a stop raises at once, and one comes after so many seconds."""
        self.stage = "open"
        self._build_ends = time.monotonic() + seconds
        self.heed()

    def searching(self) -> None:
        """From now on a stop waits for :meth:`heed`."""
        self._build_ends = float("inf")
        self.stage = "searching"

    def closing(self) -> None:
        """From now on a stop is noted only: what was found is checked and written first."""
        self._build_ends = float("inf")
        self.stage = "closing"

    def heed(self) -> None:
        """Act on a stop that was asked for.

        Raises
        ------
        Stopped
            Unless the run is closing already.
        """
        if self.reason is not None and self.stage != "closing":
            raise Stopped(self.reason)

    # -- stops -----------------------------------------------------------------------------------------------------

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Note a signal; act on it if nothing can be lost."""
        first = self.reason is None
        self.reason = self.reason or "interrupt"
        if self.stage == "open":
            raise Stopped(self.reason)
        if self._notice is not None and (first or self.stage == "closing"):
            self._notice("closing" if self.stage == "closing" else "interrupt")
        if self.stage == "closing":
            self._presses += 1
            if self._presses >= PRESSES_TO_GIVE_UP:
                raise KeyboardInterrupt

    def _stop(self, reason: Reason) -> None:
        """Stop for a reason of the watchdog's own."""
        self.reason = self.reason or reason
        if self.stage == "open" and self._in_main:
            _thread.interrupt_main(signal.SIGINT)

    def memory_in_use(self) -> float:
        """Resident memory of this process and its solver processes, GiB."""
        return sum(map(_resident, (os.getpid(), *tuple(self.solvers)))) / GIB

    def look(self) -> None:
        """Hold memory and build time against their limits until the watch is over."""
        while not self._over.wait(SECONDS_BETWEEN_LOOKS):
            if self.reason is not None or self.stage == "closing":
                continue
            if self.memory_gib is not None and self.memory_in_use() > self.memory_gib:
                self._stop("memory")
            elif time.monotonic() > self._build_ends and self.stage == "open":
                self._stop("time")

    def end(self) -> None:
        """Look no more."""
        self._over.set()


def _resident(pid: int) -> int:
    """Resident memory of a process in bytes; 0 if it is gone or the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return 0


_CURRENT: ContextVar[Watch | None] = ContextVar("hubopt watch", default=None)


def current() -> Watch | None:
    """The watch that is kept here, if any."""
    return _CURRENT.get()


def heed() -> None:
    """Act on a stop that was asked for; raises :class:`Stopped`. Without a watch nothing happens."""
    if (watch := _CURRENT.get()) is not None:
        watch.heed()


@contextlib.contextmanager
def watching(memory_gib: float | None = None, notice: Callable[[str], None] | None = None) -> Iterator[Watch]:
    """Keep watch over the block: over the signals, if it runs in the main thread, and over the memory."""
    watch = Watch(memory_gib, notice)
    before: dict[signal.Signals, Any] = {}
    if watch._in_main:
        for number in _STOPPING:
            # who starts a run under nohup wants it to outlive the terminal
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, watch.on_signal)
    token = _CURRENT.set(watch)
    looker = threading.Thread(target=watch.look, name="hubopt-watchdog", daemon=True)
    looker.start()
    try:
        yield watch
    finally:
        watch.stage = "closing"
        watch.end()
        looker.join()
        _CURRENT.reset(token)
        for number, handler in before.items():
            signal.signal(number, handler)
