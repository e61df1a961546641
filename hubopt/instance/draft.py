"""An instance on its way in: what could be read so far, where it stood, and what is already known to be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from hubopt.instance.errors import Problem
from hubopt.instance.frames import frame
from hubopt.instance.listing import Mend, listed
from hubopt.instance.schema import TABLES, Table
from hubopt.instance.types import Instance, Structure

TOML = "instance.toml"


@dataclass
class Draft:
    """Tables (index: row in the file), structure, and the places that have been complained of before.

    ``names`` holds the identifiers of periods, commodities, designs, modes and hub types; a kind that could not be
    read is absent, and so is the structure when anything in it is wrong. ``unknown`` lists columns that could not be
    read as ``(table, column)``, and ``bad`` cells as ``(table, column, row)``.
    """

    structure: Structure | None = None
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    names: dict[str, set[str]] = field(default_factory=dict)
    unknown: set[tuple[str, str]] = field(default_factory=set)
    bad: set[tuple[str, str, int]] = field(default_factory=set)

    def knows(self, table: str, *columns: str) -> bool:
        """Whether these columns of ``table`` could be read."""
        return not any((table, column) in self.unknown for column in columns)

    def forget(self, table: Table) -> None:
        """Enter an empty table in place of one that could not be read."""
        self.tables[table.name] = frame(table.name, [])
        self.unknown |= {(table.name, column.name) for column in table.columns}

    def values(self, table: str, column: str) -> set[str]:
        """All that ``column`` of ``table`` holds."""
        return set(self.tables[table][column])

    def complain(self, table: str, column: str, wrong: pd.Series[bool], message: str, mend: Mend) -> Iterator[Problem]:
        """Problems of the cells of ``column`` where ``wrong`` holds, but for those known to be bad already."""
        if not wrong.any():
            return
        values = self.tables[table].loc[wrong, column]
        if self.bad:
            fresh = [(table, column, row) not in self.bad for row in values.index]
            values = values[fresh]
        yield from listed(self.files.get(table, f"{table}.csv"), column, values, message, mend)


def names_of(structure: Structure) -> dict[str, set[str]]:
    """Identifiers by kind of record."""
    return {
        "periods": {item.id for item in structure.periods},
        "commodities": {item.id for item in structure.commodities},
        "designs": {item.id for item in structure.designs},
        "modes": {item.id for item in structure.modes},
        "hub_types": {item.id for item in structure.hub_types},
    }


def draft_of(instance: Instance) -> Draft:
    """A draft that holds all of ``instance``; rows count as in a CSV file with one header line."""

    def with_lines(table: pd.DataFrame) -> pd.DataFrame:
        return table.set_axis(pd.RangeIndex(2, len(table) + 2), axis="index")

    tables: dict[str, Any] = {name: with_lines(instance.table(name)) for name in TABLES}
    return Draft(instance.structure, tables, {name: f"{name}.csv" for name in TABLES}, names_of(instance.structure))
