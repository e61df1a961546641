"""Fronts of two goals that pull against each other: points with their proven bounds, and the knee."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.ticker import MaxNLocator

from hubopt.texts import Texts
from hubopt.viz.charts import LEGEND, WIDTH
from hubopt.viz.numbers import Numbers
from hubopt.viz.plotting import Chart
from hubopt.viz.style import INK, LOWER_COLOUR, UPPER_COLOUR


@dataclass(frozen=True)
class FrontPoint:
    """A plan on a front: ``x`` and ``y`` (both better when smaller), a proven lower bound of y at this x, a label."""

    x: float
    y: float
    bound: float | None = None
    label: str = ""


@dataclass(frozen=True)
class FrontTexts:
    """What the chart says: its title for those who cannot see it, the axes, the curves and the knee."""

    title: str
    x_axis: str
    found: str
    bound: str
    knee: str
    y_axis: str = ""


def undominated(points: Sequence[FrontPoint]) -> list[FrontPoint]:
    """The points that no other one equals or beats in both goals, by growing x."""
    front: list[FrontPoint] = []
    for point in sorted(points, key=lambda item: (item.x, item.y)):
        if not front or point.y < front[-1].y:
            front.append(point)
    return front


def knee(points: Sequence[FrontPoint]) -> FrontPoint | None:
    """The point of the front farthest below the line between its ends, both goals scaled to the front's extent.

    None when no point lies below that line, as on a front of fewer than three points: then no point is a bend.
    """
    front = undominated(points)
    if len(front) < 3:
        return None
    first, last = front[0], front[-1]
    below = [
        1.0 - (point.x - first.x) / (last.x - first.x) - (point.y - last.y) / (first.y - last.y) for point in front
    ]
    farthest = int(np.argmax(below))
    return front[farthest] if below[farthest] > 1e-9 else None


def front_chart(
    points: Sequence[FrontPoint], words: FrontTexts, texts: Texts, numbers: Numbers, *, name: str = "front",
    money: bool = True, more_is_better: bool = False,
) -> Chart:  # fmt: skip
    """The front as a line through its points, their bounds as a dashed one, dominated points hollow, the knee ringed.

    ``money``: y is CNY/year and written as such; otherwise y is a plain number. ``more_is_better``: of y.
    """
    seen = [replace(point, y=-point.y) for point in points] if more_is_better else list(points)
    of = dict(zip(seen, points, strict=True))
    lowest = knee(seen)
    front, bend = [of[point] for point in undominated(seen)], None if lowest is None else of[lowest]
    rest = [point for point in points if point not in front]

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        axes.plot(
            [p.x for p in front],
            [p.y for p in front],
            marker="o",
            markersize=4.5,
            color=UPPER_COLOUR,
            label=words.found,
        )
        if rest:
            axes.plot([p.x for p in rest], [p.y for p in rest], linestyle="none", marker="o", markersize=4.5,
                      markerfacecolor="none", color=UPPER_COLOUR, label=texts("chart.dominated"))  # fmt: skip
        known = [(p.x, p.bound) for p in sorted(points, key=lambda p: p.x) if p.bound is not None]
        if known:
            xs, ys = zip(*known, strict=True)
            axes.plot(xs, ys, linestyle="--", marker="v", markersize=4, color=LOWER_COLOUR, label=words.bound)
        if bend is not None:
            axes.plot([bend.x], [bend.y], linestyle="none", marker="o", markersize=12, markerfacecolor="none",
                      markeredgewidth=1.6, color=INK, label=words.knee)  # fmt: skip
        for point in points:
            if point.label:
                axes.annotate(point.label, (point.x, point.y), (6, 5), textcoords="offset points", fontsize=8.5)
        axes.yaxis.set_major_locator(MaxNLocator(5))
        axes.yaxis.set_major_formatter(lambda value, _: numbers.money(value) if money else numbers.figures(value))
        axes.xaxis.set_major_formatter(lambda value, _: numbers.figures(value))
        axes.margins(0.06, 0.12)
        axes.set_xlabel(words.x_axis)
        axes.set_ylabel(words.y_axis)
        axes.grid(axis="y")
        axes.legend(ncols=4, fontsize=9, **LEGEND)

    return Chart(name, words.title, (WIDTH, 3.6), paint)


@dataclass(frozen=True)
class TradeAxis:
    """A measure of a front as an axis: what it is called, and how its values are written."""

    label: str
    shown: Callable[[float], str]


@dataclass(frozen=True)
class TradePoint:
    """A plan of a front: its number in the table, its values as people read them, the bound on the first of them."""

    number: int
    values: tuple[float, ...]
    bound: float | None = None
    knee: bool = False


@dataclass(frozen=True)
class TradeTexts:
    """What the chart says: its title for those who cannot see it, and the words of the legend."""

    title: str
    found: str
    interval: str
    knee: str


_SHADES = LinearSegmentedColormap.from_list("front", ["#f0d48c", "#cf6d2e", "#7a2f5c", "#16202b"])
"""Third measure, from light to dark so that its order is seen without hue."""


def trade_chart(
    points: Sequence[TradePoint], axes: Sequence[TradeAxis], words: TradeTexts, *, name: str = "front"
) -> Chart:
    """The first measure against the second, each point with its interval and number, the knee ringed.

    A third measure is told by the shade of the points, with a scale beside the chart; without it a line joins them.
    """

    def paint(panels: list[Axes]) -> None:
        (panel,) = panels
        xs, ys = [p.values[1] for p in points], [p.values[0] for p in points]
        proven = [(p.values[1], p.values[0], p.bound) for p in points if p.bound is not None]
        if proven:
            x, y, bound = zip(*proven, strict=True)
            panel.vlines(x, bound, y, colors=LOWER_COLOUR, linewidth=1.6, label=words.interval, zorder=2)
            panel.plot(x, bound, linestyle="none", marker="_", markersize=9, color=LOWER_COLOUR, zorder=2)
        if len(axes) > 2:
            shades = [p.values[2] for p in points]
            drawn = panel.scatter(xs, ys, c=shades, cmap=_SHADES, s=46, edgecolors=INK, linewidths=0.8,
                                  label=words.found, zorder=3)  # fmt: skip
            figure = panel.get_figure()
            assert figure is not None
            scale = figure.colorbar(drawn, ax=panel, pad=0.02, aspect=30)
            scale.outline.set_visible(False)
            scale.set_label(axes[2].label)
            scale.ax.yaxis.set_major_locator(MaxNLocator(5))
            scale.ax.yaxis.set_major_formatter(lambda value, _: axes[2].shown(value))
        else:
            panel.plot(
                xs, ys, marker="o", markersize=5.5, linewidth=1.2, color=UPPER_COLOUR, label=words.found, zorder=3
            )
        bent = [p for p in points if p.knee]
        if bent:
            panel.plot([p.values[1] for p in bent], [p.values[0] for p in bent], linestyle="none", marker="o",
                       markersize=14, markerfacecolor="none", markeredgewidth=1.8, color=INK, label=words.knee,
                       zorder=4)  # fmt: skip
        for p in points:
            panel.annotate(str(p.number), (p.values[1], p.values[0]), (8, 6), textcoords="offset points", fontsize=8.5)
        panel.yaxis.set_major_locator(MaxNLocator(5))
        panel.xaxis.set_major_locator(MaxNLocator(6))
        panel.yaxis.set_major_formatter(lambda value, _: axes[0].shown(value))
        panel.xaxis.set_major_formatter(lambda value, _: axes[1].shown(value))
        panel.margins(0.07, 0.14)
        panel.set_xlabel(axes[1].label)
        panel.set_ylabel(axes[0].label)
        panel.grid(axis="y")
        panel.legend(ncols=3, fontsize=9, **LEGEND)

    return Chart(name, words.title, (WIDTH, 4.2), paint)
