"""The lowest sites as blocks of a program: what each decides, where its columns are, and what its sizes hold.

A block is one site of the lowest level in one period with its links and goods to zones, its supply, designs and sizes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from hubopt.model import Network
from hubopt.solve.decompose.knapsacks import Choice, Prices, Sites
from hubopt.solve.milp import Mask, Milp, Vector

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


class Part:
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
