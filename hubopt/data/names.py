"""Names for made-up places, after the subdistrict that is nearest in the gazetteer."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from hubopt.data.coordinates import to_metric

_SUFFIX = "街道"


def read_gazetteer(path: Path, bounds: tuple[float, float, float, float]) -> pd.DataFrame:
    """Subdistricts within ``bounds`` (west, south, east, north in degrees): name_en, name_zh, lon, lat."""
    places = pd.read_csv(path)
    west, south, east, north = bounds
    inside = places["longitude"].between(west, east) & places["latitude"].between(south, north)
    rows = []
    for place in places[inside].itertuples():
        chinese = [name for name in ast.literal_eval(str(place.alternatenames)) if str(name).endswith(_SUFFIX)]
        if chinese:
            row = (str(place.name).replace("’", "'"), chinese[0].removesuffix(_SUFFIX), place.longitude, place.latitude)
            rows.append(row)
    table = pd.DataFrame(rows, columns=["name_en", "name_zh", "lon", "lat"])
    return table.sort_values(["lat", "lon"]).drop_duplicates("name_zh").reset_index(drop=True)


def name_places(places: pd.DataFrame, gazetteer: pd.DataFrame, word_en: str, word_zh: str) -> pd.DataFrame:
    """``places`` (lon, lat, district, district_zh) with name_en and name_zh such as "Minzhi station 02" / "民治配送站02".

    The nearest subdistrict gives the name, numbers run in the order of the table.
    """
    tree = KDTree(to_metric(gazetteer[["lon", "lat"]].to_numpy(dtype=float)))
    _, nearest = tree.query(to_metric(places[["lon", "lat"]].to_numpy(dtype=float)))
    number = pd.Series(nearest).groupby(nearest).cumcount().to_numpy() + 1
    english = gazetteer["name_en"].to_numpy()[nearest]
    chinese = gazetteer["name_zh"].to_numpy()[nearest]
    tail = np.array([f"{n:02d}" for n in number], dtype=object)
    return places.assign(
        name_en=[f"{name} {word_en} {n}" for name, n in zip(english, tail, strict=True)],
        name_zh=[f"{name}{word_zh}{n}" for name, n in zip(chinese, tail, strict=True)],
    )
