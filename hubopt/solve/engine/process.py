"""The parent's side of the solver process: start it, hand it jobs, listen, keep time, and end it whatever happens."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from types import TracebackType

from hubopt.solve.engine import watchdog
from hubopt.solve.engine.dive import Dive, Dived
from hubopt.solve.engine.errand import Errand
from hubopt.solve.engine.first_order import FirstOrder, RowPrices
from hubopt.solve.engine.jobs import Job, Outcome, Relaxation, Relaxed
from hubopt.solve.engine.probe import Probe, Probed
from hubopt.solve.engine.sifting import Sifting
from hubopt.solve.engine.worker import Worker, given_back, loaded_ahead, standby, start_ahead, taken
from hubopt.solve.milp import Milp, Vector

GRACE_SECONDS = 5.0
"""How long a run may overstay its time limit (HiGHS checks it rarely within an LP) before its process is killed."""

Listener = Callable[[tuple[object, ...]], None]
Task = Job | Relaxation | FirstOrder | Sifting | Dive | Probe | Errand


class SolverProcess:
    """One HiGHS process for one compiled program; jobs run one at a time.

    Use as a context manager. ``run`` returns the outcome of a job even if the process had to be killed: then the
    reason is ``"time"``, ``"interrupt"`` or ``"crash"`` and the point is the best one reported before.
    """

    worker: type[Worker] = Worker

    def __init__(self, program: Milp) -> None:
        self._program = program
        self._running = False
        self._take()

    @classmethod
    def standby(cls) -> AbstractContextManager[None]:
        """Within the block a process that is left idle serves the next program."""
        return standby(cls.worker)

    @staticmethod
    def start_ahead() -> None:
        """Within :meth:`standby`: let a process load beside whatever this one does next."""
        start_ahead()

    @staticmethod
    def loaded_ahead() -> float:
        """Within :meth:`standby`: let a process load now; the seconds of processor time that this took it."""
        return loaded_ahead()

    def _take(self) -> None:
        self._at = taken(self.worker, self._program.columns)
        # a process that is lost already is noticed with the first job
        self._at.load(self._program)

    def __enter__(self) -> SolverProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            # whatever was being sent may be cut off
            self._running = True
        self.close()

    def close(self) -> None:
        """Leave the process to the next user; one that is still at a job is ended."""
        if self._running:
            self._at.end()
        else:
            given_back(self._at)

    def _restart(self) -> None:
        self._at.end()
        self._running = False
        self._take()

    def submit(self, job: Task) -> None:
        """Hand over a job without waiting; follow with :meth:`reports` until it yields ``"done"``."""
        self._at.stop.clear()
        self._deadline = time.monotonic() + job.seconds + GRACE_SECONDS
        if not self._at.sent(job):
            # the process was lost between two jobs; if this one is lost too, the next look says so
            self._restart()
            self._at.sent(job)
        self._running = True

    def replace(self, program: Milp) -> None:
        """Work on another program from the next job on."""
        self._program = program
        if self._at.columns < program.columns or not self._at.load(program):
            self._restart()

    def offer(self, point: Vector) -> None:
        """Hand a better point to the running job, which takes it in when it next asks."""
        self._at.offers.put(point)

    def let(self, ticks: int | None) -> None:
        """Let the job that runs, or the next, go on until it has made so many ticks; None: to its end."""
        self._at.offers.gate.value = -1 if ticks is None else ticks

    def cancel(self) -> None:
        """Ask the current job to stop at its next check; killed if it does not within the grace time."""
        self._at.stop.set()
        self._deadline = min(self._deadline, time.monotonic() + GRACE_SECONDS)

    def reports(self, wait: float = 0.0) -> Iterator[tuple[object, ...]]:
        """Reports that have come in; waits at most ``wait`` seconds for the first. A dead run ends with ``"done"``.

        Raises
        ------
        Stopped
            If the watch over this run says that it is to end.
        """
        watchdog.heed()
        while True:
            try:
                ready = self._at.pipe.poll(wait)
                report = self._at.pipe.recv() if ready else None
            except (EOFError, OSError):
                self._restart()
                yield ("done", Outcome("crash", None, None, None))
                return
            if report is None:
                break
            if report[0] == "done":
                self._running = False
            yield report
            wait = 0.0
        if time.monotonic() > self._deadline:
            reason = "interrupt" if self._at.stop.is_set() else "time"
            self._restart()
            yield ("done", Outcome(reason, None, None, None))

    def run(self, job: Task, listen: Listener | None = None) -> Outcome | Relaxed | RowPrices | Dived | Probed:
        """Run one job to its end, passing every report to ``listen`` as it comes."""
        self.submit(job)
        best: tuple[float, Vector] | None = None
        bound = -math.inf
        while True:
            for report in self.reports(wait=0.1):
                if report[0] == "done":
                    outcome = report[1]
                    return _completed(outcome, best, bound) if isinstance(outcome, Outcome) else outcome  # type: ignore[return-value]
                if report[0] == "incumbent":
                    best = (report[1], report[2])  # type: ignore[assignment]
                elif report[0] == "progress" and isinstance(report[2], float):
                    bound = max(bound, report[2])
                if listen is not None:
                    listen(report)


def _completed(outcome: Outcome, best: tuple[float, Vector] | None, bound: float) -> Outcome:
    """The outcome of a run, with what was reported on the way if the run itself was lost."""
    if outcome.values is None and best is not None and outcome.reason != "infeasible":
        outcome = replace(outcome, objective=best[0], values=best[1])
    if outcome.bound is None and math.isfinite(bound):
        return replace(outcome, bound=bound)
    return outcome
