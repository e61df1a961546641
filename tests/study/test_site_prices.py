"""Prices of sites: the estimate is the linear program it says it is, and a run of its own gives a true interval."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import linprog

from hubopt.instance import InputError, Instance, Policy
from hubopt.solution import Solution
from hubopt.solve import monolith
from hubopt.solve import run as solving
from hubopt.solve.engine.probe import Probe, Probed, Question, probe
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Milp
from hubopt.study import base as study
from hubopt.study import site_prices as pricing
from hubopt.study.base import Base, prepare
from hubopt.study.prices import Run
from tests.cases import tiny
from tests.check.phased import phased_case
from tests.study.here import AnswersHere


@pytest.fixture(scope="module", autouse=True)
def _here() -> Iterator[None]:
    """Solve where the test stands."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (monolith, solving, study, pricing):
            patch.setattr(module, "SolverProcess", AnswersHere)
        yield


@pytest.fixture(scope="module")
def solved(_here: None) -> tuple[Instance, Solution]:
    """``tiny`` and its best plan."""
    case = tiny()
    return case, solving.solve(case, method="monolith", gap=1e-7, time_limit=60, threads=1)


def scipys(program: Milp, lower: Any, upper: Any, groups: Any = ()) -> float:
    """Objective of the linear program by scipy; infinite where it has no solution."""
    matrix = program.matrix.tocsr()
    both = np.isfinite(program.row_lower) & (program.row_lower == program.row_upper)
    up, low = np.isfinite(program.row_upper) & ~both, np.isfinite(program.row_lower) & ~both
    least = np.zeros((len(groups), program.columns))
    for row, columns in enumerate(groups):
        least[row, columns] = -1.0
    found = linprog(
        program.cost,
        A_ub=sparse.vstack([matrix[up], -matrix[low], sparse.csr_matrix(least)]),
        b_ub=np.concatenate([program.row_upper[up], -program.row_lower[low], -np.ones(len(groups))]),
        A_eq=matrix[both],
        b_eq=program.row_lower[both],
        bounds=np.column_stack([lower, upper]),
        method="highs-ipm",
    )
    return float(found.fun) + program.offset if found.status == 0 else float("inf")


def test_estimates_are_the_linear_programs_they_say(solved: tuple[Instance, Solution]) -> None:
    """Each estimate is the difference of two linear programs, solved anew by another code; none where none is."""
    base: Base = prepare(*solved)
    program = pricing._network_held(base)
    floor = scipys(program, program.lower, program.upper)
    found = {(item.action, item.site): item for item in pricing.estimates(base, 60)}
    asked = pricing.questions(base)
    assert len(found) == len(asked) >= len(solved[0].sites)
    infeasible = 0
    for question in asked:
        lower, upper = program.lower.copy(), program.upper.copy()
        lower[question.columns], upper[question.columns] = question.lower, question.upper
        value = scipys(program, lower, upper, question.groups)
        action, _, site = question.name.partition(" ")
        estimate = found[action, site].estimate  # type: ignore[index]
        if estimate is None:
            assert value == float("inf") and found[action, site].status == "rest must change"  # type: ignore[index]
            infeasible += 1
        else:
            assert estimate == pytest.approx((value - floor) * base.money, abs=1e-6 * base.objective)
    assert 0 < infeasible < len(asked)


def test_an_open_site_is_asked_out_and_a_closed_one_in(solved: tuple[Instance, Solution]) -> None:
    """One price for every site, in the direction that it does not have; fixed sites have none."""
    case, solution = solved
    assert solution.plan is not None
    standing = set(solution.plan.facilities.loc[solution.plan.facilities["modules"] > 0, "site"])
    names = {question.name for question in pricing.questions(prepare(case, solution))}
    assert names == {f"{'out' if site in standing else 'in'} {site}" for site in case.sites["id"]}
    fixed = replace(solution, policy=Policy(force_open=("h-north",)))
    assert "out h-north" not in {question.name for question in pricing.questions(prepare(case, fixed))}


def test_a_run_of_its_own_gives_a_true_interval(solved: tuple[Instance, Solution]) -> None:
    """The exact price, found by solving to the end with and without the site, lies in the interval of a rough run."""
    case, solution = solved
    objective = solution.proof.objective
    assert objective is not None
    sites = ("h-north", "u-east")
    prices = list(pricing.by_runs(case, solution, sites, Run(seconds=60, gap=0.05, threads=1)))
    for site, price in zip(sites, prices, strict=True):
        policy = Policy(force_closed=(site,)) if price.action == "out" else Policy(force_open=(site,))
        exact = solving.solve(case, policy, method="monolith", gap=1e-7, time_limit=60, threads=1).proof.objective
        assert exact is not None and price.least is not None and price.most is not None
        assert price.least - 1 <= exact - objective <= price.most + 1
        assert price.kind == "re-solve" and price.possible


def test_a_site_that_no_plan_can_do_without_is_said_so(solved: tuple[Instance, Solution]) -> None:
    """Where the run proves that there is no plan, the price says impossible."""
    case, _ = solved
    tight = Policy.model_validate({"hub_types": {"trade": {"min_open": 2}}})
    forced = solving.solve(case, tight, method="monolith", gap=1e-6, time_limit=60, threads=1)
    (price,) = pricing.by_runs(case, forced, ("h-port",), Run(seconds=60, threads=1))
    assert price.possible is False and price.least is None and price.status == "infeasible"


def test_sites_that_cannot_be_priced_are_refused(solved: tuple[Instance, Solution]) -> None:
    """Unknown sites and those that the policy fixes are named together."""
    case, solution = solved
    fixed = replace(solution, policy=Policy(force_closed=("h-port",)))
    with pytest.raises(InputError) as caught:
        pricing.check_sites(case, fixed, ("nowhere", "h-port", "u-mid"))
    assert [problem.value for problem in caught.value.problems] == ["nowhere", "h-port"]


def test_a_newer_price_takes_the_place_of_the_older(solved: tuple[Instance, Solution]) -> None:
    """A run of its own stands before the estimate of the same site; other prices stay."""
    prices = pricing.site_prices(prepare(*solved), 60)
    assert len(prices.sites) == prices.asked and prices.belongs_to(solved[1])
    newer = prices.sites[0].model_copy(update={"kind": "re-solve", "most": 5.0})
    joined = pricing.merged(prices, newer)
    assert len(joined.sites) == len(prices.sites) and newer in joined.sites and prices.sites[0] not in joined.sites


def test_plans_in_phases_are_priced() -> None:
    """In a case of several periods a site is forced in all of them."""
    case = phased_case()
    solution = solving.solve(case, method="monolith", gap=1e-6, time_limit=60, threads=1)
    base = prepare(case, solution)
    periods = len(case.structure.periods)
    for question in pricing.questions(base):
        assert len(question.groups) == (periods if question.name.startswith("in ") else 0)
    assert len(pricing.estimates(base, 60)) == len(pricing.questions(base))


def test_questions_leave_the_program_as_it_was(solved: tuple[Instance, Solution]) -> None:
    """The same questions in another order have the same answers, in a process of their own too; time runs out whole."""
    base = prepare(*solved)
    program, asked = pricing._network_held(base), tuple(pricing.questions(base))

    class Pipe:
        @staticmethod
        def send(report: tuple[object, ...]) -> None:
            return None

    def answers(questions: tuple[Question, ...], seconds: float = 60) -> Probed:
        return probe(program, Probe(questions, seconds), Pipe(), threading.Event())  # type: ignore[arg-type]

    first, second = answers(asked), answers(asked[::-1])
    assert first.objectives.keys() == second.objectives.keys()
    for name, value in first.objectives.items():
        assert second.objectives[name] == pytest.approx(value, rel=1e-7)
    with SolverProcess(program) as solver:
        apart = solver.run(Probe(asked, 60))
    assert isinstance(apart, Probed) and dict(apart.objectives) == pytest.approx(dict(first.objectives), rel=1e-7)
    short = answers(asked, 0.0)
    assert short.reason == "time" and len(short.objectives) < len(asked)
