"""Small files in each published layout, made up here, and their least cost found by trying everything.

The values share nothing with the model: they follow from the numbers of the files by enumeration and, where flows can
be split, by a transport problem for every set of open sites.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import linprog

CAPACITY = [40.0, 30.0, 50.0]
FIXED = [60.0, 40.0, 75.0]
DEMAND = [12.0, 20.0, 9.0, 16.0]
COST = np.array([[24.0, 70.0, 9.0, 40.0], [60.0, 30.0, 27.0, 64.0], [18.0, 50.0, 36.0, 16.0]])
"""Cost of serving all of a customer's demand (columns) from a site (rows)."""

ORLIB = """ 3 4
 40 60.
 30 40.
 50 75.
 12
 24.0 60.0
 18.
 20
 70. 30. 50.
 9
 9. 27. 36.
 16
 40. 64. 16.
"""
"""The warehouse problem in OR-Library's layout, with numbers such as ``60.`` and lines that wrap."""

ORLIB_WORD = (
    ORLIB.replace(" 40 60.", " capacity 60.").replace(" 30 40.", " capacity 40.").replace(" 50 75.", "capacity 75.")
)

HOLMBERG = b"""3 4
40 60
30 40
50 75
 12. 20. 9. 16.
 24. 70. 9. 40.
 60. 30. 27. 64.
 18. 50. 36. 16.
\0\0 ~garbage at the end
"""
"""The same problem in Holmberg's layout, ending as some of the published files do."""

TWO_STAGES = """2 3 3
8 6 5
15 30
12 20
1 4 6
3 2 2
9 12
11 14
8 7
2 5 7
4 1 3
6 2 1
"""
"""Two plants, three depots, three customers."""

TWO_PRODUCTS = """2 2 3 2
3 2
2 4
4 1
8 9 30
9 7 20
1 4
3 2
2 5
1 6
9 7 12
9 8 14
2 5 7
4 1 3
6 2 1
3 3 2
"""
"""The same with two products, each with its own capacities and unit costs."""

GRAPH = """5 7 2
1 2 9
2 3 4
3 4 3
4 5 0
1 2 3
1 5 8
2 5 7
"""
"""Five vertices, two medians; the edge 1-2 is listed twice, and 4 and 5 lie in the same place."""

COVER = """4 4
3 2
2 4
2
1 2
2 2 3
3
1 3
4
1 4
"""
"""Four rows; columns at 3, 2, 2 and 4."""

POINTS = """5 2 1.5
0 0 7
1 0 2
0 1 3
4 4 5
4 5.5 6
"""
"""Five points with demands, of which two are opened; each covers what lies within 1.5."""

NODES = """4
0 0
3000 0
3000 4000
0 4000
0 5 2 1
4 0 3 2
1 6 1 2
2 2 3 0
2
3
0.75
2
"""
"""Four corners of a rectangle of 3 by 4 km; flows between all but one pair; two hubs."""

HUB_FIXED, HUB_ROOM = [20.0, 12.0, 25.0, 9.0], [30.0, 12.0, 30.0, 16.0]


def transport(capacity: Sequence[float], demand: Sequence[float], unit: np.ndarray) -> float:
    """Least cost of carrying ``demand`` from ends of ``capacity`` at unit costs; infinite if it does not fit."""
    m, n = unit.shape
    rooms = np.kron(np.eye(m), np.ones((1, n)))
    met = np.kron(np.ones((1, m)), np.eye(n))
    found = linprog(unit.ravel(), A_ub=rooms, b_ub=capacity, A_eq=met, b_eq=demand)
    return float(found.fun) if found.status == 0 else np.inf


def subsets(count: int) -> Iterable[list[int]]:
    """All sets of at least one of ``count``."""
    return (list(chosen) for size in range(1, count + 1) for chosen in itertools.combinations(range(count), size))


def least_with_split() -> float:
    """Least cost of the warehouse problem where customers may have several sources."""
    unit = COST / np.array(DEMAND)
    return min(
        sum(FIXED[i] for i in open_) + transport([CAPACITY[i] for i in open_], DEMAND, unit[open_])
        for open_ in subsets(3)
    )


def least_single(*, room: bool = True) -> float:
    """Least cost where each has one source; without ``room`` capacities do not count."""
    best = np.inf
    for choice in itertools.product(range(3), repeat=4):
        load = [sum(DEMAND[j] for j in range(4) if choice[j] == i) for i in range(3)]
        if not room or all(load[i] <= CAPACITY[i] for i in range(3)):
            cost = sum(FIXED[i] for i in set(choice)) + sum(COST[i, j] for j, i in enumerate(choice))
            best = min(best, cost)
    return best


def least_two_stages(products: int) -> float:
    """Least cost of the two-stage problem with one or two products."""
    text = TWO_STAGES if products == 1 else TWO_PRODUCTS
    numbers = iter([float(token) for token in text.split()][3 if products == 1 else 4 :])
    plants, depots, customers = (2, 3, 3) if products == 1 else (2, 2, 3)

    def block(*shape: int) -> np.ndarray:
        return np.array([next(numbers) for _ in range(int(np.prod(shape)))]).reshape(shape)

    demand, upper = block(customers, products), block(plants, products + 1)
    first = block(products, plants, depots)
    lower = block(depots, products + 1)
    last = block(products, depots, customers)
    best = np.inf
    for chosen, opened in itertools.product(subsets(plants), subsets(depots)):
        cost = upper[chosen, -1].sum() + lower[opened, -1].sum()
        for k in range(products):
            cost += _through(
                upper[chosen, k], lower[opened, k], demand[:, k], first[k][np.ix_(chosen, opened)], last[k][opened]
            )
        best = min(best, cost)
    return float(best)


def _through(plants: np.ndarray, depots: np.ndarray, demand: np.ndarray, first: np.ndarray, last: np.ndarray) -> float:
    """Least cost of the ways plant-depot-customer, one variable for each."""
    ways = list(itertools.product(range(len(plants)), range(len(depots)), range(len(demand))))
    cost = [first[i, j] + last[j, k] for i, j, k in ways]
    limits = [
        [float(way[at] == end) for way in ways] for at, ends in ((0, plants), (1, depots)) for end in range(len(ends))
    ]
    met = [[float(way[2] == k) for way in ways] for k in range(len(demand))]
    found = linprog(cost, A_ub=limits, b_ub=[*plants, *depots], A_eq=met, b_eq=demand)
    return float(found.fun) if found.status == 0 else np.inf


def least_cover() -> float:
    """Least cost of columns that cover every row."""
    tokens = [int(token) for token in COVER.split()]
    costs, lists = tokens[2:6], tokens[6:]
    rows = []
    while lists:
        rows.append(set(lists[1 : 1 + lists[0]]))
        lists = lists[1 + lists[0] :]
    sets = [{column + 1 for column in chosen} for chosen in subsets(4)]
    return float(
        min(sum(costs[column - 1] for column in chosen) for chosen in sets if all(chosen & row for row in rows))
    )


def strong_relaxation(cost: np.ndarray, fixed: Sequence[float], opened: int | None) -> float:
    """Value of the textbook relaxation without capacities: shares x of a customer within the openings y of sites."""
    m, n = cost.shape
    shares = [np.concatenate([np.zeros(m), np.kron(np.ones(m), np.eye(n)[j])]) for j in range(n)]
    within = np.hstack([-np.kron(np.eye(m), np.ones((n, 1))), np.eye(m * n)])
    equal, right = np.array(shares), np.ones(n)
    if opened is not None:
        equal = np.vstack([equal, np.concatenate([np.ones(m), np.zeros(m * n)])])
        right = np.append(right, opened)
    found = linprog(
        np.concatenate([fixed, cost.ravel()]), A_ub=within, b_ub=np.zeros(m * n), A_eq=equal, b_eq=right, bounds=(0, 1)
    )
    return float(found.fun)


def ways_of_graph() -> np.ndarray:
    """Lengths of the shortest ways of the graph, by relaxing its edges; the length given last counts."""
    ways = np.full((5, 5), np.inf)
    np.fill_diagonal(ways, 0.0)
    for line in GRAPH.splitlines()[1:]:
        one, other, length = (int(token) for token in line.split())
        ways[one - 1, other - 1] = ways[other - 1, one - 1] = length
    for middle in range(5):
        ways = np.minimum(ways, ways[:, [middle]] + ways[[middle], :])
    return ways


def least_medians() -> float:
    """Least sum of ways to the nearer of two vertices."""
    ways = ways_of_graph()
    return min(float(ways[list(pair)].min(axis=0).sum()) for pair in itertools.combinations(range(5), 2))


def hub_cost(*, single: bool, fixed: bool) -> float:
    """Least cost of the hub problem: every set of hubs, and every allocation of nodes to them (or way by hubs)."""
    points = np.array([[0, 0], [3, 0], [3, 4], [0, 4]], dtype=float)
    far = np.linalg.norm(points[:, None] - points[None], axis=2)
    flow = np.array([[0, 5, 2, 1], [4, 0, 3, 2], [1, 6, 1, 2], [2, 2, 3, 0]], dtype=float)
    best = np.inf
    for hubs in subsets(4):
        if not fixed and len(hubs) != 2:
            continue
        opening = sum(HUB_FIXED[h] for h in hubs) if fixed else 0.0
        if not single:
            ways = [
                [min(3 * far[i, h] + 0.75 * far[h, g] + 2 * far[g, j] for h in hubs for g in hubs) for j in range(4)]
                for i in range(4)
            ]
            best = min(best, opening + float((flow * np.array(ways)).sum()))
            continue
        for choice in itertools.product(hubs, repeat=4):
            collected = [sum(flow[i].sum() for i in range(4) if choice[i] == h) for h in range(4)]
            if any(choice[h] != h for h in hubs) or (fixed and any(collected[h] > HUB_ROOM[h] for h in hubs)):
                continue
            cost = sum(
                flow[i, j] * (3 * far[i, choice[i]] + 0.75 * far[choice[i], choice[j]] + 2 * far[choice[j], j])
                for i in range(4)
                for j in range(4)
            )
            best = min(best, opening + float(cost))
    return best


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """A file of the content in ``folder``."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
