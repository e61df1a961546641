"""Result folder to solution; everything that is damaged in it is named at once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from pydantic import ValidationError

from hubopt.instance.draft import Draft
from hubopt.instance.errors import InputError, Problem, problems_of, warn
from hubopt.instance.listing import one_of
from hubopt.instance.schema import Table
from hubopt.instance.tables import UnreadableError, enter, read_csv, read_parquet
from hubopt.instance.text import read_text
from hubopt.instance.trees import json_of
from hubopt.solution.duals import DUAL_FILES, DUALS, SPLITS, Duals, of_frames, orphans, unknown
from hubopt.solution.record import FORMAT, ResultRecord, solution_of
from hubopt.solution.schema import PLAN_FILES
from hubopt.solution.types import Plan, Solution
from hubopt.solution.write import RESULT

_MEND = "solve again, or restore the folder from a copy"


def _other_layout(content: object) -> Problem | None:
    """The problem of a folder that an older or newer hubopt wrote; None if the layout is the one read here."""
    layout = content.get("format") if isinstance(content, dict) else None
    if layout == FORMAT or not isinstance(layout, int) or isinstance(layout, bool):
        return None
    if layout < FORMAT:
        message, mend = "has the layout of an earlier hubopt", "solve again with this version"
    else:
        message, mend = "has the layout of a later hubopt", "read it with that version, or solve again with this one"
    return Problem(RESULT, message, f"{mend} (which reads layout {FORMAT})", column="format", value=layout)


def _read_record(folder: Path) -> ResultRecord | list[Problem]:
    text = read_text(folder / RESULT, inside=folder)
    content = text if isinstance(text, Problem) else json_of(text, RESULT, _MEND)
    if isinstance(content, Problem):
        return [content]
    if other := _other_layout(content):  # then nothing else in the folder needs to be looked at
        raise InputError([other])
    try:
        return ResultRecord.model_validate(content)
    except ValidationError as error:
        return problems_of(error, RESULT)


def _read_table(folder: Path, file: str, table: Table, problems: list[Problem]) -> pd.DataFrame | None:
    draft = Draft()
    try:
        if file.endswith(".csv"):
            found, ragged = read_csv(folder / file, inside=folder)
            problems += ragged
        else:
            found = read_parquet(folder / file, table, inside=folder)
    except UnreadableError as error:
        problems.append(error.problem)
        return None
    problems += enter(draft, table, file, found)
    rows = draft.tables[table.name]
    for column in table.columns:
        if column.choices and draft.knows(table.name, column.name):
            wrong = ~rows[column.name].isin(column.choices) & (rows[column.name] != "")
            message = "is not one of the choices"
            problems += draft.complain(table.name, column.name, wrong, message, one_of(column.choices))
    again = rows.duplicated(list(table.key))
    problems += draft.complain(table.name, table.key[-1], again, "repeats the key of an earlier row", _MEND)
    return rows.reset_index(drop=True)


def _read_plan(folder: Path, problems: list[Problem]) -> Plan | None:
    """The plan in ``folder``; None, with problems, if one of its tables could not be read."""
    tables = {
        table.name: _read_table(folder, file, table, problems)
        for file, table in PLAN_FILES.items()
        if table.required or (folder / file).exists()
    }
    sound = {name: table for name, table in tables.items() if table is not None}
    return Plan(**sound) if len(sound) == len(tables) else None


def _folder(folder: Path) -> Path:
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise InputError([Problem(str(folder), what, "give the folder of a result")])
    return folder


def read_solution(folder: Path | str) -> Solution:
    """Read the result in ``folder``.

    Raises
    ------
    InputError
        With every problem in ``result.json`` and the tables, or if the folder holds no result.
    """
    folder = _folder(Path(folder))
    record = _read_record(folder)
    problems = record if isinstance(record, list) else []
    ended_without = isinstance(record, ResultRecord) and record.status not in ("optimal", "feasible")
    plan = None
    if not ended_without or any((folder / file).exists() for file in PLAN_FILES):
        plan = _read_plan(folder, problems)
    wrong = [problem for problem in problems if not problem.warning]
    if wrong or isinstance(record, list):
        raise InputError(wrong)
    warn(problem for problem in problems if problem.warning)
    return solution_of(record, plan)


def read_duals(folder: Path | str) -> Duals | None:
    """The duals beside the result in ``folder``; None if it has none.

    Raises
    ------
    InputError
        With every problem in their files, or if one of these is missing.
    """
    folder = _folder(Path(folder))
    if not any((folder / file).exists() for file in DUAL_FILES):
        return None
    problems: list[Problem] = []
    tables = {table.name: _read_table(folder, file, table, problems) for file, table in DUAL_FILES.items()}
    splits, duals = tables[SPLITS.name], tables[DUALS.name]
    if splits is not None and duals is not None and not problems:
        mend = "solve again, or remove splits.csv and duals.parquet"
        problems += [
            Problem("splits.csv", "comes from no part that falls in two", mend, value=part)
            for part in orphans(splits["part"])
        ]
        if not problems:
            problems += [
                Problem("duals.parquet", "is none of the parts that all plans fall into", mend, value=part)
                for part in unknown(duals["part"].unique(), splits["part"])
            ]
    if wrong := [problem for problem in problems if not problem.warning]:
        raise InputError(wrong)
    assert splits is not None and duals is not None
    return of_frames(splits, duals)


def instance_folder(folder: Path | str) -> Path | None:
    """Where the instance of the result in ``folder`` lay when it was solved; None if that was not noted.

    Raises
    ------
    InputError
        If the folder holds no sound ``result.json``.
    """
    folder = _folder(Path(folder))
    record = _read_record(folder)
    if isinstance(record, list):
        raise InputError(record)
    return None if record.instance_path is None else (folder / record.instance_path).resolve()
