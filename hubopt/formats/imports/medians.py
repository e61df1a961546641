"""The p-median problem on a graph, OR-Library layout: ``n edges p``, then for each edge its two ends and its length.

Every vertex is a site and a customer of one unit; a unit costs the length of the shortest way. Where a pair of vertices
is listed more than once, the length given last counts, as the publisher says.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import shortest_path

from hubopt.formats.imports import parts
from hubopt.formats.imports.options import Options
from hubopt.formats.imports.parts import Origin
from hubopt.formats.imports.tokens import Tokens, Vector
from hubopt.instance import Instance, Level, LevelRule

LEVEL: Level = "station"
LEG = f"{LEVEL}-zone"

MOST_VERTICES = 5_000
"""Vertices whose ways to each other are still found in memory (200 MB)."""

_BEASLEY = "Beasley: A note on solving large p-median problems, EJOR 21 (1985), OR-Library"


def read(tokens: Tokens) -> tuple[Vector, int]:
    """Lengths of the shortest ways (vertices, vertices), infinite where there is none, and p."""
    count = tokens.whole("the number of vertices", most=MOST_VERTICES)
    edges = tokens.whole("the number of edges", least=0, most=count * count)
    medians = tokens.whole("p, the number of medians", most=count)
    lengths: dict[tuple[int, int], float] = {}
    for edge in range(1, edges + 1):
        one, other = (tokens.whole(f"an end of edge {edge}", most=count) - 1 for _ in range(2))
        length = tokens.number(f"the length of edge {edge}")
        if one != other:
            lengths[min(one, other), max(one, other)] = length
    tokens.end(lambda: f"{count} vertices and {edges} edges are all read")
    ends = np.array(list(lengths), dtype=int).reshape(-1, 2)
    values = np.array(list(lengths.values()), dtype=float)
    # in a sparse matrix a stored 0 is an edge of length 0, and what is not stored is none
    graph = sparse.csr_array((values, (ends[:, 0], ends[:, 1])), (count, count))
    ways: Vector = shortest_path(graph, method="D", directed=False)
    return ways, medians


def pmedian(path: Path, options: Options) -> Instance:
    """An OR-Library p-median file; ``facilities`` replaces its p."""
    ways, medians = read(Tokens.of(path))
    medians = options.facilities or medians
    origin = Origin(options.name_of(path), "import.kind-pmedian", _BEASLEY, 1985, "OR-Library pmed layout")
    customers = parts.ids("c", len(ways))
    every = np.ones(len(ways))
    places = parts.sites(LEVEL, "s", every * len(ways), every * 0.0)
    return parts.instance(
        origin,
        description=f"{len(ways)} vertices, of which {medians} are to be medians.",
        commodities=[parts.commodity("goods", "import.goods", (LEVEL,))],
        designs=places.designs,
        levels={LEVEL: LevelRule(min_open=medians, max_open=medians)},
        tables={
            "sites": places.rows,
            "zones": parts.zones(customers),
            "demand": parts.demand({"goods": (customers, every)}),
            "arcs": parts.arcs(LEG, list(places.rows["id"]), customers, ways),
        },
    )
