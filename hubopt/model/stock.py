"""Stock: today's floor area that stays in use, kept in its design or converted to another."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.variables import is_open, or_zero


def stock_area(network: Network) -> dict[str, float]:
    """Floor area of today by site (m2 GFA)."""
    return {i: x.modules * network.designs[x.design].module_gfa_m2 for i, x in network.existing.items()}


def asked_periods(network: Network) -> list[tuple[str]]:
    """(period,) if something stands today and a least share of it is to stay in use."""
    if network.policy.stock_share_min is None or not network.policy.holds("stock") or not network.existing:
        return []
    return [(t,) for t in network.periods]


def stock_periods(network: Network) -> list[tuple[str, str]]:
    """(site, period) of today's facilities that can be open, if a least share of them is to stay in use."""
    return [(i, t) for i in network.existing if network.designs_at[i] for (t,) in asked_periods(network)]


def add_stock_variables(model: pyo.ConcreteModel) -> None:
    """Add ``in_use`` and ``carried_over``: shares of today's floor area.

    ========================  ====================================  =========  ==================
    variable                  index                                 domain     unit
    ========================  ====================================  =========  ==================
    ``in_use``                site, period                          0 to 1     -
    ``carried_over``          site, period                          0 to 1     -
    ========================  ====================================  =========  ==================
    """
    model.in_use = pyo.Var(stock_periods(model.network), bounds=(0, 1))
    model.carried_over = pyo.Var(stock_periods(model.network), bounds=(0, 1))


def used_if_open(m: Any, i: str, t: str) -> Any:
    r"""Today's floor area is in use only at an open site.

    .. math:: inuse_{i,t} \le \sum_d open_{i,d,t} \qquad \forall i \in I^{today}, t

    As a share of the site's floor area of today.
    """
    return m.in_use[i, t] <= is_open(m, i, t)


def used_as_kept_or_converted(m: Any, i: str, t: str) -> Any:
    r"""... and only as far as its design of today is kept or it has been converted.

    .. math:: inuse_{i,t} \le open_{i,d^0,t} + carried_{i,t} \qquad \forall i \in I^{today}, t

    As a share of the site's floor area of today.
    """
    network: Network = m.network
    design = network.existing[i].design
    kept = m.open[i, design, t] if (i, design) in network.options else 0
    return m.in_use[i, t] <= kept + m.carried_over[i, t]


def carried_by_conversion(m: Any, i: str, t: str) -> Any:
    r"""Floor area is carried over by converting it.

    .. math:: carried_{i,t} \le carried_{i,t-1} + \sum_d \frac{gfa_d}{A_i} converted_{i,d,t} \qquad \forall i, t

    As a share of the site's floor area of today, A.
    """
    network: Network = m.network
    before = network.before[t]
    area = stock_area(network)[i]
    now = pyo.quicksum(
        network.designs[d].module_gfa_m2 / area * m.converted[i, d, t]
        for d in network.designs_at[i]
        if (i, d, t) in m.converted
    )
    return m.carried_over[i, t] <= now + (m.carried_over[i, before] if before is not None else 0)


def carried_on_leaving(m: Any, i: str, t: str) -> Any:
    r"""... and only in the period in which the site leaves its design of today.

    .. math:: carried_{i,t} \le carried_{i,t-1} + stopped_{i,d^0,t} \qquad \forall i, t

    As a share of the site's floor area of today; in the first period stopped is :math:`1 - open`.
    """
    network: Network = m.network
    before, design = network.before[t], network.existing[i].design
    if (i, design) not in network.options:
        return pyo.Constraint.Skip
    if before is None:
        return m.carried_over[i, t] <= 1 - m.open[i, design, t]
    left = or_zero(m.stopped, (i, design, t))
    return m.carried_over[i, t] <= m.carried_over[i, before] + left


def later_stock(network: Network) -> list[tuple[str, str]]:
    """Those of :func:`stock_periods` that are after the first period."""
    return [(i, t) for i, t in stock_periods(network) if network.before[t] is not None]


def nothing_carried_at_home(m: Any, i: str, t: str) -> Any:
    r"""A site that comes back to its design of today carries nothing over: leaving it again starts anew.

    .. math:: carried_{i,t} \le 1 - open_{i,d^0,t} \qquad \forall i, t > t_1

    As a share of the site's floor area of today.
    """
    network: Network = m.network
    design = network.existing[i].design
    return m.carried_over[i, t] <= 1 - m.open[i, design, t]


def stock_stays_in_use(m: Any, t: str) -> Any:
    r"""A least share of today's floor area stays in use.

    .. math:: \sum_i A_i \, inuse_{i,t} \ge \sigma \sum_i A_i \qquad \forall t

    As a share of all floor area of today.
    """
    network: Network = m.network
    areas = stock_area(network)
    total = sum(areas.values())
    used = pyo.quicksum(area / total * m.in_use[i, t] for i, area in areas.items() if (i, t) in m.in_use)
    return row(m, used, ">=", network.policy.stock_share_min)  # type: ignore[arg-type]


CONSTRAINTS = (
    Constraint(used_if_open, stock_periods, "stock"),
    Constraint(used_as_kept_or_converted, stock_periods, "stock"),
    Constraint(carried_by_conversion, stock_periods, "stock"),
    Constraint(carried_on_leaving, stock_periods, "stock"),
    Constraint(nothing_carried_at_home, later_stock, "stock"),
    Constraint(stock_stays_in_use, asked_periods, "stock"),
)
