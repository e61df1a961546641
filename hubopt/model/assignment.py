"""Assignment: single sourcing on the legs that ask for it, and flows that follow the links."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.variables import flows, is_open, link_periods
from hubopt.model.ways import is_exchange_leg


def linked_sites(network: Network) -> list[tuple[str, str, str]]:
    """(leg, site, period) of sites that are the lower end of a single-sourced leg."""
    return [
        (leg, j, t)
        for leg in sorted(network.single_sourced)
        for j, site in network.sites.items()
        if leg.endswith(f"-{site.level}") and network.designs_at[j]
        for t in network.periods
    ]


def linked_zones(network: Network) -> list[tuple[str, str, str]]:
    """(leg, zone, period) of zones that are the lower end of a single-sourced leg."""
    ends = dict.fromkeys((leg, j) for leg, _, j in network.links if j not in network.sites)
    return [(leg, j, t) for leg, j in ends for t in network.periods]


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

    In flow units; u is the smaller of what both ends can pass, for a zone its demand. Where a zone's demand must be met
    and only one arc leads along the link, the row is an equation with that demand: a presolve can do without the flow.
    """
    network: Network = m.network
    flow, link = m.flow[leg, i, j, mode, k, t], m.link[leg, i, j, t]
    if j not in network.sites and network.commodities[k].must_be_met and network.is_only_way((leg, i, j, mode), k):
        return flow == network.demand[j, k, t] * link
    return flow <= network.flow_bound((leg, i, j, mode), k, t) * link


def linked_flows(network: Network) -> list[tuple[str, str, str, str, str, str]]:
    """Flow indices on single-sourced legs."""
    return [index for index in flows(network) if index[0] in network.single_sourced]


def link_capacity(network: Network, leg: str, i: str, j: str, t: str) -> float:
    """Most that all goods together can bring over a link: the size of either facility, a zone's demand (flow units)."""
    at_end = (
        network.largest_throughput(j)
        if j in network.sites
        else sum(network.demand.get((j, k, t), 0.0) for k, item in network.commodities.items() if item.legs[-1] == leg)
    )
    if i not in network.sites or any(network.way[leg, i, j, mode].load != 1 for mode in network.modes_on[leg, i, j]):
        return at_end
    return min(at_end, network.largest_throughput(i))


def shared_links(network: Network) -> list[tuple[str, str, str, str]]:
    """Links whose commodities share the capacity of a facility at one of the ends."""
    demand = {(leg, z, t): link_capacity(network, leg, "", z, t) for leg, z, t in linked_zones(network)}
    return [
        (leg, i, j, t)
        for leg, i, j, t in link_periods(network)
        if j in network.sites or link_capacity(network, leg, i, j, t) < demand[leg, j, t]
    ]


def link_within_capacity(m: Any, leg: str, i: str, j: str, t: str) -> Any:
    r"""All goods on a link together are within the largest size of the facilities at its ends.

    .. math:: \sum_{m,k} flow_{(l,i,j,m),k,t} \le \min(\overline{q}_i, \overline{q}_j) \, link_{l,i,j,t}
        \qquad \forall (l,i,j), t \in T

    In flow units. Implied for integer links; it tightens the relaxation where several commodities share a
    facility, or where a zone asks for more than a facility can hold.
    """
    network: Network = m.network
    carried = [
        m.flow[leg, i, j, mode, k, t]
        for mode in network.modes
        for k in network.commodities
        if (leg, i, j, mode, k, t) in m.flow
    ]
    largest = link_capacity(network, leg, i, j, t)
    return row(m, pyo.quicksum(carried) - largest * m.link[leg, i, j, t], "<=", 0)


def open_flows(network: Network) -> list[tuple[str, str, str, str, str, str]]:
    """Flow indices of other legs whose upper end is a site."""
    return [i for i in flows(network) if i[0] not in network.single_sourced and i[1] in network.sites]


def flow_needs_open_origin(m: Any, leg: str, i: str, j: str, mode: str, k: str, t: str) -> Any:
    r"""Goods leave only open facilities that can handle them (per arc and commodity: the strong form).

    .. math:: flow_{a,k,t} \le \sum_{d \in D_k} \min(u_{a,k,t}, \overline{q}_{i,d,k} / \ell_a) \, open_{i,d,t}
        \qquad \forall a=(l,i,j,m): l \notin L^{single}, k, t

    In flow units.
    """
    network: Network = m.network
    arc = (leg, i, j, mode)
    most, load = network.flow_bound(arc, k, t), network.way[arc].load
    able = pyo.quicksum(
        min(most, network.most_handled(i, d, k) / load if load > 0 else most) * m.open[i, d, t]
        for d in network.handlers[i, k]
    )
    return m.flow[leg, i, j, mode, k, t] <= able


def entered_sites(network: Network) -> list[tuple[str, str, str, str, str]]:
    """(leg, origin, site, commodity, period) of flows into sites on legs that are not single-sourced, all modes."""
    ends = dict.fromkeys(
        (leg, i, j, k, t)
        for leg, i, j, _, k, t in flows(network)
        if leg not in network.single_sourced and j in network.sites and not is_exchange_leg(leg)
    )
    return list(ends)


def flow_needs_open_destination(m: Any, leg: str, i: str, j: str, k: str, t: str) -> Any:
    r"""Goods enter only open facilities, whatever the mode (per origin and commodity: the strong form).

    .. math:: \sum_{m} flow_{(l,i,j,m),k,t} \le
        \sum_{d \in D_k} \min(\overline{f}_{i,k,t}, R_{j,k,t}, \overline{q}_{j,d,k}) \, open_{j,d,t}
        \qquad \forall (l,i,j): l \notin L^{single}, k, t

    In flow units; of a gateway no more than its largest share of all demand leaves, and no more than its capacity.
    """
    network: Network = m.network
    entering = pyo.quicksum(
        m.flow[leg, i, j, mode, k, t] for mode in network.modes if (leg, i, j, mode, k, t) in m.flow
    )
    most = min(network.most_sent(i, k, t), network.most_entering(j, k, t))
    able = pyo.quicksum(min(most, network.most_handled(j, d, k)) * m.open[j, d, t] for d in network.handlers[j, k])
    return row(m, entering - able, "<=", 0)


def zones_at_sites(network: Network) -> list[tuple[str, str, str, str]]:
    """(leg, site, zone, period) of zones whose own site may serve them over a single-sourced leg."""
    return [(leg, i, z, t) for leg, i, z in network.links if network.own_site.get(z) == i for t in network.periods]


def own_zone_linked(m: Any, leg: str, i: str, z: str, t: str) -> Any:
    r"""An open site serves the zone in its own place (single-sourced legs).

    .. math:: link_{l,i,z,t} \ge \sum_d open_{i,d,t} \qquad \forall (l,i,z): i = i(z), l \in L^{single}, t \in T

    Dimensionless.
    """
    return m.link[leg, i, z, t] >= is_open(m, i, t)


def zones_served_by_many(network: Network) -> list[tuple[str, str, str, str]]:
    """(site, zone, commodity, period) of zones with a site in the same place, on legs that are not single-sourced."""
    return [
        (network.own_site[z], z, k, t)
        for z, k, t in network.demand
        if z in network.own_site
        and (leg := network.commodities[k].legs[-1]) not in network.single_sourced
        and leg.startswith(f"{network.sites[network.own_site[z]].level}-")
        and network.designs_at[network.own_site[z]]
    ]


def own_zone_served(m: Any, i: str, z: str, k: str, t: str) -> Any:
    r"""While a site is open, nothing comes to the zone in its own place from other sites (legs of several sources).

    .. math:: \sum_{a \in A^{last}_{z,k}: i(a) \ne i} flow_{a,k,t} \le D_{z,k,t} (1 - \sum_d open_{i,d,t})
        \qquad \forall (z,k,t): D > 0, i = i(z)

    In flow units.
    """
    network: Network = m.network
    others = [m.flow[arc, k, t] for arc in network.arcs_into.get((z, k), ()) if arc[1] != i and (*arc, k, t) in m.flow]
    most = network.demand[z, k, t]
    return row(m, pyo.quicksum(others) + most * is_open(m, i, t), "<=", most)


CONSTRAINTS = (
    Constraint(one_source_per_site, linked_sites, "single_sourcing"),
    Constraint(one_source_per_zone, linked_zones, "single_sourcing"),
    Constraint(link_needs_open_origin, links_from_sites, "single_sourcing"),
    Constraint(flow_needs_link, linked_flows, "single_sourcing"),
    Constraint(link_within_capacity, shared_links, "single_sourcing", strengthening=True),
    Constraint(flow_needs_open_origin, open_flows, strengthening=True),
    Constraint(flow_needs_open_destination, entered_sites, strengthening=True),
    Constraint(own_zone_linked, zones_at_sites, "single_sourcing"),
    Constraint(own_zone_served, zones_served_by_many),
)
