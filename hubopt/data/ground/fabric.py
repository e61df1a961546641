"""Road fabric: where people and firms are, for want of a finer census, is read off the density of road vertices.

Winding mountain roads have many vertices and few residents. They are told from streets by what lies beside them: a
small hexagon of a street grid has road in all hexagons around it, one on a lone road has road in two of the six.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
from pyproj import Transformer
from pyproj.exceptions import CRSError

from hubopt.data.files import need, numbers, read_table, text_of
from hubopt.data.ground.coordinates import WGS84, Floats
from hubopt.data.ground.districts import which_district
from hubopt.instance.errors import InputError, Problem
from hubopt.instance.intake import unfit_unpacked
from hubopt.instance.text import decoded

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

    Raises:
        InputError: if it cannot be read, or holds anything else in lines of two words.
    """
    text = _first_member(path) if path.name.endswith(".tar.gz") else text_of(path)
    pairs = [(line.split(), row) for row, line in enumerate(text.splitlines(), start=1) if line[:1] != "#"]
    found = [(pair, row) for pair, row in pairs if len(pair) == 2]
    try:
        latlon = np.array([pair for pair, _ in found], dtype=float).reshape(-1, 2)
    except ValueError as error:
        mend = "give 'lat lon' on each line"
        raise InputError([Problem(path.name, f"holds no coordinates: {error}", mend)]) from None
    wrong = ~((np.abs(latlon[:, 0]) <= 90) & (np.abs(latlon[:, 1]) <= 180))
    if wrong.any():
        pair, row = found[int(wrong.argmax())]
        mend = "give 'lat lon' in degrees on each line"
        raise InputError([Problem(path.name, "is no place on the earth", mend, row, value=" ".join(pair))])
    if not len(latlon):
        raise InputError([Problem(path.name, "has no vertices", "give 'lat lon' on each line")])
    return latlon[:, ::-1].copy()


def _first_member(path: Path) -> str:
    """Text of the first file in a tar.gz, whose members are looked at but never written to the disk."""
    if problem := unfit_unpacked(path):
        raise InputError([problem])
    mend = "pack one text file"
    try:
        with tarfile.open(path) as archive:
            member = next((archive.extractfile(item) for item in archive if item.isfile()), None)
            content = member.read() if member else None
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, OverflowError) as error:
        raise InputError([Problem(path.name, f"is no sound archive: {error}", mend)]) from None
    if content is None:
        raise InputError([Problem(path.name, "holds no file", mend)])
    text = decoded(content, path.name)
    if isinstance(text, Problem):
        raise InputError([text])
    return text


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
    table = read_table(path)
    need(table, [*x, *y], path.name)
    bounds = dict.fromkeys((*x, *y), (-100000000.0, 100000000.0))
    values = numbers(table, bounds, path.name)
    points = np.concatenate([values[[a, b]].to_numpy(dtype=float) for a, b in zip(x, y, strict=True)])
    distinct = np.unique(points, axis=0)
    if crs != WGS84:
        try:
            transformer = Transformer.from_crs(crs, WGS84, always_xy=True)
        except CRSError:
            mend = "use e.g. EPSG:4326"
            raise InputError([Problem(path.name, "there is no such CRS", mend, column="crs", value=crs)]) from None
        distinct = np.column_stack(transformer.transform(distinct[:, 0], distinct[:, 1]))
    if not (len(distinct) and (np.abs(distinct) <= (180, 90)).all()):
        raise InputError([Problem(path.name, f"has places that are not of {crs}", "name the CRS that they are in")])
    return distinct


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
