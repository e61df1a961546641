"""What the comparison map says about two results, and that it asks for nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest

from hubopt.instance import InputError
from hubopt.instance.policy import Policy
from hubopt.instance.types import Instance, Period
from hubopt.solution.types import Plan
from hubopt.viz import comparison_changes as changes
from hubopt.viz.comparison import Side, comparison, comparison_map, period_pairs
from hubopt.viz.comparison_places import joint
from tests.cases import tiny
from tests.viz.cases import hostile, mapped, plan_for_two_periods, two_periods, unlocated
from tests.viz.greedy import greedy_plan, greedy_solution, solved, unsolved
from tests.viz.pages import seen, unpacked

BASE = ("base", "base")


@cache
def plan() -> Plan:
    return greedy_plan(tiny())


def with_facilities(own: Plan, rows: pd.DataFrame) -> Plan:
    return Plan(rows, own.assignments, own.flows)


def side(maker: Callable[[], Instance], name: str = "A") -> Side:
    """The greedy result of a case with the checker's report, made once."""
    return Side(name, *solved(maker))


def other(case: Instance, own: Plan, name: str = "B") -> Side:
    return Side(name, case, greedy_solution(case, own))


def record(html: str) -> dict[str, Any]:
    """The record that a comparison page carries."""
    found = re.search(r'<script type="application/json" id="network">(.*?)</script>', html, re.DOTALL)
    assert found
    data: dict[str, Any] = json.loads(found.group(1))
    return data


def test_a_plan_does_not_differ_from_itself() -> None:
    """No site, source, load or service changes."""
    period = tiny().structure.periods[0].id
    both = plan(), plan(), (period, period)
    assert changes.site_changes(*both) == changes.reassigned(*both) == changes.flow_changes(*both) == []
    assert changes.service_changes({"z1": "within"}, {"z1": "within"}) == []


def test_each_change_of_a_site_is_told() -> None:
    """Opened, closed, redesigned, grown and shrunk, each with the floor area that comes or goes; the rest is silent."""
    period = tiny().structure.periods[0].id
    before = plan().facilities.set_index("site", drop=False)
    after = before.copy()
    first, second, third, fourth = list(before.index[:4])
    areas = before["gfa_m2"]
    after.loc[first, "modules"] = 0
    after.loc[second, "gfa_m2"] = areas[second] + 500
    after.loc[third, "gfa_m2"] = areas[third] - 250
    after.loc[fourth, "design"] = "another"
    found = changes.site_changes(plan(), with_facilities(plan(), after.reset_index(drop=True)), (period, period))
    told = {row["site"]: (row["change"], row["gfa"]) for row in found}
    expected = {
        first: ("closed", -round(areas[first])),
        second: ("grown", 500),
        third: ("shrunk", -250),
        fourth: ("redesigned", 0),
    }
    assert told == expected
    back = changes.site_changes(with_facilities(plan(), after.reset_index(drop=True)), plan(), (period, period))
    assert {row["site"]: row["change"] for row in back}[first] == "opened"
    assert [row["change"] for row in found] == sorted((row["change"] for row in found), key=changes.SITE_CHANGES.index)


def flows(rows: list[tuple[str, str, str, float]]) -> Plan:
    """A plan of nothing but flows: leg, origin, destination, t/d."""
    table = pd.DataFrame(rows, columns=["leg", "origin", "destination", "t_d"])
    own = plan()
    return Plan(own.facilities.iloc[:0], own.assignments.iloc[:0], table.assign(period="base", mode="m", commodity="k"))


def test_a_place_is_reassigned_when_its_main_source_is_another() -> None:
    """A smaller share from elsewhere changes nothing; what is served in one plan only is not reassigned."""
    before = flows([("station-zone", "s1", "z1", 5), ("station-zone", "s1", "z2", 5), ("utc-station", "u1", "s1", 9)])
    after = flows(
        [
            ("station-zone", "s1", "z1", 2), ("station-zone", "s2", "z1", 3), ("station-zone", "s1", "z2", 3),
            ("station-zone", "s2", "z2", 2), ("utc-station", "u2", "s1", 9), ("utc-station", "u2", "s2", 4),
        ]
    )  # fmt: skip
    found = changes.reassigned(before, after, BASE)
    assert found == [
        {"leg": "utc-station", "place": "s1", "before": "u1", "after": "u2", "t_d": 9.0},
        {"leg": "station-zone", "place": "z1", "before": "s1", "after": "s2", "t_d": 3.0},
    ]


def test_loads_that_differ_are_told_above_the_zones() -> None:
    """A link in one plan only carries nothing in the other; links into zones are left to the reassignments."""
    before = flows([("hub-utc", "h1", "u1", 10), ("hub-utc", "h1", "u2", 4), ("station-zone", "s1", "z1", 5)])
    after = flows([("hub-utc", "h1", "u1", 12), ("hub-utc", "h2", "u2", 4), ("station-zone", "s2", "z1", 5)])
    found = {(row["origin"], row["destination"]): (row["before"], row["after"]) for row in
             changes.flow_changes(before, after, BASE)}  # fmt: skip
    assert found == {("h1", "u1"): (10, 12), ("h1", "u2"): (4, 0), ("h2", "u2"): (0, 4)}


def test_service_gets_better_or_worse() -> None:
    """Within is better than beyond, and beyond than unmet; zones without demand are not judged."""
    found = changes.service_changes(
        {"a": "unmet", "b": "within", "c": "none", "d": "beyond"},
        {"a": "beyond", "b": "unmet", "c": "within", "d": "beyond"},
    )
    assert [(row["zone"], row["better"]) for row in found] == [("a", True), ("b", False)]


def test_places_of_variants_are_taken_together() -> None:
    """A site that one variant lacks and a zone that has moved are counted; both see the same places."""
    first = tiny()
    zones = first.zones.copy()
    zones.loc[zones["id"] == "z1", "lon"] += 0.05
    second = first.with_tables(sites=first.sites[first.sites["id"] != "s1"], zones=zones)
    over = joint(first, second)
    assert list(over.first.sites["id"]) == list(over.second.sites["id"]) == list(first.sites["id"])
    assert over.only_first == {"gateways": 0, "sites": 1, "zones": 0}
    assert over.only_second == {"gateways": 0, "sites": 0, "zones": 0}
    assert over.moved == {"gateways": 0, "sites": 0, "zones": 1}
    back = joint(second, first)
    assert back.only_second["sites"] == 1 and set(back.first.sites["id"]) == set(first.sites["id"])


def test_results_of_other_places_are_refused() -> None:
    """Two instances whose zones are not the same places cannot be laid over each other."""
    case = tiny()
    far = case.with_tables(zones=case.zones.assign(lat=case.zones["lat"] + 1))
    with pytest.raises(InputError, match="only 0 of 6 zones are the same places"):
        joint(case, far)
    renamed = case.with_tables(zones=case.zones.assign(id="x-" + case.zones["id"]))
    with pytest.raises(InputError, match="only 0 of 6 zones"):
        joint(case, renamed)


def test_a_result_without_a_plan_is_refused() -> None:
    """The message names the result and how its run ended."""
    case = tiny()
    with pytest.raises(InputError, match="holds no plan"):
        comparison(side(tiny), Side("B", case, unsolved(case)))


def test_periods_are_paired_by_their_name() -> None:
    """Common periods are set against each other; without any, the last ones; what is left over is counted."""
    case, longer = tiny(), two_periods()
    assert period_pairs(joint(case, longer)) == ([(longer.structure.periods[0].id,) * 2], 1)
    other = replace(case, structure=case.structure.model_copy(update={"periods": (Period(id="2040"),)}))
    assert period_pairs(joint(longer, other)) == ([("2030", "2040")], 1)
    twice = Side("A", longer, greedy_solution(longer, plan_for_two_periods(longer)))
    page = comparison(twice, twice)
    assert [pair["period"] for pair in page["pairs"]] == ["2025", "2030"] and len(page["periods"]) == 4


def test_the_page_tells_what_one_result_has_more() -> None:
    """Closed sites, reassigned zones and the figures of both sides, those of each under its own policy."""
    case = mapped()
    fewer = greedy_plan(case, {"hub": 1.0, "utc": 0.5, "station": 0.5})
    second = replace(greedy_solution(case, fewer), policy=Policy(name_en="Fewer", name_zh="少建"))
    page = comparison(side(mapped), Side("B", case, second))
    both = [set(own.facilities.loc[own.facilities["modules"] > 0, "site"]) for own in (greedy_plan(case), fewer)]
    closed = {row["site"] for row in page["pairs"][0]["sites"] if row["change"] == "closed"}
    assert closed == both[0] - both[1] and closed
    moved = {row["place"] for row in page["pairs"][0]["reassigned"]}
    assert moved & set(case.zones["id"])
    figures = {row.get("key") or row["name"]["en"]: row["values"] for row in page["figures"][0]}
    stations = [sum(site.startswith("s") for site in sites) for sites in both]
    assert figures["levels.station"] == stations
    assert figures["map.cost"][1] == pytest.approx(sum(second.cost.values()))
    assert page["sides"][1]["policy"] == {"en": "Fewer", "zh": "少建"}
    assert page["unmatched"] == {"onlyFirst": {}, "onlySecond": {}, "moved": {}, "periods": 0, "instance": False}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_is_one_file_in_both_languages(lang: str) -> None:
    """It opens in the asked language, holds both, and loads nothing."""
    case = mapped()
    html = comparison_map(side(mapped), side(mapped, "B"), lang)
    assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in html
    data = record(html)
    assert data["lang"] == lang and set(data["texts"]) == {"en", "zh"}
    assert seen(html).loads == [] and seen(html).handlers == []
    assert len(unpacked(data["zones"])) == len(case.zones)
    assert html == comparison_map(side(mapped), side(mapped, "B"), lang)


def test_hostile_names_stay_texts() -> None:
    """Attacks in names of places and of the results add no element and no handler."""
    html = comparison_map(side(hostile, "</script><script>window.hacked = 1</script>"), side(hostile, "<img src=x>"))
    plain = seen(comparison_map(side(mapped), side(mapped, "B")))
    attacked = seen(html)
    assert attacked.loads == [] and attacked.handlers == []
    assert attacked.tags.count("script") == plain.tags.count("script") and attacked.tags.count("img") == 0


def test_cases_without_coordinates_can_be_compared() -> None:
    """Both results stand in the same schematic columns."""
    page = comparison(side(unlocated), other(unlocated(), greedy_plan(unlocated(), leave_out="z1")))
    assert page["schematic"] and all(site["at"] for site in page["sites"])
    assert [row["zone"] for row in page["pairs"][0]["service"] if not row["better"]] == ["z1"]
