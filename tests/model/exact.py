"""Models put together family by family, and their exact optimum without a solver process."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo
from scipy.optimize import Bounds, LinearConstraint, milp

from hubopt.instance import Instance, Policy
from hubopt.model import CONSTRAINTS, PARTS, Constraint, Scale, add_constraint, empty_model, make_network
from hubopt.model.objective import add_objective
from hubopt.solve.compile import compile_model
from hubopt.solve.milp import Milp, Vector


def in_force(policy: Policy) -> list[Constraint]:
    """The families that the policy keeps."""
    return [item for item in CONSTRAINTS.values() if item.switch is None or policy.holds(item.switch)]


def model_of(
    instance: Instance,
    policy: Policy | None = None,
    scale: Scale | None = None,
    without: Iterable[str] = (),
) -> pyo.ConcreteModel:
    """The whole model, perhaps in other units or without some families."""
    policy = policy or Policy()
    model = empty_model(make_network(instance, policy, scale))
    for constraint in in_force(policy):
        if constraint.name not in without:
            add_constraint(model, constraint)
    add_objective(model)
    return model


@dataclass(frozen=True)
class Optimum:
    """A proven optimum: yearly cost (CNY) and the point in the program's columns; None if there is none."""

    model: pyo.ConcreteModel
    program: Milp
    cost: float | None
    values: Vector | None

    def chosen(self, group: str, at_least: float = 0.5) -> dict[tuple[str, ...], float]:
        """Values of a variable that are not (nearly) zero, by index."""
        assert self.values is not None
        found = {index: float(self.values[column]) for index, column in self.program.groups.get(group, {}).items()}
        return {index: value for index, value in found.items() if value > at_least}

    def part(self, name: str) -> float:
        """A cost part of the model at the point (CNY/year, weighted over the periods)."""
        assert self.values is not None
        for group, columns in self.program.groups.items():
            variable = getattr(self.model, group)
            for index, column in columns.items():
                variable[index].set_value(self.values[column], skip_validation=True)
        rule: Callable[..., object] = {str(part): rule for part, rule in PARTS.items()}[name]
        periods = self.model.network.instance.structure.periods
        return sum(period.weight * float(pyo.value(rule(self.model, period.id))) for period in periods)


def optimum(program: Milp, model: pyo.ConcreteModel) -> Optimum:
    """Solve a compiled model exactly in this process."""
    result = milp(
        program.cost,
        integrality=program.integer.astype(int),
        bounds=Bounds(program.lower, program.upper),
        constraints=LinearConstraint(program.matrix, program.row_lower, program.row_upper),
        options={"mip_rel_gap": 1e-9, "time_limit": 60},
    )
    assert result.status in (0, 2), result.message
    if result.x is None:
        return Optimum(model, program, None, None)
    values = np.where(program.integer, np.round(result.x), result.x)
    return Optimum(model, program, (result.fun + program.offset) * model.network.scale.money_cny, values)


def solved(
    instance: Instance, policy: Policy | None = None, scale: Scale | None = None, without: Iterable[str] = ()
) -> Optimum:
    """The exact optimum of an instance."""
    model = model_of(instance, policy, scale, without)
    return optimum(compile_model(model), model)
