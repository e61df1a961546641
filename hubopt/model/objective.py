"""The objective: yearly cost, part by part, each weighted by the policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyomo.environ as pyo

from hubopt.instance.policy import CostPart
from hubopt.model.network import Arc, Network


def capital_recovery(rate: float, years: float) -> float:
    r"""Yearly payment that recovers a unit of capital: :math:`r / (1 - (1 + r)^{-n})`, 1/n at rate 0."""
    return 1 / years if rate == 0 else rate / (1 - (1 + rate) ** -years)


def _recovery(network: Network, design: str) -> float:
    return capital_recovery(network.instance.info.discount_rate, network.designs[design].life_years)


def capital(m: Any, t: str) -> Any:
    r"""Annualised capital of what is built and converted.

    .. math:: \sum_{i,d} crf_d \left( c_d gfa_d (n_{i,d} - n^0_{i,d} open_{i,d} - conv_{i,d})
        + v_d gfa_d conv_{i,d} + f_d [i\,new] open_{i,d} \right)
    """
    network: Network = m.network
    terms = []
    for (i, d), option in network.options.items():
        design, recovery = network.designs[d], _recovery(network, d)
        area = recovery * design.module_gfa_m2
        terms.append(area * design.capital_cny_m2 * m.modules[i, d, t])
        per_site = -area * design.capital_cny_m2 * option.existing_modules
        if i not in network.existing:
            per_site += recovery * design.fixed_capital_cny
        terms.append(per_site * m.open[i, d, t])
        if option.convertible > 0:
            terms.append(area * (design.conversion_cny_m2 - design.capital_cny_m2) * m.converted[i, d, t])
    return pyo.quicksum(terms)


def land(m: Any, t: str) -> Any:
    r"""Annualised price of the land used: :math:`\sum_{i,d} p_i \, crf \, 10^4 \, land_{i,d} n_{i,d}`."""
    network: Network = m.network
    info = network.instance.info
    recovery = capital_recovery(info.discount_rate, info.land_life_years)
    return pyo.quicksum(
        recovery * network.sites[i].land_price_cny_m2 * 1e4 * option.land_ha_module * m.modules[i, d, t]
        for (i, d), option in network.options.items()
    )


def running(m: Any, t: str) -> Any:
    r"""Running cost of floor area and sites: :math:`\sum_{i,d} r_d gfa_d n_{i,d} + F_d open_{i,d}`."""
    designs = m.network.designs
    return pyo.quicksum(
        designs[d].running_cny_m2_year * designs[d].module_gfa_m2 * m.modules[i, d, t]
        + designs[d].fixed_running_cny_year * m.open[i, d, t]
        for (i, d) in m.network.options
    )


def _tonnes_per_unit(network: Network) -> float:
    """Tonnes a year in one flow unit."""
    return network.scale.flow_t_d * network.instance.info.operating_days


def handling(m: Any, t: str) -> Any:
    r"""Handling at the facilities: :math:`\sum_{i,d,k} 365 \, h_d \, throughput_{i,d,k}`."""
    tonnes, designs = _tonnes_per_unit(m.network), m.network.designs
    return pyo.quicksum(
        tonnes * designs[d].handling_cny_t * m.throughput[i, d, k, s] for i, d, k, s in m.throughput if s == t
    )


def _arc(index: tuple[str, ...]) -> Arc:
    return index[0], index[1], index[2], index[3]


def transport(m: Any, t: str) -> Any:
    r"""Carrying over all arcs: :math:`\sum_{a,k} 365 (km_a \, c_m + b_m) flow_{a,k}`."""
    network: Network = m.network
    tonnes = _tonnes_per_unit(network)

    def rate(arc: Arc) -> float:
        mode = network.modes[arc[3]]
        return network.km_minutes[arc][0] * mode.cny_t_km + mode.cny_t

    return pyo.quicksum(tonnes * rate(_arc(x)) * m.flow[x] for x in m.flow if x[5] == t)


def _at_gateways(m: Any, t: str, column: str) -> Any:
    network: Network = m.network
    table = network.instance.gateways
    rates = dict(zip(table["id"], table[column], strict=True))
    tonnes = _tonnes_per_unit(network)
    return pyo.quicksum(tonnes * float(rates[x[1]]) * m.flow[x] for x in m.flow if x[5] == t and x[1] in rates)


def beyond(m: Any, t: str) -> Any:
    r"""What lies beyond the gateways: :math:`\sum_{g,k} 365 \, e_g \, flow_{g,k}`."""
    return _at_gateways(m, t, "beyond_cny_t")


def border(m: Any, t: str) -> Any:
    r"""Crossing the border at a gateway: :math:`\sum_{g,k} 365 \, x_g \, flow_{g,k}`."""
    return _at_gateways(m, t, "border_cny_t")


def carbon(m: Any, t: str) -> Any:
    r"""Carbon price on emissions of transport and handling: :math:`\frac{p}{1000} \sum kg CO_2e`."""
    network: Network = m.network
    info = network.instance.info
    price = _tonnes_per_unit(network) * info.carbon_price_cny_t / 1000
    carried = pyo.quicksum(
        price * network.km_minutes[_arc(x)][0] * network.modes[x[3]].kgco2e_t_km * m.flow[x]
        for x in m.flow
        if x[5] == t
    )
    handled = pyo.quicksum(
        price * network.designs[d].energy_kwh_t * info.grid_kgco2e_kwh * m.throughput[i, d, k, s]
        for i, d, k, s in m.throughput
        if s == t
    )
    return carried + handled


def closure(m: Any, t: str) -> Any:
    r"""Annualised closing of facilities that are not run: :math:`\sum_{i} crf \, K_i (1 - \sum_d open_{i,d})`."""
    network: Network = m.network
    info = network.instance.info
    recovery = capital_recovery(info.discount_rate, info.land_life_years)
    return pyo.quicksum(
        recovery * today.closure_cny * (1 - pyo.quicksum(m.open[i, d, t] for d in network.designs_at[i]))
        for i, today in network.existing.items()
    )


def unmet(m: Any, t: str) -> Any:
    r"""Penalty of demand that is not carried: :math:`\sum_{z,k} 365 \, \pi_k \, unmet_{z,k}`."""
    network: Network = m.network
    tonnes = _tonnes_per_unit(network)
    return pyo.quicksum(tonnes * network.commodities[k].unmet_cny_t * m.unmet[z, k, s] for z, k, s in m.unmet if s == t)


PARTS: dict[CostPart, Callable[[Any, str], Any]] = {
    "capital": capital,
    "land": land,
    "running": running,
    "handling": handling,
    "transport": transport,
    "beyond": beyond,
    "border": border,
    "carbon": carbon,
    "closure": closure,
    "unmet": unmet,
}
"""Cost parts (CNY/year as expressions of the model's variables for one period)."""


def add_objective(model: pyo.ConcreteModel) -> None:
    r"""Minimise the weighted yearly cost in money units: :math:`\sum_t \omega_t \sum_p w_p \, cost_{p,t}`."""
    network: Network = model.network
    model.cost = pyo.Objective(
        expr=pyo.quicksum(
            (period.weight * weight / network.scale.money_cny) * cost(model, period.id)
            for part, cost in PARTS.items()
            if (weight := network.policy.weight(part)) != 0
            for period in network.instance.structure.periods
        ),
        sense=pyo.minimize,
    )
