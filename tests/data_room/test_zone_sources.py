"""Zones from a census, a raster, counts by hexagon and polygons: whole residents that add up."""

from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from hypothesis import given
from hypothesis import strategies as st

from hubopt.data.ground.coordinates import METRIC, WGS84, to_metric
from hubopt.data.zones.census import Census, read_census
from hubopt.data.zones.merge import ZoneRule, merge_pieces
from hubopt.data.zones.pieces import Evidence, Spread, census_pieces, gather_fabric, place_weights, unpeopled
from hubopt.data.zones.rounding import round_by_group, round_to_total
from hubopt.data.zones.sources import Zones, from_census, from_hexagons, from_polygons, from_raster
from hubopt.instance.errors import InputError

RULE = ZoneRule(resolution=8, count=1000, span_km=1.0)
COARSE = ZoneRule(resolution=7, count=12, span_km=8.0)


@pytest.fixture(scope="module")
def regions() -> gpd.GeoDataFrame:
    """Two cities: Alpha with two districts and streets, Beta with one district and no streets."""
    boxes = [
        shapely.box(114.00, 22.50, 114.06, 22.56),
        shapely.box(114.06, 22.50, 114.12, 22.56),
        shapely.box(114.12, 22.50, 114.18, 22.56),
    ]
    return gpd.GeoDataFrame(
        {"city": ["Alpha", "Alpha", "Beta"], "district": ["West", "East", "Beta"]}, geometry=boxes, crs=WGS84
    )


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    """Streets all over Alpha, a town in Beta."""
    rng = np.random.default_rng(4)
    streets = rng.uniform((114.00, 22.50), (114.12, 22.56), (3000, 2))
    places = pd.DataFrame({"lon": [114.13], "lat": [22.51], "weight": [3.0]})
    return Evidence({"Alpha": streets}, places)


@pytest.fixture
def census_file(tmp_path: Path) -> Path:
    """Alpha by district, Beta as a whole, and a district that nobody asks for."""
    path = tmp_path / "census.csv"
    path.write_text(
        "city,district,population\nAlpha,West,100003\nAlpha,East,50001\nAlpha,Exclave,77\nBeta,*,30007\nGamma,*,5\n",
        encoding="utf-8",
    )
    return path


TOTALS = {"West": 100_003, "East": 50_001, "Beta": 30_007}


def held(zones: Zones) -> dict[str, int]:
    """Residents by district."""
    return {str(name): int(people) for name, people in zones.table.groupby("district")["population"].sum().items()}


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=40), st.integers(0, 10**8))
def test_rounded_shares_are_whole_near_and_exact(values: list[float], total: int) -> None:
    """Whatever is shared out, the parts are whole, add up, and lie within 1 of the exact share."""
    parts = round_to_total(values, total)
    assert parts.sum() == total and (parts >= 0).all()
    whole = sum(values)
    exact = np.array(values) * (total / whole) if whole > 1e-300 else np.full(len(values), total / len(values))
    assert (np.abs(parts - exact) < 1 + 1e-6 * max(total, 1)).all()


def test_a_total_without_anybody_to_share_it_is_an_error() -> None:
    """Nothing is lost silently: no values, negative values and numbers that are none are refused."""
    for values in ([], [-1.0, 2.0], [np.nan]):
        with pytest.raises(ValueError):
            round_to_total(values, 3)
    assert len(round_to_total([], 0)) == 0


def test_groups_add_up_one_by_one() -> None:
    """Each group gets its own total."""
    parts = round_by_group([1, 1, 1, 5], ["a", "a", "a", "b"], {"a": 10, "b": 7})
    assert parts.tolist() == [4, 3, 3, 7]


def test_the_census_knows_districts_and_whole_cities(census_file: Path, regions: gpd.GeoDataFrame) -> None:
    """A city with a star is one census area; what no region asks for is named, other cities' rows are not."""
    census = read_census(census_file, regions)
    assert census.totals == TOTALS and census.whole_city == {"Beta"}
    assert census.area.tolist() == ["West", "East", "Beta"] and census.area.index.equals(regions.index)
    assert census.left_out == {"Alpha, Exclave": 77}
    assert "Exclave 77" in dict(census.notes())["census figures of the case's cities without an outline"]


def test_all_mistakes_in_a_census_come_together(tmp_path: Path, regions: gpd.GeoDataFrame) -> None:
    """A figure that is none, one twice, a city of both kinds and a missing district are all named."""
    path = tmp_path / "census.csv"
    path.write_text("city,district,population\nAlpha,*,3\nAlpha,West,x\nAlpha,West,2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_census(path, regions)
    text = str(caught.value)
    assert "row 3, column population" in text and "row 4, column district: is there twice" in text
    assert "Alpha both as a whole and by district" in text and "no population of Beta in Beta" in text


@pytest.mark.parametrize("rule", [RULE, COARSE, {"Alpha": RULE, "Beta": COARSE}])
def test_census_zones_add_up_exactly(
    census_file: Path, regions: gpd.GeoDataFrame, evidence: Evidence, rule: ZoneRule | dict[str, ZoneRule]
) -> None:
    """By district, with and without fabric, merged or not, one rule or one per city; the notes say so."""
    zones = from_census(regions, read_census(census_file, regions), evidence, rule)
    assert held(zones) == TOTALS
    assert dict(zones.notes)["population"] == "180011, census 180011, difference 0"
    assert zones.table["population"].dtype == np.int64


def test_zones_without_fabric_are_flagged(census_file: Path, regions: gpd.GeoDataFrame, evidence: Evidence) -> None:
    """Beta's zones say that they rest on places and area; Alpha's rest on roads."""
    table = from_census(regions, read_census(census_file, regions), evidence, RULE).table
    flagged = table.groupby("city")["synthetic"].all()
    assert flagged["Beta"] and not flagged["Alpha"]
    beta = table[table["city"] == "Beta"]
    assert (beta["reliability"] == "assumption").all() and beta["source"].str.contains("named places 85 %").all()


def test_residents_gather_around_places(census_file: Path, regions: gpd.GeoDataFrame, evidence: Evidence) -> None:
    """Near Beta's town the land is denser than far from it."""
    table = from_census(regions, read_census(census_file, regions), evidence, RULE).table
    beta = table[table["city"] == "Beta"]
    density = beta["population"] / beta["area_km2"]
    near = np.hypot(beta["lon"] - 114.13, beta["lat"] - 22.51) < 0.02
    assert density[near].mean() > 2 * density[~near].mean()


def test_zones_cover_their_pieces_once(census_file: Path, regions: gpd.GeoDataFrame, evidence: Evidence) -> None:
    """Zones lie in their district and share no area; those of a city spread by area cover all of it."""
    table = from_census(regions, read_census(census_file, regions), evidence, COARSE).table
    limits = regions.set_index("district").geometry
    for zone in table.itertuples():
        assert shapely.difference(zone.geometry, shapely.buffer(limits[zone.district], 1e-6)).is_empty
    whole = table.to_crs(METRIC).geometry.to_numpy()
    assert shapely.area(whole).sum() == pytest.approx(shapely.area(shapely.union_all(whole)), rel=1e-4)
    beta = shapely.union_all(table.loc[table["city"] == "Beta"].geometry.to_numpy())
    assert beta.area == pytest.approx(limits["Beta"].area, rel=1e-4)


def test_fine_zones_are_small_enough_for_a_kilometre(
    census_file: Path, regions: gpd.GeoDataFrame, evidence: Evidence
) -> None:
    """Unmerged hexagons of the 1 km grid have their residents within 0.4 km of their middle, nearly all of them."""
    table = from_census(regions, read_census(census_file, regions), evidence, RULE).table
    assert (table["spread_km"] < 0.45).mean() > 0.9 and table["area_km2"].max() < 0.8


def test_sparse_zones_are_merged_whatever_the_count(
    census_file: Path, regions: gpd.GeoDataFrame, evidence: Evidence
) -> None:
    """With a least number of residents, hardly a zone stays below it, and the dense ones stay as they are."""
    census = read_census(census_file, regions)
    plain = from_census(regions, census, evidence, RULE).table
    merged = from_census(regions, census, evidence, ZoneRule(8, 1000, 1.0, least=900, sparse_km=5.0)).table
    assert (merged["population"] < 900).sum() <= 2 < (plain["population"] < 900).sum()
    assert len(merged) < len(plain)


def test_merging_is_the_same_twice_and_keeps_the_span(evidence: Evidence, regions: gpd.GeoDataFrame) -> None:
    """Zone numbers repeat, zones stay in one region, and no two hexagons of a zone are further apart than allowed."""
    spreads = {"Alpha": Spread(), "Beta": Spread(0, 1, 1)}
    fabric = gather_fabric(evidence, regions, spreads, 8)
    area = pd.Series(["West", "East", "Beta"], index=regions.index)
    pieces = census_pieces(regions, area, TOTALS, fabric, evidence.places, spreads, 8)
    rule = ZoneRule(8, 20, 2.5)
    zone = merge_pieces(pieces, rule)
    assert (zone == merge_pieces(pieces, rule)).all()
    assert (pieces.groupby(zone)["region"].nunique() == 1).all()
    middles = to_metric(np.array([h3.cell_to_latlng(cell)[::-1] for cell in pieces["cell"]]))
    for own in pd.Series(zone).groupby(zone).indices.values():
        assert np.hypot(*(middles[own][:, None] - middles[own][None]).transpose(2, 0, 1)).max() <= 2500 + 1e-6


def test_nobody_lives_on_an_airport(census_file: Path, regions: gpd.GeoDataFrame, evidence: Evidence) -> None:
    """Streets around an airport's middle count nobody."""
    empty = unpeopled(pd.DataFrame({"kind": ["airport", "border"], "lon": [114.03, 114.1], "lat": [22.53, 22.53]}))
    assert len(empty) == 1
    with_it = Evidence(evidence.vertices, evidence.places, empty)
    fabric = gather_fabric(with_it, regions, {"Alpha": Spread()}, 8)
    away = to_metric(fabric.lonlat) - to_metric(np.array([(114.03, 22.53)]))
    assert np.hypot(*away.T).min() > 2000
    zones = from_census(regions, read_census(census_file, regions), with_it, RULE)
    assert held(zones) == TOTALS


def test_a_city_without_streets_cannot_be_spread_by_them(
    census_file: Path, regions: gpd.GeoDataFrame, evidence: Evidence
) -> None:
    """The mistake names the city."""
    with pytest.raises(InputError, match="Beta"):
        from_census(regions, read_census(census_file, regions), evidence, RULE, {"Beta": Spread()})


def test_places_weigh_by_their_kind() -> None:
    """Subdistricts count more than towns, towns more than villages; populations are not used."""
    gazetteer = pd.DataFrame(
        {"longitude": [114.0] * 3, "latitude": [22.5] * 3, "population": [0, 5, 9_000_000],
         "alternatenames": ["['Minzhi', '民治街道']", "['Humen', '虎门镇']", "['Village']"]}
    )  # fmt: skip
    assert place_weights(gazetteer)["weight"].tolist() == [3.0, 1.5, 0.5]


def write_raster(path: Path, counts: np.ndarray, crs: str | None = WGS84, nodata: float | None = -9999.0) -> Path:
    """A raster of cells of 0.01 degrees from 114.00 E 22.56 N."""
    with rasterio.open(
        path, "w", driver="GTiff", height=counts.shape[0], width=counts.shape[1], count=1, dtype="float64", crs=crs,
        transform=rasterio.Affine(0.01, 0, 114.0, 0, -0.01, 22.56), nodata=nodata,
    ) as file:  # fmt: skip
        file.write(counts, 1)
    return path


def test_a_raster_keeps_its_own_sum_and_its_missing_cells_count_nobody(
    tmp_path: Path, regions: gpd.GeoDataFrame
) -> None:
    """Cells of 10 persons over three districts, some without data: the zones hold exactly what was counted."""
    counts = np.full((6, 18), 10.0)
    counts[0, 0] = -9999.0
    counts[1, 1] = np.nan
    zones = from_raster(write_raster(tmp_path / "people.tif", counts), regions, COARSE)
    assert held(zones) == {"West": 340, "East": 360, "Beta": 360}


def test_a_raster_can_be_scaled_to_the_census(tmp_path: Path, census_file: Path, regions: gpd.GeoDataFrame) -> None:
    """The raster says where, the census how many."""
    path = write_raster(tmp_path / "people.tif", np.random.default_rng(5).uniform(0, 50, (6, 18)))
    zones = from_raster(path, regions, COARSE, read_census(census_file, regions))
    assert held(zones) == TOTALS and "scaled by" in dict(zones.notes)["counted by people.tif"]


def test_an_ascii_grid_is_read_too(tmp_path: Path, regions: gpd.GeoDataFrame) -> None:
    """An ESRI ASCII grid with a .prj beside it gives the same sums."""
    rows = "\n".join(" ".join(["10"] * 18) for _ in range(6))
    path = tmp_path / "people.asc"
    header = "ncols 18\nnrows 6\nxllcorner 114.0\nyllcorner 22.5\ncellsize 0.01\nNODATA_value -1\n"
    path.write_text(header + rows + "\n", encoding="ascii")
    path.with_suffix(".prj").write_text(rasterio.crs.CRS.from_epsg(4326).to_wkt(), encoding="ascii")
    assert held(from_raster(path, regions, COARSE)) == {"West": 360, "East": 360, "Beta": 360}


def test_bad_rasters_are_input_errors(tmp_path: Path, regions: gpd.GeoDataFrame, census_file: Path) -> None:
    """Negative counts, no file, and a census area without anybody are named."""
    counts = np.ones((6, 18))
    counts[2, 3] = -5
    with pytest.raises(InputError, match=r"negative count in line 3, column 4.*-5"):
        from_raster(write_raster(tmp_path / "bad.tif", counts), regions, COARSE)
    (tmp_path / "text.tif").write_text("no raster", encoding="utf-8")
    with pytest.raises(InputError, match=r"text\.tif: cannot be read"):
        from_raster(tmp_path / "text.tif", regions, COARSE)
    half = write_raster(tmp_path / "half.tif", np.ones((6, 9)))
    with pytest.raises(InputError, match="Beta"):
        from_raster(half, regions, COARSE, read_census(census_file, regions))


def test_counts_by_hexagon_become_zones(tmp_path: Path, regions: gpd.GeoDataFrame) -> None:
    """Each cell counts to the district of its middle, and nobody is lost."""
    cells = sorted(h3.geo_to_cells(regions.geometry.iloc[0], 8))
    path = tmp_path / "cells.csv"
    pd.DataFrame({"cell": cells, "population": 7}).to_csv(path, index=False)
    zones = from_hexagons(path, regions, RULE)
    assert sum(held(zones).values()) == 7 * len(cells) == held(zones)["West"]


def test_bad_hexagons_are_named_with_their_rows(tmp_path: Path, regions: gpd.GeoDataFrame) -> None:
    """No cell, another resolution, a cell twice and a count that is none come together."""
    cell = h3.latlng_to_cell(22.53, 114.03, 8)
    other = h3.latlng_to_cell(22.53, 114.05, 8)
    path = tmp_path / "cells.csv"
    rows = [(cell, 1), (cell, 2), (other, 3), (h3.cell_to_parent(cell, 6), 4), ("nonsense", 5), (other[:-1] + "0", "x")]
    pd.DataFrame(rows, columns=["cell", "population"]).to_csv(path, index=False)
    with pytest.raises(InputError) as caught:
        from_hexagons(path, regions, RULE)
    assert {3, 5, 6, 7} <= {problem.row for problem in caught.value.problems}


def test_polygons_with_populations_are_zones_as_they_are(tmp_path: Path, regions: gpd.GeoDataFrame) -> None:
    """One zone per polygon, in its order, with the middle inside it; a bow tie is mended and reported."""
    bow = shapely.Polygon([(114.07, 22.51), (114.09, 22.53), (114.09, 22.51), (114.07, 22.53)])
    shapes = [shapely.box(114.01, 22.51, 114.03, 22.53), bow]
    path = tmp_path / "blocks.gpkg"
    frame = gpd.GeoDataFrame({"block": ["a", "b"], "people": [10.4, 20.4]}, geometry=shapes, crs=WGS84)
    frame.to_file(path)
    zones = from_polygons(path, regions, id_column="block", population_column="people")
    assert zones.table["zone"].tolist() == ["a", "b"] and zones.table["district"].tolist() == ["West", "East"]
    assert zones.table["population"].sum() == 31
    points = gpd.points_from_xy(zones.table["lon"], zones.table["lat"])
    assert all(shape.buffer(1e-6).contains(point) for shape, point in zip(zones.table.geometry, points, strict=True))
    assert any("mended" in name for name, _ in zones.notes)


def test_bad_polygon_zones_are_refused_together(tmp_path: Path, regions: gpd.GeoDataFrame) -> None:
    """A negative population and a polygon outside every district are both named."""
    path = tmp_path / "blocks.gpkg"
    shapes = [shapely.box(114.01, 22.51, 114.03, 22.53), shapely.box(113.0, 22.51, 113.1, 22.53)]
    gpd.GeoDataFrame({"block": ["a", "b"], "people": [-1, 2]}, geometry=shapes, crs=WGS84).to_file(path)
    with pytest.raises(InputError) as caught:
        from_polygons(path, regions, id_column="block", population_column="people")
    assert [(p.row, p.column) for p in caught.value.problems] == [(1, "people"), (2, "geometry")]


def test_a_census_of_zero_in_an_area_is_allowed() -> None:
    """An area whose census is 0 keeps its zones with nobody in them."""
    census = Census(pd.Series(["a"]), {"a": 0}, frozenset(), {})
    assert round_by_group([3.0, 2.0], ["a", "a"], dict(census.totals)).tolist() == [0, 0]
