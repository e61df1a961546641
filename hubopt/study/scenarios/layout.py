"""Where things lie in the folder of a study, and the record of what the study asks."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from hubopt.instance import whole_file
from hubopt.instance.errors import InputError, Problem, problems_of
from hubopt.instance.text import read_text
from hubopt.instance.trees import json_of
from hubopt.instance.types import Record
from hubopt.study.scenarios.file import GridMethod, RunOptions

RECORD = "study.json"
STATED = "study.toml"
RUNS = "runs"
INSTANCES = "instances"
STORE = "store"
REFUSED = "refused"
FIXED = "fixed"
"""Folder of the runs in which a site is forced in, for its regret."""
LOCK = "lock"

_MEND = "run the study again into this folder, or give another one"


class ScenarioRecord(Record):
    """What a scenario asks."""

    name: str = Field(description="name, and that of its folder in runs", pattern=r"^[^/\\\x00-\x1f.][^/\\\x00-\x1f]*$")
    name_en: str = Field(description="name in English")
    name_zh: str = Field(description="name in Chinese")
    description: str = Field(default="", description="what it is for")
    based_on: str = Field(default="", description="the scenario that it is based on")
    grid: str = Field(default="", description="the grid that made it")
    start: str | None = Field(default=None, description="the scenario from whose plan it starts")
    tree: Mapping[str, Any] = Field(default_factory=dict, description="what it changes")
    parameters: Mapping[str, Any] = Field(default_factory=dict, description="the same, by dotted path")
    instance_sha256: str = Field(description="digest of its instance")
    policy_sha256: str = Field(description="digest of what its policy asks")


class GridRecord(Record):
    """The sample of a grid, as far as its analysis needs it."""

    method: GridMethod = Field(description="how the points were chosen")
    parameters: tuple[str, ...] = Field(description="names of the parameters")
    levels: int = Field(description="levels of each range in the Morris method", ge=2)
    rows: tuple[str, ...] = Field(description="the scenario of each row that was drawn")
    units: tuple[tuple[float, ...], ...] = Field(default=(), description="where each row lies in the ranges, 0 to 1")

    @model_validator(mode="after")
    def _fits_together(self) -> GridRecord:
        if self.units and (
            len(self.units) != len(self.rows) or {len(unit) for unit in self.units} != {len(self.parameters)}
        ):
            raise ValueError("units must hold a figure for each row and parameter")
        if any(not 0 <= value <= 1 for unit in self.units for value in unit):
            raise ValueError("units must lie between 0 and 1")
        return self


class StudyRecord(Record):
    """The content of ``study.json``."""

    format: Literal[1] = 1
    name: str = Field(description="name of the study: that of its file")
    name_en: str = Field(description="name in English")
    name_zh: str = Field(default="", description="name in Chinese")
    instance_path: str = Field(description="folder of the base instance, relative to this one if possible")
    instance_sha256: str = Field(description="digest of the base instance")
    policy: Mapping[str, Any] = Field(default_factory=dict, description="the base policy")
    options: RunOptions = Field(description="how each scenario is solved")
    scenarios: tuple[ScenarioRecord, ...] = Field(description="the scenarios in their order")
    grids: Mapping[str, GridRecord] = Field(default_factory=dict, description="samples of the grids")

    @model_validator(mode="after")
    def _names_once(self) -> StudyRecord:
        names = [item.name for item in self.scenarios]
        if len(set(names)) < len(names):
            raise ValueError("two scenarios have the same name")
        return self


def is_study(folder: Path) -> bool:
    """Whether a study lies in the folder."""
    return (folder / RECORD).is_file()


def read_record(folder: Path) -> StudyRecord:
    """The record of the study in ``folder``.

    Raises
    ------
    InputError
        If there is none or it is damaged.
    """
    if not is_study(folder):
        what = "holds no study" if folder.is_dir() else "is no folder"
        raise InputError([Problem(str(folder), what, "give the --out of a hubopt study run")])
    text = read_text(folder / RECORD, inside=folder)
    content = text if isinstance(text, Problem) else json_of(text, RECORD, _MEND)
    if isinstance(content, Problem):
        raise InputError([content])
    try:
        return StudyRecord.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_of(error, RECORD)) from None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; folders above it are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole_file.write_whole(path, content)


def write_record(record: StudyRecord, folder: Path) -> None:
    """Write ``study.json``."""
    text = json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=1, allow_nan=False)
    write_whole(folder / RECORD, text.encode() + b"\n")


def relative(path: Path, folder: Path) -> str:
    """``path`` as seen from ``folder``."""
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
