"""Small solved cases, without solver processes, which take a second or two to start."""

from __future__ import annotations

import pytest

from hubopt.solve import monolith, run
from hubopt.study import base
from tests.solve.conftest import InThisProcess


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Solve where the test stands."""
    for module in (monolith, run, base):
        monkeypatch.setattr(module, "SolverProcess", InThisProcess)
