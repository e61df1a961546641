"""The recipe: one TOML file that says which data and rules make an instance."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, ValidationError, field_validator, model_validator

from hubopt.data.ground.coordinates import Datum
from hubopt.data.recipe_parts import (
    Area,
    Counts,
    Inputs,
    LandFile,
    Layers,
    Leg,
    Link,
    Origin,
    Part,
    Sites,
    Spreading,
    Zones,
)
from hubopt.data.roads.spec import RoadsSpec
from hubopt.data.sites.rules import LandRules
from hubopt.data.travel.spec import Calibration
from hubopt.data.zones.demand import Driver
from hubopt.instance.errors import InputError, Problem, problems_of
from hubopt.instance.intake import leads_out
from hubopt.instance.trees import read_toml

__all__ = [
    "DATA_VARIABLE", "Area", "Counts", "Data", "Inputs", "LandFile", "Layers", "Leg", "Link", "Origin", "Points",
    "Recipe", "Sites", "Spreading", "Zones", "data_root", "missing_files", "read_recipe",
]  # fmt: skip

DATA_VARIABLE = "HUBOPT_DATA"
"""Environment variable that replaces the recipe's ``data.root``."""


class Points(Part):
    """Road places of a city: a list of vertices, or columns of a table."""

    city: str
    path: str
    x: tuple[str, ...] = Field(default=(), description="columns of longitude or easting; none: text, 'lat lon' a line")
    y: tuple[str, ...] = Field(default=(), description="columns of latitude or northing, as many")
    crs: str = Field(default="EPSG:4326", description="what the columns are in")

    @model_validator(mode="after")
    def _pairs(self) -> Points:
        if len(self.x) != len(self.y):
            raise ValueError("x and y need as many columns each")
        return self


class Data(Part):
    """Raw data, which are optional local data and no part of the project."""

    root: str = Field(description="folder of the raw data, relative to the recipe")
    expressways: str = Field(description="lines from junction to junction with a column route")
    outlines: str = Field(description="outlines of districts, by their Chinese names")
    outlines_datum: Datum = Field(default="GCJ-02", description="what the outlines' coordinates are in")
    populations: str = Field(description="city, district (or * for the whole city), population")
    places: str = Field(description="gazetteer in the columns of GeoNames")
    vertices: tuple[Points, ...] = Field(min_length=1, description="road places by city")

    def files(self) -> list[tuple[str, str]]:
        """Key and path of every file."""
        named = [(key, getattr(self, key)) for key in ("expressways", "outlines", "populations", "places")]
        return [*named, *((f"vertices.{item.city}", item.path) for item in self.vertices)]


class Recipe(Part):
    """A whole recipe."""

    seed: int = 0
    data: Data
    inputs: Inputs
    area: Area
    roads: RoadsSpec
    zones: Zones
    counts: Counts | None = Field(default=None, description="none: the census is spread over road fabric and places")
    spreading: Mapping[str, Spreading] = Field(default_factory=dict, description="by city, how residents are spread")
    sites: tuple[Sites, ...] = ()
    calibration: Calibration | None = None
    legs: tuple[Leg, ...]
    links: tuple[Link, ...] = ()
    drivers: Mapping[str, Driver] = Field(description="what spreads each commodity's demand")
    land: LandRules = LandRules()
    land_files: tuple[LandFile, ...] = ()
    layers: Layers = Layers()
    sources: tuple[Origin, ...] = ()

    @field_validator("sites")
    @classmethod
    def _once(cls, sites: tuple[Sites, ...]) -> tuple[Sites, ...]:
        levels = [rule.level for rule in sites]
        if len(set(levels)) < len(levels):
            raise ValueError("give one rule of made-up sites per level")
        return sites


def read_recipe(path: Path) -> Recipe:
    """Read a recipe; raises :class:`InputError` with every mistake in it."""
    content = read_toml(path, "a recipe TOML file")
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_of(error, path.name)) from None


def data_root(recipe: Recipe, path: Path) -> Path:
    """Folder of the raw data: the environment's, else the recipe's."""
    given = os.environ.get(DATA_VARIABLE)
    return Path(given) if given else (path.parent / recipe.data.root).resolve()


def _beyond(name: str, path: Path, root: Path, *, links: bool) -> bool:
    """Whether ``path``, which a recipe gives as ``name``, lies outside ``root`` (``links``: links count as well)."""
    if Path(name).is_absolute():
        return True
    inside = Path(os.path.normpath(path)).is_relative_to(os.path.normpath(root))
    return not inside or (links and leads_out(path, root))


def strays(recipe: Recipe, path: Path) -> list[Problem]:
    """Files that a recipe names outside the folders that it may read.

    These are, for the tables of the case, the folder of the recipe and those beside it (cases share tables); for the
    raw data, the folder in the environment variable ``HUBOPT_DATA``, or else any folder below that of the recipe.
    """
    home = path.parent.resolve()
    trust = "if you trust the recipe, build with --trust"
    problems = []
    for key, name in recipe.inputs.files():
        if _beyond(name, home / name, home, links=True) and _beyond(name, home / name, home.parent, links=True):
            message = "leads out of the folders beside the recipe"
            problems.append(
                Problem(path.name, message, f"put the table there, or {trust}", None, f"inputs.{key}", name)
            )
    given = os.environ.get(DATA_VARIABLE)
    root = data_root(recipe, path)
    if not given and _beyond(recipe.data.root, home / recipe.data.root, home, links=True):
        mend = f"set {DATA_VARIABLE} to the folder of the raw data, or {trust}"
        problems.append(
            Problem(path.name, "leads out of the folder of the recipe", mend, None, "data.root", recipe.data.root)
        )
    for key, name in _raw_files(recipe):
        if _beyond(name, root / name, root, links=not given):
            message = "leads out of the folder of the raw data"
            problems.append(Problem(path.name, message, f"put the file there, or {trust}", None, key, name))
    return problems


def _raw_files(recipe: Recipe) -> list[tuple[str, str]]:
    """Key and name of every file of the raw data."""
    files = [(f"data.{key}", name) for key, name in recipe.data.files()]
    files += [("roads.layers", name) for name in recipe.roads.files()]
    files += [("land_files", item.path) for item in recipe.land_files]
    files += [] if recipe.counts is None else [("counts", recipe.counts.path)]
    return files if recipe.calibration is None else [*files, ("calibration.trips", recipe.calibration.trips)]


def missing_files(recipe: Recipe, path: Path) -> list[Problem]:
    """Files that the recipe names and that are not there."""
    root = data_root(recipe, path)
    raw = [(key, root / name) for key, name in _raw_files(recipe)]
    own = [(f"inputs.{key}", path.parent / value) for key, value in recipe.inputs.files()]
    local = f"the raw data are optional local data: get them and set {DATA_VARIABLE} to their folder"
    return [
        Problem(path.name, f"there is no {file}", mend, column=key)
        for files, mend in ((raw, local), (own, "give a path relative to the recipe"))
        for key, file in files
        if not _exists(file)
    ]


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except (OSError, ValueError):  # a name that is too long, or has a zero byte
        return False
