"""The road graph from plain lines."""

import json
from pathlib import Path

import numpy as np
import pytest

from hubopt.data.ground.coordinates import to_degrees
from hubopt.data.roads import RoadGraph, graph_from_lines, largest_component, without_edges
from hubopt.data.roads.sources import read_layer
from hubopt.data.roads.spec import Layer
from hubopt.instance.errors import InputError

from .conftest import graph_from, lines_of


def nodes_at(graph: RoadGraph, *points: tuple[float, float]) -> list[int]:
    """Node nearest each point (metres), which must lie within 10 cm of it."""
    found = []
    for point in points:
        metres = np.hypot(*(graph.xy() - point).T)
        assert metres.min() < 0.1, f"no node at {point}"
        found.append(int(metres.argmin()))
    return found


def linked(graph: RoadGraph, a: int, b: int) -> bool:
    """Whether an edge leads straight from a to b."""
    return bool(((graph.edges["u"] == a) & (graph.edges["v"] == b)).any())


def test_a_side_road_that_ends_on_a_segment_is_tied_to_it() -> None:
    """A road ending 10 m from a straight main road splits the main road there."""
    graph = graph_from_lines(lines_of(("primary", [(0, 0), (1000, 0)]), ("tertiary", [(400, 10), (400, 500)])))
    west, east, end, far = nodes_at(graph, (0, 0), (1000, 0), (400, 10), (400, 500))
    assert linked(graph, west, end) and linked(graph, end, east) and linked(graph, end, far)
    assert not linked(graph, west, east)
    assert len(largest_component(graph)) == 4


def test_a_side_road_beyond_reach_stays_apart() -> None:
    """A road ending 30 m from another is not tied to it at a reach of 18 m."""
    graph = graph_from_lines(lines_of(("primary", [(0, 0), (1000, 0)]), ("tertiary", [(400, 30), (400, 500)])))
    assert len(largest_component(graph)) == 2


def test_a_flyover_is_not_joined_to_the_road_below() -> None:
    """Lines that cross without a common coordinate and without an end there stay apart."""
    graph = graph_from_lines(lines_of(("primary", [(0, 0), (1000, 0)]), ("primary", [(500, -500), (500, 500)])))
    assert len(graph) == 4
    assert len(largest_component(graph)) == 2


def test_lines_that_share_a_vertex_meet_there() -> None:
    """A common coordinate inside two lines is one node."""
    roads = lines_of(("primary", [(0, 0), (500, 0), (1000, 0)]), ("tertiary", [(500, -500), (500, 0), (500, 500)]))
    graph = graph_from_lines(roads)
    assert len(graph) == 5
    assert len(largest_component(graph)) == 5


def test_a_street_that_ends_beside_a_motorway_does_not_enter_it() -> None:
    """Motorways are entered by ramps only, however near a street ends."""
    graph = graph_from_lines(lines_of(("motorway", [(0, 0), (1000, 0)]), ("tertiary", [(400, 5), (400, 500)])))
    assert len(largest_component(graph)) == 2


def test_an_end_beyond_the_last_vertex_of_a_line_is_connected_to_it() -> None:
    """Two lines whose ends miss each other by 8 m become one way of the right length."""
    graph = graph_from_lines(lines_of(("primary", [(0, 0), (500, 0)]), ("primary", [(508, 0), (1000, 0)])))
    assert len(largest_component(graph)) == 4
    assert graph.kilometres()["primary"] == pytest.approx(1.0)


def test_every_edge_has_its_reverse() -> None:
    """Plain lines say nothing of direction, so that each road is open both ways."""
    graph = graph_from_lines(lines_of(("primary", [(0, 0), (300, 0), (900, 0)])))
    pairs = set(zip(graph.edges["u"], graph.edges["v"], strict=True))
    assert pairs == {(v, u) for u, v in pairs}


def test_the_largest_component_is_strongly_linked() -> None:
    """A node that is reached but leads nowhere is left out."""
    graph = graph_from([(0, 0), (1, 0), (2, 0)], [(0, 1, 1.0, "primary"), (1, 2, 1.0, "primary")])
    one_way = without_edges(graph, ((graph.edges["u"] == 2) & (graph.edges["v"] == 1)).to_numpy())
    assert len(largest_component(one_way)) == 2


def test_a_geojson_of_roads_is_read_with_its_class_column(tmp_path: Path) -> None:
    """A MultiLineString per class in degrees gives the same graph as its lines."""
    points = to_degrees(np.array([(0.0, 0.0), (1000.0, 0.0), (400.0, 10.0), (400.0, 500.0)])).tolist()
    features = [
        {
            "type": "Feature",
            "properties": {"highway": name},
            "geometry": {"type": "MultiLineString", "coordinates": [line]},
        }
        for name, line in (("primary", points[:2]), ("tertiary", points[2:]))
    ]
    file = tmp_path / "roads.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    graph = read_layer(Layer(name="a", kind="lines", path="roads.geojson"), tmp_path, tmp_path)
    assert len(graph) == 4
    assert graph.kilometres() == pytest.approx({"primary": 1.0, "tertiary": 0.49}, rel=1e-3)


def write_lines(file: Path, properties: dict[str, str], points: list[list[float]]) -> None:
    """A GeoJSON file with one line."""
    feature = {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": "LineString", "coordinates": points},
    }
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")


@pytest.mark.parametrize(
    ("properties", "points", "words"),
    [
        ({"highway": "primary"}, [[22.5, 114.0], [22.6, 114.1]], "swapped"),
        ({"highway": "primary"}, [[800000.0, 2500000.0], [800100.0, 2500000.0]], "no degrees"),
        ({"kind": "primary"}, [[114.0, 22.5], [114.1, 22.5]], r"column is missing.*the file has kind"),
        ({"highway": "canal"}, [[114.0, 22.5], [114.1, 22.5]], "canal"),
    ],
)
def test_bad_lines_are_named(tmp_path: Path, properties: dict[str, str], points: list[list[float]], words: str) -> None:
    """Swapped degrees, metres, a missing class column and an unknown class are input errors."""
    write_lines(tmp_path / "roads.geojson", properties, points)
    with pytest.raises(InputError, match=words):
        read_layer(Layer(name="a", kind="lines", path="roads.geojson"), tmp_path, tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A layer whose file is not there is an input error that names file and layer."""
    with pytest.raises(InputError, match=r"none\.geojson.*layer streets"):
        read_layer(Layer(name="streets", kind="lines", path="none.geojson"), tmp_path, tmp_path)


def test_a_column_says_the_direction() -> None:
    """1 is as drawn, -1 against the drawing, 0 both ways."""
    roads = lines_of(("primary", [(0, 0), (9, 0)]), ("primary", [(0, 50), (9, 50)]), ("primary", [(0, 99), (9, 99)]))
    graph = graph_from_lines(roads.assign(oneway=[1, -1, 0]), reach_m=1, directions="column")
    x = graph.xy()[:, 0]
    heading = {
        (round(float(graph.xy()[u, 1])), bool(x[v] > x[u])) for u, v in graph.edges[["u", "v"]].itertuples(index=False)
    }
    assert heading == {(0, True), (50, False), (99, True), (99, False)}
