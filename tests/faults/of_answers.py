"""Answers that are wrong, and pages that cannot be drawn."""

from __future__ import annotations

import json
import random

from tests.faults import injected
from tests.faults.kind import kind, no_trace, survived
from tests.faults.scene import Scene, Started


def _refused(scene: Scene, run: Started) -> None:
    assert run.wait() == 1, run.errors[-500:]
    no_trace(run)
    assert scene.result() is None
    aside = scene.folder / "out.refused"
    assert json.loads((aside / "result.json").read_text())["status"] == "error"
    assert (aside / "findings.txt").read_text().strip()


@kind(
    "wrong cost",
    "a solver that states 0.1 % less than its plan costs",
    "refused, exit code 1; kept aside with the findings",
)
def wrong_cost(scene: Scene, rng: random.Random) -> None:
    _refused(scene, scene.solve(fault=injected.both(injected.quick, injected.wrong_cost)))


@kind("wrong plan", "a plan without one of its facilities", "refused, exit code 1; kept aside with the findings")
def wrong_plan(scene: Scene, rng: random.Random) -> None:
    _refused(scene, scene.solve(fault=injected.both(injected.quick, injected.wrong_plan)))


@kind("wrong bound", "a bound above the plan's cost", "refused, exit code 1; kept aside with the findings")
def wrong_bound(scene: Scene, rng: random.Random) -> None:
    _refused(scene, scene.solve(fault=injected.both(injected.quick, injected.wrong_bound)))


@kind('false "infeasible"', "a first solve that calls a feasible case infeasible", "solved again without presolve")
def false_infeasible(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.both(injected.quick, injected.false_infeasible))
    survived(scene, run)


@kind("map cannot be drawn", "an error in drawing", "warned; the result is written without it")
def broken_map(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.both(injected.quick, injected.broken_map))
    survived(scene, run)
    assert not (scene.out / "map.html").exists()
