"""The closed border and its crossings."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hubopt.data.ground.coordinates import METRIC, to_degrees
from hubopt.data.roads import RoadGraph, graph_of, largest_component, without_edges
from hubopt.data.roads.border import CROSSING, open_crossings, over_border, territory
from hubopt.data.roads.spec import Crossing

from .conftest import graph_from

NORTH_AND_SOUTH = gpd.GeoDataFrame(
    {"id": ["north", "south"]},
    geometry=[shapely.box(-5000, 0, 5000, 4000), shapely.box(-5000, -4000, 5000, -10)],
    crs=METRIC,
)
SIDES = np.array([0, 1])


def crossing_at(x: float, y: float, **others: float) -> Crossing:
    """A crossing at a place in metres."""
    lon, lat = to_degrees(np.array([[x, y]]))[0]
    return Crossing(id="gate", lon=float(lon), lat=float(lat), **others)


def two_roads_over() -> RoadGraph:
    """Roads over the border at x = 0 and x = 4000, each side linked from west to east."""
    points = [(0.0, 500.0), (0.0, -500.0), (4000.0, 500.0), (4000.0, -500.0)]
    return graph_from(
        points, [(0, 1, 1.0, "primary"), (2, 3, 1.0, "primary"), (0, 2, 4.0, "primary"), (1, 3, 4.0, "primary")]
    )


def closed(graph: RoadGraph) -> tuple[RoadGraph, np.ndarray]:
    """The graph with its border closed, and the territory of each node."""
    home = territory(graph.xy(), NORTH_AND_SOUTH)
    return without_edges(graph, over_border(graph, home, SIDES)), home


def test_without_a_crossing_the_border_is_shut() -> None:
    """No crossing, no way over: two parts of two nodes each."""
    graph, _ = closed(two_roads_over())
    assert len(graph.edges) == 4 and len(largest_component(graph)) == 2


def test_the_border_is_passed_at_the_crossing_with_its_waiting() -> None:
    """One crossing links both sides by one edge each way, with waiting time and costs, at the nearest roads."""
    graph, opened = open_crossings(*closed(two_roads_over()), SIDES, [crossing_at(0, 0, minutes=40, cny_t=15)])
    over = graph.edges[graph.edges["road_class"] == CROSSING]
    assert sorted(zip(over["u"], over["v"], strict=True)) == [(0, 1), (1, 0)]
    assert over["wait_minutes"].tolist() == [40, 40] and over["wait_cny"].tolist() == [15, 15]
    assert over["km"].to_numpy() == pytest.approx(1.0 * 1.3)
    assert len(largest_component(graph)) == 4 and opened[0].reason == ""


def test_a_crossing_far_from_any_road_stays_shut_and_says_so() -> None:
    """Roads beyond the reach are not joined, and the report says how far they are."""
    graph, opened = open_crossings(*closed(two_roads_over()), SIDES, [crossing_at(2000, 0, reach_m=500)])
    assert "no road of the other side within 500 m" in opened[0].reason
    assert len(largest_component(graph)) == 2


def test_a_bridge_leads_from_place_to_place() -> None:
    """A crossing with a far end joins the roads there over its own km."""
    over = crossing_at(0, 500)
    lon, lat = to_degrees(np.array([[4000.0, -500.0]]))[0]
    bridge = over.model_copy(update={"to_lon": float(lon), "to_lat": float(lat), "km": 41.6})
    graph, _ = open_crossings(*closed(two_roads_over()), SIDES, [bridge])
    edges = graph.edges[graph.edges["road_class"] == CROSSING]
    assert sorted(zip(edges["u"], edges["v"], strict=True)) == [(0, 3), (3, 0)]
    assert edges["km"].to_numpy() == pytest.approx(41.6, abs=0.01)


def test_one_way_carriageways_are_left_and_entered_the_right_way() -> None:
    """Of two carriageways the one that leads to the border is left, and the one that leads away is entered."""
    points = np.array([(0, 3000), (10, 100), (-10, 100), (0, -3000), (10, -100), (-10, -100), (0, 3900), (0, -3900)])
    rows = [(0, 1), (2, 0), (4, 3), (3, 5), (0, 6), (6, 0), (3, 7), (7, 3)]
    edges = pd.DataFrame(rows, columns=["u", "v"]).assign(km=3.0, road_class="primary")
    graph, _ = open_crossings(*closed(graph_of(points.astype(float), edges)), SIDES, [crossing_at(0, 0)])
    over = graph.edges[graph.edges["road_class"] == CROSSING]
    assert set(zip(over["u"], over["v"], strict=True)) == {(1, 4), (5, 2)}
    assert len(largest_component(graph)) == 8


def test_without_a_second_side_there_is_no_crossing() -> None:
    """Roads on one side only: the crossing stays shut."""
    graph = graph_from([(0, 500), (0, 900)], [(0, 1, 0.4, "primary")])
    _, opened = open_crossings(*closed(graph), SIDES, [crossing_at(0, 0)])
    assert "two sides" in opened[0].reason


def test_points_outside_every_outline_belong_to_the_nearest() -> None:
    """A bridge between two outlines is counted to the side it is nearer to."""
    graph = graph_from([(0, -1), (0, -9)], [(0, 1, 0.008, "primary")])
    assert territory(graph.xy(), NORTH_AND_SOUTH).tolist() == [0, 1]


def test_a_crossing_with_half_a_far_end_is_refused() -> None:
    """A far end needs both coordinates."""
    with pytest.raises(ValueError, match="both to_lon and to_lat"):
        Crossing(id="a", lon=114, lat=22, to_lon=114)
