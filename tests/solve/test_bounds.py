"""A slice of what ``make bounds`` does with thousands: every method against SCIP on random small instances."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubopt.instance import Policy
from hubopt.model import build
from hubopt.solve import solve
from tests.bounds.kept import line, table, trials
from tests.bounds.scip import scip_optimum
from tests.bounds.threads import solver_threads
from tests.bounds.trial import METHODS, Trial, Tried, _wrong, trial
from tests.cases import tiny


@pytest.mark.parametrize("number", [3000, 3001, 3002, 3003, 3005, 3010])
def test_bound_optimum_and_objective_of_every_method(number: int, tmp_path: Path) -> None:
    """bound <= optimum by SCIP <= objective for every method that there is, whatever gap it stops at."""
    with solver_threads():
        found = trial(number, tmp_path)
    assert not found.wrong
    assert {item.method for item in found.tried} == set(METHODS)
    assert set(METHODS) >= {"auto", "monolith", "staged", "decompose", "phased"}


def test_the_second_solver_agrees_on_the_tiny_city(tmp_path: Path) -> None:
    """SCIP, reading the LP file of the model, finds the optimum that solve proves."""
    model = build(tiny(), Policy())
    least = scip_optimum(model, tmp_path)
    assert least is not None
    with solver_threads():
        found = solve(tiny(), method="monolith", gap=0, time_limit=60)
    assert found.proof.objective == pytest.approx(least * model.network.scale.money_cny, rel=1e-6)
    assert found.proof.bound == pytest.approx(found.proof.objective, rel=1e-6)


@pytest.mark.parametrize(
    ("optimum", "reason", "bound", "objective", "says"),
    [
        (10.0, "optimal", 10.1, 10.2, "above the optimum"),
        (10.0, "optimal", 9.0, 9.9, "below the optimum"),
        (10.0, "infeasible", None, None, "calls infeasible"),
        (10.0, "optimal", 9.0, 12.0, "says optimal"),
        (None, "optimal", 9.0, 9.0, "no plan"),
    ],
)
def test_a_wrong_answer_would_be_found(
    optimum: float | None, reason: str, bound: float | None, objective: float | None, says: str
) -> None:
    """Bounds, objectives and endings that contradict the optimum are named."""
    assert any(says in text for text in _wrong(optimum, Tried("monolith", 0.1, reason, bound, objective)))


def test_trials_that_were_kept_are_joined(tmp_path: Path) -> None:
    """Parts of a long run, one of them cut short, make one table; a number that came twice counts once."""
    good = Trial(1, "rich 0", 10.0, (Tried("staged", 0.1, "optimal", 9.0, 10.0, checked=True),))
    bad = Trial(2, "rich 1", 10.0, (Tried("staged", 0.1, "optimal", 11.0, 12.0, wrong=("bound above",)),))
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text(line(good, "a") + "\n" + line(bad, "a")[:40], encoding="utf-8")
    other.write_text(line(good, "a") + "\n" + line(bad, "b") + "\n", encoding="utf-8")
    found, codes = trials([one, other])
    assert found == {1: good, 2: bad}
    assert codes == {"a", "b"}
    text = table(found.values(), codes)
    assert "| staged | 2 | 2 | 2 | 0 | 0 | 1 | 1 |" in text
    assert "2 instances, 0 of them without a plan: 1 wrong" in text
