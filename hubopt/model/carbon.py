"""Carbon: what carrying, empty running, handling, buildings and the ways beyond the gateways emit, and its cap."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.variables import arc_of


def tonnes_per_unit(network: Network) -> float:
    """Tonnes a year in one flow unit."""
    return network.scale.flow_t_d * network.instance.info.operating_days


def emitted(m: Any, t: str) -> Any:
    """Emission in a year of the period (kg CO2e), as a linear expression."""
    return pyo.quicksum((_on_arcs(m, t), _beyond(m, t), _at_facilities(m, t)))


def _on_arcs(m: Any, t: str) -> Any:
    network: Network = m.network
    tonnes = tonnes_per_unit(network)
    terms = [tonnes * rate * m.flow[x] for x in m.flows_at[t] if (rate := network.emission_kg_t(arc_of(x))) > 0]
    for x in m.exchanges_at[t]:
        arc = m.exchange_sets.arc(x)
        if arc is not None:
            terms.append(tonnes * network.emission_kg_t(arc) * m.exchange[x])
    for x in m.empties:
        if x[4] == t:
            share = network.modes[x[3]].empty_running
            terms.append(tonnes * share * network.emission_kg_t(arc_of(x)) * m.empties[x])
    return pyo.quicksum(terms)


def _beyond(m: Any, t: str) -> Any:
    network: Network = m.network
    rates = network.gateway_figure("beyond_kgco2e_t")
    tonnes = tonnes_per_unit(network)
    return pyo.quicksum(tonnes * rates[x[1]] * m.flow[x] for x in m.flows_at[t] if rates.get(x[1], 0.0) > 0)


def _at_facilities(m: Any, t: str) -> Any:
    network: Network = m.network
    grid, tonnes = network.instance.info.grid_kgco2e_kwh, tonnes_per_unit(network)
    handled = pyo.quicksum(
        tonnes * network.designs[x[1]].energy_kwh_t * grid * m.throughput[x] for x in m.throughputs_at[t]
    )
    building = pyo.quicksum(
        rate * grid * m.modules[i, d, t]
        for i, d in network.options
        if (rate := network.designs[d].energy_kwh_m2_year * network.designs[d].module_gfa_m2) > 0
    )
    return handled + building


def capped_periods(network: Network) -> list[tuple[str]]:
    """(period,) of periods with a cap on what is emitted."""
    return [(t,) for t, item in network.period.items() if item.carbon_cap_t_year is not None]


def emission_within_cap(m: Any, t: str) -> Any:
    r"""Carrying, handling and buildings emit no more in a year than the period's cap.

    .. math:: \sum_{a,k} 365 \, e_a flow_{a,k,t} + \sum_a 365 \, \epsilon_m e_a empties_{a,t}
        + \sum_{g,k} 365 \, e_g flow_{g,k,t} + \sum_{i,d,k} 365 \, h_d throughput_{i,d,k,t}
        + \sum_{i,d} b_d modules_{i,d,t} \le \overline{E}_t \qquad \forall t

    As a share of the cap, which is in t CO2e/year (dimensionless).
    """
    cap = 1000 * m.network.period[t].carbon_cap_t_year
    unit = cap if cap > 0 else 1000.0
    return row(m, emitted(m, t) / unit, "<=", cap / unit)


CONSTRAINTS = (Constraint(emission_within_cap, capped_periods, "carbon_cap"),)
