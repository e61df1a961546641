"""A plan from the zones up: its steps keep what they are given, and end in a plan that the program takes."""

from __future__ import annotations

import threading
from typing import Any, cast

import numpy as np
import pytest

from hubopt.instance import Instance
from hubopt.model import Network, build
from hubopt.solve import solve, tracks
from hubopt.solve.compile import compile_model
from hubopt.solve.engine.dive import Columns, dive
from hubopt.solve.engine.highs import relax, run
from hubopt.solve.engine.jobs import Relaxation, Relaxed
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.milp import Milp
from hubopt.solve.monolith import fixed_job
from hubopt.solve.plans.from_below import FromBelow
from hubopt.solve.tracks import Tracks
from tests.solve.deaf_tracks import deaf_until
from tests.solve.in_process import Deaf
from tests.solve.medium import medium
from tests.solve.test_runs import holds


@pytest.fixture(name="city", scope="module")
def _city() -> Instance:
    return medium(zones=12, stations=8, utcs=5, hubs=3)


def nearest(network: Network, program: Milp) -> Columns:
    """The shortest link into each zone."""
    best: dict[str, tuple[float, int]] = {}
    for index, column in program.groups["link"].items():
        if index[0].endswith("-zone"):
            km = min(way.km for arc, way in network.way.items() if arc[:3] == index[:3])
            best[index[2]] = min(best.get(index[2], (np.inf, 0)), (km, column))
    return np.array([column for _, column in best.values()], dtype=np.intp)


def test_sites_and_links_are_decided_around_the_zones(city: Instance) -> None:
    """Step by step: the given links stay, sites come out whole, then the links between sites, and the plan is one."""
    model, pipe = build(city), cast(Any, Deaf())
    network, program = model.network, compile_model(model)
    zones = nearest(network, program)
    steps = FromBelow(network, program.with_rows(~program.strengthening), zones)
    left = steps.left
    assert left is not None and left.program.columns < program.columns
    _, solver = relax(left.program, Relaxation(60.0, rounds=0), pipe, threading.Event())
    assert solver is not None
    dived = dive(left.program, solver, steps.sites(left, 60.0))
    assert dived.values is not None
    point = left.whole(dived.values)
    opening, links = program.columns_of(["open"]), program.columns_of(["link"])
    assert point[opening] == pytest.approx(np.round(point[opening]), abs=1e-6)
    assert (point[zones] == 1.0).all()
    tight, job = steps.links(point, 60.0, seed=0)
    outcome = run(tight, job, pipe, threading.Event())
    assert outcome.values is not None
    assert outcome.values[links] == pytest.approx(np.round(outcome.values[links]), abs=1e-6)
    assert outcome.values[opening] == pytest.approx(np.round(point[opening]), abs=1e-6)
    assert (outcome.values[zones] == 1.0).all()
    sized = steps.sized(outcome.values)
    done = run(program, fixed_job(program, sized, 60.0), pipe, threading.Event())
    assert done.reason == "optimal" and done.objective is not None and outcome.objective is not None
    # broken sizes cost less than whole ones
    assert done.objective >= outcome.objective * (1 - 1e-6)


def test_links_that_fit_nowhere_leave_nothing_to_plan(city: Instance) -> None:
    """Two links into one zone miss its row by themselves."""
    model = build(city)
    network, program = model.network, compile_model(model)
    zone = next(index[2] for index in program.groups["link"] if index[0].endswith("-zone"))
    both = [column for index, column in program.groups["link"].items() if index[2] == zone][:2]
    assert len(both) == 2
    assert FromBelow(network, program, np.array(both, dtype=np.intp)).left is None


def test_a_large_program_has_its_first_plan_from_below(city: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan is there without a dive to the links, and the run goes on from it to the optimum."""
    monkeypatch.setattr(tracks, "LARGE", 0)
    made: list[bool] = []
    begun: list[bool] = []
    below = Tracks._from_below

    def kept(self: Tracks, planner: SolverProcess, zones: Columns) -> bool:
        made.append(below(self, planner, zones))
        begun.append(True)
        return made[-1]

    monkeypatch.setattr(Tracks, "_from_below", kept)
    deaf_until(monkeypatch, lambda: bool(begun))
    monkeypatch.setattr(Tracks, "_dive", None)
    found = solve(city, method="staged", gap=1e-3, time_limit=60)
    assert made == [True]
    assert found.proof.status == "optimal"
    holds(city, found)


def test_without_links_of_zones_the_dive_makes_the_plan(city: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no zone was packed there is nothing to begin with, and the run goes on as others do."""
    monkeypatch.setattr(tracks, "LARGE", 0)
    monkeypatch.setattr(Tracks, "_packed", lambda *given: np.array([], dtype=np.intp))
    found = solve(city, method="staged", gap=1e-3, time_limit=60)
    assert found.proof.status == "optimal"
    holds(city, found)


def test_where_the_steps_from_below_fail_the_dive_makes_the_plan(
    city: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that has solved another program meanwhile dives in its own again."""
    monkeypatch.setattr(tracks, "LARGE", 0)
    below, dived = Tracks._from_below, Tracks._dive
    made: list[float] = []

    def in_vain(self: Tracks, planner: SolverProcess, zones: Columns) -> bool:
        assert below(self, planner, zones)
        self.point, self.value, self.best = None, np.inf, None
        return False

    def kept(self: Tracks, planner: SolverProcess, program: Milp, relaxed: Relaxed) -> None:
        dived(self, planner, program, relaxed)
        made.append(self.value)

    monkeypatch.setattr(Tracks, "_from_below", in_vain)
    monkeypatch.setattr(Tracks, "_dive", kept)
    deaf_until(monkeypatch, lambda: bool(made))
    found = solve(city, method="staged", gap=1e-3, time_limit=60)
    assert np.isfinite(made).all() and len(made) == 1
    assert found.proof.status == "optimal"
    holds(city, found)
