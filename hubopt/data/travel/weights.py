"""What driving each edge takes: minutes, the cost that routes are chosen by, and which edges a vehicle may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hubopt.data.ground.coordinates import Floats
from hubopt.data.roads.graph import ACCESS_CONTROLLED, RAMP, Bools, Ints, RoadGraph
from hubopt.instance.errors import InputError, Problem

HOURS = 24


@dataclass(frozen=True)
class Speeds:
    """How fast the roads are driven, and what drivers weigh when they choose a way.

    ``km_h`` by road class; ``junction_seconds``: what passing one junction of surface roads costs; ``access_km_h`` and
    ``access_detour`` take a place to its road; ``terminal_minutes`` is lost at either end; ``km_cost_minutes``: minutes
    that a driver would spend to save a km; ``cny_per_minute``: toll that a driver would pay to save a minute (None:
    tolls do not matter); ``factor``: calibration factor on all driving minutes; ``by_hour``: 24 factors on the speed
    of each hour of the day, 1 being the speeds as given.
    """

    km_h: Mapping[str, float]
    junction_seconds: float
    access_km_h: float
    access_detour: float
    terminal_minutes: float
    km_cost_minutes: float = 0.0
    cny_per_minute: float | None = None
    factor: float = 1.0
    by_hour: tuple[float, ...] = field(default=(1.0,) * HOURS)

    def at(self, hour: int) -> float:
        """Factor on driving minutes in an hour of the day (0..23)."""
        return self.factor / self.by_hour[hour % HOURS]


@dataclass(frozen=True)
class Vehicle:
    """A vehicle that weight, height and class bans are held against; None: unknown, every edge is open to it."""

    name: str = "any"
    weight_t: float | None = None
    height_m: float | None = None
    heavy: bool = False


@dataclass(frozen=True)
class Weights:
    """Directed edges with what they take: one value per edge in each array, shape (edges,).

    ``cost`` is what routes are chosen by, in minutes. ``nodes`` is the number of nodes.
    """

    nodes: int
    u: Ints
    v: Ints
    cost: Floats
    values: Floats
    """Shape (edges, 6 or more): the columns of :data:`VALUES`, and any that were asked for beside them."""


VALUES = ("km", "minutes", "toll_cny", "wait_minutes", "wait_cny_t", "estimated_km")
"""What is summed along a route; ``minutes`` is without the waiting."""


def is_junction(graph: RoadGraph) -> NDArray[np.bool_]:
    """Whether a node has three or more neighbours and lies on surface roads only."""
    u, v = graph.edges["u"].to_numpy(), graph.edges["v"].to_numpy()
    low, high = np.minimum(u, v), np.maximum(u, v)
    pairs = np.unique(low * np.int64(len(graph)) + high)
    degree = np.bincount(
        np.concatenate([pairs // max(len(graph), 1), pairs % max(len(graph), 1)]), minlength=len(graph)
    )
    controlled = np.zeros(len(graph), dtype=bool)
    motorway = graph.edges["road_class"].isin((*ACCESS_CONTROLLED, RAMP)).to_numpy()
    controlled[u[motorway]] = controlled[v[motorway]] = True
    return (degree >= 3) & ~controlled


def edge_minutes(graph: RoadGraph, speeds: Speeds) -> Floats:
    """Driving minutes of every edge without waiting: at its speed, and half the junction delay at either end.

    Raises:
        InputError: if a road class has no speed.
    """
    by_class = graph.edges["road_class"].map(dict(speeds.km_h)).to_numpy(dtype=float)
    own = np.asarray(graph.column("km_h"), dtype=float)
    km_h = np.where(np.isnan(own), by_class, own)
    if np.isnan(km_h).any():
        missing = sorted(set(graph.edges.loc[np.isnan(km_h), "road_class"]))
        mend = "add a row with the km/h"
        raise InputError([Problem("parameters.csv", f"there is no travel.speed.{name}", mend) for name in missing])
    junction = is_junction(graph)
    halves = junction[graph.edges["u"]].astype(int) + junction[graph.edges["v"]]
    driving = graph.edges["km"].to_numpy(dtype=float) / km_h * 60 + halves * speeds.junction_seconds / 120
    return np.asarray(driving * speeds.factor, dtype=float)


def open_to(graph: RoadGraph, vehicle: Vehicle | None) -> Bools:
    """Which edges a vehicle may use, shape (edges,)."""
    free = np.ones(len(graph.edges), dtype=bool)
    if vehicle is None:
        return free
    if vehicle.weight_t is not None:
        free &= np.asarray(graph.column("max_t"), dtype=float) >= vehicle.weight_t
    if vehicle.height_m is not None:
        free &= np.asarray(graph.column("max_m"), dtype=float) >= vehicle.height_m
    if vehicle.heavy:
        free &= ~np.asarray(graph.column("no_hgv"), dtype=bool)
    return free


def cost_of(values: Floats, speeds: Speeds) -> Floats:
    """What routes are chosen by, in minutes, from rows of :data:`VALUES`; never quite zero."""
    cost = values[:, 1] + values[:, 3] + speeds.km_cost_minutes * values[:, 0]
    if speeds.cny_per_minute:
        cost = cost + values[:, 2] / speeds.cny_per_minute
    return np.maximum(cost, 1e-9)


def weigh(graph: RoadGraph, speeds: Speeds, vehicle: Vehicle | None = None, classes: Sequence[str] = ()) -> Weights:
    """The edges that the vehicle may use, with what each takes; and a column of km for each of ``classes``.

    Raises:
        InputError: if a road class has no speed.
    """
    km = graph.edges["km"].to_numpy(dtype=float)
    values = np.column_stack(
        [
            km,
            edge_minutes(graph, speeds),
            np.asarray(graph.column("toll_cny"), dtype=float),
            np.asarray(graph.column("wait_minutes"), dtype=float),
            np.asarray(graph.column("wait_cny"), dtype=float),
            np.where(np.asarray(graph.column("estimated"), dtype=bool), km, 0.0),
            *(np.where(graph.edges["road_class"] == name, km, 0.0) for name in classes),
        ]
    )
    free = open_to(graph, vehicle)
    u, v = graph.edges["u"].to_numpy(dtype=np.int64)[free], graph.edges["v"].to_numpy(dtype=np.int64)[free]
    return Weights(len(graph), u, v, cost_of(values[free], speeds), values[free])


def speeds_of(parameters: pd.DataFrame) -> Speeds:
    """Speeds from the rows ``travel.*`` of a table of parameters (name, value).

    ``travel.speed.CLASS`` (km/h), ``travel.junction_seconds``, ``travel.access_km_h``, ``travel.access_detour``,
    ``travel.terminal_minutes``; and where given ``travel.km_cost_minutes``, ``travel.cny_per_minute``,
    ``travel.factor`` and ``travel.hour.00`` to ``travel.hour.23``.

    Raises:
        InputError: naming every figure that is missing or is not above zero.
    """
    values = {str(name): float(value) for name, value in parameters[["name", "value"]].itertuples(index=False)}
    prefix = "travel.speed."
    needed = ("junction_seconds", "access_km_h", "access_detour", "terminal_minutes")
    problems = [
        Problem("parameters.csv", f"there is no travel.{name}", "add a row with this name", column="name")
        for name in needed
        if f"travel.{name}" not in values
    ]
    km_h = {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}
    above_zero = {prefix + name: value for name, value in km_h.items()}
    above_zero |= {name: values[name] for name in ("travel.access_km_h", "travel.factor") if name in values}
    problems += [
        Problem("parameters.csv", "must be above zero", "give the figure", column=name, value=value)
        for name, value in above_zero.items()
        if value <= 0
    ]
    if problems:
        raise InputError(problems)
    return Speeds(
        km_h=km_h,
        junction_seconds=values["travel.junction_seconds"],
        access_km_h=values["travel.access_km_h"],
        access_detour=values["travel.access_detour"],
        terminal_minutes=values["travel.terminal_minutes"],
        km_cost_minutes=values.get("travel.km_cost_minutes", 0.0),
        cny_per_minute=values.get("travel.cny_per_minute"),
        factor=values.get("travel.factor", 1.0),
        by_hour=tuple(values.get(f"travel.hour.{hour:02d}", 1.0) for hour in range(HOURS)),
    )
