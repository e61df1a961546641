"""The road network of a recipe: all layers, made one directed graph, with a report of what was joined and dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import Floats
from hubopt.data.roads.border import open_crossings, over_border, territory
from hubopt.data.roads.expressways import RAMP_DETOUR, RAMP_SPACING_M, add_ramps
from hubopt.data.roads.graph import (
    NOT_FRONTED,
    RAMP,
    Bools,
    Ints,
    RoadGraph,
    both_ways,
    joined,
    largest_component,
    strong_components,
    with_edges,
    without_edges,
)
from hubopt.data.roads.interchanges import RampRule, add_interchanges, turning_places
from hubopt.data.roads.mesh import MESH, mesh_graph
from hubopt.data.roads.overpass import Server
from hubopt.data.roads.sources import EXPRESSWAY_KINDS, Read, read_layer
from hubopt.data.roads.spec import Crossing, Layer, RoadsSpec
from hubopt.data.roads.stitch import Joined, clip, loose_ends, rescue, tie_layers
from hubopt.data.travel.cache import default_cache
from hubopt.instance.errors import InputError, Problem

EXITS = 3
"""Most streets that one expressway junction of a coarse layer leads to."""


@dataclass(frozen=True)
class RoadNetwork:
    """The linked graph, the expressway junctions (metres, shape (n, 2)) and the report: name and text of each line."""

    graph: RoadGraph
    junctions: Floats
    report: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class _Stack:
    """Layers side by side in one graph: layer number of each node, and the nodes where a layer was cut off."""

    graph: RoadGraph
    layer: Ints
    cut: Bools


def _inside(graph: RoadGraph, layer: Layer, territories: gpd.GeoDataFrame) -> Bools:
    """Nodes of a layer that lie in the territories it is kept to, shape (n,)."""
    ids = territories["id"].to_numpy()
    if unknown := sorted(set(layer.within) - set(ids)):
        mend = f"use ids of territories: {', '.join(map(str, ids))}"
        raise InputError([Problem("recipe", f"layer {layer.name}: there is no territory", mend, value=unknown)])
    return np.isin(ids[territory(graph.xy(), territories)], layer.within)


def _prepared(read: Read, spec: RoadsSpec, points: Floats, report: list[tuple[str, str]]) -> RoadGraph:
    """A layer with the ramps that it lacks."""
    graph, name = read.graph, read.layer.name
    if not read.layer.ramps:
        return graph
    rule = RampRule()
    graph, crossings, slips = add_interchanges(graph, rule)
    turns = turning_places(graph, rule)
    graph = with_edges(graph, turns)
    served = 0
    if spec.ramp_motorway_m > 0 and len(points):
        graph, served = add_ramps(graph, points, spec.ramp_motorway_m, spec.ramp_surface_m)
    report.append(
        (f"{name}: links put in", f"{crossings} crossings without a junction, {slips} slips, {len(turns) // 2} turning "
         f"places, ramps at {served} expressway junctions")
    )  # fmt: skip
    return graph


def _superseded(coarse: RoadGraph, cut: Bools, finer: Sequence[RoadGraph], reach_m: float) -> tuple[RoadGraph, Bools]:
    """A layer of expressways without the edges that a finer layer has, and the nodes at which it is cut off then.

    ``cut``: where it was cut off before, shape (n,). An edge is there already if both of its ends lie within
    ``reach_m`` of a motorway of a finer layer.
    """
    places = [_motorway_places(graph) for graph in finer]
    motorways = np.concatenate([np.zeros((0, 2)), *places])
    near = np.zeros(len(coarse), dtype=bool)
    if len(motorways):
        near = KDTree(motorways).query(coarse.xy(), distance_upper_bound=reach_m)[0] < np.inf
    kept, _ = clip(coarse, ~near)
    left = np.zeros(len(coarse), dtype=bool)
    ends = coarse.edges[~(near[coarse.edges["u"]] & near[coarse.edges["v"]])]
    left[ends["u"]] = left[ends["v"]] = True
    return kept, (near | cut)[left]


def _motorway_places(graph: RoadGraph) -> Floats:
    """Nodes of the motorways of a graph, in metres, shape (n, 2)."""
    edges = graph.edges[graph.edges["road_class"] == "motorway"]
    nodes = np.unique(edges[["u", "v"]].to_numpy(dtype=np.int64))
    return np.asarray(graph.xy()[nodes], dtype=float)


def _stack(reads: list[Read], spec: RoadsSpec, territories: gpd.GeoDataFrame | None, points: Floats,
           report: list[tuple[str, str]]) -> _Stack:  # fmt: skip
    graphs: list[RoadGraph] = []
    cuts: list[Bools] = []
    for read in reads:
        graph = read.graph
        report.append((f"{read.layer.name}: read", f"{len(graph)} nodes, {len(graph.edges)} directed edges"))
        cut = np.zeros(len(graph), dtype=bool)
        if read.layer.within and territories is not None:
            graph, cut = clip(graph, _inside(graph, read.layer, territories))
            report.append((f"{read.layer.name}: kept", f"{len(graph)} nodes in {', '.join(read.layer.within)}"))
        if read.layer.kind in EXPRESSWAY_KINDS and spec.ramp_motorway_m > 0:
            before = len(graph.edges)
            graph, cut = _superseded(graph, cut, graphs, spec.ramp_motorway_m)
            report.append((f"{read.layer.name}: drawn finer elsewhere", f"{before - len(graph.edges)} edges left out"))
        prepared = _prepared(Read(read.layer, graph), spec, points, report)
        cut = np.append(cut, np.zeros(len(prepared) - len(graph), dtype=bool))  # links only add nodes at the end
        graphs.append(prepared)
        cuts.append(cut)
    layer = np.repeat(np.arange(len(graphs)), [len(graph) for graph in graphs])
    return _Stack(joined(graphs), layer, np.concatenate(cuts))


def _exits(stack: _Stack, coarse: Sequence[int], reach_m: float) -> tuple[RoadGraph, int]:
    """Lead each junction of the coarse expressway layers to the nearest streets of the other layers."""
    graph, xy = stack.graph, stack.graph.xy()
    street = np.zeros(len(graph), dtype=bool)
    fronted = ~graph.edges["road_class"].isin(NOT_FRONTED).to_numpy()
    for end in ("u", "v"):
        street[graph.edges[end].to_numpy()[fronted]] = True
    street &= ~np.isin(stack.layer, coarse)
    streets = np.flatnonzero(street)
    junctions = np.flatnonzero(np.isin(stack.layer, coarse))
    if not len(streets) or not len(junctions):
        return graph, 0
    tree = KDTree(xy[streets])
    rows: list[tuple[int, int, float]] = []
    for junction in junctions:
        near = streets[sorted(tree.query_ball_point(xy[junction], reach_m))]
        far = np.hypot(*(xy[near] - xy[junction]).T)
        chosen: list[int] = []
        for node in near[np.argsort(far, kind="stable")]:
            if all(np.hypot(*(xy[node] - xy[other])) > RAMP_SPACING_M for other in chosen):
                chosen.append(int(node))
            if len(chosen) == EXITS:
                break
        rows += [(int(junction), node, max(float(np.hypot(*(xy[node] - xy[junction]))), 50.0)) for node in chosen]
    if not rows:
        return graph, 0
    ramps = pd.DataFrame(rows, columns=["u", "v", "km"]).assign(road_class=RAMP)
    ramps["km"] = ramps["km"] * RAMP_DETOUR / 1000
    return with_edges(graph, both_ways(ramps)), int(ramps["u"].nunique())


def _with_mesh(stack: _Stack, spec: RoadsSpec, territories: gpd.GeoDataFrame, coarse: Sequence[int],
               report: list[tuple[str, str]]) -> _Stack:  # fmt: skip
    """The connector mesh beside the layers, tied to expressway junctions and to the layers' cut-off ends."""
    mesh = mesh_graph(territories, spec.mesh)
    if not len(mesh):
        return stack
    graph = joined([stack.graph, mesh])
    first = len(stack.graph)
    xy = graph.xy()
    tree = KDTree(xy[first:])
    ends = np.flatnonzero(np.isin(stack.layer, coarse) | stack.cut)
    metres, position = tree.query(xy[ends], k=2, distance_upper_bound=spec.mesh.junction_m)
    row, column = np.nonzero(np.isfinite(metres))
    ties = pd.DataFrame(
        {
            "u": ends[row],
            "v": first + position[row, column],
            "km": np.maximum(metres[row, column], 100.0) * spec.mesh.circuity / 1000,
        }
    ).assign(road_class=MESH, estimated=True)
    report.append(
        ("connector mesh",
         f"{len(mesh)} nodes of {spec.mesh.step_m:.0f} m in {', '.join(spec.mesh.territories)}, tied at "
         f"{ties['u'].nunique()} junctions and road ends; estimated")
    )  # fmt: skip
    layer = np.append(stack.layer, np.full(len(mesh), stack.layer.max(initial=0) + 1))
    return _Stack(with_edges(graph, both_ways(ties)), layer, np.append(stack.cut, np.zeros(len(mesh), dtype=bool)))


def _stitched(stack: _Stack, spec: RoadsSpec, report: list[tuple[str, str]]) -> _Stack:
    """Tie the layers' cut-off and loose ends to each other, as far as each layer allows."""
    graph = stack.graph
    if len(spec.layers) == 1:
        return stack
    loose = stack.cut | loose_ends(graph)
    ties = Joined("", 0, 0.0)
    for number, layer in enumerate(spec.layers):
        reach = max(layer.stitch_m, spec.ramp_motorway_m) if layer.kind in EXPRESSWAY_KINDS else layer.stitch_m
        graph, made = tie_layers(graph, stack.layer, loose & (stack.layer == number), reach)
        ties = Joined("", ties.count + made.count, max(ties.longest_m, made.longest_m))
    report.append(
        ("layers stitched", f"{ties.count} road ends tied to another layer, the longest tie {ties.longest_m:.0f} m")
    )
    return _Stack(graph, stack.layer, stack.cut)


def _bordered(stack: _Stack, spec: RoadsSpec, territories: gpd.GeoDataFrame, crossings: Sequence[Crossing],
              report: list[tuple[str, str]]) -> RoadGraph:  # fmt: skip
    """The border closed, islands on either side rescued, and the crossings opened."""
    ids = list(territories["id"])
    sides = np.array([spec.behind_border.index(name) + 1 if name in spec.behind_border else 0 for name in ids])
    home = territory(stack.graph.xy(), territories)
    passing = over_border(stack.graph, home, sides)
    graph, made = rescue(without_edges(stack.graph, passing), spec.rescue_m, sides[home])
    report.append((made.what, f"{made.count}, the longest tie {made.longest_m:.0f} m"))
    graph, opened = open_crossings(graph, home, sides, crossings)
    report.append(("edges over the border that were closed", str(int(passing.sum()))))
    for item in opened:
        state = item.reason or f"open, {item.km:.1f} km, roads {item.metres[0]:.0f} and {item.metres[1]:.0f} m away"
        report.append((f"crossing {item.id}", state))
    return graph


def build_roads(
    spec: RoadsSpec,
    root: Path,
    territories: gpd.GeoDataFrame | None = None,
    crossings: Sequence[Crossing] = (),
    *,
    cache: Path | None = None,
    server: Server | None = None,
) -> RoadNetwork:
    """Read all layers and make them one graph in which every node reaches every other.

    Args:
        spec: the layers and how they are joined.
        root: folder of the raw data.
        territories: outlines with the column ``id``; needed for layers kept to territories, borders and the mesh.
        crossings: places where a border may be passed, beside those of the spec.
        cache: folder in which answers of an Overpass server are kept; none: the user's cache.
        server: whom to ask; none: the server of osmnx's settings.

    Raises:
        InputError: if a source is missing or unsound, or an unknown territory is named.
    """
    report: list[tuple[str, str]] = []
    where = cache or default_cache() / "overpass"
    reads = [Read(layer, read_layer(layer, root, where, server)) for layer in spec.layers]
    coarse = [number for number, layer in enumerate(spec.layers) if layer.kind in EXPRESSWAY_KINDS]
    points = [reads[number].graph.xy() for number in coarse]
    junctions = np.unique(np.concatenate(points), axis=0) if points else np.zeros((0, 2))
    stack = _stack(reads, spec, territories, junctions, report)
    stack = _stitched(stack, spec, report)
    graph, served = _exits(stack, coarse, spec.ramp_surface_m)
    report.append(("expressway junctions of coarse layers led to streets", str(served)))
    stack = _Stack(graph, stack.layer, stack.cut)
    if territories is not None and spec.mesh.territories:
        stack = _with_mesh(stack, spec, territories, coarse, report)
    if territories is not None and spec.behind_border:
        whole = _bordered(stack, spec, territories, (*spec.crossings, *crossings), report)
    else:
        whole, made = rescue(stack.graph, spec.rescue_m)
        report.append((made.what, f"{made.count}, the longest tie {made.longest_m:.0f} m"))
    report += _dropped(whole, stack.layer, spec)
    linked = largest_component(whole)
    lengths = ", ".join(f"{name} {km:.0f}" for name, km in linked.kilometres().items())
    report.append(("km by class in the graph", lengths))
    return RoadNetwork(linked, junctions, tuple(report))


def _dropped(graph: RoadGraph, layer: Ints, spec: RoadsSpec) -> list[tuple[str, str]]:
    """How much of each layer is linked, and what is dropped as out of reach."""
    label = strong_components(graph)
    main = label == np.bincount(label).argmax()
    lines = [("largest linked part", f"{main.sum()} of {len(graph)} nodes ({100 * main.mean():.1f} %)")]
    names = [*(item.name for item in spec.layers), "mesh"]
    km = graph.edges["km"].to_numpy()
    off = ~main[graph.edges["u"].to_numpy()]
    of = layer[graph.edges["u"].to_numpy()]
    for number in np.unique(layer):
        here = layer == number
        lost = km[off & (of == number)].sum()
        text = f"{here.sum() - (here & main).sum()} of {here.sum()} nodes out of reach, {lost:.0f} km of carriageway"
        lines.append((f"{names[number]}: dropped", text))
    return lines
