"""Coordinates: GCJ-02 to WGS84 and the metric plane in which lengths and areas are measured.

One transverse Mercator centred on 114 E, with true scale there, serves the whole Greater Bay Area: its scale error
stays below 0.02 % within 120 km of the meridian, which is far below that of any road length here. (A UTM zone would
do as well in itself, but 114 E is the edge between zones 49 and 50 and runs through the middle of Shenzhen.)
"""

from __future__ import annotations

from typing import Any

import geocoordinates_ffi
import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

Floats = NDArray[np.float64]

WGS84 = "EPSG:4326"
METRIC = "+proj=tmerc +lat_0=22.5 +lon_0=114 +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m +no_defs"
"""The metric plane: x east and y north of 22.5 N 114 E, in metres."""

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
    points = (inverse(geocoordinates_ffi.Gcj02(lat=float(lat), lon=float(lon))) for lon, lat in lonlat)
    return np.array([(point.lon, point.lat) for point in points], dtype=float).reshape(-1, 2)


def wgs84_to_gcj02(lonlat: Floats) -> Floats:
    """Offset WGS84 coordinates, shape (n, 2) as lon, lat, to GCJ-02."""
    forward = geocoordinates_ffi.wgs84_to_gcj02
    points = (forward(geocoordinates_ffi.Wgs84(lat=float(lat), lon=float(lon))) for lon, lat in lonlat)
    return np.array([(point.lon, point.lat) for point in points], dtype=float).reshape(-1, 2)


def shapes_from_gcj02(shapes: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same shapes with their GCJ-02 coordinates turned into WGS84, whatever their label says."""
    moved: Any = shapely.transform(shapes.geometry.to_numpy(), gcj02_to_wgs84)
    return shapes.set_geometry(gpd.GeoSeries(shapely.make_valid(moved), index=shapes.index, crs=WGS84))
