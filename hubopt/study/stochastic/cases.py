"""A scenario made into an ordinary case: instance and policy that model and checker take as they take any other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from hubopt.instance import InputError, Instance, Policy, Problem, apply
from hubopt.instance.draft import draft_of
from hubopt.instance.errors import choose_from
from hubopt.instance.rules import exchange
from hubopt.study.stochastic.scenarios import Scenario, ScenarioSet

MEAN = "mean-of-scenarios"
"""Id of the case in which every figure is at its mean."""


@dataclass(frozen=True)
class Case:
    """A scenario with its probability (dimensionless), and the instance and policy that it makes."""

    id: str
    probability: float
    instance: Instance
    policy: Policy


def _unknown(instance: Instance, scenario: Scenario, file: str) -> Iterator[Problem]:
    known = {
        "commodity": {item.id for item in instance.structure.commodities},
        "district": {name for name in instance.zones["district"] if name},
        "zone": set(instance.zones["id"]),
        "site": set(instance.sites["id"]),
        "gateway": set(instance.gateways["id"]),
    }
    named = [("site", name) for name in (*scenario.closed_sites, *scenario.site_capacity)]
    named += [("zone", name) for name in scenario.absent_zones]
    named += [("gateway", name) for name in (*scenario.closed_gateways, *scenario.gateway_capacity)]
    for change in scenario.demand:
        parts = {"commodity": change.commodity, "district": change.district, "zone": change.zone}
        named += [(kind, name) for kind, name in parts.items() if name is not None]
    for kind, name in dict.fromkeys(named):
        if name not in known[kind]:
            message = f"scenario {scenario.id!r} names the {kind} {name!r}, which the instance does not have"
            yield Problem(file, message, choose_from(name, known[kind]), column=f"scenarios.{scenario.id}", value=name)


def demand_factors(instance: Instance, scenario: Scenario) -> pd.Series[float]:
    """Factor of every row of demand (dimensionless)."""
    demand = instance.demand
    factors = pd.Series(scenario.demand_factor, index=demand.index, dtype="float64")
    district = demand["zone"].map(dict(zip(instance.zones["id"], instance.zones["district"], strict=True)))
    factors = factors.mask(demand["zone"].isin(scenario.absent_zones), 0.0)
    for change in scenario.demand:
        fits = pd.Series(True, index=demand.index)
        for column, wanted in ((demand["commodity"], change.commodity), (district, change.district),
                               (demand["zone"], change.zone)):  # fmt: skip
            if wanted is not None:
                fits &= column == wanted
        factors = factors.where(~fits, factors * change.factor)
    return factors


def site_shares(instance: Instance, scenario: Scenario) -> pd.Series[float]:
    """Share of its capacity that every row of the sites has, of what the instance itself leaves it."""
    shares = {**scenario.site_capacity, **dict.fromkeys(scenario.closed_sites, 0.0)}
    return instance.sites["id"].map(lambda name: shares.get(name, 1.0)).astype("float64")


def gateway_factors(instance: Instance, scenario: Scenario) -> pd.Series[float]:
    """Factor on the capacity of every row of the gateways."""
    factors = {**scenario.gateway_capacity, **dict.fromkeys(scenario.closed_gateways, 0.0)}
    return instance.gateways["id"].map(lambda name: factors.get(name, 1.0)).astype("float64")


def _changed(
    instance: Instance, policy: Policy, demand: pd.Series[float], sites: pd.Series[float], gateways: pd.Series[float],
    constant: float, off: Sequence[str],
) -> tuple[Instance, Policy]:  # fmt: skip
    shut = tuple(instance.gateways.loc[gateways == 0, "id"])
    changed = instance.with_tables(
        demand=instance.demand.assign(t_d=instance.demand["t_d"] * demand),
        sites=instance.sites.assign(availability=instance.sites["availability"] * sites),
        gateways=instance.gateways.assign(capacity_t_d=instance.gateways["capacity_t_d"] * gateways),
    )
    info = instance.info.model_copy(update={"objective_constant": instance.info.objective_constant + constant})
    changed = replace(changed, structure=changed.structure.model_copy(update={"instance": info}))
    update = {
        "closed_gateways": tuple(dict.fromkeys((*policy.closed_gateways, *shut))),
        "off": tuple(dict.fromkeys((*policy.off, *off))),
    }
    return changed, policy.model_copy(update=update)


def _broken(case: Case, file: str) -> Iterator[Problem]:
    """What is wrong with the case of a scenario that is not wrong with the instance: its factors may part goods."""
    draft = draft_of(case.instance)
    for problem in (problem for rule in exchange.RULES for problem in rule(draft)):
        if not problem.warning:
            yield replace(problem, file=file, message=f"scenario {case.id!r}, {problem.file}: {problem.message}")


def cases_of(instance: Instance, policy: Policy, scenarios: ScenarioSet, file: str = "scenarios") -> tuple[Case, ...]:
    """The case of every scenario.

    Raises
    ------
    InputError
        With everything that a scenario names in vain, and with what makes a scenario's instance unsound.
    """
    apply(instance, policy)
    problems = [problem for item in scenarios.scenarios for problem in _unknown(instance, item, file)]
    if problems:
        raise InputError(problems)
    chances, cases = scenarios.probabilities, []
    for item in scenarios.scenarios:
        parts = (
            demand_factors(instance, item), site_shares(instance, item), gateway_factors(instance, item),
            item.objective_constant, item.off,
        )  # fmt: skip
        changed, asked = _changed(instance, policy, *parts)
        cases.append(Case(item.id, chances[item.id], changed, asked))
    problems = [problem for case in cases for problem in _broken(case, file)]
    if problems:
        raise InputError(problems)
    for case in cases:
        apply(case.instance, case.policy)
    return tuple(cases)


def mean_case(instance: Instance, policy: Policy, scenarios: ScenarioSet, room: float = 1.0) -> Case:
    """The case of mean demand, mean capacities and mean constant; a family is off only where all scenarios have it off.

    A gateway of unlimited capacity is closed only if it is in every scenario. ``room`` is the share of its capacity
    that a site may use.
    """
    chances = scenarios.probabilities

    def mean(of: pd.Series[float] | None, more: pd.Series[float]) -> pd.Series[float]:
        return more if of is None else of + more

    demand = sites = gateways = None
    for item in scenarios.scenarios:
        chance = chances[item.id]
        demand = mean(demand, chance * demand_factors(instance, item))
        sites = mean(sites, chance * site_shares(instance, item))
        gateways = mean(gateways, chance * gateway_factors(instance, item))
    assert demand is not None and sites is not None and gateways is not None
    constant = sum(chances[item.id] * item.objective_constant for item in scenarios.scenarios)
    off = set.intersection(*(set(item.off) for item in scenarios.scenarios))
    changed, asked = _changed(instance, policy, demand, room * sites.clip(upper=1.0), gateways, constant, sorted(off))
    return Case(MEAN, 1.0, changed, asked)
