"""Decomposition with any of its parts switched off: what it proves and finds is right all the same."""

from __future__ import annotations

import contextlib
from functools import cache, partial
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from hubopt.bench.scale import scale_instance
from hubopt.instance import Policy, sha256
from hubopt.model import build
from hubopt.solution.types import Asked
from hubopt.solve import run
from hubopt.solve.account import Run
from hubopt.solve.compile import compile_model
from hubopt.solve.decompose import cut as cutting
from hubopt.solve.decompose import priced
from hubopt.solve.decompose.implied import Rows
from hubopt.solve.decompose.knapsacks import choose
from hubopt.solve.decompose.lagrangian import Ascent
from hubopt.solve.decompose.method import Decompose
from hubopt.solve.decompose.tree import Tree
from hubopt.solve.progress import Tracker
from tests.bounds.threads import solver_threads
from tests.cases import random_case
from tests.featured_cases import featured_case
from tests.solve.in_process import solved


def no_rows(network: Any, program: Any, above: Any) -> Rows:
    """Nothing follows for the levels above."""
    return Rows(sparse.csr_array((0, program.columns)), np.zeros(0), np.zeros(0))


SWITCHED_OFF: dict[str, Any] = {
    "planes": lambda: mock.patch.object(Decompose, "_by_planes", lambda *_: None),
    "relaxed program above": lambda: mock.patch.object(Decompose, "_climb_relaxed", lambda *_: None),
    "parts": lambda: mock.patch.object(Tree, "branch", lambda *_: False),
    "whole knapsacks": lambda: mock.patch.object(cutting, "choose", partial(choose, nodes=0)),
    "rows that follow": lambda: mock.patch.object(cutting, "implied", no_rows),
    "packing": lambda: mock.patch.object(Decompose, "_pack_anew", lambda *_: None),
    "exact relaxations": lambda: mock.patch.object(priced, "LARGE", 0),
    "rising prices": lambda: mock.patch.object(Ascent, "climb", lambda *_: None),
}


@cache
def case(seed: int) -> Any:
    """An instance with its policy, model, program and optimum; below 0 a scale case."""
    if seed < 0:
        instance, policy = scale_instance(8, 4, 3, 2, -seed)
    elif seed % 2:
        found = featured_case(seed)
        instance, policy = found.case, found.policy
    else:
        instance, policy = random_case(seed), Policy()
    model = build(instance, policy)
    program = compile_model(model)
    return instance, policy, model, program, solved(program).objective


@settings(max_examples=5, deadline=None)
@given(
    off=st.sets(st.sampled_from(sorted(SWITCHED_OFF)), max_size=3), seed=st.sampled_from([-1, -2, 1, 5, 6, 8, 14, 37])
)
def test_bounds_hold_without_any_part(off: set[str], seed: int) -> None:
    """Whatever is left out, the bound is at most the optimum, and the plan at least."""
    instance, policy, model, program, optimum = case(seed)
    asked = Asked("decompose", 30.0)
    tracker = Tracker(model.network.scale.money_cny, 30.0)
    this = Run(instance, policy, asked, 0.05, 1, abs(seed), tracker, sha256(instance), None)
    with contextlib.ExitStack() as stack, solver_threads():
        for name in sorted(off):
            stack.enter_context(SWITCHED_OFF[name]())
        found = run._searched(this, "decompose", model.network, program, None, [])
    slack = 1e-6 * max(1.0, abs(optimum))
    assert tracker.bound <= optimum + slack
    assert found.values is not None and program.objective(found.values) >= optimum - slack
    assert found.reason != "optimal" or program.objective(found.values) <= optimum / 0.95 + slack
