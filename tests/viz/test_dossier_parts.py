"""Sheets, maps, decisions, prices and explanations: what the report and the dossier are made of."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from hubopt.check import check
from hubopt.instance.errors import InputError
from hubopt.instance.policy import COST_PARTS, Policy
from hubopt.solution.site_prices import SitePrice, SitePrices
from hubopt.viz.decided import Reference, decisions, difference
from hubopt.viz.dossier_maps import NETWORK, subject_maps, subject_sheets
from hubopt.viz.dossier_sections import price_lines
from hubopt.viz.dossier_sheets import Prices, without
from hubopt.viz.explained import Alternative, Alternatives, Explained, read_explained
from hubopt.viz.report import report_page
from hubopt.viz.subject import Subject
from hubopt.viz.wording import Wording
from tests.cases import tiny
from tests.check.phased import phased_case
from tests.plans import phased_solution, tiny_solution
from tests.viz.cases import mapped
from tests.viz.greedy import greedy_plan, greedy_solution, solved
from tests.viz.pages import seen


@pytest.fixture(scope="module")
def phased() -> Subject:
    case, solution = phased_case(), phased_solution()
    assert solution.plan is not None
    return Subject(case, solution, check(case, solution.policy, solution.plan))


def test_a_sheet_tells_what_goes_in_and_out(phased: Subject) -> None:
    """Links, goods, costs and periods of the upgraded centre are those of the plan worked out on paper."""
    sheets = {sheet["site"]: sheet for sheet in subject_sheets(phased)}
    assert list(sheets) == ["h1", "h2", "u1", "u2"]
    centre = sheets["u1"]
    (source,), (taker,) = centre["sources"], centre["takers"]
    assert (source["leg"], source["count"], source["t_d"], source["km"]) == ("hub-utc", 1, 12.0, 10.0)
    assert (taker["leg"], taker["ends"], taker["amounts"]) == ("utc-zone", ["z1"], [18.0])
    assert centre["catchment"]["zones"] == ["z1"] and sheets["h1"]["catchment"]["centres"] == 1
    assert [(row["period"], row["action"]) for row in centre["periods"]] == [("p", "keep"), ("q", "upgrade")]
    assert centre["investment"] == 560_000.0 - 400_000.0 + 400_000.0
    assert centre["total"] == pytest.approx(sum(centre["cost"].values()))


def test_costs_of_the_sheets_are_the_checkers() -> None:
    """Capital, land, running, handling of all sheets and stations add up to the facilities' cost."""
    subject = Subject(*solved(tiny))
    assert subject.report is not None
    rows = subject.report.facilities
    for sheet in subject_sheets(subject):
        own = rows[rows["site"] == sheet["site"]].iloc[-1]
        assert sheet["cost"]["land"] == own["land_cny_year"] and sheet["throughput"] == own["throughput_t_d"]


def test_maps_show_parcels_where_the_data_have_them() -> None:
    """An outline makes a map of its own and is drawn in red on the other; drawings hold numbers only."""
    case = mapped()
    hub = case.sites[case.sites["id"] == "h-north"].iloc[0]
    parcel = box(hub["lon"], hub["lat"], hub["lon"] + 0.003, hub["lat"] + 0.002)
    layer = gpd.GeoDataFrame({"id": [hub["id"]]}, geometry=[parcel], crs=4326)
    case = replace(case, geometry={**case.geometry, "sites": layer})
    subject = Subject(case, *solved(mapped)[1:])
    drawn = subject_maps(subject)
    assert NETWORK in drawn and f"parcel-{hub['id']}.svg" in drawn
    assert "#b3122b" in drawn[f"site-{hub['id']}.svg"].inner
    for drawing in drawn.values():
        assert drawing.bar_km > 0 and re.fullmatch(r"[15]0*|2[05]?0*|0\.\d+", f"{drawing.bar_km:g}")
        assert not re.search(r">[^<]+<", drawing.svg)
        width, height = map(float, drawing.view.split()[2:])
        assert width > height > 0


def test_decisions_beforehand_are_listed() -> None:
    """Sites that the policy forces are told with whether they stand; switched off, nothing was decided."""
    case = tiny()
    plan = greedy_plan(case, {"hub": 0.5, "utc": 1.0, "station": 1.0})
    standing, left = "h-north", next(site for site in case.sites["id"] if site not in set(plan.facilities["site"]))
    policy = Policy(force_open=(standing,), force_closed=(left,))
    solution = replace(greedy_solution(case, plan), policy=policy)
    rows = {row["site"]: (row["forced"], row["by"], row["stands"]) for row in decisions(case, solution)}
    assert rows[left] == ("closed", "policy", False) and rows[standing][:2] == ("open", "policy")
    assert decisions(case, replace(solution, policy=Policy(off=("forced_sites",)))) == []


def test_the_price_against_a_reference_is_by_part() -> None:
    """Differences add up to the price; the interval comes from both bounds; sites that differ are named."""
    case = tiny()
    reference = greedy_solution(case)
    here = greedy_solution(case, greedy_plan(case, {"hub": 0.5, "utc": 1.0, "station": 1.0}))
    found = difference(case, here, Reference("free", reference), here.cost)
    assert [row["part"] for row in found["rows"]] == list(COST_PARTS)
    assert found["price"] == pytest.approx(sum(here.cost.values()) - sum(reference.cost.values()))
    mine, its = here.proof, reference.proof
    assert None not in (mine.objective, mine.bound, its.objective, its.bound)
    assert (found["least"], found["most"]) == (mine.bound - its.objective, mine.objective - its.bound)  # type: ignore[operator]
    assert [site["level"] for site in found["closed"]] == ["hub"] and not found["opened"]
    words = Wording.of(case, "en")
    lines = price_lines(found, words)
    assert "free" in lines[0] and any(line.startswith("Only in the reference") for line in lines)


def test_no_interval_is_claimed_where_none_is_proven() -> None:
    """Without a bound, or with other weights, the price is a difference of two plans and no more."""
    case, here = tiny(), tiny_solution()
    unbounded = replace(here, proof=replace(here.proof, bound=None))
    assert difference(case, here, Reference("x", unbounded), here.cost)["least"] is None
    weighed = replace(here, policy=Policy(weights={"land": 2.0}))
    found = difference(case, here, Reference("x", weighed), here.cost)
    assert found["most"] is None
    assert Wording.of(case, "en").t("dossier.price-unproven") in price_lines(found, Wording.of(case, "en"))


def _price(kind: str, **values: object) -> SitePrices:
    item = SitePrice.model_validate({"site": "s", "action": "out", "kind": kind, **values})
    return SitePrices(instance_sha256="", objective=1.0, bound=None, sites=(item,))


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        (None, "hubopt review RESULT --prices"),
        (_price("re-solve", least=1e6, most=3e6, estimate=2e6), "CNY 1 M to CNY 3 M a year more"),
        (_price("re-solve", possible=False), "proves that no network"),
        (_price("rest-stays", estimate=2e6), "Estimate: CNY 2 M"),
        (_price("rest-stays"), "others would have to change"),
    ],
)
def test_what_is_known_about_leaving_a_site_out(prices: SitePrices | None, said: str) -> None:
    """Each kind of price has its sentence, and what is not computed names the command."""
    words = Wording.of(tiny(), "en")
    lines = without("s", {}, words, Prices(prices))
    assert said in lines[0] and "hubopt explain" in lines[1]


def test_alternatives_without_a_site_are_told() -> None:
    """An alternative that closes the site says what opens and what it costs; others do not speak of it."""
    words = Wording.of(tiny(), "en")
    other = Alternative(opened=("t",), closed=("s",), extra=5e5, extra_share=0.004)
    explained = Explained(instance="x", objective_cny_year=1.0, alternatives=Alternatives(within=0.02, found=(other,)))
    prices = Prices(None, explained)
    assert without("s", {"s": "Here", "t": "There"}, words, prices)[1] == (
        "Near-equal plan without it: CNY 500,000 a year more (0.4%); opens There in place of Here."
    )
    assert without("u", {}, words, prices)[1].startswith("No near-equal plan (within 2%)")


def _explanation(**changes: object) -> str:
    solution = tiny_solution()
    limit = {"family": "land", "what": "land of West", "limit": 2.0, "used": 2.0, "unit": "ha", "price": 7e5,
             "price_unit": "CNY/year per ha", "binding": True}  # fmt: skip
    content = {
        "instance": "tiny",
        "objective_cny_year": solution.proof.objective,
        "limits": {"method": "m", "rows": [limit, {**limit, "what": "slack", "binding": False}]},
        "standards": [{"what": "5 km", "unit": "the standard", "least": 1e5, "most": None, "status": "optimal"}],
        "alternatives": {"within": 0.02, "found": [], "note": "", "limit": 1.0},
    }
    return json.dumps({**content, **changes})


def test_an_explanation_is_shown_in_the_report(tmp_path: Path) -> None:
    """Binding limits and standards are listed with their prices, slack ones are not."""
    path = tmp_path / "explained.json"
    path.write_text(_explanation(), encoding="utf-8")
    solution, case = tiny_solution(), tiny()
    assert solution.plan is not None
    explained = read_explained(path, solution)
    subject = Subject(case, solution, check(case, solution.policy, solution.plan))
    html = report_page(subject, "en", prices=Prices(None, explained), against=Reference("other <b>", solution))
    said = " ".join(" ".join(seen(html).texts).split())
    assert "land of West" in said and "700,000 CNY/year per ha" in said and "at least CNY 100,000 a year" in said
    assert "slack" not in said and "What it costs against “other <b>”" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_explanation(instance="other"), "explains another result"),
        (_explanation(objective_cny_year=1.0), "explains another result"),
        (_explanation(limits=3), "limits"),
        ("{", "Invalid JSON"),
    ],
)
def test_a_wrong_explanation_is_refused(tmp_path: Path, content: str, said: str) -> None:
    """A file that is damaged or about another result is not shown."""
    path = tmp_path / "explained.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_explained(path, tiny_solution())
    assert said in str([str(problem) for problem in caught.value.problems])
