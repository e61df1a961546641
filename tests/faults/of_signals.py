"""Runs that are asked to end."""

from __future__ import annotations

import random
import signal
import time

from tests.cases import tiny
from tests.faults import injected
from tests.faults.kind import LONG, SHORT, kind, larger, no_trace, searching
from tests.faults.scene import Scene, Started


def _stopped(scene: Scene, run: Started) -> None:
    """The run ended with 130 and a whole result."""
    assert run.wait() == 130, run.errors[-800:]
    no_trace(run)
    found = scene.result()
    assert found is not None, run.errors[-800:]
    assert found.proof.limit == "interrupt"
    assert not scene.litter(), scene.litter()


def _at_search(scene: Scene, rng: random.Random, number: signal.Signals) -> Started:
    run = scene.solve(fault=injected.often)
    searching(run)
    time.sleep(rng.uniform(0.0, 2.0))
    run.send(number)
    return run


@kind("Ctrl-C in the search", "SIGINT to the group once a plan is known", "checked result, exit code 130", larger, LONG)
def interrupted(scene: Scene, rng: random.Random) -> None:
    _stopped(scene, _at_search(scene, rng, signal.SIGINT))


@kind(
    "Ctrl-C again and again",
    "SIGINT to the group twice, the second in the last check",
    "checked result, exit code 130",
    larger,
    LONG,
)
def interrupted_twice(scene: Scene, rng: random.Random) -> None:
    run = _at_search(scene, rng, signal.SIGINT)
    time.sleep(rng.uniform(0.0, 1.0))
    run.send(signal.SIGINT)
    _stopped(scene, run)


@kind("end signal", "SIGTERM to the group", "checked result, exit code 130", larger, LONG)
def terminated(scene: Scene, rng: random.Random) -> None:
    _stopped(scene, _at_search(scene, rng, signal.SIGTERM))


@kind("terminal closed", "SIGHUP to the group", "checked result, exit code 130", larger, LONG)
def hung_up(scene: Scene, rng: random.Random) -> None:
    _stopped(scene, _at_search(scene, rng, signal.SIGHUP))


@kind(
    "Ctrl-C at any moment",
    "SIGINT to the group at a random moment",
    "a whole result or none, never a traceback",
    larger,
    SHORT,
)
def interrupted_anywhere(scene: Scene, rng: random.Random) -> None:
    run = scene.solve()
    time.sleep(rng.uniform(0.0, 6.0))
    run.send(signal.SIGINT)
    code = run.wait()
    assert code in (0, 130), (code, run.errors[-800:])
    no_trace(run)
    if scene.result() is None:
        assert scene.kept() is None
        assert "nothing was written" in run.errors, run.errors[-800:]
        assert not scene.litter(), scene.litter()


@kind("Ctrl-C in the build", "SIGINT while the model is built", "exit code 130, nothing written", tiny)
def interrupted_in_build(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.slow_build(30))
    assert run.until("building")
    time.sleep(rng.uniform(0.0, 1.0))
    run.send(signal.SIGINT)
    assert run.wait() == 130
    no_trace(run)
    assert not scene.out.exists()
    assert not scene.litter(), scene.litter()
