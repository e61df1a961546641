"""The whole way from an instance folder to a checked result, with the real solver, as a user runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import hubopt.solve

ROOT = Path(__file__).resolve().parent.parent.parent
TINY = ROOT / "instances" / "tiny"
SHENZHEN = ROOT / "instances" / "shenzhen"

pytestmark = pytest.mark.skipif(not hasattr(hubopt.solve, "solve"), reason="there is no solver yet")


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


@pytest.mark.slow
@pytest.mark.skipif(not (SHENZHEN / "instance.toml").exists(), reason="there is no large instance")
def test_ctrl_c_saves_the_best_so_far(tmp_path: Path) -> None:
    """Ctrl-C in a long run ends soon with code 130, and the folder holds a result that the checker confirms."""
    command = [sys.executable, "-m", "hubopt", "solve", str(SHENZHEN), "--gap", "0", "--out", "r"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "best" in line and "best               -" not in line:
                break
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=90)
    assert process.returncode == 130, errors
    assert json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8"))["limit"] == "interrupt"
    assert hubopt_command("check", SHENZHEN, "r", cwd=tmp_path).returncode == 0
