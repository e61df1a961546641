"""Charts of benchmark runs: gaps and times instance by instance, performance profile, gap over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from hubopt.texts import Texts
from hubopt.viz.charts import LEGEND, WIDTH
from hubopt.viz.plotting import Chart
from hubopt.viz.style import FLOW_COLOURS

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""Shapes of the solvers' points, in their order: what differs in hue differs in shape too."""

SMALLEST = 1e-6
"""Gaps below this are drawn here: a logarithmic scale has no 0."""

EARLIEST = 0.01
"""Seconds from which time is drawn."""

MARGIN = 1.5
"""Factor by which a logarithmic scale goes beyond its points."""

Points = Sequence[tuple[str, float]]
"""Instance and value."""


def _plain(value: float, _: object = None) -> str:
    return f"{value:g}" if value >= 1e-4 or value == 0 else f"{value:.0e}"


def _marked(axis: XAxis | YAxis, low: float, high: float) -> None:
    """Mark a logarithmic axis in plain numbers: powers of ten, and 2 and 5 times these where there are few of them."""
    few = high < 300 * low
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,)))
    axis.set_major_formatter(FuncFormatter(_plain))
    axis.set_minor_formatter(NullFormatter())


def dots_chart(name: str, by_solver: Mapping[str, Points], texts: Texts, *, least: float | None = None) -> Chart:
    """A value of each instance (lines) for each solver (shapes), on a logarithmic scale.

    ``name`` is the chart's and that of its texts; values below ``least`` are drawn there.
    """
    instances = list(dict.fromkeys(instance for points in by_solver.values() for instance, _ in points))
    places = {instance: place for place, instance in enumerate(instances)}
    values = [
        max(value, least or value) for points in by_solver.values() for _, value in points if math.isfinite(value)
    ]

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        axes.set_xscale("log")
        if values:
            axes.set_xlim(min(values) / MARGIN, max(values) * MARGIN)
            _marked(axes.xaxis, min(values), max(values))
        for number, (solver, points) in enumerate(by_solver.items()):
            known = [(max(value, least or value), places[at]) for at, value in points if math.isfinite(value)]
            if known:
                x, y = zip(*known, strict=True)
                axes.scatter(
                    x, y, s=22, zorder=3, label=solver, alpha=0.85, color=FLOW_COLOURS[number % len(FLOW_COLOURS)],
                    marker=MARKERS[number % len(MARKERS)],
                )  # fmt: skip
        axes.set_yticks(range(len(instances)), instances, fontsize=8 if len(instances) > 20 else 10)
        axes.set_ylim(len(instances) - 0.5, -0.5)
        axes.set_xlabel(texts(f"bench.axis-{name}"))
        axes.grid(axis="x")
        axes.legend(ncols=3, fontsize=9, **LEGEND)

    return Chart(f"bench-{name}", texts(f"bench.chart-{name}"), (WIDTH, 1.3 + 0.19 * max(6, len(instances))), paint)


def profile_chart(ratios: Mapping[str, Sequence[float]], texts: Texts) -> Chart:
    """Share of instances that each solver solved within so many times the best solver's time (Dolan and More 2002)."""
    count = max((len(values) for values in ratios.values()), default=0)
    largest = max((value for values in ratios.values() for value in values if math.isfinite(value)), default=1.0)

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        for number, (solver, values) in enumerate(ratios.items()):
            solved = np.sort([value for value in values if math.isfinite(value)])
            x = np.concatenate([[1.0], solved, [largest * 1.1]])
            y = np.concatenate([[0.0], np.arange(1, len(solved) + 1), [len(solved)]]) / max(1, count)
            axes.step(
                x, 100 * y, where="post", label=solver, color=FLOW_COLOURS[number % len(FLOW_COLOURS)],
                linewidth=1.8, linestyle=("-", "--", "-.", ":")[number % 4],
            )  # fmt: skip
        axes.set_xscale("log")
        axes.set_xlim(1 / 1.05, largest * 1.1)
        _marked(axes.xaxis, 1.0, largest)
        axes.set_ylim(0, 102)
        axes.set_xlabel(texts("bench.axis-ratio"))
        axes.set_ylabel(texts("bench.axis-solved"))
        axes.grid()
        axes.legend(ncols=3, fontsize=9, **LEGEND)

    return Chart("bench-profile", texts("bench.chart-profile"), (WIDTH, 3.8), paint)


def progress_chart(
    name: str, instance: str, traces: Mapping[str, Sequence[tuple[float, float | None, float | None]]], texts: Texts
) -> Chart:
    """Gap (%) over seconds of each solver on one instance, both logarithmic; a gap holds until the next point."""

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        times = [max(at, EARLIEST) for points in traces.values() for at, _, _ in points]
        latest = max(times, default=1.0)
        gaps = [
            max(100 * abs(best - bound) / max(abs(best), 1e-9), 100 * SMALLEST)
            for points in traces.values()
            for _, best, bound in points
            if best is not None and bound is not None
        ]
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlim(min(times, default=1.0) / MARGIN, latest * MARGIN)
        axes.set_ylim(min(gaps, default=1.0) / MARGIN, max(gaps, default=1.0) * MARGIN)
        _marked(axes.xaxis, min(times, default=1.0), latest)
        _marked(axes.yaxis, min(gaps, default=1.0), max(gaps, default=1.0))
        for number, (solver, points) in enumerate(traces.items()):
            known = [
                (max(at, EARLIEST), max(abs(best - bound) / max(abs(best), 1e-9), SMALLEST))
                for at, best, bound in points
                if best is not None and bound is not None
            ]
            if known:
                x, y = (np.array(part) for part in zip(*known, strict=True))
                axes.step(
                    np.append(x, latest), 100 * np.append(y, y[-1]), where="post", label=solver, linewidth=1.8,
                    color=FLOW_COLOURS[number % len(FLOW_COLOURS)], linestyle=("-", "--", "-.", ":")[number % 4],
                )  # fmt: skip
        axes.set_xlabel(texts("bench.axis-seconds"))
        axes.set_ylabel(texts("bench.axis-gap"))
        axes.grid()
        axes.legend(ncols=3, fontsize=9, **LEGEND)

    title = texts("bench.chart-progress", instance=instance)
    return Chart(f"bench-progress-{name}", title, (WIDTH, 3.8), paint)
