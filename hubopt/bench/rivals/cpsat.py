"""CP-SAT through OR-Tools' model builder, which makes continuous columns multiples of a fraction.

A solution of the program so restricted is one of the original. Its bound is none, and neither is its optimality: with
continuous columns neither is reported. Where the numbers do not fit, OR-Tools says so, and the run counts as skipped.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from ortools.linear_solver.python import model_builder

from hubopt.bench.answers import Answer, Limits, State, Trace, finite
from hubopt.bench.rivals.prototype import model_of
from hubopt.solve.milp import Milp

FRACTION = 1000
"""Continuous columns are multiples of one over this."""

_LINE = re.compile(r"^#(?:\S+)\s+([0-9.]+)s\s+best:(\S+)\s+next:\[([^,\]]*),?([^\]]*)\]")


def _number(text: str) -> float | None:
    try:
        return finite(float(text))
    except ValueError:
        return None


@contextmanager
def _printed_to(target: int) -> Iterator[None]:
    """What is printed, by libraries too, goes to another file."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(target, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def solve(program: Milp, limits: Limits) -> Answer:
    """Run to the gap or the limit."""
    started, trace = time.monotonic(), Trace()
    model = model_of(program)
    solver = model_builder.ModelSolver("SAT")
    if not solver.solver_is_supported():
        return Answer("skipped", note="this build of OR-Tools has no CP-SAT")
    solver.set_time_limit_in_seconds(limits.seconds)
    whole = bool(program.integer.all())
    solver.set_solver_specific_parameters(
        f"num_workers:{limits.threads} random_seed:{limits.seed} relative_gap_limit:{limits.gap!r} "
        f"mip_var_scaling:{1 if whole else FRACTION}"
    )
    # this build of OR-Tools takes no listener: the log goes to a file and is read afterwards
    solver.enable_output(True)
    with tempfile.TemporaryFile() as log:
        with _printed_to(log.fileno()):
            status = solver.solve(model)
        log.seek(0)
        lines = log.read().decode("utf-8", "replace").splitlines()
    for line in lines:
        if (found := _LINE.match(line)) is not None:
            trace.note(float(found[1]), _number(found[2]), _number(found[3]) if whole and found[3] else None)
    name = status.name
    if name in ("MODEL_INVALID", "ABNORMAL", "NOT_SOLVED", "INVALID_SOLVER_PARAMETERS"):
        if name == "NOT_SOLVED" and time.monotonic() - started >= 0.9 * limits.seconds:
            return Answer("no-solution", trace=tuple(trace.points))
        taken = "as it is" if whole else f"with continuous columns as multiples of 1/{FRACTION}"
        return Answer("skipped", note=f"OR-Tools refuses the program {taken} ({name})")
    if name == "INFEASIBLE":
        return Answer("infeasible")
    state: State = "no-solution"
    objective = values = None
    if name in ("OPTIMAL", "FEASIBLE"):
        state = "optimal" if name == "OPTIMAL" and whole else "feasible"
        values = np.array([solver.value(variable) for variable in model.get_variables()], dtype=float)
        objective = float(solver.objective_value)
    bound = finite(solver.best_objective_bound) if whole else None
    trace.note(time.monotonic() - started, objective, bound)
    note = "" if whole else f"flows are multiples of 1/{FRACTION}: its bound is none of the program"
    return Answer(state, objective, bound, values, tuple(trace.points), note)
