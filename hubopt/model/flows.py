"""Flows: demand is met or counted as unmet, and every facility passes on what it takes in."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.variables import demands, flow_into, or_zero


def demand_met_or_unmet(m: Any, z: str, k: str, t: str) -> Any:
    r"""What flows into a zone and what stays unmet make up its demand.

    .. math:: \sum_{a \in A^{last}_{z,k}} flow_{a,k,t} + unmet_{z,k,t} = D_{z,k,t} \qquad \forall (z,k,t): D > 0

    In flow units; for outbound goods the same arcs are used in reverse. Nothing stays unmet where demand must be met.
    """
    carried = flow_into(m, z, k, t) + or_zero(m.unmet, (z, k, t))
    return row(m, carried, "==", m.network.demand[z, k, t])


def facility_commodities(network: Network) -> list[tuple[str, str, str]]:
    """(site, commodity, period) where the commodity can pass the site."""
    passed = dict.fromkeys(node for arc, k in network.carriers for node in ((arc[1], k), (arc[2], k)))
    return [(i, k, t) for i, k in passed if i in network.sites for t in network.periods]


def fed_facilities(network: Network) -> list[tuple[str, str, str]]:
    """(site, commodity, period) of sites that the commodity must enter from above (not free sources)."""
    return [(i, k, t) for i, k, t in facility_commodities(network) if network.needs_feeding(i, k)]


def _throughput(m: Any, i: str, k: str, t: str) -> Any:
    return pyo.quicksum(m.throughput[i, d, k, t] for d in m.network.handlers[i, k])


def outflow_balance(m: Any, i: str, k: str, t: str) -> Any:
    r"""What a facility handles is what it sends down the chain, each arc by its load.

    .. math:: \sum_d throughput_{i,d,k,t} = \sum_{a \in A^{out}_{i,k}} \ell_a flow_{a,k,t} \qquad \forall i \in I, k, t

    In flow units; the load is 1 but where a tonne takes another amount of the throughput.
    """
    network: Network = m.network
    arcs = network.arcs_from.get((i, k), ())
    sent = pyo.quicksum(network.way[arc].load * m.flow[arc, k, t] for arc in arcs if (*arc, k, t) in m.flow)
    return row(m, _throughput(m, i, k, t) - sent, "==", 0)


def inflow_balance(m: Any, i: str, k: str, t: str) -> Any:
    r"""What a facility handles is what it takes in from above.

    .. math:: \sum_d throughput_{i,d,k,t} = \sum_{a \in A^{in}_{i,k}} flow_{a,k,t} \qquad \forall i \in I, k, t

    In flow units; at the first level of a commodity without gateways the source is free and there is no such row.
    """
    return row(m, _throughput(m, i, k, t) - flow_into(m, i, k, t), "==", 0)


CONSTRAINTS = (
    Constraint(demand_met_or_unmet, demands),
    Constraint(outflow_balance, facility_commodities),
    Constraint(inflow_balance, fed_facilities),
)
