"""The checker against figures worked out on paper, and the completion of bare decisions."""

from __future__ import annotations

import pandas as pd
import pytest

from hubopt.check import check, complete_plan, recompute_facilities
from hubopt.check.recompute import annuity
from hubopt.instance import Period, Policy
from hubopt.solution.types import Plan
from tests.check.hand import (
    COST,
    DECISIONS,
    FACILITIES,
    FLOWS,
    KPI,
    LINKS,
    OBJECTIVE,
    STRUCTURE,
    hand_case,
    hand_plan,
    hand_trial,
)


def test_the_paper_plan_has_no_finding() -> None:
    """A plan with correct figures, cost, objective and indicators passes every rule."""
    report = check(hand_case(), Policy(), hand_plan(), cost=COST, objective=OBJECTIVE, kpi=KPI)
    assert report.findings == ()
    assert report.ok


def test_figures_equal_those_on_paper() -> None:
    """Cost parts, objective, indicators and the facility table come out as worked out by hand."""
    report = check(hand_case(), Policy(), hand_plan())
    assert report.cost == pytest.approx(COST)
    assert report.objective == pytest.approx(OBJECTIVE)
    assert report.kpi == pytest.approx(KPI)
    pd.testing.assert_frame_equal(report.facilities, FACILITIES, check_dtype=False)


def test_zone_table() -> None:
    """The zone table has demand, delivery, distances, minutes and flags of the targets."""
    zones = check(hand_case(), Policy(), hand_plan()).zones
    expected = {
        "period": "p",
        "zone": "z1",
        "demand_t_d": 12.0,
        "delivered_t_d": 10.0,
        "unmet_t_d": 2.0,
        "nearest_hub_km": float("nan"),
        "nearest_utc_km": 4.0,
        "nearest_station_km": 1.0,
        "delivery_minutes": 19.0,
        "within.near": True,
        "within.fast": True,
    }
    pd.testing.assert_frame_equal(zones, pd.DataFrame([expected]), check_dtype=False)


def test_weights_of_the_policy_only_touch_the_objective() -> None:
    """A weight scales its part in the objective, not in the cost."""
    report = check(hand_case(), Policy(weights={"land": 0, "unmet": 2}), hand_plan())
    assert report.cost == pytest.approx(COST)
    assert report.objective == pytest.approx(OBJECTIVE - 855_000 + 200_000)


def test_policy_changes_demand_penalty_and_carbon_price() -> None:
    """Demand factor, penalty factor and carbon price of the policy enter the cost."""
    policy = Policy(demand_factor=2, unmet_factor=0.5, carbon_price_cny_t=1000)
    report = check(hand_case(), policy, hand_plan())
    assert report.cost["unmet"] == pytest.approx(14 * 100 * 500)
    assert report.cost["carbon"] == pytest.approx(12_700)
    assert report.kpi["served_share"] == pytest.approx(10 / 24)


def test_decisions_are_completed_to_the_table_on_paper() -> None:
    """Design and size of open sites are enough to get the whole facility table, closed sites included."""
    table = recompute_facilities(hand_case(), Policy(), DECISIONS.iloc[::-1], FLOWS)
    pd.testing.assert_frame_equal(table, FACILITIES, check_dtype=False)
    plan = complete_plan(hand_case(), Policy(), DECISIONS, LINKS, FLOWS.iloc[::-1])
    pd.testing.assert_frame_equal(plan.facilities, table)
    assert check(hand_case(), Policy(), plan).ok


@pytest.mark.parametrize(
    ("design", "modules", "action", "built", "converted", "capital"),
    [
        ("old", 2, "keep", 0, 0, 0),
        ("old", 4, "expand", 2, 0, 0.9 * 2 * 500 * 900),
        ("new", 2, "upgrade", 0, 2, 0.9 * 800 * 200),
        ("new", 4, "upgrade", 1.5, 2.5, 0.9 * (600 * 1000 + 1000 * 200)),
        ("big", 1, "upgrade", 1, 0, 0.9 * 1000 * 1000),
    ],
)
def test_actions_on_what_stands_today(
    design: str, modules: int, action: str, built: float, converted: float, capital: float
) -> None:
    """Keeping costs no capital, growth its new modules, an upgrade converts today's floor area if that is cheaper."""
    structure = STRUCTURE.model_copy(
        update={
            "designs": tuple(
                item.model_copy(update={"conversion_cny_m2": 1000.0}) if item.id == "big" else item
                for item in STRUCTURE.designs
            )
        }
    )
    case = hand_case()
    case = type(case)(**{**case.__dict__, "structure": structure})
    decision = pd.DataFrame([("p", "u1", design, modules)], columns=DECISIONS.columns)
    row = recompute_facilities(case, Policy(), decision, FLOWS).set_index("site").loc["u1"]
    assert row["action"] == action
    assert (row["built_modules"], row["converted_modules"]) == pytest.approx((built, converted))
    assert row["capital_cny_year"] == pytest.approx(capital)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("q", "h1", "big", 1), "unknown period"),
        (("p", "h9", "big", 1), "unknown site"),
        (("p", "h1", "huge", 1), "unknown design"),
        (("p", "s2", "stn", 1.5), "whole number"),
        (("p", "s2", "stn", -1), "whole number"),
        (("p", "s2", "stn", float("nan")), "whole number"),
        (("p", "u1", "old", 2), "more than one decision"),
    ],
)
def test_impossible_decisions_are_refused(row: tuple[object, ...], words: str) -> None:
    """Completion raises on decisions that mean nothing."""
    extra = pd.DataFrame([row], columns=DECISIONS.columns)
    with pytest.raises(ValueError, match=words):
        recompute_facilities(hand_case(), Policy(), pd.concat([DECISIONS, extra]), FLOWS)


def test_sizes_that_a_solver_left_nearly_whole_are_rounded() -> None:
    """2.9999995 modules are 3; a row with no modules is no decision."""
    rough = DECISIONS.astype({"modules": float}).replace({"modules": {3.0: 2.9999995}})
    rough = pd.concat([rough, pd.DataFrame([("p", "s2", "", 0.0)], columns=rough.columns)])
    pd.testing.assert_frame_equal(
        recompute_facilities(hand_case(), Policy(), rough, FLOWS), FACILITIES, check_dtype=False
    )


@pytest.mark.parametrize(
    ("rate", "years", "factor"),
    [(0, 25, 0.04), (0.5, 1, 1.5), (0.5, 2, 0.9), (0.06, 50, 0.0634442864), (1e-12, 10, 0.1)],
)
def test_annuity(rate: float, years: float, factor: float) -> None:
    """The capital recovery factor, without interest and with little of it too."""
    assert annuity(rate, years) == pytest.approx(factor, rel=1e-9)


def _twice(table: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([table, table.assign(period="q")], ignore_index=True)


def _two_periods() -> dict[str, object]:
    periods = (Period(id="p", years=1, weight=1), Period(id="q", years=3, weight=0.5))
    case = hand_case()
    return {
        **case.__dict__,
        "structure": STRUCTURE.model_copy(update={"periods": periods}),
        "demand": _twice(case.demand),
    }


def test_costs_of_periods_are_summed_with_their_weights() -> None:
    """The same network in two periods of weights 1 and 0.5 costs 1.5 times one year; indicators stay."""
    case = type(hand_case())(**_two_periods())
    plan = complete_plan(case, Policy(), _twice(DECISIONS), _twice(LINKS), _twice(FLOWS))
    report = check(case, Policy(), plan)
    assert report.ok
    assert report.cost == pytest.approx({part: 1.5 * amount for part, amount in COST.items()})
    assert {name: report.kpi[name] for name in KPI} == pytest.approx(KPI)
    # what was invested and converted at first stays so; only p pays for it
    investment = {f"investment_cny.{period}": amount for period, amount in (("p", KPI["investment_cny"]), ("q", 0.0))}
    for period in ("p", "q"):
        of_period = {name: report.kpi[f"{name}.{period}"] for name in KPI if f"{name}.{period}" in report.kpi}
        assert {f"{name}.{period}": value for name, value in of_period.items()} | investment == pytest.approx(
            {f"{name}.{period}": KPI[name] for name in of_period} | investment
        )
        assert report.kpi[f"cost_cny_year.{period}"] == pytest.approx(OBJECTIVE)


def test_indicators_of_unequal_periods() -> None:
    """Sites and land are those of the last period, flows the mean by years, targets the worst period's."""
    case = type(hand_case())(**_two_periods())
    decisions = pd.concat([DECISIONS, pd.DataFrame([("q", "u1", "old", 2)], columns=DECISIONS.columns)])
    report = check(case, Policy(), complete_plan(case, Policy(), decisions, LINKS, FLOWS))
    assert report.kpi["sites.station"] == 0
    assert report.kpi["stock.closed"] == 2
    assert report.kpi["land_ha.total"] == pytest.approx(0.1)
    assert report.kpi["t_km_day.gateway-hub"] == pytest.approx(200 / 4)
    assert report.kpi["mean_minutes.gateway-hub"] == pytest.approx(30)
    assert report.kpi["served_share"] == pytest.approx(10 / 48)
    assert report.kpi["kgco2e_year.total"] == pytest.approx(12_700 / 4)
    assert report.kpi["target.near"] == 1
    assert report.kpi["target.fast"] == 0
    assert report.cost["unmet"] == pytest.approx(200_000 + 0.5 * 1_200_000)
    fast = [finding for finding in report.findings if finding.rule == "service_targets"]
    assert [finding.where for finding in fast] == ["target fast (FAST), period q"]


def test_an_empty_plan_can_be_checked() -> None:
    """A plan without a row is costed as all unmet, with the findings that follow."""
    empty = Plan(FACILITIES.iloc[:0], LINKS.iloc[:0], FLOWS.iloc[:0])
    report = check(hand_case(), Policy(), empty)
    assert report.cost["unmet"] == pytest.approx(1_200_000)
    assert report.kpi["served_share"] == 0
    assert "cost_cny_t" not in report.kpi
    assert {finding.rule for finding in report.findings} == {
        "actions", "level_counts", "hub_type_counts", "existing_must_stay", "service_targets",
    }  # fmt: skip


def test_the_plan_is_not_changed() -> None:
    """Checking leaves the tables of plan and instance as they were."""
    case, plan = hand_case(), hand_plan()
    check(case, Policy(force_closed=("s2",), land_ha={"total:total": 1}), plan)
    pd.testing.assert_frame_equal(plan.facilities, FACILITIES)
    pd.testing.assert_frame_equal(plan.flows, FLOWS)
    pd.testing.assert_frame_equal(case.sites, hand_case().sites)


def test_findings_read_like_sentences() -> None:
    """A finding names place, value and limit."""
    trial = hand_trial().but(policy=Policy(land_ha={"district:South": 0.1}))
    assert [str(finding) for finding in trial.findings()] == [
        "district South: facilities use 0.14 ha, but the limit is 0.1 ha [land_limits]"
    ]
