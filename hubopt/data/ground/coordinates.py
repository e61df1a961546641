"""Coordinates: GCJ-02 and BD-09 to WGS84, and the metric plane in which lengths and areas are measured.

One transverse Mercator centred on 114 E, with true scale there, serves the whole Greater Bay Area. At a distance *d*
from the meridian it stretches lengths by the factor ``1 + d**2 / (2 R**2)``: below 0.01 % in Shenzhen, below 0.02 %
within 120 km of the meridian (nine of the eleven cities nearly whole), and 0.09 % at the far west of Zhaoqing, which
is the worst; areas err by twice as much. That is far below the error of any road length here. (A UTM zone would do as
well in itself, but 114 E is the edge between zones 49 and 50 and runs through the middle of Shenzhen.)
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import geocoordinates_ffi
import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

Floats = NDArray[np.float64]
Datum = Literal["WGS84", "GCJ-02", "BD-09"]
DATUMS: tuple[Datum, ...] = get_args(Datum)
"""What coordinates may be in: plain WGS84, that of Gaode and Tencent, or that of Baidu."""

WGS84 = "EPSG:4326"
METRIC = "+proj=tmerc +lat_0=22.5 +lon_0=114 +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"
"""The metric plane: x east and y north of 22.5 N 114 E, in metres."""

LARGEST_SCALE_ERROR = 1e-3
"""Bound of the relative error of lengths in :data:`METRIC` anywhere in the eleven cities (areas: twice as much)."""

_TO_METRIC = Transformer.from_crs(WGS84, METRIC, always_xy=True)


def to_metric(lonlat: Floats) -> Floats:
    """Project WGS84 degrees, shape (n, 2) as lon, lat, to metres of :data:`METRIC`, same shape."""
    x, y = _TO_METRIC.transform(lonlat[:, 0], lonlat[:, 1])
    return np.column_stack([x, y])


def to_degrees(xy: Floats) -> Floats:
    """Inverse of :func:`to_metric`."""
    lon, lat = _TO_METRIC.transform(xy[:, 0], xy[:, 1], direction="INVERSE")
    return np.column_stack([lon, lat])


def gcj02_to_wgs84(lonlat: Floats) -> Floats:
    """Take the GCJ-02 offset away from coordinates, shape (n, 2) as lon, lat (round trip below a millimetre)."""
    inverse = geocoordinates_ffi.gcj02_to_wgs84_refined
    return _lonlat(inverse(geocoordinates_ffi.Gcj02(lat=float(lat), lon=float(lon))) for lon, lat in lonlat)


def wgs84_to_gcj02(lonlat: Floats) -> Floats:
    """Offset WGS84 coordinates, shape (n, 2) as lon, lat, to GCJ-02."""
    forward = geocoordinates_ffi.wgs84_to_gcj02
    return _lonlat(forward(geocoordinates_ffi.Wgs84(lat=float(lat), lon=float(lon))) for lon, lat in lonlat)


def bd09_to_wgs84(lonlat: Floats) -> Floats:
    """Take the BD-09 offset away from coordinates, shape (n, 2) as lon, lat (round trip below a centimetre)."""
    inverse = geocoordinates_ffi.bd09_to_wgs84_refined
    return _lonlat(inverse(geocoordinates_ffi.Bd09(lat=float(lat), lon=float(lon))) for lon, lat in lonlat)


def wgs84_to_bd09(lonlat: Floats) -> Floats:
    """Offset WGS84 coordinates, shape (n, 2) as lon, lat, to BD-09."""
    forward = geocoordinates_ffi.wgs84_to_bd09
    return _lonlat(forward(geocoordinates_ffi.Wgs84(lat=float(lat), lon=float(lon))) for lon, lat in lonlat)


def _lonlat(points: Any) -> Floats:
    return np.array([(point.lon, point.lat) for point in points], dtype=float).reshape(-1, 2)


def to_wgs84(lonlat: Floats, datum: Datum) -> Floats:
    """Coordinates of a datum, shape (n, 2) as lon, lat, in WGS84."""
    match datum:
        case "WGS84":
            return np.asarray(lonlat, dtype=float)
        case "GCJ-02":
            return gcj02_to_wgs84(lonlat)
        case "BD-09":
            return bd09_to_wgs84(lonlat)


def from_wgs84(lonlat: Floats, datum: Datum) -> Floats:
    """Inverse of :func:`to_wgs84`."""
    match datum:
        case "WGS84":
            return np.asarray(lonlat, dtype=float)
        case "GCJ-02":
            return wgs84_to_gcj02(lonlat)
        case "BD-09":
            return wgs84_to_bd09(lonlat)


def shapes_to_wgs84(shapes: gpd.GeoDataFrame, datum: Datum) -> gpd.GeoDataFrame:
    """The same shapes with their coordinates turned from ``datum`` into WGS84, whatever their label says."""
    moved: Any = shapely.transform(shapes.geometry.to_numpy(), lambda lonlat: to_wgs84(lonlat, datum))
    return shapes.set_geometry(gpd.GeoSeries(shapely.make_valid(moved), index=shapes.index, crs=WGS84))
