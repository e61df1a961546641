"""Rules on service: legs that limits name, what a target needs to be measured."""

from __future__ import annotations

from collections.abc import Iterator

from hubopt.instance.draft import TOML, Draft
from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.rules.references import EXCHANGE_LEGS, LEGS
from hubopt.instance.types import LEVELS, Commodity, ServiceTarget


def legs_of_the_service_are_known(draft: Draft) -> Iterator[Problem]:
    """Single sourcing and limits name legs."""
    if draft.structure is None:
        return
    service = draft.structure.service
    used = [("service.single_sourcing", leg) for leg in service.single_sourcing]
    used += [("service.limits", limit.leg) for limit in service.limits]
    for where, leg in used:
        if leg not in LEGS:
            yield Problem(TOML, "is not a leg (upper end first)", choose_from(leg, LEGS), column=where, value=leg)


def _targets(draft: Draft, *kinds: str) -> Iterator[ServiceTarget]:
    if draft.structure is not None:
        yield from (target for target in draft.structure.service.targets if target.kind in kinds)


def legs_of(target: ServiceTarget) -> tuple[str, ...]:
    """Legs whose arcs a target is measured on."""
    if target.kind == "access":
        return (f"{target.level}-zone",)
    if target.kind == "chain":
        return tuple(target.budget_minutes)
    return (f"{target.level}-station", "station-zone")


def delivery_targets_start_above_the_station(draft: Draft) -> Iterator[Problem]:
    """A delivery target is in minutes and its level lies above the station."""
    for target in _targets(draft, "delivery"):
        where = f"service.targets.{target.id}"
        if target.level == "station":
            mend = "name the level that feeds the stations"
            yield Problem(
                TOML, "a delivery does not start at a station", mend, column=f"{where}.level", value="station"
            )
        if target.measure != "minutes":
            mend = "write minutes"
            yield Problem(TOML, "a delivery is measured in minutes", mend, column=f"{where}.measure", value="km")


def delivery_targets_are_single_sourced(draft: Draft) -> Iterator[Problem]:
    """The legs of a delivery target are single-sourced, so that each zone has one way."""
    for target in _targets(draft, "delivery"):
        sourced = draft.structure.service.single_sourcing if draft.structure else ()
        for leg in legs_of(target):
            if target.level != "station" and leg not in sourced:
                message = f"needs single sourcing on leg {leg!r}"
                mend = "add it to service.single_sourcing"
                yield Problem(TOML, message, mend, column=f"service.targets.{target.id}", value=target.kind)


def targets_have_arcs(draft: Draft) -> Iterator[Problem]:
    """There are arcs on the legs on which a target is measured."""
    if not draft.knows("arcs", "leg"):
        return
    present = draft.values("arcs", "leg")
    for target in _targets(draft, "access", "delivery", "chain"):
        for leg in legs_of(target):
            if leg in LEGS + EXCHANGE_LEGS and leg not in present:
                message = f"is measured on leg {leg!r}, which has no arcs"
                mend = "add the arcs or remove the target"
                yield Problem(TOML, message, mend, column=f"service.targets.{target.id}", value=target.level)


def _passes(commodity: Commodity, target: ServiceTarget) -> bool:
    """Whether goods pass the levels that a target of this kind looks at."""
    if target.kind == "chain":
        return commodity.chain[0] == target.level
    wanted = {target.level} if target.kind == "access" else {target.level, LEVELS[-1]}
    return wanted <= set(commodity.chain)


def commodities_of_targets_fit(draft: Draft) -> Iterator[Problem]:
    """Commodities that a target weighs exist, there is one at least, and deliveries pass a station."""
    if draft.structure is None:
        return
    commodities = {item.id: item for item in draft.structure.commodities}
    for target in _targets(draft, "access", "delivery", "chain"):
        where = f"service.targets.{target.id}.commodities"
        for name in target.commodities or ():
            if name not in commodities:
                yield Problem(TOML, "is no commodity", choose_from(name, commodities), column=where, value=name)
            elif target.kind == "delivery" and not _passes(commodities[name], target):
                message = f"does not pass levels {target.level!r} and 'station'"
                yield Problem(TOML, message, "take it from the list", column=where, value=name)
        if not (target.commodities or [item for item in commodities.values() if _passes(item, target)]):
            message = "weighs no commodity"
            yield Problem(TOML, message, "list commodities or correct the level", column=where, value=target.level)


RULES = (
    legs_of_the_service_are_known,
    delivery_targets_start_above_the_station,
    delivery_targets_are_single_sourced,
    targets_have_arcs,
    commodities_of_targets_fit,
)
