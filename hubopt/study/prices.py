"""Prices found by solving again with a requirement relaxed: each an interval between what the two runs have proven."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from hubopt.instance import InputError, Instance, Policy, Problem, Switch, apply
from hubopt.instance.policy import Count, LevelChange
from hubopt.instance.types import Presence
from hubopt.solution import Solution
from hubopt.study.base import plan_and_objective

POINT = 0.01
"""By how much a share is lowered."""


@dataclass(frozen=True)
class Price:
    """What a requirement costs (CNY/year): between ``least`` and ``most``, whatever the runs have left unproven.

    ``objective`` and ``bound`` are those with the requirement, the ``relaxed_`` ones those without or with less of it.
    ``unit`` says for how much of the requirement; ``most`` is None while nothing bounds the relaxed run.
    """

    what: str
    unit: str
    objective: float
    bound: float | None
    relaxed_objective: float
    relaxed_bound: float | None
    least: float
    most: float | None
    status: str
    method: str = "re-solve"


@dataclass(frozen=True)
class Run:
    """How the runs are made: seconds for each, relative gap at which one stops, threads and seed."""

    seconds: float = 30.0
    gap: float = 1e-3
    threads: int = 2
    seed: int = 0


def solved(instance: Instance, policy: Policy, run: Run, start: Solution | None) -> Solution:
    """One run of :func:`hubopt.solve.solve`.

    Raises
    ------
    InputError
        If the policy does not fit the instance.
    KeyboardInterrupt
        If the run was interrupted.
    """
    from hubopt.solve import solve

    solution = solve(
        instance, policy, gap=run.gap, time_limit=run.seconds, threads=run.threads, seed=run.seed, warm_start=start
    )
    if solution.proof.limit == "interrupt":
        raise KeyboardInterrupt
    return solution


def interval(what: str, unit: str, with_it: Solution, relaxed: Solution) -> Price:
    """The price as an interval: the relaxed optimum is at most either objective, the other at least either bound.

    Raises
    ------
    ValueError
        If ``with_it`` has no objective.
    """
    sign = 1 if with_it.proof.sense == "min" else -1

    def minimised(value: float | None) -> float | None:
        return None if value is None else sign * value

    objective, bound = minimised(with_it.proof.objective), minimised(with_it.proof.bound)
    if objective is None:
        raise ValueError("the result has no objective")
    below, above = minimised(relaxed.proof.bound), minimised(relaxed.proof.objective)
    above = objective if above is None or relaxed.proof.status == "error" else min(above, objective)
    below = None if below is None else min(below, above)
    known = [value for value in (bound, below) if value is not None]
    return Price(
        what, unit, sign * objective, minimised(bound), sign * above, minimised(below),
        least=max(0.0, max(known) - above) if known else 0.0,
        most=None if below is None else objective - below,
        status=relaxed.proof.status,
    )  # fmt: skip


def family_of(name: str, policy: Policy) -> Switch:
    """``name`` as a family of requirements that ``policy`` holds.

    Raises
    ------
    InputError
        If there is no such family, or it is off already.
    """
    for family in get_args(Switch):
        if name == family:
            if not policy.holds(family):
                raise InputError(
                    [Problem("--price-of", f"{name!r} is off in the result's policy", "name one that holds")]
                )
            return family  # type: ignore[no-any-return]
    raise InputError([Problem("--price-of", f"{name!r} is no family of requirements", _families())])


def _families() -> str:
    return "name one of " + ", ".join(get_args(Switch))


def price_of_family(instance: Instance, solution: Solution, family: Switch, run: Run) -> Price:
    """What a family of requirements costs: the result against a run with the family switched off.

    Raises
    ------
    InputError
        If the result does not belong to the instance, or the policy does not work without the family.
    """
    plan_and_objective(instance, solution)
    policy = solution.policy.model_copy(update={"off": (*solution.policy.off, family)})
    return interval(family, "all of it", solution, solved(instance, policy, run, solution))


def _lowered(shares: Mapping[str, float], target: str) -> dict[str, float]:
    return {name: max(0.0, share - POINT) if name == target else share for name, share in shares.items()}


def _with_lower_share(instance: Instance, policy: Policy, target: str) -> tuple[Instance, Policy]:
    """The case with one service target lower by one point wherever its share is given."""

    def items(given: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(item.model_copy(update={"target_shares": _lowered(item.target_shares, target)}) for item in given)

    structure = instance.structure
    targets = tuple(
        item.model_copy(update={"share": max(0.0, item.share - POINT)}) if item.id == target else item
        for item in structure.service.targets
    )
    service = structure.service.model_copy(update={"targets": targets})
    changed = structure.model_copy(update={"service": service, "periods": items(structure.periods)})
    changes = dict(policy.targets)
    if (change := changes.get(target)) is not None and change.share is not None:
        changes[target] = change.model_copy(update={"share": max(0.0, change.share - POINT)})
    return (
        replace(instance, structure=changed),
        policy.model_copy(update={"targets": changes, "phases": items(policy.phases)}),
    )


def _counts(instance: Instance, solution: Solution) -> Iterator[tuple[str, Policy]]:
    """(what, policy) for every number of open sites of a level or hub type that is at its limit, relaxed by one."""
    policy, structure = solution.policy, apply(instance, solution.policy).structure
    assert solution.plan is not None
    standing = solution.plan.facilities[solution.plan.facilities["modules"] > 0]
    hub_type = standing["site"].map(instance.sites.set_index("id")["hub_type"])
    if policy.holds("level_counts"):
        for level, rule in structure.levels.items():
            rows = standing[standing["level"] == level]
            for field, value in _at_limit(rows.groupby("period")["site"].nunique(), rule.min_open, rule.max_open):
                old = policy.levels.get(level, LevelChange())
                levels = {**policy.levels, level: old.model_copy(update={field: value})}
                yield f"{field} of level {level}", policy.model_copy(update={"levels": levels})
    if policy.holds("hub_types"):
        for item in structure.hub_types:
            rows = standing[hub_type == item.id]
            for field, value in _at_limit(rows.groupby("period")["site"].nunique(), item.min_open, item.max_open):
                old_count = policy.hub_types.get(item.id, Count())
                kinds = {**policy.hub_types, item.id: old_count.model_copy(update={field: value})}
                yield f"{field} of hub type {item.id}", policy.model_copy(update={"hub_types": kinds})
    if policy.holds("presence"):
        yield from _presences(instance, policy, structure.presence, standing)


def _presences(
    instance: Instance, policy: Policy, rules: Sequence[Presence], standing: Any
) -> Iterator[tuple[str, Policy]]:
    """The same for every number of open sites of a level or hub type that a place must or may have."""
    sites = instance.sites.set_index("id")
    periods = [period.id for period in apply(instance, policy).structure.periods]
    for item in rules:
        own = standing["site"].map(sites[item.scope]) == item.place
        own &= (standing["level"] == item.level) if item.level is not None else True
        own &= (standing["site"].map(sites["hub_type"]) == item.hub_type) if item.hub_type is not None else True
        counts = standing[own].groupby("period")["site"].nunique().reindex(periods, fill_value=0)
        for field, value in _at_limit(counts, item.min_open, item.max_open):
            old = policy.presence.get(item.id, Count())
            changed = {**policy.presence, item.id: old.model_copy(update={field: value})}
            yield f"{field} of presence {item.id}", policy.model_copy(update={"presence": changed})


def _at_limit(open_sites: Any, least: int, most: int | None) -> Iterator[tuple[str, int]]:
    counts = [int(count) for count in open_sites]
    if least > 0 and counts and min(counts) <= least:
        yield "min_open", least - 1
    if most is not None and counts and max(counts) >= most:
        yield "max_open", most + 1


def prices_of_standards(instance: Instance, solution: Solution, run: Run) -> Iterator[Price]:
    """Every service target a point lower, and every count at its limit relaxed by one site, each by a run.

    Raises
    ------
    InputError
        If the result does not belong to the instance.
    KeyboardInterrupt
        If a run was interrupted.
    """
    plan_and_objective(instance, solution)
    structure = apply(instance, solution.policy).structure
    if solution.policy.holds("service_targets"):
        for target in structure.service.targets:
            shares = [period.target_shares.get(target.id, target.share) for period in structure.periods]
            if max(shares, default=target.share) > 0:
                case, policy = _with_lower_share(instance, solution.policy, target.id)
                what = f"target {target.id}"
                yield interval(what, "one percentage point of the share", solution, solved(case, policy, run, solution))
    for what, policy in _counts(instance, solution):
        yield interval(what, "one site", solution, solved(instance, policy, run, solution))
