"""The Lagrangian bound: valid at any multipliers and in every part, and its pieces against enumeration."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.bench.scale import scale_instance
from hubopt.instance import Policy
from hubopt.model import build
from hubopt.solve import solve
from hubopt.solve.compile import compile_model
from hubopt.solve.decompose.cut import cut
from hubopt.solve.decompose.implied import with_enough_open
from hubopt.solve.decompose.knapsacks import Prices, Sites, choose
from hubopt.solve.decompose.lagrangian import Branch, Node, start
from hubopt.solve.decompose.tree import Tree
from hubopt.solve.engine.highs import relax
from hubopt.solve.engine.jobs import Relaxation
from tests.bounds.threads import solver_threads
from tests.cases import tiny
from tests.solve.in_pieces import Small, bound_at, either_case, small
from tests.solve.in_process import Deaf, solved

__all__ = ["small"]


def test_at_the_duals_the_bound_is_no_worse_than_the_relaxation(small: Small) -> None:
    """Started from the relaxation's duals, the bound is at least the relaxation's value and at most the optimum."""
    ascent, relaxed, optimum = small.ascent, small.relaxed, small.optimum
    found = bound_at(ascent, ascent.root)
    assert relaxed - 1e-6 * abs(relaxed) <= found <= optimum + 1e-6 * abs(optimum)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.sampled_from([0.01, 0.3, 3.0]))
def test_any_multipliers_give_a_bound(small: Small, seed: int, size: float) -> None:
    """Whatever the multipliers are, after projection to their signs the bound does not pass the optimum."""
    made, ascent, optimum = small.made, small.ascent, small.optimum
    random = np.random.default_rng(seed)
    shaken = ascent.root.multipliers + size * random.normal(0, 1, len(ascent.root.multipliers)) / ascent.scale
    node = Node(Branch(), ascent.root.multipliers, made.projected(shaken))
    assert bound_at(ascent, node) <= optimum + 1e-6 * abs(optimum)


@pytest.mark.parametrize("seed", [0, 1, 2, 5, 6, 8, 14, 18, 22, 37, 45, 51, 63, 125])
def test_bounds_of_random_networks(seed: int) -> None:
    """On networks with every feature of the model, multipliers on their way up never give more than the optimum."""
    model = build(*either_case(seed))
    program = compile_model(model)
    optimum = solved(program).objective
    pipe: Any = Deaf()
    relaxed, _ = relax(program, Relaxation(30.0), pipe, threading.Event())
    made = cut(model.network, program)
    assert optimum is not None and made is not None and relaxed.row_duals is not None and relaxed.values is not None
    ascent = start(model.network, made, relaxed.row_duals, relaxed.values)
    for _ in range(3):
        assert bound_at(ascent, ascent.root) <= optimum + 1e-6 * abs(optimum)
        point = solved(ascent.program(ascent.root)).values
        if point is not None:
            ascent.add(point)
        ascent.climb(ascent.root, 15, optimum)


def test_parts_bound_the_whole(small: Small) -> None:
    """Parted by what is open above, the least bound of all parts stays under the optimum and above the parent's."""
    network, ascent, optimum = small.network, small.ascent, small.optimum
    tree = Tree(network, ascent)
    for _ in range(25):
        node = tree.lowest(np.inf)
        if node is None:
            break
        above = solved(ascent.program(node))
        if above.reason == "infeasible":
            tree.drop(node)
            continue
        assert above.bound is not None and above.values is not None
        before = tree.bound(optimum)
        ascent.proved(node, above.bound)
        ascent.add(above.values)
        ascent.climb(node, 20, optimum)
        assert before - 1e-9 * abs(before) <= tree.bound(optimum) <= optimum + 1e-6 * abs(optimum)
        if node.idle >= 1:
            tree.branch(node)
    assert len(tree.nodes) > 1 or tree.bound(optimum) >= 0.97 * optimum


@st.composite
def offers(draw: st.DrawFn) -> tuple[Sites, Prices]:
    """One site with up to five zones, two ways, two designs of two sizes, and two commodities."""
    zones = draw(st.integers(1, 5))
    money, unit = st.integers(-30, 20).map(float), st.integers(-9, 3).map(float)
    grid = lambda rows: np.array([[draw(unit), draw(unit)] for _ in range(rows)])  # noqa: E731
    sites = Sites(
        items=np.array([0, zones]),
        zone=np.arange(zones),
        ways=np.array([0, 2]),
        designs=np.array([0, 2]),
        sizes=np.array([0, 2, 4]),
        room=np.array([2.0, 5.0, 3.0, 7.0]),
        demand=np.array([[draw(st.integers(0, 3)), draw(st.integers(0, 3))] for _ in range(zones)], dtype=float),
        shut=np.array([draw(st.booleans())]),
    )
    return sites, Prices(
        item=np.array([draw(money) for _ in range(zones)]),
        item_unit=grid(zones),
        way=np.array([draw(money) for _ in range(2)]),
        way_unit=grid(2),
        design_unit=grid(2),
        size=np.array([draw(money) for _ in range(4)]),
    )


@settings(max_examples=150, deadline=None)
@given(offer=offers())
def test_a_site_costs_what_enumeration_says(offer: tuple[Sites, Prices]) -> None:
    """The least cost of a site is at most that of any way, design, size and set of zones, goods above its room left."""
    sites, prices = offer
    choice = choose(sites, prices)
    zones = len(sites.zone)
    exact = 0.0 if sites.shut[0] else np.inf
    for way, design in itertools.product(range(2), range(2)):
        unit = prices.item_unit + prices.way_unit[way] + prices.design_unit[design]
        gains = np.where(unit < 0, unit, 0.0) * sites.demand
        load = np.where(unit < 0, sites.demand, 0.0).sum(axis=1)
        for size in range(sites.sizes[design], sites.sizes[design + 1]):
            for taken in itertools.product((False, True), repeat=zones):
                on = np.array(taken)
                cost = prices.way[way] + prices.size[size] + (prices.item[on] + gains[on].sum(axis=1)).sum()
                over = load[on].sum() - sites.room[size]
                if over > 0:
                    # the goods that gain least stay behind, unit by unit
                    losses = sorted((-unit[z, k], sites.demand[z, k]) for z in range(zones) for k in range(2)
                                    if on[z] and unit[z, k] < 0)  # fmt: skip
                    for loss, amount in losses:
                        left = min(over, amount)
                        cost += loss * left
                        over -= left
                exact = min(exact, cost)
    assert choice.value <= exact + 1e-9
    if not any(item.any() for item in (choice.taken,)):
        assert choice.value == pytest.approx(exact)


def test_decompose_proves_what_the_whole_model_proves() -> None:
    """On a small scale case the method ends at the optimum's value within the gap asked, checked."""
    instance, policy = scale_instance(20, 8, 4, 2, 1)
    with solver_threads():
        whole = solve(instance, policy, method="monolith", gap=1e-4, time_limit=60)
        found = solve(instance, policy, method="decompose", gap=0.005, time_limit=60)
    assert found.proof.status == "optimal" and found.proof.method == "decompose"
    assert whole.proof.bound is not None and whole.proof.objective is not None
    assert found.proof.bound is not None and found.proof.objective is not None
    assert found.proof.bound <= whole.proof.objective * (1 + 1e-6)
    assert found.proof.objective >= whole.proof.bound * (1 - 1e-6)


def test_without_lowest_sites_it_says_so(tmp_path: Any) -> None:
    """A network whose zones are not served whole is solved all the same, and the log tells that nothing was cut."""
    instance = tiny()
    policy = Policy(off=("single_sourcing", "service_targets"))
    with solver_threads():
        found = solve(instance, policy, method="decompose", gap=0.01, time_limit=60, log_path=tmp_path / "log")
    assert found.proof.status == "optimal"
    assert "not decomposed" in (tmp_path / "log").read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", [0, 3, 6, 9, 14, 37, 125])
def test_rows_on_what_must_be_open_cut_off_no_plan(seed: int) -> None:
    """With the rows on open capacity the optimum is the same, and the relaxation no lower."""
    model = build(*either_case(seed))
    program = compile_model(model)
    more = with_enough_open(model.network, program)
    plain, strong = solved(program), solved(more)
    assert (plain.objective is None) == (strong.objective is None)
    if plain.objective is not None:
        assert strong.objective == pytest.approx(plain.objective, rel=1e-6)
        assert solved(more, whole=False).objective >= solved(program, whole=False).objective - 1e-6  # type: ignore[operator]


def test_sites_are_counted_where_all_demand_must_be_met() -> None:
    """On a case of equal warehouses the relaxation opens as many of them as all demand needs, rounded up."""
    instance, policy = scale_instance(12, 5, 3, 2, 4)
    model = build(instance, policy)
    program = compile_model(model)
    more = with_enough_open(model.network, program)
    assert more.rows > program.rows
    assert solved(more, whole=False).objective >= solved(program, whole=False).objective  # type: ignore[operator]
    assert solved(more).objective == pytest.approx(solved(program).objective, rel=1e-6)
