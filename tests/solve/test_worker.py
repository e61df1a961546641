"""Solver processes that are handed on, and what a script that solves needs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from hubopt.solve import solve
from hubopt.solve.engine import watchdog, worker
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.run import _is_exact
from tests.cases import tiny
from tests.model.exact import Optimum, solved

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
from hubopt.solve import solve
from tests.cases import tiny

print(solve(tiny(), method="monolith", threads=1).proof.status)
"""


@pytest.fixture(scope="module")
def best() -> Optimum:
    """The tiny city's optimum."""
    return solved(tiny())


def _value(solver: SolverProcess, best: Optimum, threads: int = 1) -> float | None:
    program = best.program
    outcome = solver.run(Job(program.lower, program.upper, program.integer, gap=1e-9, threads=threads))
    assert isinstance(outcome, Outcome)
    assert outcome.reason == "optimal"
    return outcome.objective


def test_an_idle_process_serves_the_next(best: Optimum) -> None:
    """Within a standby the second user has the process of the first, also with another number of threads."""
    with SolverProcess.standby():
        SolverProcess.start_ahead()
        with SolverProcess(best.program) as first:
            pid = first._at.process.pid
            value = _value(first, best)
        with SolverProcess(best.program) as second:
            assert second._at.process.pid == pid
            assert _value(second, best, threads=2) == pytest.approx(value, rel=1e-9)
            assert _value(second, best, threads=1) == pytest.approx(value, rel=1e-9)
            process = second._at.process
    assert not process.is_alive()


def test_a_process_can_be_loaded_before_the_clock_starts(best: Optimum) -> None:
    """It says what loading took it, serves the first user, and is counted in by a watch that came later."""
    with SolverProcess.standby():
        loading = SolverProcess.loaded_ahead()
        assert loading > 0.01
        with watchdog.watching() as watch, SolverProcess(best.program) as solver:
            process = solver._at.process
            assert watch.solvers == {process.pid}
            _value(solver, best)
        assert SolverProcess.loaded_ahead() > 0 and process.is_alive()
    assert not process.is_alive()
    assert SolverProcess.loaded_ahead() == 0


def test_a_process_lost_while_idle_is_replaced(best: Optimum) -> None:
    """One that was killed between two users costs a new start and no more; one at a job is not handed on."""
    with SolverProcess.standby():
        with SolverProcess(best.program) as first:
            value = _value(first, best)
            pid = first._at.process.pid
        os.kill(pid, signal.SIGKILL)
        with SolverProcess(best.program) as second:
            assert _value(second, best) == pytest.approx(value, rel=1e-9)
            busy = second._at.process
            second.submit(Job(best.program.lower, best.program.upper, best.program.integer, gap=0.0))
        assert not busy.is_alive()


def test_a_larger_program_gets_a_process_with_room(best: Optimum, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was started ahead with too little room for points is not taken."""
    monkeypatch.setattr(worker, "AHEAD_COLUMNS", 3)
    with SolverProcess.standby():
        SolverProcess.start_ahead()
        with SolverProcess(best.program) as solver:
            assert solver._at.columns == best.program.columns
            _value(solver, best)


def test_a_script_without_a_guard_solves(tmp_path: Path) -> None:
    """A solver process does not load the script that asked for it: no guard, and nothing is run twice."""
    script = tmp_path / "plain.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert (done.stdout.split(), done.returncode) == (["optimal"], 0), done.stderr


def test_nothing_is_left_of_a_run() -> None:
    """When solve returns, its solver processes are gone."""
    import multiprocessing

    solve(tiny(), method="monolith", threads=1)
    assert not [child for child in multiprocessing.active_children() if child.name == "hubopt-solver"]


def test_an_unknown_method_is_an_error() -> None:
    """The message names the methods."""
    with pytest.raises(ValueError, match="monolith, staged, decompose"):
        solve(tiny(), method="monolit")  # type: ignore[arg-type]


def test_a_point_is_exact_to_the_last_digits(best: Optimum) -> None:
    """The optimum is; with a column next to its limit it is not."""
    assert best.values is not None
    program = best.program
    point = best.values.copy()
    point[program.integer] = point[program.integer].round()
    column = int((program.upper < 1e9).argmax())
    beyond = point.copy()
    beyond[column] = program.upper[column] + 1e-6
    assert not _is_exact(program, beyond)
