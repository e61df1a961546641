"""What a user may loosen: every limit of an instance under a policy, its value, its unit and where it stands."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hubopt.diagnose.places import Place, Places
from hubopt.instance import Instance, Policy, apply, rows
from hubopt.instance.policy import Count, LevelChange, LimitChange
from hubopt.model.ways import is_exchange_leg

SWITCH_COST = 2.0
"""Scaled change of giving up single sourcing on a leg: the link of a zone to one facility is a way of working."""

SHARE_STEP, COUNT_STEP = 0.001, 1.0


@dataclass(frozen=True)
class Limit:
    """A figure that bounds the network.

    Attributes
    ----------
    id
        Dotted name, which a policy key or a parameter may have too.
    kind
        Word for the text that names it.
    names
        Identifiers of what it is about, by sort (``level``, ``site``, ``gateway``, ...).
    value, unit
        The figure; for what is either asked or not, 1 with no unit.
    raises
        Whether a higher figure is looser.
    furthest
        The loosest figure that makes sense (infinite if there is none).
    scale
        Change of the figure that counts as one scaled change: the figure itself, 1 for shares.
    whole
        Whether only whole figures count.
    cost
        Scaled changes that one change by ``scale`` counts as.
    step
        Figures are rounded outward to multiples of it.
    place
        Where the figure stands now.
    in_policy
        Whether a policy can change it; otherwise the file of its place must be changed.
    """

    id: str
    kind: str
    names: dict[str, str]
    value: float
    unit: str
    raises: bool
    furthest: float
    scale: float
    step: float
    place: Place
    in_policy: bool
    whole: bool = False
    cost: float = 1.0

    @property
    def span(self) -> float:
        """Most that the figure can change."""
        return abs(self.furthest - self.value)

    @property
    def is_wish(self) -> bool:
        """Whether it is either asked or not."""
        return self.kind in ("forced-open", "forced-closed", "must-stay", "must-be-met", "single-sourcing")

    def scaled(self, change: float) -> float:
        """A change of the figure as a scaled change (dimensionless)."""
        return abs(change) / self.scale * self.cost

    @property
    def grain(self) -> float:
        """Change of the figure that one unit of its column stands for."""
        return 1.0 if self.whole else self.scale


def _count(id: str, kind: str, names: dict[str, str], value: float, raises: bool, place: Place) -> Limit:
    return Limit(
        id, kind, names, value, "sites", raises, math.inf if raises else 0.0, max(1.0, value), COUNT_STEP, place, True,
        whole=True,
    )  # fmt: skip


def _share(
    id: str, kind: str, names: dict[str, str], value: float, raises: bool, place: Place, in_policy: bool = True
) -> Limit:
    return Limit(id, kind, names, value, "-", raises, float(raises), 1.0, SHARE_STEP, place, in_policy)


def step_for(value: float) -> float:
    """A hundredth of a figure as a power of ten: what a person would round to."""
    return 10.0 ** (math.floor(math.log10(value)) - 2) if value > 0 else 0.01


def _amount(
    id: str, kind: str, names: dict[str, str], value: float, unit: str, place: Place, in_policy: bool = True
) -> Limit:
    scale = value if value > 0 else {"CNY": 1e8, "CNY/year": 1e8, "t CO2e/year": 1e3, "t/d": 100.0}.get(unit, 1.0)
    return Limit(id, kind, names, value, unit, True, math.inf, scale, step_for(scale), place, in_policy)


def _wish(id: str, kind: str, names: dict[str, str], place: Place, in_policy: bool, cost: float = 1.0) -> Limit:
    return Limit(
        id, kind, names, 1.0, "", False, 0.0, 1.0, 1.0, place, in_policy, whole=True, cost=cost
    )  # fmt: skip


@dataclass(frozen=True)
class _Case:
    instance: Instance
    policy: Policy
    effective: Instance
    places: Places

    def place(self, from_policy: bool, key: str) -> Place:
        return self.places.in_policy(key) if from_policy else self.places.in_structure(key)


def _counts(case: _Case) -> Iterator[Limit]:
    policy, structure = case.policy, case.effective.structure
    groups: list[tuple[str, str, str, Any, Count | None]] = []
    if policy.holds("level_counts"):
        groups += [
            ("levels", "level", level, rule, policy.levels.get(level)) for level, rule in structure.levels.items()
        ]
    if policy.holds("hub_types"):
        groups += [
            ("hub_types", "hub_type", item.id, item, policy.hub_types.get(item.id)) for item in structure.hub_types
        ]
    if policy.holds("presence"):
        groups += [("presence", "presence", item.id, item, policy.presence.get(item.id)) for item in structure.presence]
    for family, sort, name, rule, change in groups:
        given: Count = change or Count()
        names = {sort: str(name)}
        if sort == "presence":
            names |= {"place": rule.place, "level": rule.level or "", "hub_type": rule.hub_type or ""}
        if rule.min_open > 0:
            key = f"{family}.{name}.min_open"
            place = case.place(given.min_open is not None, key)
            yield _count(key, f"{sort}-min-open", names, rule.min_open, False, place)
        if rule.max_open is not None:
            key = f"{family}.{name}.max_open"
            place = case.place(given.max_open is not None, key)
            yield _count(key, f"{sort}-max-open", names, rule.max_open, True, place)


def _level_shares(case: _Case) -> Iterator[Limit]:
    policy = case.policy
    for level, rule in case.effective.structure.levels.items():
        change = policy.levels.get(level) or LevelChange()
        for name, kind, raises, family, loosest in (
            ("min_utilisation", "utilisation", False, "utilisation", 0.0),
            ("max_site_share", "site-share", True, "concentration", 1.0),
            ("max_operator_share", "operator-share", True, "concentration", 1.0),
        ):
            value = getattr(rule, name)
            if value != loosest and policy.holds(family):  # type: ignore[arg-type]
                key = f"levels.{level}.{name}"
                place = case.place(getattr(change, name) is not None, key)
                yield _share(key, kind, {"level": level}, value, raises, place)


def _wishes(case: _Case) -> Iterator[Limit]:
    policy = case.policy
    if policy.holds("forced_sites"):
        for row in rows(case.effective.sites):
            if row.forced:
                listed = policy.force_open if row.forced == "open" else policy.force_closed
                key = f"force_{row.forced}"
                place = (
                    case.places.in_policy(key)
                    if row.id in listed
                    else case.places.in_table("sites", "forced", id=row.id)
                )
                yield _wish(f"{key}.{row.id}", f"forced-{row.forced}", {"site": row.id}, place, row.id in listed)
    if policy.holds("existing_must_stay"):
        for row in rows(case.effective.existing):
            if not row.may_close:
                place = case.places.in_table("existing", "may_close", site=row.site)
                yield _wish(f"existing.{row.site}.may_close", "must-stay", {"site": row.site}, place, False)
    for item in case.effective.structure.commodities:
        if item.must_be_met:
            key = f"commodities.{item.id}.must_be_met"
            yield _wish(key, "must-be-met", {"commodity": item.id}, case.places.in_structure(key), False)
    if policy.holds("single_sourcing"):
        needed = any(
            item.kind == "delivery"
            for item in case.effective.structure.service.targets
            if policy.holds("service_targets")
        )
        for leg in () if needed else case.effective.structure.service.single_sourcing:
            place = case.places.in_structure("service.single_sourcing")
            yield _wish(f"single_sourcing.{leg}", "single-sourcing", {"leg": leg}, place, False, SWITCH_COST)


def _land(case: _Case) -> Iterator[Limit]:
    if not case.policy.holds("land"):
        return
    for row in rows(case.effective.land):
        key = f"{row.scope}:{row.id}"
        place = (
            case.places.in_policy(f"land_ha.{key}")
            if key in case.policy.land_ha
            else case.places.in_table("land", "limit_ha", scope=row.scope, id=row.id)
        )
        kind = "land-total" if row.scope == "total" else "land"
        names = {"scope": row.scope, "place": row.id}
        yield _amount(f"land_ha.{key}", kind, names, float(row.limit_ha), "ha", place)


def _gateways(case: _Case) -> Iterator[Limit]:
    policy, closed = case.policy, set(case.policy.closed_gateways)
    if policy.holds("gateway_capacity"):
        for row in rows(case.effective.gateways):
            if not math.isnan(row.capacity_t_d) and row.id not in closed:
                place = case.places.in_table("gateways", "capacity_t_d", id=row.id)
                key = f"gateways.{row.id}.capacity_t_d"
                yield _amount(
                    key, "gateway-capacity", {"gateway": row.id}, float(row.capacity_t_d), "t/d", place, False
                )
    if not policy.holds("gateway_shares"):
        return
    # a closed gateway raises the largest shares of the others, which are then no figures of the table
    touched = {row.commodity for row in rows(case.instance.admissions) if row.gateway in closed}
    for row in rows(case.effective.admissions):
        if row.commodity in touched:
            continue
        names = {"commodity": row.commodity, "gateway": row.gateway}
        for column, bound, kind, raises in (
            ("min_share", 0.0, "gateway-min-share", False),
            ("max_share", 1.0, "gateway-max-share", True),
        ):
            value = float(getattr(row, column))
            if value != bound and not math.isnan(value):
                place = case.places.in_table("admissions", column, **names)
                key = f"admissions.{row.commodity}.{row.gateway}.{column}"
                yield _share(key, kind, names, value, raises, place, False)


def _modes(case: _Case) -> Iterator[Limit]:
    if not case.policy.holds("mode_capacity"):
        return
    for item in case.effective.structure.modes:
        if item.capacity_t_d is not None:
            given = item.id in case.policy.mode_capacity_t_d
            key = f"mode_capacity_t_d.{item.id}"
            place = case.places.in_policy(key) if given else case.places.in_structure(f"modes.{item.id}.capacity_t_d")
            yield _amount(key, "mode-capacity", {"mode": item.id}, item.capacity_t_d, "t/d", place)
    for row in rows(case.effective.terminals):
        place = case.places.in_table("terminals", "capacity_t_d", node=row.node, mode=row.mode)
        names = {"node": row.node, "mode": row.mode}
        key = f"terminals.{row.node}.{row.mode}.capacity_t_d"
        yield _amount(key, "terminal-capacity", names, float(row.capacity_t_d), "t/d", place, False)


def period_figure(instance: Instance, policy: Policy, name: str, period: str) -> tuple[str, bool]:
    """Id of the limit behind a period's budget or cap called ``name``, and whether the policy can change it."""
    if policy.phases:
        phase = next(item for item in policy.phases if item.id == period)
        return (name if getattr(phase, name) is None else f"phases.{period}.{name}"), True
    own = next(item for item in instance.structure.periods if item.id == period)
    return (name, True) if getattr(own, name) is None else (f"periods.{period}.{name}", False)


def _money(case: _Case) -> Iterator[Limit]:
    policy, seen = case.policy, set()
    for name, kind, unit, family in (
        ("capital_budget_cny", "capital-budget", "CNY", "capital_budget"),
        ("carbon_cap_t_year", "carbon-cap", "t CO2e/year", "carbon_cap"),
    ):
        for item in case.effective.structure.periods:
            value = getattr(item, name)
            if value is None or not policy.holds(family):  # type: ignore[arg-type]
                continue
            key, in_policy = period_figure(case.instance, policy, name, item.id)
            if key not in seen:
                seen.add(key)
                names = {"period": item.id} if "." in key else {}
                words = f"{kind}-period" if names else kind
                yield _amount(key, words, names, value, unit, case.place(in_policy, key), in_policy)
    if policy.cost_cap_cny_year is not None and policy.holds("cost_cap"):
        place = case.places.in_policy("cost_cap_cny_year")
        yield _amount("cost_cap_cny_year", "cost-cap", {}, policy.cost_cap_cny_year, "CNY/year", place)


def _policy_shares(case: _Case) -> Iterator[Limit]:
    policy = case.policy
    if policy.unmet_share_max is not None and policy.holds("unmet_cap"):
        place = case.places.in_policy("unmet_share_max")
        yield _share("unmet_share_max", "unmet-cap", {}, policy.unmet_share_max, True, place)
    if policy.stock_share_min is not None and policy.holds("stock"):
        place = case.places.in_policy("stock_share_min")
        yield _share("stock_share_min", "stock-share", {}, policy.stock_share_min, False, place)
    if policy.holds("resilience"):
        for name, kind in (("hub_outage_share", "hub-outage"), ("gateway_outage_share", "gateway-outage")):
            value = getattr(case.effective.structure.resilience, name)
            if value > 0:
                key = f"resilience.{name}"
                place = case.place(getattr(policy.resilience, name) is not None, key)
                yield _share(key, kind, {}, value, False, place)


def target_figure(instance: Instance, policy: Policy, target: str, period: str) -> tuple[str, bool, bool]:
    """Id of the limit behind a target's share in a period, whether the policy has it, and whether it can change it."""
    own = f"targets.{target}.share"
    if policy.phases:
        phase = next(item for item in policy.phases if item.id == period)
        if target in phase.target_shares:
            return f"phases.{period}.target_shares.{target}", True, True
    change = policy.targets.get(target)
    if change is not None and change.share is not None:
        return own, True, True
    if policy.phases:
        return own, False, True
    periods = {item.id: item for item in instance.structure.periods}
    if target in periods[period].target_shares:
        return f"periods.{period}.target_shares.{target}", False, False
    # a share in the policy would hold in all periods, those with a share of their own too
    return own, False, not any(target in item.target_shares for item in periods.values())


def _targets(case: _Case) -> Iterator[Limit]:
    if not case.policy.holds("service_targets"):
        return
    seen = set()
    for target in case.effective.structure.service.targets:
        for period in case.effective.structure.periods:
            share = period.target_shares.get(target.id, target.share)
            if share <= 0:
                continue
            key, from_policy, in_policy = target_figure(case.instance, case.policy, target.id, period.id)
            if key in seen:
                continue
            seen.add(key)
            names = {"target": target.id}
            if not key.startswith("targets."):
                names["period"] = period.id
            given = key if from_policy or not key.startswith("targets.") else f"service.{key}"
            kind = "target-share-period" if "period" in names else "target-share"
            yield _share(key, kind, names, share, False, case.place(from_policy, given), in_policy)


def _reaches(case: _Case) -> Iterator[Limit]:
    if not case.policy.holds("service_limits"):
        return
    known = set(case.effective.arcs["leg"])
    for limit in case.effective.structure.service.limits:
        if limit.leg not in known or is_exchange_leg(limit.leg):
            continue
        change = case.policy.limits.get(limit.leg) or LimitChange()
        for name, unit in (("max_km", "km"), ("max_minutes", "min")):
            value = getattr(limit, name)
            if value is None:
                continue
            key = f"limits.{limit.leg}.{name}"
            given = getattr(change, name) is not None
            place = case.places.in_policy(key) if given else case.places.in_structure(f"service.{key}")
            kind = name.replace("_", "-")
            yield Limit(
                key, kind, {"leg": limit.leg}, value, unit, True, math.inf, value, 0.1 if value >= 1 else 0.001, place,
                True,
            )  # fmt: skip


_SORTS = (_counts, _level_shares, _wishes, _land, _gateways, _modes, _money, _policy_shares, _targets, _reaches)


def limits_of(instance: Instance, policy: Policy, places: Places | None = None) -> tuple[Limit, ...]:
    """Every limit of an instance under a policy that a user may loosen.

    Raises
    ------
    InputError
        If the policy does not fit the instance.
    """
    case = _Case(instance, policy, apply(instance, policy), places or Places(instance))
    return tuple(limit for sort in _SORTS for limit in sort(case))
