"""OpenStreetMap roads through osmnx: recorded Overpass answers, files and online queries, all the same way."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ElementTree, SubElement

import networkx as nx
import numpy as np
import osmnx as ox
import pandas as pd

from hubopt.data.ground.coordinates import to_metric
from hubopt.data.roads.graph import RAMP, RoadGraph, graph_of

CLASSES: Mapping[str, str] = {
    **{name: name for name in ("motorway", "trunk", "primary", "secondary", "tertiary")},
    **{f"{name}_link": RAMP for name in ("motorway", "trunk", "primary", "secondary", "tertiary")},
    **dict.fromkeys(("unclassified", "residential", "living_street", "service", "road"), "minor"),
}
"""Road class of each drivable value of the tag ``highway``; ways with other values are left out."""

_XML_TAGS = ("highway", "oneway", "junction", "name", "bridge", "tunnel", "lanes", "maxspeed")


def _class_of(highway: object) -> str | None:
    values = highway if isinstance(highway, list) else [highway]
    known = [CLASSES[str(value)] for value in values if str(value) in CLASSES]
    return known[0] if known else None


def graph_from_networkx(graph: nx.MultiDiGraph) -> RoadGraph:
    """The road graph of an osmnx graph: nodes with x, y in degrees, edges with ``highway`` and ``length`` in metres.

    Nodes without a drivable edge are left out; nodes keep the order of their OSM ids.
    """
    rows = [
        (u, v, float(data["length"]) / 1000, road_class)
        for u, v, data in graph.edges(data=True)
        if (road_class := _class_of(data.get("highway"))) is not None
    ]
    used = sorted({node for row in rows for node in row[:2]})
    number = {node: position for position, node in enumerate(used)}
    lonlat = np.array([(graph.nodes[node]["x"], graph.nodes[node]["y"]) for node in used], dtype=float).reshape(-1, 2)
    edges = pd.DataFrame(rows, columns=["u", "v", "km", "road_class"])
    edges = edges.assign(u=edges["u"].map(number), v=edges["v"].map(number)).astype({"u": int, "v": int})
    return graph_of(to_metric(lonlat), edges)


def _elements(files: Iterable[Path]) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]:
    """Nodes and ways of Overpass answers in JSON, each once."""
    nodes: dict[int, dict[str, Any]] = {}
    ways: dict[int, dict[str, Any]] = {}
    for file in files:
        for element in json.loads(file.read_text(encoding="utf-8")).get("elements", []):
            {"node": nodes, "way": ways}.get(element["type"], {})[element["id"]] = element
    return nodes, ways


def _osm_xml(nodes: Mapping[int, Mapping[str, Any]], ways: Mapping[int, Mapping[str, Any]]) -> ElementTree:
    root = Element("osm", version="0.6")
    for number in sorted(nodes):
        node = nodes[number]
        SubElement(root, "node", id=str(number), lat=repr(node["lat"]), lon=repr(node["lon"]))
    for number in sorted(ways):
        way = SubElement(root, "way", id=str(number))
        for member in ways[number]["nodes"]:
            if member in nodes:
                SubElement(way, "nd", ref=str(member))
        for key, value in ways[number].get("tags", {}).items():
            if key in _XML_TAGS:
                SubElement(way, "tag", k=key, v=str(value))
    return ElementTree(root)


def read_recorded(folder: Path) -> RoadGraph:
    """Roads of recorded Overpass answers: a folder of JSON files, such as the cache folder of osmnx."""
    nodes, ways = _elements(sorted(folder.glob("*.json")))
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / "recorded.osm"
        _osm_xml(nodes, ways).write(file, encoding="utf-8", xml_declaration=True)
        return read_xml(file)


def read_xml(file: Path) -> RoadGraph:
    """Roads of an OSM XML file (.osm)."""
    return graph_from_networkx(ox.graph_from_xml(file, simplify=False, retain_all=True))


def read_graphml(file: Path) -> RoadGraph:
    """Roads of a GraphML file that osmnx wrote."""
    return graph_from_networkx(ox.load_graphml(file))


def download(bounds: tuple[float, float, float, float]) -> RoadGraph:
    """Roads within ``bounds`` (west, south, east, north in degrees), asked of Overpass or of osmnx's cache."""
    graph = ox.graph_from_bbox(bounds, network_type="drive", simplify=False, retain_all=True, truncate_by_edge=True)
    return graph_from_networkx(graph)
