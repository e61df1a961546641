"""What a run of hubopt takes, from the instance in memory to the checked answer."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass
class Meter:
    """Seconds in which the run, its solver processes included, had the processor; 0 until it has ended."""

    cpu_seconds: float = 0.0


def cpu_seconds() -> float:
    """Seconds of processor time of this process and of those that it started and that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


@contextlib.contextmanager
def metered() -> Iterator[Meter]:
    """Measure the block. Its first solver process has loaded before, as what others run on has been imported."""
    # not for processes of others, whose libraries clash with HiGHS's
    from hubopt.solve.engine.process import SolverProcess

    meter = Meter()
    with SolverProcess.standby():
        loading = SolverProcess.loaded_ahead()
        before = cpu_seconds()
        yield meter
    meter.cpu_seconds = cpu_seconds() - before - loading
