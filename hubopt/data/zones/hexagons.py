"""Demand zones: hexagons of one district each, sparse ones merged, with the census spread over the road fabric.

A hexagon on a district limit is cut there, so that the zones of a district add up to its census population exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import METRIC, WGS84, Floats, to_degrees, to_metric
from hubopt.data.ground.fabric import Fabric


@dataclass(frozen=True)
class ZoneRule:
    """How zones are made.

    ``resolution`` of the H3 hexagons; ``count`` that merging aims at; ``span_km`` between the hexagon centres of a
    zone at most.
    """

    resolution: int
    count: int
    span_km: float


def round_to_total(values: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers near ``values`` that add up to ``total``: scaled, cut, and the largest remainders raised."""
    scaled = values * (total / values.sum())
    floor = np.floor(scaled).astype(int)
    raise_at = np.argsort(-(scaled - floor), kind="stable")[: total - int(floor.sum())]
    floor[raise_at] += 1
    return np.asarray(floor)


def pieces(fabric: Fabric, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Hexagons cut at the district limits: cell, district (position), population (fractional), WGS84 geometry.

    ``districts`` needs a column ``population``, which goes with the weight of the fabric.
    """
    table = pd.DataFrame({"district": fabric.district, "cell": fabric.cell, "weight": fabric.weight})
    sums = table.groupby(["district", "cell"])["weight"].sum().reset_index()
    hexagons = [shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]) for cell in sums["cell"]]
    limits = districts.geometry.to_numpy()[sums["district"]]
    shapes = gpd.GeoDataFrame(sums, geometry=shapely.intersection(np.array(hexagons), limits), crs=WGS84)
    share = shapes["weight"] / shapes.groupby("district")["weight"].transform("sum")
    shapes["population"] = share * districts["population"].to_numpy()[shapes["district"]]
    return shapes.sort_values(["district", "cell"]).reset_index(drop=True)


def _centres(cells: list[str]) -> Floats:
    return to_metric(np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells], dtype=float))


def merge_pieces(shapes: gpd.GeoDataFrame, rule: ZoneRule) -> np.ndarray:
    """Zone number of each piece: the smallest zone joins its least neighbour until ``rule.count`` zones are left.

    Zones join only within their district, only neighbours, and only while the span allows it.
    """
    members = {position: [position] for position in range(len(shapes))}
    people = dict(enumerate(shapes["population"]))
    centre = _centres(list(shapes["cell"]))
    district = shapes["district"].to_numpy()
    at = {(district[i], cell): i for i, cell in enumerate(shapes["cell"])}
    home = list(range(len(shapes)))
    stuck: set[int] = set()

    def partners(zone: int) -> list[int]:
        beside = {
            home[at[district[i], cell]]
            for i in members[zone]
            for cell in h3.grid_ring(shapes["cell"][i], 1)
            if (district[i], cell) in at
        } - {zone}
        return [other for other in beside if _span_km(centre[[*members[zone], *members[other]]]) <= rule.span_km]

    while len(members) > rule.count:
        free = [zone for zone in members if zone not in stuck]
        if not free:
            break
        zone = min(free, key=lambda item: (people[item], item))
        others = partners(zone)
        if not others:
            stuck.add(zone)
            continue
        other = min(others, key=lambda item: (people[item], item))
        for piece in members[zone]:
            home[piece] = other
        members[other] += members.pop(zone)
        people[other] += people.pop(zone)
        stuck.discard(other)
    return np.array(home)


def _span_km(points: Floats) -> float:
    return float(np.hypot(*(points[:, None] - points[None, :]).transpose(2, 0, 1)).max()) / 1000


def _middle(points: Floats, weight: Floats) -> tuple[Floats, float]:
    """The vertex nearest the weighted mean of the vertices (m), and the root mean square distance to it (km)."""
    mean = np.average(points, axis=0, weights=weight)
    nearest = points[np.hypot(*(points - mean).T).argmin()]
    return nearest, float(np.sqrt(np.average(((points - nearest) ** 2).sum(axis=1), weights=weight))) / 1000


def make_zones(fabric: Fabric, districts: gpd.GeoDataFrame, rule: ZoneRule) -> gpd.GeoDataFrame:
    """Zones with district, lon, lat, area_km2, population (whole numbers, exact by district), spread_km, geometry.

    ``lon``, ``lat``: a road vertex in the middle of the zone's fabric; ``spread_km``: root mean square straight
    distance of the fabric to it. Sorted from north-west to south-east within each district.
    """
    parts = pieces(fabric, districts)
    parts["zone"] = merge_pieces(parts, rule)
    number = {(d, c): z for d, c, z in zip(parts["district"], parts["cell"], parts["zone"], strict=True)}
    of_vertex = np.array([number[d, c] for d, c in zip(fabric.district, fabric.cell, strict=True)])
    xy = to_metric(fabric.lonlat)
    rows = []
    for zone, group in parts.groupby("zone"):
        middle, spread = _middle(xy[of_vertex == zone], fabric.weight[of_vertex == zone])
        shape = shapely.union_all(shapely.buffer(group.geometry.to_numpy(), 1e-7))
        rows.append(
            {
                "district": districts["district"].iloc[int(group["district"].iloc[0])],
                "x": middle[0],
                "y": middle[1],
                "spread_km": spread,
                "population": float(group["population"].sum()),
                "geometry": shape,
            }
        )
    zones = gpd.GeoDataFrame(rows, crs=WGS84)
    zones[["lon", "lat"]] = to_degrees(zones[["x", "y"]].to_numpy())
    zones["area_km2"] = zones.to_crs(METRIC).area / 1e6
    zones = zones.sort_values(["district", "lat", "lon"], ascending=[True, False, True]).reset_index(drop=True)
    for row in districts.itertuples():
        own = zones["district"] == row.district
        zones.loc[own, "population"] = round_to_total(zones.loc[own, "population"].to_numpy(), int(row.population))
    zones["population"] = zones["population"].astype(int)
    return zones
