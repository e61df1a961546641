"""The report's charts as inline SVG, in one plotting style; texts stay texts, to be searched and copied."""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from hubopt.texts import Texts
from hubopt.viz.numbers import Numbers
from hubopt.viz.style import COST_COLOURS

FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "DejaVu Sans")
"""Fonts to measure with, first found wins; the page's reader sees the first that the reading machine has."""

INK, SOFT, GRID = "#16202b", "#55616d", "#e3e7ea"

Trace = Sequence[tuple[float, float | None, float | None]]

_STYLE: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": False,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
}


@cache
def installed_fonts() -> list[str]:
    """The fonts of :data:`FONTS` that this machine has."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in FONTS if name in known] or ["sans-serif"]


@contextmanager
def _styled(salt: str) -> Iterator[None]:
    """The plotting style; a font without Chinese glyphs only shifts a label, and is no reason for a warning."""
    settings: Any = {**_STYLE, "font.sans-serif": installed_fonts(), "svg.hashsalt": salt}
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            log.setLevel(level)


def _svg(figure: Figure, label: str) -> str:
    """The figure as an SVG element that fills its column and tells screen readers what it shows."""
    target = io.StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = target.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    head, rest = text.split(">", 1)
    head = re.sub(r'\s(width|height)="[^"]*"', "", head)
    return f'{head} role="img" aria-label="{label}" class="chart">{rest}'


def cost_chart(cost: Mapping[str, float], texts: Texts, numbers: Numbers) -> str:
    """Bars of the yearly cost by part, in the order of the parts; parts that are zero are left out."""
    parts = [(part, value) for part, value in cost.items() if abs(value) > 0]
    total = sum(value for _, value in parts)
    with _styled("cost-" + texts.lang):
        figure = Figure(figsize=(7.6, 0.5 + 0.34 * max(1, len(parts))), layout="constrained")
        axes = figure.add_subplot()
        values = [value for _, value in parts]
        names = [texts(f"cost.{part}") for part, _ in parts]
        bars = axes.barh(names, values, color=[COST_COLOURS[part] for part, _ in parts], height=0.62)
        labels = [f"{numbers.money(value)}  {numbers.percent(value / total if total else 0)}" for value in values]
        axes.bar_label(bars, labels=labels, padding=5, color=INK, fontsize=9.5)
        axes.margins(x=0.28, y=0.02)
        axes.invert_yaxis()
        axes.xaxis.set_visible(False)
        axes.spines["bottom"].set_visible(False)
        return _svg(figure, texts("report.chart-cost"))


def trace_chart(trace: Trace, texts: Texts, numbers: Numbers) -> str:
    """Incumbent and proven bound over the seconds of the run, and the gap between them; empty without points."""
    upper = [(seconds, value) for seconds, value, _ in trace if value is not None]
    lower = [(seconds, value) for seconds, _, value in trace if value is not None]
    if not upper and not lower:
        return ""
    end = max(seconds for seconds, _, _ in trace)
    with _styled("trace-" + texts.lang):
        figure = Figure(figsize=(7.6, 2.7), layout="constrained")
        axes = figure.add_subplot()
        for points, colour, key in ((upper, "#d2601a", "report.incumbent"), (lower, "#2467ad", "report.bound")):
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
        axes.set_axisbelow(True)
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.2)
        return _svg(figure, texts("report.chart-trace"))


def land_chart(points: Trace, texts: Texts, numbers: Numbers) -> str:
    """Objective and its bound (CNY/year) against land used (ha); points in the order of their land."""
    with _styled("land-" + texts.lang):
        figure = Figure(figsize=(7.6, 3.6), layout="constrained")
        axes = figure.add_subplot()
        lands = [land for land, _, _ in points]
        for values, colour, style, key in (
            ([objective for _, objective, _ in points], "#d2601a", "-", "curve.objective"),
            ([bound for _, _, bound in points], "#2467ad", "--", "curve.bound"),
        ):
            known = [(land, value) for land, value in zip(lands, values, strict=True) if value is not None]
            if known:
                xs, ys = zip(*known, strict=True)
                axes.plot(xs, ys, linestyle=style, marker="o", markersize=4, color=colour, label=texts(key))
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(lambda value, _: numbers.money(value))
        axes.xaxis.set_major_formatter(lambda value, _: numbers.figures(value))
        axes.margins(0.06, 0.12)
        axes.set_xlabel(texts("curve.land-axis"))
        axes.grid(axis="y")
        axes.set_axisbelow(True)
        axes.legend(frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderaxespad=0.2)
        return _svg(figure, texts("curve.chart"))


def _view(upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Range of values to show: the last gap and what led to it, without first bounds or solutions that dwarf it."""
    best = [points[-1][1] for points in (upper, lower) if points]
    middle = sum(best) / len(best)
    span = 4 * max(max(best) - min(best), 0.02 * abs(middle), 1e-9)
    values = [value for _, value in [*upper, *lower] if abs(value - middle) <= span]
    room = 0.12 * max(max(values) - min(values), 0.01 * abs(middle), 1e-9)
    return min(values) - room, max(values) + 2 * room
