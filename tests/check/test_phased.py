"""The checker on a plan over two periods, against figures worked out on paper."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from hubopt.check import Report, check
from hubopt.instance import Policy, validate
from tests.check.phased import (
    DECISIONS,
    INVESTMENT,
    KILOGRAMMES,
    LAND_HA,
    POLICY,
    YEARLY,
    phased_case,
    phased_trial,
)


@pytest.fixture(scope="module")
def report() -> Report:
    return check(phased_case(), POLICY, phased_trial().plan())


def test_the_case_is_sound_and_the_plan_keeps_every_rule(report: Report) -> None:
    """Nothing is wrong with the case on paper, nor with its plan."""
    assert validate(phased_case()) == []
    assert report.findings == ()


def test_cost_parts_are_weighted_sums_over_the_periods(report: Report) -> None:
    """Each part is 0.6 times that of p and 0.4 times that of q, as worked out by hand."""
    assert report.cost == pytest.approx({part: 0.6 * p + 0.4 * q for part, (p, q) in YEARLY.items()})


def test_the_objective_has_the_charge_on_land(report: Report) -> None:
    """The objective is the cost and 1,000 CNY per hectare and year."""
    land_ha = 0.6 * LAND_HA[0] + 0.4 * LAND_HA[1]
    assert report.objective == pytest.approx(sum(report.cost.values()) + 1000 * land_ha)


def test_emissions_by_cause_and_period(report: Report) -> None:
    """Emissions of each period are those on paper; over both they are the mean by years (2 and 3)."""
    for cause, (p, q) in KILOGRAMMES.items():
        assert report.kpi[f"kgco2e_year.{cause}.p"] == pytest.approx(p)
        assert report.kpi[f"kgco2e_year.{cause}.q"] == pytest.approx(q)
        assert report.kpi[f"kgco2e_year.{cause}"] == pytest.approx((2 * p + 3 * q) / 5)
    assert report.kpi["kgco2e_year.total.q"] == pytest.approx(31_210)
    # the exchange: 10 t-km at 0.1 and 5 empty ones at half of it, 100 days
    assert report.kpi["kgco2e_year.leg.utc-utc.p"] == pytest.approx(100 + 25)
    # the legs have everything that is on the road
    on_the_road = sum(
        value for name, value in report.kpi.items() if name.startswith("kgco2e_year.leg.") and name[-2:] == ".p"
    )
    assert on_the_road == pytest.approx(3260 + 1325)


def test_indicators_of_the_periods(report: Report) -> None:
    """Land, investment, stock, staff, service and shares come out as on paper, period by period."""
    expected = {
        "land_ha.total": LAND_HA,
        "investment_cny": INVESTMENT,
        # 1,500 m2 today; in q 2 modules of 400 m2 were made of them
        "stock.share": (1.0, 800 / 1500),
        "stock.kept_m2": (1500.0, 0.0),
        "stock.converted_m2": (0.0, 800.0),
        "stock.closed_sites": (0.0, 1.0),
        "staff.total": (2 * 7 + 3, 4 * 7 + 5 * 3),
        "served_share": (18 / 19, 18 / 19),
        "target.whole": (10 / 11, 10 / 11),
        "target_required.whole": (0.8, 0.9),
        "target.city": (1.0, 1.0),
        "largest_site_share.hub": (0.6, 0.6),
        # B has u2 and u3
        "largest_operator_share.utc": (0.5, 0.5),
        # 265 t-km of trucks run empty, 302 loaded
        "empty_share": (265 / 567, 265 / 567),
        "resilience.worst_share": (8 / 11, 8 / 11),
        "sites.utc": (3, 2),
        "cost_cny_year": tuple(sum(pair[at] for pair in YEARLY.values()) for at in (0, 1)),
    }
    found = {name: (report.kpi[f"{name}.p"], report.kpi[f"{name}.q"]) for name in expected}
    assert found == {name: pytest.approx(pair) for name, pair in expected.items()}
    assert report.kpi["investment_cny"] == pytest.approx(sum(INVESTMENT))
    assert report.kpi["target_required.whole"] == 0.9
    assert report.kpi["land_ha.total"] == pytest.approx(LAND_HA[1])
    assert report.kpi["resilience.worst"] == pytest.approx(8 / 11)


def test_facility_rows_of_an_upgrade_and_of_a_closure(report: Report) -> None:
    """Conversion, room while converting, annuities and closing of the two facilities of today are those on paper."""
    rows = report.facilities.set_index(["period", "site"])
    upgrade = rows.loc[("q", "u1")]
    assert upgrade["action"] == "upgrade"
    assert (upgrade["built_modules"], upgrade["converted_modules"]) == (1, 2)
    # 18 of 36 months: half of the two converted modules is out of use
    assert upgrade["capacity_t_d"] == pytest.approx(10 * (3 - 0.5 * 2))
    assert upgrade["utilisation"] == pytest.approx(18 / 20)
    assert upgrade["investment_cny"] == pytest.approx(560_000)
    closed = rows.loc[("q", "u3")]
    assert (closed["action"], closed["design"], closed["modules"]) == ("close", "old", 0)
    assert (closed["investment_cny"], closed["closure_cny_year"]) == (1000, pytest.approx(1500))
    assert rows.loc[("q", "u2"), "action"] == "expand"
    assert rows.loc[("q", "u2"), "capital_cny_year"] == pytest.approx(0.9 * 450_000 + 0.9 * 400_000)


def test_annuities_run_on_after_closing() -> None:
    """A facility that the plan opened and closes again has a row 'close' and is still paid off."""
    trial = phased_trial().but(
        decisions=DECISIONS[(DECISIONS["site"] != "h2") | (DECISIONS["period"] == "p")],
        policy=POLICY.model_copy(update={"allow_closing": True}),
    )
    row = trial.plan().facilities.set_index(["period", "site"]).loc[("q", "h2")]
    assert (row["action"], row["design"], row["modules"]) == ("close", "big", 0)
    assert (row["capital_cny_year"], row["investment_cny"], row["closure_cny_year"]) == (pytest.approx(990_000), 0, 0)
    assert "stays_open" not in {finding.rule for finding in trial.findings()}


def test_what_is_not_decided_is_converted_as_far_as_it_goes() -> None:
    """Without a decision all floor area is converted that can be: 1,000 m2 are 2.5 modules of 400 m2."""
    plan = phased_trial().but(decisions=DECISIONS.drop(columns="converted_modules")).plan()
    row = plan.facilities.set_index(["period", "site"]).loc[("q", "u1")]
    assert (row["built_modules"], row["converted_modules"]) == (0.5, 2.5)


def test_without_the_exchange_in_city_goods_cost_nothing_between_facilities() -> None:
    """With the family off, exchanges are neither asked for nor costed."""
    policy = POLICY.model_copy(update={"off": ("exchange",)})
    plan = phased_trial().plan()
    with_rows, without = (
        check(phased_case(), policy, item) for item in (plan, replace(plan, exchanges=plan.exchanges.iloc[:0]))
    )
    assert with_rows.ok
    assert without.ok
    # 14 CNY a day in p and twice as much in q
    assert with_rows.cost["transport"] == pytest.approx(46_800 * 1.4 - 1400 * 1.4)
    assert dict(without.cost) == dict(with_rows.cost)


def test_closed_gateways_have_no_capacity() -> None:
    """A gateway that the policy closes may carry nothing, in the plan and in an outage."""
    trial = phased_trial().but(policy=POLICY.model_copy(update={"closed_gateways": ("g2",)}))
    found = {(finding.rule, finding.where) for finding in trial.findings()}
    assert ("gateway_capacity", "gateway g2, period p") in found
    assert ("outage_capacity", "outage of gateway g1, period q") in found


def test_phases_of_the_policy_replace_the_periods() -> None:
    """Phases grow the demand of the last period and bring their own weights, budgets and shares."""
    phases = [
        {"id": "one", "years": 1, "demand_factor": 0.5, "capital_budget_cny": 3e6},
        {"id": "two", "years": 1, "target_shares": {"whole": 0.95}, "gateway_factor": 2},
    ]
    policy = Policy.model_validate({"phases": phases, "off": ["resilience"]})
    plan = phased_trial().plan()
    names = {"p": "one", "q": "two"}
    tables = {
        name: getattr(plan, name).assign(period=getattr(plan, name)["period"].map(names))
        for name in ("facilities", "assignments", "flows", "exchanges")
    }
    report = check(phased_case(), policy, replace(plan, **tables, outages=plan.outages.iloc[:0]))
    assert {(finding.rule, finding.where) for finding in report.findings} == {
        # conversion takes 18 months, but the phase has 12
        ("capacity", "utc u1, period two"),
        ("recorded_sizes", "utc u1, period two"),
        ("service_targets", "target whole (WHOLE), period two"),
    }
    # a year at once and a year after it, continuously discounted at ln 1.5
    first, second = 1 - 1 / 1.5, 1 / 1.5 - 1 / 1.5**2
    weight = first / (first + second)
    assert report.cost["unmet"] == pytest.approx(weight * 100_000 + (1 - weight) * 200_000)


def test_tables_are_sorted_and_complete() -> None:
    """A completed plan has every column and its rows in order, whatever order they came in."""
    trial = phased_trial()
    turned = trial.but(
        decisions=trial.decisions.iloc[::-1], flows=trial.flows.iloc[::-1], exchanges=_turned(trial.exchanges)
    )
    assert turned.plan() == trial.plan()


def _turned(table: pd.DataFrame | None) -> pd.DataFrame:
    assert table is not None
    return table.iloc[::-1]
