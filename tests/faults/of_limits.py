"""Solver processes that are lost, and limits that are reached."""

from __future__ import annotations

import os
import random
import signal
import time

from tests.cases import tiny
from tests.faults import injected
from tests.faults.kind import LONG, SHORT, TWENTY, kind, larger, no_trace, searching, survived
from tests.faults.scene import Scene, Started


def _with_solver_struck(scene: Scene, rng: random.Random, number: signal.Signals) -> Started:
    run = scene.solve(fault=injected.often)
    searching(run)
    time.sleep(rng.uniform(0.0, 2.0))
    for pid in run.solvers():
        os.kill(pid, number)
    return run


@kind("solver killed", "SIGKILL to every solver process", "checked result, the limit says so", larger, TWENTY)
def solver_killed(scene: Scene, rng: random.Random) -> None:
    survived(scene, _with_solver_struck(scene, rng, signal.SIGKILL))


@kind("solver crashed", "SIGSEGV in every solver process", "checked result, the limit says so", larger, TWENTY)
def solver_crashed(scene: Scene, rng: random.Random) -> None:
    survived(scene, _with_solver_struck(scene, rng, signal.SIGSEGV))


@kind("solver hangs", "SIGSTOP to every solver process", "killed at the time limit; checked result", larger, TWENTY)
def solver_hangs(scene: Scene, rng: random.Random) -> None:
    run = _with_solver_struck(scene, rng, signal.SIGSTOP)
    began = time.monotonic()
    survived(scene, run)
    assert time.monotonic() - began < 20 + 5 + 60


@kind("solver ends at its start", "every solver process ends at once", "exit code 1 with a message, nothing written")
def solver_stillborn(scene: Scene, rng: random.Random) -> None:
    method = rng.choice(("auto", "monolith", "staged", "decompose", "phased"))
    run = scene.solve("--method", method, fault=injected.both(injected.quick, injected.stillborn))
    assert run.wait() == 1, run.errors[-500:]
    assert "Error" in run.errors, run.errors[-500:]
    no_trace(run)
    assert not scene.out.exists()
    assert not scene.litter(), scene.litter()


@kind("nobody reads", "the reader of what is printed goes away, as `| head` does", "the result is written")
def unread(scene: Scene, rng: random.Random) -> None:
    survived(scene, scene.solve(fault=injected.both(injected.quick, injected.unread)))


@kind("time limit in the search", "a limit of 15 s", 'checked result, limit "time"', larger, SHORT)
def out_of_time(scene: Scene, rng: random.Random) -> None:
    run = scene.solve()
    survived(scene, run)
    found = scene.result()
    assert found is not None
    assert found.proof.limit == "time"


@kind(
    "time limit in the build",
    "a build that outlasts the limit",
    "exit code 4, nothing written",
    tiny,
    ("--time-limit", "1"),
)
def out_of_time_in_build(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.slow_build(60))
    assert run.wait(30) == 4, run.errors[-500:]
    no_trace(run)
    assert not scene.litter(), scene.litter()


@kind("memory limit", "--memory-limit reached in the search", 'checked result or none, limit "memory"', larger, LONG)
def out_of_memory(scene: Scene, rng: random.Random) -> None:
    run = scene.solve("--memory-limit", f"{rng.uniform(0.3, 0.55):.2f}", fault=injected.often)
    code = run.wait()
    assert code in (0, 4), (code, run.errors[-800:])
    no_trace(run)
    found = scene.result()
    assert (found is not None) == (code == 0)
    assert found is None or found.proof.limit in ("memory", "crash", "time")
    assert not scene.litter(), scene.litter()
