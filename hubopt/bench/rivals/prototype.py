"""A program as OR-Tools takes it."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.linear_solver.python import model_builder

from hubopt.solve.milp import Milp


def model_of(program: Milp) -> model_builder.Model:
    """The program as a model of OR-Tools' model builder, columns in their order."""
    model = model_builder.Model()  # type: ignore[no-untyped-call]
    helper: Any = model.helper
    helper.fill_model_from_sparse_data(
        program.lower, program.upper, program.cost, program.row_lower, program.row_upper, program.matrix.tocsr()
    )
    helper.set_maximize(False)
    helper.set_objective_offset(program.offset)
    for column in np.flatnonzero(program.integer):
        helper.set_var_integrality(int(column), True)
    return model
