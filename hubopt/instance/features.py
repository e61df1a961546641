"""Features of a geometry file, through one gate: known formats of bounded size, no other file, no network.

GDAL opens whatever it recognises, whatever the file is called: a file called ``zones.geojson`` may be a virtual dataset
that names other files or addresses, a GeoPackage may hold a query that never ends, and GeoJSON may ask for its
coordinate reference system to be fetched. None of this is wanted of a file that came by mail.
"""

from __future__ import annotations

import re
import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from hubopt.instance.errors import InputError, Problem
from hubopt.instance.intake import unfit

FORMATS = {
    ".geojson": "GeoJSON", ".json": "GeoJSON", ".gpkg": "GeoPackage", ".shp": "Shapefile", ".fgb": "FlatGeobuf",
    ".osm": "OpenStreetMap", ".pbf": "OpenStreetMap",
}  # fmt: skip
"""Endings of the formats that are read."""

_BEGIN = {
    "GeoJSON": re.compile(rb"(?:\xef\xbb\xbf)?\s*\{"),
    "GeoPackage": re.compile(rb"SQLite format 3\x00"),
    "Shapefile": re.compile(rb"\x00\x00\x27\x0a"),
    "FlatGeobuf": re.compile(rb"fgb"),
    "OpenStreetMap": re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml|\s*<osm|\x00\x00\x00.[\x08-\x0a]", re.DOTALL),
}
"""How files of each format begin."""

_FETCHED = re.compile(
    rb'"type"\s*:\s*"(?:link|url)"\s*,\s*"properties"'
    rb'|"properties"\s*:\s*\{[^{}]*"(?:href|url)"[^{}]*\}\s*,\s*"type"\s*:\s*"(?:link|url)"'
)
"""A reference system of GeoJSON that lies at an address, as it is usually written."""

_NO_NETWORK = {
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "GDAL_HTTPS_PROXY": "127.0.0.1:9",
    "GDAL_HTTP_CONNECTTIMEOUT": "1",
    "GDAL_HTTP_TIMEOUT": "1",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "200",
    "OGR_SQLITE_LOAD_EXTENSIONS": None,
    "OGR_GMLAS_DOWNLOAD": "NO",
}
"""Options of GDAL while a file is read: what asks for an address gets no answer."""


@contextmanager
def no_network() -> Iterator[None]:
    """GDAL without a way to the network."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in _NO_NETWORK}
    pyogrio.set_gdal_config_options(_NO_NETWORK)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _refuse(path: Path, message: str, mend: str) -> InputError:
    return InputError([Problem(path.name, message, mend)])


def _check_begin(path: Path) -> str:
    """The format of a file by its ending, if it begins as files of that format do."""
    known = FORMATS.get(path.suffix.lower())
    if known is None:
        message = f"is of no format that is read ({path.suffix or 'no ending'})"
        raise _refuse(path, message, "give GeoJSON (.geojson) or a GeoPackage (.gpkg)")
    with path.open("rb") as stream:
        begin = stream.read(4096)
    if not _BEGIN[known].match(begin):
        raise _refuse(path, f"does not begin as {known} does", f"save it as {known}, or name it for what it is")
    return known


def _check_fetches(path: Path) -> None:
    """Refuse GeoJSON whose reference system lies at an address."""
    if _FETCHED.search(path.read_bytes()):
        raise _refuse(path, "names an address for its coordinate reference system", "save it in WGS84 without 'crs'")


def _check_tables(path: Path) -> None:
    """Refuse a GeoPackage whose layers are queries, which may never end."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as package:
            package.execute("PRAGMA trusted_schema=OFF")
            kinds = dict(package.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')"))
            virtual = {name for (name,) in package.execute(
                "SELECT name FROM sqlite_master WHERE type='table' AND sql LIKE 'CREATE VIRTUAL%' "
                "AND name NOT LIKE 'rtree!_%' ESCAPE '!'")}  # fmt: skip
            layers = [str(name) for (name,) in package.execute("SELECT table_name FROM gpkg_contents")]
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _refuse(path, f"is no sound GeoPackage: {error}", "write it again") from None
    core = [name for name, kind in kinds.items() if kind == "view" and str(name).lower().startswith("gpkg_")]
    for name in [*layers, *core]:
        if kinds.get(name) == "view" or name in virtual:
            raise _refuse(path, f"has a layer that is a query, {name!r}", "save the layer itself")


def read_features(path: Path, layer: str | None = None, *, inside: Path | None = None) -> gpd.GeoDataFrame:
    """The features of a file of one of :data:`FORMATS`, in the reference system that it states.

    Parameters
    ----------
    path
        The file.
    layer
        Its layer; None: the first one.
    inside
        The folder of an instance or result that it belongs to; a link that leads out of it is refused.

    Raises
    ------
    InputError
        If it is missing, too large, of another format, damaged, has no geometry, or asks for other files or addresses.
    """
    if problem := unfit(path, inside=inside):
        raise InputError([problem])
    known = _check_begin(path)
    if known == "GeoJSON":
        _check_fetches(path)
    elif known == "GeoPackage":
        _check_tables(path)
    try:
        with no_network(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what GDAL mutters of is looked at below
            found = pyogrio.read_dataframe(path, layer=layer)
    except Exception as error:  # the library raises whatever it trips over in a damaged file
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise _refuse(path, f"cannot be read: {reason}", f"write it again as {known}") from None
    if not isinstance(found, gpd.GeoDataFrame):
        if isinstance(found, pd.DataFrame) and found.empty:
            return gpd.GeoDataFrame(found, geometry=[], crs=4326)
        raise _refuse(path, "has no geometry", "give features with their shapes")
    return _with_plain_cells(found)


def _with_plain_cells(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The features with lists and tables in their attributes, which GeoJSON may have, as text."""
    for name in found.columns:
        if found[name].dtype == object and any(isinstance(cell, list | dict | np.ndarray) for cell in found[name]):
            plain = [str(cell) if isinstance(cell, list | dict | np.ndarray) else cell for cell in found[name]]
            found[name] = pd.Series(plain, index=found.index, dtype=object)
    return found
