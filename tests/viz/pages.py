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


def page_data(html: str) -> dict[str, Any]:
    """The record that a map carries for its script."""
    found = re.search(r'<script type="application/json" id="network">(.*?)</script>', html, re.DOTALL)
    assert found, "the page carries no data"
    data: dict[str, Any] = json.loads(found.group(1))
    return data
