"""Modes on paper: their capacities, terminals, tolls, empty running, and carbon that shifts goods between them."""

from __future__ import annotations

import pytest

from hubopt.instance import Instance, Policy
from hubopt.model import make_network
from tests.model.paper import best, case, design, goods, least, mode

BOX = (goods("box", "hub"),)
ROAD_AND_RAIL = (mode("road", cny_t_km=2, kgco2e_t_km=0.2), mode("rail", kind="rail", kgco2e_t_km=0.05))
"""Rail is cheaper and cleaner."""
RAIL_DEAR = (mode("road", kgco2e_t_km=0.2), mode("rail", kind="rail", cny_t_km=2, kgco2e_t_km=0.05))
"""Rail is dearer and cleaner: 10 km cost 10 and 2 kg by road, 20 and 0.5 kg by rail."""


def two_ways(modes: tuple[object, ...], **changes: object) -> Instance:
    """10 t/d over 10 km by road or by rail."""
    return case(BOX, {"z1 box": 10}, {"h1 z1": 10, "h1 z1 rail": 10}, ("h1",), modes=modes, **changes)


def test_a_terminal_limits_what_goes_by_rail() -> None:
    """Rail costs 10 and road 20: all by rail, or 6 t/d if the hub's terminal takes no more; half of that for each way.

    Limits on modes can be switched off.
    """
    assert least(two_ways(ROAD_AND_RAIL)) == 10 * 10
    terminal = two_ways(ROAD_AND_RAIL, terminals={"h1 rail": {"capacity_t_d": 6}})
    assert least(terminal) == 6 * 10 + 4 * 20
    assert least(terminal, off=["mode_capacity"]) == 10 * 10
    assert least(terminal, mode_capacity_t_d={"rail": 5}) == 5 * 10 + 5 * 20


def test_a_terminal_counts_both_its_sides() -> None:
    """A centre gets 10 t/d by rail and sends them on by rail: its terminal of 12 t/d counts 12 of the 20 t/d."""
    box = (goods("box", "hub", "utc"),)
    designs = (design("d", "hub"), design("e", "utc"))
    ways = {"h1 u1": 10, "h1 u1 rail": 10, "u1 z1": 10, "u1 z1 rail": 10}
    facing = {"terminals": {"u1 rail": {"capacity_t_d": 12}}}
    bounded = case(box, {"z1 box": 10}, ways, ("h1", "u1"), designs, modes=ROAD_AND_RAIL, **facing)
    assert least(bounded) == 12 * 10 + 8 * 20
    free = case(box, {"z1 box": 10}, ways, ("h1", "u1"), designs, modes=ROAD_AND_RAIL)
    assert least(free, mode_capacity_t_d={"rail": 12}) == 12 * 10 + 8 * 20  # counted once for each arc


def test_a_mode_with_a_capacity_of_its_own() -> None:
    """5 t/d by rail and 5 by road; a policy's 3 t/d replace the 5; 0 closes the railway."""
    road, rail = ROAD_AND_RAIL
    bounded = two_ways((road, rail.model_copy(update={"capacity_t_d": 5})))
    assert least(bounded) == 5 * 10 + 5 * 20
    assert least(bounded, mode_capacity_t_d={"rail": 3}) == 3 * 10 + 7 * 20
    assert least(bounded, mode_capacity_t_d={"rail": 0}) == 10 * 20


def test_tolls_and_borders_are_paid_per_tonne() -> None:
    """10 t/d over 10 km with a toll of 3 and a border of 4: 100, 30 and 40; a toll of 11 makes rail the cheaper way."""
    for toll, cost in ((3, 100 + 30 + 40), (11, 200)):
        ways = {
            "h1 z1": {"km": 10, "toll_cny_t": toll, "border_cny_t": 4 if toll == 3 else 0},
            "h1 z1 rail": {"km": 10},
        }
        found = best(case(BOX, {"z1 box": 10}, ways, ("h1",), modes=RAIL_DEAR))
        assert found.cost == pytest.approx(cost)


@pytest.mark.parametrize(("back", "empty"), [(0, 10), (4, 6), (10, 0), (13, 3)])
def test_vehicles_run_empty_for_what_one_direction_lacks(back: float, empty: float) -> None:
    """10 t/d out and some back over 10 km at half cost and emission for empty ones: |10 - back| t/d run empty."""
    both = (*BOX, goods("parcel", "hub", direction="outbound"))
    modes = (mode("road", kgco2e_t_km=0.1, empty_running=0.5),)
    demand = {"z1 box": 10, "z1 parcel": back}
    found = best(case(both, demand, {"h1 z1": 10}, ("h1",), modes=modes), carbon_price_cny_t=1000)
    assert found.part("transport") == pytest.approx((10 + back) * 10)
    assert found.part("empty") == pytest.approx(empty * 10 * 0.5)
    assert found.part("carbon") == pytest.approx((10 + back) * 10 * 0.1 + empty * 10 * 0.5 * 0.1)


def test_empty_running_brings_directions_together() -> None:
    """Parcels may go back by a hub at 8 km or by that of the boxes at 10 km: there no vehicle runs back empty.

    Apart: 100 and 80 and 180 km empty; together 100 and 100 and none.
    """
    both = (*BOX, goods("parcel", "hub", direction="outbound"))
    designs = (design("d", "hub"),)
    sites = {"h1": {}, "h2": {"hub_type": "b"}}
    types = [{"id": "b", "name_en": "b", "name_zh": "乙", "commodities": ("parcel",)}]
    ways = {"h1 z1": 10, "h2 z1": 8}
    for share, cost in ((0.0, 100 + 80), (0.05, 100 + 80 + 9), (0.5, 200)):
        modes = (mode("road", empty_running=share),)
        demand = {"z1 box": 10, "z1 parcel": 10}
        assert least(case(both, demand, ways, sites, designs, modes=modes, hub_types=types)) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("cap", "cost"),
    [
        (0.020, 100),  # 10 t/d by road emit 20 kg
        (0.0125, 5 * 10 + 5 * 20),  # each t/d by rail saves 1.5 kg
        (0.005, 200),  # all by rail
        (0.004, 8 * 20 + 2 * 100),  # rail for 8 t/d, 2 t/d stay behind
        (0, 10 * 100),
    ],
)
def test_a_cap_on_carbon_forces_goods_to_rail(cap: float, cost: float) -> None:
    """10 km by road cost 10 and 2 kg a tonne, by rail 20 and 0.5 kg."""
    assert least(two_ways(RAIL_DEAR), carbon_cap_t_year=cap) == pytest.approx(cost)
    assert least(two_ways(RAIL_DEAR), carbon_cap_t_year=cap, off=["carbon_cap"]) == 100


@pytest.mark.parametrize(("price", "way", "cost"), [
    (6600, "road", 100 + 6.6 * 20),
    (6700, "rail", 200 + 6.7 * 5),
])  # fmt: skip
def test_a_price_of_carbon_shifts_goods_to_rail(price: float, way: str, cost: float) -> None:
    """Rail costs 100 more and saves 15 kg: it pays from 100 / 15 CNY/kg on, which is 6,667 CNY/t."""
    found = best(two_ways(RAIL_DEAR), carbon_price_cny_t=price)
    assert found.cost == pytest.approx(cost)
    assert {index[3] for index in found.chosen("flow")} == {way}


def test_everything_that_emits_counts_against_the_cap() -> None:
    """Beyond the gateway 1 kg a tonne, handling 2 kWh at 0.5 kg, 3 m2 of 4 kWh: 10 + 10 + 6 kg for 10 t/d."""
    designs = (design("d", "hub", module_gfa_m2=3, energy_kwh_t=2, energy_kwh_m2_year=4),)
    facing = {
        "gateways": {"g1": {"beyond_kgco2e_t": 1}}, "admissions": ("box g1",), "info": {"grid_kgco2e_kwh": 0.5},
    }  # fmt: skip
    plant = case(BOX, {"z1 box": 10}, {"g1 h1": 0, "h1 z1": 0}, ("h1",), designs, **facing)
    assert least(plant, carbon_cap_t_year=0.026) == 0
    assert least(plant, carbon_cap_t_year=0.024) == pytest.approx(100)  # 9 t/d: 18 + 6 kg
    assert best(plant, carbon_price_cny_t=1000).cost == pytest.approx(26)


def test_a_mode_that_is_worse_in_everything_is_left_out() -> None:
    """The dearer mode is left out where only cost counts, neither where carbon is capped or the better is limited."""
    arcs = {"road": ("hub-zone", "h1", "z1", "road"), "rail": ("hub-zone", "h1", "z1", "rail")}
    slow = (mode("road", kgco2e_t_km=0.2, empty_running=0.4), mode("rail", cny_t_km=2, kgco2e_t_km=0.05))
    near = (mode("road", kgco2e_t_km=0.2), mode("rail", cny_t_km=1.3, empty_running=0.4))
    for modes, policy, beaten in (
        (RAIL_DEAR, Policy(), {"rail"}),
        (RAIL_DEAR, Policy(carbon_price_cny_t=7000), {"road"}),
        (RAIL_DEAR, Policy(carbon_cap_t_year=1), set()),
        (RAIL_DEAR, Policy(carbon_cap_t_year=1, off=("carbon_cap",)), {"rail"}),
        (RAIL_DEAR, Policy(mode_capacity_t_d={"road": 5}), set()),
        (RAIL_DEAR, Policy(mode_capacity_t_d={"rail": 5}), {"rail"}),
        (RAIL_DEAR, Policy(weights={"transport": 0}), {"road"}),  # by name, since both cost nothing
        (RAIL_DEAR, Policy(weights={"transport": 0}, cost_cap_cny_year=500), {"rail"}),
        (ROAD_AND_RAIL, Policy(carbon_cap_t_year=1), {"road"}),
        (slow, Policy(), {"rail"}),  # 10 a tonne and 4 empty are less than 20
        (near, Policy(), set()),  # 10 and 13, but a tonne more by rail may save 5.2 empty
    ):
        assert make_network(two_ways(modes), policy).beaten == {arcs[name] for name in beaten}, (modes, policy)
