"""Observed trips held against the road graph: one calibration factor, class speeds, and the errors by distance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import nnls
from scipy.sparse.csgraph import dijkstra

from hubopt.data.files import floats, read_table
from hubopt.data.ground.coordinates import Floats, to_metric
from hubopt.data.roads.graph import RoadGraph
from hubopt.data.travel.attach import attach
from hubopt.data.travel.contract import cheapest, compact, contract
from hubopt.data.travel.trees import SOURCES_AT_ONCE, incoming, sums_along
from hubopt.data.travel.weights import VALUES, Speeds, Vehicle
from hubopt.instance.errors import InputError, Problem

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "from_lon": ("from_lon", "lon_from", "o_lon", "start_lon", "origin_lon", "lon_o", "lon1"),
    "from_lat": ("from_lat", "lat_from", "o_lat", "start_lat", "origin_lat", "lat_o", "lat1"),
    "to_lon": ("to_lon", "lon_to", "d_lon", "end_lon", "destination_lon", "dest_lon", "lon_d", "lon2"),
    "to_lat": ("to_lat", "lat_to", "d_lat", "end_lat", "destination_lat", "dest_lat", "lat_d", "lat2"),
    "km": ("km", "distance_km", "dist_km"),
    "minutes": ("minutes", "min", "duration_min", "duration_minutes"),
}
"""Columns of a table of trips, and the names under which they are found."""

BANDS = ((0.0, 2.0), (2.0, 5.0), (5.0, 10.0), (10.0, 20.0), (20.0, 40.0), (40.0, np.inf))
"""Bands of the observed km."""

SLOWEST_KM_H, FASTEST_KM_H = 2.0, 130.0
"""Mean speeds beyond which an observed trip is a fault of recording (a parked taxi, a jump)."""

SEARCH_KM_H = 20.0


@dataclass(frozen=True)
class Band:
    """Errors of the trips of a band: observed km from ``low`` to ``high``; mean absolute shares, and medians."""

    low: float
    high: float
    trips: int
    km: float
    km_median: float
    minutes: float
    minutes_median: float


@dataclass(frozen=True)
class TripReport:
    """How the graph does against observed trips.

    ``factor``: what all minutes are multiplied by; ``bands``: errors after it; ``beyond_10``: of trips over 10 km;
    ``all``: of all; ``left_out``: trips that were not used, by reason.
    """

    factor: float
    bands: tuple[Band, ...]
    beyond_10: Band
    all: Band
    left_out: Mapping[str, int]


def read_trips(file: Path, columns: Mapping[str, str] | None = None) -> pd.DataFrame:
    """A table of trips: from_lon, from_lat, to_lon, to_lat (WGS84), km, minutes.

    Args:
        file: CSV table.
        columns: names of columns that are called otherwise.

    Raises:
        InputError: naming missing columns, cells that are no numbers and places that are not on the earth.
    """
    table = read_table(file)
    named = dict(columns or {})
    found = {key: named.get(key) or next((x for x in names if x in table), key) for key, names in COLUMNS.items()}
    problems = [
        Problem(file.name, "column is missing", f"add it or name it; there are {', '.join(table.columns)}", 1, name)
        for name in found.values()
        if name not in table
    ]
    if problems:
        raise InputError(problems)
    trips = pd.DataFrame({key: floats(table[name]) for key, name in found.items()})
    for key, limit in {"from_lon": 180, "from_lat": 90, "to_lon": 180, "to_lat": 90}.items():
        wrong = np.flatnonzero(trips[key].isna() | (trips[key].abs() > limit))
        if len(wrong):
            mend = "give degrees; longitude and latitude may be swapped"
            value = table[found[key]].iloc[wrong[0]]
            problems.append(Problem(file.name, "is no such coordinate", mend, int(wrong[0]) + 2, found[key], value))
    for key in ("km", "minutes"):
        wrong = np.flatnonzero(trips[key].isna())
        if len(wrong):
            value = table[found[key]].iloc[wrong[0]]
            problems.append(
                Problem(file.name, "is not a number", "give a number", int(wrong[0]) + 2, found[key], value)
            )
    if not len(trips):
        problems.append(Problem(file.name, "has no trips", "give at least one"))
    if problems:
        raise InputError(problems)
    return trips


def routed(
    graph: RoadGraph,
    speeds: Speeds,
    starts: Floats,
    ends: Floats,
    vehicle: Vehicle | None = None,
    classes: Sequence[str] = (),
) -> Floats:
    """What the best route of each pair takes, one end per start.

    Args:
        graph: the road graph.
        speeds: how fast it is driven.
        starts: lon, lat, shape (n, 2).
        ends: lon, lat, shape (n, 2).
        vehicle: whose bans hold.
        classes: road classes whose km are wanted as well.

    Returns:
        Shape (n, 6 or more): the columns of :data:`~hubopt.data.travel.weights.VALUES`, then km by class; NaN where
        there is no route.
    """
    count = len(starts)
    tied = attach(graph, np.concatenate([starts, ends]), speeds, vehicle, classes)
    nodes = np.concatenate([tied.origin[:count], tied.destination[count:]])
    slim, number = compact(contract(cheapest(tied.weights), nodes), nodes)
    ready = incoming(slim)
    straight = np.hypot(*(to_metric(starts) - to_metric(ends)).T) / 1000
    sums = np.full((count, len(VALUES) + len(classes)), np.nan)
    open_ = np.argsort(straight, kind="stable")
    for growth in (1.0, 3.0, np.inf):
        again = []
        for first in range(0, len(open_), SOURCES_AT_ONCE):
            batch = open_[first : first + SOURCES_AT_ONCE]
            limit = (straight[batch].max() / SEARCH_KM_H * 60 + 15) * growth
            reached, before = dijkstra(ready.matrix, indices=number[batch], return_predecessors=True, limit=limit)
            for row, trip in enumerate(batch):
                target = number[count + trip]
                if np.isfinite(reached[row, target]):
                    sums[trip] = sums_along(ready, before[row].astype(np.int64), np.array([target]))[0]
                else:
                    again.append(trip)
        open_ = np.array(again, dtype=int)
    return sums


def factor_of(made: Floats, observed: Floats) -> float:
    """The factor that brings made minutes nearest to the observed ones in the mean absolute share, both shape (n,).

    The mean of |f made / observed - 1| is least at the weighted median of observed / made, weighted by made / observed.
    """
    ratio = observed / made
    order = np.argsort(ratio, kind="stable")
    weight = np.cumsum((1 / ratio)[order])
    return float(ratio[order][np.searchsorted(weight, weight[-1] / 2)])


def _band(low: float, high: float, trips: pd.DataFrame) -> Band:
    chosen = trips[(trips["km"] >= low) & (trips["km"] < high)]
    km, minutes = chosen["made_km"] / chosen["km"] - 1, chosen["made_minutes"] / chosen["minutes"] - 1
    if not len(chosen):
        return Band(low, high, 0, np.nan, np.nan, np.nan, np.nan)
    figures = (km.abs().mean(), km.median(), minutes.abs().mean(), minutes.median())
    return Band(low, high, len(chosen), *(float(figure) for figure in figures))


def _usable(trips: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """The trips that can be used, and why the others cannot."""
    speed = trips["km"] / trips["minutes"] * 60
    straight = np.hypot(
        *(to_metric(trips[["from_lon", "from_lat"]].to_numpy()) - to_metric(trips[["to_lon", "to_lat"]].to_numpy())).T
    )
    bad = {
        "no length or no time": ~((trips["km"] > 0) & (trips["minutes"] > 0)),
        f"slower than {SLOWEST_KM_H:g} or faster than {FASTEST_KM_H:g} km/h": (speed < SLOWEST_KM_H)
        | (speed > FASTEST_KM_H),
        "shorter than the straight line": trips["km"] * 1000 < straight * 0.95,
    }
    left_out = {}
    free = pd.Series(True, index=trips.index)
    for reason, wrong in bad.items():
        left_out[reason] = int((free & wrong).sum())
        free &= ~wrong
    return trips[free].reset_index(drop=True), left_out


def evaluate(
    trips: pd.DataFrame, graph: RoadGraph, speeds: Speeds, vehicle: Vehicle | None = None, factor: float | None = None
) -> TripReport:
    """Hold the routes of a graph against observed trips.

    Args:
        trips: as of :func:`read_trips`.
        graph: the road graph.
        speeds: how fast it is driven.
        vehicle: whose bans hold.
        factor: on all minutes; None: the one that fits best.

    Raises:
        InputError: if no trip can be used.
    """
    used, left_out = _usable(trips)
    starts, ends = used[["from_lon", "from_lat"]].to_numpy(float), used[["to_lon", "to_lat"]].to_numpy(float)
    sums = routed(graph, speeds, starts, ends, vehicle) if len(used) else np.zeros((0, len(VALUES)))
    used = used.assign(made_km=sums[:, 0], made_minutes=sums[:, 1] + sums[:, 3])
    lost = used["made_km"].isna()
    left_out["no route on the graph"] = int(lost.sum())
    used = used[~lost]
    if not len(used):
        raise InputError([Problem("trips", "no trip can be used", "; ".join(f"{k}: {v}" for k, v in left_out.items()))])
    chosen = factor if factor is not None else factor_of(used["made_minutes"].to_numpy(), used["minutes"].to_numpy())
    used = used.assign(made_minutes=used["made_minutes"] * chosen)
    bands = tuple(_band(low, high, used) for low, high in BANDS)
    return TripReport(chosen, bands, _band(10, np.inf, used), _band(0, np.inf, used), left_out)


ROUNDS = 4
"""Times that class speeds are fitted and the routes found anew."""

PRIOR_WEIGHT = 0.002
"""Weight of the speeds given against the trips, as a share of their number: keeps unused classes where they are."""

LEAST_SHARE, MOST_SHARE = 0.5, 1.6
"""How far a class's pace may move from the one given, as a factor."""


def fit_speeds(trips: pd.DataFrame, graph: RoadGraph, speeds: Speeds) -> Speeds:
    """Speeds by class that fit observed minutes, by least squares of relative errors on the km driven per class.

    Junction delays, access and terminal minutes stay as given; so do classes that the trips hardly use.

    Raises:
        InputError: if no trip can be used.
    """
    used, _ = _usable(trips)
    classes = sorted(set(graph.edges["road_class"]) & set(speeds.km_h))
    starts, ends = used[["from_lon", "from_lat"]].to_numpy(float), used[["to_lon", "to_lat"]].to_numpy(float)
    given = np.array([60 / speeds.km_h[name] for name in classes])
    fitted = speeds
    for _ in range(ROUNDS):
        sums = routed(graph, fitted, starts, ends, None, classes)
        ready = ~np.isnan(sums[:, 0])
        if not ready.any():
            raise InputError([Problem("trips", "no trip can be used", "give trips within the road network")])
        km, minutes = sums[ready, len(VALUES) :], used["minutes"].to_numpy()[ready]
        pace = np.array([60 / fitted.km_h[name] for name in classes])
        rest = sums[ready, 1] - km @ pace * fitted.factor
        prior = np.sqrt(PRIOR_WEIGHT * ready.sum()) / given
        left = np.concatenate([km / minutes[:, None], np.diag(prior)])
        right = np.concatenate([1 - rest / minutes, prior * given])
        found = np.clip(nnls(left, right)[0], given * LEAST_SHARE, given * MOST_SHARE)
        fitted = replace(
            fitted, factor=1.0, km_h={**speeds.km_h, **dict(zip(classes, (60 / found).tolist(), strict=True))}
        )
    return fitted
