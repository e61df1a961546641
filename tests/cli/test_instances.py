from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import hubopt
import hubopt.data
from hubopt.instance import InputError, Instance, Problem, sha256, write_instance
from tests.cases import tiny
from tests.cli.conftest import Run


def test_a_sound_instance_is_validated(run: Run, instance: Path) -> None:
    """validate prints the size and the digest: code 0."""
    result = run("validate", instance)
    assert result.exit_code == 0
    assert "3 hub sites, 3 utc sites, 5 station sites, 6 zones" in result.stdout
    assert f"sha256 {sha256(tiny())}" in result.stdout


def test_problems_are_listed_by_file(run: Run, instance: Path) -> None:
    """validate prints every problem on stderr under its file, with row, column, value and mend: code 2."""
    write_instance(tiny(), "case", arcs="csv")
    text = Path("case/demand.csv").read_text(encoding="utf-8")
    Path("case/demand.csv").write_text(text.replace("z1,cold,2025,4", "z9,cold,2025,-4"), encoding="utf-8")
    result = run("validate", "case")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "2 problems" in result.stderr
    assert "row 2, zone: 'z9' is not in zones.csv" in result.stderr
    assert "row 2, t_d: -4.0 is out of range; give a value of at least 0 (t/d)" in result.stderr


@pytest.mark.parametrize("arguments", [[], ["none"], ["a", "b"], ["--fast", "none"]])
def test_validate_asks_for_a_folder(run: Run, arguments: list[str]) -> None:
    """Wrong usage ends with code 2."""
    assert run("validate", *arguments).exit_code == 2


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, Path]]:
    """A stand-in for the data room; gives back its calls."""
    calls: list[tuple[Path, Path]] = []

    def build(recipe: Path, folder: Path, bar: object, drawn: object, *, trusted: bool) -> Instance:
        calls.append((recipe, folder))
        write_instance(tiny(), folder, force=True, extra_files={recipe.name: recipe.read_bytes()})
        return tiny()

    monkeypatch.setattr(hubopt.data, "build", build)
    return calls


def test_a_recipe_is_built(run: Run, builder: list[tuple[Path, Path]]) -> None:
    """data build hands the recipe over and prints what came out."""
    Path("recipe.toml").write_text("")
    result = run("data", "build", "recipe.toml", "--out", "case")
    assert result.exit_code == 0, result.stderr
    assert "6 zones" in result.stdout
    assert run("data", "build", "recipe.toml", "--out", "case").exit_code == 2
    assert run("data", "build", "recipe.toml", "--out", "case", "--force").exit_code == 0
    assert len(builder) == 2


def test_a_recipe_is_built_where_it_lies(run: Run, builder: list[tuple[Path, Path]]) -> None:
    """A recipe inside the output folder asks for its instance to be built there, again and again, without --force."""
    Path("case").mkdir()
    Path("case/recipe.toml").write_text("")
    for _ in range(2):
        assert run("data", "build", "case/recipe.toml", "--out", "case").exit_code == 0
    assert Path("case/recipe.toml").exists()


@pytest.mark.parametrize("arguments", [["none.toml", "--out", "case"], ["recipe.toml"], ["kept", "--out", "case"]])
def test_build_asks_for_recipe_and_output(run: Run, builder: list[tuple[Path, Path]], arguments: list[str]) -> None:
    """A missing recipe, a folder for a recipe or no output end with code 2."""
    Path("recipe.toml").write_text("")
    Path("kept").mkdir()
    assert run("data", "build", *arguments).exit_code == 2
    assert builder == []


def test_the_version_is_printed(run: Run) -> None:
    """--version prints the version of the package."""
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"hubopt {hubopt.__version__}\n")


@pytest.mark.parametrize("arguments", [[], ["unknown"], ["--unknown"], ["data"], ["data", "unknown"]])
def test_unknown_commands_end_with_code_2(run: Run, arguments: list[str]) -> None:
    """No command or an unknown one is bad usage."""
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    "command", [["solve"], ["validate"], ["check"], ["show"], ["map"], ["report"], ["data", "build"]], ids=" ".join
)
def test_every_command_has_help(run: Run, command: list[str]) -> None:
    """--help explains each command."""
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_the_module_runs_too(instance: Path) -> None:
    """``python -m hubopt`` is the same command line, exit codes included."""
    good = subprocess.run([sys.executable, "-m", "hubopt", "validate", instance], capture_output=True, check=False)
    bad = subprocess.run([sys.executable, "-m", "hubopt", "validate", "/none"], capture_output=True, check=False)
    assert (good.returncode, bad.returncode) == (0, 2)
    assert b"Traceback" not in bad.stderr


def test_solve_and_diagnose_say_what_is_doubtful_first(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who does not validate is told of the first slips before the search, and how to see all; in Chinese too."""

    def searched(*_: object, **__: object) -> int:
        raise InputError([Problem("search", "begins here", "look above")])

    monkeypatch.setattr("hubopt.cli.sitting.Sitting.run", searched)
    monkeypatch.setattr("hubopt.diagnose.diagnose", searched)
    case = tiny()
    heavy = case.demand["t_d"].where(~case.demand.index.isin([0, 4, 8, 12]), case.demand["t_d"] * 1000)
    write_instance(case.with_tables(demand=case.demand.assign(t_d=heavy)), tmp_path / "case")
    printed = run("solve", tmp_path / "case", "--out", tmp_path / "result", "--lang", "zh").output
    assert "千克/日" in printed and printed.index("hubopt validate") < printed.index("begins here")
    printed = run("diagnose", tmp_path / "case").output
    assert printed.index("kg/d, not t/d?") < printed.index("begins here")
