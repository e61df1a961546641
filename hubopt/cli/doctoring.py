"""The doctor command: whether the installation is whole, and how to mend what is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hubopt.cli.exits import CHECK_FAILED, DONE, complain, guarded, out
from hubopt.cli.speech import Lang, LangOption, say

if TYPE_CHECKING:
    from hubopt.doctor import Examined

_COLOURS = {"ok": "green", "optional": "yellow", "wrong": "bold red"}


def _mend(item: Examined) -> str:
    return say(f"doctor.{item.mend}", **item.values) if item.mend else ""


def _print(items: Sequence[Examined]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for item in items:
        state = f"[{_COLOURS[item.state]}]{say(f'doctor.{item.state}')}[/]"
        table.add_row(say(f"doctor.part-{item.part}"), state, escape(item.found))
        if item.mend:
            table.add_row("", "", f"[green]{escape(_mend(item))}[/]")
    out.print(table)


def _as_json(items: Sequence[Examined]) -> str:
    rows = [{"part": item.part, "state": item.state, "found": item.found, "mend": _mend(item)} for item in items]
    wrong = sum(item.state == "wrong" for item in items)
    return json.dumps({"sound": not wrong, "wrong": wrong, "parts": rows}, ensure_ascii=False, indent=1)


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    lang: LangOption = Lang.EN,
) -> None:
    """Check the installation: Python, packages, solver, fonts, browser, folders; exit code 1 if anything is wrong.

    What only some commands need, and is not there, is named with its mend, but is no fault.
    """
    with guarded():
        from hubopt.doctor import examine

        items = examine()
        wrong = sum(item.state == "wrong" for item in items)
        if as_json:
            out.print(_as_json(items), markup=False, soft_wrap=True)
        else:
            _print(items)
            if wrong:
                complain(say("doctor.faults-one") if wrong == 1 else say("doctor.faults-many", count=wrong))
            else:
                out.print(say("doctor.sound"))
    raise typer.Exit(CHECK_FAILED if wrong else DONE)
