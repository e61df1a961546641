"""A progress bar for travel matrices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from hubopt.data.travel.matrix import Progress


@contextmanager
def bar(text: str, console: Console | None = None) -> Iterator[Progress]:
    """A bar on the console that goes away when it is done; silent where there is no terminal."""
    shown = console or Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=shown, transient=True, disable=not shown.is_terminal) as bars:
        task = bars.add_task(text, total=None)

        def tell(done: int, total: int) -> None:
            bars.update(task, completed=done, total=total)

        yield tell
