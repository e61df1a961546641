"""What OpenStreetMap tags say of a way: its class, its directions, bans and ferries. No files are read here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hubopt.data.roads.graph import FERRY, RAMP

_MAIN = ("motorway", "trunk", "primary", "secondary", "tertiary")

CLASSES: Mapping[str, str] = {
    **{name: name for name in _MAIN},
    **{f"{name}_link": RAMP for name in _MAIN},
    **dict.fromkeys(("unclassified", "residential", "living_street", "service", "road"), "minor"),
}
"""Road class of each drivable value of the tag ``highway``; ways with other values are left out."""

USED = (
    "highway", "route", "oneway", "junction", "access", "motor_vehicle", "vehicle", "hgv", "toll", "maxweight",
    "maxheight", "duration", "name",
)  # fmt: skip
"""Tags that are read."""

FERRY_KM_H = 20.0
"""Speed of ferries without a tag ``duration``: conventional vehicle ferries run at 10 to 12 knots (assumption)."""

_SHUT = {"no", "private", "agricultural", "forestry"}
_TONNES = {"": 1.0, "t": 1.0, "kg": 0.001, "st": 0.907, "lbs": 0.000454}


@dataclass(frozen=True)
class Way:
    """What a way is to a driver; ``km_h`` NaN: the speed of its class."""

    road_class: str
    forward: bool
    backward: bool
    toll: bool = False
    max_t: float = np.inf
    max_m: float = np.inf
    no_hgv: bool = False
    hours: float | None = None
    """How long the whole way takes, where it is tagged (ferries)."""


def _weight(text: str) -> float:
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(t|kg|st|lbs)?\s*", text)
    return float(found[1]) * _TONNES[found[2] or ""] if found else np.inf


def _height(text: str) -> float:
    metres = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*m?\s*", text)
    if metres:
        return float(metres[1])
    feet = re.fullmatch(r"\s*(\d+)'\s*(?:(\d+)\")?\s*", text)
    return int(feet[1]) * 0.3048 + int(feet[2] or 0) * 0.0254 if feet else np.inf


def _hours(text: str) -> float | None:
    clock = re.fullmatch(r"(\d+):(\d{2})(?::(\d{2}))?", text.strip())
    return int(clock[1]) + int(clock[2]) / 60 + int(clock[3] or 0) / 3600 if clock else None


def _is_shut(tags: Mapping[str, str]) -> bool:
    for key in ("motor_vehicle", "vehicle", "access"):  # the more special tag decides
        if key in tags:
            return tags[key] in _SHUT
    return False


def _directions(tags: Mapping[str, str], road_class: str) -> tuple[bool, bool]:
    oneway = tags.get("oneway", "")
    if oneway in {"-1", "reverse"}:
        return False, True
    if oneway in {"yes", "true", "1"}:
        return True, False
    implied = road_class == "motorway" or tags.get("junction") in {"roundabout", "circular"}
    return (True, False) if implied and oneway not in {"no", "false", "0"} else (True, True)


def way_of(tags: Mapping[str, str]) -> Way | None:
    """The way that the tags describe; None if no truck may drive or board it."""
    road_class = CLASSES.get(tags.get("highway", "")) or (FERRY if tags.get("route") == "ferry" else None)
    if road_class is None or _is_shut(tags):
        return None
    if road_class == FERRY and tags.get("motor_vehicle", tags.get("motorcar", "no")) in _SHUT:
        return None  # most ferries carry passengers only; a car ferry says so
    forward, backward = _directions(tags, road_class)
    return Way(
        road_class,
        forward,
        backward,
        toll=tags.get("toll") == "yes",
        max_t=_weight(tags.get("maxweight", "")),
        max_m=_height(tags.get("maxheight", "")),
        no_hgv=tags.get("hgv") in _SHUT,
        hours=_hours(tags.get("duration", "")) if road_class == FERRY else None,
    )
