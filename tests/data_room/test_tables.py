"""Demand, gateways and arcs."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hubopt.data.gateways.positions import capacities, place_gateways
from hubopt.data.ground.coordinates import WGS84
from hubopt.data.tables import land_limits
from hubopt.data.travel.arcs import LegRule, arcs, kept_pairs, to_zone
from hubopt.data.zones.demand import demand
from hubopt.instance.errors import InputError

CITY = shapely.box(114.0, 22.0, 114.2, 22.2)
ROUTES = gpd.GeoDataFrame({"route": ["g4"]}, geometry=[shapely.LineString([(114.1, 22.1), (114.1, 22.4)])], crs=WGS84)
ZONES = pd.DataFrame({"id": ["z1", "z2", "z3"], "district": ["A", "A", "B"], "population": [100_000, 300_000, 600_000]})


def test_demand_by_residents() -> None:
    """A kilogram per resident and day is a tonne per thousand residents."""
    table = demand(ZONES, {"parcels": 1.0}, {"parcels": "population"}, pd.Series({"A": 1.0, "B": 1.0}), "base")
    assert table["t_d"].tolist() == [100, 300, 600]


def test_industrial_demand_keeps_the_total() -> None:
    """Weights move tonnes between districts and leave the city's total alone."""
    table = demand(ZONES, {"made": 1.0}, {"made": "industry"}, pd.Series({"A": 3.0, "B": 1.0}), "base")
    assert table["t_d"].sum() == pytest.approx(1000, abs=0.01)
    assert table["t_d"].tolist() == pytest.approx([1000 / 6, 500, 1000 / 3], abs=0.001)


def gateway_table(**changes: object) -> pd.DataFrame:
    """One gateway row."""
    row = {"id": "g", "lon": np.nan, "lat": np.nan, "precision_m": np.nan, "route": np.nan, "side": np.nan}
    return pd.DataFrame([{**row, **changes}])


KNOWN = pd.DataFrame({"id": ["g"], "lon": [114.05], "lat": [22.05], "precision_m": [800.0]})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (114.05, 22.05, 800.0)),
        ({"lon": 114.01, "lat": 22.01}, (114.01, 22.01, 800.0)),
        ({"lon": 114.01, "lat": 22.01, "precision_m": 50.0}, (114.01, 22.01, 50.0)),
        ({"route": "g4", "side": "north", "precision_m": 300.0}, (114.1, 22.2, 300.0)),
    ],
    ids=["raw table", "own place", "own place and precision", "where its route leaves the city"],
)
def test_a_gateway_has_its_place(changes: dict[str, object], expected: tuple[float, float, float]) -> None:
    """The case's own place goes before the raw table's; an expressway gate stands where the route leaves the city."""
    placed = place_gateways(gateway_table(**changes), KNOWN, ROUTES, CITY)
    assert placed[["lon", "lat", "precision_m"]].iloc[0].tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    "changes", [{"id": "unknown"}, {"route": "g15", "side": "east"}], ids=["unknown", "route not leaving"]
)
def test_a_gateway_without_a_place_is_an_input_error(changes: dict[str, object]) -> None:
    """A gateway that nothing places is named with its mend."""
    with pytest.raises(InputError, match="give lon and lat"):
        place_gateways(gateway_table(**changes), KNOWN, ROUTES, CITY)


def test_capacity_is_the_share_that_touches_the_city() -> None:
    """A million units of 7.3 t, a tenth of them for the city, are 2000 t/d."""
    table = pd.DataFrame({"volume_year": [1e6], "t_per_unit": [7.3], "city_share": [0.1]})
    assert capacities(table).tolist() == [2000]


KM = np.array([[1.0, 9.0, 4.0], [2.0, 8.0, np.inf], [3.0, 7.0, 6.0]])


def test_near_pairs_and_the_nearest_are_kept() -> None:
    """Pairs within the cutoff are kept, and the nearest of each lower end always; unlinked pairs never."""
    kept = kept_pairs(KM, LegRule("a-b", "van", max_km=2.5, nearest=1, most=None, minutes_factor=1))
    assert kept.tolist() == [[True, False, True], [True, False, False], [False, True, False]]


def test_no_lower_end_has_more_than_the_most() -> None:
    """The limit on the number keeps the nearest."""
    kept = kept_pairs(KM, LegRule("a-b", "van", max_km=None, nearest=0, most=2, minutes_factor=1))
    assert kept.sum(axis=0).tolist() == [2, 2, 2]
    assert not kept[2, 0] and not kept[0, 1]


def test_arcs_are_rounded_and_slowed_by_their_mode() -> None:
    """Km have three decimals, minutes two, and the mode's factor is in the minutes."""
    rule = LegRule("a-b", "truck", None, 0, None, minutes_factor=1.5)
    made = arcs(["x"], ["y"], np.array([[1.23456]]), np.array([[2.0]]), rule)
    assert made[["km", "minutes"]].iloc[0].tolist() == [1.235, 3.0]


def test_the_way_within_a_zone_counts() -> None:
    """3 km to the middle and 4 km of spread are 5 km to the places of a zone, the rest at the speed within it."""
    km, minutes = to_zone(np.array([[3.0]]), np.array([[6.0]]), np.array([4.0]), km_h=20, detour=1.0)
    assert km[0, 0] == pytest.approx(5.0)
    assert minutes[0, 0] == pytest.approx(6 + 6)


def test_land_limits_by_district_and_in_total() -> None:
    """Every district has its row, and the total has one."""
    districts = gpd.GeoDataFrame(
        {"district": ["A"], "land_limit_ha": [10.0], "source": ["s"], "reliability": ["assumption"]},
        geometry=[CITY],
        crs=WGS84,
    )
    land = land_limits(districts, 8)
    assert land[["scope", "id", "limit_ha"]].to_numpy().tolist() == [["district", "A", 10.0], ["total", "total", 8.0]]
