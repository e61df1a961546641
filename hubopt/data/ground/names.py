"""Names for made-up places, after the subdistrict that is nearest in the gazetteer."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from hubopt.data.files import need, numbers, read_table
from hubopt.data.ground.coordinates import WGS84, to_metric
from hubopt.data.ground.districts import which_district

_SUFFIX = "街道"

_QUOTED = re.compile(r"'([^']*)'|\"[^\"]*\"")
"""Names in a list such as ``['Minzhi', '民治街道']``; those in double quotes have an apostrophe, as no Chinese name."""

PLACES = ("name", "longitude", "latitude", "alternatenames")
"""Columns of a gazetteer that are read, as GeoNames calls them."""


def read_places(path: Path) -> pd.DataFrame:
    """The places of a gazetteer in the columns of GeoNames.

    Raises:
        InputError: if it is no table, lacks a column, or has places that are not on the earth.
    """
    places = read_table(path, texts=("name", "alternatenames"))
    need(places, PLACES, path.name)
    lonlat = numbers(places, {"longitude": (-180, 180), "latitude": (-90, 90)}, path.name)
    return places.assign(**lonlat)


def read_gazetteer(path: Path, districts: gpd.GeoDataFrame) -> pd.DataFrame:
    """Subdistricts that lie in one of the districts: name_en, name_zh, district, lon, lat."""
    places = read_places(path)
    points = gpd.GeoSeries(gpd.points_from_xy(places["longitude"], places["latitude"]), crs=WGS84)
    where = which_district(points, districts)
    rows = []
    for place, position in zip(places.itertuples(), where, strict=True):
        chinese = [name for name in _QUOTED.findall(str(place.alternatenames)) if name.endswith(_SUFFIX)]
        if position >= 0 and chinese:
            english = str(place.name).replace("’", "'")
            district = str(districts["district"].iloc[position])
            rows.append((english, chinese[0].removesuffix(_SUFFIX), district, place.longitude, place.latitude))
    table = pd.DataFrame(rows, columns=["name_en", "name_zh", "district", "lon", "lat"])
    return table.sort_values(["lat", "lon"]).drop_duplicates("name_zh").reset_index(drop=True)


def _nearest_names(places: pd.DataFrame, gazetteer: pd.DataFrame) -> pd.DataFrame:
    """Names of the nearest subdistrict of the same district, or of the district if the gazetteer has none there."""
    names = places[["district", "district_zh"]].set_axis(["name_en", "name_zh"], axis=1).reset_index(drop=True)
    for district, own in gazetteer.groupby("district"):
        here = np.flatnonzero(places["district"].to_numpy() == district)
        if len(here):
            tree = KDTree(to_metric(own[["lon", "lat"]].to_numpy(dtype=float)))
            _, nearest = tree.query(to_metric(places[["lon", "lat"]].to_numpy(dtype=float)[here]))
            names.iloc[here] = own[["name_en", "name_zh"]].to_numpy()[nearest]
    return names


def name_places(places: pd.DataFrame, gazetteer: pd.DataFrame, word_en: str, word_zh: str) -> pd.DataFrame:
    """``places`` (lon, lat, district, district_zh) with names such as "Minzhi station 02" and "民治配送站02".

    The nearest subdistrict of the district gives the name; numbers run in the order of the table.
    """
    names = _nearest_names(places, gazetteer)
    number = names.groupby("name_zh").cumcount() + 1
    return places.assign(
        name_en=[f"{name} {word_en} {n:02d}" for name, n in zip(names["name_en"], number, strict=True)],
        name_zh=[f"{name}{word_zh}{n:02d}" for name, n in zip(names["name_zh"], number, strict=True)],
    )
