"""Answers of Overpass servers, as they were recorded: JSON whose elements are nodes, ways and relations."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hubopt.instance.errors import Problem
from hubopt.instance.text import read_text
from hubopt.instance.trees import json_of

LARGEST_MB = 512.0
"""Most megabytes of one recorded answer; that of a whole dense city has about 40."""

_LARGEST_ID = 2**62


def _is_id(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_ID


def _is_place(item: object) -> bool:
    if not isinstance(item, dict):
        return False
    lon, lat = item.get("lon"), item.get("lat")
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (lon, lat))
    return numbers and abs(lon) <= 180 and abs(lat) <= 90  # type: ignore[arg-type]


def _has_tags(element: Mapping[str, Any]) -> bool:
    tags = element.get("tags")
    return tags is None or (isinstance(tags, dict) and all(isinstance(value, str) for value in tags.values()))


def _has_line(element: Mapping[str, Any]) -> bool:
    """Whether the nodes and the geometry of a way (or of a member of a relation), if given, are what they should be."""
    nodes, geometry = element.get("nodes", []), element.get("geometry") or []
    return (
        isinstance(nodes, list)
        and all(map(_is_id, nodes))
        and isinstance(geometry, list)
        and all(point is None or _is_place(point) for point in geometry)
    )


def _is_sound(element: object) -> bool:
    """Whether an element has the form that its type asks for; elements of other types are not looked at."""
    if not isinstance(element, dict) or not isinstance(element.get("type"), str):
        return False
    kind = element["type"]
    if kind not in ("node", "way", "relation"):
        return True
    if not _is_id(element.get("id")) or not _has_tags(element):
        return False
    if kind == "node":
        return _is_place(element) or ("lat" not in element and "lon" not in element)
    if kind == "way":
        return _has_line(element)
    members = element.get("members", [])
    return isinstance(members, list) and all(map(_is_member, members))


def _is_member(item: object) -> bool:
    return isinstance(item, dict) and _has_line(item) and ("ref" not in item or _is_id(item["ref"]))


def answer_of(file: Path, mend: str) -> Mapping[str, Any] | Problem:
    """The content of a recorded answer, every element of the right form; or why it is none (``mend``: what to do)."""
    text = read_text(file, most_mb=LARGEST_MB)
    content = text if isinstance(text, Problem) else json_of(text, file.name, mend)
    if isinstance(content, Problem):
        return content
    if not isinstance(content, dict) or not isinstance(content.get("elements"), list):
        return Problem(file.name, "is no Overpass answer: it has no elements", mend)
    for at, element in enumerate(content["elements"]):
        if not _is_sound(element):
            message = f"has an element that is none (number {at + 1})"
            return Problem(file.name, message, mend, value=str(element)[:80])
    return content
