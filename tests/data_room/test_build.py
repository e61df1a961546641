"""A whole build, from made-up raw data of a small town."""

import tomllib
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import tomli_w

from hubopt.data import build
from hubopt.data.ground.coordinates import to_degrees, to_metric
from hubopt.data.pipeline import roads_of
from hubopt.data.pipeline.ground import read_ground
from hubopt.data.pipeline.places import make_gateways, make_zones
from hubopt.data.recipe import missing_files, read_recipe
from hubopt.instance import InputError, Instance, read_instance, sha256, validate

from .town import CENSUS, SIZE, write_town


@pytest.fixture(autouse=True)
def own_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe's own data folder counts, whatever the machine has."""
    monkeypatch.delenv("HUBOPT_DATA", raising=False)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recipe of the town."""
    return write_town(tmp_path_factory.mktemp("town") / "case")


@pytest.fixture(scope="module")
def built(town: Path) -> Instance:
    """The town, built in the recipe's own folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HUBOPT_DATA", raising=False)
        return build(town, town.parent / "out")


def test_the_town_is_a_sound_instance(town: Path, built: Instance) -> None:
    """What is built has no problems and reads back the same, with its recipe and its report beside it."""
    assert validate(built) == []
    out = town.parent / "out"
    assert sha256(read_instance(out)) == sha256(built)
    assert {"recipe.toml", "BUILD.md", "site_criteria.csv", "recipe", "geometry", "arcs.parquet"} <= {
        path.name for path in out.iterdir()
    }


def test_the_same_recipe_gives_the_same_instance(town: Path, built: Instance, tmp_path: Path) -> None:
    """A second build has the digest of the first."""
    assert sha256(build(town, tmp_path / "again")) == sha256(built)


def test_an_instance_is_built_again_in_its_own_folder(town: Path, built: Instance, tmp_path: Path) -> None:
    """The recipe that went along with the instance rebuilds it in place, inputs and all."""
    recipe = town.parent / "out" / "recipe.toml"
    content = tomllib.loads(recipe.read_text(encoding="utf-8"))
    content["data"]["root"] = str(town.parent / "raw")
    recipe.write_text(tomli_w.dumps(content), encoding="utf-8")
    assert sha256(build(recipe, recipe.parent, trusted=True)) == sha256(built)
    assert (recipe.parent / "recipe" / "districts.csv").is_file()


def test_recorded_overpass_answers_give_the_same_travel(town: Path, built: Instance, tmp_path: Path) -> None:
    """One changed line takes the streets from recorded answers: same gateways, zones and hub arcs."""
    content = tomllib.loads(town.read_text(encoding="utf-8"))
    content["roads"]["layers"][0] |= {"kind": "overpass-recorded", "path": "overpass"}
    other = town.parent / "overpass.toml"
    other.write_text(tomli_w.dumps(content), encoding="utf-8")
    again = build(other, tmp_path / "overpass")
    legs = ["gateway-hub", "hub-zone"]
    one, two = (x.arcs[x.arcs["leg"].isin(legs)].reset_index(drop=True) for x in (built, again))
    assert one[["origin", "destination"]].equals(two[["origin", "destination"]])
    assert np.allclose(one["km"], two["km"], rtol=0.01)


def test_residents_and_places_come_out_right(built: Instance) -> None:
    """Census figures add up, zones lie in the town once the GCJ-02 offset is gone, gateways where they belong."""
    assert built.zones.groupby("district")["population"].sum().to_dict() == CENSUS
    xy = to_metric(built.zones[["lon", "lat"]].to_numpy(float))
    assert xy.min() > -1 and xy.max() < SIZE + 1
    gates = built.gateways.set_index("id")[["lon", "lat"]]
    places = dict(zip(gates.index, to_metric(gates.to_numpy(float)).tolist(), strict=True))
    assert places["harbour"] == pytest.approx([0, 4000], abs=2)
    assert places["motorway-north"] == pytest.approx([6000, SIZE + 100], abs=15)


def _counts(kind: str, raw: Path) -> dict[str, str]:
    """A file of counts of the kind beside the raw data, ten times as many in the south, and its keys in the recipe."""
    middles = np.array([(x, y) for y in range(500, 12_000, 1000) for x in range(500, 12_000, 1000)], dtype=float)
    people = np.where(middles[:, 1] < SIZE / 2, 100.0, 10.0)
    if kind == "polygons":
        squares = [shapely.transform(shapely.box(x - 500, y - 500, x + 500, y + 500), to_degrees) for x, y in middles]
        columns = {"block": range(len(people)), "people": people}
        gpd.GeoDataFrame(columns, geometry=squares, crs=4326).to_file(raw / "blocks.gpkg")
        return {"path": "blocks.gpkg", "id_column": "block", "population_column": "people"}
    lonlat = to_degrees(middles)
    if kind == "hexagons":
        cells = pd.Series([h3.latlng_to_cell(lat, lon, 8) for lon, lat in lonlat])
        pd.DataFrame({"cell": cells, "population": people}).groupby("cell").sum().to_csv(raw / "cells.csv")
        return {"path": "cells.csv"}
    size = (lonlat[-1] - lonlat[0]) / 11
    with rasterio.open(
        raw / "people.tif", "w", driver="GTiff", height=12, width=12, count=1, dtype="float64", crs="EPSG:4326",
        transform=rasterio.Affine(size[0], 0, lonlat[0, 0] - size[0] / 2, 0, -size[1], lonlat[-1, 1] + size[1] / 2),
    ) as file:  # fmt: skip
        file.write(people.reshape(12, 12)[::-1], 1)
    return {"path": "people.tif"}


@pytest.mark.parametrize("kind", ["raster", "hexagons", "polygons"])
def test_counts_say_where_the_residents_of_the_census_live(town: Path, kind: str) -> None:
    """The district that lies north and south has most of its residents in the south; the census adds up as before."""
    content = tomllib.loads(town.read_text(encoding="utf-8"))
    content["counts"] = {"kind": kind, **_counts(kind, town.parent / "raw")}
    other = town.parent / f"{kind}.toml"
    other.write_text(tomli_w.dumps(content), encoding="utf-8")
    recipe = read_recipe(other)
    assert missing_files(recipe, other) == []
    ground = read_ground(recipe, other)
    zones = make_zones(ground, make_gateways(ground)[0]).zones
    assert zones.groupby("district")["population"].sum().to_dict() == CENSUS
    west = zones[zones["district"] == "Xiangzhou"]
    south = to_metric(west[["lon", "lat"]].to_numpy(float))[:, 1] < SIZE / 2
    assert west.loc[south, "population"].sum() > 0.8 * CENSUS["Xiangzhou"]
    assert not zones["synthetic"].any() and zones["source"].eq(content["counts"]["path"]).all()


def test_counts_that_are_not_there_or_miss_a_district_are_named(town: Path) -> None:
    """A missing file stops before anything is read; polygons that leave a district of the census empty are refused."""
    content = tomllib.loads(town.read_text(encoding="utf-8"))
    other = town.parent / "few-blocks.toml"
    content["counts"] = {"kind": "polygons", "path": "few.gpkg", "id_column": "block", "population_column": "people"}
    other.write_text(tomli_w.dumps(content), encoding="utf-8")
    (problem,) = missing_files(read_recipe(other), other)
    assert problem.column == "counts"
    west = shapely.transform(shapely.box(100, 100, 900, 900), to_degrees)
    raw = town.parent / "raw"
    gpd.GeoDataFrame({"block": [1], "people": [5]}, geometry=[west], crs=4326).to_file(raw / "few.gpkg")
    ground = read_ground(read_recipe(other), other)
    with pytest.raises(InputError, match=r"Doumen.*\n.*Jinwan|Jinwan.*\n.*Doumen"):
        make_zones(ground, make_gateways(ground)[0])


def test_grid_distances_are_those_of_the_streets(built: Instance) -> None:
    """From the harbour to the port hub it is 2 km east and 2 km south along the streets, and the yards."""
    arcs = built.arcs.set_index(["origin", "destination", "mode"])
    assert arcs.loc[("harbour", "hub-port", "heavy-truck"), "km"] == pytest.approx(4 + 2 * 0.05 * 1.3, abs=0.02)


def test_made_up_places_are_named_after_the_town(built: Instance) -> None:
    """Zones of the west carry its subdistrict's name, those of the east the district's."""
    west = built.zones[built.zones["district"] == "Xiangzhou"]
    assert west["name_zh"].str.startswith("老街").all()
    assert built.zones.loc[built.zones["district"] == "Doumen", "name_en"].str.startswith("Doumen").all()


def test_the_build_report_reconciles(town: Path, built: Instance) -> None:
    """The report has sizes, the datum found, residents and demand against their totals, targets and legs."""
    text = (town.parent / "out" / "BUILD.md").read_text(encoding="utf-8")
    for words in (
        "| gateways | 3 |",
        "population: 300004, census 300004, difference 0",
        "agrees",
        "demand of parcels_local_in",
        "target utc-access",
        "| hub-utc | heavy-truck |",
    ):
        assert words in text


def test_a_commodity_without_driver_is_an_input_error(town: Path, tmp_path: Path) -> None:
    """A commodity whose demand nothing spreads is named."""
    content = tomllib.loads(town.read_text(encoding="utf-8"))
    del content["drivers"]["cold_in"]
    other = town.parent / "undriven.toml"
    other.write_text(tomli_w.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match="cold_in"):
        build(other, tmp_path / "never")


def test_bad_figures_stop_the_build_before_anything_is_written(town: Path, tmp_path: Path) -> None:
    """A speed that is missing is an input error, and no folder appears."""
    parameters = pd.read_csv(town.parent / "recipe" / "parameters.csv")
    kept = parameters[parameters["name"] != "travel.speed.tertiary"]
    kept.to_csv(town.parent / "recipe" / "few.csv", index=False)
    content = tomllib.loads(town.read_text(encoding="utf-8"))
    content["inputs"]["parameters"] = "recipe/few.csv"
    other = town.parent / "few.toml"
    other.write_text(tomli_w.dumps(content), encoding="utf-8")
    with pytest.raises(InputError, match=r"travel\.speed\.tertiary"):
        build(other, tmp_path / "never")
    assert not (tmp_path / "never").exists()


def test_what_is_collected_in_the_city_is_delivered_there(built: Instance) -> None:
    """In-city goods go out and come in with the same total, and the transfer centres are linked once per pair."""
    total = built.demand.groupby("commodity")["t_d"].sum()
    assert total["parcels_local_in"] == pytest.approx(total["parcels_local_out"], abs=1e-9)
    pairs = built.arcs.loc[built.arcs["leg"] == "utc-utc", ["origin", "destination"]]
    assert len(pairs) and not (pairs["origin"] == pairs["destination"]).any()
    assert len({frozenset(pair) for pair in pairs.to_numpy().tolist()}) == len(pairs)


def test_quays_are_linked_by_barge(built: Instance) -> None:
    """The one gateway and the one hub with a quay are linked by an estimated way; nothing else is."""
    barge = built.arcs[built.arcs["mode"] == "barge"]
    assert barge[["origin", "destination"]].to_numpy().tolist() == [["harbour", "hub-port"]]
    assert barge["estimated"].all() and not built.arcs.loc[built.arcs["mode"] != "barge", "estimated"].any()


def test_every_candidate_has_its_reasons(town: Path, built: Instance) -> None:
    """The table of criteria has every site, in or out, with its sentence in both languages."""
    criteria = pd.read_csv(town.parent / "out" / "site_criteria.csv")
    named = set(";".join(criteria["sites"].dropna()).split(";"))
    assert set(built.sites["id"]) <= named
    assert criteria["reasons_en"].str.len().min() > 10 and criteria["reasons_zh"].str.contains("[\u4e00-\u9fff]").all()


def test_the_network_of_a_recipe_can_be_had_alone(town: Path) -> None:
    """``roads_of`` gives the graph and the speeds without building the rest."""
    network, speeds = roads_of(town)
    assert len(network.graph) > 500 and speeds.km_h["primary"] > 0
