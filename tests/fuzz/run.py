"""The long run: many changed inputs for every reader, over several processes, and a table of what became of them.

    python -m tests.fuzz.run --inputs 100000

A process that dies or hangs in native code is noticed, told of with its input, and replaced. A long run can be done in
parts, with seeds of their own, whose counts are saved and joined.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing as mp
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from tests.between import fill
from tests.fuzz.readers import READERS
from tests.fuzz.watch import Escapes, limit_process, run_seeds

BATCH = 100
"""Inputs that a process reads before it tells of itself."""

STRIDE = 5
"""Inputs after which it says how far it is."""

WALL_SECONDS = 900.0
"""Longest silence of a process within one batch; the machine may be busy with other things."""

DRAWER = "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass
class Tally:
    """Counts of one reader."""

    inputs: int = 0
    valid: int = 0
    refused: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    seed_of: dict[str, int] = field(default_factory=dict)
    trace_of: dict[str, str] = field(default_factory=dict)


def _work(pipe: Connection) -> None:
    """Read batches that come through the pipe; before each input its seed is sent, after it the verdict."""
    limit_process()
    escapes = Escapes()
    with tempfile.TemporaryDirectory(dir=DRAWER) as scratch:
        while (task := pipe.recv()) is not None:
            name, first, last = task
            seeds = range(first, last)
            told = []
            pipe.send(("begin", first))
            for seed, verdict in run_seeds(READERS[name], seeds, Path(scratch), escapes):
                told.append((seed, verdict.outcome, verdict.seconds, verdict.why, verdict.trace))
                if len(told) % STRIDE == 0:
                    pipe.send(("at", seed + 1))
            pipe.send(("done", told))


@dataclass
class _Worker:
    process: Any
    pipe: Connection
    task: tuple[str, int, int] | None = None
    at: int = 0
    heard: float = 0.0


def _worker() -> _Worker:
    context = mp.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_work, args=(there,), daemon=True)
    process.start()
    there.close()
    return _Worker(process, here)


def saved(tallies: Mapping[str, Tally]) -> str:
    """The counts as JSON."""
    return json.dumps({name: vars(tally) for name, tally in tallies.items()}, indent=1)


def joined(files: Iterable[Path]) -> dict[str, Tally]:
    """The counts of several runs together."""
    tallies: dict[str, Tally] = {}
    for file in files:
        for name, record in json.loads(file.read_text(encoding="utf-8")).items():
            other = Tally(**{**record, "faults": Counter(record["faults"])})
            tally = tallies.setdefault(name, Tally())
            tally.inputs += other.inputs
            tally.valid += other.valid
            tally.refused += other.refused
            tally.faults += other.faults
            tally.slowest = max(tally.slowest, other.slowest)
            tally.seed_of |= other.seed_of
            tally.trace_of |= other.trace_of
    return tallies


def fuzz(names: list[str], inputs: int, first: int, processes: int, save: Path | None = None) -> dict[str, Tally]:
    """Read ``inputs`` changed inputs, shared out among the readers, from seed ``first`` on."""
    unit = inputs / sum(READERS[name].share for name in names)
    last = {name: first + math.ceil(unit * READERS[name].share) for name in names}
    starts = range(first, max(last.values()), BATCH)
    tasks = [(name, at, min(at + BATCH, last[name])) for at in starts for name in names if at < last[name]]
    tasks.reverse()
    tallies = {name: Tally() for name in names}
    workers = [_worker() for _ in range(min(processes, len(tasks)))]
    while tasks or any(worker.task for worker in workers):
        for worker in workers:
            if worker.task is None and tasks:
                worker.task = tasks.pop()
                worker.at, worker.heard = worker.task[1], time.monotonic()
                worker.pipe.send(worker.task)
        busy = {worker.pipe: worker for worker in workers if worker.task}
        for pipe in wait(list(busy), timeout=5.0):
            _hear(busy[pipe], tallies, save)  # type: ignore[index]
        for at, worker in enumerate(workers):
            silent = worker.task is not None and time.monotonic() - worker.heard > WALL_SECONDS
            if worker.task is not None and (silent or not worker.process.is_alive()):
                _lost(worker, "hangs in native code" if silent else f"died ({worker.process.exitcode})", tallies, tasks)
                workers[at] = _worker()
    for worker in workers:
        worker.pipe.send(None)
        worker.process.join(30)
    return tallies


def _hear(worker: _Worker, tallies: dict[str, Tally], save: Path | None) -> None:
    assert worker.task is not None
    try:
        kind, content = worker.pipe.recv()
    except EOFError:
        worker.process.join(30)
        return
    worker.heard = time.monotonic()
    if kind in ("begin", "at"):
        worker.at = content
        return
    tally = tallies[worker.task[0]]
    for seed, outcome, seconds, why, trace in content:
        tally.inputs += 1
        tally.slowest = max(tally.slowest, seconds)
        if outcome == "fault":
            tally.faults[why] += 1
            if why not in tally.seed_of:
                tally.seed_of[why], tally.trace_of[why] = seed, trace
                print(f"\n{worker.task[0]}, seed {seed}: {why}\n{trace}", file=sys.stderr, flush=True)
        else:
            tally.valid += outcome == "valid"
            tally.refused += outcome == "refused"
    worker.task = None
    if save is not None:
        save.write_text(saved(tallies), encoding="utf-8")


def _lost(worker: _Worker, why: str, tallies: dict[str, Tally], tasks: list[tuple[str, int, int]]) -> None:
    """Note that a process is gone; go on after the inputs among which it was."""
    assert worker.task is not None
    name, _, last = worker.task
    tally = tallies[name]
    message = f"{why} at one of the seeds {worker.at} to {min(worker.at + STRIDE, last)}"
    tally.faults[message] += 1
    tally.inputs += 1
    print(f"\n{name}: {message}", file=sys.stderr, flush=True)
    worker.process.kill()
    if worker.at + STRIDE < last:
        tasks.append((name, worker.at + STRIDE, last))


def table(tallies: dict[str, Tally]) -> str:
    """The outcome by reader, in Markdown."""
    rows = [
        (name, t.inputs, t.valid, t.refused, sum(t.faults.values()), f"{t.slowest:.2f}") for name, t in tallies.items()
    ]
    all_of = [sum(int(row[at]) for row in rows) for at in range(1, 5)]
    rows.append(("all", *all_of, max((row[5] for row in rows), key=float, default="0")))  # type: ignore[arg-type]
    head = ("reader", "inputs", "valid reads", "refused with problems", "crashes", "slowest, CPU s")
    lines = [head, ("---", *["---:"] * 5), *rows]
    return "\n".join(
        "| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row) + " |" for row in lines
    )


def main() -> int:
    """Run, print the table; 1 if there was any fault."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--inputs", type=int, default=100_000, help="changed inputs over all readers")
    ask.add_argument("--seed", type=int, default=0, help="first seed; the same seeds give the same inputs")
    ask.add_argument("--processes", type=int, default=2)
    ask.add_argument("--reader", action="append", choices=sorted(READERS), help="only this one (may be repeated)")
    ask.add_argument("--save", type=Path, help="file (JSON) that takes counts and faults, batch by batch")
    ask.add_argument("--join", type=Path, nargs="+", help="make the table of saved counts instead of new ones")
    ask.add_argument("--write", type=Path, help="page whose table is written anew")
    given = ask.parse_args()
    begin = time.monotonic()
    if given.join:
        tallies = joined(given.join)
    else:
        tallies = fuzz(given.reader or list(READERS), given.inputs, given.seed, given.processes, given.save)
        print(f"{time.monotonic() - begin:,.0f} s\n")
    if given.write is not None:
        fill(given.write, "fuzz", table(tallies))
    print(table(tallies))
    return int(any(tally.faults for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
