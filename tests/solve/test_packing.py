"""Zones packed to their lowest sites: annealing against enumeration, and the tasks that a relaxation gives."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.instance import Policy
from hubopt.model import build
from hubopt.solve.compile import compile_model
from hubopt.solve.engine.dive import Dive, dive
from hubopt.solve.engine.highs import relax
from hubopt.solve.engine.jobs import Relaxation
from hubopt.solve.milp import Milp
from hubopt.solve.plans.annealing import Packing, pack
from hubopt.solve.plans.order import columns_of, dive_order
from hubopt.solve.plans.packing import tasks
from tests.cases import tiny
from tests.solve.in_process import Deaf


@st.composite
def packings(draw: st.DrawFn) -> Packing:
    """Up to five zones, three sites and two sizes each."""
    sites = draw(st.integers(1, 3))
    zones = draw(st.integers(1, 5))
    ways = [sorted(draw(st.sets(st.integers(0, sites - 1), min_size=1))) for _ in range(zones)]
    money, size = st.integers(0, 20).map(float), st.integers(1, 6).map(float)
    small = np.array([draw(size) for _ in range(sites)])
    cheap = np.array([draw(money) for _ in range(sites)])
    return Packing(
        amount=np.array([draw(size) for _ in range(zones)]),
        first=np.concatenate([[0], np.cumsum([len(way) for way in ways])]).astype(np.int64),
        site=np.array([i for way in ways for i in way], dtype=np.int64),
        cost=np.array([draw(money) for way in ways for _ in way]),
        room=np.column_stack([small, small + 4.0]),
        price=np.column_stack([cheap, cheap + 5.0]),
        idle=np.array([draw(st.sampled_from([0.0, 3.0])) for _ in range(sites)]),
        unserved=30.0,
    )


def value(task: Packing, chosen: tuple[int, ...]) -> float:
    """Cost of a choice, by the words of the class."""
    total = sum(task.cost[way] for way in chosen)
    for i in range(len(task.idle)):
        here = [task.amount[z] for z, way in enumerate(chosen) if task.site[way] == i]
        if not here:
            total += task.idle[i]
            continue
        fitting = [price for room, price in zip(task.room[i], task.price[i], strict=True) if room >= sum(here)]
        total += fitting[0] if fitting else task.price[i][-1] + task.unserved * (sum(here) - task.room[i][-1])
    return float(total)


def best_of_all(task: Packing) -> float:
    """The optimum, by enumeration."""
    return min(
        value(task, choice) for choice in itertools.product(*(range(a, b) for a, b in itertools.pairwise(task.first)))
    )


@settings(max_examples=60, deadline=None)
@given(task=packings())
def test_annealing_states_what_it_found_and_no_single_shift_mends_it(task: Packing) -> None:
    """The stated cost is that of the choice, not below the optimum, and shifting any one zone saves nothing."""
    best, found = pack(task, 20_000, 0)
    choice = tuple(int(way) for way in best)
    assert value(task, choice) == pytest.approx(found)
    assert found >= best_of_all(task) - 1e-6
    for z, (a, b) in enumerate(itertools.pairwise(task.first)):
        assert all(value(task, (*choice[:z], way, *choice[z + 1 :])) >= found - 1e-6 for way in range(a, b))


def test_annealing_finds_the_best_of_all_choices() -> None:
    """Started hot enough to cross from size to size, it ends at the optimum that enumeration finds 98 times in 100."""
    random = np.random.default_rng(3)
    tasks = [drawn(random) for _ in range(200)]
    reached = sum(pack(task, 20_000, 0, hot=3.0)[1] <= best_of_all(task) + 1e-6 for task in tasks)
    assert reached >= 196


def drawn(random: np.random.Generator) -> Packing:
    """Five zones, three sites of two sizes each, every zone within reach of two or three of them."""
    ways = [np.sort(random.choice(3, random.integers(2, 4), replace=False)) for _ in range(5)]
    small, cheap = random.integers(1, 7, 3).astype(float), random.integers(0, 21, 3).astype(float)
    return Packing(
        amount=random.integers(1, 7, 5).astype(float),
        first=np.concatenate([[0], np.cumsum([len(way) for way in ways])]).astype(np.int64),
        site=np.concatenate(ways).astype(np.int64),
        cost=random.integers(0, 21, sum(len(way) for way in ways)).astype(float),
        room=np.column_stack([small, small + 4.0]),
        price=np.column_stack([cheap, cheap + 5.0]),
        idle=np.zeros(3),
        unserved=30.0,
    )


def test_annealing_repeats_itself() -> None:
    """The same seed gives the same choice."""
    random = np.random.default_rng(1)
    task = Packing(
        amount=random.uniform(1, 3, 30), first=np.arange(0, 121, 4), site=random.integers(0, 9, 120),
        cost=random.uniform(0, 9, 120), room=np.full((9, 1), 8.0), price=np.full((9, 1), 5.0), idle=np.zeros(9),
        unserved=50.0,
    )  # fmt: skip
    first, second = (pack(task, 5_000, 7) for _ in range(2))
    assert first[1] == second[1]
    assert (first[0] == second[0]).all()


@pytest.fixture(scope="module")
def relaxed() -> Any:
    """The tiny city's network and program, its relaxation, and the solver that holds it."""
    model = build(tiny(), Policy())
    program = compile_model(model)
    pipe: Any = Deaf()
    found, solver = relax(program, Relaxation(30.0, strengthened=True), pipe, threading.Event())
    return model.network, program, found, solver


def test_duals_price_the_relaxation(relaxed: Any) -> None:
    """What a column costs beyond what its rows are worth is 0 within its bounds and pushes it to the one it is at."""
    _, program, found, _ = relaxed
    assert found.row_duals.shape == (program.rows,)
    reduced = program.cost - program.matrix.T @ found.row_duals
    assert (reduced[found.values > program.lower + 1e-6] < 1e-6).all()
    assert (reduced[found.values < program.upper - 1e-6] > -1e-6).all()


def test_every_zone_is_linked_once(relaxed: Any) -> None:
    """A packing links each zone with demand for the lowest level to one site that may serve it."""
    network, program, found, _ = relaxed
    links = {column: index for index, column in program.groups["link"].items()}
    for task in tasks(network, program, found.row_duals, found.values):
        chosen = [links[column] for column in task.chosen(0)]
        zones = [index[2] for index in chosen if index[0] == "station-zone"]
        assert len(zones) == len(set(zones))
        served = {z for (z, k, _), amount in network.demand.items() if amount > 0 and "station-zone" in
                  network.commodities[k].legs}  # fmt: skip
        assert set(zones) == served


def test_a_share_that_is_used_up_gets_dear(relaxed: Any) -> None:
    """Where the cheapest packing uses more of a share than allowed, a dearer one within the share is chosen."""
    network, program, found, _ = relaxed
    task = next(tasks(network, program, found.row_duals, found.values))
    cheapest = task.links[np.isin(task.links, task.chosen(0))]
    mine = np.isin(task.links, cheapest)
    limited = replace(task, use=mine[:, None].astype(float), allowed=np.array([1.0]), price=np.array([0.0]))
    avoidable = [len(set(task.packing.site[a:b])) > 1 for a, b in itertools.pairwise(task.packing.first)]
    assert sum(avoidable) >= 2
    assert np.isin(limited.chosen(0), cheapest).sum() <= max(1, len(avoidable) - sum(avoidable))


def _dive(program: Milp, network: Any, links: np.ndarray) -> Any:
    pipe: Any = Deaf()
    _, solver = relax(program, Relaxation(30.0, strengthened=True), pipe, threading.Event())
    counts = columns_of(program, "modules", lambda index: True)
    assert solver is not None
    return dive(program, solver, Dive(dive_order(network, program), counts, 30.0, 5.0, given=links))


def test_a_dive_keeps_what_is_given(relaxed: Any) -> None:
    """Links that are given are in the plan that the dive ends with."""
    network, program, found, _ = relaxed
    links = next(tasks(network, program, found.row_duals, found.values)).chosen(0)
    dived = _dive(program, network, links)
    assert dived.values is not None
    assert (dived.values[links] > 0.5).all()


def test_a_dive_drops_what_cannot_be(relaxed: Any) -> None:
    """Links that contradict each other are left aside, and the dive still ends with a plan."""
    network, program, found, _ = relaxed
    task = next(tasks(network, program, found.row_duals, found.values))
    wide = next(a for a, b in itertools.pairwise(task.packing.first) if b - a > 1)
    dived = _dive(program, network, task.links[wide : wide + 2])
    assert dived.reason == "optimal"
    assert dived.values is not None
