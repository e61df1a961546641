"""Modes: capacities in all and at terminals, and vehicles that run empty where the two directions differ."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.exchange import exchange_on_arc
from hubopt.model.network import Arc, Network
from hubopt.model.variables import arc_of


def empty_arcs(network: Network) -> list[tuple[str, str, str, str, str]]:
    """(arc (4 parts), period) of arcs whose mode counts empty running and that can carry something."""
    used = dict.fromkeys(arc for arc, _ in network.carriers)
    used |= dict.fromkeys(arc for leg in _exchange_legs(network) for arc in network.arcs_by_leg.get(leg, ()))
    return [
        (*arc, t)
        for arc in used
        if network.modes[arc[3]].empty_running > 0 and arc not in network.beaten
        for t in network.periods
    ]


def _exchange_legs(network: Network) -> list[str]:
    if not network.policy.holds("exchange"):
        return []
    return list(dict.fromkeys(item.exchange_leg for item in network.commodities.values() if item.exchange_with))


def add_mode_variables(model: pyo.ConcreteModel) -> None:
    """Add ``empties``.

    ========================  ====================================  =========  ==================
    variable                  index                                 domain     unit
    ========================  ====================================  =========  ==================
    ``empties``               arc (4 parts), period                 real >= 0  flow units
    ========================  ====================================  =========  ==================
    """
    network: Network = model.network
    model.empties = pyo.Var(empty_arcs(network), domain=pyo.NonNegativeReals)
    found: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for index in model.flow:
        found.setdefault((*arc_of(index), index[5]), []).append(index)
    model.flows_by_arc = found


def _along(m: Any, arc: Arc, t: str, direction: str) -> Any:
    """Goods on an arc away from its origin (inbound) or towards it (outbound), as a linear expression."""
    network: Network = m.network
    carried = pyo.quicksum(
        m.flow[x] for x in m.flows_by_arc.get((*arc, t), ()) if network.commodities[x[4]].direction == direction
    )
    along, against = exchange_on_arc(m, arc, t)
    return carried + (along if direction == "inbound" else against)


def empty_back(m: Any, leg: str, i: str, j: str, mode: str, t: str) -> Any:
    r"""Vehicles run back empty for what comes down an arc and not up.

    .. math:: empties_{a,t} \ge \sum_{k\,in} flow_{a,k,t} - \sum_{k\,out} flow_{a,k,t} \qquad \forall a \in A^{empty}, t

    In flow units; exchanged goods count in the direction in which they go.
    """
    arc = (leg, i, j, mode)
    balance = _along(m, arc, t, "inbound") - _along(m, arc, t, "outbound")
    return m.empties[leg, i, j, mode, t] >= balance


def empty_out(m: Any, leg: str, i: str, j: str, mode: str, t: str) -> Any:
    r"""Vehicles run out empty for what comes up an arc and not down.

    .. math:: empties_{a,t} \ge \sum_{k\,out} flow_{a,k,t} - \sum_{k\,in} flow_{a,k,t} \qquad \forall a \in A^{empty}, t

    In flow units.
    """
    arc = (leg, i, j, mode)
    balance = _along(m, arc, t, "outbound") - _along(m, arc, t, "inbound")
    return m.empties[leg, i, j, mode, t] >= balance


def _carried(m: Any, arcs: list[Arc], t: str) -> Any:
    terms = []
    for arc in arcs:
        terms += [m.flow[x] for x in m.flows_by_arc.get((*arc, t), ())]
        terms += exchange_on_arc(m, arc, t)
    return pyo.quicksum(terms)


def limited_modes(network: Network) -> list[tuple[str, str]]:
    """(mode, period) of modes with a capacity."""
    return [(x.id, t) for x in network.modes.values() if x.capacity_t_d is not None for t in network.periods]


def mode_within_capacity(m: Any, mode: str, t: str) -> Any:
    r"""A mode carries at most its capacity, counted once for every arc that a tonne goes over.

    .. math:: \sum_{a: m(a) = m} \sum_k flow_{a,k,t} \le Q_m \qquad \forall m, t

    In flow units.
    """
    network: Network = m.network
    arcs = [arc for arc in network.way if arc[3] == mode]
    most = network.modes[mode].capacity_t_d
    return row(m, _carried(m, arcs, t), "<=", most / network.scale.flow_t_d)  # type: ignore[operator]


def terminals(network: Network) -> list[tuple[str, str, str]]:
    """(gateway or site, mode, period) of terminals with a capacity."""
    return [(node, mode, t) for node, mode in network.terminal_capacity for t in network.periods]


def terminal_within_capacity(m: Any, node: str, mode: str, t: str) -> Any:
    r"""A gateway or site loads and unloads a mode within the capacity of its terminal.

    .. math:: \sum_{a \ni n: m(a) = m} \sum_k flow_{a,k,t} \le Q_{n,m} \qquad \forall (n,m), t

    In flow units, both directions together.
    """
    network: Network = m.network
    arcs = [arc for arc in network.way if arc[3] == mode and node in (arc[1], arc[2])]
    return row(m, _carried(m, arcs, t), "<=", network.terminal_capacity[node, mode])


CONSTRAINTS = (
    Constraint(empty_back, empty_arcs),
    Constraint(empty_out, empty_arcs),
    Constraint(mode_within_capacity, limited_modes, "mode_capacity"),
    Constraint(terminal_within_capacity, terminals, "mode_capacity"),
)
