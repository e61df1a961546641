"""The folders under ``instances`` are what they are said to be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hubopt.instance import Policy, apply, read_instance, read_policy, sha256
from hubopt.instance.policy import (
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
    if path.stem != "plan-official":
        apply(tiny(), policy)


def test_the_least_cost_policy_explains_every_key() -> None:
    """least-cost.toml changes nothing and names every key, switch and cost part."""
    path = INSTANCES / "policies" / "least-cost.toml"
    assert read_policy(path) == Policy()
    text = path.read_text(encoding="utf-8")
    tables = (Phase, LevelChange, ResilienceChange, LimitChange, TargetChange, Count)
    words = [*Switch.__args__, *CostPart.__args__, *(key for table in (Policy, *tables) for key in table.model_fields)]
    assert [word for word in words if word not in text] == []


def test_the_examples_in_the_least_cost_policy_are_right(tmp_path: Path) -> None:
    """What least-cost.toml shows in comments is a valid policy once the marks are taken away."""
    lines = (INSTANCES / "policies" / "least-cost.toml").read_text(encoding="utf-8").splitlines()
    shown = [re.sub(r"^# (?=\[|\"|\w+ = )", "", line) for line in lines]
    (tmp_path / "all.toml").write_text("\n".join(shown), encoding="utf-8")
    policy = read_policy(tmp_path / "all.toml")
    assert set(Policy.model_fields) == policy.model_fields_set
