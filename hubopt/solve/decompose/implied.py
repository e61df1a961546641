"""Rows for the levels above alone that follow from rows about the lowest sites and zones.

Once the rows between are dualised, the upper levels would no longer know that all demand passes them. Three families
say so again: sums of balances in which everything below cancels, the capacity that these sums ask of a level, and the
mix of goods that zones served whole send up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from hubopt.model import Network
from hubopt.solve.milp import Mask, Milp, Vector

CRUMB = 1e-9
"""Coefficient below which a column has cancelled."""
SAME = 1e-9
"""How far least shares may sum up below 1 where all zones have the same mix."""


@dataclass(frozen=True)
class Rows:
    """``lower <= matrix @ x <= upper``."""

    matrix: sparse.csr_array
    lower: Vector
    upper: Vector


def implied(network: Network, program: Milp, above: Mask) -> Rows:
    """All rows that this module knows to follow from the program and that hold no column below."""
    lowest = {leg.partition("-")[0] for leg in network.single_sourced if leg.endswith("-zone")}
    goods = [k for k, item in network.commodities.items() if item.chain[-1] in lowest]
    parts = [_mixes(network, program, above, goods)]
    levels: list[set[str]] = [lowest]
    while upper := _senders(network, program, levels):
        levels.append(upper)
        parts += _passing(network, program, goods, levels)
    rows = Rows(
        sparse.csr_array(sparse.vstack([part.matrix for part in parts], format="csr")),
        np.concatenate([part.lower for part in parts]),
        np.concatenate([part.upper for part in parts]),
    )
    rows.matrix.data[np.abs(rows.matrix.data) < CRUMB] = 0.0
    rows.matrix.eliminate_zeros()
    foreign = np.ravel(np.abs(rows.matrix[:, np.flatnonzero(~above)]).sum(axis=1)) > 0
    kept = np.flatnonzero(~foreign)
    return Rows(rows.matrix[kept], rows.lower[kept], rows.upper[kept])


def with_enough_open(network: Network, program: Milp) -> Milp:
    """The program with rows that say of each level that what is open there has the capacity for all demand.

    They add up all balances and capacities, which no solver does by itself: with them the relaxation opens as many
    sites as there must be, and cover cuts have a row to start from. Where nothing may stay unmet, the number of sites
    is rounded up.
    """
    found: list[Rows] = []
    for lowest in sorted({item.chain[-1] for item in network.commodities.values()}):
        goods = [k for k, item in network.commodities.items() if item.chain[-1] == lowest]
        levels: list[set[str]] = [set(), {lowest}]
        while levels[-1]:
            sums = [rows for rows in _passing(network, program, goods, levels) if np.isneginf(rows.lower).all()]
            found += [*sums, *_counted(program, sums)]
            levels.append(_senders(network, program, levels))
    if not found:
        return program
    matrix = sparse.vstack([program.matrix, *(rows.matrix for rows in found)], format="csr")
    return replace(
        program,
        matrix=sparse.csr_array(matrix),
        row_lower=np.concatenate([program.row_lower, *(rows.lower for rows in found)]),
        row_upper=np.concatenate([program.row_upper, *(rows.upper for rows in found)]),
        strengthening=np.concatenate([program.strengthening, np.zeros(matrix.shape[0] - program.rows, dtype=bool)]),
        row_names=(*program.row_names, *(f"enough_open[{number}]" for number in range(matrix.shape[0] - program.rows))),
    )


def _counted(program: Milp, sums: list[Rows]) -> list[Rows]:
    """At least so many sites are open as the largest of them need to have the capacity together."""
    found = []
    sized = {column: index for index, column in program.groups.get("modules", {}).items()}
    for rows in sums:
        row = rows.matrix.tocoo()
        room: dict[str, float] = defaultdict(float)
        period = ""
        for column, value in zip(row.col, row.data, strict=True):
            if abs(value) < CRUMB:
                continue
            if int(column) not in sized:
                if value < 0 or program.lower[column] < 0:
                    break
                continue
            site, _, period = sized[int(column)]
            room[site] = max(room[site], -value * program.upper[column])
        else:
            need, have, number = -float(rows.upper[0]), 0.0, 0
            for most in sorted(room.values(), reverse=True):
                if have >= need * (1 - SAME):
                    break
                have, number = have + most, number + 1
            opened = [c for (i, _, t), c in program.groups.get("open", {}).items() if i in room and t == period]
            if number > 0 and have >= need * (1 - SAME) and opened:
                ones = sparse.csr_array(
                    (np.ones(len(opened)), (np.zeros(len(opened), dtype=np.int64), opened)), shape=(1, program.columns)
                )
                found.append(Rows(ones, np.array([float(number)]), np.array([np.inf])))
    return found


def _senders(network: Network, program: Milp, levels: list[set[str]]) -> set[str]:
    """Levels that send goods to the last of ``levels`` and are not among them."""
    known = set().union(*levels)
    sites = network.sites
    return {
        sites[index[1]].level
        for index in program.groups.get("flow", {})
        if index[1] in sites and index[2] in sites and sites[index[2]].level in levels[-1]
    } - known


def _passing(network: Network, program: Milp, goods: list[str], levels: list[set[str]]) -> list[Rows]:
    r"""All demand passes the last of the levels or stays unmet, and the level has the capacity for it.

    .. math:: \sum_{i,d} q_{idkt} + \sum_z unmet_{zkt} = \sum_z D_{zkt}, \qquad
        \sum_{i,d} \overline{q}_d modules_{idt} + \sum_{z,k} unmet_{zkt} \ge \sum_{z,k} D_{zkt}

    The first is the sum of the balances of demand and of every level up to this one.
    """
    below, last = set().union(*levels[:-1]), levels[-1]
    equal = program.row_lower == program.row_upper
    chosen: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    sized: dict[str, list[int]] = defaultdict(list)
    for number, name in enumerate(program.row_names):
        family, _, rest = name.partition("[")
        if family == "throughput_capacity":
            site, _, period = rest[:-1].rsplit(",", 2)
            if network.sites[site].level in last and np.isfinite(program.row_upper[number]):
                sized[period].append(number)
        elif family in ("demand_met_or_unmet", "outflow_balance", "inflow_balance") and equal[number]:
            node, k, period = rest[:-1].rsplit(",", 2)
            level = network.sites[node].level if node in network.sites else ""
            if k not in goods or not (level in below or not level or (level in last and family == "outflow_balance")):
                continue
            chosen[k, period][number] = -1.0 if family == "inflow_balance" else 1.0
    sums = _summed(program, chosen.values())
    value = np.array([sum(w * program.row_lower[n] for n, w in row.items()) for row in chosen.values()])
    found = [Rows(sums, value, value)]
    for period, rows in sized.items():
        mine = [place for place, (_, t) in enumerate(chosen) if t == period]
        capacity = _summed(program, [dict.fromkeys(rows, 1.0)])
        short = sparse.csr_array(sums[mine].sum(axis=0).reshape(1, -1))
        limit = program.row_upper[rows].sum() - value[mine].sum()
        found.append(Rows(sparse.csr_array(capacity - short), np.array([-np.inf]), np.array([limit])))
    return found


def _summed(program: Milp, chosen: Iterable[Mapping[int, float]]) -> sparse.csr_array:
    """Weighted sums of the program's rows."""
    weights = list(chosen)
    picked = sparse.lil_array((len(weights), program.rows))
    for place, row in enumerate(weights):
        picked[place, list(row)] = list(row.values())
    return sparse.csr_array(sparse.csr_array(picked) @ program.matrix)


def _mixes(network: Network, program: Milp, above: Mask, goods: list[str]) -> Rows:
    r"""What passes a site has a mix of goods between those of the zones, but for what is missing anywhere.

    .. math:: r_k \sum_{k'} q_{idk't} \le q_{idkt} + \sum_z unmet_{zkt}

    with :math:`r_k` the least share of k in the demand of a zone: a zone is served whole, and so sends its own mix up;
    only one design of a site is open.
    """
    rows: list[dict[int, float]] = []
    most: list[float] = []
    for t in network.periods:
        demand: dict[str, dict[str, float]] = defaultdict(dict)
        for (z, k, s), amount in network.demand.items():
            if s == t and k in goods and amount > 0:
                demand[z][k] = amount
        if len(goods) < 2 or not demand:
            continue
        least = {k: min(row.get(k, 0.0) / sum(row.values()) for row in demand.values()) for k in goods}
        missing: dict[str, dict[int, float]] = {
            k: {c: 1.0 for (_, j, s), c in program.groups.get("unmet", {}).items() if j == k and s == t} for k in goods
        }
        through: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for (i, d, k, s), column in program.groups.get("throughput", {}).items():
            if s == t and k in goods and above[column] and _sends_to_lowest_only(network, i, goods):
                through[i, d][k] = column
        # where all zones ask for the same mix, nothing else can pass: an equation, of which presolve makes more
        alike = sum(least.values()) > 1 - SAME and not any(missing.values())
        for columns in through.values():
            for k in goods[1:] if alike and len(columns) == len(goods) else goods:
                if least[k] > 0 and k in columns:
                    rows.append(missing[k] | {c: float(j == k) - least[k] for j, c in columns.items()})
                    most.append(0.0 if alike and len(columns) == len(goods) else np.inf)
    made = sparse.csr_array(
        (
            np.array([value for row in rows for value in row.values()]),
            np.array([column for row in rows for column in row], dtype=np.int64),
            np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64),
        ),
        shape=(len(rows), program.columns),
    )
    return Rows(made, np.zeros(len(rows)), np.array(most))


def _sends_to_lowest_only(network: Network, site: str, goods: list[str]) -> bool:
    """Whether whole zones are behind everything that a site passes on: it feeds single-sourced sites alone."""
    leg_ends = {arc[0] for k in goods for arc in network.arcs_from.get((site, k), ())}
    return bool(leg_ends) and all(leg in network.single_sourced and not leg.endswith("-zone") for leg in leg_ends)
