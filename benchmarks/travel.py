"""Travel matrices against networkx (as osmnx routes) and igraph, on the same graph and in the same run.

    python benchmarks/travel.py [--nodes 240000] [--points 1000] [--workers 2] [--sample 8]

Needs igraph (a development dependency). The graph is a made-up city of streets with vertices between the junctions, as
OpenStreetMap draws them, with one-way streets and three classes; no data are needed. The rivals route from a sample of
the origins, and their time is scaled up to all of them; the answers of the sample are compared.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import tempfile
import time
from pathlib import Path

import igraph
import networkx as nx
import numpy as np
import pandas as pd

from hubopt.data.ground.coordinates import to_degrees
from hubopt.data.roads.graph import RoadGraph, graph_of, largest_component
from hubopt.data.travel.attach import attach
from hubopt.data.travel.contract import cheapest, compact
from hubopt.data.travel.matrix import matrix
from hubopt.data.travel.weights import Speeds, Weights

SPEEDS = Speeds({"primary": 45.0, "secondary": 35.0, "minor": 20.0}, 6, 20, 1.3, 1)
BETWEEN = 4
"""Vertices between two junctions."""


def city(nodes: int, seed: int) -> RoadGraph:
    """A grid of streets 150 m apart, every eighth a main road, a fifth of the small ones one-way; shaken."""
    size = int((nodes / (1 + 2 * BETWEEN * 0.93)) ** 0.5) + 1
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
    xy = np.stack([x, y], axis=-1).reshape(-1, 2) * 150.0 + rng.normal(0, 25, (size * size, 2))
    number = np.arange(size * size).reshape(size, size)
    a = np.concatenate([number[:-1].ravel(), number[:, :-1].ravel()])
    b = np.concatenate([number[1:].ravel(), number[:, 1:].ravel()])
    line = np.concatenate([np.tile(np.arange(size), size - 1), np.repeat(np.arange(size), size - 1)])
    kind = np.select([line % 8 == 0, line % 4 == 0], ["primary", "secondary"], "minor")
    kept = (rng.random(len(a)) > 0.07) | (kind != "minor")
    a, b, kind = a[kept], b[kept], kind[kept]
    one_way = (rng.random(len(a)) < 0.2) & (kind == "minor")
    share = np.arange(1, BETWEEN + 1)[:, None, None] / (BETWEEN + 1)
    inner = xy[a] * (1 - share) + xy[b] * share + rng.normal(0, 4, (BETWEEN, len(a), 2))
    points = np.concatenate([xy, inner.reshape(-1, 2)])
    chain = np.concatenate([a[None], len(xy) + np.arange(BETWEEN * len(a)).reshape(BETWEEN, -1), b[None]])
    u, v = chain[:-1].ravel(), chain[1:].ravel()
    edges = pd.DataFrame({"u": u, "v": v, "road_class": np.tile(kind, BETWEEN + 1)})
    edges["km"] = np.linalg.norm(points[u] - points[v], axis=1) / 1000
    back = edges[~np.tile(one_way, BETWEEN + 1)].rename(columns={"u": "v", "v": "u"})
    return largest_component(graph_of(points, pd.concat([edges, back], ignore_index=True)))


def memory_mib() -> float:
    """Most memory of this process and of its largest child, together, in MiB."""
    own, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return (own + 2 * children) / 1024


def by_networkx(weights: Weights, origins: np.ndarray, destinations: np.ndarray) -> tuple[float, np.ndarray]:
    """Seconds and cost with networkx's Dijkstra, which osmnx uses."""
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(zip(weights.u.tolist(), weights.v.tolist(), weights.cost.tolist(), strict=True))
    start = time.perf_counter()
    rows = []
    for origin in origins:
        length = nx.single_source_dijkstra_path_length(graph, int(origin), weight="weight")
        rows.append([length.get(int(node), np.inf) for node in destinations])
    return time.perf_counter() - start, np.array(rows)


def by_igraph(weights: Weights, origins: np.ndarray, destinations: np.ndarray) -> tuple[float, np.ndarray]:
    """Seconds and cost with igraph's distances."""
    graph = igraph.Graph(n=weights.nodes, edges=np.column_stack([weights.u, weights.v]), directed=True)
    start = time.perf_counter()
    found = graph.distances(origins.tolist(), destinations.tolist(), weights=weights.cost.tolist())
    return time.perf_counter() - start, np.array(found)


def main() -> None:
    """Run all three and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=240_000)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sample", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    graph = city(given.nodes, given.seed)
    rng = np.random.default_rng(given.seed)
    side = graph.xy().max(axis=0)
    a, b = (to_degrees(rng.uniform(0, 1, (given.points, 2)) * side) for _ in range(2))
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"{len(graph)} nodes, {len(graph.edges)} directed edges, {given.points} x {given.points} points")

    with tempfile.TemporaryDirectory() as cache:
        start = time.perf_counter()
        legs = matrix(graph, SPEEDS, a, b, mean=False, workers=given.workers, cache=Path(cache))
        ours = time.perf_counter() - start
        start = time.perf_counter()
        matrix(graph, SPEEDS, a, b, mean=False, workers=given.workers, cache=Path(cache))
        again = time.perf_counter() - start
    used = memory_mib()

    tied = attach(graph, np.concatenate([a, b]), SPEEDS)
    ends = np.concatenate([tied.origin[: given.points], tied.destination[given.points :]])
    weights, number = compact(cheapest(tied.weights), ends)
    origins, destinations = number[: given.sample], number[given.points :]
    _, minutes = legs.dense()
    own = minutes[: given.sample]
    print(f"\n{'':<22}{'seconds':>10}{'ratio':>8}  largest difference of minutes")
    memory = f"peak {used:.0f} MiB in all; again, from the cache: {again:.1f} s"
    print(f"{'hubopt, with km':<22}{ours:>10.1f}{1:>8.1f}  {memory}")
    for name, rival in (("igraph", by_igraph), ("networkx (osmnx)", by_networkx)):
        seconds, cost = rival(weights, origins, destinations)
        scaled = seconds * given.points / given.sample
        both = np.isfinite(cost) & np.isfinite(own)
        assert np.array_equal(np.isfinite(cost), np.isfinite(own)), f"{name} reaches other places"
        print(f"{name:<22}{scaled:>10.1f}{scaled / ours:>8.1f}  {np.abs(cost - own)[both].max():.2e}")


if __name__ == "__main__":
    main()
