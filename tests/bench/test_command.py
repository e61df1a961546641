"""The bench command: what it says, writes and refuses."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hubopt.cli import app

SHORT = ["bench", "smoke", "--instances", "warehouses-*", "--rivals", "highs", "--time-limit", "20"]


def test_a_short_smoke_run_and_its_continuation(tmp_path: Path) -> None:
    """One drawn case by a rival: printed, written, and not run again by the same command."""
    out = tmp_path / "out"
    first = CliRunner().invoke(app, [*SHORT, "--methods", "highs", "--out", str(out)])
    assert first.exit_code == 0, first.output
    assert "warehouses-16x50  HiGHS  optimal" in first.output
    assert "| HiGHS | 1 | 1 |" in first.output
    table = (out / "table.md").read_text()
    assert "HiGHS" in table and (out / "runs.parquet").exists()
    (kept,) = (out / "runs").iterdir()
    before = kept.stat().st_mtime_ns
    again = CliRunner().invoke(app, [*SHORT, "--methods", "highs", "--out", str(out), "--lang", "zh"])
    assert again.exit_code == 0 and "目标" in again.output
    assert kept.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "is no suite"),
        (["scale", "--sizes", "300x80"], "is no size"),
        (["scale", "--sizes", "0x1x1x1"], "is no size"),
        (["scale", "--seeds", "x"], "is no seed"),
        (["smoke", "--rivals", "gurobi"], "is not known"),
        (["smoke", "--methods", "magic"], "is not known"),
        (["smoke", "--forms", "best"], "is not known"),
        (["orlib"], "give --data DIR"),
        (["orlib", "--data", "no/such/folder"], "is not a folder"),
        (["smoke", "--instances", "none-such"], "no instance is called"),
    ],
)
def test_mistakes_are_said_in_a_sentence(tmp_path: Path, arguments: list[str], said: str) -> None:
    """A wrong word, number or folder is named, with exit code 2, and nothing is run."""
    result = CliRunner().invoke(app, ["bench", *arguments, "--out", str(tmp_path / "out")])
    assert result.exit_code == 2, result.output
    assert said in result.output.replace("\n", " ")
    assert not list((tmp_path / "out").rglob("*.json"))
