"""Digest of an instance: the same for the same content, however its files are ordered or formatted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import pandas as pd

from hubopt.instance.frames import columns_in_use
from hubopt.instance.schema import TABLES, Column
from hubopt.instance.types import Instance

FORMAT = "hubopt instance 2"
"""First line of the canonical text; a change of the text needs another number."""

_IN_ORDER = {"periods", "chain"}
"""Lists of the structure whose order has a meaning."""


def _number(value: float) -> str:
    """A number to 12 significant digits, whole ones too; nothing for NaN."""
    return "" if value != value else repr(float(f"{value:.12g}") + 0.0)


def _canonical(value: Any, name: str = "") -> Any:
    """Structure with numbers as text and lists without meaningful order sorted."""
    if isinstance(value, dict):
        return {key: _canonical(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        parts = [_canonical(part) for part in value]
        return parts if name in _IN_ORDER else sorted(parts, key=json.dumps)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(float(value))
    return value.strip() if isinstance(value, str) else value


def _designs(cell: str) -> str:
    return ";".join(sorted(part.strip() for part in cell.split(";") if part.strip()))


def _texts(values: pd.Series[Any], column: Column) -> list[str]:
    if column.kind == "float":
        return [_number(value) for value in values]
    if column.kind == "int":
        return ["" if value is pd.NA else _number(float(value)) for value in values]
    if column.kind == "bool":
        return ["true" if value else "false" for value in values]
    if column.name == "designs":
        values = values.map(_designs)
    shown = {value: json.dumps(value.strip()) for value in values.unique()}
    return [shown[value] for value in values]


def _lines(instance: Instance) -> Iterable[str]:
    yield FORMAT
    yield json.dumps(_canonical(instance.structure.model_dump(mode="json")), sort_keys=True)
    for table in TABLES.values():
        content = instance.table(table.name)
        used = columns_in_use(table, content)
        columns = [_texts(content[column.name], column) for column in used]
        yield f"{table.name}: {', '.join(column.name for column in used)}"
        yield from sorted(",".join(cells) for cells in zip(*columns, strict=True))


def sha256(instance: Instance) -> str:
    """SHA-256 (64 hexadecimal digits) over everything in ``instance`` but its map geometry.

    The order of rows, columns, lists and TOML keys, the file format and the way in which numbers are written do not
    change it; numbers count to 12 significant digits.
    """
    digest = hashlib.sha256()
    for line in _lines(instance):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
