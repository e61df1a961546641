"""Results and unfinished runs that are there already."""

from __future__ import annotations

import random

from tests.faults import injected
from tests.faults.kind import SHORT, kind, larger, no_trace, searching, survived
from tests.faults.scene import Scene


@kind("an earlier result stands", "a run to the same folder without --force", "refused before solving; untouched")
def earlier_result(scene: Scene, rng: random.Random) -> None:
    assert scene.solve(fault=injected.quick).wait() == 0
    before = {path.name: path.read_bytes() for path in scene.out.iterdir()}
    run = scene.solve(fault=injected.quick)
    assert run.wait() == 2
    no_trace(run)
    assert {path.name: path.read_bytes() for path in scene.out.iterdir()} == before


@kind(
    "a failing run with --force",
    "refused, out of time or without space over an earlier result",
    "the earlier result stays",
)
def failing_force(scene: Scene, rng: random.Random) -> None:
    assert scene.solve(fault=injected.quick).wait() == 0
    before = {path.name: path.read_bytes() for path in scene.out.iterdir()}
    fault = rng.choice([injected.wrong_plan, injected.full_disk("/.out-"), injected.slow_build(30)])
    run = scene.solve("--force", "--time-limit", "3", fault=injected.both(injected.quick, fault))
    assert run.wait() in (1, 2, 4), run.errors[-500:]
    no_trace(run)
    assert {path.name: path.read_bytes() for path in scene.out.iterdir()} == before


@kind("an unfinished run stands", "a new run without --force or --resume", "refused; its plan stays", larger, SHORT)
def unfinished_run(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.both(injected.often, injected.full_disk("/.out-")))
    assert run.wait() == 2
    best = scene.kept()
    assert best is not None
    again = scene.solve()
    assert again.wait() == 2
    assert "--resume" in again.errors
    kept = scene.kept()
    assert kept is not None
    assert kept.proof.objective == best.proof.objective


@kind(
    "two runs at one output",
    "a second run while the first is under way",
    "the second is refused; the first ends",
    larger,
    SHORT,
)
def two_runs(scene: Scene, rng: random.Random) -> None:
    first = scene.solve()
    searching(first)
    second = scene.solve("--force")
    assert second.wait() == 2, second.errors[-500:]
    assert "another run" in second.errors
    survived(scene, first)


@kind("kept plan damaged", "a file of the kept plan cut short", "named, exit code 2; nothing is touched", larger, SHORT)
def damaged_plan(scene: Scene, rng: random.Random) -> None:
    assert scene.solve(fault=injected.both(injected.often, injected.full_disk("/.out-"))).wait() == 2
    victim = rng.choice([path for path in sorted(scene.best.iterdir()) if path.suffix in (".json", ".parquet")])
    victim.write_bytes(victim.read_bytes()[: rng.randint(0, victim.stat().st_size - 2)])
    run = scene.resume()
    assert run.wait() == 2, run.errors[-500:]
    no_trace(run)
    assert victim.name in run.errors
    assert scene.result() is None


@kind(
    "instance changed since",
    "a price is changed before `--resume`",
    "the bound does not count; the plan is checked anew",
    larger,
    SHORT,
)
def changed_instance(scene: Scene, rng: random.Random) -> None:
    assert scene.solve(fault=injected.both(injected.often, injected.full_disk("/.out-"))).wait() == 2
    sites = scene.case / "sites.csv"
    lines = sites.read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("land_price_cny_m2")
    cells = lines[1].split(",")
    cells[place] = str(float(cells[place]) + 100)
    sites.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")
    from hubopt.instance import read_instance

    scene.instance = read_instance(scene.case)
    run = scene.resume()
    assert run.wait() == 0, run.errors[-500:]
    assert "does not count" in run.errors
    assert scene.result() is not None
