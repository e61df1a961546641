"""Land suitability: candidate polygons, hard exclusions with reasons, scores with their parts, sites by level."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hubopt.data.ground.coordinates import METRIC, WGS84, from_wgs84, to_degrees
from hubopt.data.sites.assess import SITE_COLUMNS, Assessment, assess, fitting_designs
from hubopt.data.sites.by_zone import place_at_zones
from hubopt.data.sites.footprints import footprints
from hubopt.data.sites.polygons import candidates, dissolve_tiles, osm_areas, read_candidates, role_of
from hubopt.data.sites.rules import CRITERIA, SCALES, LandRules, Scale
from hubopt.data.sites.suitability import points
from hubopt.data.sites.surroundings import Surroundings
from hubopt.instance.errors import InputError
from hubopt.instance.schema import TABLES
from hubopt.instance.types import Design

BASE = {"name_en": "x", "name_zh": "某地", "kind": "warehouse", "synthetic": False, "source": "test",
        "reliability": "official"}  # fmt: skip


def layer(*boxes: tuple[float, float, float, float], **columns: Any) -> gpd.GeoDataFrame:
    """Rectangles in metres as a WGS84 layer."""
    shapes = [shapely.box(*box) for box in boxes]
    return gpd.GeoDataFrame(pd.DataFrame(columns, index=range(len(boxes))), geometry=shapes, crs=METRIC).to_crs(WGS84)


def land(**boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Candidates by id."""
    return layer(*boxes.values(), id=list(boxes), **BASE)


def lonlat(*places: tuple[float, float]) -> pd.DataFrame:
    """Places in metres as columns lon, lat."""
    return pd.DataFrame(to_degrees(np.array(places, dtype=float)), columns=["lon", "lat"])


@pytest.fixture
def around() -> Surroundings:
    """A truck road along y = 0 for 10 km, a junction and a port at its west end, one zone, a lake and a forest."""
    road = np.column_stack([np.arange(0.0, 10_001, 20), np.zeros(501)])
    return Surroundings(
        junctions=np.array([(0.0, 0.0)]),
        truck_roads=road,
        gateways=lonlat((0, 0)).assign(kind="port"),
        zones=lonlat((1000, 0)).assign(population=5000, area_km2=1.0, t_d=500.0),
        districts=layer((-1000, -5000, 11_000, 5000), district="West", city="Alpha", land_price_cny_m2=2000.0),
        homes=layer((5000, 0, 5200, 200)),
        water=layer((8000, -5000, 8600, 5000)),
        protected=layer((9000, -5000, 9600, 5000)),
    )


def verdict(result: Assessment, name: str) -> Any:
    """The row of a candidate in the table of criteria."""
    return result.criteria.set_index("candidate").loc[name]


def test_each_hard_exclusion_is_recorded_with_its_reason(around: Surroundings) -> None:
    """Water, forest, no road, too small and outside are each told in both languages; good land is in."""
    given_ = land(
        good=(1000, 50, 1300, 350), wet=(8000, 50, 8300, 350), forest=(9100, 50, 9400, 350),
        remote=(1000, 3000, 1300, 3300), tiny=(1000, 50, 1030, 80), abroad=(-3000, 50, -2700, 350),
    )  # fmt: skip
    result = assess(given_, around, LandRules())
    table = result.criteria.set_index("candidate")
    assert table["in"].to_dict() == {
        "good": True, "wet": False, "forest": False, "remote": False, "tiny": False, "abroad": False
    }  # fmt: skip
    assert table["codes"].to_dict() | {"abroad": "", "good": ""} == {
        "good": "", "wet": "water", "forest": "protected", "remote": "no truck access", "tiny": "too small",
        "abroad": "",
    }  # fmt: skip
    assert table.loc["abroad", "codes"].startswith("outside")
    assert "100 % of it is water" in table.loc["wet", "reasons_en"] and "水域" in table.loc["wet", "reasons_zh"]
    assert "3000 m away" in table.loc["remote", "reasons_en"] and "货车" in table.loc["remote", "reasons_zh"]
    assert "0.09 ha of 0.15 ha" in table.loc["tiny", "reasons_en"]


def test_land_beside_homes_is_no_hub_but_may_be_a_station(around: Surroundings) -> None:
    """9 ha 60 m from homes: the hub is ruled out with the distance, the lower levels stay."""
    result = assess(land(close=(5260, 50, 5560, 350)), around, LandRules())
    row = verdict(result, "close")
    assert row["levels"] == "utc;station" and "too close to homes for a hub: 60 m" in row["reasons_en"]
    assert set(result.sites["level"]) == {"utc", "station"} and set(result.sites["parcel"]) == {"close"}


def test_where_homes_are_not_mapped_the_density_around_counts(around: Surroundings) -> None:
    """Among 50,000 residents per km2 there is no hub, and the reason says that it is estimated."""
    dense = Surroundings(around.junctions, around.truck_roads, around.gateways, around.zones.assign(population=50_000),
                         around.districts)  # fmt: skip
    given_ = land(centre=(1000, 50, 1300, 350))
    assert "hub" in verdict(assess(given_, around, LandRules()), "centre")["levels"]
    row = verdict(assess(given_, dense, LandRules()), "centre")
    assert "hub" not in row["levels"] and "estimated from the zones" in row["reasons_en"]


def test_the_score_is_the_weighted_sum_of_its_parts(around: Surroundings) -> None:
    """Every part is in the table, and the parts times the weights give the score."""
    rules = LandRules()
    result = assess(land(good=(1000, 50, 1300, 350), east=(4000, 50, 4300, 350)), around, rules)
    for _, row in result.criteria.iterrows():
        for level in ("hub", "utc", "station"):
            weights = rules.weights_of(level)
            total = sum(weights[name] * row[f"{name}_points"] for name in CRITERIA)
            assert row[f"score_{level}"] == pytest.approx(total, abs=0.11)
    assert verdict(result, "good")["expressway"] == pytest.approx(np.hypot(1150, 200) / 1000, abs=0.01)
    assert verdict(result, "good")["demand"] == 500


def test_better_land_never_scores_less(around: Surroundings) -> None:
    """Nearer to junction and port, all else alike, the score is at least as high."""
    rules = LandRules(demand_km=50)
    given_ = land(**{f"x{x}": (x, 50, x + 200, 250) for x in range(0, 5000, 500)})
    scores = assess(given_, around, rules).criteria["score_utc"].to_numpy()
    assert (np.diff(scores) <= 1e-9).all() and scores[0] > scores[-1]


@given(st.floats(-1e6, 1e6) | st.just(float("inf")), st.sampled_from(sorted(SCALES)))
def test_points_lie_between_0_and_100(value: float, criterion: str) -> None:
    """Whatever is measured earns 0 to 100; worst earns 0 and best 100; what is missing earns 0."""
    scale = SCALES[criterion]
    (given_,) = points(np.array([value]), scale)
    assert 0 <= given_ <= 100
    assert points(np.array([scale.worst, scale.best, np.nan]), scale).tolist() == [0, 100, 0]


def test_the_weights_of_the_recipe_decide(around: Surroundings) -> None:
    """With land price alone all alike; a level may weigh otherwise than the rest."""
    rules = LandRules(weights={"land_price": 1.0}, level_weights={"hub": {"expressway": 1.0}})
    result = assess(land(near=(0, 50, 300, 350), far=(4000, 50, 4300, 350)), around, rules)
    assert result.criteria["score_utc"].nunique() == 1
    assert verdict(result, "near")["score_hub"] > verdict(result, "far")["score_hub"]


def test_bad_rules_are_named() -> None:
    """An unknown criterion, weights of nothing and a scale without length are refused."""
    for wrong in ({"weights": {"luck": 1}}, {"weights": {"demand": 0}}, {"level_weights": {"hub": {"demand": -1}}}):
        with pytest.raises(ValidationError):
            LandRules.model_validate(wrong)
    with pytest.raises(ValidationError):
        Scale(worst=3, best=3)


def design(name: str, level: str, gfa: float, **more: Any) -> Design:
    """A design whose least size is one module at a floor area ratio of 1."""
    names = {"id": name, "name_en": name, "name_zh": name, "levels": (level,)}
    size = {"module_gfa_m2": gfa, "max_modules": 5, "floor_area_ratio": 1.0, "throughput_t_d": 10}
    content = {**names, **size, "capital_cny_m2": 1, "life_years": 20, **more}
    return Design.model_validate(content)


DESIGNS = (design("small", "utc", 5000), design("large", "utc", 50_000), design("bonded", "utc", 5000, bonded_t_d=5))


def test_designs_follow_from_land_and_gateways() -> None:
    """Only what fits the land, bonded ones only near a gateway, less where the floor area ratio is limited."""
    assert fitting_designs(1.0, "utc", True, DESIGNS) == ("small", "bonded")
    assert fitting_designs(6.0, "utc", False, DESIGNS) == ("small", "large")
    assert fitting_designs(0.6, "utc", False, DESIGNS, max_far=0.5) == ()
    assert fitting_designs(6.0, "hub", True, DESIGNS) == ()


def test_sites_carry_the_designs_that_fit_and_land_without_any_is_out(around: Surroundings) -> None:
    """9 ha near the port: the level with designs is in; hub and station have none in this case and are not."""
    result = assess(land(good=(1000, 50, 1300, 350)), around, LandRules(), DESIGNS)
    (site,) = result.sites.to_dict("records")
    assert (site["id"], site["level"], site["designs"]) == ("good", "utc", "small;large;bonded")
    assert site["land_ha"] == 6.0
    poor = assess(land(good=(1000, 50, 1300, 350)), around, LandRules())
    assert set(poor.sites["designs"]) == {""}
    none = assess(land(good=(1000, 50, 1050, 90)), around, LandRules(), DESIGNS)
    row = verdict(none, "good")
    assert not row["in"] and "no design" in row["codes"] and "建筑方案" in row["reasons_zh"]


def test_what_stands_today_is_never_ruled_out(around: Surroundings) -> None:
    """A known site in a forest stays a candidate, and the table says why it would not be one."""
    given_ = land(old=(9100, 50, 9400, 350)).assign(keep=True, levels="utc")
    result = assess(given_, around, LandRules())
    row = verdict(result, "old")
    assert row["in"] and "stands today" in row["reasons_en"] and "protected" in row["codes"]
    assert list(result.sites["id"]) == ["old"]


def test_results_follow_the_candidates(around: Surroundings) -> None:
    """One row of criteria and one polygon per candidate in their order; sites have the columns of the schema."""
    given_ = land(b=(1000, 50, 1300, 350), a=(8000, 50, 8300, 350)).set_index(pd.Index([7, 3]))
    result = assess(given_, around, LandRules())
    assert list(result.criteria["candidate"]) == ["b", "a"] == list(result.layers["candidates"]["id"])
    assert list(result.layers["sites"]["id"]) == ["b"]
    assert result.layers["candidates"].geometry.iloc[1].equals(given_.geometry.iloc[1])
    known = {column.name for column in TABLES["sites"].columns}
    assert set(SITE_COLUMNS) == set(result.sites.columns) and set(SITE_COLUMNS) <= known
    assert dict(result.notes)["candidates"] == "2: 1 in, 1 out"


def test_land_that_two_candidates_share_is_reported(around: Surroundings) -> None:
    """Two mapped polygons over each other are named with the land they share; neighbours are not."""
    given_ = land(a=(1000, 50, 1300, 350), b=(1200, 50, 1500, 350), c=(1500, 50, 1800, 350))
    notes = dict(assess(given_, around, LandRules()).notes)
    assert notes["candidates that overlap: a and b"] == "3.00 ha"
    assert sum(name.startswith("candidates that overlap") for name in notes) == 1


def test_no_candidates_make_no_sites(around: Surroundings) -> None:
    """An empty table passes through."""
    result = assess(land(a=(0, 0, 1, 1)).iloc[:0], around, LandRules())
    assert len(result.sites) == len(result.criteria) == len(result.layers["sites"]) == 0


def test_driven_minutes_replace_the_estimate(around: Surroundings) -> None:
    """The table says whether the minutes to the gateway are estimated."""
    given_ = land(good=(1000, 50, 1300, 350))
    assert verdict(assess(given_, around, LandRules()), "good")["gateway_estimated"]
    row = verdict(assess(given_, around, LandRules(), gateway_minutes=np.array([12.5])), "good")
    assert row["gateway"] == 12.5 and not row["gateway_estimated"]


def test_footprints_have_the_land_of_their_site() -> None:
    """A disc of the stated hectares around each point, marked by its kind, asked for its level only."""
    table = lonlat((0, 0), (5000, 0)).assign(id=["a", "b"], land_ha=[3.0, 0.4], level=["utc", "station"], **BASE)
    discs = footprints(table.drop(columns="kind"))
    assert (discs.to_crs(METRIC).area / 1e4).tolist() == pytest.approx([3.0, 0.4], rel=1e-3)
    assert list(discs["kind"]) == ["generated"] * 2 and list(discs["levels"]) == ["utc", "station"]


def test_every_zone_that_is_worth_it_gets_a_candidate() -> None:
    """The most populated first; each zone without one has a reason."""
    zones = lonlat((0, 0), (300, 0), (3000, 0), (6000, 0), (9000, 0)).assign(
        id=list("abcde"), city="Alpha", district="West", population=[100, 900, 900, 5, 900]
    )
    frontage = np.column_stack([np.arange(0.0, 8000, 10), np.full(800, 30.0)])
    places, left = place_at_zones(zones, frontage, 50, 0.5, 0.4, np.array([(3100.0, 0.0)]))
    assert list(places["zone"]) == ["b"]
    assert left.set_index("zone")["reason"].to_dict() == {
        "a": "another candidate within 0.5 km", "c": "a known site within 0.5 km", "d": "fewer than 50 residents",
        "e": "no road to front within 0.4 km",
    }  # fmt: skip


def test_tiles_are_made_whole_by_class() -> None:
    """Two halves of one factory become one polygon of the whole area; another class and another place stay apart."""
    tiles = layer((0, 0, 100, 100), (100, 0, 200, 100), (200, 0, 300, 100), (900, 0, 950, 50))
    tiles["class"] = ["industrial", "industrial", "residential", "industrial"]
    whole = dissolve_tiles(tiles, "class")
    assert whole.groupby("class").size().to_dict() == {"industrial": 2, "residential": 1}
    areas = whole.to_crs(METRIC).area
    assert sorted(areas.round(0)) == pytest.approx([2500, 10_000, 20_000], rel=1e-3)
    table = candidates(whole, {"industrial": "industrial"}, "class", "test", "hk", ("Hong Kong", "香港"))
    assert list(table["id"]) == ["hk-0001", "hk-0002"] and table["name_zh"].str.startswith("香港工业用地").all()


def test_a_users_file_replaces_the_rest(tmp_path: Path) -> None:
    """Own polygons in GCJ-02 come out in WGS84 with defaults filled; stated land counts in full."""
    plain = land(mine=(1000, 50, 1300, 350))[["id", "geometry"]].assign(land_ha=2.5)
    offset = [shapely.transform(shape, lambda xy: from_wgs84(xy, "GCJ-02")) for shape in plain.geometry]
    drawn = plain.set_geometry(offset, crs=WGS84)
    drawn.to_file(tmp_path / "land.gpkg")
    table, mended = read_candidates(tmp_path / "land.gpkg", datum="GCJ-02")
    assert mended == [] and table.geometry.iloc[0].hausdorff_distance(plain.geometry.iloc[0]) < 1e-8
    row = table.iloc[0]
    filled = (row["id"], row["name_en"], row["kind"], row["land_ha"], row["synthetic"])
    assert filled == ("mine", "mine", "industrial", 2.5, False)


def test_a_bad_users_file_is_named(tmp_path: Path) -> None:
    """A missing file, a missing id, an unknown kind and land below zero are input errors."""
    with pytest.raises(InputError, match="there is no such file"):
        read_candidates(tmp_path / "none.gpkg")
    land(a=(0, 0, 100, 100)).to_file(tmp_path / "land.gpkg")
    with pytest.raises(InputError, match="column number"):
        read_candidates(tmp_path / "land.gpkg", id_column="number")
    land(a=(0, 0, 100, 100)).assign(kind="castle", land_ha=-1.0).to_file(tmp_path / "wrong.gpkg")
    with pytest.raises(InputError) as caught:
        read_candidates(tmp_path / "wrong.gpkg")
    assert [(p.row, p.column) for p in caught.value.problems] == [(1, "kind"), (1, "land_ha")]


@pytest.mark.parametrize(
    ("tags", "role"),
    [
        ({"landuse": "industrial"}, ("candidate", "industrial")),
        ({"landuse": "industrial", "industrial": "port"}, ("candidate", "port")),
        ({"building": "warehouse"}, ("candidate", "warehouse")),
        ({"aeroway": "apron"}, ("candidate", "airport")),
        ({"natural": "water"}, ("water", "water")),
        ({"boundary": "protected_area"}, ("protected", "protected")),
        ({"landuse": "residential"}, ("homes", "homes")),
        ({"highway": "primary"}, None),
    ],
)
def test_tags_tell_the_role_of_land(tags: dict[str, str], role: tuple[str, str] | None) -> None:
    """Industrial, warehouse, port, rail and airport land are candidates; water, protected land and homes exclude."""
    assert role_of(tags) == role


def test_areas_of_an_overpass_answer_are_read(tmp_path: Path) -> None:
    """A closed way with nodes, one with geometry, and a multipolygon with a hole; open ways are no areas."""

    def node(number: int, lon: float, lat: float) -> dict[str, Any]:
        return {"type": "node", "id": number, "lon": lon, "lat": lat}

    def ring(west: float, size: float) -> list[dict[str, float]]:
        corners = [(0, 0), (size, 0), (size, size), (0, size), (0, 0)]
        return [{"lon": west + x, "lat": 22.5 + y} for x, y in corners]

    elements = [
        node(1, 114.0, 22.5), node(2, 114.01, 22.5), node(3, 114.01, 22.51),
        {"type": "way", "id": 10, "nodes": [1, 2, 3, 1],
         "tags": {"landuse": "industrial", "name": "一号园", "name:en": "Park one"}},
        {"type": "way", "id": 11, "nodes": [1, 2, 3], "tags": {"landuse": "industrial"}},
        {"type": "way", "id": 12, "geometry": ring(114.2, 0.01), "tags": {"natural": "water"}},
        {"type": "relation", "id": 20, "tags": {"type": "multipolygon", "landuse": "industrial"}, "members": [
            {"type": "way", "ref": 1, "role": "outer", "geometry": ring(114.1, 0.02)},
            {"type": "way", "ref": 2, "role": "inner", "geometry": [
                {"lon": p["lon"] + 0.005, "lat": p["lat"] + 0.005} for p in ring(114.1, 0.005)]},
        ]},
    ]  # fmt: skip
    path = tmp_path / "answer.json"
    path.write_text(json.dumps({"elements": elements}), encoding="utf-8")
    areas, mended = osm_areas(path)
    assert mended == []
    assert dict(zip(areas["id"], areas["role"], strict=True)) == {
        "way-10": "candidate", "way-12": "water", "relation-20": "candidate"
    }  # fmt: skip
    named = areas.set_index("id")
    assert tuple(named.loc["way-10", ["name_en", "name_zh"]]) == ("Park one", "一号园")
    assert named.geometry["relation-20"].area == pytest.approx(0.02**2 - 0.005**2)


def test_areas_of_an_osm_file_are_read(tmp_path: Path) -> None:
    """An .osm file gives the same roles as an Overpass answer."""
    corners = [(1, 114.0, 22.5), (2, 114.01, 22.5), (3, 114.01, 22.51), (4, 114.0, 22.51)]
    nodes = "".join(f'<node id="{n}" lon="{lon}" lat="{lat}" version="1"/>' for n, lon, lat in corners)
    refs = "".join(f'<nd ref="{n}"/>' for n in (1, 2, 3, 4, 1))
    tags = '<tag k="landuse" v="industrial"/><tag k="industrial" v="warehouse"/><tag k="name:zh" v="仓库"/>'
    path = tmp_path / "land.osm"
    text = f'<osm version="0.6">{nodes}<way id="10" version="1">{refs}{tags}</way></osm>'
    path.write_text(text, encoding="utf-8")
    areas, _ = osm_areas(path)
    assert areas[["id", "role", "kind", "name_zh"]].to_numpy().tolist() == [
        ["way-10", "candidate", "warehouse", "仓库"]
    ]


@pytest.mark.parametrize("text", ["", "<html>busy</html>", "[]", '{"remark": "timeout"}'])
def test_what_is_no_answer_is_an_input_error(tmp_path: Path, text: str) -> None:
    """Garbage, an error page and an answer without elements are named."""
    path = tmp_path / "answer.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"answer\.json.*(is no Overpass answer|is not JSON)"):
        osm_areas(path)
