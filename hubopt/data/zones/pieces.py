"""Pieces: hexagons of an H3 grid cut at the limits of districts, each with the residents that some evidence gives it.

Every source of demand zones ends in pieces: the census spread over road fabric, places and area; a population raster;
a table of counts by hexagon. Zones are then merged from pieces (:mod:`hubopt.data.zones.merge`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import METRIC, WGS84, Floats, to_metric
from hubopt.data.ground.fabric import Fabric, fabric_of

PLACE_WEIGHTS = {"街道": 3.0, "镇": 1.5, "乡": 1.0}
"""What a place counts for, by the ending of its Chinese name: urban subdistrict, town, township (an assumption)."""

OTHER_PLACE = 0.5
"""What any other place counts for: villages and quarters (an assumption)."""

PLACE_SCALE_KM = 2.5
"""Residents around a place thin out as exp(-km / this): a built-up town of some 20 km2 (an assumption)."""

PLACE_REACH_KM = 10.0

UNPEOPLED_KM = {"airport": 2.0, "port": 0.8}
"""Nobody lives this near the middle of an airport or a port terminal, for all their roads (an assumption)."""


@dataclass(frozen=True)
class Spread:
    """How the residents of a census area go over its hexagons: three shares, scaled to add up to 1.

    ``fabric``: with road vertices, weighed by their continuity to the power of ``exponent`` (0: all alike, for sources
    with junctions only); ``places``: around named places; ``area``: evenly over the land. ``damping``: a hexagon's
    fabric counts to this power, because mappers draw some quarters in more detail than others (an assumption).
    """

    fabric: float = 1.0
    places: float = 0.0
    area: float = 0.0
    exponent: float = 1.5
    damping: float = 0.8

    @property
    def synthetic(self) -> bool:
        """Whether no fabric stands behind the spread."""
        return self.fabric <= 0


FABRIC_ONLY = Spread()
FABRIC_AND_PLACES = Spread(fabric=0.7, places=0.2, area=0.1)
"""For cities with fabric and one census figure: their districts differ more than their fabric says (an assumption)."""
PLACES_AND_AREA = Spread(fabric=0.0, places=0.85, area=0.15)
"""For cities without fabric (an assumption)."""


@dataclass(frozen=True)
class Evidence:
    """What tells where people live.

    ``vertices``: road vertices (n, 2) as lon, lat by city; ``places``: lon, lat, weight; ``empty``: lon, lat, radius_km
    of places with roads and no residents, such as airports and ports.
    """

    vertices: Mapping[str, Floats]
    places: pd.DataFrame
    empty: pd.DataFrame | None = None


def unpeopled(gateways: pd.DataFrame) -> pd.DataFrame:
    """lon, lat, radius_km around the airports and ports among ``gateways`` (kind, lon, lat)."""
    radius = gateways["kind"].map(UNPEOPLED_KM)
    own = radius.notna() & gateways["lon"].notna()
    return gateways.loc[own, ["lon", "lat"]].assign(radius_km=radius[own].astype(float)).reset_index(drop=True)


def place_weights(gazetteer: pd.DataFrame) -> pd.DataFrame:
    """lon, lat, weight of the places of a gazetteer in the columns of GeoNames; their populations are not used.

    GeoNames figures nest (a city holds its districts) and most are 0, so a place counts by what kind it is.
    """
    names = gazetteer["alternatenames"].astype(str)
    weight = np.full(len(gazetteer), OTHER_PLACE)
    for ending, value in reversed(PLACE_WEIGHTS.items()):
        weight[names.str.contains(f"{ending}'").to_numpy()] = value
    return pd.DataFrame({"lon": gazetteer["longitude"], "lat": gazetteer["latitude"], "weight": weight})


def cells_of(lonlat: Floats, resolution: int) -> NDArray[np.object_]:
    """H3 cell of each point, shape (n,)."""
    return np.array([h3.latlng_to_cell(lat, lon, resolution) for lon, lat in lonlat], dtype=object)


def hexagon(cell: str) -> shapely.Polygon:
    """Outline of a cell, WGS84."""
    return shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)])


def cut(table: pd.DataFrame, regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The hexagons of ``table`` (region: position, cell) cut at the limits of their regions, WGS84; with area_km2.

    Cells that only touch a region are left out.
    """
    shapes = np.array([hexagon(cell) for cell in table["cell"]], dtype=object)
    result = np.empty(len(table), dtype=object)
    position = table["region"].to_numpy()
    for number, limit in enumerate(regions.geometry.to_numpy()):
        own = np.flatnonzero(position == number)
        shapely.prepare(limit)
        whole = shapely.contains_properly(limit, shapes[own])
        result[own[whole]] = shapes[own[whole]]
        # cutting every hexagon of the edge with a whole coastline is slow: cut the coastline to their strip first
        edge = own[~whole]
        if len(edge):
            result[edge] = _cut_edge(limit, shapes[edge])
    frame = gpd.GeoDataFrame(table.reset_index(drop=True), geometry=result, crs=WGS84)
    frame["area_km2"] = frame.to_crs(METRIC).area / 1e6
    return frame[frame["area_km2"] > 1e-6].reset_index(drop=True)


def _cut_edge(limit: shapely.Geometry, shapes: NDArray[np.object_], depth: int = 0) -> NDArray[np.object_]:
    if len(shapes) <= 32 or depth > 12:
        return np.asarray(shapely.intersection(limit, shapes))
    middle = shapely.get_coordinates(shapely.centroid(shapes))
    order = np.argsort(middle[:, int(np.ptp(middle[:, 1]) > np.ptp(middle[:, 0]))], kind="stable")
    result = np.empty(len(shapes), dtype=object)
    for half in (order[: len(order) // 2], order[len(order) // 2 :]):
        west, south, east, north = shapely.total_bounds(shapes[half])
        result[half] = _cut_edge(shapely.clip_by_rect(limit, west, south, east, north), shapes[half], depth + 1)
    return result


def _peopled(vertices: Floats, empty: pd.DataFrame | None) -> Floats:
    """The vertices outside every place without residents."""
    if empty is None or not len(empty):
        return vertices
    tree = KDTree(to_metric(vertices))
    middles = to_metric(empty[["lon", "lat"]].to_numpy(dtype=float))
    keep = np.ones(len(vertices), dtype=bool)
    for inside in tree.query_ball_point(middles, empty["radius_km"].to_numpy(dtype=float) * 1000):
        keep[inside] = False
    return vertices[keep]


def gather_fabric(
    evidence: Evidence, regions: gpd.GeoDataFrame, spreads: Mapping[str, Spread], resolution: int
) -> Fabric:
    """The road vertices that lie in a region of their city and not in an unpeopled place, weighed as the spread says.

    ``district`` of the fabric is the position in ``regions``.
    """
    parts = [Fabric(np.zeros((0, 2)), np.zeros(0, dtype=int), np.zeros(0, dtype=object), np.zeros(0))]
    for city in [city for city in spreads if city in evidence.vertices]:
        own = np.flatnonzero((regions["city"] == city).to_numpy())
        vertices = _peopled(evidence.vertices[city], evidence.empty)
        found = fabric_of(vertices, regions.iloc[own], resolution, spreads[city].exponent)
        parts.append(Fabric(found.lonlat, own[found.district], found.cell, found.weight))
    return Fabric(
        np.concatenate([part.lonlat for part in parts]),
        np.concatenate([part.district for part in parts]),
        np.concatenate([part.cell for part in parts]),
        np.concatenate([part.weight for part in parts]),
    )


def _all_cells(own: NDArray[np.int64], regions: gpd.GeoDataFrame, resolution: int) -> pd.DataFrame:
    """Every cell that overlaps one of the regions: region, cell."""
    rows = []
    for position in own:
        shape = h3.geo_to_h3shape(regions.geometry.iloc[position])
        cells = h3.h3shape_to_cells_experimental(shape, resolution, contain="overlap")
        rows += [(position, cell) for cell in sorted(cells)]
    return pd.DataFrame(rows, columns=["region", "cell"])


def _near_places(cells: pd.Series, places: pd.DataFrame) -> Floats:
    """What the places around give each cell, shape (cells,)."""
    if not len(places):
        return np.zeros(len(cells))
    centres = to_metric(np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells], dtype=float).reshape(-1, 2))
    xy = to_metric(places[["lon", "lat"]].to_numpy(dtype=float))
    near = KDTree(centres).sparse_distance_matrix(KDTree(xy), PLACE_REACH_KM * 1000, output_type="coo_matrix")
    given = np.exp(-near.data / (1000 * PLACE_SCALE_KM)) * places["weight"].to_numpy(dtype=float)[near.col]
    return np.bincount(near.row, weights=given, minlength=len(cells)).astype(float)


def census_pieces(
    regions: gpd.GeoDataFrame,
    area: pd.Series,
    totals: Mapping[str, int],
    fabric: Fabric,
    places: pd.DataFrame,
    spreads: Mapping[str, Spread],
    resolution: int,
) -> gpd.GeoDataFrame:
    """Pieces with the residents of each census area spread over its hexagons.

    Args:
        regions: outlines with a column ``city``, WGS84.
        area: census area of each region.
        totals: residents by census area.
        fabric: road vertices in the regions (see :func:`gather_fabric`).
        places: lon, lat, weight (see :func:`place_weights`).
        spreads: by city, how to spread; a city with a share of fabric needs vertices.
        resolution: of the H3 grid.

    Returns:
        region (position), cell, population (fractional; sums to the total of each census area), area_km2, geometry.
    """
    vertices = pd.DataFrame({"region": fabric.district, "cell": fabric.cell, "fabric": fabric.weight})
    streets = vertices.groupby(["region", "cell"])["fabric"].sum().reset_index()
    parts = []
    for city, spread in spreads.items():
        own = np.flatnonzero((regions["city"] == city).to_numpy())
        table = streets[streets["region"].isin(own)]
        if spread.places > 0 or spread.area > 0:
            table = _all_cells(own, regions, resolution).merge(table, how="left", on=["region", "cell"])
        shaped = cut(table.fillna({"fabric": 0.0}).astype({"region": int}), regions)
        shaped["fabric"] = shaped["fabric"] ** spread.damping
        shaped["places"] = _near_places(shaped["cell"], places) * shaped["area_km2"]
        shaped["census"] = area.to_numpy()[shaped["region"]]
        share = np.zeros(len(shaped))
        present = np.zeros(len(shaped))
        for name, part in (("fabric", spread.fabric), ("places", spread.places), ("area_km2", spread.area)):
            whole = shaped.groupby("census")[name].transform("sum").to_numpy(dtype=float)
            given = np.divide(shaped[name].to_numpy(dtype=float), whole, out=np.zeros(len(shaped)), where=whole > 0)
            share += part * given
            present += part * (whole > 0)
        shaped["share"] = share / np.maximum(present, 1e-12)
        parts.append(shaped)
    pieces = pd.concat(parts, ignore_index=True)
    pieces["population"] = pieces["share"] * pieces["census"].map(totals).astype(float)
    frame = gpd.GeoDataFrame(pieces, geometry="geometry", crs=WGS84).sort_values(["region", "cell"])
    return frame[["region", "cell", "population", "area_km2", "geometry"]].reset_index(drop=True)
