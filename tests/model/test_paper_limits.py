"""Counts, shares, caps and gateways on paper."""

from __future__ import annotations

import pytest

from hubopt.instance import Instance
from hubopt.instance.types import LevelRule, Presence
from tests.model.paper import NAMED, TWO, best, case, design, goods, least

BOX = (goods("box", "hub"),)


def three_hubs(**changes: object) -> Instance:
    """10 t/d over 1, 2 or 4 km: by h1 and h2 of operator X in city A, or by h3 of Y in city B; 7 a year for a site."""
    designs = (design("d", "hub", fixed_running_cny_year=7),)
    sites = {
        "h1": {"operator": "X", "city": "A", "district": "N"},
        "h2": {"operator": "X", "city": "A", "district": "S"},
        "h3": {"operator": "Y", "city": "B", "district": "S"},
    }
    return case(BOX, {"z1 box": 10}, {"h1 z1": 1, "h2 z1": 2, "h3 z1": 4}, sites, designs, **changes)


def test_a_site_is_present_in_each_city() -> None:
    """One hub for 7 and 10; a second one in city B for 7 more; h2 or h3 instead where h1's district may have none."""
    in_b = Presence(id="b", scope="city", place="B", level="hub", min_open=1)
    south = Presence(id="s", scope="district", place="S", min_open=1)
    no_north = Presence(id="n", scope="district", place="N", max_open=0)
    assert least(three_hubs()) == 7 + 10
    found = best(three_hubs(presence=(in_b,)))
    assert {index[0] for index in found.chosen("open")} == {"h1", "h3"}
    assert found.cost == pytest.approx(7 + 7 + 10)
    assert least(three_hubs(presence=(in_b,)), off=["presence"]) == 7 + 10
    assert least(three_hubs(presence=(in_b,)), presence={"b": {"min_open": 0}}) == 7 + 10
    assert (
        least(three_hubs(presence=(in_b,)), presence={"b": {"max_open": 0, "min_open": 0}}, force_open=["h3"]) is None
    )
    assert least(three_hubs(presence=(no_north,))) == 7 + 20
    assert least(three_hubs(presence=(in_b, south))) == 7 + 7 + 10  # h3 is both


def test_presence_counts_the_level_or_hub_type_that_it_names() -> None:
    """A centre in city B is no hub there, and a hub of type b no hub of type a."""
    goods_ = (*BOX, goods("bag", "utc"))
    designs = (design("d", "hub", fixed_running_cny_year=7), design("e", "utc"))
    sites = {"h1": {"city": "A", "hub_type": "a"}, "h2": {"city": "B", "hub_type": "b"}, "u1": {"city": "B"}}
    types = [{"id": id, **NAMED} for id in "ab"]
    ways = {"h1 z1": 1, "h2 z1": 2, "u1 z1": 0}

    def asked(**rule: object) -> float | None:
        presence = (Presence.model_validate({"id": "p", "scope": "city", "place": "B", "min_open": 1, **rule}),)
        demand = {"z1 box": 10, "z1 bag": 10}
        return least(case(goods_, demand, ways, sites, designs, hub_types=types, presence=presence))

    assert asked() == 7 + 10  # u1 counts
    assert asked(level="utc") == 7 + 10
    assert asked(level="hub") == 7 + 7 + 10
    assert asked(hub_type="b") == 7 + 7 + 10
    assert asked(hub_type="b", min_open=0, max_open=0) == 7 + 10


@pytest.mark.parametrize(
    ("share", "by_operator", "cost"),
    [
        (1, 1, 7 + 10),
        (0.75, 1, 14 + 7.5 * 1 + 2.5 * 2),
        (0.5, 1, 14 + 5 * 1 + 5 * 2),
        (0.4, 1, 21 + 4 * 1 + 4 * 2 + 2 * 4),
        (1, 0.6, 14 + 6 * 1 + 4 * 4),  # h1 and h2 are of one operator
        (0.5, 0.5, 14 + 5 * 1 + 5 * 4),
    ],
)
def test_no_site_or_operator_carries_too_much(share: float, by_operator: float, cost: float) -> None:
    """Of 10 t/d a site or operator carries at most its share; the rest goes by the next cheapest hub."""
    rule = LevelRule(max_site_share=share, max_operator_share=by_operator)
    assert least(three_hubs(levels={"hub": rule})) == pytest.approx(cost)
    assert least(three_hubs(levels={"hub": rule}), off=["concentration"]) == 7 + 10
    changes = {"hub": {"max_site_share": share, "max_operator_share": by_operator}}
    assert least(three_hubs(), levels=changes) == pytest.approx(cost)


def test_shares_of_sites_count_what_is_carried() -> None:
    """Two sites of at most 40 % each cannot make up their level: nothing is carried."""
    rule = LevelRule(max_site_share=0.4)
    assert least(three_hubs(levels={"hub": rule}), force_closed=["h3"]) == 10 * 100


@pytest.mark.parametrize(("floor", "cost"), [
    (0, 4 * 1 + 10 * 1),
    (0.4, 4 * 1 + 10 * 1),  # h1 passes 4 of 10 t/d
    (0.41, 4 * 5 + 10 * 1),  # too little to be open
    (0.71, 14 * 100),  # h2 passes 14 of 20 t/d at most: both are closed
])  # fmt: skip
def test_a_site_that_is_used_too_little_stays_closed(floor: float, cost: float) -> None:
    """4 t/d of z1 pass h1 over 1 km or h2 over 5 km; h2 has 20 t/d and passes 10 for z2 as well."""
    designs = (design("d", "hub", max_modules=1), design("e", "hub", throughput_t_d=20, max_modules=1))
    sites = {"h1": {"designs": "d"}, "h2": {"designs": "e"}}
    ways = {"h1 z1": 1, "h2 z1": 5, "h2 z2": 1}
    rule = {"hub": LevelRule(min_utilisation=floor)}
    town = case(BOX, {"z1 box": 4, "z2 box": 10}, ways, sites, designs, levels=rule)
    assert least(town) == pytest.approx(cost)
    assert least(town, off=["utilisation"]) == 14
    assert least(town, levels={"hub": {"min_utilisation": 0}}) == 14


def test_unmet_demand_has_a_cap() -> None:
    """A tonne costs 3 to carry and 1 or 2 to leave: all stays behind, unless at most 40 % may in each period."""
    cheap = (goods("box", "hub", unmet_cny_t=1), goods("bag", "hub", unmet_cny_t=2))
    town = case(cheap, {"z1 box": (10, 0), "z1 bag": (10, 10)}, {"h1 z1": 3}, ("h1",), periods=TWO)
    assert least(town) == 10 + 20 + 20
    # 8 boxes stay and all else goes in the first period; 4 bags stay in the second
    assert least(town, unmet_share_max=0.4) == (8 * 1 + 12 * 3) + (4 * 2 + 6 * 3)
    assert least(town, unmet_share_max=0) == 30 * 3
    assert least(town, unmet_share_max=0, off=["unmet_cap"]) == 10 + 20 + 20
    assert least(town, unmet_share_max=0, force_closed=["h1"]) is None


@pytest.mark.parametrize(("cap", "land"), [(100, 1.0), (60, 1.0), (59, 1.5), (40, 1.5), (39, 2), (20, 2), (19, None)])
def test_least_land_for_a_cost(cap: float, land: float | None) -> None:
    """Two hubs of 1 ha for 10 or half a hectare for 30 each: the less may be spent, the more land is used.

    Unmet tonnes cost 100 and count; no part of the cost has a weight, land is charged 1 a hectare.
    """
    designs = (
        design("flat", "hub", module_gfa_m2=10_000, capital_cny_m2=0.001, max_modules=1),
        design("stack", "hub", module_gfa_m2=10_000, capital_cny_m2=0.003, max_modules=1, floor_area_ratio=2),
    )
    town = case(BOX, {"z1 box": 20}, {"h1 z1": 0, "h2 z1": 0}, ("h1", "h2"), designs)
    parts = ("capital", "land", "running", "handling", "transport", "empty", "beyond", "border", "carbon", "closure",
             "unmet")  # fmt: skip
    asked = {"weights": dict.fromkeys(parts, 0.0), "land_charge_cny_ha_year": 1, "cost_cap_cny_year": cap}
    assert least(town, **asked) == land
    assert least(town, **asked, off=["cost_cap"]) == 0  # nothing is built


def two_gateways(**figures: object) -> Instance:
    """10 t/d in each of two periods by g1 for 1 or by g2 for 4 a tonne; g1's room doubles in the second."""
    gateways = {"g1": {"beyond_cny_t": 1, **figures}, "g2": {"beyond_cny_t": 4}}
    times = (TWO[0], TWO[1].model_copy(update={"gateway_factor": 2}))
    ways = {"g1 h1": 0, "g2 h1": 0, "h1 z1": 0}
    return case(BOX, {"z1 box": 10}, ways, ("h1",), periods=times, gateways=gateways, admissions=("box g1", "box g2"))


def test_gateways_grow_and_close() -> None:
    """Without limits 10 and 10; with room for 5 t/d at g1, and then for 10, 25 and 10; closed, 40 and 40."""
    assert least(two_gateways()) == 10 + 10
    assert least(two_gateways(capacity_t_d=5)) == (5 + 5 * 4) + 10
    assert least(two_gateways(capacity_t_d=5), off=["gateway_capacity"]) == 10 + 10
    assert least(two_gateways(), closed_gateways=["g1"]) == 40 + 40
    assert least(two_gateways(), closed_gateways=["g1", "g2"]) == 20 * 100
    assert best(two_gateways(capacity_t_d=5), closed_gateways=["g2"]).cost == pytest.approx(5 + 5 * 100 + 10)


@pytest.mark.parametrize(
    ("levels", "carried"), [(None, 0), (("hub",), 6), (("utc",), 0), (("hub", "utc"), 0), ((), 10)]
)
def test_a_requirement_holds_at_the_levels_that_it_names(levels: tuple[str, ...] | None, carried: float) -> None:
    """The hub clears 6 t/d of bonded goods, the centre has no bonded room: goods are bonded where they say so."""
    bond = (goods("bond", "hub", "utc", requirement="bonded", requirement_levels=levels),)
    designs = (design("d", "hub", bonded_t_d=6, max_modules=1), design("e", "utc"))
    town = case(bond, {"z1 bond": 10}, {"h1 u1": 0, "u1 z1": 0}, ("h1", "u1"), designs)
    assert least(town) == pytest.approx((10 - carried) * 100)
    assert least(town, off=["requirements"]) == 0
