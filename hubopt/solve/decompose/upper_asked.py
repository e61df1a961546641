"""What a solver process can tell of a part's upper program beside its optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hubopt.solve.decompose.lagrangian import Ascent, Node
from hubopt.solve.engine.jobs import Job, Outcome, Relaxation, Relaxed
from hubopt.solve.engine.process import SolverProcess


def relaxed_bound(prover: SolverProcess, ascent: Ascent, node: Node, seconds: float) -> float | None:
    """The bound at a part's multipliers on trial, with the upper program relaxed; None if there is none."""
    prover.replace(ascent.program(node))
    found = prover.run(Relaxation(seconds, rounds=0, strengthened=True))
    if not isinstance(found, Relaxed) or found.bound is None:
        return None
    bound = ascent.below(node, node.trial)[0] + found.bound
    return bound if np.isfinite(bound) else None


def is_empty(prover: SolverProcess, ascent: Ascent, node: Node, seconds: float, seed: int) -> bool:
    """Whether the upper program of a part has no point at all: without costs it cannot be unbounded instead."""
    program = ascent.program(node)
    free = replace(program, cost=np.zeros(program.columns))
    prover.replace(free)
    job = Job(free.lower, free.upper, free.integer, seconds=seconds, seed=seed, presolve=False)
    outcome = prover.run(job)
    return isinstance(outcome, Outcome) and outcome.reason == "infeasible"
