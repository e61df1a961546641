"""Exchanges, outages and the further columns of facilities survive a result folder, or are named when damaged."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hubopt.instance import InputError
from hubopt.solution import (
    EXCHANGE_COLUMNS,
    FACILITY_COLUMNS,
    OUTAGE_COLUMNS,
    PLAN_FILES,
    PLAN_TABLES,
    Plan,
    read_solution,
    write_solution,
)
from tests.cases import tiny
from tests.plans import tiny_solution
from tests.solution.whole_plan import whole_solution


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the whole solution; not to be changed."""
    folder = tmp_path_factory.mktemp("results") / "r"
    write_solution(whole_solution(), tiny(), folder)
    return folder


def test_exchanges_and_outages_come_back(written: Path) -> None:
    """All five tables of a plan are read as they were written, to the last digit and in order."""
    plan, read = whole_solution().plan, read_solution(written).plan
    assert read == plan
    assert read is not None
    assert read.exchanges["mode"].tolist() == ["van", "", "van"]
    assert read.exchanges["group"].tolist() == ["West", "West", "东部"]


def test_tables_without_rows_have_no_file(tmp_path: Path) -> None:
    """A plan without in-city goods and outages leaves no files for them, and has empty tables when read."""
    write_solution(tiny_solution(), tiny(), tmp_path / "r")
    assert not {"exchanges.parquet", "outages.parquet"} & {path.name for path in (tmp_path / "r").iterdir()}
    plan = read_solution(tmp_path / "r").plan
    assert plan is not None
    assert (len(plan.exchanges), len(plan.outages)) == (0, 0)
    assert (tuple(plan.exchanges.columns), tuple(plan.outages.columns)) == (EXCHANGE_COLUMNS, OUTAGE_COLUMNS)


def test_the_columns_of_a_plan_are_those_of_its_schema() -> None:
    """The frozen column lists, the tables of the schema and their files name the same things in the same order."""
    assert tuple(column.name for column in PLAN_TABLES["facilities"].columns) == FACILITY_COLUMNS
    assert tuple(column.name for column in PLAN_TABLES["exchanges"].columns) == EXCHANGE_COLUMNS
    assert tuple(column.name for column in PLAN_TABLES["outages"].columns) == OUTAGE_COLUMNS
    assert list(PLAN_TABLES) == [path.split(".")[0] for path in PLAN_FILES] == list(Plan.__dataclass_fields__)


def test_plans_that_differ_in_an_outage_are_not_equal() -> None:
    """Exchanges and outages are part of what makes two plans equal."""
    plan = whole_solution().plan
    assert plan is not None
    for name in ("exchanges", "outages"):
        table = getattr(plan, name)
        assert replace(plan, **{name: table.assign(t_d=table["t_d"] * 2)}) != plan
        assert replace(plan, **{name: table.copy()}) == plan


def test_columns_with_a_default_are_filled(tmp_path: Path) -> None:
    """A plan whose facilities lack staff, emission and investment is written with zeros."""
    solution = whole_solution()
    assert solution.plan is not None
    bare = solution.plan.facilities.drop(columns=["staff", "kgco2e_year", "investment_cny"])
    write_solution(replace(solution, plan=replace(solution.plan, facilities=bare)), tiny(), tmp_path / "r")
    plan = read_solution(tmp_path / "r").plan
    assert plan is not None
    assert plan.facilities[["staff", "kgco2e_year", "investment_cny"]].to_numpy().sum() == 0
    assert tuple(plan.facilities.columns) == FACILITY_COLUMNS


def test_an_empty_plan_comes_back(tmp_path: Path) -> None:
    """A plan in which nothing is open has tables without rows, and they are read as such."""
    solution = whole_solution()
    assert solution.plan is not None
    nothing = Plan(**{name: getattr(solution.plan, name).iloc[:0] for name in PLAN_TABLES})
    write_solution(replace(solution, plan=nothing), tiny(), tmp_path / "r")
    assert read_solution(tmp_path / "r").plan == nothing


Change = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.mark.parametrize("name", ["exchanges", "outages"])
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda table: table.drop(columns="t_d"), "column 't_d' is missing"),
        (lambda table: table.rename(columns={"origin": "from"}), "column 'from' is not a column of this table"),
        (lambda table: table.assign(t_d="much"), "row 2, column t_d: is not a finite number"),
        (lambda table: table.assign(t_d=float("inf")), "column t_d: is not a finite number"),
        (lambda table: table.assign(period=""), "column period: is empty"),
        (lambda table: pd.concat([table, table.iloc[:1]]), "row 5, column .*repeats the key of an earlier row"),
    ],
)
def test_a_damaged_table_is_named(written: Path, tmp_path: Path, name: str, change: Change, says: str) -> None:
    """What is wrong in exchanges.parquet or outages.parquet is said with its place."""
    shutil.copytree(written, tmp_path / "r")
    path = tmp_path / "r" / f"{name}.parquet"
    change(pd.read_parquet(path)).to_parquet(path)
    with pytest.raises(InputError, match=f"{name}.parquet.*{says}"):
        read_solution(tmp_path / "r")


@pytest.mark.parametrize("name", ["exchanges", "outages"])
def test_a_table_cut_short_is_named(written: Path, tmp_path: Path, name: str) -> None:
    """An optional file that is there but cannot be read is a problem, not an empty table."""
    shutil.copytree(written, tmp_path / "r")
    path = tmp_path / "r" / f"{name}.parquet"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(InputError, match=f"{name}.parquet: is not a sound Parquet file"):
        read_solution(tmp_path / "r")


def test_a_facility_table_without_a_new_column_is_read(written: Path, tmp_path: Path) -> None:
    """Columns with a default may be absent from facilities.csv; those without one may not."""
    shutil.copytree(written, tmp_path / "r")
    path = tmp_path / "r" / "facilities.csv"
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    table.drop(columns=["staff"]).to_csv(path, index=False)
    plan = read_solution(tmp_path / "r").plan
    assert plan is not None
    assert plan.facilities["staff"].tolist() == [0.0] * len(table)
    table.drop(columns=["converted_modules"]).to_csv(path, index=False)
    with pytest.raises(InputError, match="'converted_modules' is missing"):
        read_solution(tmp_path / "r")


@pytest.mark.parametrize(("layout", "says"), [(1, "an earlier hubopt.*solve again"), (3, "a later hubopt")])
def test_another_layout_is_the_only_problem(written: Path, tmp_path: Path, layout: int, says: str) -> None:
    """A folder of another version is refused in one sentence, whatever else in it has changed."""
    shutil.copytree(written, tmp_path / "r")
    (tmp_path / "r" / "flows.parquet").unlink()
    record = json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8")) | {"format": layout, "new": 1}
    (tmp_path / "r" / "result.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(InputError, match=says) as caught:
        read_solution(tmp_path / "r")
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].column == "format"
