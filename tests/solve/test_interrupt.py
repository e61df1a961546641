"""Ctrl-C in the middle of a run, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hubopt.check import check
from hubopt.instance import Policy, read_instance, write_instance
from hubopt.solution import read_solution
from tests.solve.medium import medium

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
from pathlib import Path
from hubopt.solution import write_solution
from hubopt.solve import solve
from tests.solve.medium import medium

def say(progress):
    if progress.incumbent is not None and progress.phase in ("branch and bound", "search"):
        print("best", progress.incumbent, flush=True)

if __name__ == "__main__":
    solution = solve(medium(), method=sys.argv[1], gap=0, time_limit=120, progress=say)
    write_solution(solution, medium(), Path(sys.argv[2]))
"""


def interrupted(command: list[str], cwd: Path, watched: str) -> tuple[int, str, str]:
    """Run a command, send it SIGINT once it has reported a plan, and give back its code and the rest of its output."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process:  # fmt: skip
        watchdog = threading.Timer(90, process.kill)
        watchdog.start()
        stream = process.stdout if watched == "stdout" else process.stderr
        assert stream is not None
        for line in stream:
            if "best" in line and "best               -" not in line:
                break
        # as a terminal does: to every process of the group
        os.killpg(process.pid, signal.SIGINT)
        out, errors = process.communicate()
        watchdog.cancel()
    return process.returncode, out, errors


@pytest.mark.slow
@pytest.mark.parametrize("method", ["monolith", "staged"])
def test_ctrl_c_gives_back_the_best_plan(method: str, tmp_path: Path) -> None:
    """solve does not raise: it returns the best plan so far, checked, with the limit "interrupt"."""
    script = tmp_path / "program.py"
    script.write_text(PROGRAM, encoding="utf-8")
    code, _, errors = interrupted([sys.executable, str(script), method, "result"], tmp_path, "stdout")
    assert code == 0, errors
    assert "Traceback" not in errors
    solution = read_solution(tmp_path / "result")
    assert solution.proof.limit == "interrupt"
    assert solution.proof.status == "feasible"
    assert solution.proof.seconds["total"] < 60
    assert solution.plan is not None
    report = check(medium(), Policy(), solution.plan, objective=solution.proof.objective)
    assert report.ok, report.findings


@pytest.mark.slow
def test_ctrl_c_at_the_command_line_leaves_a_whole_result(tmp_path: Path) -> None:
    """The command line ends with 130 and writes every file of a result, which the checker confirms."""
    write_instance(medium(), tmp_path / "city")
    command = [sys.executable, "-m", "hubopt", "solve", "city", "--out", "result", "--gap", "0", "--method", "staged"]
    code, _, errors = interrupted(command, tmp_path, "stderr")
    assert code == 130, errors
    assert "Traceback" not in errors
    names = {path.name for path in (tmp_path / "result").iterdir()}
    assert names >= {
        "result.json", "facilities.csv", "assignments.parquet", "flows.parquet", "facilities.gpkg", "map.html",
        "report.html", "solver.log", "policy.toml",
    }  # fmt: skip
    assert json.loads((tmp_path / "result" / "result.json").read_text(encoding="utf-8"))["limit"] == "interrupt"
    solution = read_solution(tmp_path / "result")
    assert solution.plan is not None
    assert check(read_instance(tmp_path / "city"), Policy(), solution.plan).ok
