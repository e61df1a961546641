"""MPS and LP files hold the program: another reader finds the same optimum, and names that say what they are."""

from __future__ import annotations

import re
from pathlib import Path

import highspy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubopt.formats.exports.program import MOST_CHARACTERS, usable, write_program
from hubopt.instance import Policy
from hubopt.solve import solve
from tests.cases import random_case, tiny


def solved(path: Path) -> tuple[float, list[str], list[str]]:
    """Optimum and names of a file as HiGHS reads it."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(str(path)) == highspy.HighsStatus.kOk
    solver.setOptionValue("mip_rel_gap", 1e-9)
    solver.run()
    model = solver.getLp()
    return solver.getInfo().objective_function_value, list(model.col_names_), list(model.row_names_)


@pytest.mark.parametrize("kind", ["mps", "lp"])
def test_the_file_has_the_same_optimum(kind: str, tmp_path: Path) -> None:
    """The least objective of the file is the proven one of the solve, in CNY/year, with and without a policy."""
    case = random_case(0)
    for number, policy in enumerate((Policy(), Policy(name_en="more", demand_factor=1.1))):
        path = tmp_path / f"p{number}.{kind}"
        size = write_program(case, policy, path, kind)  # type: ignore[arg-type]
        objective, columns, rows = solved(path)
        proof = solve(case, policy, method="monolith", gap=1e-9, time_limit=60, threads=1).proof
        assert proof.status == "optimal"
        assert objective == pytest.approx(proof.objective, rel=1e-6)
        assert (len(rows), len(columns)) == (size.rows, size.columns)


@pytest.mark.parametrize(("kind", "site"), [("mps", "h-north"), ("lp", "h_north")])
def test_rows_and_columns_are_named(kind: str, site: str, tmp_path: Path) -> None:
    """Names are those of the constraints and variables with their indices, where the format can hold them."""
    path = tmp_path / f"p.{kind}"
    write_program(tiny(), Policy(), path, kind)  # type: ignore[arg-type]
    _, columns, rows = solved(path)
    design = "hub-stack" if kind == "mps" else "hub_stack"
    assert f"modules({site},{design},2025)" in columns
    assert f"one_design_per_site({site},2025)" in rows
    assert f"{'_' if kind == 'lp' else ''}inflow_balance({site},parcel,2025)" in rows  # else it is read as infinity
    assert len(set(columns)) == len(columns) and len(set(rows)) == len(rows)


@given(st.lists(st.text(max_size=300), max_size=8), st.sampled_from(["mps", "lp"]))
def test_names_fit_the_format_and_differ(names: list[str], kind: str) -> None:
    """Whatever ids hold, names have only what the format allows, are not too long, and no two are alike."""
    found = usable([*names, *names], kind)  # type: ignore[arg-type]
    assert len(set(found)) == 2 * len(names)
    allowed = r"[!-~]+" if kind == "mps" else r"[A-Za-z_(),#][A-Za-z0-9_.(),#]*"
    assert all(re.fullmatch(allowed, name) and len(name) <= MOST_CHARACTERS for name in found)
