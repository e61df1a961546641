"""Counts of residents on a raster or a hexagonal grid, gathered to pieces."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import rasterio
from pyproj import Transformer
from pyproj.exceptions import ProjError
from rasterio.errors import NotGeoreferencedWarning

from hubopt.data.files import floats, need, read_table
from hubopt.data.ground.coordinates import WGS84, Floats
from hubopt.data.ground.districts import which_district
from hubopt.data.zones.pieces import cells_of, cut
from hubopt.instance.errors import InputError, Problem
from hubopt.instance.intake import too_large, unfit

Notes = list[tuple[str, str]]

_DRIVERS = {b"II*\0": "GTiff", b"MM\0*": "GTiff", b"II+\0": "GTiff", b"MM\0+": "GTiff", b"ncol": "AAIGrid"}
"""Formats of rasters that are read, as GDAL calls them, by how they begin; others may name other files or addresses."""

MOST_RESIDENTS = 1e9
"""Most residents of one cell that are believed."""

_H3_DIGITS = 16
"""Most hexadecimal digits of an H3 cell, which is a number of 64 bits."""

_CELL = 16
"""Bytes that a cell of a raster takes while it is read."""


def _driver(path: Path) -> str:
    with path.open("rb") as stream:
        begin = stream.read(4).lower() if path.suffix.lower() in (".asc", ".txt", ".grd") else stream.read(4)
    if begin not in _DRIVERS:
        mend = "give a GeoTIFF or an ASCII grid"
        raise InputError([Problem(path.name, "cannot be read: does not begin as a raster does", mend)])
    return _DRIVERS[begin]


def read_raster(path: Path, bounds: tuple[float, float, float, float]) -> tuple[Floats, Floats]:
    """Middles of the cells within ``bounds`` (west, south, east, north, degrees) that hold anybody, and how many.

    Returns:
        lon, lat in degrees WGS84, shape (n, 2); persons, shape (n,).

    Raises:
        InputError: if it is no raster, has no reference system, or holds negative counts.
    """
    if problem := unfit(path):
        raise InputError([problem])
    try:
        with warnings.catch_warnings(), rasterio.open(path, driver=_driver(path)) as raster:
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            if raster.crs is None:
                mend = "name it in the file (for an ASCII grid, in a .prj file beside it)"
                raise InputError([Problem(path.name, "has no coordinate reference system", mend, column="crs")])
            if raster.count != 1:
                mend = "give a file with one band of persons per cell"
                raise InputError([Problem(path.name, f"has {raster.count} bands", mend)])
            if problem := too_large(path.name, raster.width * raster.height * _CELL):
                raise InputError([problem])
            band = raster.read(1, masked=True)
            transform, crs = raster.transform, raster.crs
    except InputError:
        raise
    except Exception as error:  # the library raises whatever it trips over in a damaged file
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError([Problem(path.name, f"cannot be read: {reason}", "give a GeoTIFF or an ASCII grid")]) from None
    counts = np.ma.filled(band.astype(float), 0.0)
    counts[~np.isfinite(counts)] = 0.0
    wrong = (counts < 0) | (counts > MOST_RESIDENTS)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        mend = "name its value for missing data in the file, or set it to 0"
        value = float(counts[row, column])
        kind = "a negative count" if value < 0 else "an impossible count"
        message = f"has {kind} in line {row + 1}, column {column + 1}"
        raise InputError([Problem(path.name, message, mend, value=value)])
    row, column = np.nonzero(counts)
    x = transform.a * (column + 0.5) + transform.b * (row + 0.5) + transform.c
    y = transform.d * (column + 0.5) + transform.e * (row + 0.5) + transform.f
    try:
        lon, lat = Transformer.from_crs(crs, WGS84, always_xy=True).transform(x, y)
    except ProjError as error:
        mend = "save it in WGS84 or another known reference system"
        raise InputError([Problem(path.name, f"has a reference system that is none: {error}", mend)]) from None
    west, south, east, north = bounds
    inside = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
    return np.column_stack([lon, lat])[inside], counts[row, column][inside]


def _gathered(table: pd.DataFrame, regions: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    sums = pd.DataFrame(table.groupby(["region", "cell"])["population"].sum().reset_index())
    pieces = cut(sums, regions)
    return pieces.sort_values(["region", "cell"]).reset_index(drop=True)


def raster_pieces(path: Path, regions: gpd.GeoDataFrame, resolution: int) -> tuple[gpd.GeoDataFrame, Notes]:
    """Pieces (see :mod:`hubopt.data.zones.pieces`) of a population raster, and notes.

    Raises:
        InputError: see :func:`read_raster`; and if nobody is counted within the regions.
    """
    west, south, east, north = (float(value) for value in regions.total_bounds)
    lonlat, persons = read_raster(path, (west, south, east, north))
    where = which_district(gpd.GeoSeries(gpd.points_from_xy(lonlat[:, 0], lonlat[:, 1]), crs=WGS84), regions)
    inside = where >= 0
    if not inside.any():
        raise InputError(
            [Problem(path.name, "counts nobody in the case's districts", "give a raster that covers them")]
        )
    table = pd.DataFrame(
        {"region": where[inside], "cell": cells_of(lonlat[inside], resolution), "population": persons[inside]}
    )
    note = f"{int(inside.sum())} raster cells with residents in the districts, {int((~inside).sum())} around them"
    return _gathered(table, regions), [(f"read from {path.name}", note)]


def _is_cell(cell: object) -> bool:
    try:
        return isinstance(cell, str) and len(cell) <= _H3_DIGITS and bool(h3.is_valid_cell(cell))
    except OverflowError:  # the library takes signs and other prefixes for a number
        return False


def hexagon_pieces(
    path: Path, regions: gpd.GeoDataFrame, cell_column: str, count_column: str
) -> tuple[gpd.GeoDataFrame, Notes]:
    """Pieces of a table of residents by H3 cell, and notes; a cell counts to the district of its middle.

    Raises:
        InputError: with every cell that is none, is there twice or has another resolution, and every bad count.
    """
    table = read_table(path, texts=(cell_column,))
    need(table, (cell_column, count_column), path.name)
    cells = table[cell_column].astype(str)
    counts = floats(table[count_column]).to_numpy(dtype=float)
    valid = np.array([_is_cell(cell) for cell in cells], dtype=bool)
    resolution = [h3.get_resolution(cell) if known else -1 for cell, known in zip(cells, valid, strict=True)]
    usual = int(pd.Series(resolution)[valid].mode().iloc[0]) if valid.any() else -1
    twice = cells.duplicated().to_numpy()
    problems = []
    for row, cell in enumerate(cells):
        at = row + 2
        if not valid[row]:
            problems.append(Problem(path.name, "is no H3 cell", "give its index in hexadecimal", at, cell_column, cell))
        elif resolution[row] != usual:
            message = f"has resolution {resolution[row]}, most have {usual}"
            problems.append(Problem(path.name, message, "give cells of one resolution", at, cell_column, cell))
        elif twice[row]:
            problems.append(Problem(path.name, "is there twice", "add the counts up", at, cell_column, cell))
        if not 0 <= counts[row] <= MOST_RESIDENTS:
            mend = "give a number of at least 0"
            problems.append(Problem(path.name, "is no count", mend, at, count_column, table[count_column].iloc[row]))
    if problems:
        raise InputError(problems)
    lonlat = np.array([h3.cell_to_latlng(cell)[::-1] for cell in cells], dtype=float).reshape(-1, 2)
    where = which_district(gpd.GeoSeries(gpd.points_from_xy(lonlat[:, 0], lonlat[:, 1]), crs=WGS84), regions)
    chosen = (where >= 0) & (counts > 0)
    if not chosen.any():
        raise InputError([Problem(path.name, "counts nobody in the case's districts", "give cells that cover them")])
    kept = pd.DataFrame({"region": where[chosen], "cell": cells[chosen].to_numpy(), "population": counts[chosen]})
    outside = int(((where < 0) & (counts > 0)).sum())
    note = f"{int(chosen.sum())} cells of resolution {usual}, {outside} with their middle outside the districts"
    return _gathered(kept, regions), [(f"read from {path.name}", note)]
