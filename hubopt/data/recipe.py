"""The recipe: one TOML file that says which data and rules make an instance."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from hubopt.data.sites.suitability import CRITERIA
from hubopt.instance.errors import InputError, Problem, problems_of

DATA_VARIABLE = "HUBOPT_DATA"
"""Environment variable that replaces the recipe's ``data.root``."""


class Part(BaseModel):
    """Base of the parts of a recipe; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Data(Part):
    """Raw data, which are optional local data and no part of the project."""

    root: str = Field(description="folder of the raw data, relative to the recipe")
    expressways: str = Field(description="lines from junction to junction with a column route")
    outlines: str = Field(description="outlines of cities and districts in GCJ-02")
    populations: str = Field(description="city, district, population")
    vertices: str = Field(description="road vertices, 'lat lon' on each line")
    places: str = Field(description="gazetteer in the columns of GeoNames")
    gateways: str = Field(description="id, lon, lat, precision_m of known gateways")


class Inputs(Part):
    """Tables that belong to the case, relative to the recipe.

    Structure and parameters may be several files: a later one adds records to the earlier ones and changes theirs.
    """

    structure: tuple[str, ...] = Field(min_length=1)
    parameters: tuple[str, ...] = Field(min_length=1)
    districts: str
    gateways: str
    admissions: str
    known_sites: str
    existing: str
    terminals: str | None = Field(default=None, description="loading capacities of modes, as in the instance")
    land: str | None = Field(default=None, description="limits beside those of the districts, as in the instance")

    @field_validator("structure", "parameters", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    def files(self) -> list[tuple[str, str]]:
        """Key and path of every file, in the order of the recipe."""
        found: list[tuple[str, str]] = []
        for key, value in self.model_dump(exclude_none=True).items():
            found += [(key, value)] if isinstance(value, str) else [(key, name) for name in value]
        return found


class Roads(Part):
    """Where the roads come from. Every kind ends in the same graph."""

    kind: Literal["lines", "overpass-recorded", "osm-xml", "graphml", "online"]
    path: str = Field(default="", description="file or folder, relative to the data root; empty for online")
    class_column: str = Field(default="highway", description="column of the road class (lines)")
    reach_m: float = Field(default=18, gt=0, le=100, description="reach of line ends to segments (lines)")
    bounds: tuple[float, float, float, float] | None = Field(
        default=None, description="west, south, east, north in degrees: what to ask for (online)"
    )
    ramp_motorway_m: float = Field(
        default=500, ge=0, description="motorways this near a junction get ramps; 0: no ramps"
    )
    ramp_surface_m: float = Field(default=800, ge=0, description="surface roads this near a junction get ramps")
    join_expressways: bool = Field(default=True, description="add the expressways beyond the road data")
    join_m: float = Field(default=500, gt=0, description="motorways this near their inner ends are tied to them")

    @model_validator(mode="after")
    def _where(self) -> Roads:
        if self.kind == "online" and self.bounds is None:
            raise ValueError("roads of kind online need bounds")
        if self.kind != "online" and not self.path:
            raise ValueError(f"roads of kind {self.kind} need a path")
        return self


class Area(Part):
    """The city and its neighbours."""

    city: str
    city_zh: str
    neighbours_zh: tuple[str, ...] = ()
    border_zh: tuple[str, ...] = Field(default=(), description="cities across a closed border")
    border_reach_m: float = Field(
        default=1500, gt=0, description="how far from a crossing its road may pass the border"
    )


class Zones(Part):
    """See :class:`hubopt.data.zones.hexagons.ZoneRule`."""

    resolution: int = Field(ge=4, le=10)
    count: int = Field(ge=1)
    span_km: float = Field(gt=0)
    continuity_exponent: float = Field(default=1.0, ge=0, le=5, description="see hubopt.data.ground.fabric")


class Sites(Part):
    """See :class:`hubopt.data.sites.generated.SiteRule`."""

    level: Literal["utc", "station"]
    count: int = Field(ge=1)
    area_share: float = Field(ge=0, le=1)
    classes: tuple[str, ...] = Field(min_length=1)
    search_km: float = Field(gt=0)
    junction_pull: float = Field(default=0, ge=0, le=1)
    apart_km: float = Field(ge=0)
    fill_km: float = Field(gt=0)
    land_ha: float = Field(gt=0, description="at the median land price, less where land is dearer")
    designs: tuple[str, ...] = Field(default=(), description="designs it may have; none given: all of the level")
    word_en: str
    word_zh: str


class Leg(Part):
    """See :class:`hubopt.data.travel.arcs.LegRule`."""

    leg: str = Field(
        pattern=r"^(gateway-(hub|utc|station)|hub-(hub|utc|station|zone)|utc-(utc|station|zone)|station-zone)$"
    )
    mode: str
    upper_designs: tuple[str, ...] = Field(
        default=(), description="only upper ends that may have one of these designs; none given: all"
    )
    max_km: float | None = Field(default=None, gt=0)
    nearest: int = Field(default=0, ge=0)
    most: int | None = Field(default=None, ge=1)
    minutes_factor: float = Field(default=1, gt=0)


class Link(Part):
    """Arcs of a mode that needs access of its own at both ends (quay, rail siding), by the straight line.

    ``access`` is looked for in the column of that name of the case's gateways and sites; where only the upper end needs
    it (a drone's runway), ``lower_access`` is empty. Circuity, km/h and minutes of loading are the parameters
    ``link.MODE.circuity``, ``link.MODE.km_h`` and ``link.MODE.minutes``. The arcs are marked as estimated.
    """

    leg: str = Field(pattern=r"^(gateway-(hub|utc)|hub-(hub|utc)|utc-utc)$")
    mode: str
    access: str = Field(min_length=1, description="what the upper end must have")
    lower_access: str | None = Field(default=None, description="what the lower end must have; none given: the same")
    min_km: float = Field(default=0, ge=0, description="shortest straight line")
    max_km: float | None = Field(default=None, gt=0, description="longest straight line")
    most: int | None = Field(default=None, ge=1, description="lower ends of each upper end, the farthest in reach")


class Suitability(Part):
    """Weights of the criteria of suitability, and the radius within which demand counts."""

    demand_km: float = Field(gt=0)
    weights: Mapping[str, float] = Field(description="by criterion: expressway, demand, land_price, gateway")

    @field_validator("weights")
    @classmethod
    def _known(cls, weights: Mapping[str, float]) -> Mapping[str, float]:
        if unknown := sorted(set(weights) - set(CRITERIA)):
            raise ValueError(f"no criterion is called {', '.join(unknown)}; there are {', '.join(CRITERIA)}")
        if not weights or min(weights.values()) < 0 or sum(weights.values()) <= 0:
            raise ValueError("weights must be at least 0 and not all 0")
        return weights


class Layers(Part):
    """How coarse the layers of the base map are."""

    tolerance_m: float = Field(default=60, gt=0)
    context_tolerance_m: float = Field(default=200, gt=0)
    context_km: float = Field(default=25, gt=0, description="how far beyond the city the neighbours are shown")
    road_classes: tuple[str, ...] = ("trunk", "primary")


class Origin(Part):
    """A source to be named on maps and reports."""

    id: str
    title: str
    date: str = ""
    licence: str = ""
    url: str = ""
    note: str = ""


class Recipe(Part):
    """A whole recipe."""

    seed: int = 0
    data: Data
    inputs: Inputs
    area: Area
    roads: Roads
    zones: Zones
    sites: tuple[Sites, ...]
    legs: tuple[Leg, ...]
    links: tuple[Link, ...] = ()
    drivers: Mapping[str, Literal["population", "industry"]] = Field(description="what spreads each commodity's demand")
    suitability: Suitability
    layers: Layers = Layers()
    sources: tuple[Origin, ...] = ()


def read_recipe(path: Path) -> Recipe:
    """Read a recipe; raises :class:`InputError` with every mistake in it."""
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError([Problem(path.name, "there is no such file", "give the path of a recipe TOML file")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError([Problem(path.name, f"cannot be read: {error}", "save it as TOML in UTF-8")]) from None
    try:
        return Recipe.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_of(error, path.name)) from None


def data_root(recipe: Recipe, path: Path) -> Path:
    """Folder of the raw data: the environment's, else the recipe's."""
    given = os.environ.get(DATA_VARIABLE)
    return Path(given) if given else (path.parent / recipe.data.root).resolve()


def missing_files(recipe: Recipe, path: Path) -> list[Problem]:
    """Files that the recipe names and that are not there."""
    root = data_root(recipe, path)
    raw = {f"data.{key}": root / value for key, value in recipe.data.model_dump().items() if key != "root"}
    if recipe.roads.kind != "online":
        raw["roads.path"] = root / recipe.roads.path
    own = {f"inputs.{key}": path.parent / value for key, value in recipe.inputs.files()}
    local = f"the raw data are optional local data: get them and set {DATA_VARIABLE} to their folder"
    return [
        Problem(path.name, f"there is no {file}", mend, column=key)
        for files, mend in ((raw, local), (own, "give a path relative to the recipe"))
        for key, file in files.items()
        if not file.exists()
    ]
