"""What changes do to the instance and the policy."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubopt.instance import Policy, apply, read_instance, sha256, validate, write_instance
from hubopt.instance.policy import Phase
from hubopt.study.scenarios.variation import MisfitError, Variations
from tests.cases import tiny
from tests.instance.whole_city import whole


def test_factors_of_demand_meet_in_a_row() -> None:
    """All, the commodity and the place are multiplied, on top of the base policy's own factors."""
    base = Variations(tiny(), Policy(demand_factor=2, demand_factors={"parcel": 3}))
    varied = base.varied({"demand": {"all": 1.5, "commodity": {"parcel": 2}, "district": {"West": 1.1}}})
    was, now = tiny().demand, apply(varied.instance, varied.policy).demand
    west = was["zone"].map(tiny().zones.set_index("id")["district"]) == "West"
    parcel = was["commodity"] == "parcel"
    expected = was["t_d"] * 2 * 1.5 * parcel.map({True: 6.0, False: 1.0}) * west.map({True: 1.1, False: 1.0})
    assert now["t_d"].tolist() == pytest.approx(expected.tolist())


def test_collected_goods_stay_as_many_as_delivered() -> None:
    """Growth of a place keeps an instance with in-city goods sound."""
    case = whole()
    district = str(case.zones["district"].iloc[0])
    varied = Variations(case, Policy()).varied({"demand": {"district": {district: 1.7}}})
    assert not validate(varied.instance)
    assert sha256(varied.instance) != sha256(case)


def test_land_is_multiplied_by_what_is_for_it() -> None:
    """All (but parcels), the scope and the limit itself; a limit of the policy is what is multiplied."""
    base = Variations(tiny(), Policy(land_ha={"district:West": 20.0}))
    land = base.varied({"land_factor": {"all": 0.9, "district": 0.5, "district:West": 2.0}}).policy.land_ha
    assert dict(land) == pytest.approx({"district:West": 18.0, "district:East": 3.6, "total:total": 14.4})
    absolute = base.varied({"policy": {"land_ha": {"total:total": 10.0}}, "land_factor": {"total": 0.5}})
    assert absolute.policy.land_ha["total:total"] == 5.0


def test_a_changed_instance_can_be_written_and_read(tmp_path: Path) -> None:
    """Costs that stand in parameters.csv change there too, so that the folder is the same instance again."""
    tree = {
        "design_costs": {"all": 1.2, "utc-smart": 2.0}, "running_costs": {"hub-flat": 0.5},
        "transport_costs": {"van": 3.0},
    }  # fmt: skip
    changed = Variations(tiny(), Policy()).varied(tree).instance
    designs = {item.id: item for item in changed.structure.designs}
    was = {item.id: item for item in tiny().structure.designs}
    assert designs["utc-smart"].capital_cny_m2 == pytest.approx(2.4 * was["utc-smart"].capital_cny_m2)
    assert designs["utc-smart"].conversion_cny_m2 == pytest.approx(2.4 * was["utc-smart"].conversion_cny_m2)
    assert designs["hub-flat"].handling_cny_t == pytest.approx(0.5 * was["hub-flat"].handling_cny_t)
    write_instance(changed, tmp_path / "i")
    again = read_instance(tmp_path / "i")
    assert sha256(again) == sha256(changed)
    assert next(item for item in again.structure.modes if item.id == "van").cny_t_km == pytest.approx(6.0)


def test_phases_are_changed_by_their_id() -> None:
    """A dotted path reaches into the phases of the base policy."""
    base = Policy(phases=(Phase(id="now"), Phase(id="later", demand_factor=1.5)))
    policy = Variations(tiny(), base).varied({"policy": {"phases": {"later": {"demand_factor": 2.0}}}}).policy
    assert [phase.demand_factor for phase in policy.phases] == [1.0, 2.0]


def test_sites_of_the_instance_are_freed() -> None:
    """A site that the instance forces is free again, which makes another instance."""
    case = tiny()
    forced = case.with_tables(sites=case.sites.assign(forced=["open"] + [""] * (len(case.sites) - 1)))
    site = str(case.sites["id"].iloc[0])
    varied = Variations(forced, Policy()).varied({"sites": {site: "free"}})
    assert set(varied.instance.sites["forced"]) == {""}


def test_the_same_instance_is_made_once() -> None:
    """Scenarios that change the instance alike share it, others have the base case itself."""
    base = Variations(tiny(), Policy())
    one = base.varied({"design_costs": {"all": 2.0}})
    two = base.varied({"design_costs": {"all": 2.0}, "demand": {"all": 1.1}})
    assert one.instance is two.instance
    assert base.varied({"demand": {"all": 1.1}}).instance is base.instance
    assert base.instance_sha256({}) == sha256(tiny()) != base.instance_sha256({"design_costs": {"all": 2.0}})


def test_what_does_not_fit_is_named() -> None:
    """Unknown names, wrong values and contradictions of the policy come together, by their place."""
    tree = {
        "gateways": {"nowhere": "closed"}, "demand": {"zone": {"z99": 2.0}, "all": 0.0},
        "policy": {"levels": {"utc": {"min_open": 9, "max_open": 1}}},
    }  # fmt: skip
    with pytest.raises(MisfitError) as caught:
        Variations(tiny(), Policy()).varied(tree)
    assert {item.path for item in caught.value.misfits} >= {("gateways", "nowhere"), ("demand", "zone", "z99")}
    assert any("demand" in item.path and "all" in item.path for item in caught.value.misfits)
