"""Charges: what a plan is at worst (land, emission, missed service, outage), priced in the objective."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.instance.types import ServiceTarget
from hubopt.model.carbon import emitted, tonnes_per_unit
from hubopt.model.chain import missed_share
from hubopt.model.constraint import Constraint, row
from hubopt.model.land import land_used
from hubopt.model.network import Network
from hubopt.model.outages import outage_periods, share_served
from hubopt.model.service import covered_share, on_time_share, targets


def charged(network: Network) -> list[str]:
    """What is charged for: of ``land``, ``carbon``, ``service``, ``resilience``."""
    charges = network.policy.charges
    prices = {
        "land": charges.land_cny_ha_year,
        "carbon": charges.carbon_cny_t,
        "service": charges.missed_cny_year if network.policy.holds("service_targets") else 0.0,
        "resilience": charges.outage_cny_year if network.policy.holds("resilience") else 0.0,
    }
    return [name for name, price in prices.items() if price > 0]


def add_charge_variables(model: pyo.ConcreteModel) -> None:
    """Add ``worst``: what is charged for, in the period (target, outage) where there is most of it.

    ========================  =============================================  =========  ==================
    variable                  index                                          domain     unit
    ========================  =============================================  =========  ==================
    ``worst``                 what is charged for                            real >= 0  ha; kg per t/year; -
    ========================  =============================================  =========  ==================
    """
    model.worst = pyo.Var(charged(model.network), domain=pyo.NonNegativeReals)


def charge(m: Any) -> Any:
    """Charges of the policy (CNY/year), as a linear expression."""
    network: Network = m.network
    charges = network.policy.charges
    prices = {
        "land": charges.land_cny_ha_year,
        "carbon": charges.carbon_cny_t * tonnes_per_unit(network) / 1000,
        "service": charges.missed_cny_year,
        "resilience": charges.outage_cny_year,
    }
    return pyo.quicksum(prices[name] * m.worst[name] for name in m.worst)


def _periods(network: Network, name: str) -> list[tuple[str]]:
    return [(t,) for t in network.periods] if name in charged(network) else []


def land_periods(network: Network) -> list[tuple[str]]:
    """(period,) if land is charged for."""
    return _periods(network, "land")


def carbon_periods(network: Network) -> list[tuple[str]]:
    """(period,) if emission is charged for."""
    return _periods(network, "carbon")


def _charged_targets(network: Network, kind: str) -> list[ServiceTarget]:
    named = network.policy.charges.targets
    own = targets(network, kind) if "service" in charged(network) else []
    return [target for target in own if not named or target.id in named]


def charged_access(network: Network) -> list[tuple[str, str]]:
    """(access target, period) that missed service is charged for."""
    return [(target.id, t) for target in _charged_targets(network, "access") for t in network.periods]


def charged_delivery(network: Network) -> list[tuple[str, str]]:
    """(delivery target, period) that missed service is charged for."""
    return [(target.id, t) for target in _charged_targets(network, "delivery") for t in network.periods]


def charged_chain(network: Network) -> list[tuple[str, str]]:
    """(chain target, period) that missed service is charged for."""
    return [(target.id, t) for target in _charged_targets(network, "chain") for t in network.periods]


def charged_outages(network: Network) -> list[tuple[str, str]]:
    """(outage, period) if what is not served in an outage is charged for."""
    return outage_periods(network) if "resilience" in charged(network) else []


def worst_land(m: Any, t: str) -> Any:
    r"""The land charged for is that of the period that uses most.

    .. math:: \sum_{i,d} land_{i,d} modules_{i,d,t} \le worst_{land} \qquad \forall t

    In hectares.
    """
    used = pyo.quicksum(land_used(m, i, t) for i in m.network.sites)
    return row(m, used - m.worst["land"], "<=", 0)


def worst_emission(m: Any, t: str) -> Any:
    r"""The emission charged for is that of the period that emits most.

    .. math:: \sum_{a,k} 365 \, e_a flow_{a,k,t} + \sum_a 365 \, \epsilon_m e_a empties_{a,t}
        + \sum_{g,k} 365 \, e_g flow_{g,k,t} + \sum_{i,d,k} 365 \, h_d throughput_{i,d,k,t}
        + \sum_{i,d} b_d modules_{i,d,t} \le worst_{carbon} \qquad \forall t

    As a share of what one flow unit emits in a year at 1 kg CO2e/t.
    """
    return row(m, emitted(m, t) / tonnes_per_unit(m.network) - m.worst["carbon"], "<=", 0)


def worst_access(m: Any, a: str, t: str) -> Any:
    r"""The missed service charged for is at least the demand that an access target does not cover.

    .. math:: \sum_z w_{a,z,t} \, covered_{a,z,t} \ge (1 - worst_{service}) \sum_z w_{a,z,t} \qquad \forall a, t

    As a share of all weighed demand (dimensionless).
    """
    counted = covered_share(m, a, t)
    return pyo.Constraint.Skip if counted is None else row(m, counted + m.worst["service"], ">=", 1)


def worst_delivery(m: Any, a: str, t: str) -> Any:
    r"""... and what is not delivered in time.

    .. math:: \sum_z w_{a,z,t} \sum_s ontime_{a,s,z,t} \ge (1 - worst_{service}) \sum_z w_{a,z,t}
        \qquad \forall a, t

    As a share of all weighed demand (dimensionless).
    """
    counted = on_time_share(m, a, t)
    return pyo.Constraint.Skip if counted is None else row(m, counted + m.worst["service"], ">=", 1)


def worst_chain(m: Any, a: str, t: str) -> Any:
    r"""... and what is unmet or late on a leg of its way.

    .. math:: \sum_{z,k \in K_a} unmet_{z,k,t} + \sum_{k \in K_a} \sum_{a': \tau_{a'} > b_{l(a')}} flow_{a',k,t}
        \le worst_{service} \sum_{z,k \in K_a} D_{z,k,t} \qquad \forall a, t

    As a share of the demand (dimensionless).
    """
    missed = missed_share(m, a, t)
    return pyo.Constraint.Skip if missed is None else row(m, missed - m.worst["service"], "<=", 0)


def worst_outage(m: Any, w: str, t: str) -> Any:
    r"""The loss charged for is at least what is not served while a hub or gateway is out.

    .. math:: \sum_{g,h,\kappa} rerouted_{w,g,h,\kappa,t} \ge (1 - worst_{resilience}) \sum_{k \in K^{hub}} \sum_z
        D_{z,k,t} \qquad \forall w, t

    As a share of the demand for goods that come over hubs (dimensionless).
    """
    served = share_served(m, w, t)
    return pyo.Constraint.Skip if served is None else row(m, served + m.worst["resilience"], ">=", 1)


CONSTRAINTS = (
    Constraint(worst_land, land_periods),
    Constraint(worst_emission, carbon_periods),
    Constraint(worst_access, charged_access, "service_targets"),
    Constraint(worst_delivery, charged_delivery, "service_targets"),
    Constraint(worst_chain, charged_chain, "service_targets"),
    Constraint(worst_outage, charged_outages, "resilience"),
)
