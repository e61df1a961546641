"""What the review map is made of: candidates with status, judgement, limits and prices, safe in one file."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hubopt.instance import InputError, Policy, apply
from hubopt.instance.criteria import CRITERIA, read_criteria
from hubopt.solution.site_prices import SITE_PRICES, read_site_prices
from hubopt.texts import LANGUAGES
from hubopt.viz import review_limits as limits
from hubopt.viz.review import review_map
from hubopt.viz.review_sites import STATUSES, status
from tests.check.phased import phased_case
from tests.plans import no_solution, phased_solution
from tests.viz.cases import unlocated
from tests.viz.greedy import greedy_solution
from tests.viz.review_cases import OUT, attacked, criteria, prices_of, reviewed


def page_of(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="network">(.*?)</script>', html, flags=re.DOTALL)
    assert found is not None
    content: dict[str, Any] = json.loads(found.group(1))
    return content


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    case, solution = reviewed()
    return page_of(review_map(case, solution, criteria=criteria(case), prices=prices_of(solution)))


def site(page: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in page["sites"] if item["id"] == name)


def test_every_candidate_is_there(page: dict[str, Any]) -> None:
    """All sites of the instance in their order, then what the build ruled out, each with a known status."""
    case, _ = reviewed()
    assert [item["id"] for item in page["sites"]] == [*case.sites["id"], OUT]
    assert {item["status"] for item in page["sites"]} <= set(STATUSES)
    assert site(page, OUT)["status"] == "excluded" and site(page, OUT)["judged"]["codes"] == ["water", "too small"]
    assert site(page, OUT)["judged"]["why"] == {"en": "lies in water", "zh": "位于水域"}


def test_statuses_agree_with_the_plan(page: dict[str, Any]) -> None:
    """A site is open on the map where the plan has it open, and its figures are those of the plan."""
    case, solution = reviewed()
    assert solution.plan is not None
    rows = solution.plan.facilities.set_index("site")
    for item in page["sites"][: len(case.sites)]:
        if item["id"] in rows.index:
            row = rows.loc[item["id"]]
            assert item["status"] == row["action"]
            assert item["course"][0]["throughput"] == pytest.approx(row["throughput_t_d"], abs=0.1)
            yearly = sum(row[name] for name in rows.columns if name.endswith("_cny_year"))
            assert item["course"][0]["cost"] == pytest.approx(yearly, abs=1)
        else:
            assert item["status"] == "not-chosen" and "course" not in item


@pytest.mark.parametrize(
    ("today", "course", "says"),
    [
        (None, [], "not-chosen"),
        (None, [("new", "d", 2)], "new"),
        (None, [("new", "d", 2), ("expand", "d", 3)], "new"),
        ("d", [("keep", "d", 2), ("keep", "d", 2)], "keep"),
        ("d", [("expand", "d", 3), ("keep", "d", 3)], "expand"),
        ("d", [("upgrade", "e", 2), ("keep", "e", 2)], "upgrade"),
        ("d", [("keep", "d", 2), ("close", "d", 0)], "close"),
    ],
)
def test_the_status_is_from_today_to_the_end(today: str | None, course: list[tuple[str, str, int]], says: str) -> None:
    """What the last period keeps may have been built or changed before: the status tells of that."""
    stands = None if today is None else {"design": today, "modules": 2}
    rows = [{"action": action, "design": design, "modules": modules} for action, design, modules in course]
    assert status(stands, rows) == says


def test_land_rows_are_those_of_the_plan() -> None:
    """Use of each land limit adds up over its sites; a limit that is reached binds, and every site knows its rows."""
    case, solution = reviewed()
    assert solution.plan is not None
    used = solution.plan.facilities["land_ha"].sum()
    land = case.land.iloc[[0]].assign(scope="total", id="total", limit_ha=used)
    tight = case.with_tables(land=land)
    (row,) = limits.land_rows(tight, solution.plan, prices_of(solution))
    assert row["binding"] and row["used"] == pytest.approx(used, abs=0.01) and row["left"] == 0 and row["price"] == 5e5
    (loose,) = limits.land_rows(case.with_tables(land=land.assign(limit_ha=2 * used)), solution.plan, None)
    assert not loose["binding"] and loose["left"] == pytest.approx(used) and loose["price"] is None
    assert limits.rows_by_site(tight) == [[0]] * len(case.sites)
    west = case.with_tables(land=land.assign(scope="district", id=case.sites["district"].iloc[0]))
    inside = (case.sites["district"] == case.sites["district"].iloc[0]).tolist()
    assert [bool(rows) for rows in limits.rows_by_site(west)] == inside and not all(inside)


def test_the_smallest_facility_is_that_of_its_designs() -> None:
    """The land that a site needs at least is that of its smallest design at the floor area ratio allowed there."""
    case, _ = reviewed()
    designs = [item for item in case.structure.designs if "hub" in item.levels]
    sites = case.sites.assign(max_far=0.5, designs="")
    found = limits.least_land(case.with_tables(sites=sites))
    first = list(case.sites["level"]).index("hub")
    needs = [d.min_modules * d.module_gfa_m2 / min(d.floor_area_ratio, 0.5) / 1e4 for d in designs]
    assert found[first] == pytest.approx(min(needs), abs=1e-3)
    assert limits.least_land(case.with_tables(sites=sites.assign(designs="none-such")))[first] is None


def test_the_nearest_open_site_is_named() -> None:
    """Of the open sites of the same level the nearest other one, with its straight distance."""
    case, solution = reviewed()
    assert solution.plan is not None
    open_sites = set(solution.plan.facilities["site"])
    at = case.sites.set_index("id")
    for row, near in zip(case.sites.itertuples(), limits.neighbours(case, solution.plan), strict=True):
        others = [s for s in open_sites if s != row.id and at.loc[s, "level"] == row.level]
        assert (near is None) == (not others)
        if near is not None:
            name = case.sites["id"].iloc[near["site"]]
            assert name in others and near["km"] > 0
            squares = {s: (at.loc[s, "lon"] - row.lon) ** 2 * 0.853 + (at.loc[s, "lat"] - row.lat) ** 2 for s in others}
            assert squares[name] == pytest.approx(min(squares.values()), rel=1e-3)


def test_full_counts_are_told() -> None:
    """A level or hub type with as many open sites as allowed is full."""
    case, solution = reviewed()
    policy = Policy.model_validate({"levels": {"hub": {"max_open": 1}, "station": {"max_open": 9}}})
    found = limits.counts(apply(case, policy), solution.plan)
    by_level = {row["id"]: row for row in found["levels"]}
    assert solution.plan is not None
    hubs = int((solution.plan.facilities["level"] == "hub").sum())
    assert by_level["hub"] == {"id": "hub", "most": 1, "open": hubs, "full": True}
    assert not by_level["station"]["full"]


def test_prices_and_forced_sites_are_passed_on(page: dict[str, Any]) -> None:
    """Each site carries its own prices; a policy's forced sites say who forces them."""
    assert page["priced"] and [price["kind"] for price in site(page, "h-port")["prices"]] == ["re-solve"]
    assert "prices" not in site(page, "u-east")
    case, solution = reviewed()
    forced = replace(solution, policy=Policy(force_closed=("u-east",)))
    content = page_of(review_map(case, forced))
    assert site(content, "u-east")["forced"] == {"how": "closed", "by": "policy"}
    assert not content["priced"] and not content["judged"]


def test_mapped_land_is_drawn(page: dict[str, Any]) -> None:
    """Candidates with an outline carry it, those that are out too; the others do not."""
    assert len(site(page, "h-north")["shape"]) == 1 and "shape" in site(page, OUT) and "shape" not in site(page, "s1")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_file_asks_for_nothing(lang: str) -> None:
    """No address of another host but in texts and links, no script or style from outside, in either language."""
    case, solution = reviewed()
    html = review_map(case, solution, lang, criteria=criteria(case))
    assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)=", html)
    assert "default-src 'none'" in html and f'lang="{"zh-CN" if lang == "zh" else "en"}"' in html


def test_attacks_stay_text() -> None:
    """Names, sources, kinds and reasons that attack cannot leave the data of the page."""
    case, solution, judged = attacked()
    html = review_map(case, solution, criteria=judged)
    assert "<script>window.hacked" not in html and "<img src=x" not in html and "<!--hubopt:" not in html
    assert "49" not in [item["name"]["en"] for item in page_of(html)["sites"]]


def test_cases_without_plan_places_or_one_period_are_drawn() -> None:
    """A run without a plan, a case without coordinates and a plan in phases give a page."""
    case, _ = reviewed()
    content = page_of(review_map(case, no_solution("infeasible"), criteria=criteria(case)))
    assert not content["solved"] and {item.get("status") for item in content["sites"]} == {None, "excluded"}
    nowhere = unlocated()
    assert page_of(review_map(nowhere, greedy_solution(nowhere)))["schematic"]
    phases = page_of(review_map(phased_case(), phased_solution()))
    assert len(phases["periods"]) > 1 and any(len(item.get("course", ())) > 1 for item in phases["sites"])


def test_an_unknown_language_is_refused() -> None:
    """As on every page."""
    case, solution = reviewed()
    with pytest.raises(ValueError, match="language"):
        review_map(case, solution, "fr")


def test_judgements_are_read_and_checked(tmp_path: Path) -> None:
    """The table of judgements comes back typed; without it there is none; a damaged one is named."""
    case, _ = reviewed()
    assert read_criteria(tmp_path) is None
    criteria(case).to_csv(tmp_path / CRITERIA, index=False)
    table = read_criteria(tmp_path)
    assert table is not None and int((~table["in"]).sum()) == 1 and table["expressway_points"].dtype == float
    (tmp_path / CRITERIA).write_text("candidate,sites\na,b\n", encoding="utf-8")
    with pytest.raises(InputError, match="lacks the columns in, lon, lat"):
        read_criteria(tmp_path)
    (tmp_path / CRITERIA).write_bytes(b'candidate,"\xff')
    with pytest.raises(InputError, match="not in UTF-8"):
        read_criteria(tmp_path)
    (tmp_path / CRITERIA).write_text('candidate,sites\n"a,b\n', encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        read_criteria(tmp_path)


def test_prices_belong_to_their_result(tmp_path: Path) -> None:
    """Prices come back as written; those of another result, and a damaged file, are refused."""
    _, solution = reviewed()
    assert read_site_prices(tmp_path, solution) is None
    prices = prices_of(solution)
    (tmp_path / SITE_PRICES).write_text(prices.text(), encoding="utf-8")
    assert read_site_prices(tmp_path, solution) == prices
    objective = solution.proof.objective
    assert objective is not None
    other = replace(solution, proof=replace(solution.proof, objective=1.1 * objective))
    with pytest.raises(InputError, match="another result"):
        read_site_prices(tmp_path, other)
    (tmp_path / SITE_PRICES).write_text('{"format": 1}', encoding="utf-8")
    with pytest.raises(InputError, match="Field required"):
        read_site_prices(tmp_path, solution)
