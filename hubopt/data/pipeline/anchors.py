"""Anchors: where places join the roads, so that none that is far from roads joins those across a border.

A place is tied to its nearest road. An island may be nearest to a road across a closed border; its anchor is then the
nearest road of its own side, and the straight way there is added to all its arcs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import Floats, to_degrees, to_metric
from hubopt.data.pipeline.ground import Ground, Notes, position_array
from hubopt.data.roads.border import territory
from hubopt.data.roads.graph import NOT_FRONTED, Bools, Ints, RoadGraph
from hubopt.data.travel.attach import attach
from hubopt.data.travel.weights import Speeds

OFF_ROAD_M = 2000.0
"""Arcs of places further than this from any road of their side (islands, mountains) are marked estimated."""


@dataclass(frozen=True)
class Anchors:
    """Where the places of one kind join the roads, shape (places, ...).

    ``lonlat``: the place itself or, for one that lies off the roads of its side, the nearest of these; ``km`` and
    ``minutes`` of the way there; ``metres`` from the place to the road; ``off``: whether it lies off.
    """

    lonlat: Floats
    km: Floats
    minutes: Floats
    metres: Floats
    off: Bools


def _sides(ground: Ground) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Territories, and the side of each: 0, or one for every territory behind a border."""
    territories = ground.cities[["id", "geometry"]].reset_index(drop=True)
    behind = ground.recipe.roads.behind_border
    return territories, {name: behind.index(name) + 1 if name in behind else 0 for name in territories["id"]}


def _fronted(graph: RoadGraph) -> Ints:
    edges = graph.edges[~graph.edges["road_class"].isin(NOT_FRONTED)]
    return np.unique(edges[["u", "v"]].to_numpy())


@dataclass(frozen=True)
class _Sides:
    """Side of each city, and the road nodes that places may join: all together and by side."""

    of_city: Mapping[str, int]
    xy: Floats
    home: Ints
    nearest: KDTree
    own: Mapping[int, Floats]
    trees: Mapping[int, KDTree]


def _by_side(ground: Ground, graph: RoadGraph) -> _Sides:
    territories, side = _sides(ground)
    xy = graph.xy()[_fronted(graph)]
    home = np.array([side[name] for name in territories["id"]])[territory(xy, territories)]
    own = {name: xy[home == name] for name in set(side.values())}
    trees = {name: KDTree(places) for name, places in own.items() if len(places)}
    return _Sides(side, xy, home, KDTree(xy), own, trees)


def make_anchors(
    ground: Ground, graph: RoadGraph, speeds: Speeds, ends: Mapping[str, pd.DataFrame]
) -> dict[str, Anchors]:
    """Anchors of the places of each kind (tables with lon, lat and city)."""
    sides = _by_side(ground, graph)
    return {kind: _anchored(graph, speeds, places, sides) for kind, places in ends.items()}


def _anchored(graph: RoadGraph, speeds: Speeds, places: pd.DataFrame, sides: _Sides) -> Anchors:
    lonlat = position_array(places)
    metres = np.array(attach(graph, lonlat, speeds).metres)
    own = places["city"].map(dict(sides.of_city)).fillna(0).to_numpy(dtype=int)
    here = to_metric(lonlat)
    abroad = sides.home[sides.nearest.query(here)[1]] != own
    km = np.zeros(len(places))
    anchor = lonlat.copy()
    for row in np.flatnonzero(abroad | (metres > OFF_ROAD_M)):
        name = int(own[row])
        if name not in sides.trees:
            continue
        metres[row], nearest = sides.trees[name].query(here[row])
        anchor[row] = to_degrees(sides.own[name][nearest][None, :])[0]
        km[row] = metres[row] * speeds.access_detour / 1000
    return Anchors(anchor, km, km / speeds.access_km_h * 60, metres, metres > OFF_ROAD_M)


def snapping(ends: Mapping[str, pd.DataFrame], anchors: Mapping[str, Anchors]) -> Notes:
    """How far places lie from the roads they join, and those further than the precision of their position."""
    lines: Notes = []
    for kind, places in ends.items():
        own = anchors[kind]
        lines.append(
            (f"{kind}: metres to the road, median and most", f"{np.median(own.metres):.0f}, {own.metres.max():.0f}")
        )
        if own.off.any():
            lines.append((f"{kind}: beyond {OFF_ROAD_M:.0f} m", f"{own.off.sum()}; their arcs are marked estimated"))
        if "precision_m" in places:
            precision = places["precision_m"].fillna(np.inf).to_numpy(dtype=float)
            far = np.flatnonzero(own.metres > precision)
            lines += [(f"{places['id'].iloc[at]} beyond its precision", f"{own.metres[at]:.0f} m off") for at in far]
    return lines
