"""A result made ready for study: its instance, its plan, the compiled program and the plan's point in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from hubopt.instance import InputError, Instance, Problem, sha256
from hubopt.model import Network, build
from hubopt.solution import Plan, Solution
from hubopt.solve.compile import compile_model
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.extract import point_of
from hubopt.solve.milp import Mask, Milp, Vector

MIN_SECONDS = 1.0
"""Shortest time limit that is handed to the solver."""


@dataclass(frozen=True)
class Base:
    """A result with its program; ``point`` has the plan's integer columns, all others are 0.

    ``objective`` and ``bound`` are the result's, in CNY/year, of what is minimised: where the instance states its
    objective as one to be large, with the other sign; :meth:`stated` turns them back.
    """

    instance: Instance
    solution: Solution
    plan: Plan
    network: Network
    program: Milp
    point: Vector
    objective: float
    bound: float | None

    @property
    def money(self) -> float:
        """CNY/year in one model unit."""
        return self.network.scale.money_cny

    def stated(self, value: float) -> float:
        """A value of what is minimised as the instance states its objective, or the other way round."""
        return self.instance.info.sign * value


def plan_and_objective(instance: Instance, solution: Solution) -> tuple[Plan, float]:
    """Plan and objective (CNY/year, as the instance states it) of a result of ``instance``.

    Raises
    ------
    InputError
        If the result belongs to another instance or holds no plan.
    """
    if sha256(instance) != solution.proof.instance_sha256:
        mend = "give the instance that was solved, or solve again"
        raise InputError([Problem("RESULT", "was solved for another instance than the one given", mend)])
    if solution.plan is None or solution.proof.objective is None:
        message = f"holds no plan (status {solution.proof.status})"
        raise InputError([Problem("RESULT", message, "give the result of a run that found one")])
    return solution.plan, solution.proof.objective


def prepare(instance: Instance, solution: Solution) -> Base:
    """Build and compile the model that ``solution`` is a solution of.

    Raises
    ------
    InputError
        If the result belongs to another instance or holds no plan.
    """
    plan, objective = plan_and_objective(instance, solution)
    model = build(instance, solution.policy)
    program = compile_model(model)
    sign, bound = instance.info.sign, solution.proof.bound
    return Base(
        instance, solution, plan, model.network, program, point_of(program, plan), sign * objective,
        None if bound is None else sign * bound,
    )  # fmt: skip


def optimum(program: Milp, job: Job) -> Outcome:
    """Run one job in a solver process of its own.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C; the process is ended.
    """
    with SolverProcess(program) as solver:
        outcome = solver.run(job)
    assert isinstance(outcome, Outcome)
    return outcome


def held(program: Milp, point: Vector, columns: Mask) -> Milp:
    """The program with the chosen columns fixed as in ``point``."""
    fixed = np.round(point)
    return replace(
        program,
        lower=np.where(columns, fixed, program.lower),
        upper=np.where(columns, fixed, program.upper),
    )


def with_row(program: Milp, coefficients: Vector, limit: float, name: str) -> Milp:
    """The program with one more row ``coefficients @ x <= limit``."""
    return replace(
        program,
        matrix=sparse.csr_array(sparse.vstack([program.matrix, sparse.csr_array(coefficients[None, :])], format="csr")),
        row_lower=np.append(program.row_lower, -np.inf),
        row_upper=np.append(program.row_upper, limit),
        strengthening=np.append(program.strengthening, False),
        row_names=(*program.row_names, name),
    )


def with_column(program: Milp, cost: float) -> Milp:
    """The program with one more column, from 0 up, at the end; no row uses it yet."""
    empty = sparse.csr_array((program.rows, 1))
    return replace(
        program,
        cost=np.append(program.cost, cost),
        matrix=sparse.csr_array(sparse.hstack([program.matrix, empty], format="csr")),
        lower=np.append(program.lower, 0.0),
        upper=np.append(program.upper, np.inf),
        integer=np.append(program.integer, False),
    )
