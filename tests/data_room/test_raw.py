"""On the raw data, where they are at hand: plausibility, and the same build twice."""

from pathlib import Path

import numpy as np
import pytest

from hubopt.data import pipeline
from hubopt.data.ground.coordinates import to_metric
from hubopt.data.pipeline import Ground
from hubopt.data.recipe import read_recipe
from hubopt.data.roads import largest_component, osm
from hubopt.data.roads.border import territory
from hubopt.data.roads.network import Network
from hubopt.data.travel import tie, travel
from hubopt.instance import read_instance, sha256

from .conftest import RECIPE


@pytest.fixture(scope="module")
def ground(raw: Path) -> Ground:
    """Outlines, fabric and tables of the Shenzhen recipe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUBOPT_DATA", str(raw))
        return pipeline._ground(read_recipe(RECIPE), RECIPE)


@pytest.fixture(scope="module")
def roads(ground: Ground) -> Network:
    """The road network of the Shenzhen recipe."""
    return pipeline._network(ground, pipeline._gateways(ground))


@pytest.mark.slow
def test_building_again_gives_the_shipped_instance(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build from the raw data has the digest of the shipped instance, and reads back with it."""
    monkeypatch.setenv("HUBOPT_DATA", str(raw))
    built = pipeline.build(RECIPE, tmp_path / "again")
    shipped = sha256(read_instance(RECIPE.parent))
    assert sha256(built) == shipped
    assert sha256(read_instance(tmp_path / "again")) == shipped


def test_outlines_fit_the_roads_after_the_inverse(ground: Ground) -> None:
    """Nearly all fabric lies in a district; areas are the known ones (the coastal outlines hold some sea)."""
    area = ground.districts.set_index("district")["area_km2"]
    assert area.sum() == pytest.approx(1997, rel=0.08)
    assert len(ground.fabric.lonlat) > 0.97 * 236_647
    assert area["Futian"] == pytest.approx(78.7, rel=0.05)
    assert area["Longgang"] == pytest.approx(388, rel=0.05)  # without Dapeng, which the outlines count to it


def test_airport_to_yantian_port_is_sixty_km(ground: Ground, roads: Network) -> None:
    """The driven way between airport and Yantian port is the known one, about 60 km and an hour."""
    gateways = pipeline._gateways(ground).set_index("id")
    speeds = pipeline._speeds(ground.parameters)
    ends = tie(roads.graph, gateways.loc[["szx_airport", "yantian_port"], ["lon", "lat"]].to_numpy(float), speeds)
    km, minutes = travel(roads.graph, speeds, ends, ends)
    assert 55 < km[0, 1] < 66
    assert 45 < minutes[0, 1] < 80


def test_nearly_all_roads_are_linked(roads: Network) -> None:
    """At least 98.5 % of the nodes are in the linked part."""
    text = dict(roads.notes)["largest linked part"]
    part, whole = (int(word) for word in text.split(" nodes")[0].split(" of "))
    assert part / whole > 0.985


def test_the_border_is_passed_at_crossings_only(ground: Ground, roads: Network) -> None:
    """Every edge between Hong Kong and the mainland lies within reach of a crossing."""
    shapes = ground.cities
    sides = shapes.dissolve(shapes["id"] == "Hong Kong")
    home = territory(roads.graph.xy(), sides)
    u, v = roads.graph.edges["u"].to_numpy(), roads.graph.edges["v"].to_numpy()
    passing = np.flatnonzero(home[u] != home[v])
    assert len(passing)
    gateways = pipeline._gateways(ground)
    crossings = gateways.loc[gateways["kind"] == "border", ["lon", "lat"]].to_numpy(float)
    places = to_metric(crossings)
    middle = (roads.graph.xy()[u[passing]] + roads.graph.xy()[v[passing]]) / 2
    metres = np.hypot(*(middle[:, None] - places[None, :]).transpose(2, 0, 1)).min(axis=1)
    assert metres.max() <= ground.recipe.area.border_reach_m


def test_circuity_and_speed_are_those_observed(ground: Ground, roads: Network) -> None:
    """Between random places of the fabric: 1.41 within 15 % up to 10 km, 1.37 within 10 % beyond; 25 to 50 km/h."""
    rng = np.random.default_rng(0)
    places = ground.fabric.lonlat[rng.integers(len(ground.fabric.lonlat), size=60)]
    speeds = pipeline._speeds(ground.parameters)
    ends = tie(roads.graph, places, speeds)
    km, minutes = travel(roads.graph, speeds, ends, ends)
    xy = to_metric(places)
    straight = np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1)) / 1000
    near, far = (straight > 2) & (straight < 10), straight >= 10
    assert np.median(km[near] / straight[near]) == pytest.approx(1.41, rel=0.15)
    assert np.median(km[far] / straight[far]) == pytest.approx(1.37, rel=0.10)
    assert 25 < np.median((km / minutes * 60)[near]) < 50


def test_recorded_overpass_answers_load(raw: Path) -> None:
    """The recorded answers of 2024 give the streets of Futian and Nanshan, linked for the most part."""
    graph = osm.read_recorded(raw / "overpass-futian-nanshan")
    west, south = graph.nodes[["lon", "lat"]].min()
    assert 113.9 < west < 114.1 and 22.4 < south < 22.6
    assert 20_000 < len(graph) < 39_000
    assert len(largest_component(graph)) / len(graph) > 0.75
    assert {"motorway", "trunk", "primary", "secondary", "tertiary", "ramp", "minor"} <= set(graph.edges["road_class"])


def test_a_graphml_of_osmnx_loads(raw: Path) -> None:
    """The simplified GraphML beside them loads through the same code."""
    graph = osm.read_graphml(raw / "overpass-futian-nanshan" / "ShenZhen.graphml")
    assert 1500 < len(graph) < 2000
