"""One linear program at changing prices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from hubopt.solve.engine.repriced import Reprice, Repriced
from hubopt.solve.milp import Milp
from tests.solve.in_process import solved


def program(costs: list[float], most: float = 4.0) -> Milp:
    """Three columns between 0 and 3 that sum to at least 2 and at most ``most``."""
    return Milp(
        cost=np.array(costs, dtype=float), offset=0.0, matrix=sparse.csr_array(np.ones((1, 3))),
        row_lower=np.array([2.0]), row_upper=np.array([most]), lower=np.zeros(3), upper=np.full(3, 3.0),
        integer=np.array([True, False, True]), strengthening=np.zeros(1, dtype=bool),
    )  # fmt: skip


prices = st.lists(st.integers(-5, 5).map(float), min_size=3, max_size=3)


@given(rounds=st.lists(st.tuples(prices, st.sampled_from([4.0, 4.0, 2.5])), min_size=1, max_size=5))
def test_each_value_is_that_of_the_relaxation_solved_anew(rounds: list[tuple[list[float], float]]) -> None:
    """Whatever came before, with other costs or other rows, value and point are an optimum of what was asked."""
    memory: dict[str, Any] = {}
    for costs, most in rounds:
        asked = program(costs, most)
        found = Reprice(10.0, asked).carry_out(memory)
        assert isinstance(found, Repriced)
        assert found.bound == solved(asked, whole=False).objective
        assert np.isclose(asked.cost @ found.values, found.bound)
        assert 2 - 1e-9 <= found.values.sum() <= most + 1e-9


def test_no_optimum_is_no_answer_and_the_next_is_right() -> None:
    """A program without a point gives None, and leaves nothing behind."""
    memory: dict[str, Any] = {}
    possible = program([1.0, 2.0, 3.0])
    assert Reprice(10.0, replace(possible, row_lower=np.array([20.0]))).carry_out(memory) is None
    found = Reprice(10.0, possible).carry_out(memory)
    assert isinstance(found, Repriced) and found.bound == 2.0
