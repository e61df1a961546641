"""Datums: BD-09 beside GCJ-02, the metric plane everywhere, and undeclared offsets found from the roads."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from hubopt.data.ground.coordinates import (
    DATUMS,
    LARGEST_SCALE_ERROR,
    WGS84,
    Datum,
    Floats,
    from_wgs84,
    shapes_to_wgs84,
    to_degrees,
    to_metric,
    to_wgs84,
)
from hubopt.data.ground.datum import (
    detect_datum,
    detect_outline_datum,
    require_datum,
    require_outline_datum,
    require_shapes_datum,
)
from hubopt.instance.errors import InputError

WEST, SOUTH, EAST, NORTH = 111.35, 21.45, 115.45, 24.4
"""Extent of the eleven cities."""


def streets(spacing_m: float = 1100.0, size_m: float = 12_000.0) -> Floats:
    """Places every 40 m on an uneven grid of streets, metres."""
    rng = np.random.default_rng(1)
    steps = np.arange(0, size_m, 40.0)
    lines = np.cumsum(rng.uniform(0.5, 1.5, int(size_m / spacing_m)) * spacing_m)
    across = np.concatenate([np.column_stack([steps, np.full(len(steps), line)]) for line in lines])
    return np.concatenate([across, across[:, ::-1]])


def beside_streets(count: int) -> Floats:
    """Addresses some 15 m from the streets, lon lat in WGS84."""
    rng = np.random.default_rng(2)
    xy = streets()
    return to_degrees(xy[rng.integers(len(xy), size=count)] + rng.normal(0, 15, (count, 2)))


@pytest.mark.parametrize("datum", DATUMS)
def test_every_datum_comes_back_to_a_centimetre(datum: Datum) -> None:
    """Into a datum and out of it again is exact to a centimetre all over the region."""
    lonlat = np.array([(114.0, 22.5), (113.3, 23.4), (111.4, 24.3), (115.4, 22.8), (113.55, 22.2)])
    back = to_wgs84(from_wgs84(lonlat, datum), datum)
    assert np.hypot(*(to_metric(back) - to_metric(lonlat)).T).max() < 1e-2


def test_bd09_lies_further_off_than_gcj02() -> None:
    """BD-09 is one to two kilometres off, so a file in it is seen at once."""
    lonlat = np.array([(114.0, 22.5), (113.3, 23.4)])
    metres = np.hypot(*(to_metric(from_wgs84(lonlat, "BD-09")) - to_metric(lonlat)).T)
    assert (metres > 800).all() and (metres < 2000).all()


@settings(max_examples=60, deadline=None)
@given(st.floats(WEST, EAST), st.floats(SOUTH, NORTH), st.floats(0, 360))
def test_the_metric_plane_keeps_its_stated_scale_error(lon: float, lat: float, azimuth: float) -> None:
    """Anywhere in the eleven cities a kilometre is true to the stated bound, and within 120 km of 114 E to 0.02 %."""
    geod = Geod(ellps="WGS84")
    end_lon, end_lat, _ = geod.fwd(lon, lat, azimuth, 1000.0)
    one, two = to_metric(np.array([(lon, lat), (end_lon, end_lat)]))
    error = abs(float(np.hypot(*(one - two))) / 1000.0 - 1)
    assert error < LARGEST_SCALE_ERROR
    if abs(one[0]) < 119_000:
        assert error < 2e-4


@pytest.mark.parametrize("datum", DATUMS)
def test_the_roads_tell_the_datum_of_addresses(datum: Datum) -> None:
    """A hundred addresses beside streets are told apart in each datum, with figures for all three."""
    evidence = detect_datum(from_wgs84(beside_streets(100), datum), streets())
    assert evidence.decided and evidence.best == datum
    assert list(evidence.table["reading"][:3]) == list(DATUMS)
    assert evidence.table.set_index("reading")["fit"].idxmax() == datum


def test_places_that_know_no_roads_decide_nothing() -> None:
    """Points strewn evenly, points far away and too few points leave the datum open."""
    rng = np.random.default_rng(3)
    even = to_degrees(rng.uniform(0, 12_000, (2000, 2)))
    far = to_degrees(rng.uniform(100_000, 112_000, (200, 2)))
    for points in (even, far, beside_streets(10), np.zeros((0, 2))):
        assert not detect_datum(points, streets()).decided


def test_a_wrongly_declared_datum_is_an_input_error_that_names_the_right_one() -> None:
    """GCJ-02 addresses declared WGS84 are refused; rightly declared ones give a note with the figures."""
    drawn = from_wgs84(beside_streets(200), "GCJ-02")
    with pytest.raises(InputError, match=r"shops\.csv.*says GCJ-02.*median.*say datum = \"GCJ-02\""):
        require_datum(drawn, "WGS84", streets(), "shops.csv")
    ((name, text),) = require_datum(drawn, "GCJ-02", streets(), "shops.csv")
    assert name == "datum of shops.csv" and "agrees" in text


def test_an_open_question_is_written_down() -> None:
    """Where the roads cannot tell, the note says so instead of staying silent."""
    ((_, text),) = require_datum(beside_streets(10), "WGS84", streets(), "few.csv")
    assert "undecided" in text


def outline() -> gpd.GeoDataFrame:
    """A city whose streets end at its limits, as on a coast."""
    return gpd.GeoDataFrame(geometry=[shapely.transform(shapely.box(-50, -50, 12_050, 12_050), to_degrees)], crs=WGS84)


def test_streets_outside_tell_the_datum_of_an_outline() -> None:
    """An outline in GCJ-02 that is declared WGS84 leaves streets outside, and is refused."""
    inside = streets()
    places = to_degrees(inside[(inside < 12_000).all(axis=1)])
    plain = outline()
    drawn = plain.set_geometry(
        [shapely.transform(plain.geometry.iloc[0], lambda xy: from_wgs84(xy, "GCJ-02"))], crs=WGS84
    )
    assert detect_outline_datum(drawn, places).best == "GCJ-02"
    with pytest.raises(InputError, match="GCJ-02"):
        require_outline_datum(drawn, "WGS84", places, "limits.gpkg")
    assert "agrees" in require_outline_datum(plain, "WGS84", places, "limits.gpkg")[0][1]


@pytest.mark.parametrize("datum", DATUMS)
def test_shapes_of_any_datum_keep_their_index(datum: Datum) -> None:
    """Converted shapes lie where they belong and keep index and columns."""
    true = shapely.box(114.0, 22.5, 114.01, 22.51)
    drawn = shapely.transform(true, lambda xy: from_wgs84(xy, datum))
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[drawn], crs=WGS84, index=[7])
    moved = shapes_to_wgs84(frame, datum)
    assert moved.index.equals(frame.index) and list(moved["name"]) == ["a"]
    assert moved.geometry.iloc[0].hausdorff_distance(true) < 1e-7


def test_land_read_under_the_wrong_datum_is_refused() -> None:
    """Plots along streets that were taken for WGS84 but are drawn in GCJ-02 are found; read rightly, they pass."""
    corners = beside_streets(60)
    plots = [shapely.box(lon, lat, lon + 2e-4, lat + 2e-4) for lon, lat in corners]
    right = gpd.GeoDataFrame(geometry=plots, crs=WGS84)
    drawn = [shapely.transform(plot, lambda xy: from_wgs84(xy, "GCJ-02")) for plot in plots]
    wrong = right.set_geometry(drawn, crs=WGS84)
    with pytest.raises(InputError, match="GCJ-02"):
        require_shapes_datum(wrong, "WGS84", streets(), "land.gpkg")
    for datum in DATUMS:
        assert "agrees" in require_shapes_datum(right, datum, streets(), "land.gpkg")[0][1]
