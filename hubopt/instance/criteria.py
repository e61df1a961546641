"""``site_criteria.csv``: how every candidate was judged when the instance was built, those that are out included."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd

from hubopt.instance.errors import InputError, Problem
from hubopt.instance.records import LEVELS
from hubopt.instance.text import read_text

CRITERIA = "site_criteria.csv"

NEEDED = ("candidate", "sites", "in", "lon", "lat")
"""Columns without which the table says nothing about a site."""

POINTS = "_points"
"""End of the name of a column with the points of a criterion; the column before it has the value."""


def criteria_names(table: pd.DataFrame) -> list[str]:
    """The criteria of a table: columns that have one with points beside them."""
    columns = [str(name) for name in table.columns]
    judged = [name.removesuffix(POINTS) for name in columns if name.endswith(POINTS)]
    return [name for name in judged if name in columns]


def read_criteria(folder: Path) -> pd.DataFrame | None:
    """The table in an instance's folder, texts as texts and figures as figures; None if there is none.

    Raises
    ------
    InputError
        If it cannot be read, or lacks what ties it to the sites.
    """
    path = folder / CRITERIA
    mend = "build the instance again, or take the file away"
    if not path.is_file():
        return None
    texts = dict.fromkeys(("candidate", "sites", "levels", "name_en", "name_zh", "kind", "city", "district"), str)
    texts |= dict.fromkeys(("source", "codes", "reasons_en", "reasons_zh", "in"), str)
    content = read_text(path, inside=folder)
    if isinstance(content, Problem):
        raise InputError([content])
    try:
        table = pd.read_csv(io.StringIO(content), dtype=texts, keep_default_na=False)
    except ValueError as error:
        raise InputError([Problem(str(path), f"cannot be read: {error}", mend)]) from None
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        raise InputError([Problem(str(path), f"lacks the columns {', '.join(missing)}", mend)])
    figures = ["lon", "lat", "score", "area_ha", "usable_ha", "homes_m", "truck_m", *criteria_names(table)]
    figures += [f"{name}{POINTS}" for name in criteria_names(table)] + [f"score_{level}" for level in LEVELS]
    try:
        typed = {name: pd.to_numeric(table[name], errors="coerce") for name in figures if name in table.columns}
    except OverflowError as error:  # a whole number that no float holds
        raise InputError([Problem(str(path), f"holds an impossible number: {error}", mend)]) from None
    return table.assign(**typed, **{"in": table["in"].str.casefold() == "true"})
