"""A lower bound by Lagrangian decomposition at the supply of the lowest sites.

The rows that tie the lowest sites to each other and to all above are dualised (:mod:`hubopt.solve.decompose.cut`). What
is left are a knapsack for each lowest site and a small mixed-integer program for all levels above, which HiGHS solves.
Multipliers rise by the volume algorithm between two solves of that program, against a model of it: the cheapest of the
points that it has given so far. Only where the program itself was solved does the sum count as a bound.

F. Barahona, R. Anbil: The volume algorithm: producing primal solutions with a subgradient method. Mathematical
Programming 87 (2000) 385-399. Decomposition: M. Guignard, S. Kim: Lagrangean decomposition. Mathematical Programming 39
(1987) 215-228.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from hubopt.model import Network
from hubopt.solution.duals import WHOLE
from hubopt.solve.decompose.blocks import NEVER
from hubopt.solve.decompose.cut import Cut
from hubopt.solve.milp import Milp, Vector

HALF = 0.5
"""Share of the cost of missing goods at which a zone's demand is priced: the rest is what above pays for missing it."""
DEAR = 3.0
"""Where demand must be met, its price in those of the dearest zone in the relaxation."""
SMOOTHING = 0.1
"""Weight of the newest subgradient in the direction."""
STEP, SHRINK, LEAST_STEP = 1.0, 0.7, 0.01
"""First length of a step (1: to the target, were the bound linear), its factor after a failure, and the least."""
PATIENCE = 12
"""Steps without gain after which steps get shorter."""
SHORTER = 0.8
"""Factor of the steps after a solve that proved nothing."""
GAIN = 1e-4
"""Rise of the bound (relative) that counts."""
LARGEST = 1e9
"""Multipliers from here on (model units) are not taken over from elsewhere."""
POOL = 150
"""Points of the upper program that are kept."""


@dataclass(frozen=True)
class Branch:
    """A part of all plans: bounds on some columns above (by their number there), and on sums of them.

    ``closed`` are sites of the levels above that are not open in this part, ``opened`` those that are.
    """

    lower: Mapping[int, float] = field(default_factory=dict)
    upper: Mapping[int, float] = field(default_factory=dict)
    sums: tuple[tuple[tuple[int, ...], float, float], ...] = ()
    closed: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()

    def holds(self, point: Vector) -> bool:
        """Whether a point of the upper program lies in this part."""
        return (
            all(point[column] >= bound - 1e-6 for column, bound in self.lower.items())
            and all(point[column] <= bound + 1e-6 for column, bound in self.upper.items())
            and all(low - 1e-6 <= point[list(columns)].sum() <= high + 1e-6 for columns, low, high in self.sums)
        )

    def applied(self, program: Milp) -> Milp:
        """The upper program of this part."""
        lower, upper = program.lower.copy(), program.upper.copy()
        for column, bound in self.lower.items():
            lower[column] = max(lower[column], bound)
        for column, bound in self.upper.items():
            upper[column] = min(upper[column], bound)
        if not self.sums:
            return replace(program, lower=lower, upper=upper)
        columns = np.array([column for chosen, _, _ in self.sums for column in chosen], dtype=np.int64)
        rows = np.array([number for number, (chosen, _, _) in enumerate(self.sums) for _ in chosen], dtype=np.int64)
        added = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(self.sums), program.columns))
        return replace(
            program,
            lower=lower,
            upper=upper,
            matrix=sparse.csr_array(sparse.vstack([program.matrix, added], format="csr")),
            row_lower=np.concatenate([program.row_lower, [low for _, low, _ in self.sums]]),
            row_upper=np.concatenate([program.row_upper, [high for _, _, high in self.sums]]),
            strengthening=np.concatenate([program.strengthening, np.zeros(len(self.sums), dtype=bool)]),
            row_names=(*program.row_names, *(f"branch[{number}]" for number in range(len(self.sums)))),
        )


@dataclass(eq=False)
class Node:
    """A part of all plans with its multipliers; no plan in it costs less than ``bound`` (model units).

    ``mean`` is the average point that the volume algorithm comes with, in the columns of the program.
    ``name`` tells how the part came about.
    """

    branch: Branch
    multipliers: Vector
    trial: Vector
    name: str = WHOLE
    bound: float = -np.inf
    step: float = STEP
    idle: int = 0
    mean: Vector | None = None


@dataclass
class Ascent:
    """The bound as a function of multipliers, and the points of the upper program found so far.

    ``shift`` is what the first multipliers have above the duals that they come from.
    """

    cut: Cut
    scale: Vector
    root: Node
    shift: Vector
    _cost: list[float] = field(default_factory=list)
    _use: list[Vector] = field(default_factory=list)
    _point: list[Vector] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.above = np.flatnonzero(self.cut.above)
        used = self.cut.columns[:, self.above].tocsr()
        self._rows = np.flatnonzero(np.diff(used.indptr))
        self._uses = used[self._rows]

    def known(self, rows: Sequence[str], duals: Vector) -> Vector:
        """Multipliers from duals of rows by name; those of the root where there is none, or none to be used.

        What zones' demand is priced above its dual goes with amounts, which may be others now: it is not in ``duals``.
        """
        number = {name: place for place, name in enumerate(self.cut.program.row_names) if self.cut.dualised[place]}
        multipliers = self.root.multipliers.copy()
        for name, value in zip(rows, duals, strict=True):
            if name in number and abs(value) < LARGEST:
                multipliers[number[name]] = value + self.shift[number[name]]
        return self.cut.projected(multipliers)

    def costs(self, node: Node, multipliers: Vector) -> Vector:
        """Reduced costs in a node, where links from closed sites are out of the question."""
        costs = self.cut.costs(multipliers)
        for site in node.branch.closed:
            costs[self.cut.links_from.get(site, [])] = NEVER
        return costs

    def program(self, node: Node) -> Milp:
        """The upper program of a node at the multipliers on trial."""
        priced = replace(self.cut.upper, cost=self.cut.costs(node.trial)[self.above])
        return node.branch.applied(priced)

    def add(self, point: Vector) -> None:
        """Keep a point of the upper program, if it is a new one."""
        use = self._uses @ point
        cost = float(self.cut.program.cost[self.above] @ point)
        for known, other in zip(self._cost, self._use, strict=True):
            if abs(known - cost) <= 1e-7 * max(1.0, abs(cost)) and np.allclose(other, use, atol=1e-7):
                return
        self._cost.append(cost)
        self._use.append(use)
        self._point.append(point)
        if len(self._cost) > POOL:
            for pool in (self._cost, self._use, self._point):
                del pool[0]

    def forget(self) -> None:
        """Forget all points."""
        for pool in (self._cost, self._use, self._point):
            pool.clear()

    def holds(self, node: Node) -> np.ndarray:
        """Which of the points lie in a node."""
        return np.array([number for number, point in enumerate(self._point) if node.branch.holds(point)], dtype=int)

    def best_point(self, node: Node) -> Vector | None:
        """The cheapest known point of a node's upper program at the multipliers on trial."""
        inside = self.holds(node)
        if not len(inside):
            return None
        values = np.array(self._cost)[inside] - np.array(self._use)[inside] @ node.trial[self._rows]
        best: Vector = self._point[inside[int(np.argmin(values))]]
        return best

    def below(self, node: Node, multipliers: Vector) -> tuple[float, Vector]:
        """The bound without the upper program, and the blocks' point that attains it."""
        value, point = self.cut.lowest(self.costs(node, multipliers))
        return value + self.cut.constant(multipliers), point

    def proved(self, node: Node, above: float) -> bool:
        """Count the bound at the multipliers on trial, given one on the upper program; whether the node's rose."""
        value = self.below(node, node.trial)[0] + above
        if value <= node.bound:
            node.step *= SHORTER
            node.idle += 1
            return False
        node.idle = 0 if value - node.bound > GAIN * abs(value) else node.idle + 1
        node.bound, node.multipliers = value, node.trial
        return True

    @property
    def points(self) -> tuple[Vector, ...]:
        """The points of the upper program that are kept."""
        return tuple(self._point)

    def climb(self, node: Node, steps: int, target: float, between: Callable[[], None] = lambda: None) -> None:
        """Put multipliers on trial at which the model of the bound is higher, after so many steps to ``target``.

        ``between`` is called before each step.
        """
        inside = self.holds(node)
        if not len(inside):
            return
        costs, uses = np.array(self._cost)[inside], np.array(self._use)[inside]

        def model(multipliers: Vector) -> tuple[float, Vector]:
            low, point = self.below(node, multipliers)
            values = costs - uses @ multipliers[self._rows]
            best = int(np.argmin(values))
            point[self.above] = self._point[inside[best]]
            return low + float(values[best]), point

        node.trial, _, node.mean = self._volume(model, node.multipliers, steps, node.step, target, np.inf, between)

    def hold(
        self, point: Vector, multipliers: Vector, steps: int, target: float, enough: float,
        between: Callable[[], None] = lambda: None,
    ) -> tuple[Vector, float]:  # fmt: skip
        """Multipliers at which the bound on plans with this point above is high, and that bound; as :meth:`climb`.

        Ends as soon as the bound is ``enough``.
        """
        use = self._uses @ point
        cost = float(self.cut.program.cost[self.above] @ point)

        def model(trial: Vector) -> tuple[float, Vector]:
            low, whole = self.below(self.root, trial)
            whole[self.above] = point
            return low + cost - float(use @ trial[self._rows]), whole

        best, value, _ = self._volume(model, multipliers, steps, STEP, target, enough, between)
        return best, value

    def _volume(
        self, model: Callable[[Vector], tuple[float, Vector]], centre: Vector, steps: int, step: float, target: float,
        enough: float, between: Callable[[], None],
    ) -> tuple[Vector, float, Vector]:  # fmt: skip
        """The volume algorithm: the best multipliers, their value, and the average point."""
        idle = 0
        top, mean = model(centre)
        for _ in range(steps):
            if top >= enough:
                break
            between()
            direction = self.cut.residual(centre, self.cut.matrix @ mean)
            direction[self.cut.demand] = 0.0
            scaled = direction / self.scale
            norm = float(scaled @ scaled)
            if norm < 1e-12:
                break
            length = step * max(target - top, 1e-4 * abs(top)) / norm
            trial = self.cut.projected(centre + length * scaled / self.scale)
            found, point = model(trial)
            mean = (1 - SMOOTHING) * mean + SMOOTHING * point
            if found > top:
                idle = 0 if found - top > 1e-5 * abs(top) else idle + 1
                centre, top = trial, found
            else:
                idle += 1
            if idle >= PATIENCE:
                step, idle = step * SHRINK, 0
                if step < LEAST_STEP:
                    break
        return centre, top, mean


def start(network: Network, cut: Cut, duals: Vector, point: Vector) -> Ascent:
    """Multipliers to begin with, from the duals of a relaxation and its point.

    Zones' demand is priced near what missing it costs, and the zones' links are given back the difference: then a site
    that takes a zone takes all of it, and the knapsacks are whole.
    """
    program = cut.program
    multipliers = np.where(cut.dualised, duals, 0.0)
    numbers = {name: number for number, name in enumerate(program.row_names) if cut.demand[number]}
    links = {name: number for number, name in enumerate(program.row_names) if name.startswith("one_source_per_zone[")}
    dearest = max((abs(duals[number]) for number in numbers.values()), default=0.0)
    unmet = program.groups.get("unmet", {})
    for (zone, k, t), amount in network.demand.items():
        number = numbers.get(f"demand_met_or_unmet[{zone},{k},{t}]")
        leg = network.commodities[k].legs[-1]
        link = links.get(f"one_source_per_zone[{leg},{zone},{t}]")
        if number is None or link is None:
            continue
        missing = unmet.get((zone, k, t))
        price = DEAR * dearest if missing is None else HALF * float(program.cost[missing])
        rise = max(0.0, price - multipliers[number])
        multipliers[number] += rise
        multipliers[link] -= rise * amount
    first = cut.projected(multipliers)
    shift = multipliers - np.where(cut.dualised, duals, 0.0)
    return Ascent(cut, _scale(cut, point), Node(Branch(), first, first), shift)


def _scale(cut: Cut, point: Vector) -> Vector:
    """What a typical residual of each dualised row is: the size of its terms at a point, at least its family's mean."""
    squares = cut.matrix.copy()
    squares.data = squares.data**2
    size = np.sqrt(squares @ point**2)
    names = np.array([name.partition("[")[0] for name in cut.program.row_names])
    _, family = np.unique(names, return_inverse=True)
    rows = cut.dualised
    mean = np.sqrt(np.bincount(family[rows], size[rows] ** 2) / np.maximum(np.bincount(family[rows]), 1))
    scale = np.ones(len(size))
    scale[rows] = np.maximum(size[rows], mean[family[rows]])
    return np.where(scale > 1e-9, scale, 1.0)
