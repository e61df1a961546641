"""Rules on targets from end to end: the minutes of their legs add up to no more than the limit."""

from __future__ import annotations

from collections.abc import Iterator

from hubopt.instance.draft import TOML, Draft
from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.types import Commodity, LevelRule, ServiceTarget, Structure

_TOLERANCE = 1e-9


def _targets(draft: Draft) -> Iterator[ServiceTarget]:
    """Targets of kind ``chain``."""
    if draft.structure is not None:
        yield from (target for target in draft.structure.service.targets if target.kind == "chain")


def counted(structure: Structure, target: ServiceTarget) -> list[Commodity]:
    """Commodities that a chain target counts: those listed, or all whose chain starts at its level."""
    if target.commodities is not None:
        return [item for item in structure.commodities if item.id in target.commodities]
    return [item for item in structure.commodities if item.chain[0] == target.level]


def _travelled(draft: Draft, item: Commodity) -> list[str]:
    """Legs that a tonne travels from end to end; in-city goods pass those below the exchange twice."""
    if item.exchange_with is not None:
        return [*item.legs, item.exchange_leg, *item.legs]
    admitted = item.id in draft.values("admissions", "commodity")
    return [item.gateway_leg, *item.legs] if admitted else list(item.legs)


def minutes_of(draft: Draft, target: ServiceTarget, item: Commodity) -> float:
    """Minutes that a tonne of the commodity may take within the budgets: legs, and dwell in every facility passed."""
    levels = draft.structure.levels if draft.structure else {}
    dwell = sum(levels.get(level, LevelRule()).dwell_minutes for level in item.chain)
    passes = 2 if item.exchange_with is not None else 1
    return sum(target.budget_minutes.get(leg, 0.0) for leg in _travelled(draft, item)) + passes * dwell


def chain_targets_are_in_minutes(draft: Draft) -> Iterator[Problem]:
    """A target from end to end is measured in minutes."""
    for target in _targets(draft):
        if target.measure != "minutes":
            where = f"service.targets.{target.id}.measure"
            yield Problem(TOML, "a chain is measured in minutes", "write minutes", column=where, value=target.measure)


def chain_targets_start_where_their_goods_do(draft: Draft) -> Iterator[Problem]:
    """The level of a target from end to end is the first that its commodities pass."""
    for target in _targets(draft):
        for item in counted(draft.structure, target) if draft.structure else ():
            if item.chain[0] != target.level:
                message = f"is not the first level of {item.id!r} ({item.chain[0]})"
                mend = "name the first level, or take the commodity from the list"
                yield Problem(TOML, message, mend, column=f"service.targets.{target.id}.level", value=target.level)


def budgets_are_of_legs_that_are_travelled(draft: Draft) -> Iterator[Problem]:
    """Minutes are shared out among legs of the target's commodities, and only by targets from end to end."""
    if draft.structure is None:
        return
    for target in draft.structure.service.targets:
        where = f"service.targets.{target.id}.budget_minutes"
        if target.kind != "chain":
            if target.budget_minutes:
                message = f"is given for a target of kind {target.kind!r}"
                yield Problem(TOML, message, "remove it", column=where, value=dict(target.budget_minutes))
            continue
        legs = {leg for item in counted(draft.structure, target) for leg in _travelled(draft, item)}
        for leg, minutes in target.budget_minutes.items():
            if legs and leg not in legs:
                message = "is no leg of the target's commodities"
                yield Problem(TOML, message, choose_from(leg, legs), column=where, value=leg)
            if minutes < 0:
                yield Problem(TOML, "is negative", "give minutes", column=f"{where}.{leg}", value=minutes)
        if not target.budget_minutes:
            yield Problem(TOML, "shares out no minutes", "give minutes by leg", column=where, value=target.kind)


def budgets_keep_the_limit(draft: Draft) -> Iterator[Problem]:
    """The minutes of the legs and the dwell times passed make up the limit at most."""
    for target in _targets(draft):
        for item in counted(draft.structure, target) if draft.structure else ():
            total = minutes_of(draft, target, item)
            if item.chain[0] == target.level and total > target.limit * (1 + _TOLERANCE):
                message = f"is below the minutes that {item.id!r} may take by its legs and dwell times ({total:g})"
                mend = "lower budgets or dwell times, or raise the limit"
                yield Problem(TOML, message, mend, column=f"service.targets.{target.id}.limit", value=target.limit)


RULES = (
    chain_targets_are_in_minutes,
    chain_targets_start_where_their_goods_do,
    budgets_are_of_legs_that_are_travelled,
    budgets_keep_the_limit,
)
