"""What lies around candidate land, measured for every candidate: roads, gateways, demand, stock, homes, water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import METRIC, Floats, to_metric

RAIL_OR_QUAY = ("rail", "quay")
"""Values of a gateway's ``access`` that count for the criterion of rail and quay."""

CIRCUITY = 1.41
"""Driven km per straight km in town (8,786 observed taxi trips in Shenzhen, 2019)."""

KM_H = 35.0
"""Speed of trucks to a gateway where no driven minutes are given (an assumption)."""

NEAR_HOME_M = 800.0
"""Where homes are not mapped, density is read off the zones with their middle this near."""


@dataclass(frozen=True)
class Surroundings:
    """What candidate land is held against. Shapes are WGS84; None or empty means that nothing is known.

    ``junctions``, ``truck_roads``: expressway junctions and places on roads that trucks may use, metres, shape (n, 2).
    ``gateways``: kind, lon, lat and perhaps ``access`` (quay, rail, apron). ``zones``: lon, lat, population, area_km2
    and ``t_d`` (all commodities). ``districts``: district, city, land_price_cny_m2, geometry. ``stock``: polygons of
    industrial and warehouse land of today. ``homes``, ``water``, ``protected``: polygons.
    """

    junctions: Floats
    truck_roads: Floats
    gateways: pd.DataFrame
    zones: pd.DataFrame
    districts: gpd.GeoDataFrame
    homes: gpd.GeoDataFrame | None = None
    water: gpd.GeoDataFrame | None = None
    protected: gpd.GeoDataFrame | None = None
    stock: gpd.GeoDataFrame | None = None


Shapes = NDArray[Any]


def metric_shapes(frame: gpd.GeoDataFrame | None) -> Shapes:
    """Shapes of a layer in metres, made valid; none for None."""
    if frame is None or not len(frame):
        return np.zeros(0, dtype=object)
    return np.asarray(shapely.make_valid(frame.to_crs(METRIC).geometry.to_numpy()))


def metres_to_points(shapes: Shapes, xy: Floats) -> Floats:
    """Metres from each shape (its inside counts 0) to the nearest point, shape (shapes,); infinite without points."""
    if not len(xy):
        return np.full(len(shapes), np.inf)
    points: Any = shapely.points(xy)
    tree = shapely.STRtree(points)
    (found, _), metres = tree.query_nearest(shapes, return_distance=True, all_matches=False)
    result = np.full(len(shapes), np.inf)
    result[found] = metres
    return result


def metres_to_shapes(shapes: Shapes, others: Shapes) -> Floats:
    """Metres from each shape to the nearest of others, shape (shapes,); infinite without others."""
    if not len(others):
        return np.full(len(shapes), np.inf)
    (found, _), metres = shapely.STRtree(others).query_nearest(shapes, return_distance=True, all_matches=False)
    result = np.full(len(shapes), np.inf)
    result[found] = metres
    return result


def share_within(shapes: Shapes, others: Shapes) -> Floats:
    """Share (0 to 1) of the area of each shape that lies in any of the others, shape (shapes,)."""
    result = np.zeros(len(shapes))
    if not len(others):
        return result
    mine, theirs = shapely.STRtree(others).query(shapes, predicate="intersects")
    for position, found in pd.Series(theirs).groupby(mine):
        cover = shapely.union_all(others[found.to_numpy()])
        result[position] = shapely.area(shapely.intersection(shapes[position], cover))
    return np.asarray(result / np.maximum(shapely.area(shapes), 1e-9))


def sum_within(xy: Floats, others: Floats, values: Floats, km: float) -> Floats:
    """Sum of the values of the points within ``km`` of each place, shape (places,)."""
    if not len(others):
        return np.zeros(len(xy))
    near = KDTree(xy).query_ball_tree(KDTree(others), km * 1000)
    return np.array([values[found].sum() for found in near], dtype=float)


def nearest_km(xy: Floats, others: Floats) -> Floats:
    """Straight km from each place to the nearest of others; infinite without others."""
    if not len(others):
        return np.full(len(xy), np.inf)
    return np.asarray(KDTree(others).query(xy)[0] / 1000)


def places_xy(table: pd.DataFrame) -> Floats:
    """Positions of a table with lon, lat in metres, shape (n, 2); rows without a position left out."""
    known = table[table["lon"].notna() & table["lat"].notna()]
    return to_metric(known[["lon", "lat"]].to_numpy(dtype=float)) if len(known) else np.zeros((0, 2))


def density_around(xy: Floats, zones: pd.DataFrame) -> Floats:
    """Residents per km2 of the zones around each place: those within :data:`NEAR_HOME_M`, at least the nearest."""
    middles = places_xy(zones)
    people, km2 = zones["population"].to_numpy(dtype=float), zones["area_km2"].to_numpy(dtype=float)
    tree = KDTree(middles)
    near = tree.query_ball_point(xy, NEAR_HOME_M)
    _, nearest = tree.query(xy)
    chosen = [found or [int(own)] for found, own in zip(near, nearest, strict=True)]
    return np.array([people[own].sum() / max(km2[own].sum(), 1e-9) for own in chosen])


def measure(candidates: gpd.GeoDataFrame, around: Surroundings, demand_km: float, stock_km: float,
            gateway_minutes: Floats | None = None) -> pd.DataFrame:  # fmt: skip
    """What is known of each candidate, indexed like the candidates.

    Args:
        candidates: id and polygons, WGS84.
        around: what they are held against.
        demand_km, stock_km: straight distances within which demand and stock count.
        gateway_minutes: driven minutes to the nearest gateway, shape (candidates,); None: estimated from the straight
            line with :data:`CIRCUITY` and :data:`KM_H`.

    Returns:
        lon, lat, area_ha, district, city (empty outside all districts), expressway (km), gateway (min),
        gateway_estimated, rail_quay (km), demand (t/d), stock (ha), land_price (CNY/m2), truck_m, homes_m,
        homes_per_km2, water_share, protected_share, and km_KIND for the nearest gateway of each kind.
    """
    shapes = metric_shapes(candidates)
    inside = shapely.get_coordinates(shapely.point_on_surface(shapes))
    lonlat = shapely.get_coordinates(shapely.point_on_surface(candidates.geometry.to_numpy()))
    gates, access = around.gateways, around.gateways.get("access")
    served = access.isin(RAIL_OR_QUAY) if access is not None else gates["kind"].isin(["rail", "port"])
    straight = nearest_km(inside, places_xy(gates))
    minutes = straight * CIRCUITY / KM_H * 60 if gateway_minutes is None else np.asarray(gateway_minutes, dtype=float)
    stock = metric_shapes(around.stock)
    homes = metric_shapes(around.homes)
    points: Any = gpd.GeoSeries(gpd.points_from_xy(lonlat[:, 0], lonlat[:, 1]), crs=candidates.crs)
    districts = around.districts.reset_index(drop=True)
    point, where = districts.sindex.query(points, predicate="within")
    home = np.full(len(candidates), -1)
    home[point[::-1]] = where[::-1]
    table = pd.DataFrame(
        {
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "area_ha": shapely.area(shapes) / 1e4,
            "expressway": nearest_km(inside, around.junctions),
            "gateway": minutes,
            "gateway_estimated": gateway_minutes is None,
            "rail_quay": nearest_km(inside, places_xy(gates[served.to_numpy()])),
            "demand": sum_within(inside, places_xy(around.zones), around.zones["t_d"].to_numpy(float), demand_km),
            "stock": sum_within(
                inside, shapely.get_coordinates(shapely.centroid(stock)), shapely.area(stock) / 1e4, stock_km
            ),
            "truck_m": metres_to_points(shapes, around.truck_roads),
            "homes_m": metres_to_shapes(shapes, homes) if len(homes) else np.nan,
            "homes_per_km2": density_around(inside, around.zones),
            "water_share": share_within(shapes, metric_shapes(around.water)),
            "protected_share": share_within(shapes, metric_shapes(around.protected)),
        },
        index=candidates.index,
    )
    for name in ("district", "city"):
        table[name] = np.where(home >= 0, districts[name].to_numpy()[home], "")
    table["land_price"] = np.where(home >= 0, districts["land_price_cny_m2"].to_numpy(dtype=float)[home], np.nan)
    for kind in ("port", "airport", "rail", "border", "overseas"):
        table[f"km_{kind}"] = nearest_km(inside, places_xy(gates[(gates["kind"] == kind).to_numpy()]))
    return table
