from __future__ import annotations

from pathlib import Path

import pytest

from hubopt.instance import InputError, Policy, apply, policy_toml, read_policy, sha256
from tests.cases import tiny

RICH = Policy(
    name_en="All keys",
    name_zh="全部选项",
    off=("land", "service_targets"),
    force_open=("h-port",),
    force_closed=("u-east",),
    levels={"station": {"max_open": 4}},  # type: ignore[dict-item]
    hub_types={"air": {"min_open": 1}},  # type: ignore[dict-item]
    limits={"station-zone": {"max_km": 2.0}},  # type: ignore[dict-item]
    targets={"utc-access": {"share": 0.5}},  # type: ignore[dict-item]
    land_ha={"district:West": 5.0, "city:Tinytown": 12.0},
    demand_factor=1.1,
    unmet_factor=2.0,
    carbon_price_cny_t=0.0,
    weights={"land": 3.0},
)


def test_a_policy_file_comes_back(tmp_path: Path) -> None:
    """The text of a policy is read as the same policy."""
    (tmp_path / "rich.toml").write_text(policy_toml(RICH), encoding="utf-8")
    assert read_policy(tmp_path / "rich.toml") == RICH


def test_the_default_policy_changes_nothing() -> None:
    """Applying the default policy gives an equal instance."""
    assert sha256(apply(tiny(), Policy())) == sha256(tiny())


def test_a_policy_changes_what_it_says() -> None:
    """Forced sites, counts, limits, targets, land, demand, penalties and carbon price end up in the instance."""
    case = apply(tiny(), RICH)
    forced = dict(zip(case.sites["id"], case.sites["forced"], strict=True))
    assert (forced["h-port"], forced["u-east"], forced["s1"]) == ("open", "closed", "")
    assert case.structure.levels["station"].max_open == 4
    assert case.structure.levels["station"].dwell_minutes == 30
    assert case.structure.hub_types[1].min_open == 1
    assert case.structure.service.limits[0].max_km == 2
    assert case.structure.service.limits[1].max_minutes == 40
    assert case.structure.service.targets[0].share == 0.5
    assert case.structure.service.targets[0].limit == 5
    land = case.land.set_index(["scope", "id"])["limit_ha"]
    assert (land["district", "West"], land["city", "Tinytown"], land["district", "East"]) == (5, 12, 8)
    assert case.demand["t_d"].sum() == pytest.approx(tiny().demand["t_d"].sum() * 1.1)
    assert case.structure.commodities[0].unmet_cny_t == 40000
    assert case.info.carbon_price_cny_t == 0
    assert tiny().info.carbon_price_cny_t == 100


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"force_open": ("h-prt",)}, "h-prt"),
        ({"force_open": ("s1",), "force_closed": ("s1",)}, "forced open and closed"),
        ({"hub_types": {"sea": {"min_open": 1}}}, "sea"),
        ({"targets": {"hub-access": {"share": 1}}}, "hub-access"),
        ({"limits": {"zone-station": {"max_km": 1}}}, "zone-station"),
        ({"land_ha": {"district:North": 1.0}}, "district:North"),
    ],
)
def test_names_that_the_instance_does_not_have_are_named(change: dict[str, object], says: str) -> None:
    """A policy for another city is refused with the names that do not exist here."""
    with pytest.raises(InputError, match=says):
        apply(tiny(), Policy.model_validate(change))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("of = []", "of"),
        ("off = ['lands']", "off"),
        ("weights = { capitol = 2 }", "capitol"),
        ("weights = { capital = -1 }", "weights.capital"),
        ("land_ha = { 'total:total' = -1 }", "land_ha.total"),
        ("demand_factor = 0", "demand_factor"),
        ("demand_factor = nan", "demand_factor"),
        ("name_en = ", "TOML"),
        ("[levels.shop]\nmin_open = 1", "levels.shop"),
    ],
)
def test_mistakes_in_a_policy_file_are_named(tmp_path: Path, text: str, says: str) -> None:
    """Each mistake in a policy file is a problem that names its key."""
    (tmp_path / "bad.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=says):
        read_policy(tmp_path / "bad.toml")


def test_a_missing_policy_file_is_named(tmp_path: Path) -> None:
    """A policy file that is not there is a problem, not a traceback."""
    with pytest.raises(InputError, match="no such file"):
        read_policy(tmp_path / "none.toml")


def test_a_figure_beyond_reckoning_is_named() -> None:
    """A policy whose figure no sum can hold does not fit, and says which."""
    with pytest.raises(InputError, match=r"demand_factor.*larger than anything"):
        apply(tiny(), Policy(demand_factor=1e300))
