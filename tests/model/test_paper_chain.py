"""Chain targets on paper: tonnes on arcs beyond their leg's budget of minutes are late."""

from __future__ import annotations

import pytest

from hubopt.instance import Instance
from hubopt.instance.types import Service
from tests.model.paper import TWO, best, case, design, goods, least, periods, target

BOX = (goods("box", "hub"),)


def quick_or_cheap(share: float, budget: float = 40, **changes: object) -> Instance:
    """10 t/d by h1 in 30 minutes for 3 a tonne, or by h2 in 50 minutes for 1."""
    ways = {"h1 z1": {"km": 3, "minutes": 30}, "h2 z1": {"km": 1, "minutes": 50}}
    limit = target("t", "hub", share=share, budget_minutes={"hub-zone": budget})
    figures: dict[str, object] = {"service": Service(targets=(limit,)), **changes}
    return case(BOX, {"z1 box": 10}, ways, ("h1", "h2"), **figures)


@pytest.mark.parametrize(("share", "budget", "cost"), [
    (0, 40, 10),
    (0.6, 40, 6 * 3 + 4 * 1),
    (1, 40, 30),
    (1, 50, 10),  # exactly the budget is in time
    (0.6, 29, None),
    (0, 29, 10),
])  # fmt: skip
def test_a_share_of_the_demand_goes_the_quick_way(share: float, budget: float, cost: float | None) -> None:
    """So many t/d as the target asks go by h1, which costs 2 more a tonne."""
    assert least(quick_or_cheap(share, budget)) == cost
    assert least(quick_or_cheap(share, budget), off=["service_targets"]) == 10
    if (share, budget) == (1, 50):
        best(quick_or_cheap(share, budget))


def test_a_period_or_a_policy_can_ask_for_another_share() -> None:
    """60 % in the first period and 90 %, none or all in the second; a policy's 50 % hold in every period."""
    for later, cost in ((0.9, 22 + 28), (0.0, 22 + 10), (1.0, 22 + 30)):
        times = periods(a={}, b={"target_shares": {"t": later}})
        assert best(quick_or_cheap(0.6, periods=times)).cost == pytest.approx(cost)
        assert least(quick_or_cheap(0.6, periods=times), targets={"t": {"share": 0.5}}) == 20 + 20
    assert least(quick_or_cheap(0.6, periods=TWO)) == 22 + 22


def test_unmet_demand_is_not_in_time() -> None:
    """h1 passes 6 of 10 t/d: 60 % can be in time, 61 % cannot."""
    designs = (design("d", "hub", throughput_t_d=6, max_modules=1), design("e", "hub"))
    sites = {"h1": {"designs": "d"}, "h2": {"designs": "e"}}

    def asked(share: float) -> float | None:
        limit = target("t", "hub", share=share, budget_minutes={"hub-zone": 40})
        ways = {"h1 z1": {"km": 3, "minutes": 30}, "h2 z1": {"km": 1, "minutes": 50}}
        return least(case(BOX, {"z1 box": 10}, ways, sites, designs, service=Service(targets=(limit,))))

    assert asked(0.6) == 22
    assert asked(0.61) is None


def by_gateway(share: float, budgets: dict[str, float], **changes: object) -> Instance:
    """g1 is 20 minutes away and 25 beyond, for 1 a tonne; g2 20 minutes and 24 beyond, for 4; the last leg takes 30."""
    gateways = {"g1": {"beyond_minutes": 25, "beyond_cny_t": 1}, "g2": {"beyond_minutes": 24, "beyond_cny_t": 4}}
    ways = {end: {"km": 0, "minutes": 20} for end in ("g1 h1", "g2 h1")} | {"h1 z1": {"km": 0, "minutes": 30}}
    limit = target("t", "hub", share=share, budget_minutes=budgets)
    figures = {"gateways": gateways, "admissions": ("box g1", "box g2"), "service": Service(targets=(limit,))}
    return case(BOX, {"z1 box": 10}, ways, ("h1",), **{**figures, **changes})


def test_minutes_beyond_a_gateway_belong_to_its_leg() -> None:
    """Within 44 minutes only g2 is in time: half of the goods take it for 3 a tonne more; within 45 none needs to."""
    assert least(by_gateway(0.5, {"gateway-hub": 44})) == pytest.approx(5 * 1 + 5 * 4)
    assert least(by_gateway(0.5, {"gateway-hub": 45})) == 10
    assert least(by_gateway(0.5, {"gateway-hub": 43})) is None


def test_tonnes_that_are_late_on_two_legs_count_twice() -> None:
    """All 10 t/d are late on the last leg; a first leg that is late as well could not even keep a share above 0."""
    assert least(by_gateway(0.0, {"gateway-hub": 43, "hub-zone": 29})) == 10
    assert least(by_gateway(0.1, {"gateway-hub": 45, "hub-zone": 29})) is None
    times = periods(a={}, b={"target_shares": {"t": 0.0}})
    switched = by_gateway(0.5, {"gateway-hub": 44}, periods=times)
    assert least(switched) == pytest.approx(25 + 10)
    both = periods(a={"target_shares": {"t": 0.0}}, b={"target_shares": {"t": 0.0}})
    assert least(by_gateway(0.5, {"gateway-hub": 43, "hub-zone": 29}, periods=both)) == 10 + 10
    # asked for in neither leg's reach in the first period only, and met in the second with an empty demand
    late = by_gateway(0.5, {"gateway-hub": 43, "hub-zone": 29}, periods=(both[0], TWO[1]))
    demand = late.demand.assign(t_d=late.demand["t_d"].mask(late.demand["period"] == "b", 0.0))
    assert least(late.with_tables(demand=demand)) == 10


def test_only_listed_goods_count() -> None:
    """Bags go the slow way for nothing; the target counts boxes only, or both if it lists none."""
    both = (*BOX, goods("bag", "hub"))
    ways = {"h1 z1": {"km": 3, "minutes": 30}, "h2 z1": {"km": 1, "minutes": 50}}
    for listed, cost in ((("box",), 30 + 10), (None, 60), (("box", "bag"), 60)):
        limit = target("t", "hub", share=1, commodities=listed, budget_minutes={"hub-zone": 40})
        demand = {"z1 box": 10, "z1 bag": 10}
        town = case(both, demand, ways, ("h1", "h2"), service=Service(targets=(limit,)))
        assert best(town).cost == pytest.approx(cost)


def test_late_collection_counts_against_delivery() -> None:
    """All 10 t/d delivered are in time; of those collected so many may be late as the share leaves."""
    city = (goods("in", "utc", exchange_with="out"), goods("out", "utc", direction="outbound"))
    ways = {"u1 z1": {"km": 0, "minutes": 10}, "u1 z2": {"km": 0, "minutes": 50}}
    for listed, share, cost in (
        (("in",), 0.7, 0), (("in",), 0.71, None), (("in", "out"), 0.71, None), (None, 0.71, None),
        (("out",), 0.7, 0), (("out",), 0.71, None),
    ):  # fmt: skip
        limit = target("t", "utc", share=share, commodities=listed, budget_minutes={"utc-zone": 40})
        demand = {"z1 in": 10, "z1 out": 7, "z2 out": 3}
        service = Service(targets=(limit,))
        town = case(city, demand, ways, ("u1",), (design("e", "utc"),), service=service)
        assert least(town) == cost
