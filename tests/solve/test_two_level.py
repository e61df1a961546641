"""Zones to sites and sites to parents: annealing against enumeration and a plain recomputation."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from hubopt.bench.scale import scale_instance
from hubopt.instance import Policy
from hubopt.model import build
from hubopt.solve.compile import compile_model
from hubopt.solve.plans.nested_annealing import nest
from hubopt.solve.plans.nesting import NestedTask
from hubopt.solve.plans.packing import tasks
from hubopt.solve.plans.two_level import TwoLevel


def drawn(random: np.random.Generator, zones: int = 4, sites: int = 3, parents: int = 2) -> TwoLevel:
    """A task of two kinds of goods and two sizes, in which every zone reaches two sites and every site all parents."""
    ways = [np.sort(random.choice(sites, 2, replace=False)) for _ in range(zones)]
    goods = random.integers(1, 5, (zones, 2)).astype(float)
    small, large = random.integers(3, 9, sites).astype(float), random.integers(5, 20, parents).astype(float)
    cheap, dear = random.integers(1, 15, sites).astype(float), random.integers(5, 40, parents).astype(float)
    return TwoLevel(
        amount=goods.sum(axis=1), goods=goods, above=goods.sum(axis=1),
        first=np.arange(0, 2 * zones + 1, 2), site=np.concatenate(ways).astype(np.int64),
        cost=random.integers(0, 20, 2 * zones).astype(float),
        room=np.column_stack([small, small + 6]), price=np.column_stack([cheap, cheap + 5]),
        idle=random.choice([0.0, 2.0], sites), pinned=np.zeros(sites, dtype=np.int64),
        up_first=np.arange(0, sites * parents + 1, parents), parent=np.tile(np.arange(parents), sites),
        up_cost=random.integers(0, 5, (sites * parents, 2)).astype(float),
        up_fixed=random.integers(0, 5, sites * parents).astype(float),
        parent_room=np.column_stack([large, large + 12]), parent_price=np.column_stack([dear, dear + 10]),
        parent_idle=random.choice([0.0, 3.0], parents), unserved=40.0,
    )  # fmt: skip


def sized(load: float, used: bool, room: Any, price: Any, idle: float, unserved: float) -> float:
    """Cost of one site or parent, by the words of the class."""
    if not used:
        return idle
    fitting = [float(cost) for most, cost in zip(room, price, strict=True) if most >= load - 1e-9]
    return fitting[0] if fitting else float(price[-1] + unserved * (load - room[-1]))


def value(task: TwoLevel, pair: Any, way: Any) -> float:
    """Cost of a choice, by the words of the class."""
    total = float(task.cost[list(pair)].sum())
    brought: dict[int, float] = {}
    for a in range(len(task.idle)):
        here = [z for z, chosen in enumerate(pair) if task.site[chosen] == a]
        load = float(task.amount[here].sum())
        total += sized(load, bool(here), task.room[a], task.price[a], task.idle[a], task.unserved)
        if here:
            total += float(task.up_fixed[way[a]] + task.goods[here].sum(axis=0) @ task.up_cost[way[a]])
            p = int(task.parent[way[a]])
            brought[p] = brought.get(p, 0.0) + float(task.above[here].sum())
    for p, idle in enumerate(task.parent_idle):
        total += sized(
            brought.get(p, 0.0), p in brought, task.parent_room[p], task.parent_price[p], idle, task.unserved
        )
    return total


def best_of_all(task: TwoLevel) -> float:
    """The optimum, by enumeration."""
    pairs = list(itertools.product(*(range(a, b) for a, b in itertools.pairwise(task.first))))
    ways = list(itertools.product(*(range(a, b) for a, b in itertools.pairwise(task.up_first))))
    return min(value(task, pair, way) for pair in pairs for way in ways)


def test_the_best_of_all_choices_is_found_and_its_cost_is_right() -> None:
    """The stated cost is that of a plain recomputation, no lower than the optimum, and nearly always the optimum."""
    random = np.random.default_rng(5)
    reached = 0
    for _ in range(25):
        task = drawn(random)
        pair, way, found = nest(task, 40_000, 0, heat=3.0)
        least = best_of_all(task)
        assert value(task, pair, way) == pytest.approx(found)
        assert found >= least - 1e-6
        reached += found <= least + 1e-6
    assert reached >= 24


def test_no_single_shift_mends_what_annealing_ends_with() -> None:
    """After few changes as after many, no zone and no site is better off elsewhere by itself; the seed decides all."""
    random = np.random.default_rng(6)
    for steps in (0, 200, 20_000):
        task = drawn(random, 30, 8, 4)
        pair, way, found = nest(task, steps, 1)
        again = nest(task, steps, 1)
        assert (again[0] == pair).all() and again[2] == found
        assert value(task, pair, way) == pytest.approx(found)
        for z, (a, b) in enumerate(itertools.pairwise(task.first)):
            others = ([*pair[:z], new, *pair[z + 1 :]] for new in range(a, b))
            assert all(value(task, other, way) >= found - 1e-6 for other in others)
        for a, (first, last) in enumerate(itertools.pairwise(task.up_first)):
            assert all(value(task, pair, [*way[:a], q, *way[a + 1 :]]) >= found - 1e-6 for q in range(first, last))


@pytest.fixture(scope="module")
def small() -> Any:
    """A small case of three levels, its program, and its task where nothing above costs anything."""
    instance, _ = scale_instance(30, 10, 5, 2, 1)
    model = build(instance, Policy())
    program = compile_model(model)
    (task,) = tasks(model.network, program, np.zeros(program.rows), np.zeros(program.columns))
    assert isinstance(task, NestedTask)
    return program, task


def test_every_zone_and_every_site_in_use_is_linked_once(small: Any) -> None:
    """The columns chosen link each zone to a site, and each such site to a parent."""
    program, task = small
    index = {column: index for index, column in program.groups["link"].items()}
    chosen = [index[column] for column in task.choose(0, effort=0.05).columns]
    stations = {i for leg, i, _, _ in chosen if leg == "station-zone"}
    assert len({z for leg, _, z, _ in chosen if leg == "station-zone"}) == 30
    assert sorted(i for leg, _, i, _ in chosen if leg == "utc-station") == sorted(stations)


def test_parents_that_are_shut_stay_shut(small: Any) -> None:
    """A parent that is shut is not used where others have room; one forced open is paid for at most once more."""
    _, task = small
    free = task.choose(0, effort=0.05)
    shut = min(free.parents)
    assert shut not in task.choose(0, shut={shut}, effort=0.05).parents
    price = task.packing.parent_price[:, 0]
    forced = task.choose(0, opened=set(task.parents), start=free, heat=1e-3, effort=0.05)
    assert price.sum() <= forced.value <= free.value + price.sum() + 1e-6
