"""Charges on what a plan is at worst: the model prices them as the checker does."""

from __future__ import annotations

import pytest

from hubopt.check import check
from hubopt.instance import COST_PARTS, InputError, Policy, apply
from hubopt.instance.policy import Charges
from hubopt.solve.extract import plan_of
from tests.cases import random_case, tiny
from tests.model.exact import Optimum, solved

LOOK = {"hub_outage_share": 1e-9, "gateway_outage_share": 1e-9}
"""Outages are looked at, but nothing is asked of them."""


def _policy(**charges: float) -> Policy:
    return Policy.model_validate({"charges": charges, "resilience": LOOK if "outage_cny_year" in charges else {}})


def _judged(seed: int, policy: Policy) -> tuple[Optimum, float]:
    case = random_case(seed)
    found = solved(case, policy)
    assert found.values is not None
    report = check(case, policy, plan_of(case, policy, found.model.network, found.program, found.values))
    assert report.ok, report.findings
    return found, report.objective


@pytest.mark.parametrize("seed", [0, 2, 5])
@pytest.mark.parametrize(
    "charges",
    [
        {"land_cny_ha_year": 3e6},
        {"carbon_cny_t": 4e3},
        {"missed_cny_year": 1e7},
        {"outage_cny_year": 1e7},
        {"land_cny_ha_year": 1e5, "carbon_cny_t": 100.0, "missed_cny_year": 1e5, "outage_cny_year": 1e5},
    ],
    ids=lambda charges: "-".join(charges),
)
def test_the_checker_finds_the_charged_objective_of_the_model(seed: int, charges: dict[str, float]) -> None:
    """What the model minimises is what the checker recomputes from the plan alone, and charges never lower it."""
    if seed == 2 and "outage_cny_year" in charges:
        seed = 13  # the other one has one hub, so that nothing can take over
    found, objective = _judged(seed, _policy(**charges))
    assert objective == pytest.approx(found.cost, rel=1e-6)
    free = solved(random_case(seed))
    assert free.cost is not None and found.cost is not None
    assert found.cost >= free.cost * (1 - 1e-9)


@pytest.mark.parametrize("seed", [0, 2])
def test_in_one_period_a_charge_is_a_price(seed: int) -> None:
    """With one period of weight 1 a charge on land or carbon costs what the charge on all land or the price does."""
    case = random_case(seed)
    for charge, price in (
        (Charges(land_cny_ha_year=2e6), {"land_charge_cny_ha_year": 2e6}),
        (Charges(carbon_cny_t=900.0), {"carbon_price_cny_t": case.info.carbon_price_cny_t + 900.0}),
    ):
        charged, priced = solved(case, Policy(charges=charge)), solved(case, Policy.model_validate(price))
        assert charged.cost == pytest.approx(priced.cost, rel=1e-6)


def test_a_large_charge_finds_the_least() -> None:
    """Where nothing else weighs, the charge on emission finds the plan of least emission: no cap below it has one."""
    weights = dict.fromkeys(COST_PARTS, 0.0)
    base = {"weights": weights, "unmet_share_max": 0.0, "charges": {"carbon_cny_t": 1e5}}
    found = solved(random_case(8), Policy.model_validate(base))
    assert found.cost is not None
    least = found.cost / 1e5
    below = Policy(unmet_share_max=0.0, carbon_cap_t_year=least * (1 - 1e-4))
    at = Policy(unmet_share_max=0.0, carbon_cap_t_year=least * (1 + 1e-6))
    assert solved(random_case(8), below).cost is None
    assert solved(random_case(8), at).cost is not None


def test_only_known_targets_are_charged_for() -> None:
    """A charge on a target that the instance does not have is refused."""
    with pytest.raises(InputError, match="hub-access"):
        apply(tiny(), Policy(charges=Charges(missed_cny_year=1, targets=("hub-access",))))


def test_an_objective_without_its_charges_is_found_out() -> None:
    """Where a charge is left out of the objective that is reported, the checker says so and nothing else."""
    case, policy = random_case(5), _policy(carbon_cny_t=4e3, outage_cny_year=1e7)
    found = solved(case, policy)
    assert found.values is not None and found.cost is not None
    plan = plan_of(case, policy, found.model.network, found.program, found.values)
    assert check(case, policy, plan, objective=found.cost).ok
    uncharged = check(case, Policy(resilience=policy.resilience), plan).objective
    assert uncharged < found.cost
    assert {item.rule for item in check(case, policy, plan, objective=uncharged).findings} == {"objective"}
