"""The spreadsheet holds the plan, in either language, and no text in it is ever a formula."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from hubopt.formats.exports import workbook
from hubopt.formats.exports.case import Case
from hubopt.formats.exports.sheets import Column, Sheet, sheets
from hubopt.formats.exports.workbook import MOST_CHARACTERS, write_workbook
from hubopt.solution.schema import PLAN_TABLES
from hubopt.texts import LANGUAGES, Texts, entries
from tests.formats.export_cases import on_a_map, over_periods, under_attack

CHINESE = re.compile(r"[\u3400-\u9fff]")
SENTENCE = re.compile(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}")


def written(case: Case, path: Path, lang: str) -> openpyxl.Workbook:
    write_workbook(case, path, lang)
    return openpyxl.load_workbook(path)


def table(page: Worksheet) -> pd.DataFrame:
    """A sheet as a table under its headings."""
    rows = list(page.iter_rows(values_only=True))
    return pd.DataFrame(rows[1:], columns=list(rows[0]))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", [on_a_map, over_periods])
def test_the_plan_is_read_back_as_it_is(case: object, lang: str, tmp_path: Path) -> None:
    """Every number of the facilities, flows and in-city goods stands under the heading of its column."""
    found = case()  # type: ignore[operator]
    book, say = written(found, tmp_path / "x.xlsx", lang), Texts(lang)
    for name in ("facilities", "flows", "exchanges"):
        own = getattr(found.plan, name)
        if own.empty:
            continue
        shown = table(book[say(f"sheet.{name}")])
        assert len(shown) == len(own)
        for column in PLAN_TABLES[name].columns:
            if column.kind in ("float", "int"):
                cells = shown[say(f"column.{column.name}")].astype(float).tolist()
                assert cells == pytest.approx(own[column.name].astype(float).tolist(), rel=1e-14, nan_ok=True)
    ids = table(book[say("sheet.facilities")])[say("column.site")]
    assert ids.tolist() == found.plan.facilities["site"].tolist()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sheet_is_fit_for_reading(lang: str, tmp_path: Path) -> None:
    """Headings are frozen, tables can be filtered to their last row, numbers have formats, the file says what it is."""
    book, say = written(over_periods(), tmp_path / "x.xlsx", lang), Texts(lang)
    names = ["summary", "facilities", "assignments", "flows", "exchanges", "outages", "costs", "standards", "zones",
             "land", "indicators"]  # fmt: skip
    assert [name for name in names if say(f"sheet.{name}") not in book.sheetnames] == []
    for page in book:
        assert page.freeze_panes == "A2"
        if page.title != say("sheet.summary"):
            assert page.auto_filter.ref == page.dimensions
    page = book[say("sheet.facilities")]
    headings = {cell.value: cell.column for cell in page[1]}
    assert page.cell(2, headings[say("column.land_ha")]).number_format == "#,##0.00"
    assert page.cell(2, headings[say("column.utilisation")]).number_format == "0.0%"
    assert say("column.land_ha").endswith(("(ha)", "（公顷）"))
    assert book.properties.title == Texts(lang)("sheet.title", name=over_periods_name(lang))


def over_periods_name(lang: str) -> str:
    info = over_periods().instance.info
    return info.name_zh if lang == "zh" else info.name_en


def test_every_column_of_the_plan_has_a_heading() -> None:
    """A new column of a plan's table needs a text with its unit in the catalogue."""
    wanted = {f"column.{column.name}" for item in PLAN_TABLES.values() for column in item.columns}
    assert not wanted - set(entries())


def test_the_chinese_workbook_is_chinese(tmp_path: Path) -> None:
    """Sheet names, headings and words of the data model are Chinese; no English sentence but those of the data."""
    case = over_periods()
    instance = case.instance
    own = {item.source for item in instance.parameters.itertuples()} | {
        item.unit for item in instance.parameters.itertuples()
    }
    own |= {item.standard for item in instance.structure.service.targets} | set(instance.land["source"])
    for page in written(case, tmp_path / "x.xlsx", "zh"):
        assert CHINESE.search(page.title)
        for number, row in enumerate(page.iter_rows(values_only=True), start=1):
            texts = [value for value in row if isinstance(value, str) and value not in own]
            if number == 1:
                assert all(CHINESE.search(text) for text in texts), texts
            assert not [text for text in texts if SENTENCE.search(text)]


def test_the_same_plan_gives_the_same_file(tmp_path: Path) -> None:
    """Two workbooks of one plan are equal byte for byte."""
    for name in ("a", "b"):
        write_workbook(on_a_map(), tmp_path / f"{name}.xlsx", "en")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_attacks_in_names_stay_texts(tmp_path: Path) -> None:
    """With an attack in every name there is no formula and no link in any sheet."""
    for page in written(under_attack(), tmp_path / "x.xlsx", "en"):
        assert {cell.data_type for row in page.iter_rows() for cell in row} <= {"s", "n", "b"}
        assert not [cell for row in page.iter_rows() for cell in row if cell.hyperlink]


BEGINNINGS = st.sampled_from(
    ["=", "+", "-", "@", "\t=", "\r=", "=cmd|' /C calc'!A0", "http://", "mailto:", "{=", "'", ""]
)


@given(
    texts=st.lists(st.tuples(BEGINNINGS, st.text(st.characters(codec="utf-8"), max_size=40)), min_size=1, max_size=20)
)
@settings(max_examples=60, deadline=None)
def test_any_text_stays_the_text_that_it_is(
    texts: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever a name begins with or holds, its cell is a text and, control characters aside, reads back the same."""
    path = tmp_path_factory.mktemp("x") / "x.xlsx"
    names = [head + tail for head, tail in texts]
    sheet = Sheet("s", (Column("h", "text"),), [(name,) for name in names])
    with workbook.xlsxwriter.Workbook(str(path), workbook._OPTIONS) as book:
        workbook._write_sheet(book, sheet, Texts("en"))
    page = openpyxl.load_workbook(path)["s"]
    cells = [page.cell(number + 2, 1) for number in range(len(names))]
    assert all(cell.value is None or cell.data_type == "s" for cell in cells)
    for name, cell in zip(names, cells, strict=True):
        plain = not re.search(r"[\x00-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_", name)
        assert not plain or (cell.value or "") == name


def test_a_long_text_says_that_it_is_cut(tmp_path: Path) -> None:
    """A text beyond what a cell can hold is cut, and says so."""
    case = on_a_map()
    sites = case.instance.sites.assign(name_en="x" * (MOST_CHARACTERS + 1))
    book = written(replace(case, instance=case.instance.with_tables(sites=sites)), tmp_path / "x.xlsx", "en")
    cell = book["Facilities"].cell(2, 3).value
    assert len(cell) <= MOST_CHARACTERS and cell.endswith("… (cut)")


def test_a_long_table_goes_on_in_a_further_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row is lost when a table is longer than a sheet can be."""
    monkeypatch.setattr(workbook, "MOST_ROWS", 10)
    case = on_a_map()
    book = written(case, tmp_path / "x.xlsx", "en")
    parts = [page for page in book if page.title.startswith("Flows ")]
    assert [page.title for page in parts] == [f"Flows {number}" for number in range(1, len(parts) + 1)]
    assert sum(page.max_row - 1 for page in parts) == len(case.plan.flows) > 10


def test_land_is_counted_by_every_kind_of_place() -> None:
    """The land of all districts together is that of the whole; shares are of the limits."""
    case = over_periods()
    for _, rows in case.land.groupby("period"):
        used = rows.groupby("scope")["used_ha"].sum()
        assert used["district"] == pytest.approx(used["total"])
    last = case.land[case.land["period"] == case.last]
    total = float(last.loc[last["scope"] == "total", "used_ha"].iloc[0])
    rows = case.plan.facilities[case.plan.facilities["period"] == case.last]
    assert total == pytest.approx(float(rows["land_ha"].sum()))


def test_the_check_is_told() -> None:
    """The summary says whether the independent check holds, and how much is broken if it does not."""
    case = on_a_map()
    facilities = case.plan.facilities.assign(land_ha=0.0)
    plan = replace(case.plan, facilities=facilities)
    from hubopt.formats.exports.case import case_of

    broken = case_of(case.instance, case.solution, plan)
    assert not broken.report.ok
    say = Texts("en")
    rows = {str(row[0]): row[1] for row in next(sheets(broken, say)).rows}
    assert rows["Independent check"] == say("item.check-broken", count=len(broken.report.findings))
    assert {str(row[0]): row[1] for row in next(sheets(case, say)).rows}["Independent check"] == say("item.check-holds")


@pytest.mark.slow
def test_libreoffice_opens_the_file(tmp_path: Path) -> None:
    """LibreOffice reads the workbook and finds the facilities in it."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice (soffice) is not installed")
    write_workbook(on_a_map(), tmp_path / "x.xlsx", "zh")
    target = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2"
    command = [office, "--headless", f"-env:UserInstallation=file://{tmp_path / 'profile'}", "--convert-to", target]
    run = subprocess.run(
        [*command, "--outdir", str(tmp_path), str(tmp_path / "x.xlsx")], capture_output=True, text=True, timeout=180
    )
    found = list(tmp_path.glob("*.csv"))
    assert run.returncode == 0 and len(found) == 1, run.stderr
    text = found[0].read_text(encoding="utf-8")
    assert "场址编号" in text and "h-north" in text
