"""Arguments and options that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from hubopt.cli.exits import err
from hubopt.cli.speech import say
from hubopt.instance.shipped import shipped_instances, shipped_policies, shipped_unless_there


def finite_if_any(value: float | None) -> float | None:
    """Refuse an option that is no finite number.

    Raises
    ------
    typer.BadParameter
        If it is infinite or not a number.
    """
    if value is not None and not math.isfinite(value):
        raise typer.BadParameter("give a finite number")
    return value


def finite(value: float) -> float:
    """As :func:`finite_if_any`, of an option that has a value."""
    finite_if_any(value)
    return value


def _told_if_shipped(given: Path, found: Path) -> Path:
    if found != given:
        err.print(escape(say("start.shipped", name=given, path=found)))
    return found


def instance_or_shipped(given: Path | None) -> Path | None:
    """The folder given or, where there is none, that of the instance which comes with hubopt by this name; says so."""
    return None if given is None else _told_if_shipped(given, shipped_unless_there(given, shipped_instances()))


def policy_or_shipped(given: Path | None) -> Path | None:
    """The file given or, where there is none, that of the policy which comes with hubopt by this name; says so."""
    return None if given is None else _told_if_shipped(given, shipped_unless_there(given, shipped_policies()))


InstanceDir = Annotated[
    Path,
    typer.Argument(
        metavar="INSTANCE",
        help="Folder of the instance, or the name of one that comes with hubopt (tiny, shenzhen).",
        callback=instance_or_shipped,
        show_default=False,
    ),
]
PolicyFile = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        metavar="FILE",
        help="Policy file, or the name of a policy that comes with hubopt; none: as the instance stands.",
        callback=policy_or_shipped,
    ),
]
ResultDir = Annotated[Path, typer.Argument(metavar="RESULT", help="Folder of the result.", show_default=False)]
Threads = Annotated[int, typer.Option(min=1, max=1024, help="Threads that the solver may use.")]
Gap = Annotated[
    float, typer.Option(min=0.0, callback=finite, help="Relative gap at which a solution counts as optimal.")
]
TimeLimit = Annotated[float, typer.Option(min=0.1, callback=finite, metavar="SECONDS", help="Time for solving.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the output if it exists.")]
OtherInstance = Annotated[
    Path | None, typer.Option("--instance", metavar="DIR", help="The instance, if it has been moved since.")
]
