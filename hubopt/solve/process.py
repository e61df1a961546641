"""The parent's side of the solver process: start it, hand it jobs, listen, keep time, and end it whatever happens."""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from multiprocessing import resource_tracker
from types import TracebackType

from hubopt.solve import watchdog
from hubopt.solve.dive import Dive, Dived
from hubopt.solve.highs import Job, Offers, Outcome, Relaxation, Relaxed, serve
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.probe import Probe, Probed

GRACE_SECONDS = 5.0
"""How long a run may overstay its time limit (HiGHS checks it rarely within an LP) before its process is killed."""

Listener = Callable[[tuple[object, ...]], None]
Task = Job | Relaxation | Dive | Probe


@contextlib.contextmanager
def _ctrl_c_later() -> Iterator[None]:
    """Ctrl-C waits for the end of the block, and a process started in it never hears of one, nor of an end signal.

    A process that is still loading would print a traceback. The handler is for this process, where the signal may
    arrive in any thread; the mask is what the new process inherits.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    heard: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
        if heard:
            signal.raise_signal(signal.SIGINT)


def _start_helper() -> None:
    """Start multiprocessing's helper process, once, deaf to the closing of the terminal.

    It must outlive what it tracks. By itself it is deaf to Ctrl-C and end signals only; and starting it unblocks those
    two, so it has to run before they are blocked.
    """
    if not hasattr(signal, "pthread_sigmask"):
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        resource_tracker.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


class SolverProcess:
    """One HiGHS process for one compiled program; jobs run one at a time.

    Use as a context manager. ``run`` returns the outcome of a job even if the process had to be killed: then the
    reason is ``"time"``, ``"interrupt"`` or ``"crash"`` and the point is the best one reported before.
    """

    def __init__(self, program: Milp) -> None:
        self._program = program
        _start_helper()
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = self._context.Pipe()
        self._stop = self._context.Event()
        self._offers = Offers(self._context, self._program.columns)
        watch = watchdog.current()
        memory_gib = None if watch is None else watch.memory_gib
        self._process = self._context.Process(
            target=serve, args=(self._program.nameless, theirs, self._stop, self._offers, memory_gib), daemon=True,
            name="hubopt-solver",
        )  # fmt: skip
        try:
            with _ctrl_c_later():
                self._process.start()
        except KeyboardInterrupt:
            self._process.kill()
            raise
        theirs.close()
        if watch is not None and self._process.pid is not None:
            watch.solvers.add(self._process.pid)

    def __enter__(self) -> SolverProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process, first politely."""
        if self._process.is_alive():
            self._stop.set()
            with contextlib.suppress(BrokenPipeError, OSError):
                self._pipe.send(None)
            self._process.join(0.5)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._pipe.close()

    def _restart(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()
        self._start()

    def submit(self, job: Task) -> None:
        """Hand over a job without waiting; follow with :meth:`reports` until it yields ``"done"``."""
        self._stop.clear()
        self._deadline = time.monotonic() + job.seconds + GRACE_SECONDS
        try:
            self._pipe.send(job)
        except OSError:
            # the process was lost between two jobs
            self._restart()
            self._pipe.send(job)

    def replace(self, program: Milp) -> None:
        """Work on another program from the next job on."""
        self._program = program
        try:
            self._pipe.send(program.nameless)
        except OSError:
            self._restart()

    def offer(self, point: Vector) -> None:
        """Hand a better point to the running job, which takes it in when it next asks."""
        self._offers.put(point)

    def let(self, ticks: int | None) -> None:
        """Let the job that runs, or the next, go on until it has made so many ticks; None: to its end."""
        self._offers.gate.value = -1 if ticks is None else ticks

    def cancel(self) -> None:
        """Ask the current job to stop at its next check; killed if it does not within the grace time."""
        self._stop.set()
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
                ready = self._pipe.poll(wait)
                report = self._pipe.recv() if ready else None
            except (EOFError, OSError):
                self._restart()
                yield ("done", Outcome("crash", None, None, None))
                return
            if report is None:
                break
            yield report
            wait = 0.0
        if time.monotonic() > self._deadline:
            reason = "interrupt" if self._stop.is_set() else "time"
            self._restart()
            yield ("done", Outcome(reason, None, None, None))

    def run(self, job: Task, listen: Listener | None = None) -> Outcome | Relaxed | Dived | Probed:
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
