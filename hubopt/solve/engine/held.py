"""The linear relaxation of a program with some columns held at figures: its value there and what moving them brings.

Value and reduced costs of what is held make a plane that lies nowhere above the value of the relaxation as a function
of those figures (Benders 1962).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hubopt.solve.engine.highs_lp import highs_lp
from hubopt.solve.milp import Milp, Vector

TOLERANCE = 1e-8
"""By how much a bound or row may be missed in a relaxation (model units)."""

_LEAST_SECONDS = 0.1


@dataclass(frozen=True, eq=False)
class Tangent:
    """Value of a relaxation where its columns are held, and its slopes there, one for each column that is held."""

    value: float
    slopes: Vector


def with_misses(program: Milp) -> Milp:
    """The program of the least sum by which rows are missed: two columns for each row, and no other costs."""
    count = program.rows
    unit = sparse.identity(count, format="csr")
    none = np.zeros(2 * count)
    return replace(
        program,
        cost=np.concatenate([np.zeros(program.columns), none + 1.0]),
        offset=0.0,
        matrix=sparse.csr_array(sparse.hstack([program.matrix, unit, -unit], format="csr")),
        lower=np.concatenate([program.lower, none]),
        upper=np.concatenate([program.upper, none + np.inf]),
        integer=np.concatenate([program.integer, none.astype(bool)]),
    )


class HeldRelaxation:
    """The linear relaxation of a program, some columns of which are held; every solve starts from the last basis.

    Parameters
    ----------
    program
        The program; its whole numbers may be broken.
    held
        Places of the columns that are held.
    """

    def __init__(self, program: Milp, held: NDArray[np.int64]) -> None:
        self._held = held.astype(np.int32)
        self._solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        for name, value in (("log_to_console", False), ("threads", 1), ("primal_feasibility_tolerance", TOLERANCE)):
            self._solver.setOptionValue(name, value)
        continuous = np.zeros_like(program.integer)
        self._solver.passModel(highs_lp(program, program.lower, program.upper, continuous))

    def at(self, figures: Vector, seconds: float) -> Tangent | None:
        """The tangent where the columns are held at these figures; None if there is no answer or no time for it."""
        solver = self._solver
        solver.changeColsBounds(len(self._held), self._held, figures, figures)
        solver.setOptionValue("time_limit", max(_LEAST_SECONDS, solver.getRunTime() + seconds))
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        slopes = np.array(solver.getSolution().col_dual, dtype=float)[self._held]
        return Tangent(float(solver.getInfo().objective_function_value), slopes)

    @property
    def is_infeasible(self) -> bool:
        """Whether the last solve proved that there is no answer."""
        status = self._solver.getModelStatus()
        return bool(status in (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible))
