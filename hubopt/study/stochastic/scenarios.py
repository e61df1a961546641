"""Scenarios: what may come, how likely each is, and how it changes demand and what is in use; a TOML or CSV file."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import tomli_w
from pydantic import Field, ValidationError

from hubopt.instance import InputError, Problem
from hubopt.instance.errors import problems_of
from hubopt.instance.policy import Share, Switch
from hubopt.instance.records import ChineseName, EnglishName, Identifier, NotNegative, Record
from hubopt.instance.text import read_text
from hubopt.instance.trees import read_toml

SUM_OF_PROBABILITIES = 1e-6
"""How far the probabilities may miss 1; they are scaled to it then."""

Probability = Annotated[float, Field(ge=0, le=1)]


class DemandChange(Record):
    """A factor on the demand that fits all selectors given; several factors on the same demand multiply."""

    commodity: Identifier | None = Field(default=None, description="only this commodity; none given: all")
    district: str | None = Field(default=None, description="only zones of this district; none given: all")
    zone: Identifier | None = Field(default=None, description="only this zone; none given: all")
    factor: NotNegative = Field(description="demand over that of the instance", json_schema_extra={"unit": "-"})


class Scenario(Record):
    """One way in which things may come; what it does not mention is as in the instance and the policy."""

    id: Identifier
    probability: Probability = Field(description="probability", json_schema_extra={"unit": "-"})
    name_en: EnglishName | None = Field(default=None, description="name in English; none given: the id")
    name_zh: ChineseName | None = Field(default=None, description="name in Chinese; none given: the id")
    demand_factor: NotNegative = Field(
        default=1.0, description="all demand over that of the instance", json_schema_extra={"unit": "-"}
    )
    demand: tuple[DemandChange, ...] = Field(default=(), description="factors on parts of the demand")
    absent_zones: tuple[Identifier, ...] = Field(default=(), description="zones that ask for nothing")
    closed_sites: tuple[Identifier, ...] = Field(
        default=(), description="sites that stand and cost, but handle nothing"
    )
    closed_gateways: tuple[Identifier, ...] = Field(default=(), description="gateways that carry nothing")
    site_capacity: Mapping[Identifier, Share] = Field(
        default_factory=dict, description="share of its capacity that a site has", json_schema_extra={"unit": "-"}
    )
    gateway_capacity: Mapping[Identifier, NotNegative] = Field(
        default_factory=dict, description="capacity of a gateway over that of the instance",
        json_schema_extra={"unit": "-"},
    )  # fmt: skip
    off: tuple[Switch, ...] = Field(default=(), description="families of requirements that do not hold then")
    objective_constant: float = Field(
        default=0.0, description="added to the instance's own constant", json_schema_extra={"unit": "CNY/year"}
    )


class ScenarioSet(Record):
    """The content of a scenario file."""

    name_en: str = Field(default="", description="name in English")
    name_zh: str = Field(default="", description="name in Chinese")
    description: str = Field(default="", description="where the scenarios come from")
    scenarios: tuple[Scenario, ...] = Field(min_length=1, description="the scenarios")

    @property
    def probabilities(self) -> dict[str, float]:
        """Probability of each scenario, scaled so that they sum to 1."""
        total = sum(item.probability for item in self.scenarios)
        return {item.id: item.probability / total for item in self.scenarios}


def _probability_problems(file: str, found: ScenarioSet) -> Iterator[Problem]:
    for name, count in Counter(item.id for item in found.scenarios).items():
        if count > 1:
            yield Problem(file, f"scenario {name!r} occurs {count} times", "rename or remove one", column="id")
    total = sum(item.probability for item in found.scenarios)
    if abs(total - 1) > SUM_OF_PROBABILITIES:
        message = f"has probabilities that sum to {total:g}, not to 1"
        yield Problem(file, message, "mend them, or leave a scenario out and share its part among the others")


def _number(text: str, place: Mapping[str, Any]) -> float:
    try:
        return float(text)
    except ValueError:
        problem = Problem(place["file"], "is not a number", "give a number", place["row"], place["column"], text)
        raise InputError([problem]) from None


def _from_csv(path: Path) -> dict[str, Any]:
    """The rows of a CSV file as scenarios; empty cells say nothing.

    Columns: ``id``, ``probability``, and any of ``demand_factor``, ``objective_constant``, ``commodity K``,
    ``district D``, ``zone Z`` (factors on demand), ``site S`` and ``gateway G`` (shares of capacity; 0: closed).
    """
    text = read_text(path)
    if isinstance(text, Problem):
        raise InputError([text])
    lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    header = [cell.strip() for cell in lines[0]] if lines else []
    found = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        item: dict[str, Any] = {"demand": [], "site_capacity": {}, "gateway_capacity": {}}
        if len(cells) > len(header):
            message = f"has {len(cells)} cells, the header {len(header)}"
            raise InputError([Problem(path.name, message, "quote cells that contain the separator", row=number)])
        for column, cell in zip(header, cells, strict=False):
            text = cell.strip()
            kind, _, name = column.partition(" ")
            if not text or not column:
                continue
            place = {"file": path.name, "row": number, "column": column}
            if column == "id":
                item["id"] = text
            elif column in ("probability", "demand_factor", "objective_constant"):
                item[column] = _number(text, place)
            elif kind in ("commodity", "district", "zone") and name.strip():
                item["demand"].append({kind: name.strip(), "factor": _number(text, place)})
            elif kind in ("site", "gateway") and name.strip():
                item[f"{kind}_capacity"][name.strip()] = _number(text, place)
            else:
                mend = "use id, probability, demand_factor, or commodity, district, zone, site or gateway and a name"
                raise InputError([Problem(path.name, "is no column of scenarios", mend, column=column)])
        found.append(item)
    return {"scenarios": found}


def read_scenarios(path: Path) -> ScenarioSet:
    """Read a scenario file, TOML or CSV by its ending.

    Raises
    ------
    InputError
        With every mistake in its form; see :func:`hubopt.study.stochastic.cases.cases_of` for those in what it names.
    """
    if path.suffix.lower() == ".csv":
        try:
            content = _from_csv(path)
        except csv.Error as error:
            raise InputError([Problem(path.name, f"is not CSV: {error}", "mend the quotes")]) from None
    else:
        content = read_toml(path, "a scenario file (TOML or CSV)")
    try:
        found = ScenarioSet.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_of(error, path.name)) from None
    if problems := list(_probability_problems(path.name, found)):
        raise InputError(problems)
    return found


def scenarios_toml(scenarios: ScenarioSet) -> str:
    """Text of a scenario file; defaults are left out."""
    return tomli_w.dumps(scenarios.model_dump(mode="json", exclude_none=True, exclude_defaults=True))
