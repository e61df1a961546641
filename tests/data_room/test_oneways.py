"""Directions of plain lines, told by the carriageway beside them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.data.roads.graph import largest_component
from hubopt.data.roads.lines import graph_from_lines
from hubopt.data.roads.oneways import one_way, partnered_share

from .conftest import lines_of

EAST = ("primary", [(0.0, 0.0), (500.0, 0.0), (1000.0, 0.0)])
WEST_ON_THE_LEFT = ("primary", [(1000.0, 25.0), (0.0, 25.0)])


def told(*roads: tuple[str, list[tuple[float, float]]], keep: str = "right") -> list[bool]:
    """Which of the roads are taken as one-way."""
    lines = lines_of(*roads)
    return one_way(lines.geometry.to_numpy(), lines["road_class"].to_numpy(dtype=object), keep).tolist()  # type: ignore[arg-type]


def test_a_dual_carriageway_is_one_way_as_drawn() -> None:
    """Two opposite lines 25 m apart, each with the other on its left."""
    assert told(EAST, WEST_ON_THE_LEFT) == [True, True]


def test_on_the_wrong_side_it_is_no_partner() -> None:
    """The same lines where traffic keeps left are two separate two-way roads."""
    assert told(EAST, WEST_ON_THE_LEFT, keep="left") == [False, False]


@pytest.mark.parametrize(
    "other",
    [
        ("primary", [(0.0, 25.0), (1000.0, 25.0)]),
        ("primary", [(1000.0, 120.0), (0.0, 120.0)]),
        ("primary", [(500.0, 500.0), (500.0, 10.0)]),
        ("primary", [(200.0, 25.0), (0.0, 25.0)]),
    ],
    ids=["same way", "too far", "across", "beside a fifth"],
)
def test_what_is_no_partner(other: tuple[str, list[tuple[float, float]]]) -> None:
    """Roads that run the same way, far away, across or beside a short part make no road one-way."""
    assert told(EAST, other)[0] is False


def test_a_motorway_is_one_way_anyhow() -> None:
    """A single motorway carriageway needs no partner."""
    assert told(("motorway", [(0.0, 0.0), (1000.0, 0.0)])) == [True]


@settings(max_examples=30, deadline=None)
@given(angle=st.floats(0, 2 * np.pi), gap=st.floats(8, 60), x=st.floats(-5e4, 5e4), y=st.floats(-5e4, 5e4))
def test_it_holds_in_every_direction(angle: float, gap: float, x: float, y: float) -> None:
    """Turned and moved anywhere, a dual carriageway is told, and its share of partners is nearly one."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    there = np.array([(0, 0), (900, 0)]) @ turn.T + (x, y)
    back = np.array([(900, gap), (0, gap)]) @ turn.T + (x, y)
    lines = lines_of(("primary", list(map(tuple, there))), ("primary", list(map(tuple, back))))
    assert partnered_share(lines.geometry.to_numpy()).min() > 0.9


def test_the_graph_leads_round_a_dual_carriageway() -> None:
    """Inferred, the two carriageways with links at either end are one ring; else all is open both ways."""
    roads = lines_of(
        EAST, WEST_ON_THE_LEFT, ("tertiary", [(0.0, 0.0), (0.0, 25.0)]), ("tertiary", [(1000.0, 0.0), (1000.0, 25.0)])
    )
    graph = graph_from_lines(roads, reach_m=1, directions="infer")
    primary = graph.edges[graph.edges["road_class"] == "primary"]
    assert len(primary) == 3 and len(largest_component(graph)) == 5
    assert len(graph_from_lines(roads, reach_m=1).edges) == 10


def test_nothing_is_told_of_nothing() -> None:
    """No lines, no shares."""
    assert partnered_share(np.empty(0, dtype=object)).shape == (0,)
