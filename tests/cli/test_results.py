from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hubopt.instance import write_instance
from hubopt.solution import write_solution
from tests.cases import random_case, tiny
from tests.cli.conftest import Run
from tests.plans import no_solution


@pytest.fixture
def result_folder(written: Path, instance: Path, tmp_path: Path) -> Path:
    """A result beside its instance, both free to be changed."""
    shutil.copytree(instance, tmp_path / "tiny")
    shutil.copytree(written, tmp_path / "r")
    record = json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8"))
    (tmp_path / "r" / "result.json").write_text(json.dumps(record | {"instance_path": "../tiny"}))
    return tmp_path / "r"


def change(folder: Path, **changes: object) -> None:
    record = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    (folder / "result.json").write_text(json.dumps(record | changes))


def test_a_sound_result_passes_the_check(run: Run, result_folder: Path) -> None:
    """The checker confirms the plan made by hand: code 0."""
    result = run("check", "tiny", "r")
    assert result.exit_code == 0, result.stderr
    assert "63,752,781.01 CNY/year" in result.stdout


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"objective": 60_000_000.0}, "objective"),
        ({"bound": 70_000_000.0}, "above the objective"),
        ({"sense": "max", "bound": 1.0}, "below the objective"),
        ({"status": "optimal"}, "status is optimal"),
        ({"objective": None}, "states no objective"),
        ({"instance_sha256": "0" * 64}, "another instance"),
        ({"policy": {"force_open": ["u-east"]}}, "u-east"),
        ({"policy": {"force_open": ["u-beijing"]}}, "u-beijing"),
    ],
)
def test_a_wrong_result_fails_the_check(run: Run, result_folder: Path, changes: dict[str, object], says: str) -> None:
    """What does not hold is listed, with code 1."""
    change(result_folder, **changes)
    result = run("check", "tiny", "r")
    assert result.exit_code == 1
    assert says in result.stderr


def test_a_changed_plan_fails_the_check(run: Run, result_folder: Path) -> None:
    """A facility made smaller than its load is found."""
    table = (result_folder / "facilities.csv").read_text(encoding="utf-8")
    (result_folder / "facilities.csv").write_text(
        table.replace("u-mid,utc,utc-smart,new,4", "u-mid,utc,utc-smart,new,2")
    )
    result = run("check", "tiny", "r")
    assert result.exit_code == 1
    assert "u-mid" in result.stderr


@pytest.mark.parametrize("arguments", [["tiny", "none"], ["none", "r"], ["r", "tiny"], ["tiny"], []])
def test_check_asks_for_both_folders(run: Run, result_folder: Path, arguments: list[str]) -> None:
    """Missing or exchanged folders are bad usage: code 2."""
    assert run("check", *arguments).exit_code == 2


def test_a_result_without_plan_cannot_be_checked_or_drawn(run: Run, result_folder: Path, tmp_path: Path) -> None:
    """Commands that need a plan say that there is none; show shows what there is."""
    write_solution(no_solution("infeasible"), tiny(), tmp_path / "none", instance_path=tmp_path / "tiny")
    for arguments in (["check", "tiny", "none"], ["map", "none"], ["report", "none"]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "holds no plan" in result.stderr
    shown = run("show", "none")
    assert shown.exit_code == 0
    assert "infeasible" in shown.stdout


def test_show_prints_the_summary(run: Run, result_folder: Path) -> None:
    """The summary has status, objective, bound, gap, counts per level, standards and cost parts."""
    result = run("show", "r")
    assert result.exit_code == 0
    for words in ("feasible, not proven optimal (time limit)", "63,752,781", "63,115,253", "1.00%", "station",
                  "utc-access", "92.77%", "yes", "transport", "total"):  # fmt: skip
        assert words in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 120


@pytest.mark.parametrize(("command", "file"), [("map", "map.html"), ("report", "report.html")])
def test_pages_are_written_beside_the_result(run: Run, result_folder: Path, command: str, file: str) -> None:
    """map and report find the instance by themselves and write into the result folder, or where they are told."""
    assert run(command, "r").exit_code == 0
    assert (result_folder / file).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert run(command, "r", "--lang", "zh", "--out", "other.html").exit_code == 0
    assert Path("other.html").stat().st_size > 10_000


@pytest.mark.usefixtures("quick_pages")
def test_a_moved_instance_is_asked_for(run: Run, result_folder: Path, tmp_path: Path) -> None:
    """If the instance is gone the command says so, and takes its new place."""
    (tmp_path / "tiny").rename(tmp_path / "moved")
    result = run("map", "r")
    assert result.exit_code == 2
    assert "--instance" in result.stderr
    assert not (result_folder / "map.html").exists()
    assert run("map", "r", "--instance", "moved").exit_code == 0


def test_another_instance_is_refused(run: Run, result_folder: Path) -> None:
    """A map of one instance's result on another instance is not drawn."""
    write_instance(random_case(1), "other")
    result = run("report", "r", "--instance", "other")
    assert result.exit_code == 2
    assert "not the instance" in result.stderr


@pytest.mark.parametrize("place", ["none/map.html", "tiny", "tiny/instance.toml/map.html"])
@pytest.mark.usefixtures("quick_pages")
def test_an_unwritable_page_is_named(run: Run, result_folder: Path, place: str) -> None:
    """A place that cannot be written to ends with code 2 and leaves no temporary file."""
    before = sorted(Path.cwd().rglob("*"))
    result = run("map", "r", "--out", place)
    assert result.exit_code == 2
    assert "Error" in result.stderr
    assert sorted(Path.cwd().rglob("*")) == before
