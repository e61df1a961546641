"""Sound geometry: bad shapes and points are named, mended where only one meaning is possible, refused otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.files import floats
from hubopt.data.ground.coordinates import METRIC, WGS84, Floats
from hubopt.instance.errors import InputError, Problem

Bounds = tuple[float, float, float, float]

GBA: Bounds = (111.2, 21.2, 115.6, 24.6)
"""West, south, east, north of the Greater Bay Area with some margin, degrees WGS84."""

AREAS = ("Polygon", "MultiPolygon")
POINTS = ("Point",)

ALIKE = 0.01
"""Two ways of mending a shape may differ by this share of its area and still mean the same."""


@dataclass(frozen=True)
class Verdict:
    """A shape that was looked at: the shape to use, and what was mended or why it cannot be used."""

    shape: Any
    mended: str = ""
    refused: str = ""
    mend: str = ""


def _inside(bounds: Bounds, region: Bounds) -> bool:
    return bool(region[0] <= bounds[0] and region[1] <= bounds[1] and bounds[2] <= region[2] and bounds[3] <= region[3])


def _swapped(shape: Any) -> Any:
    return shapely.transform(shape, lambda lonlat: lonlat[:, ::-1])


def _of_kinds(shape: Any, kinds: Sequence[str]) -> Any:
    """The parts of a mended shape that are of the kinds asked for; None if there are none."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in kinds]
    return shapely.union_all(parts) if parts else None


def _validated(shape: Any, kinds: Sequence[str]) -> Verdict:
    """A valid form of an invalid shape, if both ways of mending agree on its area."""
    why = shapely.is_valid_reason(shape)
    forms = [_of_kinds(shapely.make_valid(shape, method=method), kinds) for method in ("linework", "structure")]
    if any(form is None or form.is_empty for form in forms):
        return Verdict(shape, refused=f"is not valid ({why}) and nothing is left when mended", mend="draw it again")
    one, two = (shapely.area(form) for form in forms)
    if abs(one - two) > ALIKE * max(one, two):
        message = f"is not valid ({why}), and what its inside is can be read in two ways"
        return Verdict(shape, refused=message, mend="draw it again without crossing lines")
    return Verdict(forms[1], mended=f"was not valid ({why}); made valid")


def judge_shape(shape: Any, kinds: Sequence[str], region: Bounds) -> Verdict:
    """Look at one shape in degrees: its kind, numbers, place and validity, in this order."""
    if shape is None or shape.is_empty:
        return Verdict(None, mended="is empty; left out")
    if not np.isfinite(shapely.get_coordinates(shape)).all():
        return Verdict(shape, refused="has coordinates that are not numbers", mend="draw it again")
    if shape.geom_type not in kinds:
        return Verdict(shape, refused=f"is a {shape.geom_type}", mend=f"give {' or '.join(kinds)}")
    flat = shapely.force_2d(shape)
    turned = ""
    if not _inside(flat.bounds, region):
        if not _inside(_swapped(flat).bounds, region):
            west, south, east, north = region
            where = ", ".join(f"{value:.4f}" for value in flat.bounds)
            return Verdict(
                flat,
                refused=f"lies outside the region of the case ({where})",
                mend=f"give WGS84 degrees, longitude first, within {west} to {east} E and {south} to {north} N, "
                "or name the file's coordinate reference system",
            )
        flat, turned = _swapped(flat), "had latitude and longitude swapped; turned"
    if shapely.is_valid(flat):
        return Verdict(flat, mended=turned)
    valid = _validated(flat, kinds)
    return Verdict(valid.shape, "; ".join(filter(None, (turned, valid.mended))), valid.refused, valid.mend)


def _degrees(frame: gpd.GeoDataFrame, file: str) -> tuple[gpd.GeoDataFrame, list[Problem], list[Problem]]:
    """The frame in WGS84 degrees, what was mended and what is refused about its reference system as a whole."""
    coordinates = shapely.get_coordinates(frame.geometry.to_numpy())
    known = coordinates[np.isfinite(coordinates).all(axis=1)]
    like_degrees = bool(np.abs(known).max() <= 360) if len(known) else True
    if frame.crs is None:
        if not like_degrees:
            mend = "name it in the file (its coordinates are no degrees)"
            return frame, [], [Problem(file, "has no coordinate reference system", mend, column="crs")]
        note = Problem(file, "has no coordinate reference system", "mended: taken as WGS84 degrees", column="crs")
        return frame.set_crs(WGS84), [note], []
    if frame.crs.is_geographic:
        if not like_degrees:
            message = f"is labelled {frame.crs.to_string()}, but its coordinates are no degrees"
            return frame, [], [Problem(file, message, "give the label of its true reference system", column="crs")]
        if frame.crs == WGS84 or frame.crs.to_epsg() == 4490:  # CGCS2000 differs by centimetres
            return frame.set_crs(WGS84, allow_override=True), [], []
    elif like_degrees:
        message = f"is labelled {frame.crs.to_string()} (metres), but its coordinates look like degrees"
        return frame, [], [Problem(file, message, "give the label EPSG:4326 if they are WGS84", column="crs")]
    note = Problem(file, f"is in {frame.crs.to_string()}", "mended: projected to WGS84 degrees", column="crs")
    return frame.to_crs(WGS84), [note], []


def _is_same(one: Any, other: Any) -> bool:
    """Whether two shapes cover the same ground; shapes with coordinates that are no numbers are like no other."""
    pair = np.array([one, other], dtype=object)
    return bool(np.isfinite(shapely.get_coordinates(pair)).all() and shapely.equals(one, other))


def _doubles(frame: gpd.GeoDataFrame, column: str, file: str) -> Iterator[tuple[int, Problem, bool]]:
    """Rows whose id an earlier row has: position, the problem, and whether the row may be left out."""
    first: dict[object, int] = {}
    shapes = frame.geometry.to_numpy()
    for position, name in enumerate(frame[column]):
        if pd.isna(name) or name == "":
            yield position, Problem(file, "has no id", "give it one", position + 1, column), False
        elif name not in first:
            first[name] = position
        elif _is_same(shapes[first[name]], shapes[position]):
            message = f"repeats the feature of row {first[name] + 1}"
            yield position, Problem(file, message, "mended: left out", position + 1, column, name), True
        else:
            message = f"has the id of row {first[name] + 1}, but another shape"
            yield position, Problem(file, message, "give each feature its own id", position + 1, column, name), False


def sound_shapes(
    frame: gpd.GeoDataFrame,
    file: str,
    *,
    id_column: str | None = None,
    kinds: Sequence[str] = AREAS,
    region: Bounds = GBA,
    keep_all: bool = False,
) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    """The frame with sound shapes in WGS84, and what was mended on the way.

    Mended: a missing label on what look like degrees, another reference system, swapped latitude and longitude,
    invalid rings that can be read in one way only, a feature listed twice, an empty feature (left out).

    Args:
        frame: shapes as read, any reference system.
        file: how problems name the file; their ``row`` is the number of the feature, from 1.
        id_column: column whose values must be distinct; None: not looked at.
        kinds: geometry types that fit.
        region: west, south, east, north (degrees) within which everything must lie.
        keep_all: refuse what would be left out, because every row counts (populations, for instance).

    Returns:
        The frame, index and columns kept, without the rows left out; and the list of what was mended.

    Raises:
        InputError: with everything that cannot be mended, each with file, row and value.
    """
    degrees, mended, refused = _degrees(frame, file)
    if refused:
        raise InputError(refused)
    ids = degrees[id_column] if id_column else pd.Series(None, index=degrees.index, dtype=object)
    keep = np.ones(len(degrees), dtype=bool)
    shapes = []
    for position, (shape, name) in enumerate(zip(degrees.geometry, ids, strict=True)):
        verdict = judge_shape(shape, kinds, region)
        shapes.append(verdict.shape)
        row, value = position + 1, None if id_column is None else name
        if verdict.refused:
            refused.append(Problem(file, verdict.refused, verdict.mend, row, "geometry", value))
        elif verdict.shape is None and keep_all:
            refused.append(Problem(file, "is empty", "draw it, or take the row out", row, "geometry", value))
        elif verdict.mended:
            keep[position] = verdict.shape is not None
            mended.append(Problem(file, verdict.mended, "mended", row, "geometry", value))
    result = degrees.set_geometry(gpd.GeoSeries(shapes, index=degrees.index, crs=WGS84))
    if id_column is not None:
        for position, problem, may_go in _doubles(result, id_column, file):
            (mended if may_go else refused).append(problem)
            keep[position] &= not may_go
    if refused:
        raise InputError(refused)
    return result[keep], mended


def sound_points(
    table: pd.DataFrame, file: str, *, id_column: str = "id", region: Bounds = GBA
) -> tuple[pd.DataFrame, list[Problem]]:
    """A table with columns lon and lat, its places sound, and what was mended (see :func:`sound_shapes`).

    Rows count as an editor shows them: the header is row 1. Rows without any position (both cells empty) pass.

    Raises:
        InputError: with everything that cannot be mended.
    """
    west, south, east, north = region
    lonlat = table[["lon", "lat"]].apply(floats).to_numpy(dtype=float).copy()
    empty = np.asarray(table[["lon", "lat"]].isna().all(axis=1), dtype=bool)

    def within(place: Floats) -> bool:
        return bool(west <= place[0] <= east and south <= place[1] <= north)

    refused, mended = [], []
    seen: dict[object, int] = {}
    for position, (name, place) in enumerate(zip(table[id_column], lonlat, strict=True)):
        row, shown = position + 2, " ".join(map(str, table[["lon", "lat"]].iloc[position]))
        if name in seen:
            refused.append(Problem(file, f"has the id of row {seen[name]}", "give it its own", row, id_column, name))
        seen.setdefault(name, row)
        if empty[position] or within(place):
            continue
        if not np.isfinite(place).all():
            refused.append(Problem(file, "is no pair of numbers", "give lon and lat", row, "lon, lat", shown))
        elif within(place[::-1]):
            lonlat[position] = place[::-1].copy()
            mended.append(Problem(file, "had latitude and longitude swapped; turned", "mended", row, "lon, lat", shown))
        else:
            mend = f"give WGS84 degrees within {west} to {east} E and {south} to {north} N"
            refused.append(Problem(file, "lies outside the region of the case", mend, row, "lon, lat", shown))
    if refused:
        raise InputError(refused)
    return table.assign(lon=lonlat[:, 0], lat=lonlat[:, 1]), mended


def hectares(shapes: gpd.GeoDataFrame) -> Floats:
    """Area of each shape in ha, shape (n,)."""
    return np.asarray(shapes.to_crs(METRIC).area / 1e4, dtype=float)
