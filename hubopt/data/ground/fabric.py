"""Road fabric: where people and firms are, for want of a finer census, is read off the density of road vertices.

Winding mountain roads have many vertices and few residents. They are told from streets by what lies beside them: a
small hexagon of a street grid has road in all hexagons around it, one on a lone road has road in two of the six.
"""

from __future__ import annotations

import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
from pyproj import Transformer

from hubopt.data.ground.coordinates import WGS84, Floats
from hubopt.data.ground.districts import which_district
from hubopt.instance.errors import InputError, Problem

FINE_RESOLUTION = 9
"""H3 resolution (about 0.1 km2) at which the fabric is tested for gaps."""


@dataclass(frozen=True)
class Fabric:
    """Road vertices within the districts.

    ``lonlat`` (n, 2) in degrees; ``district``: position of the district (n,); ``cell``: H3 cell of the zones'
    resolution (n,); ``weight`` (n,): what a vertex counts for, from 0 (alone) to 1 (in the midst of streets).
    """

    lonlat: Floats
    district: np.ndarray
    cell: np.ndarray
    weight: Floats


def read_vertices(path: Path) -> Floats:
    """Road vertices as lon, lat in degrees WGS84, shape (n, 2).

    The file is text, or a tar.gz of one text file, with ``lat lon`` on each line; other lines are headings.
    """
    if path.name.endswith(".tar.gz"):
        with tarfile.open(path) as archive:
            member = archive.extractfile(next(item for item in archive.getmembers() if item.isfile()))
            text = member.read().decode("utf-8") if member else ""
    else:
        text = path.read_text(encoding="utf-8")
    pairs = [line.split() for line in text.splitlines() if line[:1] != "#"]
    latlon = np.array([pair for pair in pairs if len(pair) == 2], dtype=float).reshape(-1, 2)
    return latlon[:, ::-1].copy()


def read_point_table(path: Path, x: Sequence[str], y: Sequence[str], crs: str = WGS84) -> Floats:
    """Distinct road places of a table, as lon, lat in degrees WGS84, shape (n, 2), sorted.

    Args:
        path: CSV, perhaps compressed.
        x: columns of longitude or easting: one per end of an edge, say.
        y: columns of latitude or northing, as many.
        crs: what they are in.

    Raises:
        InputError: if a column is missing or holds no numbers.
    """
    table = pd.read_csv(path)
    names = [*x, *y]
    if missing := [name for name in names if name not in table.columns]:
        mend = f"use columns of the file: {', '.join(map(str, table.columns))}"
        raise InputError([Problem(path.name, "has no such column", mend, column=name) for name in missing])
    numbers = table[names].apply(pd.to_numeric, errors="coerce")
    if bad := [name for name in names if numbers[name].isna().any()]:
        rows = {name: int(numbers[name].isna().to_numpy().argmax()) + 2 for name in bad}
        raise InputError([Problem(path.name, "is no number", "mend it", rows[name], name) for name in bad])
    points = np.concatenate([numbers[[a, b]].to_numpy(dtype=float) for a, b in zip(x, y, strict=True)])
    distinct = np.unique(points, axis=0)
    if crs == WGS84:
        return distinct
    lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(distinct[:, 0], distinct[:, 1])
    return np.column_stack([lon, lat])


def continuity(vertices: Floats) -> Floats:
    """Share of the six small hexagons around each vertex's own that have a vertex too, shape (n,)."""
    cells = np.array([h3.latlng_to_cell(lat, lon, FINE_RESOLUTION) for lon, lat in vertices], dtype=object)
    filled, back = np.unique(cells.astype(str), return_inverse=True)
    known = set(filled)
    share = np.array([sum(other in known for other in h3.grid_ring(cell, 1)) / 6 for cell in filled.tolist()])
    return share[back]


def fabric_of(vertices: Floats, districts: gpd.GeoDataFrame, resolution: int, exponent: float) -> Fabric:
    """The vertices that lie in a district; they weigh their continuity to the power of ``exponent``."""
    where = which_district(gpd.GeoSeries(gpd.points_from_xy(vertices[:, 0], vertices[:, 1]), crs=WGS84), districts)
    inside = vertices[where >= 0]
    cells = np.array([h3.latlng_to_cell(lat, lon, resolution) for lon, lat in inside], dtype=object)
    weight = np.maximum(continuity(vertices)[where >= 0], 1e-3) ** exponent
    return Fabric(inside, where[where >= 0], cells, weight)
