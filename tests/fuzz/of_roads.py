"""Readers of roads and of mapped land: OpenStreetMap in all its forms, lines, tables of edges, waypoints, trips."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import tempfile
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import osmium
from osmium.osm.mutable import Node, Way

from hubopt.data.pipeline.ground import read_expressways
from hubopt.data.roads.osm import read_recorded
from hubopt.data.roads.sources import read_layer
from hubopt.data.roads.spec import Layer
from hubopt.data.sites.polygons import osm_areas
from hubopt.data.travel.trips import read_trips
from tests.fuzz.of_geography import EDGES, town
from tests.fuzz.reader import Reader, single

_NODES = {n: (114.0 + (n % 5) / 200, 22.5 + (n // 5) / 200) for n in range(1, 16)}
_WAYS: dict[int, tuple[list[int], dict[str, str]]] = {
    100: ([1, 2, 3, 4], {"highway": "primary", "maxweight": "20 t", "toll": "yes"}),
    101: ([4, 9, 14], {"highway": "motorway", "oneway": "-1", "maxheight": "4.5"}),
    102: ([1, 6, 11], {"route": "ferry", "motor_vehicle": "yes", "duration": "00:20"}),
    103: ([6, 7, 12, 11, 6], {"landuse": "industrial", "name": "Yard", "highway": "service"}),
    104: ([7, 8, 13, 12, 7], {"natural": "water"}),
}


def _answer() -> bytes:
    elements: list[dict[str, Any]] = [{"type": "node", "id": n, "lon": x, "lat": y} for n, (x, y) in _NODES.items()]
    elements += [{"type": "way", "id": w, "nodes": nodes, "tags": tags} for w, (nodes, tags) in _WAYS.items()]
    ring = [{"lon": _NODES[n][0], "lat": _NODES[n][1]} for n in (6, 7, 12, 11, 6)]
    member = {"type": "way", "ref": 103, "role": "outer", "geometry": ring}
    elements.append(
        {"type": "relation", "id": 9, "members": [member], "tags": {"type": "multipolygon", "landuse": "port"}}
    )
    return json.dumps({"version": 0.6, "elements": elements}).encode()


@cache
def _extract(ending: str) -> bytes:
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / f"roads{ending}"
        with osmium.SimpleWriter(str(file)) as out:
            for n, place in _NODES.items():
                out.add_node(Node(id=n, location=place))
            for w, (nodes, tags) in _WAYS.items():
                out.add_way(Way(id=w, nodes=nodes, tags=tags))
        return file.read_bytes()


def _layer(kind: str, **more: Any) -> Callable[[Path], object]:
    def read(file: Path) -> object:
        layer = Layer(name="a", kind=kind, path=file.name, **more)  # type: ignore[arg-type]
        return read_layer(layer, file.parent, file.parent / "cache")

    return read


_GRAPHML = b"""<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d4" for="edge" attr.name="length" attr.type="string" />
<key id="d3" for="edge" attr.name="highway" attr.type="string" />
<key id="d5" for="edge" attr.name="oneway" attr.type="string" />
<key id="d2" for="node" attr.name="x" attr.type="string" /><key id="d1" for="node" attr.name="y" attr.type="string" />
<key id="d0" for="graph" attr.name="crs" attr.type="string" />
<graph edgedefault="directed"><data key="d0">epsg:4326</data>
<node id="1"><data key="d1">22.5</data><data key="d2">114.0</data></node>
<node id="2"><data key="d1">22.51</data><data key="d2">114.01</data></node>
<edge source="1" target="2" id="0"><data key="d3">primary</data><data key="d4">500.5</data></edge>
<edge source="2" target="1" id="0"><data key="d3">['primary', 'trunk']</data><data key="d4">500.5</data>
<data key="d5">True</data></edge>
</graph></graphml>
"""

_GMNS = {
    "link.csv": b"link_id,from_node_id,to_node_id,length,directed,facility_type\n"
    b"1,1,2,500,true,primary\n2,2,3,700,false,motorway\n",
    "node.csv": b"node_id,x_coord,y_coord\n1,114.0,22.5\n2,114.01,22.5\n3,114.02,22.51\n",
}

_WPT = b"A1 http://x/?lat=22.5&lon=114.0\n+X1 http://x/?lat=22.52&lon=114.02\nB +C http://x/?lat=22.55&amp;lon=114.05\n"


def _streets() -> bytes:
    frame = gpd.read_file(io.BytesIO(town()["raw/roads.geojson"])).iloc[:6]
    return str(frame.to_json()).encode()


def _expressways() -> bytes:
    return town()["raw/expressways.gpkg"]


def _gmns(folder: Path) -> None:
    _layer("gmns", nodes_path="node.csv")(folder / "link.csv")


_TRIPS = b"from_lon,from_lat,to_lon,to_lat,km,minutes\n114.0,22.5,114.1,22.55,13,25\n113.9,22.5,114.0,22.5,11,20\n"

_DATA = "hubopt.data"
_OSM = _layer("osm")

READERS = (
    single("areas of an answer", "answer.json", _answer, osm_areas, f"{_DATA}.sites.polygons.osm_areas"),
    single(
        "areas of .osm", "roads.osm", partial(_extract, ".osm"), osm_areas, f"{_DATA}.xml.refuse_doctype", share=0.1
    ),
    single("areas of .osm.pbf", "roads.osm.pbf", partial(_extract, ".osm.pbf"), osm_areas, share=0.1),
    single(
        "overpass",
        "a.json",
        _answer,
        lambda file: read_recorded(file.parent),
        f"{_DATA}.roads.osm.read_answers",
        f"{_DATA}.roads.osm.read_recorded",
        f"{_DATA}.roads.answers.answer_of",
    ),
    single(
        ".osm",
        "roads.osm",
        partial(_extract, ".osm"),
        _OSM,
        f"{_DATA}.roads.osm.read_extract",
        f"{_DATA}.roads.sources.read_layer",
    ),
    single(".osm.pbf", "roads.osm.pbf", partial(_extract, ".osm.pbf"), _OSM),
    single(".osm.gz", "roads.osm.gz", lambda: gzip.compress(_extract(".osm")), _OSM),
    single(".osm.bz2", "roads.osm.bz2", lambda: bz2.compress(_extract(".osm")), _OSM),
    single("graphml", "a.graphml", _GRAPHML, _layer("graphml"), f"{_DATA}.roads.osm.read_graphml"),
    single("lines", "roads.geojson", _streets, _layer("lines"), f"{_DATA}.roads.sources.read_lines", share=0.3),
    single("expressways", "expressways.gpkg", _expressways, _layer("expressways"), share=0.3),
    single("routes", "expressways.gpkg", _expressways, read_expressways, f"{_DATA}.pipeline.ground.read_expressways"),
    single("edges", "edges.csv", EDGES, _layer("edges"), f"{_DATA}.roads.tables.read_edges", share=0.3),
    Reader("gmns", lambda: _GMNS, _gmns, (f"{_DATA}.roads.tables.read_gmns",), share=0.3),
    single("waypoints", "a.wpt", _WPT, _layer("waypoints"), f"{_DATA}.roads.waypoints.read_waypoints"),
    single("trips", "trips.csv", _TRIPS, read_trips, f"{_DATA}.travel.trips.read_trips", share=5),
)
"""Readers of what roads and land are made from."""
