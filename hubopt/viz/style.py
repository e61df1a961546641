"""Colours, sizes and the plotting style that maps, charts and reports share.

The level colours are blue, vermilion and bluish green, which stay apart for the common kinds of colour blindness;
what differs in hue differs in size, ring or lightness too, so that no message rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, log10
from typing import Any

from hubopt.instance.types import LEVELS, Design

FONTS = ("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "DejaVu Sans")
"""Fonts of charts and PDF, first found wins; all but the last have Chinese characters."""

INK, SOFT, GRID = "#16202b", "#55616d", "#e3e7ea"
"""Text, lesser text, lines behind."""

UPPER_COLOUR, LOWER_COLOUR = "#d2601a", "#2467ad"
"""What was found, and what bounds it from below."""

CHART_STYLE: Mapping[str, Any] = {
    "svg.fonttype": "none",
    "pdf.fonttype": 3,
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": SOFT,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": False,
    "legend.frameon": False,
    "xtick.color": SOFT,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
}
"""The one plotting style, as settings of matplotlib."""

LEVEL_SHADES: Mapping[str, tuple[str, ...]] = {
    "hub": ("#123c75", "#2b6cb8", "#5f9bdb", "#93c0ec"),
    "utc": ("#98380a", "#d9691c", "#f09345", "#f7b97f"),
    "station": ("#07503f", "#1f8a70", "#4db394", "#85cdb6"),
}
"""Shades of each level's hue, dark to light; the designs of a level take them in the order of the instance."""

END_COLOURS: Mapping[str, str] = {"gateway": "#4b5563", "hub": "#2467ad", "utc": "#d2601a", "station": "#17876f"}
"""Colour of a flow by the level of its upper end."""

EXCHANGE_COLOUR = "#e078b8"
"""Colour of in-city goods between facilities of one level."""

GATEWAY_KINDS: tuple[str, ...] = ("port", "airport", "rail", "border", "expressway", "overseas")

ZONE_COLOURS: Mapping[str, str] = {
    "within": "#dfeee4",
    "beyond": "#f0d48c",
    "unmet": "#c96a6e",
    "none": "#cfccc5",
}
"""Fill of a zone by its service; lightness falls from good to bad, so that the order survives without hue."""

RAMP: tuple[str, ...] = ("#f1ecf5", "#d6c8e0", "#b49cc6", "#8d6ea6", "#624480")
"""Sequential fill for minutes and for demand, light is little."""

COST_COLOURS: Mapping[str, str] = {
    "capital": "#123f73",
    "land": "#5e9bd4",
    "running": "#0b5345",
    "handling": "#52b398",
    "transport": "#d2601a",
    "empty": "#f0b07a",
    "beyond": "#8a8f98",
    "border": "#b9bec6",
    "carbon": "#4b5563",
    "closure": "#b49cc6",
    "unmet": "#b0474f",
}
"""Colour of each part of the cost, the same in every chart."""

RADIUS_PX = (3.0, 26.0)
"""Radius of the smallest and of the largest facility circle."""

WIDTH_PX = (0.7, 9.0)
"""Width of the thinnest and of the widest flow line."""

SERVED_CLASSES: tuple[float, ...] = (0.9999, 0.95, 0.75, 0.5)
"""Lower ends of the classes of the share of a zone's demand that is served; the last class is what is below."""

REACH_CLASSES: tuple[float, ...] = (1 / 3, 2 / 3, 1, 1.5)
"""Upper ends of the classes of a way (km or minutes) as shares of its standard; the last class is open."""

REACH_COLOURS: tuple[str, ...] = ("#e3eef7", "#b3d0e8", "#7faed4", "#f6c077", "#cf6d2e")
"""Fill of a zone by those classes: blues within the standard, ambers beyond it, darker is farther."""

FLOW_COLOURS: tuple[str, ...] = (
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7a6a00", "#4b5563", "#8f6bd1", "#1f2937",
)  # fmt: skip
"""Colours of commodities and modes, in their order: those of Okabe and Ito (2008), the yellow darker, and more."""


def design_colours(designs: Sequence[Design]) -> dict[str, dict[str, str]]:
    """Colour per level and design id; a level's only design takes the level's plain colour."""
    colours: dict[str, dict[str, str]] = {}
    for level in LEVELS:
        own = [design.id for design in designs if level in design.levels]
        shades = LEVEL_SHADES[level]
        start = 1 if len(own) == 1 else 0
        colours[level] = {design: shades[min(start + i, len(shades) - 1)] for i, design in enumerate(own)}
    return colours


def round_steps(largest: float, count: int = 3) -> list[float]:
    """``count`` round numbers up to ``largest``, largest first, about a factor of five apart: the sizes a legend shows.

    Returns an empty list when nothing is there to be sized.
    """
    if not largest > 0:
        return []
    steps: list[float] = []
    value = largest
    for _ in range(count):
        steps.append(_round_down(value))
        value = steps[-1] / 5
    return steps


def _round_down(value: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above ``value``."""
    power = 10.0 ** floor(log10(value))
    lead = value / power
    return power * (5 if lead >= 5 else 2 if lead >= 2 else 1)
