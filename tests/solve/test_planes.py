"""Planes below what plans cost by their sites above: valid at any prices, and the program over them is a bound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.model import build
from hubopt.solve.compile import compile_model
from hubopt.solve.decompose.cut import cut
from hubopt.solve.decompose.lagrangian import start
from hubopt.solve.decompose.planes import Planes
from tests.solve.in_pieces import Small, either_case, small
from tests.solve.in_process import solved

__all__ = ["small"]


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000), size=st.sampled_from([0.01, 0.3, 3.0]))
def test_no_plane_passes_the_optimum(small: Small, seed: int, size: float) -> None:
    """At the sites of the best plan every plane is at most what it costs; so is the least of the highest of them."""
    made, ascent, optimum, best = small.made, small.ascent, small.optimum, small.best
    random = np.random.default_rng(seed)
    ascent.add(best[ascent.above])
    planes = Planes(ascent)
    for _ in range(4):
        shaken = ascent.root.multipliers + size * random.normal(0, 1, len(ascent.scale)) / ascent.scale
        planes.learn(made.projected(shaken))
    number = next(n for n, point in enumerate(planes.points) if np.allclose(point, best[ascent.above]))
    assert planes.values()[:, number].max() <= optimum + 1e-6 * abs(optimum)
    program, rest, first = planes.program()
    found = solved(program)
    assert found.bound is not None and found.bound + rest <= optimum + 1e-6 * abs(optimum)
    assert found.bound + rest >= solved(ascent.program(ascent.root)).bound + ascent.below(
        ascent.root, ascent.root.multipliers
    )[0] - 1e-6 * abs(optimum)  # fmt: skip
    activity = program.matrix @ first
    assert (activity >= program.row_lower - 1e-6).all() and (activity <= program.row_upper + 1e-6).all()


@pytest.mark.parametrize("seed", [1, 5, 6, 8, 14, 37, 63])
def test_planes_of_random_networks(seed: int) -> None:
    """On networks with every feature, points that are held rise at most to the optimum, and so does the program."""
    model = build(*either_case(seed))
    program = compile_model(model)
    best, relaxed = solved(program), solved(program, whole=False)
    made = cut(model.network, program)
    assert best.objective is not None and best.values is not None and made is not None
    assert relaxed.row_duals is not None and relaxed.values is not None
    ascent = start(model.network, made, relaxed.row_duals, relaxed.values)
    ascent.add(best.values[ascent.above])
    above = solved(ascent.program(ascent.root))
    if above.values is None:
        return
    ascent.add(above.values)
    planes = Planes(ascent)
    planes.rise(best.objective + 0.1 * abs(best.objective))
    limit = best.objective + 1e-6 * max(1.0, abs(best.objective))
    assert planes.values()[:, 0].max() <= limit
    whole, rest, _ = planes.program()
    outcome = solved(whole)
    assert outcome.bound is not None and outcome.bound + rest <= limit


def test_a_held_point_rises(small: Small) -> None:
    """Prices that suit the sites of the best plan say more of it than those that suit all plans."""
    ascent, optimum, best = small.ascent, small.optimum, small.best
    ascent.add(best[ascent.above])
    planes = Planes(ascent)
    before = planes.values().max(axis=0)
    assert planes.rise(2 * optimum)
    after = planes.values().max(axis=0)
    assert (after >= before - 1e-9).all() and (after > before + 1e-4 * optimum).any()
