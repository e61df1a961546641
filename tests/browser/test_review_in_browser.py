"""The review map in a real browser: its list, its map and its cards, used as reviewers use them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from hubopt.instance import Policy, read_instance
from hubopt.instance.criteria import read_criteria
from hubopt.solution import Plan, Solution
from hubopt.solution.types import ASSIGNMENT_COLUMNS, FACILITY_COLUMNS, FLOW_COLUMNS
from hubopt.viz.review import review_map
from tests.browser.review_page import ROW, Opener, clean, page_of, rows, settled, spot
from tests.viz.greedy import proof
from tests.viz.review_cases import OUT, attacked, prices_of, reviewed

pytestmark = pytest.mark.browser

INSTANCES = Path(__file__).resolve().parents[2] / "instances"


def test_filters_and_search_narrow_the_list_and_the_map(visit: Opener) -> None:
    """District, level, status, score and name each leave the sites that fit, in the list and on the map."""
    opened = visit(page_of())
    page, case = opened.page, reviewed()[0]
    everything = [*case.sites["id"], OUT]
    assert sorted(rows(page)) == sorted(everything)
    drawn = (
        "() => hubopt.data.sites.filter(s => s.at && hubopt.map.hasLayer(hubopt.review.markOf(s.id))).map(s => s.id)"
    )
    assert sorted(page.evaluate(drawn)) == sorted(everything)
    page.get_by_role("checkbox", name="External hubs").uncheck()
    page.get_by_role("checkbox", name="Excluded").uncheck()
    left = case.sites[case.sites["level"] != "hub"]
    assert sorted(rows(page)) == sorted(left["id"]) == sorted(page.evaluate(drawn))
    page.locator("#by-district").select_option("West")
    assert sorted(rows(page)) == sorted(left.loc[left["district"] == "West", "id"])
    page.locator("#reset").click()
    assert len(rows(page)) == len(everything)
    for text, name in (("西部转", "u-west"), ("site U-WEST", "u-west"), ("h-nor", "h-north")):
        page.locator("#search").fill(text)
        assert rows(page) == [name]
    page.locator("#search").fill("no such place")
    expect(page.locator("#more")).to_contain_text("No site fits")
    page.locator("#reset").click()
    scores = {s["id"]: s.get("score") for s in page.evaluate("() => hubopt.data.sites")}
    most = sorted(score for score in scores.values() if score is not None)[-1]
    page.locator("#score-from").fill(str(int(most)))
    assert sorted(rows(page)) == sorted(name for name, score in scores.items() if score and score >= int(most))
    clean(opened)


def test_every_column_sorts(visit: Opener) -> None:
    """A click on a heading sorts by it, another turns the order round; sites without a value stay last."""
    page = visit(page_of()).page
    heads = page.locator("#sites thead button")
    assert heads.count() == 8
    for i in range(8):
        heads.nth(i).click()
        first, way = rows(page), heads.nth(i).locator("xpath=..").get_attribute("aria-sort")
        heads.nth(i).click()
        assert {way, heads.nth(i).locator("xpath=..").get_attribute("aria-sort")} == {"ascending", "descending"}
        assert sorted(first) == sorted(rows(page))
    page.locator("#sort-price").click()
    if page.locator("th.price").get_attribute("aria-sort") == "ascending":
        page.locator("#sort-price").click()
    assert rows(page)[:3] == ["h-north", "h-port", "u-west"]  # impossible, then dearest first
    page.locator("#sort-name").click()
    names = page.locator("#sites .go").all_inner_texts()
    assert names == sorted(names, key=str.casefold)


def test_a_row_flies_to_its_site_and_a_link_opens_it_again(visit: Opener, browser: Any) -> None:
    """The list leads to the site and its card; #site=ID alone opens it, the copied link the same view and language."""
    opened = visit(page_of())
    page = opened.page
    page.locator("#language").click()
    page.locator("#search").fill("h-north")
    page.locator("#sites .go").click()
    settled(page)
    expect(page.locator("#detail h2")).to_have_text("北部枢纽")
    assert page.url.endswith("#site=h-north") and page.evaluate("() => hubopt.map.getZoom()") >= 14
    x, y = spot(page, "h-north")
    box = page.locator(".folium-map").bounding_box()
    assert box is not None and abs(x - box["x"] - box["width"] / 2) < 30 and abs(y - box["y"] - box["height"] / 2) < 30
    page.evaluate("() => hubopt.map.setZoom(12, { animate: false })")
    link = page.evaluate("() => hubopt.review.link()")
    here = page.evaluate("() => [hubopt.map.getZoom(), hubopt.map.getCenter()]")
    page.locator("#close").click()
    assert "#site" not in page.url
    expect(page.locator("#detail")).to_be_hidden()
    again = page.context.new_page()
    again.goto(link)
    expect(again.locator("#detail h2")).to_have_text("北部枢纽")
    there = again.evaluate("() => [hubopt.map.getZoom(), hubopt.map.getCenter()]")
    assert there[0] == here[0] and there[1]["lat"] == pytest.approx(here[1]["lat"], abs=1e-3)
    again.goto(page.url.split("#")[0] + "#site=" + OUT)
    again.reload()
    expect(again.locator("#detail h2")).to_have_text("Field 9")
    again.evaluate("() => { location.hash = '#site=u-mid'; }")
    expect(again.locator("#detail h2")).to_have_text("Site u-mid")
    again.evaluate("() => { location.hash = '#site=nobody&view=x'; }")
    expect(again.locator("#detail h2")).to_have_text("Site u-mid")
    clean(opened)


def test_the_card_says_what_the_plan_does_and_why(visit: Opener) -> None:
    """Status, figures, limits, judgement, reasons and prices of each kind, and what is not computed says so."""
    case, solution = reviewed()
    opened = visit(page_of())
    page = opened.page
    assert solution.plan is not None
    row = solution.plan.facilities.set_index("site").loc["h-port"]
    page.mouse.click(*spot(page, "h-port"))
    card = page.locator("#detail")
    for text in (
        "New", f"{row.throughput_t_d:.0f} t/d of {row.capacity_t_d:.0f} t/d", "Expressway access", "1.5 km",
        "Industrial land",
        "costs between CNY 1 M and CNY 4 M a year more", "in: strong in expressway access",
    ):  # fmt: skip
        expect(card).to_contain_text(text)
    page.locator("#next").click()
    for name, text in (
        ("u-west", "costs about CNY 2 M a year more"), ("s1", "saves about CNY 200,000 a year"),
        ("s2", "not possible while the other sites stay"), ("h-north", "impossible: no plan"),
        (OUT, "lies in water"), (OUT, "cannot be forced in"), ("u-mid", "The nearest other"),
    ):  # fmt: skip
        page.evaluate("id => hubopt.review.goTo(id)", name)
        expect(card).to_contain_text(text)
    clean(opened)
    bare = visit(review_map(case, solution)).page
    bare.evaluate("() => hubopt.review.goTo('h-north')")
    expect(bare.locator("#force")).to_contain_text("Not computed. To compute: hubopt review RESULT --prices")
    expect(bare.locator("#suitability")).to_contain_text("does not tell how its sites were judged")
    assert bare.locator("#sort-price").count() == 0


def test_measuring_and_printing(visit: Opener) -> None:
    """Clicks measure length and area until Esc; on paper there are the map, the list and the marks."""
    opened = visit(page_of())
    page = opened.page
    page.locator("#measure").click()
    at = [spot(page, name) for name in ("h-north", "u-mid", "s1")]
    page.mouse.click(*at[0])
    page.mouse.click(*at[1])
    at_site = "id => hubopt.latlng(hubopt.review.byId.get(id).at)"
    metres = page.evaluate(f"() => {{ const at = {at_site}; return hubopt.map.distance(at('h-north'), at('u-mid')); }}")
    shown = page.locator("#readout").inner_text()
    assert float(shown.split()[1]) == pytest.approx(metres / 1000, rel=0.03) and shown.endswith("km")
    page.mouse.click(*at[2])
    expect(page.locator("#readout")).to_contain_text("area")
    expect(page.locator("#detail")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#readout")).to_be_hidden()
    page.emulate_media(media="print")
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("#sheet tbody tr")).to_have_count(len(rows(page)))
    expect(page.locator("#list")).to_be_hidden()
    expect(page.locator("#sheet-head h1")).to_contain_text("site review")
    box = page.locator(".folium-map").bounding_box()
    assert box is not None and box["width"] == 700
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(page.locator("#list")).to_be_visible()
    clean(opened)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_passes_the_accessibility_checker(visit: Opener, lang: str) -> None:
    """No rule of axe-core is broken, with the card open, marks set and an import message shown."""
    page = visit(page_of(lang)).page
    page.locator("#reviewer").fill("A")
    for name in ("h-north", OUT):
        page.evaluate("id => hubopt.review.goTo(id, { fly: false })", name)
        page.locator("#mark-question").click()
        page.locator("#sources summary").click()
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_the_page_is_used_by_keyboard_alone(visit: Opener) -> None:
    """From the search by Tab to the list, down it by arrow, into a site by Enter, and to its marks by Tab."""
    page = visit(page_of()).page
    page.locator("#search").focus()
    page.keyboard.type("site")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.classList.contains('go')"):
            break
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    second = rows(page)[1]
    expect(page.locator("#detail .soft").first).to_contain_text(second)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") == "mark-accept":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#mark-accept")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("() => document.activeElement.id") == "mark-accept"


def test_texts_that_attack_do_nothing(visit: Opener) -> None:
    """No text of the data or of a mark runs, wherever it is shown."""
    case, solution, judged = attacked()
    opened = visit(review_map(case, solution, criteria=judged, prices=prices_of(solution)))
    page = opened.page
    for name in (*case.sites["id"], OUT):
        page.evaluate("id => hubopt.review.goTo(id, { fly: false })", name)
    page.locator("#mark-question").click()
    page.locator("#comment").fill("<img src=x onerror='window.hacked = 9'>")
    page.locator("#comment").blur()
    page.locator("#language").click()
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate("() => window.hacked") is None and page.locator("img").count() == 0
    clean(opened)


def test_the_map_of_a_thousand_sites_opens_quickly(visit: Opener) -> None:
    """The city at 1 km is a file of a few megabytes that shows its list within three seconds."""
    case = read_instance(INSTANCES / "shenzhen-1km")
    rows_of_plan = pd.DataFrame(0.0, index=range(0, len(case.sites), 2), columns=list(FACILITY_COLUMNS))
    chosen = case.sites.iloc[::2].reset_index(drop=True)
    rows_of_plan = rows_of_plan.reset_index(drop=True).assign(
        site=chosen["id"],
        level=chosen["level"],
        period=case.structure.periods[0].id,
        action="new",
        design="d",
        modules=2,
    )
    plan = Plan(rows_of_plan, pd.DataFrame(columns=list(ASSIGNMENT_COLUMNS)), pd.DataFrame(columns=list(FLOW_COLUMNS)))
    solution = Solution(case.info.id, Policy(), proof(objective=1e9, bound=9e8), plan, {}, {})
    html = review_map(case, solution, criteria=read_criteria(INSTANCES / "shenzhen-1km"))
    page = visit(html).page
    clock = page.context.new_cdp_session(page)
    clock.send("Performance.enable", {"timeDomain": "threadTicks"})  # computing time: others use the machine too
    begun = time.monotonic()
    page.reload()
    expect(page.locator(ROW).first).to_be_visible()
    waited = time.monotonic() - begun
    metrics = {item["name"]: item["value"] for item in clock.send("Performance.getMetrics")["metrics"]}
    print(
        f"{len(html) / 1e6:.1f} MB, first rows after {waited:.2f} s, of which {metrics['TaskDuration']:.2f} s computing"
    )
    assert len(html) < 15e6 and 0 < metrics["TaskDuration"] < 3
    page.locator("#show-all").click()
    assert len(rows(page)) == len(case.sites) + 1
