"""Whole runs with real solver processes: gap, time, warm starts, lost processes, what cannot be solved."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from functools import cache
from pathlib import Path

import pytest

from hubopt.check import check
from hubopt.instance import Instance, Policy
from hubopt.solution import Solution
from hubopt.solve import Progress, solve
from tests.bruteforce import varied_case
from tests.cases import random_case, tiny
from tests.model.exact import solved
from tests.solve.medium import medium

OVERHEAD = 6.0
"""Seconds beyond its limit that a run may take on a busy machine to re-solve the flows and to check the plan."""


@cache
def city() -> Instance:
    """The case of medium size, made once."""
    return medium()


@cache
def quick_plan() -> Solution:
    """A plan for the city of medium size that a few seconds found."""
    return solve(city(), method="staged", gap=0.02, time_limit=4)


def holds(instance: Instance, solution: Solution) -> None:
    """The plan keeps every rule, its cost is the checker's, and the bound lies below."""
    assert solution.plan is not None
    assert solution.proof.objective is not None
    report = check(instance, solution.policy, solution.plan, cost=solution.cost, objective=solution.proof.objective)
    assert report.ok, report.findings
    if solution.proof.bound is not None:
        assert solution.proof.bound <= solution.proof.objective


@pytest.mark.parametrize("name", ["tiny", "random-2", "random-18", "varied-3"])
def test_staged_finds_the_same_optimum(name: str) -> None:
    """The staged method proves the optimum that solving the whole program exactly gives."""
    kind, _, seed = name.partition("-")
    instance = {"tiny": lambda _: tiny(), "random": random_case, "varied": varied_case}[kind](int(seed or 0))
    found = solve(instance, method="staged", gap=1e-6, time_limit=60)
    assert found.proof.status == "optimal"
    assert found.proof.method == "staged"
    assert found.proof.objective == pytest.approx(solved(instance).cost, rel=2e-6)
    holds(instance, found)


@pytest.mark.parametrize("method", ["monolith", "staged"])
def test_bound_optimum_and_objective_are_in_order(method: str) -> None:
    """A run that stops at a coarse gap says so: bound <= optimum <= objective, within the asked gap."""
    found = solve(tiny(), method=method, gap=0.05, time_limit=60)  # type: ignore[arg-type]
    least = solved(tiny()).cost
    assert least is not None
    assert found.proof.bound is not None
    assert found.proof.objective is not None
    assert found.proof.status == "optimal"
    assert found.proof.limit == "none"
    assert found.proof.bound <= least * (1 + 1e-8)
    assert least <= found.proof.objective * (1 + 1e-8)
    assert found.proof.gap is not None
    assert found.proof.gap <= 0.05
    holds(tiny(), found)


def test_the_same_seed_gives_the_same_answer(tmp_path: Path) -> None:
    """Two runs of the monolith with the same seed that stop at the same gap end with the same objective and bound."""
    first, second = (
        solve(tiny(), method="monolith", gap=0.03, seed=7, time_limit=60, log_path=tmp_path / name)
        for name in ("first", "second")
    )
    assert first.proof.objective == second.proof.objective
    assert first.proof.bound == second.proof.bound
    assert "HiGHS" in (tmp_path / "first").read_text(encoding="utf-8")


def test_a_warm_start_is_improved_to_the_optimum() -> None:
    """The monolith goes on from an earlier plan, with two threads as well, to a proven optimum."""
    earlier = solve(tiny(), Policy(force_open=("u-east",)), method="monolith", gap=0.2, time_limit=60)
    assert earlier.proof.objective is not None
    starts: list[float] = []

    def note(progress: Progress) -> None:
        if progress.phase == "warm start" and progress.incumbent is not None:
            starts.append(progress.incumbent)

    found = solve(tiny(), method="monolith", gap=1e-6, time_limit=60, threads=2, warm_start=earlier, progress=note)
    assert starts[0] == pytest.approx(earlier.proof.objective, rel=1e-6)
    assert found.proof.status == "optimal"
    assert found.proof.objective == pytest.approx(solved(tiny()).cost, rel=2e-6)


def test_a_warm_start_that_is_not_allowed_is_left_aside() -> None:
    """A plan that uses a site which is now closed does no harm."""
    earlier = solve(tiny(), method="monolith", gap=0.2, time_limit=60)
    policy = Policy(force_closed=("u-mid",))
    found = solve(tiny(), policy, method="monolith", gap=0.01, time_limit=60, warm_start=earlier)
    assert found.proof.status == "optimal"
    assert found.plan is not None
    assert "u-mid" not in set(found.plan.facilities["site"])


@pytest.mark.slow
@pytest.mark.parametrize("method", ["monolith", "staged"])
def test_a_start_is_kept_when_there_is_time_for_little_else(method: str) -> None:
    """With half a second, an earlier plan comes back no worse than it was."""
    earlier = quick_plan().proof.objective
    found = solve(city(), method=method, gap=1e-6, time_limit=0.5, warm_start=quick_plan())  # type: ignore[arg-type]
    assert earlier is not None
    assert found.proof.objective is not None
    assert found.proof.objective <= earlier * (1 + 1e-7)
    holds(city(), found)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["monolith", "staged"])
def test_the_time_limit_is_kept(method: str) -> None:
    """A run that cannot finish ends soon after its limit with a checked plan, a bound and the limit's name."""
    began = time.monotonic()
    found = solve(city(), method=method, gap=1e-9, time_limit=5)  # type: ignore[arg-type]
    assert time.monotonic() - began < 5 + OVERHEAD
    assert found.proof.status == "feasible"
    assert found.proof.limit == "time"
    assert found.proof.bound is not None
    assert found.proof.bound > 0
    holds(city(), found)
    incumbents = [incumbent for _, incumbent, _ in found.proof.trace if incumbent is not None]
    bounds = [bound for _, _, bound in found.proof.trace if bound is not None]
    assert incumbents == sorted(incumbents, reverse=True)
    assert bounds == sorted(bounds)


@pytest.mark.parametrize("method", ["monolith", "staged"])
def test_what_cannot_be_solved_is_infeasible(method: str) -> None:
    """A case without any allowed network ends with that status and no plan."""
    found = solve(random_case(9), method=method, time_limit=60)  # type: ignore[arg-type]
    assert found.proof.status == "infeasible"
    assert found.proof.objective is None
    assert found.plan is None
    assert found.cost == {}


@pytest.mark.parametrize(("method", "phase"), [("monolith", "branch and bound"), ("staged", "dive")])
def test_an_interrupt_while_the_first_plan_is_told_keeps_it(method: str, phase: str) -> None:
    """Ctrl-C in the very call that reports the first plan does not lose the plan."""

    def interrupt(progress: Progress) -> None:
        if progress.phase == phase and progress.incumbent is not None:
            raise KeyboardInterrupt

    found = solve(tiny(), method=method, gap=1e-9, time_limit=60, progress=interrupt)  # type: ignore[arg-type]
    assert found.proof.limit == "interrupt"
    assert found.proof.status == "feasible"
    holds(tiny(), found)


def _solvers() -> list[int]:
    return [x.pid for x in multiprocessing.active_children() if x.name == "hubopt-solver" and x.pid is not None]


def _kill_solvers() -> None:
    for pid in _solvers():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "at_once"), [("monolith", [1]), ("staged", [2])])
def test_a_killed_solver_costs_no_more_than_the_proof(method: str, at_once: list[int]) -> None:
    """When solver processes are killed after the first plan, that plan or a better one is returned, checked.

    Of the staged method both processes are killed in the midst of their jobs.
    """
    left = list(at_once)
    incumbents: list[float] = []

    def kill(progress: Progress) -> None:
        searching = progress.phase in ("branch and bound", "search") and progress.incumbent is not None
        if left and searching and len(_solvers()) == left[0]:
            left.pop(0)
            incumbents.append(progress.incumbent or 0.0)
            _kill_solvers()

    found = solve(city(), method=method, gap=1e-9, time_limit=20, progress=kill)  # type: ignore[arg-type]
    assert not left
    assert found.proof.status == "feasible"
    assert found.proof.objective is not None
    assert found.proof.objective <= incumbents[-1] * (1 + 1e-7)
    assert found.proof.seconds["total"] < 18
    holds(city(), found)


def test_a_solver_killed_before_any_plan_leaves_none() -> None:
    """A solver that is killed again and again before it finds anything ends in an outcome, not in an exception."""
    done = threading.Event()

    def kill() -> None:
        while not done.wait(0.005):
            _kill_solvers()

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        found = solve(tiny(), method="monolith", time_limit=15)
    finally:
        done.set()
        killer.join()
    assert found.proof.status in ("error", "no-solution")
    assert found.plan is None
