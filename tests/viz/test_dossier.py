"""The dossier as a PDF: what it says, that it is whole, and what happens when fonts or the typesetter are missing."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest

from hubopt.check import check
from hubopt.texts import Texts
from hubopt.viz import glyphs
from hubopt.viz.decided import Reference
from hubopt.viz.dossier import dossier_book, dossier_pdf
from hubopt.viz.dossier_sheets import Prices
from hubopt.viz.glyphs import MissingEngineError, MissingFontError, settable, writable
from hubopt.viz.numbers import Numbers
from hubopt.viz.subject import Subject
from tests.check.phased import phased_case
from tests.plans import phased_solution
from tests.viz.cases import hostile, mapped
from tests.viz.greedy import solved, unsolved

needs_chinese = pytest.mark.skipif(
    len(glyphs.typeface().families) < 2, reason="no font with Chinese characters (Debian: fonts-noto-cjk)"
)


def phased() -> Subject:
    case, solution = phased_case(), phased_solution()
    assert solution.plan is not None
    return Subject(case, solution, check(case, solution.policy, solution.plan))


def failed() -> Subject:
    """A run without a plan: the shortest dossier."""
    case = mapped()
    return Subject(case, unsolved(case), None)


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


def titles(outline: list[Any]) -> list[str]:
    """Entries of a PDF's outline, all levels."""
    found: list[str] = []
    for item in outline:
        found += titles(item) if isinstance(item, list) else [str(item.title)]
    return found


@needs_chinese
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_dossier_says_what_the_checker_found(lang: str) -> None:
    """Title and language are set; costs of every period, standards, sites and the reference are in it, on A4 pages."""
    subject = phased()
    pdf = dossier_pdf(subject, lang, against=Reference("before", subject.solution))
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    t, report = Texts(lang), subject.report
    assert report is not None and reader.metadata is not None
    assert reader.metadata.title == t("dossier.title", name="PHASED")
    assert reader.metadata.creation_date is None
    assert str(reader.trailer["/Root"]["/Lang"]).startswith(lang)
    assert {round(float(page.mediabox.height) / 72 * 25.4) for page in reader.pages} == {297}
    said, numbers = text_of(pdf), Numbers(t)
    for costs in subject.costs.values():
        assert numbers.money(sum(costs.values())) in said and numbers.money(costs["capital"]) in said
    assert numbers.percent(report.kpi["target.whole"], 2) in said
    assert t("dossier.without-none").split("：")[0].split(". To")[0] in said
    assert "before" in said and t("dossier.same-sites") in said
    listed = titles(reader.outline)
    for name in ("h1", "h2", "u1", "u2"):
        assert name in listed
    assert "u3" not in listed and t("dossier.method") in listed and t("report.when") in listed
    assert "�" not in said


def test_every_page_has_something_to_say() -> None:
    """No page is empty but for its foot, and none is only a heading."""
    lengths = [len(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(dossier_pdf(phased(), "en"))).pages]
    assert min(lengths) > 100


def test_names_that_attack_stay_names() -> None:
    """Markup of the typesetter, of HTML and of templates in names is printed as it is, and nothing else happens."""
    case, solution, report = solved(hostile)
    attack = '#read("/etc/passwd") *x* $y$ @z <w> `v` \\ // /* = + - #eval("1/0")'
    sites = case.sites.assign(name_en=[f"{attack} {i}" for i in range(len(case.sites))])
    said = text_of(dossier_pdf(Subject(case.with_tables(sites=sites), solution, report), "en"))
    assert attack.split(" *x*")[0] in said and "#eval(" in said and "*x* $y$ @z <w> `v`" in said
    assert "<script>alert(1)</script>" in said and "root:" not in said


def test_the_same_result_gives_the_same_bytes() -> None:
    """Nothing in the file is random or of the day; a run without a plan has a dossier too."""
    pdf = dossier_pdf(failed(), "en")
    assert pdf == dossier_pdf(failed(), "en")
    said = text_of(pdf)
    assert Texts("en")("report.no-plan") in said and "Infeasible" in said


def test_a_chinese_dossier_without_a_chinese_font_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boxes in place of characters are never printed."""
    latin = frozenset(range(32, 0x250))
    monkeypatch.setattr("hubopt.viz.dossier.typeface", lambda: glyphs.Typeface((glyphs.LATIN,), None, latin))
    with pytest.raises(MissingFontError):
        dossier_pdf(failed(), "zh")


def test_a_missing_typesetter_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra there is an error of its own kind."""

    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(glyphs, "import_module", absent)
    with pytest.raises(MissingEngineError):
        dossier_pdf(failed(), "en")


def test_what_no_font_has_is_written_out() -> None:
    """Emoji become their code points, control characters go, forms that have a plain one take it."""
    covered = frozenset(range(32, 0x250)) | {ord("好")}
    assert writable("plain\ntext 好", covered) == "plain\ntext 好"
    assert writable("a\U0001f600b", covered) == "a[U+1F600]b"
    assert writable("a\u200b\x00b\tc\ufeff", covered) == "ab c"
    assert writable("ﬁne Ａ", covered) == "fine A"
    with pytest.raises(MissingFontError):
        writable("坏", covered)
    assert settable({"a": ["\x01b", 1.5, None, True]}, covered) == {"a": ["b", 1.5, None, True]}


def test_sheets_have_maps_where_there_are_coordinates() -> None:
    """Each hub and centre has a map of what it serves, named by number for the typesetter, words outside."""
    book = dossier_book(Subject(*solved(mapped)), "en", Prices(), None)
    sheets = [block for block in book.blocks if block["kind"] == "sheet"]
    assert sheets and all(f"site-{sheet['site']}.svg" in book.drawings for sheet in sheets)
    assert all("<text" not in svg for name, svg in book.drawings.items() if name.startswith(("site-", "network")))
    assert "network.svg" in book.drawings
