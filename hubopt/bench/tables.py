"""The tables of a run in Markdown: a line an instance, a line a solver, and what is to be said beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hubopt.bench.figures import (
    GAPS,
    Run,
    Summary,
    above_known,
    by_limits,
    contradictions,
    gap_of,
    is_disturbed,
    records,
    seconds_to,
    summaries,
)

Lines = list[str]

WAITED = "°"
"""Marks the seconds of a run that had to wait for its core."""


def amount(value: float | None, digits: int = 3) -> str:
    """An objective: thousands set apart, no trailing zeros."""
    if value is None or not math.isfinite(value):
        return "-"
    shown = f"{value:,.{digits}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def percent(share: float | None) -> str:
    """A share in percent with three decimals; what is next to nothing as 0."""
    if share is None or not math.isfinite(share):
        return "-"
    return "0" if abs(share) < 5e-6 else f"{100 * share:.3f}"


def clock(seconds: float | None) -> str:
    """Seconds with one decimal, two below ten."""
    if seconds is None or not math.isfinite(seconds):
        return "-"
    return f"{seconds:.2f}" if seconds < 10 else f"{seconds:.1f}"


def waited(run: Run) -> str:
    """Seconds of a run, marked where other work kept it waiting."""
    return clock(run["seconds"]) + (WAITED if is_disturbed(run) else "")


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> Lines:
    """A table; the first ``left`` columns stand left, the others right."""
    marks = ["---" if place < left else "---:" for place in range(len(head))]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in (head, marks, *rows)]


def summary_table(runs: Sequence[Run]) -> Lines:
    """A line for each solver: instances solved, times, gaps."""
    head = [
        "solver", "instances", "solved", "total s", "mean s", "solving s", "total CPU s", "process CPU s",
        "worst proven gap %", "mean above best known %", "worst above best known %", "peak MB",
        "answers that failed the check",
    ]  # fmt: skip
    return markdown(head, [_line(item) for item in summaries(runs)])


def _line(item: Summary) -> list[str]:
    return [
        item.solver,
        str(item.instances),
        str(item.solved),
        f"{item.seconds:,.1f}",
        clock(item.mean_seconds),
        clock(item.solving_seconds),
        clock(item.cpu_seconds),
        clock(item.process_cpu_seconds),
        "none on some" if item.worst_gap is None else percent(item.worst_gap),
        percent(item.mean_above),
        percent(item.worst_above),
        f"{item.peak_mb:,.0f}",
        str(item.unchecked),
    ]


def instance_table(runs: Sequence[Run]) -> Lines:
    """A line for each instance: the published value, and of each solver distance to it, proven gap and seconds."""
    solvers = [item.solver for item in summaries(runs)]
    is_published = any(run["known"] is not None for run in runs)
    names = ["above %" if is_published else "objective", "gap %", "s", "CPU s"]
    head = ["instance", *(["best known"] if is_published else [])]
    head += [f"{solver}: {name}" if name == names[0] else name for solver in solvers for name in names]
    rows = []
    for instance in dict.fromkeys(run["instance"] for run in runs):
        own = {run["solver"]: run for run in runs if run["instance"] == instance}
        first = next(iter(own.values()))
        known = (
            f"{amount(first['known'])}{'' if first['known_proven'] else ' *'}" if first["known"] is not None else "-"
        )
        row = [instance, *([known] if is_published else [])]
        for solver in solvers:
            row += _cells(own.get(solver), published=is_published)
        rows.append(row)
    return markdown(head, rows)


def _cells(run: Run | None, *, published: bool) -> list[str]:
    if run is None or run["state"] == "skipped":
        return ["-", "-", "-", "-"]
    times = [waited(run), clock(run.get("cpu_seconds"))]
    if run["objective"] is None:
        return [run["state"], "-", *times]
    first = percent(above_known(run)) if published else amount(run["objective"])
    mark = "" if run["checked"] else " !"
    return [first + mark, percent(gap_of(run["objective"], run["bound"])), *times]


def run_lines(runs: Sequence[Run], gaps: Sequence[float] = (0.05, 0.02, 0.01, 0.005)) -> Lines:
    """A line for each run: times to gaps, final gap, objective, bound, peak memory."""
    head = [
        "instance",
        "solver",
        *(f"s to {100 * gap:g} %" for gap in gaps),
        "gap %",
        "objective",
        "bound",
        "s",
        "CPU s",
        "peak MB",
    ]
    rows = [
        [
            run["instance"],
            run["solver"],
            *(clock(seconds_to(run, gap)) for gap in gaps),
            percent(gap_of(run["objective"], run["bound"])),
            amount(run["objective"], 1) + ("" if run["checked"] or run["objective"] is None else " !"),
            amount(run["bound"], 1),
            waited(run),
            clock(run.get("cpu_seconds")),
            f"{run['peak_mb']:,.0f}",
        ]
        for run in runs
        if run["state"] != "skipped"
    ]
    return markdown(head, rows, left=2)


def times_table(runs: Sequence[Run], gaps: Sequence[float] = (0.01, 0.001, 0.0001)) -> Lines:
    """A line for each solver: on how many instances it proved each gap, and the mean time it took where it did."""
    solvers = [item.solver for item in summaries(runs)]
    head = ["solver", *(text for gap in gaps for text in (f"proved {100 * gap:g} %", "mean s"))]
    rows = []
    for solver in solvers:
        row = [solver]
        for gap in gaps:
            own = [run for run in runs if run["solver"] == solver]
            times = [took for run in own if (took := seconds_to(run, gap)) is not None]
            row += [str(len(times)), clock(sum(times) / len(times) if times else None)]
        rows.append(row)
    return markdown(head, rows)


def remarks(runs: Sequence[Run]) -> Lines:
    """What is to be said beside the tables: what is skipped or failed, contradictions, records."""
    lines: Lines = []
    skipped: dict[tuple[str, str], list[str]] = {}
    for run in runs:
        if run["note"]:
            skipped.setdefault((run["solver"], run["note"]), []).append(run["instance"])
    for (solver, note), names in skipped.items():
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        lines.append(f"- {solver} on {shown}: {note}")
    lines += [f"- CONTRADICTION: {sentence}" for sentence in contradictions(runs)]
    for run in records(runs):
        known = amount(run["known"])
        if (above_known(run) or 0.0) < -1e-6:
            what = f"is better than the published {known}"
        else:
            what = f"is proven within the gap asked for; the published {known} was not proven"
        lines.append(
            f"- {run['instance']}: {amount(run['objective'])} by {run['solver']} {what} (bound {amount(run['bound'])}, "
            f"gap {percent(gap_of(run['objective'], run['bound']))} %)"
        )
    return lines


def suite_tables(runs: Sequence[Run], missing: Sequence[str] = (), *, scale: bool = False) -> Lines:
    """Everything about the runs of one suite, those of each limit by themselves."""
    lines = [line for group in by_limits(runs) for line in _group_tables(group, scale=scale)]
    said = [*(f"- {sentence}" for sentence in missing)]
    return [*lines, *said, *([""] if said else [])]


def _group_tables(runs: Sequence[Run], *, scale: bool) -> Lines:
    first = runs[0]
    lines = [
        f"{first['limit_seconds']:g} s for each run, relative gap {100 * first['gap_asked']:g} %, "
        f"{first['threads']} thread{'s' if first['threads'] > 1 else ''}, seed {first['seed']}.",
        "",
        *(run_lines(runs) if scale else summary_table(runs)),
        "",
    ]
    if not scale:
        lines += [*times_table(runs), "", *instance_table(runs), ""]
    said = remarks(runs)
    return [*lines, *said, *([""] if said else [])]


__all__ = [
    "GAPS", "amount", "clock", "instance_table", "markdown", "percent", "remarks", "run_lines",
    "suite_tables", "summary_table", "times_table", "waited",
]  # fmt: skip
