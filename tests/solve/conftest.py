"""A solver without a process of its own for tests that need many solves."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest

from hubopt.solve import monolith, run
from hubopt.solve.engine import highs
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.milp import Milp


class _Pipe:
    """Takes the reports of a run and has no jobs to give."""

    def __init__(self) -> None:
        self.reports: list[tuple[object, ...]] = []

    def send(self, report: tuple[object, ...]) -> None:
        self.reports.append(report)

    def poll(self) -> bool:
        return False


class InThisProcess:
    """Runs jobs where it stands instead of in a process of its own; what it reports it reports afterwards."""

    standby = staticmethod(contextlib.nullcontext)

    def __init__(self, program: Milp) -> None:
        self._program = program

    @staticmethod
    def start_ahead() -> None:
        """Nothing to start."""

    def __enter__(self) -> InThisProcess:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def run(self, job: Job, listen: Any = None) -> Outcome:
        pipe: Any = _Pipe()
        stop: Any = threading.Event()
        outcome = highs.run(self._program, job, pipe, stop)
        for report in pipe.reports:
            if listen is not None:
                listen(report)
        return outcome


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """``solve`` with the monolith and without solver processes, which take a second or two to start."""
    monkeypatch.setattr(monolith, "SolverProcess", InThisProcess)
    monkeypatch.setattr(run, "SolverProcess", InThisProcess)
