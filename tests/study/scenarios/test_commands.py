"""The study commands, and compare on studies: what they print and write, exit codes, bad usage."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from hubopt.cli import app
from hubopt.cli.tabling import STATUS
from hubopt.instance import read_instance
from hubopt.study.scenarios import work
from hubopt.texts import entries
from tests.texts.chinese import CHINESE


def hubopt(*arguments: object) -> Result:
    """Run the command line."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def study(solved: Path, tmp_path: Path) -> Path:
    """A copy of the solved study."""
    shutil.copytree(solved, tmp_path / "s")
    return tmp_path / "s"


def test_a_study_that_is_done_is_shown(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Running it again solves nothing, prints the table and ends with 0; in Chinese too; an option asks anew."""
    monkeypatch.setattr(work, "answer", None)
    result = hubopt("study", "run", study / "small.toml", "--out", study / "out", "--workers", 0)
    assert result.exit_code == 0, result.output
    assert "kept 5, solved 0, failed 0, not run 0" in result.stdout and "more-carbon" in result.stdout
    chinese = hubopt("study", "show", study / "out", "--lang", "zh", "--all")
    assert chinese.exit_code == 0 and "情景" in chinese.stdout and "目标值" in chinese.stdout


def test_the_files_have_the_same_figures(study: Path) -> None:
    """CSV, Markdown and spreadsheet have a line for each scenario; the spreadsheet has a sheet for each table."""
    files = {kind: study / f"t.{kind}" for kind in ("csv", "xlsx", "md")}
    result = hubopt(
        "study", "show", study / "out", "--csv", files["csv"], "--xlsx", files["xlsx"], "--markdown", files["md"]
    )
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(files["csv"].read_text(encoding="utf-8").splitlines()))
    assert [row["scenario"] for row in rows] == ["base", "more", "more-carbon", "dear", "tight"]
    book = openpyxl.load_workbook(files["xlsx"], read_only=True)
    assert book.sheetnames == ["scenarios", "sites", "zones", "changes", "runs"]
    heading, first = list(book["scenarios"].iter_rows(values_only=True))[:2]
    at = heading.index("objective (CNY M/year)")
    assert float(rows[0]["objective (CNY M/year)"]) == pytest.approx(first[at])
    assert files["md"].read_text(encoding="utf-8").count("| base |") >= 1
    assert hubopt("study", "show", study / "out", "--csv", study / "no/where.csv").exit_code == 2


def test_sql_and_robust_sites(study: Path) -> None:
    """A query prints or writes its answer; robust sites are listed without solving anything."""
    sql = "SELECT scenario FROM runs ORDER BY scenario LIMIT 2"
    assert hubopt("study", "query", study / "out", sql).stdout.split() == ["scenario", "base", "dear"]
    assert hubopt("study", "query", study / "out", sql, "--csv", study / "q.csv").exit_code == 0
    assert (study / "q.csv").read_text(encoding="utf-8") == "scenario\nbase\ndear\n"
    assert hubopt("study", "query", study / "out", "DROP TABLE runs").exit_code == 2
    result = hubopt("study", "robust", study / "out", "--csv", study / "r.csv")
    assert result.exit_code == 0 and "no-regret hub, in all 5 plans" in result.stdout
    assert hubopt("study", "robust", study / "out", "--site", "nowhere", "--workers", 0).exit_code == 2


def test_the_map_asks_for_no_network(study: Path) -> None:
    """The map holds both languages and every site, and nothing that it would have to fetch."""
    result = hubopt("study", "map", study / "out")
    assert result.exit_code == 0, result.output
    page = (study / "out/map.html").read_text(encoding="utf-8")
    data = json.loads(re.findall(r'<script type="application/json" id="frequency">(.*?)</script>', page, re.S)[0])
    assert CHINESE.search(data["texts"]["zh"]["frequency.title"]) and data["plans"] == 5
    assert len(data["sites"]) == len(read_instance(study / "case").sites)
    outside = re.sub("<script.*?</script>", "", page, flags=re.S)
    assert not re.search(r"""(src|href)=["']?https?:|url\(https?:""", outside)


def test_compare_takes_studies(study: Path) -> None:
    """A study counts as its results; CSV and spreadsheet have sites and changes by zone."""
    result = hubopt("compare", study / "out", "--csv", study / "c.csv", "--xlsx", study / "c.xlsx")
    assert result.exit_code == 0, result.output
    assert "hub in every answer" in result.stdout
    book = openpyxl.load_workbook(study / "c.xlsx", read_only=True)
    assert book.sheetnames == ["comparison", "sites", "zones"]
    two = hubopt("compare", study / "out/runs/base", study / "out/runs/more", "--map", study / "m.html")
    assert two.exit_code == 0 and (study / "m.html").is_file()
    assert hubopt("compare", study / "out", "--map", study / "n.html").exit_code == 2


@pytest.mark.parametrize(
    "arguments", [["show", "."], ["query", ".", "SELECT 1"], ["robust", "."], ["map", "."], ["run", "no.toml"], ["run"]]
)
def test_bad_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    """A folder without a study, or a file that is not there, is code 2 without a traceback."""
    monkeypatch.chdir(tmp_path)
    result = hubopt("study", *arguments)
    assert result.exit_code == 2 and "Traceback" not in result.output


def test_mistakes_are_told_in_full(study: Path) -> None:
    """Validate ends with 2 and names place, value and mend; a sound file is listed with its starts."""
    path = study / "small.toml"
    assert "more-carbon" in hubopt("study", "validate", path).stdout
    path.write_text(path.read_text("utf-8").replace("demand.all", "demand.al"), encoding="utf-8")
    result = hubopt("study", "validate", path)
    assert (
        result.exit_code == 2 and "scenarios.more.demand.al" in result.stderr and "did you mean 'all'" in result.stderr
    )


def test_every_way_to_end_has_a_word() -> None:
    """Each status of a run has a short word in both languages."""
    assert set(STATUS.values()) <= set(entries())


def test_validate_says_once_what_holds_in_all(tmp_path: Path, tiny_folder: Path) -> None:
    """Phases are told leaf by leaf, once for all scenarios that have them; each line has what is its own."""
    path = tmp_path / "study.toml"
    path.write_text(
        f'name_en = "S"\ninstance = "{tiny_folder}"\n[scenarios.base]\n'
        '[[scenarios.base.policy.phases]]\nid = "late"\nyear = 2035\ndemand_factor = 1.2\n'
        '[scenarios.shut]\nbased_on = "base"\nclosed_gateways = ["port"]\n',
        encoding="utf-8",
    )
    result = hubopt("study", "validate", path)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "in all: policy.phases.late.demand_factor = 1.2, policy.phases.late.year = 2035"
    assert any(line.startswith("base  no change") for line in lines)
    assert any(line.startswith("shut  gateways.port = closed") for line in lines)
