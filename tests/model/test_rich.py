"""Properties of the exact optimum of random small cases of the whole plan."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any
from unittest.mock import PropertyMock, patch

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from hubopt.instance import Instance, Policy
from hubopt.instance.policy import Switch
from hubopt.instance.schema import TABLES
from hubopt.model import Network
from tests.model.changes import REMOVED, TIGHTER, with_structure
from tests.model.exact import Optimum, solved
from tests.model.paper import best
from tests.model.rich import rich_case

FEASIBLE = (0, 2, 5, 6, 9, 11, 12, 13, 16, 17, 18, 25, 27, 30, 32, 34, 35, 40, 42, 44)
INFEASIBLE = (1, 3, 4, 7, 8, 10)

some = settings(
    max_examples=3, deadline=None, derandomize=True, phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
"""A few examples; every one of them is a whole case, so that there is nothing to make smaller."""
seeds = st.integers(0, 10_000)


@cache
def optimum(seed: int) -> Optimum:
    """The optimum of a case, found once."""
    return solved(*rich_case(seed))


def cost_of(found: Optimum) -> float:
    """Least cost; infinite if there is no plan."""
    return float("inf") if found.cost is None else found.cost


def same(cost: float) -> Any:
    return pytest.approx(cost, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", FEASIBLE[:6])
def test_the_checker_accepts_the_optimum(seed: int) -> None:
    """The plan at the optimum keeps every rule of the checker, which finds the same objective."""
    assert best(*rich_case(seed)).cost is not None


@pytest.mark.parametrize("seed", INFEASIBLE)
def test_some_cases_have_no_plan(seed: int) -> None:
    """Cases that ask for too much are among them, so that the properties below are tested on such, too."""
    assert optimum(seed).cost is None


@pytest.mark.parametrize("name", TIGHTER)
def test_tightening_never_lowers_the_cost(name: str) -> None:
    """A tighter requirement leaves the least cost or raises it, and somewhere it does raise it."""
    risen = 0
    for seed in FEASIBLE:
        before, after = cost_of(optimum(seed)), cost_of(solved(*TIGHTER[name](*rich_case(seed))))
        assert after >= before * (1 - 1e-7) - 1e-6, (seed, before, after)
        risen += after > before * (1 + 1e-4)
        if risen:
            break
    assert risen, f"no case minds {name}"


def asks_for(case: tuple[Instance, Policy], switch: Switch) -> bool:
    """Whether a case has figures of the family."""
    instance, policy = REMOVED[switch](*case)
    return instance != case[0] or policy != case[1]


@pytest.mark.parametrize("switch", REMOVED)
def test_a_family_that_is_off_is_one_that_nobody_asked_for(switch: Switch) -> None:
    """Switching a family off has the optimum of the case without its figures, which is not above that with them."""
    seed = next((seed for seed in FEASIBLE if asks_for(rich_case(seed), switch)), FEASIBLE[0])
    instance, policy = rich_case(seed)
    if switch == "exchange":
        # late tonnes of collected goods count with those delivered whether they are exchanged or not
        instance = with_structure(instance, service=instance.structure.service.model_copy(update={"targets": ()}))
    off = cost_of(solved(instance, policy.model_copy(update={"off": (switch,)})))
    assert off == same(cost_of(solved(*REMOVED[switch](instance, policy))))
    assert off <= cost_of(optimum(seed)) * (1 + 1e-7) + 1e-6


def test_every_family_but_land_is_asked_for_somewhere() -> None:
    """The cases have figures of every family that can be switched off; land has cases of its own."""
    asked = {switch for switch in REMOVED if any(asks_for(rich_case(seed), switch) for seed in FEASIBLE)}
    assert set(REMOVED) - asked == {"land"}


@some
@given(seed=seeds)
def test_beaten_arcs_may_be_left_out(seed: int) -> None:
    """With all parallel arcs in the model the optimum is the same as without the beaten ones."""
    instance, policy = rich_case(seed)
    with patch.object(Network, "beaten", new_callable=PropertyMock, return_value=frozenset()):
        every = solved(instance, policy)
        assert not every.model.network.beaten
    assert cost_of(every) == same(cost_of(solved(instance, policy)))


def halved(case: Instance, policy: Policy, commodity: str) -> tuple[Instance, Policy]:
    """The same case with a commodity split into two equal halves."""
    other = f"{commodity}-too"
    structure = case.structure
    kept = structure.commodities
    item = next(x for x in kept if x.id == commodity)
    service = structure.service
    targets = tuple(
        x if x.commodities is None or commodity not in x.commodities
        else x.model_copy(update={"commodities": (*x.commodities, other)})
        for x in service.targets
    )  # fmt: skip
    types = tuple(
        x if x.commodities is None or commodity not in x.commodities
        else x.model_copy(update={"commodities": (*x.commodities, other)})
        for x in structure.hub_types
    )  # fmt: skip
    rows = case.demand[case.demand["commodity"] == commodity]
    rest = case.demand[case.demand["commodity"] != commodity]
    half = rows.assign(t_d=rows["t_d"] / 2)
    admitted = case.admissions[case.admissions["commodity"] == commodity]
    tables = {
        "demand": pd.concat([rest, half, half.assign(commodity=other)], ignore_index=True),
        "admissions": pd.concat([case.admissions, admitted.assign(commodity=other)], ignore_index=True),
    }
    split = with_structure(
        case.with_tables(**tables), commodities=(*kept, item.model_copy(update={"id": other})), hub_types=types,
        service=service.model_copy(update={"targets": targets}),
    )  # fmt: skip
    return split, policy


@some
@given(seed=seeds)
def test_two_halves_are_as_good_as_a_whole(seed: int) -> None:
    """Boxes in two commodities of half the demand each, with the same rights, cost as much as in one."""
    instance, policy = rich_case(seed)
    # shares of gateways hold for every commodity by itself; halves may not share them out among each other
    free = instance.with_tables(admissions=instance.admissions.assign(max_share=1.0))
    assert cost_of(solved(*halved(free, policy, "box"))) == same(cost_of(solved(free, policy)))


NAMES = ("g1", "g2", "h1", "h2", "u1", "u2", "z1", "z2")
KEYS = {
    "gateways": ["id"], "admissions": ["gateway"], "sites": ["id"], "zones": ["id"], "existing": ["site"],
    "demand": ["zone"], "exchange": ["zone"], "terminals": ["node"], "arcs": ["origin", "destination"],
}  # fmt: skip


@some
@given(seed=seeds, order=st.permutations(NAMES))
def test_names_and_order_do_not_matter(seed: int, order: list[str]) -> None:
    """Rows, records and names in another order leave the least cost as it was."""
    instance, policy = rich_case(seed)
    new = {old: f"n{place}" for place, old in enumerate(order)}
    tables = {}
    for name in TABLES:
        table = instance.table(name).copy()
        for key in KEYS.get(name, ()):
            table[key] = table[key].map(lambda x: new.get(x, x)).astype(table[key].dtype)
        tables[name] = table.sample(frac=1, random_state=seed).reset_index(drop=True)
    structure = instance.structure
    turned = {part: tuple(reversed(getattr(structure, part))) for part in ("commodities", "designs", "modes")}
    renamed = with_structure(instance.with_tables(**tables), **turned)
    closed = tuple(new[g] for g in policy.closed_gateways)
    assert cost_of(solved(renamed, policy.model_copy(update={"closed_gateways": closed}))) == same(
        cost_of(solved(instance, policy))
    )


def scaled(record: Any, word: str, factor: float) -> Any:
    """A record with every figure whose name has the word in it multiplied."""
    fields = [name for name in type(record).model_fields if word in name and getattr(record, name) is not None]

    def times(value: Any) -> Any:
        return {key: x * factor for key, x in value.items()} if isinstance(value, dict) else value * factor

    return record.model_copy(update={name: times(getattr(record, name)) for name in fields})


def with_money(case: Instance, policy: Policy, factor: float) -> tuple[Instance, Policy]:
    """Every amount of money multiplied; lives and land keep their measure."""
    structure = case.structure
    parts: dict[str, Any] = {
        name: tuple(scaled(item, "cny", factor) for item in getattr(structure, name))
        for name in ("commodities", "designs", "modes", "periods")
    }
    parts["instance"] = scaled(structure.instance, "cny", factor)
    tables = {}
    for name in ("gateways", "sites", "existing", "arcs"):
        table = case.table(name).copy()
        prices = [column for column in table.columns if "cny" in column]
        table[prices] = table[prices] * factor
        tables[name] = table
    return replace(case.with_tables(**tables), structure=structure.model_copy(update=parts)), scaled(
        policy, "cny", factor
    )


@some
@given(seed=seeds)
def test_double_money_doubles_the_cost(seed: int) -> None:
    """All prices, budgets, caps and charges doubled: the least cost doubles."""
    instance, policy = rich_case(seed)
    assert cost_of(solved(*with_money(instance, policy, 2))) == same(2 * cost_of(solved(instance, policy)))


def with_tonnes(case: Instance, policy: Policy, factor: float) -> tuple[Instance, Policy]:
    """Tonnes and capacities multiplied, and what a tonne costs, emits or uses divided by the same."""
    structure = case.structure
    parts: dict[str, Any] = {}
    for name in ("commodities", "designs", "modes"):
        items = []
        for item in getattr(structure, name):
            more = scaled(item, "t_d", factor)
            less = [x for x in type(item).model_fields if x.endswith(("_t", "_t_km")) and getattr(item, x) is not None]
            items.append(more.model_copy(update={x: getattr(item, x) / factor for x in less}))
        parts[name] = tuple(items)
    tables = {}
    for name in ("gateways", "arcs", "demand", "terminals"):
        table = case.table(name).copy()
        more = [x for x in table.columns if x.endswith("t_d")]
        less = [x for x in table.columns if x.endswith(("cny_t", "kgco2e_t"))]
        table[more] = table[more] * factor
        table[less] = table[less] / factor
        tables[name] = table
    modes = {mode: amount * factor for mode, amount in policy.mode_capacity_t_d.items()}
    changed = replace(case.with_tables(**tables), structure=structure.model_copy(update=parts))
    return changed, policy.model_copy(update={"mode_capacity_t_d": modes})


@some
@given(seed=seeds)
def test_the_unit_of_tonnes_does_not_matter(seed: int) -> None:
    """Twice the tonnes and capacities at half the money, carbon and electricity a tonne: the same least cost."""
    instance, policy = rich_case(seed)
    assert cost_of(solved(*with_tonnes(instance, policy, 2))) == same(cost_of(solved(instance, policy)))
