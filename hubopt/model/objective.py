"""The objective: yearly cost, part by part, each weighted by the policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyomo.environ as pyo

from hubopt.instance.policy import CostPart
from hubopt.model.carbon import emitted, tonnes_per_unit
from hubopt.model.charges import charge as charges
from hubopt.model.network import Arc, Network
from hubopt.model.phasing import built, founded
from hubopt.model.variables import arc_of, is_open


def capital_recovery(rate: float, years: float) -> float:
    r"""Yearly payment that recovers a unit of capital: :math:`r / (1 - (1 + r)^{-n})`, 1/n at rate 0."""
    return 1 / years if rate == 0 else rate / (1 - (1 + rate) ** -years)


def _recovery(network: Network, design: str) -> float:
    return capital_recovery(network.instance.info.discount_rate, network.designs[design].life_years)


def invested(m: Any, t: str, factor: Callable[[str], float] = lambda design: 1.0) -> Any:
    """Capital put into buildings in a period (CNY), each design's share multiplied by ``factor(design)``."""
    network: Network = m.network
    terms = []
    for i, d in network.options:
        design, weight = network.designs[d], factor(d)
        area = weight * design.module_gfa_m2
        terms.append(area * design.capital_cny_m2 * built(m, i, d, t))
        if (i, d, t) in m.converted:
            terms.append(area * design.conversion_cny_m2 * m.converted[i, d, t])
        if design.fixed_capital_cny > 0:
            terms.append(weight * design.fixed_capital_cny * founded(m, i, d, t))
    return pyo.quicksum(terms)


def capital(m: Any, t: str) -> Any:
    r"""Annualised capital of what has been built and converted up to the period, also where it has been given up since.

    .. math:: \sum_{\tau \le t} \sum_{i,d} crf_d \left( c_d gfa_d \, built_{i,d,\tau}
        + v_d gfa_d \, converted_{i,d,\tau} + f_d \, founded_{i,d,\tau} \right)
    """
    network: Network = m.network
    return pyo.quicksum(invested(m, s, lambda design: _recovery(network, design)) for s in network.up_to(t))


def land_used_everywhere(m: Any, t: str) -> Any:
    """Land that all facilities use (ha)."""
    return pyo.quicksum(x.land_ha_module * m.modules[i, d, t] for (i, d), x in m.network.options.items())


def land(m: Any, t: str) -> Any:
    r"""Annualised price of the land used: :math:`\sum_{i,d} p_i \, crf \, 10^4 \, land_{i,d} n_{i,d,t}`."""
    network: Network = m.network
    info = network.instance.info
    recovery = capital_recovery(info.discount_rate, info.land_life_years)
    return pyo.quicksum(
        recovery * network.sites[i].land_price_cny_m2 * 1e4 * option.land_ha_module * m.modules[i, d, t]
        for (i, d), option in network.options.items()
    )


def running(m: Any, t: str) -> Any:
    r"""Running cost of floor area and sites: :math:`\sum_{i,d} r_d gfa_d n_{i,d,t} + F_d open_{i,d,t}`."""
    designs = m.network.designs
    return pyo.quicksum(
        designs[d].running_cny_m2_year * designs[d].module_gfa_m2 * m.modules[i, d, t]
        + designs[d].fixed_running_cny_year * m.open[i, d, t]
        for (i, d) in m.network.options
    )


def handling(m: Any, t: str) -> Any:
    r"""Handling at the facilities, and what goes beyond their capacity.

    .. math:: \sum_{i,d,k} 365 \, h_d \, throughput_{i,d,k,t} + \sum_{i,d} 365 \, o_d \, overflow_{i,d,t}
    """
    tonnes, designs = tonnes_per_unit(m.network), m.network.designs
    terms = [tonnes * designs[x[1]].handling_cny_t * m.throughput[x] for x in m.throughputs_at[t]]
    terms += [tonnes * designs[d].overflow_cny_t * m.overflow[i, d, s] for i, d, s in m.overflow if s == t]
    return pyo.quicksum(terms)


def _on_arcs(m: Any, t: str, part: CostPart) -> Any:
    """Cost of one part of carrying over all arcs, in-city exchange included (CNY/year)."""
    network: Network = m.network
    tonnes = tonnes_per_unit(network)
    rates = {arc: network.money_cny_t(arc)[part] for arc in network.way}
    terms = [tonnes * rate * m.flow[x] for x in m.flows_at[t] if (rate := rates[arc_of(x)]) != 0]
    for x in m.exchanges_at[t]:
        arc = m.exchange_sets.arc(x)
        if arc is not None and rates[arc] != 0:
            terms.append(tonnes * rates[arc] * m.exchange[x])
    return pyo.quicksum(terms)


def transport(m: Any, t: str) -> Any:
    r"""Carrying over all arcs with tolls: :math:`\sum_{a,k} 365 (km_a \, c_m + b_m + \tau_a) flow_{a,k,t}`."""
    return _on_arcs(m, t, "transport")


def empty(m: Any, t: str) -> Any:
    r"""Vehicles that run empty: :math:`\sum_{a} 365 \, \epsilon_m km_a \, c_m \, empties_{a,t}`."""
    network: Network = m.network
    tonnes = tonnes_per_unit(network)

    def rate(arc: Arc) -> float:
        return network.modes[arc[3]].empty_running * network.way[arc].km * network.modes[arc[3]].cny_t_km

    return pyo.quicksum(tonnes * rate(arc_of(x)) * m.empties[x] for x in m.empties if x[4] == t)


def _at_gateways(m: Any, t: str, column: str) -> Any:
    rates, tonnes = m.network.gateway_figure(column), tonnes_per_unit(m.network)
    return pyo.quicksum(tonnes * rates[x[1]] * m.flow[x] for x in m.flows_at[t] if rates.get(x[1], 0.0) != 0)


def beyond(m: Any, t: str) -> Any:
    r"""What lies beyond the gateways: :math:`\sum_{g,k} 365 \, e_g \, flow_{g,k,t}`."""
    return _at_gateways(m, t, "beyond_cny_t")


def border(m: Any, t: str) -> Any:
    r"""Crossing the border, at a gateway or on an arc.

    .. math:: \sum_{g,k} 365 \, x_g flow_{g,k,t} + \sum_{a,k} 365 \, x_a flow_{a,k,t}
    """
    return _at_gateways(m, t, "border_cny_t") + _on_arcs(m, t, "border")


def carbon(m: Any, t: str) -> Any:
    r"""Carbon price on all that is emitted: :math:`\frac{p}{1000} \sum kg CO_2e`."""
    price = m.network.instance.info.carbon_price_cny_t / 1000
    return price * emitted(m, t) if price > 0 else 0.0


def closure(m: Any, t: str) -> Any:
    r"""Annualised closing of facilities that are not run: :math:`\sum_{i} crf \, K_i (1 - \sum_d open_{i,d,t})`."""
    network: Network = m.network
    info = network.instance.info
    recovery = capital_recovery(info.discount_rate, info.land_life_years)
    return pyo.quicksum(recovery * x.closure_cny * (1 - is_open(m, i, t)) for i, x in network.existing.items())


def unmet(m: Any, t: str) -> Any:
    r"""Penalty of demand that is not carried: :math:`\sum_{z,k} 365 \, \pi_k \, unmet_{z,k,t}`."""
    network: Network = m.network
    tonnes = tonnes_per_unit(network)
    return pyo.quicksum(tonnes * network.commodities[k].unmet_cny_t * m.unmet[z, k, s] for z, k, s in m.unmet if s == t)


PARTS: dict[CostPart, Callable[[Any, str], Any]] = {
    "capital": capital,
    "land": land,
    "running": running,
    "handling": handling,
    "transport": transport,
    "empty": empty,
    "beyond": beyond,
    "border": border,
    "carbon": carbon,
    "closure": closure,
    "unmet": unmet,
}
"""Cost parts (CNY/year as expressions of the model's variables for one period)."""


def add_objective(model: pyo.ConcreteModel) -> None:
    r"""Minimise the weighted yearly cost, the charge on land and the charges on what is worst, in money units.

    .. math:: \pm C_0 + \sum_t \omega_t \left( \sum_p w_p \, cost_{p,t}
        + \lambda \sum_{i,d} land_{i,d} n_{i,d,t} \right) + \sum_{x} \lambda_x \, worst_x

    The constant is subtracted where the instance states its objective as one to be maximised: what is minimised is then
    the stated objective with the other sign.
    """
    network: Network = model.network
    charge = network.policy.land_charge_cny_ha_year
    terms = [
        (period.weight * weight / network.scale.money_cny) * cost(model, t)
        for part, cost in PARTS.items()
        if (weight := network.policy.weight(part)) != 0
        for t, period in network.period.items()
    ]
    if charge > 0:
        terms += [
            (period.weight * charge / network.scale.money_cny) * land_used_everywhere(model, t)
            for t, period in network.period.items()
        ]
    terms.append(charges(model) / network.scale.money_cny)
    info = network.instance.info
    terms.append(info.sign * info.objective_constant / network.scale.money_cny)
    model.cost = pyo.Objective(expr=pyo.quicksum(terms), sense=pyo.minimize)
