"""The study file: what a study is about, as TOML; its schema and what is wrong with a file as such.

What it names in the instance and the policy is judged in :mod:`hubopt.study.scenarios.expand`.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel, Field, ValidationError

from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.trees import read_toml
from hubopt.instance.types import Record
from hubopt.study.scenarios.changes import Changes

Name = Annotated[str, Field(pattern=r"^[^\W_][\w.-]{0,79}$")]
"""A name that can be that of a folder: letters, digits, and . _ - behind the first."""

_ROUNDS = 4
"""How often a file is looked at again without what was wrong in it."""

GridMethod = Literal["full", "list", "latin-hypercube", "morris"]


class RunOptions(Record):
    """How each scenario is solved; the command line overrides it."""

    gap: float = Field(
        default=0.01, ge=0, description="relative gap at which a run ends", json_schema_extra={"unit": "-"}
    )
    time_limit: float = Field(default=300.0, gt=0, description="longest time of a run", json_schema_extra={"unit": "s"})
    node_limit: int | None = Field(
        default=None, ge=1, description="nodes of branch and bound after which a run ends",
        json_schema_extra={"unit": "nodes"},
    )  # fmt: skip
    method: str = Field(default="auto", pattern="^[a-z]+$", description="how to solve, as in hubopt solve")
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="random seed of the solver")
    deterministic: bool = Field(
        default=True, description="let no clock but the time limit decide anything, so that runs can be repeated"
    )
    warm_starts: bool = Field(default=True, description="start from the plan of the nearest scenario solved before")


class Statement(Changes):
    """A named scenario."""

    name_en: str = Field(default="", max_length=200, description="name in English; none: its key")
    name_zh: str = Field(default="", max_length=200, description="name in Chinese; none: its key")
    description: str = Field(default="", description="what it is for")
    based_on: str | None = Field(default=None, description="scenario whose changes hold here too")


class Parameter(Record):
    """What a grid varies: a change by its dotted path, and its values or its range."""

    path: str | tuple[str, ...] = Field(
        description="dotted path of a change, such as 'demand.all' or 'policy.levels.utc.max_open'; several paths get "
        "the same value"
    )
    values: tuple[Any, ...] = Field(default=(), description="values, in their order")
    low: float | None = Field(default=None, description="least value of a range")
    high: float | None = Field(default=None, description="largest value of a range")
    whole: bool = Field(default=False, description="whether values of a range are rounded to whole numbers")

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths, one or several."""
        return (self.path,) if isinstance(self.path, str) else self.path


class Grid(Record):
    """Scenarios made by varying parameters together."""

    name_en: str = Field(default="", max_length=200, description="name in English; none: its key")
    name_zh: str = Field(default="", max_length=200, description="name in Chinese; none: its key")
    based_on: str | None = Field(default=None, description="scenario whose changes hold at every point")
    method: GridMethod = Field(
        default="full",
        description="full: every combination of values; list: the rows; latin-hypercube: samples spread over the "
        "ranges; morris: trajectories that change one parameter at a time, with mu* and sigma afterwards",
    )
    parameters: Mapping[Name, Parameter] = Field(min_length=1, description="what varies, by a short name")
    rows: tuple[Mapping[str, Any], ...] = Field(default=(), description="points of a list: a value for each parameter")
    samples: int | None = Field(default=None, ge=1, le=10_000, description="points of a Latin hypercube")
    trajectories: int | None = Field(default=None, ge=2, le=1_000, description="trajectories of the Morris method")
    levels: int = Field(
        default=4, ge=2, le=100, description="levels of each range in the Morris method; an even number"
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="random seed of the sample")


class StudyFile(Record):
    """The content of a study file."""

    name_en: str = Field(min_length=1, max_length=200, description="name in English")
    name_zh: str = Field(default="", max_length=200, description="name in Chinese")
    description: str = Field(default="", description="what the study is for")
    instance: str = Field(
        min_length=1,
        description="folder of the base instance, as seen from the file, or the name of one that comes with hubopt",
    )
    policy: str | None = Field(
        default=None,
        description="file of the base policy, as seen from the file, or the name of one that comes with hubopt",
    )
    run: RunOptions = Field(default=RunOptions(), description="how each scenario is solved, see `[run]`")
    scenarios: Mapping[Name, Statement] = Field(default_factory=dict, description="named scenarios, in their order")
    grids: Mapping[Name, Grid] = Field(default_factory=dict, description="scenarios made from parameters")


def _model_in(annotation: Any) -> Any:
    """The record type or mapping inside an annotation, without what is optional about it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is not None:
        inner = [_model_in(part) for part in get_args(annotation)]
        return next((part for part in reversed(inner) if part is not None), None)
    return None


def fields_at(location: Sequence[int | str], record: Any = StudyFile) -> list[str]:
    """Keys that the table at ``location`` of a ``record`` may have; none if it may have any, or is no table."""
    inside = False  # whether the next step is a key that the file chooses
    for step in location:
        if isinstance(step, int) or inside:
            inside = False
            continue
        if record is None or step not in record.model_fields:
            return []
        annotation = record.model_fields[step].annotation
        inside = get_origin(annotation) is not None and _is_mapping(annotation)
        record = _model_in(annotation)
    return [] if record is None or inside else list(record.model_fields)


def _is_mapping(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _problem(item: Mapping[str, Any], file: str) -> Problem:
    location = [step for step in item["loc"] if step != "[key]"]
    place = ".".join(str(step) for step in location)
    kind, value = item["type"], item["input"]
    if kind == "extra_forbidden":
        known = fields_at(location[:-1])
        return Problem(
            file, "is no key of this table", choose_from(str(location[-1]), known, 40), column=place, value=value
        )
    if kind == "missing":
        return Problem(file, "is missing", "give it", column=place)
    if kind == "string_pattern_mismatch" and item["loc"][-1] == "[key]":
        mend = "use letters, digits and . _ - and begin with a letter or digit"
        return Problem(file, "cannot be the name of a folder", mend, column=place, value=value)
    return Problem(file, str(item["msg"]), "give a value that fits", column=place, value=value)


def _pruned(content: dict[str, Any], location: Sequence[int | str]) -> None:
    """Take what stands at ``location`` out of ``content``: a list that it leads into as a whole."""
    steps = [step for step in location if step != "[key]"]
    inner: Any = content
    for here, behind in itertools.pairwise([*steps, 0]):
        if not isinstance(inner, dict) or here not in inner:
            return
        if isinstance(behind, int) or not isinstance(inner[here], dict):
            del inner[here]
            return
        inner = inner[here]


def parse_study_file(path: Path) -> tuple[StudyFile | None, list[Problem]]:
    """The study in a file without what is wrong in it, and what that is; no study if nothing is left.

    Raises
    ------
    InputError
        If the file cannot be read at all.
    """
    content = read_toml(path, "a study TOML file")
    problems: dict[str, Problem] = {}
    for _ in range(_ROUNDS):
        try:
            return StudyFile.model_validate(content), list(problems.values())
        except ValidationError as error:
            for item in error.errors():
                problem = _problem(dict(item), path.name)
                problems.setdefault(str(problem), problem)
                _pruned(content, item["loc"][:-1] if item["type"] == "missing" else item["loc"])
    return None, list(problems.values())
