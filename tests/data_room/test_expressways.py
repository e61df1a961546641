"""Ramps at expressway junctions, and gates."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from hubopt.data.ground.coordinates import WGS84
from hubopt.data.roads import largest_component
from hubopt.data.roads.expressways import RAMP_DETOUR, add_ramps, gate

from .conftest import graph_from


def test_a_junction_ties_the_motorway_to_the_street() -> None:
    """A ramp leads from the motorway node to the street node near a junction, longer than the straight line."""
    points = [(0, 0), (1000, 0), (0, 300), (1000, 300)]
    graph = graph_from(points, [(0, 1, 1.0, "motorway"), (2, 3, 1.0, "primary")])
    tied, served = add_ramps(graph, np.array([(0.0, 100.0)]), motorway_m=400, surface_m=400)
    assert served == 1
    ramps = tied.edges[tied.edges["road_class"] == "ramp"]
    assert sorted(zip(ramps["u"], ramps["v"], strict=True)) == [(0, 2), (2, 0)]
    assert ramps["km"].to_numpy() == pytest.approx(0.3 * RAMP_DETOUR)
    assert len(largest_component(tied)) == 4


def test_a_junction_ties_crossing_motorways() -> None:
    """Two motorways that cross without a common node are tied at their interchange."""
    points = [(-1000, 0), (-200, 0), (1000, 0), (0, -1000), (0, 200), (0, 1000)]
    edges = [(0, 1, 0.8, "motorway"), (1, 2, 1.2, "motorway"), (3, 4, 1.2, "motorway"), (4, 5, 0.8, "motorway")]
    tied, _ = add_ramps(graph_from(points, edges), np.array([(0.0, 0.0)]), motorway_m=400, surface_m=400)
    assert len(largest_component(tied)) == 6


def test_a_junction_far_from_any_motorway_gets_no_ramp() -> None:
    """Junctions of roads that the data do not have change nothing."""
    graph = graph_from([(0, 0), (1000, 0)], [(0, 1, 1.0, "motorway")])
    tied, served = add_ramps(graph, np.array([(0.0, 9000.0)]), motorway_m=400, surface_m=400)
    assert served == 0 and len(tied.edges) == len(graph.edges)


def test_a_gate_is_the_outermost_crossing_of_the_city_limit() -> None:
    """A route that leaves the city twice on one side has its gate at the outer crossing."""
    city = shapely.box(114.0, 22.0, 114.2, 22.2)
    route = shapely.LineString([(114.1, 22.1), (114.1, 22.3), (114.3, 22.3), (114.3, 22.1), (114.1, 22.05)])
    edges = gpd.GeoDataFrame({"route": ["g4"]}, geometry=[route], crs=WGS84)
    assert gate(edges, "g4", city, "north") == pytest.approx((114.1, 22.2))
    assert gate(edges, "g4", city, "east") == pytest.approx((114.2, 22.075))
    assert gate(edges, "g25", city, "east") is None
