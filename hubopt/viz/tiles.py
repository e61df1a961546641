"""Online map tiles under a map: off unless asked for, and then the page says whose they are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from hubopt.instance import InputError, Problem
from hubopt.viz.offline import CONTENT_SECURITY_POLICY

KNOWN = {"osm": ("https://tile.openstreetmap.org/{z}/{x}/{y}.png", "© OpenStreetMap contributors (ODbL)")}
"""Services that can be asked for by name: address and credit."""

_HOST = re.compile(r"(\{s\}\.)?[a-z0-9.-]+(:\d+)?", re.IGNORECASE)


@dataclass(frozen=True)
class Tiles:
    """A tile service: its address with ``{z}``, ``{x}``, ``{y}`` (and ``{s}``), and whom to credit."""

    url: str
    credit: str

    @property
    def origin(self) -> str:
        """Where the tiles come from, as the content security policy names it."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"

    @property
    def policy(self) -> str:
        """The page's content security policy, with images from the service and nothing else allowed on top."""
        return CONTENT_SECURITY_POLICY.replace("img-src data:", f"img-src data: {self.origin}")


def tiles_of(address: str, credit: str = "") -> Tiles:
    """The service called or addressed ``address``.

    Raises
    ------
    InputError
        If the address is not a template of a secure web address, or a service of one's own has no credit.
    """
    if address in KNOWN:
        url, known = KNOWN[address]
        return Tiles(url, credit or known)
    parts = urlsplit(address)
    placed = all(mark in parts.path + parts.query for mark in ("{z}", "{x}", "{y}"))
    # what the policy of the page would read as its own words must not get into it
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc) or not placed:
        mend = f"give {', '.join(KNOWN)} or an address such as https://tiles.example.org/{{z}}/{{x}}/{{y}}.png"
        raise InputError([Problem("--tiles", f"'{address}' is not the address of a tile service", mend)])
    if not credit.strip():
        raise InputError([Problem("--tiles-credit", "is missing", "say whose tiles they are")])
    return Tiles(address, credit.strip())
