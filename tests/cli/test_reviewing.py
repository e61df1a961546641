"""The review command and solving with decisions: what they write, say, refuse, and keep for later runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hubopt.solution import read_solution
from hubopt.solve import monolith
from hubopt.solve import run as solving
from hubopt.study import base as study
from hubopt.study import site_prices as pricing
from tests.cli.conftest import FakeSolve, Run
from tests.study.here import AnswersHere


@pytest.fixture
def result(written: Path, instance: Path, tmp_path: Path) -> Path:
    """A copy of a result for ``tiny`` that may be written to."""
    shutil.copytree(written, tmp_path / "r")
    shutil.copytree(instance, tmp_path / "tiny")
    record = json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8"))
    record["instance_path"] = "../tiny"
    (tmp_path / "r" / "result.json").write_text(json.dumps(record), encoding="utf-8")
    return tmp_path / "r"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Solve where the test stands."""
    for module in (monolith, solving, study, pricing):
        monkeypatch.setattr(module, "SolverProcess", AnswersHere)


def test_the_page_is_written_without_prices(run: Run, result: Path) -> None:
    """By default review.html in the result folder, and a word on how to get prices; elsewhere if asked."""
    done = run("review", result)
    assert done.exit_code == 0, done.output
    assert (result / "review.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert "--prices" in done.output and not (result / "site_prices.json").exists()
    assert run("review", result, "--out", "x.html", "--lang", "zh").exit_code == 0
    assert 'lang="zh-CN"' in Path("x.html").read_text(encoding="utf-8")


def test_prices_are_computed_kept_and_used(run: Run, result: Path, here: None) -> None:
    """--prices writes them beside the result; later pages hold them, and a run of its own replaces one of them."""
    done = run("review", result, "--prices")
    assert done.exit_code == 0, done.output
    first = json.loads((result / "site_prices.json").read_text(encoding="utf-8"))
    assert len(first["sites"]) == first["asked"] > 5 and {item["kind"] for item in first["sites"]} == {"rest-stays"}
    assert '"priced":true' in (result / "review.html").read_text(encoding="utf-8")
    done = run("review", result, "--price-site", "u-east", "--gap", 1e-6, "--threads", 1)
    assert done.exit_code == 0 and "u-east: forcing it costs between" in done.output, done.output
    second = json.loads((result / "site_prices.json").read_text(encoding="utf-8"))
    (found,) = [item for item in second["sites"] if item["site"] == "u-east"]
    assert found["kind"] == "re-solve" and found["least"] <= found["most"]
    assert len(second["sites"]) == len(first["sites"])
    assert run("check", result.parent / "tiny", result).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["review", "none"], "none"),
        (["review", "r", "--price-site", "u-wets"], "u-west"),
        (["review", "r", "--out", "no/where.html"], "lies in no folder"),
        (["review", "r", "--instance", "gone"], "no longer at gone"),
        (["review", "r", "--time-limit", "0"], "0.1"),
    ],
)
def test_mistakes_are_named(run: Run, result: Path, arguments: list[str], says: str) -> None:
    """Exit code 2, the mistake and its mend, and nothing written."""
    done = run(*arguments)
    assert done.exit_code == 2 and says in done.output, done.output
    assert not (result / "review.html").exists()


def test_prices_of_another_result_are_refused(run: Run, result: Path) -> None:
    """A price file that does not belong to the result is named, not shown."""
    prices = {"format": 1, "instance_sha256": "0" * 64, "objective": 1.0, "bound": None}
    (result / "site_prices.json").write_text(json.dumps(prices), encoding="utf-8")
    done = run("review", result)
    assert done.exit_code == 2 and "belongs to another result" in done.output


def test_decisions_reach_the_solver_and_the_result(
    run: Run, instance: Path, solver: FakeSolve, quick_pages: None, tmp_path: Path
) -> None:
    """Accepted sites are forced in and rejected ones out; the counts are said and the file names the folder."""
    marks = "site_id,mark,instance_sha256\nu-mid,accept,\nh-air,reject,abc\nu-west,question,\n"
    Path("march.csv").write_bytes(b"\xef\xbb\xbf" + marks.encode())
    done = run("solve", instance, "--decisions", "march.csv")
    policy = solver.calls[0]["policy"]
    assert policy.force_open == ("u-mid",) and policy.force_closed == ("h-air",), done.output
    assert "1 sites forced in, 1 forced out; 1 questions" in done.output
    assert "another version of this instance" in done.output


def test_bad_decisions_stop_before_the_solve(run: Run, instance: Path, solver: FakeSolve) -> None:
    """Every mistake of the file is listed, exit code 2, and nothing is solved."""
    Path("march.csv").write_text("site_id,mark\nu-wets,accept\nu-mid,accept\nu-mid,reject\n", encoding="utf-8")
    done = run("solve", instance, "--decisions", "march.csv")
    assert done.exit_code == 2 and solver.calls == []
    assert "2 problems" in done.output
    assert "u-west" in done.output and "row 4" in done.output and "agree on one" in done.output
    done = run("solve", instance, "--decisions", "march.csv", "--lang", "zh")
    assert "而第 3 行同意" in done.output


def test_a_repeated_run_needs_no_decisions(run: Run, instance: Path, here: None, quick_pages: None) -> None:
    """What the decisions asked is in the result's policy: the result checks, and its policy alone solves the same."""
    Path("march.csv").write_text("site_id,mark\nu-mid,reject\n", encoding="utf-8")
    done = run("solve", instance, "--decisions", "march.csv", "--out", "a", "--gap", 1e-6, "--threads", 1)
    assert done.exit_code == 0, done.output
    assert run("check", instance, "a").exit_code == 0
    done = run("solve", instance, "--policy", "a/policy.toml", "--out", "b", "--gap", 1e-6, "--threads", 1)
    assert done.exit_code == 0, done.output
    first, second = read_solution(Path("a")), read_solution(Path("b"))
    assert first.policy == second.policy and first.plan == second.plan
    assert "u-mid" not in set(first.plan.facilities["site"])  # type: ignore[union-attr]
