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

EVEN_SPREAD = 0.159
"""Mean square distance to the middle of an evenly peopled compact shape, as a share of its area (circle: 1 / 2 pi)."""


class _Middles:
    """Road vertices by region and cell, where there are any, to put the middles of zones on."""

    def __init__(self, fabric: Fabric) -> None:
        self.xy = to_metric(fabric.lonlat) if len(fabric.lonlat) else np.zeros((0, 2))
        self.weight = fabric.weight
        cells = pd.DataFrame({"region": fabric.district, "cell": fabric.cell})
        self.of: Mapping[Any, Any] = cells.groupby(["region", "cell"]).indices

    def find(self, keys: list[tuple[int, str]], centres: Floats, people: Floats, km2: Floats) -> tuple[Floats, float]:
        """Middle (m) of the pieces of a zone, and the root mean square distance of its residents to it (km).

        The road vertex nearest the weighted mean of the vertices; without vertices, the mean of the pieces' centres
        moved to the nearest of them.
        """
        found = [self.of[key] for key in keys if key in self.of]
        if found:
            own = np.concatenate(found)
            points, weight, inner = self.xy[own], self.weight[own], 0.0
        else:
            points, weight = centres, np.maximum(people, 1e-9)
            inner = EVEN_SPREAD * 1e6 * float(np.average(km2, weights=weight))
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
    middles = _Middles(fabric or Fabric(np.zeros((0, 2)), np.zeros(0, dtype=int), np.zeros(0), np.zeros(0)))
    zone = merge_pieces(parts, rule)
    geometry = parts.geometry.to_numpy()
    centres = to_metric(shapely.get_coordinates(shapely.point_on_surface(geometry)))
    people, km2 = (parts[name].to_numpy(dtype=float) for name in ("population", "area_km2"))
    keys = list(zip(parts["region"].tolist(), parts["cell"].tolist(), strict=True))
    # hexagons of one grid meet to rounding only: widen them by a centimetre to make one shape of them
    wide = shapely.buffer(geometry, 1e-7, join_style="mitre")
    rows, shapes = [], []
    for own in pd.Series(zone).groupby(zone).indices.values():
        middle, spread = middles.find([keys[i] for i in own], centres[own], people[own], km2[own])
        rows.append((keys[own[0]][0], *middle, spread, people[own].sum()))
        shapes.append(shapely.union_all(wide[own]))
    table = pd.DataFrame(rows, columns=["region", "x", "y", "spread_km", "population"])
    for name in [name for name in ("district", "city") if name in regions.columns]:
        table[name] = regions[name].to_numpy()[table["region"]]
    zones = gpd.GeoDataFrame(table.drop(columns="region"), geometry=shapes, crs=WGS84)
    zones[["lon", "lat"]] = to_degrees(zones[["x", "y"]].to_numpy())
    zones["area_km2"] = zones.to_crs(METRIC).area / 1e6
    order = ["district", "lat", "lon"]
    return zones.sort_values(order, ascending=[True, False, True]).reset_index(drop=True)
