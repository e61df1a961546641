"""Charts: what they say, in which form, and where their bands and points lie."""

from __future__ import annotations

import re
import warnings
from itertools import pairwise

import pytest

from hubopt.texts import Texts
from hubopt.viz import accounts, charts, plotting
from hubopt.viz.chart_set import charts_of
from hubopt.viz.front import FrontPoint, FrontTexts, front_chart, knee, undominated
from hubopt.viz.numbers import Numbers
from hubopt.viz.sankey import NODE_WIDTH, PASSING, Band, arranged, sankey_chart
from hubopt.viz.style import COST_COLOURS
from hubopt.viz.subject import Subject
from tests.cases import tiny
from tests.check.phased import YEARLY, phased_case
from tests.plans import phased_solution
from tests.viz.cases import mapped, unlocated
from tests.viz.greedy import solved, unsolved

COST = {part: 1e6 * (i + 1) for i, part in enumerate(COST_COLOURS)}
TRACE = ((1.0, None, 0.7e9), (3.0, 1.2e9, 0.9e9), (9.0, 1.0e9, 0.99e9))
EN = Texts("en")
NUMBERS = Numbers(EN)


def words(svg: str) -> str:
    """The texts of a drawing."""
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))


def subject(lang_case: object = tiny) -> Subject:
    return Subject(*solved(lang_case))  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_charts_are_vector_drawings_with_texts(lang: str) -> None:
    """Each chart of a result is one SVG element with texts as texts, a title, and nothing from outside."""
    drawn = {chart.name: chart.svg() for chart in charts_of(Subject(*solved(mapped)), lang)}
    assert list(drawn) == ["cost", "land", "utilisation", "service", "flows", "proof", "gap"]
    for name, svg in drawn.items():
        assert svg.startswith("<svg") and svg.count("<svg") == 1 and words(svg)
        assert 'role="img" aria-label="' in svg.split(">")[0]
        assert not re.findall(r'href="(?!#)', svg) and "<image" not in svg, name
    t = Texts(lang)
    for name, word in (("cost", "cost.transport"), ("proof", "report.bound"), ("flows", "levels.utc")):
        assert t(word) in words(drawn[name])
    assert ("西区" in words(drawn["land"])) == (lang == "zh")


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_charts_can_be_files_of_other_kinds(kind: plotting.Format) -> None:
    """A PDF or an image begins as such and is the same each time."""
    chart = charts.cost_chart(COST, EN, NUMBERS)
    content = chart.file(kind)
    assert content.startswith({"pdf": b"%PDF", "png": b"\x89PNG"}[kind])
    assert content == chart.file(kind)


def test_charts_need_no_chinese_font_as_drawings_but_do_as_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the glyphs a drawing keeps its texts for the reader's fonts; an image with boxes is refused."""
    monkeypatch.setattr(plotting, "installed_fonts", lambda: ["DejaVu Sans"])
    t = Texts("zh")
    chart = charts.cost_chart(COST, t, Numbers(t))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert t("cost.transport") in chart.svg()
        with pytest.raises(plotting.MissingGlyphsError):
            chart.file("png")


def test_other_warnings_of_the_plotting_library_are_not_lost() -> None:
    """Only what is said about glyphs is kept back."""

    def paint(_: object) -> None:
        warnings.warn("something else", UserWarning, stacklevel=1)

    with pytest.warns(UserWarning, match="something else"):
        plotting.Chart("x", "x", (1, 1), paint).svg()


def test_a_currency_with_dollar_signs_is_not_mathematics() -> None:
    """Signs that the plotting library would take for formulas are shown as they are, escaped."""
    svg = charts.cost_chart({"land": 1e6}, EN, Numbers(EN, "$a$<b>")).svg()
    assert "$a$&lt;b&gt; 1 M" in svg


def test_a_title_from_data_stays_in_its_attribute() -> None:
    """A title with quotes and tags does not break out of the element."""
    chart = front_chart([FrontPoint(1, 1)], FrontTexts('"><script>', "x", "f", "b", "k"), EN, NUMBERS)
    assert "<script" not in chart.svg()


def test_a_run_without_points_has_no_chart() -> None:
    """No incumbent and no bound: no drawing; no gap: none of the gap; costs that are zero are a chart all the same."""
    assert charts.trace_chart((), EN, NUMBERS) is None
    assert charts.trace_chart(((1.0, None, None),), EN, NUMBERS) is None
    assert charts.trace_chart(((1.0, 5.0, None),), EN, NUMBERS) is not None
    assert charts.gap_chart(((1.0, 5.0, None),), 0.01, EN, NUMBERS) is None
    assert charts.gap_chart(((1.0, 5.0, 5.0),), 0.01, EN, NUMBERS) is None
    assert charts.cost_chart({"land": 0.0}, EN, NUMBERS).svg().startswith("<svg")


def test_the_gap_falls_to_the_last_one() -> None:
    """The scale of the gap holds the gap asked and the last gap."""
    chart = charts.gap_chart(TRACE, 0.02, EN, NUMBERS)
    assert chart is not None
    assert {"20%", "10%", "5%", "2%", "1%"} <= set(words(chart.svg()).split())


def test_a_run_without_a_plan_has_the_charts_of_its_proof_alone() -> None:
    """What needs a network is left out."""
    case = tiny()
    assert charts_of(Subject(case, unsolved(case), None), "en") == ()


def test_a_case_without_coordinates_or_districts_has_charts() -> None:
    """Nothing in the charts needs a map."""
    names = [chart.name for chart in charts_of(Subject(*solved(unlocated)), "zh") if chart.svg()]
    assert "flows" in names and "cost" in names


def test_costs_are_told_by_period() -> None:
    """The parts of each period are those worked out on paper, and the chart names the periods."""
    case, solution = phased_case(), phased_solution()
    assert solution.plan is not None
    from hubopt.check import check

    told = Subject(case, solution, check(case, solution.policy, solution.plan))
    for i, period in enumerate(("p", "q")):
        assert told.costs[period] == pytest.approx({part: values[i] for part, values in YEARLY.items()})
    chart = charts.cost_periods_chart(told.costs, EN, NUMBERS)
    assert {"p", "q"} <= set(words(chart.svg()).split())
    assert "cost-periods" in [item.name for item in charts_of(told, "en")]


BANDS = [
    Band("gateway", "hub", "g", "h1", 30.0),
    Band("gateway", "hub", "g", "h2", 10.0),
    Band("hub", "utc", "h1", "East", 20.0),
    Band("hub", "zone", "h1", "East", 10.0),
    Band("hub", "utc", "h2", "East", 10.0),
    Band("utc", "zone", "East", "East", 30.0),
]


def test_bands_keep_their_tonnes() -> None:
    """A tonne is equally high everywhere, nodes of a column do not overlap, skipped columns are passed by."""
    layout = arranged(BANDS)
    heights = {node: height / layout.scale for node, (_, height) in layout.places.items()}
    assert heights[0, "g"] == pytest.approx(40) and heights[1, "h1"] == pytest.approx(30)
    assert heights[4, "East"] == pytest.approx(40)
    assert sum(t for (a, _), t in layout.steps.items() if a[1].startswith(PASSING) and a[0] == 3) == pytest.approx(40)
    for column in range(5):
        spans = sorted(place for node, place in layout.places.items() if node[0] == column)
        assert all(low + high <= above + 1e-9 for (low, high), (above, _) in pairwise(spans))
        assert all(low >= -1e-9 and low + high <= 1 + 1e-9 for low, high in spans)


def test_the_flow_chart_names_what_it_joins() -> None:
    """Nodes carry their names, long ones cut, and tonnes; nothing flows: no chart."""
    names = {
        ("gateway", "g"): "A gateway with a very long name indeed",
        ("hub", "h1"): "一座名称非常非常非常非常长的物流枢纽",
    }
    chart = sankey_chart(BANDS, names, EN, NUMBERS)
    assert chart is not None and NODE_WIDTH > 0
    said = words(chart.svg())
    assert "A gateway with a very…  40" in said and "一座名称非常非常非常非…  30" in said and "East  40" in said
    assert sankey_chart([Band("gateway", "hub", "g", "h", 0.0)], {}, EN, NUMBERS) is None


FRONT = [
    FrontPoint(10, 100, 98),
    FrontPoint(12, 40, 39),
    FrontPoint(20, 30, 29),
    FrontPoint(30, 25, 24.5),
    FrontPoint(25, 35, None, "worse"),
]


def test_a_front_leaves_out_what_another_point_beats() -> None:
    """Only points that none equals or beats in both goals are on the front, by growing x."""
    assert [point.x for point in undominated(FRONT)] == [10, 12, 20, 30]
    assert [point.y for point in undominated([FrontPoint(1, 2), FrontPoint(1, 1), FrontPoint(2, 1)])] == [1]


def test_the_knee_is_where_the_front_bends_most() -> None:
    """The point farthest below the line between the ends; a straight or bulging front has none."""
    bend = knee(FRONT)
    assert bend is not None and bend.x == 12
    assert knee([FrontPoint(0, 2), FrontPoint(1, 1), FrontPoint(2, 0)]) is None
    assert knee([FrontPoint(0, 2), FrontPoint(1, 1.9), FrontPoint(2, 0)]) is None
    assert knee(FRONT[:2]) is None and knee([]) is None


def test_a_front_shows_bounds_knee_and_labels() -> None:
    """The legend names the curves and the knee, and labels stand at their points."""
    said = words(front_chart(FRONT, FrontTexts("title", "ha", "found", "bound", "knee"), EN, NUMBERS).svg())
    assert not {"found", "bound", "knee", "worse", "ha"} - set(said.split())


def test_costs_come_in_the_order_of_the_parts() -> None:
    """Every part is there, zero ones too."""
    assert list(accounts.cost(solved(tiny)[2])) == list(COST_COLOURS)
