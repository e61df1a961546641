from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from hubopt.instance import Policy, policy_toml
from hubopt.solution import Solution, read_solution
from tests.cli.conftest import FakeSolve, Run
from tests.instance.defects import DEFECTS, Defect
from tests.plans import no_solution, tiny_solution


@dataclass(frozen=True)
class Moment:
    """A report of progress."""

    phase: str
    incumbent: float | None
    bound: float | None
    gap: float | None
    seconds: float


def test_a_solved_instance_leaves_a_whole_result(run: Run, solver: FakeSolve, instance: Path) -> None:
    """The result folder holds tables, map, report, log and policy, and the summary says where map and report lie."""
    result = run("solve", instance, "--out", "r", "--lang", "zh")
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in Path("r").iterdir()} == {
        "result.json", "facilities.csv", "assignments.parquet", "flows.parquet", "facilities.gpkg", "map.html",
        "report.html", "solver.log", "policy.toml",
    }  # fmt: skip
    assert Path("r/solver.log").read_text() == "the solver's own words\n"
    assert "每年 63,752,781 元" in result.stdout
    assert "r/map.html" in result.stdout
    assert "r/report.html" in result.stdout
    assert "utc-access" in result.stdout


@pytest.mark.usefixtures("quick_pages")
def test_the_default_output_is_named_after_instance_and_policy(run: Run, solver: FakeSolve, instance: Path) -> None:
    """Without --out the result goes to results/INSTANCE or results/INSTANCE-POLICY."""
    Path("own.toml").write_text(policy_toml(Policy()), encoding="utf-8")
    assert run("solve", instance).exit_code == 0
    assert run("solve", instance, "--policy", "own.toml").exit_code == 0
    assert {path.name for path in Path("results").iterdir()} == {"tiny", "tiny-own"}


@pytest.mark.usefixtures("quick_pages")
def test_options_reach_the_solver(run: Run, solver: FakeSolve, instance: Path, written: Path) -> None:
    """Every option is handed over as given, and the log is written where it was asked for."""
    options = ["--method", "staged", "--gap", "0.05", "--time-limit", "7", "--threads", "1", "--seed", "3"]
    result = run("solve", instance, *options, "--warm-start", written, "--log", "run.log", "--out", "r")
    assert result.exit_code == 0, result.stderr
    call = solver.calls[0]
    asked = {name: call[name] for name in ("method", "gap", "time_limit", "threads", "seed")}
    assert asked == {"method": "staged", "gap": 0.05, "time_limit": 7.0, "threads": 1, "seed": 3}
    assert isinstance(call["warm_start"], Solution)
    assert Path("run.log").exists()


@pytest.mark.parametrize(
    ("outcome", "code", "says"),
    [
        (no_solution("infeasible"), 3, "service_targets"),
        (no_solution("no-solution", "time"), 4, "longer --time-limit"),
        (no_solution("no-solution", "interrupt"), 130, "interrupted"),
        (no_solution("error"), 1, "solver failed"),
    ],
)
def test_without_a_plan_nothing_is_written(
    run: Run, solver: FakeSolve, instance: Path, outcome: Solution, code: int, says: str
) -> None:
    """Infeasible, no solution in time, interrupted and failed runs have their exit code, a reason and no folder."""
    solver.outcome = outcome
    result = run("solve", instance, "--out", "r")
    assert result.exit_code == code
    assert says in result.stderr
    assert list(Path.cwd().iterdir()) == []


@pytest.mark.usefixtures("quick_pages")
def test_an_interrupted_run_saves_its_best(run: Run, solver: FakeSolve, instance: Path) -> None:
    """Ctrl-C during the search ends with code 130 and the best checked result in the folder."""
    solver.outcome = tiny_solution(limit="interrupt")
    assert run("solve", instance, "--out", "r").exit_code == 130
    assert read_solution("r").proof.limit == "interrupt"


def test_an_interrupt_elsewhere_leaves_nothing(run: Run, solver: FakeSolve, instance: Path) -> None:
    """Ctrl-C while nothing has been found yet ends with code 130 and no folder."""
    solver.outcome = KeyboardInterrupt()
    result = run("solve", instance, "--out", "r")
    assert result.exit_code == 130
    assert "nothing was written" in result.stderr
    assert list(Path.cwd().iterdir()) == []


def test_a_solution_that_the_checker_refuses_is_no_result(run: Run, solver: FakeSolve, instance: Path) -> None:
    """A solver that claims a lower cost than its plan has is found out: code 1, nothing written."""
    good = tiny_solution()
    assert good.proof.objective is not None
    solver.outcome = replace(good, proof=replace(good.proof, objective=good.proof.objective * 0.995))
    result = run("solve", instance, "--out", "r")
    assert result.exit_code == 1
    assert "refused" in result.stderr
    assert not Path("r").exists()


@pytest.mark.usefixtures("quick_pages")
def test_an_optimum_that_is_not_proven_is_no_result(run: Run, solver: FakeSolve, instance: Path) -> None:
    """A run that calls itself optimal with a gap above the one asked for is refused."""
    good = tiny_solution("optimal", "none")
    solver.outcome = replace(good, proof=replace(good.proof, gap_asked=0.001))
    assert run("solve", instance, "--out", "r").exit_code == 1
    solver.outcome = good
    assert run("solve", instance, "--out", "r").exit_code == 0


@pytest.mark.usefixtures("quick_pages")
def test_a_map_that_fails_does_not_cost_the_result(
    run: Run, solver: FakeSolve, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the map cannot be drawn, the rest is saved and the failure is named."""

    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("no tiles")

    monkeypatch.setattr("hubopt.viz.network_map", broken)
    result = run("solve", instance, "--out", "r")
    assert result.exit_code == 0
    assert "map.html could not be drawn" in result.stderr
    assert Path("r/report.html").exists()
    assert not Path("r/map.html").exists()


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_bad_input_is_named_and_writes_nothing(
    run: Run, solver: FakeSolve, instance: Path, tmp_path: Path, defect: Defect
) -> None:
    """Each kind of bad input file ends with code 2, its file named, no traceback and nothing written."""
    shutil.copytree(instance, tmp_path / "case")
    defect.change(tmp_path / "case")
    result = run("solve", "case", "--out", "r")
    assert result.exit_code == 2
    assert defect.file in result.stderr
    assert "Traceback" not in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["case"]
    assert solver.calls == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["--gap", "nan"], ["--gap", "-0.1"], ["--gap", "inf"], ["--gap", "small"], ["--time-limit", "0"],
        ["--time-limit", "nan"], ["--threads", "0"], ["--seed", "-1"], ["--seed", "1.5"], ["--method", "magic"],
        ["--lang", "fr"], ["--policy", "none.toml"], ["--warm-start", "none"], ["--colour"], ["another"],
        ["--policy", "bad.toml"], ["--policy", "elsewhere.toml"], ["--out", "file"], ["--out", "file/below"],
        ["--out", "kept"], ["--out", "kept", "--force"], ["--log", "no/such/place.log"], ["--warm-start", "kept"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_options_end_with_code_2(run: Run, solver: FakeSolve, instance: Path, arguments: list[str]) -> None:
    """A wrong value of any option is named on stderr, before the solver starts, and nothing is written."""
    Path("file").write_text("")
    Path("kept").mkdir()
    Path("kept/thesis.txt").write_text("years of work")
    Path("bad.toml").write_text("of = []")
    Path("elsewhere.toml").write_text("force_open = ['h-beijing']")
    before = sorted(Path.cwd().rglob("*"))
    result = run("solve", instance, *arguments)
    assert result.exit_code == 2
    assert result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(Path.cwd().rglob("*")) == before
    assert solver.calls == []


@pytest.mark.usefixtures("quick_pages")
def test_an_existing_result_needs_force(run: Run, solver: FakeSolve, instance: Path) -> None:
    """A second run into the same folder is refused before it solves, and replaces it with --force."""
    assert run("solve", instance, "--out", "r").exit_code == 0
    assert run("solve", instance, "--out", "r").exit_code == 2
    assert len(solver.calls) == 1
    assert run("solve", instance, "--out", "r", "--force").exit_code == 0
    assert json.loads(Path("r/result.json").read_text(encoding="utf-8"))["status"] == "feasible"


@pytest.mark.usefixtures("quick_pages")
def test_progress_goes_to_stderr_in_few_lines(run: Run, solver: FakeSolve, instance: Path) -> None:
    """Outside a terminal progress is plain lines on stderr, one at once and then at most one in two seconds."""
    solver.reports = tuple(Moment("root", 100.0 - at, 50.0 + at, 0.5, at / 100) for at in range(50))
    result = run("solve", instance, "--out", "r")
    lines = [line for line in result.stderr.splitlines() if "root" in line]
    assert len(lines) == 1
    assert "root" not in result.stdout
