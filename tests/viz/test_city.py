"""The pages of a whole city: Shenzhen as the repository has it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from hubopt.instance import read_instance
from hubopt.instance.types import Instance
from tests.viz.greedy import map_of, report_of
from tests.viz.pages import page_data, seen

SHENZHEN: partial[Instance] = partial(read_instance, Path(__file__).resolve().parents[2] / "instances" / "shenzhen")


@pytest.fixture(scope="module")
def html() -> str:
    return map_of(SHENZHEN)


def test_the_map_of_a_city_stays_small(html: str) -> None:
    """Under 5 MB with Leaflet, base map and both languages, and it loads nothing."""
    assert len(html.encode()) < 5e6
    assert seen(html).loads == []


def test_the_city_has_a_base_map(html: str) -> None:
    """Land, districts with Chinese names, roads and expressways are drawn, and OpenStreetMap is credited."""
    data = page_data(html)
    assert {"land", "districts", "roads", "expressways"} <= set(data["base"])
    assert "南山区" in {district["name"]["zh"] for district in data["base"]["districts"]}
    assert all(zone["parts"] for zone in data["zones"])
    assert data["openstreetmap"] and data["sources"]


def test_the_report_of_a_city_stays_small() -> None:
    """Under 5 MB with a sheet for each large site and every parameter in both languages, and it loads nothing."""
    html = report_of(SHENZHEN)
    assert len(html.encode()) < 5e6
    assert seen(html).loads == []
