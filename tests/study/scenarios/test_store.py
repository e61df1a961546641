"""The store: what its tables say, SQL that only reads, effects of Morris samples."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from hubopt.instance import InputError
from hubopt.solution import read_solution
from hubopt.study.scenarios import effects
from hubopt.study.scenarios.effects import morris_effects
from hubopt.study.scenarios.file import Grid, Parameter
from hubopt.study.scenarios.layout import GridRecord
from hubopt.study.scenarios.parts import REAL, SCHEMAS, TEXT, WHOLE
from hubopt.study.scenarios.sampling import sample
from hubopt.study.scenarios.sound import unsound
from hubopt.study.scenarios.store import Store
from hubopt.study.scenarios.tables import overview, parameters_table, runs_table, site_uses, sites_table, zones_table
from tests.study.scenarios.conftest import run_here


@pytest.fixture
def store(solved: Path) -> Store:
    """The store of the small study."""
    return Store(solved / "out")


def test_the_overview_has_what_the_results_have(store: Store, solved: Path) -> None:
    """Objective, bound, cost parts and indicators of every scenario equal those of its result; no times are in it."""
    table = overview(store)
    names = [column.name for column in table.columns]
    assert "seconds" not in names and [row[0] for row in table.rows] == ["base", "more", "more-carbon", "dear", "tight"]
    for row in table.rows:
        solution, cells = read_solution(solved / "out/runs" / row[0]), dict(zip(names, row, strict=True))
        assert cells["objective"] == pytest.approx(solution.proof.objective / 1e6)  # type: ignore[operator]
        assert cells["lower bound"] == pytest.approx(solution.proof.bound / 1e6)  # type: ignore[operator]
        assert cells["land"] == pytest.approx(solution.kpi["land_ha.total"])
        parts = [cells[name] for name in names if name.startswith("cost, ")]
        assert sum(parts) == pytest.approx(sum(solution.cost.values()) / 1e6)


def test_sites_are_counted(store: Store, solved: Path) -> None:
    """Shares of sites and sizes are those of the plans' tables."""
    plans = {name: read_solution(solved / "out/runs" / name).plan for name in ("base", "more", "dear")}
    uses = {use.site: use for use in site_uses(store)}
    for name, plan in plans.items():
        assert plan is not None
        standing = set(plan.facilities.loc[plan.facilities["modules"] > 0, "site"])
        assert standing == {site for site, use in uses.items() if name in use.scenarios}
    assert all(use.share == len(use.scenarios) / 5 == sum(use.sizes.values()) / 5 for use in uses.values())
    assert len(sites_table(store).rows) == len(uses)


def test_zones_add_up(store: Store) -> None:
    """What is served of all zones is the served share of the result; changes are told against the first plan."""
    rows = store.query(
        "SELECT z.scenario, sum(served_t_d) / sum(demand_t_d) AS share, any_value(k.value) AS told FROM zones AS z "
        "JOIN kpis AS k ON k.scenario = z.scenario AND k.kpi = 'served_share' GROUP BY z.scenario"
    )
    assert len(rows) == 5 and np.allclose(rows["share"], rows["told"])
    assert all(row[0] != "base" for row in zones_table(store).rows)


def test_changes_and_runs_are_listed(store: Store) -> None:
    """What each scenario changes and how each run ended."""
    assert ("more-carbon", "demand.all", "1.3") in parameters_table(store).rows
    assert [row[1] for row in runs_table(store).rows] == ["optimal"] * 5


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE runs", "SELECT 1; SELECT 2", "COPY runs TO 'x.csv'", "ATTACH 'x.db'", "INSTALL httpfs", "selct",
        "SET enable_external_access = true", "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM nothing", "", "INSERT INTO runs SELECT * FROM runs", "SELECT * FROM glob('/*')",
        "CREATE TABLE x AS SELECT 1", "PRAGMA database_list; SELECT 1", "SELECT getenv('HOME')",
        "EXPLAIN ANALYZE SELECT * FROM read_text('/etc/passwd')",
    ],
)  # fmt: skip
def test_sql_only_reads_the_tables(store: Store, sql: str) -> None:
    """Statements that write, reach files, or are more than one are refused as input; the tables stay as they are."""
    with pytest.raises(InputError):
        store.query(sql)
    assert store.query("SELECT count(*) AS n FROM runs")["n"].tolist() == [5]


def test_a_damaged_store_is_named(solved: Path, tmp_path: Path) -> None:
    """A part that is no Parquet file, and a folder without a study, are mistakes with their place."""
    import shutil

    shutil.copytree(solved / "out", tmp_path / "out")
    (tmp_path / "out/store/costs/more.parquet").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"more\.parquet"):
        Store(tmp_path / "out")
    with pytest.raises(InputError, match="holds no study"):
        Store(tmp_path)


def test_effects_of_a_known_function(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """For y = 3 a + 0 b + a c: mu* of a lies in 3..4, of b it is 0; trajectories with a gap are left out."""
    parameters = {name: Parameter(path="demand.all", low=0.0, high=1.0) for name in "abc"}
    grid = Grid(method="morris", trajectories=6, parameters=parameters)
    drawn = sample(grid)
    assert drawn.units is not None
    names = tuple(f"p-{point}" for point in drawn.rows)
    record = GridRecord(
        method="morris", parameters=tuple("abc"), levels=4, rows=names, units=tuple(map(tuple, drawn.units.tolist()))
    )
    values = {name: 1e6 * (3 * a + a * c) for name, (a, _, c) in zip(names, drawn.units.tolist(), strict=True)}
    lost = dict(list(values.items())[1:])
    monkeypatch.setattr(effects, "_noise", lambda *_: None)
    for outcomes in (values, lost):
        found = {key: outcomes if key == "objective" else {} for key in effects.OUTCOMES}
        monkeypatch.setattr(effects, "_outcomes", lambda _, found=found: found)
        monkeypatch.setattr(store, "record", store.record.model_copy(update={"grids": {"m": record}}))
        by_name = {item.parameter: item for item in morris_effects(store)}
        assert 3 <= by_name["a"].mu_star <= 4 and by_name["a"].mu == pytest.approx(by_name["a"].mu_star)
        assert by_name["b"].mu_star == by_name["b"].sigma == pytest.approx(0)
        assert by_name["c"].sigma > 0
    few = dict(list(values.items())[:2])
    monkeypatch.setattr(effects, "_outcomes", lambda _: {key: {} for key in effects.OUTCOMES} | {"objective": few})
    assert morris_effects(store) == ()


def test_a_store_that_lost_its_runs_is_named(solved: Path, tmp_path: Path) -> None:
    """Sites whose run is gone from the store are a damage with a mend, and the mend works: nothing is solved again."""
    shutil.copytree(solved, tmp_path / "copy")
    folder = tmp_path / "copy/out"
    for path in (folder / "store/runs").iterdir():
        path.unlink()
    with Store(folder) as lost, pytest.raises(InputError, match="has sites of base, dear, more, more-carbon, tight"):
        site_uses(lost)
    again = run_here(tmp_path / "copy/small.toml", folder)
    assert len(again.kept) == 5 and not again.solved
    with Store(folder) as mended, Store(solved / "out") as whole:
        assert site_uses(mended) == site_uses(whole)


def _changed(table: str, column: str, to: object) -> pa.Table:
    """Two rows of a table of the store, sound but for one cell of the first."""
    kinds: dict[object, tuple[object, object]] = {TEXT: ("a", "b"), REAL: (1.0, float("nan")), WHOLE: (1, 2)}
    rows = {item.name: list(kinds[item.type]) for item in SCHEMAS[table]}
    rows["scenario"] = ["base", "base"]
    rows[column][0] = to
    return pa.table(rows, schema=SCHEMAS[table])


@pytest.mark.parametrize(
    ("table", "column", "to", "says"),
    [
        ("zones", "km", None, None),
        ("zones", "km", float("inf"), "a figure in km"),
        ("zones", "zone", "b", "the same scenario, period, zone"),
        ("zones", "scenario", "other", "'other'"),
        ("sites", "modules", None, "an empty cell in modules"),
        ("kpis", "value", -1e301, "a figure in value"),
    ],
)
def test_tables_keep_to_what_is_relied_on(table: str, column: str, to: object, says: str | None) -> None:
    """No figure where nothing came is sound; endless ones, doubled rows, strangers and empty cells are named."""
    content = _changed(table, column, to)
    if table == "zones" and column == "zone":
        content = content.set_column(1, "period", pa.array(["a", "a"]))
    found = unsound(table, content, {"base"})
    assert found is None if says is None else found is not None and says in found
