"""The kinds of fault: how each is brought about, and what must hold afterwards."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from hubopt.instance import Instance
from hubopt.solution import Solution
from tests.cases import random_case, tiny
from tests.faults import injected
from tests.faults.scene import Scene, Started
from tests.solve.medium import medium

SHORT = ("--gap", "0", "--time-limit", "15", "--method", "staged")
"""A run on the larger case that its time limit ends."""


def small() -> Instance:
    """A case whose run takes a second, for what is brought about hundreds of times."""
    return random_case(6)


def larger() -> Instance:
    """A case that is not solved to the end in seconds."""
    return medium(zones=24, stations=14, utcs=5, hubs=3)


@dataclass(frozen=True)
class Kind:
    """A kind of fault. ``strike`` brings it about in a scene and asserts that nothing is lost."""

    name: str
    how: str
    keeps: str
    strike: Callable[[Scene, random.Random], None]
    case: Callable[[], Instance] = tiny
    options: tuple[str, ...] = ("--gap", "0")


KINDS: list[Kind] = []


def kind(
    name: str, how: str, keeps: str, case: Callable[[], Instance] = tiny, options: tuple[str, ...] = ("--gap", "0")
) -> Callable[[Callable[[Scene, random.Random], None]], Callable[[Scene, random.Random], None]]:
    """Enter a function as a kind of fault."""

    def enter(strike: Callable[[Scene, random.Random], None]) -> Callable[[Scene, random.Random], None]:
        KINDS.append(Kind(name, how, keeps, strike, case, options))
        return strike

    return enter


def no_trace(run: Started) -> None:
    """The run showed no traceback and left no process behind."""
    assert "Traceback" not in run.errors, run.errors[-800:]
    assert run.alone(), "a solver process outlived its run"


def goes_on(scene: Scene, best: Solution | None) -> None:
    """``--resume`` ends with a whole result, no worse than what was kept, and nothing lies about."""
    left = scene.out.exists() or scene.best.parent.exists()
    enough = ("--gap", "0.1", "--time-limit", "60")
    again = (scene.resume if left else scene.solve)(*enough, fault=injected.quick)
    code = again.wait()
    if left and code == 2 and "holds no run" in again.errors:
        # killed before the run began: only the lock lay there
        again = scene.solve(*enough, fault=injected.quick)
        code = again.wait()
    no_trace(again)
    assert code == 0, again.errors[-800:]
    found = scene.result()
    assert found is not None
    assert not scene.litter(), scene.litter()
    if best is not None and best.proof.objective is not None and found.proof.objective is not None:
        assert found.proof.objective <= best.proof.objective * (1 + 1e-6)
    same_code = best is not None and best.proof.versions.get("code") == found.proof.versions.get("code")
    if best is not None and same_code and best.proof.bound is not None and found.proof.bound is not None:
        assert found.proof.bound >= min(best.proof.bound, found.proof.objective or 0) * (1 - 1e-9)


def last(scene: Scene) -> Solution | None:
    """The better of what stands and what is kept; both must be whole."""
    found = [solution for solution in (scene.kept(), scene.result()) if solution is not None]
    return min(found, key=lambda solution: solution.proof.objective or 0.0, default=None)


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


# -- killed ------------------------------------------------------------------------------------------------------------


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


# -- signals -----------------------------------------------------------------------------------------------------------


def _stopped(scene: Scene, run: Started) -> None:
    """The run ended with 130 and a whole result."""
    assert run.wait() == 130, run.errors[-800:]
    no_trace(run)
    found = scene.result()
    assert found is not None, run.errors[-800:]
    assert found.proof.limit == "interrupt"
    assert not scene.litter(), scene.litter()


def _searching(run: Started) -> None:
    """Wait until the run has a plan."""
    assert run.until(r"best +\d"), run.errors[-800:]


LONG = ("--gap", "0", "--time-limit", "60", "--method", "staged")


def _at_search(scene: Scene, rng: random.Random, number: signal.Signals) -> Started:
    run = scene.solve(fault=injected.often)
    _searching(run)
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


# -- solver processes ----------------------------------------------------------------------------------------------


def _with_solver_struck(scene: Scene, rng: random.Random, number: signal.Signals) -> Started:
    run = scene.solve(fault=injected.often)
    _searching(run)
    time.sleep(rng.uniform(0.0, 2.0))
    for pid in run.solvers():
        os.kill(pid, number)
    return run


def _survived(scene: Scene, run: Started) -> None:
    assert run.wait() == 0, run.errors[-800:]
    no_trace(run)
    assert scene.result() is not None
    assert not scene.litter(), scene.litter()


TWENTY = ("--gap", "0", "--time-limit", "20", "--method", "staged")


@kind("solver killed", "SIGKILL to every solver process", "checked result, the limit says so", larger, TWENTY)
def solver_killed(scene: Scene, rng: random.Random) -> None:
    _survived(scene, _with_solver_struck(scene, rng, signal.SIGKILL))


@kind("solver crashed", "SIGSEGV in every solver process", "checked result, the limit says so", larger, TWENTY)
def solver_crashed(scene: Scene, rng: random.Random) -> None:
    _survived(scene, _with_solver_struck(scene, rng, signal.SIGSEGV))


@kind("solver hangs", "SIGSTOP to every solver process", "killed at the time limit; checked result", larger, TWENTY)
def solver_hangs(scene: Scene, rng: random.Random) -> None:
    run = _with_solver_struck(scene, rng, signal.SIGSTOP)
    began = time.monotonic()
    _survived(scene, run)
    assert time.monotonic() - began < 20 + 5 + 60


# -- limits ----------------------------------------------------------------------------------------------------------


@kind("time limit in the search", "a limit of 15 s", 'checked result, limit "time"', larger, SHORT)
def out_of_time(scene: Scene, rng: random.Random) -> None:
    run = scene.solve()
    _survived(scene, run)
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


# -- disk ------------------------------------------------------------------------------------------------------------


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
    _survived(scene, run)
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
    _searching(run)
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
    _searching(run)
    scene.out.mkdir()
    (scene.out / "theirs.txt").write_text("do not touch")
    assert run.wait() == 2, run.errors[-500:]
    no_trace(run)
    assert (scene.out / "theirs.txt").read_text() == "do not touch"
    assert scene.kept() is not None


# -- earlier results -----------------------------------------------------------------------------------------------


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
    _searching(first)
    second = scene.solve("--force")
    assert second.wait() == 2, second.errors[-500:]
    assert "another run" in second.errors
    _survived(scene, first)


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


# -- wrong answers -------------------------------------------------------------------------------------------------


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
    _survived(scene, run)


@kind("map cannot be drawn", "an error in drawing", "warned; the result is written without it")
def broken_map(scene: Scene, rng: random.Random) -> None:
    run = scene.solve(fault=injected.both(injected.quick, injected.broken_map))
    _survived(scene, run)
    assert not (scene.out / "map.html").exists()
