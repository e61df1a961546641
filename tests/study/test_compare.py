"""Results side by side."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubopt.instance import InputError
from hubopt.study.compare import compare, markdown
from tests.plans import no_solution, tiny_solution


def test_two_results_stand_side_by_side() -> None:
    """Each row has a cell for each result; sites are split into those of all and those of some."""
    one = tiny_solution()
    assert one.plan is not None
    rows = one.plan.facilities
    two = replace(one, plan=replace(one.plan, facilities=rows[rows["site"] != "h-air"]))
    comparison = compare({"one": one, "two": two})
    assert all(len(row.cells) == 2 for row in comparison.rows)
    table = {row.name: row.cells for row in comparison.rows}
    assert table["objective"] == ("63.75", "63.75")
    assert table["open, hub"] == ("2", "1")
    hubs = comparison.sets[0]
    assert hubs.everywhere == ("h-north",)
    assert hubs.sometimes == {"h-air": ("one",)}
    text = markdown(comparison)
    assert "| open, hub | sites | 2 | 1 |" in text
    assert "| h-air | one |" in text


def test_a_result_without_a_plan_has_dashes() -> None:
    """What was not found is a dash, and its sites do not count."""
    comparison = compare({"one": tiny_solution(), "none": no_solution("infeasible")})
    table = {row.name: row.cells for row in comparison.rows}
    assert table["status"][1] == "infeasible"
    assert table["open, hub"] == ("2", "-")
    assert not comparison.sets[0].sometimes


def test_one_result_is_not_compared() -> None:
    """A comparison needs two."""
    with pytest.raises(InputError):
        compare({"one": tiny_solution()})
