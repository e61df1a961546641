"""A program cut at its lowest sites: one block for each of them, and a small program for all that lies above.

Rows that hold a block and something else together are dualised (:class:`Cut`); what is left falls apart. Of a block's
rows, :data:`KEPT` are kept, any others are dualised too, so that every choice of multipliers gives a valid lower bound
whatever the program holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from hubopt.model import Network
from hubopt.solve.decompose.blocks import Block, Part
from hubopt.solve.decompose.implied import implied
from hubopt.solve.decompose.knapsacks import choose
from hubopt.solve.milp import Mask, Milp, Vector

KEPT = frozenset(
    (
        "outflow_balance", "inflow_balance", "throughput_capacity", "throughput_reachable", "modules_at_most",
        "modules_at_least", "one_design_per_site", "one_source_per_site", "link_needs_open_origin", "flow_needs_link",
        "flow_needs_open_origin", "link_within_capacity", "forced_sites", "existing_must_stay",
    )
)  # fmt: skip
"""Constraints that a block keeps by itself where they hold nothing but the block."""
COUNTED = frozenset(("demand_met_or_unmet", "outflow_balance", "inflow_balance", "throughput_capacity"))
"""Constraints in which a block counts all goods alike."""


@dataclass(frozen=True)
class Cut:
    """A program in pieces: ``blocks``, the columns ``above`` them, and which rows are dualised.

    ``upper`` is the program of the columns above, with a row more for each commodity and period that says that
    everything passes there, where the rows between imply it. ``matrix`` holds the dualised rows; other rows of it are
    empty (``columns`` is the same by column). ``demand`` are the dualised rows of the zones' demand, ``links_from`` the
    columns of links from each upper end to the lowest sites, ``needs_open`` the dualised rows by which these need
    it open.
    """

    program: Milp
    blocks: tuple[Block, ...]
    above: Mask
    upper: Milp
    dualised: Mask
    matrix: sparse.csr_array
    columns: sparse.csc_array
    demand: Mask
    links_from: Mapping[str, list[int]]
    needs_open: Mapping[str, list[int]]

    @property
    def told(self) -> str:
        """The constraints that the bound knows by their prices alone, with their numbers of rows."""
        names = Counter(self.program.row_names[number].partition("[")[0] for number in np.flatnonzero(self.dualised))
        return ", ".join(f"{name} ({count})" for name, count in sorted(names.items()))

    def costs(self, multipliers: Vector) -> Vector:
        """Reduced cost of every column (model units)."""
        reduced: Vector = self.program.cost - self.columns.T @ multipliers
        return reduced

    def constant(self, multipliers: Vector) -> float:
        """What the bound has that no column decides."""
        low, high = self.program.row_lower, self.program.row_upper
        up, down = multipliers > 0, multipliers < 0
        return float(self.program.offset + multipliers[up] @ low[up] + multipliers[down] @ high[down])

    def projected(self, multipliers: Vector) -> Vector:
        """The nearest multipliers of the right signs; 0 for rows that are not dualised."""
        least = np.where(np.isfinite(self.program.row_upper), -np.inf, 0.0)
        most = np.where(np.isfinite(self.program.row_lower), np.inf, 0.0)
        return np.where(self.dualised, np.clip(multipliers, least, most), 0.0)

    def residual(self, multipliers: Vector, activity: Vector) -> Vector:
        """How much each dualised row misses its limit (a subgradient of the bound)."""
        low, high = self.program.row_lower, self.program.row_upper
        side = np.where(np.isfinite(low) & ((multipliers > 0) | ~np.isfinite(high)), low, high)
        return np.where(self.dualised, side - activity, 0.0)

    def lowest(self, costs: Vector) -> tuple[float, Vector]:
        """Least cost of all blocks at these reduced costs, and a point (of the whole program) that attains it."""
        point = np.zeros(self.program.columns)
        total = 0.0
        for block in self.blocks:
            prices = block.prices(costs)
            choice = choose(block.sites, prices)
            total += choice.value
            block.put(point, costs, prices, choice)
        return total, point


def cut(network: Network, program: Milp) -> Cut | None:
    """Cut a program at its lowest sites; None if zones are not served whole from sites, or goods not counted alike."""
    below = np.zeros(program.columns, dtype=bool)
    owner = np.full(program.columns, -1)
    parts: list[Part] = []
    for leg in sorted(leg for leg in network.single_sourced if leg.endswith("-zone")):
        for period in network.periods:
            part = Part(network, program, leg, period)
            if part.pairs:
                part.own(owner, sum(len(known.names) for known in parts))
                parts.append(part)
    if not parts:
        return None
    below = owner >= 0
    matrix = sparse.csr_array(program.matrix)
    rows = np.repeat(np.arange(program.rows), np.diff(matrix.indptr))
    touches = np.zeros(program.rows, dtype=bool)
    touches[rows[below[matrix.indices]]] = True
    kept = _kept(program, matrix, rows, owner) & touches
    if not _plain(program, matrix, rows, below):
        return None
    dualised = touches & ~kept
    blocks = tuple(part.block(program, matrix, kept) for part in parts)
    only = sparse.csr_array(sparse.diags_array(dualised.astype(float)) @ matrix)
    only.eliminate_zeros()
    demand = dualised & np.array([name.startswith("demand_met_or_unmet[") for name in program.row_names])
    upper = _upper(network, program, ~below, touches)
    links: dict[str, list[int]] = defaultdict(list)
    for part in parts:
        for (i, _), column in part.sources.items():
            links[i].append(column)
    needs: dict[str, list[int]] = defaultdict(list)
    for number in np.flatnonzero(dualised):
        family, _, rest = program.row_names[number].partition("[")
        if family == "link_needs_open_origin":
            needs[rest[:-1].split(",")[1]].append(int(number))
    return Cut(program, blocks, ~below, upper, dualised, only, sparse.csc_array(only), demand, dict(links), dict(needs))


def _plain(program: Milp, matrix: sparse.csr_array, rows: np.ndarray, below: Mask) -> bool:
    """Whether a tonne is a tonne throughout the blocks: no arc weighs its goods otherwise."""
    counted = np.array([name.partition("[")[0] in COUNTED for name in program.row_names], dtype=bool)
    goods = np.zeros(program.columns, dtype=bool)
    for group in ("flow", "throughput"):
        goods[list(program.groups.get(group, {}).values())] = True
    entries = counted[rows] & below[matrix.indices] & goods[matrix.indices]
    return bool((np.abs(matrix.data[entries]) == 1.0).all())


def _kept(program: Milp, matrix: sparse.csr_array, rows: np.ndarray, owner: np.ndarray) -> Mask:
    """Rows of :data:`KEPT` that hold one block and, beside it, at most columns without which they are looser."""
    mine = owner[matrix.indices]
    low, high = np.full(program.rows, np.iinfo(np.int64).max), np.full(program.rows, -1)
    inside = mine >= 0
    np.minimum.at(low, rows[inside], mine[inside])
    np.maximum.at(high, rows[inside], mine[inside])
    outside = ~inside
    tightens = np.isneginf(program.row_lower[rows]) & (matrix.data >= 0) & (program.lower[matrix.indices] >= 0)
    foreign = np.zeros(program.rows, dtype=bool)
    foreign[rows[outside & ~tightens]] = True
    family = np.array([name.partition("[")[0] in KEPT for name in program.row_names], dtype=bool)
    kept: Mask = family & (low == high) & ~foreign
    return kept


def _upper(network: Network, program: Milp, above: Mask, touches: Mask) -> Milp:
    """The program of the columns above, by number as in :attr:`Cut.above`, with the rows implied for them."""
    own = program.with_rows(~touches)
    columns = np.flatnonzero(above)
    made = implied(network, program, above)
    return replace(
        own,
        cost=program.cost[columns],
        offset=0.0,
        matrix=sparse.csr_array(sparse.vstack([own.matrix[:, columns], made.matrix[:, columns]], format="csr")),
        row_lower=np.concatenate([own.row_lower, made.lower]),
        row_upper=np.concatenate([own.row_upper, made.upper]),
        lower=program.lower[columns],
        upper=program.upper[columns],
        integer=program.integer[columns],
        strengthening=np.concatenate([own.strengthening, np.zeros(len(made.lower), dtype=bool)]),
        row_names=(*own.row_names, *(f"implied_above[{number}]" for number in range(len(made.lower)))),
        groups={},
    )
