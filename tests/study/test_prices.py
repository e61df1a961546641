"""Shadow prices against finite differences, prices by re-solving against the brute force."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubopt.instance import InputError, Instance, Policy, apply
from hubopt.instance.policy import TargetChange
from hubopt.solution import Solution
from hubopt.solve.run import solve
from hubopt.study.base import Base, prepare
from hubopt.study.land import TOTAL
from hubopt.study.prices import Run, family_of, interval, price_of_family, prices_of_standards
from hubopt.study.shadow import Limit, shadow_prices
from tests.bruteforce import least_cost
from tests.cases import random_case
from tests.test_bruteforce import _case as paper_case

pytestmark = pytest.mark.usefixtures("quick")

QUICK = Run(seconds=30, gap=1e-6, threads=1)


def solved(case: Instance, policy: Policy | None = None, gap: float = 1e-6) -> Solution:
    """A proven solution."""
    return solve(case, policy or Policy(), method="monolith", gap=gap, time_limit=60, threads=1)


def land_price(base: Base) -> tuple[Limit, float]:
    """The limit on all land, and the objective of the linear program (CNY/year)."""
    prices = shadow_prices(base)
    return next(item for item in prices.limits if item.family == "land"), prices.objective


def with_land(base: Base, limit: float) -> Base:
    """The same network under another limit on all land (ha)."""
    policy = base.solution.policy.model_copy(update={"land_ha": {TOTAL: limit}})
    return prepare(base.instance, replace(base.solution, policy=policy))


def test_the_shadow_price_of_land_is_the_finite_difference() -> None:
    """Where land is short, a little more of it saves the price that is stated: here 9 million a year per hectare.

    On paper a hectare holds ten modules; each saves 1,000,000 of unmet demand a year and costs 100,000.
    """
    case = paper_case({"p": 20.0})
    base = prepare(case, solved(case))
    limit, less = land_price(with_land(base, 0.15))
    _, more = land_price(with_land(base, 0.16))
    assert limit.binding and limit.limit == pytest.approx(0.15) and limit.used == pytest.approx(0.15)
    assert limit.price_unit == "CNY/year per ha"
    assert limit.price == pytest.approx((less - more) / 0.01, rel=1e-6)
    assert limit.price == pytest.approx(9e6, rel=1e-6)


def test_limits_that_are_not_used_up_are_free() -> None:
    """A limit binds only where it is used up, and only then it has a price."""
    case = random_case(0)
    prices = shadow_prices(prepare(case, solved(case)))
    assert prices.limits
    for item in prices.limits:
        assert item.used <= item.limit * (1 + 1e-6) + 1e-6
        assert item.binding or item.price == pytest.approx(0, abs=1e-3)


def test_a_result_of_another_instance_is_refused() -> None:
    """The digest of the instance decides, and a result without a plan cannot be explained."""
    case = random_case(0)
    solution = solved(case)
    with pytest.raises(InputError, match="another instance"):
        prepare(random_case(1), solution)
    with pytest.raises(InputError, match="holds no plan"):
        prepare(case, replace(solution, plan=None))


@pytest.mark.parametrize("gap", [1e-6, 0.5])
@pytest.mark.parametrize("seed", [0, 2, 8])
def test_the_price_of_a_family_is_in_its_interval(seed: int, gap: float) -> None:
    """However loosely the runs are proven, the true difference of the least costs is in the interval."""
    case, policy = random_case(seed), Policy()
    without = Policy(targets={item.id: TargetChange(share=0) for item in case.structure.service.targets})
    least, relaxed = least_cost(apply(case, policy), policy), least_cost(apply(case, without), without)
    assert least is not None and relaxed is not None
    price = price_of_family(case, solved(case, gap=gap), "service_targets", replace(QUICK, gap=gap))
    assert price.most is not None
    assert price.least - 1e-6 * least <= least - relaxed <= price.most + 1e-6 * least


def test_standards_are_priced_by_a_point_of_their_share() -> None:
    """Every service target that asks for something has a price of nothing or more, with both bounds."""
    case = random_case(2)
    targets = {f"target {item.id}" for item in case.structure.service.targets if item.share > 0}
    prices = list(prices_of_standards(case, solved(case), QUICK))
    assert targets and targets <= {price.what for price in prices}
    for price in prices:
        assert price.method == "re-solve"
        assert price.most is not None and 0 <= price.least <= price.most + 1e-6
        assert price.bound is not None and price.relaxed_bound is not None


def test_an_interrupted_run_ends_the_study() -> None:
    """Ctrl-C in a run is Ctrl-C for all of them."""
    case = random_case(0)
    solution = solved(case)
    stopped = replace(solution, proof=replace(solution.proof, limit="interrupt"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("hubopt.solve.run.solve", lambda *_, **__: stopped)
        with pytest.raises(KeyboardInterrupt):
            price_of_family(case, solution, "land", QUICK)


def test_a_family_is_named_and_in_force() -> None:
    """Unknown families and those that are off are refused with what may be named."""
    assert family_of("land", Policy()) == "land"
    with pytest.raises(InputError, match="resilience"):
        family_of("luck", Policy())
    with pytest.raises(InputError, match="off"):
        family_of("land", Policy(off=("land",)))


def test_a_run_without_a_plan_leaves_the_price_open() -> None:
    """Without a bound on the relaxed run nothing limits the price from above."""
    solution = solved(random_case(0))
    nothing = replace(solution, plan=None, proof=replace(solution.proof, objective=None, bound=None))
    price = interval("x", "all of it", solution, nothing)
    assert price.most is None and price.least == 0
