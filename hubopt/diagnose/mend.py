"""What would mend it: the least changed limits, rounded outward, and a plan that keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import sparse

from hubopt.check import check
from hubopt.diagnose.bench import ANY_PLAN, Bench, heeding
from hubopt.diagnose.change import Change, changed
from hubopt.diagnose.elastic import Elastic
from hubopt.instance import InputError, Instance, Policy
from hubopt.model import build
from hubopt.solve import solve
from hubopt.solve.compile import compile_model
from hubopt.solve.engine.jobs import Outcome
from hubopt.solve.extract import plan_of
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import fixed_job

_SEARCH_SHARE, _TEST_SHARE = 0.35, 0.1

_GAP = 0.005
"""Relative gap at which the least change is good enough."""

_FACTORS, _OF_COUNTS = (1.05, 1.15, 1.3, 1.6, 2.0), 1.3
"""How many times as far as the relaxation asks for a large case's limits are moved, until it has a plan.

Whole sizes never fill amounts to the brim; counts are whole already and go further from the second figure on.
"""

_PLAN_SHARE, _LEAST_SECONDS = 0.7, 30.0
"""Share of the time left for one of these tries, and what is too short for another."""

_HALVINGS = 5
"""Times that the change of a share is halved in search of a smaller one."""


@dataclass(frozen=True)
class Mend:
    """Limits with new figures that together make the case feasible.

    ``verified``: a plan that keeps them was found and passed the independent checker. ``relaxed``: they come from the
    relaxation, in which sizes and links need not be whole numbers. ``least`` bounds the sum of scaled changes of any
    mend from below (dimensionless).
    """

    changes: tuple[Change, ...]
    verified: bool
    relaxed: bool
    least: float

    @property
    def scaled(self) -> float:
        """Sum of the scaled changes (dimensionless)."""
        return sum(change.scaled for change in self.changes)


def _changes(elastic: Elastic, values: Vector) -> tuple[Change, ...]:
    found = elastic.changes_at(values)
    return tuple(
        Change(limit, elastic.outward(limit.id, found[limit.id])) for limit in elastic.limits if limit.id in found
    )


def _with_figures(elastic: Elastic, figures: dict[str, float]) -> Milp:
    """The program of the wider case with other figures for some limits."""
    plain = elastic.plain
    lower, upper = plain.row_lower.copy(), plain.row_upper.copy()
    entries: list[tuple[int, int, float]] = []
    for hold in elastic.holds:
        if hold.limit not in figures:
            continue
        by = abs(figures[hold.limit] - elastic.limits[elastic.number[hold.limit]].value)
        sign = 1.0 if hold.side == "lower" else -1.0
        if hold.base:
            entries += [(hold.row, column, sign * by * x) for column, x in hold.base.items()]
        elif hold.side == "lower":
            lower[hold.row] -= by * hold.gives
            upper[hold.row] = np.inf
        else:
            upper[hold.row] += by * hold.gives
    matrix = plain.matrix
    if entries:
        more = sparse.csr_array(
            ([x for _, _, x in entries], ([r for r, _, _ in entries], [c for _, c, _ in entries])), shape=matrix.shape
        )
        matrix = sparse.csr_array(matrix + more)
    return replace(plain, matrix=matrix, row_lower=lower, row_upper=upper, cost=np.zeros(plain.columns))


def _tightened(
    elastic: Elastic, bench: Bench, changes: tuple[Change, ...], values: Vector
) -> tuple[tuple[Change, ...], Vector]:
    """The changes with those of shares of what is carried made smaller where that still works.

    What such a limit gives depends on the plan, so that the elastic program only knows the most that it can be.
    """
    of_plan = {hold.limit for hold in elastic.holds if hold.base}
    best, point = changes, values
    for number, change in enumerate(changes):
        limit = change.limit
        if limit.id not in of_plan:
            continue
        least, most = 0.0, abs(change.value - limit.value)
        for _ in range(_HALVINGS):
            by = (least + most) / 2
            tried = elastic.outward(limit.id, by)
            if abs(tried - limit.value) >= most - 1e-12:
                break
            figures = {item.limit.id: item.value for item in best} | {limit.id: tried}
            outcome = bench.run(_with_figures(elastic, figures), gap=ANY_PLAN, share=_TEST_SHARE)
            if outcome.values is None:
                if outcome.reason != "infeasible":
                    break
                least = by
                continue
            most = abs(tried - limit.value)
            best = (*best[:number], Change(limit, tried), *best[number + 1 :])
            point = outcome.values
    return best, point


def _point_in(program: Milp, elastic: Elastic, values: Vector) -> Vector:
    """A point of the elastic program in the columns of another program of the same model."""
    point = np.zeros(program.columns)
    for group, columns in program.groups.items():
        known = elastic.plain.groups.get(group, {})
        for index, column in columns.items():
            if index in known:
                point[column] = values[known[index]]
    return point


def verified(
    instance: Instance, policy: Policy, changes: Sequence[Change], elastic: Elastic, values: Vector, bench: Bench
) -> bool:
    """Whether the changed case has a plan: built anew, solved, and found in order by the independent checker."""
    try:
        new_instance, new_policy = changed(instance, policy, changes)
        model = build(new_instance, new_policy)
    except InputError:
        return False
    program = compile_model(model)
    job = fixed_job(program, _point_in(program, elastic, values), bench.left)
    outcome = bench.run(replace(program, lower=job.lower, upper=job.upper), whole=False, share=_SEARCH_SHARE)
    if outcome.reason != "optimal" or outcome.values is None:
        outcome = bench.run(replace(program, cost=np.zeros(program.columns)), gap=ANY_PLAN, share=_SEARCH_SHARE)
        if outcome.values is None:
            return False
    point = program.rounded(outcome.values)
    plan = plan_of(new_instance, new_policy, model.network, program, point)
    return check(new_instance, new_policy, plan).ok


def any_plan(instance: Instance, policy: Policy, seconds: float, seed: int = 0) -> Literal["plan", "infeasible", ""]:
    """Whether the solver of whole cases finds a plan, which the checker has confirmed, within the time."""
    found = solve(instance, policy, gap=ANY_PLAN, time_limit=max(1.0, seconds), threads=1, seed=seed)
    if found.proof.limit == "interrupt":
        raise KeyboardInterrupt
    heeding()
    if found.plan is not None and found.proof.status in ("optimal", "feasible"):
        return "plan"
    return "infeasible" if found.proof.status == "infeasible" else ""


def _larger(change: Change, factor: float, elastic: Elastic) -> Change:
    """A change that goes further by a factor, but no further than makes sense; counts only by the larger factors."""
    limit = change.limit
    if limit.whole and factor < _OF_COUNTS:
        return change
    by = min(abs(change.value - limit.value) * factor, limit.span)
    return Change(limit, elastic.outward(limit.id, by))


def _of_large(instance: Instance, policy: Policy, elastic: Elastic, bench: Bench, relaxed: Outcome) -> Mend:
    """What the relaxation asks for, and some more where whole sizes need it: each is tried on the case itself."""
    assert relaxed.values is not None and relaxed.objective is not None
    asked = _changes(elastic, relaxed.values)
    for factor in _FACTORS:
        tried = tuple(_larger(change, factor, elastic) for change in asked)
        try:
            new_instance, new_policy = changed(instance, policy, tried)
        except InputError:
            continue
        seconds = bench.left * _PLAN_SHARE
        if seconds < _LEAST_SECONDS:
            break
        if any_plan(new_instance, new_policy, seconds, bench.seed) == "plan":
            return Mend(tried, True, True, relaxed.objective)
    return Mend(asked, False, True, relaxed.objective)


def mend(
    instance: Instance, policy: Policy, elastic: Elastic, bench: Bench, rigid: frozenset[str] = frozenset()
) -> Mend | None:
    """The least change of limits, those in ``rigid`` left alone; None if none helps, or none was found in time.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    upper = elastic.upper(rigid)
    relaxed = bench.relaxed(elastic, rigid=rigid, share=_SEARCH_SHARE)
    if relaxed.values is None or relaxed.objective is None:
        return None
    if bench.is_large:
        return _of_large(instance, policy, elastic, bench, relaxed)
    outcome = bench.run(elastic.program, upper=upper, gap=_GAP, share=_SEARCH_SHARE)
    if outcome.reason == "infeasible":
        return None
    whole = outcome.values is not None
    values = outcome.values if outcome.values is not None else relaxed.values
    least = max(relaxed.objective, outcome.bound if outcome.bound is not None else 0.0, 0.0)
    changes = _changes(elastic, values)
    if whole:
        changes, values = _tightened(elastic, bench, changes, values)
    return Mend(changes, verified(instance, policy, changes, elastic, values, bench), not whole, least)
