"""Candidate sites: known facilities, mapped land and made-up places, judged by one set of rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import WGS84, Floats, to_metric
from hubopt.data.ground.datum import require_shapes_datum
from hubopt.data.ground.fabric import Fabric
from hubopt.data.pipeline.ground import Ground, Notes, named, position_array
from hubopt.data.recipe import LandFile, Sites
from hubopt.data.roads.build import RoadNetwork
from hubopt.data.roads.graph import NOT_FRONTED
from hubopt.data.sites.assess import Assessment, assess
from hubopt.data.sites.by_zone import place_at_zones
from hubopt.data.sites.footprints import footprints
from hubopt.data.sites.generated import SiteRule, place_sites
from hubopt.data.sites.polygons import candidates as candidates_of
from hubopt.data.sites.polygons import dissolve_tiles, osm_areas, read_candidates
from hubopt.data.sites.surroundings import Surroundings
from hubopt.data.tables import words
from hubopt.data.travel.matrix import matrix
from hubopt.data.travel.weights import Speeds
from hubopt.instance.errors import InputError, Problem
from hubopt.instance.features import read_features

TEXTS = ("hub_type", "designs", "forced", "operator")
"""Columns of words that may be empty throughout."""

CARRIED = ("parcel", "access", "precision_m")
"""Columns of the known sites that the assessment does not carry along."""


@dataclass(frozen=True)
class Judged:
    """The table of sites (with ``access`` and ``precision_m``), the criteria of every candidate, and report lines.

    ``outlines``: of candidates that are mapped land (id, kind, in), whether in or out; a point has none.
    """

    sites: pd.DataFrame
    criteria: pd.DataFrame
    notes: Notes
    outlines: gpd.GeoDataFrame


@dataclass(frozen=True)
class _Places:
    """What made-up candidates are placed by."""

    ground: Ground
    roads: RoadNetwork
    zones: gpd.GeoDataFrame
    fabric: Fabric


def with_zones(fabric: Fabric, zones: pd.DataFrame, regions: gpd.GeoDataFrame) -> Fabric:
    """The fabric, with the middles of zones in districts that have none of it; these weigh as one vertex each."""
    position = {name: at for at, name in enumerate(regions["district"])}
    bare = sorted(set(position.values()) - set(fabric.district.tolist()))
    where = zones["district"].map(position).to_numpy(dtype=int)
    own = np.isin(where, bare)
    lonlat = zones.loc[own, ["lon", "lat"]].to_numpy(dtype=float)
    cell = np.array([f"zone {row}" for row in np.flatnonzero(own)], dtype=object)
    return Fabric(
        np.concatenate([fabric.lonlat.reshape(-1, 2), lonlat]),
        np.concatenate([fabric.district, where[own]]).astype(int),
        np.concatenate([fabric.cell, cell]),
        np.concatenate([fabric.weight, np.ones(len(lonlat))]),
    )


def _nodes_on(roads: RoadNetwork, classes: tuple[str, ...]) -> Floats:
    """Places of the road nodes on edges of the classes, metres, shape (n, 2)."""
    edges = roads.graph.edges[roads.graph.edges["road_class"].isin(classes)]
    return np.asarray(roads.graph.xy()[np.unique(edges[["u", "v"]].to_numpy())])


def _placed(at: _Places, rule: Sites, taken: Floats, regions: gpd.GeoDataFrame) -> tuple[pd.DataFrame, Notes]:
    """Made-up places of one level (district, lon, lat), and why others were given up."""
    if rule.at == "zones":
        places, left = place_at_zones(
            at.zones, _nodes_on(at.roads, rule.classes), rule.least, rule.apart_km, rule.search_km, taken
        )
        return places, [(f"{rule.level}: {why}", str(n)) for why, n in left["reason"].value_counts(sort=False).items()]
    placing = SiteRule(**rule.model_dump(include=set(SiteRule.__dataclass_fields__)))
    places, excluded = place_sites(
        at.roads.graph, with_zones(at.fabric, at.zones, regions), regions, at.zones, at.roads.junctions, taken, placing,
        at.ground.recipe.seed,
    )  # fmt: skip
    return places, [(f"{rule.level} at {item.lon:.4f} {item.lat:.4f}", item.reason) for item in excluded]


def _made_up(places: pd.DataFrame, rule: Sites, price: Mapping[str, float]) -> pd.DataFrame:
    """Rows of candidates for made-up places; land shrinks with the square root of the price over the median price."""
    dear = np.array([price[name] for name in places["district"]]) / float(np.median(list(price.values())))
    width = max(3, len(str(len(places))))
    where = "middle of a zone" if rule.at == "zones" else "middle of a cluster of the road fabric"
    return places.assign(
        id=[f"{rule.level}-{number:0{width}d}" for number in range(1, len(places) + 1)],
        level=rule.level,
        land_ha=np.round(rule.land_ha * np.clip(dear**-0.5, 0.5, 1.5), 2),
        synthetic=True,
        source=f"made up: {where}, on a {' or '.join(rule.classes)} road"
        + (", drawn to the nearest expressway junction" if rule.junction_pull else ""),
        reliability="assumption",
        designs=";".join(rule.designs),
    )


def _mapped(item: LandFile, root: Path, roads: RoadNetwork) -> tuple[gpd.GeoDataFrame, Notes]:
    """Polygons of a land file with their ``role`` (candidate, water, protected or homes), and what was mended.

    The user's own candidates are held against the roads: land in another datum than the recipe says is refused.
    """
    path = root / item.path
    told: Notes = []
    if item.kind == "osm":
        areas, mended = osm_areas(path)
    elif item.kind == "candidates":
        areas, mended = read_candidates(path, layer=item.layer, datum=item.datum)
        areas = areas.assign(role="candidate")
        told = require_shapes_datum(areas, item.datum, roads.graph.xy(), item.path)
    else:
        raw = read_features(path, item.layer)
        if item.class_column not in raw.columns:
            mend = f"name the column of the class (class_column); the file has {', '.join(map(str, raw.columns))}"
            raise InputError([Problem(path.name, "has no such column", mend, column=item.class_column)])
        whole = dissolve_tiles(raw[raw[item.class_column].isin(list(item.classes))], item.class_column)
        areas = candidates_of(
            whole, item.classes, item.class_column, item.source, item.prefix, (item.name_en, item.name_zh)
        ).assign(role="candidate")
        mended = []
    hectares = areas.to_crs(areas.estimate_utm_crs()).area / 1e4
    own = (areas["role"] != "candidate") | (hectares >= item.least_ha)
    kept = areas[own].assign(hectares=hectares[own])
    if item.most is not None:
        land = kept["role"] == "candidate"
        largest = kept[land].nlargest(item.most, "hectares").index
        kept = kept[~land | kept.index.isin(largest)]
    notes = [
        (f"{item.path}: polygons", f"{len(areas)}, taken {len(kept)}"),
        *((item.path, str(x)) for x in mended),
        *told,
    ]
    if item.levels:
        kept = kept.assign(levels=";".join(item.levels))
    return kept.drop(columns="hectares").reset_index(drop=True), notes


def _role(parts: list[gpd.GeoDataFrame], role: str) -> gpd.GeoDataFrame | None:
    own = [part[part["role"] == role] for part in parts]
    own = [part for part in own if len(part)]
    return gpd.GeoDataFrame(pd.concat(own, ignore_index=True), geometry="geometry", crs=WGS84) if own else None


def _gateway_minutes(
    candidates: gpd.GeoDataFrame, gateways: pd.DataFrame, roads: RoadNetwork, speeds: Speeds
) -> Floats:
    """Driven minutes from each candidate to its nearest gateway, shape (candidates,)."""
    points: Any = shapely.point_on_surface(candidates.geometry.to_numpy())
    legs = matrix(roads.graph, speeds, position_array(gateways), shapely.get_coordinates(points))
    return np.asarray(legs.dense()[1].min(axis=0))


def _candidates(
    at: _Places, price: Mapping[str, float], land: list[gpd.GeoDataFrame]
) -> tuple[gpd.GeoDataFrame, Notes]:
    """Known sites, made-up places and mapped land in one table of polygons."""
    ground, notes = at.ground, []
    people = at.zones.groupby("district")["population"].sum()
    regions = ground.regions.assign(population=ground.regions["district"].map(people).fillna(0))
    known = ground.tables["known_sites"]
    stands = set(ground.tables["existing"]["site"]) if "existing" in ground.tables else set()
    points = [known.assign(keep=~known["synthetic"].astype(bool) | known["id"].isin(stands))]
    for rule in ground.recipe.sites:
        own = known.loc[known["level"] == rule.level, ["lon", "lat"]].to_numpy(dtype=float)
        places, given_up = _placed(at, rule, to_metric(own).reshape(-1, 2), regions)
        points.append(_made_up(named(places, ground, rule.word_en, rule.word_zh), rule, price).assign(keep=False))
        notes += [(f"made-up places of level {rule.level}", f"{len(places)}, given up {len(given_up)}"), *given_up]
    together = pd.concat(points, ignore_index=True)
    for name in [name for name in TEXTS if name in together]:
        together[name] = words(together[name])
    table = footprints(together.drop(columns=["parcel", "city", "district"], errors="ignore"))
    mapped = _role(land, "candidate")
    if mapped is None:
        return table, notes
    return gpd.GeoDataFrame(pd.concat([table, mapped], ignore_index=True), geometry="geometry", crs=WGS84), notes


def _at_home(sites: pd.DataFrame, known: pd.DataFrame, price: Mapping[str, float]) -> pd.DataFrame:
    """Known sites outside every outline (quays on new land) get the city, district and land price they state."""
    result = sites.copy()
    lost = (result["city"] == "").to_numpy() & result["id"].isin(known.index).to_numpy()
    if lost.any():
        home = known.loc[result.loc[lost, "id"]]
        result.loc[lost, ["city", "district"]] = home[["city", "district"]].to_numpy()
        result.loc[lost, "land_price_cny_m2"] = np.array([price[name] for name in home["district"]], dtype=float)
    return result


def make_sites(ground: Ground, roads: RoadNetwork, speeds: Speeds, zones: gpd.GeoDataFrame, fabric: Fabric,
               gateways: pd.DataFrame, demand: pd.DataFrame) -> Judged:  # fmt: skip
    """Judge all candidates and make the table of sites.

    Known facilities (not made up) and those that stand today are never ruled out; reasons against them are told.

    Raises:
        InputError: for land files that are missing or unsound.
    """
    price = dict(zip(ground.regions["district"], ground.regions["land_price_cny_m2"].astype(float), strict=True))
    read = [_mapped(item, ground.root, roads) for item in ground.recipe.land_files]
    land = [part for part, _ in read]
    frame, notes = _candidates(_Places(ground, roads, zones, fabric), price, land)
    tonnes = demand.groupby("zone")["t_d"].sum()
    classes = tuple(set(roads.graph.edges["road_class"]) - set(NOT_FRONTED))
    around = Surroundings(
        junctions=roads.junctions,
        truck_roads=_nodes_on(roads, classes),
        gateways=gateways,
        zones=zones.assign(t_d=zones["id"].map(tonnes).fillna(0.0)),
        districts=ground.regions[["district", "city", "land_price_cny_m2", "geometry"]],
        homes=_role(land, "homes"),
        water=_role(land, "water"),
        protected=_role(land, "protected"),
    )
    minutes = _gateway_minutes(frame, gateways, roads, speeds)
    result: Assessment = assess(frame, around, ground.recipe.land, ground.structure.designs, minutes)
    known = ground.tables["known_sites"].set_index("id")
    sites = _at_home(result.sites, known, price)
    for name in CARRIED:
        if name in known:
            stated = sites["id"].map(known[name])
            sites[name] = stated.where(stated.notna(), sites[name]) if name in sites else stated
    lines = [*(line for _, own in read for line in own), *notes, *result.notes]
    land_of = result.layers["candidates"]
    outlines = land_of.loc[land_of["kind"] != "generated", ["id", "kind", "in", "geometry"]].reset_index(drop=True)
    return Judged(sites, result.criteria, lines, outlines)
