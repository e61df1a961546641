"""Instance tables from what the other modules make."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from hubopt.data.structure import figure
from hubopt.instance.frames import frame
from hubopt.instance.schema import TABLES


def table(name: str, content: pd.DataFrame) -> pd.DataFrame:
    """``content`` as the instance table ``name``: its columns only, defaults filled, sorted by key."""
    columns = [column.name for column in TABLES[name].columns if column.name in content.columns]
    if not columns:
        return frame(name, [])
    rows = [
        {str(key): value for key, value in row.items() if not pd.isna(value)}
        for row in content[columns].to_dict("records")
    ]
    return frame(name, rows).sort_values(list(TABLES[name].key), ignore_index=True)


def words(column: pd.Series) -> pd.Series:
    """The texts of a column, with empty ones for empty cells (of which a whole column may read as numbers)."""
    return column.astype(object).where(column.notna(), "").astype(str)


def may_have(sites: pd.DataFrame, designs: Sequence[str]) -> np.ndarray:
    """Which sites may have one of the designs, as booleans; a site that lists none may have all."""
    listed = words(sites["designs"]).str.split(";")
    return np.array([own == [""] or bool(set(own) & set(designs)) for own in listed], dtype=bool)


def land_limits(
    districts: gpd.GeoDataFrame, parameters: pd.DataFrame, sites: pd.DataFrame, further: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The table ``land``: a limit per district and per city that has sites, the total, and the case's own rows.

    A city's limit is the parameter ``land.city_share`` times the sum of its districts, the total's
    ``land.total_limit`` (ha).
    """
    rows = districts.assign(scope="district", id=districts["district"], limit_ha=districts["land_limit_ha"])
    used = rows[rows["district"].isin(set(sites["district"]))]
    share = figure(parameters, "land.city_share")
    sums = districts.groupby("city", sort=False)["land_limit_ha"].sum()
    wide = [
        {"scope": "city", "id": city, "limit_ha": round(float(limit) * share, 1),
         "source": "see parameters land.city_share", "reliability": "assumption"}
        for city, limit in sums.items() if city in set(sites["city"])
    ]  # fmt: skip
    total = {"scope": "total", "id": "total", "limit_ha": figure(parameters, "land.total_limit"),
             "source": "see parameters land.total_limit", "reliability": "assumption"}  # fmt: skip
    chosen = pd.DataFrame(used[["scope", "id", "limit_ha", "source", "reliability"]])
    parts = [chosen, pd.DataFrame([*wide, total]), *([] if further is None else [further])]
    return table("land", pd.concat(parts, ignore_index=True))
