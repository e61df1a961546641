"""The shipped instance of Shenzhen holds what it promises; no raw data are needed."""

import numpy as np
import pandas as pd
import pytest

from hubopt.data.report import checks, greedy_cover, largest_capacity, level_demand
from hubopt.instance import Instance, read_instance, validate
from hubopt.instance.types import LEVELS

from .conftest import RECIPE

FOLDER = RECIPE.parent


@pytest.fixture(scope="module")
def shenzhen() -> Instance:
    """The shipped instance."""
    return read_instance(FOLDER)


def test_it_is_sound_and_small(shenzhen: Instance) -> None:
    """No problems, under 6 MB in all and under 1.5 MB of map layers."""
    assert validate(shenzhen) == []
    size = {path: path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()}
    assert sum(size.values()) < 6e6
    assert sum(bytes_ for path, bytes_ in size.items() if path.suffix == ".geojson") < 1.5e6
    assert {"zones", "districts", "land", "expressways", "roads"} <= set(shenzhen.geometry)


def test_it_has_the_promised_size(shenzhen: Instance) -> None:
    """Hubs, transfer centres, stations and zones over all ten mainland districts in the promised numbers."""
    count = shenzhen.sites.groupby("level").size()
    assert 14 <= count["hub"] <= 20 and 50 <= count["utc"] <= 60 and 140 <= count["station"] <= 200
    assert 160 <= len(shenzhen.zones) <= 220
    assert shenzhen.zones["district"].nunique() == 10
    assert set(shenzhen.gateways["kind"]) == {"port", "airport", "rail", "border", "expressway", "overseas"}
    assert len(shenzhen.structure.commodities) == 8 and len(shenzhen.structure.designs) == 14
    assert {item.chain for item in shenzhen.structure.commodities} == {
        ("hub", "utc", "station"),
        ("hub", "utc"),
        ("hub",),
        ("utc", "station"),
    }
    assert len(shenzhen.arcs) < 20_000


def test_residents_are_those_of_the_census(shenzhen: Instance) -> None:
    """The districts sum to the published total of Shenzhen less its exclave."""
    assert shenzhen.zones["population"].sum() == 17_560_061 - 65_663
    by_district = shenzhen.zones.groupby("district")["population"].sum()
    assert by_district["Bao'an"] == 4_476_554 and by_district["Dapeng"] == 156_236


def test_every_zone_and_site_has_enough_upper_ends(shenzhen: Instance) -> None:
    """Arcs leave every lower end a choice: at least eight stations a zone and eight centres a station."""
    arcs = shenzhen.arcs
    assert np.isfinite(arcs[["km", "minutes"]].to_numpy()).all() and (arcs["km"] > 0).all()
    ends = {"zone": set(shenzhen.zones["id"])}
    ends |= {level: set(shenzhen.sites.loc[shenzhen.sites["level"] == level, "id"]) for level in LEVELS}
    least = {"station-zone": 8, "utc-station": 8, "utc-zone": 10, "hub-utc": 18, "hub-zone": 9, "gateway-hub": 18}
    for leg, number in least.items():
        per = arcs[arcs["leg"] == leg].groupby("destination")["origin"].nunique()
        assert set(per.index) == ends[leg.split("-")[1]] and per.min() >= number, leg


def test_most_zones_have_four_stations_within_the_hard_limit(shenzhen: Instance) -> None:
    """All but a few empty zones of Dapeng have four stations within the limit, and every zone has one."""
    limit = next(item.max_km for item in shenzhen.structure.service.limits if item.leg == "station-zone")
    arcs = shenzhen.arcs[(shenzhen.arcs["leg"] == "station-zone") & (shenzhen.arcs["km"] <= limit)]
    per = arcs.groupby("destination")["origin"].nunique().reindex(shenzhen.zones["id"]).fillna(0)
    few = shenzhen.zones.set_index("id")[per < 4]
    assert per.min() >= 1
    assert few["population"].sum() < 0.002 * shenzhen.zones["population"].sum()


def test_every_target_is_attainable_with_slack(shenzhen: Instance) -> None:
    """With all candidates open the share within each limit lies clearly above the standard."""
    targets = [target for target in shenzhen.structure.service.targets if target.kind == "access"]
    assert len(targets) == 2
    for target in targets:
        assert greedy_cover(shenzhen, target)[0] >= target.share + 0.01, target.id


def test_the_minutes_of_a_chain_make_up_the_limit(shenzhen: Instance) -> None:
    """Budgets and handling of a whole trip, both sides of the exchange counted, fit 90 minutes and 4 hours."""
    targets = {item.id: item for item in shenzhen.structure.service.targets}
    dwell = {name: rule.dwell_minutes for name, rule in shenzhen.structure.levels.items()}
    city = targets["in-city-90"].budget_minutes
    assert city["utc-utc"] + 2 * (city["utc-station"] + city["station-zone"] + dwell["utc"] + dwell["station"]) <= 90
    assert sum(targets["gba-4h"].budget_minutes.values()) + sum(dwell.values()) <= 240


def test_a_gate_leads_to_its_main_city_in_time(shenzhen: Instance) -> None:
    """From some hub every expressway gate and the city beyond it is within the budget of the 4 hours."""
    target = next(item for item in shenzhen.structure.service.targets if item.id == "gba-4h")
    arcs = shenzhen.arcs[shenzhen.arcs["leg"] == "gateway-hub"].merge(
        shenzhen.gateways, left_on="origin", right_on="id", suffixes=("", "_gate")
    )
    whole = (arcs["minutes"] + arcs["beyond_minutes"]).groupby(arcs["origin"]).min()
    gates = shenzhen.gateways.loc[shenzhen.gateways["kind"] == "expressway", "id"]
    assert (whole[gates] <= target.budget_minutes["gateway-hub"]).all()


def test_in_city_parcels_balance(shenzhen: Instance) -> None:
    """As much is collected as is delivered, to the gram, in four groups of districts."""
    total = shenzhen.demand.groupby("commodity")["t_d"].sum()
    assert total["parcels_local_in"] == pytest.approx(total["parcels_local_out"], abs=1e-6)
    assert shenzhen.zones["group"].nunique() == 4


def test_a_single_storey_shed_is_not_made_multi_storey_by_conversion(shenzhen: Instance) -> None:
    """No design of several storeys but a cold store is converted from one of a single storey."""
    storeys = {item.id: item.storeys for item in shenzhen.structure.designs}
    for item in shenzhen.structure.designs:
        for origin in item.converts_from or ():
            if "cold" not in item.id:
                assert (storeys[origin] == 1) == (item.storeys == 1), (origin, item.id)
            if item.conversion_cny_m2:
                assert item.conversion_cny_m2 < item.capital_cny_m2


def test_terminals_are_at_ends_of_their_mode(shenzhen: Instance) -> None:
    """Every siding, quay and pad is at a place that arcs of its mode reach."""
    for row in shenzhen.terminals.itertuples():
        arcs = shenzhen.arcs[shenzhen.arcs["mode"] == row.mode]
        assert row.node in set(arcs["origin"]) | set(arcs["destination"]), row.node


def test_carbon_turns_the_choice_of_truck(shenzhen: Instance) -> None:
    """The electric heavy truck costs more per t-km than the diesel one and emits less; it pays below 1,000 CNY/t."""
    modes = {item.id: item for item in shenzhen.structure.modes}
    diesel, electric = modes["heavy-truck"], modes["ev-heavy-truck"]
    dearer, cleaner = electric.cny_t_km - diesel.cny_t_km, diesel.kgco2e_t_km - electric.kgco2e_t_km
    assert dearer > 0 and cleaner > 0 and dearer / cleaner * 1000 < 1000


def test_candidates_carry_the_demand_one_and_a_half_times(shenzhen: Instance) -> None:
    """Per level and requirement, land and module bounds allow 1.5 times the demand."""
    for level in LEVELS:
        for requirement in ("ambient", "bonded", "cold"):
            wanted = level_demand(shenzhen, level, None if requirement == "ambient" else requirement)
            assert largest_capacity(shenzhen, level, requirement) >= 1.5 * wanted, (level, requirement)


def test_what_stands_today_fits_its_land_and_the_known_stock(shenzhen: Instance) -> None:
    """Facilities of today fit on their sites, and together stay below the city's stock of warehouses."""
    designs = {item.id: item for item in shenzhen.structure.designs}
    value = shenzhen.parameters.set_index("name")["value"]
    land = shenzhen.sites.set_index("id")["land_ha"]
    floor = {"all": 0.0, "high standard": 0.0}
    for row in shenzhen.existing.itertuples():
        design = designs[row.design]
        gfa = row.modules * design.module_gfa_m2
        assert gfa / design.floor_area_ratio / 1e4 <= land[row.site], row.site
        floor["all"] += gfa
        floor["high standard"] += gfa * ("high-standard" in row.design or "automated" in row.design)
    assert floor["all"] < value["stock.shenzhen_general"]
    assert floor["high standard"] < value["stock.shenzhen_high_standard"]


def test_gateways_carry_each_commodity_within_its_shares(shenzhen: Instance) -> None:
    """Largest shares reach one, least shares do not exceed it, and capacity covers the whole demand."""
    admissions = shenzhen.admissions.merge(shenzhen.gateways, left_on="gateway", right_on="id")
    demand = shenzhen.demand.groupby("commodity")["t_d"].sum()
    for commodity, rows in admissions.groupby("commodity"):
        usable = np.minimum(rows["max_share"], rows["capacity_t_d"] / demand[commodity])
        assert rows["min_share"].sum() < 1 < usable.sum(), commodity
    assert set(admissions["commodity"]) == {name for name in demand.index if "local" not in name}
    assert shenzhen.gateways["capacity_t_d"].sum() > 1.5 * demand.sum()


def test_a_hub_type_serves_the_least_share_of_every_gateway(shenzhen: Instance) -> None:
    """Wherever a commodity must use a gateway, some type of hub may handle it there."""
    kinds = shenzhen.gateways.set_index("id")["kind"]
    for row in shenzhen.admissions[shenzhen.admissions["min_share"] > 0].itertuples():
        assert any(
            (item.gateway_kinds is None or kinds[row.gateway] in item.gateway_kinds)
            and (item.commodities is None or row.commodity in item.commodities)
            for item in shenzhen.structure.hub_types
        ), (row.commodity, row.gateway)


def test_km_are_plausible_against_observed_trips(shenzhen: Instance) -> None:
    """Driven km are 1.2 to 1.6 times the straight line in the median, as observed (1.41; 1.37 beyond 10 km)."""
    places = pd.concat([shenzhen.gateways, shenzhen.sites, shenzhen.zones]).set_index("id")[["lon", "lat"]]
    arcs = shenzhen.arcs
    a, b = places.loc[arcs["origin"]].to_numpy(), places.loc[arcs["destination"]].to_numpy()
    straight = np.hypot((a[:, 0] - b[:, 0]) * 102.9, (a[:, 1] - b[:, 1]) * 110.8)
    far = straight > 10
    assert 1.25 < np.median(arcs["km"][far] / straight[far]) < 1.5
    near = (straight > 2) & ~far
    assert 1.3 < np.median(arcs["km"][near] / straight[near]) < 1.6
    assert (arcs["km"] > 0.98 * straight).all()


def test_speeds_are_plausible(shenzhen: Instance) -> None:
    """Short trips run at 20 to 35 km/h and long ones at 35 to 60 in the median."""
    arcs = shenzhen.arcs.assign(km_h=shenzhen.arcs["km"] / shenzhen.arcs["minutes"] * 60)
    short = arcs[(arcs["leg"] == "station-zone") & (arcs["km"] > 2)]
    long = arcs[(arcs["leg"] == "hub-utc") & (arcs["km"] > 20)]
    assert 20 < short["km_h"].median() < 35
    assert 35 < long["km_h"].median() < 60


def test_border_gateways_wait(shenzhen: Instance) -> None:
    """Waiting at the border is in the minutes of its arcs."""
    arcs = shenzhen.arcs[shenzhen.arcs["leg"] == "gateway-hub"]
    border = shenzhen.gateways.loc[shenzhen.gateways["kind"] == "border", "id"]
    assert arcs.loc[arcs["origin"].isin(border), "minutes"].min() > 30


def test_names_are_in_both_languages_and_unique(shenzhen: Instance) -> None:
    """Every gateway, site and zone has a name in English and one in Chinese, no two sites the same."""
    for table in (shenzhen.gateways, shenzhen.sites, shenzhen.zones):
        assert (table["name_en"] != "").all() and table["name_zh"].str.contains(r"[\u4e00-\u9fff]").all()
        assert table["name_en"].is_unique and table["name_zh"].is_unique


def test_what_is_made_up_says_so(shenzhen: Instance) -> None:
    """Made-up sites are marked with the reason, and every figure has a source."""
    made_up = shenzhen.sites[shenzhen.sites["synthetic"]]
    assert (made_up["source"].str.contains("made up")).all() and len(made_up) < len(shenzhen.sites)
    assert (shenzhen.parameters["source"] != "").all()
    assumed = shenzhen.parameters[shenzhen.parameters["reliability"] == "assumption"]
    assert assumed["source"].str.contains("assum|one representative|no least|prices of").all()


def test_coefficients_give_the_demand(shenzhen: Instance) -> None:
    """Demand in t/d is the coefficient in kg per resident and day times the residents."""
    people = shenzhen.zones["population"].sum()
    coefficients = shenzhen.parameters.set_index("name")["value"]
    for commodity, tonnes in shenzhen.demand.groupby("commodity")["t_d"].sum().items():
        name = "parcels_local_in" if commodity == "parcels_local_out" else commodity
        assert tonnes == pytest.approx(coefficients[f"demand.{name}.kg_person_day"] * people / 1000, rel=1e-4)


def test_parcels_reconcile_with_the_published_number(shenzhen: Instance) -> None:
    """Parcels through stations are the stated share of the parcels sent a year, within a tenth."""
    value = shenzhen.parameters.set_index("name")["value"]
    sent = shenzhen.demand.loc[shenzhen.demand["commodity"] == "ecom_out", "t_d"].sum() * 365 * 1000
    through_stations = value["demand.parcels_sent_shenzhen_2024"] * value["demand.ecom_out.share_through_stations"]
    assert sent / value["demand.parcel_weight"] == pytest.approx(through_stations, rel=0.1)


def test_the_report_lists_every_check(shenzhen: Instance) -> None:
    """The build report has a line per target and per capacity."""
    names = [name for name, _ in checks(shenzhen)]
    assert sum(name.startswith("target ") for name in names) == len(shenzhen.structure.service.targets)
    assert "utc capacity, cold" in names
