"""Outages on paper: shares that are still served when a hub or a gateway is out, at the figure where they turn."""

from __future__ import annotations

import pytest

from hubopt.instance import Instance
from hubopt.instance.types import Resilience
from tests.model.paper import TWO, best, case, design, goods, least

BOX = (goods("box", "hub"),)
MODULES = (design("d", "hub", capital_cny_m2=10),)


def two_hubs(hub: float = 0, gateway: float = 0, **changes: object) -> Instance:
    """20 t/d over 1 km by h1 or 2 km by h2, in modules of 10 t/d for 10."""
    figures: dict[str, object] = {"designs": MODULES, "resilience": Resilience(
        hub_outage_share=hub, gateway_outage_share=gateway), **changes}  # fmt: skip
    return case(BOX, {"z1 box": 20}, {"h1 z1": 1, "h2 z1": 2}, ("h1", "h2"), **figures)


@pytest.mark.parametrize(("share", "cost"), [
    (0, 20 + 20 * 1),  # two modules at h1
    (0.01, 30 + 20 * 1),  # and one at h2; or one each, for 20 and 30
    (0.5, 30 + 20 * 1),
    (0.51, 40 + 20 * 1),  # 10.2 t/d need two modules at each
    (1, 40 + 20 * 1),
])  # fmt: skip
def test_hubs_keep_room_for_each_other(share: float, cost: float) -> None:
    """With either hub out the other passes the share of 20 t/d: one more module at exactly half."""
    found = best(two_hubs(hub=share))
    assert found.cost == pytest.approx(cost)
    assert least(two_hubs(hub=share), off=["resilience"]) == 40
    assert least(two_hubs(), resilience={"hub_outage_share": share}) == cost
    if share > 0:
        assert {index[0] for index in found.chosen("open")} == {"h1", "h2"}


def test_each_period_keeps_its_share() -> None:
    """Demand of 0 and then 20 t/d: the room for the other hub is needed in the second period only."""
    town = case(BOX, {"z1 box": (0, 20)}, {"h1 z1": 1, "h2 z1": 2}, ("h1", "h2"), MODULES, TWO,
                resilience=Resilience(hub_outage_share=0.51))  # fmt: skip
    assert best(town).cost == pytest.approx(40 + 20)


def test_what_is_not_served_in_the_plan_is_not_served_in_an_outage() -> None:
    """Where leaving a tonne costs 1, less than any way, a floor of half still brings 10 t/d to be carried."""
    cheap = (goods("box", "hub", unmet_cny_t=1),)
    for share, cost in ((0.0, 20), (0.5, 20 + 10 * 1 + 10 * 1)):
        town = case(cheap, {"z1 box": 20}, {"h1 z1": 1, "h2 z1": 2}, ("h1", "h2"), MODULES,
                    resilience=Resilience(hub_outage_share=share))  # fmt: skip
        assert least(town) == pytest.approx(cost)
        assert least(town, force_closed=["h1", "h2"]) == (20 if share == 0 else None)


def gateways(share: float, capacity: float = 12, **figures: object) -> Instance:
    """20 t/d by g1 for 1 or by g2, which has room for some, for 3 a tonne."""
    facing = {"g1": {"beyond_cny_t": 1}, "g2": {"beyond_cny_t": 3, "capacity_t_d": capacity}}
    ways = {"g1 h1": 0, "g2 h1": 0, "h1 z1": 0}
    floor = Resilience(gateway_outage_share=share)
    return case(BOX, {"z1 box": 20}, ways, ("h1",), gateways=facing, admissions=("box g1", "box g2"),
                resilience=floor, **figures)  # fmt: skip


def test_gateways_can_stand_in_for_each_other() -> None:
    """With g1 out g2 passes its 12 of 20 t/d: a share of 0.6 is kept and 0.61 is not; without capacities all is."""
    assert least(gateways(0.6)) == pytest.approx(20)
    assert least(gateways(0.61)) is None
    assert least(gateways(0.61), off=["resilience"]) == 20
    assert least(gateways(1), off=["gateway_capacity"]) == 20
    assert least(gateways(0.6), closed_gateways=["g2"]) is None
    assert least(gateways(0.6, 20), closed_gateways=["g1"]) is None  # only g2 carries, and it may fail


def test_goods_stay_out_of_gateways_that_do_not_admit_them() -> None:
    """Bags (8 t/d) are admitted at g1 only: with g1 out only the 12 t/d of boxes are served."""
    both = (*BOX, goods("bag", "hub"))
    facing = {"g1": {}, "g2": {}}
    town = case(
        both, {"z1 box": 12, "z1 bag": 8}, {"g1 h1": 0, "g2 h1": 0, "h1 z1": 0}, ("h1",), gateways=facing,
        admissions=("box g1", "box g2", "bag g1"),
    )  # fmt: skip
    for share, cost in ((0.6, 0), (0.61, None)):
        assert least(town, resilience={"gateway_outage_share": share}) == cost


def test_what_only_one_hub_reaches_is_lost_with_it() -> None:
    """z1 (12 t/d) is reached from h1 only and z2 (8 t/d) from both: with h1 out at most 40 % is served."""
    ways = {"h1 z1": 1, "h1 z2": 1, "h2 z2": 2}
    for share, cost in ((0.4, 20 + 10 + 20 * 1), (0.41, None)):
        town = case(
            BOX, {"z1 box": 12, "z2 box": 8}, ways, ("h1", "h2"), MODULES, resilience=Resilience(hub_outage_share=share)
        )
        found = best(town)
        assert found.cost is None if cost is None else found.cost == pytest.approx(cost)


def test_lower_levels_keep_what_they_handle() -> None:
    """z1 and z2 (10 t/d each) hang on u1 and u2; h1 reaches both centres, h2 only u2, each h2 module passes 10 t/d."""
    box = (goods("box", "hub", "utc"),)
    designs = (*MODULES, design("e", "utc"))
    ways = {"h1 u1": 1, "h1 u2": 1, "h2 u2": 5, "u1 z1": 0, "u2 z2": 0, "u2 z1": 1}
    sites = ("h1", "h2", "u1", "u2")
    demand = {"z1 box": 10, "z2 box": 10}
    for share, cost in ((0.5, 30 + 20), (0.75, 40 + 20 + 5), (1, 40 + 20 + 10)):
        # with h1 out all that is served passes u2: beyond 10 t/d z1 must be served by u2 in the plan, 1 km more
        town = case(box, demand, ways, sites, designs, resilience=Resilience(hub_outage_share=share))
        assert best(town).cost == pytest.approx(cost)


def test_bonded_goods_need_bonded_room_in_an_outage() -> None:
    """Of 20 t/d 10 are bonded, and a module of h2 clears 5: for half three modules of h1 or h2 more do not help."""
    both = (*BOX, goods("bond", "hub", requirement="bonded"))
    designs = (
        design("d", "hub", capital_cny_m2=10, bonded_t_d=10),
        design("e", "hub", capital_cny_m2=10, bonded_t_d=5, max_modules=2),
        design("f", "hub", capital_cny_m2=10, max_modules=2),
    )
    ways = {"h1 z1": 1, "h2 z1": 2}
    demand = {"z1 box": 10, "z1 bond": 10}
    for other, share, cost in (
        ("e", 0.75, 20 + 20 + 20),  # two modules: 10 boxes and 5 bonded of 10
        ("f", 0.5, 20 + 10 + 20),  # one module, all boxes
        ("f", 0.51, None),
    ):
        sites = {"h1": {"designs": "d"}, "h2": {"designs": other}}
        floor = Resilience(hub_outage_share=share)
        assert least(case(both, demand, ways, sites, designs, resilience=floor)) == cost


def test_goods_that_pass_no_hub_do_not_count() -> None:
    """Bags start at a centre: they are neither asked for nor served when the only hub that is open is out."""
    both = (*BOX, goods("bag", "utc"))
    designs = (*MODULES, design("e", "utc"))
    town = case(
        both, {"z1 box": 10, "z1 bag": 90}, {"h1 z1": 1, "h2 z1": 2, "u1 z1": 0}, ("h1", "h2", "u1"), designs,
        resilience=Resilience(hub_outage_share=1),
    )  # fmt: skip
    assert least(town) == pytest.approx(20 + 10)


def test_floor_area_that_is_converted_is_no_reserve() -> None:
    """h2's 2 old modules, converted for nothing, are out of use for the half of the period: 10 t/d, not 20."""
    designs = (
        design("d", "hub"),
        design("old", "hub", throughput_t_d=5, max_modules=2),
        design("new", "hub", capital_cny_m2=10, max_modules=2, conversion_months=6),
    )
    sites = {"h1": {"designs": "d"}, "h2": {"designs": "new"}}
    today = {"h2": {"design": "old", "modules": 2}}
    ways = {"h1 z1": 1, "h2 z1": 2}
    for share, cost in ((0.5, 20), (0.75, 20 + 10), (1, 20 + 20)):
        # kept old modules pass 10 t/d; of two new ones so many are built (for 10 each) as must pass 10 more
        town = case(BOX, {"z1 box": 20}, ways, sites, designs, existing=today,
                    resilience=Resilience(hub_outage_share=share))  # fmt: skip
        assert least(town) == pytest.approx(cost)
