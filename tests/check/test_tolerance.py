"""The tolerances let round-off and a solver's slack pass, and nothing more."""

from __future__ import annotations

import pytest

from hubopt.check.tolerance import MONEY, above, below, carries, differs, within
from tests.check.hand import COST, FLOWS, OBJECTIVE, hand_trial


@pytest.mark.parametrize(
    ("value", "limit", "broken"), [(1500.0015, 1500, False), (1500.0016, 1500, True), (2e-6, 0, True)]
)
def test_slack_grows_with_the_limit(value: float, limit: float, broken: bool) -> None:
    """A millionth of the limit may be missed, and a millionth at least."""
    assert bool(above(value, limit)) is broken
    assert bool(below(-value, -limit)) is broken


def test_missing_figures_differ() -> None:
    """NaN agrees with nothing, keeps no limit and is above none."""
    nan = float("nan")
    assert differs(nan, 1.0)
    assert not within(nan, 1.0)
    assert not above(1.0, nan)


def test_crumbs_do_not_count_as_flows() -> None:
    """A flow of 1e-6 t/d is a crumb, a greater one is used."""
    assert not carries(1e-6)
    assert carries(2e-6)


@pytest.mark.parametrize(("change", "rules"), [(0.009, set()), (0.02, {"cost_parts"})])
def test_small_costs_are_compared_to_the_fen(change: float, rules: set[str]) -> None:
    """Below 10,000 CNY/year a hundredth of a CNY may differ, above it a millionth."""
    assert COST["closure"] < MONEY
    found = hand_trial().but(cost=COST | {"closure": COST["closure"] + change}).findings()
    assert {finding.rule for finding in found} == rules


@pytest.mark.parametrize(("factor", "rules"), [(1 + 0.9e-6, set()), (1 + 1.2e-6, {"objective"})])
def test_large_costs_are_compared_by_ratio(factor: float, rules: set[str]) -> None:
    """The objective may differ by a millionth."""
    assert {finding.rule for finding in hand_trial().but(objective=OBJECTIVE * factor).findings()} == rules


@pytest.mark.parametrize(("change", "rules"), [(0.9e-5, set()), (1.2e-5, {"conservation"})])
def test_balances_have_slack_by_their_size(change: float, rules: set[str]) -> None:
    """Ten tonnes may be out of balance by ten millionths of a tonne."""
    flows = FLOWS.assign(t_d=[10.0 + change, 10.0, 10.0, 10.0])
    trial = hand_trial().but(flows=flows, cost=None, objective=None, kpi=None)
    assert {finding.rule for finding in trial.findings()} == rules
