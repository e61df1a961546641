"""Pareto fronts against brute force; their bounds, dominance, jumps and knee."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from hubopt.check import check
from hubopt.instance import InputError, Instance, Policy, apply
from hubopt.solution import Solution
from hubopt.study.pareto import FrontSearch, NoPlanError, measures_of
from hubopt.study.pareto.front import Box, Front, Line, keeps, knee, undominated
from hubopt.study.pareto.measures import limited
from hubopt.study.prices import Run
from tests.bruteforce import least_cost
from tests.cases import random_case, tiny
from tests.model.exact import solved as exactly
from tests.plans import no_solution
from tests.study.pareto_case import torn_city
from tests.study.pareto_runs import EXACT, Runs

pytestmark = pytest.mark.usefixtures("quick")


def _search(case: Instance, names: str, points: int, run: Run = EXACT, policy: Policy | None = None) -> FrontSearch:
    policy = policy or Policy()
    search = FrontSearch(case, policy, measures_of(names.split(","), case, policy), points, Runs(case, run))
    search.run()
    return search


def _least(search: FrontSearch, box: Box) -> float | None:
    """The least cost within a box by trying every network."""
    policy = search.base
    for measure, limit in zip(search.measures, box, strict=True):
        if limit is not None:
            policy = limited(policy, measure, search.instance, limit)
    return least_cost(apply(search.instance, policy), policy)


def _sound(front: Front) -> None:
    """What every front must keep: no point beats another, no bound is beyond its value."""
    for one, other in itertools.permutations(front.points, 2):
        assert any(a > b for a, b in zip(one.levels, other.levels, strict=True)), "a point is beaten"
    for point in front.points:
        assert point.bound is not None
        better = point.bound >= point.values[0] if front.measures[0].is_share else point.bound <= point.values[0]
        assert better or point.bound == pytest.approx(point.values[0])


@pytest.mark.parametrize(
    ("case", "names"),
    [
        (torn_city(2), "cost,land"),
        (torn_city(2), "cost,carbon,land"),
        (torn_city(1), "cost,service"),
        (torn_city(4, 2), "cost,land"),
    ],
    ids=["land", "carbon-and-land", "service", "two-periods"],
)
def test_a_front_equals_brute_force(case: Instance, names: str) -> None:
    """At every limit of the grid the best plan found costs what trying all networks finds, or both find none."""
    search = _search(case, names, 3 if names.count(",") == 1 and len(case.structure.periods) == 1 else 2)
    front = search.front()
    _sound(front)
    assert front.complete and len(front.points) > 1
    for box in search._grid():
        plans = [line.levels[0] for line in search.lines if line.levels is not None and keeps(line.levels, box)]
        least = _least(search, box)
        if least is None:
            assert not plans
            continue
        # what is left of a limit is rewarded with at most a thousandth of the front's extent in cost
        extent = max(point.levels[0] for point in front.points) - min(point.levels[0] for point in front.points)
        assert min(plans) == pytest.approx(least, rel=2e-6, abs=2e-3 * extent + 1)


def test_bounds_of_short_runs_are_valid() -> None:
    """With runs that stop far from the optimum, no plan within a point's levels is cheaper than its bound."""
    search = _search(torn_city(2), "cost,land", 3, Run(seconds=30, gap=0.3, threads=1))
    front = search.front()
    _sound(front)
    for point in front.points:
        least = _least(search, (None, *(level * (1 + 1e-7) for level in point.levels[1:])))
        assert least is not None and point.bound is not None
        assert point.bound <= least * (1 + 1e-6) <= point.values[0] * (1 + 1e-5)


def test_tiny_has_the_front_that_another_solver_finds() -> None:
    """On the tiny city the middle of the front costs what a program of its own finds, and every run holds."""
    case = tiny()
    search = _search(case, "cost,carbon", 3)
    front = search.front()
    _sound(front)
    assert len(front.points) == 3
    for line in search.lines:
        assert line.solution.plan is not None
        assert check(case, line.solution.policy, line.solution.plan, objective=line.solution.proof.objective).ok
    middle = front.points[1]
    alone = exactly(case, limited(search.base, search.measures[1], case, middle.levels[1] * (1 + 1e-7)))
    assert alone.cost is not None and middle.bound is not None
    assert middle.values[0] == pytest.approx(alone.cost, rel=2e-4)
    assert middle.bound <= alone.cost * (1 + 1e-6)


def test_any_measure_may_come_first() -> None:
    """Emission minimised under limits on land gives plans that keep all rules, though their cost has no say."""
    front = _search(torn_city(2), "carbon,land", 2).front()
    _sound(front)
    assert front.measures[0].name == "carbon"
    assert front.points[0].levels[0] >= front.points[-1].levels[0]


def test_a_plan_that_keeps_tighter_limits_is_not_sought_again() -> None:
    """Where one plan is best for many limits, the grid points between are jumped over."""
    search = _search(torn_city(2), "cost,land", 40)
    front = search.front()
    assert front.jumped > 20
    assert front.runs + front.jumped == front.grid + len(front.measures) ** 2 - 0


def test_runs_of_a_front_keep_the_policys_own_limits() -> None:
    """A cap of the policy that is tighter than a limit of the grid stays, and phases keep theirs."""
    case, policy = random_case(8), Policy.model_validate({"phases": [{"id": "x", "carbon_cap_t_year": 5.0}]})
    (carbon, land) = measures_of(["carbon", "land"], case, policy)
    assert limited(policy, carbon, case, 9.0).phases[0].carbon_cap_t_year == 5.0
    assert limited(policy, carbon, case, 4.0).phases[0].carbon_cap_t_year == 4.0
    mine = policy.model_copy(update={"land_ha": {"total:total": 2.0}})
    assert limited(mine, land, case, 3.0).land_ha["total:total"] == 2.0
    service = measures_of(["service", "cost"], tiny(), Policy())[0]
    change = Policy.model_validate({"targets": {"utc-access": {"share": 0.9}}})
    kept = limited(change, service, tiny(), 0.3).targets
    assert kept["utc-access"].share == 0.9
    assert (kept["in-city"].share or 0) >= 0.7


@pytest.mark.parametrize(
    ("names", "policy", "says"),
    [
        ("cost", {}, "two or three"),
        ("cost,carbon,land,service", {}, "two or three"),
        ("service:a,service:b", {}, "two or three"),
        ("cost,luck", {}, "is no measure"),
        ("cost,land:x", {}, "is no measure"),
        ("cost,service:x", {}, "no service target"),
        ("cost,carbon", {"off": ["carbon_cap"]}, "carbon_cap"),
        ("cost,carbon", {"off": ["unmet_cap"]}, "unmet_cap"),
        ("cost,resilience", {"force_closed": ["h-air", "h-north"]}, "two hubs"),
    ],
)
def test_what_cannot_be_traded_is_said(names: str, policy: dict[str, object], says: str) -> None:
    """Objectives that do not exist or that instance or policy give no way to trade are refused with a mend."""
    with pytest.raises(InputError, match=says):
        measures_of(names.split(","), tiny(), Policy.model_validate(policy))


def test_without_a_plan_there_is_no_front() -> None:
    """The status of the first run is passed on."""
    case, policy = random_case(0), Policy()

    def none(policy: Policy, start: Solution | None) -> tuple[str, Solution]:
        return "001", no_solution("infeasible")

    with pytest.raises(NoPlanError) as raised:
        FrontSearch(case, policy, measures_of(["cost", "land"], case, policy), 3, none).run()
    assert raised.value.status == "infeasible"


def test_runs_without_a_plan_later_are_left_out() -> None:
    """A run of the grid that finds nothing within its time costs a point, not the front."""
    case, policy = torn_city(2), Policy()
    runs = Runs(case, EXACT)

    def forgetful(policy: Policy, start: Solution | None) -> tuple[str, Solution]:
        name, solution = runs(policy, start)
        return name, solution if int(name) <= 4 else no_solution("no-solution")

    search = FrontSearch(case, policy, measures_of(["cost", "land"], case, policy), 3, forgetful)
    front = search.run()
    _sound(front)
    assert front.points and front.without_plan >= 1


def test_no_point_of_many_is_beaten() -> None:
    """Of a cloud of points exactly those are kept that no other equals or beats, but for a rounding."""
    cloud = [(float(a), float(b), float((a * 7 + b * 3) % 5)) for a in range(6) for b in range(6)]
    kept = undominated(cloud)
    for at, point in enumerate(cloud):
        beaten = any(all(x <= y for x, y in zip(other, point, strict=True)) and other != point for other in cloud)
        assert (at in kept) is not beaten
    assert undominated([(1.0, 1.0), (1.0, 1.0), (2.0, 0.0)]) in ([0, 2], [2, 0])
    assert sorted(undominated([(0.0, 1.0), (1.0, 0.0), (1.0 + 1e-9, 1e-9)])) == [0, 1]
    assert undominated([]) == []


@pytest.mark.parametrize(
    ("points", "bend"),
    [
        ([(0.0, 10.0), (1.0, 2.0), (10.0, 0.0)], 1),
        ([(0.0, 10.0), (4.0, 7.0), (10.0, 0.0)], None),
        ([(0.0, 10.0), (10.0, 0.0)], None),
        ([(0.0, 9.0, 9.0), (9.0, 0.0, 9.0), (9.0, 9.0, 0.0), (1.0, 1.0, 1.0)], 3),
        ([(5.0, 5.0)], None),
    ],
)
def test_the_knee_is_where_the_scaled_sum_is_least(points: Sequence[tuple[float, ...]], bend: int | None) -> None:
    """The knee lies below the ends; a front that bulges outwards, or of two points, has none."""
    assert knee(points) == bend


def test_a_bound_speaks_of_no_more_than_was_proven() -> None:
    """Under a wider box than the run's own nothing is said; under a narrower one, what is left of the prices."""
    line = Line("1", "", (1.0, 10.0), (None, 5.0), no_solution("no-solution"), None, None, 100.0)
    assert line.bound_on(0, (None, 4.0)) == pytest.approx(60.0)
    assert line.bound_on(0, (None, 6.0)) is None
    assert line.bound_on(0, (None, None)) is None
    assert line.bound_on(1, (70.0, 5.0)) == pytest.approx(3.0)
    assert line.bound_on(1, (None, 5.0)) is None
