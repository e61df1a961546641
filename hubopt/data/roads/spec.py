"""The part of a recipe that says where the roads come from and how their layers are made one network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

LayerKind = Literal[
    "lines", "edges", "gmns", "overpass-recorded", "overpass", "osm", "graphml", "expressways", "waypoints"
]

EDGE_COLUMNS: Mapping[str, str] = {
    "u": "u", "v": "v", "m": "m", "x_u": "lon_u", "y_u": "lat_u", "x_v": "lon_v", "y_v": "lat_v",
    "road_class": "cls", "oneway": "oneway",
}  # fmt: skip
"""Columns of a table of edges, by what they mean; see :func:`hubopt.data.roads.tables.read_edges`."""


class Part(BaseModel):
    """Base of the parts; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Layer(Part):
    """One source of roads. Every kind ends in the same directed graph."""

    name: str = Field(min_length=1)
    kind: LayerKind
    path: str = Field(default="", description="file or folder, relative to the data root; empty for overpass")
    nodes_path: str = Field(default="", description="table of nodes (gmns; edges whose ends are ids only)")
    within: tuple[str, ...] = Field(default=(), description="territories the layer is kept to; none: everywhere")
    class_column: str = Field(default="highway", description="column of the road class (lines)")
    columns: Mapping[str, str] = Field(default_factory=dict, description="columns that are called otherwise (edges)")
    crs: str = Field(default="EPSG:4326", description="of the coordinates (edges, gmns)")
    default_class: str = Field(default="", description="class of roads without one")
    directions: Literal["two-way", "infer", "column"] = Field(default="infer", description="of plain lines")
    keep: Literal["right", "left"] = Field(default="right", description="side that traffic keeps to (lines)")
    reach_m: float = Field(default=18, gt=0, le=100, description="reach of line ends to segments (lines)")
    bounds: tuple[float, float, float, float] | None = Field(
        default=None, description="west, south, east, north in degrees (overpass)"
    )
    ramps: bool = Field(default=False, description="the layer has no link roads: put ramps where they must be")
    stitch_m: float = Field(
        default=120, gt=0, description="loose ends this near a road of another layer are tied to it"
    )
    toll_cny_km: float = Field(default=0.45, ge=0, description="toll where tagged, or on every expressway")
    boarding_minutes: float = Field(default=30, ge=0, description="mean wait for a ferry")

    @model_validator(mode="after")
    def _where(self) -> Layer:
        if self.kind == "overpass" and self.bounds is None:
            raise ValueError("roads of kind overpass need bounds")
        if self.kind != "overpass" and not self.path:
            raise ValueError(f"roads of kind {self.kind} need a path")
        if self.kind == "gmns" and not self.nodes_path:
            raise ValueError("roads of kind gmns need nodes_path")
        return self


class Crossing(Part):
    """A place where a closed border may be passed.

    Without ``to_lon`` and ``to_lat`` the nearest roads on either side are joined. With them, the crossing is a bridge
    from (lon, lat) to there, of ``km``.
    """

    id: str
    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)
    to_lon: float | None = Field(default=None, ge=-180, le=180)
    to_lat: float | None = Field(default=None, ge=-90, le=90)
    km: float | None = Field(default=None, gt=0, description="driven km of the bridge; none: 1.1 times straight")
    km_h: float = Field(default=30, gt=0, description="speed from road to road, without the waiting")
    minutes: float = Field(default=0, ge=0, description="waiting and clearance")
    cny_t: float = Field(default=0, ge=0, description="border costs per tonne")
    reach_m: float = Field(default=2500, gt=0, description="how far the roads of either side may lie")

    @model_validator(mode="after")
    def _both(self) -> Crossing:
        if (self.to_lon is None) != (self.to_lat is None):
            raise ValueError("give both to_lon and to_lat, or neither")
        return self


class Mesh(Part):
    """Connector model where there are no data of arterial roads.

    A square mesh stands for the streets: from node to node in eight directions, ``circuity`` times the straight line
    at ``km_h`` (the class ``mesh``). All its edges are marked estimated.
    """

    territories: tuple[str, ...] = Field(default=(), description="territories without arterial data")
    across: tuple[tuple[str, str], ...] = Field(default=(), description="pairs between which the mesh is joined")
    step_m: float = Field(default=2000, gt=100)
    circuity: float = Field(
        default=1.30, ge=1, description="driven km over the straight line between neighbours of the mesh; the eight "
        "directions add 5 % on average, which gives the 1.37 observed in Shenzhen beyond 10 km",
    )  # fmt: skip
    junction_m: float = Field(default=3000, gt=0, description="mesh nodes this near an expressway junction are tied")


class RoadsSpec(Part):
    """All layers, the finest first, and how they are joined."""

    layers: tuple[Layer, ...] = Field(min_length=1)
    crossings: tuple[Crossing, ...] = ()
    mesh: Mesh = Mesh()
    behind_border: tuple[str, ...] = Field(default=(), description="territories that only crossings lead to")
    ramp_motorway_m: float = Field(default=500, ge=0, description="motorways this near a junction get ramps; 0: none")
    ramp_surface_m: float = Field(default=800, ge=0, description="surface roads this near a junction get ramps")
    rescue_m: float = Field(default=60, ge=0, description="parts cut off this near the main part are tied to it")

    @model_validator(mode="after")
    def _unique(self) -> RoadsSpec:
        for what, names in (("layer", [x.name for x in self.layers]), ("crossing", [x.id for x in self.crossings])):
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{what} {', '.join(twice)} is given more than once")
        return self

    def files(self) -> tuple[str, ...]:
        """Every file or folder that the layers read, relative to the data root."""
        return tuple(path for layer in self.layers for path in (layer.path, layer.nodes_path) if path)
