"""Assignment: single sourcing on the legs that ask for it, and flows that follow the links."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.variables import flows, is_open, link_periods


def _ends(network: Network, *, sites: bool) -> list[tuple[str, str, str]]:
    legs = dict.fromkeys(link[0] for link in network.links)
    if not sites:
        ends = dict.fromkeys((leg, j) for leg, _, j in network.links if j not in network.sites)
        return [(leg, j, t) for leg, j in ends for t in network.periods]
    levels = {leg: leg.split("-")[1] for leg in legs}
    return [
        (leg, j, t)
        for leg, level in levels.items()
        for j, site in network.sites.items()
        if site.level == level and network.designs_at[j]
        for t in network.periods
    ]


def linked_sites(network: Network) -> list[tuple[str, str, str]]:
    """(leg, site, period) of sites that are the lower end of a single-sourced leg."""
    return _ends(network, sites=True)


def linked_zones(network: Network) -> list[tuple[str, str, str]]:
    """(leg, zone, period) of zones that are the lower end of a single-sourced leg."""
    return _ends(network, sites=False)


def _links_into(m: Any, leg: str, j: str, t: str) -> Any:
    return pyo.quicksum(m.link[leg, i, j, t] for i in m.network.upper_ends.get((leg, j), ()))


def one_source_per_site(m: Any, leg: str, j: str, t: str) -> Any:
    r"""An open facility has exactly one upper end on a single-sourced leg, a closed one has none.

    .. math:: \sum_{i} link_{l,i,j,t} = \sum_{d} open_{j,d,t} \qquad \forall l \in L^{single}, j \in I, t \in T

    Dimensionless.
    """
    return row(m, _links_into(m, leg, j, t) - is_open(m, j, t), "==", 0)


def one_source_per_zone(m: Any, leg: str, z: str, t: str) -> Any:
    r"""A zone has at most one upper end on a single-sourced leg.

    .. math:: \sum_{i} link_{l,i,z,t} \le 1 \qquad \forall l \in L^{single}, z \in Z, t \in T

    Dimensionless.
    """
    return row(m, _links_into(m, leg, z, t), "<=", 1)


def link_needs_open_origin(m: Any, leg: str, i: str, j: str, t: str) -> Any:
    r"""A link starts only at an open facility (one row per link: the strong form).

    .. math:: link_{l,i,j,t} \le \sum_{d} open_{i,d,t} \qquad \forall (l,i,j), t \in T

    Dimensionless.
    """
    return m.link[leg, i, j, t] <= is_open(m, i, t)


def links_from_sites(network: Network) -> list[tuple[str, str, str, str]]:
    """(leg, origin, destination, period) of links whose upper end is a site."""
    return [index for index in link_periods(network) if index[1] in network.sites]


def flow_needs_link(m: Any, leg: str, i: str, j: str, mode: str, k: str, t: str) -> Any:
    r"""Goods use an arc of a single-sourced leg only along the chosen link (per arc and commodity: the strong form).

    .. math:: flow_{a,k,t} \le u_{a,k,t} \, link_{l,i,j,t} \qquad \forall a=(l,i,j,m): l \in L^{single}, k, t

    In flow units; u is the smaller of what both ends can pass, for a zone its demand.
    """
    bound = m.network.flow_bound((leg, i, j, mode), k, t)
    return m.flow[leg, i, j, mode, k, t] <= bound * m.link[leg, i, j, t]


def linked_flows(network: Network) -> list[tuple[str, str, str, str, str, str]]:
    """Flow indices on single-sourced legs."""
    return [index for index in flows(network) if index[0] in network.single_sourced]


def shared_links(network: Network) -> list[tuple[str, str, str, str]]:
    """Links into sites: their commodities share the capacity of the lower end."""
    return [index for index in link_periods(network) if index[2] in network.sites]


def link_within_capacity(m: Any, leg: str, i: str, j: str, t: str) -> Any:
    r"""All goods on a link together are within the largest size of the facility below.

    .. math:: \sum_{m,k} flow_{(l,i,j,m),k,t} \le \overline{q}_j \, link_{l,i,j,t} \qquad \forall (l,i,j): j \in I, t \in T

    In flow units. Implied for integer links; it tightens the relaxation where several commodities share a facility.
    """
    network: Network = m.network
    carried = [
        m.flow[leg, i, j, mode, k, t]
        for mode in network.modes
        for k in network.commodities
        if (leg, i, j, mode, k, t) in m.flow
    ]
    largest = network.largest_throughput(j)
    return row(m, pyo.quicksum(carried) - largest * m.link[leg, i, j, t], "<=", 0)


def open_flows(network: Network) -> list[tuple[str, str, str, str, str, str]]:
    """Flow indices of other legs whose upper end is a site."""
    return [i for i in flows(network) if i[0] not in network.single_sourced and i[1] in network.sites]


def flow_needs_open_origin(m: Any, leg: str, i: str, j: str, mode: str, k: str, t: str) -> Any:
    r"""Goods leave only open facilities that can handle them (per arc and commodity: the strong form).

    .. math:: flow_{a,k,t} \le u_{a,k,t} \sum_{d \in D_k} open_{i,d,t} \qquad \forall a=(l,i,j,m): l \notin L^{single}, k, t

    In flow units.
    """
    network: Network = m.network
    able = pyo.quicksum(m.open[i, d, t] for d in network.handlers[i, k])
    return m.flow[leg, i, j, mode, k, t] <= network.flow_bound((leg, i, j, mode), k, t) * able


CONSTRAINTS = (
    Constraint(one_source_per_site, linked_sites, "single_sourcing"),
    Constraint(one_source_per_zone, linked_zones, "single_sourcing"),
    Constraint(link_needs_open_origin, links_from_sites, "single_sourcing"),
    Constraint(flow_needs_link, linked_flows, "single_sourcing"),
    Constraint(link_within_capacity, shared_links, "single_sourcing"),
    Constraint(flow_needs_open_origin, open_flows),
)
