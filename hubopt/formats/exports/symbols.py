"""How a layer is drawn, said once: a column, classes of its values, and a symbol for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hubopt.formats.exports.case import NOT_CHOSEN
from hubopt.solution.schema import ACTIONS
from hubopt.texts import Texts
from hubopt.viz.style import (
    END_COLOURS,
    GATEWAY_KINDS,
    GRID,
    INK,
    RAMP,
    SOFT,
    ZONE_COLOURS,
    round_steps,
)

Shape = Literal["circle", "diamond", "square", "triangle", "star", "pentagon"]

OPEN_END = 1e12
"""Upper end of a class that has none (t/d)."""


@dataclass(frozen=True)
class Symbol:
    """Sizes in millimetres. A marker has a shape, a line only its stroke, an area neither shape nor size."""

    geometry: Literal["marker", "line", "fill"]
    colour: str
    stroke: str = "#ffffff"
    width: float = 0.2
    size: float = 2.4
    shape: Shape = "circle"
    opacity: float = 1.0


@dataclass(frozen=True)
class Class:
    """Values of the column (one value, or all from ``least`` to below ``most``), their label and their symbol."""

    label: str
    symbol: Symbol
    value: str = ""
    least: float = 0.0
    most: float = 0.0


@dataclass(frozen=True)
class Style:
    """A layer's look. ``kind``: one symbol for all, one for each value of ``column``, or one for each range of it.

    ``size_by``: column whose root the size of the markers follows, from 0 to ``size_most`` of the column.
    """

    name: str
    kind: Literal["single", "categorized", "graduated"]
    classes: tuple[Class, ...]
    column: str = ""
    size_by: str = ""
    size_most: float = 0.0
    label_by: str = ""


_STATUS_COLOURS = {
    "new": "#d2601a", "keep": "#2467ad", "expand": "#6a3d9a", "upgrade": "#17876f", "close": "#8a8f98",
    NOT_CHOSEN: "#d9d5cc",
}  # fmt: skip
"""Fill of a candidate by what the plan does there."""

_SHAPES: dict[str, Shape] = {"hub": "square", "utc": "diamond", "station": "circle"}
_KIND_COLOURS = ("#4b5563", "#7a6a00", "#1d3f8a", "#b0474f", "#8a5a2b", "#117a8b")


def facilities_style(say: Texts, most_t_d: float, label: str) -> Style:
    """Markers by level, with an area that follows the throughput."""
    classes = tuple(
        Class(say(f"levels.{level}"), Symbol("marker", END_COLOURS[level], size=size, shape=shape), value=level)
        for (level, shape), size in zip(_SHAPES.items(), (4.4, 3.4, 2.4), strict=True)
    )
    return Style(
        say("map-layer.style", layer=say("map-layer.facilities")), "categorized", classes, "level", "throughput_t_d",
        most_t_d, label,
    )  # fmt: skip


def candidates_style(say: Texts, layer: str, geometry: Literal["marker", "fill"]) -> Style:
    """Candidates by what the plan does there."""
    classes = tuple(
        Class(say(f"plan-status.{word}"), Symbol(geometry, _STATUS_COLOURS[word], SOFT, 0.2, 2.2, opacity=0.9), word)
        for word in (*ACTIONS, NOT_CHOSEN)
    )
    return Style(say("map-layer.style", layer=say(f"map-layer.{layer}")), "categorized", classes, "status")


def service_style(say: Texts, layer: str, geometry: Literal["marker", "fill"]) -> Style:
    """Zones by how well they are served."""
    classes = tuple(
        Class(say(f"service.{word}"), Symbol(geometry, colour, "#ffffff", 0.1, 2.0), word)
        for word, colour in ZONE_COLOURS.items()
    )
    return Style(say("map-layer.style", layer=say(f"map-layer.{layer}")), "categorized", classes, "state")


def demand_style(say: Texts, geometry: Literal["marker", "fill"], most_t_d: float) -> Style:
    """Zones by their demand, in classes with round ends."""
    symbols = [Symbol(geometry, colour, "#ffffff", 0.1, 2.0) for colour in RAMP]
    return Style(say("map-layer.demand-style"), "graduated", _ranges(say, most_t_d, symbols), "demand_t_d")


def flows_style(say: Texts, most_t_d: float) -> Style:
    """Lines that are the wider the more they carry."""
    symbols = [Symbol("line", END_COLOURS["hub"], width=width, opacity=0.75) for width in (0.15, 0.35, 0.8, 1.5, 2.6)]
    return Style(
        say("map-layer.style", layer=say("map-layer.flows")), "graduated", _ranges(say, most_t_d, symbols), "t_d"
    )


def gateways_style(say: Texts, label: str) -> Style:
    """Gateways by kind."""
    classes = tuple(
        Class(say(f"kind.{kind}"), Symbol("marker", colour, size=3.2, shape="star"), kind)
        for kind, colour in zip(GATEWAY_KINDS, _KIND_COLOURS, strict=True)
    )
    return Style(
        say("map-layer.style", layer=say("map-layer.gateways")), "categorized", classes, "kind", label_by=label
    )


def districts_style(say: Texts, label: str) -> Style:
    """Outlines with names."""
    one = Class(say("map-layer.districts"), Symbol("fill", GRID, INK, 0.3, opacity=0.25))
    return Style(say("map-layer.style", layer=say("map-layer.districts")), "single", (one,), label_by=label)


def _ranges(say: Texts, most_t_d: float, symbols: list[Symbol]) -> tuple[Class, ...]:
    """As many ranges as symbols, from 0 up, between round numbers."""
    ends = sorted(round_steps(max(most_t_d, 1e-6), len(symbols) - 1))
    lower, upper = [0.0, *ends], [*ends, OPEN_END]
    classes = []
    for least, most, symbol in zip(lower, upper, symbols, strict=True):
        shown = {"least": f"{least:,g}", "most": f"{most:,g}"}
        key = "up-to" if least == 0 else "over" if most == OPEN_END else "between"
        classes.append(Class(say(f"map-layer.{key}", **shown), symbol, least=least, most=most))
    return tuple(classes)
