"""The folders under ``instances`` are what they are said to be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hubopt.instance import Policy, apply, read_instance, read_policy, sha256
from hubopt.instance.policy import (
    Charges,
    CostPart,
    Count,
    LevelChange,
    LimitChange,
    Phase,
    ResilienceChange,
    Switch,
    TargetChange,
)
from tests.cases import tiny

INSTANCES = Path(__file__).resolve().parent.parent.parent / "instances"
POLICIES = sorted((INSTANCES / "policies").glob("*.toml"))


def test_the_committed_tiny_is_the_case_of_the_tests() -> None:
    """instances/tiny equals the case that the tests use; ``python -m tests.write_tiny`` mends it."""
    committed = read_instance(INSTANCES / "tiny")
    assert committed == tiny()
    assert sha256(committed) == sha256(tiny())


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_a_committed_policy_fits_an_instance(path: Path) -> None:
    """Every policy can be read and applied to the city, and those for any instance to the tiny one too."""
    policy = read_policy(path)
    assert policy.name_en
    assert re.search("[一-鿿]", policy.name_zh)
    if (INSTANCES / "shenzhen" / "instance.toml").exists():
        apply(read_instance(INSTANCES / "shenzhen", geometry=False), policy)
    for_any = path.read_text(encoding="utf-8").startswith(("# For any instance", "# Least cost"))
    assert for_any or path.read_text(encoding="utf-8").startswith("# For instances/shenzhen: ")
    if for_any:
        apply(tiny(), policy)


def test_there_are_the_policies_that_planners_ask_for() -> None:
    """Cost, land, carbon, stock, resilience, the official plan, the way to 2035, and none of the standards."""
    assert {path.stem for path in POLICIES} == {
        "least-cost", "least-land", "low-carbon", "official-7-30", "plan-2035", "resilient", "stock-first",
        "without-standards",
    }  # fmt: skip
    names = [(policy.name_en, policy.name_zh) for policy in map(read_policy, POLICIES)]
    assert len({english for english, _ in names}) == len({chinese for _, chinese in names}) == len(POLICIES)


def test_the_way_to_2035_grows_as_its_header_says() -> None:
    """Factors of the phases are the yearly rates of the header, compounded over five years each."""
    rates = {
        "parcels_in": (0.06, 0.03), "ecom_out": (0.06, 0.03), "bonded_in": (0.06, 0.03), "cold_in": (0.07, 0.04),
        "parcels_local_in": (0.06, 0.03), "parcels_local_out": (0.06, 0.03), "consumer_in": (0.02, 0.02),
        "intl_manufacturing_out": (0.03, 0.02),
    }  # fmt: skip
    first, second, third = read_policy(INSTANCES / "policies" / "plan-2035.toml").phases
    assert (first.demand_factor, dict(first.demand_factors)) == (1, {})
    assert [(phase.year, phase.years) for phase in (first, second, third)] == [(2025, 5), (2030, 5), (2035, 5)]
    assert dict(second.demand_factors) == pytest.approx({k: (1 + a) ** 5 for k, (a, _) in rates.items()}, abs=1e-3)
    assert dict(third.demand_factors) == pytest.approx(
        {k: (1 + a) ** 5 * (1 + b) ** 5 for k, (a, b) in rates.items()}, abs=1e-3
    )
    commodities = {item.id for item in read_instance(INSTANCES / "shenzhen", geometry=False).structure.commodities}
    assert set(third.demand_factors) == commodities


def test_the_least_cost_policy_explains_every_key() -> None:
    """least-cost.toml changes nothing and names every key, switch and cost part."""
    path = INSTANCES / "policies" / "least-cost.toml"
    assert read_policy(path) == Policy()
    text = path.read_text(encoding="utf-8")
    tables = (Phase, LevelChange, ResilienceChange, LimitChange, TargetChange, Count, Charges)
    words = [*Switch.__args__, *CostPart.__args__, *(key for table in (Policy, *tables) for key in table.model_fields)]
    assert [word for word in words if word not in text] == []


def test_the_examples_in_the_least_cost_policy_are_right(tmp_path: Path) -> None:
    """What least-cost.toml shows in comments is a valid policy once the marks are taken away."""
    lines = (INSTANCES / "policies" / "least-cost.toml").read_text(encoding="utf-8").splitlines()
    shown = [re.sub(r"^# (?=\[|\"|\w+ = )", "", line) for line in lines]
    (tmp_path / "all.toml").write_text("\n".join(shown), encoding="utf-8")
    policy = read_policy(tmp_path / "all.toml")
    assert set(Policy.model_fields) == policy.model_fields_set
