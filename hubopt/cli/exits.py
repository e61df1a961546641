"""Exit codes, and what becomes of a user's mistake: a list of problems and code 2, never a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.markup import escape

from hubopt.instance import InputError, Problem

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
    err.print(f"[bold red]Error:[/] {escape(message)}")


def print_problems(problems: Sequence[Problem]) -> None:
    """Print problems, those of one file together, each with its place and mend."""
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    count = f"{len(problems)} problems" if len(problems) > 1 else "1 problem"
    complain(f"{count} in the input")
    for file, group in by_file.items():
        err.print(f"\n[bold]{escape(file)}[/]")
        for problem in group:
            place = ", ".join(
                part
                for part in (
                    f"row {problem.row}" if problem.row is not None else "",
                    problem.column or "",
                )
                if part
            )
            shown = "" if problem.value is None else f" {problem.value!r}"
            lead = f"[cyan]{escape(place)}[/]:" if place else " "
            err.print(f"  {lead}{escape(shown)} {escape(problem.message)}; [green]{escape(problem.mend)}[/]")


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
        complain("interrupted; nothing was written")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:  # the reader of a pipe such as `| head` has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(DONE) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror or error}")
        raise typer.Exit(BAD_INPUT) from None
