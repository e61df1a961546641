"""Runs as they lie in a folder: read with care, since a run may have been cut short, changed, or sent by somebody."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from hubopt.bench.answers import State
from hubopt.instance.errors import InputError, Problem, problems_of
from hubopt.instance.text import read_text
from hubopt.instance.trees import json_of

_MEND = "remove the file: the run is made again"

_Number = Annotated[float, Field(ge=-1e18, le=1e18)]
_Seconds = Annotated[float, Field(ge=0, le=1e9)]
_Word = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Name = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f/\\.][^\x00-\x1f\x7f/\\]*$")]
"""What names files: no way out of the folder."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, strict=True)


class _Machine(_Part):
    processor: _Word
    cores: int | None
    memory_gib: _Number
    system: _Word
    python: _Word


class KeptRun(_Part):
    """The fields that tables, charts and pages look at (:data:`hubopt.bench.figures.COLUMNS`)."""

    suite: _Name
    instance: _Name
    family: _Word
    solver: _Word
    kind: _Word
    name: _Word
    form: _Word
    state: State
    objective: _Number | None
    bound: _Number | None
    known: _Number | None
    known_proven: bool | None
    known_source: str | None
    seconds: _Seconds | None
    cpu_seconds: _Seconds | None = None
    process_cpu_seconds: _Seconds | None = None
    build_seconds: _Seconds | None
    check_seconds: _Seconds | None = None
    wall_seconds: _Seconds
    peak_mb: _Seconds
    limit_seconds: _Seconds
    gap_asked: Annotated[float, Field(ge=0, le=1e9)]
    threads: Annotated[int, Field(ge=0, le=100_000)]
    seed: Annotated[int, Field(ge=0, le=2**63)]
    sense: Literal["min", "max"] | None
    method: _Word | None
    columns: Annotated[int, Field(ge=0, le=2**53)] | None
    rows: Annotated[int, Field(ge=0, le=2**53)] | None
    checked: bool | None
    note: str | None
    file: _Word
    case_sha256: _Word
    key: _Word
    ended_at: _Word
    load: _Number
    trace: list[Annotated[list[_Number | None], Field(min_length=3, max_length=3)]] | None
    versions: dict[str, _Word]
    machine: _Machine
    plan: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _says_what_it_claims(self) -> KeptRun:
        if self.state == "optimal" and (self.objective is None or self.seconds is None):
            raise ValueError("a proven answer needs an objective and a time")
        if any(point[0] is None for point in self.trace or ()):
            raise ValueError("every point of the trace needs a time")
        if self.known is not None and self.known_proven is None:
            raise ValueError("known_proven is missing")
        return self


def read_run(path: Path) -> Mapping[str, Any]:
    """The run in a file, as it was kept.

    Raises
    ------
    InputError
        If it cannot be read or lacks something.
    """
    text = read_text(path, inside=path.parent)
    content = text if isinstance(text, Problem) else json_of(text, path.name, _MEND)
    if isinstance(content, Problem):
        raise InputError([content])
    try:
        KeptRun.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_of(error, path.name)) from None
    found: Mapping[str, Any] = content
    return found


def run_there(path: Path) -> Mapping[str, Any] | None:
    """The run in a file; None if there is none, or none that can be read, so that it is to be made."""
    try:
        return read_run(path) if path.is_file() else None
    except InputError:
        return None


def objective_there(path: Path) -> float | None:
    """The objective of the answer in a file; None if there is none."""
    text = read_text(path)
    content = text if isinstance(text, Problem) else json_of(text, path.name, _MEND)
    value = content.get("objective") if isinstance(content, dict) else None
    return float(value) if isinstance(value, int | float) and abs(value) < 1e300 else None
