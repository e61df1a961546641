"""Parts of a recipe that say how the case is cut out, peopled and linked; sources of roads are in ``roads.spec``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hubopt.data.ground.coordinates import Datum


class Part(BaseModel):
    """Base of the parts of a recipe; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


Files = tuple[str, ...]


class Inputs(Part):
    """Tables that belong to the case, relative to the recipe.

    Each may be several files: a later one adds rows to the earlier ones and replaces theirs. ``terminals``, ``land``
    and ``exchange`` are as in the instance; ``land`` stands beside the limits of the districts.
    """

    structure: Files = Field(min_length=1)
    parameters: Files = Field(min_length=1)
    districts: Files = Field(min_length=1)
    gateways: Files = Field(min_length=1)
    admissions: Files = Field(min_length=1)
    known_sites: Files = Field(min_length=1)
    existing: Files = ()
    terminals: Files = ()
    land: Files = ()

    @field_validator("*", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    def files(self) -> list[tuple[str, str]]:
        """Key and path of every file, in the order of the recipe."""
        return [(key, name) for key, names in self.model_dump().items() for name in names]


class Area(Part):
    """The cities of the case, and those around them that roads and maps show."""

    cities: tuple[str, ...] = Field(min_length=1, description="English names")
    around: tuple[str, ...] = ()
    exchange: Literal["everywhere", "city"] = Field(
        default="everywhere", description="how far in-city goods go: between all groups, or within each city"
    )


class Zones(Part):
    """See :class:`hubopt.data.zones.merge.ZoneRule`."""

    resolution: int = Field(ge=4, le=10)
    count: int = Field(ge=1)
    span_km: float = Field(gt=0)
    least: float = Field(default=0, ge=0, description="residents below which a zone is merged whatever the count")
    sparse_km: float = Field(default=0, ge=0, description="how far such zones may reach")


class Counts(Part):
    """A file that counts residents where they live: in place of spreading the census, which still gives the totals."""

    path: str = Field(min_length=1, description="file, relative to the data root")
    kind: Literal["raster", "hexagons", "polygons"] = Field(
        description="persons per cell of a raster, a table of H3 cells, or areas that each become a zone"
    )
    cell_column: str = Field(default="cell", description="column of the H3 cell (hexagons)")
    id_column: str = Field(default="id", description="column that names an area (polygons)")
    population_column: str = Field(default="population", description="column of residents (hexagons, polygons)")
    layer: str | None = Field(default=None, description="layer of the file (polygons)")
    datum: Datum = Field(default="WGS84", description="what the coordinates are in (polygons)")


class Spreading(Part):
    """See :class:`hubopt.data.zones.pieces.Spread`."""

    fabric: float = Field(default=1, ge=0)
    places: float = Field(default=0, ge=0)
    area: float = Field(default=0, ge=0)
    exponent: float = Field(default=1.5, ge=0, le=5)
    damping: float = Field(default=0.8, gt=0, le=1)


class Sites(Part):
    """Made-up candidates of one level; see :mod:`hubopt.data.sites.generated` and :mod:`hubopt.data.sites.by_zone`."""

    level: Literal["utc", "station"]
    at: Literal["clusters", "zones"] = Field(
        default="clusters", description="clusters of the road fabric, or the middle of every zone (fine grids)"
    )
    count: int = Field(default=1, ge=1, description="clusters wanted")
    least: float = Field(default=0, ge=0, description="residents that a zone needs for a candidate (zones)")
    area_share: float = Field(default=0, ge=0, le=1)
    classes: tuple[str, ...] = Field(min_length=1)
    search_km: float = Field(gt=0)
    junction_pull: float = Field(default=0, ge=0, le=1)
    apart_km: float = Field(ge=0)
    fill_km: float = Field(default=1e9, gt=0)
    land_ha: float = Field(gt=0, description="at the median land price, less where land is dearer")
    designs: tuple[str, ...] = Field(default=(), description="designs it may have; none given: all of the level")
    word_en: str
    word_zh: str


class Leg(Part):
    """Which pairs of a leg are kept, over the road network.

    ``max_km`` beyond which pairs are dropped; ``nearest`` upper ends of each lower end that are kept whatever the
    distance up to ``reach_km``; ``most`` upper ends of each lower end kept at all.
    """

    leg: str = Field(
        pattern=r"^(gateway-(hub|utc|station)|hub-(hub|utc|station|zone)|utc-(utc|station|zone)|station-zone)$"
    )
    mode: str
    upper_designs: tuple[str, ...] = Field(
        default=(), description="only upper ends that may have one of these designs; none given: all"
    )
    same_city: bool = Field(default=False, description="only pairs within a city")
    max_km: float | None = Field(default=None, gt=0)
    nearest: int = Field(default=0, ge=0)
    most: int | None = Field(default=None, ge=1)
    reach_km: float | None = Field(default=None, gt=0, description="beyond this nothing is looked for; none: anywhere")
    minutes_factor: float = Field(default=1, gt=0, description="driving time of the mode over that of the graph")


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


class LandFile(Part):
    """Mapped land: a user's own candidates, areas of OpenStreetMap, or polygons by class.

    Of kind ``osm`` the tags say what is candidate land, water, protected land or homes; of kind ``classes`` the mapping
    ``classes`` says which kind of candidate a class is.
    """

    path: str = Field(min_length=1, description="file, relative to the data root")
    kind: Literal["candidates", "osm", "classes"] = "candidates"
    layer: str | None = None
    datum: Datum = Field(default="WGS84", description="what the coordinates are in (candidates)")
    class_column: str = Field(default="class", description="column of the class (classes)")
    classes: Mapping[str, str] = Field(default_factory=dict, description="class to kind of land (classes)")
    prefix: str = Field(default="land", description="how ids begin (classes)")
    name_en: str = Field(default="Land", description="how names begin (classes)")
    name_zh: str = Field(default="地块", description="how names begin (classes)")
    source: str = Field(default="", description="to be named in the table of sites (classes)")
    levels: tuple[Literal["hub", "utc", "station"], ...] = Field(default=(), description="only these; none: by area")
    least_ha: float = Field(default=0, ge=0, description="smaller candidates are left out")
    most: int | None = Field(default=None, ge=1, description="the largest so many candidates are taken")

    @model_validator(mode="after")
    def _classes(self) -> LandFile:
        if self.kind == "classes" and not self.classes:
            raise ValueError("land of kind classes needs the mapping classes")
        return self


class Layers(Part):
    """How coarse the layers of the base map are."""

    tolerance_m: float = Field(default=60, gt=0)
    context_tolerance_m: float = Field(default=200, gt=0)
    context_km: float = Field(default=25, gt=0, description="how far beyond the cities their surroundings are shown")
    road_classes: tuple[str, ...] = ("trunk", "primary")


class Origin(Part):
    """A source to be named on maps and reports."""

    id: str
    title: str
    date: str = ""
    licence: str = ""
    url: str = ""
    note: str = ""
