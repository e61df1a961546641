"""The check map holds what an instance has, in one file that asks for nothing."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from hubopt.instance import Instance
from hubopt.viz.check_map import check_map
from tests.cases import tiny


def content(page: str) -> dict[str, list[dict[str, object]]]:
    """The data inside the page."""
    found = re.search(r'<script type="application/json" id="check">(.*?)</script>', page, re.DOTALL)
    assert found
    data: dict[str, list[dict[str, object]]] = json.loads(found.group(1))
    return data


def test_every_place_is_on_the_map() -> None:
    """Gateways, sites and zones are all there, and arcs by leg and mode with their number."""
    instance = tiny()
    data = content(check_map(instance))
    assert [len(data[name]) for name in ("gateways", "sites", "zones")] == [
        len(instance.gateways), len(instance.sites), len(instance.zones)
    ]  # fmt: skip
    assert sum(int(str(item["count"])) for item in data["arcs"]) == len(instance.arcs)


def test_the_page_asks_for_nothing() -> None:
    """No script, style or image comes from elsewhere, and the policy of the page forbids it."""
    page = check_map(tiny())
    assert "default-src 'none'" in page
    assert not re.search(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=", page)


def test_candidates_that_are_out_are_shown_with_their_reason() -> None:
    """A ruled-out candidate is drawn apart, with the sentence of either language."""
    criteria = pd.DataFrame(
        {
            "candidate": ["in", "out"], "sites": ["h-air", ""], "in": [True, False], "lon": [114.0, 114.1], "lat": 22.5,
            "name_en": "Land", "name_zh": "地块", "reasons_en": ["in as hub", "too small"],
            "reasons_zh": ["入选", "面积不足"],
        }
    )  # fmt: skip
    data = content(check_map(tiny(), criteria))
    assert [(item["id"], item["why"]) for item in data["out"]] == [("out", {"en": "too small", "zh": "面积不足"})]
    reasons = {item["id"]: item["why"] for item in data["sites"]}
    assert reasons["h-air"] == {"en": "in as hub", "zh": "入选"}


def test_a_name_cannot_break_out_of_the_page() -> None:
    """Markup in a name stays text."""
    instance = tiny()
    zones = instance.zones.assign(name_en="</script><script>alert(1)</script>")
    page = check_map(instance.with_tables(zones=zones))
    assert "<script>alert" not in page and len(content(page)["zones"]) == len(zones)


def without_places() -> Instance:
    """The tiny case with all coordinates taken away."""
    instance = tiny()
    names = ("gateways", "sites", "zones")
    return instance.with_tables(**{name: instance.table(name).assign(lon=np.nan, lat=np.nan) for name in names})


def test_a_case_without_places_has_no_map() -> None:
    """Without coordinates there is nothing to draw, which is said."""
    with pytest.raises(ValueError, match="no place"):
        check_map(without_places())


def test_an_unknown_language_is_refused() -> None:
    """The page has two languages."""
    with pytest.raises(ValueError, match="not one of en, zh"):
        check_map(tiny(), lang="fr")
