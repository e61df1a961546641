"""Census figures: which total every district's residents belong to.

A city's census may give its districts one by one, or only the whole city (district ``*``). The residents of a census
area - a district of the first kind, a whole city of the second - add up to its figure exactly, whatever the zones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd

from hubopt.data.files import floats, need, read_table
from hubopt.instance.errors import InputError, Problem

WHOLE_CITY = "*"
COLUMNS = ("city", "district", "population")
_MOST = 1e10
"""More residents than the earth has."""


@dataclass(frozen=True)
class Census:
    """``area``: name of the census area of each region, indexed like the regions; ``totals``: residents by area.

    ``whole_city``: the areas that are whole cities; ``left_out``: figures of the file that no region asks for.
    """

    area: pd.Series
    totals: Mapping[str, int]
    whole_city: frozenset[str]
    left_out: Mapping[str, int]

    def notes(self) -> list[tuple[str, str]]:
        """What the build report should say."""
        spread = ", ".join(sorted(self.whole_city)) or "none"
        outside = ", ".join(f"{name} {people}" for name, people in self.left_out.items()) or "none"
        return [("census by city only", spread), ("census figures of the case's cities without an outline", outside)]


def read_census(path: Path, regions: gpd.GeoDataFrame) -> Census:
    """The census areas of ``regions`` (columns city, district).

    Raises:
        InputError: for a missing column, a figure that is no whole number, a region without a figure, and a city with
            figures of both kinds.
    """
    table = read_table(path, texts=("city", "district"))
    need(table, COLUMNS, path.name)
    people = floats(table["population"])
    bad = people.isna() | (people < 0) | (people > _MOST) | (people % 1 != 0)
    problems = [
        Problem(path.name, "is no whole number of residents", "give the census figure", int(row) + 2, "population",
                table.loc[row, "population"])
        for row in table.index[bad]
    ]  # fmt: skip
    known = table.assign(population=people)[table["city"].isin(set(regions["city"]))]
    doubled = known.duplicated(["city", "district"])
    problems += [
        Problem(path.name, "is there twice", "keep one", int(row) + 2, "district", known.loc[row, "district"])
        for row in known.index[doubled]
    ]
    figures: dict[tuple[str, str], float] = {
        (str(city), str(district)): float(people)
        for city, district, people in known[["city", "district", "population"]].itertuples(index=False)
    }
    whole = {city for city, district in figures if district == WHOLE_CITY}
    for city in sorted(whole & {city for city, district in figures if district != WHOLE_CITY}):
        mend = f"keep either the row with {WHOLE_CITY} or those of the districts"
        problems.append(Problem(path.name, f"has {city} both as a whole and by district", mend, column="district"))
    areas = []
    for city, district in zip(regions["city"], regions["district"], strict=True):
        if city not in whole and (city, district) not in figures:
            mend = f"add a row for it, or one with district {WHOLE_CITY} for all of {city}"
            problems.append(Problem(path.name, f"has no population of {district} in {city}", mend, column="district"))
        areas.append(city if city in whole else district)
    if problems:
        raise InputError(problems)
    area = pd.Series(areas, index=regions.index, dtype=object)
    asked = {(city, WHOLE_CITY if city in whole else name) for city, name in zip(regions["city"], area, strict=True)}
    totals = {city if district == WHOLE_CITY else district: int(figures[city, district]) for city, district in figures
              if (city, district) in asked}  # fmt: skip
    left = {f"{city}, {district}": int(n) for (city, district), n in figures.items() if (city, district) not in asked}
    return Census(area, totals, frozenset(whole), left)
