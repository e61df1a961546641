"""What the report says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hubopt.check import Report, check
from hubopt.instance.policy import Policy
from hubopt.instance.types import Instance
from hubopt.solution.types import Solution
from hubopt.texts import Texts
from hubopt.viz import accounts, movement, report_html, timeline
from hubopt.viz.numbers import Numbers
from tests.cases import random_case, tiny
from tests.check.phased import INVESTMENT, LAND_HA, phased_case
from tests.plans import phased_solution
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
    """Emissions of the legs sum to the checker's emissions of transport, empty running included."""
    assert solution.plan is not None
    rows = movement.carbon(case, solution.plan, report.kpi)
    moved = report.kpi["kgco2e_year.transport"] + report.kpi["kgco2e_year.empty"]
    assert sum(row["kg"] for row in rows) == pytest.approx(moved)
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


@pytest.fixture(scope="module")
def phased() -> tuple[Instance, Solution, Report]:
    case, solution = phased_case(), phased_solution()
    assert solution.plan is not None
    return case, solution, check(case, solution.policy, solution.plan)


def test_each_period_tells_what_is_built_then(phased: tuple[Instance, Solution, Report]) -> None:
    """Openings, changes, investment and land by period are those worked out on paper; a closing counts once."""
    case, _, report = phased
    rows = timeline.periods(case, report)
    assert [[row[name] for name in ("opened", "expanded", "upgraded", "closed")] for row in rows] == [
        [3, 0, 0, 0],
        [0, 3, 1, 1],
    ]
    assert [row["invested"] for row in rows] == pytest.approx(list(INVESTMENT))
    assert [row["land"] for row in rows] == pytest.approx(list(LAND_HA))


def test_waiting_is_shown_undiscounted_and_discounted(phased: tuple[Instance, Solution, Report]) -> None:
    """A yuan of the second period counts by its weight per year against the first; sums follow."""
    case, _, report = phased
    rows = timeline.periods(case, report)
    factor = (0.4 / 3) / (0.6 / 2)
    assert [row["factor"] for row in rows] == pytest.approx([1.0, factor])
    sums = timeline.waiting(rows)
    assert sums["invested"] == pytest.approx(sum(INVESTMENT))
    assert sums["invested_now"] == pytest.approx(INVESTMENT[0] + factor * INVESTMENT[1])
    assert sums["spent_now"] == pytest.approx(2 / 0.6 * sum(report.cost.values()))


def test_what_stands_today_is_followed_to_the_last_period(phased: tuple[Instance, Solution, Report]) -> None:
    """One centre is upgraded, the other closed, against today."""
    case, _, report = phased
    assert [row["action"] for row in accounts.stock(case, report)] == ["upgrade", "close"]


def test_outages_name_what_takes_over(phased: tuple[Instance, Solution, Report]) -> None:
    """The worst outage comes first with its share, and the hubs or gateways that carry more then."""
    case, solution, report = phased
    assert solution.plan is not None
    rows = movement.outages(case, solution.policy, solution.plan)
    assert rows[0]["share"] == pytest.approx(report.kpi["resilience.worst_share"])
    named = {row["name"]["en"]: [(name["en"], t_d) for name, t_d in row["takers"]] for row in rows}
    assert named == {
        "h1": [("h2", 8.0)],
        "h2": [("h1", 8.0)],
        "g1": [("g2", 8.0)],
        "g2": [("g1", 8.0)],
    }


def test_in_city_goods_and_modes_add_up(phased: tuple[Instance, Solution, Report]) -> None:
    """Exchange is split into what stays in a facility and what travels; modes make up all tonne-km."""
    case, solution, report = phased
    assert solution.plan is not None
    (goods,) = movement.exchanges(case, solution.plan)
    assert (goods["total"], goods["inside"], goods["between"]) == pytest.approx((8.0, 4.0, 4.0))
    modes = {row["name"]["en"]: row["t_km"] for row in movement.modes(case, solution.plan)}
    assert modes == pytest.approx({"TRUCK": 604.0, "RAIL": 240.0})
    legs = movement.carbon(case, solution.plan, timeline.in_period(case, report.kpi, "q"))
    assert sum(row["kg"] for row in legs) == pytest.approx(6520.0 + 2650.0)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            ("What is built when", "The cost of waiting", "In-city goods", "What takes over", "q: Upgraded"),
        ),
        ("zh", ("分期建设安排", "推迟建设的代价与收益", "同城货物", "接替者", "q：改造升级")),
    ],
)
def test_a_plan_over_periods_is_told_in_both_languages(
    phased: tuple[Instance, Solution, Report], lang: str, words: tuple[str, ...]
) -> None:
    """Phases, waiting, exchange, modes and outages have their tables, standards a column per period."""
    said = pages(report_html(*phased))[lang]
    assert not [word for word in words if word not in said]
    assert said.count("90.91%") >= 2


def test_one_period_has_no_table_of_periods() -> None:
    """What only several periods need is not in a report on one."""
    said = pages(report_of(tiny))["en"]
    assert "What is built when" not in said and "The cost of waiting" not in said
