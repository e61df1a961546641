"""``solve`` against the least cost over every network of a small case, found by code that shares nothing with it."""

from __future__ import annotations

import pytest

from hubopt.instance import Instance, Policy, apply, validate
from hubopt.solve import solve
from tests.bruteforce import least_cost, varied_case
from tests.cases import random_case
from tests.featured_cases import FEATURES, featured_case
from tests.model.rich import rich_case

FEASIBLE = (0, 1, 2, 5, 6, 8, 13, 14, 15, 18, 19, 20, 21, 22, 23, 34, 44, 67, 125, 289)
INFEASIBLE = (3, 4, 7, 9, 10, 11, 12, 16, 17)
VARIED = tuple(range(12))
FEATURED = (4, 6, 9, 12, 17, 19, 22, 23, 31, 36, 38, 43, 46, 49, 58, 60, 61, 62, 64, 70, 71, 73, 74, 75)
FEATURED_INFEASIBLE = (8, 55, 59, 66, 69)
RICH = (67, 71, 40, 79, 235, 111, 62, 86, 82, 100, 178, 155, 49, 83)
RICH_INFEASIBLE = (4, 20, 23, 26)


def agrees(case: Instance, policy: Policy | None = None) -> float | None:
    """The brute force's least cost, after comparing that solve finds and proves the same."""
    policy = policy or Policy()
    least = least_cost(apply(case, policy), policy)
    solution = solve(case, policy, method="monolith", gap=1e-9, time_limit=60, threads=1)
    if least is None:
        assert solution.proof.status == "infeasible"
        assert solution.plan is None
        assert solution.proof.objective is None
    else:
        assert solution.proof.status == "optimal"
        assert solution.proof.objective == pytest.approx(least, rel=1e-6)
        assert solution.proof.bound == pytest.approx(least, rel=1e-6)
    return least


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("seed", FEASIBLE)
def test_the_optimum_is_the_least_cost_of_all_networks(seed: int) -> None:
    """The proven optimum equals that of the brute force."""
    assert agrees(random_case(seed)) is not None


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("seed", INFEASIBLE)
def test_infeasible_means_that_no_network_keeps_the_rules(seed: int) -> None:
    """What is reported infeasible has no network by the brute force; without targets and counts it has one."""
    case = random_case(seed)
    assert agrees(case) is None
    targets = {target.id: {"share": 0} for target in case.structure.service.targets}
    freed = {"targets": targets, "levels": {"station": {"min_open": 0}}}
    assert agrees(case, Policy.model_validate(freed)) is not None


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("seed", VARIED)
def test_the_optimum_with_types_periods_and_other_modes(seed: int) -> None:
    """The same with hub types, two periods, two modes, parcels, forced sites, minutes and smallest sizes."""
    case = varied_case(seed)
    assert not validate(case)
    agrees(case)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("seed", (*FEATURED, *FEATURED_INFEASIBLE))
def test_the_optimum_with_requirements_of_the_whole_plan(seed: int) -> None:
    """The same with any of phases, stock, modes, exchange, chains, shares, outages, budgets and caps."""
    found = featured_case(seed)
    assert (agrees(found.case, found.policy) is None) == (seed in FEATURED_INFEASIBLE)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("seed", (*RICH, *RICH_INFEASIBLE))
def test_the_optimum_with_most_requirements_at_once(seed: int) -> None:
    """The same on two hubs, centres and zones where most of it is asked for together."""
    case, policy = rich_case(seed)
    assert (agrees(case, policy) is None) == (seed in RICH_INFEASIBLE)


def test_the_featured_cases_cover_every_feature() -> None:
    """Every feature is in some of the cases that have a network, and missing in some."""
    drawn = [featured_case(seed).features for seed in FEATURED]
    assert set.union(*map(set, drawn)) == set(FEATURES)
    assert set.intersection(*map(set, drawn)) == set()


def test_the_cases_cover_every_feature() -> None:
    """Among the cases are standing sites, bonded and cold goods, gateways with shares, both directions, no links."""
    cases = [random_case(seed) for seed in FEASIBLE]
    goods = [item for case in cases for item in case.structure.commodities]
    assert any(len(case.existing) for case in cases)
    assert {item.requirement for item in goods} == {"ambient", "bonded", "cold"}
    assert {item.direction for item in goods} == {"inbound", "outbound"}
    assert any((case.admissions["min_share"] > 0).any() for case in cases)
    assert any(not case.structure.service.single_sourcing for case in cases)
    assert {target.kind for case in cases for target in case.structure.service.targets} == {"access", "delivery"}
