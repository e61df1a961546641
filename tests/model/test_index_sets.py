"""The sparse index sets on the tiny city, counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from hubopt.instance import Policy
from hubopt.model import CONSTRAINTS, Network, assignment, facilities, flows, gateways, land, make_network, service
from hubopt.model import variables as v
from tests.cases import tiny
from tests.model.small import small

Index = Callable[[Network], Sequence[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def network() -> Network:
    """The tiny city as it stands."""
    return make_network(tiny(), Policy())


COUNTS: list[tuple[Index, int, str]] = [
    (facilities.sites_with_choice, 11, "3 hubs, 3 transfer centres, 5 stations"),
    (v.option_periods, 21, "two designs everywhere but at s5"),
    (v.conversions, 1, "u-west to utc-smart"),
    (v.demands, 20, "6 parcel, 6 cold, 3 bonded, 5 returns"),
    (v.link_periods, 28, "3 * 5 pairs of utc-station, 13 of station-zone within 3 km"),
    (
        v.flows,
        168,
        "parcel 4+9+30+13, cold 6+24+11 (no cold at s5, h-air), bonded 2+6+9, returns 4+9+30+11 (none in z6)",
    ),
    (v.throughputs, 61, "hubs 7+7+4, transfer centres 3*7, stations 4*5+2"),
    (assignment.linked_sites, 5, "stations"),
    (assignment.linked_zones, 6, "zones"),
    (assignment.links_from_sites, 28, "all links"),
    (assignment.linked_flows, 119, "parcel 43, cold 35, returns 41"),
    (assignment.shared_links, 15, "into stations; a station of 80 t/d holds any zone"),
    (assignment.open_flows, 39, "hub-utc 9+6+6+9, utc-zone 9"),
    (facilities.special_options, 22, "hubs 3*3, transfer centres 3*3, stn-cold 4"),
    (facilities.forced_open, 0, "none"),
    (facilities.staying, 0, "u-west may close"),
    (facilities.level_periods, 3, "levels"),
    (facilities.hub_type_periods, 2, "types"),
    (flows.facility_commodities, 36, "hubs 4+4+2, transfer centres 3*4, stations 4*3+2"),
    (flows.fed_facilities, 34, "but cold at two hubs, which are its free sources"),
    (gateways.limited_gateways, 2, "port and airport"),
    (gateways.admissions, 5, "rows of the table"),
    (land.land_limits, 4, "rows of the table"),
    (service.access_zones, 6, "every zone has a transfer centre within 5 km"),
    (service.access_target_periods, 1, "utc-access"),
    (service.delivery_target_periods, 1, "in-city"),
    (service.delivery_pairs, 13, "every pair of station and zone can be in time"),
    (service.tight_delivery_pairs, 2, "s1-z2 from u-east takes 62 min, s5-z5 from u-west too"),
]


@pytest.mark.parametrize(("index_set", "count", "why"), COUNTS, ids=lambda x: getattr(x, "__name__", None))
def test_an_index_set_has_as_many_members_as_counted(network: Network, index_set: Index, count: int, why: str) -> None:
    """The set has the size found by hand and no member twice."""
    members = list(index_set(network))
    assert len(members) == count, why
    assert len(set(members)) == count


def test_every_index_set_is_counted() -> None:
    """No family has an index set that is not in the table above."""
    assert {item.index_set for item in CONSTRAINTS.values()} <= {index_set for index_set, _, _ in COUNTS}


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
