"""What a worker does: one question of a study to the files of its result and its parts of the store.

Everything comes and goes as plain values and bytes, so that a worker needs no file system in common with whoever asks.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from hubopt.solution import Solution, read_solution, write_solution
from hubopt.solution.write import RESULT
from hubopt.study.scenarios.parts import parts_of_run
from hubopt.study.scenarios.question import Question, named_policy
from hubopt.study.scenarios.variation import Variations

if TYPE_CHECKING:
    from hubopt.instance import Instance
    from hubopt.solve.progress import Progress
    from hubopt.solve.run import Method

Files = Mapping[str, bytes]

SECONDS_BETWEEN_NEWS = 1.0
LOG = "solver.log"


@dataclass(frozen=True)
class News:
    """How a run stands: phase, best objective and bound (CNY/year), gap and seconds."""

    name: str
    phase: str
    incumbent: float | None
    bound: float | None
    gap: float | None
    seconds: float


@dataclass(frozen=True)
class Answer:
    """The result of a run as files and parts of the store, and how it ended; ``findings`` are the checker's, if any."""

    name: str
    files: Files
    parts: Files
    status: str
    limit: str
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    findings: tuple[str, ...] = ()


class DifferentCodeError(Exception):
    """A worker makes another case of the same question: its hubopt is not the one that asks."""


@contextlib.contextmanager
def _solver_processes_allowed() -> Iterator[None]:
    """Let a worker start solver processes, and let these not hear the signals that are meant for others.

    Workers that ``dask worker`` starts are daemons, which may have no children; that of a spawned process can be
    undone. A solver process ends by itself when its parent does.
    """
    own = multiprocessing.current_process()
    if own.daemon:
        own.daemon = False
    if threading.current_thread() is threading.main_thread() or not hasattr(signal, "pthread_sigmask"):
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _start(files: Files | None) -> Solution | None:
    """The solution whose plan a run starts from."""
    if files is None:
        return None
    with tempfile.TemporaryDirectory(prefix="hubopt-start-") as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        return read_solution(folder)


def _findings(instance: Instance, solution: Solution) -> tuple[str, ...]:
    """What the independent checker says against a solution, once more and on what is going to be written."""
    from hubopt.check import check

    if solution.plan is None:
        return ()
    report = check(
        instance, solution.policy, solution.plan, cost=solution.cost, objective=solution.proof.objective,
        kpi=solution.kpi,
    )  # fmt: skip
    return tuple(f"{item.where}: {item.message} ({item.rule})" for item in report.findings)


def answer(
    variations: Variations, question: Question, start: Files | None, told: Callable[[News], None] | None = None
) -> Answer:
    """Solve one question.

    Parameters
    ----------
    variations
        The base case; the question's changes are made to it here.
    start
        The files of the result whose plan the run starts from.
    told
        Called with how the run stands, at most once a second.

    Raises
    ------
    DifferentCodeError
        If the instance that is made here is not the one that was asked about.
    """
    from hubopt.solve import solve

    varied = variations.varied(question.tree)
    policy = named_policy(varied.policy, question)
    last = -SECONDS_BETWEEN_NEWS

    def listen(now: Progress) -> None:
        nonlocal last
        if told is not None and time.monotonic() - last >= SECONDS_BETWEEN_NEWS:
            last = time.monotonic()
            told(News(question.name, now.phase, now.incumbent, now.bound, now.gap, now.seconds))

    options = question.options
    with _solver_processes_allowed(), tempfile.TemporaryDirectory(prefix="hubopt-run-") as scratch:
        log = Path(scratch) / LOG
        solution = solve(
            varied.instance,
            policy,
            method=cast("Method", options.method),
            gap=options.gap,
            time_limit=options.time_limit,
            node_limit=options.node_limit,
            threads=1,
            seed=options.seed,
            deterministic=options.deterministic,
            warm_start=_start(start),
            progress=listen,
            log_path=log,
        )
        if solution.proof.instance_sha256 != question.instance_sha256:
            raise DifferentCodeError("the worker makes another instance of the same changes")
        extra = {LOG: log.read_bytes()} if log.exists() else {}
        folder = Path(scratch) / "result"
        write_solution(solution, varied.instance, folder, extra)
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    findings = _findings(varied.instance, solution)
    status = "error" if findings else solution.proof.status
    parts = parts_of_run(
        question.name, solution, varied.instance, json.loads(files[RESULT]), question.policy_sha256
    )  # fmt: skip
    proof = solution.proof
    return Answer(
        question.name, files, parts, status, proof.limit, proof.objective, proof.bound, proof.gap,
        proof.seconds.get("total", 0.0), findings,
    )  # fmt: skip
