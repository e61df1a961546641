"""What a reader chooses on the network map: modes, directions, goods, gaps, phases, tiles; by real clicks."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from hubopt.viz import network_map
from hubopt.viz.tiles import Tiles
from tests.browser.test_map_in_browser import CLOSE, Opener, drawn
from tests.check.phased import phased_case
from tests.plans import phased_solution
from tests.viz.cases import mapped
from tests.viz.greedy import greedy_plan, greedy_solution, solved

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def html() -> str:
    case = mapped()
    return network_map(case, greedy_solution(case, greedy_plan(case, leave_out="z6")))


@pytest.fixture(scope="module")
def phased() -> str:
    return network_map(phased_case(), phased_solution())


def dashes(page: Page) -> dict[str, str]:
    """Dash pattern of each mode on the map, of a thin line; a mode whose lines are drawn in another way says so."""
    script = """() => {
        const found = {};
        for (const leg of hubopt.data.legs) for (const line of hubopt.groups['flow-' + leg].getLayers()) {
            if (!line.entry) continue;
            const thin = hubopt.dash(line.entry.mode, 1) || 'plain';
            const same = (line.options.dashArray || 'plain') === (hubopt.dash(line.entry.mode, line.options.weight) || 'plain');
            found[line.entry.mode] = same ? thin : 'drawn in another way';
        }
        return found;
    }"""  # noqa: E501
    found: dict[str, str] = page.evaluate(script)
    return found


def test_modes_have_dashes_of_their_own(visit: Opener, html: str, phased: str) -> None:
    """No two modes have the same dashes; unticking a mode takes its lines off the map, and only these."""
    for text in (html, phased):
        opened = visit(text)
        found = dashes(opened.page)
        assert len(set(found.values())) == len(found) > 1 and "drawn in another way" not in found.values()
        last = max(found, key=int)
        opened.page.locator(f"#mode-{last}").uncheck()
        assert set(dashes(opened.page)) == set(found) - {last}
        opened.page.locator(f"#mode-{last}").check()
        assert dashes(opened.page) == found
        opened.assert_clean()


def test_flows_can_be_chosen_by_direction_and_commodity(visit: Opener, html: str) -> None:
    """One direction shows its tonnes alone, with arrows; both colours tell them apart; no commodity, no line."""
    opened = visit(html)
    page = opened.page
    totals = """() => { const sums = { inbound: 0, outbound: 0 };
        for (const entry of hubopt.linesNow()) for (const way in sums) sums[way] += entry.amounts[way];
        return sums; }"""
    both = page.evaluate(totals)
    assert both["inbound"] > 0 and both["outbound"] > 0
    page.locator("#direction").select_option("outbound")
    assert page.evaluate(totals) == {"inbound": 0, "outbound": pytest.approx(both["outbound"])}
    group = "() => hubopt.groups['flow-gateway-hub'].getLayers()"
    assert page.evaluate(f"{group}.filter(one => one instanceof L.Polygon).length") > 0
    page.locator("#direction").select_option("both")
    page.locator("#colour-by").select_option("direction")
    colours = page.evaluate(f"[...new Set(({group})().filter(one => one.entry).map(one => one.options.color))]")
    assert len(colours) == 2
    page.get_by_text("Choose commodities").click()
    boxes = page.locator("#commodities input")
    for i in range(boxes.count()):
        boxes.nth(i).uncheck()
    assert page.evaluate("() => hubopt.linesNow().length") == 0 and drawn(page, "flow-hub-utc") == 0
    opened.assert_clean()


def test_gaps_in_the_service_are_found(visit: Opener, html: str) -> None:
    """The unserved zone is counted, highlighted and flown to; a standard counts its own zones."""
    opened = visit(html)
    page = opened.page
    page.locator("#gap-unmet").check()
    assert drawn(page, "gaps") == 1
    expect(page.locator(".toggle.gap", has_text="Demand not served")).to_contain_text("1 zones")
    page.locator(".gaps .link").first.click()
    expect(page.locator(".leaflet-popup")).to_contain_text("Some demand not served")
    page.evaluate(CLOSE)
    page.locator(".toggle.gap input").last.check()
    outside = page.evaluate("() => hubopt.inGap(hubopt.GAPS[hubopt.GAPS.length - 1]).zones.length")
    assert drawn(page, "gaps") == outside
    page.locator("#gap-none").check()
    assert drawn(page, "gaps") == 0
    opened.assert_clean()


def test_the_phases_are_played(visit: Opener, phased: str) -> None:
    """From today through the periods to the last, where it stops; keys move the slider, and each step is told."""
    opened = visit(phased)
    page = opened.page
    page.locator("#play").click()
    expect(page.locator(".done")).to_contain_text("What stands today: 2 facilities")
    assert (drawn(page, "utc"), drawn(page, "hub"), drawn(page, "flow-hub-utc")) == (2, 0, 0)
    expect(page.locator(".ticks .now")).to_have_text("q", timeout=8000)
    expect(page.locator("#play")).to_have_attribute("aria-label", "Play the phases", timeout=4000)
    page.locator("#period").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".ticks .now")).to_have_text("p")
    expect(page.locator("#done summary")).to_contain_text("New 3")
    page.locator("#done summary").click()
    page.locator("#done .link").first.click()
    expect(page.locator(".leaflet-popup .course tr.now th")).to_have_text("p")
    page.locator("#periods summary").click()
    table = page.locator("#periods tr", has_text="Cost in the period").locator("td").all_inner_texts()
    assert table == ["CNY 3.68 M", "CNY 7.37 M"]
    opened.assert_clean()


def test_tiles_are_asked_for_only_where_they_were_ordered(visit: Opener) -> None:
    """Images from the named service alone, with its credit; a click takes them off and brings the base map back."""
    case, solution, report = solved(mapped)
    service = Tiles("https://tiles.example.org/{z}/{x}/{y}.png", "Example <b>Maps</b>")
    opened = visit(network_map(case, solution, report=report, tiles=service))
    page = opened.page
    page.wait_for_function("() => document.querySelectorAll('.leaflet-tile').length > 0")
    asked = set(opened.requests) - {page.url}
    assert asked and all(address.startswith("https://tiles.example.org/") for address in asked)
    expect(page.locator("#tiles-credit")).to_have_text("Tiles: Example <b>Maps</b>")
    assert drawn(page, "land") == 0
    page.locator("#tiles").uncheck()
    expect(page.locator(".leaflet-tile")).to_have_count(0)
    assert drawn(page, "land") > 0
