"""Charts that set instances side by side: size, tightness against the weight of fixed costs, hardness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from hubopt.instance.types import LEVELS
from hubopt.texts import Texts
from hubopt.viz.charts import WIDTH
from hubopt.viz.plotting import Chart
from hubopt.viz.style import END_COLOURS, EXCHANGE_COLOUR, INK, LOWER_COLOUR

Row = Mapping[str, Any]

_COLOURS: Mapping[str, str] = {
    **{level: END_COLOURS[level] for level in LEVELS},
    "zones": END_COLOURS["gateway"],
    "arcs": EXCHANGE_COLOUR,
}
"""Colour of what is counted."""


def _logarithmic(axes: Axes, name: Literal["x", "y"]) -> None:
    """A logarithmic scale with ticks at 1, 2 and 5 times the powers of ten, written as plain numbers."""
    (axes.set_xscale if name == "x" else axes.set_yscale)("log")
    axis = axes.xaxis if name == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=8))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))


def size_chart(names: Sequence[str], rows: Sequence[Row], texts: Texts) -> Chart:
    """Sites, zones and arcs of each instance as dots on a logarithmic scale; numbers that are 0 are left out."""

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        places = np.arange(len(names))
        for key, colour in _COLOURS.items():
            points = [(row[key], place) for row, place in zip(rows, places, strict=True) if row[key] > 0]
            if points:
                x, y = zip(*points, strict=True)
                axes.scatter(x, y, color=colour, label=texts(f"instances.{key}"), s=34, zorder=3)
        _logarithmic(axes, "x")
        axes.set_yticks(places, names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.grid(axis="x", alpha=0.35)
        axes.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, borderaxespad=0.2)

    return Chart("sizes", texts("instances.chart-sizes"), (WIDTH, 1.4 + 0.3 * len(names)), paint)


def tightness_chart(names: Sequence[str], rows: Sequence[Row], texts: Texts) -> Chart:
    """Capacity over demand against the weight of fixed costs, one dot an instance, both logarithmic."""
    return _scatter("tightness", ("capacity_ratio", "fixed_ratio"), names, rows, texts)


def hardness_chart(names: Sequence[str], rows: Sequence[Row], texts: Texts) -> Chart:
    """Seconds of the solve against the gap of the relaxation, one dot an instance."""
    return _scatter("hardness", ("lp_gap", "seconds"), names, rows, texts)


def _scatter(name: str, keys: tuple[str, str], names: Sequence[str], rows: Sequence[Row], texts: Texts) -> Chart:
    known = [
        (label, float(row[keys[0]]), float(row[keys[1]]))
        for label, row in zip(names, rows, strict=True)
        if np.isfinite([row[keys[0]], row[keys[1]]]).all()
    ]

    def paint(panels: list[Axes]) -> None:
        (axes,) = panels
        axes.scatter([x for _, x, _ in known], [y for _, _, y in known], color=LOWER_COLOUR, s=34, zorder=3)
        for label, x, y in known:
            axes.annotate(label, (x, y), xytext=(6, 4), textcoords="offset points", color=INK, fontsize=9)
        axes.set_xlabel(texts(f"instances.{keys[0]}"))
        axes.set_ylabel(texts(f"instances.{keys[1]}"))
        if known and min(x for _, x, _ in known) > 0:
            _logarithmic(axes, "x")
        if known and min(y for _, _, y in known) > 0:
            _logarithmic(axes, "y")
        axes.margins(0.2)
        axes.grid(alpha=0.35)

    return Chart(name, texts(f"instances.chart-{name}"), (WIDTH, 4.4), paint)
