"""What a study shows while it goes on: in a terminal a bar and a line a run, elsewhere a line for each that ends."""

from __future__ import annotations

from typing import Any

from rich.console import Console, Group
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from hubopt.cli.progress import LiveDisplay, amount, percent
from hubopt.cli.speech import say, spoken, word
from hubopt.cli.tabling import status_word
from hubopt.texts import told

_MOST_RUNNING = 12
"""Runs under way that have a line of their own in the terminal."""


class StudyProgress(LiveDisplay):
    """Shows how a study stands: a bar for all of it and a line for each run under way, or a line for each that ends."""

    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
        )
        self._task = self._bar.add_task("", total=None)
        self._running: dict[str, str] = {}

    def __call__(self, now: Any) -> None:
        """Take in how the study stands (:class:`hubopt.study.scenarios.runner.Standing`)."""
        from hubopt.study.scenarios.work import Answer, News

        event = now.event
        over = now.kept + now.done + now.failed
        if event is None:
            self._say(say("cli-study.begins", total=now.total, kept=now.kept, workers=now.workers))
        elif isinstance(event, News):
            phase = word("progress", event.phase.partition(": ")[0])
            self._running[event.name] = say(
                "cli-study.running", name=event.name, phase=phase, seconds=f"{event.seconds:.0f}",
                best=amount(event.incumbent), gap=percent(event.gap),
            )  # fmt: skip
        else:
            self._running.pop(event.name, None)
            place = {"number": over, "total": now.total, "name": event.name}
            if isinstance(event, Answer):
                shown = {"objective": amount(event.objective), "gap": percent(event.gap)}
                status, seconds = status_word(event.status), f"{event.seconds:.1f}"
                self._say(say("cli-study.answer", **place, **shown, status=status, seconds=seconds))
            else:
                self._say(say("cli-study.failure", **place, message=told(event.message, spoken())))
        if self.live is not None:
            workers = say("cli-study.workers", count=now.workers)
            self._bar.update(self._task, completed=over, total=now.total, description=workers)
            lines = [Text(line) for line in list(self._running.values())[:_MOST_RUNNING]]
            self.live.update(Group(self._bar, *lines))

    def _say(self, text: str) -> None:
        self.console.print(text, markup=False)
