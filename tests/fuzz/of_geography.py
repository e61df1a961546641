"""Readers of the geography that instances are made from, roads aside."""

from __future__ import annotations

import gzip
import io
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import rasterio
import shapely

from hubopt.data.ground.fabric import read_point_table, read_vertices
from hubopt.data.ground.names import read_gazetteer, read_places
from hubopt.data.ground.regions import read_regions
from hubopt.data.inputs import read_inputs
from hubopt.data.recipe import missing_files, read_recipe, strays
from hubopt.data.sites.polygons import read_candidates
from hubopt.data.structure import read_structure
from hubopt.data.zones.census import read_census
from hubopt.data.zones.merge import ZoneRule
from hubopt.data.zones.pieces import place_weights
from hubopt.data.zones.raster import read_raster
from hubopt.data.zones.sources import from_hexagons, from_polygons, from_raster
from hubopt.instance.features import read_features
from tests.data_room.town import write_town
from tests.fuzz.reader import Files, Reader, files_in, single

RULE = ZoneRule(resolution=7, count=4, span_km=9)


@cache
def regions() -> gpd.GeoDataFrame:
    """Two districts of one city."""
    boxes = [shapely.box(113.9, 22.5, 114.0, 22.6), shapely.box(114.0, 22.5, 114.1, 22.6)]
    names = {"city": ["Zhuhai", "Zhuhai"], "district": ["Xiangzhou", "Doumen"]}
    return gpd.GeoDataFrame(names, geometry=boxes, crs=4326)


@cache
def town() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as scratch:
        write_town(Path(scratch) / "town")
        return files_in(Path(scratch) / "town")


def of_town(*names: str) -> Callable[[], Files]:
    """Some files of the made-up town."""
    return lambda: {name: town()[name] for name in names}


def _recipe(folder: Path) -> None:
    recipe = read_recipe(folder / "recipe.toml")
    strays(recipe, folder / "recipe.toml")
    missing_files(recipe, folder / "recipe.toml")


_INPUTS = tuple(
    f"recipe/{name}.csv"
    for name in ("districts", "gateways", "admissions", "sites", "existing", "terminals", "parameters")
)


def _inputs(folder: Path) -> None:
    recipe = read_recipe(folder / "recipe.toml")
    tables = read_inputs(recipe, folder)
    read_structure([folder / name for name in recipe.inputs.structure], tables["parameters"], recipe.sources)


def _regions(file: Path) -> None:
    read_regions(file, ["Zhuhai"])


_PEOPLE = b"city,district,population\nZhuhai,Xiangzhou,100\nZhuhai,Doumen,50\nX,*,7\n"


def _census(file: Path) -> None:
    read_census(file, regions())


def _vertices() -> bytes:
    return b"\n".join(town()["raw/vertices.txt"].splitlines()[:40])


def _tarred() -> bytes:
    content = _vertices()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        info = tarfile.TarInfo("vertices.txt")
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


EDGES = b"u,v,m,lon_u,lat_u,lon_v,lat_v,cls,oneway\n" + b"".join(
    f"{n},{n + 1},{500 + n},{113.9 + n / 100},22.5,{113.91 + n / 100},22.5,primary,{n % 3 - 1}\n".encode()
    for n in range(6)
)


def _points(file: Path) -> None:
    read_point_table(file, ("lon_u", "lon_v"), ("lat_u", "lat_v"))


def _moved_points(file: Path) -> None:
    read_point_table(file, ("lon_u",), ("lat_u",), "EPSG:4490")


_PLACES = "name,longitude,latitude,alternatenames\nOld,113.95,22.55,\"['Old', '老街街道']\"\n".encode()


def _gazetteer(file: Path) -> None:
    read_gazetteer(file, regions())
    place_weights(read_places(file))


def _tif() -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "people.tif"
        counts = np.arange(100, dtype="float32").reshape(10, 10)
        transform = rasterio.transform.from_origin(113.9, 22.6, 0.02, 0.01)
        with rasterio.open(
            file, "w", driver="GTiff", width=10, height=10, count=1, dtype="float32", crs=4326, transform=transform
        ) as out:
            out.write(counts, 1)
        return file.read_bytes()


_GRID = b"ncols 4\nnrows 2\nxllcorner 113.9\nyllcorner 22.5\ncellsize 0.05\nNODATA_value -9\n1 2 3 4\n5 6 7 -9\n"
_SYSTEM = (
    b'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    b'UNIT["degree",0.0174532925199433]]'
)


def _raster(file: Path) -> None:
    read_raster(file, (113.9, 22.5, 114.1, 22.6))


def _peopled_raster(folder: Path) -> None:
    from_raster(folder / "people.asc", regions(), RULE)


def _cells() -> bytes:
    cells = sorted({h3.latlng_to_cell(22.5 + y / 50, 113.9 + x / 50, 7) for x in range(8) for y in range(4)})
    return "".join(["cell,population\n", *(f"{cell},{at * 10}\n" for at, cell in enumerate(cells))]).encode()


def _hexagons(file: Path) -> None:
    from_hexagons(file, regions(), RULE)


def _shapes(columns: Mapping[str, list[Any]], ending: str) -> bytes:
    boxes = [shapely.box(x, 22.51, x + 0.02, 22.53) for x in (113.91, 113.94, 114.02)]
    frame = gpd.GeoDataFrame(columns, geometry=boxes, crs=4326)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / f"shapes{ending}"
        frame.to_file(file)
        return file.read_bytes()


_PEOPLED = {"id": ["a", "b", "c"], "people": [10, 20, 30]}
_LAND = {
    "id": ["a", "b", "c"],
    "kind": ["industrial", "warehouse", "port"],
    "land_ha": [1.0, 2.0, 3.0],
    "levels": ["hub", "", "utc"],
}


def _polygons(file: Path) -> None:
    from_polygons(file, regions(), id_column="id", population_column="people")


def _candidates(file: Path) -> None:
    read_candidates(file, datum="GCJ-02")


_DATA = "hubopt.data"
_TABLE_READERS = (
    f"{_DATA}.inputs.read_inputs",
    f"{_DATA}.structure.read_structure",
    f"{_DATA}.files.read_table",
    f"{_DATA}.files.text_of",
)

READERS = (
    Reader("recipe", of_town("recipe.toml"), _recipe, (f"{_DATA}.recipe.read_recipe",), share=5),
    Reader(
        "recipe tables",
        of_town("recipe.toml", "recipe/common.toml", "recipe/structure.toml", *_INPUTS),
        _inputs,
        _TABLE_READERS,
        (".csv", "structure.toml", "common.toml"),
        share=0.3,
    ),
    single(
        "outlines",
        "outlines.gpkg",
        lambda: town()["raw/outlines.gpkg"],
        _regions,
        f"{_DATA}.ground.regions.read_regions",
        share=0.3,
    ),
    single("census", "population.csv", _PEOPLE, _census, f"{_DATA}.zones.census.read_census"),
    single("vertices", "vertices.txt", _vertices, read_vertices, f"{_DATA}.ground.fabric.read_vertices", share=5),
    single("packed vertices", "vertices.tar.gz", _tarred, read_vertices, share=5),
    single("point table", "edges.csv", EDGES, _moved_points, f"{_DATA}.ground.fabric.read_point_table", share=0.3),
    single("packed point table", "edges.csv.gz", gzip.compress(EDGES), _points, share=5),
    single(
        "gazetteer",
        "places.csv",
        _PLACES,
        _gazetteer,
        f"{_DATA}.ground.names.read_gazetteer",
        f"{_DATA}.ground.names.read_places",
    ),
    single("raster", "people.tif", _tif, _raster, f"{_DATA}.zones.raster.read_raster", share=5),
    Reader(
        "peopled raster",
        lambda: {"people.asc": _GRID, "people.prj": _SYSTEM},
        _peopled_raster,
        (f"{_DATA}.zones.sources.from_raster", f"{_DATA}.zones.raster.raster_pieces"),
        share=0.3,
    ),
    single(
        "hexagons",
        "cells.csv",
        _cells,
        _hexagons,
        f"{_DATA}.zones.sources.from_hexagons",
        f"{_DATA}.zones.raster.hexagon_pieces",
        share=0.3,
    ),
    single(
        "peopled GeoPackage",
        "a.gpkg",
        partial(_shapes, _PEOPLED, ".gpkg"),
        _polygons,
        f"{_DATA}.zones.sources.from_polygons",
        share=0.5,
    ),
    single("peopled GeoJSON", "a.geojson", partial(_shapes, _PEOPLED, ".geojson"), _polygons, share=0.5),
    single(
        "land GeoPackage",
        "a.gpkg",
        partial(_shapes, _LAND, ".gpkg"),
        _candidates,
        f"{_DATA}.sites.polygons.read_candidates",
        share=0.5,
    ),
    single("land GeoJSON", "a.geojson", partial(_shapes, _LAND, ".geojson"), _candidates, share=0.5),
    single(
        "GeoPackage",
        "a.gpkg",
        partial(_shapes, _LAND, ".gpkg"),
        read_features,
        "hubopt.instance.features.read_features",
    ),
    single("GeoJSON", "a.geojson", partial(_shapes, _LAND, ".geojson"), read_features),
    single("FlatGeobuf", "a.fgb", partial(_shapes, _LAND, ".fgb"), read_features, share=5),
)
"""Readers of outlines, people, places and land."""
