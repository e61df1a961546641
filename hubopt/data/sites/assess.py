"""From candidate land to sites: measured, ruled out or scored, and turned into rows per level with their designs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import WGS84, Floats
from hubopt.data.sites.exclusions import Reason, no_design, open_levels, reasons, usable_ha
from hubopt.data.sites.rules import CRITERIA, LEVELS, LandRules
from hubopt.data.sites.sentences import LEVEL_ZH, sentences
from hubopt.data.sites.suitability import level_score, point_table
from hubopt.data.sites.surroundings import Surroundings, measure, metric_shapes
from hubopt.instance.types import Design

HUB_TYPES: Mapping[str, str] = {"port": "port", "airport": "airport", "border": "trade", "rail": "production"}
"""Type of a hub by the kind of gateway near it (within ``bonded_km``), nearest first; away from all: production."""

BONDED_NEAR = ("port", "airport", "border", "overseas")


@dataclass(frozen=True)
class Assessment:
    """What came of the candidates.

    ``sites``: columns of the instance table. ``criteria``: one row per candidate, in or out, with every part of the
    score and the reasons. ``layers``: ``sites`` and ``candidates`` (the excluded ones too) as polygons for maps.
    """

    sites: pd.DataFrame
    criteria: pd.DataFrame
    layers: Mapping[str, gpd.GeoDataFrame]
    notes: tuple[tuple[str, str], ...]


def _text(candidates: pd.DataFrame, name: str) -> pd.Series:
    if name not in candidates.columns:
        return pd.Series("", index=candidates.index, dtype=object)
    return candidates[name].fillna("").astype(str)


def fitting_designs(land_ha: float, level: str, bonded: bool, designs: Sequence[Design],
                    max_far: float = np.inf) -> tuple[str, ...]:  # fmt: skip
    """Designs of a level whose least size fits on the land, bonded ones only where goods come in under bond.

    Args:
        land_ha: land of the site.
        level: hub, utc or station.
        bonded: whether a gateway for bonded goods is near.
        designs: all designs of the case.
        max_far: largest floor area ratio there.
    """
    chosen = []
    for design in designs:
        least_ha = design.min_modules * design.module_gfa_m2 / min(design.floor_area_ratio, max_far) / 1e4
        if level in design.levels and least_ha <= land_ha + 1e-9 and (bonded or not design.bonded_t_d):
            chosen.append(design.id)
    return tuple(chosen)


def _hub_type(row: pd.Series, kind: str, within_km: float) -> str:
    near = sorted((row[f"km_{name}"], name) for name in HUB_TYPES if row[f"km_{name}"] <= within_km)
    if kind in HUB_TYPES:
        return HUB_TYPES[kind]
    if near:
        return HUB_TYPES[near[0][1]]
    return "trade" if kind == "commercial" else "production"


def assess(
    candidates: gpd.GeoDataFrame,
    around: Surroundings,
    rules: LandRules,
    designs: Sequence[Design] = (),
    gateway_minutes: Floats | None = None,
) -> Assessment:
    """Rule candidates out, score the rest, and make the table of sites.

    Args:
        candidates: id, name_en, name_zh, kind, synthetic, source, reliability, geometry (polygons, WGS84); optional
            land_ha (stated land), levels (asked for, separated by ';'), hub_type, designs, lon and lat (where the gate
            is; else a point inside), forced, operator, max_far, and keep (true: stands today, is never ruled out).
        around: what lies around them.
        rules: limits, scales and weights.
        designs: of the case; none: the sites name no designs (all of their level).
        gateway_minutes: driven minutes to the nearest gateway, shape (candidates,); None: estimated.

    Returns:
        Sites - one row per candidate and open level; a candidate open to one level keeps its id, else each level gets
        ``ID-level`` and they share the parcel ``ID`` - criteria, layers and notes.
    """
    frame = candidates.reset_index(drop=True)
    measured = measure(frame, around, rules.demand_km, rules.stock_km, gateway_minutes)
    for name in [name for name in ("lon", "lat") if name in frame.columns]:
        given = pd.to_numeric(frame[name], errors="coerce")
        measured[name] = given.where(given.notna(), measured[name])
    measured["usable_ha"] = usable_ha(frame, measured, rules)
    asked = _text(frame, "levels")
    against = reasons(measured, asked, rules)
    points = point_table(measured, rules)
    scores = pd.DataFrame({level: level_score(points, level, rules) for level in LEVELS})
    keep = frame["keep"].fillna(False).astype(bool) if "keep" in frame.columns else pd.Series(False, index=frame.index)
    stated = {name: _text(frame, name) for name in ("hub_type", "designs", "forced", "operator")}
    far = pd.to_numeric(frame["max_far"], errors="coerce") if "max_far" in frame.columns else None
    sites, lines = [], []
    for position in range(len(frame)):
        row = measured.iloc[position]
        levels = open_levels(against[position], asked[position])
        kept = bool(keep[position]) and not levels
        if kept:
            levels = tuple(asked[position].split(";")) if asked[position] else ("utc",)
        own = _sites_of(frame.iloc[position], row, levels, rules, designs, {k: v[position] for k, v in stated.items()},
                        np.inf if far is None or pd.isna(far[position]) else float(far[position]))  # fmt: skip
        for site in own:
            site["score"] = round(float(scores[site["level"]][position]), 1)
        sites += own
        if levels and not own:
            against[position] += (no_design(row["usable_ha"], levels),)
        levels = tuple(site["level"] for site in own)
        en, zh = sentences(row, points.iloc[position], against[position], levels, kept)
        lines.append(
            {
                "candidate": frame["id"][position],
                "sites": ";".join(site["id"] for site in own),
                "in": bool(own),
                "levels": ";".join(levels),
                "score": max((site["score"] for site in own), default=np.nan),
                **{f"score_{level}": round(float(scores[level][position]), 1) for level in LEVELS},
                "codes": ";".join(dict.fromkeys(reason.code for reason in against[position])),
                "reasons_en": en,
                "reasons_zh": zh,
            }
        )
    table = pd.DataFrame(lines, columns=list(_LINE_COLUMNS))
    criteria = _criteria(frame, measured, points, table)
    notes = (*_notes(criteria, against), *overlaps(frame[criteria["in"].to_numpy(dtype=bool)]))
    return Assessment(_site_table(sites), criteria, _layers(frame, criteria), notes)


def overlaps(candidates: gpd.GeoDataFrame, share: float = 0.1) -> list[tuple[str, str]]:
    """A line for every pair of mapped candidates that share more than ``share`` of the smaller one's land.

    Their land would count twice. Footprints drawn around points are left out, for where their edges lie is made up.
    """
    mapped = candidates[~candidates["synthetic"].astype(bool) & (candidates["kind"] != "generated")]
    shapes = metric_shapes(mapped)
    names = list(mapped["id"])
    one, two = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    first = one < two
    one, two = one[first], two[first]
    common = shapely.area(shapely.intersection(shapes[one], shapes[two]))
    least = np.minimum(shapely.area(shapes[one]), shapely.area(shapes[two]))
    return [
        (f"candidates that overlap: {names[a]} and {names[b]}", f"{area / 1e4:.2f} ha")
        for a, b, area, whole in zip(one, two, common, least, strict=True)
        if area > share * whole
    ]


_LINE_COLUMNS = (
    "candidate", "sites", "in", "levels", "score", "score_hub", "score_utc", "score_station", "codes", "reasons_en",
    "reasons_zh",
)  # fmt: skip

SITE_COLUMNS = (
    "id", "name_en", "name_zh", "level", "hub_type", "city", "district", "lon", "lat", "parcel", "land_ha",
    "land_price_cny_m2", "max_far", "operator", "designs", "forced", "score", "synthetic", "source", "reliability",
)  # fmt: skip


def _sites_of(
    candidate: pd.Series, row: pd.Series, levels: tuple[str, ...], rules: LandRules, designs: Sequence[Design],
    stated: Mapping[str, str], max_far: float,
) -> list[dict[str, Any]]:  # fmt: skip
    """Rows of the table of sites for the open levels of a candidate; a level that no design fits is dropped."""
    most = {str(key): value for key, value in rules.most_ha.items()}
    bonded = min(row[f"km_{kind}"] for kind in BONDED_NEAR) <= rules.bonded_km
    fits = {}
    for level in levels:
        land = round(float(row["usable_ha"] if stated["designs"] else min(row["usable_ha"], most[level])), 2)
        named = stated["designs"] or ";".join(fitting_designs(land, level, bonded, designs, max_far))
        if named or not designs:
            fits[level] = (land, named)
    rows = []
    for level, (land, named) in fits.items():
        alone = len(fits) == 1
        rows.append(
            {
                "id": candidate["id"] if alone else f"{candidate['id']}-{level}",
                "name_en": candidate["name_en"] if alone else f"{candidate['name_en']} ({level})",
                "name_zh": candidate["name_zh"] if alone else f"{candidate['name_zh']}({LEVEL_ZH[level]})",
                "level": level,
                "hub_type": (stated["hub_type"] or _hub_type(row, candidate["kind"], rules.bonded_km))
                if level == "hub"
                else "",
                "city": row["city"],
                "district": row["district"],
                "lon": row["lon"],
                "lat": row["lat"],
                "parcel": "" if alone else candidate["id"],
                "land_ha": land,
                "land_price_cny_m2": row["land_price"],
                "max_far": np.nan if np.isinf(max_far) else max_far,
                "operator": stated["operator"],
                "designs": named,
                "forced": stated["forced"],
                "synthetic": bool(candidate["synthetic"]),
                "source": candidate["source"],
                "reliability": candidate["reliability"],
            }
        )
    return rows


def _site_table(sites: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(sites, columns=list(SITE_COLUMNS)).sort_values("id").reset_index(drop=True)


def _criteria(
    frame: gpd.GeoDataFrame, measured: pd.DataFrame, points: pd.DataFrame, table: pd.DataFrame
) -> pd.DataFrame:
    """One row per candidate: who and where, the value and the points of every criterion, verdict and reasons."""
    named = pd.DataFrame(frame[["name_en", "name_zh", "kind", "synthetic", "source"]])
    place = measured[["city", "district", "lon", "lat", "area_ha", "usable_ha"]].round({"lon": 5, "lat": 5})
    values = measured[list(CRITERIA)].round(3)
    earned = points.round(1).add_suffix("_points")
    other = measured[
        ["gateway_estimated", "truck_m", "homes_m", "homes_per_km2", "water_share", "protected_share"]
    ].round(3)
    pairs = [column for name in CRITERIA for column in (name, f"{name}_points")]
    both = pd.concat([values, earned], axis=1)[pairs]
    first = ["candidate", "sites", "in", "levels"]
    parts = [table[first], named, place.round({"area_ha": 3, "usable_ha": 3}), both, other, table.drop(columns=first)]
    return pd.concat(parts, axis=1)


def _layers(frame: gpd.GeoDataFrame, criteria: pd.DataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Polygons of all candidates with their verdicts, and of those that became sites."""
    columns = ["name_en", "name_zh", "kind", "synthetic", "in", "levels", "score", "reasons_en", "reasons_zh"]
    shapes = gpd.GeoDataFrame(
        criteria[["candidate", "sites", *columns]].rename(columns={"candidate": "id"}),
        geometry=frame.geometry.to_numpy(),
        crs=WGS84,
    )
    return {"candidates": shapes, "sites": shapes[shapes["in"]].reset_index(drop=True)}


def _notes(criteria: pd.DataFrame, against: list[tuple[Reason, ...]]) -> tuple[tuple[str, str], ...]:
    """Candidates in and out, and how often each reason was given."""
    inside = int(criteria["in"].sum())
    notes = [("candidates", f"{len(criteria)}: {inside} in, {len(criteria) - inside} out")]
    counts = pd.Series(
        [f"{reason.code}{f' ({reason.level})' if reason.level else ''}" for own in against for reason in own],
        dtype=object,
    ).value_counts()
    notes += [(f"candidates ruled out: {name}", str(number)) for name, number in sorted(counts.items())]
    if criteria["in"].any():
        scores = criteria.loc[criteria["in"], "score"]
        shown = ", ".join(f"{value:.1f}" for value in (scores.min(), scores.median(), scores.max()))
        notes.append(("score of those in, least, median, most", shown))
    return tuple(notes)
