"""OpenStreetMap through osmnx: every kind of source ends in the same graph."""

import json
from pathlib import Path
from typing import Any

import osmnx as ox
import pytest
import requests

from hubopt.data.recipe import Roads
from hubopt.data.roads import RoadGraph, largest_component, osm
from hubopt.data.roads.network import read_roads
from hubopt.data.travel import Speeds, travel

from .test_travel import at

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


def listing(graph: RoadGraph) -> list[tuple[float, float, float, float, str]]:
    """Edges by the places of their ends."""
    lon, lat = graph.nodes["lon"].round(6), graph.nodes["lat"].round(6)
    return sorted(
        (float(lon[u]), float(lat[u]), float(lon[v]), float(lat[v]), str(name))
        for u, v, name in graph.edges[["u", "v", "road_class"]].itertuples(index=False)
    )


def test_recorded_answers_are_joined(recorded: Path) -> None:
    """Overlapping answers give each way once; footways are left out; links are ramps; one-way streets have one edge."""
    graph = osm.read_recorded(recorded)
    assert len(graph) == 5
    assert sorted(graph.edges["road_class"]) == ["primary"] * 4 + ["ramp"] * 2 + ["tertiary"]
    assert graph.kilometres()["primary"] == pytest.approx(2 * 1.0275, rel=2e-3)


def test_a_one_way_street_is_left_where_it_leads(recorded: Path) -> None:
    """The node at the start of a one-way street is not reached, so that it is no part of the linked graph."""
    assert len(largest_component(osm.read_recorded(recorded))) == 4


def test_xml_graphml_and_recorded_answers_agree(recorded: Path, tmp_path: Path) -> None:
    """The same ways as recorded answers, as an .osm file and as GraphML give the same graph."""
    nodes, ways = osm._elements(sorted(recorded.glob("*.json")))
    osm._osm_xml(nodes, ways).write(tmp_path / "a.osm", encoding="utf-8")
    ox.save_graphml(ox.graph_from_xml(tmp_path / "a.osm", simplify=False, retain_all=True), tmp_path / "a.graphml")
    expected = listing(osm.read_recorded(recorded))
    assert listing(read_roads(Roads(kind="osm-xml", path="a.osm"), tmp_path)) == expected
    assert listing(read_roads(Roads(kind="graphml", path="a.graphml"), tmp_path)) == expected
    assert listing(read_roads(Roads(kind="overpass-recorded", path="cache"), tmp_path)) == expected


def test_an_online_answer_becomes_the_same_graph(
    recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What Overpass answers to the online query passes the same code as a recorded answer."""

    def post(url: str, **_: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.url, response.reason = 200, url, "OK"
        response._content = json.dumps(answer([10, 11, 13])).encode()
        return response

    monkeypatch.setattr(requests, "post", post)
    monkeypatch.setattr(ox.settings, "overpass_rate_limit", False)
    monkeypatch.setattr(ox.settings, "cache_folder", str(tmp_path / "online"))
    online = read_roads(Roads(kind="online", bounds=BOUNDS), tmp_path)
    assert listing(online) == listing(osm.read_recorded(recorded))


def test_a_recorded_graph_is_travelled(recorded: Path, speeds: Speeds) -> None:
    """From end to end of the recorded main road it is its length."""
    graph = largest_component(osm.read_recorded(recorded))
    ends = at(graph, speeds, *graph.xy()[[0, 2]].tolist())
    km, _ = travel(graph, speeds, ends, ends)
    assert km[0, 1] == pytest.approx(2.055 + 0.1, rel=2e-3)
