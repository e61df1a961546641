"""Roads and arcs of an instance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from hubopt.data import tables
from hubopt.data.ground.coordinates import Floats, to_metric
from hubopt.data.links import all_links
from hubopt.data.pipeline.anchors import Anchors
from hubopt.data.pipeline.ground import Ground, Notes, position_array
from hubopt.data.recipe import Leg
from hubopt.data.roads.build import RoadNetwork, build_roads
from hubopt.data.roads.graph import RoadGraph
from hubopt.data.structure import figure
from hubopt.data.travel.legs import Legs
from hubopt.data.travel.matrix import matrix
from hubopt.data.travel.weights import Speeds

Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
"""Given the name of a leg, what to tell of the rows done and in all while its matrix is made."""

WITHIN_ZONE_KM_H = 20.0
"""Speed of the part of the way that lies within a zone."""

CITY_PACE = ((2, 5), (5, 10), (10, 20), (20, 40))
"""Bands of straight km for which the report tells circuity and speed."""

TRIP_PLACES = 60


def make_roads(ground: Ground) -> RoadNetwork:
    """The road network of the recipe; borders are those between its cities."""
    territories = gpd.GeoDataFrame(ground.cities[["id", "geometry"]], geometry="geometry", crs=ground.cities.crs)
    return build_roads(ground.recipe.roads, ground.root, territories)


def kept_pairs(legs: Legs, km: Floats, rule: Leg, allowed: np.ndarray) -> np.ndarray:
    """Positions of the pairs that a rule keeps; ``allowed`` are the pairs it may choose from, shape (pairs,)."""
    own = np.flatnonzero(allowed)
    order = own[np.lexsort((legs.origin[own], km[own], legs.destination[own]))]
    lower = legs.destination[order]
    first = np.r_[True, lower[1:] != lower[:-1]] if len(lower) else np.zeros(0, dtype=bool)
    rank = np.arange(len(order)) - np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    near = (km[order] <= (rule.max_km or np.inf)) | (rank < rule.nearest)
    if rule.most is not None:
        near &= rank < rule.most
    return np.sort(order[near])


def to_zone(legs: Legs, spread_km: Floats, detour: float) -> tuple[Floats, Floats]:
    """Km and minutes to the places of a zone instead of its middle, shape (pairs,).

    The mean square distance to the fabric is that to the middle plus the square of the fabric's spread around it.
    """
    km = np.sqrt(legs.km**2 + (spread_km[legs.destination] * detour) ** 2)
    return km, legs.whole_minutes + (km - legs.km) / WITHIN_ZONE_KM_H * 60


def _allowed(legs: Legs, rule: Leg, upper: pd.DataFrame, lower: pd.DataFrame) -> np.ndarray:
    """Pairs between which a rule may choose: an exchange is kept once, and designs and cities are as asked."""
    allowed = np.ones(len(legs), dtype=bool)
    ends = rule.leg.split("-")
    if ends[0] == ends[1]:
        allowed &= legs.origin < legs.destination
    if rule.upper_designs:
        allowed &= tables.may_have(upper, rule.upper_designs)[legs.origin]
    if rule.same_city:
        allowed &= upper["city"].to_numpy()[legs.origin] == lower["city"].to_numpy()[legs.destination]
    return allowed


def _rows(rule: Leg, legs: Legs, km: Floats, minutes: Floats, upper: pd.DataFrame, lower: pd.DataFrame,
          parameters: pd.DataFrame) -> pd.DataFrame:  # fmt: skip
    kept = kept_pairs(legs, km, rule, _allowed(legs, rule, upper, lower))
    at_gate = np.zeros(len(kept))
    if "border_minutes" in upper:
        at_gate = upper["border_minutes"].to_numpy(dtype=float)[legs.origin[kept]]
    load, toll = (figure(parameters, f"vehicle.{rule.mode}.{name}") for name in ("load_t", "toll_factor"))
    driving = minutes[kept] - legs.wait_minutes[kept]
    return pd.DataFrame(
        {
            "leg": rule.leg,
            "origin": upper["id"].to_numpy(dtype=object)[legs.origin[kept]],
            "destination": lower["id"].to_numpy(dtype=object)[legs.destination[kept]],
            "mode": rule.mode,
            "km": np.round(km[kept], 3),
            "minutes": np.round(driving * rule.minutes_factor + legs.wait_minutes[kept] + at_gate, 2),
            "toll_cny_t": np.round(legs.toll_cny[kept] * toll / load, 2),
            "border_cny_t": np.round(legs.wait_cny_t[kept], 2),
            "estimated": legs.estimated[kept],
        }
    )


def _reach(rules: Sequence[Leg]) -> float | None:
    """How far pairs must be looked for, in km; None: without limit."""
    reach = []
    for rule in rules:
        if rule.reach_km is None and (rule.max_km is None or rule.nearest > 0):
            return None
        reach.append(rule.reach_km if rule.nearest > 0 or rule.max_km is None else rule.max_km)
    return max(item for item in reach if item is not None)


@contextmanager
def _silent(leg: str) -> Iterator[Callable[[int, int], None]]:
    yield lambda done, total: None


def _from_place_to_place(
    graph: RoadGraph, speeds: Speeds, upper: Anchors, lower: Anchors, reach_km: float | None,
    tell: Callable[[int, int], None],
) -> Legs:  # fmt: skip
    """Legs between places, with their ways to the roads; estimated where one of them lies off the roads."""
    legs = matrix(graph, speeds, upper.lonlat, lower.lonlat, limit_km=reach_km, progress=tell)
    a, b = legs.origin, legs.destination
    return replace(
        legs,
        km=legs.km + upper.km[a] + lower.km[b],
        minutes=legs.minutes + upper.minutes[a] + lower.minutes[b],
        estimated=legs.estimated | upper.off[a] | lower.off[b],
    )


def make_arcs(
    ground: Ground, graph: RoadGraph, speeds: Speeds, ends: Mapping[str, pd.DataFrame], anchors: Mapping[str, Anchors],
    progress: Progress | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The table ``arcs``: over roads as the leg rules say, and by quay, rail and air as the link rules say.

    Args:
        ground: with the rules and the figures.
        graph: the road graph.
        speeds: how fast it is driven.
        ends: tables with id, lon, lat by kind of end; zones with ``spread_km``, gateways with ``border_minutes``.
        anchors: where the places of each kind join the roads.
        progress: what to tell of the rows of each leg.
    """
    made = []
    detour = figure(ground.parameters, "travel.access_detour")
    by_leg: dict[str, list[Leg]] = {}
    for rule in ground.recipe.legs:
        by_leg.setdefault(rule.leg, []).append(rule)
    for leg, rules in by_leg.items():
        upper, lower = (ends[name].reset_index(drop=True) for name in leg.split("-"))
        with (progress or _silent)(leg) as tell:
            first, last = (anchors[name] for name in leg.split("-"))
            legs = _from_place_to_place(graph, speeds, first, last, _reach(rules), tell)
        km, minutes = legs.km, legs.whole_minutes
        if leg.endswith("-zone"):
            km, minutes = to_zone(legs, lower["spread_km"].to_numpy(dtype=float), detour)
        made += [_rows(rule, legs, km, minutes, upper, lower, ground.parameters) for rule in rules]
    made.append(all_links(ground.recipe.links, ends, ground.parameters))
    return tables.table("arcs", pd.concat(made, ignore_index=True))


def trips(ground: Ground, graph: RoadGraph, speeds: Speeds, zones: pd.DataFrame) -> Notes:
    """Circuity and speed of car trips between zones drawn by their residents, to hold against observed ones."""
    chance = zones["population"].to_numpy(dtype=float)
    drawn = np.random.default_rng(ground.recipe.seed).choice(
        len(zones), size=min(TRIP_PLACES, len(zones)), replace=False, p=chance / chance.sum()
    )
    places = position_array(zones)[np.sort(drawn)]
    legs = matrix(graph, speeds, places, places)
    xy = to_metric(places)
    straight = np.hypot(*(xy[legs.origin] - xy[legs.destination]).T) / 1000
    lines: Notes = []
    for low, high in CITY_PACE:
        own = (straight >= low) & (straight < high)
        if own.any():
            circuity = np.median(legs.km[own] / straight[own])
            speed = np.median(legs.km[own] / legs.whole_minutes[own] * 60)
            lines.append((f"random car trips of {low} to {high} km", f"circuity {circuity:.2f}, {speed:.1f} km/h"))
    return lines
