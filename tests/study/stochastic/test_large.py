"""Large scenarios, small enough here to try everything: bounds from relaxations at prices, plans by stages."""

from __future__ import annotations

from functools import cache

import pytest

from hubopt.solve.engine.jobs import Relaxed
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Milp
from hubopt.study.stochastic import run
from hubopt.study.stochastic.large import Relaxations
from hubopt.study.stochastic.measures import Measure
from hubopt.study.stochastic.recourse import Clock
from hubopt.study.stochastic.scenarios import ScenarioSet
from hubopt.study.stochastic.types import Question
from tests.study.stochastic.shops import CHANCES, SCENARIOS, SHOPS, cost, mean, stages, table, town


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every scenario counts as large."""
    monkeypatch.setattr(run, "LARGE_FROM", 0)


@cache
def least() -> float:
    """Least expected cost of all first stages."""
    return min(mean(row) for row in table().values())


@pytest.mark.parametrize("method", ["hedging", "extensive"])
def test_bounds_and_plans_hold_the_least_of_all_first_stages(method: str) -> None:
    """Either way ends with the best first stage, checked, and a bound that is no higher; that of prices comes near."""
    asked = Question(gap=1e-6, time_limit=300, method=method)  # type: ignore[arg-type]
    outcome = run.stochastic(town(), SCENARIOS, asked)
    assert outcome.method == method
    assert outcome.value.upper == pytest.approx(least(), rel=1e-6)
    assert outcome.value.lower <= least() + 1e-6
    assert outcome.value.lower > least() - 0.2 * (least() - outcome.alone.lower)
    assert outcome.decision is not None
    chosen = tuple(round(outcome.decision[key]) for name in SHOPS for key in outcome.decision if _size_of(key, name))
    for line in outcome.lines:
        own = min(cost(stage, line.id) for stage in stages())
        assert line.alone.lower - 1e-6 <= own <= line.alone.upper + 1e-6
        assert line.chosen.report is not None and line.chosen.report.ok
        assert line.chosen.cost.upper == pytest.approx(cost((chosen[0], chosen[1], chosen[2]), line.id), rel=1e-6)
    assert outcome.evpi is not None and outcome.mean is not None
    known = sum(chance * min(cost(stage, name) for stage in stages()) for name, chance in CHANCES.items())
    assert outcome.evpi.lower - 1e-6 <= least() - known <= outcome.evpi.upper + 1e-6


def _size_of(key: tuple[str, tuple[str, ...]], shop: str) -> bool:
    return key[0] == "modules" and key[1][0] == shop


def test_ctrl_c_keeps_the_bound_and_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted between two steps of the prices, a run keeps what was proven and the best plan, checked."""
    before, asked = Relaxations.solve, []

    def pressed(self: Relaxations, programs: list[Milp], clock: Clock) -> list[Relaxed]:
        asked.append(clock)
        if len(asked) == 4:
            raise KeyboardInterrupt
        return before(self, programs, clock)

    monkeypatch.setattr(Relaxations, "solve", pressed)
    outcome = run.stochastic(town(), SCENARIOS, Question(gap=1e-6, time_limit=300, method="hedging"))
    assert outcome.limit == "interrupt" and outcome.status == "feasible"
    assert outcome.alone.lower < outcome.value.lower <= least() + 1e-6 <= outcome.value.upper + 2e-6
    assert all(line.chosen.report is not None and line.chosen.report.ok for line in outcome.lines)


def test_several_processes_give_what_one_gives() -> None:
    """Relaxations dealt out over two processes have the values of one, in their order."""
    own = run.Run(town(), SCENARIOS, Question(), lambda sentence: None, None)
    programs = [part.program for part in own.parts]
    with SolverProcess.standby():
        values = []
        for count in (1, 2):
            with Relaxations(programs[0], count) as relaxations:
                values.append([found.bound for found in relaxations.solve(programs, Clock.of(60.0))])
    assert None not in values[0]
    assert values[0] == pytest.approx(values[1])


def test_other_measures_have_every_scenario_solved_by_itself() -> None:
    """A regret needs what each scenario costs alone: that is found as any instance is solved."""
    few = SCENARIOS.scenarios[1:3]
    scenarios = ScenarioSet(scenarios=tuple(item.model_copy(update={"probability": 0.5}) for item in few))
    asked = Question(measure=Measure("regret"), gap=1e-6, time_limit=300, method="extensive")
    for line in run.stochastic(town(), scenarios, asked).lines:
        own = min(cost(stage, line.id) for stage in stages())
        assert line.alone.lower - 1e-3 <= own <= line.alone.upper + 1e-3
        assert line.alone.upper - line.alone.lower < 1e-3
