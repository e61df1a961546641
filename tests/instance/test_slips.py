"""One figure in the wrong unit among many right ones: told with its row, and no alarm where nothing is wrong."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from hubopt.instance import Instance, doubts, read_instance
from hubopt.instance.draft import draft_of
from hubopt.instance.rules.slips import PER_RESIDENT, RULES, Apart
from tests.cases import tiny

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("tiny", "shenzhen", "shenzhen-1km", "gba")


@cache
def shipped(name: str) -> Instance:
    """An instance that comes with hubopt."""
    return read_instance(ROOT / "instances" / name, geometry=False)


def told(case: Instance) -> list[tuple[str, int | None]]:
    """File and row of every slip that is told."""
    return [(problem.file, problem.row) for rule in RULES for problem in rule(draft_of(case))]


def slipped(case: Instance, table: str, column: str, rows: list[int], factor: float) -> Instance:
    """The instance with some cells in another unit."""
    frame = case.table(table).copy()
    frame.loc[rows, column] = frame.loc[rows, column] * factor
    return case.with_tables(**{table: frame})


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_instances_raise_no_alarm(name: str) -> None:
    """No figure of the real and the made-up cases is taken for a slip."""
    assert told(shipped(name)) == []


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize(("table", "column", "factor"), [("demand", "t_d", 1000), ("sites", "land_ha", 10_000)])
def test_one_figure_in_another_unit_is_told(name: str, table: str, column: str, factor: float) -> None:
    """Whichever row has kg for t or m2 for ha, that row is told, and no other."""
    case = shipped(name)
    rows = [row for row, value in enumerate(case.table(table)[column]) if value > 0]
    for row in random.Random(name + table).sample(rows, 5):
        assert told(slipped(case, table, column, [row], factor)) == [(f"{table}.csv", row + 2)]


def test_a_few_figures_of_one_kind_are_told_together() -> None:
    """A zone whose demand is all in kg, and rows of one commodity up to a third of them, are told row by row."""
    case = shipped("shenzhen")
    of_zone = [int(row) for row in case.demand.index[case.demand["zone"] == "zone-007"]]
    assert told(slipped(case, "demand", "t_d", of_zone, 1000)) == [("demand.csv", row + 2) for row in of_zone]
    cold = case.demand.index[case.demand["commodity"] == "cold_in"][:66]
    found = told(slipped(case, "demand", "t_d", list(cold), 1000))
    assert [row for _, row in found[:3]] == [int(row) + 2 for row in cold[:3]] and len(found) == 4


def test_thousands_of_tonnes_are_told() -> None:
    """A row in thousands of tonnes stands apart below."""
    case = shipped("shenzhen")
    assert told(slipped(case, "demand", "t_d", [11], 0.001)) == [("demand.csv", 13)]


def test_other_limits_in_another_unit_are_told() -> None:
    """Land limits in m2, gateways in kg/d, designs in kg/d and standards in metres are told with their place."""
    case = tiny()
    assert told(slipped(case, "land", "limit_ha", [0], 10_000)) == [("land.csv", 2)]
    real = shipped("shenzhen")
    largest = int(real.gateways["capacity_t_d"].idxmax())
    assert told(slipped(real, "gateways", "capacity_t_d", [largest], 1000)) == [("gateways.csv", largest + 2)]
    structure = case.structure
    design = structure.designs[0].model_copy(update={"throughput_t_d": structure.designs[0].throughput_t_d * 1000})
    far = [item.model_copy(update={"limit": 5000.0}) for item in structure.service.targets if item.measure == "km"]
    assert far
    changed = structure.model_copy(
        update={
            "designs": (design, *structure.designs[1:]),
            "service": structure.service.model_copy(update={"targets": tuple(far)}),
        }
    )
    found = [str(problem) for rule in RULES for problem in rule(draft_of(replace(case, structure=changed)))]
    assert len(found) == 2 and "per m2 of floor" in found[0] and "metres, not km?" in found[1]


def test_a_slip_on_a_short_way_is_told() -> None:
    """Metres for km between neighbours, whose straight line is too short to compare, are told too."""
    case = tiny()
    arcs = case.arcs
    shortest = int(arcs["km"].where(arcs["km"] > 0).idxmin())
    found = doubts(slipped(case, "arcs", "km", [shortest], 1000))
    assert ("arcs.csv", shortest + 2) in [(doubt.file, doubt.row) for doubt in found]


def test_what_is_spread_but_without_a_hole_is_no_slip() -> None:
    """Heavy tails raise no alarm; a hole without many times the middle does not either; most rows are right."""
    rng = random.Random(0)
    tail = pd.Series([rng.lognormvariate(0, 1.5) for _ in range(300)])
    assert not PER_RESIDENT.above(tail).any()
    assert not Apart(50, 10).above(pd.Series([1.0, 1.0, 1.0, 20.0])).any()
    assert not Apart(50, 10).above(pd.Series([0.0, float("nan"), 4.0])).any()
    assert Apart(50, 10).above(pd.Series([1000.0, 1.0, 0.0, 2.0])).tolist() == [True, False, False, False]
    assert not Apart(50, 10).above(pd.Series([1000.0, 1000.0, 1000.0, 1.0])).any()
