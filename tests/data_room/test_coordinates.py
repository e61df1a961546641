"""Coordinates: GCJ-02 and the metric plane."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod

from hubopt.data.ground.coordinates import (
    WGS84,
    gcj02_to_wgs84,
    shapes_to_wgs84,
    to_degrees,
    to_metric,
    wgs84_to_gcj02,
)

GBA = np.array([(114.0, 22.5), (113.81, 22.64), (114.27, 22.58), (112.5, 23.5), (115.4, 22.8), (113.3, 23.4)])


def test_gcj02_round_trip_is_below_a_millimetre() -> None:
    """Offsetting and taking the offset away gives the point back within a millimetre all over the GBA."""
    back = gcj02_to_wgs84(wgs84_to_gcj02(GBA))
    assert np.hypot(*(to_metric(back) - to_metric(GBA)).T).max() < 1e-3


def test_gcj02_offset_is_some_hundred_metres() -> None:
    """GCJ-02 lies 300 to 700 m off in the GBA, so that forgetting the inverse cannot go unseen."""
    metres = np.hypot(*(to_metric(wgs84_to_gcj02(GBA)) - to_metric(GBA)).T)
    assert (metres > 300).all() and (metres < 700).all()


def test_shapes_lose_the_offset_and_keep_their_index() -> None:
    """Outlines labelled WGS84 but drawn in GCJ-02 come out in WGS84 with the same index."""
    true = shapely.box(114.0, 22.5, 114.01, 22.51)
    drawn = shapely.transform(true, wgs84_to_gcj02)
    shapes = gpd.GeoDataFrame({"name": ["a"]}, geometry=[drawn], crs=WGS84, index=[7])
    moved = shapes_to_wgs84(shapes, "GCJ-02")
    assert list(moved.index) == [7]
    assert moved.geometry.iloc[0].hausdorff_distance(true) < 1e-8


def test_projection_round_trip() -> None:
    """Degrees to metres and back is exact to a tenth of a millimetre."""
    assert np.allclose(to_degrees(to_metric(GBA)), GBA, atol=1e-9)


@pytest.mark.parametrize(("a", "b"), [((113.81, 22.64), (114.27, 22.58)), ((113.99, 22.5), (114.01, 22.5))])
def test_lengths_across_114_east_are_true(a: tuple[float, float], b: tuple[float, float]) -> None:
    """A length across the edge of two UTM zones differs from the geodesic by less than 0.02 %."""
    true = Geod(ellps="WGS84").inv(*a, *b)[2]
    ends = to_metric(np.array([a, b]))
    assert np.hypot(*(ends[0] - ends[1])) == pytest.approx(true, rel=2e-4)


def test_lengths_at_the_edge_of_the_gba_are_true_to_a_thousandth() -> None:
    """150 km west of 114 E a length is still right to 0.1 %."""
    true = Geod(ellps="WGS84").inv(112.5, 23.0, 112.6, 23.0)[2]
    ends = to_metric(np.array([(112.5, 23.0), (112.6, 23.0)]))
    assert np.hypot(*(ends[0] - ends[1])) == pytest.approx(true, rel=1e-3)
