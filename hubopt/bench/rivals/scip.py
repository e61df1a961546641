"""SCIP on a program as it stands, read from an MPS file."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from pyscipopt import Eventhdlr, Model
from pyscipopt.scip import PY_SCIP_EVENTTYPE as EVENTS

from hubopt.bench.answers import Answer, Limits, State, Trace, finite
from hubopt.bench.rivals.highs import write_mps
from hubopt.solve.milp import Milp

_HEARD = (EVENTS.BESTSOLFOUND, EVENTS.NODESOLVED, EVENTS.LPSOLVED)


class _Listener(Eventhdlr):
    """Notes incumbent and bound whenever a solution is found or a node or LP is solved."""

    def __init__(self, trace: Trace, started: float) -> None:
        self.trace, self.started = trace, started

    def eventinit(self) -> None:
        for kind in _HEARD:
            self.model.catchEvent(kind, self)

    def eventexit(self) -> None:
        for kind in _HEARD:
            self.model.dropEvent(kind, self)

    def eventexec(self, event: Any) -> None:
        self.trace.note(
            time.monotonic() - self.started, finite(self.model.getPrimalbound()), finite(self.model.getDualbound())
        )


def solve(program: Milp, limits: Limits) -> Answer:
    """Run to the gap or the limit; SCIP has one thread."""
    model: Any = Model()
    model.hideOutput()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.mps"
        write_mps(program, path)
        model.readProblem(str(path))
    model.setParam("limits/time", limits.seconds)
    model.setParam("limits/gap", limits.gap)
    model.setParam("randomization/randomseedshift", limits.seed)
    trace, started = Trace(), time.monotonic()
    model.includeEventhdlr(_Listener(trace, started), "bench", "notes incumbents and bounds")
    model.optimize()
    status = model.getStatus()
    objective, bound = None, finite(model.getDualbound())
    values = None
    if model.getNSols() > 0:
        best = model.getBestSol()
        values = np.zeros(program.columns)
        for variable in model.getVars():
            values[int(variable.name[1:])] = model.getSolVal(best, variable)
        objective = float(model.getSolObjVal(best))
    state: State = "feasible" if values is not None else "no-solution"
    if status in ("optimal", "gaplimit"):
        state = "optimal"
    elif status == "infeasible":
        state = "infeasible"
    trace.note(time.monotonic() - started, objective, bound)
    return Answer(state, objective, bound, values, tuple(trace.points))
