"""Roads from tables of edges and from GMNS."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from hubopt.data.roads.tables import read_edges, read_gmns
from hubopt.instance.errors import InputError

EDGES = "u,v,cls,oneway,m,lon_u,lat_u,lon_v,lat_v\n"
ROWS = "a,b,primary,1,1000,114.0,22.5,114.01,22.5\nb,c,minor,0,500,114.01,22.5,114.01,22.505\n"


def write(file: Path, text: str) -> Path:
    """A file with a text."""
    file.write_text(text, encoding="utf-8")
    return file


def test_edges_with_directions(tmp_path: Path) -> None:
    """A one-way row is one edge, a two-way row is two; lengths are those of the table, not of the straight line."""
    graph = read_edges(write(tmp_path / "e.csv", EDGES + ROWS), {})
    assert len(graph) == 3 and len(graph.edges) == 3
    assert graph.kilometres() == {"minor": 0.5, "primary": 1.0}
    assert graph.nodes[["lon", "lat"]].to_numpy() == pytest.approx(
        np.array([(114.0, 22.5), (114.01, 22.5), (114.01, 22.505)])
    )


def test_against_the_listing(tmp_path: Path) -> None:
    """-1 turns the row round."""
    graph = read_edges(write(tmp_path / "e.csv", EDGES + ROWS.replace("primary,1", "primary,-1")), {})
    primary = graph.edges[graph.edges["road_class"] == "primary"].iloc[0]
    assert (primary["u"], primary["v"]) == (1, 0)


def test_metres_of_a_utm_zone_and_own_column_names(tmp_path: Path) -> None:
    """Columns that are called otherwise, starts only, and metres of UTM zone 49 give degrees to the centimetre."""
    to_utm = Transformer.from_crs("EPSG:4326", "EPSG:32649", always_xy=True)
    places = [(113.75, 23.02), (113.76, 23.02)]
    xy = [to_utm.transform(*place) for place in places]
    text = "XCoord,YCoord,START,END,LENGTH\n" + "".join(
        f"{x},{y},{n},{3 - n},1030\n" for n, (x, y) in enumerate(xy, start=1)
    )
    columns = {"u": "START", "v": "END", "m": "LENGTH", "x_u": "XCoord", "y_u": "YCoord"}
    graph = read_edges(write(tmp_path / "e.csv", text), columns, "EPSG:32649", "secondary")
    assert graph.nodes[["lon", "lat"]].to_numpy() == pytest.approx(np.array(places), abs=1e-7)
    assert graph.kilometres() == {"secondary": 1.03}


def test_a_loop_and_a_double_edge_are_mended(tmp_path: Path) -> None:
    """A loop is dropped, of two equal edges the shorter is kept."""
    more = "a,a,primary,1,10,114.0,22.5,114.0,22.5\na,b,primary,1,900,114.0,22.5,114.01,22.5\n"
    graph = read_edges(write(tmp_path / "e.csv", EDGES + ROWS + more), {})
    assert graph.kilometres()["primary"] == 0.9 and len(graph.edges) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no CSV table"),
        (EDGES, "has no rows"),
        ("u,v,lon_u,lat_u\na,b,114,22\n", "column m: column is missing"),
        (EDGES + ROWS.replace("1000", "far"), "row 2, column m: is not a number"),
        (EDGES + ROWS.replace("1000", "-5"), "below zero"),
        (EDGES + ROWS.replace("primary", "canal"), "is no road class.*canal"),
        (EDGES + ROWS.replace("b,c,minor,0,500,114.01", "b,c,minor,0,500,114.09"), "a node has two positions"),
        (EDGES + "a,b,primary,1,10,22.5,114.0,22.5,114.01\n", "swapped"),
        (EDGES + "a,b,primary,1,10,824730.2,2509190.3,824800,2509190.3\n", "metres, not degrees"),
    ],
)
def test_a_bad_table_is_named(tmp_path: Path, text: str, words: str) -> None:
    """Every defect is an input error with the place and the mend."""
    with pytest.raises(InputError, match=words):
        read_edges(write(tmp_path / "e.csv", text), {})


def test_an_unknown_crs_is_named(tmp_path: Path) -> None:
    """A CRS that nobody knows."""
    with pytest.raises(InputError, match="no such CRS"):
        read_edges(write(tmp_path / "e.csv", EDGES + ROWS), {}, "EPSG:0")


def test_degrees_declared_as_metres_are_refused(tmp_path: Path) -> None:
    """Degrees are no positions of a UTM zone that lie anywhere near the earth's inhabited part."""
    graph = read_edges(write(tmp_path / "e.csv", EDGES + ROWS), {}, "EPSG:32649")
    assert graph.nodes["lat"].abs().max() < 1  # not an error by itself: territories and stitching report it


NODES = "node_id,x_coord,y_coord\n1,114.0,22.5\n2,114.01,22.5\n3,114.02,22.5\n"
LINKS = (
    "link_id,from_node_id,to_node_id,directed,length,facility_type\n"
    "1,1,2,true,1030,primary\n2,2,3,false,1035,tertiary\n"
)


def test_gmns_directed_and_undirected_links(tmp_path: Path) -> None:
    """A directed link is one edge, an undirected one two."""
    graph = read_gmns(write(tmp_path / "link.csv", LINKS), write(tmp_path / "node.csv", NODES))
    assert sorted(zip(graph.edges["u"], graph.edges["v"], strict=True)) == [(0, 1), (1, 2), (2, 1)]
    assert graph.edges["km"].tolist() == [1.03, 1.035, 1.035]


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        (NODES + "3,114.03,22.5\n", "row 5, column node_id: the node is listed twice"),
        (NODES.replace("3,114.02,22.5\n", ""), "row 3: an end of the edge has no position"),
    ],
)
def test_bad_gmns_nodes_are_named(tmp_path: Path, nodes: str, words: str) -> None:
    """Nodes listed twice and links to nowhere are input errors."""
    with pytest.raises(InputError, match=words):
        read_gmns(write(tmp_path / "link.csv", LINKS), write(tmp_path / "node.csv", nodes))


def test_parquet_is_no_table(tmp_path: Path) -> None:
    """Binary content is named."""
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "e.csv")
    with pytest.raises(InputError, match=r"e\.csv"):
        read_edges(tmp_path / "e.csv", {})
