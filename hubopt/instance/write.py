"""Instance to folder, in one canonical form: rows sorted by key, figures with a source in ``parameters.csv`` only."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import tomli_w

from hubopt.instance.draft import TOML
from hubopt.instance.errors import InputError
from hubopt.instance.figures import address, is_merged, records_at
from hubopt.instance.folder import whole_folder
from hubopt.instance.frames import columns_in_use, in_order
from hubopt.instance.geometry import write_layers
from hubopt.instance.schema import TABLES, Table
from hubopt.instance.types import LEVELS, Instance
from hubopt.instance.validate import validate

FOLDER_MARKERS = (TOML, "recipe.toml")
"""Files that tell the folder of an instance, built or to be built."""

HEADING = "# Figures with a source stand in parameters.csv, under names such as designs.ID.FIELD, and only there.\n\n"

_PARQUET_TYPES = {"str": pa.string(), "float": pa.float64(), "bool": pa.bool_(), "int": pa.int64()}

_TABLES_OF_FIGURES = ("target_shares", "budget_minutes")


def _cell(value: Any) -> str:
    """A cell as a planner would write it: no trailing ``.0``, nothing for a missing number; exact when read back."""
    if value is pd.NA or value != value:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame as CSV in UTF-8; floats can be read back exactly."""
    columns = [[_cell(value) for value in frame[name].tolist()] for name in frame.columns]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(frame.columns)
        writer.writerows(zip(*columns, strict=True))


def write_parquet(table: Table, frame: pd.DataFrame, path: Path) -> None:
    """Write a frame with the columns of ``table`` as Parquet."""
    used = [column for column in table.columns if column.name in frame.columns]
    fields = [pa.field(column.name, _PARQUET_TYPES[column.kind]) for column in used]
    arrays = [pa.array(frame[field.name].tolist(), type=field.type) for field in fields]
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), path, compression="zstd")


def _without_empty(value: Any) -> Any:
    """A dump without None and empty texts, which are the defaults wherever they are allowed."""
    if isinstance(value, dict):
        return {
            key: _without_empty(part)
            for key, part in value.items()
            if part not in (None, "") and not (key in _TABLES_OF_FIGURES and not part)
        }
    return [_without_empty(part) for part in value] if isinstance(value, list) else value


def structure_toml(instance: Instance) -> str:
    """Text of ``instance.toml``: the structure without the figures that the parameters table gives."""
    content = instance.structure.model_dump(mode="json")
    content["levels"] = {level: content["levels"][level] for level in LEVELS if level in content["levels"]}
    for name in instance.parameters["name"]:
        where = address(name) if is_merged(name) else None
        if where is not None:
            records_at(content, where.path)[where.record].pop(where.field)
    return HEADING + tomli_w.dumps(_without_empty(content))


def write_instance(
    instance: Instance,
    folder: Path | str,
    *,
    force: bool = False,
    arcs: Literal["parquet", "csv"] = "parquet",
    extra_files: Mapping[str, bytes | str] | None = None,
) -> None:
    """Write ``instance`` as ``folder``, whole or not at all.

    Parameters
    ----------
    instance
        A sound instance.
    folder
        The folder to make; one that exists is refused unless empty.
    force
        Replace an existing instance folder (one with an ``instance.toml`` or a ``recipe.toml``).
    arcs
        File format of the arcs.
    extra_files
        Further files by relative path, such as a recipe; text is written as UTF-8.

    Raises
    ------
    InputError
        If the instance has problems or the folder may not be written.
    ValueError
        If an extra file's path is taken or leads out of the folder.
    """
    if problems := validate(instance):
        raise InputError(problems)
    with whole_folder(Path(folder), markers=FOLDER_MARKERS, force=force) as target:
        (target / TOML).write_text(structure_toml(instance), encoding="utf-8")
        for table in TABLES.values():
            frame = in_order(table.name, instance.table(table.name))
            if frame.empty and not table.required:
                continue
            frame = frame[[column.name for column in columns_in_use(table, frame)]]
            if table.name == "arcs" and arcs == "parquet":
                write_parquet(table, frame, target / "arcs.parquet")
            else:
                write_csv(frame, target / f"{table.name}.csv")
        write_layers(instance.geometry, target)
        for name, content in (extra_files or {}).items():
            path = target / name
            if not path.resolve().is_relative_to(target.resolve()) or path.exists():
                raise ValueError(f"{name!r} is not a free place in an instance folder")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
