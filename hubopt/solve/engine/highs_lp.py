"""A compiled program as HiGHS takes it."""

from __future__ import annotations

import highspy

from hubopt.solve.milp import Mask, Milp, Vector


def highs_lp(program: Milp, lower: Vector, upper: Vector, integer: Mask) -> highspy.HighsLp:
    """The program, with these bounds and integer columns in place of its own."""
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = program.columns, program.rows
    model.col_cost_, model.offset_ = program.cost, program.offset
    model.col_lower_, model.col_upper_ = lower, upper
    model.row_lower_, model.row_upper_ = program.row_lower, program.row_upper
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = program.matrix.indptr
    model.a_matrix_.index_ = program.matrix.indices
    model.a_matrix_.value_ = program.matrix.data
    if integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[int(flag)] for flag in integer]
    return model
