"""Candidate sites: known facilities from a table, and made-up ones where the road fabric calls for them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.cluster.vq import kmeans2
from scipy.spatial import KDTree

from hubopt.data.coordinates import Floats, to_degrees, to_metric
from hubopt.data.roads import RoadGraph
from hubopt.data.zones import Fabric


@dataclass(frozen=True)
class SiteRule:
    """How the made-up candidates of one level are placed.

    ``count`` of them; ``area_share`` (0..1): how far their number per district goes with built-up area instead of
    population; ``classes`` of road they must front; ``search_km``: how far from its cluster's middle a site may be;
    ``junction_pull`` (0..1): how much a km less to an expressway junction counts against a km from the middle;
    ``apart_km``: least distance between two; ``land_ha``: land at the median land price, less where land is dearer.
    """

    count: int
    area_share: float
    classes: tuple[str, ...]
    search_km: float
    junction_pull: float
    apart_km: float
    land_ha: float


@dataclass(frozen=True)
class Exclusion:
    """A candidate that was thrown out, and why."""

    lon: float
    lat: float
    reason: str


def counts_by_district(districts: gpd.GeoDataFrame, fabric: Fabric, count: int, area_share: float) -> np.ndarray:
    """Sites per district, at least one each, shape (districts,)."""
    people = districts["population"].to_numpy(dtype=float)
    built = np.array([len(set(fabric.cell[fabric.district == i])) for i in range(len(districts))], dtype=float)
    share = (1 - area_share) * people / people.sum() + area_share * built / built.sum()
    return np.maximum(1, np.round(share * count)).astype(int)


def _cluster_middles(points: Floats, count: int, seed: int) -> Floats:
    """Middles of ``count`` clusters of points, shape (count, 2), from north to south."""
    step = max(1, len(points) // 20000)
    ordered = points[np.lexsort((points[:, 0], points[:, 1]))][::step]
    middles, _ = kmeans2(ordered, min(count, len(ordered)), minit="++", seed=seed, iter=30)
    return middles[np.lexsort((middles[:, 0], -middles[:, 1]))]


def _frontage(graph: RoadGraph, classes: tuple[str, ...]) -> np.ndarray:
    edges = graph.edges[graph.edges["road_class"].isin(classes)]
    return np.unique(edges[["u", "v"]].to_numpy())


def place_sites(
    graph: RoadGraph, fabric: Fabric, districts: gpd.GeoDataFrame, junctions: Floats, taken: Floats, rule: SiteRule, seed: int
) -> tuple[pd.DataFrame, list[Exclusion]]:
    """Made-up candidates of one level, and those thrown out.

    Clusters of the road fabric of each district give the places; each moves to the road node of the wanted class that
    is best placed between the middle of the cluster and the nearest expressway junction.

    Args:
        graph: the road graph.
        fabric: road vertices by district.
        districts: with a column ``population``.
        junctions: expressway junctions in metres, shape (n, 2).
        taken: places of known sites of the level in metres, shape (m, 2).
        rule: how to place them.
        seed: of the clustering.

    Returns:
        Table with district, lon, lat; and the exclusions with their reasons.
    """
    front = _frontage(graph, rule.classes)
    front_xy = graph.xy()[front]
    tree = KDTree(front_xy)
    to_junction = KDTree(junctions).query(front_xy)[0]
    chosen: list[tuple[str, float, float]] = []
    excluded: list[Exclusion] = []
    used = [tuple(place) for place in taken]
    xy = to_metric(fabric.lonlat)
    for position, count in enumerate(counts_by_district(districts, fabric, rule.count, rule.area_share)):
        for middle in _cluster_middles(xy[fabric.district == position], int(count), seed):
            near = np.array(sorted(tree.query_ball_point(middle, rule.search_km * 1000)), dtype=int)
            lon, lat = to_degrees(middle[None, :])[0]
            if not len(near):
                excluded.append(Exclusion(lon, lat, f"no {'/'.join(rule.classes)} road within {rule.search_km} km"))
                continue
            cost = np.hypot(*(front_xy[near] - middle).T) + rule.junction_pull * to_junction[near]
            place = front_xy[near[cost.argmin()]]
            if used and np.hypot(*(np.array(used) - place).T).min() < rule.apart_km * 1000:
                excluded.append(Exclusion(lon, lat, f"another site of the level within {rule.apart_km} km"))
                continue
            used.append(tuple(place))
            lon, lat = to_degrees(place[None, :])[0]
            chosen.append((str(districts["district"].iloc[position]), lon, lat))
    return pd.DataFrame(chosen, columns=["district", "lon", "lat"]), excluded
