"""How a command ends when what it works with, or who reads what it prints, goes away."""

from __future__ import annotations

import io
import multiprocessing
import os
from pathlib import Path
from typing import get_args

import pytest
import typer

from hubopt.cli import exits
from hubopt.solve.engine import worker
from hubopt.solve.run import Method
from tests.cli.conftest import Run


class _Forking:
    """The module ``multiprocessing``, whose processes start as forks: in no time."""

    def __getattr__(self, name: str) -> object:
        return getattr(multiprocessing, name)

    def get_context(self, _: str) -> object:
        return multiprocessing.get_context("fork")


def _broken() -> io.TextIOWrapper:
    """A stream into a pipe whose reader has gone."""
    read, write = os.pipe()
    os.close(read)
    return os.fdopen(write, "w", encoding="utf-8")


def _dies(*_: object) -> None:
    os._exit(3)


@pytest.mark.parametrize("method", get_args(Method))
def test_solver_processes_that_die_at_start_are_told(
    run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """Whenever they are started, they die: the run ends with a message and code 1, and writes no result."""
    monkeypatch.setattr(worker, "multiprocessing", _Forking())
    monkeypatch.setattr(worker, "serve", _dies)
    result = run("solve", str(instance), "--out", "out", "--method", method, "--time-limit", "60")
    assert result.exit_code == exits.CHECK_FAILED, result.stderr
    assert "Error" in result.stderr
    assert not Path("out").exists()


def test_a_broken_pipe_to_a_process_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Only a reader of what is printed may go away: another pipe that breaks is told, with code 1."""
    with pytest.raises(typer.Exit) as ended, exits.guarded():
        raise BrokenPipeError
    assert ended.value.exit_code == exits.CHECK_FAILED


def test_a_reader_that_goes_away_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """After `| head` has gone a command goes on to its end and prints no more."""
    with _broken() as gone:
        monkeypatch.setattr("sys.stdout", gone)
        console = exits.HarmlessConsole()
        for _ in range(3):
            console.print("figures")
        assert console.quiet
    with _broken() as gone:
        monkeypatch.setattr("sys.stdout", gone)
        with pytest.raises(typer.Exit) as ended, exits.guarded():
            raise BrokenPipeError
    assert ended.value.exit_code == exits.DONE


def test_closed_streams_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that has closed stdout and stderr, as some daemons do, gets the work done in silence."""
    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stderr", None)
    for stderr in (False, True):
        exits._console(stderr=stderr).print("figures")
    with pytest.raises(typer.Exit) as ended, exits.guarded():
        raise BrokenPipeError
    assert ended.value.exit_code == exits.CHECK_FAILED
