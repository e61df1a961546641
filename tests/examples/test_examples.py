"""The examples run as they stand and do what they say."""

from __future__ import annotations

import ast
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hubopt
from hubopt.model import CONSTRAINTS

EXAMPLES = sorted((Path(__file__).resolve().parents[2] / "examples").glob("*.py"))
SAYS = {
    "add_a_constraint": "['u-east', 'u-west'] Solution('tiny': ",
    "another_city": "Instance('town': ",
    "compare_two_plans": "| status |  | optimal | optimal |",
    "own_solver_options": "Report(holds, 38,761,035.41 CNY/year)",
    "write_a_policy": "Policy('Little land, dear carbon', ",
}


@pytest.fixture
def own_rules() -> Iterator[None]:
    """The constraints as they were, whatever an example enters."""
    before = dict(CONSTRAINTS)
    yield
    CONSTRAINTS.clear()
    CONSTRAINTS.update(before)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(
    path: Path, own_rules: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run as a script in an empty folder, an example prints what it shows; it is short and says what it is for."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 60 and len(ast.get_docstring(ast.parse(text)) or "") > 80
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(path)])
    runpy.run_path(str(path), run_name="__main__")
    assert SAYS[path.stem] in capsys.readouterr().out
    if path.stem == "another_city":
        town = hubopt.load("town")
        straight = hubopt.load("tiny").arcs.set_index(["leg", "origin", "destination", "mode"])["km"]
        by_road = town.arcs.set_index(["leg", "origin", "destination", "mode"])["km"]
        assert (by_road >= straight.loc[by_road.index] * 0.9).all() and not town.arcs["estimated"].any()
    if path.stem == "compare_two_plans":
        assert (tmp_path / "compared" / "both.html").stat().st_size > 10_000
