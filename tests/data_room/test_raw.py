"""Roads and travel on the raw data, where they are at hand: plausibility against known facts and against real tags."""

import zlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import to_metric
from hubopt.data.ground.fabric import read_vertices
from hubopt.data.ground.regions import read_regions
from hubopt.data.pipeline.ground import city_outlines
from hubopt.data.roads import RoadGraph, largest_component, osm, subgraph
from hubopt.data.roads.border import CROSSING, over_border, territory
from hubopt.data.roads.build import RoadNetwork, build_roads
from hubopt.data.roads.oneways import one_way
from hubopt.data.roads.sources import read_layer
from hubopt.data.roads.spec import Crossing, Layer, Mesh, RoadsSpec
from hubopt.data.travel import Speeds, matrix

SHENZHEN = Layer(
    name="shenzhen", kind="lines", path="shenzhen-roads/shenzhen_roads_osm_2026-09-06.geojson", ramps=True,
    within=("Shenzhen",),
)  # fmt: skip
HONG_KONG = Layer(name="hong-kong", kind="edges", path="hk-roads/hk_edges.csv.gz", within=("Hong Kong",))
DONGGUAN = Layer(
    name="dongguan", kind="edges", path="dongguan-roads/Dongguan_Edgelist.csv", within=("Dongguan",), crs="EPSG:32649",
    default_class="secondary",
    columns={"u": "START_NODE", "v": "END_NODE", "m": "LENGTH", "x_u": "XCoord", "y_u": "YCoord"},
)  # fmt: skip
MAINLAND = ("Dongguan", "Huizhou", "Guangzhou")
EXPRESSWAYS = Layer(
    name="expressways", kind="expressways", path="expressways/tm_edges.gpkg", within=MAINLAND, stitch_m=800
)
SPEC = RoadsSpec(
    layers=(SHENZHEN, HONG_KONG, DONGGUAN, EXPRESSWAYS),
    behind_border=("Hong Kong",),
    crossings=(
        Crossing(id="huanggang", lon=114.074, lat=22.509, minutes=40),
        Crossing(id="shenzhen-bay", lon=113.943, lat=22.499, minutes=40, reach_m=4000),
    ),
    mesh=Mesh(territories=("Huizhou", "Guangzhou")),
)
SPEEDS = Speeds(
    {"motorway": 75, "expressway": 85, "trunk": 52, "primary": 40, "secondary": 35, "tertiary": 30, "minor": 20,
     "ramp": 35, "connector": 30, "mesh": 35},
    junction_seconds=6, access_km_h=20, access_detour=1.3, terminal_minutes=1,
)  # fmt: skip
PLACES = {
    "airport": (113.811, 22.639), "yantian": (114.272, 22.577), "futian": (114.055, 22.541),
    "baiyun": (113.299, 23.392), "kwai tsing": (114.120, 22.345), "huanggang": (114.074, 22.512),
}  # fmt: skip


@pytest.fixture(scope="module")
def territories(raw: Path) -> gpd.GeoDataFrame:
    """Outlines of five cities."""
    outlines = raw / "districts" / "gba_districts_gcj02.gpkg"
    return city_outlines(read_regions(outlines, ("Shenzhen", "Hong Kong", *MAINLAND))[0])


@pytest.fixture(scope="module")
def network(raw: Path, territories: gpd.GeoDataFrame) -> RoadNetwork:
    """Four layers, two crossings and the mesh."""
    return build_roads(SPEC, raw, territories)


@pytest.fixture(scope="module")
def known(network: RoadNetwork) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Km and minutes between known places."""
    places = np.array(list(PLACES.values()))
    return tuple(  # type: ignore[return-value]
        pd.DataFrame(table, index=list(PLACES), columns=list(PLACES))
        for table in matrix(network.graph, SPEEDS, places, places, keep=False).dense()
    )


@pytest.mark.parametrize(
    ("a", "b", "low", "high"),
    [("airport", "yantian", 55, 66), ("futian", "baiyun", 122, 155), ("kwai tsing", "huanggang", 25, 38)],
)
def test_known_ways_have_known_lengths(
    known: tuple[pd.DataFrame, pd.DataFrame], a: str, b: str, low: float, high: float
) -> None:
    """Airport to Yantian port about 60 km, Futian to Baiyun airport about 135, Kwai Tsing to Huanggang about 35."""
    km, minutes = known
    assert low < km.loc[a, b] < high
    assert 25 < km.loc[a, b] / minutes.loc[a, b] * 60 < 90


def test_nearly_all_roads_are_linked(network: RoadNetwork) -> None:
    """At least 98 % of the nodes are in the linked part."""
    text = dict(network.report)["largest linked part"]
    part, whole = (int(word) for word in text.split(" nodes")[0].split(" of "))
    assert part / whole > 0.98


def test_the_border_is_passed_at_crossings_only(network: RoadNetwork, territories: gpd.GeoDataFrame) -> None:
    """Every edge between Hong Kong and the mainland is one of the crossings', both of which are open."""
    home = territory(network.graph.xy(), territories)
    sides = (territories["id"] == "Hong Kong").to_numpy().astype(np.int64)
    over = network.graph.edges[over_border(network.graph, home, sides)]
    assert set(over["road_class"]) == {CROSSING} and len(over) == 4


def places_of_fabric(raw: Path, count: int) -> np.ndarray:
    """Road vertices of Shenzhen, denser near its five centres, as taxi trips are; degrees."""
    vertices = np.asarray(read_vertices(raw / "osm-vertices" / "Shenzhen.co.tar.gz"))
    middles = [(114.057, 22.54), (114.12, 22.545), (113.94, 22.535), (113.81, 22.63), (114.03, 22.61)]
    centres = to_metric(np.array(middles))
    away = np.linalg.norm(to_metric(vertices)[:, None] - centres[None], axis=2).min(axis=1)
    weight = np.exp(-away / 6000)
    return vertices[np.random.default_rng(3).choice(len(vertices), count, p=weight / weight.sum())]


def test_circuity_and_speed_are_those_observed(raw: Path, network: RoadNetwork) -> None:
    """Driven km over straight km as observed: 1.41 in all and 1.37 beyond 10 km, each within 4 %; 24 to 50 km/h."""
    places = places_of_fabric(raw, 120)
    km, minutes = matrix(network.graph, SPEEDS, places, places, mean=False, keep=False).dense()
    xy = to_metric(places)
    straight = np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1)) / 1000
    near, far = (straight > 2) & (straight < 10), (straight >= 10) & (straight < 25)
    speed = [np.median(km[band] / minutes[band] * 60) for band in (near, far)]
    assert np.median(km[near] / straight[near]) == pytest.approx(1.41, rel=0.04)
    assert np.median(km[far] / straight[far]) == pytest.approx(1.37, rel=0.04)
    assert 24 < speed[0] < speed[1] < 55


@pytest.fixture(scope="module")
def real(raw: Path) -> RoadGraph:
    """Futian and Nanshan with their real links, directions and minor streets; the linked part."""
    return largest_component(osm.read_recorded(raw / "overpass-futian-nanshan"))


def test_directions_are_those_tagged(raw: Path) -> None:
    """Of the km tagged one-way at least 90 % are told so, of those open both ways at most 2 %."""
    elements = osm.read_answers(sorted((raw / "overpass-futian-nanshan").glob("*.json")))
    kinds = {"motorway", "trunk", "primary", "secondary", "tertiary"}
    ways = [(nodes, tags) for nodes, tags in elements.ways.values() if tags.get("highway") in kinds]
    chains = [np.array([elements.nodes[node] for node in nodes if node in elements.nodes]) for nodes, _ in ways]
    lines = gpd.GeoSeries.from_wkt([f"LINESTRING ({', '.join(f'{x} {y}' for x, y in to_metric(c))})" for c in chains])
    told = one_way(lines.to_numpy(), np.array([tags["highway"] for _, tags in ways], dtype=object))
    tagged = np.array([tags.get("oneway") == "yes" for _, tags in ways])
    open_ = np.array([tags.get("oneway", "no") == "no" for _, tags in ways])
    km = lines.length.to_numpy()
    assert km[tagged & told].sum() / km[tagged].sum() > 0.9
    assert km[open_ & told].sum() / km[open_].sum() < 0.02


@pytest.mark.slow
def test_ways_are_as_long_as_on_the_real_streets(raw: Path, real: RoadGraph) -> None:
    """Within Futian and Nanshan fastest-path km differ by at most 13 % on average over 5 to 10 km, without bias."""
    layer = SHENZHEN.model_copy(update={"within": ()})
    lines = build_roads(RoadsSpec(layers=(layer,)), raw).graph
    covered = KDTree(real.xy()).query(lines.xy(), distance_upper_bound=40)[0] < np.inf
    model = largest_component(subgraph(lines, covered))
    streets = real.edges["road_class"].isin(["primary", "secondary", "tertiary", "minor"])
    nodes = np.unique(real.edges.loc[streets, "u"])
    chosen = np.random.default_rng(1).choice(nodes, 120)
    places = real.nodes[["lon", "lat"]].to_numpy()[chosen]
    truth, _ = matrix(real, SPEEDS, places, places, mean=False, keep=False).dense()
    made, _ = matrix(model, SPEEDS, places, places, mean=False, keep=False).dense()
    xy = to_metric(places)
    straight = np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1)) / 1000
    far = (straight >= 5) & (straight < 10)
    error = made[far] / truth[far] - 1
    assert np.abs(error).mean() < 0.13 and abs(np.median(error)) < 0.03


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


def test_waypoint_files_give_the_edges_made_of_them(raw: Path) -> None:
    """The waypoint files of Guangdong have as many km of expressway as the edges, within 3 %."""
    files = Layer(name="a", kind="waypoints", path="expressways/hwy_data/CHN-GD")
    edges = Layer(name="b", kind="expressways", path="expressways/tm_edges.gpkg")
    by_files, by_edges = (read_layer(layer, raw, raw).kilometres()["expressway"] for layer in (files, edges))
    assert by_files == pytest.approx(by_edges, rel=0.06)


@pytest.mark.slow
def test_the_same_layers_give_the_same_graph(raw: Path) -> None:
    """Built twice, the network of Shenzhen is the same to the last bit."""
    layer = SHENZHEN.model_copy(update={"within": ()})
    sums = set()
    for _ in range(2):
        graph = build_roads(RoadsSpec(layers=(layer,)), raw).graph
        sums.add(zlib.crc32(graph.edges.to_csv().encode()) ^ zlib.crc32(graph.nodes.to_csv().encode()))
    assert len(sums) == 1
