"""Gateways, arcs, links, structure and land of the pipeline, each on a case small enough to see through."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hubopt.data.gateways.positions import capacities, place_gateways
from hubopt.data.ground.coordinates import WGS84
from hubopt.data.inputs import filled
from hubopt.data.links import link_arcs
from hubopt.data.pipeline.ground import distinct_names
from hubopt.data.pipeline.ways import kept_pairs, to_zone
from hubopt.data.recipe import Leg, Link
from hubopt.data.structure import merged
from hubopt.data.tables import land_limits, may_have
from hubopt.data.travel.legs import Legs, stacked
from hubopt.instance.errors import InputError

CITY = shapely.box(114.0, 22.0, 114.2, 22.2)
ROUTES = gpd.GeoDataFrame({"route": ["g4"]}, geometry=[shapely.LineString([(114.1, 22.1), (114.1, 22.4)])], crs=WGS84)


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


def legs_of(km: np.ndarray) -> Legs:
    """Legs of the finite cells of a table of km; a km takes two minutes and costs half a yuan."""
    origin, destination = np.nonzero(np.isfinite(km))
    values = km[origin, destination]
    zero = np.zeros(len(values))
    made = Legs(km.shape, origin, destination, values, 2 * values, values / 2, zero, zero, zero.astype(bool))
    return stacked([made], km.shape)


KM = np.array([[1.0, 9.0, 4.0], [2.0, 8.0, np.inf], [3.0, 7.0, 6.0]])


def kept(rule: Leg, km: np.ndarray = KM) -> list[tuple[int, int]]:
    """Pairs of origin and destination that a rule keeps."""
    legs = legs_of(km)
    chosen = kept_pairs(legs, legs.km, rule, np.ones(len(legs), dtype=bool))
    return list(zip(legs.origin[chosen].tolist(), legs.destination[chosen].tolist(), strict=True))


def test_near_pairs_and_the_nearest_are_kept() -> None:
    """Pairs within the cutoff are kept, and the nearest of each lower end always; unlinked pairs never."""
    rule = Leg(leg="station-zone", mode="van", max_km=2.5, nearest=1)
    assert kept(rule) == [(0, 0), (0, 2), (1, 0), (2, 1)]


def test_no_lower_end_has_more_than_the_most() -> None:
    """The limit on the number keeps the nearest."""
    rule = Leg(leg="station-zone", mode="van", most=2)
    assert kept(rule) == [(0, 0), (0, 2), (1, 0), (1, 1), (2, 1), (2, 2)]


def test_no_pairs_are_no_arcs() -> None:
    """A leg on which nothing is in reach gives an empty choice and no error."""
    assert kept(Leg(leg="station-zone", mode="van"), np.full((2, 2), np.inf)) == []


def test_the_way_within_a_zone_counts() -> None:
    """3 km to the middle and 4 km of spread are 5 km to the places of a zone, the rest at the speed within it."""
    km, minutes = to_zone(legs_of(np.array([[3.0]])), np.array([4.0]), detour=1.0)
    assert km.tolist() == pytest.approx([5.0])
    assert minutes.tolist() == pytest.approx([6 + 2 / 20 * 60])


PLACES = pd.DataFrame(
    {"id": ["a", "b", "c"], "lon": [114.0, 114.1, 114.3], "lat": 22.5, "access": ["quay;rail", "quay", ""]}
)
LINK_FIGURES = pd.DataFrame(
    {"name": ["link.barge.circuity", "link.barge.km_h", "link.barge.minutes"], "value": [1.5, 10.0, 100.0]}
)


def test_only_places_with_access_are_linked() -> None:
    """Two places with a quay are linked once, by the straight line times circuity, with the time of loading."""
    made = link_arcs(Link(leg="utc-utc", mode="barge", access="quay"), {"utc": PLACES}, LINK_FIGURES)
    assert made[["origin", "destination"]].to_numpy().tolist() == [["a", "b"]] and made["estimated"].all()
    km = made["km"].iloc[0]
    assert km == pytest.approx(10.28 * 1.5, rel=0.01) and made["minutes"].iloc[0] == pytest.approx(
        km * 6 + 100, abs=0.02
    )


def test_a_link_without_its_figures_is_an_input_error() -> None:
    """A mode whose circuity is not given is named."""
    with pytest.raises(InputError, match=r"link\.ferry\.circuity"):
        link_arcs(Link(leg="utc-utc", mode="ferry", access="quay"), {"utc": PLACES}, LINK_FIGURES)


def test_where_designs_are_listed_only_those_may_be_built() -> None:
    """A site that lists designs may have these; one that lists none may have all."""
    sites = pd.DataFrame({"designs": ["x;y", None, "z"]})
    assert may_have(sites, ["y"]).tolist() == [True, True, False]


def test_structures_are_joined_by_record() -> None:
    """A later file changes records of the same id, adds others, and leaves the rest alone."""
    base = {"modes": [{"id": "van", "kind": "van"}], "service": {"targets": [{"id": "t", "level": "utc"}]}}
    case = {"modes": [{"id": "rail"}], "service": {"targets": [{"id": "t", "standard": "plan"}]}}
    assert merged([base, case]) == {
        "modes": [{"id": "van", "kind": "van"}, {"id": "rail"}],
        "service": {"targets": [{"id": "t", "level": "utc", "standard": "plan"}], "limits": []},
    }
    assert base["modes"] == [{"id": "van", "kind": "van"}]


def test_known_gateways_fill_what_a_case_leaves_out() -> None:
    """A row with an id and one figure keeps the figure and takes place and names from the known gateway."""
    row = filled(pd.DataFrame({"id": ["nansha_port"], "volume_year": [5.0]})).iloc[0]
    assert row["volume_year"] == 5 and row["city"] == "Guangzhou" and 22 < row["lat"] < 23 and row["name_zh"]


def test_names_become_distinct() -> None:
    """A name that occurs twice gets its district, and a number if that does not tell them apart."""
    places = pd.DataFrame(
        {"name_en": ["A", "A", "A", "B"], "name_zh": list("甲乙丙丁"), "district": ["X", "Y", "Y", "X"]}
    )
    assert distinct_names(places)["name_en"].tolist() == ["A (X)", "A (Y)", "A (Y) 2", "B"]


def test_land_limits_by_district_city_and_in_total() -> None:
    """Districts and cities with sites have a row each, the total has one, and the case adds its own."""
    districts = gpd.GeoDataFrame(
        {
            "district": ["A", "B"],
            "city": "C",
            "land_limit_ha": [10.0, 30.0],
            "source": "s",
            "reliability": "assumption",
        },
        geometry=[CITY, CITY],
        crs=WGS84,
    )
    figures = pd.DataFrame({"name": ["land.city_share", "land.total_limit"], "value": [0.5, 8.0]})
    sites = pd.DataFrame({"district": ["A"], "city": ["C"]})
    own = pd.DataFrame({"scope": ["parcel"], "id": ["p"], "limit_ha": [1.0]})
    land = land_limits(districts, figures, sites, own)
    expected = [["city", "C", 20.0], ["district", "A", 10.0], ["parcel", "p", 1.0], ["total", "total", 8.0]]
    assert land[["scope", "id", "limit_ha"]].to_numpy().tolist() == expected
