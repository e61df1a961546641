"""Layers of different detail made one network: clipped, stitched, bridged by a mesh, reported."""

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pydantic import ValidationError

from hubopt.data.ground.coordinates import METRIC, WGS84, to_degrees
from hubopt.data.roads.build import RoadNetwork, build_roads
from hubopt.data.roads.mesh import mesh_graph
from hubopt.data.roads.spec import Crossing, Layer, Mesh, RoadsSpec
from hubopt.data.roads.stitch import clip, loose_ends, rescue
from hubopt.data.travel import Speeds, matrix
from hubopt.instance.errors import InputError

from .conftest import graph_from, lines_of

LANDS = gpd.GeoDataFrame(
    {"id": ["West", "East", "South"]},
    geometry=[
        shapely.box(-10_000, 0, 0, 10_000),
        shapely.box(0, 0, 10_000, 10_000),
        shapely.box(-10_000, -10_000, 10_000, -20),
    ],
    crs=METRIC,
).to_crs(WGS84)


def write_lines(file: Path, *roads: tuple[str, list[tuple[float, float]]]) -> None:
    """Road lines as GeoJSON with the column highway."""
    frame = lines_of(*roads).rename(columns={"road_class": "highway"}).to_crs(WGS84)
    frame.to_file(file, driver="GeoJSON")


def layer(name: str, **more: object) -> Layer:
    """A layer of lines from NAME.geojson, two-way."""
    content = {"name": name, "kind": "lines", "path": f"{name}.geojson", "directions": "two-way", **more}
    return Layer.model_validate(content)


def text(network: RoadNetwork) -> str:
    """The report as text."""
    return "\n".join(f"{name}: {line}" for name, line in network.report)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two cities side by side, each drawn on its own (the west a little beyond its limit), and one across a border."""
    write_lines(tmp_path / "west.geojson", ("primary", [(-5000, 5000), (-100, 5000), (50, 5000)]))
    east = [("primary", [(90.0, 5010.0), (2000.0, 5010.0), (6000.0, 5010.0)])]
    write_lines(tmp_path / "east.geojson", *east, ("primary", [(6000, 5010), (6000, 100), (6000, -100)]))
    write_lines(tmp_path / "south.geojson", ("primary", [(6100, -200), (6000, -5000)]))
    return tmp_path


SPEC = RoadsSpec(
    layers=(
        layer("west", within=("West",)),
        layer("east", within=("East",)),
        layer("south", within=("South",)),
    ),
    behind_border=("South",),
    rescue_m=60,
)


def places(*points: tuple[float, float]) -> np.ndarray:
    """Degrees of places in metres."""
    return to_degrees(np.array(points, dtype=float))


def test_layers_are_stitched_at_their_limit(root: Path, speeds: Speeds) -> None:
    """The ends 41 m apart are tied: from west to east it is the way along the road; the report counts the tie."""
    network = build_roads(SPEC, root, LANDS)
    km, _ = matrix(network.graph, speeds, places((-5000, 5000)), places((5990, 5010)), keep=False).dense()
    assert km[0, 0] == pytest.approx(10.99 + 0.1, abs=0.02)
    assert "layers stitched: 2 road ends" in text(network)


def test_the_border_is_shut_without_a_crossing(root: Path) -> None:
    """What lies across the border is dropped, with its km, and the edge over the border is closed."""
    network = build_roads(SPEC, root, LANDS)
    assert network.graph.xy()[:, 1].min() > -10
    assert "edges over the border that were closed: 2" in text(network)
    assert "south: dropped: 2 of 2 nodes out of reach, 10 km" in text(network)


def test_a_crossing_opens_the_border(root: Path, speeds: Speeds) -> None:
    """With a crossing the south is reached through it, and its waiting is told apart from driving."""
    lon, lat = places((6000, 0))[0]
    gate = Crossing(id="gate", lon=lon, lat=lat, minutes=45, cny_t=12)
    network = build_roads(SPEC, root, LANDS, [gate])
    legs = matrix(network.graph, speeds, places((6000, 5000)), places((6000, -5000)), keep=False)
    assert legs.wait_minutes.tolist() == [45] and legs.wait_cny_t.tolist() == [12]
    assert legs.km[0] == pytest.approx(9.9, abs=0.5)
    assert "crossing gate: open" in text(network)


def test_the_mesh_stands_in_for_streets_and_is_estimated(root: Path, speeds: Speeds) -> None:
    """A land without data is reached over the mesh, whose arcs are marked; arcs on drawn roads are not."""
    spec = RoadsSpec(layers=(layer("west", within=("West",)),), mesh=Mesh(territories=("East",)))
    network = build_roads(spec, root, LANDS)
    swift = Speeds({**speeds.km_h, "mesh": 30.0}, 0, 30, 1.0, 0)
    legs = matrix(network.graph, swift, places((-4000, 5000)), places((-2000, 5000), (8000, 4000)), keep=False)
    assert legs.estimated.tolist() == [False, True]
    assert 10 < legs.km[1] < 17
    assert "connector mesh" in text(network)


def test_the_mesh_keeps_to_its_lands() -> None:
    """Nodes lie in the outlines; two lands are joined only where the rule says so."""
    apart = mesh_graph(LANDS, Mesh(territories=("West", "East")))
    joined = mesh_graph(LANDS, Mesh(territories=("West", "East"), across=(("East", "West"),)))
    assert len(apart) == len(joined) and len(joined.edges) > len(apart.edges)
    assert shapely.contains_xy(shapely.box(-10_001, -1, 10_001, 10_001), joined.xy()).all()
    assert apart.edges["estimated"].all()
    straight = np.linalg.norm(apart.xy()[apart.edges["u"]] - apart.xy()[apart.edges["v"]], axis=1) / 1000
    assert apart.edges["km"].to_numpy() == pytest.approx(straight * 1.3)


def test_expressways_that_a_finer_layer_draws_are_left_out(tmp_path: Path, speeds: Speeds) -> None:
    """Of a coarse expressway only the part beyond the drawn motorway is kept, tied to its end."""
    street = ("primary", [(6000.0, 300.0), (7000.0, 300.0)])
    write_lines(tmp_path / "fine.geojson", ("motorway", [(0, 0), (3000, 0), (6000, 0)]), street)
    stops = [0, 3000, 6000, 16_000]
    drawn = [("x", [(float(a), 60.0), (float(b), 60.0)]) for a, b in pairwise(stops)]
    write_lines(tmp_path / "coarse.geojson", *drawn)
    coarse = Layer(name="coarse", kind="expressways", path="coarse.geojson", toll_cny_km=0.5)
    network = build_roads(RoadsSpec(layers=(layer("fine"), coarse)), tmp_path)
    assert "coarse: drawn finer elsewhere: 4 edges left out" in text(network)
    assert network.graph.kilometres()["expressway"] == pytest.approx(10, abs=0.01)
    assert network.graph.kilometres()["motorway"] == pytest.approx(6, abs=0.01)
    assert len(network.junctions) == 4


def test_an_unknown_territory_is_named(root: Path) -> None:
    """A layer kept to a land that there is not."""
    spec = RoadsSpec(layers=(layer("west", within=("Atlantis",)),))
    with pytest.raises(InputError, match="Atlantis"):
        build_roads(spec, root, LANDS)


def test_names_must_be_unique() -> None:
    """Two layers or two crossings of one name are refused."""
    with pytest.raises(ValidationError, match="west is given more than once"):
        RoadsSpec(layers=(layer("west"), layer("west")))


def test_a_clip_keeps_the_edge_that_leaves() -> None:
    """An edge over the limit stays whole, and its far end is marked as cut."""
    graph = graph_from([(0, 0), (10, 0), (20, 0), (30, 0)], [(n, n + 1, 0.01, "primary") for n in range(3)])
    kept, cut = clip(graph, np.array([True, True, False, False]))
    assert len(kept) == 3 and cut.tolist() == [False, False, True]
    assert loose_ends(kept).tolist() == [True, False, True]


def test_an_island_within_reach_is_rescued_once() -> None:
    """A street 40 m from the rest is tied at its nearest end; one 400 m away is not."""
    points = [(0, 0), (500, 0), (540, 0), (900, 0), (0, 400), (500, 400)]
    graph = graph_from(points, [(0, 1, 0.5, "primary"), (2, 3, 0.36, "primary"), (4, 5, 0.5, "primary")])
    tied, joined = rescue(graph, 60)
    assert joined.count == 1 and joined.longest_m == pytest.approx(40)
    assert len(tied.edges) == len(graph.edges) + 2


def test_no_rescue_leads_over_the_border_or_onto_a_motorway() -> None:
    """Like is tied to like, on one side of the border."""
    points = [(0, 0), (500, 0), (540, 0), (900, 0)]
    over = graph_from(points, [(0, 1, 0.5, "primary"), (2, 3, 0.36, "primary")])
    assert rescue(over, 60, np.array([0, 0, 1, 1]))[1].count == 0
    fast = graph_from(points, [(0, 1, 0.5, "primary"), (2, 3, 0.36, "motorway")])
    assert rescue(fast, 60)[1].count == 0
