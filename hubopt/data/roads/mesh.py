"""The connector model: a mesh of estimated streets where there are no data of arterial roads."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import METRIC
from hubopt.data.roads.graph import RoadGraph, both_ways, graph_of
from hubopt.data.roads.spec import Mesh

MESH = "mesh"
"""Road class of the mesh's edges, and of the ties from it to expressway junctions."""

_NEIGHBOURS = ((1, 0), (0, 1), (1, 1), (1, -1))


def mesh_graph(territories: gpd.GeoDataFrame, mesh: Mesh) -> RoadGraph:
    """The mesh over the territories without arterial data: nodes inside their outlines, edges to eight neighbours.

    Args:
        territories: outlines with the column ``id``, any CRS.
        mesh: the rule; pairs of ``across`` are joined over their common limit, other limits are not passed.
    """
    chosen = territories[territories["id"].isin(mesh.territories)].to_crs(METRIC).reset_index(drop=True)
    empty = pd.DataFrame({"u": [], "v": [], "km": [], "road_class": []})
    if not len(chosen):
        return graph_of(np.zeros((0, 2)), empty)
    west, south, east, north = chosen.total_bounds
    columns = np.arange(np.floor(west / mesh.step_m), np.ceil(east / mesh.step_m) + 1).astype(int)
    rows = np.arange(np.floor(south / mesh.step_m), np.ceil(north / mesh.step_m) + 1).astype(int)
    grid = np.stack(np.meshgrid(columns, rows), axis=-1).reshape(-1, 2)
    points = shapely.points(grid * mesh.step_m)
    inside, of = shapely.STRtree(chosen.geometry.to_numpy()).query(points, predicate="intersects")
    _, first = np.unique(inside, return_index=True)
    inside, of = inside[first], of[first]
    cell = {(int(x), int(y)): position for position, (x, y) in enumerate(grid[inside])}
    name = chosen["id"].to_numpy()[of]
    joined = {frozenset(pair) for pair in mesh.across}
    found = []
    for (x, y), here in cell.items():
        for right, up in _NEIGHBOURS:
            there = cell.get((x + right, y + up))
            if there is None:
                continue
            if name[here] == name[there] or frozenset((name[here], name[there])) in joined:
                found.append((here, there, float(np.hypot(right, up)) * mesh.step_m / 1000 * mesh.circuity))
    edges = pd.DataFrame(found, columns=["u", "v", "km"]).assign(road_class=MESH, estimated=True)
    return graph_of(grid[inside].astype(float) * mesh.step_m, both_ways(edges))
