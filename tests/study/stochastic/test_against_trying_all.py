"""Runs under uncertainty against every first stage tried: the least of each measure, and what it is worth to know."""

from __future__ import annotations

from functools import cache

import pytest

from hubopt.instance import InputError
from hubopt.study.stochastic.measures import Interval, Measure, conditional_value_at_risk, value_at_risk
from hubopt.study.stochastic.run import stochastic
from hubopt.study.stochastic.types import Outcome, Question, Way
from tests.study.stochastic.shops import CHANCES, SCENARIOS, SHOPS, mean, table, town, worst_mean

ALPHA, WEIGHT = 0.8, 0.5


@cache
def costs() -> dict[tuple[int, int, int], list[float]]:
    """Cost of every first stage in every scenario."""
    return dict(table())


@cache
def solved(kind: str, method: Way = "extensive", gap: float = 1e-6) -> Outcome:
    """The run of a measure."""
    measure = Measure(kind, ALPHA, WEIGHT)  # type: ignore[arg-type]
    return stochastic(town(), SCENARIOS, Question(measure=measure, method=method, gap=gap, time_limit=300))


def least_alone() -> list[float]:
    """Least cost of each scenario alone."""
    return [min(row[number] for row in costs().values()) for number in range(len(CHANCES))]


def chosen(outcome: Outcome) -> tuple[int, ...]:
    """Modules of the shops in the first stage of an outcome."""
    assert outcome.decision is not None
    sizes = {key[1][0]: round(value) for key, value in outcome.decision.items() if key[0] == "modules"}
    return tuple(sizes[name] for name in SHOPS)


def holds(interval: Interval | None, value: float) -> bool:
    """Whether the interval holds the value, up to round-off."""
    assert interval is not None
    return interval.lower - 1e-6 <= value <= interval.upper + 1e-6


def test_expected_cost_is_the_least_of_all_first_stages() -> None:
    """The least expected cost, what the mean plan loses, and what knowing would save, are those of trying all."""
    outcome, best = solved("expected"), min(mean(row) for row in costs().values())
    assert outcome.status == "optimal"
    assert outcome.value.upper == pytest.approx(best, rel=1e-6)
    assert holds(outcome.value, best)
    assert mean(costs()[chosen(outcome)]) == pytest.approx(best)  # type: ignore[index]
    known = mean(least_alone())
    assert holds(outcome.alone, known)
    assert holds(outcome.evpi, best - known)
    assert best - known > 1
    assert outcome.mean is not None
    assert outcome.mean.upper == pytest.approx(best + outcome.vss.upper, abs=1e-3)  # type: ignore[union-attr]
    assert any(mean(row) == pytest.approx(outcome.mean.upper, rel=1e-6) for row in costs().values())


def test_every_scenario_has_a_checked_plan_of_its_own_cost() -> None:
    """What a scenario costs is the checker's figure, and that of the transport problem on paper."""
    outcome = solved("expected")
    row = costs()[chosen(outcome)]  # type: ignore[index]
    for line, value in zip(outcome.lines, row, strict=True):
        assert line.chosen.report is not None
        assert line.chosen.report.ok
        assert line.chosen.cost.upper == pytest.approx(value, rel=1e-6)
    assert {tuple(line.chosen.plan.facilities["site"]) for line in outcome.lines if line.chosen.plan is not None} == {
        tuple(name for name, size in zip(SHOPS, chosen(outcome), strict=True) if size)
    }


def test_risk_is_the_least_of_all_first_stages() -> None:
    """Half expected cost, half mean of the worst fifth: as by counting out the worst fifth for every first stage."""
    outcome = solved("cvar")

    def risk(row: list[float]) -> float:
        return (1 - WEIGHT) * mean(row) + WEIGHT * worst_mean(row, ALPHA)

    best = min(risk(row) for row in costs().values())
    assert outcome.status == "optimal"
    assert holds(outcome.value, best)
    assert outcome.value.upper == pytest.approx(best, rel=1e-5)
    assert risk(costs()[chosen(outcome)]) == pytest.approx(best, rel=1e-6)  # type: ignore[index]


def test_the_largest_regret_is_the_least_of_all_first_stages() -> None:
    """The least largest regret is that of trying all; every scenario's regret is within its interval."""
    outcome, least = solved("regret"), least_alone()

    def regret(row: list[float]) -> float:
        return max(value - own for value, own in zip(row, least, strict=True))

    best = min(regret(row) for row in costs().values())
    assert holds(outcome.value, best)
    assert outcome.value.upper == pytest.approx(best, rel=1e-4)
    for line, value, own in zip(outcome.lines, costs()[chosen(outcome)], least, strict=True):  # type: ignore[index]
        assert holds(line.regret, value - own)


def test_hedging_and_the_extensive_form_agree_within_their_bounds() -> None:
    """Progressive hedging ends within its gap of the least expected cost, and its bound lies below that."""
    pytest.importorskip("mpisppy", reason="the extra 'stochastic' is not installed")
    hedged, best = solved("expected", "hedging", 0.02), min(mean(row) for row in costs().values())
    assert hedged.method == "hedging"
    assert holds(hedged.value, best)
    assert hedged.value.upper <= best * 1.02 + 1e-6
    assert all(line.chosen.report is not None and line.chosen.report.ok for line in hedged.lines)


def test_value_at_risk_by_hand() -> None:
    """Of costs 1, 2, 10 with chances 0.5, 0.4, 0.1 the worst fifth is 10 half the time and 2 the other half."""
    chances, values = [0.5, 0.4, 0.1], [1.0, 2.0, 10.0]
    assert value_at_risk(chances, values, 0.8) == 2.0
    assert conditional_value_at_risk(chances, values, 0.8) == pytest.approx(6.0)
    assert conditional_value_at_risk(chances, values, 0.0) == pytest.approx(2.3)


def test_hedging_is_for_expected_cost() -> None:
    """Another measure by hedging is refused before anything runs."""
    with pytest.raises(InputError, match="least expected cost only"):
        stochastic(town(), SCENARIOS, Question(measure=Measure("regret"), method="hedging"))
