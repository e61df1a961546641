"""In-city goods on paper: collected at one centre, exchanged, delivered from another."""

from __future__ import annotations

import pytest

from hubopt.instance import Instance
from hubopt.instance.types import Service
from tests.model.paper import TWO, best, case, design, goods, least, mode, target

CITY = (goods("in", "utc", exchange_with="out"), goods("out", "utc", direction="outbound"))
CENTRES = (design("e", "utc"),)
SINGLE = Service(single_sourcing=("utc-zone",))
DEMAND = {"z1 in": 4.0, "z2 in": 6.0, "z1 out": 6.0, "z2 out": 4.0}
GROUPS = {"z1": {"group": "A"}, "z2": {"group": "B"}}


def city(zones: object = GROUPS, **changes: object) -> Instance:
    """Centre u1 serves z1 and u2 serves z2, 10 km apart; z1 sends 6 and receives 4 t/d, z2 the other way round."""
    ways = {"u1 z1": 0, "u2 z2": 0, "u1 u2": 10}
    figures: dict[str, object] = {"service": SINGLE, "zones": zones, **changes}
    return case(CITY, DEMAND, ways, ("u1", "u2"), CENTRES, **figures)


def shares(**of_zones: dict[str, float]) -> dict[str, dict[str, float]]:
    return {f"in {z} {group}": {"share": share} for z, groups in of_zones.items() for group, share in groups.items()}


def test_goods_go_where_their_receivers_are() -> None:
    """Of what A and B send 40 % goes to z1 and 60 % to z2: 3.6 and 1.6 t/d go 10 km, and 2 t/d fewer come back."""
    found = best(city())
    assert found.cost == pytest.approx((3.6 + 1.6) * 10)
    unit = found.model.network.scale.flow_t_d
    amounts = {index[1:4]: value * unit for index, value in found.chosen("exchange", 1e-6).items()}
    assert amounts == pytest.approx(
        {("A", "u1", "u1"): 2.4, ("A", "u1", "u2"): 3.6, ("B", "u2", "u1"): 1.6, ("B", "u2", "u2"): 2.4}
    )
    assert least(city(modes=(mode("road", empty_running=1),))) == pytest.approx((3.6 + 1.6) * 10 + 2 * 10)
    assert least(city(), off=["exchange"]) == 0


@pytest.mark.parametrize(
    ("stated", "km"),
    [
        ({"z1": {"A": 1.0}, "z2": {"A": 1 / 3, "B": 2 / 3}}, 2),  # as near as can be: only 2 t/d of A go to z2
        ({"z1": {"B": 1.0}, "z2": {"A": 1.0}}, 10),  # all goods cross
        ({"z1": {"A": 0.75, "B": 0.25}, "z2": {"A": 0.5, "B": 0.5}}, 3 + 1),
    ],
)
def test_origins_can_be_stated(stated: dict[str, dict[str, float]], km: float) -> None:
    """The table says which share of what a zone receives comes from which group."""
    assert best(city(exchange=shares(**stated))).cost == pytest.approx(10 * km)


def test_goods_of_one_group_are_alike() -> None:
    """If both zones are of one group, by its name or by the district, only the difference of 2 t/d is exchanged."""
    alike = {"z1": {"group": "A"}, "z2": {"group": "A"}}
    for zones in (alike, {}, {"z1": {"group": "D"}}):
        assert least(city(zones)) == pytest.approx(2 * 10)


def test_without_a_way_between_centres_nothing_is_delivered() -> None:
    """Each zone wants goods of both groups; with no way between the centres none of the 20 t/d can be carried."""
    ways = {"u1 z1": 0, "u2 z2": 0}
    apart = case(CITY, DEMAND, ways, ("u1", "u2"), CENTRES, service=SINGLE, zones=GROUPS)
    assert least(apart) == pytest.approx(20 * 100)
    assert least(apart, off=["exchange"]) == 0


def test_the_exchange_uses_modes_with_their_limits() -> None:
    """3.6 t/d one way and 1.6 back over one row of arcs: the railway takes 4 of the 5.2 t/d, or its terminal 2."""
    ways = {"u1 z1": 0, "u2 z2": 0, "u1 u2": {"km": 20}, "u1 u2 rail": {"km": 10}}
    modes = (mode("road"), mode("rail", capacity_t_d=4))
    assert best(case(CITY, DEMAND, ways, ("u1", "u2"), CENTRES, modes=modes, service=SINGLE, zones=GROUPS)).cost == (
        pytest.approx(4 * 10 + 1.2 * 20)
    )
    terminal = {"u2 rail": {"capacity_t_d": 2}}
    free = (mode("road"), mode("rail"))
    bounded = case(
        CITY, DEMAND, ways, ("u1", "u2"), CENTRES, modes=free, service=SINGLE, zones=GROUPS, terminals=terminal
    )
    assert least(bounded) == pytest.approx(2 * 10 + 3.2 * 20)
    assert least(bounded, off=["mode_capacity"]) == pytest.approx(5.2 * 10)


def test_groups_can_be_kept_apart_above_a_station() -> None:
    """s1 serves both zones; all goods of A go by u1 and all of B by u2, which are as large as that: none is exchanged.

    Capacities of 8 and 12 t/d hold A's 4 + 4 and B's 6 + 6 t/d. If the goods had to be mixed alike on both ways, some
    of each group would have to cross; turned round (z1 receives from B) all must.
    """
    goods_ = (goods("in", "utc", "station", exchange_with="out"), goods("out", "utc", "station", direction="outbound"))
    designs = (
        design("e8", "utc", throughput_t_d=8, max_modules=1), design("e12", "utc", throughput_t_d=12, max_modules=1),
        design("st", "station"),
    )  # fmt: skip
    demand = {"z1 in": 4, "z2 in": 6, "z1 out": 4, "z2 out": 6}
    ways = {"u1 s1": 0, "u2 s1": 0, "s1 z1": 0, "s1 z2": 0, "u1 u2": 10}
    sites = {"u1": {"designs": "e8"}, "u2": {"designs": "e12"}, "s1": {}}
    own = shares(z1={"A": 1.0}, z2={"B": 1.0})
    assert least(case(goods_, demand, ways, sites, designs, zones=GROUPS, exchange=own)) == pytest.approx(0)
    uniform = case(goods_, demand, ways, sites, designs, zones=GROUPS)
    assert least(uniform) == pytest.approx(0)  # u1 takes 3.2 of A and 4.8 of B, or anything that fits both ways


def without(instance: Instance, commodity: str) -> Instance:
    """The same case without any demand for a commodity (which no valid case of in-city goods has)."""
    demand = instance.demand
    return instance.with_tables(demand=demand.assign(t_d=demand["t_d"].mask(demand["commodity"] == commodity, 0.0)))


def test_nothing_is_delivered_that_nobody_sends() -> None:
    """Where nobody sends anything all stays undelivered, with origins stated or not; where nobody receives, unsent."""
    for stated in (None, shares(z1={"A": 1.0}, z2={"A": 1 / 3, "B": 2 / 3})):
        unsent = without(city(exchange=stated), "out")
        assert best(unsent).cost == pytest.approx(10 * 100)
        assert least(unsent, off=["exchange"]) == 0
    assert least(without(city(), "in")) == pytest.approx(10 * 100)


def test_each_period_has_its_own_exchange() -> None:
    """Twice the goods in the second period are twice the exchange."""
    demand = {key: (t_d, 2 * t_d) for key, t_d in DEMAND.items()}
    ways = {"u1 z1": 0, "u2 z2": 0, "u1 u2": 10}
    town = case(CITY, demand, ways, ("u1", "u2"), CENTRES, TWO, service=SINGLE, zones=GROUPS)
    assert least(town) == pytest.approx(52 + 104)


def test_late_exchange_counts_against_a_chain_target() -> None:
    """5.2 of 10 t/d are exchanged over 10 minutes: with a budget of 9 minutes 48 % are in time, with 10 all."""
    for budget, share, cost in ((9, 0.48, 52), (9, 0.49, None), (10, 1, 52)):
        limit = target("day", "utc", share=share, commodities=("in",), budget_minutes={"utc-utc": budget})
        town = city(service=SINGLE.model_copy(update={"targets": (limit,)}))
        found = least(town)
        assert found is None if cost is None else found == pytest.approx(cost)
