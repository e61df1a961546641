"""The closed border."""

import geopandas as gpd
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import METRIC, to_degrees
from hubopt.data.roads import largest_component
from hubopt.data.roads.border import close_border, territory

from .conftest import graph_from

NORTH_AND_SOUTH = gpd.GeoDataFrame(
    geometry=[shapely.box(-5000, 0, 5000, 4000), shapely.box(-5000, -4000, 5000, -10)], crs=METRIC
)


def two_roads_over() -> tuple[list[tuple[float, float]], list[tuple[int, int, float, str]]]:
    """Roads over the border at x = 0 and x = 4000, linked in the north only."""
    points = [(0.0, 500.0), (0.0, -500.0), (4000.0, 500.0), (4000.0, -500.0)]
    return points, [(0, 1, 1.0, "primary"), (2, 3, 1.0, "primary"), (0, 2, 4.0, "primary")]


def test_the_border_is_passed_at_crossings_only() -> None:
    """Of two roads over the border only the one near a crossing stays open, in both directions."""
    graph = graph_from(*two_roads_over())
    lon, lat = to_degrees(graph.xy()[:2]).mean(axis=0)
    closed, passing = close_border(graph, NORTH_AND_SOUTH, pd.DataFrame({"lon": [lon], "lat": [lat]}), reach_m=800)
    assert len(passing) == 4 and passing["open"].sum() == 2
    assert len(closed.edges) == len(graph.edges) - 2
    assert len(largest_component(closed)) == 3


def test_without_a_crossing_the_border_is_shut() -> None:
    """No crossing, no way over."""
    graph = graph_from(*two_roads_over())
    closed, passing = close_border(graph, NORTH_AND_SOUTH, pd.DataFrame({"lon": [], "lat": []}), reach_m=800)
    assert not passing["open"].any()
    assert len(largest_component(closed)) == 2


def test_points_outside_every_outline_belong_to_the_nearest() -> None:
    """A bridge between two outlines is counted to the side it is nearer to."""
    graph = graph_from([(0, -1), (0, -9)], [(0, 1, 0.008, "primary")])
    assert territory(graph.xy(), NORTH_AND_SOUTH).tolist() == [0, 1]
