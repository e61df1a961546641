"""Weights of edges and places tied to the graph, on hand-computed cases."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubopt.data.ground.coordinates import to_degrees
from hubopt.data.roads import RoadGraph, graph_of
from hubopt.data.travel import Speeds, edge_minutes, is_junction, km_to_nearest, matrix, speeds_of
from hubopt.data.travel.attach import attach
from hubopt.instance.errors import InputError

from .conftest import graph_from

DIAMOND = [(0.0, 0.0), (3000.0, 3000.0), (3000.0, -3000.0), (6000.0, 0.0)]
"""West, north, south, east: the north way is longer but fast, the south way short and slow."""
WAYS = [(0, 1, 5.0, "primary"), (1, 3, 5.0, "primary"), (0, 2, 3.0, "tertiary"), (2, 3, 3.0, "tertiary")]


def degrees(*points: tuple[float, float]) -> np.ndarray:
    """Degrees of points in metres."""
    return to_degrees(np.array(points, dtype=float))


def between(graph: RoadGraph, speeds: Speeds, *points: tuple[float, float], mean: bool = True):
    """Km and minutes between points in metres."""
    places = degrees(*points)
    return matrix(graph, speeds, places, places, mean=mean, keep=False).dense()


def test_the_fastest_way_gives_the_km(speeds: Speeds) -> None:
    """10 km at 60 km/h beat 6 km at 30 km/h: 10 min against 12, and the km are those of the fast way."""
    km, minutes = between(graph_from(DIAMOND, WAYS), speeds, DIAMOND[0], DIAMOND[3])
    yards = 0.1  # 50 m at either end, at 30 km/h
    assert km == pytest.approx(np.array([[0, 10], [10, 0]]) + yards)
    assert minutes == pytest.approx(np.array([[0, 10], [10, 0]]) + 2 * yards)


def test_a_price_of_km_turns_drivers_to_the_short_way(speeds: Speeds) -> None:
    """At a minute per km the short way is the better one: 6 + 12 against 10 + 10; its own km and minutes are told."""
    km, minutes = between(graph_from(DIAMOND, WAYS), replace(speeds, km_cost_minutes=1), DIAMOND[0], DIAMOND[3])
    assert (km[0, 1], minutes[0, 1]) == (pytest.approx(6.1), pytest.approx(12.2))


def test_a_toll_turns_drivers_who_count_it(speeds: Speeds) -> None:
    """30 CNY on the fast way: who pays 10 CNY for a minute takes the slow one; who does not count them pays."""
    graph = graph_from(DIAMOND, WAYS)
    tolled = RoadGraph(
        graph.nodes, graph.edges.assign(toll_cny=np.where(graph.edges["road_class"] == "primary", 15.0, 0))
    )
    ends = degrees(DIAMOND[0], DIAMOND[3])
    free = matrix(tolled, speeds, ends[:1], ends[1:], keep=False)
    counted = matrix(tolled, replace(speeds, cny_per_minute=10), ends[:1], ends[1:], keep=False)
    assert (free.toll_cny[0], free.km[0]) == (pytest.approx(30), pytest.approx(10.1))
    assert (counted.toll_cny[0], counted.km[0]) == (0, pytest.approx(6.1))


def test_a_one_way_street_counts_with_the_mean_of_both_directions(speeds: Speeds) -> None:
    """Out 4 km, back 8 km by another street: 6 km either way as the mean, 4 and 8 as they are."""
    points = np.array([(0, 0), (1000, 0), (500, 4000)], dtype=float)
    rows = [(0, 1, 4.0, "primary"), (1, 2, 4.0, "ramp"), (2, 0, 4.0, "ramp")]
    graph = graph_of(points, pd.DataFrame(rows, columns=["u", "v", "km", "road_class"]))
    km, _ = between(graph, speeds, (0, 0), (1000, 0))
    assert km[0, 1] == km[1, 0] == pytest.approx(6.1)
    there, _ = between(graph, speeds, (0, 0), (1000, 0), mean=False)
    assert (there[0, 1], there[1, 0]) == (pytest.approx(4.1), pytest.approx(8.1))


def test_a_place_beside_a_dual_carriageway_is_reached_from_both_sides(speeds: Speeds) -> None:
    """On a ring of two one-way carriageways it is 500 m there and 500 m back, not once round."""
    points = np.array([(0, 0), (1000, 0), (1000, 20), (0, 20)], dtype=float)
    rows = [(0, 1, 1.0), (1, 2, 0.02), (2, 3, 1.0), (3, 0, 0.02)]
    edges = pd.DataFrame(rows, columns=["u", "v", "km"]).assign(road_class="primary")
    km, _ = between(graph_of(points, edges), speeds, (200, 0), (700, 0), mean=False)
    assert km[0, 1] == pytest.approx(0.6) and km[1, 0] == pytest.approx(0.6)


def test_places_on_one_edge_are_joined_along_it(speeds: Speeds) -> None:
    """Two places inside one long edge are as far as the part between them, not round by its ends."""
    graph = graph_from([(0, 0), (10_000, 0)], [(0, 1, 10.0, "primary")])
    km, _ = between(graph, speeds, (4000, 0), (4500, 0), (9000, 100))
    assert km[0, 1] == km[1, 0] == pytest.approx(0.6, abs=1e-3)
    assert km[0, 2] == pytest.approx(5.15, abs=1e-3)


def test_the_way_to_the_road_and_the_terminals_count(speeds: Speeds) -> None:
    """A place 300 m off the road adds 0.3 km x detour at access speed, and a minute is lost at either end."""
    graph = graph_from([(0, 0), (1000, 0)], [(0, 1, 1.0, "primary")])
    slow = replace(speeds, access_detour=2.0, access_km_h=12, terminal_minutes=1)
    km, minutes = between(graph, slow, (0, 300), (1000, 0))
    assert km[0, 1] == pytest.approx(1 + 0.6 + 0.1, abs=1e-3)
    assert minutes[0, 1] == pytest.approx(1 + 3 + 0.5 + 2, abs=1e-2)


def test_a_factor_stretches_all_driving(speeds: Speeds) -> None:
    """A factor of 1.5 makes every minute 1.5 minutes; by hour the factor is divided by that hour's speed."""
    graph = graph_from(DIAMOND, WAYS)
    _, once = between(graph, speeds, DIAMOND[0], DIAMOND[3])
    _, slow = between(graph, replace(speeds, factor=1.5), DIAMOND[0], DIAMOND[3])
    assert slow == pytest.approx(once * 1.5)
    assert replace(speeds, factor=1.2, by_hour=(0.8,) * 24).at(8) == pytest.approx(1.5)


def test_each_junction_passed_costs_its_delay(speeds: Speeds) -> None:
    """Driving through a crossing of surface roads costs one delay."""
    points = [(0, 0), (1000, 0), (2000, 0), (1000, 1000)]
    graph = graph_from(points, [(0, 1, 1.0, "primary"), (1, 2, 1.0, "primary"), (1, 3, 1.0, "primary")])
    assert is_junction(graph).tolist() == [False, True, False, False]
    _, free = between(graph, speeds, (0, 0), (2000, 0))
    _, minutes = between(graph, replace(speeds, junction_seconds=30), (0, 0), (2000, 0))
    assert minutes[0, 1] - free[0, 1] == pytest.approx(0.5)


def test_nothing_fronts_a_motorway(speeds: Speeds) -> None:
    """A place beside a motorway is tied to the nearest street instead."""
    graph = graph_from([(0, 0), (1000, 0), (0, 800), (1000, 800)], [(0, 1, 1.0, "motorway"), (2, 3, 1.0, "primary")])
    assert attach(graph, degrees((10, 10)), speeds).metres == pytest.approx([790], abs=0.1)


def test_unreached_places_have_no_leg(speeds: Speeds) -> None:
    """Places in parts that are not linked are infinitely far in the dense table and absent from the sparse one."""
    graph = graph_from([(0, 0), (1000, 0), (0, 800), (1000, 800)], [(0, 1, 1.0, "primary"), (2, 3, 1.0, "primary")])
    legs = matrix(graph, speeds, degrees((0, 0)), degrees((0, 800)), keep=False)
    assert len(legs) == 0 and np.isinf(legs.dense()[0]).all()


def test_a_class_without_speed_is_an_input_error(speeds: Speeds) -> None:
    """The missing parameter is named."""
    graph = graph_from([(0, 0), (1000, 0)], [(0, 1, 1.0, "trunk")])
    with pytest.raises(InputError, match=r"travel\.speed\.trunk"):
        edge_minutes(graph, speeds)


def test_km_to_the_nearest_of_several() -> None:
    """Every node gets the km to the nearest chosen node, by the shortest way."""
    graph = graph_from(DIAMOND, WAYS)
    assert km_to_nearest(graph, np.array([0, 3])) == pytest.approx([0, 5, 3, 0])


def parameters(**values: float) -> pd.DataFrame:
    """A table of parameters travel.*."""
    needed = {
        "junction_seconds": 6,
        "access_km_h": 20,
        "access_detour": 1.3,
        "terminal_minutes": 1,
        "speed.primary": 40,
    }
    rows = {**needed, **values}
    return pd.DataFrame({"name": [f"travel.{name}" for name in rows], "value": list(rows.values())})


def test_speeds_come_from_the_parameters() -> None:
    """Figures that are not given have their defaults; those of hours are placed."""
    made = speeds_of(parameters(**{"factor": 1.1, "hour.08": 0.7}))
    assert made.km_h == {"primary": 40} and made.factor == 1.1 and made.km_cost_minutes == 0
    assert made.by_hour[8] == 0.7 and made.by_hour[9] == 1


def test_missing_and_impossible_figures_are_all_named() -> None:
    """A figure that is missing and a speed of nothing are reported together."""
    table = parameters(**{"speed.primary": 0})
    with pytest.raises(InputError) as caught:
        speeds_of(table[table["name"] != "travel.access_detour"])
    assert len(caught.value.problems) == 2
