"""The report as a dossier, its comparison with another result, and the charts command."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from hubopt.cli import reporting
from hubopt.solution import write_solution
from hubopt.viz import glyphs
from tests.cases import tiny
from tests.cli.conftest import Run
from tests.plans import tiny_solution


@pytest.fixture
def result_folder(written: Path, instance: Path, tmp_path: Path) -> Path:
    """A result beside its instance, both free to be changed."""
    shutil.copytree(instance, tmp_path / "tiny")
    shutil.copytree(written, tmp_path / "r")
    record = json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8"))
    (tmp_path / "r" / "result.json").write_text(json.dumps(record | {"instance_path": "../tiny"}))
    return tmp_path / "r"


@pytest.fixture
def one_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the cheapest chart, so that the commands are quick."""
    from hubopt.viz import chart_set

    monkeypatch.setattr(chart_set, "_charts", lambda *_: iter([chart_set.charts.cost_chart({"land": 1.0}, *_words())]))


def _words() -> tuple[object, object]:
    from hubopt.texts import Texts
    from hubopt.viz.numbers import Numbers

    texts = Texts("en")
    return texts, Numbers(texts)


@pytest.mark.usefixtures("one_chart")
def test_a_dossier_is_written_beside_the_result(run: Run, result_folder: Path) -> None:
    """report --format pdf writes report.pdf, and a page that compares where it is asked to."""
    assert run("report", "r", "--format", "pdf").exit_code == 0
    assert (result_folder / "report.pdf").read_bytes().startswith(b"%PDF")
    other = replace(tiny_solution(), cost={**tiny_solution().cost, "land": 0.0})
    write_solution(other, tiny(), Path("cheap"), instance_path=Path("tiny"))
    assert run("report", "r", "--against", "cheap", "--out", "page.html").exit_code == 0
    page = Path("page.html").read_text(encoding="utf-8")
    assert "What it costs against “cheap”" in page and "与“cheap”相比的代价" in page


def test_a_reference_of_another_instance_is_refused(run: Run, result_folder: Path) -> None:
    """Its difference would be no price."""
    proof = replace(tiny_solution().proof, instance_sha256="0" * 64)
    write_solution(replace(tiny_solution(), proof=proof), tiny(), Path("other"), instance_path=Path("tiny"))
    result = run("report", "r", "--against", "other")
    assert result.exit_code == 2 and "was solved for another instance" in result.stderr
    assert not (result_folder / "report.html").exists()


@pytest.mark.usefixtures("one_chart")
def test_what_explain_wrote_is_found_beside_the_result(run: Run, result_folder: Path) -> None:
    """explained.json in the folder is read; one about another result is refused."""
    content = {"instance": "tiny", "objective_cny_year": tiny_solution().proof.objective}
    content["alternatives"] = {"within": 0.02, "found": []}
    path = result_folder / "explained.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    assert run("report", "r").exit_code == 0
    assert "No near-equal plan (within 2%)" in (result_folder / "report.html").read_text(encoding="utf-8")
    path.write_text(json.dumps({**content, "objective_cny_year": 1.0}), encoding="utf-8")
    result = run("report", "r", "--lang", "zh")
    assert result.exit_code == 2 and "所解释的并非给出的结果" in result.stderr


@pytest.mark.usefixtures("one_chart")
@pytest.mark.parametrize("missing", ["font", "engine"])
def test_what_a_dossier_lacks_is_said_with_its_mend(
    run: Run, result_folder: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """Without a Chinese font, or without the typesetter, the command says what to install and writes nothing."""
    if missing == "font":
        face = glyphs.Typeface((glyphs.LATIN,), None, frozenset(range(32, 0x250)))
        monkeypatch.setattr("hubopt.viz.dossier.typeface", lambda: face)
    else:

        def absent(name: str) -> None:
            raise ImportError(name)

        monkeypatch.setattr(glyphs, "import_module", absent)
    result = run("report", "r", "--format", "pdf", "--lang", "zh")
    assert result.exit_code == 2 and "Traceback" not in result.stderr
    assert ("fonts-noto-cjk" if missing == "font" else "hubopt[pdf]") in result.stderr
    assert not (result_folder / "report.pdf").exists()


@pytest.mark.parametrize("kind", list(reporting.ChartFormat))
def test_charts_are_files(run: Run, result_folder: Path, kind: str) -> None:
    """Each chart is a file of the asked kind in the folder that was named."""
    result = run("charts", "r", "--out", "drawn/here", "--format", kind)
    assert result.exit_code == 0, result.stderr
    names = {path.name for path in Path("drawn/here").iterdir()}
    assert names == {f"{name}.{kind}" for name in ("cost", "land", "utilisation", "service", "flows", "proof", "gap")}
    start = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}[kind]
    assert all((Path("drawn/here") / name).read_bytes().startswith(start) for name in names)


def test_charts_are_not_written_over_a_file(run: Run, result_folder: Path) -> None:
    """A file in the place of the folder is left alone."""
    Path("taken").write_text("mine", encoding="utf-8")
    result = run("charts", "r", "--out", "taken")
    assert result.exit_code == 2 and "not a folder" in result.stderr
    assert Path("taken").read_text(encoding="utf-8") == "mine"
    assert not (result_folder / "charts").exists()
