"""Expressway waypoint files."""

from pathlib import Path

import pytest

from hubopt.data.roads.sources import read_layer
from hubopt.data.roads.spec import Layer
from hubopt.data.roads.waypoints import expressway_graph, read_waypoints, waypoint_files
from hubopt.instance.errors import InputError

HOST = "http://map.example/?lat={}&lon={}"


def route(*points: tuple[str, float, float]) -> str:
    """A waypoint file from label, longitude and latitude."""
    return "".join(f"{label} {HOST.format(lat, lon)}\n" for label, lon, lat in points)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two routes that meet at one junction, one with a shape point, in a sub-folder each."""
    g1 = route(("1", 114.0, 22.5), ("+X1", 114.05, 22.52), ("2(G2)", 114.1, 22.5), ("3", 114.2, 22.5))
    g2 = route(("A", 114.1, 22.5), ("B", 114.1, 22.6))
    for name, text in (("g1", g1), ("g2", g2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.wpt").write_text(text, encoding="utf-8")
    return tmp_path


def test_lines_lead_from_junction_to_junction(folder: Path) -> None:
    """A point with a plus gives the shape and is no junction."""
    edges = read_waypoints(waypoint_files(folder))
    assert edges["route"].tolist() == ["g1", "g1", "g2"]
    assert [len(line.coords) for line in edges.geometry] == [3, 2, 2]


def test_routes_meet_at_their_common_junction(folder: Path) -> None:
    """The graph has one node where the two routes meet, edges both ways, and the length along the shape."""
    graph = expressway_graph(read_waypoints(waypoint_files(folder)), toll_cny_km=0.5)
    assert len(graph) == 4 and len(graph.edges) == 6
    first = graph.edges[graph.edges["km"] > 11].iloc[0]
    assert first["km"] == pytest.approx(2 * ((0.05 * 102.9) ** 2 + (0.02 * 110.8) ** 2) ** 0.5, rel=2e-3)
    assert graph.edges["toll_cny"].to_numpy() == pytest.approx(graph.edges["km"].to_numpy() * 0.5)


def test_junctions_of_one_interchange_are_joined(tmp_path: Path) -> None:
    """Routes whose junctions lie 200 m apart meet there by a ramp."""
    (tmp_path / "a.wpt").write_text(route(("1", 114.0, 22.5), ("2", 114.1, 22.5)), encoding="utf-8")
    (tmp_path / "b.wpt").write_text(route(("1", 114.1, 22.5018), ("2", 114.1, 22.6)), encoding="utf-8")
    graph = expressway_graph(read_waypoints(waypoint_files(tmp_path)))
    ramps = graph.edges[graph.edges["road_class"] == "ramp"]
    assert len(ramps) == 2 and ramps["km"].to_numpy() == pytest.approx(0.2, abs=0.01)


def test_a_folder_is_a_layer(folder: Path) -> None:
    """The kind waypoints reads a folder with its sub-folders."""
    assert len(read_layer(Layer(name="x", kind="waypoints", path="."), folder, folder)) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 nowhere\n2 here\n", "row 1: is no waypoint"),
        (route(("1", 22.5, 114.0), ("2", 22.5, 114.1)), "is no waypoint"),
        (route(("1", 114.0, 22.5)), "fewer than two"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    """Lines without a place, swapped degrees and single points are input errors."""
    (tmp_path / "bad.wpt").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"bad\.wpt.*{words}"):
        read_waypoints(waypoint_files(tmp_path))


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    """No file, no expressways."""
    with pytest.raises(InputError, match="no waypoint files"):
        read_waypoints(waypoint_files(tmp_path))
