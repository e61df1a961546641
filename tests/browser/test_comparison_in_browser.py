"""The comparison map in a real browser, used as a reader uses it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from hubopt.viz.comparison import Side, comparison_map
from tests.browser.conftest import Visit
from tests.viz.cases import hostile, mapped, plan_for_two_periods, two_periods
from tests.viz.greedy import greedy_plan, greedy_solution, solved

pytestmark = pytest.mark.browser

Opener = Callable[[str], Visit]
CENTRE = "id => { const m = hubopt.views[id].map; const c = m.getCenter(); return [c.lat, c.lng, m.getZoom()]; }"
NEAR = 2e-3
"""Degrees of two pixels: maps of unequal width round their centres differently."""
LAYER = "layer => { const v = hubopt.views.difference; return v.map.hasLayer(v.groups[layer]) ? v.groups[layer].getLayers().length : 0; }"  # noqa: E501


@pytest.fixture(scope="module")
def html() -> str:
    case = mapped()
    fewer = greedy_plan(case, {"hub": 1.0, "utc": 0.5, "station": 0.5}, leave_out="z1")
    return comparison_map(
        Side("all sites", *solved(mapped)), Side("fewer & less", case, greedy_solution(case, fewer)), "en"
    )


def centre(page: Page, view: str) -> list[float]:
    """Latitude, longitude and zoom of a view."""
    found: list[float] = page.evaluate(CENTRE, view)
    return found


def test_two_results_are_looked_at_side_by_side(visit: Opener, html: str) -> None:
    """Dragging and zooming one map moves the other; the pointer is shown on it; nothing is fetched or printed."""
    opened = visit(html)
    page = opened.page
    expect(page.locator("#view-first h2")).to_contain_text("all sites")
    expect(page.locator("#view-second h2")).to_contain_text("fewer & less")
    expect(page.locator("#view-difference")).to_be_hidden()
    before = centre(page, "first")
    assert centre(page, "second") == pytest.approx(before, abs=NEAR)
    box = page.locator("#view-first .map").bounding_box()
    assert box
    x, y = box["x"] + 100, box["y"] + 150
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 80, y + 60, steps=4)
    page.mouse.up()
    expect(page.locator("#view-second .cursor")).to_have_count(1)
    expect(page.locator("#view-first .cursor")).to_have_count(0)
    page.wait_for_function("before => Math.abs(hubopt.views.first.map.getCenter().lng - before) > 0.001", arg=before[1])
    page.wait_for_timeout(400)
    assert centre(page, "second") == pytest.approx(centre(page, "first"), abs=NEAR)
    page.locator("#view-second .leaflet-control-zoom-in").click()
    page.wait_for_function("before => hubopt.views.first.map.getZoom() > before", arg=before[2])
    page.wait_for_timeout(400)
    assert centre(page, "first") == pytest.approx(centre(page, "second"), abs=NEAR)
    opened.assert_clean()


def test_the_difference_is_listed_drawn_and_flown_to(visit: Opener, html: str) -> None:
    """Each kind of change has its layer and its list; a name opens the place with both results side by side."""
    opened = visit(html)
    page = opened.page
    page.locator("#show-difference").click()
    expect(page.locator("#view-first")).to_be_hidden()
    expect(page.locator("#view-difference h2")).to_contain_text("from A (all sites) to B (fewer & less)")
    closed = int(page.locator(".change", has_text="Only in A: closed").locator(".count").inner_text())
    assert page.evaluate(LAYER, "closed") == closed > 0
    assert page.evaluate(LAYER, "reassigned") > 0 and page.evaluate(LAYER, "worse") > 0
    page.locator("#layer-closed").uncheck()
    assert page.evaluate(LAYER, "closed") == 0
    page.locator("#layer-closed").check()
    assert page.evaluate(LAYER, "closed") == closed
    page.locator(".change", has_text="Only in A: closed").locator(".link").first.click()
    card = page.locator("#view-difference .leaflet-popup").last  # one that is fading out may still be there
    expect(card).to_contain_text("Only in A: closed")
    assert card.locator("tr", has_text="Size").locator("td").all_inner_texts()[1] == "–"
    page.locator(".change", has_text="Zones served worse").locator("summary").click()
    page.locator(".change", has_text="Zones served worse").locator(".link").first.click()
    expect(card).to_contain_text("Some demand not served")
    page.locator("#show-sides").click()
    page.locator(".change", has_text="Only in A: closed").locator(".link").first.click()
    for view in ("first", "second"):
        expect(page.locator(f"#view-{view} .leaflet-popup")).to_contain_text("Only in A: closed")
    opened.assert_clean()


def test_the_comparison_speaks_both_languages(visit: Opener, html: str) -> None:
    """Panel, titles and an open popup change, and back; the parts of the cost come and go."""
    opened = visit(html)
    page = opened.page
    english = page.locator("#panel").inner_text()
    rows = page.locator(".figures tbody tr:visible").count()
    page.get_by_text("show every part of the cost").click()
    assert page.locator(".figures tbody tr:visible").count() > rows
    page.get_by_text("hide the parts of the cost").click()
    page.locator(".change .link").first.click()
    expect(page.locator(".leaflet-popup").first).to_be_visible()
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("#panel")).to_contain_text("由 A 到 B 的变化")
    expect(page.locator(".leaflet-popup").first).to_contain_text("建筑面积")
    assert "两个结果的对比" in page.title()
    page.locator("#language").click()
    assert page.locator("#panel").inner_text() == english
    opened.assert_clean()


def test_periods_are_compared_one_by_one(visit: Opener) -> None:
    """The slider's steps redraw the difference of their period."""
    case = two_periods()
    one = greedy_solution(case, plan_for_two_periods(case))
    opened = visit(comparison_map(Side("A", case, one), Side("B", case, one)))
    page = opened.page
    assert page.evaluate("() => hubopt.difference().period") == "2030"
    page.locator(".ticks").get_by_text("2025", exact=True).click()
    assert page.evaluate("() => hubopt.difference().period") == "2025"
    expect(page.locator(".change .count").first).to_have_text("0")
    opened.assert_clean()


def test_names_that_attack_the_comparison_do_nothing(visit: Opener) -> None:
    """No name runs in titles, lists, tooltips or popups."""
    case = hostile()
    fewer = greedy_solution(case, greedy_plan(case, {"hub": 0.5, "utc": 0.5, "station": 0.5}))
    attack = "<img src=x onerror='window.hacked=1'>"
    opened = visit(comparison_map(Side(attack, *solved(hostile)), Side("B", case, fewer)))
    page = opened.page
    page.locator("#show-difference").click()
    for kind in ("site", "zone"):
        for i in range(page.evaluate("kind => hubopt.listOf(kind).length", kind)):
            page.evaluate("([kind, i]) => hubopt.open(kind, i)", [kind, i])
    page.locator("#language").click()
    assert page.evaluate("() => window.hacked") is None
    assert page.locator("#panel script, .leaflet-container script, img").count() == 0
    opened.assert_clean()
