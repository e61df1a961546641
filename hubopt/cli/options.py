"""Arguments and options that several commands share."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer


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


InstanceDir = Annotated[Path, typer.Argument(metavar="INSTANCE", help="Folder of the instance.", show_default=False)]
ResultDir = Annotated[Path, typer.Argument(metavar="RESULT", help="Folder of the result.", show_default=False)]
Threads = Annotated[int, typer.Option(min=1, max=1024, help="Threads that the solver may use.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the output if it exists.")]
OtherInstance = Annotated[
    Path | None, typer.Option("--instance", metavar="DIR", help="The instance, if it has been moved since.")
]
