"""Folder to instance: everything that is wrong in any file is collected first and raised together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hubopt.instance.draft import TOML, Draft
from hubopt.instance.errors import InputError, Problem, nearest, warn
from hubopt.instance.figures import enter_structure
from hubopt.instance.geometry import read_layers
from hubopt.instance.schema import TABLES, Table
from hubopt.instance.tables import UnreadableError, enter, read_csv, read_parquet
from hubopt.instance.text import read_text
from hubopt.instance.trees import toml_of
from hubopt.instance.types import Instance
from hubopt.instance.validate import problems_in


def _file_of(folder: Path, table: Table) -> Path | None:
    """The file that holds ``table``; None if the folder has none.

    Raises
    ------
    UnreadableError
        If two files hold it.
    """
    csv, parquet = folder / f"{table.name}.csv", folder / f"{table.name}.parquet"
    if table.name == "arcs" and parquet.exists():
        if csv.exists():
            raise UnreadableError(Problem(csv.name, f"{parquet.name} is there too", "keep one of the two files"))
        return parquet
    return csv if csv.exists() else None


def _enter_table(draft: Draft, folder: Path, table: Table) -> Iterator[Problem]:
    """Read one table into ``draft``; an optional table without a file is empty."""
    try:
        path = _file_of(folder, table)
        if path is None:
            draft.forget(table)
            if table.required:
                either = " or arcs.parquet" if table.name == "arcs" else ""
                yield Problem(f"{table.name}.csv{either}", "is missing", f"add it: {table.description}")
            else:
                draft.unknown -= {(table.name, column.name) for column in table.columns}
            return
        if path.suffix == ".parquet":
            found = read_parquet(path, table, inside=folder)
        else:
            found, problems = read_csv(path, inside=folder)
            yield from problems
        yield from enter(draft, table, path.name, found)
    except UnreadableError as error:
        draft.forget(table)
        yield error.problem


def _misnamed(folder: Path) -> Iterator[Problem]:
    """CSV files that would be overlooked because their name is nearly that of a table."""
    for path in sorted(folder.glob("*.[cC][sS][vV]")):
        if path.name not in {f"{name}.csv" for name in TABLES} and (meant := nearest(path.stem, TABLES)):
            yield Problem(path.name, "is no table of an instance", f"rename it to {meant}.csv or take it away")


def _read_structure(draft: Draft, folder: Path) -> Iterator[Problem]:
    notes: list[Problem] = []
    text = read_text(folder / TOML, inside=folder, notes=notes)
    yield from notes
    content = text if isinstance(text, Problem) else toml_of(text, TOML)
    if isinstance(content, Problem):
        yield content
    else:
        yield from enter_structure(draft, content)


def read_instance(folder: Path | str, *, geometry: bool = True, notes: list[Problem] | None = None) -> Instance:
    """Read the instance in ``folder``.

    Parameters
    ----------
    folder
        Folder with ``instance.toml``, the tables and perhaps ``geometry/*.geojson``.
    geometry
        Whether to read the map layers too.
    notes
        Where to put what was read in an unusual way (another encoding, a spreadsheet's separators and numbers); None:
        it is told by :class:`~hubopt.instance.errors.InputWarning`.

    Raises
    ------
    InputError
        With every problem in every file: missing files, encodings, columns, cells, keys, references, figures.
    """
    folder = Path(folder)
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise InputError([Problem(str(folder), what, "give the folder of an instance")])
    draft = Draft()
    problems = list(_misnamed(folder))
    for table in TABLES.values():
        problems += _enter_table(draft, folder, table)
    problems += _read_structure(draft, folder)
    problems += problems_in(draft)
    layers = read_layers(folder, problems) if geometry else {}
    wrong = [problem for problem in problems if not problem.warning]
    if wrong or draft.structure is None:
        raise InputError(wrong)
    told = [problem for problem in problems if problem.warning]
    if notes is None:
        warn(told)
    else:
        notes += told
    tables = {name: frame.reset_index(drop=True) for name, frame in draft.tables.items()}
    return Instance(structure=draft.structure, geometry=layers, **tables)
