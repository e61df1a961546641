"""What the report says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hubopt.check import Report, check
from hubopt.instance.policy import Policy
from hubopt.instance.types import Instance
from hubopt.solution.types import Solution
from hubopt.viz import accounts, report_html
from hubopt.viz.numbers import Numbers
from hubopt.viz.texts import Texts
from tests.cases import random_case, tiny
from tests.viz.cases import mapped, plan_for_two_periods, two_periods, unlocated
from tests.viz.greedy import greedy_plan, greedy_solution, report_of, solved, unsolved
from tests.viz.pages import seen


def written(case: Instance, solution: Solution, lang: str = "en") -> str:
    assert solution.plan is not None
    return report_html(case, solution, check(case, solution.policy, solution.plan), lang)


def pages(html: str) -> dict[str, str]:
    """Texts of the two pages by language, tags taken out."""
    parts = re.split(r'<div class="page" lang="', html)[1:]
    return {part[:2]: " ".join(" ".join(seen(part[part.index(">") + 1 :]).texts).split()) for part in parts}


@pytest.fixture(scope="module")
def case() -> Instance:
    return solved(tiny)[0]


@pytest.fixture(scope="module")
def solution() -> Solution:
    return solved(tiny)[1]


@pytest.fixture(scope="module")
def report() -> Report:
    return solved(tiny)[2]


def test_the_report_shows_the_checkers_figures(solution: Solution, report: Report) -> None:
    """Total cost, land and the share served are those of the checker, in both languages."""
    texts = pages(report_of(tiny))
    for lang, said in texts.items():
        numbers = Numbers(Texts(lang))
        assert numbers.money(sum(report.cost.values())) in said
        assert numbers.unit("ha", report.kpi["land_ha.total"]) in said
        assert numbers.percent(report.kpi["served_share"], 2) in said
        assert numbers.percent(solution.proof.gap, 3) in said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_one_language_shows_at_a_time(lang: str) -> None:
    """The asked page is shown, the other is hidden behind the button."""
    html = report_of(tiny, lang)
    shown = re.findall(r'<div class="page" lang="([a-zA-Z-]+)" data-title="[^"]*">', html)
    hidden = re.findall(r'<div class="page" lang="([a-zA-Z-]+)" data-title="[^"]*" hidden>', html)
    assert [name[:2] for name in shown] == [lang] and len(hidden) == 1


def test_a_broken_plan_is_not_praised() -> None:
    """With findings the report says not to use the network, lists them and claims no gap."""
    said = pages(report_of(tiny))["en"]
    assert "do not use this network" in said and "gateway_shares" in said
    assert "can be cheaper by more than" not in said


def test_a_sound_plan_is_confirmed(case: Instance, solution: Solution, report: Report) -> None:
    """Without findings the report says so and gives the checker's objective."""
    said = pages(report_html(case, solution, replace(report, findings=())))
    assert "every requirement holds" in said["en"] and "can be cheaper by more than 0.9%" in said["en"]
    assert "各项要求均满足" in said["zh"]


def test_a_run_without_a_plan_is_reported(case: Instance) -> None:
    """Status, requirements and parameters are there; tables of the network are not."""
    said = pages(report_html(case, unsolved(case), None))["en"]
    assert "Infeasible" in said and "without a network" in said and "Transfer centre within 5 km" in said
    assert "Where the money goes" not in said


def test_unmet_demand_is_in_the_headline(case: Instance) -> None:
    """The penalty is shown apart from the money that is spent."""
    said = pages(written(case, greedy_solution(case, greedy_plan(case, leave_out="z1"))))["en"]
    assert "penalty for unmet demand" in said


def test_assumptions_are_marked(case: Instance) -> None:
    """Each parameter is listed, those without a source marked."""
    html = report_of(tiny)
    assert html.count('<tr class="assumption">') == 2 * len(case.parameters)
    assert "60 to 200" in pages(html)["en"]


def test_every_place_of_land_has_a_row(case: Instance, report: Report) -> None:
    """Districts, parcels and the total come with what they use and what they may."""
    rows = accounts.land(case, report)
    assert [(row["scope"], row["id"]) for row in rows] == [
        ("district", "East"), ("district", "West"), ("parcel", "depot"), ("total", "total"),
    ]  # fmt: skip
    assert rows[-1]["used"] == pytest.approx(rows[0]["used"] + rows[1]["used"])


def test_carbon_by_leg_adds_up_to_the_indicator(case: Instance, solution: Solution, report: Report) -> None:
    """Emissions of the legs sum to the checker's emissions of transport."""
    assert solution.plan is not None
    rows = accounts.carbon(case, solution.plan)
    assert sum(row["kg"] for row in rows) == pytest.approx(report.kpi["kgco2e_year.transport"])
    assert [row["leg"] for row in rows] == ["gateway-hub", "hub-utc", "utc-station", "utc-zone", "station-zone"]


def test_gateways_and_commodities_add_up(case: Instance, solution: Solution) -> None:
    """Gateway use sums to what the gateway legs carry; commodities to demand."""
    assert solution.plan is not None
    used = sum(row["used"] for row in accounts.gateways(case, solution.plan))
    flows = solution.plan.flows
    assert used == pytest.approx(flows.loc[flows["leg"] == "gateway-hub", "t_d"].sum())
    rows = accounts.commodities(case, solution.plan)
    assert sum(row["delivered"] for row in rows) == pytest.approx(case.demand["t_d"].sum())
    assert all(row["delivered"] == 0 for row in accounts.commodities(case, None))


def test_existing_facilities_are_followed(case: Instance) -> None:
    """What stands today is listed with what becomes of it, closed ones too."""
    for shares, action in (({"hub": 1.0, "utc": 1.0, "station": 1.0}, "keep"), ({"hub": 1.0, "station": 1.0}, "close")):
        plan = greedy_plan(case, shares)
        rows = accounts.stock(case, check(case, Policy(), plan))
        assert [row["action"] for row in rows] == [action]


@pytest.mark.parametrize("seed", range(3))
def test_any_case_can_be_reported(seed: int) -> None:
    """Cases without gateways, targets, land limits or existing facilities make a report too."""
    case = random_case(seed)
    assert "</html>" in written(case, greedy_solution(case))


def test_a_case_without_coordinates_can_be_reported() -> None:
    """An imported benchmark has a report; nothing in it credits a map that is not there."""
    assert "OpenStreetMap" not in pages(report_of(unlocated))["en"]


def test_districts_have_their_chinese_names() -> None:
    """Where the base map names the districts, the Chinese report does too."""
    texts = pages(report_of(mapped))
    assert "西区" in texts["zh"] and "西区" not in texts["en"]


def test_the_last_period_is_named() -> None:
    """With several periods the report says which one the tables show."""
    case = two_periods()
    solution = replace(solved(tiny)[1], plan=plan_for_two_periods(case))
    assert "Tables show period 2030" in pages(written(case, solution))["en"]


def test_the_same_solution_gives_the_same_report(case: Instance, solution: Solution) -> None:
    """Nothing in the report is random or of the day."""
    assert written(case, solution) == report_of(tiny)
