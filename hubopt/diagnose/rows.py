"""Which rows of the model a limit bounds, and how far a row gives way when the limit does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyomo.environ as pyo

from hubopt.diagnose.limits import period_figure, target_figure
from hubopt.instance import Instance, Policy
from hubopt.model import Network
from hubopt.solve.milp import Milp

Index = tuple[Any, ...]
Side = Literal["lower", "upper"]


@dataclass(frozen=True)
class Hold:
    """A row that a limit holds.

    ``gives`` is what the row gives way by for one unit of the limit, at most; where that depends on the plan (a share
    of what a gateway carries), ``base`` has its coefficients by column and ``gives`` is the most it can be.
    """

    row: int
    limit: str
    side: Side
    gives: float
    base: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What the rows are read with: the case, its network and the program's columns."""

    instance: Instance
    policy: Policy
    network: Network
    program: Milp

    def demand_at(self, level: str, period: str) -> float:
        """Demand of all commodities whose chain has the level (flow units)."""
        items = self.network.commodities
        return sum(x for (_, k, t), x in self.network.demand.items() if t == period and level in items[k].chain)

    def demand_of(self, commodity: str, period: str) -> float:
        """Demand for a commodity (flow units)."""
        return sum(x for (_, k, t), x in self.network.demand.items() if t == period and k == commodity)

    def columns(self, group: str, chosen: Callable[[Index], bool]) -> dict[int, float]:
        """Columns of a variable whose index is chosen, each with coefficient 1."""
        return {column: 1.0 for index, column in self.program.groups.get(group, {}).items() if chosen(index)}


_Told = tuple[str, Side, float, Mapping[int, float]]
_NONE: Mapping[int, float] = {}
_FREE: _Told = ("", "lower", 0.0, _NONE)


def _count(family: str, field_name: str, side: Side) -> Callable[[Reading, Index], _Told]:
    return lambda reading, index: (f"{family}.{index[0]}.{field_name}", side, 1.0, _NONE)


def _gateway(reading: Reading, index: Index) -> _Told:
    gateway, period = index[-2], index[-1]
    network = reading.network
    gives = network.period[period].gateway_factor / network.scale.flow_t_d
    return f"gateways.{gateway}.capacity_t_d", "upper", gives, _NONE


def _gateway_share(column: str, side: Side) -> Callable[[Reading, Index], _Told]:
    def told(reading: Reading, index: Index) -> _Told:
        k, g, t = index
        admitted = reading.network.admitted[k]
        carried = reading.columns("flow", lambda x: x[1] in admitted and x[4] == k and x[5] == t)
        return f"admissions.{k}.{g}.{column}", side, reading.demand_of(k, t), carried

    return told


def _used(reading: Reading, index: Index) -> _Told:
    i, d, t = index
    network = reading.network
    module = network.designs[d].throughput_t_d / network.scale.flow_t_d
    base = {reading.program.groups["modules"][i, d, t]: module}
    gives = module * network.options[i, d].upper
    return f"levels.{network.sites[i].level}.min_utilisation", "upper", gives, base


def _level_share(field_name: str, place: int) -> Callable[[Reading, Index], _Told]:
    def told(reading: Reading, index: Index) -> _Told:
        network, t = reading.network, index[-1]
        level = network.sites[index[0]].level if place else index[0]
        base = reading.columns("throughput", lambda x: network.sites[x[0]].level == level and x[3] == t)
        return f"levels.{level}.{field_name}", "upper", reading.demand_at(level, t), base

    return told


def _mode(reading: Reading, index: Index) -> _Told:
    return f"mode_capacity_t_d.{index[0]}", "upper", 1 / reading.network.scale.flow_t_d, _NONE


def _terminal(reading: Reading, index: Index) -> _Told:
    key = f"terminals.{index[0]}.{index[1]}.capacity_t_d"
    return key, "upper", 1 / reading.network.scale.flow_t_d, _NONE


def _capital(reading: Reading, index: Index) -> _Told:
    budget = reading.network.period[index[0]].capital_budget_cny or 0.0
    key, _ = period_figure(reading.instance, reading.policy, "capital_budget_cny", index[0])
    return key, "upper", 1 / (budget if budget > 0 else 1e6), _NONE


def _carbon(reading: Reading, index: Index) -> _Told:
    cap = 1000 * (reading.network.period[index[0]].carbon_cap_t_year or 0.0)
    key, _ = period_figure(reading.instance, reading.policy, "carbon_cap_t_year", index[0])
    return key, "upper", 1000 / (cap if cap > 0 else 1000.0), _NONE


def _cost(reading: Reading, _: Index) -> _Told:
    cap = reading.policy.cost_cap_cny_year or 0.0
    return "cost_cap_cny_year", "upper", 1 / (cap if cap > 0 else reading.network.scale.money_cny), _NONE


def _target(side: Side) -> Callable[[Reading, Index], _Told]:
    def told(reading: Reading, index: Index) -> _Told:
        key, _, _ = target_figure(reading.instance, reading.policy, index[0], index[1])
        return key, side, 1.0, _NONE

    return told


def _outage(reading: Reading, index: Index) -> _Told:
    kind = "hub" if index[0] in reading.network.sites else "gateway"
    return f"resilience.{kind}_outage_share", "lower", 1.0, _NONE


def _sourcing(reading: Reading, index: Index) -> _Told:
    leg, node, _ = index
    return f"single_sourcing.{leg}", "upper", float(len(reading.network.upper_ends.get((leg, node), ())) or 1), _NONE


def _demand(reading: Reading, index: Index) -> _Told:
    if not reading.network.commodities[index[1]].must_be_met:
        return _FREE
    return f"commodities.{index[1]}.must_be_met", "lower", reading.network.demand[index], _NONE


FAMILIES: Mapping[str, Callable[[Reading, Index], _Told]] = {
    "demand_met_or_unmet": _demand,
    "level_count_at_least": _count("levels", "min_open", "lower"),
    "level_count_at_most": _count("levels", "max_open", "upper"),
    "hub_type_at_least": _count("hub_types", "min_open", "lower"),
    "hub_type_at_most": _count("hub_types", "max_open", "upper"),
    "presence_at_least": _count("presence", "min_open", "lower"),
    "presence_at_most": _count("presence", "max_open", "upper"),
    "forced_sites": lambda reading, index: (f"force_open.{index[0]}", "lower", 1.0, _NONE),
    "existing_must_stay": lambda reading, index: (f"existing.{index[0]}.may_close", "lower", 1.0, _NONE),
    "land_within_limit": lambda reading, index: (f"land_ha.{index[0]}:{index[1]}", "upper", 1.0, _NONE),
    "gateway_within_capacity": _gateway,
    "outage_within_gateway": _gateway,
    "gateway_share_at_least": _gateway_share("min_share", "lower"),
    "gateway_share_at_most": _gateway_share("max_share", "upper"),
    "used_enough": _used,
    "site_share_at_most": _level_share("max_site_share", 1),
    "operator_share_at_most": _level_share("max_operator_share", 0),
    "mode_within_capacity": _mode,
    "terminal_within_capacity": _terminal,
    "capital_within_budget": _capital,
    "emission_within_cap": _carbon,
    "cost_within_cap": _cost,
    "unmet_within_cap": lambda reading, index: ("unmet_share_max", "upper", 1.0, _NONE),
    "stock_stays_in_use": lambda reading, index: ("stock_share_min", "lower", 1.0, _NONE),
    "access_share": _target("lower"),
    "delivery_share": _target("lower"),
    "chain_share": _target("upper"),
    "outage_share_served": _outage,
    "one_source_per_zone": _sourcing,
    "one_source_per_site": _sourcing,
}
"""Families of rows that hold a limit of the user: the limit's id, the side that gives way, and by how much."""


def indices(model: pyo.ConcreteModel, program: Milp) -> list[tuple[str, Index]]:
    """Family and index of every row of the program compiled from ``model``."""
    known: dict[str, tuple[str, Index]] = {}
    for component in model.component_objects(pyo.Constraint):
        for index, data in component.items():
            known[data.name] = (component.local_name, index if isinstance(index, tuple) else (index,))
    return [known[name] for name in program.row_names]


def holds(reading: Reading, of_rows: list[tuple[str, Index]]) -> Iterator[Hold]:
    """Every row of the program that a limit holds."""
    for row, (family, index) in enumerate(of_rows):
        if (tell := FAMILIES.get(family)) is not None:
            limit, side, gives, base = tell(reading, index)
            if limit:
                yield Hold(row, limit, side, gives, base)
