"""Fronts of two goals that pull against each other: points with their proven bounds, and the knee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
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
    money: bool = True,
) -> Chart:  # fmt: skip
    """The front as a line through its points, their bounds as a dashed one, dominated points hollow, the knee ringed.

    ``money``: y is CNY/year and written as such; otherwise y is a plain number.
    """
    front, bend = undominated(points), knee(points)
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
