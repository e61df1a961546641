"""Candidate land as polygons: a user's own file, tiles of a map, or OpenStreetMap areas by their tags.

All end in one table: id, name_en, name_zh, kind, synthetic, source, reliability, geometry (WGS84). ``kind`` is one of
:data:`KINDS`. The same reading of OpenStreetMap gives water, protected land and homes, which exclude.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.files import floats
from hubopt.data.ground.coordinates import METRIC, WGS84, Datum, shapes_to_wgs84
from hubopt.data.ground.geometry import AREAS, GBA, Bounds, sound_shapes
from hubopt.data.roads.answers import answer_of
from hubopt.data.xml import refuse_doctype
from hubopt.instance.errors import InputError, Problem, choose_from
from hubopt.instance.features import read_features

KINDS = ("industrial", "warehouse", "port", "rail", "airport", "commercial", "generated")
"""What candidate land is: by its tags, or generated for want of polygons."""

COLUMNS = ("id", "name_en", "name_zh", "kind", "synthetic", "source", "reliability", "geometry")

Tags = Mapping[str, str]

_CANDIDATES: tuple[tuple[str, frozenset[str], str], ...] = (
    ("building", frozenset({"warehouse"}), "warehouse"),
    ("industrial", frozenset({"warehouse", "logistics", "depot", "distributor"}), "warehouse"),
    ("industrial", frozenset({"port", "container_terminal"}), "port"),
    ("landuse", frozenset({"port", "harbour"}), "port"),
    ("harbour", frozenset({"yes"}), "port"),
    ("landuse", frozenset({"railway"}), "rail"),
    ("aeroway", frozenset({"apron", "hangar", "cargo", "terminal"}), "airport"),
    ("landuse", frozenset({"industrial"}), "industrial"),
    ("landuse", frozenset({"logistics", "depot"}), "warehouse"),
    ("landuse", frozenset({"commercial"}), "commercial"),
)
"""Tag, values and the kind of candidate; the first that fits counts."""

_WATER = (
    ("natural", frozenset({"water", "bay", "wetland"})),
    ("waterway", frozenset({"riverbank", "dock"})),
    ("landuse", frozenset({"reservoir", "basin"})),
)
_PROTECTED = (
    ("boundary", frozenset({"protected_area", "national_park"})),
    ("leisure", frozenset({"nature_reserve", "park"})),
    ("landuse", frozenset({"forest", "meadow", "orchard", "farmland", "cemetery", "military"})),
    ("natural", frozenset({"wood", "beach"})),
)
_HOMES = (("landuse", frozenset({"residential"})), ("amenity", frozenset({"school", "hospital", "kindergarten"})))


def role_of(tags: Tags) -> tuple[str, str] | None:
    """What an area is for site selection: (role, kind) - candidate with its kind, water, protected or homes."""
    for role, rules in (("water", _WATER), ("protected", _PROTECTED), ("homes", _HOMES)):
        if any(tags.get(key) in values for key, values in rules):
            return role, role
    for key, values, kind in _CANDIDATES:
        if tags.get(key) in values:
            return "candidate", kind
    return None


def dissolve_tiles(frame: gpd.GeoDataFrame, by: str, gap_m: float = 1.0) -> gpd.GeoDataFrame:
    """Polygons that were cut at tile edges made whole: pieces of one class that touch become one.

    Args:
        frame: polygons, any reference system.
        by: column of the class; pieces of different classes stay apart.
        gap_m: pieces this near count as touching (tiles round their coordinates).

    Returns:
        ``by`` and the whole polygons in WGS84, sorted by class and place.
    """
    metric = frame.to_crs(METRIC)
    rows, shapes = [], []
    for name, group in metric.groupby(by):
        wide = shapely.union_all(
            shapely.buffer(shapely.make_valid(group.geometry.to_numpy()), gap_m / 2, join_style="mitre")
        )
        whole = shapely.buffer(wide, -gap_m / 2, join_style="mitre")
        parts = [part for part in shapely.get_parts(whole) if part.geom_type == "Polygon" and part.area > 1]
        rows += [name] * len(parts)
        shapes += parts
    result = gpd.GeoDataFrame({by: rows}, geometry=shapes, crs=METRIC).to_crs(WGS84)
    west, south = result.bounds["minx"].round(7), result.bounds["miny"].round(7)
    order = np.lexsort((west, south, result[by]))
    return result.iloc[order].reset_index(drop=True)


def candidates(
    shapes: gpd.GeoDataFrame, kinds: Mapping[str, str], by: str, source: str, prefix: str, place: tuple[str, str],
    reliability: str = "openstreetmap",
) -> gpd.GeoDataFrame:  # fmt: skip
    """The table of candidates of polygons whose class ``by`` is in ``kinds`` (class to kind), numbered in order.

    ``prefix`` begins the ids, ``place`` (English, Chinese) the names.
    """
    own = shapes[shapes[by].isin(list(kinds))].reset_index(drop=True)
    kind = own[by].map(dict(kinds))
    number = [f"{prefix}-{position:04d}" for position in range(1, len(own) + 1)]
    table = {
        "id": number,
        "name_en": [f"{place[0]} {word} land {position:04d}" for position, word in enumerate(kind, 1)],
        "name_zh": [f"{place[1]}{_ZH_KIND[word]}用地{position:04d}" for position, word in enumerate(kind, 1)],
        "kind": kind,
        "synthetic": False,
        "source": source,
        "reliability": reliability,
    }
    return gpd.GeoDataFrame(table, geometry=own.geometry.to_numpy(), crs=WGS84)


_ZH_KIND = {
    "industrial": "工业", "warehouse": "仓储", "port": "港口", "rail": "铁路", "airport": "机场", "commercial": "商业",
    "generated": "模拟",
}  # fmt: skip


def read_candidates(
    path: Path, *, layer: str | None = None, datum: Datum = "WGS84", region: Bounds = GBA, id_column: str = "id"
) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    """A user's own candidate polygons (GeoPackage, GeoJSON, ...), and what was mended.

    Columns beside the geometry and the id are optional: name_en, name_zh, kind (default: industrial), land_ha (default:
    from the area), levels (separated by ';'; default: by area), hub_type, designs, source.

    Raises:
        InputError: for a file that cannot be read, bad geometry, unknown kinds, and land that is no number.
    """
    raw = read_features(path, layer)
    if id_column not in raw.columns:
        mend = f"use a column of the file: {', '.join(map(str, raw.columns))}"
        raise InputError([Problem(path.name, "has no such column", mend, column=id_column)])
    sound, mended = sound_shapes(raw, path.name, id_column=id_column, kinds=AREAS, region=region)
    shapes = (shapes_to_wgs84(sound, datum) if datum != "WGS84" else sound).reset_index(drop=True)
    names = shapes[id_column].astype(str)
    table = shapes.assign(id=names)
    for name, default in (("name_en", names), ("name_zh", names), ("kind", "industrial"), ("source", path.name)):
        given = table[name] if name in table.columns else pd.Series(None, index=table.index, dtype=object)
        table[name] = given.where(given.notna() & (given != ""), default)
    problems = [
        Problem(path.name, "is no kind of candidate", choose_from(str(kind), KINDS), row + 1, "kind", kind)
        for row, kind in enumerate(table["kind"])
        if kind not in KINDS
    ]
    if "land_ha" in table.columns:
        land = floats(table["land_ha"])
        wrong = table["land_ha"].notna() & ~(land > 0)
        problems += [
            Problem(path.name, "is no area", "give hectares above 0", int(row) + 1, "land_ha", table["land_ha"][row])
            for row in table.index[wrong]
        ]
        table["land_ha"] = land
    if problems:
        raise InputError(problems)
    optional = [name for name in ("land_ha", "levels", "hub_type", "designs") if name in table.columns]
    kept = table.assign(synthetic=False, reliability="official")[[*COLUMNS, *optional]]
    return gpd.GeoDataFrame(kept, geometry="geometry", crs=WGS84), mended


def _osm_tags(row: Mapping[str, Any]) -> dict[str, str]:
    """The tags of a feature as GDAL gives them: some as columns, the rest in one text."""
    tags = {key: value for key, value in row.items() if isinstance(value, str) and key != "other_tags"}
    other = row.get("other_tags")
    if isinstance(other, str):
        for pair in other.strip('"').split('","'):
            key, _, value = pair.partition('"=>"')
            tags[key] = value
    return tags


def _overpass_areas(elements: list[Mapping[str, Any]]) -> list[tuple[str, dict[str, str], Any]]:
    """(id, tags, polygon) of the closed ways and multipolygons in an Overpass answer with geometry or nodes."""
    placed = [item for item in elements if item.get("type") == "node" and "lon" in item]
    nodes = {item["id"]: (item["lon"], item["lat"]) for item in placed}
    ways = {item["id"]: item for item in elements if item.get("type") == "way"}

    def line(way: Mapping[str, Any]) -> list[tuple[float, float]]:
        if way.get("geometry"):
            return [(point["lon"], point["lat"]) for point in way["geometry"] if point]
        return [nodes[node] for node in way.get("nodes", ()) if node in nodes]

    found: list[tuple[str, dict[str, str], Any]] = []
    for item in elements:
        tags = item.get("tags") or {}
        if item.get("type") == "way":
            points = line(item)
            if len(points) > 3 and points[0] == points[-1]:
                found.append((f"way-{item['id']}", dict(tags), shapely.Polygon(points)))
        elif item.get("type") == "relation" and tags.get("type") in ("multipolygon", "boundary"):
            rings: dict[str, list[Any]] = {"outer": [], "inner": []}
            for member in item.get("members", ()):
                points = line(member) or line(ways.get(member.get("ref"), {}))
                if member.get("type") == "way" and len(points) > 1:
                    rings["inner" if member.get("role") == "inner" else "outer"].append(shapely.LineString(points))
            outer = shapely.union_all(list(shapely.get_parts(shapely.polygonize(rings["outer"]))))
            inner = shapely.union_all(list(shapely.get_parts(shapely.polygonize(rings["inner"]))))
            whole = shapely.difference(outer, inner)
            if not whole.is_empty:
                found.append((f"relation-{item['id']}", dict(tags), whole))
    return found


def osm_areas(path: Path, *, region: Bounds = GBA) -> tuple[gpd.GeoDataFrame, list[Problem]]:
    """Areas of an OpenStreetMap file or Overpass answer that matter for sites, and what was mended.

    Args:
        path: ``.osm`` or ``.osm.pbf`` (read by GDAL), or an Overpass answer in JSON with nodes or geometry.
        region: what everything must lie in.

    Returns:
        The columns of :data:`COLUMNS` and ``role``: candidate, water, protected or homes.

    Raises:
        InputError: for a file that cannot be read, or geometry beyond mending.
    """
    if path.suffix == ".json":
        features = _overpass_areas(_answer(path))
    else:
        refuse_doctype(path)
        raw = read_features(path, "multipolygons")
        records: list[dict[str, Any]] = [
            {str(key): value for key, value in row.items()} for row in raw.drop(columns="geometry").to_dict("records")
        ]
        features = [
            (f"relation-{row['osm_id']}" if isinstance(row.get("osm_id"), str) else f"way-{row.get('osm_way_id')}",
             _osm_tags(row), shape)
            for row, shape in zip(records, raw.geometry, strict=True)
        ]  # fmt: skip
    rows = []
    for name, tags, shape in features:
        found = role_of(tags)
        if found is not None:
            english = tags.get("name:en") or tags.get("name") or name
            rows.append((name, english, tags.get("name:zh") or tags.get("name") or name, *found, shape))
    frame = gpd.GeoDataFrame(
        pd.DataFrame(rows, columns=["id", "name_en", "name_zh", "role", "kind", "geometry"]), crs=WGS84
    )
    sound, mended = sound_shapes(frame, path.name, id_column="id", kinds=AREAS, region=region)
    table = sound.assign(synthetic=False, source="© OpenStreetMap contributors", reliability="openstreetmap")
    return table[[*COLUMNS, "role"]].reset_index(drop=True), mended


def _answer(path: Path) -> list[Mapping[str, Any]]:
    answer = answer_of(path, "give what Overpass answered to [out:json]")
    if isinstance(answer, Problem):
        raise InputError([answer])
    elements: list[Mapping[str, Any]] = answer["elements"]
    return elements
