"""Prices that can be worked out on paper: shares of gateways, sites that a place must have."""

from __future__ import annotations

from typing import Any

import pytest

from hubopt.instance import Instance, Policy
from hubopt.instance.types import Presence
from hubopt.solution import Solution
from hubopt.solve.run import solve
from hubopt.study.base import prepare
from hubopt.study.prices import Run, prices_of_standards
from hubopt.study.shadow import Limit, shadow_prices
from tests.model.paper import case, design, goods
from tests.model.paper import mode as ways_of

pytestmark = pytest.mark.usefixtures("quick")


def _solved(instance: Instance) -> Solution:
    return solve(instance, Policy(), method="monolith", gap=1e-9, time_limit=60, threads=1)


def _gateways(near: dict[str, Any], far: dict[str, Any]) -> list[Limit]:
    """Prices of the shares of two gateways, 1 and 5 km from the hub, of 10 t/d."""
    instance = case(
        (goods("box", "hub"),), {"z1 box": 10}, {"g1 h1": 1, "g2 h1": 5, "h1 z1": 1}, ("h1",),
        gateways={"g1": {"capacity_t_d": 20}, "g2": {"capacity_t_d": 20}},
        admissions={"box g1": near, "box g2": far},
    )  # fmt: skip
    limits = shadow_prices(prepare(instance, _solved(instance))).limits
    return [item for item in limits if item.family.startswith("gateway share")]


def test_a_least_share_of_a_far_gateway_costs_its_way() -> None:
    """A point less of the far gateway's half takes 0.1 t/d 4 km less far: 0.4 a year; what is carried is the half."""
    (limit,) = _gateways({}, {"min_share": 0.5})
    assert (limit.family, limit.what, limit.unit) == ("gateway share, least", "box, g2, p", "percentage point")
    assert limit.binding and limit.limit == pytest.approx(50) and limit.used == pytest.approx(50)
    assert limit.price == pytest.approx(0.4)


def test_a_largest_share_of_a_near_gateway_costs_the_same() -> None:
    """A point more of the near gateway saves 0.4 a year; a floor that is passed anyway costs nothing."""
    most, least = _gateways({"max_share": 0.5}, {"min_share": 0.3})
    if most.family.endswith("least"):
        most, least = least, most
    assert most.binding and most.price == pytest.approx(0.4) and most.used == pytest.approx(50)
    assert not least.binding and least.price == pytest.approx(0) and least.used == pytest.approx(50)


def test_a_site_that_a_place_must_have_is_priced_by_a_run_without_it() -> None:
    """A second centre in the district costs its 30 a year, and a count that binds nowhere is not priced."""
    rules = [
        {"id": "two", "scope": "district", "place": "D", "level": "utc", "min_open": 2},
        {"id": "many", "scope": "district", "place": "D", "max_open": 5},
    ]
    instance = case(
        (goods("box", "utc", unmet_cny_t=1000),), {"z1 box": 5}, {"u1 z1": 1, "u2 z1": 1},
        {"u1": {"district": "D"}, "u2": {"district": "D"}},
        (design("d", "utc", capital_cny_m2=30),), modes=(ways_of("road"),),
        presence=tuple(Presence.model_validate(rule) for rule in rules),
    )  # fmt: skip
    (price,) = prices_of_standards(instance, _solved(instance), Run(seconds=30, gap=1e-9, threads=1))
    assert price.what == "min_open of presence two" and price.unit == "one site"
    assert price.least == pytest.approx(30) and price.most == pytest.approx(30)
