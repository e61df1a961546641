"""Changes to the structure of TOML, JSON, GeoJSON and XML files."""

from __future__ import annotations

import copy
import datetime
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import tomli_w

from tests.fuzz.mutations import NASTY, NUMBERS, any_bytes

Node = tuple[Any, Any]
"""A container and the key of one of its parts."""


def nodes(tree: Any) -> Iterator[Node]:
    """Every part of a tree."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, part in list(items):
        yield tree, key
        yield from nodes(part)


def _value(chance: Random, toml: bool) -> Any:
    values: list[Callable[[], Any]] = [
        lambda: chance.choice(NASTY),
        lambda: chance.choice(NUMBERS),
        lambda: chance.choice((True, False)),
        list,
        dict,
        lambda: [chance.choice(NUMBERS)] * 3,
        lambda: {"id": chance.choice(NASTY)},
        lambda: [[[[]]]],
        lambda: chance.choice((float("nan"), float("inf"), -float("inf"))),
        lambda: 10 ** chance.choice((18, 25, 400)),
    ]
    values.append((lambda: datetime.date(2025, 1, 2)) if toml else (lambda: None))
    return chance.choice(values)()


def change_tree(tree: Any, chance: Random, toml: bool) -> Any:
    """One change somewhere in the tree."""
    places = list(nodes(tree))
    if not places:
        return tree
    inside, key = chance.choice(places)
    match chance.randrange(9):
        case 0 | 1 | 2:
            inside[key] = _value(chance, toml)
        case 3:
            del inside[key]
        case 4 if isinstance(inside, dict):
            inside[chance.choice(NASTY)] = inside.pop(key)
        case 5 if isinstance(inside, list):
            inside.insert(key, copy.deepcopy(inside[key]))
        case 6:
            inside[key] = [inside[key]]
        case 7:
            other, place = chance.choice(places)
            try:
                inside[key] = copy.deepcopy(other[place])
            except (KeyError, IndexError):
                return tree
        case 8 if isinstance(inside[key], int | float) and not isinstance(inside[key], bool):
            inside[key] *= chance.choice((-1, 0, 1000, 0.001, 1e9))
        case _:
            deep: Any = inside[key]
            for _ in range(chance.choice((3, 30, 300))):
                deep = [deep]
            inside[key] = deep
    return tree


def toml(content: bytes, chance: Random) -> bytes:
    """Keys and values of a TOML file changed."""
    try:
        tree = tomllib.loads(content.decode())
        for _ in range(chance.choice((1, 1, 2, 4))):
            tree = change_tree(tree, chance, True)
        return tomli_w.dumps(tree).encode("utf-8", "replace")
    except (ValueError, TypeError, RecursionError, AttributeError):
        return any_bytes(content, chance)


def json_tree(content: bytes, chance: Random) -> bytes:
    """Keys and values of a JSON file changed."""
    try:
        tree = json.loads(content)
        for _ in range(chance.choice((1, 1, 2, 4))):
            tree = change_tree(tree, chance, False)
        text = json.dumps(tree, ensure_ascii=chance.random() < 0.5)
    except (ValueError, TypeError, RecursionError, OverflowError):
        return any_bytes(content, chance)
    if chance.random() < 0.02:
        text = text.replace("{", '{"a":' * 5000, 1)
    if chance.random() < 0.02:
        text = "[" * 100_000
    return text.encode("utf-8", "replace")


_GEOMETRIES = (
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
    "Circle",
)
_SYSTEMS: tuple[Any, ...] = (
    None,
    {},
    "EPSG:4326",
    {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}},
    {"type": "name", "properties": {"name": "EPSG:999999"}},
    {"type": "link", "properties": {"href": "http://127.0.0.1:9/x"}},
    {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
)


def geojson(content: bytes, chance: Random) -> bytes:
    """Shapes, coordinates and the reference system of GeoJSON changed."""
    if chance.random() < 0.4:
        return json_tree(content, chance)
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError):
        return any_bytes(content, chance)
    features = tree.get("features") if isinstance(tree, dict) else None
    if not isinstance(features, list) or not features or not all(isinstance(item, dict) for item in features):
        return json_tree(content, chance)
    feature = chance.choice(features)
    shape = feature.get("geometry")
    match chance.randrange(7):
        case 0:
            tree["crs"] = chance.choice(_SYSTEMS)
        case 1:
            feature["geometry"] = None
        case 2 if isinstance(shape, dict):
            shape["type"] = chance.choice(_GEOMETRIES)
        case 3 if isinstance(shape, dict):
            shape["coordinates"] = _changed_numbers(shape.get("coordinates"), chance)
        case 4 if isinstance(shape, dict):
            shape["coordinates"] = _swapped(shape.get("coordinates"))
        case 5:
            features.append(copy.deepcopy(feature))
        case _:
            tree["features"] = features[: chance.randrange(len(features) + 1)]
    return json.dumps(tree).encode()


def _changed_numbers(tree: Any, chance: Random) -> Any:
    if isinstance(tree, list):
        if tree and chance.random() < 0.1:
            tree = tree[:-1]
        return [_changed_numbers(part, chance) for part in tree]
    return tree if chance.random() < 0.7 else chance.choice((*NUMBERS, float("nan"), float("inf"), "x", None))


def _swapped(tree: Any) -> Any:
    if isinstance(tree, list) and len(tree) == 2 and not isinstance(tree[0], list):
        return tree[::-1]
    return [_swapped(part) for part in tree] if isinstance(tree, list) else tree


_LAUGHS = (
    '<!DOCTYPE a [<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9)) + "]>"
)
_STRANGER = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


def xml(content: bytes, chance: Random) -> bytes:
    """Elements and attributes of an XML file changed, left out, doubled; entities declared."""
    text = content.decode("utf-8", "replace")
    pieces = re.split(r"(<[^>]*>)", text)
    tags = [at for at, piece in enumerate(pieces) if piece.startswith("<")]
    if not tags:
        return any_bytes(content, chance)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.choice(tags)
        piece = pieces[at]
        values = list(re.finditer(r'"([^"]*)"', piece))
        match chance.randrange(8):
            case 0 | 1 | 2 | 3 if values:
                found = chance.choice(values)
                new = chance.choice((chance.choice(NASTY), str(chance.choice(NUMBERS)))).replace('"', "&quot;")
                pieces[at] = f'{piece[: found.start()]}"{new}"{piece[found.end() :]}'
            case 4:
                pieces[at] = ""
            case 5:
                pieces[at] = piece * 2
            case 6:
                other = chance.choice(tags)
                pieces[at], pieces[other] = pieces[other], pieces[at]
            case _:
                head = 1 if pieces[1].startswith("<?") else 0
                pieces[head] += chance.choice((_LAUGHS, _STRANGER)) if chance.random() < 0.3 else ""
                pieces[at] = re.sub(r' \w+="[^"]*"', "", piece, count=1)
    result = "".join(pieces)
    if chance.random() < 0.05:
        name = chance.choice(("utf-16", "utf-16-le", "latin-1", "utf-7"))
        return result.encode(name, "replace")
    return result.encode("utf-8", "replace")
