"""One input for one reader, watched: a valid read, a list of problems, or a fault with where it happened."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import process_time
from types import FrameType
from typing import Any, Literal

from hubopt.instance import InputError
from hubopt.instance.intake import LIMIT_VARIABLE
from tests.fuzz.mutations import any_bytes
from tests.fuzz.reader import Reader, mutators_of

CPU_SECONDS = 10.0
"""Longest time of one read; the sound inputs take hundredths of a second."""

MEMORY = 6 << 30
"""Most address space of the process, in bytes."""

GROWTH = 500e6
"""Most bytes by which one read may raise the peak of the memory in use; the inputs are of kilobytes."""

INPUT_MB = 64
"""What a file may take while fuzzing: bombs are to be refused long before they fill the memory."""

Outcome = Literal["valid", "refused", "fault"]


@dataclass(frozen=True)
class Verdict:
    """What became of an input; ``why``: first problem, or where the fault was; ``seconds`` of CPU."""

    outcome: Outcome
    seconds: float
    why: str = ""
    trace: str = ""


class TooSlowError(BaseException):
    """The time of one read is up; no reader may catch it."""


def _late(_signal: int, _frame: FrameType | None) -> None:
    raise TooSlowError


class Escapes:
    """Files that are written, removed or run outside one folder, and connections, by Python's own report of them."""

    def __init__(self) -> None:
        self.allowed: Path | None = None
        self.found: list[str] = []
        sys.addaudithook(self._hear)

    def _outside(self, path: object) -> bool:
        if self.allowed is None or not isinstance(path, str | bytes | os.PathLike):
            return False
        full = str(Path.cwd() / os.fsdecode(path))
        return not full.startswith((str(self.allowed), "/dev/null", "/proc/self"))

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if self.allowed is None:
            return
        if event == "open":
            path, mode, flags = args
            writes = (isinstance(mode, str) and any(mark in mode for mark in "wax+")) or (
                mode is None and isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
            )
            if writes and self._outside(path) and "__pycache__" not in str(path):
                self.found.append(f"{event} {path}")
        elif event in ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.symlink", "shutil.rmtree"):
            if self._outside(args[0]) and "__pycache__" not in str(args[0]):
                self.found.append(f"{event} {args[0]}")
        elif event in (
            "subprocess.Popen",
            "os.system",
            "os.exec",
            "os.posix_spawn",
            "socket.connect",
            "pickle.find_class",
        ):
            self.found.append(f"{event} {args[:2]}")

    @contextmanager
    def watched(self, folder: Path) -> Iterator[list[str]]:
        """What leaves ``folder`` while the block runs."""
        self.found = []
        self.allowed = folder
        try:
            yield self.found
        finally:
            self.allowed = None


def limit_process() -> None:
    """Bound the memory of this process, and what input files may take in it."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
    os.environ[LIMIT_VARIABLE] = str(INPUT_MB)


def changed(reader: Reader, seed: int) -> dict[str, bytes]:
    """The files of an input that differ from the sound ones, made from a seed."""
    chance = Random(f"{reader.name} {seed}")
    files = reader.files()
    names = sorted(name for name in files if name.endswith(reader.changed))
    chosen = chance.sample(names, min(len(names), chance.choice((1, 1, 1, 2, 3))))
    gentle = reader.gentle and chance.random() < 0.8
    result = {}
    for name in chosen:
        content = files[name]
        for _ in range(chance.choice((1, 1, 2, 3))):
            content = _changed(content, name, chance, gentle=gentle)
        result[name] = content
    if not gentle and chance.random() < 0.01:
        result[chosen[0]] = chance.randbytes(chance.randrange(200))
    return result


def _changed(content: bytes, name: str, chance: Random, *, gentle: bool) -> bytes:
    """One change; by bytes where an earlier one has left no structure to be changed."""
    try:
        return chance.choice(mutators_of(name, gentle=gentle))(content, chance)
    except Exception:
        return any_bytes(content, chance)


def lay(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "/hubopt/" in frame.filename]
    last = own[-1] if own else frames[-1]
    return f"{type(error).__name__} in {last.filename.rpartition('/main/')[2]}:{last.name}"


def _judged(error: InputError) -> str | None:
    """What is wrong with how a reader refuses; None if nothing is."""
    if not error.problems:
        return "refused without a problem"
    for problem in error.problems:
        if not problem.file or not problem.message or not problem.mend:
            return f"a problem without file, message or mend: {problem!r}"
        if problem.warning:
            return f"refused for a warning: {problem}"
    return None


def watch(reader: Reader, folder: Path, escapes: Escapes) -> Verdict:
    """Read the input in ``folder``."""
    before = set(folder.rglob("*"))
    begin = process_time()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    old = signal.signal(signal.SIGPROF, _late)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    outcome: Outcome = "valid"
    why = trace = ""
    try:
        with warnings.catch_warnings(), escapes.watched(folder) as left:
            warnings.simplefilter("ignore")
            reader.read(folder)
    except InputError as error:
        outcome, why = "refused", str(error.problems[0]) if error.problems else ""
        if wrong := _judged(error):
            outcome, why = "fault", wrong
    except TooSlowError as error:
        outcome, why, trace = "fault", f"more than {CPU_SECONDS:g} s: {_place(error)}", traceback.format_exc()
    except BaseException as error:  # whatever it is, it is a fault to be told
        outcome, why, trace = "fault", _place(error), traceback.format_exc()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, old)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - most
    if outcome != "fault" and grown > GROWTH:
        outcome, why = "fault", f"took more than {GROWTH / 1e6:,.0f} MB of memory"
    if left:
        outcome, why = "fault", f"left its folder: {left[0]}"
    if made := set(folder.rglob("*")) - before:
        outcome, why = "fault", f"made a file beside its input: {sorted(made)[0].name}"
    return Verdict(outcome, process_time() - begin, why, trace)


def run_seeds(reader: Reader, seeds: range, scratch: Path, escapes: Escapes) -> Iterator[tuple[int, Verdict]]:
    """Verdicts of the inputs made from ``seeds``, one after the other in one folder."""
    folder = scratch / "input"
    shutil.rmtree(folder, ignore_errors=True)
    sound = reader.files()
    lay(folder, sound)
    reader.read(folder)  # loads what it needs; and a sound input is sound
    for seed in seeds:
        new = changed(reader, seed)
        lay(folder, new)
        yield seed, watch(reader, folder, escapes)
        made = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - set(sound)
        for name in made:
            (folder / name).unlink()
        lay(folder, {name: sound[name] for name in new})
