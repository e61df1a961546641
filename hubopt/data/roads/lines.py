"""The graph made from plain road lines.

Extracts that come as plain lines carry no nodes. Lines meet where they share a coordinate; a side road whose meeting
vertex was simplified away ends *on* (or a few metres from) a segment of the main road, and is tied to it by splitting
that segment. Lines that merely cross are never joined, because flyovers cross without a junction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from hubopt.data.ground.coordinates import METRIC, Floats
from hubopt.data.roads.graph import ACCESS_CONTROLLED, Bools, Ints, RoadGraph, graph_of
from hubopt.data.roads.oneways import one_way

Directions = Literal["two-way", "infer", "column"]
Keep = Literal["right", "left"]


@dataclass(frozen=True)
class _Segments:
    """Straight pieces of lines: end nodes ``a``, ``b`` and the class of each."""

    a: Ints
    b: Ints
    road_class: NDArray[np.object_]
    one_way: Bools


def _segments(lines: gpd.GeoDataFrame) -> tuple[Floats, _Segments, Ints]:
    """Node positions, segments and the distinct line ends; coordinates equal to the decimetre are one node."""
    coordinates, line = shapely.get_coordinates(lines.geometry.to_numpy(), return_index=True)
    _, first, node = np.unique(np.round(coordinates, 1), axis=0, return_index=True, return_inverse=True)
    node = node.reshape(-1)
    same = line[1:] == line[:-1]
    a, b = node[:-1][same], node[1:][same]
    classes = lines["road_class"].to_numpy()[line[:-1][same]]
    last = np.flatnonzero(np.append(~same, True))
    start = np.append(0, last[:-1] + 1)
    ends = np.unique(np.concatenate([node[start], node[last]]))
    moved = a != b
    single = lines["one_way"].to_numpy(dtype=bool)[line[:-1][same]]
    segments = _Segments(a[moved], b[moved], classes[moved], single[moved])
    return coordinates[first], segments, ends.astype(np.int64)


def _controlled(classes: NDArray[np.object_]) -> NDArray[np.bool_]:
    return np.isin(classes.astype(str), ACCESS_CONTROLLED)


def _ends_on_segments(xy: Floats, segments: _Segments, ends: Ints, reach_m: float) -> pd.DataFrame:
    """Line ends within ``reach_m`` of a segment that they are no part of: end, segment, t (0..1), metres.

    A motorway and a surface road are never tied so: they meet at ramps only.
    """
    shapes: Any = shapely.linestrings(np.stack([xy[segments.a], xy[segments.b]], axis=1))
    points: Any = shapely.points(xy[ends])
    found, segment = shapely.STRtree(shapes).query(points, predicate="dwithin", distance=reach_m)
    end = ends[found]
    apart = (segments.a[segment] != end) & (segments.b[segment] != end)
    on_motorway = np.zeros(len(xy), dtype=bool)
    on_surface = np.zeros(len(xy), dtype=bool)
    motorway = _controlled(segments.road_class)
    for nodes in (segments.a, segments.b):
        on_motorway[nodes[motorway]] = True
        on_surface[nodes[~motorway]] = True
    fits = np.where(motorway[segment], on_motorway[end], on_surface[end])
    keep = apart & fits
    found, segment, end = found[keep], segment[keep], end[keep]
    along = shapely.line_locate_point(shapes[segment], points[found], normalized=True)
    metres = shapely.distance(shapes[segment], points[found])
    table = pd.DataFrame({"end": end, "segment": segment, "t": along, "metres": metres})
    return table.sort_values(["segment", "t", "end"]).reset_index(drop=True)


def _split(xy: Floats, segments: _Segments, ties: pd.DataFrame) -> pd.DataFrame:
    """Edges (one direction) with each segment split at the line ends tied to its inside."""
    inside = ties[(ties["t"] > 0) & (ties["t"] < 1)]
    count = len(segments.a)
    stops = pd.concat(
        [
            pd.DataFrame({"segment": np.arange(count), "t": 0.0, "node": segments.a}),
            inside.rename(columns={"end": "node"})[["segment", "t", "node"]],
            pd.DataFrame({"segment": np.arange(count), "t": 1.0, "node": segments.b}),
        ],
        ignore_index=True,
    ).sort_values(["segment", "t", "node"], kind="stable")
    segment, node = stops["segment"].to_numpy(), stops["node"].to_numpy()
    same = segment[1:] == segment[:-1]
    of = segment[:-1][same]
    return pd.DataFrame(
        {
            "u": node[:-1][same],
            "v": node[1:][same],
            "road_class": segments.road_class[of],
            "one_way": segments.one_way[of],
        }
    )


def _connectors(segments: _Segments, ties: pd.DataFrame) -> pd.DataFrame:
    """Edges from line ends to the segment ends that they lie beyond."""
    beyond = ties[(ties["t"] <= 0) | (ties["t"] >= 1)]
    segment = beyond["segment"].to_numpy()
    target = np.where(beyond["t"] <= 0, segments.a[segment], segments.b[segment])
    return pd.DataFrame(
        {
            "u": beyond["end"].to_numpy(),
            "v": target,
            "road_class": segments.road_class[segment],
            "one_way": False,
        }
    )


def graph_from_lines(
    lines: gpd.GeoDataFrame, reach_m: float = 18.0, directions: Directions = "two-way", keep: Keep = "right"
) -> RoadGraph:
    """The graph of plain road lines.

    Args:
        lines: lines of any CRS with a column ``road_class`` (and ``oneway``, for directions "column": 1 as drawn,
            -1 against, else both).
        reach_m: how far from a segment a line end may lie and still be taken to meet it, in metres.
        directions: "two-way": every road is open both ways; "infer": dual carriageways and motorways are one-way as
            drawn (see :mod:`hubopt.data.roads.oneways`); "column": as the column says.
        keep: the side that traffic keeps to.

    Returns:
        The graph; every vertex is a node. Crossing lines without a common coordinate stay apart.
    """
    metric = lines.to_crs(METRIC).explode(index_parts=False).reset_index(drop=True)
    metric = metric[metric.geometry.notna() & ~metric.geometry.is_empty].reset_index(drop=True)
    metric = _directed(metric, directions, keep)
    xy, segments, ends = _segments(metric)
    ties = _ends_on_segments(xy, segments, ends, reach_m)
    edges = pd.concat([_split(xy, segments, ties), _connectors(segments, ties)], ignore_index=True)
    edges["km"] = np.linalg.norm(xy[edges["u"]] - xy[edges["v"]], axis=1) / 1000
    back = edges[~edges["one_way"].to_numpy(dtype=bool)].rename(columns={"u": "v", "v": "u"})
    return graph_of(xy, pd.concat([edges, back], ignore_index=True).drop(columns="one_way"))


def _directed(lines: gpd.GeoDataFrame, directions: Directions, keep: Keep) -> gpd.GeoDataFrame:
    """The lines, drawn in the direction of travel, with a column ``one_way``."""
    shapes = lines.geometry.to_numpy()
    match directions:
        case "two-way":
            return lines.assign(one_way=False)
        case "infer":
            return lines.assign(one_way=one_way(shapes, lines["road_class"].to_numpy(dtype=object), keep))
        case "column":
            sense = pd.to_numeric(lines["oneway"], errors="coerce").fillna(0).to_numpy()
            drawn = np.where(sense < 0, shapely.reverse(shapes), shapes)
            return lines.set_geometry(drawn, crs=lines.crs).assign(one_way=sense != 0)
