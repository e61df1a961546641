"""Hard exclusions: why land cannot be a site, or not one of a level, each in a sentence in two languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hubopt.data.sites.rules import LEVELS, LandRules

MAPPED_M = 3000.0
"""Where the nearest mapped homes are further than this, homes are taken not to be mapped there at all."""


@dataclass(frozen=True)
class Reason:
    """Why a candidate cannot serve: all levels, or one. ``code`` is a word for counting."""

    code: str
    level: str
    en: str
    zh: str


_LEVEL_ZH = {"hub": "枢纽", "utc": "转运中心", "station": "配送站"}
_LEVEL_EN = {"hub": "hub", "utc": "transfer centre", "station": "station"}


def usable_ha(candidates: pd.DataFrame, measured: pd.DataFrame, rules: LandRules) -> pd.Series:
    """Land that can be had for logistics: as stated (land_ha), else the usable share of the polygon by kind."""
    share = candidates["kind"].map(dict(rules.usable_share)).fillna(1.0).astype(float)
    land = measured["area_ha"] * share
    if "land_ha" in candidates.columns:
        stated = pd.to_numeric(candidates["land_ha"], errors="coerce")
        land = land.where(stated.isna(), stated)
    return land


def _everywhere(row: pd.Series, rules: LandRules) -> Iterator[Reason]:
    """Reasons that hold for every level."""
    if row["district"] == "":
        yield Reason("outside", "", "lies outside the districts of the case", "位于规划范围各区之外")
    if row["water_share"] > rules.water_share:
        share, most = 100 * row["water_share"], 100 * rules.water_share
        yield Reason("water", "", f"{share:.0f} % of it is water (at most {most:.0f} %)",
                     f"水域占{share:.0f}%(上限{most:.0f}%)")  # fmt: skip
    if row["protected_share"] > rules.protected_share:
        share, most = 100 * row["protected_share"], 100 * rules.protected_share
        yield Reason("protected", "", f"{share:.0f} % of it is protected or ecological land (at most {most:.0f} %)",
                     f"生态或保护用地占{share:.0f}%(上限{most:.0f}%)")  # fmt: skip
    if row["truck_m"] > rules.truck_m:
        metres = row["truck_m"]
        far = "none is known" if not np.isfinite(metres) else f"the nearest is {metres:.0f} m away"
        far_zh = "无已知道路" if not np.isfinite(metres) else f"最近{metres:.0f}米"
        yield Reason("no truck access", "", f"no road for trucks within {rules.truck_m:.0f} m ({far})",
                     f"{rules.truck_m:.0f}米内无货车可通行道路({far_zh})")  # fmt: skip


def _too_small_for_all(row: pd.Series, asked: tuple[str, ...], rules: LandRules) -> Iterator[Reason]:
    """One reason instead of one per level for land on which nothing fits."""
    least = min(value for key, value in rules.least_ha.items() if str(key) in asked)
    if len(asked) > 1 and row["usable_ha"] < least - 1e-9:
        yield Reason("too small", "", f"too small for any level: {row['usable_ha']:.2f} ha of {least:g} ha",
                     f"面积不足以建任何层级的设施:{row['usable_ha']:.2f}公顷(至少{least:g}公顷)")  # fmt: skip


def _by_level(row: pd.Series, level: str, rules: LandRules) -> Iterator[Reason]:
    """Reasons that hold for one level."""
    least = {str(key): value for key, value in rules.least_ha.items()}[level]
    if row["usable_ha"] < least - 1e-9:
        yield Reason(
            "too small", level, f"too small for a {_LEVEL_EN[level]}: {row['usable_ha']:.2f} ha of {least:g} ha",
            f"面积不足以建{_LEVEL_ZH[level]}:{row['usable_ha']:.2f}公顷(至少{least:g}公顷)",
        )  # fmt: skip
    apart = {str(key): value for key, value in rules.homes_m.items()}.get(level)
    if apart is None:
        return
    if row["homes_m"] <= MAPPED_M:
        if row["homes_m"] < apart:
            yield Reason(
                "too close to homes", level,
                f"too close to homes for a {_LEVEL_EN[level]}: {row['homes_m']:.0f} m (at least {apart:.0f} m)",
                f"距住宅{row['homes_m']:.0f}米,不宜建{_LEVEL_ZH[level]}(至少{apart:.0f}米)",
            )  # fmt: skip
    elif row["homes_per_km2"] > rules.homes_per_km2:
        yield Reason(
            "too close to homes", level,
            f"among homes, too close for a {_LEVEL_EN[level]}: {row['homes_per_km2']:.0f} residents per km2 around "
            f"(at most {rules.homes_per_km2:.0f}; estimated from the zones, as homes are not mapped here)",
            f"周边居住密集,不宜建{_LEVEL_ZH[level]}:每平方公里{row['homes_per_km2']:.0f}人"
            f"(上限{rules.homes_per_km2:.0f};无住宅图层,按需求小区估算)",
        )  # fmt: skip


def reasons(measured: pd.DataFrame, levels: pd.Series, rules: LandRules) -> list[tuple[Reason, ...]]:
    """Every reason against each candidate, in order; a reason without a level rules the land out altogether.

    Args:
        measured: what :func:`~hubopt.data.sites.surroundings.measure` gives, with ``usable_ha``.
        levels: levels asked of each candidate, separated by ';'; empty: all.
        rules: the limits.
    """
    found = []
    for (_, row), asked in zip(measured.iterrows(), levels, strict=True):
        own = tuple(asked.split(";")) if asked else LEVELS
        against = [*_everywhere(row, rules), *_too_small_for_all(row, own, rules)]
        if not any(reason.code == "too small" for reason in against):
            against += [reason for level in own for reason in _by_level(row, level, rules)]
        found.append(tuple(against))
    return found


def open_levels(against: tuple[Reason, ...], asked: str) -> tuple[str, ...]:
    """Levels that no reason rules out."""
    if any(not reason.level for reason in against):
        return ()
    closed = {reason.level for reason in against}
    return tuple(level for level in (asked.split(";") if asked else LEVELS) if level not in closed)


def no_design(land_ha: float, levels: tuple[str, ...]) -> Reason:
    """The reason of land that passed every test, but on which no design of the case fits."""
    word, word_zh = " or ".join(_LEVEL_EN[level] for level in levels), "、".join(_LEVEL_ZH[level] for level in levels)
    return Reason(
        "no design", "", f"no design of the case for a {word} fits on {land_ha:.2f} ha",
        f"{land_ha:.2f}公顷用地不足以布置任何{word_zh}建筑方案",
    )  # fmt: skip
