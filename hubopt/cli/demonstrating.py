"""The demo command: an instance that comes with hubopt, solved to a map and a report wherever one stands."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from hubopt.cli import solving
from hubopt.cli.exits import DONE, guarded, out
from hubopt.cli.options import Force, Gap, Threads, TimeLimit
from hubopt.cli.speech import Lang, LangOption, say
from hubopt.instance import InputError, Problem
from hubopt.instance.errors import choose_from
from hubopt.instance.shipped import shipped_instances


def _shipped(name: str) -> Path:
    """The folder of the instance that comes with hubopt under ``name``.

    Raises
    ------
    InputError
        If none does.
    """
    known = shipped_instances()
    if name not in known:
        raise InputError([Problem(name, "does not come with hubopt", choose_from(name, known))])
    return known[name]


def _next_steps(name: str, folder: Path) -> list[str]:
    """Commands that go on from the result in ``folder``."""
    other = folder.with_name(f"{folder.name}-least-land")
    return [
        shlex.join(["hubopt", "show", str(folder)]),
        shlex.join(["hubopt", "solve", name, "--policy", "least-land", "--out", str(other)]),
        shlex.join(["hubopt", "compare", str(folder), str(other), "--map", "both.html"]),
    ]


def command(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="An instance that comes with hubopt: tiny takes seconds, shenzhen minutes."
        ),
    ] = "tiny",
    output: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Result folder to write; none: demo-NAME.", show_default=False),
    ] = None,
    gap: Gap = 0.01,
    time_limit: TimeLimit = 300.0,
    threads: Threads = 2,
    force: Force = False,
    lang: LangOption = Lang.EN,
) -> None:
    """Solve an instance that comes with hubopt, here and now: a result folder with map and report, and what to do next.

    Nothing needs to be at hand but hubopt; exit codes are those of solve.
    """
    folder = output or Path(f"demo-{name}")
    with guarded():
        options = solving.Options(
            method="auto",
            gap=gap,
            time_limit=time_limit,
            threads=threads,
            seed=0,
            warm_start=None,
            out=folder,
            force=force,
            lang=lang.value,
            log=None,
        )
        code = solving.run(_shipped(name), None, options)
        if code == DONE:
            out.print("\n" + say("start.next"))
            for step in _next_steps(name, folder):
                out.print(f"  {escape(step)}")
    raise typer.Exit(code)
