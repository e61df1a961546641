"""First steps: the demonstration, what comes along by name, completion, the check of the installation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hubopt.doctor
from hubopt.cli import app
from hubopt.doctor import Examined
from hubopt.instance import read_policy, write_instance
from hubopt.instance.shipped import shipped_policies
from hubopt.solution import read_solution
from tests.cases import tiny
from tests.cli.conftest import FakeSolve, Run


def test_the_demonstration_needs_nothing_at_hand(
    run: Run, solver: FakeSolve, quick_pages: None, tmp_path: Path
) -> None:
    """In an empty folder ``demo`` solves tiny to a result with map and report and says how to go on."""
    result = run("demo")
    assert result.exit_code == 0, result.stderr
    assert (read_solution(tmp_path / "demo-tiny").instance_id, solver.calls[0]["instance"]) == ("tiny", tiny())
    assert (tmp_path / "demo-tiny" / "map.html").exists() and (tmp_path / "demo-tiny" / "report.html").exists()
    assert "hubopt solve tiny --policy least-land --out demo-tiny-least-land" in result.stdout
    assert run("demo").exit_code == 2
    again = run("demo", "--force", "--out", "demo-tiny", "--lang", "zh")
    assert again.exit_code == 0 and "接下来" in again.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["demo-tiny"]


def test_an_unknown_demonstration_names_those_that_there_are(run: Run, solver: FakeSolve) -> None:
    """A misspelt name is bad usage, and the right one is offered, in both languages."""
    result = run("demo", "shenzen")
    assert result.exit_code == 2 and "did you mean 'shenzhen'?" in result.stderr
    assert "不是随 hubopt 附带的算例" in run("demo", "shenzen", "--lang", "zh").stderr
    assert solver.calls == []


def test_what_comes_along_goes_by_name_and_says_so(
    run: Run, solver: FakeSolve, quick_pages: None, tmp_path: Path
) -> None:
    """``solve tiny --policy least-land`` works anywhere and names what it took; a folder of one's own comes first."""
    result = run("solve", "tiny", "--policy", "least-land")
    assert result.exit_code == 0, result.stderr
    assert result.stderr.count("taking what comes with hubopt") == 2
    assert solver.calls[0]["policy"] == read_policy(shipped_policies()["least-land"])
    assert (tmp_path / "results" / "tiny-least-land" / "result.json").exists()
    write_instance(tiny(), tmp_path / "tiny", arcs="csv")
    own = run("validate", "tiny")
    assert own.exit_code == 0 and "comes with hubopt" not in own.stderr
    assert run("validate", "no-such-city").exit_code == 2


def test_the_help_says_where_names_count(run: Run) -> None:
    """The help of solve names what comes along; the completion of shells can be had."""
    words = " ".join(run("solve", "--help").stdout.split())
    assert "the name of one that comes with hubopt (tiny, shenzhen) if no such folder exists" in words
    assert "--install-completion" in run("--help").stdout
    assert app._add_completion


def test_the_doctor_finds_this_installation_sound(run: Run) -> None:
    """Here nothing is wrong: code 0, every part told, the solver by what it solved, as JSON too."""
    result = run("doctor", "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0 and told["sound"], told
    states = {part["part"]: part["state"] for part in told["parts"]}
    assert {"installed", "python", "packages", "solver", "cases", "folder", "scratch"} <= {
        part for part, state in states.items() if state == "ok"
    }
    assert set(states) >= {"fonts", "browser", "pdf", "osm", "stochastic"}


@pytest.mark.parametrize(("lang", "mend"), [("en", "install what fits: pip install x"), ("zh", "请安装合适的版本")])
def test_the_doctor_says_how_to_mend(run: Run, monkeypatch: pytest.MonkeyPatch, lang: str, mend: str) -> None:
    """A fault gives code 1 and its mend in the language asked for; what is only absent is no fault."""
    absent = Examined("pdf", "optional", "typst -", "extra-mend", {"command": "pip install 'hubopt[pdf]'"})
    broken = Examined("packages", "wrong", "x 1 (>=2)", "packages-mend", {"command": "pip install x"})
    monkeypatch.setattr(hubopt.doctor, "examine", lambda: [absent])
    assert run("doctor", "--lang", lang).exit_code == 0
    monkeypatch.setattr(hubopt.doctor, "examine", lambda: [absent, broken])
    result = run("doctor", "--lang", lang)
    assert result.exit_code == 1
    assert mend in result.stdout and "hubopt[pdf]" in result.stdout
    assert json.loads(run("doctor", "--json", "--lang", lang).stdout)["wrong"] == 1
