"""Every family of constraints alone, against its golden file and against algebra worked out by hand.

``HUBOPT_WRITE_GOLDEN=1 pytest tests/model/test_constraints.py`` writes the golden files anew.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import get_args

import pyomo.environ as pyo
import pytest

from hubopt.instance import InputError, Policy
from hubopt.instance.policy import Switch
from hubopt.model import CONSTRAINTS, FAMILIES, Scale, add_constraint, build, empty_model, make_network
from hubopt.model.constraint import row
from tests.cases import tiny
from tests.model.exact import in_force
from tests.model.rows import GOLDEN, rows_of, text_of
from tests.model.small import small, stretched


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_a_family_alone_is_as_its_golden_file_says(name: str) -> None:
    """The rows that a family adds to an empty model are, to the letter, those of its golden file."""
    rows = rows_of(name)
    assert rows, f"give the family's case something that makes a row of {name}"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("HUBOPT_WRITE_GOLDEN") == "1":
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert path.read_text(encoding="utf-8").splitlines() == rows


def test_no_golden_file_is_missing_or_stale() -> None:
    """There is exactly one golden file per family."""
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.txt" for name in CONSTRAINTS}


def test_families_have_names_of_their_own() -> None:
    """No two modules define a family of the same name, which would hide one of them."""
    assert len(CONSTRAINTS) == sum(len(family.CONSTRAINTS) for family in FAMILIES)


def test_a_switch_takes_away_exactly_its_families() -> None:
    """The whole model under a policy has the families that the policy keeps, and no other."""
    switches = {item.switch for item in CONSTRAINTS.values() if item.switch is not None}
    assert switches == set(get_args(Switch)) - {"service_limits"}, "limits are kept by the arcs that there are"
    for switch in switches:
        off = (switch, "service_targets") if switch == "single_sourcing" else (switch,)
        policy = Policy(off=off)  # type: ignore[arg-type]
        families = {block.local_name for block in build(small(), policy).component_objects(pyo.Constraint)}
        assert families == {item.name for item in in_force(policy)}, switch


def test_capacity_by_hand() -> None:
    """A hub module passes 50 t/d of all goods and 20 t/d of bonded ones."""
    everything, bonded = rows_of("throughput_capacity"), rows_of("requirement_capacity")
    passed = "+1 throughput[h1,big,bond,p] +1 throughput[h1,big,dry,p]"
    assert f"throughput_capacity[h1,big,p]: -50 modules[h1,big,p] {passed} <= 0" in everything
    assert "requirement_capacity[h1,big,bonded,p]: -20 modules[h1,big,p] +1 throughput[h1,big,bond,p] <= 0" in bonded


@pytest.mark.parametrize(
    ("site", "design", "least", "most"),
    [
        ("h1", "big", 2, 3),  # catalogue: 2 to 3; 0.2 ha a module on 1.2 ha would give 6
        ("u1", "old", 4, 4),  # stands with 4 modules: more than the catalogue's 3, and not shrunk
        ("u2", "old", 1, 3),  # 0.05 ha a module on 0.25 ha would give 5
        ("u2", "new", 1, 2),  # 0.1 ha a module on 0.25 ha
        ("s1", "stn", 1, 1),  # 0.01 ha a module on 0.015 ha
    ],
)
def test_bounds_of_modules_by_hand(site: str, design: str, least: int, most: int) -> None:
    """Sizes keep the catalogue, the site's land, and what stands today."""
    size, opened = f"modules[{site},{design},p]", f"open[{site},{design},p]"
    assert f"modules_at_most[{site},{design},p]: +1 {size} -{most} {opened} <= 0" in rows_of("modules_at_most")
    assert f"modules_at_least[{site},{design},p]: -1 {size} +{least} {opened} <= 0" in rows_of("modules_at_least")


def test_availability_load_and_overflow_by_hand() -> None:
    """A quarter of s1's 8 t/d is available, a tonne to z1 counts one and a half, and the rest is priced overflow."""
    model = empty_model(make_network(stretched(), Policy(), Scale()))
    for name in ("throughput_capacity", "outflow_balance", "overflow_needs_open"):
        add_constraint(model, CONSTRAINTS[name])
    rows = [text_of(row) for row in model.component_data_objects(pyo.Constraint)]
    through = "throughput[s1,stn,dry,p]"
    assert f"throughput_capacity[s1,stn,p]: -2 modules[s1,stn,p] -1 overflow[s1,stn,p] +1 {through} <= 0" in rows
    assert f"outflow_balance[s1,dry,p]: -1.5 flow[station-zone,s1,z1,van,dry,p] +1 {through} = 0" in rows
    assert "overflow_needs_open[s1,stn,p]: -9 open[s1,stn,p] +1 overflow[s1,stn,p] <= 0" in rows
    assert "overflow_needs_open[s2,stn,p]: -10 open[s2,stn,p] +1 overflow[s2,stn,p] <= 0" in rows


def test_entering_a_site_by_hand() -> None:
    """What enters is at most the gateway's share of demand, and at most what the site can take in its design."""
    rows = rows_of("flow_needs_open_destination")
    dry = "flow[gateway-hub,quay,h1,van,dry,p]"
    assert f"flow_needs_open_destination[gateway-hub,quay,h1,dry,p]: +1 {dry} -5 open[h1,big,p] <= 0" in rows
    network = make_network(small(), Policy(off=("gateway_shares", "gateway_capacity")), Scale())
    model = empty_model(network)
    add_constraint(model, CONSTRAINTS["flow_needs_open_destination"])
    free = [text_of(row) for row in model.component_data_objects(pyo.Constraint)]
    assert f"flow_needs_open_destination[gateway-hub,quay,h1,dry,p]: +1 {dry} -10 open[h1,big,p] <= 0" in free


def test_conversion_today_by_hand() -> None:
    """4 old modules of 500 m2 floor area give 2 modules of 1,000 m2, at the site where they stand."""
    model = empty_model(make_network(small(), Policy(), Scale()))
    for name in ("converted_from_stock", "converted_if_taken"):
        add_constraint(model, CONSTRAINTS[name])
    rows = [text_of(row) for row in model.component_data_objects(pyo.Constraint)]
    assert rows == [
        "converted_from_stock[u1,new,p]: +1 converted[u1,new,p] <= 2",
        "converted_if_taken[u1,new,p]: +1 converted[u1,new,p] -2 open[u1,new,p] <= 0",
    ]


def test_single_sourcing_by_hand() -> None:
    """An open station has one upper end, a zone at most one; s1 to z2 (6 km) is beyond the limit of 5 km."""
    assert (
        "one_source_per_site[utc-station,s1,p]: "
        "+1 link[utc-station,u1,s1,p] +1 link[utc-station,u2,s1,p] -1 open[s1,stn,p] = 0"
    ) in rows_of("one_source_per_site")
    assert rows_of("one_source_per_zone") == [
        "one_source_per_zone[station-zone,z1,p]: +1 link[station-zone,s1,z1,p] +1 link[station-zone,s2,z1,p] <= 1",
        "one_source_per_zone[station-zone,z2,p]: +1 link[station-zone,s2,z2,p] <= 1",
    ]


def test_demand_that_must_be_met_is_an_equation_of_the_link() -> None:
    """Where 4 t/d must be met and one arc leads along the link, its flow is 4 times the link; none is unmet."""
    case = small()
    goods = tuple(item.model_copy(update={"must_be_met": item.id == "dry"}) for item in case.structure.commodities)
    case = replace(case, structure=case.structure.model_copy(update={"commodities": goods}))
    model = empty_model(make_network(case, Policy(), Scale()))
    assert sorted(str(index) for index in model.unmet) == ["('z1', 'bond', 'p')"]
    add_constraint(model, CONSTRAINTS["flow_needs_link"])
    rows = [text_of(row) for row in model.component_data_objects(pyo.Constraint)]
    goes, link = "flow[station-zone,s2,z2,van,dry,p]", "link[station-zone,s2,z2,p]"
    assert f"flow_needs_link[station-zone,s2,z2,van,dry,p]: +1 {goes} -4 {link} = 0" in rows


def test_modes_carry_what_they_are_for() -> None:
    """A mode for dry goods alone leaves the bonded ones without any flow."""
    case = small()
    modes = tuple(item.model_copy(update={"commodities": ("dry",)}) for item in case.structure.modes)
    case = replace(case, structure=case.structure.model_copy(update={"modes": modes}))
    assert {index[4] for index in empty_model(make_network(case, Policy(), Scale())).flow} == {"dry"}


def test_land_by_hand() -> None:
    """Land is floor area over floor area ratio; a parcel, a district and all together have their own sums."""
    yard = "+0.01 modules[s1,stn,p] +0.1 modules[u1,new,p] +0.05 modules[u1,old,p]"
    east = "+0.2 modules[h2,big,p] +0.01 modules[s2,stn,p] +0.1 modules[u2,new,p] +0.05 modules[u2,old,p]"
    rows = rows_of("land_within_limit")
    assert f"land_within_limit[parcel,yard,p]: {yard} <= 0.2" in rows
    assert f"land_within_limit[district,East,p]: {east} <= 1" in rows
    assert sum(line.count("modules[") for line in rows if "total" in line) == 8


def test_gateway_shares_by_hand() -> None:
    """At least a quarter and at most a half of the dry goods come by the quay: f >= s (f + g) becomes (1-s) f - s g."""
    h1, h2 = "flow[gateway-hub,quay,h1,van,dry,p]", "flow[gateway-hub,quay,h2,van,dry,p]"
    road = "flow[gateway-hub,road,h2,van,dry,p]"
    assert rows_of("gateway_share_at_least") == [
        f"gateway_share_at_least[dry,quay,p]: +0.75 {h1} +0.75 {h2} -0.25 {road} >= 0"
    ]
    assert rows_of("gateway_share_at_most") == [
        f"gateway_share_at_most[dry,quay,p]: +0.5 {h1} +0.5 {h2} -0.5 {road} <= 0"
    ]


def test_access_by_hand() -> None:
    """z1 weighs 8 of 12 t/d and lies 3 km from u1 and 7 km from u2; three quarters must be within 4 km."""
    assert rows_of("covered_by_open_site") == [
        "covered_by_open_site[near,z1,p]: +1 covered[near,z1,p] -1 open[u1,new,p] -1 open[u1,old,p] <= 0",
        "covered_by_open_site[near,z2,p]: +1 covered[near,z2,p] -1 open[u2,new,p] -1 open[u2,old,p] <= 0",
    ]
    assert rows_of("access_share") == [
        "access_share[near,p]: +0.666666667 covered[near,z1,p] +0.333333333 covered[near,z2,p] >= 0.75"
    ]


def test_delivery_by_hand() -> None:
    """Within 25 min: u1-s1-z1 4+10+2, u2-s1-z1 12+10+2, u2-s2-z1 4+10+10, u2-s2-z2 4+10+4; u1-s2-z2 takes 26."""
    feeders = "link[utc-station,u2,s2,p]"
    assert rows_of("on_time_over_feeder") == [
        f"on_time_over_feeder[fast,s2,z1,p]: -1 {feeders} +1 ontime[fast,s2,z1,p] <= 0",
        f"on_time_over_feeder[fast,s2,z2,p]: -1 {feeders} +1 ontime[fast,s2,z2,p] <= 0",
    ]
    assert rows_of("delivery_share") == [
        "delivery_share[fast,p]: +0.6 ontime[fast,s1,z1,p] +0.6 ontime[fast,s2,z1,p] +0.4 ontime[fast,s2,z2,p] >= 0.75"
    ]


def test_a_delivery_target_needs_single_sourced_legs() -> None:
    """A policy that drops single sourcing but keeps a delivery target is refused with the way out."""
    with pytest.raises(InputError, match="switch service_targets off as well"):
        build(tiny(), Policy(off=("single_sourcing",)))


def test_what_cannot_hold_stays_in_the_model() -> None:
    """A row without variables is left out if it holds and kept as an impossible row if it does not."""
    model = empty_model(make_network(small(), Policy(), Scale()))
    assert row(model, 0, "<=", 1) is pyo.Constraint.Skip
    assert row(model, 1, "==", 1) is pyo.Constraint.Skip
    assert str(row(model, 0, ">=", 1)) == "nothing  ==  1"
