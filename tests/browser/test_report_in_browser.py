"""The finished report in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from hubopt.check import check
from hubopt.viz import report_html
from tests.browser.conftest import Visit
from tests.check.phased import phased_case
from tests.plans import phased_solution
from tests.viz.cases import hostile, mapped
from tests.viz.greedy import report_of, unsolved

pytestmark = pytest.mark.browser

Opener = Callable[[str], Visit]


@pytest.fixture(scope="module")
def html() -> str:
    return report_of(mapped)


def test_the_report_opens_without_asking_for_anything(visit: Opener, html: str) -> None:
    """One request, for the file; no failed one, no console message; the charts have a size."""
    opened = visit(html)
    page = opened.page
    expect(page.locator(".page:visible h1")).to_have_text("A city small enough to check by hand")
    boxes = [chart.bounding_box() for chart in page.locator(".page:visible svg.chart").all()]
    assert len(boxes) == 7 and all(box and box["width"] > 500 and box["height"] > 150 for box in boxes)
    opened.assert_clean()


def test_a_sheet_opens_with_its_map(visit: Opener, html: str) -> None:
    """A click unfolds a sheet; its map is drawn to its edges; printing unfolds every sheet and folds it again."""
    opened = visit(html)
    page = opened.page
    sheets = page.locator(".page:visible details.sheet")
    assert sheets.count() == 5
    sheets.first.locator("summary").click()
    inset = sheets.first.locator("svg.inset")
    box = inset.bounding_box()
    assert box and 300 < box["width"] < 1.3 * box["height"]
    corners = """svg => { svg.scrollIntoView(); const box = svg.getBoundingClientRect();
        return [[3, 3], [box.width - 3, 3], [3, box.height - 3], [box.width - 3, box.height - 3]]
            .map(([x, y]) => document.elementFromPoint(box.x + x, box.y + y).tagName); }"""
    assert inset.evaluate(corners) == ["use"] * 4
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".page:visible details.sheet[open]").count() == 5
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert page.locator(".page:visible details.sheet[open]").count() == 1
    opened.assert_clean()


def test_the_report_changes_language(visit: Opener, html: str) -> None:
    """The button shows the other page, with its title and language."""
    opened = visit(html)
    page = opened.page
    page.locator("button.language:visible").click()
    expect(page.locator(".page:visible h1")).to_have_text("可手工核算的小城")
    assert page.title() == "可手工核算的小城：网络规划报告"
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.locator("button.language:visible").click()
    expect(page.locator(".page:visible h1")).to_have_text("A city small enough to check by hand")
    opened.assert_clean()


def test_tables_sort_by_a_click(visit: Opener, html: str) -> None:
    """A click on a number's head sorts from the largest, another from the smallest; names sort as text."""
    page = visit(html).page
    table = page.locator(".page:visible table.sortable").first
    head = table.locator("th", has_text="Throughput")
    cells = "rows => rows.map(row => Number(row.cells[8].dataset.key))"
    head.click()
    down = table.locator("tbody tr").evaluate_all(cells)
    head.click()
    up = table.locator("tbody tr").evaluate_all(cells)
    assert down == sorted(down, reverse=True) and up == sorted(up) and len(set(up)) > 3
    expect(head).to_have_attribute("aria-sort", "ascending")
    table.locator("th", has_text="Name").click()
    names = table.locator("tbody tr").evaluate_all("rows => rows.map(row => row.cells[0].dataset.key)")
    assert names == sorted(names)


def test_the_printed_report_has_no_buttons(visit: Opener, html: str) -> None:
    """On paper there is one language, the tables, and nothing to click."""
    page = visit(html).page
    page.emulate_media(media="print")
    assert page.locator("button:visible").count() == 0
    assert page.locator(".page:visible").count() == 1
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


def test_names_that_attack_do_nothing(visit: Opener) -> None:
    """No name runs in either language."""
    opened = visit(report_of(hostile))
    page = opened.page
    page.locator("button.language:visible").click()
    assert page.evaluate("() => window.hacked") is None
    assert page.locator(".page script, .page img, a[href^='javascript']").count() == 0
    opened.assert_clean()


def test_a_run_without_a_plan_has_a_page(visit: Opener) -> None:
    """The report of an infeasible run opens as cleanly."""
    case = mapped()
    opened = visit(report_html(case, unsolved(case), None, "zh"))
    expect(opened.page.locator(".page:visible .note").last).to_contain_text("未得到网络方案")
    opened.assert_clean()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_report_over_periods_fits_its_page(visit: Opener, lang: str) -> None:
    """Nothing is asked for or printed, and no table is wider than the page."""
    case, solution = phased_case(), phased_solution()
    assert solution.plan is not None
    opened = visit(report_html(case, solution, check(case, solution.policy, solution.plan), lang))
    script = "tables => tables.filter(table => table.scrollWidth > table.parentElement.clientWidth + 1).length"
    assert opened.page.locator(".page:not([hidden]) table").evaluate_all(script) == 0
    assert opened.page.locator(".page:visible .periods tbody tr").count() == 5
    opened.assert_clean()
