"""The method for several periods, and what the staged method leaves out and lets fall short, on small cases."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from hubopt.check import check
from hubopt.instance import apply
from hubopt.model import build
from hubopt.solve import solve
from hubopt.solve.by_period import separated
from hubopt.solve.compile import compile_model
from hubopt.solve.engine.highs import relax
from hubopt.solve.engine.jobs import Job, Relaxation
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Milp
from hubopt.solve.phased import one_period_policy, relaxed_period
from hubopt.solve.staged import LEFT_OUT, SHARES
from tests.featured_cases import featured_case
from tests.solve.in_process import Deaf

SEEDS = (0, 3)


def _optimum(program: Milp) -> float | None:
    job = Job(program.lower, program.upper, program.integer, gap=1e-7, seconds=60)
    with SolverProcess(program) as solver:
        outcome = solver.run(job)
    return outcome.objective if outcome.reason == "optimal" else None  # type: ignore[union-attr]


def _periods_alone(seed: int) -> tuple[float, float] | None:
    """Weighed sum of the periods' own optima and the optimum of the whole (CNY/year), if there is one."""
    case = featured_case(seed)
    model = build(case.case, case.policy)
    whole = _optimum(compile_model(model))
    if whole is None:
        return None
    effective = apply(case.case, case.policy)
    total = 0.0
    for period in effective.structure.periods:
        alone = build(relaxed_period(effective, period), one_period_policy(case.policy))
        value = _optimum(compile_model(alone))
        assert value is not None
        total += period.weight * value * alone.network.scale.money_cny
    return total, whole * model.network.scale.money_cny


@pytest.mark.parametrize("seed", (0, 1, 2, 4, 5, 6))
def test_periods_alone_bound_the_whole(seed: int) -> None:
    """What the periods cost at least on their own, weighed, is never more than the whole plan costs."""
    found = _periods_alone(seed)
    assert found is not None
    alone, whole = found
    assert alone <= whole * (1 + 1e-6)


@pytest.mark.parametrize("seed", (0, 1, 2, 4, 5, 6))
def test_periods_at_prices_of_the_whole_bound_it(seed: int) -> None:
    """Relaxations of the periods add up to that of the whole, and their optima to no more than its optimum."""
    case = featured_case(seed)
    model = build(case.case, case.policy)
    program = compile_model(model)
    whole = _optimum(program)
    assert whole is not None
    relaxed, _ = relax(program, Relaxation(60.0), Deaf(), threading.Event())  # type: ignore[arg-type]
    assert relaxed.row_duals is not None
    assert relaxed.bound is not None
    used = program.with_rows(relaxed.rows)
    constant, parts = separated(used, model.network.periods, relaxed.row_duals[relaxed.rows])
    floors = sum(part.floor for part in parts)
    assert constant + floors == pytest.approx(relaxed.bound, rel=1e-6, abs=1e-6)
    assert sorted(np.concatenate([part.columns for part in parts]).tolist()) == list(range(program.columns))
    optima = [_optimum(part.program) for part in parts]
    proven = constant + sum(value for value in optima if value is not None)
    assert None not in optima
    assert constant + floors - 1e-6 * abs(whole) <= proven <= whole + 1e-6 * abs(whole)


@pytest.mark.parametrize("seed", (0, 2))
@pytest.mark.parametrize("factor", (0.0, 0.5, 3.0))
def test_any_prices_bound_the_whole(seed: int, factor: float) -> None:
    """Whatever the duals, even of wrong sign, the constant and the periods' optima never exceed the optimum."""
    case = featured_case(seed)
    model = build(case.case, case.policy)
    program = compile_model(model)
    whole = _optimum(program)
    assert whole is not None
    duals = factor * np.random.default_rng(seed).normal(0, 1, program.rows)
    constant, parts = separated(program, model.network.periods, duals)
    optima = [_optimum(part.program) for part in parts]
    # a part without a lowest value bounds nothing
    if all(value is not None for value in optima):
        assert constant + sum(value for value in optima if value is not None) <= whole + 1e-6 * abs(whole)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_phased_run_gives_a_checked_plan_within_its_bound(seed: int) -> None:
    """The plan passes the checker, and the optimum lies between bound and objective."""
    case = featured_case(seed)
    exact = solve(case.case, case.policy, method="monolith", gap=1e-6, time_limit=60)
    found = solve(case.case, case.policy, method="phased", gap=1e-6, time_limit=30)
    if exact.plan is None:
        assert found.plan is None
        return
    assert found.plan is not None
    assert check(case.case, case.policy, found.plan, cost=found.cost, objective=found.proof.objective).ok
    optimum = exact.proof.objective
    assert optimum is not None
    assert found.proof.bound is not None
    assert found.proof.objective is not None
    assert found.proof.bound <= optimum * (1 + 1e-6)
    assert found.proof.objective >= optimum * (1 - 1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_leaving_the_exchange_out_only_lowers_the_optimum(seed: int) -> None:
    """The program without in-city exchange is a relaxation of the whole."""
    case = featured_case(seed)
    program = compile_model(build(case.case, case.policy))
    whole, part = _optimum(program), _optimum(program.without(LEFT_OUT))
    assert whole is not None
    assert part is not None
    assert part <= whole + 1e-6 * abs(whole)


def test_integers_cannot_be_left_out() -> None:
    """Leaving out decisions is refused."""
    case = featured_case(0)
    program = compile_model(build(case.case, case.policy))
    with pytest.raises(ValueError, match="left out"):
        program.without(["open"])


@pytest.mark.parametrize("seed", (1, 4))
def test_a_dear_shortfall_changes_nothing_and_a_free_one_only_helps(seed: int) -> None:
    """With shares that may fall short the optimum never rises; at a high price it is that of the whole."""
    case = featured_case(seed)
    program = compile_model(build(case.case, case.policy))
    whole = _optimum(program)
    assert whole is not None
    elastic = program.elastic(SHARES, 0.0)
    free, dear = _optimum(elastic), _optimum(elastic.priced("shortfall", 1e4 * max(abs(whole), 1.0)))
    held = _optimum(elastic.at_zero("shortfall"))
    assert free is not None
    assert free <= whole + 1e-6 * abs(whole)
    assert dear == pytest.approx(whole, rel=1e-5)
    assert held == pytest.approx(whole, rel=1e-6)
    assert np.isfinite(elastic.cost).all()


@pytest.mark.parametrize("seed", (1, 4))
def test_one_of_a_choice_is_open(seed: int) -> None:
    """A row for a choice costs what the cheapest of its ways costs when it is fixed open."""
    case = featured_case(seed)
    program = compile_model(build(case.case, case.policy))
    columns = list(program.groups["open"].values())[:3]
    costs = []
    for column in columns:
        lower = program.lower.copy()
        lower[column] = min(1.0, program.upper[column])
        costs.append(_optimum(replace(program, lower=lower)))
    expected = min((cost for cost in costs if cost is not None), default=None)
    found = _optimum(program.with_one_of({"stays_open[here]": columns}))
    assert found == (None if expected is None else pytest.approx(expected, rel=1e-6))
