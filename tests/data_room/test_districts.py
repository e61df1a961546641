"""Districts: a functional district cut from its parent, census figures, place names."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.ground.coordinates import WGS84
from hubopt.data.ground.districts import districts, which_district
from hubopt.data.ground.names import name_places


def two_part_outline() -> gpd.GeoDataFrame:
    """One outline in two parts, the eastern of which is a functional district of its own."""
    parts = shapely.MultiPolygon([shapely.box(114.0, 22.5, 114.2, 22.7), shapely.box(114.4, 22.5, 114.6, 22.7)])
    return gpd.GeoDataFrame({"district": ["龙岗区"]}, geometry=[parts], crs=WGS84)


def test_a_functional_district_takes_the_eastern_parts() -> None:
    """Dapeng gets the parts east of its limit and Longgang the rest, with nothing lost."""
    table = pd.DataFrame(
        {
            "district": ["Longgang", "Dapeng"],
            "district_zh": ["龙岗区", "大鹏新区"],
            "outline_zh": ["龙岗区"] * 2,
            "east_of": [np.nan, 114.3],
        }
    )
    shapes = districts(two_part_outline(), table).set_index("district")
    assert shapes.loc["Dapeng"].geometry.bounds == (114.4, 22.5, 114.6, 22.7)
    assert shapes.loc["Longgang"].geometry.bounds == (114.0, 22.5, 114.2, 22.7)


def test_a_point_outside_all_districts_has_none() -> None:
    """Points at sea get -1."""
    shapes = two_part_outline()
    points = gpd.GeoSeries(gpd.points_from_xy([114.1, 114.3, 114.5], [22.6] * 3), crs=WGS84)
    assert which_district(points, shapes).tolist() == [0, -1, 0]


def test_places_are_named_after_the_nearest_subdistrict_of_their_district() -> None:
    """A nearer subdistrict of another district does not give the name; numbers run per name."""
    gazetteer = pd.DataFrame(
        {
            "name_en": ["Minzhi", "Buji"],
            "name_zh": ["民治", "布吉"],
            "district": ["Longhua", "Longgang"],
            "lon": [114.03, 114.10],
            "lat": [22.62, 22.60],
        }
    )
    places = pd.DataFrame(
        {
            "district": ["Longhua", "Longhua", "Yantian"],
            "district_zh": ["龙华", "龙华", "盐田"],
            "lon": [114.09, 114.03, 114.2],
            "lat": [22.60, 22.62, 22.6],
        }
    )
    named = name_places(places, gazetteer, "station", "配送站")
    assert list(named["name_en"]) == ["Minzhi station 01", "Minzhi station 02", "Yantian station 01"]
    assert list(named["name_zh"]) == ["民治配送站01", "民治配送站02", "盐田配送站01"]
