"""A process under watch: its memory with that of all it starts, and a clock that ends it when it runs on and on."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

LOOK_SECONDS = 0.2
"""How often the memory is looked at."""

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Outcome:
    """How a process ended: its code (negative: the signal), wall seconds, peak memory (MB), and why it was ended."""

    code: int
    seconds: float
    peak_mb: float
    ended: str = ""


def _members(session: int) -> float:
    """Resident MB of the processes of a session."""
    total = 0
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            # the name in brackets may hold blanks: what follows the last bracket is state, parent, group, session
            after = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(after[3]) == session:
                total += int((entry / "statm").read_text().split()[1])
    return total * _PAGE / 2**20


def run_watched(
    command: Sequence[str],
    *,
    log: Path,
    seconds: float,
    memory_gib: float | None,
    stop: Event,
    environment: Mapping[str, str] | None = None,
) -> Outcome:
    """Run a command in a session of its own until it ends, ``seconds`` are over, it takes too much memory, or ``stop``.

    What it prints goes to ``log``. Whatever ends it, no process of its session is left.
    """
    started, peak, ended = time.monotonic(), 0.0, ""
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
        try:
            while (finished := _reaped(process)) is None:
                peak = max(peak, _members(process.pid))
                if stop.wait(LOOK_SECONDS):
                    ended = "interrupt"
                elif time.monotonic() - started > seconds:
                    ended = f"it ran on beyond {seconds:.0f} s"
                elif memory_gib is not None and peak > memory_gib * 1024:
                    ended = f"it took more than {memory_gib:g} GiB"
                if ended:
                    _end(process.pid)
                    finished = _reaped(process, wait=True)
                    break
        except BaseException:
            _end(process.pid)
            _reaped(process, wait=True)
            raise
    # what the process started and left behind
    _end(process.pid)
    assert finished is not None
    code, largest = finished
    return Outcome(code, time.monotonic() - started, max(peak, largest), ended)


def _reaped(process: subprocess.Popen[bytes], *, wait: bool = False) -> tuple[int, float] | None:
    """Code and largest resident MB of a process that has ended, None while it runs."""
    pid, status, usage = os.wait4(process.pid, 0 if wait else os.WNOHANG)
    if pid == 0:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_maxrss / 1024


def _end(session: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module with this Python."""
    return [sys.executable, "-m", module, *arguments]
