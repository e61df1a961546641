"""Land against cost: the least-cost plans under limits on all land together, from the least land to no limit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hubopt.instance import InputError, Instance, Policy, Problem
from hubopt.solution import Plan, Solution, Status
from hubopt.study.prices import Run, solved

TOTAL = "total:total"
"""The policy's name for the limit on all land."""

_DEAR = 100.0
"""How many times the yearly cost per hectare the charge on land is that finds the least land."""

_ROUNDING = 1e-7

Listener = Callable[[str], None]


class NoPlanError(Exception):
    """A run of the study found no plan; ``status`` is that of the run."""

    def __init__(self, status: Status) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class Point:
    """A checked plan under a limit on land (ha; None: no limit) and what no plan under that limit can be below.

    ``land_ha`` is the most land used in a period, ``objective`` and ``bound`` are in CNY/year, as the instance states
    its objective (where that is to be large, the bound lies above), ``cost`` is the sum of the cost parts (CNY/year),
    ``targets`` the share reached by service target.
    """

    limit_ha: float | None
    land_ha: float
    objective: float
    bound: float | None
    cost: float
    served_share: float
    targets: Mapping[str, float]
    sites: Mapping[str, int]
    status: str

    @property
    def gap(self) -> float | None:
        """|objective - bound| / |objective|; None without a bound."""
        if self.bound is None:
            return None
        return abs(self.objective - self.bound) / max(abs(self.objective), 1e-9)


@dataclass(frozen=True)
class Curve:
    """Points from least land to least cost, none of which another beats in both land and objective.

    ``unmet_share_max`` is the largest share of demand that every point may leave unmet. ``left_out`` counts the points
    that another one beats.
    """

    points: tuple[Point, ...]
    unmet_share_max: float
    left_out: int


def most_land(plan: Plan) -> float:
    """Land (ha) in the period that uses most."""
    return float(plan.facilities.groupby("period")["land_ha"].sum().max()) if len(plan.facilities) else 0.0


def _unmet_share(solution: Solution) -> float:
    served = [value for name, value in solution.kpi.items() if name == "served_share"]
    periods = {str(period) for period in solution.plan.facilities["period"]} if solution.plan is not None else set()
    served += [solution.kpi[name] for period in periods if (name := f"served_share.{period}") in solution.kpi]
    return max(0.0, 1 - min(served, default=1.0))


def _point(solution: Solution, limit: float | None) -> Point:
    plan, objective = _found(solution)
    standing = plan.facilities[plan.facilities["modules"] > 0]
    last = standing[standing["period"] == plan.facilities["period"].iloc[-1]] if len(plan.facilities) else standing
    targets = {name[7:]: value for name, value in solution.kpi.items() if name.startswith("target.")}
    return Point(
        limit, most_land(plan), objective, solution.proof.bound, sum(solution.cost.values()),
        solution.kpi.get("served_share", 1.0), targets,
        {level: int((last["level"] == level).sum()) for level in ("hub", "utc", "station")}, solution.proof.status,
    )  # fmt: skip


def _found(solution: Solution) -> tuple[Plan, float]:
    if solution.plan is None or solution.proof.objective is None or solution.proof.status == "error":
        raise NoPlanError(solution.proof.status)
    return solution.plan, solution.proof.objective


def _limited(policy: Policy, limit: float) -> Policy:
    return policy.model_copy(update={"land_ha": {**policy.land_ha, TOTAL: limit}})


def land_curve(instance: Instance, policy: Policy, points: int, run: Run, listen: Listener = lambda _: None) -> Curve:
    """Solve from least cost to least land.

    No point may leave more demand unmet than the least-cost plan does, or land would be spared by serving less.

    Parameters
    ----------
    points
        Number of land limits, both ends included; at least 2.
    run
        How each point is solved.
    listen
        Told of each solve before it starts.

    Raises
    ------
    InputError
        If the policy does not fit the instance or switches the limits on land off.
    NoPlanError
        If there is no plan to start from.
    KeyboardInterrupt
        If a run was interrupted.
    """
    for switch in ("land", "unmet_cap"):
        if switch in policy.off:
            message = f"switches {switch!r} off, which a curve over land needs"
            raise InputError([Problem("policy", message, f"take {switch!r} out of off")])
    listen("least cost")
    cheapest = solved(instance, policy, run, None)
    plan, objective = _found(cheapest)
    unmet = _unmet_share(cheapest) + _ROUNDING
    unmet = unmet if policy.unmet_share_max is None else min(unmet, policy.unmet_share_max)
    policy = policy.model_copy(update={"unmet_share_max": min(1.0, unmet)})
    widest = most_land(plan)
    if widest <= 0:
        return Curve((_point(cheapest, None),), unmet, 0)
    listen("least land")
    charge = policy.land_charge_cny_ha_year + _DEAR * max(abs(objective), 1.0) / widest
    sparing = solved(instance, policy.model_copy(update={"land_charge_cny_ha_year": charge}), run, cheapest)
    least = most_land(_found(sparing)[0])
    answers = [_point(cheapest, None)]
    start, steps = sparing, max(1, points - 1)
    for number in range(steps):
        limit = least + (widest - least) * number / steps
        listen(f"land {limit:,.2f} ha")
        solution = solved(instance, _limited(policy, limit * (1 + _ROUNDING) + _ROUNDING), run, start)
        if solution.plan is None or solution.proof.status == "error":
            continue
        start = solution
        answers.append(_point(solution, limit))
    return Curve(*_sound(answers, unmet, instance.info.sign))


def _sound(answers: Sequence[Point], unmet: float, sign: int) -> tuple[tuple[Point, ...], float, int]:
    """The points that no other beats, each with the best bound that any run proves for its limit.

    More land never costs more: a bound under a wider limit holds under a narrower one. ``sign``: 1 where a small
    objective is good, else -1.
    """

    def width(point: Point) -> float:
        return float("inf") if point.limit_ha is None else point.limit_ha

    bounded = []
    for point in answers:
        bounds = [sign * other.bound for other in answers if other.bound is not None and width(other) >= width(point)]
        bounded.append(replace(point, bound=sign * min(max(bounds), sign * point.objective) if bounds else None))
    kept: list[Point] = []
    for point in sorted(bounded, key=lambda item: (item.land_ha, sign * item.objective)):
        if not kept or sign * (kept[-1].objective - point.objective) > 1e-9 * abs(kept[-1].objective):
            kept.append(point)
    return tuple(kept), unmet, len(bounded) - len(kept)


def csv_of(curve: Curve) -> str:
    """The curve as CSV, one row per point; units in the column names."""
    targets = list(dict.fromkeys(name for point in curve.points for name in point.targets))
    head = [
        "land_limit_ha", "land_ha", "objective_cny_year", "bound_cny_year", "gap", "cost_cny_year", "served_share",
        *(f"target.{name}" for name in targets), "hubs", "utcs", "stations", "status",
    ]  # fmt: skip
    lines = [",".join(head)]
    for point in curve.points:
        cells: list[float | int | str | None] = [
            point.limit_ha, point.land_ha, point.objective, point.bound, point.gap, point.cost, point.served_share,
            *(point.targets.get(name) for name in targets), *point.sites.values(), point.status,
        ]  # fmt: skip
        lines.append(
            ",".join("" if cell is None else f"{cell:.10g}" if isinstance(cell, float) else str(cell) for cell in cells)
        )
    return "\n".join(lines) + "\n"
