"""CBC as it comes with OR-Tools. It gives no account on the way, only at its end, and its clock counts CPU seconds."""

from __future__ import annotations

import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from hubopt.bench.answers import Answer, Limits, State, Trace, finite
from hubopt.bench.rivals.prototype import model_of
from hubopt.solve.milp import Milp


def solve(program: Milp, limits: Limits) -> Answer:
    """Run to the gap or the limit."""
    pywraplp: Any = import_module("ortools.linear_solver.pywraplp")
    messages: Any = import_module("ortools.linear_solver.linear_solver_pb2")
    solver: Any = pywraplp.Solver.CreateSolver("CBC")
    if solver is None:
        return Answer("skipped", note="this build of OR-Tools has no CBC")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.pb"
        model_of(program).helper.write_model_to_proto_file(str(path))
        content = messages.MPModelProto()
        content.ParseFromString(path.read_bytes())
    solver.LoadModelFromProto(content)
    solver.SetTimeLimit(int(limits.seconds * 1000))
    solver.SetNumThreads(limits.threads)
    parameters = pywraplp.MPSolverParameters()
    parameters.SetDoubleParam(parameters.RELATIVE_MIP_GAP, limits.gap)
    started, trace = time.monotonic(), Trace()
    status = solver.Solve(parameters)
    if status == pywraplp.Solver.INFEASIBLE:
        return Answer("infeasible")
    found = status in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE)
    bound = finite(solver.Objective().BestBound()) if program.integer.any() else None
    if not found:
        return Answer("no-solution", bound=bound)
    values = np.array([variable.solution_value() for variable in solver.variables()], dtype=float)
    objective = float(solver.Objective().Value())
    state: State = "optimal" if status == pywraplp.Solver.OPTIMAL else "feasible"
    trace.note(time.monotonic() - started, objective, bound)
    return Answer(state, objective, bound, values, tuple(trace.points))
