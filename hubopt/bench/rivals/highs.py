"""HiGHS on a program as it stands."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import highspy
import numpy as np

from hubopt.bench.answers import Answer, Limits, State, Trace, finite
from hubopt.solve.engine.highs_lp import highs_lp
from hubopt.solve.milp import Milp


def loaded(program: Milp) -> Any:
    """A HiGHS with the program in it."""
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    if solver.passModel(highs_lp(program, program.lower, program.upper, program.integer)) == highspy.HighsStatus.kError:
        raise ValueError("HiGHS does not accept the program")
    return solver


def write_mps(program: Milp, path: Path) -> None:
    """The program as an MPS file, columns named c0, c1, ... in their order."""
    solver = loaded(program)
    for number in range(program.columns):
        solver.passColName(number, f"c{number}")
    for number in range(program.rows):
        solver.passRowName(number, f"r{number}")
    if solver.writeModel(str(path)) == highspy.HighsStatus.kError:
        raise ValueError("HiGHS could not write the program")


def solve(program: Milp, limits: Limits) -> Answer:
    """Run to the gap or the limit."""
    solver = loaded(program)
    for name, value in {
        "time_limit": limits.seconds,
        "mip_rel_gap": limits.gap,
        "threads": limits.threads,
        "random_seed": limits.seed,
    }.items():
        solver.setOptionValue(name, value)
    started, trace = time.monotonic(), Trace()

    def told(event: Any) -> None:
        data = event.data_out
        trace.note(time.monotonic() - started, finite(data.mip_primal_bound), finite(data.mip_dual_bound))

    solver.cbMipLogging += told
    solver.cbMipImprovingSolution += lambda event: trace.note(
        time.monotonic() - started, finite(event.data_out.objective_function_value), None
    )
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    objective = float(info.objective_function_value) if found else None
    values = np.array(solver.getSolution().col_value, dtype=float) if found else None
    state: State = "feasible" if found else "no-solution"
    if status == highspy.HighsModelStatus.kOptimal:
        state = "optimal"
    elif status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        state = "infeasible"
    bound = finite(info.mip_dual_bound) if program.integer.any() else objective
    trace.note(time.monotonic() - started, objective, bound)
    return Answer(state, objective, bound, values, tuple(trace.points))
