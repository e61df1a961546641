"""The review map opened in a browser: the page itself, and what is read off it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from playwright.sync_api import Page

from hubopt.viz.review import review_map
from tests.browser.conftest import Visit
from tests.viz.review_cases import criteria, prices_of, reviewed

Opener = Callable[[str], Visit]
ROW = "#sites tbody tr[data-row]"


@cache
def page_of(lang: str = "en") -> str:
    case, solution = reviewed()
    return review_map(case, solution, lang, criteria=criteria(case), prices=prices_of(solution))


def clean(opened: Visit) -> None:
    """Nothing was asked for but the file, nothing failed and nothing was printed (the address names the site)."""
    assert {address.split("#")[0] for address in opened.requests} == {opened.page.url.split("#")[0]}
    assert opened.failures == [] and opened.messages == []


def rows(page: Page) -> list[str]:
    """Ids of the list, from the top."""
    return list(page.locator(ROW).evaluate_all("rows => rows.map(row => row.dataset.row)"))


def spot(page: Page, name: str) -> tuple[float, float]:
    """Where a site is on the screen."""
    script = """id => {
        const box = hubopt.map.getContainer().getBoundingClientRect();
        const point = hubopt.map.latLngToContainerPoint(hubopt.latlng(hubopt.review.byId.get(id).at));
        return [box.x + point.x, box.y + point.y];
    }"""
    x, y = page.evaluate(script, name)
    return float(x), float(y)


def settled(page: Page) -> None:
    """Wait until the map has stopped moving."""
    seen: list[Any] = []
    while len(seen) < 4 or any(view != seen[-1] for view in seen[-4:]):
        assert len(seen) < 100, "the map does not come to rest"
        seen.append(page.evaluate("() => [hubopt.map.getZoom(), hubopt.map.getCenter().lat]"))
        page.wait_for_timeout(60)
