"""Budgets: capital of a period, all cost, and demand that is left unmet."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.objective import PARTS, invested
from hubopt.model.phasing import closed


def budgeted_periods(network: Network) -> list[tuple[str]]:
    """(period,) of periods with a capital budget."""
    return [(t,) for t, item in network.period.items() if item.capital_budget_cny is not None]


def capital_within_budget(m: Any, t: str) -> Any:
    r"""What is built, converted and closed in a period costs no more than its budget.

    .. math:: \sum_{i,d} c_d gfa_d \, built_{i,d,t} + v_d gfa_d \, converted_{i,d,t} + f_d \, founded_{i,d,t}
        + \sum_{i} K_i \, closed_{i,t} \le B_t \qquad \forall t

    As a share of the budget (dimensionless); capital is not annualised here.
    """
    network: Network = m.network
    budget = network.period[t].capital_budget_cny or 0.0
    unit = budget if budget > 0 else 1e6
    closing = pyo.quicksum(today.closure_cny * closed(m, i, t) for i, today in network.existing.items())
    return row(m, (invested(m, t) + closing) / unit, "<=", budget / unit)


def one_if_cost_capped(network: Network) -> list[tuple[str]]:
    """A single index if the policy caps the cost."""
    return [("all",)] if network.policy.cost_cap_cny_year is not None else []


def cost_within_cap(m: Any, _: str) -> Any:
    r"""All parts of the cost together, over the periods with their discount weights, are within a cap.

    .. math:: \sum_t \omega_t \sum_p cost_{p,t} \le \overline{C}

    As a share of the cap (dimensionless); the policy's weights of the parts do not count here.
    """
    network: Network = m.network
    cap = network.policy.cost_cap_cny_year or 0.0
    unit = cap if cap > 0 else network.scale.money_cny
    terms = [period.weight / unit * cost(m, t) for cost in PARTS.values() for t, period in network.period.items()]
    return row(m, pyo.quicksum(terms), "<=", cap / unit)


def unmet_capped_periods(network: Network) -> list[tuple[str]]:
    """(period,) if the policy caps the share of demand left unmet."""
    return [(t,) for t in network.periods] if network.policy.unmet_share_max is not None else []


def unmet_within_cap(m: Any, t: str) -> Any:
    r"""No more than a share of the demand of all commodities is left unmet.

    .. math:: \sum_{z,k} unmet_{z,k,t} \le \upsilon \sum_{z,k} D_{z,k,t} \qquad \forall t

    As a share of the demand (dimensionless).
    """
    network: Network = m.network
    total = sum(amount for (_, _, s), amount in network.demand.items() if s == t)
    if total == 0:
        return pyo.Constraint.Skip
    left = pyo.quicksum(m.unmet[x] / total for x in m.unmet if x[2] == t)
    return row(m, left, "<=", network.policy.unmet_share_max)  # type: ignore[arg-type]


CONSTRAINTS = (
    Constraint(capital_within_budget, budgeted_periods, "capital_budget"),
    Constraint(cost_within_cap, one_if_cost_capped, "cost_cap"),
    Constraint(unmet_within_cap, unmet_capped_periods, "unmet_cap"),
)
