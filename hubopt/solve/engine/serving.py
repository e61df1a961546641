"""A solver process from within: takes a compiled program, then jobs; reports what it finds as it finds it.

The process talks over a pipe. In: a :class:`Milp`, a :class:`Job` or another task, or None to end. Out: tuples whose
first part is ``"progress"``, ``"incumbent"``, ``"log"`` or ``"done"``. Nothing of it needs the parent's state, so the
parent may kill it at any time and still hold the last incumbent.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
import time
from multiprocessing.connection import Connection, wait
from multiprocessing.synchronize import Event
from typing import Any

import highspy

from hubopt.solve.engine import highs
from hubopt.solve.engine.dive import Dive, Dived, dive
from hubopt.solve.engine.errand import Errand
from hubopt.solve.engine.first_order import FirstOrder, first_order
from hubopt.solve.engine.jobs import Job, Relaxation
from hubopt.solve.engine.offers import Offers
from hubopt.solve.engine.probe import Probe, probe
from hubopt.solve.engine.sifting import Sifting, sift
from hubopt.solve.milp import Milp


def _end_with_parent() -> None:
    """End this process as soon as its parent is gone, however that came about."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _live_alone(memory_gib: float | None) -> None:
    """Leave signals to the parent, never outlive it, and take no more memory than there may be.

    The parent watches the memory too; the limit here is for what grows faster than it looks.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if memory_gib is not None:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        asked = int(memory_gib * 2**30)
        resource.setrlimit(resource.RLIMIT_DATA, (asked if most < 0 else min(asked, most), most))


def serve(pipe: Connection, stop: Event, offers: Offers, memory_gib: float | None = None) -> None:
    """The process: takes what :func:`work` takes, on its own."""
    _live_alone(memory_gib)
    highs.own_process()
    work(pipe, stop, offers)


REST = "rest"
"""Message: drop what was kept from earlier tasks, but for the program."""

HERE = "here"
"""Message: say so; the answer is the same word and the seconds of processor time spent so far."""


def work(pipe: Connection, stop: Event, offers: Offers) -> None:
    """Programs and jobs in, reports out, until None or a closed pipe. A program holds for all jobs after it."""
    try:
        program: Milp | None = None
        relaxation: highspy.Highs | None = None
        memory: dict[str, Any] = {}
        while (task := pipe.recv()) is not None:
            if isinstance(task, Milp):
                program = task
            elif task == REST:
                relaxation = None
                memory.clear()
            elif task == HERE:
                pipe.send((HERE, time.process_time()))
            elif isinstance(task, Errand):
                pipe.send(("done", task.carry_out(memory)))
            elif program is None:
                raise ValueError("a task came before its program")
            elif isinstance(task, Relaxation):
                relaxed, relaxation = highs.relax(program, task, pipe, stop)
                pipe.send(("done", relaxed))
            elif isinstance(task, FirstOrder):
                relaxation = None
                pipe.send(("done", first_order(program, task)))
            elif isinstance(task, Sifting):
                pipe.send(("done", sift(program, task, pipe, stop)))
            elif isinstance(task, Probe):
                pipe.send(("done", probe(program, task, pipe, stop)))
            elif isinstance(task, Dive):
                dived = Dived("no relaxation", None, None) if relaxation is None else dive(program, relaxation, task)
                relaxation = None
                pipe.send(("done", dived))
            elif isinstance(task, Job):
                pipe.send(("done", highs.run(program, task, pipe, stop, offers)))
    except (EOFError, BrokenPipeError):
        return
