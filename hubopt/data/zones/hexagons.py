"""Demand zones from pieces of a hexagonal grid: merged, given a middle, and rounded to whole residents.

A hexagon on a district limit is cut there, so that the zones of a district add up to its census population exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import METRIC, WGS84, Floats, to_degrees, to_metric
from hubopt.data.ground.fabric import Fabric
from hubopt.data.zones.merge import ZoneRule, merge_pieces
from hubopt.data.zones.pieces import cut
from hubopt.data.zones.rounding import round_by_group, round_to_total

__all__ = ["ZoneRule", "make_zones", "merge_pieces", "pieces", "round_to_total", "zones_of"]

EVEN_SPREAD = 0.159
"""Mean square distance to the middle of an evenly peopled compact shape, as a share of its area (circle: 1 / 2 pi)."""


def pieces(fabric: Fabric, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Hexagons cut at the district limits: region (position), cell, population (fractional), area_km2, geometry.

    ``districts`` needs a column ``population``, which goes with the weight of the fabric.
    """
    table = pd.DataFrame({"region": fabric.district, "cell": fabric.cell, "weight": fabric.weight})
    shapes = cut(pd.DataFrame(table.groupby(["region", "cell"])["weight"].sum().reset_index()), districts)
    share = shapes["weight"] / shapes.groupby("region")["weight"].transform("sum")
    shapes["population"] = share * districts["population"].to_numpy()[shapes["region"]]
    return shapes.sort_values(["region", "cell"]).reset_index(drop=True)


class _Middles:
    """Road vertices by region and cell, where there are any, to put the middles of zones on."""

    def __init__(self, lonlat: Floats, region: Any, cell: Any, weight: Floats) -> None:
        self.xy = to_metric(lonlat) if len(lonlat) else np.zeros((0, 2))
        self.weight = weight
        order = pd.DataFrame({"region": region, "cell": cell}).groupby(["region", "cell"]).indices
        self.of: Mapping[Any, Any] = order

    def find(self, group: pd.DataFrame, centres: Floats) -> tuple[Floats, float]:
        """Middle (m) of the pieces of a zone, and the root mean square distance of its residents to it (km).

        The road vertex nearest the weighted mean of the vertices; without vertices, the mean of the pieces' centres
        moved to the nearest of them.
        """
        found = [self.of[key] for key in zip(group["region"], group["cell"], strict=True) if key in self.of]
        if found:
            own = np.concatenate(found)
            points, weight = self.xy[own], self.weight[own]
            inner = 0.0
        else:
            points, weight = centres, np.maximum(group["population"].to_numpy(dtype=float), 1e-9)
            inner = EVEN_SPREAD * 1e6 * float(np.average(group["area_km2"], weights=weight))
        mean = np.average(points, axis=0, weights=weight)
        nearest = points[np.hypot(*(points - mean).T).argmin()]
        square = float(np.average(((points - nearest) ** 2).sum(axis=1), weights=weight)) + inner
        return nearest, float(np.sqrt(square)) / 1000


def zones_of(
    parts: gpd.GeoDataFrame, regions: gpd.GeoDataFrame, rule: ZoneRule, fabric: Fabric | None = None
) -> gpd.GeoDataFrame:
    """Merge pieces to zones.

    Args:
        parts: region (position in ``regions``), cell, population, area_km2, geometry.
        regions: with a column ``district`` and perhaps ``city``.
        rule: how to merge.
        fabric: road vertices to put the middles of the zones on; ``district`` is the position of the region.

    Returns:
        district, (city,) lon, lat, area_km2, population (fractional), spread_km, geometry; sorted from north-west to
        south-east within each district. ``spread_km``: root mean square distance of the residents to lon, lat.
    """
    middles = (
        _Middles(fabric.lonlat, fabric.district, fabric.cell, fabric.weight)
        if fabric is not None
        else _Middles(np.zeros((0, 2)), [], [], np.zeros(0))
    )
    parts = parts.assign(zone=merge_pieces(parts, rule))
    inside = shapely.point_on_surface(parts.geometry.to_numpy())
    centres = to_metric(shapely.get_coordinates(inside))
    columns = ["district", "city"] if "city" in regions.columns else ["district"]
    rows, shapes = [], []
    for _, positions in parts.groupby("zone").indices.items():
        group = parts.iloc[positions]
        middle, spread = middles.find(group, centres[positions])
        region = regions.iloc[int(group["region"].iloc[0])]
        # hexagons of one grid meet to rounding only: widen them by a centimetre to make one shape of them
        shapes.append(shapely.union_all(shapely.buffer(group.geometry.to_numpy(), 1e-7)))
        rows.append(
            {
                **{name: region[name] for name in columns},
                "x": middle[0],
                "y": middle[1],
                "spread_km": spread,
                "population": float(group["population"].sum()),
            }
        )
    zones = gpd.GeoDataFrame(rows, geometry=shapes, crs=WGS84)
    zones[["lon", "lat"]] = to_degrees(zones[["x", "y"]].to_numpy())
    zones["area_km2"] = zones.to_crs(METRIC).area / 1e6
    order = ["district", "lat", "lon"]
    return zones.sort_values(order, ascending=[True, False, True]).reset_index(drop=True)


def make_zones(fabric: Fabric, districts: gpd.GeoDataFrame, rule: ZoneRule) -> gpd.GeoDataFrame:
    """Zones of districts whose census (column ``population``) goes over the road fabric alone; see :func:`zones_of`.

    Populations are whole numbers that add up to the census by district.
    """
    zones = zones_of(pieces(fabric, districts), districts, rule, fabric)
    totals = {str(row.district): int(row.population) for row in districts.itertuples()}
    return zones.assign(population=round_by_group(zones["population"], zones["district"], totals))
