"""Sentences that say why land is a candidate or not, for those who decide on land, in English and Chinese."""

from __future__ import annotations

import pandas as pd

from hubopt.data.sites.exclusions import Reason
from hubopt.data.sites.rules import CRITERIA, UNITS

_EN = {
    "expressway": "expressway access",
    "gateway": "gateway access",
    "rail_quay": "rail or quay access",
    "demand": "demand within reach",
    "stock": "existing logistics land around",
    "land_price": "land price",
}
_ZH = {
    "expressway": "高速公路可达性",
    "gateway": "对外口岸可达性",
    "rail_quay": "铁路或码头可达性",
    "demand": "服务范围内需求",
    "stock": "周边存量物流用地",
    "land_price": "地价",
}
_ZH_UNIT = {
    "expressway": "公里",
    "gateway": "分钟",
    "rail_quay": "公里",
    "demand": "吨/日",
    "stock": "公顷",
    "land_price": "元/平方米",
}
LEVEL_ZH = {"hub": "枢纽", "utc": "转运中心", "station": "配送站"}


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def sentences(row: pd.Series, points: pd.Series, against: tuple[Reason, ...], levels: tuple[str, ...],
               kept: bool) -> tuple[str, str]:  # fmt: skip
    """Why a candidate is in or out, in English and Chinese, one sentence after the other.

    Args:
        row: what was measured of it.
        points: its points by criterion.
        against: what speaks against it, or against some of its levels.
        levels: levels it is in for; none: it is out.
        kept: whether it is in only because it stands today.
    """
    en, zh = [reason.en for reason in against], [reason.zh for reason in against]
    if levels:
        best = sorted(CRITERIA, key=lambda name: (-points[name], name))[:2]
        worst = min(CRITERIA, key=lambda name: (points[name], name))
        shown = [
            f"{_EN[name]} {_figure(row[name])} {UNITS[name]} ({points[name]:.0f} of 100)" for name in (*best, worst)
        ]
        shown_zh = [f"{_ZH[name]}{_figure(row[name])}{_ZH_UNIT[name]}({points[name]:.0f}分)" for name in (*best, worst)]
        word, word_zh = ", ".join(levels), "、".join(LEVEL_ZH[level] for level in levels)
        why = "stands today and stays a candidate" if kept else "in"
        en.insert(0, f"{why} as {word}: strong in {shown[0]} and {shown[1]}, weakest in {shown[2]}")
        why_zh = "现状设施,保留为候选" if kept else "入选"
        zh.insert(0, f"{why_zh}({word_zh}):优势为{shown_zh[0]}、{shown_zh[1]};短板为{shown_zh[2]}")
    return "; ".join(en), ";".join(zh)
