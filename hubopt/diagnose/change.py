"""Limits with other figures: in the policy what it can say, the rest in a changed copy of the instance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from hubopt.diagnose.limits import Limit
from hubopt.instance import Instance, Policy
from hubopt.instance.policy import Count, LevelChange, LimitChange, ResilienceChange, TargetChange
from hubopt.instance.types import Structure

UNMET_CNY_T = 100_000.0
"""Penalty of a tonne not carried where the instance has none, because all had to be."""


@dataclass(frozen=True)
class Change:
    """One limit with a new figure."""

    limit: Limit
    value: float

    @property
    def scaled(self) -> float:
        """Size of the change in scaled units (1: as much as the figure itself, for shares all of it)."""
        return self.limit.scaled(self.value - self.limit.value)


def _with(items: Mapping[Any, Any], key: str, empty: Any, **figures: Any) -> dict[Any, Any]:
    return {**items, key: items.get(key, empty).model_copy(update=figures)}


def _in_phase(policy: Policy, period: str, update: Mapping[str, Any]) -> Policy:
    phases = tuple(
        item.model_copy(update={**update, "target_shares": {**item.target_shares, **update.get("target_shares", {})}})
        if item.id == period
        else item
        for item in policy.phases
    )
    return policy.model_copy(update={"phases": phases})


def _policy_with(policy: Policy, limit: Limit, value: float) -> Policy:
    family, _, rest = limit.id.partition(".")
    number: Any = round(value) if limit.whole else value
    if family in ("force_open", "force_closed"):
        return policy.model_copy(update={family: tuple(x for x in getattr(policy, family) if x != rest)})
    if family in ("levels", "hub_types", "presence", "limits", "targets"):
        name, _, field = rest.rpartition(".")
        empty = {"levels": LevelChange(), "limits": LimitChange(), "targets": TargetChange()}.get(family, Count())
        return policy.model_copy(update={family: _with(getattr(policy, family), name, empty, **{field: number})})
    if family in ("land_ha", "mode_capacity_t_d"):
        return policy.model_copy(update={family: {**getattr(policy, family), rest: number}})
    if family == "resilience":
        change: ResilienceChange = policy.resilience.model_copy(update={rest: number})
        return policy.model_copy(update={"resilience": change})
    if family == "phases":
        period, field = limit.names["period"], rest[len(limit.names["period"]) + 1 :]
        if field.startswith("target_shares."):
            return _in_phase(policy, period, {"target_shares": {limit.names["target"]: number}})
        return _in_phase(policy, period, {field: number})
    return policy.model_copy(update={family: number})


def _records(items: Iterable[Any], chosen: str, **figures: Any) -> tuple[Any, ...]:
    return tuple(item.model_copy(update=figures) if item.id == chosen else item for item in items)


def _structure_with(structure: Structure, limit: Limit, value: float) -> Structure:
    if limit.kind == "single-sourcing":
        legs = tuple(leg for leg in structure.service.single_sourcing if leg != limit.names["leg"])
        return structure.model_copy(update={"service": structure.service.model_copy(update={"single_sourcing": legs})})
    if limit.kind == "must-be-met":
        penalties = [item.unmet_cny_t for item in structure.commodities]
        own = next(item for item in structure.commodities if item.id == limit.names["commodity"])
        penalty = own.unmet_cny_t or max(penalties) or UNMET_CNY_T
        return structure.model_copy(
            update={"commodities": _records(structure.commodities, own.id, must_be_met=False, unmet_cny_t=penalty)}
        )
    if limit.kind == "target-share":
        targets = _records(structure.service.targets, limit.names["target"], share=value)
        return structure.model_copy(update={"service": structure.service.model_copy(update={"targets": targets})})
    period = limit.names["period"]
    if "target" in limit.names:
        shares = next(item for item in structure.periods if item.id == period).target_shares
        periods = _records(structure.periods, period, target_shares={**shares, limit.names["target"]: value})
    else:
        periods = _records(structure.periods, period, **{limit.id.rpartition(".")[2]: value})
    return structure.model_copy(update={"periods": periods})


def _parameters_with(instance: Instance, name: str, value: float) -> pd.DataFrame:
    """The parameters table with another value, whose range is widened to hold it."""
    table = instance.parameters.copy()
    row = table["name"] == name
    table.loc[row, "value"] = value
    table.loc[row & (table["low"] > value), "low"] = value
    table.loc[row & (table["high"] < value), "high"] = value
    return table


_CELLS = {
    "gateway-capacity": ("gateways", ("id",), ("gateway",)),
    "gateway-min-share": ("admissions", ("commodity", "gateway"), ("commodity", "gateway")),
    "gateway-max-share": ("admissions", ("commodity", "gateway"), ("commodity", "gateway")),
    "terminal-capacity": ("terminals", ("node", "mode"), ("node", "mode")),
    "forced-open": ("sites", ("id",), ("site",)),
    "forced-closed": ("sites", ("id",), ("site",)),
    "must-stay": ("existing", ("site",), ("site",)),
}
"""Kinds whose figures are cells: the table, its key columns and the names that they hold."""


def _instance_with(instance: Instance, limit: Limit, value: float) -> Instance:
    if limit.kind in _CELLS:
        name, columns, names = _CELLS[limit.kind]
        table = instance.table(name).copy()
        row = pd.Series(True, index=table.index)
        for column, sort in zip(columns, names, strict=True):
            row &= table[column] == limit.names[sort]
        cell: Any = {"sites": "", "existing": True}.get(name, value)
        table.loc[row, limit.place.key] = cell
        return instance.with_tables(**{name: table})
    changed = replace(instance, structure=_structure_with(instance.structure, limit, value))
    figure = limit.id if limit.id.startswith("periods.") else f"service.{limit.id}"
    if figure in set(instance.parameters["name"]):
        changed = changed.with_tables(parameters=_parameters_with(instance, figure, value))
    return changed


def changed(instance: Instance, policy: Policy, changes: Iterable[Change]) -> tuple[Instance, Policy]:
    """The case with other figures for some limits; the instance is the same object where no table had to change."""
    for change in changes:
        if change.limit.in_policy:
            policy = _policy_with(policy, change.limit, change.value)
        else:
            instance = _instance_with(instance, change.limit, change.value)
    return instance, policy
