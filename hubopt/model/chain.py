"""Chain targets: a share of the demand for which no leg of its way takes longer than its budget of minutes."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.instance.types import ServiceTarget
from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.service import targets
from hubopt.model.variables import arc_of


def counted_commodities(network: Network, target: ServiceTarget) -> tuple[str, ...]:
    """Commodities whose demand a chain target weighs: those it lists, else those whose chain starts at its level.

    In-city goods count as delivered; their collection only adds to what is late, also where a target lists both.
    """
    items = network.commodities
    listed = target.commodities
    if listed is None:
        listed = tuple(k for k, item in items.items() if item.chain[0] == target.level)
    collected = {items[k].exchange_with for k in listed}
    return tuple(k for k in listed if k not in collected)


def _late_flows(m: Any, target: ServiceTarget, t: str) -> list[Any]:
    network: Network = m.network
    beyond = network.gateway_figure("beyond_minutes")
    listed = counted_commodities(network, target)
    counted = {*listed, *(network.commodities[k].exchange_with for k in listed)}

    def is_late(arc: tuple[str, str, str, str]) -> bool:
        budget = target.budget_minutes.get(arc[0])
        return budget is not None and network.way[arc].minutes + beyond.get(arc[1], 0.0) > budget

    late = [m.flow[x] for x in m.flows_at[t] if x[4] in counted and is_late(arc_of(x))]
    for x in m.exchanges_at[t]:
        arc = m.exchange_sets.arc(x)
        if x[0] in listed and arc is not None and is_late(arc):
            late.append(m.exchange[x])
    return late


def chain_target_periods(network: Network) -> list[tuple[str, str]]:
    """(chain target, period)."""
    return [(target.id, t) for target in targets(network, "chain") for t in network.periods]


def missed_share(m: Any, a: str, t: str) -> Any:
    """Share of the demand unmet or late on a leg, as a linear expression; None where a chain target weighs nothing."""
    network: Network = m.network
    target = network.targets[a]
    counted = set(counted_commodities(network, target))
    total = sum(amount for (_, k, s), amount in network.demand.items() if k in counted and s == t)
    if total == 0:
        return None
    missed = [m.unmet[x] for x in m.unmet if x[1] in counted and x[2] == t] + _late_flows(m, target, t)
    return pyo.quicksum(missed) / total


def chain_share(m: Any, a: str, t: str) -> Any:
    r"""At least the asked share of demand is served with no leg over its budget of minutes.

    .. math:: \sum_{z,k \in K_a} unmet_{z,k,t} + \sum_{k \in K_a} \sum_{a': \tau_{a'} > b_{l(a')}} flow_{a',k,t}
        \le (1 - \sigma_{a,t}) \sum_{z,k \in K_a} D_{z,k,t} \qquad \forall a, t

    As a share of the demand (dimensionless); tau holds the driving minutes and, at gateways, those beyond. Left out
    where the share is 0, since goods that are late on several legs count more than once.
    """
    asked = m.network.share_asked(a, t)
    missed = missed_share(m, a, t) if asked > 0 else None
    return pyo.Constraint.Skip if missed is None else row(m, missed, "<=", 1 - asked)


CONSTRAINTS = (Constraint(chain_share, chain_target_periods, "service_targets"),)
