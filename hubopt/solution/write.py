"""Solution to result folder, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from hubopt.instance.folder import whole_folder
from hubopt.instance.frames import dtype, filling
from hubopt.instance.policy import policy_toml
from hubopt.instance.schema import REQUIRED, Table
from hubopt.instance.types import Instance
from hubopt.instance.write import write_csv, write_parquet
from hubopt.solution.duals import DUAL_FILES
from hubopt.solution.record import record_of
from hubopt.solution.schema import FACILITIES, PLAN_FILES
from hubopt.solution.types import Plan, Solution

RESULT = "result.json"
_WRITTEN_AT = "2000-01-01T00:00:00Z"
"""Date inside the GeoPackage, fixed so that the same plan gives the same file."""


def typed(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """A plan's table in the columns, order and types of the schema; an absent column gets its default.

    Raises
    ------
    ValueError
        If a column without a default is missing or one holds what its type cannot.
    """
    absent = [column for column in table.columns if column.name not in frame.columns]
    missing = [column.name for column in absent if column.default is REQUIRED]
    if missing:
        raise ValueError(f"{table.name} lacks the columns {missing}")
    kinds: dict[Any, Any] = {column.name: dtype(column) for column in table.columns}
    defaults: dict[str, Any] = {column.name: filling(column) for column in absent}
    return frame.assign(**defaults)[list(kinds)].astype(kinds)


def _write_geopackage(facilities: pd.DataFrame, instance: Instance, path: Path) -> None:
    """Points of the facilities with their columns, for those whose site has coordinates; no file if none has."""
    places = instance.sites[["id", "name_en", "name_zh", "city", "district", "lon", "lat"]]
    placed = facilities.merge(places, left_on="site", right_on="id", how="left").drop(columns="id")
    placed = placed[placed["lon"].notna() & placed["lat"].notna()]
    if placed.empty:
        return
    import geopandas as gpd  # loading it takes half a second, which results without coordinates need not wait for
    import pyogrio

    points = gpd.points_from_xy(placed.pop("lon"), placed.pop("lat"), crs=4326)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _WRITTEN_AT})
    try:
        gpd.GeoDataFrame(placed, geometry=points).to_file(path, layer="facilities", driver="GPKG")
    except RuntimeError as error:  # what GDAL says of a full disk or a lost folder
        raise OSError(errno.EIO, f"GDAL: {error}", str(path)) from error


def _write_plan(plan: Plan, instance: Instance, folder: Path) -> None:
    facilities = typed(FACILITIES, plan.facilities)
    for file, table in PLAN_FILES.items():
        frame: pd.DataFrame = getattr(plan, table.name)
        if frame.empty and not table.required:
            continue
        if file.endswith(".csv"):
            write_csv(typed(table, frame), folder / file)
        else:
            write_parquet(table, typed(table, frame), folder / file)
    _write_geopackage(facilities, instance, folder / "facilities.gpkg")


def _write_duals(solution: Solution, folder: Path) -> None:
    if solution.duals is None:
        return
    frames = solution.duals.frames()
    for file, table in DUAL_FILES.items():
        if file.endswith(".csv"):
            write_csv(typed(table, frames[table.name]), folder / file)
        else:
            write_parquet(table, typed(table, frames[table.name]), folder / file)


def _path_from(folder: Path, instance_path: Path | None) -> str | None:
    """The instance's path as seen from the result folder."""
    if instance_path is None:
        return None
    try:
        return Path(os.path.relpath(instance_path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # on another drive
        return str(instance_path.resolve())


def write_solution(
    solution: Solution,
    instance: Instance,
    folder: Path | str,
    extra_files: Mapping[str, bytes | str] | None = None,
    *,
    force: bool = False,
    instance_path: Path | str | None = None,
) -> None:
    """Write ``solution`` as a result folder, whole or not at all.

    Parameters
    ----------
    solution
        What was found; without a plan there are no tables.
    instance
        The instance that was solved, for names and coordinates.
    folder
        The folder to make; one that exists is refused unless empty.
    extra_files
        Further files by name (map, report, solver log); text is written as UTF-8.
    force
        Replace an existing result folder (one with a ``result.json``); the old one goes once the new one is whole.
    instance_path
        Folder of the instance, so that later commands find it.

    Raises
    ------
    InputError
        If the folder may not be written.
    ValueError
        If a table lacks columns or an extra file's name is taken or not a plain name.
    """
    folder = Path(folder)
    with whole_folder(folder, markers=[RESULT], force=force) as target:
        if solution.plan is not None:
            _write_plan(solution.plan, instance, target)
            _write_duals(solution, target)
        (target / "policy.toml").write_text(policy_toml(solution.policy), encoding="utf-8")
        record = record_of(solution, _path_from(folder, None if instance_path is None else Path(instance_path)))
        content = record.model_dump(mode="json")
        text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
        (target / RESULT).write_text(text + "\n", encoding="utf-8")
        for name, extra in (extra_files or {}).items():
            if Path(name).name != name or (target / name).exists():
                raise ValueError(f"{name!r} is not a free file name in a result folder")
            (target / name).write_bytes(extra.encode() if isinstance(extra, str) else extra)
