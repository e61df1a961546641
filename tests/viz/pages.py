"""What a page would load and what it says, read from its HTML without a browser."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

LOADING = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "manifest"}
"""Attributes whose address a browser fetches."""


@dataclass
class Seen(HTMLParser):
    """Addresses that opening the page would fetch, links that a reader may follow, and the texts of the page."""

    loads: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)
    inside: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.inside = tag
        for name, value in attrs:
            address = value or ""
            if name in LOADING and not address.startswith("data:"):
                self.loads.append(address)
            if name.startswith("on"):
                self.handlers.append(address)
            if name in ("href", "xlink:href") and not address.startswith("#"):
                (self.links if tag == "a" else self.loads).append(address)
            if name == "style":
                self._style(address)

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "style":
            self._style(data)
        elif self.inside != "script":
            self.texts.append(data)

    def _style(self, css: str) -> None:
        self.loads += [url for url in re.findall(r"url\(['\"]?([^)'\"]+)", css) if not url.startswith(("data:", "#"))]
        self.loads += re.findall(r"@import[^;]*", css)


def seen(html: str) -> Seen:
    """What there is in a page."""
    reader = Seen()
    reader.feed(html)
    reader.close()
    return reader


def unpacked(table: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of a packed table (the module :mod:`hubopt.viz.columns` says how it is packed)."""
    return _records(table["columns"], table["n"])


def _records(columns: dict[str, Any], n: int) -> list[dict[str, Any]]:
    known = {key: _cells(column, n) for key, column in columns.items()}
    return [{key: cells[i] for key, cells in known.items() if i in cells} for i in range(n)]


def _cells(column: Any, n: int) -> dict[int, Any]:
    """Cells by row; a row that lacks the key is not there."""
    if isinstance(column, list):
        return dict(enumerate(column))
    match column:
        case {"all": cell}:
            return dict.fromkeys(range(n), cell)
        case {"words": words, "at": places}:
            return {i: words[place] for i, place in enumerate(places)}
        case {"bits": bits}:
            return {i: bit == "1" for i, bit in enumerate(bits)}
        case {"table": columns}:
            return dict(enumerate(_records(columns, n)))
        case {"lists": lists}:
            parts = [_cells(part, n) for part in lists]
            return {i: [part[i] for part in parts] for i in range(n)}
        case {"rows": rows, "cells": cells}:
            return dict(zip(rows, cells, strict=True))
    raise AssertionError(f"a column of an unknown kind: {column}")


def page_data(html: str) -> dict[str, Any]:
    """The record that a map carries for its script, its tables unpacked."""
    found = re.search(r'<script type="application/json" id="network">(.*?)</script>', html, re.DOTALL)
    assert found, "the page carries no data"
    data: dict[str, Any] = json.loads(found.group(1))
    for name in ("sites", "gateways", "zones"):
        data[name] = unpacked(data[name])
    for period in data["periods"]:
        period["facilities"], period["zones"] = unpacked(period["facilities"]), unpacked(period["zones"])
        for flow in period["flows"]:
            flow["lines"] = [row["line"] for row in unpacked(flow["lines"])]
    return data
