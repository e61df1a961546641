from __future__ import annotations

import json
import tempfile
import tomllib
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.instance import InputError, Instance, Policy, read_policy
from hubopt.instance.frames import frame_of
from hubopt.solution import (
    FLOW_COLUMNS,
    PLAN_TABLES,
    Solution,
    instance_folder,
    read_solution,
    write_solution,
)
from tests.cases import tiny
from tests.plans import no_solution, tiny_solution
from tests.solution.whole_plan import as_written


def without_coordinates() -> Instance:
    """``tiny`` as an imported case without geography."""
    return tiny().with_tables(sites=tiny().sites.assign(lon=float("nan"), lat=float("nan")))


@pytest.fixture(scope="module")
def solution() -> Solution:
    return tiny_solution()


def test_a_solution_comes_back(solution: Solution, tmp_path: Path) -> None:
    """Reading a written solution gives the same tables, cost, indicators, policy and proof."""
    write_solution(solution, tiny(), tmp_path / "r")
    assert read_solution(tmp_path / "r") == as_written(solution)


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.floats(0, 1e9), min_size=1, max_size=4),
    st.dictionaries(st.text(min_size=1, max_size=9), st.floats(-1e12, 1e12), max_size=4),
    st.floats(0, 10),
)
def test_any_figures_come_back(amounts: list[float], kpi: dict[str, float], factor: float) -> None:
    """Floats in tables, indicators and the policy survive the files to the last digit."""
    base = as_written(tiny_solution())
    assert base.plan is not None
    rows = [("p", "hub-utc", f"h{at}", "u", "m", "k", t_d) for at, t_d in enumerate(amounts)]
    flows = frame_of(PLAN_TABLES["flows"], [dict(zip(FLOW_COLUMNS, row, strict=True)) for row in rows])
    policy = Policy(weights={"land": factor}, description="图\n\"'", name_zh="政策")
    changed = replace(base, plan=replace(base.plan, flows=flows), kpi=kpi, policy=policy)
    with tempfile.TemporaryDirectory() as scratch:
        write_solution(changed, without_coordinates(), Path(scratch) / "r")
        assert read_solution(Path(scratch) / "r") == changed
        assert read_policy(Path(scratch) / "r" / "policy.toml") == policy


@pytest.mark.parametrize("status", ["infeasible", "no-solution", "error"])
def test_an_outcome_without_plan_comes_back(status: str, tmp_path: Path) -> None:
    """A run without a plan leaves no tables and is read as such."""
    outcome = no_solution(status)  # type: ignore[arg-type]
    write_solution(outcome, tiny(), tmp_path / "r")
    assert {path.name for path in (tmp_path / "r").iterdir()} == {"result.json", "policy.toml"}
    assert read_solution(tmp_path / "r") == outcome


def test_result_json_says_what_others_need(solution: Solution, tmp_path: Path) -> None:
    """result.json holds the documented keys."""
    write_solution(solution, tiny(), tmp_path / "r", instance_path=tmp_path / "tiny")
    record = json.loads((tmp_path / "r" / "result.json").read_text(encoding="utf-8"))
    assert record["status"] == "feasible"
    assert record["limit"] == "time"
    assert record["gap"] == pytest.approx(0.01)
    assert record["instance_path"] == "../tiny"
    assert set(record) >= {
        "format", "objective", "bound", "gap_asked", "seconds", "method", "seed", "threads", "versions", "instance_id",
        "instance_sha256", "policy", "cost", "kpi", "trace",
    }  # fmt: skip
    assert tomllib.loads((tmp_path / "r" / "policy.toml").read_text(encoding="utf-8"))["name_zh"] == "按算例设定"


def test_the_geopackage_places_every_facility(solution: Solution, tmp_path: Path) -> None:
    """facilities.gpkg has one point per facility, at its site, with the columns of the table."""
    write_solution(solution, tiny(), tmp_path / "r")
    points = gpd.read_file(tmp_path / "r" / "facilities.gpkg")
    sites = tiny().sites.set_index("id")
    assert len(points) == 9
    assert points.crs.to_epsg() == 4326
    for site, point in zip(points["site"], points.geometry, strict=True):
        assert (point.x, point.y) == (sites.loc[site, "lon"], sites.loc[site, "lat"])


def test_without_coordinates_there_is_no_geopackage(solution: Solution, tmp_path: Path) -> None:
    """An imported case without coordinates gives a result without points."""
    write_solution(solution, without_coordinates(), tmp_path / "r")
    assert not (tmp_path / "r" / "facilities.gpkg").exists()


def test_the_same_solution_gives_the_same_bytes(solution: Solution, tmp_path: Path) -> None:
    """Two writings of a solution are equal byte by byte."""
    for name in ("a", "b"):
        write_solution(solution, tiny(), tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_extra_files_lie_beside(solution: Solution, tmp_path: Path) -> None:
    """Map, report and log are written with the rest; a name that is taken is refused and nothing is written."""
    write_solution(solution, tiny(), tmp_path / "r", {"map.html": "地图", "solver.log": b"\xff"})
    assert (tmp_path / "r" / "map.html").read_text(encoding="utf-8") == "地图"
    assert (tmp_path / "r" / "solver.log").read_bytes() == b"\xff"
    for name in ("result.json", "../escaped.txt"):
        with pytest.raises(ValueError, match="not a free file name"):
            write_solution(solution, tiny(), tmp_path / "s", {name: ""})
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_a_failure_while_writing_leaves_nothing(
    solution: Solution, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the disk fills up after the tables, no folder appears."""

    def full(*_: object, **__: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hubopt.solution.write.json.dumps", full)
    with pytest.raises(OSError, match="No space left"):
        write_solution(solution, tiny(), tmp_path / "r")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_result_is_kept_unless_forced(solution: Solution, tmp_path: Path) -> None:
    """A result folder is replaced only with force."""
    write_solution(solution, tiny(), tmp_path / "r", {"note.txt": "first"})
    with pytest.raises(InputError, match="exists already"):
        write_solution(solution, tiny(), tmp_path / "r")
    assert (tmp_path / "r" / "note.txt").exists()
    write_solution(solution, tiny(), tmp_path / "r", force=True)
    assert not (tmp_path / "r" / "note.txt").exists()


def test_the_instance_is_found_again(solution: Solution, tmp_path: Path) -> None:
    """The result remembers where its instance lay, also when both have been moved together."""
    (tmp_path / "a" / "tiny").mkdir(parents=True)
    write_solution(solution, tiny(), tmp_path / "a" / "r", instance_path=tmp_path / "a" / "tiny")
    (tmp_path / "a").rename(tmp_path / "b")
    assert instance_folder(tmp_path / "b" / "r") == tmp_path / "b" / "tiny"
    write_solution(solution, tiny(), tmp_path / "s")
    assert instance_folder(tmp_path / "s") is None


def test_a_table_without_its_columns_is_refused(solution: Solution, tmp_path: Path) -> None:
    """A plan that lacks a column is an error of the program and writes nothing."""
    assert solution.plan is not None
    broken = replace(solution, plan=replace(solution.plan, flows=pd.DataFrame({"t_d": [1.0]})))
    with pytest.raises(ValueError, match="flows lacks the columns"):
        write_solution(broken, tiny(), tmp_path / "r")
    assert list(tmp_path.iterdir()) == []
