"""What a run leaves behind: tables as Parquet and Markdown, charts as SVG, answers that beat what is published."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from hubopt.bench.figures import (
    GAPS,
    Run,
    above_known,
    gap_of,
    profile,
    records,
    seconds_to,
    summaries,
    table,
    traces,
)
from hubopt.bench.kept import objective_there
from hubopt.bench.tables import suite_tables
from hubopt.texts import Texts
from hubopt.viz.bench_charts import SMALLEST, dots_chart, profile_chart, progress_chart
from hubopt.viz.plotting import Chart

MOST_PROGRESS = 30
"""Charts of gap over time that are drawn at most."""

_TIMES = {"time-1": 0.01, "time-01": 0.001, "time-001": 0.0001}
assert set(_TIMES.values()) <= set(GAPS)


def charts_of(runs: Sequence[Run], texts: Texts) -> list[Chart]:
    """The charts of a suite's runs; those without a point are left out."""
    solvers = [item.solver for item in summaries(runs)]
    own = {solver: [run for run in runs if run["solver"] == solver] for solver in solvers}
    above = {x: [(r["instance"], 100 * v) for r in own[x] if (v := above_known(r)) is not None] for x in solvers}
    gaps = {
        x: [(r["instance"], 100 * v) for r in own[x] if (v := gap_of(r["objective"], r["bound"])) is not None]
        for x in solvers
    }
    charts = []
    for name, points in (("above", above), ("gaps", gaps)):
        if any(points.values()):
            charts.append(dots_chart(name, points, texts, least=100 * SMALLEST))
    for name, gap in _TIMES.items():
        points = {x: [(r["instance"], v) for r in own[x] if (v := seconds_to(r, gap)) is not None] for x in solvers}
        if any(points.values()):
            charts.append(dots_chart(name, points, texts, least=0.01))
    ratios = profile(runs)
    if any(ratios.values()):
        charts.append(profile_chart(ratios, texts))
    for instance in _slowest(runs):
        lines = {
            run["solver"]: [(at, best, bound) for at, best, bound in run["trace"]]
            for run in runs
            if run["instance"] == instance and run["trace"]
        }
        if any(best is not None and bound is not None for line in lines.values() for _, best, bound in line):
            charts.append(progress_chart(re.sub(r"[^\w.-]", "-", instance), instance, lines, texts))
    return charts


def _slowest(runs: Sequence[Run]) -> list[str]:
    """Instances on which most time was spent: at most so many as are drawn."""
    spent: dict[str, float] = {}
    for run in runs:
        seconds = run["seconds"]
        spent[run["instance"]] = spent.get(run["instance"], 0.0) + (seconds if seconds is not None else 0.0)
    chosen = sorted(spent, key=lambda instance: -spent[instance])[:MOST_PROGRESS]
    return [instance for instance in spent if instance in chosen]


def answer_json(run: Run) -> str:
    """A better or newly proven answer with what is needed to recompute it from the published file."""
    content = {
        "family": run["family"],
        "instance": run["instance"],
        "file": run["file"],
        "objective": run["objective"],
        "bound": run["bound"],
        "published": run["known"],
        "solver": run["solver"],
        "versions": run["versions"],
        **(run["plan"] or {}),
    }
    return json.dumps(content, indent=1)


def write_output(runs: Sequence[Run], folder: Path, texts: Texts, missing: Sequence[str], *, scale: bool) -> list[Path]:
    """Write everything into ``folder`` and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "runs.parquet", folder / "traces.parquet", folder / "table.md"]
    table(runs).to_parquet(written[0], index=False)
    traces(runs).to_parquet(written[1], index=False)
    written[2].write_text("\n".join(suite_tables(runs, missing, scale=scale)).rstrip() + "\n", encoding="utf-8")
    for chart in charts_of(runs, texts):
        path = folder / f"{chart.name}.svg"
        path.write_bytes(chart.file("svg"))
        written.append(path)
    for run in records(runs):
        (folder / "answers").mkdir(exist_ok=True)
        path = folder / "answers" / f"{run['instance']}.json"
        if not path.exists() or _is_better(run, path):
            path.write_text(answer_json(run), encoding="utf-8")
        written.append(path)
    return written


def _is_better(run: Run, path: Path) -> bool:
    before = objective_there(path)
    sign = -1.0 if run["sense"] == "max" else 1.0
    return before is None or bool(sign * run["objective"] < sign * before - 1e-9)
