"""The districts of all eleven cities: their names in both languages, their outlines, and how true their areas are."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import pandas as pd

from hubopt.data.ground.coordinates import METRIC, WGS84, Datum, shapes_to_wgs84
from hubopt.data.ground.districts import districts
from hubopt.data.ground.geometry import AREAS, sound_shapes
from hubopt.instance.errors import InputError, Problem, choose_from
from hubopt.instance.features import read_features

OUTLINE_COLUMNS = ("city", "district")


def known_regions() -> pd.DataFrame:
    """Every district of the eleven cities.

    Columns: city, city_zh, district (English names, distinct over all cities), district_zh, outline_zh (name in the
    outlines), east_of (see :func:`~hubopt.data.ground.districts.districts`), official_km2 (land area where it is known
    reliably), coastal (whether the outlines hold sea beyond it), area_source.
    """
    with files("hubopt.data.ground").joinpath("regions.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, keep_default_na=False)
    for name in ("east_of", "official_km2"):
        table[name] = pd.to_numeric(table[name].replace("", None)).astype(float)
    return table


def read_regions(
    path: Path, cities: Sequence[str], datum: Datum = "GCJ-02", simplify_degrees: float = 0.0001
) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    """Outlines of every district of the named cities, and what was mended in the file.

    Args:
        path: polygons with columns city and district in Chinese; rows without a district are outlines of cities.
        cities: English names.
        datum: what the coordinates of the file are in, whatever its label says.
        simplify_degrees: tolerance of the outlines.

    Returns:
        city, city_zh, district, district_zh, id (the district), name_en, name_zh, area_km2, official_km2, geometry
        (WGS84), in the order of the cities; and the list of mended features.

    Raises:
        InputError: for an unknown city, a missing column, a district without an outline or with a bad one.
    """
    table = known_regions()
    if unknown := [city for city in cities if city not in set(table["city"])]:
        known = set(table["city"])
        raise InputError(
            [Problem("recipe", "is no city of the region", choose_from(c, known), value=c) for c in unknown]
        )
    raw = read_features(path)
    if missing := [name for name in OUTLINE_COLUMNS if name not in raw.columns]:
        raise InputError([Problem(path.name, "has no such column", "add it", column=name) for name in missing])
    names = dict(zip(table["city"], table["city_zh"], strict=True))
    own = raw[raw["city"].isin([names[city] for city in cities]) & raw["district"].notna()]
    own = own.set_geometry(own.geometry.simplify(simplify_degrees)).reset_index(drop=True)
    sound, mended = sound_shapes(own, path.name, kinds=AREAS, keep_all=True)
    plain = shapes_to_wgs84(sound, datum)
    parts, problems = [], []
    for city in cities:
        rows = table[table["city"] == city]
        here = plain[plain["city"] == names[city]]
        lost = sorted(set(rows["outline_zh"]) - set(here["district"]))
        problems += [
            Problem(path.name, f"has no outline of {name} in {names[city]}", "add it", column="district", value=name)
            for name in lost
        ]
        if not lost:
            parts.append(districts(here, rows))
    if problems:
        raise InputError(problems)
    together = pd.concat(parts, ignore_index=True)
    shapes = gpd.GeoDataFrame(together, geometry="geometry", crs=WGS84)
    named = shapes.assign(id=shapes["district"], name_en=shapes["district"], name_zh=shapes["district_zh"])
    return named.assign(area_km2=shapes.to_crs(METRIC).area / 1e6), mended


def area_errors(regions: gpd.GeoDataFrame) -> pd.DataFrame:
    """Areas of the districts against the official land areas where those are known.

    Returns:
        district, area_km2, official_km2, error (relative), coastal; ``coastal`` outlines hold sea as well, so that
        only the others can be judged.
    """
    known = known_regions().set_index("district")
    table = pd.DataFrame(regions[["district", "area_km2"]])
    table["official_km2"] = table["district"].map(known["official_km2"])
    table["coastal"] = table["district"].map(known["coastal"]) == "true"
    table["error"] = table["area_km2"] / table["official_km2"] - 1
    return table[table["official_km2"].notna()].reset_index(drop=True)
