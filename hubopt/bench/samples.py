"""Small files in the published layouts, drawn at random from a seed: for the suite ``smoke`` and a part of ``hub``.

Costs follow from random points in a square, so that the cases are like the published ones in kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

Vector = NDArray[np.float64]


def _text(*blocks: Iterable[object]) -> str:
    return "".join(
        " ".join(f"{value:.10g}" if isinstance(value, float) else str(value) for value in block) + "\n"
        for block in blocks
    )


def _ways(rng: np.random.Generator, lower: int, upper: int) -> Vector:
    ways: Vector = np.round(cdist(rng.uniform(0, 100, (upper, 2)), rng.uniform(0, 100, (lower, 2))))
    return ways


def warehouses(rng: np.random.Generator, sites: int, customers: int) -> str:
    """OR-Library's layout: capacities about five times tight."""
    demand = rng.integers(5, 36, customers)
    capacity = rng.integers(10, 161, sites) * max(1, int(5 * demand.sum() / (85 * sites)))
    fixed = np.round(rng.uniform(0, 90, sites) + rng.uniform(100, 110, sites) * np.sqrt(capacity))
    cost = _ways(rng, customers, sites) * demand
    rows = [[int(demand[j]), *cost[:, j].astype(int)] for j in range(customers)]
    return _text([sites, customers], *zip(capacity, fixed.astype(int), strict=True), *rows)


def single_source(rng: np.random.Generator, sites: int, customers: int) -> str:
    """Holmberg's layout."""
    demand = rng.integers(5, 36, customers)
    capacity = rng.integers(60, 161, sites) * max(1, int(np.ceil(2.5 * demand.sum() / (110 * sites))))
    fixed = rng.integers(300, 701, sites)
    cost = (_ways(rng, customers, sites) * 0.4 * demand).astype(int)
    return _text([sites, customers], *zip(capacity, fixed, strict=True), demand, *cost)


def two_stages(rng: np.random.Generator, plants: int, depots: int, customers: int, products: int) -> str:
    """Mauri's layout, or that of Fernandes with one product."""
    demand = rng.integers(10, 51, (customers, products))
    total = demand.sum(axis=0)
    first, last = _ways(rng, depots, plants), _ways(rng, customers, depots)
    several = products > 1

    def stage(count: int, open_at_best: float) -> list[list[int]]:
        rooms = rng.uniform(0.7, 1.3, (count, products)) * total / open_at_best
        return [[*(int(room) + 1 for room in row), int(rng.integers(1500, 3500) * products)] for row in rooms]

    def matrices(ways: Vector) -> list[list[int]]:
        return [[int(way * rng.uniform(0.8, 1.2)) for way in row] for _ in range(products) for row in ways]

    head = [plants, depots, customers, *([products] if several else [])]
    needs = list(demand) if several else [demand[:, 0]]
    return _text(head, *needs, *stage(plants, 3.0), *matrices(first), *stage(depots, 4.0), *matrices(last))


def graph(rng: np.random.Generator, vertices: int, medians: int) -> str:
    """OR-Library's pmed layout: a ring and random edges."""
    ring = [(v, v % vertices + 1) for v in range(1, vertices + 1)]
    chords = [tuple(int(v) for v in rng.choice(vertices, 2, replace=False) + 1) for _ in range(2 * vertices)]
    edges = [(*ends, int(rng.integers(1, 100))) for ends in (*ring, *chords)]
    return _text([vertices, len(edges), medians], *edges)


def covering(rng: np.random.Generator, rows: int, columns: int) -> str:
    """OR-Library's scp layout: each row has about a tenth of the columns."""
    cost = rng.integers(1, 100, columns)
    lines = [np.sort(rng.choice(columns, max(2, columns // 10), replace=False)) + 1 for _ in range(rows)]
    return _text([rows, columns], cost, *([len(line), *line] for line in lines))


def nodes(rng: np.random.Generator, count: int, hubs: int) -> str:
    """AP layout: points in a square of 50 km, flows by weights of the nodes, transfer at 0.75."""
    points = np.round(rng.uniform(0, 50_000, (count, 2)))
    weight = rng.lognormal(0, 0.7, count)
    flow = np.round(np.outer(weight, weight) * rng.uniform(0.5, 1.5, (count, count)), 3)
    return _text([count], *points, *flow, [hubs], [3.0], [0.75], [2.0])


SAMPLES: Mapping[str, tuple[str, Callable[[np.random.Generator], str]]] = {
    "warehouses-16x50": ("orlib-cflp", lambda rng: warehouses(rng, 16, 50)),
    "single-10x40": ("sscflp", lambda rng: single_source(rng, 10, 40)),
    "two-stages-8x10x40": ("tscflp", lambda rng: two_stages(rng, 8, 10, 40, 1)),
    "two-products-6x8x25": ("mptscflp", lambda rng: two_stages(rng, 6, 8, 25, 2)),
    "medians-60-p6": ("pmedian", lambda rng: graph(rng, 60, 6)),
    "covering-40x80": ("covering", lambda rng: covering(rng, 40, 80)),
    "hubs-8-p3": ("hub", lambda rng: nodes(rng, 8, 3)),
}
"""Format and maker of each sample by its name."""


def write_sample(name: str, maker: Callable[[np.random.Generator], str], folder: Path, seed: int = 0) -> Path:
    """Write the file of a sample, the same for the same name and seed, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, *name.encode()])
    path = folder / f"{name}.txt"
    text = maker(rng)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    return path
