"""The charts of a result: money, land, use of the facilities, service, and how the proof came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, MaxNLocator

from hubopt.instance.types import LEVELS
from hubopt.texts import Texts
from hubopt.viz.numbers import Numbers
from hubopt.viz.plotting import Chart
from hubopt.viz.style import COST_COLOURS, END_COLOURS, INK, LOWER_COLOUR, UPPER_COLOUR

WIDTH = 7.6
"""Width of every chart in inches: that of the text on a page."""

LEGEND: Mapping[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.2}
"""A legend above the axes."""

Trace = Sequence[tuple[float, float | None, float | None]]

Record = dict[str, Any]


def _bare(axes: Axes) -> None:
    """Bars that carry their numbers need no scale."""
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def cost_chart(cost: Mapping[str, float], texts: Texts, numbers: Numbers) -> Chart:
    """Bars of the yearly cost (CNY/year) by part, in the order of the parts; parts that are zero are left out."""
    total = sum(cost.values())
    parts = [(part, value) for part, value in cost.items() if abs(value) > 1e-9 * max(1.0, abs(total))]

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        names = [texts(f"cost.{part}") for part, _ in parts]
        bars = axes.barh(
            names, [value for _, value in parts], color=[COST_COLOURS[part] for part, _ in parts], height=0.62
        )
        labels = [f"{numbers.money(value)}  {numbers.percent(value / total if total else 0)}" for _, value in parts]
        axes.bar_label(bars, labels=labels, padding=5, color=INK, fontsize=9.5)
        axes.margins(x=0.28, y=0.02)
        axes.invert_yaxis()
        _bare(axes)

    return Chart("cost", texts("report.chart-cost"), (WIDTH, 0.5 + 0.34 * max(1, len(parts))), paint)


def cost_periods_chart(costs: Mapping[str, Mapping[str, float]], texts: Texts, numbers: Numbers) -> Chart:
    """One bar per period, made up of the parts of the yearly cost; ``costs``: CNY/year by period and part."""
    parts = [part for part in COST_COLOURS if any(abs(cost.get(part, 0.0)) >= 0.5 for cost in costs.values())]

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        left = np.zeros(len(costs))
        for part in parts:
            values = np.array([cost.get(part, 0.0) for cost in costs.values()])
            axes.barh(list(costs), values, left=left, color=COST_COLOURS[part], height=0.6, label=texts(f"cost.{part}"))
            left += values
        for place, total in enumerate(left):
            axes.annotate(numbers.money(total), (total, place), (5, 0), textcoords="offset points", va="center")
        axes.margins(x=0.16)
        axes.invert_yaxis()
        axes.legend(ncols=4, fontsize=8.5, handlelength=1.0, **LEGEND)
        _bare(axes)

    rows = -(-len(parts) // 4)
    return Chart("cost-periods", texts("chart.cost-periods"), (WIDTH, 0.5 + 0.24 * rows + 0.42 * len(costs)), paint)


def land_chart(rows: Sequence[Record], texts: Texts, numbers: Numbers) -> Chart | None:
    """Land used (ha) by district, by level, with the limit where there is one; None without districts.

    ``rows``: ``name``, ``limit`` (None: no limit) and ha by level.
    """
    rows = sorted(rows, key=lambda row: -sum(row[level] for level in LEVELS))
    if not rows:
        return None

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        places = np.arange(len(rows))
        left = np.zeros(len(rows))
        for level in LEVELS:
            values = np.array([row[level] for row in rows])
            if values.any():
                axes.barh(
                    places, values, left=left, color=END_COLOURS[level], height=0.6, label=texts(f"levels.{level}")
                )
            left += values
        limited = [(place, row["limit"]) for place, row in enumerate(rows) if row["limit"] is not None]
        if limited:
            where, limits = zip(*limited, strict=True)
            axes.plot(limits, where, linestyle="none", marker="|", markersize=15, markeredgewidth=2, color=INK,
                      label=texts("chart.land-limit"))  # fmt: skip
        axes.set_yticks(places, [row["name"] for row in rows])
        for place, used in enumerate(left):
            axes.annotate(
                numbers.figures(used), (used, place), (4, 0), textcoords="offset points", va="center", fontsize=9
            )
        axes.xaxis.set_major_formatter(lambda value, _: numbers.figures(value))
        axes.set_xlabel(texts("chart.land-axis"))
        axes.set_xlim(0, 1.08 * max([*left, *(limit for _, limit in limited)], default=1.0) or 1.0)
        axes.grid(axis="x")
        axes.invert_yaxis()
        axes.legend(ncols=4, **LEGEND)

    return Chart("land", texts("chart.land"), (WIDTH, 1.0 + 0.3 * len(rows)), paint)


def utilisation_chart(use: Mapping[str, Sequence[float]], texts: Texts, numbers: Numbers) -> Chart | None:
    """A dot for each facility at its throughput over capacity, by level; None without facilities."""
    levels = [level for level in LEVELS if use.get(level)]
    if not levels:
        return None

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        for place, level in enumerate(levels):
            values = np.clip(np.sort(np.asarray(use[level], dtype=float)), 0, 1)
            classes = np.round(values / 0.02)
            beside = np.array([np.sum(classes[:i] == classes[i]) for i in range(len(values))])
            most = max(1.0, float(beside.max()))
            heights = place + 0.3 - beside * min(0.11, 0.62 / most)
            axes.scatter(values, heights, s=20, color=END_COLOURS[level], alpha=0.85, linewidth=0, clip_on=False)
            median = float(np.median(values))
            axes.plot([median, median], [place - 0.4, place + 0.4], color=INK, linewidth=1.4)
        names = [
            texts(
                "chart.level-count",
                name=texts(f"levels.{level}"),
                count=len(use[level]),
                median=numbers.percent(float(np.median(use[level])), 0),
            )
            for level in levels
        ]
        axes.set_yticks(range(len(levels)), names)
        axes.set_xlim(0, 1.02)
        axes.set_ylim(len(levels) - 0.45, -0.55)
        axes.xaxis.set_major_formatter(lambda value, _: numbers.percent(value, 0))
        axes.set_xlabel(texts("chart.utilisation-axis"))
        axes.grid(axis="x")

    return Chart("utilisation", texts("chart.utilisation"), (WIDTH, 0.8 + 0.78 * len(levels)), paint)


def service_chart(measures: Sequence[Record], texts: Texts, numbers: Numbers) -> Chart | None:
    """How demand is spread over what service is measured in: one panel for each measure; None without any.

    ``measures``: ``label`` of the axis, ``unit``, ``values`` by zone, ``weights`` (t/d by zone) and ``limits``, the
    standards' limits in the same unit, each with its name.
    """
    if not measures:
        return None

    def paint(panels: list[Axes]) -> None:
        for axes, item in zip(panels, measures, strict=True):
            values, weights = np.asarray(item["values"], dtype=float), np.asarray(item["weights"], dtype=float)
            total = weights.sum()
            most = max([float(values.max()), *(limit for _, limit in item["limits"])])
            bins = MaxNLocator(10).tick_values(0, most)
            shares, edges = np.histogram(values, bins, weights=weights / total)
            axes.bar(edges[:-1], shares, width=np.diff(edges) * 0.92, align="edge", color=item["colour"], alpha=0.75)
            order = np.argsort(values)
            axes.step(
                [0.0, *values[order]], [0.0, *np.cumsum(weights[order] / total)], where="post", color=INK, linewidth=1.5
            )
            for name, limit in item["limits"]:
                axes.axvline(limit, color=UPPER_COLOUR, linestyle="--", linewidth=1.4)
                axes.annotate(
                    name, (limit, 1.02), (-3, 0), textcoords="offset points", ha="right", fontsize=8, color="#a5450f"
                )
            axes.set_xlim(0, max(edges[-1], most))
            axes.set_ylim(0, 1.1)
            axes.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.75, 1.0]))
            axes.yaxis.set_major_formatter(lambda value, _: numbers.percent(value, 0))
            axes.xaxis.set_major_locator(MaxNLocator(5))
            axes.xaxis.set_major_formatter(lambda value, _: numbers.figures(value))
            axes.set_xlabel(item["label"], fontsize=9)
            axes.grid(axis="y")
        panels[0].set_ylabel(texts("chart.service-axis"), fontsize=9)

    return Chart("service", texts("chart.service"), (WIDTH, 2.5), paint, panels=len(measures))


def trace_chart(trace: Trace, texts: Texts, numbers: Numbers) -> Chart | None:
    """Incumbent and proven bound over the seconds of the run, and the gap between them; None without points."""
    upper = [(seconds, value) for seconds, value, _ in trace if value is not None]
    lower = [(seconds, value) for seconds, _, value in trace if value is not None]
    if not upper and not lower:
        return None
    end = max(seconds for seconds, _, _ in trace)

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        for points, colour, key in ((upper, UPPER_COLOUR, "report.incumbent"), (lower, LOWER_COLOUR, "report.bound")):
            if points:
                xs, ys = zip(*[*points, (end, points[-1][1])], strict=True)
                axes.step(xs, ys, where="post", color=colour, linewidth=1.8, label=texts(key))
                axes.plot(xs[:-1], ys[:-1], linestyle="none", marker="o", markersize=2.6, color=colour)
        axes.set_ylim(*_view(upper, lower))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(lambda value, _: numbers.money(value))
        axes.xaxis.set_major_formatter(lambda value, _: numbers.figures(value))
        axes.set_xlim(left=0)
        axes.set_xlabel(texts("report.seconds"))
        axes.grid(axis="y")
        axes.legend(ncols=2, **LEGEND)

    return Chart("proof", texts("report.chart-trace"), (WIDTH, 2.7), paint)


def gap_chart(trace: Trace, asked: float, texts: Texts, numbers: Numbers) -> Chart | None:
    """The gap over the seconds of the run on a scale of powers of ten, with the gap asked; None without a gap."""
    points = [
        (seconds, max(0.0, upper - lower) / max(abs(upper), 1e-9))
        for seconds, upper, lower in trace
        if upper is not None and lower is not None
    ]
    if not any(gap > 0 for _, gap in points):
        return None
    end = max(seconds for seconds, _, _ in trace)

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        least = min(gap for _, gap in points if gap > 0)
        floor = min(least, asked if asked > 0 else least) / 2
        xs, ys = zip(*[*points, (end, points[-1][1])], strict=True)
        axes.step(xs, np.maximum(ys, floor), where="post", color=LOWER_COLOUR, linewidth=1.8, label=texts("report.gap"))
        if asked > 0:
            axes.axhline(asked, color=UPPER_COLOUR, linestyle="--", linewidth=1.2, label=texts("report.gap-asked"))
        axes.set_yscale("log")
        axes.set_ylim(bottom=floor)
        steps = [lead * 10.0**power for power in range(-9, 3) for lead in (1, 2, 5)]
        axes.yaxis.set_major_locator(FixedLocator([step for step in steps if floor <= step <= 1.3 * max(ys)]))
        axes.yaxis.set_major_formatter(lambda value, _: numbers.percent(value, 6))
        axes.yaxis.set_minor_locator(FixedLocator([]))
        axes.xaxis.set_major_formatter(lambda value, _: numbers.figures(value))
        axes.set_xlim(left=0)
        axes.set_xlabel(texts("report.seconds"))
        axes.grid(axis="y")
        axes.legend(ncols=2, **LEGEND)

    return Chart("gap", texts("chart.gap"), (WIDTH, 2.3), paint)


def _view(upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Range of values to show: the last gap and what led to it, without first bounds or solutions that dwarf it."""
    best = [points[-1][1] for points in (upper, lower) if points]
    middle = sum(best) / len(best)
    span = 4 * max(max(best) - min(best), 0.02 * abs(middle), 1e-9)
    values = [value for _, value in [*upper, *lower] if abs(value - middle) <= span]
    room = 0.12 * max(max(values) - min(values), 0.01 * abs(middle), 1e-9)
    return min(values) - room, max(values) + 2 * room
