"""What every later step stands on: the tables of the case, outlines, figures, evidence of where people live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from hubopt.data.ground import names
from hubopt.data.ground.coordinates import METRIC, WGS84, Floats
from hubopt.data.ground.datum import require_outline_datum
from hubopt.data.ground.fabric import read_point_table, read_vertices
from hubopt.data.ground.regions import area_errors, known_regions, read_regions
from hubopt.data.inputs import read_inputs
from hubopt.data.recipe import Points, Recipe, data_root
from hubopt.data.roads.sources import read_lines
from hubopt.data.structure import read_structure
from hubopt.instance import InputError, Problem, Structure
from hubopt.instance.features import read_features

Notes = list[tuple[str, str]]

CLOSE_M = 30.0
"""Gaps between districts of a city that are narrower than twice this are closed in the outline of the city."""


@dataclass(frozen=True)
class Ground:
    """The recipe with everything read that is not made.

    ``regions``: one row per district of the case, with what its table says of it; ``cities``: outlines of the case's
    cities and of those around them (id, name_en, name_zh, own); ``vertices``: road places by city as lon, lat.
    """

    recipe: Recipe
    root: Path
    tables: Mapping[str, pd.DataFrame]
    structure: Structure
    regions: gpd.GeoDataFrame
    cities: gpd.GeoDataFrame
    expressways: gpd.GeoDataFrame
    vertices: Mapping[str, Floats]
    places: pd.DataFrame
    gazetteer: pd.DataFrame
    notes: tuple[tuple[str, str], ...]

    @property
    def parameters(self) -> pd.DataFrame:
        """The figures of the case."""
        return self.tables["parameters"]

    @property
    def outline(self) -> shapely.Geometry:
        """All cities of the case together, WGS84."""
        return shapely.union_all(self.cities.geometry.to_numpy()[self.cities["own"].to_numpy()])


def _points(item: Points, root: Path) -> Floats:
    return read_point_table(root / item.path, item.x, item.y, item.crs) if item.x else read_vertices(root / item.path)


def city_outlines(regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One outline per city, slivers between its districts closed: id, name_en, name_zh."""
    rows, shapes = [], []
    for city, own in regions.groupby("city", sort=False):
        whole = shapely.union_all(shapely.buffer(own.to_crs(METRIC).geometry.to_numpy(), CLOSE_M))
        shapes.append(shapely.buffer(whole, -CLOSE_M))
        rows.append({"id": city, "name_en": city, "name_zh": own["city_zh"].iloc[0]})
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=METRIC).to_crs(WGS84)


def _with_case(regions: gpd.GeoDataFrame, table: pd.DataFrame, file: str) -> gpd.GeoDataFrame:
    """``regions`` with the case's columns of its districts (``group``, price, limit, weight, source, reliability)."""
    known = set(regions["district"])
    problems = [
        Problem(file, "has no row for a district of the case", "add it", column="district", value=name)
        for name in sorted(known - set(table["district"]))
    ]
    if problems:
        raise InputError(problems)
    own = table[[name for name in table.columns if name == "district" or name not in regions.columns]]
    joined = regions.merge(own, on="district", how="left", validate="one_to_one")
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=WGS84)


def _area_notes(regions: gpd.GeoDataFrame) -> Notes:
    errors = area_errors(regions)
    inland = errors[~errors["coastal"]]
    if not len(inland):
        return []
    worst = inland.iloc[int(inland["error"].abs().to_numpy().argmax())]
    text = f"{len(inland)} districts, the worst {worst['district']} {100 * worst['error']:+.1f} %"
    return [("areas of outlines against official figures", text)]


def _datum_notes(recipe: Recipe, root: Path, vertices: Mapping[str, Floats]) -> Notes:
    """Whether the outlines lie in the datum they are declared to be in, by the roads of the first city that has any."""
    known = known_regions()
    chinese = dict(zip(known["city"], known["city_zh"], strict=True))
    raw = read_features(root / recipe.data.outlines)
    for city in recipe.area.cities:
        own = raw[(raw["city"] == chinese.get(city)) & raw["district"].notna()] if "city" in raw else raw[:0]
        if city in vertices and len(own):
            file = Path(recipe.data.outlines).name
            return list(require_outline_datum(own, recipe.data.outlines_datum, vertices[city], file))
    return []


def read_ground(recipe: Recipe, path: Path) -> Ground:
    """Read all that the recipe names but the roads.

    Raises:
        InputError: with every mistake in the tables, the structure or the raw data of a step.
    """
    root, folder = data_root(recipe, path), path.parent
    tables = read_inputs(recipe, folder)
    structure = read_structure(
        [folder / name for name in recipe.inputs.structure], tables["parameters"], recipe.sources
    )
    outlines = root / recipe.data.outlines
    regions, mended = read_regions(outlines, recipe.area.cities, recipe.data.outlines_datum)
    cities = city_outlines(regions).assign(own=True)
    if recipe.area.around:
        around, _ = read_regions(outlines, recipe.area.around, recipe.data.outlines_datum)
        cities = gpd.GeoDataFrame(pd.concat([cities, city_outlines(around).assign(own=False)], ignore_index=True))
    vertices = {item.city: _points(item, root) for item in recipe.data.vertices}
    notes = [
        ("mended in the outlines", "; ".join(map(str, mended)) or "nothing"),
        *_datum_notes(recipe, root, vertices),
        *_area_notes(regions),
    ]
    return Ground(
        recipe=recipe,
        root=root,
        tables=tables,
        structure=structure,
        regions=_with_case(regions, tables["districts"], recipe.inputs.districts[-1]),
        cities=cities,
        expressways=read_expressways(root / recipe.data.expressways),
        vertices=vertices,
        places=names.read_places(root / recipe.data.places),
        gazetteer=names.read_gazetteer(root / recipe.data.places, regions),
        notes=tuple(notes),
    )


def read_expressways(path: Path) -> gpd.GeoDataFrame:
    """Lines from junction to junction, with the column ``route``.

    Raises:
        InputError: if they cannot be read, are no lines or name no routes.
    """
    found = read_lines(path)
    if "route" not in found.columns:
        raise InputError([Problem(path.name, "has no such column", "add the route of each line", column="route")])
    return found


def position_array(places: pd.DataFrame) -> Floats:
    """Lon and lat as an array, shape (n, 2)."""
    return places[["lon", "lat"]].to_numpy(dtype=float)


def named(places: pd.DataFrame, ground: Ground, word_en: str, word_zh: str) -> pd.DataFrame:
    """Places with names in both languages after their subdistricts, or districts where none is known."""
    chinese = ground.regions.set_index("district")["district_zh"].str.removesuffix("区").str.removesuffix("新")
    own = places.assign(district_zh=places["district"].map(chinese))
    return names.name_places(own, ground.gazetteer, word_en, word_zh)


def distinct_names(places: pd.DataFrame) -> pd.DataFrame:
    """``places`` with a district, and then a number, added to names that occur twice."""
    result = places.reset_index(drop=True)
    for name in ("name_en", "name_zh"):
        twice = result[name].duplicated(keep=False).to_numpy()
        result.loc[twice, name] = result.loc[twice, name] + " (" + result.loc[twice, "district"] + ")"
        number = result.groupby(name).cumcount()
        again = (number > 0).to_numpy()
        result.loc[again, name] = result.loc[again, name] + " " + (number[again] + 1).astype(str)
    return result
