"""Small cases cut at their lowest sites: what the tests of bounds by prices begin with."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest

from hubopt.bench.scale import scale_instance
from hubopt.instance import Instance, Policy
from hubopt.model import build
from hubopt.solve.compile import compile_model
from hubopt.solve.decompose.cut import Cut, cut
from hubopt.solve.decompose.lagrangian import Ascent, Node, start
from hubopt.solve.engine.highs import relax
from hubopt.solve.engine.jobs import Relaxation
from hubopt.solve.milp import Milp, Vector
from tests.cases import random_case
from tests.featured_cases import featured_case
from tests.solve.in_process import Deaf, solved

SIZES = (12, 5, 3, 2)
"""Of the case of :func:`small`."""


def pieces(instance: Any, policy: Policy) -> tuple[Any, Milp, Cut, Ascent, float]:
    """A case cut at its lowest sites, multipliers from its relaxation, and the relaxation's value."""
    model = build(instance, policy)
    program = compile_model(model)
    pipe: Any = Deaf()
    relaxed, _ = relax(program, Relaxation(30.0, strengthened=True), pipe, threading.Event())
    assert relaxed.row_duals is not None and relaxed.values is not None and relaxed.bound is not None
    made = cut(model.network, program)
    assert made is not None
    return model.network, program, made, start(model.network, made, relaxed.row_duals, relaxed.values), relaxed.bound


def bound_at(ascent: Ascent, node: Node) -> float:
    """The bound at a node's multipliers on trial, the upper program solved to the end."""
    above = solved(ascent.program(node))
    if above.reason == "infeasible":
        # or unbounded: without costs it is the one or the other
        program = ascent.program(node)
        empty = solved(replace(program, cost=np.zeros(program.columns))).reason == "infeasible"
        return np.inf if empty else -np.inf
    assert above.bound is not None
    return ascent.below(node, node.trial)[0] + above.bound


class Small(NamedTuple):
    """A case in pieces: its relaxation's value, its optimum and the point that attains it."""

    network: Any
    program: Milp
    made: Cut
    ascent: Ascent
    relaxed: float
    optimum: float
    best: Vector


@pytest.fixture(scope="module")
def small() -> Small:
    """A scale case small enough to be proven; each module has its own, for prices and points are added to it."""
    parts = pieces(*scale_instance(*SIZES, 4))
    best = solved(parts[1])
    assert best.objective is not None and best.values is not None
    return Small(*parts, best.objective, best.values)


def either_case(seed: int) -> tuple[Instance, Policy]:
    """A random case: with every feature of the model for odd seeds, a plain one for even ones."""
    if seed % 2:
        found = featured_case(seed)
        return found.case, found.policy
    return random_case(seed), Policy()
