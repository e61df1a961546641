"""The compare command: results side by side in the terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.markup import escape
from rich.table import Table

from hubopt.cli.exits import out
from hubopt.cli.results import write_whole
from hubopt.solution import Solution, read_solution


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
    table.add_column("unit")
    for name in comparison.names:
        table.add_column(escape(name), justify="right")
    for row in comparison.rows:
        table.add_row(row.name, row.unit, *map(escape, row.cells))
    out.print(table)
    for sets in comparison.sets:
        if sets.level == "station":
            out.print(f"\nstation: {len(sets.everywhere)} sites in every answer, {len(sets.sometimes)} only in some")
            continue
        out.print(f"\n{sets.level} in every answer: {escape(', '.join(sets.everywhere)) or 'none'}")
        for site, where in sets.sometimes.items():
            out.print(f"  only in some: {escape(site)} ({escape(', '.join(where))})")
    if target is not None:
        write_whole(target, markdown(comparison))
