"""A program cut at its lowest sites: one block for each of them, and a small program for all that lies above.

Rows that hold a block and something else together are dualised (:class:`Cut.dualised`); what is left falls apart. A
block is one site of the lowest level in one period with its links and goods to zones, its supply, designs and sizes. Of
a block's rows, :data:`KEPT` are kept, any others are dualised too, so that every choice of multipliers gives a valid
lower bound whatever the program holds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from hubopt.model import Network
from hubopt.solve.implied import implied
from hubopt.solve.knapsacks import Choice, Prices, Sites, choose
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
NEVER = 1e15
"""Cost of a unit (model units) that no way can carry."""


@dataclass(frozen=True)
class _Places:
    """Columns behind the entries of :class:`Prices`: each entry is the cheapest of its columns, or a sum.

    ``supplied`` (ways, commodities) tells what a site needs from above; the rest begins there.
    """

    item: np.ndarray
    item_flow: np.ndarray
    item_flow_at: np.ndarray
    way: np.ndarray
    way_flow: np.ndarray
    way_flow_at: np.ndarray
    supplied: np.ndarray
    design: np.ndarray
    design_at: np.ndarray
    opened: np.ndarray
    modules: np.ndarray
    count: Vector


@dataclass(frozen=True)
class Block:
    """All lowest sites of one leg and period, and where their columns are."""

    sites: Sites
    places: _Places

    def prices(self, costs: Vector) -> Prices:
        """Prices from the reduced cost of every column of the program."""
        p, commodities = self.places, self.sites.demand.shape[1]

        def cheapest(columns: np.ndarray, at: np.ndarray, rows: int) -> Vector:
            found = np.full(rows * commodities, NEVER)
            np.minimum.at(found, at, costs[columns])
            return found.reshape(rows, commodities)

        return Prices(
            item=costs[p.item],
            item_unit=cheapest(p.item_flow, p.item_flow_at, len(p.item)),
            way=np.where(p.way >= 0, costs[p.way], 0.0),
            way_unit=np.where(p.supplied, cheapest(p.way_flow, p.way_flow_at, len(p.way)), 0.0),
            design_unit=cheapest(p.design, p.design_at, len(self.sites.sizes) - 1),
            size=costs[p.opened] + costs[p.modules] * p.count,
        )

    def put(self, point: Vector, costs: Vector, prices: Prices, choice: Choice) -> None:
        """Enter what the sites choose into a point of the program."""
        p, s, commodities = self.places, self.sites, self.sites.demand.shape[1]
        site_of = np.repeat(np.arange(len(s.items) - 1), np.diff(s.items))
        is_open = choice.way >= 0
        point[p.opened[choice.size[is_open]]] = 1.0
        point[p.modules[choice.size[is_open]]] = p.count[choice.size[is_open]]
        ways = p.way[choice.way[is_open]]
        point[ways[ways >= 0]] = 1.0
        taken = np.flatnonzero(choice.taken)
        point[p.item[taken]] = 1.0
        site = site_of[taken]
        unit = prices.item_unit[taken] + prices.way_unit[choice.way[site]] + prices.design_unit[choice.design[site]]
        goods = np.where(unit < 0, s.demand[s.zone[taken]], 0.0)
        carried = np.zeros((len(p.item), commodities))
        carried[taken] = goods
        through = np.zeros((len(s.items) - 1, commodities))
        np.add.at(through, site, goods)
        _spread(point, costs, p.item_flow, p.item_flow_at, carried.ravel())
        by_way = np.zeros((len(p.way), commodities))
        by_way[choice.way[is_open]] = through[is_open]
        _spread(point, costs, p.way_flow, p.way_flow_at, by_way.ravel())
        by_design = np.zeros((len(s.sizes) - 1, commodities))
        by_design[choice.design[is_open]] = through[is_open]
        _spread(point, costs, p.design, p.design_at, by_design.ravel())


def _spread(point: Vector, costs: Vector, columns: np.ndarray, at: np.ndarray, amounts: Vector) -> None:
    """Each amount goes to the cheapest of the columns that stand at its place."""
    order = np.lexsort((costs[columns], at))
    firsts = order[np.concatenate([[True], at[order][1:] != at[order][:-1]])] if len(order) else order
    point[columns[firsts]] = amounts[at[firsts]]


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
    parts: list[_Part] = []
    for leg in sorted(leg for leg in network.single_sourced if leg.endswith("-zone")):
        for period in network.periods:
            part = _Part(network, program, leg, period)
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


class _Part:
    """The lowest sites of one leg in one period, as the groups of a program's columns name them."""

    def __init__(self, network: Network, program: Milp, leg: str, period: str) -> None:
        self.network, self.leg, self.period = network, leg, period
        self.level = leg.partition("-")[0]
        groups = program.groups
        self.pairs = {
            (i, z): column
            for (way, i, z, t), column in groups.get("link", {}).items()
            if way == leg and t == period and i in network.sites and program.upper[column] > 0.5
        }
        self.names = [i for i, site in network.sites.items() if site.level == self.level and network.designs_at[i]]
        self.number = {i: place for place, i in enumerate(self.names)}
        self.pairs = {(i, z): column for (i, z), column in self.pairs.items() if i in self.number}
        self.zones = {z: place for place, z in enumerate(dict.fromkeys(z for _, z in self.pairs))}
        self.goods = {
            k: place
            for place, k in enumerate(k for k, item in network.commodities.items() if item.chain[-1] == self.level)
        }
        self.options = {
            (i, d): (column, groups["modules"][i, d, t])
            for (i, d, t), column in groups.get("open", {}).items()
            if t == period and i in self.number and (i, d, t) in groups["modules"]
        }
        self.handling = {
            (i, d, k): column
            for (i, d, k, t), column in groups.get("throughput", {}).items()
            if t == period and i in self.number and k in self.goods
        }
        self.down: list[tuple[str, str, str, int]] = []
        self.supply: list[tuple[str, str, str, str, int]] = []
        for (way, i, j, _, k, t), column in groups.get("flow", {}).items():
            if t != period or k not in self.goods:
                continue
            if way == leg and (i, j) in self.pairs:
                self.down.append((i, j, k, column))
            elif j in self.number:
                self.supply.append((way, i, j, k, column))
        self.supplied: set[tuple[str, str]] = set()
        for name in program.row_names:
            if name.startswith("inflow_balance["):
                node, k, _ = name[len("inflow_balance[") : -1].rsplit(",", 2)
                if node in self.number:
                    self.supplied.add((node, k))
        legs = [way for way in sorted(network.single_sourced) if way.endswith(f"-{self.level}")]
        self.inbound = legs[0] if len(legs) == 1 else None
        self.sources = {
            (i, j): column
            for (way, i, j, t), column in groups.get("link", {}).items()
            if way == self.inbound and t == period and j in self.number and program.upper[column] > 0.5
        }

    def own(self, owner: np.ndarray, base: int) -> None:
        """Mark the columns of each site's block with a number of its own."""
        for (i, _), column in self.pairs.items():
            owner[column] = base + self.number[i]
        for i, _, _, column in self.down:
            owner[column] = base + self.number[i]
        for (i, _), (opened, modules) in self.options.items():
            owner[[opened, modules]] = base + self.number[i]
        for (i, _, _), column in self.handling.items():
            owner[column] = base + self.number[i]
        for _, _, i, _, column in self.supply:
            owner[column] = base + self.number[i]
        for (_, i), column in self.sources.items():
            owner[column] = base + self.number[i]

    def block(self, program: Milp, matrix: sparse.csr_array, kept: Mask) -> Block:
        """The sites in arrays."""
        count, goods = len(self.names), len(self.goods)
        pairs = sorted(self.pairs, key=lambda pair: self.number[pair[0]])
        pair_at = {pair: place for place, pair in enumerate(pairs)}
        demand = np.zeros((len(self.zones), goods))
        for (z, k, t), amount in self.network.demand.items():
            if t == self.period and z in self.zones and k in self.goods:
                demand[self.zones[z], self.goods[k]] = amount
        ways = self._ways()
        way_at = {way: place for place, way in enumerate(ways)}
        of_site: dict[str, list[int]] = defaultdict(list)
        for (_, i), place in way_at.items():
            of_site[i].append(place)
        way_flow, way_flow_at = [], []
        for leg, i, j, k, column in self.supply:
            own = [way_at[i, j]] if (i, j) in way_at else []
            places = own if leg == self.inbound else of_site[j]
            way_flow += [column] * len(places)
            way_flow_at += [place * goods + self.goods[k] for place in places]
        options = sorted(self.options, key=lambda option: self.number[option[0]])
        rooms = _rooms(program, matrix, kept)
        sizes = [self._sizes(program, option, rooms) for option in options]
        design_at = {option: place for place, option in enumerate(options)}
        forced = _forced(program, self.period)
        return Block(
            Sites(
                items=_starts([self.number[i] for i, _ in pairs], count),
                zone=np.array([self.zones[z] for _, z in pairs], dtype=np.int64),
                ways=_starts([self.number[i] for _, i in ways], count),
                designs=_starts([self.number[i] for i, _ in options], count),
                sizes=np.concatenate([[0], np.cumsum([len(steps) for steps in sizes])]).astype(np.int64),
                room=np.array([room for steps in sizes for _, room in steps]),
                demand=demand,
                shut=np.array([i not in forced for i in self.names], dtype=bool),
            ),
            _Places(
                item=_columns([self.pairs[pair] for pair in pairs]),
                item_flow=_columns([column for *_, column in self.down]),
                item_flow_at=_columns([pair_at[i, z] * goods + self.goods[k] for i, z, k, _ in self.down]),
                way=_columns([self.sources.get(way, -1) for way in ways]),
                way_flow=_columns(way_flow),
                way_flow_at=_columns(way_flow_at),
                supplied=np.array([[(i, k) in self.supplied for k in self.goods] for _, i in ways], dtype=bool).reshape(
                    len(ways), goods
                ),
                design=_columns(list(self.handling.values())),
                design_at=_columns([design_at[i, d] * goods + self.goods[k] for i, d, k in self.handling]),
                opened=_columns([self.options[o][0] for o, steps in zip(options, sizes, strict=True) for _ in steps]),
                modules=_columns([self.options[o][1] for o, steps in zip(options, sizes, strict=True) for _ in steps]),
                count=np.array([float(number) for steps in sizes for number, _ in steps]),
            ),
        )

    def _ways(self) -> list[tuple[str, str]]:
        """(upper end, site) of each single-sourced supply; one nameless way for a site that has none."""
        if self.inbound is None:
            return [("", i) for i in self.names]
        return sorted(self.sources, key=lambda way: self.number[way[1]])

    def _sizes(self, program: Milp, option: tuple[str, str], rooms: dict[str, Any]) -> list[tuple[int, float]]:
        """(modules, room) of every size that a design may have at a site."""
        opened, modules = self.options[option]
        if program.upper[opened] < 0.5:
            return []
        least = int(np.ceil(max(program.lower[modules], self.network.options[option].lower) - 1e-6))
        most = int(np.floor(min(program.upper[modules], self.network.options[option].upper) + 1e-6))
        at_module, at_open, limit = rooms.get(f"{option[0]},{option[1]},{self.period}", (0.0, 0.0, np.inf))
        return [
            (number, float(limit - at_open - at_module * number) if np.isfinite(limit) else np.inf)
            for number in range(least, most + 1)
        ]


def _columns(numbers: list[int]) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def _starts(owners: list[int], count: int) -> np.ndarray:
    """Where the entries of each owner start, owners rising."""
    return np.concatenate([[0], np.cumsum(np.bincount(np.array(owners, dtype=np.int64), minlength=count))]).astype(
        np.int64
    )


def _rooms(program: Milp, matrix: sparse.csr_array, kept: Mask) -> dict[str, tuple[float, float, float]]:
    """By "site,design,period": what a module and the opening take of a kept capacity row's limit, and that limit."""
    modules = {column: ",".join(index) for index, column in program.groups.get("modules", {}).items()}
    opened = set(program.groups.get("open", {}).values())
    found = {}
    for number in np.flatnonzero(kept):
        if program.row_names[number].startswith("throughput_capacity["):
            entries = range(matrix.indptr[number], matrix.indptr[number + 1])
            sized = [e for e in entries if matrix.indices[e] in modules]
            if len(sized) == 1:
                at_open = sum(matrix.data[e] for e in entries if matrix.indices[e] in opened)
                name = modules[int(matrix.indices[sized[0]])]
                found[name] = (float(matrix.data[sized[0]]), float(at_open), float(program.row_upper[number]))
    return found


def _forced(program: Milp, period: str) -> set[str]:
    """Sites that must be open."""
    found = {
        i for (i, _, t), column in program.groups.get("open", {}).items() if t == period and program.lower[column] > 0.5
    }
    for name in program.row_names:
        family, _, rest = name.partition("[")
        if family in ("forced_sites", "existing_must_stay"):
            site, t = rest[:-1].rsplit(",", 1)
            if t == period:
                found.add(site)
    return found
