"""The check map of an instance in a real browser: it opens without a network and speaks both languages."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from hubopt.viz.check_map import check_map
from tests.browser.conftest import Visit
from tests.cases import tiny

pytestmark = pytest.mark.browser


def test_the_check_map_switches_language(visit: Callable[[str], Visit]) -> None:
    """Every heading, layer and link of the panel and the title change with the button; nothing is asked for."""
    seen = visit(check_map(tiny(), lang="zh"))
    page = seen.page
    chinese = page.locator("#panel").inner_text()
    assert "数据核查图" in chinese and "枢纽—转运中心 · 重型货车" in chinese
    assert "数据核查图" in page.title() and page.locator("html").get_attribute("lang") == "zh-CN"
    assert not re.search(r"[A-Za-z]{4,}", chinese.replace("English", "")), chinese
    page.get_by_role("button", name="English").click()
    english = page.locator("#panel").inner_text()
    assert "Check map of the data" in english and "hub-transfer centre · Heavy truck" in english
    assert page.locator("html").get_attribute("lang") == "en"
    assert not re.search(r"[\u3400-\u9fff]", english.replace("中文", "")), english
    seen.assert_clean()
