"""Optima by SCIP, through the LP file that Pyomo writes of the model: no compiling of ours, another solver."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyomo.environ as pyo
from pyomo.repn.plugins.lp_writer import LPWriter
from pyscipopt import Model


def scip_optimum(model: pyo.ConcreteModel, folder: Path, seconds: float = 60.0) -> float | None:
    """The least objective of a model (model units); None if there is none.

    Raises
    ------
    TimeoutError
        If SCIP does not end in time.
    """
    file = folder / "model.lp"
    with file.open("w", encoding="utf-8") as stream:
        LPWriter().write(model, stream)
    solver: Any = Model()
    solver.hideOutput()
    solver.setParam("timing/clocktype", 1)  # of the processor: the machine may be busy with other things
    solver.setParam("limits/time", seconds)
    solver.setParam("limits/gap", 0.0)
    solver.setParam("numerics/feastol", 1e-8)
    solver.readProblem(str(file))
    solver.optimize()
    status = solver.getStatus()
    if status == "optimal":
        return float(solver.getObjVal())
    if status == "infeasible":
        return None
    raise TimeoutError(f"SCIP ended with {status}")
