"""The folder of a front and the command that makes it: tables, page, Ctrl-C, going on."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from hubopt.check import check
from hubopt.instance import InputError, Instance, Policy, write_instance
from hubopt.solution import Solution, read_solution
from hubopt.study.pareto import FrontSearch, RunStore, measures_of
from hubopt.study.pareto import store as storing
from hubopt.study.pareto.front import Front
from hubopt.study.prices import Run as How
from hubopt.study.prices import solved
from tests.cli.conftest import Run, run
from tests.study.pareto_case import torn_city

__all__ = ["run"]

pytestmark = pytest.mark.usefixtures("quick")

HOW = How(seconds=30, gap=1e-6, threads=1)
ARGUMENTS = ("--objectives", "cost,land", "--points", 3, "--gap", "0.000001", "--threads", 1, "--time-limit", 30)


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder ``case`` of a small city, where the test stands."""
    write_instance(torn_city(2), tmp_path / "case", arcs="csv")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _front(folder: Path, case: Instance, solve: object = solved) -> tuple[FrontSearch, RunStore]:
    store = RunStore(folder, case, folder / "case", HOW, solve)  # type: ignore[arg-type]
    policy = Policy()
    return FrontSearch(case, policy, measures_of(["cost", "land"], case, policy), 3, store), store


def _same(one: Front, other: Front) -> None:
    assert [point.levels for point in one.points] == [point.levels for point in other.points]
    assert [point.bound for point in one.points] == [point.bound for point in other.points]


def test_a_broken_off_search_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Ctrl-C in the fourth run keeps three; going on makes the rest only, and a third time none, for the same front."""
    case, made = torn_city(2), []

    def pressed(*arguments: object) -> Solution:
        if len(made) == 3:
            raise KeyboardInterrupt
        made.append(arguments)
        return solved(*arguments)  # type: ignore[arg-type]

    search, _ = _front(tmp_path, case, pressed)
    with pytest.raises(KeyboardInterrupt):
        search.run()
    half = search.front()
    assert not half.complete and half.points and half.runs == 3
    again, store = _front(tmp_path, case)
    whole = again.run()
    assert store.kept == 3 and whole.complete

    def never(*_: object) -> Solution:
        raise AssertionError("a run was made again")

    third, _ = _front(tmp_path, case, never)
    _same(third.run(), whole)


def test_runs_of_another_case_or_code_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is there is used only for the same instance and code, and if it was solved as far as is asked now."""
    case = torn_city(2)
    _front(tmp_path, case)[0]._reference()
    assert len(_front(tmp_path, case)[1].known) == 1
    assert not _front(tmp_path, torn_city(3))[1].known
    monkeypatch.setattr(storing, "code_sha256", lambda: "0" * 64)
    assert not _front(tmp_path, case)[1].known
    (tmp_path / "runs/001/result.json").write_text("{}", encoding="utf-8")
    assert not _front(tmp_path, case)[1].known


def test_a_run_that_somebody_changed_is_made_again(tmp_path: Path) -> None:
    """A figure changed by hand, whether objective, bound or cost, is not taken for the checker's."""
    case, result = torn_city(2), tmp_path / "runs/001/result.json"
    _front(tmp_path, case)[0]._reference()
    sound = json.loads(result.read_text(encoding="utf-8"))
    for key, factor in (("objective", 0.9), ("bound", 1.1)):
        result.write_text(json.dumps(sound | {key: sound[key] * factor}), encoding="utf-8")
        assert not _front(tmp_path, case)[1].known
    result.write_text(json.dumps(sound), encoding="utf-8")
    assert len(_front(tmp_path, case)[1].known) == 1


def test_the_command_writes_results_tables_and_a_page(run: Run, city: Path) -> None:
    """Every run is a result that checks; JSON, CSV and page agree; the page asks for nothing and has both languages."""
    result = run("pareto", "case", *ARGUMENTS, "--out", "out")
    assert result.exit_code == 0, result.stderr
    content = json.loads((city / "out/pareto.json").read_text(encoding="utf-8"))
    assert content["complete"] and len(content["points"]) == 3
    assert sum(point["knee"] for point in content["points"]) <= 1
    for point in content["points"]:
        solution = read_solution(city / "out" / point["run"])
        assert solution.plan is not None
        assert check(torn_city(2), solution.policy, solution.plan, objective=solution.proof.objective).ok
        assert point["values"]["cost"] == pytest.approx(sum(solution.cost.values()))
        assert point["bound"]["cost"] <= point["values"]["cost"]
    rows = list(csv.DictReader((city / "out/front.csv").read_text(encoding="utf-8").splitlines()))
    assert [float(row["cost (CNY/year)"]) for row in rows] == pytest.approx(
        [point["values"]["cost"] for point in content["points"]]
    )
    assert (city / "out/front.xlsx").read_bytes()[:2] == b"PK"
    page = (city / "out/front.html").read_text(encoding="utf-8")
    assert "Pareto front" in page and "权衡前沿" in page
    assert not re.search(r"""(src|href)=["']https?:""", page)
    assert b"<svg" in (city / "out/front.svg").read_bytes()[:2000]
    warm = run("pareto", "case", *ARGUMENTS, "--points", 2, "--out", "warm", "--warm-start", "out/runs/001")
    assert warm.exit_code == 0, warm.stderr
    first = read_solution(city / "warm/runs/001").proof.asked
    assert first is not None and first.start_sha256 is not None
    again = run("pareto", "case", *ARGUMENTS, "--out", "out")
    assert again.exit_code == 2 and "--resume" in again.stderr
    resumed = run("pareto", "case", *ARGUMENTS, "--out", "out", "--resume", "--lang", "zh")
    assert resumed.exit_code == 0 and "沿用" in resumed.stdout
    later = json.loads((city / "out/pareto.json").read_text(encoding="utf-8"))
    assert later["points"] == content["points"]


def test_the_command_says_what_is_wrong(run: Run, city: Path) -> None:
    """Bad usage is code 2 with its mend, in both languages, and nothing is written."""
    (city / "other").mkdir()
    (city / "other/mine.txt").write_text("mine", encoding="utf-8")
    for arguments, says in (
        (("--objectives", "cost", "--out", "out"), "two or three"),
        (("--objectives", "cost,luck", "--out", "out"), "luck"),
        (("--objectives", "cost,luck", "--out", "out", "--lang", "zh"), "不是可用的指标"),
        (("--out", "other", "--force"), "holds no pareto.json"),
        (("--out", "other/mine.txt"), "is not a folder"),
        (("--out", "out", "--resume", "--force"), "one of the two"),
        (("--out", "out", "--points", "1"), "points"),
        (("--out", "out", "--warm-start", "nowhere"), "nowhere"),
        (("--out", "out", "--gap", "inf"), "finite"),
    ):
        result = run("pareto", "case", *arguments)
        assert result.exit_code == 2, arguments
        assert says in result.stderr, arguments
        assert "Traceback" not in result.output
        assert not (city / "out").exists()
    assert (city / "other/mine.txt").exists()


def test_no_plan_is_no_front(run: Run, city: Path) -> None:
    """An infeasible case is code 3; its folder can be gone on with or replaced."""
    (city / "p.toml").write_text("[levels.utc]\nmin_open = 3\n", encoding="utf-8")
    result = run("pareto", "case", "--policy", "p.toml", *ARGUMENTS, "--out", "out")
    assert result.exit_code == 3


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """Even with force only the folder of a front is replaced."""
    (tmp_path / "x").mkdir()
    (tmp_path / "x/notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="holds no"):
        storing.open_folder(tmp_path / "x", resume=False, force=True)
    assert (tmp_path / "x/notes.txt").exists()
