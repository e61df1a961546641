"""The compare command: results side by side in the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from hubopt.cli.exits import out
from hubopt.cli.results import write_whole
from hubopt.cli.speech import say, spoken, word
from hubopt.solution import Solution, read_solution
from hubopt.texts import told


def _named(folders: Sequence[Path]) -> dict[str, Solution]:
    """Results by the shortest name that tells them apart: that of the folder, or its whole path."""
    names = [folder.resolve().name for folder in folders]
    return {
        name if names.count(name) == 1 else str(folder): read_solution(folder)
        for name, folder in zip(names, folders, strict=True)
    }


def run(folders: Sequence[Path], target: Path | None) -> None:
    """Print the comparison of the results in ``folders``; write it to ``target`` as Markdown if given.

    Raises
    ------
    InputError
        If a folder holds no result, or there are fewer than two.
    """
    from hubopt.study.compare import compare, markdown

    comparison = compare(_named(folders))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    table.add_column(say("cli-compare.unit"))
    for name in comparison.names:
        table.add_column(escape(name), justify="right")
    for row in comparison.rows:
        table.add_row(*(escape(told(cell, spoken())) for cell in (row.name, row.unit)), *map(escape, row.cells))
    out.print(table)
    for sets in comparison.sets:
        if sets.level == "station":
            counts = {"everywhere": len(sets.everywhere), "sometimes": len(sets.sometimes)}
            out.print("\n" + say("cli-compare.stations", **counts))
            continue
        separator = say("cli-frame.list")
        everywhere = escape(separator.join(sets.everywhere)) or say("cli-compare.none")
        out.print("\n" + say("cli-compare.everywhere", level=word("node", sets.level), list=everywhere))
        for site, where in sets.sometimes.items():
            out.print(say("cli-compare.sometimes", site=escape(site), list=escape(separator.join(where))))
    if target is not None:
        write_whole(target, markdown(comparison))
