"""Candidate sites, their suitability and their land."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hubopt.data.ground.coordinates import WGS84, to_degrees, to_metric
from hubopt.data.ground.fabric import Fabric, fabric_of
from hubopt.data.pipeline.sites import _made_up
from hubopt.data.recipe_parts import Sites
from hubopt.data.roads import RoadGraph
from hubopt.data.sites.generated import SiteRule, counts_by_district, place_sites

from .conftest import graph_from

RULE = SiteRule(
    count=6, area_share=0.5, classes=("primary",), search_km=1.5, junction_pull=0.0, apart_km=1.0, fill_km=50.0
)


@pytest.fixture
def districts() -> gpd.GeoDataFrame:
    """One square district of 10 km."""
    corners = to_degrees(np.array([(0.0, 0.0), (10_000.0, 10_000.0)]))
    return gpd.GeoDataFrame(
        {"district": ["Only"], "population": [1000]}, geometry=[shapely.box(*corners.ravel())], crs=WGS84
    )


@pytest.fixture
def fabric(districts: gpd.GeoDataFrame) -> Fabric:
    """Streets all over the district."""
    return fabric_of(to_degrees(np.random.default_rng(0).uniform(100, 9900, (6000, 2))), districts, 7, 1.0)


@pytest.fixture
def grid() -> RoadGraph:
    """Primary roads a kilometre apart."""
    points = [(1000.0 * x, 1000.0 * y) for x in range(11) for y in range(11)]
    edges = [(11 * x + y, 11 * x + y + 1, 1.0, "primary") for x in range(11) for y in range(10)]
    edges += [(11 * x + y, 11 * (x + 1) + y, 1.0, "primary") for x in range(10) for y in range(11)]
    return graph_from(points, edges)


def placed(grid: RoadGraph, fabric: Fabric, districts: gpd.GeoDataFrame, rule: SiteRule, taken: np.ndarray, zones=None):
    """Sites by ``rule``."""
    if zones is None:
        zones = pd.DataFrame({"district": [], "lon": [], "lat": []})
    return place_sites(grid, fabric, districts, zones, np.array([(0.0, 0.0)]), taken, rule, seed=0)


def test_sites_lie_on_roads_and_apart(grid: RoadGraph, fabric: Fabric, districts: gpd.GeoDataFrame) -> None:
    """Every made-up site is a node of a wanted road, and none is nearer to another than allowed."""
    sites, _ = placed(grid, fabric, districts, RULE, np.empty((0, 2)))
    xy = to_metric(sites[["lon", "lat"]].to_numpy())
    assert 4 <= len(sites) <= 6
    assert np.abs(xy - np.round(xy, -3)).max() < 0.01
    apart = np.hypot(*(xy[:, None] - xy[None, :]).transpose(2, 0, 1))
    assert apart[~np.eye(len(xy), dtype=bool)].min() >= 999


def test_exclusions_say_why(grid: RoadGraph, fabric: Fabric, districts: gpd.GeoDataFrame) -> None:
    """Candidates near a known site, or far from any wanted road, are thrown out with the reason."""
    everywhere = SiteRule(**{**RULE.__dict__, "apart_km": 50.0})
    sites, excluded = placed(grid, fabric, districts, everywhere, np.array([(5000.0, 5000.0)]))
    assert sites.empty and all("another site" in item.reason for item in excluded)
    trunk = SiteRule(**{**RULE.__dict__, "classes": ("tertiary", "primary"), "search_km": 0.001})
    sites, excluded = placed(grid, fabric, districts, trunk, np.array([(-9e6, -9e6)]))
    assert sites.empty and all("no tertiary/primary road" in item.reason for item in excluded)


def test_a_zone_without_a_site_in_reach_gets_one(grid: RoadGraph, fabric: Fabric, districts: gpd.GeoDataFrame) -> None:
    """A zone further than fill_km from every site gets one of its own; a zone in reach does not."""
    far = to_degrees(np.array([(10_000.0, 10_000.0), (0.0, 100.0)]))
    zones = pd.DataFrame({"district": ["Only"] * 2, "lon": far[:, 0], "lat": far[:, 1]})
    one = SiteRule(**{**RULE.__dict__, "count": 1, "fill_km": 11.0, "apart_km": 0.0})
    known = np.array([(0.0, 0.0)])
    sites, _ = placed(grid, fabric, districts, one, known, zones)
    filled = SiteRule(**{**one.__dict__, "fill_km": 5.0})
    more, _ = placed(grid, fabric, districts, filled, known, zones)
    assert len(more) == len(sites) + 1
    assert to_metric(more[["lon", "lat"]].to_numpy())[-1] == pytest.approx((10_000, 10_000), abs=0.01)


def test_every_district_gets_a_site(districts: gpd.GeoDataFrame, fabric: Fabric) -> None:
    """Even a district with hardly any share has one candidate."""
    both = pd.concat([districts, districts.assign(district="Tiny", population=1)], ignore_index=True)
    assert counts_by_district(both, fabric, 10, 0.0).tolist() == [10, 1]


def test_dear_land_means_small_sites() -> None:
    """Land of made-up sites shrinks with the root of the price, and all are marked as made up."""
    rule = Sites(
        level="utc", count=2, area_share=0, classes=("primary",), search_km=1, apart_km=1, fill_km=1, land_ha=3,
        word_en="transfer centre", word_zh="转运中心",
    )  # fmt: skip
    places = pd.DataFrame({"district": ["A", "B", "C"], "lon": [114.0] * 3, "lat": [22.5] * 3})
    sites = _made_up(places, rule, {"A": 1000.0, "B": 2000.0, "C": 4000.0})
    assert sites["land_ha"].tolist() == [4.24, 3.0, 2.12]
    assert sites["synthetic"].all() and sites["source"].str.contains("made up").all()
