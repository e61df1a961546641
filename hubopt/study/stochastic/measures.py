"""What is to be small over all scenarios: expected cost, conditional value at risk, largest regret; and intervals.

An interval holds a value between a proven lower bound and what was reached; sums and differences of intervals are such
intervals again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import sparse

from hubopt.solve.milp import Milp, Vector
from hubopt.study.stochastic.program import Joined

Kind = Literal["expected", "cvar", "regret"]


@dataclass(frozen=True)
class Measure:
    """What is minimised.

    ``expected``: the expected cost. ``cvar``: (1 - weight) times the expected cost plus weight times the mean cost of
    the worst 1 - alpha of all chances. ``regret``: the largest difference of a scenario's cost from the least that
    would have been possible had it been known.
    """

    kind: Kind = "expected"
    alpha: float = 0.9
    weight: float = 1.0


@dataclass(frozen=True)
class Interval:
    """A value of which ``lower <= value <= upper`` is proven; infinite where nothing is."""

    lower: float
    upper: float

    def __sub__(self, other: Interval) -> Interval:
        return Interval(_less(self.lower, other.upper), _less(self.upper, other.lower))

    def at_least(self, least: float) -> Interval:
        """The interval of a value that is known to be at least ``least``; round-off may not cross the two."""
        lower = max(self.lower, least)
        return Interval(lower, max(self.upper, lower))


def _less(value: float, other: float) -> float:
    return value - other if math.isfinite(value) or math.isfinite(other) else math.nan


def expected(chances: Sequence[float], values: Sequence[float]) -> float:
    """Expected value over scenarios; one without chance does not count, whatever its value."""
    return math.fsum(chance * value for chance, value in zip(chances, values, strict=True) if chance > 0)


def value_at_risk(chances: Sequence[float], costs: Sequence[float], alpha: float) -> float:
    """The least cost that is not exceeded with a chance of ``alpha`` at least."""
    reached = 0.0
    pairs = sorted((cost, chance) for chance, cost in zip(chances, costs, strict=True) if chance > 0)
    for cost, chance in pairs:
        reached += chance
        if reached >= alpha - 1e-12:
            return cost
    return pairs[-1][0]


def conditional_value_at_risk(chances: Sequence[float], costs: Sequence[float], alpha: float) -> float:
    r"""Mean cost of the worst 1 - alpha of all chances (Rockafellar, Uryasev 2000).

    .. math:: \min_\eta \eta + \frac{1}{1 - \alpha} \sum_s p_s \max(0, c_s - \eta)

    The minimum is at the value at risk.
    """
    at = value_at_risk(chances, costs, alpha)
    return at + expected(chances, [max(0.0, cost - at) for cost in costs]) / (1 - alpha)


def measured(measure: Measure, chances: Sequence[float], costs: Sequence[float], least: Sequence[float]) -> float:
    """The measure of one cost for each scenario (CNY/year); ``least`` are the scenarios' own least costs."""
    if measure.kind == "regret":
        return max(cost - best for cost, best, chance in zip(costs, least, chances, strict=True) if chance > 0)
    mean = expected(chances, costs)
    if measure.kind == "expected":
        return mean
    return (1 - measure.weight) * mean + measure.weight * conditional_value_at_risk(chances, costs, measure.alpha)


def _with_columns(program: Milp, costs: Vector, lower: Vector) -> Milp:
    """The program with further columns without rows, of no upper bound."""
    count = len(costs)
    empty = sparse.csr_array((program.rows, count))
    return replace(
        program,
        cost=np.concatenate([program.cost, costs]),
        matrix=sparse.csr_array(sparse.hstack([program.matrix, empty], format="csr")),
        lower=np.concatenate([program.lower, lower]),
        upper=np.concatenate([program.upper, np.full(count, np.inf)]),
        integer=np.concatenate([program.integer, np.zeros(count, dtype=bool)]),
    )


def _with_scenario_rows(program: Milp, joined: Joined, extra: sparse.csr_array, limits: Vector, name: str) -> Milp:
    """The program with ``cost of scenario s + extra[s] @ (the columns behind) <= limits[s]`` for every scenario."""
    rows = sparse.csr_array(np.array([joined.costs(s)[0] for s in range(len(joined.parts))]))
    offsets = np.array([joined.costs(s)[1] for s in range(len(joined.parts))])
    added = sparse.csr_array(sparse.hstack([rows, extra], format="csr"))
    count = len(joined.parts)
    return replace(
        program,
        matrix=sparse.csr_array(sparse.vstack([program.matrix, added], format="csr")),
        row_lower=np.concatenate([program.row_lower, np.full(count, -np.inf)]),
        row_upper=np.concatenate([program.row_upper, limits - offsets]),
        strengthening=np.concatenate([program.strengthening, np.zeros(count, dtype=bool)]),
        row_names=(*program.row_names, *(f"{name}[{part.case.id}]" for part in joined.parts)),
    )


def program_of(measure: Measure, joined: Joined, least: Vector | None = None) -> Milp:
    """The program that minimises a measure; further columns stand behind those of the extensive form.

    Parameters
    ----------
    least
        Least cost of each scenario alone (model units), for ``regret``.
    """
    program, count = joined.program, len(joined.parts)
    if measure.kind == "expected":
        return program
    chances = np.array([part.case.probability for part in joined.parts])
    if measure.kind == "regret":
        assert least is not None
        # the largest regret is the only thing that costs
        blank = replace(program, cost=np.zeros(program.columns), offset=0.0)
        with_regret = _with_columns(blank, np.ones(1), np.zeros(1))
        extra = sparse.csr_array(np.where(chances[:, None] > 0, -1.0, 0.0))
        limits = np.where(chances > 0, least, np.inf)
        return _with_scenario_rows(with_regret, joined, extra, limits, "regret")
    mixed = replace(program, cost=(1 - measure.weight) * program.cost, offset=(1 - measure.weight) * program.offset)
    # the value at risk, and what each scenario costs beyond it
    costs = measure.weight * np.concatenate([[1.0], chances / (1 - measure.alpha)])
    risky = _with_columns(mixed, costs, np.concatenate([[-np.inf], np.zeros(count)]))
    extra = sparse.csr_array(np.hstack([-np.ones((count, 1)), -np.eye(count)]))
    return _with_scenario_rows(risky, joined, extra, np.zeros(count), "excess")
