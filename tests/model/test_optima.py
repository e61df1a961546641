"""Properties of the whole model that show in its exact optima."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from hubopt.check import check
from hubopt.instance import Instance, Policy
from hubopt.instance.policy import COST_PARTS
from hubopt.model import CONSTRAINTS, PARTS, Scale
from hubopt.solve.extract import plan_of
from hubopt.solve.milp import Milp
from tests.bruteforce import varied_case
from tests.cases import random_case, tiny
from tests.model.exact import Optimum, optimum, solved
from tests.model.planned import planned
from tests.model.small import small

STRENGTHENING = [name for name, item in CONSTRAINTS.items() if item.strengthening]
CASES = {
    "tiny": tiny,
    "small": small,
    "planned": planned,
    **{f"random-{seed}": lambda seed=seed: random_case(seed) for seed in (0, 2, 6, 15, 18, 20, 22)},
    **{f"varied-{seed}": lambda seed=seed: varied_case(seed) for seed in (0, 3, 5, 7)},
}


PRICED = ("tiny", "small", "planned", "random-2", "random-15", "random-18", "varied-0", "varied-5")
"""Cases whose cost is compared part by part."""


@cache
def case_of(name: str) -> tuple[Instance, Optimum]:
    """A case and its optimum, found once."""
    instance = CASES[name]()
    return instance, solved(instance)


def without_rows(program: Milp, names: list[str]) -> Milp:
    """The program without the rows of some families."""
    return program.with_rows(np.array([not row.startswith(tuple(f"{name}[" for name in names))
                                       for row in program.row_names]))  # fmt: skip


def test_some_families_only_strengthen() -> None:
    """There are families to test below."""
    assert len(STRENGTHENING) >= 3


@pytest.mark.parametrize("name", CASES)
def test_strengthening_rows_are_implied(name: str) -> None:
    """Without the rows of one such family, or of all, the optimum is the same; the relaxation is no stronger."""
    _, found = case_of(name)
    assert found.cost is not None
    choices = [STRENGTHENING] if name == "tiny" else [[family] for family in STRENGTHENING] + [STRENGTHENING]
    for families in choices:
        weaker = without_rows(found.program, families)
        assert optimum(weaker, found.model).cost == pytest.approx(found.cost, rel=1e-7), families
    marked = found.program.strengthening
    flagged = {row.split("[")[0] for row, flag in zip(found.program.row_names, marked, strict=True) if flag}
    assert flagged <= set(STRENGTHENING)
    assert without_rows(found.program, STRENGTHENING).rows == int((~marked).sum())


@pytest.mark.parametrize("name", PRICED)
def test_every_cost_part_is_the_checkers(name: str) -> None:
    """Each part of the objective at the optimum is what the independent checker makes of the plan."""
    instance, found = case_of(name)
    assert found.values is not None
    plan = plan_of(instance, Policy(), found.model.network, found.program, found.values)
    report = check(instance, Policy(), plan)
    assert report.ok, report.findings
    assert set(PARTS) == set(COST_PARTS) == set(report.cost)
    for part in PARTS:
        assert found.part(part) == pytest.approx(report.cost[part], rel=1e-6, abs=1), part
    assert found.cost == pytest.approx(report.objective, rel=1e-6)


def test_cost_parts_are_not_all_zero() -> None:
    """Over the cases above every part of the cost is positive somewhere, so that the comparison says something."""
    seen = {part: max(case_of(name)[1].part(part) for name in PRICED) for part in PARTS}
    assert all(amount > 1 for amount in seen.values()), seen


@pytest.mark.parametrize("name", CASES)
def test_units_do_not_matter(name: str) -> None:
    """The optimum is the same in t/d and CNY, in the units that the model chooses, and in odd ones."""
    instance, found = case_of(name)
    assert found.cost is not None
    assert solved(instance, scale=Scale(1.0, 1000.0)).cost == pytest.approx(found.cost, rel=1e-6)
    if name != "tiny":
        assert solved(instance, scale=Scale(1.0, 1.0)).cost == pytest.approx(found.cost, rel=1e-6)
        assert solved(instance, scale=Scale(7.0, 123.0)).cost == pytest.approx(found.cost, rel=1e-6)


def test_weights_of_the_policy_weigh_the_objective() -> None:
    """With transport weighed twice the optimum is the checker's weighted objective, and transport does not grow."""
    instance, plain = case_of("tiny")
    policy = Policy(weights={"transport": 2.0, "unmet": 0.5})
    weighed = solved(instance, policy)
    assert weighed.values is not None
    report = check(instance, policy, plan_of(instance, policy, weighed.model.network, weighed.program, weighed.values))
    assert report.ok, report.findings
    assert weighed.cost == pytest.approx(report.objective, rel=1e-6)
    assert weighed.part("transport") <= plain.part("transport") + 1


def test_a_station_that_must_open_is_fed_where_nothing_can_pass() -> None:
    """Forced open out of reach of every zone, a station has its upper end and stays empty; the case is feasible."""
    policy = Policy.model_validate({"limits": {"station-zone": {"max_km": 0.5}}, "force_open": ["s5"]})
    found = solved(tiny(), policy.model_copy(update={"off": ("service_targets",)}))
    assert found.cost is not None
    assert [link[2] for link in found.chosen("link")] == ["s5"]
    assert not found.chosen("throughput") or all(index[0] != "s5" for index in found.chosen("throughput"))
