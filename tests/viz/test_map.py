"""What the map's page carries."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from hubopt.instance.policy import Policy, TargetChange
from hubopt.solution.types import Plan
from hubopt.viz import network_map
from hubopt.viz.content import drawn_geometry
from hubopt.viz.places import MOST_ROWS, layout
from hubopt.viz.service import passing
from tests.cases import random_case, tiny
from tests.check.phased import phased_case
from tests.plans import phased_solution
from tests.viz.cases import mapped, plan_for_two_periods, two_periods, unlocated
from tests.viz.greedy import greedy_plan, greedy_solution, map_of, proof, solved, unsolved
from tests.viz.pages import page_data


def test_the_map_carries_the_plan() -> None:
    """Facilities, flows and zones of the page are those of the plan."""
    case, solution, _ = solved(tiny)
    data = page_data(map_of(tiny))
    assert solution.plan is not None
    period = data["periods"][0]
    by_site = {data["sites"][row["site"]]["id"]: row for row in period["facilities"]}
    table = solution.plan.facilities.set_index("site")
    assert set(by_site) == set(table.index)
    assert by_site["h-port"]["throughput"] == pytest.approx(table.loc["h-port", "throughput_t_d"])
    assert by_site["u-west"]["action"] == table.loc["u-west", "action"]
    for leg in period["flows"]:
        tonnes = sum(sum(line[2:]) for line in leg["lines"])
        flows = solution.plan.flows
        assert tonnes == pytest.approx(flows.loc[flows["leg"] == leg["leg"], "t_d"].sum(), abs=0.01)
    delivered = sum(sum(zone["delivered"]) for zone in period["zones"])
    assert delivered == pytest.approx(case.demand["t_d"].sum(), abs=0.01)


def test_unmet_demand_is_marked_on_its_zone() -> None:
    """A zone that gets nothing is unmet, and it alone."""
    case = tiny()
    data = page_data(network_map(case, greedy_solution(case, greedy_plan(case, leave_out="z1"))))
    states = {
        zone["id"]: service["state"] for zone, service in zip(data["zones"], data["periods"][0]["zones"], strict=True)
    }
    assert states.pop("z1") == "unmet"
    assert "unmet" not in states.values()
    assert data["kpi"]["served"] < 1


def test_the_policy_of_the_solution_is_applied() -> None:
    """Demand on the map is that of the effective instance."""
    case, solution, _ = solved(tiny)
    solution = replace(solution, policy=Policy(demand_factor=2.0))
    zones = page_data(network_map(case, solution))["periods"][0]["zones"]
    assert sum(sum(zone["demand"]) for zone in zones) == pytest.approx(2 * case.demand["t_d"].sum())


def test_a_standard_that_is_switched_off_marks_no_zone() -> None:
    """A zone beyond a limit is marked as long as the standard asks for some share, and not when it asks for none."""
    case, solution, _ = solved(tiny)
    tight = {"utc-access": TargetChange(limit=0.5), "in-city": TargetChange(share=0.0)}
    off = {**tight, "utc-access": TargetChange(limit=0.5, share=0.0)}

    def states(targets: dict[str, TargetChange]) -> set[str]:
        html = network_map(case, replace(solution, policy=Policy(targets=targets)))
        return {zone["state"] for zone in page_data(html)["periods"][0]["zones"]}

    assert "beyond" in states(tight) and states(off) == {"within"}


def test_a_run_without_a_plan_shows_the_candidates() -> None:
    """Nothing is open, the status says why, and the candidates' layer is on, which else is off."""
    case = tiny()
    html = network_map(case, unsolved(case))
    data = page_data(html)
    assert not data["solved"] and data["proof"]["status"] == "infeasible" and data["total"] is None
    assert data["periods"][0]["facilities"] == [] and len(data["sites"]) == len(case.sites)
    shown = "feature_group_candidates.addTo("
    assert shown in html and shown not in map_of(tiny)


def test_a_case_without_coordinates_is_laid_out_by_level() -> None:
    """Levels stand in columns from the gateways to the zones, every place in one spot of its own."""
    data = page_data(map_of(unlocated))
    assert data["schematic"] and data["unplaced"] == 0 and data["base"] == {}
    columns = {"gateway": data["gateways"], "zone": data["zones"]}
    columns |= {level: [s for s in data["sites"] if s["level"] == level] for level in ("hub", "utc", "station")}
    xs = [{place["at"][0] for place in columns[name]} for name in ("gateway", "hub", "utc", "station", "zone")]
    assert [len(x) for x in xs] == [1] * 5 and xs == sorted(xs, key=min)
    spots = [tuple(place["at"]) for places in columns.values() for place in places]
    assert len(spots) == len(set(spots))


def test_columns_of_many_places_have_several_side_by_side() -> None:
    """No more rows than a screen shows; every place has a spot of its own, left of the next column, under a title."""
    case = unlocated()
    zones = pd.concat([case.zones.assign(id=case.zones["id"] + f"-{k}") for k in range(40)], ignore_index=True)
    where = layout(case.with_tables(zones=zones.assign(lon=None, lat=None), sites=case.sites.drop(columns="lat")))
    spots = [spot for (kind, _), spot in where.positions.items() if kind == "zone"]
    assert where.schematic and len(set(spots)) == len(spots) == 240
    assert len({y for _, y in spots}) <= MOST_ROWS and len({x for x, _ in spots}) == 5
    stations = [x for (kind, name), (x, _) in where.positions.items() if kind == "site" and name.startswith("s")]
    assert max(stations) < min(x for x, _ in spots)
    assert set(where.headings) == {"gateway", "hub", "utc", "station", "zone"}
    assert min(x for x, _ in spots) <= where.headings["zone"][0] <= max(x for x, _ in spots)


def test_standards_are_told_period_by_period() -> None:
    """Each period has its cost and land, and what a standard reaches and asks for; a target names what it weighs."""
    solution = phased_solution()
    data = page_data(network_map(phased_case(), solution))
    for period in data["periods"]:
        kpi, name = solution.kpi, period["id"]
        assert period["kpi"]["cost"] == kpi[f"cost_cny_year.{name}"]
        assert period["kpi"]["land"] == kpi[f"land_ha.total.{name}"]
        assert period["kpi"]["targets"]["city"] == [kpi[f"target.city.{name}"], kpi[f"target_required.city.{name}"]]
    goods = [item["id"] for item in data["commodities"]]
    city = next(target for target in data["targets"] if target["id"] == "city")
    structure = phased_case().structure
    own = next(target for target in structure.service.targets if target.id == "city")
    assert [goods[k] for k in city["weighs"]] == passing(structure, own) != goods


def test_a_map_is_no_longer_than_its_budget_of_outlines() -> None:
    """Zones keep their outlines however many there are of base layers: each has a budget of its own."""
    case = mapped()
    at = np.linspace(114, 114.5, 50_000)
    ends = np.stack(
        [np.column_stack([at + dx, 22.5 + dy + 0 * at]) for dx, dy in ((0, 0), (2e-5, 2e-2), (4e-5, 0))], axis=1
    )
    rough = gpd.GeoDataFrame({"id": np.arange(len(at))}, geometry=np.asarray(shapely.linestrings(ends)), crs=4326)
    drawn = drawn_geometry({**case.geometry, "roads": rough, "sites": rough})
    before = shapely.get_num_coordinates(case.geometry["zones"].geometry.values)
    assert (shapely.get_num_coordinates(drawn["zones"].geometry.values) == before).all()
    assert "sites" not in drawn


def test_places_without_coordinates_are_counted() -> None:
    """In a case with coordinates, those that lack them are left out and counted."""
    case = tiny()
    sites = case.sites.copy()
    sites.loc[sites["id"] == "s1", ["lon", "lat"]] = float("nan")
    case = case.with_tables(sites=sites)
    data = page_data(network_map(case, greedy_solution(case)))
    assert not data["schematic"] and data["unplaced"] == 1


def test_base_layers_come_from_the_geometry() -> None:
    """Land keeps its hole, districts their names, zones their polygons."""
    data = page_data(map_of(mapped))
    assert list(data["base"]) == ["land", "districts", "water", "roads", "expressways"]
    assert [len(part) for part in data["base"]["land"][0]["parts"]] == [2]
    assert [item["name"] for item in data["base"]["districts"]] == [
        {"en": "West", "zh": "西区"},
        {"en": "East", "zh": "东区"},
    ]
    assert all(zone["parts"] for zone in data["zones"])
    assert data["openstreetmap"]


def test_made_up_rows_are_counted() -> None:
    """The page says how many gateways, sites and zones are synthetic."""
    data = page_data(map_of(tiny))
    assert data["instance"]["synthetic"]
    assert data["synthetic"] == {"gateways": [3, 3], "sites": [11, 11], "zones": [6, 6]}


def test_each_period_has_its_own_network() -> None:
    """Two periods give two sets of facilities, flows and zones."""
    case = two_periods()
    solution = replace(solved(tiny)[1], plan=plan_for_two_periods(case))
    first, second = page_data(network_map(case, solution))["periods"]
    assert (first["id"], second["id"]) == ("2025", "2030")
    assert sum(sum(z["delivered"]) for z in second["zones"]) < sum(sum(z["delivered"]) for z in first["zones"])


def test_flows_keep_modes_and_in_city_goods_apart() -> None:
    """Each line has its mode, and in-city goods between centres are a leg of their own."""
    data = page_data(network_map(phased_case(), phased_solution()))
    assert [mode["kind"] for mode in data["modes"]] == ["truck", "rail"]
    flows = {flow["leg"]: flow for flow in data["periods"][1]["flows"]}
    sites = [site["id"] for site in data["sites"]]
    assert sorted(flows["gateway-hub"]["modes"]) == [0, 1]
    between = {(sites[a], sites[b]): sum(t_d) for a, b, *t_d in flows["utc-utc"]["lines"]}
    assert between == {("u1", "u2"): 1.0, ("u2", "u1"): 3.0}
    assert [period["kpi"]["investment"] for period in data["periods"]] == [2_650_000.0, 2_961_000.0]


def test_the_same_solution_gives_the_same_page() -> None:
    """Nothing in the page is random or of the day."""
    case, solution, _ = solved(mapped)
    assert network_map(case, solution) == map_of(mapped)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_opens_in_the_asked_language(lang: str) -> None:
    """The language is that of the page, and both catalogues are inside."""
    html = map_of(tiny, lang)
    data = page_data(html)
    assert data["lang"] == lang and set(data["texts"]) == {"en", "zh"}
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in html


def test_an_unknown_language_is_refused() -> None:
    """The map is not written in a language that the catalogue lacks."""
    case, solution, report = solved(tiny)
    with pytest.raises(ValueError, match="language"):
        network_map(case, solution, "fr", report=report)


@pytest.mark.parametrize("seed", range(4))
def test_any_case_can_be_drawn(seed: int) -> None:
    """Cases without gateways, targets or some levels make a page too."""
    case = random_case(seed)
    data = page_data(network_map(case, greedy_solution(case)))
    assert len(data["zones"]) == len(case.zones)


def test_an_empty_plan_can_be_drawn() -> None:
    """A plan that opens nothing is a plan: every demand is unmet."""
    case, solution, _ = solved(tiny)
    full = greedy_plan(case)
    empty = Plan(full.facilities.iloc[:0], full.assignments.iloc[:0], full.flows.iloc[:0])
    data = page_data(network_map(case, replace(solution, plan=empty, proof=proof(status="feasible"))))
    assert {zone["state"] for zone in data["periods"][0]["zones"]} == {"unmet"}
    assert data["scales"]["radius"]["steps"] == []
