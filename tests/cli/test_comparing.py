"""The comparison map from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def two(written: Path, instance: Path, tmp_path: Path) -> None:
    """Two results, ``one`` and ``other``, that no longer lie where they remember their instance to be; ``tiny``."""
    shutil.copytree(instance, tmp_path / "tiny")
    for name in ("one", "other"):
        shutil.copytree(written, tmp_path / name)
        record = json.loads((tmp_path / name / "result.json").read_text(encoding="utf-8"))
        (tmp_path / name / "result.json").write_text(json.dumps(record | {"instance_path": "../gone"}))


@pytest.mark.parametrize("instances", [["tiny"], ["tiny", "tiny"]])
def test_compare_draws_a_map(run: Run, two: None, tmp_path: Path, instances: list[str]) -> None:
    """One file with both names; the instance is given once or for each result."""
    given = [part for name in instances for part in ("--instance", name)]
    result = run("compare", "one", "other", "--map", "both.html", "--lang", "zh", *given)
    assert result.exit_code == 0, result.stderr
    page = (tmp_path / "both.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in page and '"name":"other"' in page


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["one", "other", "one"], "takes two"),
        (["one", "other"], "give its folder with --instance"),
        (["one", "other", *["--instance", "tiny"] * 3], "give --instance once for all results"),
    ],
)
def test_compare_says_what_a_map_needs(run: Run, two: None, tmp_path: Path, arguments: list[str], says: str) -> None:
    """Bad usage is code 2 with what to do, and no file is written."""
    result = run("compare", *arguments, "--map", "both.html")
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())
    assert not (tmp_path / "both.html").exists()
