"""Runs that are killed at whatever moment."""

from __future__ import annotations

import random
import shutil
import signal
import time

from tests.faults import injected
from tests.faults.kind import LONG, goes_on, kind, larger, last, searching, small
from tests.faults.scene import Scene

LENGTHS: dict[str, float] = {}


def length_of_a_run(scene: Scene) -> float:
    """Seconds that an undisturbed run of this scene takes now; measured once a scene."""
    key = str(scene.folder)
    if key not in LENGTHS:
        began = time.monotonic()
        other = scene.start("solve", "case", "--out", "other", *scene.options, fault=injected.quick)
        assert other.wait() == 0, other.errors[-500:]
        LENGTHS[key] = time.monotonic() - began
        shutil.rmtree(scene.folder / "other")
    return LENGTHS[key]


@kind(
    "kill -9 while solving",
    "SIGKILL at a random moment of a run",
    "result whole or absent; `--resume` goes on",
    case=small,
)
def killed_in_solve(scene: Scene, rng: random.Random) -> None:
    most = length_of_a_run(scene)
    run = scene.solve(fault=injected.quick)
    time.sleep(rng.uniform(0.0, most))
    run.send(signal.SIGKILL, group=False)
    run.wait()
    assert run.alone(), "a solver process outlived its run"
    goes_on(scene, last(scene))


@kind(
    "kill -9 in a long search",
    "SIGKILL at a random moment of a run with two solver processes",
    "the best plan kept; `--resume` goes on",
    larger,
    LONG,
)
def killed_in_search(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.often)
    searching(run)
    time.sleep(rng.uniform(0.0, 8.0))
    run.send(signal.SIGKILL, group=False)
    run.wait()
    assert run.alone(), "a solver process outlived its run"
    goes_on(scene, last(scene))


@kind(
    "kill -9 while writing",
    "SIGKILL at a random file operation of a run",
    "result whole or absent; `--resume` goes on",
    case=small,
)
def killed_in_write(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.both(injected.quick, injected.killed_at_file_call(rng.randint(1, 75))))
    run.wait()
    assert run.alone(), "a solver process outlived its run"
    goes_on(scene, last(scene))


@kind(
    "kill -9 while replacing",
    "the same, over an earlier result with --force",
    "the old result or the new one, whole",
    case=small,
)
def killed_in_replacement(scene: Scene, rng: random.Random) -> None:
    before = scene.solve("--gap", "0.3", fault=injected.quick)
    assert before.wait() == 0, before.errors
    run = scene.solve("--force", fault=injected.both(injected.quick, injected.killed_at_file_call(rng.randint(1, 110))))
    run.wait()
    assert scene.result() is not None, "the earlier result is gone"
    goes_on(scene, last(scene))
