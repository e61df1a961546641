"""A linear program that can be solved on paper, and with whole numbers too: run as a script, this prints both optima.

It loads nothing of hubopt, so that it says something of HiGHS alone: min x + y with x + 2 y >= 4 and 3 x + y >= 6. The
corner (1.6, 1.2) gives 2.8, the whole numbers (2, 1) give 3.
"""

from __future__ import annotations

from typing import Any

import highspy


def optima() -> tuple[float, ...]:
    """What HiGHS makes of the two."""
    found = []
    for kind in (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger):
        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        for column in range(2):
            solver.addVar(0.0, highspy.kHighsInf)
            solver.changeColCost(column, 1.0)
            solver.changeColIntegrality(column, kind)
        solver.addRow(4.0, highspy.kHighsInf, 2, [0, 1], [1.0, 2.0])
        solver.addRow(6.0, highspy.kHighsInf, 2, [0, 1], [3.0, 1.0])
        solver.run()
        found.append(float(solver.getInfo().objective_function_value))
    return tuple(found)


if __name__ == "__main__":
    print(*optima())
