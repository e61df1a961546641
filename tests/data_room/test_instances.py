"""The committed instances of all cities hold what they promise; no raw data are needed."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hubopt.data.ground.regions import known_regions
from hubopt.data.overview import overview
from hubopt.instance import Instance, read_instance, validate

from .conftest import ROOT

INSTANCES = ROOT / "instances"
CITIES = {
    "Guangzhou", "Shenzhen", "Zhuhai", "Foshan", "Jiangmen", "Zhaoqing", "Huizhou", "Dongguan", "Zhongshan",
    "Hong Kong", "Macao",
}  # fmt: skip


@pytest.fixture(scope="module")
def fine() -> Instance:
    """Shenzhen on the 1 km grid."""
    return read_instance(INSTANCES / "shenzhen-1km")


@pytest.fixture(scope="module")
def gba() -> Instance:
    """The eleven cities."""
    return read_instance(INSTANCES / "gba")


def kept(folder: Path) -> list[Path]:
    """Files of a folder but the maps, which are drawn on demand."""
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".html"]


def test_the_committed_instances_stay_small() -> None:
    """All instances together are under 40 MB, and none is over 10."""
    folders = [folder for folder in INSTANCES.iterdir() if folder.is_dir()]
    sizes = [sum(path.stat().st_size for path in kept(folder)) for folder in folders]
    assert sum(sizes) < 40e6 and max(sizes) < 10e6


def test_the_fine_grid_has_the_promised_size(fine: Instance) -> None:
    """At least 900 zones and stations, 80 transfer centres and 15 hubs; sound, with few arcs per lower end."""
    assert validate(fine) == []
    count = fine.sites.groupby("level").size()
    assert len(fine.zones) >= 900 and count["station"] >= 900 and count["utc"] >= 80 and count["hub"] >= 15
    assert len(fine.arcs) < 60_000


def test_the_fine_grid_states_the_standard_as_it_is(fine: Instance) -> None:
    """The station target is 1 km, driven as 1.41 km, and zones of most residents are about a kilometre across."""
    target = next(item for item in fine.structure.service.targets if item.id == "station-access")
    assert target.limit == pytest.approx(1.41) and target.measure == "km"
    area = fine.zones.sort_values("area_km2")
    share = area["population"].cumsum() / area["population"].sum()
    assert area.loc[share >= 0.5, "area_km2"].iloc[0] < 1.0


def test_residents_of_the_fine_grid_are_those_of_the_census(fine: Instance) -> None:
    """The districts sum to the published total of Shenzhen less its exclave."""
    assert fine.zones["population"].sum() == 17_560_061 - 65_663


def test_the_area_has_every_city_and_district(gba: Instance) -> None:
    """Zones lie in all eleven cities and all their districts; sites of every level in all cities but Macao's hubs."""
    assert validate(gba) == []
    assert set(gba.zones["city"]) == CITIES == set(gba.sites["city"])
    assert set(gba.zones["district"]) == set(known_regions()["district"])
    assert len(gba.zones) >= 400
    assert set(gba.sites.loc[gba.sites["level"] == "hub", "city"]) == CITIES


def test_gateways_are_of_all_cities_and_kinds(gba: Instance) -> None:
    """Every city has a gateway; land crossings are on the way, not gateways; the world beyond the map is there."""
    assert set(gba.gateways["kind"]) == {"port", "airport", "rail", "expressway", "overseas"}
    assert set(gba.gateways["city"]) == CITIES
    assert (gba.gateways.loc[gba.gateways["kind"] == "overseas", "beyond_minutes"] > 1000).all()


def test_whoever_passes_a_border_waits_and_pays(gba: Instance) -> None:
    """Road arcs between the mainland, Hong Kong and Macao cost something at the border; others nothing."""
    places = pd.concat([gba.gateways, gba.sites, gba.zones]).set_index("id")["city"]
    side = places.where(places.isin(["Hong Kong", "Macao"]), "mainland")
    roads = gba.arcs[gba.arcs["mode"].str.contains("truck|van")]
    over = side[roads["origin"]].to_numpy() != side[roads["destination"]].to_numpy()
    assert over.any() and (roads["border_cny_t"].to_numpy()[over] > 0).all()
    home = places[roads["origin"]].to_numpy() == places[roads["destination"]].to_numpy()
    assert (roads["border_cny_t"].to_numpy()[home] == 0).all()


def test_estimated_arcs_are_marked(gba: Instance) -> None:
    """Within Shenzhen roads are drawn from data; west of the Pearl River they are estimated."""
    places = pd.concat([gba.gateways, gba.sites, gba.zones]).set_index("id")["city"]
    last = gba.arcs[gba.arcs["leg"] == "station-zone"]
    city = places[last["destination"]].to_numpy()
    assert last["estimated"].to_numpy()[city == "Zhaoqing"].mean() > 0.95
    assert last["estimated"].to_numpy()[city == "Shenzhen"].mean() < 0.05


def test_in_city_goods_stay_in_their_city(gba: Instance) -> None:
    """Each zone receives from its own city only, and each city sends what it receives."""
    city = gba.zones.set_index("id")["city"]
    group = gba.zones.groupby("group")["city"].first()
    assert (gba.exchange["zone"].map(city) == gba.exchange["group"].map(group)).all()
    sums = gba.exchange.groupby("zone")["share"].sum()
    assert np.allclose(sums, 1) and set(sums.index) == set(gba.zones["id"])
    local = gba.demand[gba.demand["commodity"].str.startswith("parcels_local")]
    totals = local.pivot_table(index=local["zone"].map(city), columns="commodity", values="t_d", aggfunc="sum")
    assert np.allclose(totals["parcels_local_in"], totals["parcels_local_out"], atol=1e-6)


def test_gateways_can_carry_every_commodity(gba: Instance) -> None:
    """Largest shares and capacities reach the demand of each commodity, least shares do not exceed it."""
    admissions = gba.admissions.merge(gba.gateways, left_on="gateway", right_on="id")
    demand = gba.demand.groupby("commodity")["t_d"].sum()
    for commodity, rows in admissions.groupby("commodity"):
        usable = np.minimum(rows["max_share"], rows["capacity_t_d"] / demand[commodity])
        assert rows["min_share"].sum() < 1 < usable.sum(), commodity


@pytest.mark.parametrize("name", ["shenzhen", "shenzhen-1km", "gba"])
def test_every_site_and_zone_can_be_reached(name: str) -> None:
    """No place dangles: transfer centres have hubs, stations have centres, zones have stations and centres."""
    instance = read_instance(INSTANCES / name, geometry=False)
    ends = {level: set(instance.sites.loc[instance.sites["level"] == level, "id"]) for level in ("utc", "station")}
    ends["zone"] = set(instance.zones["id"])
    for leg in ("hub-utc", "utc-station", "station-zone", "utc-zone"):
        reached = set(instance.arcs.loc[instance.arcs["leg"] == leg, "destination"])
        assert reached == ends[leg.split("-")[1]], (leg, sorted(ends[leg.split("-")[1]] - reached)[:5])


@pytest.mark.parametrize("name", ["shenzhen", "shenzhen-1km", "gba"])
def test_names_are_distinct_in_both_languages(name: str) -> None:
    """No two zones and no two sites have the same name in either language."""
    instance = read_instance(INSTANCES / name, geometry=False)
    for table in (instance.sites, instance.zones):
        assert table["name_en"].is_unique and table["name_zh"].is_unique
        assert table["name_zh"].str.contains(r"[\u4e00-\u9fff]").all()


def test_the_table_of_instances_is_up_to_date() -> None:
    """The README of the instances has the table that the command prints now."""
    assert overview(INSTANCES) in (INSTANCES / "README.md").read_text(encoding="utf-8")
