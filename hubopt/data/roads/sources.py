"""Every kind of layer read into a road graph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from hubopt.data.roads import osm, overpass
from hubopt.data.roads.graph import RoadGraph
from hubopt.data.roads.lines import graph_from_lines
from hubopt.data.roads.spec import Layer
from hubopt.data.roads.tables import class_of, read_edges, read_gmns
from hubopt.data.roads.waypoints import expressway_graph, read_waypoints, waypoint_files
from hubopt.instance.errors import InputError, Problem
from hubopt.instance.features import read_features

EXPRESSWAY_KINDS = ("expressways", "waypoints")


@dataclass(frozen=True)
class Read:
    """A layer and its graph."""

    layer: Layer
    graph: RoadGraph


def read_lines(file: Path) -> gpd.GeoDataFrame:
    """Line features of a geometry file (see :mod:`hubopt.instance.features`).

    Raises:
        InputError: if it cannot be read, is empty, states no CRS or holds coordinates that are not of it.
    """
    lines = read_features(file)
    lines = lines[lines.geometry.notna() & ~lines.geometry.is_empty]
    if not len(lines):
        raise InputError([Problem(file.name, "has no lines", "give a file with roads in it")])
    if not lines.geom_type.isin(["LineString", "MultiLineString"]).all():
        kinds = ", ".join(sorted(set(lines.geom_type)))
        raise InputError([Problem(file.name, f"has {kinds}, not lines", "give the roads as lines")])
    if lines.crs is None:
        raise InputError([Problem(file.name, "states no CRS", "save it with its CRS")])
    if lines.crs.is_geographic:
        west, south, east, north = lines.total_bounds
        if max(abs(south), abs(north)) > 90 or max(abs(west), abs(east)) > 180:
            swapped = max(abs(west), abs(east)) <= 90 and max(abs(south), abs(north)) <= 180
            message = "latitude and longitude are swapped" if swapped else "coordinates are no degrees"
            raise InputError([Problem(file.name, message, "state the CRS", value=(west, south, east, north))])
    return lines.reset_index(drop=True)


def _lines_graph(layer: Layer, file: Path) -> RoadGraph:
    lines = read_lines(file)
    if layer.class_column not in lines:
        found = ", ".join(str(name) for name in lines.columns if name != "geometry")
        mend = f"name the column of the class (class_column); the file has {found}"
        raise InputError([Problem(file.name, "column is missing", mend, column=layer.class_column)])
    classes = class_of(lines[layer.class_column], layer.default_class, file.name)
    return graph_from_lines(lines.assign(road_class=classes), layer.reach_m, layer.directions, layer.keep)


def read_layer(layer: Layer, root: Path, cache: Path, server: overpass.Server | None = None) -> RoadGraph:
    """The graph of a layer, before anything is added or cut.

    Args:
        layer: what to read.
        root: folder of the raw data.
        cache: folder in which answers of an Overpass server are kept.
        server: whom to ask; none: the server of osmnx's settings.

    Raises:
        InputError: if the source is missing, unsound or empty.
    """
    path = root / layer.path
    if layer.kind != "overpass" and not path.exists():
        raise InputError([Problem(layer.path, "there is no such file", f"get it, or leave out the layer {layer.name}")])
    match layer.kind:
        case "lines":
            graph = _lines_graph(layer, path)
        case "edges":
            nodes = root / layer.nodes_path if layer.nodes_path else None
            graph = read_edges(path, layer.columns, layer.crs, layer.default_class, nodes)
        case "gmns":
            graph = read_gmns(path, root / layer.nodes_path, layer.crs, layer.default_class)
        case "overpass-recorded":
            graph = osm.read_recorded(path, toll_cny_km=layer.toll_cny_km, boarding_minutes=layer.boarding_minutes)
        case "overpass":
            assert layer.bounds is not None
            elements = overpass.download(layer.bounds, cache, server)
            graph = osm.graph_from_elements(
                elements, toll_cny_km=layer.toll_cny_km, boarding_minutes=layer.boarding_minutes
            )
        case "osm":
            graph = osm.read_extract(path)
        case "graphml":
            graph = osm.read_graphml(path)
        case "expressways":
            graph = expressway_graph(read_lines(path), layer.toll_cny_km)
        case "waypoints":
            graph = expressway_graph(read_waypoints(waypoint_files(path)), layer.toll_cny_km)
    if not len(graph.edges):
        raise InputError([Problem(layer.path or "overpass", "has no roads", f"see the layer {layer.name}")])
    return graph
