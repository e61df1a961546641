"""Solver processes that are threads: for thousands of small runs, which would wait for processes most of the time."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from types import ModuleType
from typing import Any
from unittest import mock

from hubopt.solve.engine import process, serving, worker
from hubopt.solve.engine.offers import Offers


class _Context:
    """What of a multiprocessing context the offers need, within one process."""

    Lock = staticmethod(threading.Lock)

    @staticmethod
    def RawArray(kind: str, size: int) -> Any:  # noqa: N802
        import ctypes

        return (ctypes.c_double * size)()

    @staticmethod
    def RawValue(kind: str, value: int) -> Any:  # noqa: N802
        import ctypes

        return ctypes.c_int(value)


class _Thread(threading.Thread):
    """A thread with the face of a process; it cannot be killed, only asked to stop, and has no number of its own."""

    pid: int | None = None

    def __init__(self, stop: threading.Event, *arguments: Any) -> None:
        super().__init__(target=serving.work, args=arguments, daemon=True)
        self._asked = stop

    def kill(self) -> None:
        self._asked.set()


class _Worker(worker.Worker):
    """What a solver process works with, in a thread."""

    def _start(self) -> None:
        self.pipe, theirs = Pipe()
        self.stop = threading.Event()
        self.offers = Offers(_Context, self.columns)
        self.process = _Thread(self.stop, theirs, self.stop, self.offers)
        self.process.start()


class SolverThread(process.SolverProcess):
    """A solver process that is a thread of this one."""

    worker = _Worker


def _users() -> Iterator[ModuleType]:
    """Every module of the room that starts solver processes, whatever methods there may be."""
    for name, module in list(sys.modules.items()):
        if name.startswith("hubopt.solve.") and getattr(module, "SolverProcess", None) is process.SolverProcess:
            yield module


@contextlib.contextmanager
def solver_threads() -> Iterator[None]:
    """Let every method use threads instead of processes."""
    with contextlib.ExitStack() as stack:
        for module in list(_users()):
            stack.enter_context(mock.patch.object(module, "SolverProcess", SolverThread))
        yield
