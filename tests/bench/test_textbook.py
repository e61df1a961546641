"""Textbook formulations: their optimum is that found by trying everything, and each is held to the point it gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hubopt.bench.answers import Limits, evaluated
from hubopt.bench.rivals import highs
from hubopt.bench.store import load_program, save_program
from hubopt.bench.textbook import FORMS, form_for, program_of, sense_of
from hubopt.formats.imports import FORMATS, Options
from tests.formats import files

CASES = [
    ("orlib-cflp", files.ORLIB, Options(), files.least_with_split),
    ("orlib-cflp", files.ORLIB, Options(single_source=True), files.least_single),
    ("orlib-uflp", files.ORLIB, Options(), lambda: files.least_single(room=False)),
    ("sscflp", files.HOLMBERG, Options(), files.least_single),
    ("tscflp", files.TWO_STAGES, Options(), lambda: files.least_two_stages(1)),
    ("mptscflp", files.TWO_PRODUCTS, Options(), lambda: files.least_two_stages(2)),
    ("pmedian", files.GRAPH, Options(), files.least_medians),
    ("covering", files.COVER, Options(), files.least_cover),
    ("covering", files.POINTS, Options(maximal=True), lambda: -23.0),
    ("hub", files.NODES, Options(single_source=True), lambda: 264.0),
    ("hub", files.NODES, Options(single_source=False), lambda: 264.0),
]


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "case.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(("format", "content", "options", "least"), CASES)
def test_every_form_has_the_optimum_found_by_trying_everything(
    tmp_path: Path, format: str, content: str, options: Options, least: object
) -> None:
    """All formulations of a file have the enumerated optimum, and its point satisfies their rows."""
    path = written(tmp_path, content)
    for form in FORMS[format]:
        program = program_of(format, path, options, form)
        answer = highs.solve(program, Limits(20, 0.0))
        assert answer.state == "optimal" and answer.values is not None
        assert answer.objective == pytest.approx(least())  # type: ignore[operator]
        cost, missed = evaluated(program, answer.values)
        assert cost == pytest.approx(answer.objective) and missed < 1e-9


def test_hubs_with_fixed_costs_and_capacities(tmp_path: Path) -> None:
    """Fixed costs take the place of p, and capacities bind: the optimum is hubopt's own of the same files."""
    fixed, room = tmp_path / "fixed.txt", tmp_path / "room.txt"
    fixed.write_text(" ".join(map(str, files.HUB_FIXED)))
    room.write_text(" ".join(map(str, files.HUB_ROOM)))
    path = written(tmp_path, files.NODES)
    for single in (True, False):
        options = Options(single_source=single, fixed_costs=fixed, capacities=room)
        answer = highs.solve(program_of("hub", path, options, "strong"), Limits(20, 0.0))
        assert answer.objective == pytest.approx(159.75)


def test_a_point_that_breaks_a_row_is_seen(tmp_path: Path) -> None:
    """Closing every site while customers are served is noticed, by how much too."""
    program = program_of("orlib-cflp", written(tmp_path, files.ORLIB), Options(), "strong")
    answer = highs.solve(program, Limits(20, 0.0))
    assert answer.values is not None
    broken = answer.values.copy()
    broken[:3] = 0.0
    assert evaluated(program, broken)[1] > 0.1


def test_whole_units_are_refused_where_they_would_lose_something(tmp_path: Path) -> None:
    """A demand of half a unit cannot be carried in whole ones: the form says so instead of rounding."""
    text = files.ORLIB.replace(" 12\n", " 12.5\n")
    with pytest.raises(ValueError, match="not whole"):
        program_of("orlib-cflp", written(tmp_path, text), Options(), "whole")
    assert sense_of("covering", Options(maximal=True)) == "max"


def test_every_format_has_a_form_for_every_rival() -> None:
    """No published format is left without a formulation."""
    assert set(FORMATS) <= set(FORMS)
    assert all(form_for(format, rival) in FORMS[format] for format in FORMS for rival in ("highs", "cpsat"))


CORE = """NAME small
ROWS
 N obj
 L c1
 G c2
 G c3
COLUMNS
 M1 'MARKER' 'INTORG'
 x1 obj 3 c1 1
 x1 c2 2
 x2 obj 4 c1 1
 x2 c3 2
 M2 'MARKER' 'INTEND'
 y1 obj 10 c2 1
 y2 obj 10 c3 1
RHS
 rhs c1 1
BOUNDS
 BV bnd x1
 BV bnd x2
ENDATA
"""


def test_extensive_form_of_two_scenarios(tmp_path: Path) -> None:
    """One of two servers, needs of 2 at one of two places: shortage costs 10 a unit; the likelier place is served.

    With x1 the cost is 3 + 0.25 * 20 = 8, with x2 4 + 0.75 * 20 = 19, with none 20.
    """
    (tmp_path / "small.cor").write_text(CORE)
    (tmp_path / "small.tim").write_text("TIME small\nPERIODS LP\n x1 c1 STAGE-1\n y1 c2 STAGE-2\nENDATA\n")
    scenarios = " SC A 'ROOT' 0.75 STAGE-2\n RHS c2 2\n RHS c3 0\n SC B 'ROOT' 0.25 STAGE-2\n RHS c2 0\n RHS c3 2\n"
    (tmp_path / "small.sto").write_text(f"STOCH small\nSCENARIOS DISCRETE\n{scenarios}ENDATA\n")
    program = program_of("smps", tmp_path / "small.cor", Options(), "strong")
    assert (program.columns, program.rows) == (6, 5)
    assert highs.solve(program, Limits(10, 0.0)).objective == pytest.approx(8.0)


def test_programs_are_kept_in_files(tmp_path: Path) -> None:
    """A program that was written and read is the same one."""
    program = program_of("sscflp", written(tmp_path, files.HOLMBERG), Options(), "strong")
    save_program(program, -2.5, tmp_path / "program.npz")
    again, unit = load_program(tmp_path / "program.npz")
    assert unit == -2.5
    assert (again.matrix != program.matrix).nnz == 0
    for name in ("cost", "lower", "upper", "row_lower", "row_upper", "integer"):
        assert np.array_equal(getattr(again, name), getattr(program, name))
