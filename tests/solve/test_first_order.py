"""Prices of a relaxation by a first-order method: near the optimum, silent, and of use to a decomposition."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest

from hubopt.bench.scale import scale_instance
from hubopt.solve import solve
from hubopt.solve.decompose import priced
from hubopt.solve.decompose.lagrangian import start
from hubopt.solve.engine.first_order import FirstOrder, first_order
from tests.bounds.threads import solver_threads
from tests.solve.in_pieces import bound_at, pieces
from tests.solve.in_process import solved

SIZES = (20, 8, 4, 2)


@pytest.fixture(scope="module")
def small() -> Any:
    """A case small enough to be proven, in pieces."""
    return pieces(*scale_instance(*SIZES, 3))


def test_a_bound_at_its_prices_is_near_that_of_the_relaxation(small: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """The Lagrangian bound at them is at most the optimum and within 2 % of the relaxation; nothing is printed."""
    network, program, made, _, relaxed = small
    found = first_order(program, FirstOrder(60.0))
    assert found.reason == "near" and found.duals is not None and found.values is not None
    ascent = start(network, made, found.duals, found.values)
    assert 0.98 * relaxed <= bound_at(ascent, ascent.root) <= solved(program).objective * (1 + 1e-6)
    assert ((found.values >= program.lower) & (found.values <= program.upper)).all()
    assert capfd.readouterr() == ("", "")


def test_what_it_has_when_time_is_up_gives_a_bound_too(small: Any) -> None:
    """Prices after next to no time, or none."""
    network, program, made, *_ = small
    found = first_order(program, FirstOrder(0.0, tolerance=1e-12))
    if found.duals is None or found.values is None:
        assert found.reason == "none"
        return
    ascent = start(network, made, found.duals, found.values)
    assert bound_at(ascent, ascent.root) <= solved(program).objective * (1 + 1e-6)


def test_a_relaxation_without_a_point_is_infeasible(small: Any) -> None:
    """Where no zone may be served, the method says so and gives no prices."""
    _, program, *_ = small
    nothing = replace(program, upper=np.where(program.columns_of(["link", "flow"]), 0.0, program.upper))
    assert first_order(nothing, FirstOrder(60.0)).reason == "infeasible"


def test_decomposition_of_a_large_program_starts_from_them(tmp_path: Path) -> None:
    """Where a program counts as large, the run ends as proven as it does from the relaxation."""
    instance, policy = scale_instance(*SIZES, 3)
    log = tmp_path / "log"
    with solver_threads(), mock.patch.object(priced, "LARGE", 0):
        found = solve(instance, policy, method="decompose", gap=0.05, time_limit=300, log_path=log)
    assert found.proof.status == "optimal" and found.proof.gap <= 0.05
    assert "prices by a first-order method: bound" in log.read_text(encoding="utf-8")
