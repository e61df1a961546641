"""Ramps, slips and turning places that an extract left out."""

import numpy as np
import pandas as pd
import pytest

from hubopt.data.roads import RoadGraph, graph_of, largest_component
from hubopt.data.roads.interchanges import RampRule, add_interchanges, turning_places

from .conftest import graph_from

CROSS = [(-1000.0, 0.0), (1000.0, 0.0), (0.0, -800.0), (0.0, 1200.0)]
RULE = RampRule(ramp_km=0.25, slip_every_m=500)


def one_way(points: list[tuple[float, float]], edges: list[tuple[int, int, str]]) -> RoadGraph:
    """A graph of one-way straight edges."""
    xy = np.array(points, dtype=float)
    table = pd.DataFrame(edges, columns=["u", "v", "road_class"])
    table["km"] = np.linalg.norm(xy[table["u"]] - xy[table["v"]], axis=1) / 1000
    return graph_of(xy, table)


def test_a_crossing_of_main_roads_gets_ramps() -> None:
    """Trunk over primary without a common node: both are split where they cross and joined by 250 m both ways."""
    graph = graph_from(CROSS, [(0, 1, 2.0, "trunk"), (2, 3, 2.0, "primary")])
    made, crossings, slips = add_interchanges(graph, RULE)
    assert (crossings, slips, len(made)) == (1, 0, 6)
    ramps = made.edges[made.edges["road_class"] == "ramp"]
    assert ramps["km"].tolist() == [0.25, 0.25]
    assert len(largest_component(made)) == 6
    primary = made.edges[(made.edges["road_class"] == "primary") & (made.edges["u"] == 2)]
    assert primary["km"].to_numpy() == pytest.approx(0.8)
    assert made.kilometres()["trunk"] == pytest.approx(2.0) and made.kilometres()["primary"] == pytest.approx(2.0)


@pytest.mark.parametrize("low", ["tertiary", "minor"])
def test_a_bridge_over_a_small_road_stays_a_bridge(low: str) -> None:
    """Small roads pass under main ones without ramps."""
    graph = graph_from(CROSS, [(0, 1, 2.0, "trunk"), (2, 3, 2.0, low)])
    made, crossings, _ = add_interchanges(graph, RULE)
    assert crossings == 0 and made.edges.equals(graph.edges)


def test_roads_that_share_a_node_get_no_ramp() -> None:
    """Where there is a junction already nothing is added."""
    points = [*CROSS, (0.0, 0.0)]
    edges = [(0, 4, 1.0, "trunk"), (4, 1, 1.0, "trunk"), (2, 4, 0.8, "primary"), (4, 3, 1.2, "primary")]
    assert add_interchanges(graph_from(points, edges), RULE)[1] == 0


def test_one_way_roads_are_split_in_their_direction() -> None:
    """The parts of a one-way road lead on the same way, and its ramp can be left in that direction only."""
    made, _, _ = add_interchanges(one_way(CROSS, [(0, 1, "trunk"), (2, 3, "primary")]), RULE)
    trunk = made.edges[made.edges["road_class"] == "trunk"]
    assert sorted(zip(trunk["u"], trunk["v"], strict=True)) == [(0, 4), (4, 1)]


def test_a_frontage_road_gets_slips() -> None:
    """A secondary road 30 m beside a trunk road, the same way, is joined to it; against the way it is not."""
    points = [(0, 0), (400, 0), (0, 30), (400, 30)]
    made, crossings, slips = add_interchanges(one_way(points, [(0, 1, "trunk"), (2, 3, "secondary")]), RULE)
    assert (crossings, slips) == (0, 1)
    assert made.edges.loc[made.edges["road_class"] == "ramp", "km"].to_numpy() == pytest.approx(0.03 + RULE.slip_km)
    assert add_interchanges(one_way(points, [(0, 1, "trunk"), (3, 2, "secondary")]), RULE)[2] == 0


def test_one_may_turn_round_on_a_dual_carriageway() -> None:
    """From the end of one carriageway to the start of the other, over little more than their distance."""
    turns = turning_places(
        one_way([(0, 0), (400, 0), (400, 20), (0, 20)], [(0, 1, "primary"), (2, 3, "primary")]), RULE
    )
    assert set(zip(turns["u"], turns["v"], strict=True)) == {(1, 2), (3, 0)}
    assert turns["km"].to_numpy() == pytest.approx(0.02 + RULE.turn_km)


def test_nobody_turns_round_on_a_motorway() -> None:
    """Motorways have no turning places, and two-way roads need none."""
    ring = [(0.0, 0.0), (400.0, 0.0), (400.0, 20.0), (0.0, 20.0)]
    assert not len(turning_places(one_way(ring, [(0, 1, "motorway"), (2, 3, "motorway")]), RULE))
    assert not len(turning_places(graph_from(ring, [(0, 1, 0.4, "primary"), (2, 3, 0.4, "primary")]), RULE))


def test_a_graph_without_ranked_roads_is_left_alone() -> None:
    """Minor roads only: nothing crosses, nothing is added."""
    graph = graph_from([(0, 0), (1, 0)], [(0, 1, 1.0, "minor")])
    assert add_interchanges(graph, RULE) == (graph, 0, 0)
