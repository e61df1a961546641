"""Bounds that follow from rows, and rows as tight as these, leave every solution where it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from hubopt.solve.milp import Milp
from hubopt.solve.tightening import largest, tightened


def chain(linked: bool) -> Milp:
    """Goods of two zones (3 and 4 t) come over one station; ``linked``: whether the second zone may be served there.

    Columns: flow to the station, flows to the zones, link to the station, links to the zones.
    """
    names = ("balance", "station", "zone a", "zone b")
    rows = np.array(
        [
            [1.0, -1.0, -1.0, 0.0, 0.0, 0.0],
            [1.0, 0.0, 0.0, -100.0, 0.0, 0.0],
            [0.0, 1.0, 0.0, 0.0, -3.0, 0.0],
            [0.0, 0.0, 1.0, 0.0, 0.0, -4.0],
        ]
    )
    return Milp(
        cost=np.ones(6),
        offset=0.0,
        matrix=sparse.csr_array(rows),
        row_lower=np.array([0.0, -np.inf, -np.inf, -np.inf]),
        row_upper=np.zeros(4),
        lower=np.zeros(6),
        upper=np.array([np.inf, np.inf, np.inf, 1.0, 1.0, float(linked)]),
        integer=np.array([False] * 3 + [True] * 3),
        strengthening=np.zeros(4, dtype=bool),
        row_names=names,
    )


@pytest.mark.parametrize(("linked", "most"), [(True, 7.0), (False, 3.0)])
def test_no_more_comes_through_a_link_than_the_zones_behind_it_ask_for(linked: bool, most: float) -> None:
    """By hand: 3 + 4 t, or 3 t where the second zone is served elsewhere; the loose 100 becomes as much."""
    program = chain(linked)
    assert largest(program) == pytest.approx([most, 3.0, 4.0 * linked, 1.0, 1.0, float(linked)], abs=1e-6)
    tight = tightened(program)
    assert tight.matrix[[1]].toarray()[0] == pytest.approx([1, 0, 0, -most, 0, 0], abs=1e-6)
    assert tight.upper == pytest.approx(largest(program))


def test_nothing_is_made_looser() -> None:
    """With 2 in place of 100 that row stays; it bounds what comes to the station, and so what goes to each zone."""
    program = chain(linked=True)
    matrix = program.matrix.copy()
    matrix.data[matrix.data == -100.0] = -2.0
    tight = tightened(replace(program, matrix=matrix))
    assert tight.upper[:3] == pytest.approx([2.0] * 3, abs=1e-6)
    assert [tight.matrix[[row]].data.min() for row in (1, 2, 3)] == pytest.approx([-2.0] * 3, abs=1e-6)
    assert tight.matrix[[1]].data.min() == -2.0


@given(st.integers(0, 10_000))
def test_every_solution_of_a_program_is_one_of_the_tightened(seed: int) -> None:
    """Random rows around a random point, some of them without a limit on one side or of columns without a bound."""
    rng = np.random.default_rng(seed)
    columns, rows = 9, 7
    integer = np.arange(columns) % 3 == 0
    point = np.where(integer, rng.integers(0, 2, columns), rng.integers(0, 50, columns) / 10.0)
    matrix = np.where(rng.random((rows, columns)) < 0.35, rng.integers(-4, 5, (rows, columns)), 0).astype(float)
    for row in (0, 1):
        # a link that lets the point through
        switch, flow = rng.choice(np.flatnonzero(integer)), rng.choice(np.flatnonzero(~integer))
        point[switch] = max(point[switch], float(point[flow] > 0))
        matrix[row] = 0.0
        matrix[row, flow], matrix[row, switch] = 1.0, -float(point[flow] + rng.integers(0, 9))
    activity = matrix @ point
    row_upper = np.where(rng.random(rows) < 0.7, activity + rng.integers(0, 3, rows), np.inf)
    row_lower = np.where(rng.random(rows) < 0.7, activity - rng.integers(0, 3, rows), -np.inf)
    row_lower[:2], row_upper[:2] = -np.inf, 0.0
    program = Milp(
        cost=np.zeros(columns), offset=0.0, matrix=sparse.csr_array(matrix), row_lower=row_lower, row_upper=row_upper,
        lower=np.where(integer, 0.0, np.minimum(point, rng.integers(-2, 2, columns))),
        upper=np.where(integer, 1.0, np.where(rng.random(columns) < 0.5, point + 1.0, np.inf)),
        integer=integer, strengthening=np.zeros(rows, dtype=bool),
    )  # fmt: skip
    tight = tightened(program)
    assert (tight.upper <= program.upper).all() and (tight.upper >= program.lower).all()
    assert (tight.upper[integer] == program.upper[integer]).all()
    assert (point <= tight.upper + 1e-9).all()
    used = tight.matrix @ point
    assert (used <= tight.row_upper + 1e-6).all() and (used >= tight.row_lower - 1e-6).all()
