from __future__ import annotations

import io

from rich.console import Console

from hubopt.cli.progress import ProgressLine
from tests.cli.test_solve import Moment


def test_plain_lines_tell_news_only() -> None:
    """A plain line appears when phase, best or bound changed and two seconds have passed since the last."""
    console, now = Console(file=io.StringIO(), width=200), [0.0]
    with ProgressLine(console, clock=lambda: now[0]) as progress:
        for second, best in ((0.0, None), (1.0, 5e6), (3.0, 5e6), (9.0, 5e6), (12.0, 4e6)):
            now[0] = second
            progress(Moment("search", best, 3e6, None if best is None else 0.4, second))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert [line.split()[0] for line in lines] == ["0.0", "3.0", "12.0"]
    assert "5,000,000" in lines[1]
    assert "40.00%" in lines[1]


def test_a_terminal_shows_one_live_line() -> None:
    """In a terminal the line is rewritten in place and gone at the end."""
    console = Console(file=io.StringIO(), width=200, force_terminal=True, _environ={})
    with ProgressLine(console) as progress:
        progress(Moment("search", 5e6, 3e6, 0.4, 1.0))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "search" in shown
    assert "\x1b[2K" in shown
