"""What HiGHS does with a job or a relaxation, in the process that asks: options, reports on the way, the outcome."""

from __future__ import annotations

import time
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any

import highspy
import numpy as np

from hubopt.solve.engine.highs_lp import highs_lp
from hubopt.solve.engine.jobs import BELOW_ROOT, Job, Outcome, Relaxation, Relaxed
from hubopt.solve.engine.offers import Offers
from hubopt.solve.engine.reduced import Widened, reduced
from hubopt.solve.engine.sifting import dual_bound
from hubopt.solve.milp import Mask, Milp

GATE_SECONDS = 0.002
"""How often a run that waits at its gate looks whether it may go on."""

INTERIOR_TOLERANCE = 1e-5
"""Relative gap at which the interior-point method ends where no crossover follows."""
PRICED = 1e-7
"""Price, as a share of the bound, from which on a strengthening row is kept after that: inside, none is quite 0."""

_REASONS = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kModelEmpty: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
    highspy.HighsModelStatus.kTimeLimit: "time",
    highspy.HighsModelStatus.kSolutionLimit: "nodes",
    highspy.HighsModelStatus.kIterationLimit: "nodes",
    highspy.HighsModelStatus.kInterrupt: "interrupt",
    highspy.HighsModelStatus.kMemoryLimit: "memory",
    highspy.HighsModelStatus.kUnbounded: "unbounded",
}


def _pass_model(solver: highspy.Highs, program: Milp, job: Job) -> None:
    if solver.passModel(highs_lp(program, job.lower, job.upper, job.integer)) == highspy.HighsStatus.kError:
        raise ValueError("HiGHS does not accept the model")


_threads: list[int] = []
"""Empty unless this process is a solver's own; then the last entry is the number of threads of its last run."""


def own_process() -> None:
    """Say that this process is a solver's own, where nobody else runs HiGHS."""
    _threads.append(0)


def _with_threads(number: int) -> None:
    """HiGHS keeps the threads of its first run for all of a process, and refuses another number until they are ended.

    Only where nobody else in the process may be running HiGHS.
    """
    if _threads and _threads[-1] != number:
        highspy.Highs.resetGlobalScheduler(True)
        _threads[-1] = number


def _set_options(solver: highspy.Highs, job: Job) -> None:
    _with_threads(job.threads)
    options: dict[str, Any] = {
        "log_to_console": False,
        "mip_rel_gap": job.gap,
        "mip_feasibility_tolerance": 1e-7,
        "primal_feasibility_tolerance": job.tolerance,
        "random_seed": job.seed,
        "threads": job.threads,
        "presolve": "on" if job.presolve else "off",
    }
    if np.isfinite(job.seconds):
        options["time_limit"] = max(0.1, job.seconds)
    if not job.heuristics:
        options["mip_heuristic_effort"] = 0.0
    if not job.restarts:
        options["mip_allow_restart"] = False
    if job.near is not None:
        options["mip_abs_gap"] = job.near
    if job.nodes is not None:
        options["mip_max_nodes"] = job.nodes
    for name, value in options.items():
        solver.setOptionValue(name, value)


def _finite(value: float) -> float | None:
    return float(value) if abs(value) < 1e29 else None


class _Ticks:
    """Counts the looks of a run at whether to go on; stops it at its limit of work, or lets it wait at the gate."""

    def __init__(self, work: float | None, pipe: Connection | Widened, stop: Event, offers: Offers | None) -> None:
        self._work, self._pipe, self._stop = work, pipe, stop
        self._gate = None if offers is None else offers.gate
        self._number = 0
        self._spent = 0.0
        self.exhausted = False

    def __call__(self, event: Any) -> None:
        """One look."""
        data = event.data_out
        self._number += 1
        self._spent += 1.0 if data.mip_node_count <= 0 else BELOW_ROOT
        if self._work is not None and self._spent >= self._work:
            self.exhausted = True
            event.interrupt()
        if self._gate is not None and 0 <= self._gate.value <= self._number:
            self._pipe.send(("reached", self._number, _finite(data.mip_dual_bound)))
            while 0 <= self._gate.value <= self._number and not self._stop.is_set():
                time.sleep(GATE_SECONDS)
        if self._stop.is_set():
            event.interrupt()


def _listen(
    solver: highspy.Highs, pipe: Connection | Widened, stop: Event, offers: Offers | None, work: float | None = None
) -> _Ticks:
    seen = 0 if offers is None else offers.newer_than(-1)[0]
    ticks = _Ticks(work, pipe, stop, offers)

    def on_progress(event: Any) -> None:
        data = event.data_out
        pipe.send(("progress", _finite(data.mip_primal_bound), _finite(data.mip_dual_bound)))

    def on_incumbent(event: Any) -> None:
        data = event.data_out
        pipe.send(("incumbent", float(data.objective_function_value), np.array(data.mip_solution, dtype=float)))

    def on_check(event: Any) -> None:
        if stop.is_set():
            event.interrupt()

    def on_log(event: Any) -> None:
        pipe.send(("log", event.message))

    def on_question(event: Any) -> None:
        nonlocal seen
        seen, point = (seen, None) if offers is None else offers.newer_than(seen)
        if point is not None and len(point) == solver.getNumCol():
            event.data_in.setSolution(point)

    solver.cbMipLogging += on_progress
    solver.cbMipUserSolution += on_question
    solver.cbMipImprovingSolution += on_incumbent
    solver.cbLogging += on_log
    solver.cbMipInterrupt += ticks
    for callback in (solver.cbSimplexInterrupt, solver.cbIpmInterrupt):
        callback += on_check
    return ticks


def run(program: Milp, job: Job, pipe: Connection, stop: Event, offers: Offers | None = None) -> Outcome:
    """Run one job in this process, reporting over ``pipe``."""
    left = reduced(program, job.lower, job.upper, job.integer, job.tolerance)
    if left is None:
        return _run(program, job, pipe, stop, offers)
    own = left.program
    start = None if job.start is None else job.start[left.free]
    outcome = _run(
        own, replace(job, lower=own.lower, upper=own.upper, integer=own.integer, start=start),
        Widened(pipe, left), stop, offers,
    )  # fmt: skip
    return replace(
        outcome,
        values=None if outcome.values is None else left.whole(outcome.values),
        row_duals=None if outcome.row_duals is None else left.whole_duals(outcome.row_duals),
    )


def _run(program: Milp, job: Job, pipe: Connection | Widened, stop: Event, offers: Offers | None) -> Outcome:
    """As :func:`run`, the columns that the job fixes included."""
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    _set_options(solver, job)
    _pass_model(solver, program, job)
    if job.start is not None:
        solver.setSolution(
            program.columns, np.arange(program.columns, dtype=np.int32), np.asarray(job.start, dtype=float)
        )
    ticks = _listen(solver, pipe, stop, offers, job.work)
    solver.run()
    reason = _REASONS.get(solver.getModelStatus(), "error")
    if reason == "interrupt" and ticks.exhausted:
        reason = "nodes"
    info = solver.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value, dtype=float) if found else None
    objective = float(info.objective_function_value) if found else None
    if job.integer.any():
        # a run that failed leaves 0 where the bound would stand
        bound = None if reason == "error" else _finite(info.mip_dual_bound)
        iterations = max(0, int(info.simplex_iteration_count))
        return Outcome(reason, objective, bound, values, int(info.mip_node_count), iterations=iterations)
    duals = np.array(solver.getSolution().row_dual, dtype=float) if reason == "optimal" else None
    return Outcome(reason, objective, objective if reason == "optimal" else None, values, row_duals=duals)


def relax(program: Milp, task: Relaxation, pipe: Connection, stop: Event) -> tuple[Relaxed, highspy.Highs | None]:
    """Solve the linear relaxation with row generation in this process, reporting the bound over ``pipe``.

    The second result is the solver with the last relaxation and its basis, for a dive to start from.
    """
    clock = time.monotonic()
    rows = ~program.strengthening | task.strengthened
    continuous = np.zeros_like(program.integer)
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    _set_options(solver, Job(program.lower, program.upper, continuous, threads=task.threads))
    solver.setOptionValue("solver", "ipm")
    if not task.crossover:
        solver.setOptionValue("run_crossover", "off")
        solver.setOptionValue("ipm_optimality_tolerance", INTERIOR_TOLERANCE)
    _pass_model(solver, program.with_rows(rows), Job(program.lower, program.upper, continuous))
    solver.cbSimplexInterrupt += lambda event: event.interrupt() if stop.is_set() else None
    solver.cbIpmInterrupt += lambda event: event.interrupt() if stop.is_set() else None
    best = Relaxed("error", None, None, rows)
    if not task.crossover:
        solver.setOptionValue("time_limit", max(0.1, task.seconds - (time.monotonic() - clock)))
        solver.run()
        return _interior(program, rows, solver), None
    order = np.flatnonzero(rows)
    for number in range(task.rounds + 1):
        solver.setOptionValue("time_limit", max(0.1, solver.getRunTime() + task.seconds - (time.monotonic() - clock)))
        solver.run()
        reason = _REASONS.get(solver.getModelStatus(), "error")
        if reason != "optimal":
            # strengthening rows hold at every integer point: where they leave nothing, there is none
            nothing = reason == "infeasible" or best.bound is None
            return replace(best, reason=reason) if nothing else best, None
        bound = float(solver.getInfo().objective_function_value)
        point = solver.getSolution()
        values = np.array(point.col_value, dtype=float)
        gained = np.inf if best.bound is None else bound - best.bound
        duals = np.zeros(program.rows)
        duals[order] = np.array(point.row_dual, dtype=float)
        best = Relaxed("optimal", bound, values, rows.copy(), duals)
        pipe.send(("progress", None, bound))
        # from here on every run starts from the last basis
        solver.setOptionValue("solver", "simplex")
        violated = program.strengthening & ~rows & (program.matrix @ values - program.row_upper > 1e-5)
        if number == task.rounds or not violated.any() or gained < task.progress * abs(bound):
            break
        added = program.matrix[np.flatnonzero(violated)]
        solver.addRows(
            added.shape[0],
            np.full(added.shape[0], -highspy.kHighsInf),
            program.row_upper[violated],
            added.nnz,
            added.indptr[:-1].astype(np.int32),
            added.indices.astype(np.int32),
            added.data,
        )
        rows |= violated
        order = np.concatenate([order, np.flatnonzero(violated)])
    return best, solver


def _interior(program: Milp, rows: Mask, solver: Any) -> Relaxed:
    """What the interior-point method left in a solver that holds these rows, however near to the optimum it came."""
    reason, point = _REASONS.get(solver.getModelStatus(), "error"), solver.getSolution()
    if reason == "infeasible" or not point.dual_valid:
        return Relaxed(reason, None, None, rows)
    duals = np.zeros(program.rows)
    duals[rows] = np.array(point.row_dual, dtype=float)
    bound, _ = dual_bound(program, duals)
    if not np.isfinite(bound):
        return Relaxed(reason, None, None, rows)
    needed = ~program.strengthening | (np.abs(duals) > PRICED * abs(bound))
    return Relaxed("optimal", bound, np.array(point.col_value, dtype=float), needed, duals)
