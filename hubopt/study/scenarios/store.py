"""The store of a study: its Parquet dataset, queried with DuckDB in memory."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from hubopt.instance.errors import InputError, Problem
from hubopt.instance.intake import unfit
from hubopt.instance.parquet import TooLargeError, bounded_parquet
from hubopt.study.scenarios.layout import STORE, StudyRecord, read_record
from hubopt.study.scenarios.parts import OF_RUN, SCHEMAS
from hubopt.study.scenarios.sound import unsound

_MEMORY = "2GB"
_READS = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}


def _part(path: Path, table: str, folder: Path, scenarios: Set[str]) -> pa.Table:
    mend = "run the study again into this folder"
    if problem := unfit(path, inside=folder):
        raise InputError([problem])
    try:
        found = bounded_parquet(path).select(SCHEMAS[table].names).cast(SCHEMAS[table])
    except TooLargeError as error:
        raise InputError([error.problem]) from None
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise InputError([Problem(str(path), f"is not a sound Parquet file: {error}", mend)]) from None
    if wrong := unsound(table, found, scenarios):
        raise InputError([Problem(str(path), f"is damaged: {wrong}", mend)])
    return found


def tables_of(folder: Path, record: StudyRecord) -> dict[str, pa.Table]:
    """Every table of the dataset, with the scenarios of the study and no others, in their order."""
    found = {}
    for table, schema in SCHEMAS.items():
        names = [item.name for item in record.scenarios]
        files = {name: {name} for name in names} if table in OF_RUN else {"all": set(names)}
        paths = {folder / STORE / table / f"{name}.parquet": about for name, about in files.items()}
        parts = [_part(path, table, folder, about) for path, about in paths.items() if path.is_file()]
        found[table] = pa.concat_tables([schema.empty_table(), *parts])
    return found


class Store:
    """The tables of a study in an in-memory database that reaches no file and no network; a context manager.

    Tables: ``scenarios``, ``parameters``, ``runs``, ``costs``, ``kpis``, ``sites`` and ``zones``
    (:data:`hubopt.study.scenarios.parts.SCHEMAS`).

    Raises
    ------
    InputError
        If the folder holds no study, or a part of its dataset is damaged.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.record = read_record(self.folder)
        loaded = tables_of(self.folder, self.record)
        self._base = duckdb.connect(":memory:", config={"memory_limit": _MEMORY, "threads": 1})
        for name, content in loaded.items():
            self._base.register("loading", content)
            self._base.execute(f'CREATE TABLE "{name}" AS SELECT * FROM loading')
            self._base.unregister("loading")
        self._base.execute("SET enable_external_access = false")
        self._base.execute("SET lock_configuration = true")

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._base.close()

    def query(self, sql: str, values: list[Any] | None = None) -> pd.DataFrame:
        """The answer to one SELECT.

        Raises
        ------
        InputError
            If the text is not one statement that only reads, or the database refuses it.
        """
        try:
            statements = self._base.extract_statements(sql)
            if len(statements) != 1 or statements[0].type not in _READS:
                mend = "give one SELECT; DESCRIBE and SHOW TABLES work too"
                raise InputError([Problem("SQL", "is not one statement that reads", mend)])
            return self._base.execute(statements[0], values).df()
        except duckdb.Error as error:
            first = str(error).strip().partition("\n\n")[0]
            tables = ", ".join(SCHEMAS)
            raise InputError([Problem("SQL", f"cannot be answered: {first}", f"the tables are {tables}")]) from None
