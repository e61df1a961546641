"""One linear program at prices that change from solve to solve, each from the last basis; runs where HiGHS does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from hubopt.solve.engine.errand import Errand
from hubopt.solve.engine.highs_lp import highs_lp
from hubopt.solve.milp import Milp, Vector

_SOLVER = "repriced"


@dataclass(frozen=True)
class Repriced:
    """Value (a lower bound on the whole program) and point of the relaxation, in model units."""

    bound: float
    values: Vector


@dataclass(frozen=True)
class Reprice(Errand):
    """The linear relaxation of a program that differs from the last one sent in its costs alone, if in anything."""

    seconds: float
    program: Milp

    def carry_out(self, memory: dict[str, Any]) -> Repriced | None:
        """Solve it; None if it has no optimum, or not in time."""
        program = self.program
        known = memory.get(_SOLVER)
        if known is None or not _is_same(known[1], program):
            solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
            solver.setOptionValue("output_flag", False)
            solver.setOptionValue("threads", 1)
            solver.passModel(highs_lp(program, program.lower, program.upper, np.zeros_like(program.integer)))
            memory[_SOLVER] = (solver, program)
        else:
            solver = known[0]
            solver.changeColsCost(program.columns, np.arange(program.columns, dtype=np.int32), program.cost)
        solver.setOptionValue("time_limit", solver.getRunTime() + max(0.1, self.seconds))
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            del memory[_SOLVER]
            return None
        values = np.array(solver.getSolution().col_value, dtype=float)
        return Repriced(float(solver.getInfo().objective_function_value), values)


def _is_same(known: Milp, program: Milp) -> bool:
    """Whether two programs have the same rows and columns; costs apart."""
    return (
        known.matrix.shape == program.matrix.shape
        and known.offset == program.offset
        and np.array_equal(known.matrix.indices, program.matrix.indices)
        and np.array_equal(known.matrix.indptr, program.matrix.indptr)
        and np.array_equal(known.matrix.data, program.matrix.data)
        and all(
            np.array_equal(getattr(known, side), getattr(program, side))
            for side in ("row_lower", "row_upper", "lower", "upper")
        )
    )
