"""Roads asked of an Overpass server: tile by tile, with patience, each sound answer kept in a cache folder.

The cache holds one JSON file per answer, as the cache folder of osmnx does, so that either reads the other's
(kind ``overpass-recorded``). A file appears only when its answer is complete and sound.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hubopt.data.roads.answers import answer_of
from hubopt.data.roads.osm import Elements, elements_of
from hubopt.data.roads.packages import needed
from hubopt.data.roads.tags import CLASSES
from hubopt.instance import whole_file
from hubopt.instance.errors import InputError, Problem

Bounds = tuple[float, float, float, float]

TILE_DEGREES = 0.25
"""Edge of the tiles that are asked for, in degrees: an answer stays below about 40 MB in a dense city."""

RETRIED = frozenset({429, 500, 502, 503, 504})
"""Answers of a server that is busy or out of order for the moment."""


@dataclass(frozen=True)
class Server:
    """A server and how patiently it is asked; ``None`` as url: that of osmnx's settings.

    ``timeout_s`` for an answer; ``tries`` in all; ``wait_s`` before the second, doubled each time up to ``longest_s``
    (a server's Retry-After counts instead, up to the same limit).
    """

    url: str | None = None
    timeout_s: float = 180
    tries: int = 5
    wait_s: float = 5
    longest_s: float = 120

    def address(self) -> str:
        """Where queries are sent."""
        if self.url:
            return self.url
        settings = needed("osmnx", "overpass").settings
        return f"{str(settings.overpass_url).rstrip('/')}/interpreter"


def tiles(bounds: Bounds, size: float = TILE_DEGREES) -> Iterator[Bounds]:
    """Tiles of at most ``size`` degrees that cover the bounds (west, south, east, north)."""
    west, south, east, north = bounds
    columns, rows = math.ceil((east - west) / size - 1e-9), math.ceil((north - south) / size - 1e-9)
    wide, high = (east - west) / columns, (north - south) / rows
    for row in range(rows):
        for column in range(columns):
            x, y = west + column * wide, south + row * high
            yield round(x, 6), round(y, 6), round(x + wide, 6), round(y + high, 6)


def query(bounds: Bounds, timeout_s: float) -> str:
    """Overpass query for drivable roads and vehicle ferries within the bounds, with all of their nodes."""
    west, south, east, north = bounds
    box = f"({south:.6f},{west:.6f},{north:.6f},{east:.6f})"
    roads = f'way["highway"~"^({"|".join(sorted(CLASSES))})$"]{box};'
    return f'[out:json][timeout:{timeout_s:.0f}];({roads}way["route"="ferry"]{box};);out body;>;out skel qt;'


def _check(bounds: Bounds) -> None:
    west, south, east, north = bounds
    if not all(map(math.isfinite, bounds)) or not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        mend = "give west, south, east, north in degrees"
        swapped = -90 <= west < east <= 90 < max(abs(south), abs(north)) <= 180
        if swapped:
            mend = "latitude and longitude are swapped; " + mend
        raise InputError([Problem("bounds", "are no box on the earth", mend, value=bounds)])


class _BusyError(Exception):
    """An attempt that failed and may be repeated; ``seconds``: how long the server asks to wait."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


def _attempt(text: str, server: Server) -> Mapping[str, Any]:
    requests = needed("requests", "overpass")
    try:
        answer = requests.post(server.address(), data={"data": text}, timeout=server.timeout_s)
    except requests.RequestException as error:
        raise _BusyError(f"no answer ({type(error).__name__})") from None
    if answer.status_code in RETRIED:
        asked = answer.headers.get("Retry-After", "")
        raise _BusyError(f"the server says {answer.status_code}", float(asked) if asked.isdigit() else None)
    if answer.status_code != 200:
        mend = "look at the query's bounds and the server's address"
        raise InputError([Problem("overpass", f"the server says {answer.status_code} {answer.reason}", mend)])
    try:
        content = answer.json()
    except ValueError:
        raise _BusyError("the answer is no JSON") from None
    if not isinstance(content, dict) or not isinstance(content.get("elements"), list):
        raise _BusyError("the answer has no elements")
    if "remark" in content and "error" in str(content["remark"]).lower():
        raise _BusyError(f"the server gave up: {content['remark']}")
    return content


def ask(text: str, server: Server, sleep: Callable[[float], None] = time.sleep) -> Mapping[str, Any]:
    """The server's answer to a query, asked again with growing pauses while the server is busy.

    Raises:
        InputError: when the last try failed, naming why each did; or at once if the server refuses the query.
    """
    reasons: list[str] = []
    pause = server.wait_s
    for attempt in range(server.tries):
        try:
            return _attempt(text, server)
        except _BusyError as busy:
            reasons.append(str(busy))
            if attempt + 1 < server.tries:
                sleep(min(busy.seconds if busy.seconds is not None else pause, server.longest_s))
                pause *= 2
    tried = f"{len(reasons)} tries failed: {'; '.join(reasons)}"
    mend = "try later, name another server, or use an extract (kind osm)"
    raise InputError([Problem("overpass", tried, mend, value=server.address())])


def download(
    bounds: Bounds, cache: Path, server: Server | None = None, sleep: Callable[[float], None] = time.sleep
) -> Elements:
    """Nodes and ways of the roads within the bounds (west, south, east, north in degrees).

    Tiles whose answer is in the cache folder are not asked for again; a cached file that is unsound is.

    Raises:
        InputError: if the bounds are no box, or the server does not answer soundly.
    """
    _check(bounds)
    server = server or Server()
    answers = []
    for tile in tiles(bounds):
        text = query(tile, server.timeout_s)
        file = cache / f"{hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()}.json"
        answer = _cached(file)
        if answer is None:
            answer = ask(text, server, sleep)
            cache.mkdir(parents=True, exist_ok=True)
            whole_file.write_whole(file, json.dumps(answer, ensure_ascii=False).encode(), whole_file.OWN)
        answers.append(answer)
    return elements_of(answers)


def _cached(file: Path) -> Mapping[str, Any] | None:
    answer = answer_of(file, "remove it")
    return None if isinstance(answer, Problem) else answer
