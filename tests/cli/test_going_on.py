"""solve --resume and --rerun, and what becomes of results that cannot be written or are refused."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hubopt.instance import Policy
from hubopt.solution import Solution, read_solution, write_solution
from hubopt.solution.partial import Partial, partial_of
from hubopt.solution.types import Asked
from tests.cases import tiny
from tests.cli.conftest import FakeSolve, Run
from tests.plans import no_solution, tiny_solution

pytestmark = pytest.mark.usefixtures("quick_pages")

ASKED = Asked("staged", 77.0, node_limit=9, memory_gib=3.0, deterministic=True)


def earlier(status: str = "feasible", limit: str = "interrupt") -> Solution:
    """A result of a run that was asked something particular."""
    good = tiny_solution()
    proof = replace(good.proof, status=status, limit=limit, asked=ASKED, seed=4, threads=1, gap_asked=0.002)  # type: ignore[arg-type]
    return replace(good, proof=proof)


def written(folder: Path, instance: Path, solution: Solution) -> Solution:
    """The solution as it is read back from where it was written."""
    write_solution(solution, tiny(), folder, instance_path=instance)
    return read_solution(folder)


def test_a_result_is_gone_on_with_as_it_was_asked(run: Run, solver: FakeSolve, instance: Path) -> None:
    """Method, limits, gap, seed and threads are those of before, but for the options that are given now."""
    before = written(Path("r"), instance, earlier())
    result = run("solve", "--resume", "r", "--time-limit", "5")
    assert result.exit_code == 0, result.stderr
    call = solver.calls[0]
    names = ("method", "time_limit", "node_limit", "memory_gib", "deterministic", "gap", "seed", "threads")
    assert [call[name] for name in names] == ["staged", 5.0, 9, 3.0, True, 0.002, 4, 1]
    assert call["resume"] == before
    assert call["warm_start"] is None
    assert read_solution("r").proof.limit == "time"
    assert not partial_of(Path("r")).exists()


def test_what_a_killed_run_left_is_gone_on_with(run: Run, solver: FakeSolve, instance: Path) -> None:
    """The plan beside a result that was never written is the start, and the result is written where it belongs."""
    before = written(Path("r.partial/best"), instance, earlier())
    result = run("solve", "--resume", "r")
    assert result.exit_code == 0, result.stderr
    assert solver.calls[0]["resume"] == before
    assert read_solution("r").plan is not None
    assert not Path("r.partial").exists()


def test_a_run_without_a_plan_yet_begins_anew(run: Run, solver: FakeSolve, instance: Path) -> None:
    """Where only the question was noted the run begins with it."""
    solver.outcome = KeyboardInterrupt()
    seen: list[dict[str, object]] = []

    def killed(*_: object, **options: object) -> Solution:
        shutil.copytree("r.partial", "copy")
        seen.append(dict(options))
        raise KeyboardInterrupt

    solver.__class__ = type("Killed", (FakeSolve,), {"__call__": staticmethod(killed)})
    assert run("solve", instance, "--out", "r", "--seed", "6").exit_code == 130
    solver.__class__ = FakeSolve
    solver.outcome = tiny_solution()
    assert not Path("r.partial").exists()
    Path("copy").rename("r.partial")
    result = run("solve", "--resume", "r")
    assert result.exit_code == 0, result.stderr
    assert "begins anew" in result.stderr
    assert solver.calls[-1]["seed"] == 6
    assert solver.calls[-1]["resume"] is None


def test_where_nothing_lies_nothing_can_be_gone_on_with(run: Run, solver: FakeSolve) -> None:
    """A folder without a run is named, exit code 2."""
    result = run("solve", "--resume", "nowhere")
    assert result.exit_code == 2
    assert "no run to go on with" in result.stderr


def test_an_unfinished_run_is_not_thrown_away(run: Run, solver: FakeSolve, instance: Path) -> None:
    """A new run to the same place is refused while a plan is kept there, and replaces it with --force."""
    written(Path("r.partial/best"), instance, earlier())
    result = run("solve", instance, "--out", "r")
    assert result.exit_code == 2
    assert "--resume" in result.stderr
    assert read_solution("r.partial/best").plan is not None
    assert run("solve", instance, "--out", "r", "--force").exit_code == 0
    assert not Path("r.partial").exists()


def test_two_runs_at_one_place(run: Run, solver: FakeSolve, instance: Path) -> None:
    """While one run holds the place another is refused, whatever it is told."""
    with Partial(Path("r")):
        result = run("solve", instance, "--out", "r", "--force")
    assert result.exit_code == 2
    assert "another run" in result.stderr


def test_a_run_without_a_plan_leaves_what_was_kept(run: Run, solver: FakeSolve, instance: Path) -> None:
    """Going on ends without a plan: the kept one stays and is pointed to."""
    written(Path("r.partial/best"), instance, earlier())
    solver.outcome = no_solution("no-solution", "time")
    result = run("solve", "--resume", "r")
    assert result.exit_code == 4
    assert "r.partial/best" in result.stderr
    assert read_solution("r.partial/best").plan is not None


def test_a_result_that_cannot_be_written_stays_beside(
    run: Run, solver: FakeSolve, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the last write fails the plan is kept beside it, with the way to go on."""
    from hubopt.instance import folder

    original = folder._fsync_all

    def full(path: Path) -> None:
        if path.name.startswith(".r-"):
            raise OSError(28, "No space left on device")
        original(path)

    monkeypatch.setattr(folder, "_fsync_all", full)
    result = run("solve", instance, "--out", "r")
    assert result.exit_code == 2
    assert "No space left" in result.stderr
    assert "--resume r" in result.stderr
    assert read_solution("r.partial/best").plan is not None


def test_a_refused_result_is_kept_aside(run: Run, solver: FakeSolve, instance: Path) -> None:
    """Plan, findings and log of a refused result are kept for whoever looks for the mistake; each in its own folder."""
    good = tiny_solution()
    assert good.proof.objective is not None
    solver.outcome = replace(good, proof=replace(good.proof, objective=good.proof.objective * 0.995))
    for name in ("r.refused", "r.refused-2"):
        assert run("solve", instance, "--out", "r").exit_code == 1
        assert json.loads(Path(name, "result.json").read_text(encoding="utf-8"))["status"] == "error"
        assert Path(name, "findings.txt").read_text(encoding="utf-8")
        assert Path(name, "solver.log").exists()
    assert not Path("r").exists()


def test_a_repeated_run_that_comes_out_the_same_says_so(run: Run, solver: FakeSolve, instance: Path) -> None:
    """The run is asked as before, written beside the first, and equal to it."""
    solver.outcome = earlier("optimal", "none")
    solver.outcome = replace(solver.outcome, proof=replace(solver.outcome.proof, gap_asked=0.02))
    written(Path("r"), instance, solver.outcome)
    result = run("solve", "--rerun", "r")
    assert result.exit_code == 0, result.stderr
    assert "the same result again" in result.stdout
    assert solver.calls[0]["deterministic"] is True
    assert read_solution("r-rerun") == read_solution("r")


def test_a_repeated_run_that_comes_out_otherwise_says_how(run: Run, solver: FakeSolve, instance: Path) -> None:
    """Versions, objective and facilities that differ are named, the clock's part too; exit code 1."""
    before = earlier()
    assert before.plan is not None
    fewer = before.plan.facilities.copy()
    fewer.loc[0, "modules"] += 1
    plan = replace(before.plan, facilities=fewer)
    changed = replace(before.proof, objective=(before.proof.objective or 0) + 5, versions={"hubopt": "0.0.9"})
    written(Path("r"), instance, replace(before, plan=plan, proof=changed))
    result = run("solve", "--rerun", "r", "--lang", "en")
    assert result.exit_code == 1
    assert "ended by the clock" in result.stderr
    for part in ("version of hubopt: 0.0.9 then", "objective:", "only in the earlier plan:", "only in this plan:"):
        assert part in result.stdout


@pytest.mark.parametrize(
    "options", [[], ["--resume", "r", "--rerun", "r"], ["--rerun", "r", "--policy", "p.toml"]], ids=str
)
def test_options_that_do_not_go_together(run: Run, solver: FakeSolve, options: list[str]) -> None:
    """Without an instance or anything to go on with, or with both, it is a usage mistake."""
    assert run("solve", *options).exit_code == 2
    assert not solver.calls


def test_another_policy_leaves_the_result_alone(run: Run, solver: FakeSolve, instance: Path) -> None:
    """Going on under another policy does not replace the result of the first without --force."""
    from hubopt.instance import policy_toml

    before = written(Path("r"), instance, earlier())
    Path("other.toml").write_text(policy_toml(Policy(force_open=("u-east",))), encoding="utf-8")
    result = run("solve", "--resume", "r", "--policy", "other.toml")
    assert result.exit_code == 2
    assert read_solution("r") == before
