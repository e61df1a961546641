"""The compare command: results side by side in the terminal, as Markdown and on a map."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from hubopt.cli.exits import out
from hubopt.cli.results import instance_of, write_whole
from hubopt.cli.speech import say, spoken, word
from hubopt.instance import InputError, Problem
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


def draw(folders: Sequence[Path], target: Path, instances: Sequence[Path], lang: str) -> None:
    """Draw the comparison map of two results into ``target``.

    ``instances``: where their instances lie now, one for all or one for each; none: where the results remember them.

    Raises
    ------
    InputError
        If there are not two results with a plan, or their instances are not of the same places.
    """
    if len(folders) != 2:
        message = f"are {len(folders)} results, but the comparison map takes two"
        raise InputError([Problem("RESULT", message, "give two results with --map")])
    if len(instances) not in (0, 1, 2):
        message = f"is given {len(instances)} times for 2 results"
        mend = "give --instance once for all results, or once for each in their order"
        raise InputError([Problem("--instance", message, mend)])
    from hubopt.viz.comparison import Side, comparison_map

    given: list[Path | None] = [*instances] * (2 if len(instances) == 1 else 1) or [None, None]
    first, second = (
        Side(name, instance_of(solution, folder, where), solution)
        for (name, solution), folder, where in zip(_named(folders).items(), folders, given, strict=True)
    )
    write_whole(target, comparison_map(first, second, lang))
