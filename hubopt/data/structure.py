"""Structure of the instance: the case's TOML with the figures of its parameters merged in."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from hubopt.data.recipe import Origin
from hubopt.instance.errors import InputError, Problem, problems_of
from hubopt.instance.figures import address, is_merged, misdirected, records_at
from hubopt.instance.trees import read_toml
from hubopt.instance.types import Structure

LISTS = ("periods", "commodities", "designs", "modes", "hub_types", "presence")
"""Lists of records with an ``id``."""

BUDGET = "budget."
"""Parameters ``budget.TARGET.LEG`` are the minutes that a leg may take for a chain target."""


def _joined(earlier: list[dict[str, Any]], later: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Records of two lists: those with the same key are one, with the later fields over the earlier."""
    found = {str(record.get(key)): dict(record) for record in earlier}
    for record in later:
        found.setdefault(str(record.get(key)), {}).update(record)
    return list(found.values())


def _misshapen(part: Mapping[str, Any], file: str) -> list[Problem]:
    """Parts of a structure file that are not of the shape that all files of it share: lists of tables, and tables."""
    lists = [(name, part[name]) for name in LISTS if name in part]
    service = part.get("service", {})
    if isinstance(service, dict):
        lists += [(f"service.{name}", service[name]) for name in ("limits", "targets") if name in service]
    problems = [
        Problem(file, "is not a list of tables", f"write [[{name}]] above each", column=name)
        for name, value in lists
        if not (isinstance(value, list) and all(isinstance(item, dict) for item in value))
    ]
    tables = [(name, value) for name, value in part.items() if name not in (*LISTS, "sources")]
    levels = part.get("levels", {})
    tables += [(f"levels.{name}", rule) for name, rule in levels.items()] if isinstance(levels, dict) else []
    problems += [
        Problem(file, "is not a table", f"write [{name}] above it", column=name)
        for name, value in tables
        if not isinstance(value, dict)
    ]
    return problems


def merged(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One structure from several: records with the same id are one, tables are joined, later words replace earlier."""
    whole: dict[str, Any] = {}
    for part in parts:
        for name, value in part.items():
            old = whole.get(name)
            if name in LISTS and old is not None:
                whole[name] = _joined(old, value, "id")
            elif name == "service" and old is not None:
                limits = _joined(old.get("limits", []), value.get("limits", []), "leg")
                targets = _joined(old.get("targets", []), value.get("targets", []), "id")
                whole[name] = {**old, **value, "limits": limits, "targets": targets}
            elif isinstance(value, dict) and old is not None:
                whole[name] = {**old, **{key: {**_table(old.get(key)), **item} if isinstance(item, dict) else item
                                         for key, item in value.items()}}  # fmt: skip
            else:
                whole[name] = copy.deepcopy(value)
    return whole


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _fill_budgets(content: dict[str, Any], parameters: pd.DataFrame) -> list[Problem]:
    targets = {str(record["id"]): record for record in content.get("service", {}).get("targets", []) if "id" in record}
    problems = []
    for name, value in parameters[["name", "value"]].itertuples(index=False):
        if not name.startswith(BUDGET):
            continue
        target, _, leg = name.removeprefix(BUDGET).rpartition(".")
        if target in targets:
            budgets = targets[target]["budget_minutes"] = _table(targets[target].get("budget_minutes"))
            budgets[leg] = float(value)
        else:
            mend = f"name one of {', '.join(sorted(targets))}"
            problems.append(Problem("parameters.csv", "is the budget of no target", mend, column="name", value=name))
    return problems


def read_structure(files: Sequence[Path], parameters: pd.DataFrame, sources: Sequence[Origin]) -> Structure:
    """The structure from the case's TOML files, its parameters and the recipe's sources.

    Raises:
        InputError: with every figure that fits nowhere and every record that is not valid.
    """
    parts = [read_toml(file, "the structure of the case") for file in files]
    if wrong := [problem for part, file in zip(parts, files, strict=True) for problem in _misshapen(part, file.name)]:
        raise InputError(wrong)
    content = merged(parts)
    content["sources"] = [source.model_dump() for source in sources]
    problems = _fill_budgets(content, parameters)
    for name, value in parameters[["name", "value"]].itertuples(index=False):
        if not is_merged(name):
            continue
        where = address(name)
        mend = misdirected(where, content)
        if mend is not None or where is None:
            problems.append(
                Problem("parameters.csv", "names no figure of this case", mend or "", column="name", value=name)
            )
            continue
        if where.path == ("levels",):
            content.setdefault("levels", {}).setdefault(where.record, {})
        if where.path == ("resilience",):
            content.setdefault("resilience", {})
        records_at(content, where.path)[where.record][where.field] = int(value) if float(value).is_integer() else value
    if problems:
        raise InputError(problems)
    try:
        return Structure.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_of(error, files[-1].name)) from None


def figure(parameters: pd.DataFrame, name: str) -> float:
    """The value of a parameter.

    Raises:
        InputError: if there is none of that name.
    """
    found = parameters.loc[parameters["name"] == name, "value"]
    if not len(found):
        raise InputError([Problem("parameters.csv", f"there is no {name}", "add a row with this name", column="name")])
    return float(found.iloc[0])
