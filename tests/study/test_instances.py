"""Figures that set instances side by side, worked out by hand; the command that prints and writes them."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from hubopt.cli import app
from hubopt.formats.imports import Options, import_file
from hubopt.instance import Instance, write_instance
from hubopt.study.instances import clustering, features, hardness
from tests.cases import tiny
from tests.formats import files


@pytest.fixture
def warehouses(tmp_path: Path) -> Instance:
    """Three warehouses, four customers."""
    return import_file("orlib-cflp", files.write(tmp_path, "three.txt", files.ORLIB))


def test_features_by_hand(warehouses: Instance) -> None:
    """120 units of room for 57 asked; opening all costs 175; a unit costs the mean of the twelve rates."""
    found = features(warehouses)
    rates = files.COST / np.array(files.DEMAND)
    assert (found.station, found.zones, found.arcs, found.single_sourced) == (3, 4, 12, 0)
    assert found.demand_t_d == 57
    assert found.capacity_ratio == pytest.approx(120 / 57)
    assert found.fixed_ratio == pytest.approx(175 / (57 * rates.mean()))
    assert found.cost_spread == pytest.approx(rates.std() / rates.mean())
    assert found.density == 1
    assert math.isnan(found.clustering)


def test_the_tightest_class_and_the_largest_number_of_sites_count(tmp_path: Path) -> None:
    """Product 1 asks for 9 and plants have 17 of it, depots 18; two medians of room 5 each serve five customers."""
    products = features(import_file("mptscflp", files.write(tmp_path, "two.txt", files.TWO_PRODUCTS)))
    room = {"plants": (8 + 9, 9 + 7), "depots": (9 + 9, 7 + 8)}
    asked = (3 + 2 + 4, 2 + 4 + 1)
    assert products.capacity_ratio == pytest.approx(
        min(x / y for pair in room.values() for x, y in zip(pair, asked, strict=True))
    )
    medians = features(import_file("pmedian", files.write(tmp_path, "five.txt", files.GRAPH)))
    assert medians.capacity_ratio == pytest.approx(2 * 5 / 5)


def test_clustering_tells_a_grid_from_a_heap() -> None:
    """Zones on a grid are farther apart than random ones (above 1), zones in two heaps nearer (below 1)."""
    side = np.arange(8.0)
    grid = np.array([(x, y) for x in side for y in side]) / 100
    heaps = np.vstack([grid[:32] / 40, grid[:32] / 40 + 0.1])

    def placed(points: np.ndarray) -> Instance:
        zones = tiny().zones
        rows = zones.iloc[[0] * len(points)].reset_index(drop=True)
        return tiny().with_tables(zones=rows.assign(lon=114 + points[:, 0], lat=22.5 + points[:, 1]))

    assert clustering(placed(grid)) > 1.5
    assert clustering(placed(heaps)) < 0.5


def test_hardness_of_a_maximal_covering(tmp_path: Path) -> None:
    """Objective, bound and relaxation are stated as published, and a gap is never negative."""
    path = files.write(tmp_path, "points.txt", files.POINTS)
    found = hardness(import_file("covering", path, Options(maximal=True)), 20)
    assert found.objective == pytest.approx(23)
    assert found.lp_bound >= found.objective - 1e-6
    assert found.bound >= found.objective - 1e-6
    assert found.lp_gap >= 0
    assert found.gap <= 1e-3


def test_the_command_prints_and_writes_the_same(tmp_path: Path, warehouses: Instance) -> None:
    """Two instances in the terminal, as CSV in full, as Markdown and in charts; a folder given twice is a mistake."""
    folders = [tmp_path / "three", tmp_path / "tiny"]
    for folder, instance in zip(folders, (warehouses, tiny()), strict=True):
        write_instance(instance, folder)
    targets = ["--csv", tmp_path / "f.csv", "--markdown", tmp_path / "f.md", "--charts", tmp_path / "charts"]
    result = CliRunner().invoke(app, ["compare-instances", *map(str, [*folders, *targets])])
    assert result.exit_code == 0, result.output
    assert "capacity over demand" in result.output
    rows = list(csv.DictReader((tmp_path / "f.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["instance"] for row in rows] == ["three", "tiny"]
    assert float(rows[0]["capacity_ratio"]) == 120 / 57
    assert (rows[0]["clustering"], "seconds" in rows[0]) == ("", False)
    assert "| three | 4 |" in (tmp_path / "f.md").read_text(encoding="utf-8")
    assert {path.name for path in (tmp_path / "charts").iterdir()} == {"sizes.svg", "tightness.svg"}
    assert "three" in (tmp_path / "charts" / "tightness.svg").read_text(encoding="utf-8")
    twice = CliRunner().invoke(app, ["compare-instances", str(folders[0]), str(folders[0])])
    assert (twice.exit_code, "gives one folder twice" in twice.output) == (2, True)
