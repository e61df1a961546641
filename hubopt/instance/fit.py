"""Whether a policy fits an instance: names that exist, figures that do not contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hubopt.instance.errors import Problem, choose_from
from hubopt.instance.policy import Count, Policy
from hubopt.instance.rules.cells import BEYOND, LARGEST, LOOK, leaves_of
from hubopt.instance.rules.periods import overlapping
from hubopt.instance.rules.references import EXCHANGE_LEGS
from hubopt.instance.types import HubType, Instance, LevelRule, Presence

FILE = "policy"
"""What problems of a policy give as their file; it need not come from one."""

_TOLERANCE = 1e-9


def names_exist(instance: Instance, policy: Policy) -> Iterator[Problem]:
    """Everything that the policy names is in the instance."""
    structure = instance.structure
    commodities = {item.id for item in structure.commodities}
    sites, targets = set(instance.sites["id"]), {item.id for item in structure.service.targets}
    known: dict[str, tuple[Iterable[str], set[str]]] = {
        "force_open": (policy.force_open, sites),
        "force_closed": (policy.force_closed, sites),
        "hub_types": (policy.hub_types, {item.id for item in structure.hub_types}),
        "targets": (policy.targets, targets),
        "charges.targets": (policy.charges.targets, targets),
        "limits": (policy.limits, set(instance.arcs["leg"]) - set(EXCHANGE_LEGS)),
        "closed_gateways": (policy.closed_gateways, set(instance.gateways["id"])),
        "presence": (policy.presence, {item.id for item in structure.presence}),
        "mode_capacity_t_d": (policy.mode_capacity_t_d, {item.id for item in structure.modes}),
        "demand_factors": (policy.demand_factors, commodities),
        "land_ha": (policy.land_ha, _scopes(instance)),
    }
    for phase in policy.phases:
        known[f"phases.{phase.id}.demand_factors"] = (phase.demand_factors, commodities)
        known[f"phases.{phase.id}.target_shares"] = (phase.target_shares, targets)
    for where, (used, names) in known.items():
        for value in used:
            if value not in names:
                message = f"names {value!r}, which the instance does not have"
                yield Problem(FILE, message, choose_from(value, names), column=where, value=value)


def _scopes(instance: Instance) -> set[str]:
    """What land can be limited for, as 'scope:id'."""
    places = {
        f"{scope}:{place}" for scope in ("district", "city", "parcel") for place in instance.sites[scope] if place
    }
    return places | {"total:total"}


def phases_follow_each_other(instance: Instance, policy: Policy) -> Iterator[Problem]:
    """Phases have names of their own, come in the order of their years and do not overlap."""
    names = [phase.id for phase in policy.phases]
    for name in sorted({name for name in names if names.count(name) > 1}):
        message = f"phase {name!r} occurs more than once"
        yield Problem(FILE, message, "rename one of them", column="phases", value=name)
    yield from overlapping(policy.phases, FILE, "phases")


def forced_sites_agree(instance: Instance, policy: Policy) -> Iterator[Problem]:
    """No site is forced open and closed, and none is forced closed whose facility must stay."""
    for site in sorted(set(policy.force_open) & set(policy.force_closed)):
        message = f"site {site!r} is forced open and closed"
        yield Problem(FILE, message, "take it from one of the two lists", column="force_closed", value=site)
    if policy.holds("existing_must_stay") and policy.holds("forced_sites"):
        must_stay = set(instance.existing.loc[~instance.existing["may_close"], "site"])
        for site in sorted(set(policy.force_closed) & must_stay):
            message = f"closes site {site!r}, whose facility may not close"
            mend = "take it from the list, or switch existing_must_stay off"
            yield Problem(FILE, message, mend, column="force_closed", value=site)


def counts_do_not_cross(instance: Instance, policy: Policy) -> Iterator[Problem]:
    """With the policy's changes, the least number of open sites is still not above the largest."""
    structure = instance.structure
    rules: list[tuple[str, LevelRule | HubType | Presence, Count]] = []
    for name, level_change in policy.levels.items():
        rules.append((f"levels.{name}", structure.levels.get(name, LevelRule()), level_change))
    for hub_type in structure.hub_types:
        if hub_type.id in policy.hub_types:
            rules.append((f"hub_types.{hub_type.id}", hub_type, policy.hub_types[hub_type.id]))
    for presence in structure.presence:
        if presence.id in policy.presence:
            rules.append((f"presence.{presence.id}", presence, policy.presence[presence.id]))
    for where, rule, change in rules:
        least = rule.min_open if change.min_open is None else change.min_open
        most = rule.max_open if change.max_open is None else change.max_open
        if most is not None and least > most:
            message = f"leaves min_open ({least}) above max_open ({most})"
            yield Problem(
                FILE, message, "change the other one too", column=where, value=change.model_dump(exclude_none=True)
            )


def partners_grow_alike(instance: Instance, policy: Policy) -> Iterator[Problem]:
    """In-city goods as delivered and as collected are multiplied by the same factors."""
    if not policy.holds("exchange"):
        return
    for item in instance.structure.commodities:
        partner = item.exchange_with
        if partner is None:
            continue
        factors = {"": (policy.demand_factors.get(item.id, 1.0), policy.demand_factors.get(partner, 1.0))}
        for phase in policy.phases:
            own, other = (phase.demand_factors.get(name, phase.demand_factor) for name in (item.id, partner))
            factors[f"phases.{phase.id}."] = (own, other)
        for where, (own, other) in factors.items():
            if abs(own - other) > _TOLERANCE * max(own, other):
                message = f"multiplies {item.id!r} by {own:g} but {partner!r}, with which it exchanges, by {other:g}"
                yield Problem(FILE, message, "give both the same factor", column=f"{where}demand_factors", value=own)


def chain_limits_stay(instance: Instance, policy: Policy) -> Iterator[Problem]:
    """The limit of a target from end to end is shared out among legs, so that a policy cannot change it alone."""
    for target in instance.structure.service.targets:
        change = policy.targets.get(target.id)
        if target.kind == "chain" and change is not None and change.limit is not None:
            message = "changes a limit that the instance shares out among legs (budget_minutes)"
            mend = "change the share here, or limit and budgets in the instance"
            yield Problem(FILE, message, mend, column=f"targets.{target.id}.limit", value=change.limit)


def closed_gateways_are_closed(instance: Instance, policy: Policy) -> Iterator[Problem]:
    """Gateways are closed by their capacity, which therefore has to hold."""
    if policy.closed_gateways and not policy.holds("gateway_capacity"):
        message = "has no effect while gateway_capacity is switched off"
        mend = "take gateway_capacity from off"
        yield Problem(FILE, message, mend, column="closed_gateways", value=list(policy.closed_gateways))


def figures_can_be_reckoned_with(instance: Instance, policy: Policy) -> Iterator[Problem]:
    """No figure is so large that sums and products of it leave what a solver can hold."""
    for where, value in leaves_of(policy.model_dump(mode="json"), ""):
        if not isinstance(value, str) and abs(value) > LARGEST:
            yield Problem(FILE, BEYOND, LOOK, column=where, value=value)


CHECKS: tuple[Callable[[Instance, Policy], Iterator[Problem]], ...] = (
    names_exist,
    phases_follow_each_other,
    forced_sites_agree,
    counts_do_not_cross,
    partners_grow_alike,
    chain_limits_stay,
    closed_gateways_are_closed,
    figures_can_be_reckoned_with,
)
"""All checks, in the order in which their problems are listed."""


def misfits(instance: Instance, policy: Policy) -> list[Problem]:
    """All problems of applying ``policy`` to ``instance``; an empty list means that it fits."""
    return [problem for check in CHECKS for problem in check(instance, policy)]
