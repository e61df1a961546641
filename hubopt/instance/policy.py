"""The policy: which requirements hold, how tight, and what the objective weighs; one TOML file.

A policy never adds data of its own to the solve: :func:`apply` turns an instance and a policy into the *effective*
instance (forced sites, counts, limits and targets changed), and the switches and weights travel beside it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import pandas as pd
import tomli_w
from pydantic import Field, ValidationError

from hubopt.instance.errors import InputError, Problem, problems_of
from hubopt.instance.types import Instance, Level, LevelRule, Record, ServiceLimit, ServiceTarget

Switch = Literal[
    "single_sourcing", "requirements", "land", "service_limits", "service_targets", "gateway_capacity",
    "gateway_shares", "hub_types", "level_counts", "forced_sites", "existing_must_stay",
]  # fmt: skip
"""Families of requirements that a policy may switch off (flow balance, capacity and open-before-use always hold)."""

CostPart = Literal[
    "capital", "land", "running", "handling", "transport", "beyond", "border", "carbon", "closure", "unmet"
]  # fmt: skip
"""The parts of the yearly cost, in the order of tables and charts."""

COST_PARTS: tuple[CostPart, ...] = (
    "capital", "land", "running", "handling", "transport", "beyond", "border", "carbon", "closure", "unmet",
)  # fmt: skip


NotNegative = Annotated[float, Field(ge=0)]


class Count(Record):
    """Bounds on a number of open sites."""

    min_open: int | None = Field(
        default=None, ge=0, description="sites that must be open", json_schema_extra={"unit": "sites"}
    )
    max_open: int | None = Field(
        default=None, ge=0, description="sites that may be open", json_schema_extra={"unit": "sites"}
    )


class LimitChange(Record):
    """A changed hard limit of one leg."""

    max_km: float | None = Field(
        default=None, gt=0, description="longest driven distance", json_schema_extra={"unit": "km"}
    )
    max_minutes: float | None = Field(
        default=None, gt=0, description="longest driving time", json_schema_extra={"unit": "min"}
    )


class TargetChange(Record):
    """A changed service target; ``share = 0`` switches it off."""

    limit: float | None = Field(
        default=None, gt=0, description="in the target's own unit", json_schema_extra={"unit": "km or min"}
    )
    share: float | None = Field(
        default=None, ge=0, le=1, description="least share of demand within the limit", json_schema_extra={"unit": "-"}
    )


class Policy(Record):
    """What a run asks of the network beyond the instance's own standards."""

    name_en: str = Field(default="As the instance stands", description="name in English")
    name_zh: str = Field(default="按算例设定", description="name in Chinese")
    description: str = Field(default="", description="what the policy is for")
    off: tuple[Switch, ...] = Field(default=(), description="families of requirements that are switched off")
    force_open: tuple[str, ...] = Field(default=(), description="sites that must be open")
    force_closed: tuple[str, ...] = Field(default=(), description="sites that must not be open")
    levels: Mapping[Level, Count] = Field(default_factory=dict, description="counts per level")
    hub_types: Mapping[str, Count] = Field(default_factory=dict, description="counts per hub type")
    limits: Mapping[str, LimitChange] = Field(default_factory=dict, description="hard limits by leg")
    targets: Mapping[str, TargetChange] = Field(default_factory=dict, description="targets by id")
    land_ha: Mapping[str, NotNegative] = Field(
        default_factory=dict, description="limits by 'scope:id' in ha, e.g. 'district:Yantian', 'total:total'"
    )
    demand_factor: float = Field(default=1.0, gt=0, description="all demand is multiplied by this")
    unmet_factor: float = Field(default=1.0, gt=0, description="all unmet penalties are multiplied by this")
    carbon_price_cny_t: float | None = Field(
        default=None, ge=0, description="replaces the instance's carbon price (CNY/t CO2e)"
    )
    weights: Mapping[CostPart, NotNegative] = Field(
        default_factory=dict, description="weight of a cost part in the objective; default 1"
    )

    def holds(self, family: Switch) -> bool:
        """Whether the family of requirements is in force."""
        return family not in self.off

    def weight(self, part: CostPart) -> float:
        """Weight of a cost part in the objective (dimensionless, default 1)."""
        return self.weights.get(part, 1.0)


def read_policy(path: Path) -> Policy:
    """Read a policy file; raises :class:`InputError` with every mistake in it."""
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError([Problem(path.name, "there is no such file", "give the path of a policy TOML file")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InputError([Problem(path.name, f"cannot be read: {error}", "save it as TOML in UTF-8")]) from None
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        raise InputError(problems_of(error, path.name)) from None


def policy_toml(policy: Policy) -> str:
    """Text of a policy file: what ``policy`` sets, defaults left out (but for the names)."""
    content = policy.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return tomli_w.dumps({"name_en": policy.name_en, "name_zh": policy.name_zh, **content})


def _problem(where: str, value: object, known: object) -> Problem:
    return Problem(
        "policy", f"{where} names {value!r}, which the instance does not have", f"use one of: {known}", value=value
    )


def _unknown_names(instance: Instance, policy: Policy) -> list[Problem]:
    """Names in the policy that the instance does not know."""
    structure = instance.structure
    known = {
        "force_open": (policy.force_open, set(instance.sites["id"])),
        "force_closed": (policy.force_closed, set(instance.sites["id"])),
        "hub_types": (policy.hub_types, {item.id for item in structure.hub_types}),
        "targets": (policy.targets, {item.id for item in structure.service.targets}),
        "limits": (policy.limits, set(instance.arcs["leg"])),
    }
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
    both = set(policy.force_open) & set(policy.force_closed)
    problems += [
        Problem("policy", f"site {site!r} is forced open and closed", "take it from one of the two lists", value=site)
        for site in sorted(both)
    ]
    return problems


def _with_counts(instance: Instance, policy: Policy) -> Instance:
    def changed(rule: Any, count: Count) -> Any:
        return rule.model_copy(update={k: v for k, v in count.model_dump().items() if v is not None})

    levels = dict(instance.structure.levels)
    for level, count in policy.levels.items():
        levels[level] = changed(levels.get(level, LevelRule()), count)
    hub_types = tuple(
        changed(item, policy.hub_types[item.id]) if item.id in policy.hub_types else item
        for item in instance.structure.hub_types
    )
    structure = instance.structure.model_copy(update={"levels": levels, "hub_types": hub_types})
    return replace(instance, structure=structure)


def _with_service(instance: Instance, policy: Policy) -> Instance:
    def given(change: Record) -> dict[str, float]:
        return {key: value for key, value in change.model_dump().items() if value is not None}

    service = instance.structure.service
    limits = {limit.leg: limit for limit in service.limits}
    for leg, limit_change in policy.limits.items():
        limits[leg] = limits.get(leg, ServiceLimit(leg=leg)).model_copy(update=given(limit_change))
    targets: list[ServiceTarget] = []
    for target in service.targets:
        target_change = policy.targets.get(target.id)
        targets.append(target if target_change is None else target.model_copy(update=given(target_change)))
    service = service.model_copy(update={"limits": tuple(limits.values()), "targets": tuple(targets)})
    return replace(instance, structure=instance.structure.model_copy(update={"service": service}))


def _with_tables(instance: Instance, policy: Policy) -> Instance:
    sites = instance.sites.copy()
    sites.loc[sites["id"].isin(policy.force_open), "forced"] = "open"
    sites.loc[sites["id"].isin(policy.force_closed), "forced"] = "closed"
    demand = instance.demand.assign(t_d=instance.demand["t_d"] * policy.demand_factor)
    land = instance.land
    for key, limit in policy.land_ha.items():
        scope, _, name = key.partition(":")
        rest = land[~((land["scope"] == scope) & (land["id"] == name))]
        row = {"scope": scope, "id": name, "limit_ha": float(limit), "source": "policy", "reliability": "assumption"}
        land = pd.concat([rest, pd.DataFrame([row])], ignore_index=True) if len(rest) else pd.DataFrame([row])
    return instance.with_tables(sites=sites, demand=demand, land=land)


def apply(instance: Instance, policy: Policy) -> Instance:
    """The effective instance: ``instance`` with the policy's changes.

    Raises
    ------
    InputError
        If the policy names sites, types, legs or targets that the instance does not have.
    """
    problems = _unknown_names(instance, policy)
    if problems:
        raise InputError(problems)
    changed = _with_tables(_with_service(_with_counts(instance, policy), policy), policy)
    commodities = tuple(
        item.model_copy(update={"unmet_cny_t": item.unmet_cny_t * policy.unmet_factor})
        for item in changed.structure.commodities
    )
    info = changed.info
    if policy.carbon_price_cny_t is not None:
        info = info.model_copy(update={"carbon_price_cny_t": policy.carbon_price_cny_t})
    return replace(
        changed, structure=changed.structure.model_copy(update={"commodities": commodities, "instance": info})
    )
