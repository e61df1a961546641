"""The package's own tables: districts of eleven cities and their gateways."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hubopt.data.gateways.known import KINDS, check_gateways, known_gateways
from hubopt.data.ground.coordinates import WGS84
from hubopt.data.ground.geometry import GBA
from hubopt.data.ground.regions import known_regions
from hubopt.instance.errors import InputError
from hubopt.instance.schema import RELIABILITY, TABLES

CITIES = {
    "Guangzhou", "Shenzhen", "Zhuhai", "Foshan", "Jiangmen", "Zhaoqing", "Huizhou", "Dongguan", "Zhongshan",
    "Hong Kong", "Macao",
}  # fmt: skip


def test_all_districts_of_eleven_cities_have_distinct_names() -> None:
    """77 districts; English names are distinct, so that a district is named by one word everywhere."""
    table = known_regions()
    assert set(table["city"]) == CITIES and len(table) == 77
    assert table["district"].is_unique and not table.duplicated(["city_zh", "district_zh"]).any()
    assert table["district_zh"].str.contains(r"[\u4e00-\u9fff]").all()


def test_every_official_area_has_its_source() -> None:
    """Where an area is given, so are its source and whether the outline holds sea."""
    table = known_regions()
    given = table["official_km2"].notna()
    assert given.sum() >= 20 and (table.loc[given, "area_source"] != "").all()
    assert table.loc[given, "coastal"].isin(["true", "false"]).all()


def test_every_city_has_gateways_and_every_kind_is_there() -> None:
    """The ports, airports, rail yards, crossings, gates and warehouses overseas that the plan speaks of."""
    table = known_gateways()
    assert set(table["city"]) == CITIES and set(table["kind"]) == set(KINDS)
    assert table["id"].is_unique and table["name_en"].is_unique and table["name_zh"].is_unique
    wanted = {
        "yantian_port", "shekou_port", "chiwan_port", "mawan_port", "dachan_bay_port", "nansha_port", "kwai_tsing_port",
        "huizhou_port", "gaolan_port", "zhongshan_port", "tuen_mun_river_port", "szx_airport", "can_airport",
        "hkg_airport", "zuh_airport", "mfm_airport", "huz_airport", "fuo_airport", "pinghu_south_rail", "dalang_rail",
        "zengcheng_rail", "shilong_rail", "sanshui_rail", "huanggang_crossing", "liantang_crossing",
        "man_kam_to_crossing", "shenzhen_bay_crossing", "hzmb_hk_port", "china_europe_pinghu", "china_europe_dalang",
        "china_europe_shilong",
    }  # fmt: skip
    assert wanted <= set(table["id"])


def test_every_gateway_says_where_how_exactly_how_much_and_whence() -> None:
    """Position in the region or a route, precision, volume, source and reliability are there for all."""
    table = known_gateways()
    placed = table["lon"].notna()
    assert (placed | table["route"].notna()).all()
    west, south, east, north = GBA
    assert table.loc[placed, "lon"].between(west, east).all() and table.loc[placed, "lat"].between(south, north).all()
    assert (table["precision_m"] >= 500).all() and (table["volume_year"] > 0).all()
    assert (table["source"].str.len() > 20).all() and table["reliability"].isin(RELIABILITY).all()
    assert table["district"].isin(known_regions()["district"]).all()


def test_what_lies_beyond_costs_time_money_and_carbon() -> None:
    """Trains to Europe and warehouses overseas carry the way beyond; crossings carry their waiting."""
    table = known_gateways().set_index("id")
    far = table[table["kind"].eq("overseas") | table.index.str.startswith("china_europe")]
    assert (far["beyond_minutes"] >= 1440).all() and (far["beyond_cny_t"] > 1000).all()
    assert (far["beyond_kgco2e_t"] > 100).all()
    border = table[table["kind"] == "border"]
    assert (border["border_minutes"] > 0).all() and (border["border_cny_t"] > 0).all()


def test_known_gateways_fit_the_schema() -> None:
    """Kinds are those of the instance table, and its columns of cost and time are there."""
    schema = TABLES["gateways"]
    assert set(KINDS) == set(schema.column("kind").choices)
    assert {"beyond_cny_t", "beyond_minutes", "border_cny_t", "border_minutes"} <= set(known_gateways().columns)


def test_gateways_are_chosen_by_city_or_id() -> None:
    """In the order asked for; an unknown id is named with the nearest known one."""
    assert set(known_gateways(["Macao"])["city"]) == {"Macao"}
    assert list(known_gateways(ids=["shekou_port", "can_airport"])["id"]) == ["shekou_port", "can_airport"]
    with pytest.raises(InputError, match="did you mean 'nansha_port'"):
        known_gateways(ids=["nansha_prot"])


@pytest.fixture
def square() -> gpd.GeoDataFrame:
    """One district."""
    return gpd.GeoDataFrame({"district": ["West"]}, geometry=[shapely.box(114.0, 22.5, 114.1, 22.6)], crs=WGS84)


def test_a_gateway_outside_its_district_is_noted_beyond_its_precision(square: gpd.GeoDataFrame) -> None:
    """100 m off is within 500 m; a kilometre is not; a swapped position is turned first."""
    table = pd.DataFrame(
        {"id": ["near", "far", "turned"], "kind": "port", "district": "West", "lon": [113.999, 113.99, 22.55],
         "lat": [22.55, 22.55, 114.05], "precision_m": 500.0}
    )  # fmt: skip
    sound, lines = check_gateways(table, square, "gateways.csv")
    assert sound["lon"].tolist() == [113.999, 113.99, 114.05]
    assert len(lines) == 2 and "swapped" in lines[0] and lines[1].startswith("far lies 10")


def test_unknown_kinds_and_positions_without_precision_are_refused(square: gpd.GeoDataFrame) -> None:
    """Both come in one error with their rows."""
    table = pd.DataFrame(
        {"id": ["a", "b"], "kind": ["prot", "rail"], "district": "West", "lon": 114.05, "lat": 22.55,
         "precision_m": [5.0, np.nan]}
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        check_gateways(table, square, "gateways.csv")
    assert [(p.row, p.column) for p in caught.value.problems] == [(2, "kind"), (3, "precision_m")]
