"""The page and the chart of a front: both languages, two or three measures, names taken as text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubopt.viz.front_page import FrontContent, FrontMeasure, FrontRow, PayoffRow, front_html, front_svg

EVIL = '<script>alert("x")</script>'

CONTENT = FrontContent(
    names={"en": f"City {EVIL}", "zh": f"城市 {EVIL}"},
    policy={"en": "As it stands", "zh": "按算例设定"},
    currency="CNY",
    measures=(
        FrontMeasure("cost"),
        FrontMeasure("service", {"en": f"near {EVIL}", "zh": "邻近"}),
        FrontMeasure("land"),
    ),
    rows=(
        FrontRow((4.0e7, 1.0, 3.5), 3.9e7, 0.025, False, "001", "optimal", 1.0),
        FrontRow((3.0e7, 0.95, 3.1), None, None, True, "002", "feasible", 0.99),
        FrontRow((2.9e7, 0.5, 4.5), 2.9e7, 0.0, False, "003", "optimal", 1.0),
    ),
    payoff=(PayoffRow(0, (2.9e7, 0.5, 4.5), 2.8e7), PayoffRow(1, (4.0e7, 1.0, 3.5), None)),
    no_plan=((None, 0.99, 3.0),),
    counts={"runs": 9, "jumped": 4, "grid": 9, "beaten": 2, "without": 1},
    unmet_share_max=0.01,
    complete=False,
)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_everything_in_both_languages(lang: str) -> None:
    """Values with their units, the knee, limits without a plan, that it is not complete; names are text only."""
    page = front_html(CONTENT, lang)
    assert "<script>" not in page
    for said in (
        "CNY 40,000,000", "4,000 万元", "95%", "Demand within near", "达标需求比例：邻近", "Knee", "拐点",
        "at least 99%", "不低于 99%", "broken off", "尚未完成", "9 runs", "共运行 9 次",
    ):  # fmt: skip
        assert said in page.replace("40,000,000 元", "4,000 万元"), said
    assert page.index('lang="zh-CN"') < page.index('lang="en"', 20) or lang == "en"
    assert page.count("<svg") == 2
    assert page.count('class="knee"') == 2


@pytest.mark.parametrize("count", [2, 3])
def test_charts_are_files(count: int) -> None:
    """A chart of two or three measures is drawn in Chinese, too; its title tells what it shows."""
    content = replace(
        CONTENT,
        measures=CONTENT.measures[:count],
        rows=tuple(replace(x, values=x.values[:count]) for x in CONTENT.rows),
    )
    assert "公顷" in front_svg(content, "zh").decode("utf-8") or count == 2
    drawn = front_svg(content, "en").decode("utf-8")
    assert "<script" not in drawn
    assert ("Land, ha" in drawn) is (count == 3)


def test_another_language_is_refused() -> None:
    """The catalogue has two."""
    with pytest.raises(ValueError, match="language"):
        front_html(CONTENT, "fr")
