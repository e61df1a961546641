"""Places that cannot be written to."""

from __future__ import annotations

import os
import random
import shutil

from tests.faults import injected
from tests.faults.kind import SHORT, TWENTY, goes_on, kind, larger, last, no_trace, searching, survived
from tests.faults.scene import Scene


@kind("disk full at the end", "ENOSPC on writing the result", "plan kept beside it; `--resume` writes the result")
def full_at_the_end(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.full_disk("/.out-"))
    assert run.wait() == 2, run.errors[-500:]
    no_trace(run)
    assert scene.result() is None
    assert scene.kept() is not None
    assert "--resume" in run.errors
    goes_on(scene, last(scene))


@kind(
    "disk full from the start", "ENOSPC wherever beside the output", "result written to the temporary folder, said so"
)
def full_everywhere(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.full_disk(str(scene.folder)))
    assert run.wait() == 2, run.errors[-500:]
    no_trace(run)
    said = next(line for line in run.errors.splitlines() if "instead" in line)
    elsewhere = said.partition("written to ")[2].partition(" instead")[0]
    assert os.path.exists(os.path.join(elsewhere, "result.json")), said  # noqa: PTH118, PTH110
    shutil.rmtree(os.path.dirname(elsewhere))  # noqa: PTH120


@kind("disk full on the way", "ENOSPC on keeping the best plan", "warned; the result is written", larger, SHORT)
def full_on_the_way(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.both(injected.often, injected.full_disk("best")))
    survived(scene, run)
    assert "could not be kept" in run.errors


@kind(
    "files may not grow", "the system's limit on file size (RLIMIT_FSIZE)", "refused with a reason; no part of a result"
)
def files_too_large(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.small_files(rng.choice([2000, 20000, 60000])))
    assert run.wait() != 0
    no_trace(run)
    assert scene.result() is None
    scene.kept()


@kind(
    "output folder vanishes", "its parent is removed during the run", "made anew; the result is written", larger, TWENTY
)
def output_vanishes(scene: Scene, rng: random.Random) -> None:
    scene.options = ()
    run = scene.start("solve", "case", *TWENTY, "--out", "deep/er/out", fault=injected.often)
    searching(run)
    shutil.rmtree(scene.folder / "deep", ignore_errors=True)
    assert run.wait() == 0, run.errors[-800:]
    no_trace(run)
    scene.out = scene.folder / "deep" / "er" / "out"
    assert scene.result() is not None


@kind("output not writable", "a file stands where the output's parent should be", "refused before solving, exit code 2")
def output_unwritable(scene: Scene, rng: random.Random) -> None:
    (scene.folder / "deep").write_text("no folder")
    run = scene.start("solve", "case", "--out", "deep/out")
    assert run.wait() == 2
    no_trace(run)
    assert (scene.folder / "deep").read_text() == "no folder"


@kind(
    "output taken meanwhile",
    "somebody writes the same folder during the run",
    "theirs stays; ours is kept beside it",
    larger,
    SHORT,
)
def output_taken(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.often)
    searching(run)
    scene.out.mkdir()
    (scene.out / "theirs.txt").write_text("do not touch")
    assert run.wait() == 2, run.errors[-500:]
    no_trace(run)
    assert (scene.out / "theirs.txt").read_text() == "do not touch"
    assert scene.kept() is not None
