"""Instance and policy to the effective instance, which is what the model, the checker and the report go by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from hubopt.instance.errors import InputError, Problem
from hubopt.instance.policy import Count, Phase, Policy
from hubopt.instance.types import Instance, LevelRule, Period, Record, ServiceLimit, ServiceTarget, Structure


def _problem(where: str, value: object, known: object) -> Problem:
    return Problem(
        "policy", f"{where} names {value!r}, which the instance does not have", f"use one of: {known}", value=value
    )


def _unknown_names(instance: Instance, policy: Policy) -> list[Problem]:
    """Names in the policy that the instance does not know."""
    structure = instance.structure
    commodities = {item.id for item in structure.commodities}
    known: dict[str, tuple[Iterable[str], set[str]]] = {
        "force_open": (policy.force_open, set(instance.sites["id"])),
        "force_closed": (policy.force_closed, set(instance.sites["id"])),
        "hub_types": (policy.hub_types, {item.id for item in structure.hub_types}),
        "targets": (policy.targets, {item.id for item in structure.service.targets}),
        "limits": (policy.limits, set(instance.arcs["leg"])),
        "closed_gateways": (policy.closed_gateways, set(instance.gateways["id"])),
        "presence": (policy.presence, {item.id for item in structure.presence}),
        "mode_capacity_t_d": (policy.mode_capacity_t_d, {item.id for item in structure.modes}),
        "demand_factors": (policy.demand_factors, commodities),
    }
    for phase in policy.phases:
        known[f"phases.{phase.id}.demand_factors"] = (phase.demand_factors, commodities)
        known[f"phases.{phase.id}.target_shares"] = (phase.target_shares, known["targets"][1])
    problems = [
        _problem(where, value, ", ".join(sorted(names)[:12]))
        for where, (used, names) in known.items()
        for value in used
        if value not in names
    ]
    scopes = {
        f"{scope}:{value}" for scope in ("district", "city", "parcel") for value in instance.sites[scope] if value
    }
    scopes.add("total:total")
    problems += [
        _problem("land_ha", key, "district:NAME, city:NAME, parcel:ID, total:total")
        for key in policy.land_ha
        if key not in scopes
    ]
    phases = [phase.id for phase in policy.phases]
    problems += [
        Problem("policy", f"phase {name!r} occurs more than once", "rename one of them", value=name)
        for name in sorted({name for name in phases if phases.count(name) > 1})
    ]
    both = set(policy.force_open) & set(policy.force_closed)
    problems += [
        Problem("policy", f"site {site!r} is forced open and closed", "take it from one of the two lists", value=site)
        for site in sorted(both)
    ]
    return problems


def _given(change: Record) -> dict[str, Any]:
    return {key: value for key, value in change.model_dump().items() if value is not None}


def _with_counts(structure: Structure, policy: Policy) -> Structure:
    levels = dict(structure.levels)
    for level, change in policy.levels.items():
        levels[level] = levels.get(level, LevelRule()).model_copy(update=_given(change))

    def changed(items: tuple[Any, ...], counts: Mapping[str, Count]) -> tuple[Any, ...]:
        return tuple(item.model_copy(update=_given(counts[item.id])) if item.id in counts else item for item in items)

    return structure.model_copy(
        update={
            "levels": levels,
            "hub_types": changed(structure.hub_types, policy.hub_types),
            "presence": changed(structure.presence, policy.presence),
            "resilience": structure.resilience.model_copy(update=_given(policy.resilience)),
        }
    )


def _with_service(structure: Structure, policy: Policy) -> Structure:
    service = structure.service
    limits = {limit.leg: limit for limit in service.limits}
    for leg, limit_change in policy.limits.items():
        limits[leg] = limits.get(leg, ServiceLimit(leg=leg)).model_copy(update=_given(limit_change))
    targets: list[ServiceTarget] = []
    for target in service.targets:
        target_change = policy.targets.get(target.id)
        targets.append(target if target_change is None else target.model_copy(update=_given(target_change)))
    service = service.model_copy(update={"limits": tuple(limits.values()), "targets": tuple(targets)})
    return structure.model_copy(update={"service": service})


def _with_prices(structure: Structure, policy: Policy) -> Structure:
    commodities = tuple(
        item.model_copy(update={"unmet_cny_t": item.unmet_cny_t * policy.unmet_factor})
        for item in structure.commodities
    )
    modes = tuple(
        item.model_copy(update={"capacity_t_d": policy.mode_capacity_t_d.get(item.id, item.capacity_t_d)})
        for item in structure.modes
    )
    info = structure.instance
    if policy.carbon_price_cny_t is not None:
        info = info.model_copy(update={"carbon_price_cny_t": policy.carbon_price_cny_t})
    return structure.model_copy(update={"commodities": commodities, "modes": modes, "instance": info})


def discount_weights(years: list[float], rate: float) -> list[float]:
    """Share of each period in the discounted years of all (sums to 1): weights of yearly costs.

    A period of n years that begins s years from now counts ((1 + r)^-s - (1 + r)^-(s + n)) / ln(1 + r) years.
    """
    starts = [sum(years[:place]) for place in range(len(years))]
    if rate == 0:
        return [length / sum(years) for length in years]
    counted = [
        (1 + rate) ** -start - (1 + rate) ** -(start + length) for start, length in zip(starts, years, strict=True)
    ]
    return [value / sum(counted) for value in counted]


def _period(phase: Phase, weight: float) -> Period:
    return Period(
        weight=weight,
        **phase.model_dump(include={"id", "year", "years", "gateway_factor", "target_shares"}),
        **phase.model_dump(include={"capital_budget_cny", "carbon_cap_t_year"}),
    )


def _with_phases(instance: Instance, policy: Policy) -> Instance:
    """The policy's phases in place of the instance's periods, and budgets and caps of all periods."""
    structure, demand = instance.structure, instance.demand
    periods = structure.periods
    if policy.phases:
        weights = discount_weights([phase.years for phase in policy.phases], instance.info.discount_rate)
        today = demand[demand["period"] == periods[-1].id]
        grown = [
            today.assign(
                period=phase.id,
                t_d=today["t_d"] * today["commodity"].map(phase.demand_factors).fillna(phase.demand_factor),
            )
            for phase in policy.phases
        ]
        demand = pd.concat(grown, ignore_index=True)
        periods = tuple(_period(phase, weight) for phase, weight in zip(policy.phases, weights, strict=True))
    shared = {
        name: getattr(policy, name)
        for name in ("capital_budget_cny", "carbon_cap_t_year")
        if getattr(policy, name) is not None
    }
    periods = tuple(
        period.model_copy(update={name: value for name, value in shared.items() if getattr(period, name) is None})
        for period in periods
    )
    return replace(instance, structure=structure.model_copy(update={"periods": periods})).with_tables(demand=demand)


def _with_tables(instance: Instance, policy: Policy) -> Instance:
    sites = instance.sites.copy()
    sites.loc[sites["id"].isin(policy.force_open), "forced"] = "open"
    sites.loc[sites["id"].isin(policy.force_closed), "forced"] = "closed"
    factors = instance.demand["commodity"].map(policy.demand_factors).fillna(1.0) * policy.demand_factor
    demand = instance.demand.assign(t_d=instance.demand["t_d"] * factors)
    gateways = instance.gateways
    closed = gateways["id"].isin(policy.closed_gateways)
    gateways = gateways.assign(capacity_t_d=gateways["capacity_t_d"].mask(closed, 0.0))
    land = instance.land
    for key, limit in policy.land_ha.items():
        scope, _, name = key.partition(":")
        rest = land[~((land["scope"] == scope) & (land["id"] == name))]
        row = {"scope": scope, "id": name, "limit_ha": float(limit), "source": "policy", "reliability": "assumption"}
        land = pd.concat([rest, pd.DataFrame([row])], ignore_index=True) if len(rest) else pd.DataFrame([row])
    return instance.with_tables(sites=sites, demand=demand, land=land, gateways=gateways)


def apply(instance: Instance, policy: Policy) -> Instance:
    """The effective instance: ``instance`` with the policy's changes.

    Raises
    ------
    InputError
        If the policy names sites, gateways, types, legs, modes or targets that the instance does not have.
    """
    problems = _unknown_names(instance, policy)
    if problems:
        raise InputError(problems)
    structure = instance.structure
    for change in (_with_counts, _with_service, _with_prices):
        structure = change(structure, policy)
    return _with_tables(_with_phases(replace(instance, structure=structure), policy), policy)
