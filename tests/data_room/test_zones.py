"""Zones: the census spread over the fabric."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hubopt.data.ground.coordinates import WGS84
from hubopt.data.ground.fabric import continuity, read_vertices
from hubopt.data.zones.census import Census
from hubopt.data.zones.merge import ZoneRule, merge_pieces
from hubopt.data.zones.pieces import Evidence, Spread, census_pieces, gather_fabric
from hubopt.data.zones.rounding import round_to_total
from hubopt.data.zones.sources import from_census

PLACES = pd.DataFrame({"lon": [], "lat": [], "weight": []})
FABRIC = Spread(exponent=1.0, damping=1.0)


def make_zones(
    vertices: np.ndarray, districts: gpd.GeoDataFrame, rule: ZoneRule, spread: Spread = FABRIC
) -> gpd.GeoDataFrame:
    """Zones of a census by district, spread over the vertices alone."""
    totals = dict(zip(districts["district"], districts["population"], strict=True))
    census = Census(districts["district"], totals, frozenset(), {})
    return from_census(districts, census, Evidence({"Alpha": vertices}, PLACES), rule, {"Alpha": spread}).table


@pytest.fixture
def districts() -> gpd.GeoDataFrame:
    """Two districts side by side."""
    west, east = shapely.box(114.00, 22.50, 114.10, 22.60), shapely.box(114.10, 22.50, 114.20, 22.60)
    return gpd.GeoDataFrame(
        {
            "city": "Alpha",
            "district": ["West", "East"],
            "district_zh": ["西区", "东区"],
            "population": [100_003, 250_001],
        },
        geometry=[west, east],
        crs=WGS84,
    )


@pytest.fixture
def vertices() -> np.ndarray:
    """Streets all over, denser in the east, and a few vertices outside."""
    rng = np.random.default_rng(1)
    west = rng.uniform((114.00, 22.50), (114.10, 22.60), (800, 2))
    east = rng.uniform((114.10, 22.50), (114.20, 22.60), (3000, 2))
    return np.concatenate([west, east, [(115.0, 23.0)]])


def test_populations_add_up_exactly_by_district(vertices: np.ndarray, districts: gpd.GeoDataFrame) -> None:
    """Zones hold whole persons, and those of a district add up to its census figure."""
    zones = make_zones(vertices, districts, ZoneRule(resolution=7, count=20, span_km=6))
    assert zones.groupby("district")["population"].sum().to_dict() == {"West": 100_003, "East": 250_001}


def test_zones_stay_in_their_district_and_share_no_area(vertices: np.ndarray, districts: gpd.GeoDataFrame) -> None:
    """A hexagon on the district limit is cut there."""
    zones = make_zones(vertices, districts, ZoneRule(resolution=7, count=20, span_km=6))
    limits = districts.set_index("district").geometry
    for zone in zones.itertuples():
        assert shapely.difference(zone.geometry, shapely.buffer(limits[zone.district], 1e-6)).is_empty
    shapes = zones.geometry.to_numpy()
    together = shapely.area(shapes).sum()
    assert together - shapely.area(shapely.union_all(shapes)) < 1e-4 * together


def test_middles_of_zones_are_vertices_within_them(vertices: np.ndarray, districts: gpd.GeoDataFrame) -> None:
    """The point that stands for a zone lies on its fabric."""
    zones = make_zones(vertices, districts, ZoneRule(resolution=7, count=20, span_km=6))
    known = {tuple(place) for place in vertices.round(9)}
    assert all((round(lon, 9), round(lat, 9)) in known for lon, lat in zip(zones["lon"], zones["lat"], strict=True))
    assert (zones["spread_km"] > 0).all()


def test_merging_aims_at_the_count_and_keeps_the_span(vertices: np.ndarray, districts: gpd.GeoDataFrame) -> None:
    """Merging stops at the count asked for; with no span allowed nothing is merged."""
    spreads = {"Alpha": FABRIC}
    fabric = gather_fabric(Evidence({"Alpha": vertices}, PLACES), districts, spreads, 7)
    totals = dict(zip(districts["district"], districts["population"], strict=True))
    parts = census_pieces(districts, districts["district"], totals, fabric, PLACES, spreads, 7)
    assert len(set(merge_pieces(parts, ZoneRule(7, 20, 20.0)))) == 20
    assert len(set(merge_pieces(parts, ZoneRule(7, 1, 0.1)))) == len(parts)


def test_a_denser_fabric_gets_more_residents(districts: gpd.GeoDataFrame) -> None:
    """Within a district, residents go with the vertices."""
    rng = np.random.default_rng(2)
    thin = rng.uniform((114.00, 22.50), (114.10, 22.55), (200, 2))
    thick = rng.uniform((114.00, 22.55), (114.10, 22.60), (1800, 2))
    other = rng.uniform((114.10, 22.50), (114.20, 22.60), (500, 2))
    zones = make_zones(
        np.concatenate([thin, thick, other]), districts, ZoneRule(7, 40, 6.0), Spread(exponent=0.0, damping=1.0)
    )
    west = zones[zones["district"] == "West"]
    assert west.loc[west["lat"] > 22.55, "population"].sum() > 5 * west.loc[west["lat"] < 22.55, "population"].sum()


def test_a_lone_mountain_road_is_told_from_streets() -> None:
    """Vertices along one road have road in about two of six hexagons around, those of a street grid in all."""
    road = np.column_stack([np.linspace(114.0, 114.1, 400), np.full(400, 22.5)])
    grid = np.random.default_rng(3).uniform((114.0, 22.6), (114.03, 22.63), (4000, 2))
    assert continuity(road).mean() < 0.45
    assert continuity(grid).mean() > 0.85


def test_zones_do_not_depend_on_the_order_of_the_vertices(vertices: np.ndarray, districts: gpd.GeoDataFrame) -> None:
    """The same vertices in another order give the same zones."""
    rule = ZoneRule(7, 20, 6.0)
    one = make_zones(vertices, districts, rule)
    other = make_zones(vertices[::-1], districts, rule)
    columns = ["district", "lon", "lat", "population"]
    assert one[columns].equals(other[columns])


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=50), st.integers(0, 10**7))
def test_rounding_keeps_the_total(values: list[float], total: int) -> None:
    """Whole numbers add up to the total, none is negative and none is off by one or more."""
    numbers = np.array(values)
    whole = round_to_total(numbers, total)
    assert whole.sum() == total and (whole >= 0).all()
    assert np.abs(whole - numbers * (total / numbers.sum())).max() < 1 + 1e-6


def test_vertices_are_read_past_their_headings(tmp_path) -> None:
    """Comment lines and a count before the pairs are no vertices; lat lon becomes lon lat."""
    file = tmp_path / "a.co"
    file.write_text("# heading\n2\n22.5 114.0\n22.6 114.1\n", encoding="utf-8")
    assert read_vertices(file).tolist() == [[114.0, 22.5], [114.1, 22.6]]
