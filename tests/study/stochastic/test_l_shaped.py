"""The integer L-shaped method: against trying all first stages, and its parts one by one."""

from __future__ import annotations

import dataclasses
import multiprocessing
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hubopt.instance import InputError, Policy
from hubopt.model import Scale
from hubopt.solve.engine.errand import Errand
from hubopt.solve.engine.jobs import Outcome as Solved
from hubopt.solve.engine.process import SolverProcess
from hubopt.study.stochastic import recourses, run
from hubopt.study.stochastic.cases import cases_of
from hubopt.study.stochastic.master import Master, columns_of, switches_of
from hubopt.study.stochastic.measures import Measure
from hubopt.study.stochastic.program import Part, part_of, shared_scale
from hubopt.study.stochastic.recourses import Recourses
from hubopt.study.stochastic.run import Run, stochastic
from hubopt.study.stochastic.scenarios import ScenarioSet
from hubopt.study.stochastic.types import Outcome, Question, Way
from tests.study.stochastic.conftest import Replaceable
from tests.study.stochastic.shops import (
    CHANCES,
    SCENARIOS,
    SHOPS,
    Stage,
    cost,
    cost_of_one_shop_each,
    mean,
    stages,
    town,
)

PATIENCE = 600.0
"""Seconds that something small may take on the slowest machine."""

ASKED = Question(method="l-shaped", gap=1e-6, time_limit=PATIENCE)


def parts_of(instance: Any = None) -> list[Part]:
    """The programs of the town's scenarios."""
    cases = cases_of(town() if instance is None else instance, ASKED.policy, SCENARIOS)
    scale: Scale = shared_scale(cases)
    return [part_of(case, scale) for case in cases]


def point(master: Master, stage: Stage) -> Any:
    """A first stage as the values of the decisions."""
    size = dict(zip(SHOPS, stage, strict=True))
    return np.array([float(size[index[0]] if name == "modules" else size[index[0]] > 0) for name, index in master.keys])


def decided(parts: list[Part]) -> list[tuple[Any, Any]]:
    """Programs with the columns of their decisions."""
    master = Master(parts, np.zeros(len(parts)))
    return [(part.program, columns_of(part, master.keys)) for part in parts]


def chosen(outcome: Outcome) -> Stage:
    """Modules of the shops in the first stage of an outcome."""
    assert outcome.decision is not None
    sizes = {key[1][0]: round(value) for key, value in outcome.decision.items() if key[0] == "modules"}
    return (sizes["a"], sizes["b"], sizes["c"])


@pytest.mark.parametrize(("whole", "of_stage"), [(False, cost), (True, cost_of_one_shop_each)])
def test_the_least_expected_cost_is_that_of_trying_all(
    whole: bool, of_stage: Callable[[Stage, str], float]
) -> None:  # fmt: skip
    """With continuous and with whole answers: the least of all first stages, proven, every scenario's plan checked."""
    outcome = stochastic(town(one_shop_each=whole), SCENARIOS, ASKED)
    costs = {stage: [of_stage(stage, name) for name in CHANCES] for stage in stages()}
    best = min(map(mean, costs.values()))
    assert (outcome.method, outcome.status) == ("l-shaped", "optimal")
    assert outcome.value.upper == pytest.approx(best, rel=1e-6)
    assert outcome.value.lower <= best + 1e-6
    assert mean(costs[chosen(outcome)]) == pytest.approx(best)
    for line, value in zip(outcome.lines, costs[chosen(outcome)], strict=True):
        assert line.chosen.report is not None and line.chosen.report.ok
        assert line.chosen.cost.upper == pytest.approx(value, rel=1e-6)


def test_first_stages_without_an_answer_are_left_out() -> None:
    """Where everything must be met, the least is that of the first stages that can; the same as in one program."""
    two = [item for item in SCENARIOS.scenarios if item.id in ("usual", "quiet")]
    few = ScenarioSet.model_validate({"scenarios": [item.model_dump() | {"probability": 0.5} for item in two]})
    strict = dataclasses.replace(ASKED, policy=Policy(unmet_share_max=0.0))
    ways: tuple[Way, Way] = ("l-shaped", "extensive")
    found = [stochastic(town(one_shop_each=True), few, dataclasses.replace(strict, method=way)) for way in ways]
    assert [item.status for item in found] == ["optimal", "optimal"]
    assert found[0].value.upper == pytest.approx(found[1].value.upper, rel=1e-6)
    assert sum(chosen(found[0])) >= 3  # 15 t/d in shops of 6 t/d a module


def test_planes_lie_below_the_costs_everywhere() -> None:
    """The plane of any first stage, whole or not, is at most what every first stage costs; at its own it is close."""
    parts = parts_of(town(one_shop_each=True))
    master, rng = Master(parts, np.zeros(len(parts))), np.random.default_rng(0)
    everywhere = {stage: point(master, stage) for stage in stages()}
    money = parts[0].money
    with Recourses(decided(parts), 1, 0) as asked:
        places = [everywhere[0, 0, 0], everywhere[1, 2, 0], everywhere[2, 2, 2]]
        places += [master.lower + rng.random(len(master.keys)) * (master.upper - master.lower) for _ in range(3)]
        for at in places:
            planes = asked.planes(at, PATIENCE)
            for name, plane in zip(CHANCES, planes, strict=True):
                assert plane is not None
                for stage, where in everywhere.items():
                    below = plane.value + float(plane.slopes @ (where - at))
                    above = cost_of_one_shop_each(stage, name) / money
                    assert below <= above + 1e-6 if plane.cost else below <= 1e-6


def test_what_was_struck_out_never_comes_back() -> None:
    """A first stage that is struck out, and no other, violates a row of the program of the first stage."""
    parts = parts_of()
    master = Master(parts, np.zeros(len(parts)))
    before = master.program().rows
    master.strike_out(point(master, (1, 0, 2)))
    program = master.program()
    row = program.matrix[[before]].toarray()[0]
    count = len(master.keys)
    for stage in stages():
        at = point(master, stage)
        steps = [step < at[number] for number in range(count) for step in range(round(master.upper[number]))]
        assert (row[count : count + len(steps)] @ steps >= program.row_lower[before] - 1e-9) == (stage != (1, 0, 2))


def test_processes_share_the_scenarios() -> None:
    """Two processes give the planes and answers of one; whoever stops listening half-way can ask again."""
    parts = parts_of(town(one_shop_each=True))
    master = Master(parts, np.zeros(len(parts)))
    at = point(master, (1, 1, 1))
    with Recourses(decided(parts), 1, 0) as one, Recourses(decided(parts), 2, 0) as two:
        for alone, shared in zip(one.planes(at, PATIENCE), two.planes(at, PATIENCE), strict=True):
            assert alone is not None and shared is not None
            assert alone.value == shared.value
        started = two.answers(range(4), at, 1e-9, 0.0, PATIENCE)
        next(started)
        started.close()
        answers = [{number: found.objective for number, found in item.answers(range(4), at, 1e-9, 0.0, PATIENCE)}
                   for item in (one, two)]  # fmt: skip
    assert answers[0] == answers[1]
    money = parts[0].money
    expected = {number: cost_of_one_shop_each((1, 1, 1), name) / money for number, name in enumerate(CHANCES)}
    assert answers[0] == pytest.approx(expected)


def lose_solvers() -> None:
    """Kill the solver processes of this one."""
    for child in multiprocessing.active_children():
        if child.name == "hubopt-solver":
            child.kill()
            child.join()


@pytest.mark.slow
def test_a_process_that_is_lost_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A solver process killed between two questions is replaced, and gives what the one before it gave."""
    monkeypatch.setattr(recourses, "SolverProcess", SolverProcess)
    parts = parts_of()
    master = Master(parts, np.zeros(len(parts)))
    at = point(master, (1, 1, 1))
    with Recourses(decided(parts), 1, 0) as asked:
        whole = asked.planes(at, PATIENCE)
        lose_solvers()
        again = asked.planes(at, PATIENCE)
    assert [None if item is None else item.value for item in again] == [item.value for item in whole if item]


class Losing(Replaceable):
    """A solver process that is lost over the third errand, and with it what it kept."""

    asked = 0

    def submit(self, errand: Errand) -> None:
        """Carry out an errand, or not."""
        self.asked += 1
        if self.asked == 3:
            self._memory.clear()
            self._results.append(Solved("crash", None, None, None))
        else:
            super().submit(errand)


def test_an_answer_that_a_process_was_lost_over_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """All scenarios are answered although the process is lost over the second."""
    monkeypatch.setattr(recourses, "SolverProcess", Losing)
    parts = parts_of()
    at = point(Master(parts, np.zeros(len(parts))), (1, 1, 1))
    with Recourses(decided(parts), 1, 0) as asked:
        answers = dict(asked.answers(range(4), at, 1e-9, 0.0, PATIENCE))
    assert sorted(answers) == [0, 1, 2, 3]
    assert all(item.reason == "optimal" for item in answers.values())


def test_auto_takes_it_for_many_scenarios_and_few_sites(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six yes-or-no questions of sizes, three of opening; taken for expected cost only, and not for few columns."""
    assert switches_of(parts_of()) == 9

    def way(measure: Measure, always: int) -> str:
        monkeypatch.setattr(run, "EXTENSIVE_ALWAYS_UP_TO", always)
        question = Question(measure=measure)
        return Run(town(one_shop_each=True), SCENARIOS, question, lambda _: None, None).way

    assert way(Measure(), 10) == "l-shaped"
    assert way(Measure("cvar"), 10) == "extensive"
    assert way(Measure(), 2_000) == "extensive"


def test_it_is_for_expected_cost_and_whole_numbers() -> None:
    """Another measure, or floor area that is converted by the square metre, is refused before anything runs."""
    with pytest.raises(InputError, match="least expected cost only"):
        stochastic(town(), SCENARIOS, dataclasses.replace(ASKED, measure=Measure("regret")))
