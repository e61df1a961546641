"""The processes behind solver processes: started without a program, and handed on from one use to the next.

A process takes longer to start than a small program takes to solve: most of it are imports. Within :func:`standby` one
is started ahead, beside the building of the model, and one that its user has left idle serves the next.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import sys
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any

from hubopt.solve.engine import watchdog
from hubopt.solve.engine.offers import Offers
from hubopt.solve.engine.serving import HERE, REST, serve
from hubopt.solve.milp import Milp

AHEAD_COLUMNS = 2**18
"""Room for offered points of a process that is started before its program is known; a larger one gets its own."""

ANSWER_SECONDS = 10.0
"""How long an idle process may take to say that it is there: on a busy machine it waits for its turn."""

LOADING_SECONDS = 120.0
"""How long a process may take to load before nobody waits for it any more."""

_STARTING = threading.Lock()


@contextlib.contextmanager
def _ctrl_c_later() -> Iterator[None]:
    """Ctrl-C waits for the end of the block, and a process started in it never hears of one, nor of an end signal.

    A process that is still loading would print a traceback. The handler is for this process, where the signal may
    arrive in any thread; the mask is what the new process inherits.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    heard: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if heard:
            signal.raise_signal(signal.SIGINT)


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """A process started in the block does not load this process's main module, of which it needs nothing.

    That would take as long as its own imports, and run a script that calls ``solve`` without a guard once more.
    """
    with _STARTING:
        own = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = own


def _start_helper() -> None:
    """Start multiprocessing's helper process, once, deaf to the closing of the terminal.

    It must outlive what it tracks. By itself it is deaf to Ctrl-C and end signals only; and starting it unblocks those
    two, so it has to run before they are blocked.
    """
    if not hasattr(signal, "pthread_sigmask"):
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        resource_tracker.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


class Worker:
    """A process that takes programs and jobs, and what it shares with this one; ``columns``: room for offered points.

    ``program`` is the one that it was sent last; ``used``: whether it has been left idle by somebody.
    """

    process: Any
    pipe: Connection
    stop: Any
    offers: Offers

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self.program: Milp | None = None
        self.used = False
        self._start()

    def _start(self) -> None:
        _start_helper()
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.stop = context.Event()
        self.offers = Offers(context, self.columns)
        watch = watchdog.current()
        memory_gib = None if watch is None else watch.memory_gib
        self.process = context.Process(
            target=serve, args=(theirs, self.stop, self.offers, memory_gib), daemon=True, name="hubopt-solver"
        )
        try:
            with _ctrl_c_later(), _without_main():
                self.process.start()
        except KeyboardInterrupt:
            self.process.kill()
            raise
        theirs.close()
        self.watched()

    def sent(self, message: object) -> bool:
        """Send a program or task; False if the process is lost."""
        try:
            self.pipe.send(message)
        except OSError:
            return False
        return True

    def load(self, program: Milp) -> bool:
        """Send a program, unless the process has it; False if the process is lost."""
        if self.program is not program:
            self.program = program
            return self.sent(program.nameless)
        return True

    def rest(self) -> bool:
        """Drop what was kept from earlier tasks; False if the process is lost."""
        self.stop.clear()
        self.offers.gate.value = -1
        self.used = True
        return bool(self.process.is_alive()) and self.sent(REST)

    def answers(self) -> bool:
        """Whether an idle process is there; the system may not know yet of one that was killed a moment ago."""
        if not self.used:
            # it may be loading still, and is waited for with its first job
            return bool(self.process.is_alive())
        return self.spent(ANSWER_SECONDS) is not None

    def spent(self, seconds: float) -> float | None:
        """Seconds of processor time of an idle process; None if it does not say so within ``seconds``."""
        try:
            if not self.sent(HERE) or not self.pipe.poll(seconds):
                return None
            word, spent = self.pipe.recv()
        except (EOFError, OSError):
            return None
        return float(spent) if word == HERE else None

    def watched(self) -> None:
        """Let the watch that is kept here, if any, count the process in."""
        watch = watchdog.current()
        if watch is not None and self.process.pid is not None:
            watch.solvers.add(self.process.pid)

    def end(self) -> None:
        """End the process: there is nothing in it that anybody needs."""
        self.process.kill()
        self.sent(None)
        self.process.join()
        self.pipe.close()


@dataclass
class _Standby:
    """Idle processes."""

    make: type[Worker]
    idle: list[Worker] = field(default_factory=list)


_STANDBY: ContextVar[_Standby | None] = ContextVar("hubopt standby", default=None)


@contextlib.contextmanager
def standby(make: type[Worker]) -> Iterator[None]:
    """Within the block idle processes are kept for the next use; all are ended with it. Blocks within share them."""
    if _STANDBY.get() is not None:
        yield
        return
    own = _Standby(make)
    token = _STANDBY.set(own)
    try:
        yield
    finally:
        _STANDBY.reset(token)
        for worker in own.idle:
            worker.end()


def start_ahead() -> None:
    """Start a process for the program to come, if none is idle."""
    own = _STANDBY.get()
    if own is not None and not own.idle:
        own.idle.append(own.make(AHEAD_COLUMNS))


def loaded_ahead() -> float:
    """As :func:`start_ahead`, and wait until it has loaded: the seconds of processor time that this took it."""
    own = _STANDBY.get()
    if own is None:
        return 0.0
    start_ahead()
    return own.idle[-1].spent(LOADING_SECONDS) or 0.0


def taken(make: type[Worker], columns: int) -> Worker:
    """An idle process that has room for so many columns, or a new one."""
    own = _STANDBY.get()
    while own is not None and own.idle:
        worker = own.idle.pop()
        if columns <= worker.columns and type(worker) is make and worker.answers():
            # it may have been started before this watch
            worker.watched()
            return worker
        worker.end()
    return make(columns)


def given_back(worker: Worker) -> None:
    """Keep an idle process for the next use, or end it."""
    own = _STANDBY.get()
    if own is not None and worker.rest():
        own.idle.append(worker)
    else:
        worker.end()
