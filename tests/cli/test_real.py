"""The whole way from an instance folder to a checked result, with the real solver, as a user runs it."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hubopt.instance import write_instance
from tests.cases import medium_case

ROOT = Path(__file__).resolve().parent.parent.parent
TINY = ROOT / "instances" / "tiny"


def hubopt_command(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hubopt", *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120)


def test_tiny_is_solved_checked_and_shown(tmp_path: Path) -> None:
    """solve proves an optimum, check confirms it from the files alone, show and map read them again."""
    solved = hubopt_command("solve", TINY, "--out", "r", "--time-limit", 60, cwd=tmp_path)
    assert solved.returncode == 0, solved.stderr
    record = json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8"))
    assert record["status"] == "optimal"
    assert record["gap"] <= 0.01
    assert record["objective"] <= 63_752_782
    assert (tmp_path / "r" / "solver.log").stat().st_size > 0
    for arguments in (["check", TINY, "r"], ["show", "r"], ["map", "r", "--lang", "zh"]):
        assert hubopt_command(*arguments, cwd=tmp_path).returncode == 0
    again = hubopt_command("solve", TINY, "--out", "s", "--warm-start", "r", "--gap", 0.05, cwd=tmp_path)
    assert again.returncode == 0, again.stderr


def test_an_impossible_standard_is_infeasible(tmp_path: Path) -> None:
    """A standard that no network can meet ends with code 3, advice and no folder."""
    (tmp_path / "hard.toml").write_text("[targets.utc-access]\nlimit = 0.001\nshare = 1.0\n", encoding="utf-8")
    solved = hubopt_command("solve", TINY, "--policy", "hard.toml", "--out", "r", cwd=tmp_path)
    assert solved.returncode == 3, solved.stderr
    assert "service_targets" in solved.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["hard.toml"]


@pytest.fixture(scope="module")
def medium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an instance that is not soon solved to the end."""
    folder = tmp_path_factory.mktemp("medium") / "medium"
    write_instance(medium_case(), folder)
    return folder


def test_too_little_time_leaves_a_checked_result_or_nothing(medium: Path, tmp_path: Path) -> None:
    """A run with hardly any time ends with a result, or with code 4 and no folder."""
    solved = hubopt_command("solve", medium, "--time-limit", 0.1, "--out", "r", cwd=tmp_path)
    assert solved.returncode in (0, 4), solved.stderr
    assert (tmp_path / "r" / "result.json").exists() == (solved.returncode == 0)
    assert ("--time-limit" in solved.stderr) == (solved.returncode == 4)


@pytest.mark.parametrize("method", ["monolith", "staged"])
def test_ctrl_c_saves_the_best_so_far(medium: Path, tmp_path: Path, method: str) -> None:
    """Ctrl-C in a long run ends soon with code 130, and the folder holds a result that the checker confirms."""
    command = [sys.executable, "-m", "hubopt", "solve", str(medium), "--gap", "0", "--method", method, "--out", "r"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if re.search(r"best +\d", line):
                break
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8"))["limit"] == "interrupt"
    assert hubopt_command("check", medium, "r", cwd=tmp_path).returncode == 0
