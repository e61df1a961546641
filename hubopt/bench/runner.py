"""Makes the runs of a suite, each in a process of its own, and keeps each as it ends: what is kept is not repeated."""

from __future__ import annotations

import json
import os
import platform
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from typing import Any

from hubopt.bench.answers import Limits
from hubopt.bench.cases import Case, PublishedFile
from hubopt.bench.kept import run_there
from hubopt.bench.rivals import RIVALS
from hubopt.bench.task import OWN, Solver, Task, versions
from hubopt.bench.textbook import FORMS, form_for
from hubopt.bench.watched import Outcome, python, run_watched

Run = Mapping[str, Any]
"""A run as it is kept: the names of :data:`hubopt.bench.figures.COLUMNS` and its trace."""

GRACE = 60.0
"""Seconds beyond twice its limit after which a process is ended: none is trusted to end by itself."""

COMPILE_SECONDS = 3600.0
"""Time for making hubopt's own program for the rivals."""


@dataclass(frozen=True)
class Plan:
    """What is to be run: hubopt's methods, rivals and their formulations (empty: the usual ones)."""

    suite: str
    methods: tuple[str, ...]
    rivals: tuple[str, ...]
    limits: Limits
    forms: tuple[str, ...] = ()
    jobs: int = 1
    memory_gib: float | None = None


def solvers_for(plan: Plan, case: Case) -> list[Solver]:
    """Who runs on a case, in order."""
    found = [Solver("hubopt", method) for method in plan.methods]
    origin = case.origin
    for name in plan.rivals:
        if not isinstance(origin, PublishedFile) or origin.format not in FORMS:
            found.append(Solver("rival", name, OWN))
        else:
            forms = [form for form in plan.forms if form in FORMS[origin.format]] or [form_for(origin.format, name)]
            found += [Solver("rival", name, form) for form in forms]
    return found


def machine() -> dict[str, Any]:
    """What the runs are made on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


class Runner:
    """Runs tasks and keeps their records in ``folder``."""

    def __init__(self, plan: Plan, folder: Path, told: Callable[[Run], None]) -> None:
        self.plan, self.folder = plan, folder
        self._told = told
        self._stop = threading.Event()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._places: Queue[int] = Queue()
        for place in range(plan.jobs):
            self._places.put(place)
        for name in ("runs", "logs", "programs", "work"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def run(self, cases: Sequence[Case]) -> list[Run]:
        """Make every run that is not kept yet; all of them, in the order of the cases.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C; runs that had ended are kept.
        """
        with ThreadPoolExecutor(max_workers=self.plan.jobs) as pool:
            futures = [pool.submit(self._case, case) for case in cases]
            try:
                done = [run for future in futures for run in future.result()]
            except BaseException:
                self._stop.set()
                for future in futures:
                    future.cancel()
                raise
        return done

    def _case(self, case: Case) -> list[Run]:
        """All runs on one case, one after the other, so that they meet the machine in much the same state."""
        return [run for task in self._tasks(case) if (run := self._made(task)) is not None]

    def _tasks(self, case: Case) -> Iterator[Task]:
        for solver in solvers_for(self.plan, case):
            task = Task(self.plan.suite, case, solver, self.plan.limits)
            if solver.form == OWN:
                task = replace(task, program=self.folder / "programs" / f"{self._program(task).key()}.npz")
            yield task

    def _program(self, task: Task) -> Task:
        limits = Limits(COMPILE_SECONDS, 0.0)
        return replace(task, solver=Solver("compile", "program"), limits=limits)

    def _made(self, task: Task) -> Run | None:
        # the same file may lie in a folder under two names
        with self._turns[task.key()]:
            return None if self._stop.is_set() else self._kept_or_made(task)

    def _kept_or_made(self, task: Task) -> Run | None:
        kept = self.folder / "runs" / f"{task.key()}.json"
        run = run_there(kept)
        # a process that failed may have been killed by somebody: it gets another chance
        if run is not None and run["state"] != "error":
            self._told(run)
            return run
        if task.program is not None and not task.program.exists():
            self._answer(replace(self._program(task), program=task.program))
        record = self._answer(task)
        if record is None:
            return None
        part = kept.with_suffix(".part")
        part.write_text(json.dumps(record, indent=1), encoding="utf-8")
        part.replace(kept)
        self._told(record)
        return record

    def _label(self, solver: Solver) -> str:
        """A rival that is given the usual formulation goes by its name alone."""
        return solver.label if self.plan.forms or solver.kind != "rival" else RIVALS[solver.name].title

    def _answer(self, task: Task) -> Run | None:
        key = task.key()
        given, target = self.folder / "work" / f"{key}.task.json", self.folder / "work" / f"{key}.json"
        target.unlink(missing_ok=True)
        given.write_text(json.dumps(task.as_json()), encoding="utf-8")
        # one thread means one core: runs side by side do not take each other's
        place = self._places.get()
        log = self.folder / "logs" / f"{task.case.name}.{task.solver.label.replace(' ', '-')}.log"
        threads = str(task.limits.threads)
        kept_to = str(place) if task.limits.threads == 1 else "-"
        try:
            outcome = run_watched(
                python("hubopt.bench.child", str(given), str(target), kept_to, str(os.getpid())),
                log=log,
                seconds=2 * task.limits.seconds + GRACE,
                memory_gib=self.plan.memory_gib,
                stop=self._stop,
                environment={f"{name}_NUM_THREADS": threads for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")},
            )
        finally:
            self._places.put(place)
        if outcome.ended == "interrupt":
            return None
        answer = json.loads(target.read_text(encoding="utf-8")) if target.exists() else _lost(outcome, log)
        given.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
        return _record(task, self._label(task.solver), answer, outcome)


def _lost(outcome: Outcome, log: Path) -> dict[str, Any]:
    """The answer of a process that gave none."""
    if outcome.ended:
        return {"state": "no-solution", "note": f"ended: {outcome.ended}"}
    last = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    said = f": {last[-1].strip()[:200]}" if last else ""
    return {"state": "error", "note": f"its process ended with code {outcome.code}{said}"}


def _record(task: Task, label: str, answer: Mapping[str, Any], outcome: Outcome) -> Run:
    known = task.case.known
    return {
        "suite": task.suite,
        "instance": task.case.name,
        "family": task.case.family,
        "solver": label,
        "kind": task.solver.kind,
        "name": task.solver.name,
        "form": task.solver.form,
        **asdict(task.limits),
        "limit_seconds": task.limits.seconds,
        "known": None if known is None else known.value,
        "known_proven": None if known is None else known.proven,
        "known_bound": None if known is None else known.bound,
        "known_source": None if known is None else known.source,
        **{name: answer.get(name) for name in _ANSWERED},
        "gap_asked": task.limits.gap,
        "wall_seconds": round(outcome.seconds, 2),
        "peak_mb": round(outcome.peak_mb, 1),
        "file": task.case.origin.path.name if isinstance(task.case.origin, PublishedFile) else "",
        "case_sha256": task.case.digest(),
        "key": task.key(),
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load": round(os.getloadavg()[0], 2),
        "machine": machine(),
        "versions": dict(versions(task.solver)),
        "plan": answer.get("plan"),
    }


_ANSWERED = (
    "state", "objective", "bound", "seconds", "cpu_seconds", "process_cpu_seconds", "build_seconds", "check_seconds",
    "sense", "method", "columns", "rows", "checked", "note", "trace",
)  # fmt: skip
