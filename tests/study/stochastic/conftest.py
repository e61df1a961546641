"""Programs are solved where the tests stand: a solver process takes a second or two to start."""

from __future__ import annotations

from typing import Any

import pytest

from hubopt.solve import monolith, run
from hubopt.study.stochastic import recourse
from tests.solve.conftest import InThisProcess


class Replaceable(InThisProcess):
    """The same, for one program after the other."""

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
    monkeypatch.setattr(run, "SolverProcess", Replaceable)
