"""Pages are one file each and ask for nothing."""

from __future__ import annotations

import json

import pytest

from hubopt.viz.offline import CONTENT_SECURITY_POLICY, fill, leaflet_script, leaflet_style, mark, script_json
from tests.viz.cases import HOSTILE, hostile, mapped
from tests.viz.greedy import map_of, report_of
from tests.viz.pages import page_data, seen


@pytest.fixture(scope="module")
def plain() -> dict[str, str]:
    return {"map": map_of(mapped), "report": report_of(mapped)}


@pytest.fixture(scope="module")
def attacked() -> dict[str, str]:
    return {"map": map_of(hostile), "report": report_of(hostile)}


@pytest.mark.parametrize("name", ["map", "report"])
def test_a_page_loads_nothing(plain: dict[str, str], name: str) -> None:
    """No script, style, image or form has an address outside the page."""
    assert seen(plain[name]).loads == []


@pytest.mark.parametrize("name", ["map", "report"])
def test_the_policy_comes_before_everything_it_guards(plain: dict[str, str], name: str) -> None:
    """The content security policy stands before the first script and style and allows no network."""
    html = plain[name]
    at = html.index(CONTENT_SECURITY_POLICY)
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert at < html.index("<script") and at < html.index("<style")


@pytest.mark.parametrize("name", ["map", "report"])
def test_hostile_names_stay_texts(plain: dict[str, str], attacked: dict[str, str], name: str) -> None:
    """Attacks in names add no element, no handler and no script address."""
    before, after = seen(plain[name]), seen(attacked[name])
    assert after.loads == [] and after.handlers == before.handlers == []
    assert after.tags.count("script") == before.tags.count("script")
    assert after.tags.count("img") == before.tags.count("img") == 0
    assert not [link for link in after.links if link.startswith("javascript")]


def test_hostile_names_reach_the_map_unchanged(attacked: dict[str, str]) -> None:
    """The map's record holds each name letter by letter, templates and marks in it not run."""
    names = {site["name"]["en"] for site in page_data(attacked["map"])["sites"]}
    assert {f"{HOSTILE[i]} {i}" for i in range(len(HOSTILE))} <= names


def test_hostile_names_reach_the_report_unchanged(attacked: dict[str, str]) -> None:
    """The report shows each name letter by letter."""
    texts = "\n".join(seen(attacked["report"]).texts)
    assert all(f"{name} " in texts for name in HOSTILE)
    assert "49" not in [text.strip() for text in seen(attacked["report"]).texts]


def test_json_cannot_leave_its_script_element() -> None:
    """Brackets, ampersands and line separators are written as escapes, and come back as they were."""
    value = {"name": "</script><!-- & \u2028 \u2029 深圳", "list": [1.5, None]}
    text = script_json(value)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == value


def test_numbers_that_json_lacks_are_refused() -> None:
    """NaN would make the page's data unreadable."""
    with pytest.raises(ValueError):
        script_json(float("nan"))


def test_filled_content_is_not_read_again() -> None:
    """A mark inside a content stays as it is; a mark without content is an error."""
    assert fill(f"a {mark('one')} b", {"one": mark("two")}) == f"a {mark('two')} b"
    with pytest.raises(KeyError):
        fill(mark("three"), {})


def test_leaflet_is_inside_with_its_images() -> None:
    """The script has no source map to ask for; the style sheet's images are data."""
    assert "sourceMappingURL" not in leaflet_script() and "</script" not in leaflet_script()
    style = leaflet_style()
    assert "url(images/" not in style and style.count("url(data:image/png;base64,") == 3
