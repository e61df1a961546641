"""Gateways: capacity, and the shares of a commodity that may or must pass each."""

from __future__ import annotations

import math
from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.variables import flow_from


def limited_gateways(network: Network) -> list[tuple[str, str]]:
    """(gateway, period) of gateways with a capacity."""
    return list(network.gateway_capacity)


def gateway_within_capacity(m: Any, g: str, t: str) -> Any:
    r"""All commodities through a gateway, both directions together, are within its capacity.

    .. math:: \sum_{k} \sum_{a \in A^{out}_{g,k}} flow_{a,k,t} \le Q_{g,t} \qquad \forall g \in G, t \in T

    In flow units.
    """
    network: Network = m.network
    total = pyo.quicksum(flow_from(m, g, k, t) for k in network.admitted if g in network.admitted[k])
    return row(m, total, "<=", network.gateway_capacity[g, t])


def admissions(network: Network) -> list[tuple[str, str, str]]:
    """(commodity, gateway, period) of admitted pairs."""
    return [(k, g, t) for k, shares in network.admitted.items() for g in shares for t in network.periods]


def _carried(m: Any, k: str, t: str) -> Any:
    return pyo.quicksum(flow_from(m, g, k, t) for g in m.network.admitted[k])


def gateway_share_at_least(m: Any, k: str, g: str, t: str) -> Any:
    r"""A gateway carries at least its least share of a commodity.

    .. math:: \sum_{a \in A^{out}_{g,k}} flow_{a,k,t} \ge \underline{s}_{k,g} F_{k,t} \qquad \forall (k,g), t

    In flow units; F is what all gateways carry of k.
    """
    least = m.network.admitted[k][g][0]
    if least <= 0:
        return pyo.Constraint.Skip
    return row(m, flow_from(m, g, k, t) - least * _carried(m, k, t), ">=", 0)


def gateway_share_at_most(m: Any, k: str, g: str, t: str) -> Any:
    r"""A gateway carries at most its largest share of a commodity.

    .. math:: \sum_{a \in A^{out}_{g,k}} flow_{a,k,t} \le \overline{s}_{k,g} F_{k,t} \qquad \forall (k,g), t

    In flow units; F is what all gateways carry of k.
    """
    most = m.network.admitted[k][g][1]
    if most >= 1 or math.isnan(most):
        return pyo.Constraint.Skip
    return row(m, flow_from(m, g, k, t) - most * _carried(m, k, t), "<=", 0)


CONSTRAINTS = (
    Constraint(gateway_within_capacity, limited_gateways, "gateway_capacity"),
    Constraint(gateway_share_at_least, admissions, "gateway_shares"),
    Constraint(gateway_share_at_most, admissions, "gateway_shares"),
)
