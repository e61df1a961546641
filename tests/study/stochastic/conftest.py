"""Programs are solved where the tests stand: a solver process takes a second or two to start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hubopt.solve import monolith, run
from hubopt.solve.engine.errand import Errand
from hubopt.study.stochastic import recourse, recourses
from tests.solve.conftest import InThisProcess


class Replaceable(InThisProcess):
    """The same, for one program after the other, and for errands."""

    def __init__(self, program: Any) -> None:
        super().__init__(program)
        self._memory: dict[str, Any] = {}
        self._results: list[object] = []

    def submit(self, errand: Errand) -> None:
        """Carry out an errand."""
        self._results.append(errand.carry_out(self._memory))

    def reports(self, wait: float = 0.0) -> Iterator[tuple[object, ...]]:
        """The result of the errand."""
        while self._results:
            yield ("done", self._results.pop())

    def replace(self, program: Any) -> None:
        """Work on another program from the next job on."""
        self._program = program

    def close(self) -> None:
        """Nothing is left behind."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No solver processes."""
    monkeypatch.setattr(monolith, "SolverProcess", Replaceable)
    monkeypatch.setattr(recourse, "SolverProcess", Replaceable)
    monkeypatch.setattr(recourses, "SolverProcess", Replaceable)
    monkeypatch.setattr(run, "SolverProcess", Replaceable)
