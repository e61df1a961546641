"""Prices of a large linear relaxation by a first-order method: near the optimum soon, at no simplex's cost.

A Lagrangian bound holds at any prices, so that those of a relaxation need not be exact. The method (PDLP, as HiGHS has
it) needs nothing but products with the matrix, whose number grows slowly with the size of the program. Runs where
HiGHS does.

D. Applegate, M. Diaz, O. Hinder, H. Lu, M. Lubin, B. O'Donoghue, W. Schudy: Practical large-scale linear programming
using primal-dual hybrid gradient. Advances in Neural Information Processing Systems 34 (2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from hubopt.solve.engine.highs_lp import highs_lp
from hubopt.solve.milp import Milp, Vector

TOLERANCE = 3e-3
"""Relative error of rows, prices and value at which it ends."""
KEPT_SHARE = 0.8
"""Share of its time that the method is told of: it looks at the clock once in many steps, and presolve never does."""


@dataclass(frozen=True)
class FirstOrder:
    """Prices and a point of the linear relaxation, with all strengthening rows, within ``seconds``.

    ``iterations`` at most: unlike a clock they end every run at the same place.
    """

    seconds: float
    tolerance: float = TOLERANCE
    iterations: int | None = None


@dataclass(frozen=True)
class RowPrices:
    """Prices of the rows and a point of a relaxation; None if not found, for ``reason``."""

    reason: str
    duals: Vector | None = None
    values: Vector | None = None


def first_order(program: Milp, task: FirstOrder) -> RowPrices:
    """Run the method in this process; what it has when time is up counts too."""
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {
        # the method prints by itself, past the log
        "output_flag": False,
        "threads": 1,
        "solver": "pdlp",
        "kkt_tolerance": task.tolerance,
        "pdlp_optimality_tolerance": task.tolerance,
        "time_limit": max(0.1, KEPT_SHARE * task.seconds),
    }
    if task.iterations is not None:
        options["pdlp_iteration_limit"] = task.iterations
    for name, value in options.items():
        solver.setOptionValue(name, value)
    solver.passModel(highs_lp(program, program.lower, program.upper, np.zeros_like(program.integer)))
    solver.run()
    status, found = solver.getModelStatus(), solver.getSolution()
    if status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return RowPrices("infeasible")
    duals, values = np.array(found.row_dual, dtype=float), np.array(found.col_value, dtype=float)
    if len(duals) != program.rows or len(values) != program.columns or not np.isfinite(duals).all() or not duals.any():
        return RowPrices("none")
    return RowPrices("near", duals, np.clip(values, program.lower, program.upper))
