"""OpenStreetMap: every kind of source ends in the same directed graph, with its bans, tolls and ferries."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import osmnx as ox
import pytest
from osmium.osm.mutable import Node, Way

from hubopt.data.roads import RoadGraph, largest_component, osm
from hubopt.data.roads.sources import read_layer
from hubopt.data.roads.spec import Layer
from hubopt.data.roads.tags import way_of
from hubopt.data.travel import Speeds, Vehicle, matrix
from hubopt.data.travel.weights import open_to
from hubopt.instance.errors import InputError

NODES = {1: (114.000, 22.500), 2: (114.010, 22.500), 3: (114.020, 22.500), 4: (114.010, 22.510), 5: (114.010, 22.490)}
WAYS: dict[int, tuple[list[int], dict[str, str]]] = {
    10: ([1, 2, 3], {"highway": "primary"}),
    11: ([4, 2], {"highway": "tertiary", "oneway": "yes"}),
    12: ([2, 5], {"highway": "footway"}),
    13: ([3, 5], {"highway": "motorway_link"}),
}
BOUNDS = (113.99, 22.48, 114.03, 22.52)


def answer(ways: list[int]) -> dict[str, Any]:
    """An Overpass answer with some of the ways and the nodes they need."""
    used = sorted({node for way in ways for node in WAYS[way][0]})
    return {
        "version": 0.6,
        "elements": [
            *({"type": "node", "id": n, "lon": NODES[n][0], "lat": NODES[n][1]} for n in used),
            *({"type": "way", "id": w, "nodes": WAYS[w][0], "tags": WAYS[w][1]} for w in ways),
        ],
    }


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A folder of recorded answers that overlap, as in osmnx's cache."""
    folder = tmp_path / "cache"
    folder.mkdir()
    for number, ways in enumerate(([10, 11], [10, 12, 13])):
        (folder / f"{number:040x}.json").write_text(json.dumps(answer(ways)), encoding="utf-8")
    return folder


def write_extract(file: Path) -> None:
    """The same nodes and ways as an extract; the name of the file says in which format."""
    with osmium.SimpleWriter(str(file)) as writer:
        for number, place in NODES.items():
            writer.add_node(Node(id=number, location=place, version=1))
        for number, (members, tags) in WAYS.items():
            writer.add_way(Way(id=number, nodes=members, tags=tags, version=1))


def listing(graph: RoadGraph) -> list[tuple[float, float, float, float, str]]:
    """Edges by the places of their ends."""
    lon, lat = graph.nodes["lon"].round(6), graph.nodes["lat"].round(6)
    return sorted(
        (float(lon[u]), float(lat[u]), float(lon[v]), float(lat[v]), str(name))
        for u, v, name in graph.edges[["u", "v", "road_class"]].itertuples(index=False)
    )


def one_road(tags: dict[str, str]) -> RoadGraph:
    """A single way between two nodes 1 km apart."""
    elements = osm.Elements({1: (114.0, 22.5), 2: (114.0097, 22.5)}, {1: ([1, 2], tags)})
    return osm.graph_from_elements(elements)


def test_recorded_answers_are_joined(recorded: Path) -> None:
    """Overlapping answers give each way once; footways are left out; links are ramps; one-way streets have one edge."""
    graph = osm.read_recorded(recorded)
    assert len(graph) == 5
    assert sorted(graph.edges["road_class"]) == ["primary"] * 4 + ["ramp"] * 2 + ["tertiary"]
    assert graph.kilometres()["primary"] == pytest.approx(2 * 1.0275, rel=2e-3)


def test_a_one_way_street_is_left_where_it_leads(recorded: Path) -> None:
    """The node at the start of a one-way street is not reached, so that it is no part of the linked graph."""
    assert len(largest_component(osm.read_recorded(recorded))) == 4


@pytest.mark.parametrize("name", ["a.osm", "a.osm.pbf", "a.osm.gz"])
def test_extracts_of_every_format_give_the_same_graph(recorded: Path, tmp_path: Path, name: str) -> None:
    """XML, compressed XML and PBF give the graph of the recorded answers."""
    write_extract(tmp_path / name)
    expected = listing(osm.read_recorded(recorded))
    assert listing(read_layer(Layer(name="a", kind="osm", path=name), tmp_path, tmp_path)) == expected


def test_graphml_gives_the_same_graph(recorded: Path, tmp_path: Path) -> None:
    """GraphML that osmnx wrote gives the graph of the recorded answers."""
    write_extract(tmp_path / "a.osm")
    ox.save_graphml(ox.graph_from_xml(tmp_path / "a.osm", simplify=False, retain_all=True), tmp_path / "a.graphml")
    layer = Layer(name="a", kind="graphml", path="a.graphml")
    assert listing(read_layer(layer, tmp_path, tmp_path)) == listing(osm.read_recorded(recorded))


def test_a_recorded_graph_is_travelled(recorded: Path, speeds: Speeds) -> None:
    """From end to end of the recorded main road it is its length, and a yard of 50 m at either end."""
    graph = largest_component(osm.read_recorded(recorded))
    km, _ = matrix(graph, speeds, np.array([NODES[1]]), np.array([NODES[3]]), keep=False).dense()
    assert km[0, 0] == pytest.approx(2.055 + 0.1, rel=2e-3)


def test_bans_and_tolls_come_from_the_tags() -> None:
    """Weight in tonnes, height in metres or feet, a ban on heavy vehicles and the toll by length."""
    graph = one_road({"highway": "primary", "maxweight": "10 t", "maxheight": "13'6\"", "hgv": "no", "toll": "yes"})
    edge = graph.edges.iloc[0]
    assert (edge["max_t"], edge["no_hgv"]) == (10, True)
    assert edge["max_m"] == pytest.approx(4.1148)
    assert edge["toll_cny"] == pytest.approx(edge["km"] * osm.TOLL_CNY_KM)


@pytest.mark.parametrize(
    ("vehicle", "may"),
    [
        (None, True),
        (Vehicle("van", weight_t=3.5, height_m=2.5), True),
        (Vehicle("truck", weight_t=18), False),
        (Vehicle("high", height_m=4.4), False),
        (Vehicle("heavy", heavy=True), False),
    ],
)
def test_a_vehicle_keeps_to_the_bans(vehicle: Vehicle | None, may: bool) -> None:
    """A road for 10 t, 4 m and no heavy goods is open to a van and shut to whatever breaks one of the three."""
    graph = one_road({"highway": "primary", "maxweight": "10", "maxheight": "4", "hgv": "no"})
    assert open_to(graph, vehicle).all() == may


@pytest.mark.parametrize("text", ["default", "none", "below_default", "", "abc"])
def test_a_ban_without_a_figure_is_none(text: str) -> None:
    """Words in place of a figure ban nothing."""
    assert one_road({"highway": "primary", "maxweight": text, "maxheight": text}).edges["max_t"].iloc[0] == np.inf


def test_a_ferry_has_its_own_speed_and_is_waited_for() -> None:
    """A car ferry of an hour has its own speed, after one wait at the wharf; a passenger ferry carries nothing."""
    tags = {"route": "ferry", "motor_vehicle": "yes", "duration": "00:30"}
    elements = osm.Elements({1: (114.0, 22.5), 2: (114.05, 22.5), 3: (114.0972, 22.5)}, {1: ([1, 2, 3], tags)})
    graph = osm.graph_from_elements(elements, boarding_minutes=20)
    there = graph.edges[graph.edges["u"] < graph.edges["v"]]
    assert (there["km"] / there["km_h"]).sum() * 60 == pytest.approx(30)
    assert there["wait_minutes"].sum() == 20
    assert not len(osm.graph_from_elements(osm.Elements(elements.nodes, {1: ([1, 2], {"route": "ferry"})})).edges)


@pytest.mark.parametrize(
    ("tags", "directions"),
    [
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway", "oneway": "no"}, (True, True)),
        ({"highway": "primary"}, (True, True)),
        ({"highway": "primary", "oneway": "-1"}, (False, True)),
        ({"highway": "tertiary", "junction": "roundabout"}, (True, False)),
    ],
)
def test_directions_follow_the_tags(tags: dict[str, str], directions: tuple[bool, bool]) -> None:
    """Motorways and roundabouts are one-way unless tagged otherwise; -1 is against the drawing."""
    way = way_of(tags)
    assert way is not None and (way.forward, way.backward) == directions


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "footway"},
        {"highway": "service", "access": "private"},
        {"highway": "primary", "motor_vehicle": "no"},
        {"building": "yes"},
    ],
)
def test_what_no_truck_may_drive_is_left_out(tags: dict[str, str]) -> None:
    """Footways, private ways and ways shut to motor vehicles are no roads."""
    assert way_of(tags) is None


def test_a_special_tag_outdoes_a_general_one() -> None:
    """A way shut to all but open to motor vehicles is open."""
    assert way_of({"highway": "primary", "access": "no", "motor_vehicle": "yes"}) is not None


def test_members_beyond_the_rim_are_skipped() -> None:
    """A way whose first node the extract does not have goes on from the second."""
    elements = osm.Elements({2: (114.01, 22.5), 3: (114.02, 22.5)}, {1: ([1, 2, 3], {"highway": "primary"})})
    assert len(osm.graph_from_elements(elements).edges) == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("garbage.osm", "this is no XML", "is not XML"),
        ("garbage.osm.pbf", "this is no PBF", "cannot be read"),
        ("empty.osm", '<osm version="0.6"></osm>', "has no roads"),
        ("garbage.graphml", "<a>", "no GraphML"),
        ("laughs.osm", '<!DOCTYPE osm [<!ENTITY a "ha">]><osm version="0.6">&a;</osm>', "declares a document type"),
        ("laughs.graphml", '<!DOCTYPE g [<!ENTITY a "ha">]><g>&a;</g>', "declares a document type"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, name: str, content: str, words: str) -> None:
    """Files that are garbage or empty are input errors with their name."""
    (tmp_path / name).write_text(content, encoding="utf-8")
    kind: Any = "graphml" if name.endswith("graphml") else "osm"
    with pytest.raises(InputError, match=f"{name}.*{words}"):
        read_layer(Layer(name="a", kind=kind, path=name), tmp_path, tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", '{"remark": "timeout"}'])
def test_a_bad_recorded_answer_is_named(recorded: Path, content: str) -> None:
    """One unsound file among recorded answers is an input error, not a hole in the roads."""
    (recorded / "bad.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.json"):
        osm.read_recorded(recorded)


def test_a_folder_without_answers_is_refused(tmp_path: Path) -> None:
    """An empty folder is no road network."""
    with pytest.raises(InputError, match="no recorded answers"):
        osm.read_recorded(tmp_path)


def test_without_the_extra_the_mend_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the readers of OpenStreetMap are not installed, an extract is refused with what to install."""
    (tmp_path / "a.osm").write_text('<osm version="0.6"></osm>', encoding="utf-8")
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(InputError, match=r"a\.osm: needs the package osmium.*hubopt\[osm\]"):
        osm.read_extract(tmp_path / "a.osm")
