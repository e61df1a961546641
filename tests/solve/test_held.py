"""The relaxation with held columns: its tangents lie below it, and what is missed has tangents too."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from hubopt.solve.engine.held import HeldRelaxation, with_misses
from hubopt.solve.milp import Milp

SIZE = np.array([0])


@pytest.fixture
def program() -> Milp:
    """Serve 5 from here, up to a size, for 1 each and from elsewhere, up to 4, for 3 each; the size itself is free."""
    return Milp(
        cost=np.array([0.0, 1.0, 3.0]),
        offset=2.0,
        matrix=sparse.csr_array(np.array([[-1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])),
        row_lower=np.array([-np.inf, 5.0]),
        row_upper=np.array([0.0, 5.0]),
        lower=np.zeros(3),
        upper=np.array([9.0, np.inf, 4.0]),
        integer=np.ones(3, dtype=bool),
        strengthening=np.zeros(2, dtype=bool),
    )


def test_tangents_touch_and_lie_below(program: Milp) -> None:
    """With a size s of 1 to 5 the cost is 2 + s + 3 (5 - s); every tangent touches there and is above it nowhere."""
    relaxation = HeldRelaxation(program, SIZE)
    for size in (1.0, 2.5, 4.0, 7.0):
        found = relaxation.at(np.array([size]), 10.0)
        assert found is not None
        assert found.value == pytest.approx(17.0 - 2.0 * min(size, 5.0))
        for other in np.linspace(1.0, 9.0, 9):
            assert found.value + found.slopes[0] * (other - size) <= 17.0 - 2.0 * min(other, 5.0) + 1e-9


def test_what_is_missed_has_a_tangent_that_says_what_it_takes(program: Milp) -> None:
    """Half a unit of size leaves no answer and half a unit missed; the tangent is 0 where there is enough."""
    relaxation = HeldRelaxation(program, SIZE)
    assert relaxation.at(np.array([0.5]), 10.0) is None
    assert relaxation.is_infeasible
    missed = HeldRelaxation(with_misses(program), SIZE).at(np.array([0.5]), 10.0)
    assert missed is not None
    assert missed.value == pytest.approx(0.5)
    assert missed.value + missed.slopes[0] * 0.5 == pytest.approx(0.0)
