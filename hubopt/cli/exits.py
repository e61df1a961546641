"""Exit codes, and what becomes of a user's mistake: a list of problems and code 2, never a traceback."""

from __future__ import annotations

import os
import re
import select
import shlex
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from hubopt.cli.speech import say, spoken
from hubopt.instance import InputError, InputWarning, Instance, Problem, doubts
from hubopt.texts import told

DONE = 0
CHECK_FAILED = 1
BAD_INPUT = 2
INFEASIBLE = 3
NO_SOLUTION = 4
INTERRUPTED = 130

_FEW = 3
"""Doubts that are printed before an instance is solved; `hubopt validate` prints all."""

_WIDTH_OF_FILES = 120
"""Columns of what is not printed to a terminal."""


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""Characters that move the cursor, change colours or turn the direction of writing; line ends and tabs are none."""


def harmless(text: str) -> str:
    """``text`` with control characters made visible: a name from a file must not command the terminal."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _silence(stream: IO[str]) -> None:
    """Let a stream whose reader has gone lead nowhere, so that what is still to be written fails no more."""
    with suppress(AttributeError, OSError, ValueError), Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


class HarmlessConsole(Console):
    """A console that prints no control character out of a text; its own styles it still may."""

    def render_str(self, text: str, **options: Any) -> Text:
        """The text to print, with its markup, without control characters."""
        return super().render_str(harmless(text), **options)

    def on_broken_pipe(self) -> None:
        """Go on in silence when the reader of what is printed has gone, as `| head` does: a run goes on to its end."""
        self.quiet = True
        _silence(self.file)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    terminal = stream is not None and stream.isatty()  # it is None where the caller has closed it
    return HarmlessConsole(stderr=stderr, soft_wrap=True, highlight=False, width=None if terminal else _WIDTH_OF_FILES)


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
    _print_by_file(by_file)


def print_doubts(found: Sequence[Problem], count: int | None = None) -> None:
    """Print what is implausible or was read in an unusual way; it keeps nobody from going on.

    ``count``: how many there are, if these are only the first.
    """
    by_file: dict[str, list[Problem]] = {}
    for doubt in found:
        by_file.setdefault(doubt.file, []).append(doubt)
    count = len(found) if count is None else count
    err.print(
        f"[bold yellow]{say('cli-frame.doubts-one') if count == 1 else say('cli-frame.doubts-many', count=count)}[/]"
    )
    _print_by_file(by_file)


def print_doubts_of(instance: Instance, folder: Path) -> None:
    """Print the first few things that are doubtful in an instance that is about to be solved, if there are any."""
    found = doubts(instance)
    if not found:
        return
    print_doubts(found[:_FEW], len(found))
    if len(found) > _FEW:
        err.print(escape(say("cli-frame.doubts-all", command=shlex.join(["hubopt", "validate", str(folder)]))))


def _print_by_file(by_file: Mapping[str, Sequence[Problem]]) -> None:
    for file, group in by_file.items():
        err.print(f"\n[bold]{escape(file)}[/]")
        for problem in group:
            row = "" if problem.row is None else say("cli-frame.row", row=problem.row)
            place = say("cli-frame.list").join(part for part in (row, problem.column or "") if part)
            shown = "" if problem.value is None else f" {problem.shown}"
            lead = say("cli-frame.place", place=f"[cyan]{escape(place)}[/]") if place else " "
            message, mend = (escape(told(text, spoken())) for text in (problem.message, problem.mend))
            err.print(f"  {lead}{escape(shown)} " + say("cli-frame.problem", message=message, mend=f"[green]{mend}[/]"))


def _show_warning(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
    """Print a doubt of a reader in a line, and warnings of others as Python does."""
    if issubclass(category, InputWarning):
        err.print(f"[yellow]{say('cli-frame.doubt')}[/] {escape(str(message))}")
    else:
        _PYTHON_SHOWS(message, category, *rest, **more)


_PYTHON_SHOWS = warnings.showwarning


def _reader_gone() -> bool:
    """Whether nobody reads what is printed any more, as after `| head`; a pipe to another process may break as well."""
    if not hasattr(select, "poll"):
        return True
    look = select.poll()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            look.register(stream.fileno(), 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in look.poll(0))


@contextmanager
def guarded() -> Iterator[None]:
    """Turn mistakes of the user, unwritable places and Ctrl-C into a message and an exit code.

    Raises
    ------
    typer.Exit
        With the exit code.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", InputWarning)
            warnings.showwarning = _show_warning
            yield
    except InputError as error:
        print_problems(error.problems)
        raise typer.Exit(BAD_INPUT) from None
    except KeyboardInterrupt:
        complain(say("cli-frame.interrupted"))
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        if not _reader_gone():
            complain(say("cli-frame.lost"))
            raise typer.Exit(CHECK_FAILED) from None
        _silence(sys.stdout)
        raise typer.Exit(DONE) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror or error}")
        raise typer.Exit(BAD_INPUT) from None
