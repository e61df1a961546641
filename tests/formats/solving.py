"""The whole way of an instance without processes of its own: model, arrays, a solver, the plan, the checker."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from hubopt.check import Report, check
from hubopt.instance import Instance, Policy
from hubopt.model import build
from hubopt.solve.compile import compile_model
from hubopt.solve.extract import plan_of
from hubopt.solve.milp import Milp


def program_of(instance: Instance) -> Milp:
    """The compiled program of an instance as it stands."""
    return compile_model(build(instance))


def checked_optimum(instance: Instance) -> Report:
    """The checker's report on an optimal plan."""
    model = build(instance)
    program = compile_model(model)
    found = milp(
        program.cost,
        integrality=program.integer.astype(int),
        bounds=Bounds(program.lower, program.upper),
        constraints=LinearConstraint(program.matrix, program.row_lower, program.row_upper),
        options={"mip_rel_gap": 0},
    )
    assert found.status == 0, found.message
    values = np.where(program.integer, np.round(found.x), found.x)
    plan = plan_of(instance, Policy(), model.network, program, values)
    report = check(instance, Policy(), plan)
    assert report.ok, [str(finding) for finding in report.findings]
    stated = instance.info.sign * found.fun + instance.info.sign * program.offset
    assert report.objective == stated * model.network.scale.money_cny or np.isclose(
        report.objective, stated * model.network.scale.money_cny, rtol=1e-7, atol=1e-6
    )
    return report


def relaxed_bound(instance: Instance) -> float:
    """Value of the linear relaxation, as the instance states its objective (published units)."""
    model = build(instance)
    program = compile_model(model)
    found = milp(
        program.cost,
        bounds=Bounds(program.lower, program.upper),
        constraints=LinearConstraint(program.matrix, program.row_lower, program.row_upper),
    )
    assert found.status == 0, found.message
    return float(instance.info.sign * (found.fun + program.offset) * model.network.scale.money_cny)
