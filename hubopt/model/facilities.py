"""Facilities: one design a site, modules within bounds, capacity and least use, what stands today, forced sites."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.variables import is_open, option_periods, or_zero, overflows, throughputs


def sites_with_choice(network: Network) -> list[tuple[str, str]]:
    """(site, period) of sites with at least one option."""
    return [(i, t) for i, designs in network.designs_at.items() if designs for t in network.periods]


def one_design_per_site(m: Any, i: str, t: str) -> Any:
    r"""A site is run in at most one design.

    .. math:: \sum_{d} open_{i,d,t} \le 1 \qquad \forall i \in I, t \in T

    Dimensionless.
    """
    return is_open(m, i, t) <= 1


def modules_at_most(m: Any, i: str, d: str, t: str) -> Any:
    r"""Only an open design has modules, and no more than design and land of the site allow.

    .. math:: modules_{i,d,t} \le \overline{n}_{i,d} \, open_{i,d,t} \qquad \forall (i,d) \in O, t \in T

    In modules; the bound is the smaller of the catalogue's and what fits ``land_ha`` at the design's floor area ratio,
    and at least the size of today.
    """
    return m.modules[i, d, t] <= m.network.options[i, d].upper * m.open[i, d, t]


def modules_at_least(m: Any, i: str, d: str, t: str) -> Any:
    r"""An open design has its smallest size; stock kept in its design of today is not shrunk.

    .. math:: modules_{i,d,t} \ge \underline{n}_{i,d} \, open_{i,d,t} \qquad \forall (i,d) \in O, t \in T

    In modules.
    """
    return m.modules[i, d, t] >= m.network.options[i, d].lower * m.open[i, d, t]


def modules_in_use(m: Any, i: str, d: str, t: str) -> Any:
    """Modules that can be used in the period: those that are converted then are out of use for a time."""
    lost = m.network.out_of_use(d, t)
    if lost == 0 or (i, d, t) not in m.converted:
        return m.modules[i, d, t]
    return m.modules[i, d, t] - lost * m.converted[i, d, t]


def throughput_capacity(m: Any, i: str, d: str, t: str) -> Any:
    r"""Throughput of all commodities is within the capacity of the modules, or overflows at a price.

    .. math:: \sum_{k} throughput_{i,d,k,t} \le
        \beta_i q_d \, (modules_{i,d,t} - \delta_{d,t} converted_{i,d,t}) + overflow_{i,d,t}
        \qquad \forall (i,d) \in O, t \in T

    In flow units; q is the throughput of one module, beta the share of it that is available at the site, delta the
    share of the period for which converted floor area is out of use. Designs without a price of overflow have none.
    """
    carried = [k for k in m.network.commodities if (i, d, k, t) in m.throughput]
    if not carried:
        return pyo.Constraint.Skip
    room = m.network.module_capacity(i, d) * modules_in_use(m, i, d, t) + or_zero(m.overflow, (i, d, t))
    return pyo.quicksum(m.throughput[i, d, k, t] for k in carried) <= room


def overflow_needs_open(m: Any, i: str, d: str, t: str) -> Any:
    r"""Only a facility that is open takes more than its modules do.

    .. math:: overflow_{i,d,t} \le \sum_k R_{i,k,t} \, open_{i,d,t} \qquad \forall (i,d) \in O^{overflow}, t \in T

    In flow units; R is the throughput of all that can be reached downstream.
    """
    network: Network = m.network
    carried = [k for k in network.commodities if (i, d, k, t) in m.throughput]
    return m.overflow[i, d, t] <= sum(network.most_throughput(i, k, t) for k in carried) * m.open[i, d, t]


def special_options(network: Network) -> list[tuple[str, str, str, str]]:
    """(site, design, requirement, period) where the capacity of a class is less than the whole throughput."""
    return [
        (i, d, requirement, t)
        for (i, d) in network.options
        for requirement in network.designs[d].classes
        if 0 < network.designs[d].capacity_t_d(requirement) < network.designs[d].throughput_t_d
        for t in network.periods
    ]


def requirement_capacity(m: Any, i: str, d: str, r: str, t: str) -> Any:
    r"""Throughput of a class of handling (bonded, cold or another) is within the capacity of the modules for it.

    .. math:: \sum_{k: req(i,k)=r} throughput_{i,d,k,t} \le
        \beta_i q_{d,r} (modules_{i,d,t} - \delta_{d,t} converted_{i,d,t}) \qquad \forall (i,d) \in O, r, t

    In flow units; req is what the commodity requires at the site's level. Designs without such capacity have no
    throughput variable for these commodities.
    """
    network: Network = m.network
    carried = [k for k in network.commodities if (i, d, k, t) in m.throughput and network.requirement(i, k) == r]
    if not carried:
        return pyo.Constraint.Skip
    capacity = network.module_capacity(i, d, r)
    return pyo.quicksum(m.throughput[i, d, k, t] for k in carried) <= capacity * modules_in_use(m, i, d, t)


def throughput_reachable(m: Any, i: str, d: str, k: str, t: str) -> Any:
    r"""Strong link: a design handles a commodity only if open, and no more than can be reached or held.

    .. math:: throughput_{i,d,k,t} \le \min(R_{i,k,t}, \beta_i q_{d,k} \overline{n}_{i,d}) \, open_{i,d,t}
        \qquad \forall i,d,k,t

    In flow units; R is the demand downstream. Left out where the capacity rows already say as much.
    """
    network: Network = m.network
    reach = network.most_throughput(i, k, t)
    if reach >= network.most_handled(i, d, k):
        return pyo.Constraint.Skip
    return m.throughput[i, d, k, t] <= reach * m.open[i, d, t]


def forced_open(network: Network) -> list[tuple[str, str]]:
    """(site, period) of sites that must be open."""
    return [(i, t) for i, site in network.sites.items() if site.forced == "open" for t in network.periods]


def forced_sites(m: Any, i: str, t: str) -> Any:
    r"""A forced site is open (a site forced closed has no option).

    .. math:: \sum_d open_{i,d,t} = 1 \qquad \forall i \in I^{forced}, t \in T

    Dimensionless.
    """
    return row(m, is_open(m, i, t), "==", 1)


def staying(network: Network) -> list[tuple[str, str]]:
    """(site, period) of existing facilities that may not close."""
    return [(i, t) for i, today in network.existing.items() if not today.may_close for t in network.periods]


def existing_must_stay(m: Any, i: str, t: str) -> Any:
    r"""An existing facility that may not close is run in some design.

    .. math:: \sum_d open_{i,d,t} = 1 \qquad \forall i \in I^{stay}, t \in T

    Dimensionless.
    """
    return row(m, is_open(m, i, t), "==", 1)


def used_enough(m: Any, i: str, d: str, t: str) -> Any:
    r"""What is opened is used: a least share of its capacity.

    .. math:: \sum_k throughput_{i,d,k,t} \ge \mu_l \, \beta_i q_d \, modules_{i,d,t}
        \qquad \forall (i,d) \in O: i \in I_l, t

    In flow units; mu is the least utilisation of the site's level.
    """
    network: Network = m.network
    least = network.level_rule(network.sites[i].level).min_utilisation * network.module_capacity(i, d)
    if least == 0:
        return pyo.Constraint.Skip
    carried = pyo.quicksum(m.throughput[i, d, k, t] for k in network.commodities if (i, d, k, t) in m.throughput)
    return row(m, least * m.modules[i, d, t] - carried, "<=", 0)


CONSTRAINTS = (
    Constraint(one_design_per_site, sites_with_choice),
    Constraint(modules_at_most, option_periods),
    Constraint(modules_at_least, option_periods),
    Constraint(throughput_capacity, option_periods),
    Constraint(overflow_needs_open, overflows),
    Constraint(requirement_capacity, special_options, "requirements"),
    Constraint(throughput_reachable, throughputs, strengthening=True),
    Constraint(forced_sites, forced_open, "forced_sites"),
    Constraint(existing_must_stay, staying, "existing_must_stay"),
    Constraint(used_enough, option_periods, "utilisation"),
)
