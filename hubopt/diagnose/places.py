"""Where a figure stands: the table and row, the key of ``instance.toml``, or the line of the policy file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hubopt.instance import Instance

POLICY = "policy"
"""What stands for the policy file while its name is not known."""

PARAMETERS = "parameters.csv"
TOML = "instance.toml"


@dataclass(frozen=True)
class Place:
    """A file, the line in it as an editor shows it (None: not known), and the column or dotted key."""

    file: str
    key: str
    row: int | None = None

    def __str__(self) -> str:
        line = "" if self.row is None else f", row {self.row}"
        return f"{self.file}{line}, {self.key}"


def _parts(text: str) -> list[str]:
    """The parts of a TOML key, quoted or not; empty if it is none."""
    try:
        content: Any = tomllib.loads(f"{text} = 0")
    except tomllib.TOMLDecodeError:
        return []
    found = []
    while isinstance(content, dict):
        name, content = next(iter(content.items()))
        found.append(name)
    return found


def toml_lines(text: str) -> Mapping[str, int]:
    """Line of every key of a TOML text, by dotted name; items of a list of tables go by their id.

    Keys within inline tables and keys whose names cannot be told from one line are not in it.
    """
    found: dict[str, int] = {}
    head: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if stripped.startswith("["):
            head = _parts(stripped.partition("#")[0].strip().strip("[]"))
            found.setdefault(".".join(head), number)
            continue
        left, sign, right = stripped.partition("=")
        parts = _parts(left.strip()) if sign else []
        if not parts:
            continue
        if parts in (["id"], ["leg"]):
            head = [*head, right.partition("#")[0].strip().strip("\"'")]
            found.setdefault(".".join(head), number)
        found.setdefault(".".join([*head, *parts]), number)
    return found


@dataclass(frozen=True)
class Places:
    """Looks up where the figures of an instance and a policy stand."""

    instance: Instance
    policy_file: str = POLICY
    policy_lines: Mapping[str, int] | None = None
    structure_lines: Mapping[str, int] | None = None

    def in_policy(self, key: str) -> Place:
        """Place of a key of the policy."""
        return Place(self.policy_file, key, _line(self.policy_lines or {}, key))

    def in_structure(self, key: str) -> Place:
        """Place of a figure of ``instance.toml``, which may stand in the parameters table."""
        names = self.instance.parameters["name"].tolist()
        if key in names:
            return Place(PARAMETERS, key, names.index(key) + 2)
        return Place(TOML, key, _line(self.structure_lines or {}, key))

    def in_table(self, table: str, column: str, **cells: str) -> Place:
        """Place of a cell in the row of a table whose cells are those given."""
        frame = self.instance.table(table)
        chosen = frame.index == frame.index
        for name, value in cells.items():
            chosen &= (frame[name] == value).to_numpy()
        rows = chosen.nonzero()[0]
        return Place(f"{table}.csv", column, int(rows[0]) + 2 if len(rows) else None)


def _line(lines: Mapping[str, int], key: str) -> int | None:
    """Line of a key, or of the nearest table that holds it."""
    parts = key.split(".")
    for end in range(len(parts), 0, -1):
        if (found := lines.get(".".join(parts[:end]))) is not None:
            return found
    return None
