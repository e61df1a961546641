"""The decisions: every variable of the model with its index set, domain and unit."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pyomo.environ as pyo

from hubopt.model.network import Arc, Network

ROUNDING = 1e-9
"""How far (relative) a zone's demand may be above what a site holds and still count as fitting."""


def option_periods(network: Network) -> list[tuple[str, str, str]]:
    """(site, design, period) for every option."""
    return [(i, d, t) for (i, d) in network.options for t in network.periods]


def conversions(network: Network) -> list[tuple[str, str, str]]:
    """(site, design, period) where floor area of another design can be converted."""
    return [(i, d, t) for i, d, t in option_periods(network) if network.sources(i, d, t)]


def later_options(network: Network) -> list[tuple[str, str, str]]:
    """(site, design, period) for every option in the periods after the first."""
    return [(i, d, t) for (i, d) in network.options for t in network.periods[1:]]


def changing_options(network: Network) -> list[tuple[str, str, str]]:
    """Those of :func:`later_options` whose site can close or take another design then."""
    return [(i, d, t) for i, d, t in later_options(network) if network.changes_design(i)]


def foundings(network: Network) -> list[tuple[str, str, str]]:
    """(site, design, period) of sites without a facility of today that may open after the first period."""
    return [(i, d, t) for i, d, t in later_options(network) if i not in network.existing]


def link_periods(network: Network) -> list[tuple[str, str, str, str]]:
    """(leg, origin, destination, period) for every single-sourced link."""
    return [(*link, t) for link in network.links for t in network.periods]


def flows(network: Network) -> list[tuple[str, str, str, str, str, str]]:
    """(leg, origin, destination, mode, commodity, period) for everything that can be carried."""
    return [(*arc, k, t) for arc, k in network.carriers for t in network.periods if network.flow_bound(arc, k, t) > 0]


def throughputs(network: Network) -> list[tuple[str, str, str, str]]:
    """(site, design, commodity, period) where the design can handle the commodity and something can pass."""
    passed = {node for arc, k in network.carriers for node in ((arc[1], k), (arc[2], k))}
    return [
        (i, d, k, t)
        for (i, k), designs in network.handlers.items()
        if (i, k) in passed
        for d in designs
        for t in network.periods
    ]


def overflows(network: Network) -> list[tuple[str, str, str]]:
    """(site, design, period) where more can be handled than the modules take."""
    handling = dict.fromkeys((i, d, t) for i, d, _, t in throughputs(network) if network.overflows(i, d))
    return list(handling)


def demands(network: Network) -> list[tuple[str, str, str]]:
    """(zone, commodity, period) with positive demand."""
    return list(network.demand)


def optional_demands(network: Network) -> list[tuple[str, str, str]]:
    """Those of :func:`demands` that may stay unmet, at a penalty."""
    return [index for index in demands(network) if not network.commodities[index[1]].must_be_met]


def can_serve(network: Network, leg: str, i: str, j: str, t: str) -> bool:
    """Whether the largest size of the upper end holds all that a zone must get over a link; True for other links."""
    if i not in network.sites or j in network.sites:
        return True
    if any(network.way[leg, i, j, mode].load != 1 for mode in network.modes_on[leg, i, j]):
        return True
    must = sum(
        network.demand.get((j, k, t), 0.0)
        for k, item in network.commodities.items()
        if item.must_be_met and item.legs[-1] == leg
    )
    return must <= network.largest_throughput(i) * (1 + ROUNDING)


def add_variables(model: pyo.ConcreteModel) -> None:
    """Add the variables that every model has; families with variables of their own add theirs.

    ========================  ====================================  =========  ==================
    variable                  index                                 domain     unit
    ========================  ====================================  =========  ==================
    ``open``                  site, design, period                  binary     -
    ``modules``               site, design, period                  integer    modules
    ``converted``             site, design, period                  real >= 0  modules
    ``stopped``               site, design, later period            0 to 1     -
    ``built``                 site, design, later period            real >= 0  modules
    ``founded``               site, design, later period            0 to 1     -
    ``link``                  leg, origin, destination, period      binary     -
    ``flow``                  arc (4 parts), commodity, period      real >= 0  flow units
    ``throughput``            site, design, commodity, period       real >= 0  flow units
    ``overflow``              site, design, period                  real >= 0  flow units
    ``unmet``                 zone, commodity, period               real >= 0  flow units
    ========================  ====================================  =========  ==================

    Sizes and flows are bounded by what fits; a link is 0 where its origin, however large, cannot hold what the zone at
    its end must get whole.
    """
    network: Network = model.network
    model.open = pyo.Var(option_periods(network), domain=pyo.Binary)
    model.modules = pyo.Var(
        option_periods(network),
        domain=pyo.NonNegativeIntegers,
        bounds=lambda m, i, d, t: (0, network.options[i, d].upper),
    )
    model.converted = pyo.Var(conversions(network), domain=pyo.NonNegativeReals)
    model.stopped = pyo.Var(changing_options(network), bounds=(0, 1))
    model.built = pyo.Var(changing_options(network), domain=pyo.NonNegativeReals)
    model.founded = pyo.Var(foundings(network), bounds=(0, 1))
    model.link = pyo.Var(
        link_periods(network), domain=pyo.Binary, bounds=lambda m, *index: (0, int(can_serve(network, *index)))
    )
    model.flow = pyo.Var(
        flows(network),
        domain=pyo.NonNegativeReals,
        bounds=lambda m, *index: (0, network.flow_bound(arc_of(index), index[4], index[5])),
    )
    model.throughput = pyo.Var(throughputs(network), domain=pyo.NonNegativeReals)
    model.overflow = pyo.Var(overflows(network), domain=pyo.NonNegativeReals)
    model.unmet = pyo.Var(
        optional_demands(network), domain=pyo.NonNegativeReals, bounds=lambda m, z, k, t: (0, network.demand[z, k, t])
    )
    model.flows_at = _by_period(model.flow, 5)
    model.throughputs_at = _by_period(model.throughput, 3)


def _by_period(variable: Any, place: int) -> dict[str, list[tuple[str, ...]]]:
    """Indices of a variable by the period at ``place`` of them."""
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for index in variable:
        found[index[place]].append(index)
    return found


def arc_of(index: tuple[str, ...]) -> Arc:
    """The arc in the index of a flow."""
    return index[0], index[1], index[2], index[3]


def or_zero(variable: Any, index: tuple[str, ...]) -> Any:
    """The variable at an index, 0 where it has none."""
    return variable[index] if index in variable else 0  # noqa: SIM401  (a Pyomo variable is no dict)


def is_open(model: pyo.ConcreteModel, site: str, period: str) -> Any:
    """1 if the site is open in any design, as a linear expression."""
    return pyo.quicksum(model.open[site, d, period] for d in model.network.designs_at[site])


def flow_into(model: pyo.ConcreteModel, node: str, commodity: str, period: str) -> Any:
    """Flow of the commodity down into a site or zone (flow units), as a linear expression."""
    arcs = model.network.arcs_into.get((node, commodity), ())
    return pyo.quicksum(model.flow[arc, commodity, period] for arc in arcs if (*arc, commodity, period) in model.flow)


def flow_from(model: pyo.ConcreteModel, node: str, commodity: str, period: str) -> Any:
    """Flow of the commodity down from a gateway or site (flow units), as a linear expression."""
    arcs = model.network.arcs_from.get((node, commodity), ())
    return pyo.quicksum(model.flow[arc, commodity, period] for arc in arcs if (*arc, commodity, period) in model.flow)


def handled(model: pyo.ConcreteModel, site: str, period: str) -> Any:
    """Throughput of a site over all designs and commodities (flow units), as a linear expression."""
    network: Network = model.network
    return pyo.quicksum(
        model.throughput[site, d, k, period]
        for k in network.commodities
        for d in network.handlers.get((site, k), ())
        if (site, d, k, period) in model.throughput
    )
