"""The commands explain, land-curve and compare: what they write, exit codes, bad usage."""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hubopt.instance import Policy, write_instance
from hubopt.solution import Solution, write_solution
from hubopt.solve import run as solving
from hubopt.study import prices
from tests.cases import random_case, tiny
from tests.cli.conftest import Run
from tests.plans import no_solution, tiny_solution
from tests.study.conftest import quick

__all__ = ["quick"]


@pytest.fixture
def small(tmp_path: Path, quick: None) -> Path:
    """A small instance ``case`` with its solved result ``r``."""
    case = random_case(0)
    write_instance(case, tmp_path / "case", arcs="csv")
    solution = solving.solve(case, method="monolith", gap=1e-6, time_limit=60, threads=1)
    write_solution(solution, case, tmp_path / "r", instance_path=tmp_path / "case")
    return tmp_path


def test_explain_writes_what_it_prints(run: Run, small: Path) -> None:
    """Limits, standards, alternatives and the price of a family are printed and written with their units."""
    result = run(
        "explain", "case", "r", "--within", "2", "--price-of", "service_targets", "--threads", 1, "--out", "e.json"
    )
    assert result.exit_code == 0, result.stderr
    assert "sites and links fixed, sizes continuous" in result.stdout
    assert "re-solve" in result.stdout
    content = json.loads((small / "e.json").read_text(encoding="utf-8"))
    assert content["limits"]["rows"]
    assert all(row["price_unit"].startswith("CNY/year per ") for row in content["limits"]["rows"])
    assert [item["what"] for item in content["families"]] == ["service_targets"]
    assert {"found", "note", "within", "limit"} <= content["alternatives"].keys()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["case", "r", "--price-of", "luck"], "resilience"),
        (["case", "none"], "none"),
        (["none", "r"], "none"),
        (["case", "r", "--within", "inf"], "finite"),
        (["case", "r", "--out", "no/where.json"], "lies in no folder"),
        (["case"], "RESULT"),
    ],
)
def test_explain_says_what_is_wrong(run: Run, small: Path, arguments: list[str], says: str) -> None:
    """Bad usage is code 2 with a help, and nothing is written."""
    result = run("explain", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.output


def test_explain_refuses_the_result_of_another_instance(run: Run, small: Path, instance: Path) -> None:
    """The digests of instance and result must agree: code 2."""
    result = run("explain", instance, "r")
    assert result.exit_code == 2
    assert "another instance" in result.stderr


def test_the_curve_is_a_table_and_a_page(run: Run, small: Path) -> None:
    """The CSV has the points in order, the page both languages and nothing from a network; nothing is overwritten."""
    result = run("land-curve", "case", "--points", 3, "--threads", 1, "--out", "curve")
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader((small / "curve" / "curve.csv").read_text(encoding="utf-8").splitlines()))
    lands = [float(row["land_ha"]) for row in rows]
    assert rows and lands == sorted(lands)
    page = (small / "curve" / "curve.html").read_text(encoding="utf-8")
    assert "Land against cost" in page and "用地与成本的权衡" in page and page.count("<svg") == 2
    assert not re.search(r"""(src|href)=["']?https?:|url\(https?:""", page)
    assert run("land-curve", "case", "--points", 3, "--out", "curve").exit_code == 2
    assert run("land-curve", "case", "--points", 1, "--out", "other").exit_code == 2


def test_the_curve_needs_limits_on_land(run: Run, small: Path) -> None:
    """A policy that switches them off is refused with code 2."""
    (small / "p.toml").write_text('off = ["land"]\n', encoding="utf-8")
    result = run("land-curve", "case", "--policy", "p.toml", "--out", "curve")
    assert result.exit_code == 2
    assert "land" in result.stderr
    assert not (small / "curve").exists()


@pytest.mark.parametrize(("solution", "code"), [(no_solution("infeasible"), 3), (no_solution("no-solution"), 4)])
def test_without_a_plan_the_curve_has_the_codes_of_solve(
    run: Run, small: Path, monkeypatch: pytest.MonkeyPatch, solution: Solution, code: int
) -> None:
    """Infeasible is 3, nothing found in time is 4."""
    monkeypatch.setattr("hubopt.study.land.solved", lambda *_: solution)
    assert run("land-curve", "case", "--out", "curve").exit_code == code
    assert not (small / "curve").exists()


def test_ctrl_c_writes_nothing(run: Run, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted run ends the command with code 130."""

    def interrupted(*_: object, **__: object) -> Solution:
        raise KeyboardInterrupt

    monkeypatch.setattr(prices, "solved", interrupted)
    result = run("explain", "case", "r", "--alternatives", 0, "--price-of", "land", "--no-standards", "--out", "e.json")
    assert result.exit_code == 130
    assert not (small / "e.json").exists()


def test_compare_prints_and_writes_markdown(run: Run, written: Path, tmp_path: Path) -> None:
    """Two results side by side, by the names of their folders."""
    other = replace(tiny_solution(), policy=Policy(name_en="Other"))
    write_solution(other, tiny(), tmp_path / "other")
    shutil.copytree(written, tmp_path / "one")
    result = run("compare", "one", "other", "--markdown", "table.md")
    assert result.exit_code == 0, result.stderr
    assert "hub in every answer: h-air, h-north" in result.stdout
    text = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert text.startswith("| | unit | one | other |")


@pytest.mark.parametrize("arguments", [[], ["one"], ["one", "none"]])
def test_compare_asks_for_two_results(run: Run, written: Path, tmp_path: Path, arguments: list[str]) -> None:
    """Fewer than two results, or a folder without one, are bad usage: code 2."""
    shutil.copytree(written, tmp_path / "one")
    assert run("compare", *arguments).exit_code == 2
