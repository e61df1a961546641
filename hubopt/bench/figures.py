"""What a run amounts to in figures: gaps, times to gaps; the table of runs as Parquet; sums over a suite."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from hubopt.bench.kept import read_run

Run = Mapping[str, Any]

COLUMNS: tuple[str, ...] = (
    "suite", "instance", "family", "solver", "kind", "name", "form", "state", "objective", "bound", "gap", "known",
    "known_proven", "known_source", "above_known", "seconds", "cpu_seconds", "process_cpu_seconds", "build_seconds",
    "check_seconds", "wall_seconds", "peak_mb", "limit_seconds",
    "gap_asked", "threads", "seed", "sense", "method", "columns", "rows", "checked", "note", "file",
    "case_sha256", "key", "ended_at", "load",
)  # fmt: skip
"""Columns of the table of runs."""

LATER = ("cpu_seconds", "process_cpu_seconds", "check_seconds")
"""Columns that runs of earlier versions lack."""

GAPS: tuple[float, ...] = (0.05, 0.02, 0.01, 0.005, 0.001, 0.0001)
"""Relative gaps whose times are kept."""

NEAR = 1e-6
"""Relative difference that is taken for rounding when values are compared."""

SHIFT_SECONDS = 1.0
"""Shift of the mean of times, so that trivial instances do not decide it."""


def gap_of(objective: float | None, bound: float | None) -> float | None:
    """|objective - bound| / |objective|, None while one is missing."""
    if objective is None or bound is None:
        return None
    return abs(objective - bound) / max(abs(objective), 1e-9)


def above_known(run: Run) -> float | None:
    """How much worse than the published value the objective is, as a share of that; negative if it is better."""
    known, objective = run["known"], run["objective"]
    if known is None or objective is None:
        return None
    sign = -1.0 if run["sense"] == "max" else 1.0
    return float(sign * (objective - known) / max(abs(known), 1e-9))


def seconds_to(run: Run, gap: float) -> float | None:
    """Seconds after which the run's gap was at most ``gap``; None if it never was.

    A run that says it is optimal within a gap as small counts as done when it ended, even if its trace is coarse.
    """
    for at, best, bound in run["trace"] or ():
        reached = gap_of(best, bound)
        if reached is not None and reached <= gap * (1 + 1e-6):
            return float(at)
    ended = gap_of(run["objective"], run["bound"])
    return float(run["seconds"]) if ended is not None and ended <= gap * (1 + 1e-6) else None


FULL_SHARE = 0.85
"""Share of a core that a run of one thread has to have had to count as undisturbed."""

SHORT_SECONDS = 0.5
"""Runs shorter than this are never said to be disturbed: a tick of a clock decides their share."""


def core_share(run: Run) -> float | None:
    """Share of a core that a run of one thread had; None where it cannot be told, or the run was too short for it."""
    spent, seconds = run.get("cpu_seconds"), run["seconds"]
    if spent is None or seconds is None or run["threads"] != 1 or seconds < SHORT_SECONDS:
        return None
    return float(spent / seconds)


def is_disturbed(run: Run) -> bool:
    """Whether other work of the machine kept a run of one thread waiting."""
    share = core_share(run)
    return share is not None and share < FULL_SHARE


def is_solved(run: Run) -> bool:
    """Whether the run proved its answer within the gap asked for, and the answer passed its check."""
    return run["state"] == "optimal" and bool(run["checked"])


def table(runs: Iterable[Run]) -> pd.DataFrame:
    """One row for each run, with the times to :data:`GAPS` as ``to_5%`` and so on."""
    rows = []
    for run in runs:
        derived = {"gap": gap_of(run["objective"], run["bound"]), "above_known": above_known(run)}
        derived |= {name: run.get(name) for name in LATER}
        row = {name: derived[name] if name in derived else run[name] for name in COLUMNS}
        rows.append(row | {f"to_{100 * gap:g}%": seconds_to(run, gap) for gap in GAPS})
    kinds = dict.fromkeys(("objective", "bound", "gap", "known", "above_known", "seconds"), "float64")
    kinds |= dict.fromkeys((*LATER, "build_seconds"), "float64")
    kinds |= {f"to_{100 * gap:g}%": "float64" for gap in GAPS}
    frame = pd.DataFrame(rows, columns=[*COLUMNS, *(f"to_{100 * gap:g}%" for gap in GAPS)])
    return frame.astype(kinds).astype({"columns": "Int64", "rows": "Int64", "known_proven": "boolean"})


def traces(runs: Iterable[Run]) -> pd.DataFrame:
    """One row for each improvement of a run: key, instance, solver, seconds, incumbent, bound."""
    rows = [(run["key"], run["instance"], run["solver"], *point) for run in runs for point in (run["trace"] or ())]
    names = ["key", "instance", "solver", "seconds", "incumbent", "bound"]
    return pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[3:], "float64"))


@dataclass(frozen=True)
class Summary:
    """Sums over the runs of one solver; shares and gaps are relative, None where nothing can be said.

    ``mean_seconds`` is the geometric mean shifted by one second over instances that it was run on, unsolved ones
    counting their limit. ``solving_seconds`` are those of the answer alone (:func:`solving_seconds`); they and the CPU
    seconds are summed as they are, None where a run did not count them.
    """

    solver: str
    instances: int
    solved: int
    unchecked: int
    seconds: float
    mean_seconds: float
    solving_seconds: float | None
    cpu_seconds: float | None
    process_cpu_seconds: float | None
    worst_gap: float | None
    mean_above: float | None
    worst_above: float | None
    peak_mb: float


def summaries(runs: Sequence[Run]) -> list[Summary]:
    """A summary for each solver that was run, in the order in which they first occur."""
    found = []
    for solver in dict.fromkeys(run["solver"] for run in runs):
        own = [run for run in runs if run["solver"] == solver and run["state"] != "skipped"]
        if not own:
            continue
        times = [counted_seconds(run) for run in own]
        gaps = [gap_of(run["objective"], run["bound"]) for run in own]
        above = [value for run in own if (value := above_known(run)) is not None]
        found.append(
            Summary(
                solver=solver,
                instances=len(own),
                solved=sum(is_solved(run) for run in own),
                unchecked=sum(run["objective"] is not None and not run["checked"] for run in own),
                seconds=sum(times),
                mean_seconds=math.exp(np.mean([math.log(value + SHIFT_SECONDS) for value in times])) - SHIFT_SECONDS,
                solving_seconds=_sum([solving_seconds(run) for run in own]),
                cpu_seconds=_sum([run.get("cpu_seconds") for run in own]),
                process_cpu_seconds=_sum([run.get("process_cpu_seconds") for run in own]),
                worst_gap=max(gap for gap in gaps if gap is not None) if None not in gaps else None,
                mean_above=float(np.mean(above)) if above else None,
                worst_above=max(above) if above else None,
                peak_mb=max(run["peak_mb"] for run in own),
            )
        )
    return found


def solving_seconds(run: Run) -> float | None:
    """Seconds from a program in memory to its answer: without building and the check; None where nobody knows.

    A rival's seconds are those already.
    """
    if run["seconds"] is None or run["kind"] == "rival":
        return None if run["seconds"] is None else float(run["seconds"])
    built, checked = run["build_seconds"], run.get("check_seconds")
    return None if built is None or checked is None else max(0.0, float(run["seconds"] - built - checked))


def _sum(values: Sequence[float | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def counted_seconds(run: Run) -> float:
    """Seconds that a run counts: its own, or its limit if it did not solve the instance."""
    own = float(run["seconds"] if run["seconds"] is not None else run["wall_seconds"])
    return own if is_solved(run) else max(own, float(run["limit_seconds"]))


def profile(runs: Sequence[Run]) -> dict[str, list[float]]:
    """For each solver the ratios of its time to the best time, over instances that some solver solved; infinite if not.

    Only instances on which every solver was run count.
    """
    solvers = [item.solver for item in summaries(runs)]
    by_instance: dict[str, dict[str, float]] = {}
    for run in runs:
        if run["solver"] in solvers and run["state"] != "skipped":
            # a tenth of a second is noise
            took = max(0.1, float(run["seconds"])) if is_solved(run) else math.inf
            by_instance.setdefault(run["instance"], {})[run["solver"]] = took
    ratios: dict[str, list[float]] = {solver: [] for solver in solvers}
    for times in by_instance.values():
        best = min(times.values())
        if len(times) == len(solvers) and math.isfinite(best):
            for solver in solvers:
                ratios[solver].append(times[solver] / best)
    return ratios


def contradictions(runs: Sequence[Run]) -> list[str]:
    """Sentences about bounds that lie beyond a checked answer or a proven published value: one of the two is wrong."""
    found = []
    for instance in dict.fromkeys(run["instance"] for run in runs):
        own = [run for run in runs if run["instance"] == instance]
        sign = -1.0 if any(run["sense"] == "max" for run in own) else 1.0
        answers = [
            (sign * run["objective"], run["solver"]) for run in own if run["checked"] and run["objective"] is not None
        ]
        known = own[0]["known"]
        if known is not None:
            answers.append((sign * known, "the published value"))
        for run in own:
            if run["bound"] is None or not answers:
                continue
            best, who = min(answers)
            if sign * run["bound"] > best + NEAR * max(1.0, abs(best)):
                beyond = f"lies beyond {sign * best:,.6f} of {who}"
                found.append(f"{instance}: the bound {run['bound']:,.6f} of {run['solver']} {beyond}")
    return found


def records(runs: Sequence[Run]) -> list[Run]:
    """Checked runs of hubopt that are better than the published value, or prove it where nobody had.

    Where bounds and answers of one instance contradict each other nothing counts.
    """
    doubtful = {sentence.partition(": ")[0] for sentence in contradictions(runs)}
    found = []
    for run in runs:
        if run["kind"] != "hubopt" or not run["checked"] or run["known"] is None or run["instance"] in doubtful:
            continue
        above = above_known(run)
        assert above is not None
        better = above < -NEAR
        proven = not run["known_proven"] and run["state"] == "optimal" and above <= NEAR
        if better or proven:
            found.append(run)
    return found


def read_runs(folder: Path) -> list[Run]:
    """Every run that is kept in ``folder``, in the order in which they ended.

    Raises
    ------
    InputError
        If one of them is damaged.
    """
    kept = [read_run(path) for path in sorted((folder / "runs").glob("*.json"))]
    return sorted(kept, key=lambda run: (run["ended_at"], run["instance"], run["solver"]))


def _limits(run: Run) -> tuple[Any, ...]:
    return tuple(run[name] for name in ("limit_seconds", "gap_asked", "threads", "seed"))


def by_limits(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs in groups of the same limits, which alone can stand in one table."""
    groups: dict[tuple[Any, ...], list[Run]] = {}
    for run in runs:
        groups.setdefault(_limits(run), []).append(run)
    return list(groups.values())


def latest(runs: Sequence[Run]) -> list[Run]:
    """The latest run of each solver on each instance, of those with the limits of the very latest one of its family."""
    last = {run["family"]: _limits(run) for run in runs}
    chosen = {(run["instance"], run["solver"]): run for run in runs if _limits(run) == last[run["family"]]}
    places = {instance: place for place, instance in enumerate(dict.fromkeys(run["instance"] for run in runs))}
    return sorted(chosen.values(), key=lambda run: places[run["instance"]])
