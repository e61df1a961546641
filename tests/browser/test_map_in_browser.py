"""The finished map in a real browser, used as a reader uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from hubopt.solution.types import Plan
from hubopt.viz import network_map
from tests.browser.conftest import Visit
from tests.cases import tiny
from tests.check.phased import phased_case
from tests.plans import phased_solution
from tests.viz.cases import hostile, mapped, plan_for_two_periods, two_periods, unlocated
from tests.viz.greedy import greedy_plan, greedy_solution, map_of, solved, unsolved

pytestmark = pytest.mark.browser

Opener = Callable[[str], Visit]
CLOSE = "() => { hubopt.map.closePopup(); }"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return greedy_plan(mapped(), leave_out="z6")


@pytest.fixture(scope="module")
def html(plan: Plan) -> str:
    case = mapped()
    return network_map(case, greedy_solution(case, plan))


def drawn(page: Page, layer: str) -> int:
    """Number of things of a layer that are on the map now."""
    script = "layer => { const g = hubopt.groups[layer]; return hubopt.map.hasLayer(g) ? g.getLayers().length : 0; }"
    return int(page.evaluate(script, layer))


def spot(page: Page, kind: str, name: str) -> tuple[float, float]:
    """Where a site, gateway or zone is on the screen."""
    script = """([kind, id]) => {
        const thing = hubopt.listOf(kind).find(one => one.id === id);
        const point = hubopt.map.latLngToContainerPoint(hubopt.latlng(thing.at));
        return [point.x, point.y];
    }"""
    x, y = page.evaluate(script, [kind, name])
    return float(x), float(y)


def step(page: Page, period: str) -> None:
    """Click on a step below the slider."""
    page.locator(".ticks").get_by_text(period, exact=True).click()


def look(page: Page, at: tuple[float, float]) -> bytes:
    """Picture of a small square around a spot of the screen, once the canvas has been painted."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page.screenshot(clip={"x": at[0] - 3, "y": at[1] - 3, "width": 6, "height": 6})


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_map_opens_without_asking_for_anything(visit: Opener, lang: str) -> None:
    """One request, for the file; no failed one, no console message; the map is drawn."""
    case = solved(mapped)[0]
    opened = visit(map_of(mapped, lang))
    expect(opened.page.locator("h1")).to_have_text(case.info.name_en if lang == "en" else case.info.name_zh)
    assert drawn(opened.page, "hub") > 0 and drawn(opened.page, "zones") == len(case.zones)
    assert opened.page.locator(".gateway.leaflet-marker-icon").count() == len(case.gateways)
    opened.assert_clean()


def test_the_page_refuses_the_network(visit: Opener, html: str) -> None:
    """The content security policy stops what a script in the page would fetch."""
    page = visit(html).page
    script = """() => new Promise(done => {
        addEventListener('securitypolicyviolation', event => done(event.effectiveDirective));
        new Image().src = 'http://127.0.0.1:9/pixel.png';
    })"""
    assert page.evaluate(script) == "img-src"
    assert page.evaluate("() => fetch('http://127.0.0.1:9/').then(() => 'fetched', () => 'refused')") == "refused"


def test_layers_go_and_come_back(visit: Opener, html: str) -> None:
    """A click on a layer's row takes its things off the map and the picture, another brings them back."""
    opened = visit(html)
    page = opened.page
    before, at = drawn(page, "hub"), spot(page, "site", "h-north")
    painted = look(page, at)
    page.mouse.move(1390, 400)
    page.get_by_label("External hubs").uncheck()
    assert drawn(page, "hub") == 0
    assert look(page, at) != painted
    page.get_by_label("External hubs").check()
    assert drawn(page, "hub") == before > 0 and look(page, at) == painted
    assert drawn(page, "candidates") == 0
    page.get_by_label("Candidates not chosen").check()
    assert drawn(page, "candidates") > 0
    opened.assert_clean()


def test_every_layer_can_be_switched(visit: Opener, html: str) -> None:
    """Each row of the legend switches exactly one layer."""
    opened = visit(html)
    boxes = opened.page.locator("#panel input[id^=layer-]")
    assert boxes.count() >= 14
    for i in range(boxes.count()):
        layer = str(boxes.nth(i).get_attribute("id")).removeprefix("layer-")
        on = "layer => hubopt.map.hasLayer(hubopt.groups[layer])"
        before = opened.page.evaluate(on, layer)
        boxes.nth(i).click()
        assert opened.page.evaluate(on, layer) is not before
    opened.assert_clean()


def test_a_click_on_a_site_opens_its_numbers(visit: Opener, html: str, plan: Plan) -> None:
    """The popup under a real click shows the site's own throughput, capacity and land."""
    opened = visit(html)
    page = opened.page
    page.mouse.click(*spot(page, "site", "h-north"))
    popup = page.locator(".leaflet-popup")
    expect(popup.locator("h3")).to_have_text("Site h-north")
    row = plan.facilities.set_index("site").loc["h-north"]
    for text in (
        f"{row.throughput_t_d:.0f} t/d",
        f"{row.capacity_t_d:.0f} t/d",
        "北部枢纽",
        "Yearly cost",
        "New",
        "made-up",
    ):
        expect(popup).to_contain_text(text.replace("made-up", "Made up for the tests"))
    assert drawn(page, "highlight") > 0
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    assert drawn(page, "highlight") == 0
    opened.assert_clean()


def test_a_click_on_a_gateway_and_on_a_zone_opens_them(visit: Opener, html: str) -> None:
    """Gateways show what they carry, zones what is not served."""
    opened = visit(html)
    page = opened.page
    page.evaluate("() => hubopt.map.setZoom(hubopt.map.getZoom() - 1, { animate: false })")
    page.mouse.click(*spot(page, "gateway", "gate"))
    expect(page.locator(".leaflet-popup")).to_contain_text("Expressway gate")
    page.evaluate(CLOSE)
    expect(page.locator(".leaflet-popup")).to_have_count(0)
    page.mouse.click(*spot(page, "zone", "z6"))
    expect(page.locator(".leaflet-popup")).to_contain_text("Some demand not served")
    opened.assert_clean()


def test_search_flies_to_a_site_and_opens_it(visit: Opener, html: str) -> None:
    """A part of a name in either language is enough."""
    opened = visit(html)
    page = opened.page
    page.locator("#search").fill("西部转")
    page.locator("#found button").first.click()
    expect(page.locator(".leaflet-popup h3")).to_have_text("Site u-west")
    x, y = spot(page, "site", "u-west")
    assert 300 < x < 1400 and 0 < y < 900
    page.locator("#search").fill("no such place")
    expect(page.locator("#found")).to_have_text("Nothing has this name.")
    opened.assert_clean()


def test_search_brings_a_candidate_into_sight(visit: Opener) -> None:
    """A site that was not chosen is shown with its layer."""
    case = mapped()
    plan = greedy_plan(case, {"hub": 0.5, "utc": 0.5, "station": 1.0})
    page = visit(network_map(case, greedy_solution(case, plan))).page
    page.locator("#search").fill("u-mid")
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup")).to_contain_text("Candidate, not chosen")
    assert drawn(page, "candidates") > 0


def test_the_other_language_is_a_click_away(visit: Opener, html: str) -> None:
    """Title, panel, popup and labels change language, and back."""
    opened = visit(html)
    page = opened.page
    english = page.locator("#panel").inner_text()
    page.mouse.click(*spot(page, "site", "h-north"))
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("h1")).to_have_text("可手工核算的小城")
    expect(page.locator(".leaflet-popup h3")).to_have_text("北部枢纽")
    expect(page.locator(".leaflet-popup")).to_contain_text("利用率")
    expect(page.locator(".leaflet-popup")).to_contain_text("东区")
    assert "网络图" in page.title()
    words = page.locator("#panel h2").all_inner_texts()
    assert words == ["设施", "货流", "小区服务水平", "底图"]
    page.evaluate(CLOSE)
    labels = page.locator(".label").all_inner_texts()
    assert "西区" in labels and "West" not in labels
    page.locator("#language").click()
    assert page.locator("#panel").inner_text() == english
    opened.assert_clean()


def test_zones_can_be_shaded_by_each_measure(visit: Opener, html: str) -> None:
    """Choosing a measure changes the legend and the colours of the zones."""
    opened = visit(html)
    page = opened.page
    colours = "() => hubopt.zoneLayers.map(zone => zone.options.fillColor).join()"
    seen, legends = {page.evaluate(colours)}, {page.locator(".shades").inner_text()}
    names = page.locator("#shading option").all_inner_texts()
    assert names[1:3] == [
        "Transfer centre: distance (standard 5 km)",
        "Transfer centre: delivery time (standard 60 min)",
    ]
    for i in range(1, len(names)):
        page.locator("#shading").select_option(index=i)
        seen.add(page.evaluate(colours))
        legends.add(page.locator(".shades").inner_text())
    assert len(legends) == len(names) and len(seen) > 2
    opened.assert_clean()


def test_the_panel_folds_away(visit: Opener, html: str) -> None:
    """The map can be seen whole."""
    page = visit(html).page
    page.locator("#fold").click()
    expect(page.locator("#panel")).to_be_hidden()
    page.locator("#fold").click()
    expect(page.locator("#panel")).to_be_visible()


def test_sources_and_licences_are_on_the_map(visit: Opener, html: str) -> None:
    """The credit line names OpenStreetMap and the sources; the list opens from it."""
    page = visit(html).page
    credit = page.locator(".leaflet-control-attribution")
    expect(credit).to_contain_text("© OpenStreetMap contributors (ODbL)")
    expect(credit).to_contain_text("Made up for the tests")
    credit.get_by_text("all sources").click()
    expect(page.locator("#sources")).to_contain_text("MIT")


def test_names_that_attack_do_nothing(visit: Opener) -> None:
    """No name runs, wherever it is shown: labels, tooltips, popups, search, in both languages."""
    opened = visit(map_of(hostile))
    page = opened.page
    page.locator("#search").fill("script")
    for kind in ("site", "gateway", "zone"):
        for i in range(page.evaluate("kind => hubopt.listOf(kind).length", kind)):
            page.evaluate("([kind, i]) => hubopt.show(kind, i)", [kind, i])
    page.mouse.move(*spot(page, "site", "h-port"))
    page.locator("#language").click()
    page.evaluate(
        "() => { for (const layer of Object.keys(hubopt.groups)) hubopt.map.addLayer(hubopt.groups[layer]); }"
    )
    assert page.evaluate("() => window.hacked") is None
    assert page.locator("#panel script, .leaflet-container script, img").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    opened.assert_clean()


def test_a_case_without_coordinates_is_drawn(visit: Opener) -> None:
    """The schematic layout shows every level, its flows and popups, and no scale bar."""
    opened = visit(map_of(unlocated))
    page = opened.page
    expect(page.locator("#panel")).to_contain_text("The case has no coordinates")
    expect(page.locator(".leaflet-control-scale")).to_have_count(0)
    page.mouse.click(*spot(page, "site", "h-port"))
    expect(page.locator(".leaflet-popup h3")).to_have_text("Site h-port")
    opened.assert_clean()


def test_a_run_without_a_plan_shows_candidates(visit: Opener) -> None:
    """The status is said and the candidates are drawn."""
    case = tiny()
    opened = visit(network_map(case, unsolved(case)))
    expect(opened.page.locator(".status")).to_contain_text("Infeasible")
    assert drawn(opened.page, "candidates") == len(case.sites)
    opened.assert_clean()


def test_periods_can_be_chosen(visit: Opener) -> None:
    """The last period is shown first; another one redraws the network."""
    case = two_periods()
    opened = visit(network_map(case, replace(solved(tiny)[1], plan=plan_for_two_periods(case))))
    page = opened.page
    later = drawn(page, "flow-station-zone")
    step(page, "2025")
    assert drawn(page, "flow-station-zone") == later + 1
    opened.assert_clean()


@pytest.fixture(scope="module")
def phased() -> str:
    return network_map(phased_case(), phased_solution())


def test_layers_follow_the_period(visit: Opener, phased: str) -> None:
    """Each layer shows what there is in the chosen period and can be switched in any; the panel's figures follow."""
    opened = visit(phased)
    page = opened.page
    assert (drawn(page, "utc"), drawn(page, "closed"), drawn(page, "flow-utc-utc")) == (2, 1, 2)
    expect(page.locator("#panel")).to_contain_text("CNY 2.96 M")
    step(page, "p")
    assert (drawn(page, "utc"), drawn(page, "closed"), drawn(page, "flow-utc-utc")) == (3, 0, 2)
    expect(page.locator("#panel")).to_contain_text("CNY 2.65 M")
    page.get_by_label("In-city exchange: Transfer centres").uncheck()
    assert drawn(page, "flow-utc-utc") == 0
    step(page, "q")
    assert drawn(page, "flow-utc-utc") == 0
    page.get_by_label("In-city exchange: Transfer centres").check()
    assert drawn(page, "flow-utc-utc") == 2
    opened.assert_clean()


def test_a_popup_tells_what_happens_in_each_period(visit: Opener, phased: str) -> None:
    """Action and size of every period, the shown one marked, in the chosen language."""
    opened = visit(phased)
    page = opened.page
    page.evaluate("() => hubopt.show('site', hubopt.data.sites.findIndex(site => site.id === 'u1'))")
    rows = page.locator(".course tr")
    assert [" ".join(row.split()) for row in rows.all_inner_texts()] == [
        "p Kept 2 modules 9 t/d",
        "q Upgraded 3 modules 18 t/d",
    ]
    expect(page.locator(".course tr.now th")).to_have_text("q")
    page.locator("#language").click()
    expect(rows.last).to_contain_text("改造升级")
    opened.assert_clean()
