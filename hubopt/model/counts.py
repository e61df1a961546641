"""Counts: how many sites of a level, of a hub type, and in a place are open."""

from __future__ import annotations

from typing import Any

import pyomo.environ as pyo

from hubopt.instance.types import Presence
from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Network
from hubopt.model.variables import is_open


def level_periods(network: Network) -> list[tuple[str, str]]:
    """(level, period) for levels with a rule on counts."""
    return [(level, t) for level in network.instance.structure.levels for t in network.periods]


def _open_of_level(m: Any, level: str, t: str) -> Any:
    return pyo.quicksum(is_open(m, i, t) for i, site in m.network.sites.items() if site.level == level)


def level_count_at_least(m: Any, level: str, t: str) -> Any:
    r"""At least so many sites of the level are open.

    .. math:: \sum_{i \in I_l} \sum_d open_{i,d,t} \ge \underline{N}_l \qquad \forall l, t \in T

    In sites.
    """
    least = m.network.instance.structure.levels[level].min_open
    return row(m, _open_of_level(m, level, t), ">=", least) if least > 0 else pyo.Constraint.Skip


def level_count_at_most(m: Any, level: str, t: str) -> Any:
    r"""At most so many sites of the level are open.

    .. math:: \sum_{i \in I_l} \sum_d open_{i,d,t} \le \overline{N}_l \qquad \forall l, t \in T

    In sites.
    """
    most = m.network.instance.structure.levels[level].max_open
    return row(m, _open_of_level(m, level, t), "<=", most) if most is not None else pyo.Constraint.Skip


def hub_type_periods(network: Network) -> list[tuple[str, str]]:
    """(hub type, period)."""
    return [(h, t) for h in network.hub_types for t in network.periods]


def _open_of_type(m: Any, hub_type: str, t: str) -> Any:
    return pyo.quicksum(is_open(m, i, t) for i, site in m.network.sites.items() if site.hub_type == hub_type)


def hub_type_at_least(m: Any, h: str, t: str) -> Any:
    r"""At least so many hubs of the type are open.

    .. math:: \sum_{i \in I_h} \sum_d open_{i,d,t} \ge \underline{N}_h \qquad \forall h, t \in T

    In sites.
    """
    least = m.network.hub_types[h].min_open
    return row(m, _open_of_type(m, h, t), ">=", least) if least > 0 else pyo.Constraint.Skip


def hub_type_at_most(m: Any, h: str, t: str) -> Any:
    r"""At most so many hubs of the type are open.

    .. math:: \sum_{i \in I_h} \sum_d open_{i,d,t} \le \overline{N}_h \qquad \forall h, t \in T

    In sites.
    """
    most = m.network.hub_types[h].max_open
    return row(m, _open_of_type(m, h, t), "<=", most) if most is not None else pyo.Constraint.Skip


def presence_periods(network: Network) -> list[tuple[str, str]]:
    """(presence rule, period)."""
    return [(item.id, t) for item in network.instance.structure.presence for t in network.periods]


def _present(m: Any, rule: Presence, t: str) -> Any:
    counted = [
        i
        for i, site in m.network.sites.items()
        if getattr(site, rule.scope) == rule.place
        and rule.level in (None, site.level)
        and rule.hub_type in (None, site.hub_type)
    ]
    return pyo.quicksum(is_open(m, i, t) for i in counted)


def _presence(network: Network, identifier: str) -> Presence:
    return next(item for item in network.instance.structure.presence if item.id == identifier)


def presence_at_least(m: Any, p: str, t: str) -> Any:
    r"""At least so many sites (of a level or type) are open in a city or district.

    .. math:: \sum_{i \in I_p} \sum_d open_{i,d,t} \ge \underline{N}_p \qquad \forall p, t \in T

    In sites.
    """
    rule = _presence(m.network, p)
    return row(m, _present(m, rule, t), ">=", rule.min_open) if rule.min_open > 0 else pyo.Constraint.Skip


def presence_at_most(m: Any, p: str, t: str) -> Any:
    r"""At most so many sites (of a level or type) are open in a city or district.

    .. math:: \sum_{i \in I_p} \sum_d open_{i,d,t} \le \overline{N}_p \qquad \forall p, t \in T

    In sites.
    """
    rule = _presence(m.network, p)
    return row(m, _present(m, rule, t), "<=", rule.max_open) if rule.max_open is not None else pyo.Constraint.Skip


CONSTRAINTS = (
    Constraint(level_count_at_least, level_periods, "level_counts"),
    Constraint(level_count_at_most, level_periods, "level_counts"),
    Constraint(hub_type_at_least, hub_type_periods, "hub_types"),
    Constraint(hub_type_at_most, hub_type_periods, "hub_types"),
    Constraint(presence_at_least, presence_periods, "presence"),
    Constraint(presence_at_most, presence_periods, "presence"),
)
