"""What the tables of a study keep to, so that whoever joins and turns them may rely on it; damaged ones are named."""

from __future__ import annotations

from collections.abc import Mapping, Set

import pyarrow as pa
import pyarrow.compute as pc

KEYS: Mapping[str, tuple[str, ...]] = {
    "scenarios": ("scenario",),
    "parameters": ("scenario", "parameter"),
    "runs": ("scenario",),
    "costs": ("scenario", "part"),
    "kpis": ("scenario", "kpi"),
    "sites": ("scenario", "period", "site"),
    "zones": ("scenario", "period", "zone"),
}
"""Columns that are unique together in each table."""

FILLED: Mapping[str, tuple[str, ...]] = {
    "scenarios": ("position",), "runs": ("status",), "sites": ("level", "design", "modules"),
}  # fmt: skip
"""Columns that have no empty cell, beside the keys."""

LARGEST = 1e300
"""Figures beyond this are none."""


def unsound(table: str, content: pa.Table, scenarios: Set[str]) -> str | None:
    """What is wrong with a part of a table that may speak of some scenarios only; None if nothing is."""
    for name in (*KEYS[table], *FILLED.get(table, ())):
        if content.column(name).null_count:
            return f"an empty cell in {name}"
    strangers = sorted(set(content.column("scenario").to_pylist()) - scenarios)
    if strangers:
        return f"rows of {strangers[0]!r}, which is another scenario"
    keys = content.select(list(KEYS[table]))
    if len(keys.group_by(list(KEYS[table])).aggregate([])) < len(keys):
        return f"rows with the same {', '.join(KEYS[table])}"
    for item in content.schema:
        if pa.types.is_floating(item.type) and not _finite(content.column(item.name)):
            return f"a figure in {item.name} that is beyond all size"
    return None


def _finite(column: pa.ChunkedArray) -> bool:
    """Whether all figures of a column are some; where nothing came there is none, empty or not a number."""
    sizes = pc.abs(column)
    return bool(pc.all(pc.or_(pc.less(sizes, LARGEST), pc.is_nan(sizes)), min_count=0).as_py())
