"""The staged method makes a plan and a proof at the same time, and ends well whichever of them comes first."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from scipy import sparse

from hubopt.instance import Instance
from hubopt.model import Network, build
from hubopt.solve import run, solve, tracks
from hubopt.solve.compile import compile_model
from hubopt.solve.engine.highs import relax
from hubopt.solve.engine.jobs import Outcome, Relaxation, Relaxed
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.engine.sifting import dual_bound
from hubopt.solve.milp import Milp
from hubopt.solve.plans.search import LocalSearch
from hubopt.solve.progress import Tracker
from hubopt.solve.tracks import Tracks, nearest_ways
from tests.solve.deaf_tracks import deaf_until
from tests.solve.in_process import Deaf
from tests.solve.medium import medium
from tests.solve.test_runs import holds

PATIENCE = 60.0
"""Seconds after which a track that does not move has failed."""


@pytest.fixture(name="city", scope="module")
def _city() -> Instance:
    return medium(zones=12, stations=8, utcs=5, hubs=3)


def test_the_proof_begins_before_the_plan_is_made(city: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dive that waits for the proof to begin does not wait in vain, and its plan is taken in."""
    dive = Tracks._dive
    begun: list[bool] = []

    def waiting(self: Tracks, *given: object) -> None:
        until = time.monotonic() + PATIENCE
        while self._proven is None and time.monotonic() < until:
            self._hear(0.05)
        begun.append(self._proven is not None)
        dive(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Tracks, "_dive", waiting)
    found = solve(city, method="staged", gap=1e-3, time_limit=60)
    assert begun == [True]
    assert found.proof.status == "optimal"
    holds(city, found)


def test_a_proof_may_end_before_there_is_a_plan(city: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where branching is done before the dive, its own plan is the answer."""
    dive = Tracks._dive

    def late(self: Tracks, *given: object) -> None:
        until = time.monotonic() + PATIENCE
        while self._hear(0.05) and time.monotonic() < until:
            pass
        assert self._outcome is not None
        dive(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Tracks, "_dive", late)
    found = solve(city, method="staged", gap=1e-3, time_limit=120)
    assert found.proof.status == "optimal"
    holds(city, found)


def test_a_plan_that_comes_before_the_relaxation_of_the_whole_is_searched_from(
    city: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search does not wait for the proof to begin; both go on together when it does."""
    dive, absorb = Tracks._dive, LocalSearch.absorb
    dived: list[bool] = []
    turns: list[bool] = []

    until = time.monotonic() + PATIENCE / 3

    def first(self: Tracks, *given: object) -> None:
        dive(self, *given)  # type: ignore[arg-type]
        dived.append(self.point is not None and not self._proof_began)

    def counted(self: LocalSearch, outcome: Outcome, seconds: float) -> bool:
        turns.append(True)
        return absorb(self, outcome, seconds)

    deaf_until(monkeypatch, lambda: len(turns) > 2 or time.monotonic() > until)
    monkeypatch.setattr(Tracks, "_dive", first)
    monkeypatch.setattr(LocalSearch, "absorb", counted)
    found = solve(city, method="staged", gap=1e-3, time_limit=60)
    assert dived == [True]
    assert len(turns) > 2
    assert found.proof.status == "optimal"
    holds(city, found)


def test_without_a_plan_the_proof_looks_for_one_itself(
    city: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dive that fails leaves the whole to branching, now with heuristics."""
    monkeypatch.setattr(Tracks, "_dive", lambda self, *given: None)
    monkeypatch.setattr(Tracks, "_take", _only_later(Tracks._take))
    found = solve(city, method="staged", gap=1e-3, time_limit=60)
    assert found.proof.status == "optimal"
    holds(city, found)


def _only_later(take: object) -> object:
    """Nothing is taken in before the search began: as if branching had found no plan by then."""

    def later(self: Tracks, *given: object) -> bool:
        return self._searching and take(self, *given)  # type: ignore[operator, no-any-return]

    return later


def test_that_there_is_no_plan_ends_both_tracks(city: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the relaxation of the whole has no point, the dive is given up and the run ends."""
    begin, dive = Tracks._begin_proof, Tracks._dive
    dived: list[bool] = []
    wanted: list[bool] = []

    def impossible(self: Tracks, answer: object) -> None:
        assert isinstance(answer, Relaxed)
        begin(self, Relaxed("infeasible", None, None, answer.rows))

    def late(self: Tracks, *given: object) -> None:
        dived.append(True)
        until = time.monotonic() + PATIENCE
        while self._hear(0.05) and time.monotonic() < until:
            pass
        dive(self, *given)  # type: ignore[arg-type]
        wanted.append(self._hear())

    monkeypatch.setattr(Tracks, "_begin_proof", impossible)
    monkeypatch.setattr(Tracks, "_dive", late)
    deaf_until(monkeypatch, lambda: bool(dived))
    monkeypatch.setattr(run, "_is_infeasible", lambda *given: Outcome("infeasible", None, None, None))
    found = solve(city, method="staged", gap=1e-3, time_limit=60)
    assert wanted == [False]
    assert found.proof.status == "infeasible"
    assert found.plan is None


def test_where_exchange_counts_in_a_share_the_plan_waits(city: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dive then begins from the relaxation of the whole, and the run ends as well."""
    monkeypatch.setattr(Tracks, "_exchange_counts", True)
    monkeypatch.setattr(Tracks, "_plan", None)
    found = solve(city, method="staged", gap=1e-3, time_limit=60)
    assert found.proof.status == "optimal"
    holds(city, found)


@pytest.mark.parametrize(("counted", "told"), [(True, True), (False, False)])
def test_whether_exchange_counts_is_read_from_the_rows(counted: bool, told: bool) -> None:
    """Exchange counts if a row of a share holds one of its columns, not if another row does."""
    names = ("delivery_share[a]", "throughput_capacity[b]")
    matrix = sparse.csr_array(np.array([[1.0, float(counted)], [1.0, 1.0]]))
    none, one = np.zeros(2), np.ones(2)
    program = Milp(
        one, 0.0, matrix, none, one, none, one, none.astype(bool), none.astype(bool), names,
        {"flow": {"x": 0}, "exchange": {"y": 1}},
    )  # fmt: skip
    network = cast(Network, None)
    tracks = Tracks(network, program, Tracker(1.0, 1.0), 0.01, 0, None, lambda line: None)
    assert tracks._exchange_counts == told


def test_a_large_program_is_planned_over_the_nearest_ways_and_bounded_over_all(
    city: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relaxation over few ways costs more than the optimum here; it counts as no bound, and the search has all."""
    monkeypatch.setattr(tracks, "LARGE", 0)
    monkeypatch.setattr(tracks, "NEAREST", 1)
    begun: list[float] = []
    plan = Tracks._plan

    def planned(self: Tracks, planner: SolverProcess, core: Milp) -> None:
        plan(self, planner, core)
        begun.append(self.value)

    monkeypatch.setattr(Tracks, "_plan", planned)
    deaf_until(monkeypatch, lambda: bool(begun))
    found = solve(city, method="staged", gap=1e-3, time_limit=60)
    best = solve(city, method="monolith", gap=1e-6, time_limit=60)
    assert np.isfinite(begun[0])
    assert found.proof.status == "optimal"
    assert found.proof.bound is not None and best.proof.objective is not None
    assert found.proof.bound <= best.proof.objective * (1 + 1e-7)
    holds(city, found)


@pytest.mark.parametrize("count", [1, 2])
def test_nearest_ways_are_those_of_least_km(city: Instance, count: int) -> None:
    """On legs where one way serves a place whole, only the shortest are left; all others stay as they are."""
    model = build(city)
    network, program = model.network, compile_model(model)
    near = nearest_ways(network, program, count)
    shortest: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for (leg, i, j, _), way in network.way.items():
        shortest[leg, j][i] = min(way.km, shortest[leg, j].get(i, np.inf))
    open_ways: dict[tuple[str, str], set[str]] = defaultdict(set)
    for group in ("link", "flow"):
        for index, column in program.groups[group].items():
            if index[0] not in network.single_sourced:
                assert near.upper[column] == program.upper[column]
            elif near.upper[column] > 0:
                open_ways[index[0], index[2]].add(index[1])
    assert open_ways
    for place, origins in open_ways.items():
        assert origins <= set(sorted(shortest[place], key=shortest[place].__getitem__)[:count])


def test_an_interior_point_alone_bounds_no_worse_than_its_tolerance(city: Instance) -> None:
    """Without crossover the bound is what the prices prove: below the relaxation's value, and near it."""
    program = compile_model(build(city))
    pipe = cast(Connection, Deaf())
    exact, _ = relax(program, Relaxation(60.0, rounds=0, strengthened=True), pipe, threading.Event())
    task = Relaxation(60.0, rounds=0, strengthened=True, crossover=False)
    near, solver = relax(program, task, pipe, threading.Event())
    assert solver is None
    assert exact.bound is not None and near.bound is not None and near.row_duals is not None
    assert near.bound <= exact.bound * (1 + 1e-7)
    assert near.bound == pytest.approx(exact.bound, rel=1e-3)
    assert near.bound == pytest.approx(dual_bound(program, near.row_duals)[0])
    assert near.rows[~program.strengthening].all() and not near.rows.all()


def test_an_interior_point_without_time_proves_nothing(city: Instance) -> None:
    """A relaxation that is stopped at once says so, and counts as no bound that is not one."""
    program = compile_model(build(city))
    pipe = cast(Connection, Deaf())
    whole, _ = relax(program, Relaxation(60.0, rounds=0), pipe, threading.Event())
    stopped, _ = relax(program, Relaxation(0.0, rounds=0, crossover=False), pipe, threading.Event())
    assert whole.bound is not None
    assert stopped.bound is None or stopped.bound <= whole.bound


def test_the_whole_of_a_large_program_is_relaxed_twice(city: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    """First without, then with all strengthening rows: the second bound is no worse, and branching goes on from it."""
    monkeypatch.setattr(tracks, "LARGE", 0)
    begin = Tracks._begin_proof
    bounds: list[float | None] = []

    def kept(self: Tracks, answer: object) -> None:
        assert isinstance(answer, Relaxed)
        bounds.append(answer.bound)
        begin(self, answer)
        assert self._proof_began == (len(bounds) == 2)

    monkeypatch.setattr(Tracks, "_begin_proof", kept)
    found = solve(city, method="staged", gap=1e-3, time_limit=60)
    first, second = bounds
    assert first is not None and second is not None and second >= first * (1 - 1e-5)
    assert found.proof.status == "optimal"
    holds(city, found)


def test_a_gap_that_closes_while_the_whole_is_relaxed_ends_the_run(
    city: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first of two relaxations and a plan are enough; nobody waits for the second."""
    monkeypatch.setattr(tracks, "LARGE", 0)
    begin = Tracks._begin_proof
    began: list[bool] = []

    def only_the_first(self: Tracks, answer: object) -> None:
        if not began:
            begin(self, answer)
            began.append(self._proof_began)

    monkeypatch.setattr(Tracks, "_begin_proof", only_the_first)
    found = solve(city, method="staged", gap=0.5, time_limit=60)
    assert began == [False]
    assert found.proof.status == "optimal" and found.proof.seconds["total"] < 50
    holds(city, found)
