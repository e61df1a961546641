"""The compare-instances command: a table and charts of what makes instances differ."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hubopt.cli.exits import err, guarded, out
from hubopt.cli.options import Threads, finite_if_any
from hubopt.cli.results import write_whole
from hubopt.cli.speech import Lang, LangOption, say, spoken
from hubopt.instance import InputError, Problem, read_instance
from hubopt.texts import Texts

FEATURES: Mapping[str, str] = {
    "zones": ",.0f", "hub": ",.0f", "utc": ",.0f", "station": ",.0f", "commodities": ",.0f", "periods": ",.0f",
    "arcs": ",.0f", "single_sourced": ",.0f", "demand_t_d": ",.6g", "capacity_ratio": ".2f", "fixed_ratio": ".3g",
    "cost_spread": ".2f", "density": ".1%", "clustering": ".2f",
}  # fmt: skip
"""Figures of an instance in the order of the table, and how they are written."""

HARDNESS: Mapping[str, str] = {
    "lp_bound": ",.8g", "objective": ",.8g", "bound": ",.8g", "lp_gap": ".3%", "gap": ".3%", "seconds": ".1f",
}  # fmt: skip
"""Figures of a solve."""

Row = dict[str, float]


def _written(value: float, form: str) -> str:
    return format(value, form) if math.isfinite(value) else "-"


def _rows(folders: Sequence[Path], seconds: float | None, threads: int) -> dict[str, Row]:
    """Figures by the name of the instance: that of its folder, or the whole path where two folders have one name."""
    from hubopt.study.instances import features, hardness

    names = [folder.resolve().name for folder in folders]
    instances = {
        name if names.count(name) == 1 else str(folder): read_instance(folder)
        for name, folder in zip(names, folders, strict=True)
    }
    rows: dict[str, Row] = {}
    for name, instance in instances.items():
        rows[name] = asdict(features(instance))
        if seconds is not None:
            err.print(escape(say("instances.solving", name=name, seconds=f"{seconds:g}")))
            rows[name] |= asdict(hardness(instance, seconds, threads))
    return rows


def _forms(rows: Mapping[str, Row]) -> dict[str, str]:
    return {key: form for key, form in {**FEATURES, **HARDNESS}.items() if all(key in row for row in rows.values())}


def as_csv(rows: Mapping[str, Row]) -> str:
    """One line for each instance, figures in full; nothing where a figure has no meaning."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    forms = _forms(rows)
    writer.writerow(["instance", *forms])
    for name, row in rows.items():
        writer.writerow([name, *(row[key] if math.isfinite(row[key]) else "" for key in forms)])
    return stream.getvalue()


def as_markdown(rows: Mapping[str, Row]) -> str:
    """One line for each instance, as a table in Markdown."""
    forms = _forms(rows)
    heads = [say("instances.instance"), *(say(f"instances.{key}") for key in forms)]
    lines = [heads, ["---", *("---:" for _ in forms)]]
    lines += [[name, *(_written(row[key], form) for key, form in forms.items())] for name, row in rows.items()]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _charts(rows: Mapping[str, Row], folder: Path) -> None:
    from hubopt.viz.instance_charts import hardness_chart, size_chart, tightness_chart

    texts, names, figures = Texts(spoken()), list(rows), list(rows.values())
    charts = [size_chart(names, figures, texts), tightness_chart(names, figures, texts)]
    if "seconds" in _forms(rows):
        charts.append(hardness_chart(names, figures, texts))
    folder.mkdir(parents=True, exist_ok=True)
    for chart in charts:
        write_whole(folder / f"{chart.name}.svg", chart.file("svg").decode("utf-8"))


def run(
    folders: list[Path], seconds: float | None, threads: int, *, table: Path | None, markdown: Path | None,
    charts: Path | None,
) -> None:  # fmt: skip
    """Print the figures of the instances in ``folders``; write them as CSV, Markdown and charts where asked.

    Raises
    ------
    InputError
        If a folder holds no sound instance, is given twice, or charts would go where there is a file.
    """
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise InputError([Problem("DIR", "gives one folder twice", "give each instance once")])
    if charts is not None and charts.exists() and not charts.is_dir():
        raise InputError([Problem(str(charts), "is not a folder", "give another place")])
    rows = _rows(folders, seconds, threads)
    shown = Table(box=None, pad_edge=False, header_style="bold")
    shown.add_column("")
    for name in rows:
        shown.add_column(escape(name), justify="right")
    for key, form in _forms(rows).items():
        shown.add_row(say(f"instances.{key}"), *(_written(row[key], form) for row in rows.values()))
    out.print(shown)
    if table is not None:
        write_whole(table, as_csv(rows))
    if markdown is not None:
        write_whole(markdown, as_markdown(rows))
    if charts is not None:
        _charts(rows, charts)


def command(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of instances.", show_default=False)],
    solve: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            callback=finite_if_any,
            metavar="SECONDS",
            help="Solve the relaxation and each instance, at most so long, and show how hard they are.",
        ),
    ] = None,
    threads: Threads = 1,
    table: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the figures as CSV.")] = None,
    markdown: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the figures as Markdown.")] = None,
    charts: Annotated[Path | None, typer.Option(metavar="DIR", help="Draw charts (SVG) into this folder.")] = None,
    lang: LangOption = Lang.EN,
) -> None:
    """Compare instances: size, tightness, weight of fixed costs, spread, and with --solve how hard they are."""
    with guarded():
        run(folders, solve, threads, table=table, markdown=markdown, charts=charts)
