"""The decisions: every variable of the model with its index set, domain and unit."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.network import Arc, Network


def option_periods(network: Network) -> list[tuple[str, str, str]]:
    """(site, design, period) for every option."""
    return [(i, d, t) for (i, d) in network.options for t in network.periods]


def conversions(network: Network) -> list[tuple[str, str, str]]:
    """(site, design, period) where floor area of today can be converted to another design."""
    return [(i, d, t) for (i, d), option in network.options.items() if option.convertible > 0 for t in network.periods]


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


def demands(network: Network) -> list[tuple[str, str, str]]:
    """(zone, commodity, period) with positive demand."""
    return list(network.demand)


def add_variables(model: pyo.ConcreteModel) -> None:
    """Add every variable but those of the service targets.

    ========================  ====================================  =========  ==================
    variable                  index                                 domain     unit
    ========================  ====================================  =========  ==================
    ``open``                  site, design, period                  binary     -
    ``modules``               site, design, period                  integer    modules
    ``converted``             site, design, period                  real >= 0  modules
    ``link``                  leg, origin, destination, period      binary     -
    ``flow``                  arc (4 parts), commodity, period      real >= 0  flow units
    ``throughput``            site, design, commodity, period       real >= 0  flow units
    ``unmet``                 zone, commodity, period               real >= 0  flow units
    ========================  ====================================  =========  ==================
    """
    network: Network = model.network
    model.open = pyo.Var(option_periods(network), domain=pyo.Binary)
    model.modules = pyo.Var(
        option_periods(network),
        domain=pyo.NonNegativeIntegers,
        bounds=lambda m, i, d, t: (0, network.options[i, d].upper),
    )
    model.converted = pyo.Var(conversions(network), domain=pyo.NonNegativeReals)
    model.link = pyo.Var(link_periods(network), domain=pyo.Binary)
    model.flow = pyo.Var(
        flows(network),
        domain=pyo.NonNegativeReals,
        bounds=lambda m, *index: (0, network.flow_bound(_arc(index), index[4], index[5])),
    )
    model.throughput = pyo.Var(throughputs(network), domain=pyo.NonNegativeReals)
    model.unmet = pyo.Var(
        demands(network), domain=pyo.NonNegativeReals, bounds=lambda m, z, k, t: (0, network.demand[z, k, t])
    )


def _arc(index: tuple[str, ...]) -> Arc:
    return index[0], index[1], index[2], index[3]


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
