"""Faults that are put into a run before it begins; each is called in the run's own process."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

Fault = Callable[[], None]

FILE_CALLS = ("fsync", "rename", "replace", "mkdir", "rmdir", "unlink")
"""Functions of ``os`` that writing a folder goes through."""


def both(*faults: Fault) -> Fault:
    """Several at once."""

    def put() -> None:
        for fault in faults:
            fault()

    return put


def quick() -> None:
    """Solver processes that start in no time, pages of one line, plans kept often: for many runs in little time."""
    from hubopt import viz
    from hubopt.solve import checkpoint
    from hubopt.solve.engine import worker

    forked = multiprocessing.get_context("fork")
    worker.multiprocessing = _With(get_context=lambda _: forked)  # type: ignore[assignment]
    checkpoint.Keeper.__init__.__defaults__ = (0.2,)
    checkpoint.SHARE = 0.5
    viz.network_map = lambda *_, **__: "<!DOCTYPE html>map"
    viz.report_html = lambda *_, **__: "<!DOCTYPE html>report"


class _With:
    """A module with some names replaced."""

    def __init__(self, **names: Any) -> None:
        self.__dict__.update(names)

    def __getattr__(self, name: str) -> Any:
        return getattr(multiprocessing, name)


def often(between: float = 0.2) -> None:
    """Plans kept on the way every ``between`` seconds."""
    from hubopt.solve import checkpoint

    checkpoint.Keeper.__init__.__defaults__ = (between,)
    checkpoint.SHARE = 0.5


def _counting(at: int, strike: Callable[[], None], within: Callable[[str], bool]) -> None:
    """Strike at the ``at``-th call of a file function on a path that is meant."""
    seen = 0

    def wrapped(name: str) -> Any:
        original = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal seen
            if name == "fsync" or within(os.fspath(arguments[0])):
                seen += 1
                if seen == at:
                    strike()
            return original(*arguments, **options)

        return call

    for name in FILE_CALLS:
        setattr(os, name, wrapped(name))


def killed_at_file_call(at: int) -> Fault:
    """kill -9 at a step of writing: the ``at``-th call that makes, syncs, renames or removes something."""
    return lambda: _counting(at, lambda: os.kill(os.getpid(), signal.SIGKILL), lambda _: True)


def failing_files(number: int, where: str, after: int = 0) -> Fault:
    """Every step of writing whose path has ``where`` in it fails with an error of the system, but for the first."""

    def put() -> None:
        from hubopt.instance import folder

        seen = 0
        original = folder._fsync_all

        def failing(path: Path) -> None:
            nonlocal seen
            if where in str(path):
                seen += 1
                if seen > after:
                    raise OSError(number, os.strerror(number), str(path))
            original(path)

        folder._fsync_all = failing

    return put


def full_disk(where: str = "", after: int = 0) -> Fault:
    """No space left on the device."""
    return failing_files(errno.ENOSPC, where, after)


def small_files(most: int) -> Fault:
    """No file may grow above so many bytes, by the system's own limit."""

    def put() -> None:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return put


def wrong_cost() -> None:
    """A solver that claims a cost one per mille below the truth."""
    from hubopt import solve as room
    from hubopt.solve import run

    def lying(*arguments: Any, **options: Any) -> Any:
        solution = run.solve(*arguments, **options)
        return replace(solution, proof=replace(solution.proof, objective=solution.proof.objective * 0.999))

    room.solve = lying


def wrong_bound() -> None:
    """A solver whose bound lies above its own plan."""
    from hubopt import solve as room
    from hubopt.solve import run

    def lying(*arguments: Any, **options: Any) -> Any:
        solution = run.solve(*arguments, **options)
        return replace(solution, proof=replace(solution.proof, bound=solution.proof.objective * 1.01))

    room.solve = lying


def wrong_plan() -> None:
    """A plan that leaves out a facility which its flows go through."""
    from hubopt.solve import account

    original = account.plan_of

    def lying(*arguments: Any) -> Any:
        plan = original(*arguments)
        return replace(plan, facilities=plan.facilities.iloc[1:].reset_index(drop=True))

    account.plan_of = lying


def false_infeasible() -> None:
    """A first solve that calls a feasible instance infeasible."""
    from hubopt.solve import monolith
    from hubopt.solve.monolith import Found

    monolith.Monolith.run = lambda self: Found("infeasible", None)  # type: ignore[method-assign]


def _end_at_once(*_: object) -> None:
    os._exit(3)


def stillborn() -> None:
    """Solver processes that end as soon as they have started."""
    from hubopt.solve.engine import worker

    worker.serve = _end_at_once


def unread() -> None:
    """Whoever read what is printed has gone."""
    read, write = os.pipe()
    os.close(read)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(write, stream.fileno())


def broken_map() -> None:
    """A map that cannot be drawn."""
    from hubopt import viz

    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("no tiles")

    viz.network_map = broken


def slow_build(seconds: float) -> Fault:
    """A model that takes long to build."""

    def put() -> None:
        import time

        from hubopt.solve import run

        original = run.build

        def slow(*arguments: Any) -> Any:
            ends = time.monotonic() + seconds
            os.write(2, b"building\n")
            while time.monotonic() < ends:
                sum(range(1000))
            return original(*arguments)

        run.build = slow
        run.BUILD_SECONDS = 1.0

    return put
