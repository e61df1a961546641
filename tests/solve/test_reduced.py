"""A program without the columns that a job fixes says the same of the job as the whole one."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from hubopt.solve.engine.highs import run
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.engine.reduced import WORTH, reduced
from hubopt.solve.milp import Milp


class _Kept:
    """A pipe that keeps what is sent."""

    def __init__(self) -> None:
        self.reports: list[tuple[Any, ...]] = []

    def send(self, report: tuple[Any, ...]) -> None:
        self.reports.append(report)


def _program(seed: int, columns: int = 14, rows: int = 8) -> tuple[Milp, np.ndarray]:
    """A random program, half of its columns integer, and a point that satisfies it."""
    rng = np.random.default_rng(seed)
    matrix = np.where(rng.random((rows, columns)) < 0.4, rng.integers(-4, 5, (rows, columns)), 0).astype(float)
    point = rng.integers(0, 4, columns).astype(float)
    activity = matrix @ point
    program = Milp(
        cost=rng.integers(-5, 6, columns).astype(float),
        offset=float(rng.integers(-9, 9)),
        matrix=sparse.csr_array(matrix),
        row_lower=np.where(rng.random(rows) < 0.5, activity - rng.integers(0, 3, rows), -np.inf),
        row_upper=activity + rng.integers(0, 3, rows),
        lower=np.zeros(columns),
        upper=np.full(columns, 5.0),
        integer=np.arange(columns) % 2 == 0,
        strengthening=np.zeros(rows, dtype=bool),
    )
    return program, point


def _job(program: Milp, point: np.ndarray, free: int, seed: int, **more: Any) -> Job:
    chosen = np.zeros(program.columns, dtype=bool)
    chosen[np.random.default_rng(seed).choice(program.columns, free, replace=False)] = True
    lower, upper = np.where(chosen, program.lower, point), np.where(chosen, program.upper, point)
    return Job(lower, upper, more.pop("integer", program.integer), start=point, gap=0.0, **more)


def _solved(program: Milp, job: Job, monkeypatch: pytest.MonkeyPatch, small: bool) -> tuple[Outcome, _Kept]:
    with monkeypatch.context() as patch:
        if not small:
            patch.setattr("hubopt.solve.engine.highs.reduced", lambda *_: None)
        pipe = _Kept()
        return run(program, job, pipe, threading.Event()), pipe  # type: ignore[arg-type]


@given(seed=st.integers(0, 10_000), free=st.integers(1, 7))
def test_the_optimum_is_that_of_the_whole_program(seed: int, free: int) -> None:
    """Same reason, optimum and bound with and without the fixed columns; the point is one of the whole."""
    program, point = _program(seed)
    job = _job(program, point, free, seed)
    assert reduced(program, job.lower, job.upper, job.integer, job.tolerance) is not None
    monkeypatch = pytest.MonkeyPatch()
    less, pipe = _solved(program, job, monkeypatch, small=True)
    whole, _ = _solved(program, job, monkeypatch, small=False)
    assert less.reason == whole.reason == "optimal"
    assert less.objective == pytest.approx(whole.objective, abs=1e-6)
    assert less.bound == pytest.approx(whole.bound, abs=1e-6)
    assert less.values is not None
    assert program.objective(less.values) == pytest.approx(less.objective, abs=1e-6)
    activity = program.matrix @ less.values
    assert (activity >= program.row_lower - 1e-6).all()
    assert (activity <= program.row_upper + 1e-6).all()
    assert (less.values >= job.lower - 1e-6).all()
    assert (less.values <= job.upper + 1e-6).all()
    for report in pipe.reports:
        assert report[0] != "incumbent" or len(report[2]) == program.columns


@given(seed=st.integers(0, 10_000), free=st.integers(1, 7))
def test_duals_stand_at_the_rows_of_the_whole_program(seed: int, free: int) -> None:
    """Duals of a reduced linear program price every row: with them no reduced cost of a free column gains anything."""
    program, point = _program(seed)
    job = _job(program, point, free, seed, integer=np.zeros(program.columns, dtype=bool))
    found, _ = _solved(program, job, pytest.MonkeyPatch(), small=True)
    assert found.reason == "optimal"
    assert found.row_duals is not None
    assert found.values is not None
    assert len(found.row_duals) == program.rows
    costs = program.cost - program.matrix.T @ found.row_duals
    free_columns = job.lower < job.upper
    assert (costs[free_columns & (found.values < job.upper - 1e-6)] >= -1e-6).all()
    assert (costs[free_columns & (found.values > job.lower + 1e-6)] <= 1e-6).all()


def test_a_row_that_the_fixed_columns_miss_is_left_to_highs() -> None:
    """Where the fixed columns alone miss a row, the whole program is handed over and found infeasible."""
    program, point = _program(3)
    job = _job(program, point, 3, 3)
    touched = np.diff(program.matrix[:, np.flatnonzero(job.lower < job.upper)].indptr) > 0
    row = int(np.flatnonzero(~touched)[0])
    limits = program.row_upper.copy()
    limits[row] = float((program.matrix @ point)[row]) - 1.0
    missed = Milp(**{**program.__dict__, "row_upper": limits, "row_lower": np.full(program.rows, -np.inf)})
    assert reduced(missed, job.lower, job.upper, job.integer, job.tolerance) is None
    assert run(missed, job, _Kept(), threading.Event()).reason == "infeasible"  # type: ignore[arg-type]


def test_little_that_is_fixed_is_not_worth_a_smaller_program() -> None:
    """With fewer than half of the columns fixed, or all of them, the program stays whole."""
    program, point = _program(5)
    few = _job(program, point, int(program.columns * (1 - WORTH)) + 1, 5)
    assert reduced(program, few.lower, few.upper, few.integer, few.tolerance) is None
    assert reduced(program, point, point, program.integer, 1e-8) is None
