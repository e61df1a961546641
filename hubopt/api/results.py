"""What functions and commands ask of a result: its plan, its instance, and whether it contradicts itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from hubopt.instance import InputError, Instance, Problem, read_instance, sha256
from hubopt.solution import Plan, Solution, instance_folder

if TYPE_CHECKING:
    from hubopt.check import Report

_ROUNDING = 1e-6
"""Relative difference that is taken for rounding."""


def plan_of(solution: Solution, folder: Path | str) -> Plan:
    """The plan of a result, which lies in ``folder`` or goes by that name; raises InputError if it has none."""
    if solution.plan is None:
        message = f"holds no plan (status {solution.proof.status})"
        raise InputError([Problem(str(folder), message, "give the result of a run that found one")])
    return solution.plan


def checked(instance: Instance, solution: Solution, plan: Plan) -> Report:
    """The independent checker's report on ``solution`` with ``plan``."""
    from hubopt.check import check as check_plan

    return check_plan(
        instance, solution.policy, plan, cost=solution.cost, objective=solution.proof.objective, kpi=solution.kpi
    )


def proof_findings(solution: Solution) -> Iterator[str]:
    """What contradicts itself in how the run is said to have ended."""
    proof = solution.proof
    if proof.objective is None:
        yield "the result states no objective"
        return
    if proof.bound is not None:
        beyond = proof.bound - proof.objective if proof.sense == "min" else proof.objective - proof.bound
        if beyond > _ROUNDING * max(1.0, abs(proof.objective)):
            where = "above" if proof.sense == "min" else "below"
            yield f"the bound {proof.bound:,.2f} lies {where} the objective {proof.objective:,.2f}"
    if proof.status == "optimal" and (proof.gap is None or proof.gap > proof.gap_asked + _ROUNDING):
        yield f"the status is optimal, but the gap is {proof.gap}, not {proof.gap_asked:g} or less"


def stranger(instance: Instance, solution: Solution) -> Iterator[str]:
    """That a result belongs to another instance, if it does."""
    if (digest := sha256(instance)) != solution.proof.instance_sha256:
        solved = solution.proof.instance_sha256
        yield f"the result belongs to another instance: sha256 {solved[:12]}..., here {digest[:12]}..."


def instance_of(solution: Solution, folder: Path, given: Path | None) -> Instance:
    """The instance of the result in ``folder``: the one given, or the one that the result remembers.

    Raises
    ------
    InputError
        If it is not found, or is not the one that was solved.
    """
    path = given or instance_folder(folder)
    if path is None or not path.is_dir():
        where = f"the instance is no longer at {path}" if path else "the result does not say where its instance lies"
        raise InputError([Problem(str(folder), where, "give its folder with --instance")])
    instance = read_instance(path)
    if sha256(instance) != solution.proof.instance_sha256:
        mend = "give the instance that was solved with --instance, or solve again"
        raise InputError([Problem(str(path), f"is not the instance that {folder} was solved for", mend)])
    return instance
