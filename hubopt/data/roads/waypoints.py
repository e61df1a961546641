"""Expressways from waypoint files and from the edges made of them.

A waypoint file (``.wpt``) has a line per point, from one end of the route to the other: a label, perhaps further labels
that begin with ``+``, and an address with ``lat=`` and ``lon=``. A point whose first label begins with ``+`` gives the
shape only; all others are junctions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import METRIC, WGS84
from hubopt.data.roads.graph import RAMP, RoadGraph, both_ways, graph_of
from hubopt.instance.errors import InputError, Problem
from hubopt.instance.text import read_text

EXPRESSWAY = "expressway"

INTERCHANGE_M = 600.0
"""Junctions of different routes this near to each other belong to one interchange, in metres."""

_PLACE = re.compile(r"lat=(-?\d+(?:\.\d+)?)&(?:amp;)?lon=(-?\d+(?:\.\d+)?)")


def _points(file: Path) -> tuple[list[tuple[str, float, float]], list[Problem]]:
    """Label, longitude and latitude of each point, and the lines that hold none."""
    points, problems = [], []
    text = read_text(file)
    if isinstance(text, Problem):
        return [], [text]
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        found = _PLACE.search(line)
        if found is None or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
            mend = "give a label and an address with lat= and lon="
            problems.append(Problem(file.name, "is no waypoint", mend, row=number, value=line.strip()[:60]))
        else:
            points.append((line.split()[0], float(found[2]), float(found[1])))
    if not problems and len(points) < 2:
        problems.append(Problem(file.name, "has fewer than two waypoints", "give a route from end to end"))
    return points, problems


def read_waypoints(files: Sequence[Path]) -> gpd.GeoDataFrame:
    """Lines from junction to junction of waypoint files, with the column ``route`` (the file's stem); WGS84.

    Raises:
        InputError: naming every line that is no waypoint, or if there are no files.
    """
    routes: list[str] = []
    lines: list[shapely.LineString] = []
    problems: list[Problem] = []
    for file in files:
        points, wrong = _points(file)
        problems += wrong
        if wrong:
            continue
        shape = [points[0][1:]]
        for label, lon, lat in points[1:]:
            shape.append((lon, lat))
            if not label.startswith("+") or (label, lon, lat) == points[-1]:
                lines.append(shapely.LineString(shape))
                routes.append(file.stem)
                shape = [(lon, lat)]
    if not files:
        problems.append(Problem("waypoints", "there are no waypoint files", "give a folder with *.wpt files"))
    if problems:
        raise InputError(problems)
    return gpd.GeoDataFrame({"route": routes}, geometry=lines, crs=WGS84)


def waypoint_files(path: Path) -> list[Path]:
    """The waypoint files in a folder and its sub-folders, or the one file."""
    return [path] if path.is_file() else sorted(path.rglob("*.wpt"))


def expressway_graph(edges: gpd.GeoDataFrame, toll_cny_km: float = 0.0) -> RoadGraph:
    """The two-way graph of expressway edges: a node per junction, an edge per line, class ``expressway``.

    Routes that share a junction share its node, junctions within :data:`INTERCHANGE_M` are one interchange; edges
    listed by two routes count once.
    """
    lines = edges.to_crs(METRIC).geometry.to_numpy()
    lines = lines[shapely.length(lines) > 0]
    ends = np.stack([shapely.get_coordinates(shapely.get_point(lines, position)) for position in (0, -1)], axis=1)
    points, node = np.unique(np.round(ends.reshape(-1, 2), 0), axis=0, return_inverse=True)
    node = node.reshape(-1, 2)
    km = shapely.length(lines) / 1000
    rows = pd.DataFrame({"u": node[:, 0], "v": node[:, 1], "km": km, "road_class": EXPRESSWAY})
    near = KDTree(points).query_pairs(INTERCHANGE_M, output_type="ndarray")
    metres = np.hypot(*(points[near[:, 0]] - points[near[:, 1]]).T)
    ramps = pd.DataFrame({"u": near[:, 0], "v": near[:, 1], "km": metres / 1000, "road_class": RAMP})
    return graph_of(points, both_ways(pd.concat([rows.assign(toll_cny=km * toll_cny_km), ramps], ignore_index=True)))
