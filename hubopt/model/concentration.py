"""Concentration: no site and no operator carries more than a share of its level."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.variables import handled


def shared_sites(network: Network) -> list[tuple[str, str]]:
    """(site, period) of sites that can open, at levels with a largest share of one site."""
    return [
        (i, t)
        for i, site in network.sites.items()
        if network.level_rule(site.level).max_site_share < 1 and network.designs_at[i]
        for t in network.periods
    ]


def shared_operators(network: Network) -> list[tuple[str, str, str]]:
    """(level, operator, period) at levels with a largest share of one operator."""
    pairs = dict.fromkeys((site.level, site.operator) for site in network.sites.values() if site.operator)
    return [
        (level, operator, t)
        for level, operator in pairs
        if network.level_rule(level).max_operator_share < 1
        for t in network.periods
    ]


def _handled_by(m: Any, sites: tuple[str, ...], t: str) -> Any:
    return pyo.quicksum(handled(m, i, t) for i in sites)


def site_share_at_most(m: Any, i: str, t: str) -> Any:
    r"""No site carries more than a share of what its level carries.

    .. math:: \sum_{d,k} throughput_{i,d,k,t} \le \sigma_l \sum_{j \in I_l} \sum_{d,k} throughput_{j,d,k,t}
        \qquad \forall i \in I_l, t

    In flow units.
    """
    network: Network = m.network
    level = network.sites[i].level
    most = network.level_rule(level).max_site_share
    return row(m, handled(m, i, t) - most * _handled_by(m, network.sites_of(level), t), "<=", 0)


def operator_share_at_most(m: Any, level: str, operator: str, t: str) -> Any:
    r"""No operator carries more than a share of what the level carries.

    .. math:: \sum_{i \in I_{l,o}} \sum_{d,k} throughput_{i,d,k,t} \le \sigma^{op}_l \sum_{j \in I_l} \sum_{d,k}
        throughput_{j,d,k,t} \qquad \forall l, o, t

    In flow units.
    """
    network: Network = m.network
    most = network.level_rule(level).max_operator_share
    own = tuple(i for i in network.sites_of(level) if network.sites[i].operator == operator)
    return row(m, _handled_by(m, own, t) - most * _handled_by(m, network.sites_of(level), t), "<=", 0)


CONSTRAINTS = (
    Constraint(site_share_at_most, shared_sites, "concentration"),
    Constraint(operator_share_at_most, shared_operators, "concentration"),
)
