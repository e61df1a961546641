"""Options that the study commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from hubopt.cli.options import finite_if_any

StudyDir = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder of a study that was run.", show_default=False)]
StudyFile = Annotated[Path, typer.Argument(metavar="FILE", help="Study file (TOML).", show_default=False)]
Workers = Annotated[
    int | None, typer.Option(min=0, max=1024, help="Worker processes; none: one a core; 0: none, solve here.")
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="A dask scheduler that runs already, such as tcp://127.0.0.1:8786."),
]
Csv = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the table as CSV.")]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="Write all tables as a spreadsheet.")]
Markdown = Annotated[Path | None, typer.Option(metavar="FILE", help="Write all tables as Markdown.")]
OtherInstance = Annotated[
    Path | None, typer.Option("--instance", metavar="DIR", help="The base instance, if it has been moved since.")
]


Gap = Annotated[float | None, typer.Option(min=0.0, callback=finite_if_any, help="Relative gap at which a run ends.")]
TimeLimit = Annotated[
    float | None, typer.Option(min=0.1, callback=finite_if_any, metavar="SECONDS", help="Longest time of a run.")
]
NodeLimit = Annotated[
    int | None, typer.Option(min=1, metavar="NODES", help="Nodes of branch and bound after which a run ends.")
]


def _notice(kind: str) -> None:
    """Nothing: what is kept is said at the end."""


def given(**options: object) -> dict[str, object]:
    """The options that were given, by name."""
    return {name: value for name, value in options.items() if value is not None}


def watching_workers() -> Any:
    """The watch over memory and signals while workers solve."""
    from hubopt.solve.engine.watchdog import watching

    return watching(None, _notice)
