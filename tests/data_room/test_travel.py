"""Km and minutes on hand-computed graphs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hubopt.data.ground.coordinates import to_degrees
from hubopt.data.roads import RoadGraph
from hubopt.data.travel import Speeds, edge_minutes, is_junction, km_to_nearest, tie, travel
from hubopt.instance.errors import InputError

from .conftest import graph_from

DIAMOND = [(0.0, 0.0), (3000.0, 3000.0), (3000.0, -3000.0), (6000.0, 0.0)]
"""West, north, south, east: the north way is longer but fast, the south way short and slow."""
WAYS = [(0, 1, 5.0, "primary"), (1, 3, 5.0, "primary"), (0, 2, 3.0, "tertiary"), (2, 3, 3.0, "tertiary")]


def at(graph: RoadGraph, speeds: Speeds, *points: tuple[float, float]):
    """Points in metres, tied to the graph."""
    return tie(graph, to_degrees(np.array(points, dtype=float)), speeds)


def test_the_fastest_way_gives_the_km(speeds: Speeds) -> None:
    """10 km at 60 km/h beat 6 km at 30 km/h: 10 min against 12, and the km are those of the fast way."""
    graph = graph_from(DIAMOND, WAYS)
    ends = at(graph, speeds, DIAMOND[0], DIAMOND[3])
    km, minutes = travel(graph, speeds, ends, ends)
    yards = 0.1  # 50 m at either end, at 30 km/h
    assert km == pytest.approx(np.array([[0, 10], [10, 0]]) + yards)
    assert minutes == pytest.approx(np.array([[0, 10], [10, 0]]) + 2 * yards)


def test_a_one_way_street_counts_with_the_mean_of_both_directions(speeds: Speeds) -> None:
    """Out 4 km, back 8 km by another street: 6 km either way in the table."""
    graph = graph_from([(0, 0), (1000, 0)], [])
    edges = pd.DataFrame([(0, 1, 4.0, "primary"), (1, 0, 8.0, "primary")], columns=["u", "v", "km", "road_class"])
    one_way = RoadGraph(graph.nodes, edges)
    ends = at(one_way, speeds, (0, 0), (1000, 0))
    km, minutes = travel(one_way, speeds, ends, ends)
    assert km[0, 1] == km[1, 0] == pytest.approx(6.1)
    assert minutes[0, 1] == pytest.approx(6.2)


def test_the_way_to_the_road_and_the_terminals_count(speeds: Speeds) -> None:
    """A place 300 m off the road adds 0.3 km x detour at access speed, and a minute is lost at either end."""
    graph = graph_from([(0, 0), (1000, 0)], [(0, 1, 1.0, "primary")])
    slow = replace(speeds, access_detour=2.0, access_km_h=12, terminal_minutes=1)
    off, on = at(graph, slow, (0, 300)), at(graph, slow, (1000, 0))
    km, minutes = travel(graph, slow, off, on)
    assert km[0, 0] == pytest.approx(1 + 0.6 + 0.1, abs=1e-3)
    assert minutes[0, 0] == pytest.approx(1 + 3 + 0.5 + 2, abs=1e-2)


def test_a_place_on_a_node_still_has_a_yard(speeds: Speeds) -> None:
    """Two places at one node are not 0 km apart: each has 50 m of yard."""
    graph = graph_from([(0, 0), (1000, 0)], [(0, 1, 1.0, "primary")])
    ends = at(graph, speeds, (0, 0))
    assert travel(graph, speeds, ends, ends)[0][0, 0] == pytest.approx(0.1)


def test_each_junction_passed_costs_its_delay(speeds: Speeds) -> None:
    """Driving through a crossing of surface roads costs one delay; starting or ending at one half of it."""
    points = [(0, 0), (1000, 0), (2000, 0), (1000, 1000)]
    graph = graph_from(points, [(0, 1, 1.0, "primary"), (1, 2, 1.0, "primary"), (1, 3, 1.0, "primary")])
    assert is_junction(graph).tolist() == [False, True, False, False]
    delayed = replace(speeds, junction_seconds=30)
    ends = at(graph, delayed, (0, 0), (2000, 0), (1000, 0))
    _, minutes = travel(graph, delayed, ends, ends)
    assert minutes[0, 1] - minutes[0, 0] == pytest.approx(2.5)
    assert minutes[0, 2] - minutes[0, 0] == pytest.approx(1.25)


def test_nothing_fronts_a_motorway(speeds: Speeds) -> None:
    """A place beside a motorway is tied to the nearest street instead."""
    graph = graph_from([(0, 0), (1000, 0), (0, 800), (1000, 800)], [(0, 1, 1.0, "motorway"), (2, 3, 1.0, "primary")])
    assert at(graph, speeds, (0, 10)).node.tolist() == [2]


def test_unreached_places_are_infinitely_far(speeds: Speeds) -> None:
    """Places in parts that are not linked have no km."""
    graph = graph_from([(0, 0), (1000, 0), (0, 800), (1000, 800)], [(0, 1, 1.0, "primary"), (2, 3, 1.0, "primary")])
    km, minutes = travel(graph, speeds, at(graph, speeds, (0, 0)), at(graph, speeds, (0, 800)))
    assert np.isinf(km).all() and np.isinf(minutes).all()


def test_a_class_without_speed_is_an_input_error(speeds: Speeds) -> None:
    """The missing parameter is named."""
    graph = graph_from([(0, 0), (1000, 0)], [(0, 1, 1.0, "trunk")])
    with pytest.raises(InputError, match=r"travel\.speed\.trunk"):
        edge_minutes(graph, speeds)


def test_km_to_the_nearest_of_several() -> None:
    """Every node gets the km to the nearest chosen node, by the shortest way."""
    graph = graph_from(DIAMOND, WAYS)
    assert km_to_nearest(graph, np.array([0, 3])) == pytest.approx([0, 5, 3, 0])
