"""Who does the work: this process itself, or workers of dask.distributed, of this machine or of a cluster."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, fields
from types import TracebackType
from typing import Any, Protocol

from hubopt.instance import InputError, Problem
from hubopt.solve.cores import available
from hubopt.study.scenarios.question import Question, versions
from hubopt.study.scenarios.variation import Variations
from hubopt.study.scenarios.work import Answer, Files, News, answer

LOST_AFTER = 5
"""How many workers a run may lose before it is given up."""

CONNECT_SECONDS = 15.0
CLOSE_SECONDS = 3.0

_CONFIG: dict[str, object] = {
    # the solver starts processes of its own, which daemons may not
    "distributed.worker.daemon": False,
    "distributed.scheduler.allowed-failures": LOST_AFTER,
    # a run takes long, so no worker is given a second one to wait with: what it loses when killed is one run
    "distributed.scheduler.worker-saturation": 1.0,
    # no pages, whatever the port
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.admin.large-graph-warning-threshold": "10 GB",
}


@dataclass(frozen=True)
class Failure:
    """A run that came to no answer: what was said. ``lost`` if its workers died, ``gone`` if nobody is left to ask."""

    name: str
    message: str
    lost: bool = False
    gone: bool = False


Event = Answer | Failure | News


class Pool(Protocol):
    """Takes questions and gives back what becomes of them."""

    def submit(self, question: Question, start: Files | None) -> None:
        """Take a question."""

    def wait(self, seconds: float) -> Event | None:
        """The next event; None if none came within ``seconds``."""

    def workers(self) -> int:
        """How many there are to do the work now."""


class Here:
    """Does the work in this process, one question after the other."""

    def __init__(self, variations: Variations) -> None:
        self._variations = variations
        self._waiting: queue.SimpleQueue[tuple[Question, Files | None]] = queue.SimpleQueue()

    def __enter__(self) -> Here:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def submit(self, question: Question, start: Files | None) -> None:
        """Take a question."""
        self._waiting.put((question, start))

    def wait(self, seconds: float) -> Event | None:
        """Do the next question."""
        try:
            question, start = self._waiting.get(timeout=seconds)
        except queue.Empty:
            return None
        return answer(self._variations, question, start)

    def workers(self) -> int:
        """One: this process."""
        return 1


def _quiet_classes() -> tuple[type[Any], type[Any], type[Any]]:
    """Scheduler, nanny and worker that open no port for pages."""
    from distributed import Nanny, Scheduler

    from hubopt.study.scenarios.quiet import QuietScheduler, QuietWorker

    assert issubclass(QuietScheduler, Scheduler)
    return QuietScheduler, Nanny, QuietWorker


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Threads and processes that are started in the block, and theirs, never hear Ctrl-C: this thread sees to them."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextlib.contextmanager
def _quiet_about_kills() -> Iterator[None]:
    """A helper of multiprocessing that is started in the block does not complain of what killed workers left to it."""
    name, before = "PYTHONWARNINGS", os.environ.get("PYTHONWARNINGS")
    os.environ[name] = ",".join(filter(None, (before, "ignore:resource_tracker")))
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


class Cluster:
    """Workers of dask.distributed; use as a context manager.

    Parameters
    ----------
    variations
        The base case, which every worker gets once, also those that come later.
    workers
        How many processes to start on this machine, each with one thread and a core of its own as far as there are
        enough, on the loopback interface alone.
    scheduler
        Address of a scheduler that somebody else has started, in place of that.

    Raises
    ------
    InputError
        On entering, if the scheduler does not answer or its workers have another hubopt.
    """

    def __init__(self, variations: Variations, workers: int, scheduler: str | None = None) -> None:
        self._variations = variations
        self._count = workers
        self._address = scheduler
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._futures: dict[str, Any] = {}
        self._given = 0
        self._mark = f"hubopt-{uuid.uuid4().hex}"
        self._client: Any = None
        self._stack = contextlib.ExitStack()
        self._hurry = False

    def __enter__(self) -> Cluster:
        import dask
        import distributed

        from hubopt.study.scenarios.quiet import CasePlugin

        connect: Any = distributed.Client
        try:
            self._stack.enter_context(dask.config.set(_CONFIG))
            address = self._address or self._local()
            self._client = connect(address, timeout=CONNECT_SECONDS, set_as_default=False)
            self._stack.callback(self._client.close, timeout=CLOSE_SECONDS)
            self._judge_workers()
            self._client.register_plugin(CasePlugin(self._variations.instance, self._variations.policy, self._mark))
            self._client.subscribe_topic(self._mark, self._heard)
        except OSError as error:
            self._stack.close()
            message, mend = f"does not answer: {error}", "start it with 'dask scheduler', or leave --scheduler out"
            raise InputError([Problem("--scheduler", message, mend, value=self._address)]) from None
        except ValueError as error:
            self._stack.close()
            mend = "write it like tcp://127.0.0.1:8786"
            raise InputError([Problem("--scheduler", f"is no address: {error}", mend, value=self._address)]) from None
        except BaseException:
            self._hurry = True
            self._stack.close()
            raise
        return self

    def _local(self) -> Any:
        """A cluster on this machine."""
        import distributed

        make: Any = distributed.SpecCluster
        scheduler, nanny, worker = _quiet_classes()
        options = {"nthreads": 1, "memory_limit": 0, "host": "127.0.0.1", "worker_class": worker, "cores": available()}
        with _deaf_to_ctrl_c(), _quiet_about_kills():
            cluster = make(
                workers={index: {"cls": nanny, "options": {**options, "place": index, "silence_logs": logging.CRITICAL}}
                         for index in range(self._count)},
                scheduler={"cls": scheduler, "options": {"host": "127.0.0.1", "port": 0, "dashboard": False}},
                silence_logs=logging.CRITICAL, name=self._mark,
            )  # fmt: skip
        self._stack.callback(self._end, cluster)
        return cluster

    def _end(self, cluster: Any) -> None:
        """End the workers: at once if what they do is of no use any more."""
        if self._hurry:
            for nanny in list(cluster.workers.values()):
                nanny.auto_restart = False
                if nanny.pid is not None:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(nanny.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            cluster.close(timeout=CLOSE_SECONDS)

    def _judge_workers(self) -> None:
        """Refuse workers whose code is not the one here."""
        if self._address is None:
            return
        try:
            found = self._client.run(versions)
        except Exception as error:
            message, mend = f"has workers without this hubopt: {error!r}", "install it there"
            raise InputError([Problem("--scheduler", message, mend, value=self._address)]) from None
        if wrong := [worker for worker, theirs in found.items() if dict(theirs) != dict(versions())]:
            message = f"has workers with another hubopt: {', '.join(wrong)}"
            raise InputError([Problem("--scheduler", message, "install this one there", value=self._address)])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._hurry = bool(self._futures)
        if self._address is not None:
            with contextlib.suppress(Exception):
                self._client.cancel(list(self._futures.values()))
                self._client.unregister_worker_plugin(self._mark)
        self._stack.close()

    def submit(self, question: Question, start: Files | None) -> None:
        """Take a question."""
        from hubopt.study.scenarios.quiet import answer_on_worker

        self._given += 1
        future: Any = self._client.submit(
            answer_on_worker, self._mark, question, start, key=f"{self._mark}-{self._given}", pure=False,
            priority=-self._given,
        )  # fmt: skip
        self._futures[question.name] = future
        future.add_done_callback(lambda done, name=question.name: self._done(name, done))

    def _done(self, name: str, future: Any) -> None:
        """Hand on what became of a question; called in a thread of dask."""
        from distributed.scheduler import KilledWorker

        event: Event
        if future.status == "finished":
            try:
                event = future.result()
            except Exception as error:
                event = Failure(name, f"the answer was lost: {error!r}", lost=True)
        elif future.status == "error":
            raised = future.exception()
            lost = isinstance(raised, KilledWorker)
            message = f"its workers were killed, {LOST_AFTER} times or more" if lost else repr(raised)
            event = Failure(name, message, lost=lost)
        else:
            event = Failure(name, "the scheduler is gone", gone=True)
        self._events.put(event)

    def _heard(self, event: tuple[float, Any]) -> None:
        """News from a worker, to which dask adds fields of its own; called in dask's thread."""
        self._events.put(News(**{item.name: event[1][item.name] for item in fields(News)}))

    def wait(self, seconds: float) -> Event | None:
        """The next event."""
        try:
            event = self._events.get(timeout=seconds)
        except queue.Empty:
            return None
        if not isinstance(event, News):
            self._futures.pop(event.name, None)
        return event

    def workers(self) -> int:
        """How many workers there are now."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"])
