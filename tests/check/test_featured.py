"""Checker and solver against each other on random small cases with the requirements of the whole plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from hubopt.check import check, complete_plan
from hubopt.instance import Instance, Policy, validate
from hubopt.solution.types import Plan
from hubopt.solve import monolith, run, solve
from tests.featured_cases import FEATURES, featured_case
from tests.solve.conftest import InThisProcess

SOLVED = (0, 2, 4, 5)
"""Seeds of cases that have a network."""

TABLES = ("flows", "exchanges", "outages")

PLANS: dict[int, tuple[Instance, Policy, Plan]] = {}


@pytest.fixture(params=SOLVED)
def solved(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[Instance, Policy, Plan]:
    """A random case, its policy and the plan that the solver finds for it; solved once."""
    seed = int(request.param)
    if seed not in PLANS:
        for module in (monolith, run):
            monkeypatch.setattr(module, "SolverProcess", InThisProcess)
        found = featured_case(seed)
        solution = solve(found.case, found.policy, method="monolith", gap=1e-9, time_limit=60, threads=1)
        assert solution.proof.status == "optimal"
        assert solution.plan is not None
        # the bound is the solver's own, the objective the checker's
        assert solution.proof.objective == pytest.approx(solution.proof.bound, rel=1e-6)
        PLANS[seed] = (found.case, found.policy, solution.plan)
    return PLANS[seed]


def test_the_checker_agrees_with_the_solver(solved: tuple[Instance, Policy, Plan]) -> None:
    """A proven plan keeps every rule, and costs by the checker what the solver has proven."""
    case, policy, plan = solved
    report = check(case, policy, plan)
    assert report.findings == ()
    assert report.kpi["served_share"] > 0


def test_the_order_of_rows_does_not_matter(solved: tuple[Instance, Policy, Plan]) -> None:
    """Shuffled rows of every table give no finding and the same figures."""
    case, policy, plan = solved
    names = ("facilities", "assignments", *TABLES)
    shuffled = Plan(**{name: getattr(plan, name).sample(frac=1, random_state=3) for name in names})
    report, other = check(case, policy, plan), check(case, policy, shuffled)
    assert other.findings == ()
    assert other.cost == pytest.approx(report.cost)
    assert other.kpi == pytest.approx(report.kpi)


def test_a_tonne_more_anywhere_is_found(solved: tuple[Instance, Policy, Plan]) -> None:
    """One tonne a day more in a single row of the plan (every few of each table) breaks some rule."""
    case, policy, plan = solved
    for name in TABLES:
        table = getattr(plan, name)
        for row in range(0, len(table), max(1, len(table) // 5)):
            t_d = table["t_d"].to_numpy().copy()
            t_d[row] += 1.0
            assert not check(case, policy, replace(plan, **{name: table.assign(t_d=t_d)})).ok, (name, row)


def test_decisions_lead_back_to_the_plan(solved: tuple[Instance, Policy, Plan]) -> None:
    """Designs, sizes and conversions of a plan, completed anew, give the same plan."""
    case, policy, plan = solved
    tables = [getattr(plan, name) for name in ("facilities", "assignments", *TABLES)]
    again = complete_plan(case, policy, *tables)
    assert check(case, policy, again).findings == ()
    assert again.facilities.equals(plan.facilities)


@cache
def drawn() -> tuple[frozenset[str], ...]:
    """The features of many cases."""
    return tuple(featured_case(seed).features for seed in range(60))


@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_is_drawn(feature: str) -> None:
    """Among the cases are some with each feature and some without."""
    count = sum(feature in features for features in drawn())
    assert 2 <= count < 60


def test_random_cases_are_valid() -> None:
    """The generator makes valid cases, and the same ones from the same seeds."""
    for seed in range(25):
        found = featured_case(seed)
        assert validate(found.case) == []
        assert featured_case(seed) == found
