"""Exit codes, and what becomes of a user's mistake: a list of problems and code 2, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape

from hubopt.cli.speech import say, spoken
from hubopt.instance import InputError, Problem
from hubopt.texts import told

DONE = 0
CHECK_FAILED = 1
BAD_INPUT = 2
INFEASIBLE = 3
NO_SOLUTION = 4
INTERRUPTED = 130

_WIDTH_OF_FILES = 120
"""Columns of what is not printed to a terminal."""


def _console(*, stderr: bool) -> Console:
    terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, soft_wrap=True, highlight=False, width=None if terminal else _WIDTH_OF_FILES)


out = _console(stderr=False)
"""Where results are printed."""

err = _console(stderr=True)
"""Where problems and progress are printed."""


def complain(message: str) -> None:
    """Print an error message."""
    err.print(f"[bold red]{say('cli-frame.error')}[/] {escape(message)}")


def print_problems(problems: Sequence[Problem]) -> None:
    """Print problems, those of one file together, each with its place and mend."""
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    complain(
        say("cli-frame.problems-one") if len(problems) == 1 else say("cli-frame.problems-many", count=len(problems))
    )
    for file, group in by_file.items():
        err.print(f"\n[bold]{escape(file)}[/]")
        for problem in group:
            row = "" if problem.row is None else say("cli-frame.row", row=problem.row)
            place = say("cli-frame.list").join(part for part in (row, problem.column or "") if part)
            shown = "" if problem.value is None else f" {problem.value!r}"
            lead = say("cli-frame.place", place=f"[cyan]{escape(place)}[/]") if place else " "
            message, mend = (escape(told(text, spoken())) for text in (problem.message, problem.mend))
            err.print(f"  {lead}{escape(shown)} " + say("cli-frame.problem", message=message, mend=f"[green]{mend}[/]"))


@contextmanager
def guarded() -> Iterator[None]:
    """Turn mistakes of the user, unwritable places and Ctrl-C into a message and an exit code.

    Raises
    ------
    typer.Exit
        With the exit code.
    """
    try:
        yield
    except InputError as error:
        print_problems(error.problems)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        complain(say("cli-frame.interrupted"))
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:  # the reader of a pipe such as `| head` has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(DONE) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror or error}")
        raise typer.Exit(BAD_INPUT) from None
