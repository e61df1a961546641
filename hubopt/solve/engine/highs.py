"""HiGHS in a process of its own: takes a compiled program, then jobs; reports what it finds as it finds it.

The process talks over a pipe. In: a :class:`Milp`, a :class:`Job` or another task, or None to end. Out: tuples whose
first part is ``"progress"``, ``"incumbent"``, ``"log"`` or ``"done"``. Nothing of it needs the parent's state, so the
parent may kill it at any time and still hold the last incumbent.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import threading
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.synchronize import Event
from typing import Any

import highspy
import numpy as np

from hubopt.solve.engine.dive import Dive, Dived, dive
from hubopt.solve.engine.errand import Errand
from hubopt.solve.engine.first_order import FirstOrder, first_order
from hubopt.solve.engine.highs_lp import highs_lp
from hubopt.solve.engine.probe import Probe, probe
from hubopt.solve.engine.reduced import Widened, reduced
from hubopt.solve.engine.sifting import Sifting, sift
from hubopt.solve.milp import Mask, Milp, Vector


@dataclass(frozen=True)
class Job:
    """One run: the program with other bounds or integrality, a start, and where to stop.

    ``near`` is a gap in model units at which to stop as well; ``seconds`` counts from the start of the run;
    ``heuristics`` off leaves HiGHS's effort to the bound, and without ``restarts`` it never begins anew;
    ``tolerance`` is how far a row may be missed. ``work`` limits the ticks (HiGHS's looks at whether to go on), those
    below the root counting :data:`BELOW_ROOT` of one; unlike a clock it stops every run at the same place.
    """

    lower: Vector
    upper: Vector
    integer: Mask
    start: Vector | None = None
    gap: float = 1e-4
    near: float | None = None
    seconds: float = float("inf")
    nodes: int | None = None
    seed: int = 0
    threads: int = 1
    presolve: bool = True
    heuristics: bool = True
    restarts: bool = True
    tolerance: float = 1e-8
    work: float | None = None


BELOW_ROOT = 0.06
"""What a tick below the root counts: it comes with an LP of a few pivots, one at the root with a round of cuts."""

GATE_SECONDS = 0.002
"""How often a run that waits at its gate looks whether it may go on."""


class Offers:
    """What a running job shares with the parent: the latest feasible point found elsewhere, and a gate.

    Neither side ever waits for the other over the point. The gate is the tick at which the job waits until it is set
    further; below 0 it is open. ``columns`` is the most that a point may have.
    """

    def __init__(self, context: Any, columns: int) -> None:
        self._lock = context.Lock()
        self._point = context.RawArray("d", columns)
        self._length = context.RawValue("q", 0)
        self._count = context.RawValue("i", 0)
        self.gate = context.RawValue("q", -1)

    def put(self, values: Vector) -> None:
        """Replace the point; given up if the other side holds the lock for a second."""
        if self._lock.acquire(timeout=1.0):
            np.frombuffer(self._point)[: len(values)] = values
            self._length.value = len(values)
            self._count.value += 1
            self._lock.release()

    def newer_than(self, seen: int) -> tuple[int, Vector | None]:
        """The number of points put so far and, if that is more than ``seen``, the latest."""
        if self._count.value == seen or not self._lock.acquire(timeout=1.0):
            return seen, None
        count, point = int(self._count.value), np.frombuffer(self._point)[: self._length.value].copy()
        self._lock.release()
        return count, point


@dataclass(frozen=True)
class Outcome:
    """How a run ended: HiGHS's own words for why, its best point and its proven bound (model units).

    ``iterations`` of the simplex method in all of it.
    ``row_duals``, of a linear program solved to the end: what the objective gains per unit of each row's limit.
    """

    reason: str
    objective: float | None
    bound: float | None
    values: Vector | None
    nodes: int = 0
    row_duals: Vector | None = None
    iterations: int = 0


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


@dataclass(frozen=True)
class Relaxation:
    """The linear relaxation to solve, with the strengthening rows added only where they are violated.

    ``rounds`` of cuts at most, and none after one that raised the bound by less than ``progress`` (relative).
    ``strengthened``: all strengthening rows from the start.
    """

    seconds: float
    rounds: int = 20
    progress: float = 3e-5
    strengthened: bool = False
    threads: int = 1


@dataclass(frozen=True)
class Relaxed:
    """The relaxation's value (a lower bound), its point, its reduced costs, and the rows that were needed for it.

    ``row_duals`` are those of all rows of the program, 0 for rows that were not needed.
    """

    reason: str
    bound: float | None
    values: Vector | None
    reduced_costs: Vector | None
    rows: Mask
    row_duals: Vector | None = None


def _pass_model(solver: highspy.Highs, program: Milp, job: Job) -> None:
    if solver.passModel(highs_lp(program, job.lower, job.upper, job.integer)) == highspy.HighsStatus.kError:
        raise ValueError("HiGHS does not accept the model")


_threads: list[int] = []
"""Empty unless this process is a solver's own; then the last entry is the number of threads of its last run."""


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
    _pass_model(solver, program.with_rows(rows), Job(program.lower, program.upper, continuous))
    solver.cbSimplexInterrupt += lambda event: event.interrupt() if stop.is_set() else None
    solver.cbIpmInterrupt += lambda event: event.interrupt() if stop.is_set() else None
    best = Relaxed("error", None, None, None, rows)
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
        best = Relaxed("optimal", bound, values, np.array(point.col_dual, dtype=float), rows.copy(), duals)
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


def _end_with_parent() -> None:
    """End this process as soon as its parent is gone, however that came about."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _live_alone(memory_gib: float | None) -> None:
    """Leave signals to the parent, never outlive it, and take no more memory than there may be.

    The parent watches the memory too; the limit here is for what grows faster than it looks.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if memory_gib is not None:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        asked = int(memory_gib * 2**30)
        resource.setrlimit(resource.RLIMIT_DATA, (asked if most < 0 else min(asked, most), most))


def serve(pipe: Connection, stop: Event, offers: Offers, memory_gib: float | None = None) -> None:
    """The process: takes what :func:`work` takes, on its own."""
    _live_alone(memory_gib)
    _threads.append(0)
    work(pipe, stop, offers)


REST = "rest"
"""Message: drop what was kept from earlier tasks, but for the program."""

HERE = "here"
"""Message: say so; the answer is the same word and the seconds of processor time spent so far."""


def work(pipe: Connection, stop: Event, offers: Offers) -> None:
    """Programs and jobs in, reports out, until None or a closed pipe. A program holds for all jobs after it."""
    try:
        program: Milp | None = None
        relaxation: highspy.Highs | None = None
        memory: dict[str, Any] = {}
        while (task := pipe.recv()) is not None:
            if isinstance(task, Milp):
                program = task
            elif task == REST:
                relaxation = None
                memory.clear()
            elif task == HERE:
                pipe.send((HERE, time.process_time()))
            elif isinstance(task, Errand):
                pipe.send(("done", task.carry_out(memory)))
            elif program is None:
                raise ValueError("a task came before its program")
            elif isinstance(task, Relaxation):
                relaxed, relaxation = relax(program, task, pipe, stop)
                pipe.send(("done", relaxed))
            elif isinstance(task, FirstOrder):
                relaxation = None
                pipe.send(("done", first_order(program, task)))
            elif isinstance(task, Sifting):
                pipe.send(("done", sift(program, task, pipe, stop)))
            elif isinstance(task, Probe):
                pipe.send(("done", probe(program, task, pipe, stop)))
            elif isinstance(task, Dive):
                dived = Dived("no relaxation", None, None) if relaxation is None else dive(program, relaxation, task)
                relaxation = None
                pipe.send(("done", dived))
            elif isinstance(task, Job):
                pipe.send(("done", run(program, task, pipe, stop, offers)))
    except (EOFError, BrokenPipeError):
        return
