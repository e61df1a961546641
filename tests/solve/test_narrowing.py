"""The relaxation over few columns and rows, what its prices prove, and the search over what they leave."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from hubopt.bench.textbook.sites import facility_location
from hubopt.solve import monolith, solve
from hubopt.solve.engine import highs, sifting
from hubopt.solve.engine.first_order import FirstOrder, first_order
from hubopt.solve.engine.jobs import Job
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.engine.sifting import Sifting, dual_bound, sift
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import open_share
from hubopt.solve.narrowing import prices
from hubopt.solve.progress import Tracker
from tests.cases import random_case
from tests.model.exact import solved
from tests.solve.in_process import Deaf

SEEDS = range(6)


def warehouses(seed: int, sites: int = 12, customers: int = 60) -> Milp:
    """A facility location program, capacities tight, with its rows for each arc as strengthening ones."""
    rng = np.random.default_rng(seed)
    demand = rng.integers(5, 36, customers).astype(float)
    capacity = np.full(sites, np.ceil(demand.sum() / 4.5))
    ways = np.hypot(*(rng.uniform(0, 100, (sites, 1)) - rng.uniform(0, 100, (1, customers)) for _ in range(2)))
    fixed = rng.uniform(800, 1500, sites)
    program = facility_location(fixed, ways * demand, capacity, demand, single=False, strong=True, total=True)
    return replace(program, strengthening=np.diff(program.matrix.indptr) == 2)


@cache
def optimum(seed: int) -> tuple[float, Vector]:
    """Least cost and a point of it, by the whole program."""
    program = warehouses(seed)
    pipe: Any = Deaf()
    stop: Any = threading.Event()
    outcome = highs.run(program, Job(program.lower, program.upper, program.integer, gap=0.0), pipe, stop)
    assert outcome.reason == "optimal" and outcome.objective is not None and outcome.values is not None
    return outcome.objective, outcome.values


def sifted(program: Milp) -> Vector:
    """Prices of the sifted relaxation."""
    pipe: Any = Deaf()
    stop: Any = threading.Event()
    found = sift(program, Sifting(60.0, first_seconds=60.0), pipe, stop)
    assert found.reason == "optimal" and found.duals is not None
    return found.duals


@pytest.mark.parametrize(("factor", "used"), [(1.0, True), (300.0, False)])
def test_first_prices_that_prove_nothing_are_not_used(
    factor: float, used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Prices of a first-order method that was stopped far from the optimum leave the relaxation to the simplex."""
    program = warehouses(0)
    near = first_order(program, FirstOrder(60.0))
    assert near.duals is not None and near.values is not None
    given = replace(near, duals=near.duals * factor)
    monkeypatch.setattr(sifting, "LARGE", 0)
    monkeypatch.setattr(sifting, "first_order", lambda *_: given)
    found = sifting._first(program, Sifting(60.0, first_seconds=60.0))
    assert (found is given) if used else (found is None)
    assert dual_bound(program, sifted(program))[0] <= optimum(0)[0] * (1 + 1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_prices_prove_a_bound(seed: int) -> None:
    """Whatever the prices, the bound is below the optimum."""
    program = warehouses(seed)
    rng = np.random.default_rng(seed)
    for scale in (0.0, 1.0, 100.0):
        bound, rest = dual_bound(program, rng.normal(0, scale, program.rows))
        assert bound <= optimum(seed)[0] + 1e-6
        assert rest.shape == program.cost.shape


@pytest.mark.parametrize("large", [0, 10**9])
@pytest.mark.parametrize("near", [1, 4, 24])
def test_the_sifted_relaxation_is_the_relaxation(near: int, large: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few columns it starts with, and whatever chose them, its prices prove the value of the relaxation."""
    monkeypatch.setattr("hubopt.solve.engine.sifting.NEAR", near)
    monkeypatch.setattr("hubopt.solve.engine.sifting.NEAR_PRICED", near)
    monkeypatch.setattr("hubopt.solve.engine.sifting.LARGE", large)
    monkeypatch.setattr("hubopt.solve.engine.sifting.PASSES", 60)
    for seed in SEEDS:
        program = warehouses(seed)
        pipe: Any = Deaf()
        stop: Any = threading.Event()
        job = Job(program.lower, program.upper, np.zeros_like(program.integer))
        whole = highs.run(program, job, pipe, stop)
        assert dual_bound(program, sifted(program))[0] == pytest.approx(whole.objective, rel=1e-5)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_left_out_costs_the_limit(seed: int) -> None:
    """With any one integer column moved off the end where prices hold it, the least cost is the limit or more."""
    program = warehouses(seed)
    best, point = optimum(seed)
    priced = prices(program, sifted(program))
    assert priced.bound <= best + 1e-6
    lower, upper = priced.narrowed(program, best * (1 + 1e-6))
    held = program.integer & (lower == upper)
    assert held.any(), "the case is to hold some columns"
    assert (np.round(point[held]) == lower[held]).all()
    pipe: Any = Deaf()
    stop: Any = threading.Event()
    for column in np.flatnonzero(held)[:4]:
        off_lower, off_upper = program.lower.copy(), program.upper.copy()
        other = 1.0 - lower[column]
        off_lower[column] = off_upper[column] = other
        least = priced.bound + (priced.off_lower if other == 1 else priced.off_upper)[column]
        outcome = highs.run(program, Job(off_lower, off_upper, program.integer, gap=0.0), pipe, stop)
        assert outcome.reason == "infeasible" or (outcome.objective or 0.0) >= least - 1e-6 * abs(least)


def anything(rng: np.random.Generator, columns: int = 5) -> Milp:
    """A program of few integer columns from 0, some of them with no room, with rows that force one by another."""
    upper = rng.integers(0, 4, columns).astype(float)
    rows, lower, above, strengthening = [], [], [], []
    for _ in range(3):
        row = np.zeros(columns)
        whole, forced = rng.choice(columns, 2, replace=False)
        row[forced], row[whole] = rng.integers(1, 3), -rng.integers(1, 4)
        least = bool(rng.integers(2))
        rows.append(row if least else -row)
        lower.append(0.0 if least else -np.inf)
        above.append(np.inf if least else 0.0)
        strengthening.append(not least and bool(rng.integers(2)))
    for _ in range(2):
        least = bool(rng.integers(2))
        rows.append(rng.integers(-2, 4, columns).astype(float))
        lower.append(float(rng.integers(-2, 3)) if least else -np.inf)
        above.append(np.inf if least else float(rng.integers(0, 8)))
        strengthening.append(False)
    return Milp(
        rng.integers(-10, 11, columns).astype(float), 0.0, sparse.csr_array(np.array(rows)), np.array(lower),
        np.array(above), np.zeros(columns), upper, np.ones(columns, dtype=bool), np.array(strengthening),
    )  # fmt: skip


def test_what_any_prices_say_of_a_column_holds_for_every_point() -> None:
    """Whatever the prices, every feasible point costs the bound and what is said of each column off its end."""
    tried = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        program = anything(rng)
        found = prices(program, rng.normal(0, 4, program.rows) * (rng.random(program.rows) < 0.7))
        for whole in itertools.product(*[range(int(most) + 1) for most in program.upper]):
            point = np.array(whole, dtype=float)
            sums = program.matrix @ point
            if (sums < program.row_lower).any() or (sums > program.row_upper).any():
                continue
            above = np.where(point > 0, found.off_lower, 0.0), np.where(point < program.upper, found.off_upper, 0.0)
            assert program.objective(point) >= found.bound + max(side.max() for side in above) - 1e-6, seed
            tried += 1
    assert tried > 2000


@pytest.mark.parametrize(("above", "fewest", "share"), [(0.003, 12, 0.35), (1e-6, 1, 0.35), (0.2, 12, 0.0)])
def test_a_narrowed_search_proves_the_optimum(
    above: float, fewest: int, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little is left free at first, and however soon that is given up, the run ends with a proven optimum."""
    monkeypatch.setattr(monolith, "NARROW_FROM", 0)
    monkeypatch.setattr(monolith, "FIRST_ABOVE", above)
    monkeypatch.setattr(monolith, "FEWEST", fewest)
    monkeypatch.setattr(monolith, "FIRST_SHARE", share)
    with SolverProcess.standby():
        for seed in SEEDS:
            tracker = Tracker(1.0, 60.0)
            found = monolith.Monolith(warehouses(seed), tracker, 1e-6, 0, 1, None, lambda line: None).run()
            assert found.reason == "optimal"
            assert tracker.incumbent == pytest.approx(optimum(seed)[0], rel=2e-6)
            assert optimum(seed)[0] * (1 - 2e-6) <= tracker.bound <= optimum(seed)[0] * (1 + 1e-9)


@pytest.mark.parametrize("seed", [2, 9, 18])
def test_whole_runs_are_the_same_when_narrowed(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of three levels too, and one without any allowed network, end as they do otherwise."""
    monkeypatch.setattr(monolith, "NARROW_FROM", 0)
    found = solve(random_case(seed), method="monolith", gap=1e-6, time_limit=60)
    least = solved(random_case(seed)).cost
    assert found.proof.status == ("infeasible" if least is None else "optimal")
    if least is not None:
        assert found.proof.objective == pytest.approx(least, rel=2e-6)


@pytest.mark.parametrize(("gap", "nodes"), [(0.05, None), (0.0, 1), (0.0, 0)])
@pytest.mark.parametrize("started", [False, True])
def test_a_narrowed_search_with_limits_claims_no_more(
    gap: float, nodes: int | None, started: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped by a gap or by nodes, from nothing or from a dear start: the bound holds, and a repeat ends the same."""
    monkeypatch.setattr(monolith, "NARROW_FROM", 0)
    with SolverProcess.standby():
        for seed in (0, 3):
            program = warehouses(seed)
            # all sites open: far from the best
            start = np.where(program.integer, 1.0, 0.0) if started else None
            ends = []
            for _ in range(2):
                tracker = Tracker(1.0, 60.0)
                found = monolith.Monolith(
                    program, tracker, gap, 0, 1, start, lambda line: None, nodes, steady=True
                ).run()  # fmt: skip
                ends.append((found.reason, tracker.incumbent, tracker.bound))
            assert ends[0] == ends[1]
            best = optimum(seed)[0]
            assert tracker.bound <= best * (1 + 1e-9) <= tracker.incumbent * (1 + 2e-9)
            assert found.reason == ("optimal" if tracker.gap <= gap else "nodes")


def test_the_share_of_open_sites_is_what_rows_that_count_them_say() -> None:
    """Rows over openings alone count; rows of links, of few sites, or with other columns do not."""
    opened, others = 40, 5
    columns = opened + others
    rows = np.zeros((5, columns))
    rows[0, :opened] = 1.0  # at least three of forty
    rows[1, opened:] = 1.0  # of other columns
    rows[2, :10] = 1.0  # of few sites
    rows[3, : opened + 1] = 1.0  # with another column
    rows[4, :opened] = -1.0  # not a number of sites
    program = Milp(
        cost=np.zeros(columns), offset=0.0, matrix=sparse.csr_array(rows), row_lower=np.array([3.0, 1, 1, 1, -9]),
        row_upper=np.full(5, np.inf), lower=np.zeros(columns), upper=np.ones(columns),
        integer=np.ones(columns, dtype=bool), strengthening=np.zeros(5, dtype=bool),
        groups={"open": {number: number for number in range(opened)}},
    )  # fmt: skip
    assert open_share(program) == 3 / 40
    assert open_share(replace(program, row_upper=np.array([2.0, 1, 1, 1, 0]))) == 2 / 40
    assert open_share(replace(program, groups={})) == 1.0


@pytest.mark.parametrize(("steady", "share"), [(True, 1.0), (False, monolith.PRICES_SHARE)])
def test_the_clock_shortens_first_prices_only_where_it_may(
    steady: bool, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that must go the same way each time gives first prices all the time that the relaxation has."""
    tasks: list[Sifting] = []

    class Asked:
        """A solver process that notes what it is asked for and has no answer."""

        def run(self, task: Sifting, listen: Any) -> None:
            tasks.append(task)

    monkeypatch.setattr(monolith, "open_share", lambda program: 0.0)
    solver: Any = Asked()
    run = monolith.Monolith(warehouses(0), Tracker(1.0, 100.0), 0.01, 0, 1, None, lambda line: None, steady=steady)
    assert run._narrowed(solver) is None
    assert tasks[0].first_seconds == pytest.approx(share * tasks[0].seconds)
