"""CP-SAT through OR-Tools' model builder, which makes continuous columns multiples of a fraction.

An equation whose sum is no such multiple (a demand of 3.4805) has no solution then, and OR-Tools calls the program
invalid. Such rows are widened by what rounding one of their columns can do, and the flows are solved once more, as a
linear program, for the integers found. The bound of a program so changed is none of the original, and neither is its
optimality: with continuous columns neither is reported. Where the numbers do not fit even so, OR-Tools says why, and
the run counts as skipped.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from ortools.linear_solver.python import model_builder
from scipy import sparse

from hubopt.bench.answers import Answer, Limits, State, Trace, finite
from hubopt.bench.rivals.prototype import model_of
from hubopt.solve.milp import Mask, Milp, Vector

FRACTION = 1000
"""Continuous columns are multiples of one over this."""
ON_GRID = 1e-9
"""How far from a multiple a number may be to count as one."""
FLOW_SECONDS = 30.0
"""Longest solve of the flows for the integers found."""

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


def widened(program: Milp) -> tuple[Milp, Mask]:
    """The program with room for rounding where equations need it, and which equations these are.

    A row has as much room as rounding all of its flows to the nearest multiples can take, so that every solution of the
    program, rounded, is one of the other. Where all equations have solutions in multiples nothing is changed.
    """
    matrix = sparse.csr_array(program.matrix)
    number = np.repeat(np.arange(program.rows), np.diff(matrix.indptr))
    flowing = ~program.integer[matrix.indices]
    steps = np.where(flowing, matrix.data, matrix.data * FRACTION)
    equal, sums = program.row_lower == program.row_upper, program.row_upper * FRACTION
    off = np.bincount(number[np.abs(steps - np.round(steps)) > ON_GRID], minlength=program.rows) > 0
    off[equal] |= np.abs(sums[equal] - np.round(sums[equal])) > ON_GRID
    room = np.bincount(number[flowing], np.abs(matrix.data[flowing]), minlength=program.rows) / (2 * FRACTION)
    rows = equal & off & (room > 0)
    if not rows.any():
        return program, rows
    upper = np.where(program.integer, program.upper, program.upper + 0.5 / FRACTION)
    return replace(program, row_lower=program.row_lower - room, row_upper=program.row_upper + room, upper=upper), rows


def _with_flows(program: Milp, values: Vector, seconds: float) -> Vector | None:
    """The point with its flows solved anew for its integers; None if there are none."""
    whole = np.where(program.integer, np.round(values), 0.0)
    fixed = replace(
        program,
        lower=np.where(program.integer, whole, program.lower),
        upper=np.where(program.integer, whole, program.upper),
        integer=np.zeros_like(program.integer),
    )
    # HiGHS and OR-Tools cannot be loaded side by side
    solver, model = model_builder.ModelSolver("GLOP"), model_of(fixed)
    solver.set_time_limit_in_seconds(seconds)
    if solver.solve(model).name != "OPTIMAL":
        return None
    flows = np.array([solver.value(variable) for variable in model.get_variables()], dtype=float)
    return np.where(program.integer, whole, flows)


def _complaint(lines: Sequence[str]) -> str:
    """What CP-SAT has against a model, from its log."""
    said = (line.partition("Invalid model:")[2].strip() for line in lines if "Invalid model:" in line)
    return next((f": {text[:160]}" for text in said), "")


def solve(program: Milp, limits: Limits) -> Answer:
    """Run to the gap or the limit."""
    started, trace = time.monotonic(), Trace()
    given, rows = widened(program)
    model = model_of(given)
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
    for line in lines if not rows.any() else ():
        if (found := _LINE.match(line)) is not None:
            trace.note(float(found[1]), _number(found[2]), _number(found[3]) if whole and found[3] else None)
    name = status.name
    if name in ("MODEL_INVALID", "ABNORMAL", "NOT_SOLVED", "INVALID_SOLVER_PARAMETERS"):
        if name == "NOT_SOLVED" and time.monotonic() - started >= 0.9 * limits.seconds:
            return Answer("no-solution", trace=tuple(trace.points))
        taken = "as it is" if whole else f"with continuous columns as multiples of 1/{FRACTION}"
        return Answer("skipped", note=f"OR-Tools refuses the program {taken} ({name}{_complaint(lines)})")
    if name == "INFEASIBLE":
        return Answer("infeasible")
    state: State = "no-solution"
    objective = values = None
    if name in ("OPTIMAL", "FEASIBLE"):
        state = "optimal" if name == "OPTIMAL" and whole else "feasible"
        values = np.array([solver.value(variable) for variable in model.get_variables()], dtype=float)
        objective = float(solver.objective_value)
        if rows.any():
            values = _with_flows(program, values, FLOW_SECONDS)
            if values is None:
                return Answer("no-solution", note="for the integers that it found there are no flows to the last digit")
            objective = program.objective(values)
    bound = finite(solver.best_objective_bound) if whole else None
    trace.note(time.monotonic() - started, objective, bound)
    note = "" if whole else f"flows are multiples of 1/{FRACTION}: its bound is none of the program"
    note += "; they are solved once more for the integers found" if rows.any() else ""
    return Answer(state, objective, bound, values, tuple(trace.points), note)
