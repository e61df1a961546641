"""Instance and policy to a checked solution: build, compile, run a method, re-solve the flows, recompute the cost."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import numpy as np

from hubopt import __version__
from hubopt.check import check
from hubopt.instance import Instance, Policy, sha256
from hubopt.model import Network, build
from hubopt.solution import Limit, Plan, Proof, Solution, Status
from hubopt.solve.compile import compile_model
from hubopt.solve.extract import plan_of, point_of
from hubopt.solve.highs import Job, Outcome
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import Found, Monolith, fixed_job
from hubopt.solve.phased import Phased
from hubopt.solve.process import SolverProcess
from hubopt.solve.progress import Progress, Tracker
from hubopt.solve.staged import Staged

Method = Literal["auto", "monolith", "staged", "phased"]

STAGED_FROM = 1500
"""Integer columns from which ``auto`` chooses the staged method; below, HiGHS alone is at least as quick."""

FINISH_SHARE = 0.03
"""Share of the time limit kept for the last re-solve of the flows and for the check."""

CONFIRM_SECONDS = 60.0
"""Longest second solve, without presolve, that confirms an infeasibility."""

_LIMITS: dict[str, Limit] = {"time": "time", "interrupt": "interrupt", "nodes": "nodes", "memory": "memory"}


def _versions() -> dict[str, str]:
    names = ("highspy", "pyomo", "numpy", "scipy", "pandas")
    return {"hubopt": __version__, "python": platform.python_version()} | {name: version(name) for name in names}


def _is_infeasible(program: Milp, seed: int, seconds: float) -> Outcome:
    """A second solve, with presolve off, of a program that was found infeasible."""
    job = Job(program.lower, program.upper, program.integer, seed=seed, seconds=seconds, presolve=False)
    with SolverProcess(program) as solver:
        outcome = solver.run(job)
    assert isinstance(outcome, Outcome)
    return outcome


def _exact_flows(program: Milp, values: Vector) -> Vector:
    """The point with its integers rounded and its flows re-solved to the optimum for them."""
    with SolverProcess(program) as solver:
        outcome = solver.run(fixed_job(program, values, float("inf")))
    if isinstance(outcome, Outcome) and outcome.reason == "optimal" and outcome.values is not None:
        return np.where(program.integer, np.round(values), outcome.values)
    return values


def _status(found: Found, has_plan: bool, gap: float | None, asked: float) -> Status:
    if found.reason == "infeasible":
        return "infeasible"
    if not has_plan:
        return "error" if found.reason in ("error", "crash", "unbounded") else "no-solution"
    return "optimal" if gap is not None and gap <= asked + 1e-9 else "feasible"


def _method_for(network: Network, program: Milp) -> Method:
    """The method that ``auto`` stands for."""
    if int(program.integer.sum()) < STAGED_FROM:
        return "monolith"
    return "phased" if len(network.periods) > 1 else "staged"


def solve(
    instance: Instance,
    policy: Policy | None = None,
    *,
    method: Method = "auto",
    gap: float = 0.01,
    time_limit: float = 300.0,
    threads: int = 2,
    seed: int = 0,
    warm_start: Solution | None = None,
    progress: Callable[[Progress], None] | None = None,
    log_path: Path | None = None,
) -> Solution:
    """Find a network and prove how good it is.

    Parameters
    ----------
    gap
        Stop when (incumbent - bound) / incumbent is at most this.
    time_limit
        Seconds for everything, building and the last check included.
    threads
        Threads of HiGHS (``monolith``); ``staged`` and ``phased`` use one thread in each of two processes.
    warm_start
        An earlier solution; its sites, sizes and links are the first incumbent where they are still allowed.
    progress
        Called at every change of phase, incumbent or bound.
    log_path
        File that receives HiGHS's log.

    Returns
    -------
    Solution
        Cost and indicators are the independent checker's. Status ``error`` if the checker found the plan wanting.
        After Ctrl-C the best solution so far, with limit ``interrupt``.

    Raises
    ------
    InputError
        If the policy does not fit the instance.
    """
    chosen = policy or Policy()
    tracker = Tracker(1.0, time_limit * (1 - FINISH_SHARE), progress)
    model = build(instance, chosen)
    program = compile_model(model)
    tracker.money = model.network.scale.money_cny
    start = None if warm_start is None or warm_start.plan is None else point_of(program, warm_start.plan)
    if method == "auto":
        method = _method_for(model.network, program)
    lines: list[str] = []
    if method == "phased":
        found = Phased(model.network, program, tracker, gap, seed, start, lines.append).run()
    elif method == "staged":
        found = Staged(model.network, program, tracker, gap, seed, start, lines.append).run()
    else:
        found = Monolith(program, tracker, gap, seed, threads, start, lines.append).run()
    if found.reason == "infeasible":
        tracker.enter("confirm infeasible")
        again = _is_infeasible(program, seed, max(CONFIRM_SECONDS, tracker.left))
        if again.reason != "infeasible":
            found = Found(again.reason, again.values)
    tracker.enter("check")
    plan: Plan | None = None
    if found.values is not None:
        exact = _exact_flows(program, found.values)
        plan = plan_of(instance, chosen, model.network, program, exact)
    if log_path is not None:
        log_path.write_text("".join(lines), encoding="utf-8")
    return _solution(instance, chosen, plan, found, tracker, method, gap, seed, threads)


def _solution(
    instance: Instance, policy: Policy, plan: Plan | None, found: Found, tracker: Tracker,
    method: str, gap: float, seed: int, threads: int,
) -> Solution:  # fmt: skip
    report = check(instance, policy, plan) if plan is not None else None
    bound = tracker.now().bound
    objective = report.objective if report is not None else None
    if bound is not None and objective is not None:
        bound = min(bound, objective)
    tracker.enter("done")
    seconds = {name: round(value, 3) for name, value in tracker.phase_seconds.items()}
    proof = Proof(
        status="error",
        limit=_LIMITS.get(found.reason, "none"),
        objective=objective,
        bound=bound,
        gap_asked=gap,
        method=method,
        seed=seed,
        threads=threads,
        seconds=seconds | {"total": round(tracker.seconds, 3)},
        versions=_versions(),
        instance_sha256=sha256(instance),
        trace=tuple(tracker.trace),
    )
    if report is None or report.ok:
        proof = replace(proof, status=_status(found, plan is not None, proof.gap, gap))
    return Solution(
        instance_id=instance.info.id,
        policy=policy,
        proof=proof,
        plan=plan,
        cost=dict(report.cost) if report is not None else {},
        kpi=dict(report.kpi) if report is not None else {},
    )
