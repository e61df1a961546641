"""Samples of grids, and who starts from whom."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.study.scenarios.file import Grid, Parameter
from hubopt.study.scenarios.neighbours import features, starts
from hubopt.study.scenarios.sampling import mistakes, sample

RANGES = {
    "demand": Parameter(path="demand.all", low=1.0, high=2.0),
    "utcs": Parameter(path="policy.levels.utc.max_open", low=1, high=9, whole=True),
    "shut": Parameter(path="closed_gateways", values=("", "port")),
}


@settings(deadline=None, max_examples=20)  # the first example loads scipy.stats
@given(st.integers(1, 40), st.integers(0, 5))
def test_a_hypercube_has_a_point_in_every_slice(count: int, seed: int) -> None:
    """Each of n equal slices of a range holds one of the n points; the seed alone decides."""
    grid = Grid(method="latin-hypercube", samples=count, seed=seed, parameters=RANGES)
    drawn = sample(grid)
    assert not list(mistakes(grid)) and drawn.units is not None
    for column in drawn.units.T:
        assert sorted(np.floor(column * count).astype(int)) == list(range(count))
    assert drawn.points == sample(grid).points
    assert all(isinstance(point["utcs"], int) and point["shut"] in ("", "port") for point in drawn.points)


@settings(deadline=None, max_examples=10)  # the first example loads SALib
@given(st.integers(2, 6), st.integers(0, 3))
def test_trajectories_change_one_parameter_at_a_time(count: int, seed: int) -> None:
    """Rows of a trajectory differ from the next in one parameter; points drawn twice are there once."""
    grid = Grid(method="morris", trajectories=count, seed=seed, parameters=RANGES)
    drawn = sample(grid)
    assert drawn.units is not None and len(drawn.rows) == count * (len(RANGES) + 1)
    for start in range(0, len(drawn.rows), len(RANGES) + 1):
        steps = np.diff(drawn.units[start : start + len(RANGES) + 1], axis=0)
        assert ((steps != 0).sum(axis=1) == 1).all()
    assert len({repr(point) for point in drawn.points}) == len(drawn.points)


def test_lists_and_combinations() -> None:
    """A list has its rows, a full grid the product of the values."""
    names = {name: Parameter(path="demand.all") for name in ("a", "b")}
    rows = ({"a": 1, "b": 2}, {"a": 3, "b": 4})
    assert sample(Grid(method="list", parameters=names, rows=rows)).points == rows
    full = {"a": Parameter(path="demand.all", values=(1, 2)), "b": Parameter(path="land_factor.all", values=(3, 4, 5))}
    assert len(sample(Grid(parameters=full)).points) == 6


def test_a_grid_without_end_is_refused() -> None:
    """More combinations than can be meant are a mistake, found without making them."""
    wide = {f"p{number}": Parameter(path="demand.all", values=tuple(range(50))) for number in range(8)}
    assert any("scenarios" in message for _, message, _ in mistakes(Grid(parameters=wide)))


trees = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "demand": st.fixed_dictionaries({"all": st.sampled_from([0.5, 1.0, 1.5, 2.0])}),
            "gateways": st.fixed_dictionaries({"port": st.sampled_from(["closed", "open"])}),
            "policy": st.fixed_dictionaries({"carbon_price_cny_t": st.sampled_from([0.0, 100.0, 1000.0])}),
        },
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=40)
@given(trees)
def test_everyone_starts_from_somebody_before(given_trees: list[dict[str, dict[str, object]]]) -> None:
    """Every scenario comes once, the first stated first; starts come before; few are cold, and lines are short."""
    found = starts(given_trees)
    count = len(given_trees)
    assert sorted(one for one, _ in found) == list(range(count)) and found[0] == (0, None)
    place = {one: number for number, (one, _) in enumerate(found)}
    depth: dict[int, int] = {}
    for one, start in found:
        assert start is None or place[start] < place[one]
        depth[one] = 0 if start is None else depth[start] + 1
    assert sum(start is None for _, start in found) == math.ceil(math.sqrt(count))
    assert max(depth.values()) <= math.log2(count) / 2 + 1
    assert all(start is None for _, start in starts(given_trees, warm=False))


def test_the_nearest_is_the_most_alike() -> None:
    """Figures count by their range, other things by being the same; a factor that is not stated is 1."""
    figures, kinds = features([{}, {"demand": {"all": 2.0}}, {"demand": {"all": 1.5}, "gateways": {"g": "closed"}}])
    assert figures.tolist() == [[1.0], [2.0], [1.5]] and kinds.tolist() == [[0], [0], [1]]
    many = [{"demand": {"all": 1 + number / 10}} for number in range(11)]
    line = dict(starts(many))
    assert all(start is None or abs(one - start) <= 2 for one, start in line.items())


@pytest.mark.parametrize(
    ("grid", "says"),
    [
        (Grid(method="latin-hypercube", parameters=RANGES), "missing"),
        (Grid(method="morris", trajectories=2, levels=3, parameters=RANGES), "odd"),
        (Grid(parameters=RANGES), "range"),
        (Grid(parameters={"x": Parameter(path="demand.all")}), "no values"),
        (Grid(parameters={"x": Parameter(path="demand.all", values=(1,), low=1)}), "both"),
        (Grid(parameters={"x": Parameter(path="demand.all", values=(1,))}, rows=({"x": 1},)), "no use"),
    ],
)
def test_what_a_method_does_not_allow(grid: Grid, says: str) -> None:
    """Each mistake has a place and a mend."""
    assert any(says in message and mend for _, message, mend in mistakes(grid))
