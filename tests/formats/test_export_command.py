"""The export command: what it writes, what it refuses, and that nothing half-written stays behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hubopt.cli import app
from hubopt.formats.exports import workbook
from hubopt.instance import write_instance
from hubopt.solution import write_solution
from tests.cases import tiny
from tests.formats.export_cases import on_a_map
from tests.plans import no_solution, tiny_solution


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the instance ``tiny`` and its result ``r``, in which the commands run."""
    monkeypatch.chdir(tmp_path)
    write_instance(on_a_map().instance, "tiny", arcs="csv")
    write_solution(tiny_solution(), tiny(), "r", instance_path="tiny")
    return tmp_path


def export(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


@pytest.mark.parametrize("format", ["xlsx", "gpkg", "geojson", "gmns", "mps"])
def test_each_format_is_written_and_not_overwritten(place: Path, format: str) -> None:
    """Every format is written; a second time it is refused with code 2 and left as it is, unless --force is given."""
    target = place / f"out.{format}"
    first = export("r", "--format", format, "--out", target)
    assert first.exit_code == 0, first.stderr
    assert f"written to {target}" in first.stdout.replace("\n", "")

    def content() -> dict[str, bytes]:
        files = [target] if target.is_file() else sorted(target.iterdir())
        return {path.name: path.read_bytes() for path in files}

    before = content()
    second = export("r", "--format", format, "--out", target)
    assert second.exit_code == 2 and "exists already" in second.stderr
    assert content() == before
    assert export("r", "--format", format, "--out", target, "--force").exit_code == 0
    assert content() == before  # the same result gives the same files
    assert {path.name for path in place.iterdir()} == {"tiny", "r", target.name}


def test_the_program_of_an_instance_under_a_policy(place: Path) -> None:
    """mps and lp need no result; a policy changes what is written."""
    (place / "p.toml").write_text('off = ["service_targets"]\n', encoding="utf-8")
    assert export("tiny", "--format", "lp", "--out", "a.lp").exit_code == 0
    result = export("tiny", "--format", "lp", "--out", "b.lp", "--policy", "p.toml", "--lang", "zh")
    assert result.exit_code == 0 and "目标值单位为元/年" in result.stdout
    assert (place / "a.lp").stat().st_size > (place / "b.lp").stat().st_size


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["tiny", "--format", "xlsx", "--out", "x.xlsx"], "solve it first"),
        (["r", "--format", "mps", "--out", "x.mps", "--policy", "p.toml"], "policy of its own"),
        (["r", "--format", "xlsx", "--out", "x.xlsx", "--policy", "p.toml"], "has no meaning"),
        (["r", "--format", "xlsx", "--out", "none/x.xlsx"], "lies in no folder"),
        (["r", "--format", "xlsx", "--out", "tiny"], "is a folder"),
        (["r", "--format", "gmns", "--out", "tiny", "--force"], "not replaced"),
        (["none", "--format", "geojson", "--out", "x.geojson"], "does not exist"),
        (["empty", "--format", "gpkg", "--out", "x.gpkg"], "holds no plan"),
        (["r", "--format", "dwg", "--out", "x.dwg"], "dwg"),
        (["r", "--format", "xlsx"], "--out"),
    ],
)
def test_bad_usage_writes_nothing(place: Path, arguments: list[str], says: str) -> None:
    """Each mistake is code 2 with a help, and leaves no file."""
    write_solution(no_solution("infeasible"), tiny(), "empty", instance_path="tiny")
    before = sorted(place.rglob("*"))
    result = export(*arguments)
    assert result.exit_code == 2 and says in result.stderr
    assert sorted(place.rglob("*")) == before


def test_a_failure_half_way_leaves_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If writing breaks off, the file of before is untouched and no temporary one stays."""
    (place / "x.xlsx").write_bytes(b"before")

    def breaks(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workbook, "_write_sheet", breaks)
    result = export("r", "--format", "xlsx", "--out", "x.xlsx", "--force")
    assert result.exit_code == 2 and "No space left" in result.stderr
    assert (place / "x.xlsx").read_bytes() == b"before"
    assert {path.name for path in place.iterdir()} == {"tiny", "r", "x.xlsx"}


def test_the_language_comes_from_the_option_or_the_environment(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--lang, else HUBOPT_LANG, else English; an unknown language is refused; one run does not colour the next."""
    assert "Instance" in CliRunner().invoke(app, ["show", "r"]).stdout
    assert "算例" in CliRunner().invoke(app, ["show", "r", "--lang", "zh"]).stdout
    assert "Instance" in CliRunner().invoke(app, ["show", "r"]).stdout
    monkeypatch.setenv("HUBOPT_LANG", "zh")
    chinese = CliRunner().invoke(app, ["validate", "none"])
    assert chinese.exit_code == 2 and "不存在；请给出算例文件夹" in chinese.stderr
    assert "Instance" in CliRunner().invoke(app, ["show", "r", "--lang", "en"]).stdout
    assert export("r", "--format", "geojson", "--out", "x.geojson").exit_code == 0
    assert json.loads((place / "x.geojson").read_text(encoding="utf-8"))["name"].endswith("网络规划方案")
    monkeypatch.setenv("HUBOPT_LANG", "fr")
    refused = CliRunner().invoke(app, ["show", "r"])
    assert refused.exit_code == 2 and "fr" in refused.stderr
