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
from hubopt.data.pipeline.ground import Ground, Notes, position_array
from hubopt.data.recipe import Leg
from hubopt.data.roads.build import RoadNetwork, build_roads
from hubopt.data.roads.graph import RoadGraph
from hubopt.data.structure import figure
from hubopt.data.travel.attach import attach
from hubopt.data.travel.legs import Legs
from hubopt.data.travel.matrix import matrix
from hubopt.data.travel.weights import Speeds

Progress = Callable[[str], AbstractContextManager[Callable[[int, int], None]]]
"""Given the name of a leg, what to tell of the rows done and in all while its matrix is made."""

WITHIN_ZONE_KM_H = 20.0
"""Speed of the part of the way that lies within a zone."""

CITY_PACE = ((2, 5), (5, 10), (10, 20), (20, 40))
"""Bands of straight km for which the report tells circuity and speed."""

OFF_ROAD_M = 2000.0
"""Arcs of places further than this from any road (islands, mountains) are marked estimated."""

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


def make_arcs(
    ground: Ground, graph: RoadGraph, speeds: Speeds, ends: Mapping[str, pd.DataFrame], to_road: Mapping[str, Floats],
    progress: Progress | None = None,
) -> pd.DataFrame:  # fmt: skip
    """The table ``arcs``: over roads as the leg rules say, and by quay, rail and air as the link rules say.

    Args:
        ground: with the rules and the figures.
        graph: the road graph.
        speeds: how fast it is driven.
        ends: tables with id, lon, lat by kind of end; zones with ``spread_km``, gateways with ``border_minutes``.
        to_road: metres to the road by kind of end, see :func:`metres_to_roads`.
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
            legs = matrix(
                graph, speeds, position_array(upper), position_array(lower), limit_km=_reach(rules), progress=tell
            )
        far = [to_road[name] > OFF_ROAD_M for name in leg.split("-")]
        legs = replace(legs, estimated=legs.estimated | far[0][legs.origin] | far[1][legs.destination])
        km, minutes = legs.km, legs.whole_minutes
        if leg.endswith("-zone"):
            km, minutes = to_zone(legs, lower["spread_km"].to_numpy(dtype=float), detour)
        made += [_rows(rule, legs, km, minutes, upper, lower, ground.parameters) for rule in rules]
    made.append(all_links(ground.recipe.links, ends, ground.parameters))
    return tables.table("arcs", pd.concat(made, ignore_index=True))


def metres_to_roads(graph: RoadGraph, speeds: Speeds, ends: Mapping[str, pd.DataFrame]) -> Mapping[str, Floats]:
    """How far the places of each kind lie from the road they are tied to, shape (places,) each."""
    return {kind: attach(graph, position_array(places), speeds).metres for kind, places in ends.items()}


def snapping(ends: Mapping[str, pd.DataFrame], to_road: Mapping[str, Floats]) -> Notes:
    """How far places lie from the roads they were tied to, and those further than the precision of their position."""
    lines: Notes = []
    for kind, places in ends.items():
        metres = to_road[kind]
        lines.append((f"{kind}: metres to the road, median and most", f"{np.median(metres):.0f}, {metres.max():.0f}"))
        if offroad := int((metres > OFF_ROAD_M).sum()):
            lines.append((f"{kind}: beyond {OFF_ROAD_M:.0f} m", f"{offroad}; their arcs are marked estimated"))
        if "precision_m" in places:
            precision = places["precision_m"].fillna(np.inf).to_numpy(dtype=float)
            far = np.flatnonzero(metres > precision)
            lines += [
                (f"{places['id'].iloc[at]} beyond its precision", f"{metres[at]:.0f} m from the road") for at in far
            ]
    return lines


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
