"""The compare command: results and studies side by side in the terminal, as Markdown, CSV, spreadsheet and map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from hubopt.cli.exits import out
from hubopt.cli.results import instance_of, write_whole
from hubopt.cli.speech import say, spoken, word
from hubopt.instance import InputError, Problem
from hubopt.solution import Solution, read_solution
from hubopt.texts import told

if TYPE_CHECKING:
    from hubopt.study.scenarios.tables import Table as Tabled


WIDE = 6
"""Results that are printed as columns at most; more get a line each, with the most telling figures only."""

_TELLING = {
    "result", "status", "objective", "objective, more than in the first", "gap", "land", "emission", "demand served",
    "open, hub", "open, utc", "open, station",
}  # fmt: skip


def _parts(folder: Path) -> dict[str, Path]:
    """The folder itself, or the results of the study that lies in it, by name."""
    from hubopt.study.scenarios.layout import RUNS, is_study, read_record

    if not is_study(folder):
        return {"": folder}
    runs = {item.name: folder / RUNS / item.name for item in read_record(folder).scenarios}
    return {name: path for name, path in runs.items() if path.is_dir()}


def results_in(folders: Sequence[Path]) -> dict[str, Path]:
    """Folders of results by the shortest name that tells them apart; those of a study by the names of its scenarios."""
    names = [folder.resolve().name for folder in folders]
    found = {}
    for name, folder in zip(names, folders, strict=True):
        shown = name if names.count(name) == 1 else str(folder)
        for inner, path in _parts(folder).items():
            found[shown if not inner else inner if len(folders) == 1 else f"{shown}/{inner}"] = path
    return found


def _named(folders: Sequence[Path]) -> dict[str, Solution]:
    """Results by their names."""
    return {name: read_solution(folder) for name, folder in results_in(folders).items()}


@dataclass(frozen=True)
class Files:
    """Where the comparison is to be written, as what."""

    markdown: Path | None = None
    csv: Path | None = None
    xlsx: Path | None = None


def run(folders: Sequence[Path], files: Files, instances: Sequence[Path] = ()) -> None:
    """Print the comparison of the results, or studies, in ``folders``; write it to the files that are asked for.

    ``instances``: where their instances lie now, one for all or one for each; none: where the results remember them.

    Raises
    ------
    InputError
        If a folder holds no result, or there are fewer than two.
    """
    from hubopt.cli.tabling import chosen, print_table, write_tables
    from hubopt.study.compare import compare, markdown
    from hubopt.study.side_by_side import results_table, rows_table, sets_table

    solutions = _named(folders)
    comparison = compare(solutions)
    if len(solutions) > WIDE:
        print_table(chosen(results_table(comparison), _TELLING))
    else:
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
    if files.markdown is not None:
        write_whole(files.markdown, markdown(comparison))
    if files.csv is not None or files.xlsx is not None:
        first = rows_table(comparison) if len(solutions) <= WIDE else results_table(comparison)
        tables = [first, sets_table(solutions)]
        if files.xlsx is not None:
            tables += _zones(folders, solutions, instances)
        write_tables(tables, files.csv, files.xlsx, None)


def _zones(folders: Sequence[Path], solutions: Mapping[str, Solution], instances: Sequence[Path]) -> list[Tabled]:
    """Changes by zone against the first result, if the instances are at hand; without them that sheet is left out."""
    from hubopt.cli.sitting import warn
    from hubopt.study.side_by_side import zones_table

    paths = list(results_in(folders).values())
    given: Sequence[Path | None] = (
        instances if len(instances) == len(paths) else [instances[0] if instances else None] * len(paths)
    )
    try:
        sides = [
            (name, instance_of(solution, folder, where), solution)
            for (name, solution), folder, where in zip(solutions.items(), paths, given, strict=True)
            if solution.plan is not None
        ]
    except InputError as error:
        warn(say("cli-compare.no-zones", why=escape(told(error.problems[0].message, spoken()))))
        return []
    return [zones_table(sides)]


def draw(folders: Sequence[Path], target: Path, instances: Sequence[Path], lang: str) -> None:
    """Draw the comparison map of two results into ``target``.

    ``instances``: where their instances lie now, one for all or one for each; none: where the results remember them.

    Raises
    ------
    InputError
        If there are not two results with a plan, or their instances are not of the same places.
    """
    found, count = results_in(folders), sum(len(_parts(folder)) for folder in folders)
    if count != 2:
        message = f"are {count} results, but the comparison map takes two"
        raise InputError([Problem("RESULT", message, "give two results with --map")])
    if len(instances) not in (0, 1, 2):
        message = f"is given {len(instances)} times for 2 results"
        mend = "give --instance once for all results, or once for each in their order"
        raise InputError([Problem("--instance", message, mend)])
    from hubopt.viz.comparison import Side, comparison_map

    given: list[Path | None] = [*instances] * (2 if len(instances) == 1 else 1) or [None, None]
    first, second = (
        Side(name, instance_of(solution, folder, where), solution)
        for (name, solution), folder, where in zip(_named(folders).items(), found.values(), given, strict=True)
    )
    write_whole(target, comparison_map(first, second, lang))
