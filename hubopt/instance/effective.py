"""Instance and policy to the effective instance, which is what the model, the checker and the report go by."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from hubopt.instance.errors import InputError
from hubopt.instance.fit import misfits
from hubopt.instance.policy import Count, Phase, Policy
from hubopt.instance.types import Instance, LevelRule, Period, Record, ServiceLimit, ServiceTarget, Structure

_NO_RATE = 1e-12


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

    A period of n years that begins s years from now counts ((1 + r)^-s - (1 + r)^-(s + n)) / ln(1 + r) years. Below a
    rate of 1e-12 that is the length of the period to all digits.
    """
    if rate < _NO_RATE:
        return [length / sum(years) for length in years]
    starts, force = itertools.accumulate(years[:-1], initial=0.0), math.log1p(rate)
    counted = [
        -math.exp(-force * start) * math.expm1(-force * length) for start, length in zip(starts, years, strict=True)
    ]
    return [value / sum(counted) for value in counted]


def _period(phase: Phase, weight: float) -> Period:
    return Period(
        weight=weight,
        **phase.model_dump(include={"id", "year", "years", "gateway_factor", "target_shares"}),
        **phase.model_dump(include={"capital_budget_cny", "carbon_cap_t_year"}),
    )


def _own_periods(instance: Instance, policy: Policy) -> tuple[Period, ...]:
    """The instance's periods; a share that the policy gives to a target holds in all of them."""
    changed = {name for name, target in policy.targets.items() if target.share is not None}

    def kept(period: Period) -> Period:
        shares = {name: share for name, share in period.target_shares.items() if name not in changed}
        return period.model_copy(update={"target_shares": shares})

    return tuple(
        kept(period) if changed & period.target_shares.keys() else period for period in instance.structure.periods
    )


def _factors(demand: pd.DataFrame, by_commodity: Mapping[str, float], otherwise: float) -> pd.Series[float]:
    """The factor of every row of demand, by its commodity."""
    factors = [by_commodity.get(name, otherwise) for name in demand["commodity"]]
    return pd.Series(factors, index=demand.index, dtype="float64")


def _with_phases(instance: Instance, policy: Policy) -> Instance:
    """The policy's phases in place of the instance's periods; its budget and cap in periods without their own."""
    structure, demand = instance.structure, instance.demand
    periods = _own_periods(instance, policy)
    if policy.phases:
        weights = discount_weights([phase.years for phase in policy.phases], instance.info.discount_rate)
        today = demand[demand["period"] == periods[-1].id]
        grown = [
            today.assign(
                period=phase.id,
                t_d=today["t_d"] * _factors(today, phase.demand_factors, phase.demand_factor),
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


def _without_gateways(instance: Instance, closed: tuple[str, ...]) -> Instance:
    """Gateways of no capacity; where the others may not carry a commodity in full, their largest shares grow alike.

    A closed gateway that had to carry a least share would otherwise keep the commodity out altogether.
    """
    gateways, admissions = instance.gateways, instance.admissions.copy()
    gateways = gateways.assign(capacity_t_d=gateways["capacity_t_d"].mask(gateways["id"].isin(closed), 0.0))
    shut = admissions["gateway"].isin(closed)
    touched = set(admissions.loc[shut, "commodity"])
    admissions.loc[shut, "min_share"] = 0.0
    for commodity in sorted(touched):
        left = (admissions["commodity"] == commodity) & ~shut
        together = float(admissions.loc[left, "max_share"].sum())
        if 0 < together < 1:
            admissions.loc[left, "max_share"] /= together
    return instance.with_tables(gateways=gateways, admissions=admissions)


def _with_tables(instance: Instance, policy: Policy) -> Instance:
    sites = instance.sites.copy()
    sites.loc[sites["id"].isin(policy.force_open), "forced"] = "open"
    sites.loc[sites["id"].isin(policy.force_closed), "forced"] = "closed"
    demand = instance.demand
    demand = demand.assign(t_d=demand["t_d"] * policy.demand_factor * _factors(demand, policy.demand_factors, 1.0))
    land = instance.land
    for key, limit in policy.land_ha.items():
        scope, _, name = key.partition(":")
        rest = land[~((land["scope"] == scope) & (land["id"] == name))]
        row = {"scope": scope, "id": name, "limit_ha": float(limit), "source": "policy", "reliability": "assumption"}
        land = pd.concat([rest, pd.DataFrame([row])], ignore_index=True) if len(rest) else pd.DataFrame([row])
    changed = instance.with_tables(sites=sites, demand=demand, land=land)
    return _without_gateways(changed, policy.closed_gateways) if policy.closed_gateways else changed


def apply(instance: Instance, policy: Policy) -> Instance:
    """The effective instance: ``instance`` with the policy's changes.

    Raises
    ------
    InputError
        If the policy names what the instance does not have or contradicts it (see :mod:`hubopt.instance.fit`).
    """
    if problems := misfits(instance, policy):
        raise InputError(problems)
    structure = instance.structure
    for change in (_with_counts, _with_service, _with_prices):
        structure = change(structure, policy)
    return _with_tables(_with_phases(replace(instance, structure=structure), policy), policy)
