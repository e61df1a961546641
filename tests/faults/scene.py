"""A place where runs of the command line are started, disturbed and looked at afterwards.

Each run is a fork of this process, in which every module is loaded already, in a session of its own: a real process
with real solver processes, without the seconds that loading takes. ``fault`` is called in it before the command line.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hubopt.check import check
from hubopt.instance import Instance, read_instance, write_instance
from hubopt.solution import Solution, read_solution
from hubopt.solution.partial import BEST, partial_of
from hubopt.solution.write import RESULT

Fault = Callable[[], None]

HANGS = 600.0
"""Seconds after which a run counts as hanging; long, since a busy machine may leave it next to no time."""


@cache
def _load() -> None:
    """Load what the command line loads on the way, so that forks have it."""
    import geopandas  # noqa: F401
    import pyogrio  # noqa: F401

    import hubopt.cli.app
    import hubopt.solve.run
    import hubopt.viz  # noqa: F401


@dataclass
class Started:
    """A run that was started."""

    pid: int
    folder: Path
    name: str
    began: float = field(default_factory=time.monotonic)
    code: int | None = None

    def ended(self) -> bool:
        """Whether the run is over; its exit code (negative: the signal that ended it) is then in :attr:`code`."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code is not None

    def wait(self, seconds: float = HANGS) -> int:
        """The exit code; AssertionError if the run hangs."""
        ends = time.monotonic() + seconds
        while not self.ended():
            if time.monotonic() > ends:
                os.killpg(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError(f"hangs: {self.errors[-500:]}")
            time.sleep(0.01)
        assert self.code is not None
        return self.code

    def until(self, text: str, seconds: float = HANGS) -> bool:
        """Wait until the run has said what a pattern describes on stderr; False if it ended without."""
        ends = time.monotonic() + seconds
        while not re.search(text, self.errors):
            if self.ended() or time.monotonic() > ends:
                return False
            time.sleep(0.005)
        return True

    def send(self, number: signal.Signals, *, group: bool = True) -> None:
        """A signal to the run, or to its whole group as a terminal does."""
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.pid, number)

    @property
    def errors(self) -> str:
        """What it has said on stderr."""
        return (self.folder / f"{self.name}.err").read_text(encoding="utf-8", errors="replace")

    @property
    def said(self) -> str:
        """What it has said on stdout."""
        return (self.folder / f"{self.name}.out").read_text(encoding="utf-8", errors="replace")

    def solvers(self) -> list[int]:
        """Processes of the run's session other than the run itself and multiprocessing's helper."""
        return [pid for pid, line in _session(self.pid) if "resource_tracker" not in line]

    def alone(self, seconds: float = 20.0) -> bool:
        """Whether every process of the session ends within so many seconds."""
        ends = time.monotonic() + seconds
        while _session(self.pid):
            if time.monotonic() > ends:
                return False
            time.sleep(0.05)
        return True


def _session(leader: int) -> list[tuple[int, str]]:
    """Other processes of a session that are still alive, with their command lines."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == leader:
            continue
        with contextlib.suppress(OSError, IndexError, ValueError):
            state, _, _, session = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:4]
            if int(session) == leader and state != "Z":
                found.append((int(entry.name), (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()))
    return found


class Scene:
    """A folder with an instance in it, and the result folder ``out`` that runs in it write."""

    def __init__(self, folder: Path, instance: Instance, *options: str) -> None:
        _load()
        self.folder = folder
        self.options = options
        self.out = folder / "out"
        self.case = folder / "case"
        self._runs = 0
        write_instance(instance, self.case)
        self.instance = read_instance(self.case)

    @property
    def best(self) -> Path:
        """Where the best plan of an unfinished run is kept."""
        return partial_of(self.out) / BEST

    def clear(self) -> None:
        """Remove whatever runs have left."""
        for path in self.folder.iterdir():
            if path != self.case:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def solve(self, *more: str, fault: Fault | None = None, fresh: bool = True) -> Started:
        """Start ``hubopt solve``; ``fresh`` with the instance and --out."""
        where = ("case", "--out", "out") if fresh else ()
        return self.start("solve", *where, *self.options, *more, fault=fault)

    def resume(self, *more: str, fault: Fault | None = None) -> Started:
        """Start ``hubopt solve --resume out``."""
        return self.start("solve", "--resume", "out", *self.options, *more, fault=fault)

    def start(self, *arguments: str, fault: Fault | None = None) -> Started:
        """Start the command line in a fork."""
        self._runs += 1
        name = f"run{self._runs}"
        for end in ("out", "err"):
            (self.folder / f"{name}.{end}").touch()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            _become(self.folder, name, ["hubopt", *arguments], fault)
        return Started(pid, self.folder, name)

    # -- what is left ------------------------------------------------------------------------------------------------

    def result(self) -> Solution | None:
        """The result, which must be whole and right; None if there is none."""
        return self._whole(self.out)

    def kept(self) -> Solution | None:
        """The plan that is kept on the way, which must be whole and right; None if there is none."""
        return self._whole(self.best)

    def _whole(self, folder: Path) -> Solution | None:
        if not folder.exists():
            return None
        assert (folder / RESULT).is_file(), f"{folder.name} is there without its record"
        solution = read_solution(folder)
        assert solution.plan is not None
        report = check(
            self.instance, solution.policy, solution.plan, cost=solution.cost, objective=solution.proof.objective
        )
        assert report.ok, report.findings
        proof = solution.proof
        assert proof.objective is not None
        assert proof.bound is None or proof.bound <= proof.objective
        return solution

    def litter(self) -> list[str]:
        """Names of what lies about besides instance, result and what the runs said."""
        named = {self.case, self.out}
        return [
            path.name for path in self.folder.iterdir() if path not in named and path.suffix not in (".out", ".err")
        ]


def _become(folder: Path, name: str, argv: list[str], fault: Fault | None) -> None:
    """In the fork: be the command line, and end."""
    code = 70
    try:
        os.setsid()
        os.chdir(folder)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        for number, end in ((1, "out"), (2, "err")):
            os.dup2(os.open(folder / f"{name}.{end}", os.O_WRONLY | os.O_APPEND), number)
        sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8")
        sys.stderr = os.fdopen(os.dup(2), "w", encoding="utf-8", buffering=1)
        sys.argv = argv
        _speak_to(sys.stdout, sys.stderr)
        if fault is not None:
            fault()
        from hubopt.__main__ import main

        try:
            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(2, f"Traceback: {error!r}\n".encode())
    finally:
        os._exit(code)


def _speak_to(stdout: object, stderr: object) -> None:
    """Let the consoles of the command line, made when it was loaded, write where this run does."""
    from hubopt.cli import exits

    exits.out.file = stdout  # type: ignore[assignment]
    exits.err.file = stderr  # type: ignore[assignment]


@contextlib.contextmanager
def scene(instance: Instance, *options: str) -> Iterator[Scene]:
    """A scene in a folder that goes afterwards."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="hubopt-faults-") as folder:
        yield Scene(Path(folder), instance, *options)
