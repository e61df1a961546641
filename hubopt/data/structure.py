"""Structure of the instance: the case's TOML with the figures of its parameters merged in."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from hubopt.data.recipe import Origin
from hubopt.instance.errors import InputError, Problem, problems_of
from hubopt.instance.figures import address, is_merged, misdirected, records_at
from hubopt.instance.types import Structure


def read_structure(file: Path, parameters: pd.DataFrame, sources: Sequence[Origin]) -> Structure:
    """The structure from the case's TOML, its parameters and the recipe's sources.

    Raises:
        InputError: with every figure that fits nowhere and every record that is not valid.
    """
    content: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    content["sources"] = [source.model_dump() for source in sources]
    problems: list[Problem] = []
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
        records_at(content, where.path)[where.record][where.field] = int(value) if float(value).is_integer() else value
    if problems:
        raise InputError(problems)
    try:
        return Structure.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_of(error, file.name)) from None


def figure(parameters: pd.DataFrame, name: str) -> float:
    """The value of a parameter.

    Raises:
        InputError: if there is none of that name.
    """
    found = parameters.loc[parameters["name"] == name, "value"]
    if not len(found):
        raise InputError([Problem("parameters.csv", f"there is no {name}", "add a row with this name", column="name")])
    return float(found.iloc[0])
