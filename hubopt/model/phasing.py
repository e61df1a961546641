"""Phasing: how a facility in one period follows from that of the period before, and what is built and converted.

Before the first period stand today's facilities. Sizes, openings and conversions of the first period are told from
them without variables of their own.
"""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint
from hubopt.model.network import Network
from hubopt.model.variables import changing_options, conversions, foundings, is_open, later_options, or_zero


def was_open(m: Any, i: str, d: str, t: str) -> Any:
    """1 if the site was run in the design in the period before (in the first: if it is so today)."""
    network: Network = m.network
    before = network.before[t]
    if before is not None:
        return m.open[i, d, before]
    today = network.existing.get(i)
    return int(today is not None and today.design == d)


def modules_before(m: Any, i: str, d: str, t: str) -> Any:
    """Size in the period before (modules)."""
    network: Network = m.network
    before = network.before[t]
    if before is not None:
        return m.modules[i, d, before] if (i, d) in network.options else 0
    today = network.existing.get(i)
    return today.modules if today is not None and today.design == d else 0


def converted(m: Any, i: str, d: str, t: str) -> Any:
    """What is converted to the design in the period (modules)."""
    return or_zero(m.converted, (i, d, t))


def built(m: Any, i: str, d: str, t: str) -> Any:
    """What is built of the design in the period (modules), as a linear expression."""
    network: Network = m.network
    if network.before[t] is None:
        kept = network.options[i, d].existing_modules
        return m.modules[i, d, t] - kept * m.open[i, d, t] - converted(m, i, d, t)
    if (i, d, t) in m.built:
        return m.built[i, d, t]
    return m.modules[i, d, t] - modules_before(m, i, d, t)


def founded(m: Any, i: str, d: str, t: str) -> Any:
    """1 if a site without a facility of today opens in the period, in the design."""
    network: Network = m.network
    if i in network.existing:
        return 0
    return m.open[i, d, t] if network.before[t] is None else m.founded[i, d, t]


def closed(m: Any, i: str, t: str) -> Any:
    """1 if today's facility closes in the period."""
    network: Network = m.network
    before = network.before[t]
    stood: Any = 1 if before is None else is_open(m, i, before)
    return stood - is_open(m, i, t)


def open_periods_after_the_first(network: Network) -> list[tuple[str, str]]:
    """(site, period) of sites with an option, after the first period."""
    return [(i, t) for i, designs in network.designs_at.items() if designs for t in network.periods[1:]]


def stays_open(m: Any, i: str, t: str) -> Any:
    r"""What is open stays open, unless it may close.

    .. math:: \sum_d open_{i,d,t} \ge \sum_d open_{i,d,t-1} \qquad \forall i \in I: \text{may not close}, t > t_1

    Dimensionless.
    """
    network: Network = m.network
    if network.may_close(i):
        return pyo.Constraint.Skip
    return is_open(m, i, t) >= is_open(m, i, network.before[t])  # type: ignore[arg-type]


def stays_closed(m: Any, i: str, t: str) -> Any:
    r"""A facility of today that has closed does not open again.

    .. math:: \sum_d open_{i,d,t} \le \sum_d open_{i,d,t-1} \qquad \forall i \in I^{today}, t > t_1

    Dimensionless.
    """
    network: Network = m.network
    if i not in network.existing:
        return pyo.Constraint.Skip
    return is_open(m, i, t) <= is_open(m, i, network.before[t])  # type: ignore[arg-type]


def opens_once(m: Any, i: str) -> Any:
    r"""A new site opens at most once in all periods, where it may close.

    .. math:: \sum_d open_{i,d,t_1} + \sum_{t > t_1} \sum_d founded_{i,d,t} \le 1 \qquad \forall i \in I^{new}

    Dimensionless.
    """
    network: Network = m.network
    if not network.may_close(i):
        return pyo.Constraint.Skip
    first, *later = network.periods
    openings = pyo.quicksum(m.founded[i, d, t] for d in network.designs_at[i] for t in later)
    return is_open(m, i, first) + openings <= 1


def new_sites(network: Network) -> list[tuple[str]]:
    """(site,) of sites without a facility of today, where there are several periods."""
    several = len(network.periods) > 1
    return [(i,) for i, designs in network.designs_at.items() if several and designs and i not in network.existing]


def founded_when_opened(m: Any, i: str, d: str, t: str) -> Any:
    r"""A new site is founded in a design when it takes it and was not open before.

    .. math:: founded_{i,d,t} \ge open_{i,d,t} - open_{i,d,t-1} - \sum_{d' \ne d} open_{i,d',t-1}
        \qquad \forall (i,d) \in O^{new}, t > t_1

    Dimensionless; a site that changes its design is not founded anew.
    """
    network: Network = m.network
    return m.founded[i, d, t] >= m.open[i, d, t] - is_open(m, i, network.before[t])  # type: ignore[arg-type]


def stopped_when_left(m: Any, i: str, d: str, t: str) -> Any:
    r"""A design is stopped when the site leaves it.

    .. math:: stopped_{i,d,t} \ge open_{i,d,t-1} - open_{i,d,t} \qquad \forall (i,d) \in O, t > t_1

    Dimensionless.
    """
    return m.stopped[i, d, t] >= was_open(m, i, d, t) - m.open[i, d, t]


def not_stopped_while_open(m: Any, i: str, d: str, t: str) -> Any:
    r"""A design that is run is not stopped.

    .. math:: stopped_{i,d,t} \le 1 - open_{i,d,t} \qquad \forall (i,d) \in O, t > t_1

    Dimensionless.
    """
    return m.stopped[i, d, t] <= 1 - m.open[i, d, t]


def stopped_only_if_run(m: Any, i: str, d: str, t: str) -> Any:
    r"""Only a design that was run can be stopped.

    .. math:: stopped_{i,d,t} \le open_{i,d,t-1} \qquad \forall (i,d) \in O, t > t_1

    Dimensionless.
    """
    return m.stopped[i, d, t] <= was_open(m, i, d, t)


def grows_by_building(m: Any, i: str, d: str, t: str) -> Any:
    r"""A facility grows by what is built and converted.

    .. math:: modules_{i,d,t} - modules_{i,d,t-1} \le built_{i,d,t} + converted_{i,d,t}
        \qquad \forall (i,d) \in O, t > t_1

    In modules. In the first period built is the difference itself.
    """
    if (i, d, t) not in m.built:
        return pyo.Constraint.Skip
    return m.modules[i, d, t] - modules_before(m, i, d, t) <= m.built[i, d, t] + converted(m, i, d, t)


def does_not_shrink(m: Any, i: str, d: str, t: str) -> Any:
    r"""A facility does not shrink while it keeps its design.

    .. math:: modules_{i,d,t-1} - modules_{i,d,t} \le \overline{n}_{i,d} \, stopped_{i,d,t}
        \qquad \forall (i,d) \in O, t > t_1

    In modules.
    """
    stopped = or_zero(m.stopped, (i, d, t))
    return modules_before(m, i, d, t) - m.modules[i, d, t] <= m.network.options[i, d].upper * stopped


def converted_from_stock(m: Any, i: str, d: str, t: str) -> Any:
    r"""Converted floor area is at most that of the designs of the period before which can be converted.

    .. math:: converted_{i,d,t} \le \sum_{d' \in C_{i,d}} \frac{gfa_{d'}}{gfa_d} modules_{i,d',t-1}
        \qquad \forall (i,d) \in O^{conv}, t \in T

    In modules of the new design; C holds the designs that can be converted to d.
    """
    sources = m.network.sources(i, d, t)
    stock = pyo.quicksum(ratio * modules_before(m, i, other, t) for other, ratio in sources.items())
    return m.converted[i, d, t] <= stock


def _largest_conversion(network: Network, i: str, d: str, t: str) -> float:
    option = network.options[i, d]
    if network.before[t] is not None:
        return float(option.upper)
    ratios = network.sources(i, d, t)
    return min(float(option.upper), sum(ratio * network.existing[i].modules for ratio in ratios.values()))


def converted_if_taken(m: Any, i: str, d: str, t: str) -> Any:
    r"""Floor area is converted only in the period in which the site takes the design.

    .. math:: converted_{i,d,t} \le e_{i,d} (open_{i,d,t} - open_{i,d,t-1} + stopped_{i,d,t})
        \qquad \forall (i,d) \in O^{conv}, t \in T

    In modules of the new design; e is the largest size, in the first period at most today's floor area.
    """
    network: Network = m.network
    taken = m.open[i, d, t]
    if network.before[t] is not None:
        taken = taken - was_open(m, i, d, t) + m.stopped[i, d, t]
    return m.converted[i, d, t] <= _largest_conversion(network, i, d, t) * taken


def converted_within_size(m: Any, i: str, d: str, t: str) -> Any:
    r"""No more is converted than the facility has.

    .. math:: converted_{i,d,t} \le modules_{i,d,t} \qquad \forall (i,d) \in O^{conv}, t \in T

    In modules.
    """
    return m.converted[i, d, t] <= m.modules[i, d, t]


CONSTRAINTS = (
    Constraint(stays_open, open_periods_after_the_first),
    Constraint(stays_closed, open_periods_after_the_first),
    Constraint(opens_once, new_sites),
    Constraint(founded_when_opened, foundings),
    Constraint(stopped_when_left, changing_options),
    Constraint(not_stopped_while_open, changing_options),
    Constraint(stopped_only_if_run, changing_options),
    Constraint(grows_by_building, changing_options),
    Constraint(does_not_shrink, later_options),
    Constraint(converted_from_stock, conversions),
    Constraint(converted_if_taken, conversions),
    Constraint(converted_within_size, conversions),
)
