"""The road network of a recipe: any source of roads, made whole by ramps, expressways and the closed border."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import METRIC, Floats
from hubopt.data.recipe import Recipe, Roads
from hubopt.data.roads import osm
from hubopt.data.roads.border import close_border
from hubopt.data.roads.expressways import add_ramps, join_expressways, junctions
from hubopt.data.roads.graph import RoadGraph, largest_component
from hubopt.data.roads.lines import graph_from_lines
from hubopt.data.roads.overpass import download
from hubopt.data.travel.cache import default_cache


@dataclass(frozen=True)
class Network:
    """The graph, the expressway junctions on it (metres, shape (n, 2)) and what happened on the way, for the report."""

    graph: RoadGraph
    junctions: Floats
    notes: tuple[tuple[str, str], ...]


def read_roads(roads: Roads, root: Path) -> RoadGraph:
    """The road graph of the recipe's source, before anything is added or cut."""
    path = root / roads.path
    match roads.kind:
        case "lines":
            lines = gpd.read_file(path).rename(columns={roads.class_column: "road_class"})
            return graph_from_lines(lines[["road_class", "geometry"]], roads.reach_m)
        case "overpass-recorded":
            return osm.read_recorded(path)
        case "osm-xml":
            return osm.read_extract(path)
        case "graphml":
            return osm.read_graphml(path)
        case "online":
            assert roads.bounds is not None
            return osm.graph_from_elements(download(roads.bounds, default_cache() / "overpass"))


def _box(graph: RoadGraph) -> shapely.Polygon:
    xy = graph.xy()
    (west, south), (east, north) = xy.min(axis=0), xy.max(axis=0)
    box: shapely.Polygon = shapely.box(west, south, east, north)
    return box


def network(
    recipe: Recipe, root: Path, expressways: gpd.GeoDataFrame, territories: gpd.GeoDataFrame, crossings: pd.DataFrame
) -> Network:
    """Roads, ramps, expressways beyond, border; the largest part in which everything is linked."""
    graph = read_roads(recipe.roads, root)
    notes = [("roads read", f"{len(graph)} nodes, {len(graph.edges)} directed edges")]
    extent = _box(graph)
    points = junctions(expressways)
    inside = points[shapely.contains_xy(extent, points)]
    if recipe.roads.ramp_motorway_m > 0:
        graph, served = add_ramps(graph, inside, recipe.roads.ramp_motorway_m, recipe.roads.ramp_surface_m)
        notes.append(("junctions with ramps", f"{served} of {len(inside)}"))
    if recipe.roads.join_expressways:
        reach = shapely.buffer(extent, 90_000)
        near = expressways[shapely.intersects(reach, expressways.to_crs(METRIC).geometry.to_numpy())]
        graph = join_expressways(graph, near, extent, recipe.roads.join_m)
    if len(territories) > 1:
        graph, passing = close_border(graph, territories, crossings, recipe.area.border_reach_m)
        notes.append(
            ("edges over the border", f"{len(passing)}, of them kept at crossings {int(passing['open'].sum())}")
        )
    linked = largest_component(graph)
    notes.append(
        ("largest linked part", f"{len(linked)} of {len(graph)} nodes ({100 * len(linked) / len(graph):.1f} %)")
    )
    lengths = ", ".join(f"{name} {km:.0f}" for name, km in linked.kilometres().items())
    notes.append(("km by class in the graph", lengths))
    return Network(linked, inside, tuple(notes))
