"""Online tiles: only where they were asked for, from one place, with a credit."""

from __future__ import annotations

import pytest

from hubopt.instance import InputError
from hubopt.viz import network_map
from hubopt.viz.offline import CONTENT_SECURITY_POLICY
from hubopt.viz.tiles import Tiles, tiles_of
from tests.viz.cases import mapped, unlocated
from tests.viz.greedy import map_of, solved
from tests.viz.pages import page_data

OWN = "https://{s}.tiles.example.org/{z}/{x}/{y}.png"


def test_a_map_has_no_tiles_by_default() -> None:
    """No service is named, and the policy lets no image in from outside."""
    html = map_of(mapped)
    assert page_data(html)["tiles"] is None and CONTENT_SECURITY_POLICY in html


def test_tiles_may_come_from_their_service_alone() -> None:
    """The policy allows images of the service and nothing else on top; the page carries address and credit."""
    case, solution, report = solved(mapped)
    html = network_map(case, solution, report=report, tiles=tiles_of(OWN, "Example Maps"))
    allowed = CONTENT_SECURITY_POLICY.replace("data:", "data: https://*.tiles.example.org")
    assert allowed in html and CONTENT_SECURITY_POLICY not in html
    assert page_data(html)["tiles"] == {"url": OWN, "credit": "Example Maps"}


def test_a_known_service_has_its_credit() -> None:
    """OpenStreetMap is credited without being told."""
    assert "OpenStreetMap" in tiles_of("osm").credit


@pytest.mark.parametrize(
    "address",
    [
        "no-such-service",
        "http://tiles.example.org/{z}/{x}/{y}.png",
        "https://tiles.example.org/{z}/{x}.png",
        "https://tiles.example.org; script-src */{z}/{x}/{y}",
        "https://user@tiles.example.org/{z}/{x}/{y}",
        "javascript:alert(1)/{z}/{x}/{y}",
    ],
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """Only secure addresses with all three places, and nothing that would change the page's policy."""
    with pytest.raises(InputError, match="not the address of a tile service"):
        tiles_of(address, "someone")


def test_tiles_of_ones_own_need_a_credit() -> None:
    """Whose tiles they are must be said."""
    with pytest.raises(InputError, match="say whose tiles they are"):
        tiles_of(OWN)


def test_no_tiles_under_a_schematic_map() -> None:
    """A case without coordinates has no place for them."""
    case, solution, report = solved(unlocated)
    with pytest.raises(InputError, match="has no coordinates"):
        network_map(case, solution, report=report, tiles=Tiles(OWN, "Example Maps"))
