"""Colours and sizes that the map and the report share.

The level colours are blue, vermilion and bluish green, which stay apart for the common kinds of colour blindness;
what differs in hue differs in size, ring or lightness too, so that no message rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, log10

from hubopt.instance.types import LEVELS, Design

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

MINUTES_CLASSES: tuple[float, ...] = (30, 60, 90, 120)
"""Upper ends of the classes of delivery minutes; the last class is open."""


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
