"""Instance and policy to a checked solution: build, compile, run a method, re-solve the flows, recompute the cost."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from hubopt.check import Report
from hubopt.instance import InputError, Instance, Policy, Problem, sha256
from hubopt.instance.rules.cells import BEYOND, LARGEST, LOOK
from hubopt.model import Network, build
from hubopt.solution import Plan, Solution
from hubopt.solution.digest import plan_sha256
from hubopt.solution.types import Asked
from hubopt.solve.account import Run, as_stated
from hubopt.solve.checkpoint import Keeper
from hubopt.solve.compile import compile_model
from hubopt.solve.decompose.implied import with_enough_open
from hubopt.solve.decompose.method import Decompose
from hubopt.solve.engine import watchdog
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.extract import point_of
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.monolith import Found, Monolith, fixed_job
from hubopt.solve.numerics import numeric_warnings
from hubopt.solve.phased import Phased
from hubopt.solve.plans.nesting import leg_above
from hubopt.solve.progress import Progress, Tracker
from hubopt.solve.staged import has_shares
from hubopt.solve.tracks import Tracks

Method = Literal["auto", "monolith", "staged", "decompose", "phased"]

STAGED_FROM = 1500
"""Integer columns from which ``auto`` chooses the staged method; below, HiGHS alone is at least as quick."""

FINISH_SHARE = 0.03
"""Share of the time limit kept for the last re-solve of the flows and for the check."""

CONFIRM_SECONDS = 5.0
"""Time for the second solve, without presolve, that confirms an infeasibility, if the limit leaves less."""

BUILD_SECONDS = 10.0
"""Time for building the model, if the limit leaves less."""

CLOSING_SECONDS = 10.0
"""Longest last re-solve of the flows, if the limit leaves less; without it the flows stay as the search left them."""

EXACT = 1e-9
"""Share by which a proven optimum may miss a limit or its bound, and its flows still need no solve of their own."""


def _refuse_beyond(program: Milp) -> None:
    """HiGHS takes no coefficient of 1e15 or more.

    Raises
    ------
    InputError
        If there is one: figures multiply to it, such as a demand and a factor of the policy.
    """
    if np.abs(program.matrix.data).max(initial=0.0) >= LARGEST or np.abs(program.cost).max(initial=0.0) >= np.inf:
        raise InputError([Problem("instance", BEYOND, LOOK)])


def _is_infeasible(program: Milp, seed: int, seconds: float) -> Outcome:
    """A second solve, with presolve off, of a program that was found infeasible."""
    job = Job(program.lower, program.upper, program.integer, seed=seed, seconds=seconds, presolve=False)
    with SolverProcess(program) as solver:
        outcome = solver.run(job)
    assert isinstance(outcome, Outcome)
    return outcome


def _exact_flows(program: Milp, values: Vector, seconds: float) -> Vector:
    """The point with its integers rounded and its flows re-solved to the optimum for them, if there is time for it."""
    with SolverProcess(program) as solver:
        outcome = solver.run(fixed_job(program, values, seconds))
    if isinstance(outcome, Outcome) and outcome.reason == "optimal" and outcome.values is not None:
        return np.where(program.integer, np.round(values), outcome.values)
    return values


def _is_exact(program: Milp, whole: Vector) -> bool:
    """Whether a point keeps rows and bounds to the last digits."""

    def within(lower: Vector, values: Vector, upper: Vector) -> bool:
        slack = EXACT * (1 + np.abs(values))
        return bool(((values >= lower - slack) & (values <= upper + slack)).all())

    return within(program.row_lower, program.matrix @ whole, program.row_upper) and within(
        program.lower, whole, program.upper
    )


def _method_for(network: Network, program: Milp) -> Method:
    """The method that ``auto`` stands for; stages are for networks of several levels, where sizes above decide."""
    levels = {level for item in network.commodities.values() for level in item.chain}
    if int(program.integer.sum()) < STAGED_FROM or (len(levels) == 1 and len(network.periods) == 1):
        return "monolith"
    if len(network.periods) > 1:
        return "phased"
    # measured: where goods of several kinds and ways share sites, or shares of service bind two levels together,
    # branching on the whole program proves more; where whole zones pass two levels of sites, decomposition does
    zones = [leg for leg in network.single_sourced if leg.endswith("-zone")]
    nested = bool(zones) and all(leg_above(network, leg) is not None for leg in zones)
    return "decompose" if nested and not has_shares(program) else "staged"


@contextlib.contextmanager
def _watched(memory_gib: float | None) -> Iterator[watchdog.Watch]:
    """The watch that is kept already, or one of this run's own."""
    watch = watchdog.current()
    if watch is None:
        with watchdog.watching(memory_gib) as own:
            yield own
    else:
        watch.memory_gib = memory_gib
        yield watch


def solve(
    instance: Instance,
    policy: Policy | None = None,
    *,
    method: Method = "auto",
    gap: float = 0.01,
    time_limit: float = 300.0,
    node_limit: int | None = None,
    memory_gib: float | None = None,
    threads: int = 2,
    seed: int = 0,
    deterministic: bool = False,
    warm_start: Solution | None = None,
    resume: Solution | None = None,
    keep: Callable[[Solution], None] | None = None,
    warn: Callable[[str], None] | None = None,
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
    node_limit
        Nodes of branch and bound after which the run stops (``monolith`` and the proof of the other methods). Such a
        run is deterministic without being asked.
    memory_gib
        Resident memory (GiB) of this process and its solver processes together, above which the run stops.
    threads
        Threads of HiGHS (``monolith``); the other methods use one thread in each of two processes.
    deterministic
        Let nothing but the time limit depend on the clock: a run that ends by gap or nodes can be repeated exactly.
    warm_start
        An earlier solution; its sites, sizes and links are the first incumbent where they are still allowed. If it
        has duals, ``decompose`` starts its bound from them, whatever was changed since.
    resume
        A solution to go on with: as ``warm_start``, and its bound is kept if instance, policy and code are the same.
    keep
        Called from a thread of its own with a checked solution of the best plan, from time to time.
    warn
        Called with each sentence about figures that may make the result inexact.
    progress
        Called at every change of phase, incumbent or bound.
    log_path
        File that receives HiGHS's log.

    Returns
    -------
    Solution
        Cost and indicators are the independent checker's. Status ``error`` if the checker found the plan wanting.
        After Ctrl-C, an end signal or too much memory the best solution so far, with that limit.

    Raises
    ------
    InputError
        If the policy does not fit the instance.
    ValueError
        If there is no such method.
    """
    if method not in get_args(Method):
        raise ValueError(f"there is no method {method!r}: give one of {', '.join(get_args(Method))}")
    listener = None if progress is None else lambda now: progress(as_stated(instance.info, now))
    start = resume or warm_start
    start_plan = None if start is None else start.plan
    duals = None if start is None else start.duals
    asked = Asked(
        method, time_limit, node_limit, memory_gib, deterministic,
        start_sha256=None if start_plan is None else plan_sha256(start_plan),
    )  # fmt: skip
    tracker = Tracker(1.0, time_limit * (1 - FINISH_SHARE), listener)
    with _watched(memory_gib) as watch, SolverProcess.standby():
        watch.building(max(tracker.left, BUILD_SECONDS))
        run = Run(instance, policy or Policy(), asked, gap, threads, seed, tracker, sha256(instance), resume, duals)
        try:
            SolverProcess.start_ahead()
            model = build(instance, run.policy)
            program = compile_model(model)
        except watchdog.Stopped as stop:
            return run.solution(Found(stop.reason, None), method)
        _refuse_beyond(program)
        watch.searching()
        tracker.money = model.network.scale.money_cny
        for sentence in numeric_warnings(program):
            if warn is not None:
                warn(sentence)
        if method == "auto":
            method = _method_for(model.network, program)
        keeper = None if keep is None else _keeper(run, model.network, program, method, keep)
        lines: list[str] = []
        point = None if start_plan is None else point_of(program, start_plan)
        try:
            found = _searched(run, method, model.network, program, point, lines)
        except KeyboardInterrupt:
            found = Found("interrupt", None)
        if found.reason == "interrupt":
            found = replace(found, reason=watch.reason or "interrupt")
        watch.closing()
        if keeper is not None:
            keeper.end()
            if keeper.trouble is not None:
                lines.append(f"the best plan could not be kept on the way: {keeper.trouble!r}\n")
        tracker.enter("check")
        plan, report = _closed(run, model.network, program, found)
        if log_path is not None:
            log_path.write_text("".join(lines), encoding="utf-8")
        tracker.enter("done")
        if watch.reason == "interrupt" and found.reason == "optimal":
            # pressed when all was done: who drives several runs must hear of it
            found = replace(found, reason="interrupt")
        return run.solution(found, method, plan, report)


def _keeper(
    run: Run, network: Network, program: Milp, method: str, keep: Callable[[Solution], None]
) -> Keeper:  # fmt: skip
    """Who checks the incumbents of a run on the way and hands them on."""

    def judge(values: Vector) -> Solution | None:
        whole = program.rounded(values)
        plan, report = run.judged(network, program, whole)
        return run.solution(Found("interrupt", whole), method, plan, report) if report.ok else None

    keeper = Keeper(judge, keep)
    run.tracker.keep = keeper.found
    return keeper


def _searched(
    run: Run, method: Method, network: Network, program: Milp, start: Vector | None, lines: list[str]
) -> Found:
    """What the method finds; an infeasibility is confirmed, or else nothing was found."""
    tracker = run.tracker
    if (bound := run.carried_bound()) is not None:
        tracker.proved(bound / tracker.money)
    if method == "phased":
        found = Phased(
            network, program, tracker, run.gap, run.seed, start, lines.append, steady=run.asked.steady,
            nodes=run.asked.node_limit,
        ).run()  # fmt: skip
    elif method == "staged":
        found = Tracks(
            network, program, tracker, run.gap, run.seed, start, lines.append, steady=run.asked.steady,
            nodes=run.asked.node_limit,
        ).run()  # fmt: skip
    elif method == "decompose":
        found = Decompose(
            network, program, tracker, run.gap, run.seed, start, lines.append, steady=run.asked.steady,
            nodes=run.asked.node_limit, earlier=run.duals,
        ).run()  # fmt: skip
    else:
        nodes = run.asked.node_limit
        found = Monolith(
            with_enough_open(network, program),
            tracker,
            run.gap,
            run.seed,
            run.threads,
            start,
            lines.append,
            nodes,
            steady=run.asked.steady,
        ).run()
    if found.reason != "infeasible":
        return found
    tracker.enter("confirm infeasible")
    again = _is_infeasible(program, run.seed, max(CONFIRM_SECONDS, tracker.left))
    return found if again.reason == "infeasible" else Found(again.reason, again.values)


def _closed(run: Run, network: Network, program: Milp, found: Found) -> tuple[Plan | None, Report | None]:
    """The plan of what was found, with exact flows, and the checker's report on it."""
    if found.values is None:
        return None, None
    whole = program.rounded(found.values)
    settled = whole
    if run.tracker.gap > EXACT or not _is_exact(program, whole):
        run.tracker.enter("last flows")
        settled = _exact_flows(program, found.values, max(run.tracker.left, CLOSING_SECONDS))
        run.tracker.enter("check")
    plan, report = run.judged(network, program, settled)
    if not report.ok and settled is not whole:
        # the flows of the search keep what they kept there, if not at the least cost
        other, other_report = run.judged(network, program, whole)
        if other_report.ok:
            return other, other_report
    return plan, report
