"""Bring your own solver options: the program goes to HiGHS as you set it, the plan comes back and is checked.

What ``hubopt.solve`` offers (``method``, ``threads``, ``seed``, ``node_limit``, ``deterministic``) mostly suffices. For
other options, or another solver altogether, write the program as MPS and read its columns back as a plan.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import highspy
import numpy as np

import hubopt
from hubopt.check import check
from hubopt.formats.exports.program import write_program
from hubopt.model import build
from hubopt.solve.compile import compile_model
from hubopt.solve.extract import plan_of

OPTIONS: dict[str, Any] = {"mip_rel_gap": 1e-6, "mip_heuristic_effort": 0.2, "threads": 1, "output_flag": False}


def solved(file: Path) -> tuple[float, np.ndarray]:
    """The optimum of a program and its columns, by HiGHS with the options above."""
    solver: Any = highspy.Highs()
    for name, value in OPTIONS.items():
        solver.setOptionValue(name, value)
    solver.readModel(str(file))
    solver.run()
    return float(solver.getInfo().objective_function_value), np.array(solver.getSolution().col_value)


def main() -> None:
    """Solve tiny and check the plan that the columns stand for."""
    city, policy = hubopt.load("tiny"), hubopt.Policy()
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "tiny.mps"
        write_program(city, policy, file, "mps")
        objective, columns = solved(file)
    model = build(city, policy)
    plan = plan_of(city, policy, model.network, compile_model(model), columns)
    report = check(city, policy, plan)
    print(report, f"HiGHS says {objective:,.2f}")
    assert report.ok and abs(report.objective - objective) <= 1e-6 * objective


if __name__ == "__main__":
    main()
