"""The sparse index sets on the tiny city, counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hubopt.instance import Policy
from hubopt.model import (
    CONSTRAINTS,
    Network,
    assignment,
    budgets,
    carbon,
    chain,
    charges,
    concentration,
    counts,
    exchange,
    facilities,
    flows,
    gateways,
    land,
    make_network,
    modes,
    outages,
    phasing,
    service,
    stock,
)
from hubopt.model import variables as v
from tests.cases import tiny
from tests.model.rows import planned_network
from tests.model.small import small, stretched

Index = Callable[[Network], Sequence[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def network() -> Network:
    """The tiny city as it stands."""
    return make_network(tiny(), Policy())


COUNTS: list[tuple[Index, int, str]] = [
    (facilities.sites_with_choice, 11, "3 hubs, 3 transfer centres, 5 stations"),
    (v.option_periods, 21, "two designs everywhere but at s5"),
    (v.conversions, 1, "u-west to utc-smart"),
    (v.overflows, 0, "no design has a price of overflow"),
    (v.demands, 20, "6 parcel, 6 cold, 3 bonded, 5 returns"),
    (v.optional_demands, 20, "all of them, at a penalty"),
    (v.link_periods, 28, "3 * 5 pairs of utc-station, 13 of station-zone within 3 km"),
    (
        v.flows,
        126,
        "by van: parcel 4+9+15+13, cold 6+12+11 (no cold at s5, h-air), bonded 2+6+9, returns 4+9+15+11 (none in z6)",
    ),
    (v.throughputs, 61, "hubs 7+7+4, transfer centres 3*7, stations 4*5+2"),
    (assignment.linked_sites, 5, "stations"),
    (assignment.linked_zones, 6, "zones"),
    (assignment.links_from_sites, 28, "all links"),
    (assignment.linked_flows, 77, "parcel 28, cold 23, returns 26"),
    (assignment.shared_links, 15, "into stations; a station of 80 t/d holds any zone"),
    (assignment.open_flows, 39, "hub-utc 9+6+6+9, utc-zone 9"),
    (assignment.entered_sites, 40, "hub-utc 9+6+6+9, gateway-hub 4+2+4"),
    (assignment.zones_at_sites, 0, "no zone has a site of its own"),
    (assignment.zones_served_by_many, 0, "no zone has a site of its own"),
    (facilities.special_options, 22, "hubs 3*3, transfer centres 3*3, stn-cold 4"),
    (facilities.forced_open, 0, "none"),
    (facilities.staying, 0, "u-west may close"),
    (counts.level_periods, 3, "levels"),
    (counts.hub_type_periods, 2, "types"),
    (flows.facility_commodities, 36, "hubs 4+4+2, transfer centres 3*4, stations 4*3+2"),
    (flows.fed_facilities, 34, "but cold at two hubs, which are its free sources"),
    (gateways.limited_gateways, 2, "port and airport"),
    (gateways.admissions, 5, "rows of the table"),
    (land.land_limits, 4, "rows of the table"),
    (service.access_zones, 6, "every zone has a transfer centre within 5 km"),
    (service.access_target_periods, 1, "utc-access"),
    (service.delivery_target_periods, 1, "in-city"),
    (service.delivery_pairs, 13, "every pair of station and zone can be in time"),
    (charges.charged_access, 0, "nothing is charged for"),
    (charges.charged_delivery, 0, "nothing is charged for"),
    (service.tight_delivery_pairs, 2, "s1-z2 from u-east takes 62 min, s5-z5 from u-west too"),
]


@pytest.mark.parametrize(("index_set", "count", "why"), COUNTS, ids=lambda x: getattr(x, "__name__", None))
def test_an_index_set_has_as_many_members_as_counted(network: Network, index_set: Index, count: int, why: str) -> None:
    """The set has the size found by hand and no member twice."""
    members = list(index_set(network))
    assert len(members) == count, why
    assert len(set(members)) == count


OF_THE_WHOLE_PLAN: list[tuple[Index, int, str]] = [
    (v.option_periods, 16, "old and new at u1 and u2, one design at h1, h2, s1, s2; two periods"),
    (v.later_options, 8, "the same in the second period"),
    (v.changing_options, 8, "closing is allowed, and u1, which stays, has two designs"),
    (v.foundings, 6, "but the two of u1, which stands"),
    (v.conversions, 5, "old to new at u1 in both periods; in the second one any change at u1 and u2"),
    (phasing.open_periods_after_the_first, 6, "sites"),
    (phasing.new_sites, 5, "all but u1"),
    (stock.stock_periods, 2, "u1"),
    (stock.later_stock, 1, "u1 in the second period"),
    (stock.asked_periods, 2, "periods"),
    (counts.presence_periods, 4, "west and east"),
    (modes.empty_arcs, 36, "15 arcs by truck named and 3 of utc-zone"),
    (modes.limited_modes, 2, "rail"),
    (modes.terminals, 2, "rail at g1"),
    (exchange.exchanges, 16, "2 groups at both transfer centres, each to itself and to the other"),
    (exchange.mixes, 16, "both ways, 2 groups, on u1-s1 and u2-s1; only z2 is below s2"),
    (exchange.mixed_arcs_periods, 8, "both ways on u1-s1 and u2-s1"),
    (exchange.mixed_sites, 8, "both ways and 2 groups at s1"),
    (exchange.exchanging, 8, "2 groups at 2 transfer centres"),
    (chain.chain_target_periods, 4, "end and day"),
    (concentration.shared_sites, 4, "hubs"),
    (concentration.shared_operators, 4, "X and Y"),
    (gateways.limited_gateways, 4, "g1 and g2"),
    (outages.outage_periods, 8, "2 hubs and 2 gateways"),
    (outages.reroutings, 20, "boxes g1-h1, g1-h2, g2-h2 and medicine g1-h1, g1-h2: (2+1+1+2) + (1+1+0+2) a period"),
    (outages.reroutings_down, 18, "boxes h1 and h2 to those both reach, h1 to its own: 1 + 2 + 3 + 3 a period"),
    (outages.planned_classes, 6, "boxes below h1 alone and below both, medicine"),
    (outages.outage_hubs, 12, "one for each hub that is out, two for each gateway"),
    (outages.outage_requirements, 12, "cold at the same"),
    (outages.outage_gateways, 12, "two for each hub that is out, one for each gateway"),
    (outages.outage_kinds, 8, "medicine"),
    (outages.outage_hub_kinds, 12, "boxes at the hubs that can take over"),
    (outages.outage_classes, 16, "boxes in two classes"),
    (carbon.capped_periods, 1, "the second"),
    (budgets.budgeted_periods, 1, "the second"),
    (budgets.one_if_cost_capped, 1, "one"),
    (budgets.unmet_capped_periods, 2, "periods"),
    (charges.land_periods, 2, "periods"),
    (charges.carbon_periods, 2, "periods"),
    (charges.charged_chain, 4, "end and day"),
    (charges.charged_outages, 8, "2 hubs and 2 gateways"),
]


@pytest.mark.parametrize(("index_set", "count", "why"), OF_THE_WHOLE_PLAN, ids=lambda x: getattr(x, "__name__", None))
def test_a_set_of_the_whole_plan_has_as_many_members_as_counted(index_set: Index, count: int, why: str) -> None:
    """On the case of two periods the set has the size found by hand and no member twice."""
    members = list(index_set(planned_network()))
    assert len(members) == count, why
    assert len(set(members)) == count


@pytest.mark.parametrize("index_set", [index_set for index_set, _, _ in OF_THE_WHOLE_PLAN], ids=lambda x: x.__name__)
def test_what_the_tiny_city_does_not_ask_for_makes_no_rows(network: Network, index_set: Index) -> None:
    """One period without in-city goods, caps, outages or limits on modes has none of these sets."""
    has_some = (v.option_periods, v.conversions, gateways.limited_gateways)
    assert bool(list(index_set(network))) == (index_set in has_some)


def test_every_index_set_is_counted() -> None:
    """No family has an index set that is not in the tables above."""
    counted = {index_set for index_set, _, _ in (*COUNTS, *OF_THE_WHOLE_PLAN)}
    assert {item.index_set for item in CONSTRAINTS.values()} <= counted


def test_zones_at_sites_by_name() -> None:
    """With s1 in the place of z1 and u-west in that of z5, one link and the goods of utc-zone into z5 are counted."""
    zones = tiny().zones
    own = zones["id"].map({"z1": "s1", "z5": "u-west"}).fillna("").astype(zones["own_site"].dtype)
    network = make_network(tiny().with_tables(zones=zones.assign(own_site=own)), Policy())
    assert assignment.zones_at_sites(network) == [("station-zone", "s1", "z1", "2025")]
    served = assignment.zones_served_by_many(network)
    assert {index[:2] for index in served} <= {("u-west", "z5")}
    assert {index[2] for index in served} == {k for z, k, _ in network.demand if z == "z5" and k == "bonded"}


def test_tight_pairs_by_name(network: Network) -> None:
    """The pairs that only some transfer centres serve in time: 2 min/km, 30 min dwell, 4 min/km against 60."""
    assert set(service.tight_delivery_pairs(network)) == {
        ("in-city", "s1", "z2", "2025"),
        ("in-city", "s5", "z5", "2025"),
    }


def test_hub_types_bar_gateways_and_goods(network: Network) -> None:
    """Bonded goods enter trade hubs by the port alone; the airport hub neither takes them nor chilled food."""
    entering = {arc[1:3] for arc, k in network.carriers if k == "bonded" and arc[0] == "gateway-hub"}
    assert entering == {("port", "h-port"), ("port", "h-north")}
    assert not {k for arc, k in network.carriers if "h-air" in arc} & {"cold", "bonded"}
    free = make_network(tiny(), Policy(off=("hub_types",)))
    assert {k for arc, k in free.carriers if "h-air" in arc} == {"parcel", "cold", "bonded", "returns"}


def test_bounds_on_flow_are_those_of_both_ends() -> None:
    """On the small case an arc to s2 carries at most what z1 and z2 want (10), what s2 can hold (8)."""
    network = make_network(small(), Policy())
    unit = network.scale.flow_t_d
    assert network.flow_bound(("utc-station", "u1", "s2", "van"), "dry", "p") * unit == pytest.approx(8)
    assert network.flow_bound(("station-zone", "s2", "z2", "van"), "dry", "p") * unit == pytest.approx(4)
    assert network.reach["s2", "dry", "p"] * unit == pytest.approx(10)
    assert network.largest_capacity("h1", "bond") * unit == pytest.approx(60)


def test_more_enters_a_site_than_it_sends_where_a_tonne_counts_for_more() -> None:
    """The 6 t/d of z1 take 9 t/d of s1's throughput on the stretched case, so that 9 must be let in."""
    network = make_network(stretched(), Policy())
    unit = network.scale.flow_t_d
    assert network.flow_bound(("utc-station", "u1", "s1", "van"), "dry", "p") * unit == pytest.approx(9)
    assert network.flow_bound(("station-zone", "s1", "z1", "van"), "dry", "p") * unit == pytest.approx(6)
    assert network.most_sent("s1", "dry", "p") * unit == pytest.approx(6)
    assert network.most_throughput("u1", "dry", "p") * unit == pytest.approx(19), "9 to s1, 10 to s2"


def test_a_gateway_sends_its_share_or_its_capacity_at_most() -> None:
    """Half of the 10 t/d of dry goods may pass the quay, without shares all that it can handle."""
    unit = make_network(small(), Policy()).scale.flow_t_d
    assert make_network(small(), Policy()).most_sent("quay", "dry", "p") * unit == pytest.approx(5)
    free = make_network(small(), Policy(off=("gateway_shares",)))
    assert free.most_sent("quay", "dry", "p") * unit == pytest.approx(free.gateway_capacity["quay", "p"] * unit)


def test_a_site_that_is_forced_closed_has_no_option() -> None:
    """Closing u-mid by policy takes its options away; switching the family off brings them back."""
    closed = make_network(tiny(), Policy(force_closed=("u-mid",)))
    assert closed.designs_at["u-mid"] == ()
    assert not any("u-mid" in link for link in closed.links)
    freed = make_network(tiny(), Policy(force_closed=("u-mid",), off=("forced_sites",)))
    assert freed.designs_at["u-mid"] == ("utc-flat", "utc-smart")


def test_requirements_off_lets_any_design_handle_anything() -> None:
    """Without requirements s5 can pass chilled food."""
    assert ("s5", "cold") not in make_network(tiny(), Policy()).handlers
    assert ("s5", "cold") in make_network(tiny(), Policy(off=("requirements",))).handlers
