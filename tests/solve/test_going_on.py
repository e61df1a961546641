"""Plans that are kept on the way, runs that are gone on with, and figures that lie too far apart."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hubopt.check import check
from hubopt.instance import Instance, Policy
from hubopt.solution import Solution
from hubopt.solution.digest import plan_sha256
from hubopt.solve import checkpoint, solve
from hubopt.solve.account import Run
from hubopt.solve.checkpoint import Keeper
from hubopt.solve.versions import versions
from tests.cases import random_case, tiny
from tests.plans import tiny_solution

GOOD = tiny_solution()


def test_the_latest_plan_is_handed_on() -> None:
    """Points that come while one is looked at are passed over, but for the last."""
    looked_at: list[float] = []
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def judge(values: Any) -> Solution:
        looked_at.append(float(values[0]))
        begun.set()
        assert go_on.wait(10)
        if values[0] == 3:
            done.set()
        return GOOD

    keeper = Keeper(judge, lambda _: None, between=0.01)
    keeper.found(np.array([1.0]))
    assert begun.wait(10)
    keeper.found(np.array([2.0]))
    keeper.found(np.array([3.0]))
    go_on.set()
    assert done.wait(10)
    keeper.end()
    assert looked_at == [1.0, 3.0]
    assert keeper.kept == 2


def test_trouble_in_keeping_does_not_end_the_run() -> None:
    """An error in handing on is remembered, and the next plan is tried again."""
    kept: list[Solution] = []
    tried = threading.Event()

    def keep(solution: Solution) -> None:
        tried.set()
        if not kept and keeper.trouble is None:
            raise OSError(28, "No space left on device")
        kept.append(solution)

    keeper = Keeper(lambda _: GOOD, keep, between=0.01)
    keeper.found(np.zeros(1))
    assert tried.wait(10)
    for _ in range(1000):
        if kept:
            break
        keeper.found(np.zeros(1))
        threading.Event().wait(0.01)
    keeper.end()
    assert isinstance(keeper.trouble, OSError)
    assert kept


def test_a_plan_that_the_checker_refuses_is_not_kept() -> None:
    """What is found wanting on the way is not handed on."""
    keeper = Keeper(lambda _: None, lambda _: pytest.fail("handed on"), between=0.01)
    keeper.found(np.zeros(1))
    keeper.end()
    assert keeper.kept == 0


@pytest.mark.usefixtures("quick")
def test_kept_plans_are_checked_solutions(monkeypatch: pytest.MonkeyPatch) -> None:
    """What solve hands on the way holds by the checker and says what was asked."""
    monkeypatch.setattr(checkpoint, "SECONDS_BETWEEN", 0.01)
    instance = tiny()
    kept: list[Solution] = []
    found = solve(instance, method="monolith", gap=0, time_limit=60, threads=1, keep=kept.append)
    assert found.proof.status == "optimal"
    for solution in kept:
        assert solution.plan is not None
        assert check(instance, Policy(), solution.plan, objective=solution.proof.objective).ok
        assert solution.proof.asked == found.proof.asked


@pytest.mark.usefixtures("quick")
def test_a_run_is_gone_on_with_from_plan_and_bound() -> None:
    """The second sitting begins with the first one's plan and bound, and its trace and time go on."""
    first = solve(random_case(6), method="monolith", gap=0.5, time_limit=60, threads=1)
    heard: list[float] = []
    second = solve(
        random_case(6), method="monolith", gap=0, time_limit=60, threads=1, resume=first,
        progress=lambda now: heard.append(now.bound) if now.bound is not None else None,
    )  # fmt: skip
    assert first.plan is not None
    assert second.proof.status == "optimal"
    assert first.proof.bound is not None
    assert min(heard) >= first.proof.bound * (1 - 1e-9)
    assert second.proof.trace[: len(first.proof.trace)] == first.proof.trace
    assert second.proof.seconds["earlier"] == first.proof.seconds["total"]
    assert second.proof.seconds["total"] >= first.proof.seconds["total"]
    assert second.proof.asked is not None
    assert second.proof.asked.start_sha256 == plan_sha256(first.plan)


def _sitting(instance: Instance, policy: Policy, earlier: Solution) -> float | None:
    """The bound that is carried over from an earlier run."""
    from hubopt.instance import sha256
    from hubopt.solution.types import Asked
    from hubopt.solve.progress import Tracker

    tracker = Tracker(1.0, 1.0)
    return Run(
        instance, policy, Asked("auto", 1.0), 0.0, 1, 0, tracker, sha256(instance), earlier
    ).carried_bound()  # fmt: skip


def test_a_bound_counts_only_for_the_same_question() -> None:
    """Another policy, another instance or other code: the bound is left behind."""
    code = {"code": versions()["code"]}
    own = replace(GOOD, proof=replace(GOOD.proof, versions=code))
    assert _sitting(tiny(), Policy(), own) == own.proof.bound
    assert _sitting(tiny(), Policy(force_open=("u-east",)), own) is None
    assert _sitting(random_case(0), Policy(), own) is None
    assert _sitting(tiny(), Policy(), GOOD) is None


def _hostile(instance: Instance, factor: float) -> Instance:
    """The case with the price of one site's land so many times as high."""
    sites = instance.sites.copy()
    sites.loc[sites.index[0], "land_price_cny_m2"] *= factor
    return instance.with_tables(sites=sites)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("factor", [1e-7, 1e9])
def test_costs_that_lie_far_apart_are_warned_of(factor: float) -> None:
    """Costs over nine powers of ten apart are named, and the plan still holds by the checker."""
    warnings: list[str] = []
    instance = _hostile(tiny(), factor)
    found = solve(instance, method="monolith", gap=0.01, time_limit=60, threads=1, warn=warnings.append)
    assert any("costs" in sentence for sentence in warnings) == (factor > 1)
    assert found.proof.status in ("optimal", "feasible")


@pytest.mark.usefixtures("quick")
def test_tiny_demand_is_warned_of() -> None:
    """A demand eleven powers of ten below the others is named; the plan still holds by the checker."""
    warnings: list[str] = []
    demand = tiny().demand.copy()
    demand.loc[demand.index[0], "t_d"] = 1e-9
    found = solve(tiny().with_tables(demand=demand), method="monolith", time_limit=60, threads=1, warn=warnings.append)
    assert warnings
    assert found.proof.status in ("optimal", "feasible")
