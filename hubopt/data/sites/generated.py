"""Candidate sites: known facilities from a table, and made-up ones where the road fabric calls for them."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.cluster.vq import kmeans2
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import Floats, to_degrees, to_metric
from hubopt.data.ground.fabric import Fabric
from hubopt.data.roads import RoadGraph
from hubopt.data.travel import km_to_nearest


@dataclass(frozen=True)
class SiteRule:
    """How the made-up candidates of one level are placed.

    ``count`` of them; ``area_share`` (0..1): how far their number per district goes with built-up area instead of
    population; ``classes`` of road they must front; ``search_km``: how far from its cluster's middle a site may be;
    ``junction_pull`` (0..1): how much a km less to an expressway junction counts against a km from the middle;
    ``apart_km``: least distance between two; ``fill_km``: a zone with no site of the level within so many driven km
    gets one of its own.
    """

    count: int
    area_share: float
    classes: tuple[str, ...]
    search_km: float
    junction_pull: float
    apart_km: float
    fill_km: float


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
    return np.asarray(np.maximum(1, np.round(share * count)), dtype=int)


def _cluster_middles(points: Floats, count: int, seed: int) -> Floats:
    """Middles of ``count`` clusters of points, shape (count, 2), from north to south."""
    step = max(1, len(points) // 20000)
    ordered = points[np.lexsort((points[:, 0], points[:, 1]))][::step]
    middles, _ = kmeans2(ordered, min(count, len(ordered)), minit="++", seed=seed, iter=30)
    return np.asarray(middles[np.lexsort((middles[:, 0], -middles[:, 1]))])


class _Frontage:
    """Road nodes that a site may front."""

    def __init__(self, graph: RoadGraph, junctions: Floats, rule: SiteRule) -> None:
        edges = graph.edges[graph.edges["road_class"].isin(rule.classes)]
        self.xy = graph.xy()[np.unique(edges[["u", "v"]].to_numpy())]
        self.tree = KDTree(self.xy)
        self.to_junction = KDTree(junctions).query(self.xy)[0]
        self.pull = rule.junction_pull

    def best(self, middle: Floats, reach_km: float) -> Floats | None:
        """The node best placed between ``middle`` (metres) and its expressway junction, None if none is in reach."""
        near = np.array(sorted(self.tree.query_ball_point(middle, reach_km * 1000)), dtype=int)
        if not len(near):
            return None
        cost = np.hypot(*(self.xy[near] - middle).T) + self.pull * self.to_junction[near]
        return np.asarray(self.xy[near[cost.argmin()]])


def _wishes(fabric: Fabric, districts: gpd.GeoDataFrame, rule: SiteRule, seed: int) -> list[tuple[str, Floats]]:
    """District and middle of each cluster of the streets."""
    xy = to_metric(fabric.lonlat)
    street = fabric.weight >= np.median(fabric.weight) / 2
    wishes = []
    for position, count in enumerate(counts_by_district(districts, fabric, rule.count, rule.area_share)):
        own = xy[(fabric.district == position) & street]
        name = str(districts["district"].iloc[position])
        wishes += [(name, middle) for middle in _cluster_middles(own, int(count), seed)]
    return wishes


def place_sites(
    graph: RoadGraph,
    fabric: Fabric,
    districts: gpd.GeoDataFrame,
    zones: pd.DataFrame,
    junctions: Floats,
    taken: Floats,
    rule: SiteRule,
    seed: int,
) -> tuple[pd.DataFrame, list[Exclusion]]:
    """Made-up candidates of one level, and those thrown out.

    Clusters of the streets of each district give the places; each moves to the road node of the wanted class that is
    best placed between the middle of the cluster and the nearest expressway junction. Zones left without a site in
    reach then get one.

    Args:
        graph: the road graph.
        fabric: road vertices by district.
        districts: with a column ``population``.
        zones: district, lon, lat.
        junctions: expressway junctions in metres, shape (n, 2).
        taken: places of known sites of the level in metres, shape (m, 2).
        rule: how to place them.
        seed: of the clustering.

    Returns:
        Table with district, lon, lat; and the exclusions with their reasons.
    """
    frontage = _Frontage(graph, junctions, rule)
    used = [np.asarray(place) for place in taken]
    chosen: list[tuple[str, Floats]] = []
    excluded: list[Exclusion] = []

    def gap_km(place: Floats) -> float:
        return float(np.hypot(*(np.array(used) - place).T).min()) / 1000 if used else np.inf

    def consider(district: str, middle: Floats, reach_km: float) -> None:
        place = frontage.best(middle, reach_km)
        lon, lat = to_degrees(middle[None, :])[0]
        if place is None:
            excluded.append(Exclusion(lon, lat, f"no {'/'.join(rule.classes)} road within {reach_km:g} km"))
        elif gap_km(place) < rule.apart_km:
            excluded.append(Exclusion(lon, lat, f"another site of the level within {rule.apart_km:g} km"))
        else:
            used.append(place)
            chosen.append((district, place))

    for district, middle in _wishes(fabric, districts, rule, seed):
        consider(district, middle, rule.search_km)
    nodes = KDTree(graph.xy())
    middles = to_metric(zones[["lon", "lat"]].to_numpy(dtype=float))
    driven = km_to_nearest(graph, nodes.query(np.array(used))[1])
    for district, middle in zip(zones["district"], middles, strict=True):
        if driven[nodes.query(middle)[1]] > rule.fill_km:
            consider(str(district), middle, 2 * rule.search_km)
            driven = km_to_nearest(graph, nodes.query(np.array(used))[1])
    lonlat = to_degrees(np.array([place for _, place in chosen]).reshape(-1, 2))
    return pd.DataFrame({"district": [name for name, _ in chosen], "lon": lonlat[:, 0], "lat": lonlat[:, 1]}), excluded
