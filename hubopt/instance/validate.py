"""Everything that is wrong with an instance, at once."""

from __future__ import annotations

from collections.abc import Iterator

from hubopt.instance.draft import Draft, draft_of
from hubopt.instance.errors import Problem
from hubopt.instance.frames import dtype
from hubopt.instance.rules import RULES
from hubopt.instance.schema import TABLES
from hubopt.instance.types import Instance


def problems_in(draft: Draft) -> list[Problem]:
    """What the rules find in ``draft``, in the order of the rules."""
    return [problem for rule in RULES for problem in rule(draft)]


def _shape(instance: Instance) -> Iterator[Problem]:
    """Tables whose columns or types are not those of the schema (only an instance made in Python can have them)."""
    for table in TABLES.values():
        frame = instance.table(table.name)
        found = {str(name): str(kind) for name, kind in frame.dtypes.items()}
        wanted = {column.name: dtype(column) for column in table.columns}
        same_text = {name: "str" if kind in ("object", "string") else kind for name, kind in found.items()}
        if list(same_text.items()) != list(wanted.items()):
            message = f"has columns {found}, not {wanted}"
            yield Problem(f"{table.name}.csv", message, "build the table with hubopt.instance.frame")


def validate(instance: Instance) -> list[Problem]:
    """All problems of ``instance``; an empty list means that it can be solved, written and digested.

    Rows count as in a CSV file: the first row of a table is row 2.
    """
    return list(_shape(instance)) or problems_in(draft_of(instance))
