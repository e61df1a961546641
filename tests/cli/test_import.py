"""The import command: an instance folder, or the mistake with its place and nothing written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hubopt.cli import app
from hubopt.instance import read_instance
from tests.formats import files


def run(*arguments: object) -> Result:
    """The command line with these arguments."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_published_file_goes_all_the_way(tmp_path: Path) -> None:
    """Imported, validated, solved, checked, shown, drawn and reported; the objective is the largest."""
    path = files.write(tmp_path, "points.txt", files.POINTS)
    instance, result = tmp_path / "points", tmp_path / "result"
    made = run("import", "covering", path, "--maximal", "--out", instance)
    assert made.exit_code == 0, made.output
    assert "written to" in made.output
    assert run("validate", instance).exit_code == 0
    solved = run("solve", instance, "--out", result, "--gap", 0, "--threads", 1)
    assert solved.exit_code == 0, solved.output
    record = json.loads((result / "result.json").read_text())
    assert (record["objective"], record["bound"], record["sense"]) == (pytest.approx(23), pytest.approx(23), "max")
    assert (record["status"], record["gap"]) == ("optimal", pytest.approx(0, abs=1e-9))
    assert "Upper bound" in solved.output
    for command in (("check", instance, result), ("show", result), ("map", result), ("report", result)):
        assert run(*command).exit_code == 0, command
    assert not (result / "facilities.gpkg").exists()


def test_several_files_go_into_folders_of_their_names(tmp_path: Path) -> None:
    """Two files are two instances, each with the id of its file."""
    paths = [files.write(tmp_path, name, files.TWO_STAGES) for name in ("a.txt", "b.txt.gz")]
    assert run("import", "tscflp", *paths, "--out", tmp_path / "all").exit_code == 0
    assert {read_instance(folder).info.id for folder in (tmp_path / "all").iterdir()} == {"a", "b"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["sscfl", "good.txt"], "did you mean 'sscflp'"),
        (["tscflp", "bad.txt"], "ends 1 number too early"),
        (["tscflp", "good.txt", "bad.txt"], "ends 1 number too early"),
        (["tscflp", "good.txt", "--capacity", "3"], "says nothing to the format tscflp"),
        (["tscflp", "good.txt", "bad.txt", "--name", "x"], "is one name for several files"),
        (["tscflp", "good.txt", "good.txt"], "gives two files of one name"),
    ],
)
def test_a_mistake_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    """Exit code 2, the mistake in words, and no folder, not even that of a file without mistakes."""
    monkeypatch.chdir(tmp_path)
    files.write(tmp_path, "good.txt", files.TWO_STAGES)
    files.write(tmp_path, "bad.txt", files.TWO_STAGES[:-2])
    result = run("import", *arguments, "--out", "out")
    assert result.exit_code == 2
    assert says in result.output
    assert not (tmp_path / "out").exists()
