"""Shadow prices: what one more unit of a limit would save, from the linear program left when the network is fixed.

Sites, designs and links are those of the result; sizes are continuous. The prices are those of small changes that leave
the sites as they are: the price of a large change, or of one that would move a site, is found by solving again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hubopt.instance import InputError, Problem
from hubopt.model import Network
from hubopt.solve.engine.jobs import Job
from hubopt.solve.milp import Milp, Vector
from hubopt.study.base import Base, held, optimum

METHOD = "sites and links fixed, sizes continuous"

_TIGHT = 1e-6
"""Slack, relative to the limit, below which a limit binds."""


@dataclass(frozen=True)
class Limit:
    """A limit, how much of it is used, and what one more unit of it (one less of a floor) would save.

    ``limit`` and ``used`` are in ``unit``; ``price`` is in ``price_unit``, CNY/year per unit.
    """

    family: str
    what: str
    unit: str
    limit: float
    used: float
    binding: bool
    price: float

    @property
    def price_unit(self) -> str:
        """Unit of the price."""
        return f"CNY/year per {self.unit}"


@dataclass(frozen=True)
class ShadowPrices:
    """All limits, dearest first, and the objective (CNY/year) of the linear program that prices them."""

    limits: tuple[Limit, ...]
    objective: float
    method: str = METHOD


@dataclass(frozen=True)
class _Measure:
    """How a row is shown: its unit, what one row unit is in it, and the limit in it (None: the row's own)."""

    unit: str
    factor: float
    limit: float | None = None


_Reading = Callable[[Network, Vector, Milp, tuple[str, ...]], _Measure]


def _land(network: Network, _values: Vector, _program: Milp, _index: tuple[str, ...]) -> _Measure:
    return _Measure("ha", 1.0)


def _flow(network: Network, _values: Vector, _program: Milp, _index: tuple[str, ...]) -> _Measure:
    return _Measure("t/d", network.scale.flow_t_d)


def _budget(network: Network, _values: Vector, _program: Milp, index: tuple[str, ...]) -> _Measure:
    return _Measure("CNY", network.period[index[0]].capital_budget_cny or 1e6)


def _carbon(network: Network, _values: Vector, _program: Milp, index: tuple[str, ...]) -> _Measure:
    return _Measure("t CO2e/year", network.period[index[0]].carbon_cap_t_year or 1.0)


def _unmet(network: Network, _values: Vector, _program: Milp, _index: tuple[str, ...]) -> _Measure:
    return _Measure("percentage point", 100.0)


def _size(network: Network, _values: Vector, _program: Milp, index: tuple[str, ...]) -> _Measure:
    return _Measure("module", 1.0, float(network.options[index[0], index[1]].upper))


def _share(network: Network, values: Vector, program: Milp, level: str, period: str, most: float) -> _Measure:
    columns = program.groups.get("throughput", {})
    inside = set(network.sites_of(level))
    total = sum(float(values[column]) for x, column in columns.items() if x[0] in inside and x[3] == period)
    return _Measure("percentage point", 100.0 / total if total > 0 else 100.0, 100.0 * most)


def _site_share(network: Network, values: Vector, program: Milp, index: tuple[str, ...]) -> _Measure:
    level = network.sites[index[0]].level
    return _share(network, values, program, level, index[1], network.level_rule(level).max_site_share)


def _operator_share(network: Network, values: Vector, program: Milp, index: tuple[str, ...]) -> _Measure:
    level = index[0]
    most = network.level_rule(level).max_operator_share
    return _share(network, values, program, level, index[-1], most)


def _gateway_share(network: Network, values: Vector, program: Milp, index: tuple[str, ...], most: bool) -> _Measure:
    commodity, gateway, period = index
    gateways, leg = network.admitted[commodity], network.commodities[commodity].gateway_leg
    flows = program.groups.get("flow", {}).items()
    # index of a flow: leg, origin, destination, mode, commodity, period
    total = sum(
        float(values[column])
        for x, column in flows
        if x[0] == leg and x[1] in gateways and x[4] == commodity and x[5] == period
    )
    share = gateways[gateway][1 if most else 0]
    return _Measure("percentage point", 100.0 / total if total > 0 else 100.0, 100.0 * share)


def _largest_gateway_share(network: Network, values: Vector, program: Milp, index: tuple[str, ...]) -> _Measure:
    return _gateway_share(network, values, program, index, most=True)


def _least_gateway_share(network: Network, values: Vector, program: Milp, index: tuple[str, ...]) -> _Measure:
    return _gateway_share(network, values, program, index, most=False)


_FAMILIES: Mapping[str, tuple[str, _Reading]] = {
    "land_within_limit": ("land", _land),
    "capital_within_budget": ("capital budget", _budget),
    "emission_within_cap": ("carbon cap", _carbon),
    "gateway_within_capacity": ("gateway capacity", _flow),
    "mode_within_capacity": ("mode capacity", _flow),
    "terminal_within_capacity": ("terminal capacity", _flow),
    "modules_at_most": ("facility size", _size),
    "site_share_at_most": ("concentration, site", _site_share),
    "operator_share_at_most": ("concentration, operator", _operator_share),
    "unmet_within_cap": ("unmet demand", _unmet),
    "gateway_share_at_most": ("gateway share, largest", _largest_gateway_share),
    "gateway_share_at_least": ("gateway share, least", _least_gateway_share),
}
"""Constraint families with a limit worth a price: what each is called and how it is read."""

_FLOORS = frozenset(["gateway_share_at_least"])
"""Those of them that are floors: one unit less of them is worth something."""


def _network_fixed(base: Base) -> Milp:
    """The linear program: what is whole is fixed but for the sizes, which only the open sites' rows bound."""
    sizes = base.program.columns_of(["modules"])
    program = held(base.program, base.point, base.program.integer & ~sizes)
    program = program.with_rows(~program.strengthening)
    upper = np.where(sizes, np.inf, program.upper)
    return Milp(
        program.cost, program.offset, program.matrix, program.row_lower, program.row_upper, program.lower, upper,
        np.zeros_like(program.integer), program.strengthening, program.row_names, program.groups,
    )  # fmt: skip


def shadow_prices(base: Base, seconds: float = float("inf")) -> ShadowPrices:
    """Price every limit of the result.

    Parameters
    ----------
    seconds
        Longest time for the linear program.

    Raises
    ------
    InputError
        If the linear program was not solved: the plan does not fit the model, or the time was too short.
    """
    program = _network_fixed(base)
    outcome = optimum(program, Job(program.lower, program.upper, program.integer, seconds=seconds))
    if outcome.row_duals is None or outcome.values is None or outcome.objective is None:
        why = {"infeasible": "does not keep the rules of its policy", "time": "could not be priced within the time"}
        message = why.get(outcome.reason, f"could not be priced ({outcome.reason})")
        raise InputError([Problem("RESULT", message, "check the result, or give a longer --time-limit")])
    activity = program.matrix @ outcome.values
    found = []
    for number, name in enumerate(program.row_names):
        family, _, rest = name.partition("[")
        floor = family in _FLOORS
        own = float((program.row_lower if floor else program.row_upper)[number])
        if family not in _FAMILIES or not np.isfinite(own):
            continue
        called, reading = _FAMILIES[family]
        index = tuple(part.strip(" '\"") for part in rest.rstrip("]").split(","))
        if family == "modules_at_most" and base.point[base.program.groups["open"][index]] < 0.5:
            continue
        measure = reading(base.network, outcome.values, program, index)
        slack = abs(own - float(activity[number])) * measure.factor
        limit = measure.factor * own if measure.limit is None else measure.limit
        dual = float(outcome.row_duals[number])
        price = max(0.0, dual if floor else -dual) * base.money / measure.factor
        binding = slack <= _TIGHT * max(1.0, abs(limit))
        used = limit + slack if floor else limit - slack
        found.append(Limit(called, ", ".join(index), measure.unit, limit, used, binding, price))
    found.sort(key=lambda item: (not item.binding, item.family, -item.price, item.what))
    return ShadowPrices(tuple(found), base.stated(outcome.objective * base.money))
