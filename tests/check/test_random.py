"""The checker on random plans: what must not matter does not, what must scale does, and nothing makes it fall over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.check import Report, check
from hubopt.instance import Instance, Policy
from hubopt.instance.types import Record
from hubopt.solution.types import Plan
from tests.cases import random_case
from tests.check.greedy import greedy_plan
from tests.check.hand import hand_case, hand_plan
from tests.check.phased import phased_trial

# the constructor does not look at these
POLICY = Policy(off=("service_targets", "gateway_shares", "level_counts"))
seeds = st.integers(0, 400)
few = settings(max_examples=5, deadline=None)


def _tables(plan: Plan) -> dict[str, pd.DataFrame]:
    return {"facilities": plan.facilities, "assignments": plan.assignments, "flows": plan.flows}


def _same_figures(report: Report, other: Report, factor: float = 1.0) -> None:
    assert other.cost == pytest.approx({part: factor * amount for part, amount in report.cost.items()})
    assert other.objective == pytest.approx(factor * report.objective)


def test_most_random_plans_carry_something() -> None:
    """The constructor gives plans that hold and that carry goods, or the properties below would say little."""
    reports = []
    for seed in range(8):
        case = random_case(seed)
        reports.append(check(case, POLICY, greedy_plan(case, POLICY, seed)))
    assert [report.findings for report in reports] == [()] * len(reports)
    assert sum(report.kpi["served_share"] > 0.3 for report in reports) >= 5


@few
@given(seeds)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    """Shuffled rows and odd indices of a valid plan give no finding and the same figures."""
    case = random_case(seed)
    plan = greedy_plan(case, POLICY, seed)
    shuffled = Plan(**{name: table.sample(frac=1, random_state=seed) for name, table in _tables(plan).items()})
    report, other = check(case, POLICY, plan), check(case, POLICY, shuffled)
    assert report.ok
    assert other.ok
    _same_figures(report, other)
    assert other.kpi == pytest.approx(report.kpi)
    pd.testing.assert_frame_equal(other.facilities, report.facilities)


def _dearer(record: Record, factor: float) -> Record:
    money = {name: value * factor for name, value in record if "cny" in name and isinstance(value, int | float)}
    return record.model_copy(update=money)


def dearer(case: Instance, factor: float) -> Instance:
    """The case with every amount of money multiplied."""
    structure = case.structure
    structure = structure.model_copy(
        update={
            "instance": _dearer(structure.instance, factor),
            **{
                kind: tuple(_dearer(item, factor) for item in getattr(structure, kind))
                for kind in ("commodities", "designs", "modes")
            },
        }
    )
    tables = {}
    for name in ("gateways", "sites", "existing"):
        table = getattr(case, name)
        tables[name] = table.assign(**{column: table[column] * factor for column in table if "cny" in column})
    return replace(case, structure=structure, **tables)


@few
@given(seeds)
def test_twice_the_prices_are_twice_the_cost(seed: int) -> None:
    """Every cost part is linear in money: doubling all prices doubles all of them."""
    case = random_case(seed)
    plan = greedy_plan(case, POLICY, seed)
    recosted = greedy_plan(dearer(case, 2), POLICY, seed)
    report, other = check(case, POLICY, plan), check(dearer(case, 2), POLICY, recosted)
    assert other.ok
    _same_figures(report, other, 2.0)


def _renamed(table: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Ids of places turned round, so that their order changes as well."""
    there = [name for name in columns if name in table]
    return table.assign(**{name: table[name].map(lambda id: f"x{9 - int(id[1])}{id[0]}") for name in there})


@few
@given(seeds)
def test_names_do_not_matter(seed: int) -> None:
    """Other ids for gateways, sites and zones give the same cost and indicators."""
    case = random_case(seed)
    plan = greedy_plan(case, POLICY, seed)
    places = dict.fromkeys(("site", "zone", "gateway", "origin", "destination"), "")
    tables = {
        name: _renamed(getattr(case, name), {**places, "id": ""} if name in ("gateways", "sites", "zones") else places)
        for name in ("gateways", "admissions", "sites", "existing", "zones", "demand", "arcs")
    }
    renamed = Plan(**{name: _renamed(table, places) for name, table in _tables(plan).items()})
    report, other = check(case, POLICY, plan), check(case.with_tables(**tables), POLICY, renamed)
    assert other.ok
    _same_figures(report, other)
    assert other.kpi == pytest.approx(report.kpi)


RUBBISH = [None, "", "x", "p", -1, 0, 1.5, float("nan"), float("inf"), 1e300, True, pd.NA, "station-zone", "h1"]


@settings(max_examples=18, deadline=None)
@given(st.data())
def test_rubbish_in_a_cell_is_found_and_not_fatal(data: st.DataObject) -> None:
    """Whatever a cell holds, the checker answers with findings, unless the cell says the same as before."""
    plan = hand_plan()
    name = data.draw(st.sampled_from(["facilities", "assignments", "flows"]))
    table = getattr(plan, name)
    column = data.draw(st.sampled_from(list(table.columns)))
    row = data.draw(st.integers(0, len(table) - 1))
    value = data.draw(st.sampled_from(RUBBISH))
    before = table.loc[row, column]
    cells = list(table[column])
    cells[row] = value
    report = check(hand_case(), Policy(), replace(plan, **{name: table.assign(**{column: cells})}))
    assert not report.ok or value == before or (column == "design" and value in (None, "") and row == 3)


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_rubbish_in_a_plan_over_periods_is_found_and_not_fatal(data: st.DataObject) -> None:
    """The same for exchanges and outages, and for facilities that are upgraded and closed."""
    trial = phased_trial()
    plan = trial.plan()
    name = data.draw(st.sampled_from(["facilities", "exchanges", "outages"]))
    table = getattr(plan, name)
    column = data.draw(st.sampled_from(list(table.columns)))
    row = data.draw(st.integers(0, len(table) - 1))
    value = data.draw(st.sampled_from(RUBBISH))
    before = table.loc[row, column]
    cells = list(table[column])
    cells[row] = value
    report = check(trial.instance, trial.policy, replace(plan, **{name: table.assign(**{column: cells})}))
    closed = name == "facilities" and table.loc[row, "action"] == "close"
    # no mode within one facility is what the empty cell says, too
    unsaid = name == "exchanges" and column == "mode" and before == "" and bool(pd.isna(value))
    assert not report.ok or unsaid or (closed and column == "design") or value == before


def test_twice_the_prices_of_a_plan_over_periods() -> None:
    """Every cost part, the charge on land and the investment are linear in money."""
    trial = phased_trial()
    twice = Policy.model_validate(
        trial.policy.model_dump(exclude_defaults=True)
        | {"cost_cap_cny_year": 1.2e7, "land_charge_cny_ha_year": 2 * trial.policy.land_charge_cny_ha_year}
    )
    case = dearer(trial.instance, 2)
    structure = case.structure
    periods = tuple(_dearer(period, 2) for period in structure.periods)
    case = replace(case, structure=structure.model_copy(update={"periods": periods}))
    case = case.with_tables(arcs=case.arcs.assign(**{name: 2 * case.arcs[name] for name in case.arcs if "cny" in name}))
    report, other = trial.but().findings(), trial.but(instance=case, policy=twice)
    assert report == ()
    assert other.findings() == ()
    one, two = (check(item.instance, item.policy, item.plan()) for item in (trial, other))
    _same_figures(one, two, 2.0)
    assert two.kpi["investment_cny"] == pytest.approx(2 * one.kpi["investment_cny"])


@pytest.mark.parametrize("name", ["facilities", "assignments", "flows", "exchanges", "outages"])
def test_a_table_without_columns_is_found_and_not_fatal(name: str) -> None:
    """A table that is nothing at all is reported column by column."""
    report = check(hand_case(), Policy(), replace(hand_plan(), **{name: pd.DataFrame()}))
    assert [finding.where for finding in report.findings if finding.rule == "columns"] == [name] * len(
        getattr(hand_plan(), name).columns
    )
