"""Directions of plain lines that carry no tag: dual carriageways told by the carriageway beside them.

OpenStreetMap draws each carriageway of a dual road as its own way, in the direction of travel, and extracts keep the
order of its points. Where traffic keeps right, the other carriageway lies on the left and runs the other way. A line
with such a partner is one-way as drawn; motorways are one-way anyhow; all else is open both ways.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from hubopt.data.roads.graph import Bools

SAMPLE_M = 40.0
"""Distance between the points at which a line looks for its partner, in metres."""

PARTNER_M = 70.0
"""How far away the other carriageway may lie, in metres."""

ANTIPARALLEL = -0.9
"""Cosine below which two carriageways run in opposite directions."""

PARTNERED_SHARE = 0.4
"""Share of a line's points that must have a partner."""


def _pieces(shapes: NDArray[np.object_]) -> tuple[Any, NDArray[np.int64]]:
    """Two-point segments of the lines, and the line of each."""
    coordinates, line = shapely.get_coordinates(shapes, return_index=True)
    same = line[1:] == line[:-1]
    ends = np.stack([coordinates[:-1][same], coordinates[1:][same]], axis=1)
    long = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1) > 0.5
    return ends[long], line[:-1][same][long]


def _samples(ends: Any, line: NDArray[np.int64]) -> tuple[Any, Any, NDArray[np.int64], NDArray[np.int64]]:
    """Points along the segments, their directions, lines and segments; at least one point per segment."""
    vector = ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(vector, axis=1)
    count = np.maximum(1, np.round(length / SAMPLE_M).astype(int))
    segment = np.repeat(np.arange(len(ends)), count)
    first = np.repeat(np.cumsum(count) - count, count)
    along = (np.arange(len(segment)) - first + 0.5) / count[segment]
    points = ends[segment, 0] + vector[segment] * along[:, None]
    return points, vector[segment] / length[segment, None], line[segment], segment


def partnered_share(shapes: NDArray[np.object_], keep: Literal["right", "left"] = "right") -> NDArray[np.float64]:
    """Share of each line along which an opposite carriageway lies where the rule of the road puts it.

    Args:
        shapes: lines in metres, shape (n,).
        keep: the side that traffic keeps to.

    Returns:
        Shape (n,), -1 to 1: points with a partner on the proper side less those with one on the wrong side.
    """
    ends, line = _pieces(shapes)
    if not len(ends):
        return np.zeros(len(shapes))
    points, direction, of_line, segment = _samples(ends, line)
    tree = shapely.STRtree(shapely.linestrings(ends))
    dots: Any = shapely.points(points)
    at, other = tree.query(dots, predicate="dwithin", distance=PARTNER_M)
    way = ends[other, 1] - ends[other, 0]
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    opposite = ((way * direction[at]).sum(axis=1) < ANTIPARALLEL) & (other != segment[at])
    at, other = at[opposite], other[opposite]
    towards = ends[other].mean(axis=1)
    foot = ends[other, 0] + way[opposite] * (((points[at] - ends[other, 0]) * way[opposite]).sum(axis=1))[:, None]
    beside = np.linalg.norm(foot - towards, axis=1) <= np.linalg.norm(ends[other, 1] - ends[other, 0], axis=1) / 2 + 15
    at, foot = at[beside], foot[beside]
    across = foot - points[at]
    side = direction[at, 0] * across[:, 1] - direction[at, 1] * across[:, 0]  # positive: on the left
    left, right = np.zeros(len(points), dtype=bool), np.zeros(len(points), dtype=bool)
    left[at[side > 1]] = True
    right[at[side < -1]] = True
    proper, wrong = (left, right) if keep == "right" else (right, left)
    score = proper.astype(float) - (wrong & ~proper)
    total = np.bincount(of_line, weights=score, minlength=len(shapes))
    return np.asarray(total / np.maximum(np.bincount(of_line, minlength=len(shapes)), 1))


def one_way(
    shapes: NDArray[np.object_], classes: NDArray[np.object_], keep: Literal["right", "left"] = "right"
) -> Bools:
    """Which lines are one-way as drawn, shape (n,): motorways, and those with a partner along most of their length."""
    paired = partnered_share(shapes, keep) >= PARTNERED_SHARE
    return np.asarray(paired | (classes.astype(str) == "motorway"))
