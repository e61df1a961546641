"""Where the optional local raw data are, and small geography for tests."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hubopt.data.ground.coordinates import METRIC
from hubopt.data.roads import RoadGraph, both_ways, graph_of
from hubopt.data.travel import Speeds

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "instances" / "shenzhen" / "recipe.toml"


@pytest.fixture(scope="session")
def raw() -> Path:
    """Folder of the raw data; skips where they are not at hand."""
    folder = Path(os.environ.get("HUBOPT_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "shenzhen-roads").is_dir():
        pytest.skip("the raw data are optional local data and not on this machine (set HUBOPT_DATA to their folder)")
    return folder


@pytest.fixture
def speeds() -> Speeds:
    """60 km/h on main roads, 30 on small ones, nothing lost anywhere else."""
    km_h = {"motorway": 60.0, "primary": 60.0, "tertiary": 30.0, "ramp": 30.0, "expressway": 60.0, "connector": 30.0}
    return Speeds(km_h, junction_seconds=0, access_km_h=30, access_detour=1.0, terminal_minutes=0)


def lines_of(*roads: tuple[str, list[tuple[float, float]]]) -> gpd.GeoDataFrame:
    """Road lines from class and metres east and north of the origin."""
    return gpd.GeoDataFrame(
        {"road_class": [name for name, _ in roads]},
        geometry=[shapely.LineString(points) for _, points in roads],
        crs=METRIC,
    )


def graph_from(points: list[tuple[float, float]], edges: list[tuple[int, int, float, str]]) -> RoadGraph:
    """A two-way graph from points in metres and edges (u, v, km, class)."""
    return graph_of(
        np.array(points, dtype=float), both_ways(pd.DataFrame(edges, columns=["u", "v", "km", "road_class"]))
    )
