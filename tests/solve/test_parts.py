"""The parts of the staged method on the tiny city: relaxation, dive, neighbourhoods, local search, points and plans."""

from __future__ import annotations

import itertools
import multiprocessing
import signal
import threading
from typing import Any

import numpy as np
import pytest

from hubopt.instance import Policy
from hubopt.solve.engine import highs
from hubopt.solve.engine.dive import Dive, Dived, dive
from hubopt.solve.engine.jobs import Job, Outcome, Relaxation, Relaxed
from hubopt.solve.engine.offers import Offers
from hubopt.solve.engine.process import SolverProcess
from hubopt.solve.engine.worker import _ctrl_c_later
from hubopt.solve.extract import plan_of, point_of
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.plans.neighbourhoods import Neighbourhoods
from hubopt.solve.plans.order import columns_of, dive_order
from hubopt.solve.plans.search import LocalSearch
from hubopt.solve.progress import Progress, Tracker
from tests.cases import tiny
from tests.model.exact import Optimum, solved

TOLERANCE = 1e-5


class Pipe:
    """Keeps what is sent and has nothing to give."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, report: Any) -> None:
        self.sent.append(report)


def run(program: Milp, job: Job) -> Outcome:
    """A job in this process."""
    pipe: Any = Pipe()
    stop: Any = threading.Event()
    offers = Offers(multiprocessing.get_context("spawn"), program.columns)
    return highs.run(program, job, pipe, stop, offers)


@pytest.fixture(scope="module")
def best() -> Optimum:
    """The tiny city's optimum."""
    return solved(tiny())


@pytest.fixture(scope="module")
def point(best: Optimum) -> Vector:
    """Its point, whole in the integer columns."""
    assert best.values is not None
    return best.values


@pytest.fixture(scope="module")
def value(best: Optimum, point: Vector) -> float:
    """Its value in model units."""
    return best.program.objective(point)


@pytest.fixture(scope="module")
def relaxed_and_dived(best: Optimum) -> tuple[Relaxed, Dived, Pipe]:
    """The relaxation, a dive from it, and what was reported meanwhile."""
    pipe: Any = Pipe()
    stop: Any = threading.Event()
    relaxed, solver = highs.relax(best.program, Relaxation(60.0), pipe, stop)
    assert solver is not None
    order = dive_order(best.model.network, best.program)
    task = Dive(order, columns_of(best.program, "modules", lambda _: True), seconds=60.0, patience=30.0)
    return relaxed, dive(best.program, solver, task), pipe


def is_feasible(program: Milp, values: Vector) -> bool:
    """Whether a point keeps bounds, rows and whole numbers."""
    rows = program.matrix @ values
    inside = (values >= program.lower - TOLERANCE).all() and (values <= program.upper + TOLERANCE).all()
    kept = (rows >= program.row_lower - TOLERANCE).all() and (rows <= program.row_upper + TOLERANCE).all()
    whole = np.abs(values - np.round(values))[program.integer].max() <= TOLERANCE
    return bool(inside and kept and whole)


def test_the_relaxation_is_a_bound_that_rises_with_its_rows(
    best: Optimum, value: float, relaxed_and_dived: tuple[Relaxed, Dived, Pipe]
) -> None:
    """Row by row the bound rises, stays below the optimum, and ends at that of the whole relaxation."""
    relaxed, _, pipe = relaxed_and_dived
    bounds = [report[2] for report in pipe.sent if report[0] == "progress"]
    assert len(bounds) > 1
    assert all(later >= earlier - 1e-6 * abs(earlier) for earlier, later in itertools.pairwise(bounds))
    assert relaxed.bound is not None
    assert relaxed.bound <= value * (1 + 1e-9)
    program = best.program
    whole = run(program, Job(program.lower, program.upper, np.zeros_like(program.integer)))
    assert whole.objective is not None
    assert relaxed.bound == pytest.approx(whole.objective, rel=1e-3)
    assert (relaxed.rows | program.strengthening).all(), "only strengthening rows are left out"


def test_a_dive_gives_a_whole_feasible_point(
    best: Optimum, value: float, relaxed_and_dived: tuple[Relaxed, Dived, Pipe]
) -> None:
    """The dive ends in a point with whole openings, links and sizes that keeps every row, not below the optimum."""
    dived = relaxed_and_dived[1]
    assert dived.reason == "optimal"
    assert dived.values is not None
    assert dived.objective is not None
    assert is_feasible(best.program, dived.values)
    assert best.program.objective(dived.values) == pytest.approx(dived.objective, rel=1e-9)
    assert dived.objective >= value * (1 - 1e-9)


def test_a_dive_without_time_ends_without_a_point(best: Optimum) -> None:
    """Out of time is a reason, not an exception."""
    pipe: Any = Pipe()
    stop: Any = threading.Event()
    _, solver = highs.relax(best.program, Relaxation(60.0), pipe, stop)
    assert solver is not None
    order = dive_order(best.model.network, best.program)
    counts = columns_of(best.program, "modules", lambda _: True)
    assert dive(best.program, solver, Dive(order, counts, seconds=0.0, patience=0.0)) == Dived("time", None, None)


def test_the_dive_decides_every_binary(best: Optimum) -> None:
    """Openings and links are each in exactly one class of the dive."""
    classes = [columns for columns, _ in dive_order(best.model.network, best.program)]
    decided = np.sort(np.concatenate(classes))
    groups = best.program.groups
    assert decided.tolist() == sorted([*groups["open"].values(), *groups["link"].values()])


def test_freeing_only_followers_keeps_the_incumbent(best: Optimum, point: Vector, value: float) -> None:
    """With no node freed gateways' flows and what they move are free; the optimum of that is the incumbent."""
    near = Neighbourhoods(best.model.network, best.program)
    free = near.free_columns(point, [])
    integers = best.program.integer
    assert not (free & integers).any()
    groups = best.program.groups
    fed = {end[2] for end, column in groups["flow"].items() if end[1] not in near.number and point[column] > 1e-9}
    assert fed
    assert {index[0] for index, column in groups["throughput"].items() if free[column]} == fed
    program = best.program
    outcome = run(
        program, Job(np.where(free, program.lower, point), np.where(free, program.upper, point), integers, start=point)
    )
    assert outcome.reason == "optimal"
    assert outcome.objective == pytest.approx(value, rel=1e-7)


def test_freeing_every_node_frees_every_column(best: Optimum, point: Vector) -> None:
    """The largest neighbourhood is the whole program."""
    near = Neighbourhoods(best.model.network, best.program)
    assert near.free_columns(point, near.nodes).all()


def test_a_larger_neighbourhood_frees_no_less(best: Optimum, point: Vector) -> None:
    """Freeing more nodes never fixes a column that was free."""
    near = Neighbourhoods(best.model.network, best.program)
    few, more = ["s3", "z3"], ["s3", "z3", "u-mid", "s2", "z2"]
    assert not (near.free_columns(point, few) & ~near.free_columns(point, more)).any()


def test_nearness_follows_the_arcs(best: Optimum) -> None:
    """From z3 the nearest stations are s3 (1 km) and s2 (3 km); from u-mid s3, then s2 and s4 (3 km each)."""
    near = Neighbourhoods(best.model.network, best.program)
    assert near.nearest("z3", "station", 2) == ["s3", "s2"]
    assert near.nearest("u-mid", "station", 1) == ["s3"]
    assert set(near.nearest("u-mid", "station", 3)) == {"s2", "s3", "s4"}
    assert near.nearest("s3", "station", 1) == ["s3"]
    assert set(near.of_level("zone")) == {"z1", "z2", "z3", "z4", "z5", "z6"}


def test_local_search_only_improves(
    best: Optimum, value: float, relaxed_and_dived: tuple[Relaxed, Dived, Pipe]
) -> None:
    """From a poor plan, step by step, the incumbent stays feasible, never gets dearer, and comes near the optimum."""
    program, policy = best.program, Policy(force_open=("u-east", "s5", "h-port"))
    poor = solved(tiny(), policy)
    assert poor.values is not None
    plan = plan_of(tiny(), policy, poor.model.network, poor.program, poor.values)
    fixed = point_of(program, plan)
    lower, upper = (np.where(program.integer, fixed, bounds) for bounds in (program.lower, program.upper))
    first = run(program, Job(lower, upper, np.zeros_like(program.integer)))
    assert first.values is not None
    assert first.objective is not None
    assert first.objective > value * 1.001
    search = LocalSearch(
        best.model.network, program, np.where(program.integer, fixed, first.values), first.objective, 0
    )
    costs = [search.objective]
    for _ in range(15):
        job = search.next_job(3.0, 0.01)
        if job is None:
            break
        search.absorb(run(program, job), 0.1)
        costs.append(search.objective)
        assert is_feasible(program, search.point)
        assert program.objective(search.point) == pytest.approx(search.objective, rel=1e-6)
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == pytest.approx(value, rel=0.005)
    assert costs[-1] >= value * (1 - 1e-7)


def test_a_plan_is_read_back_as_the_same_point(best: Optimum, point: Vector) -> None:
    """The integer columns of a plan's tables are those it was made from."""
    plan = plan_of(tiny(), Policy(), best.model.network, best.program, point)
    whole = best.program.integer
    assert (point_of(best.program, plan)[whole] == point[whole]).all()


def test_a_process_goes_on_after_its_limit_and_after_a_cancel(best: Optimum, value: float) -> None:
    """A job of no time, a job of one node and a cancelled job leave the process ready for the next, which is exact."""
    program = best.program
    with SolverProcess(program) as solver:
        hasty = solver.run(Job(program.lower, program.upper, program.integer, seconds=0.0))
        assert isinstance(hasty, Outcome)
        assert hasty.reason in ("time", "optimal")
        one_node = solver.run(Job(program.lower, program.upper, program.integer, gap=0.0, nodes=0))
        assert isinstance(one_node, Outcome)
        assert one_node.reason == "nodes"
        solver.submit(Job(program.lower, program.upper, program.integer, gap=0.0))
        solver.cancel()
        done = False
        while not done:
            done = any(report[0] == "done" for report in solver.reports(wait=0.1))
        exact = solver.run(Job(program.lower, program.upper, program.integer, gap=1e-9))
        assert isinstance(exact, Outcome)
        assert exact.objective == pytest.approx(value, rel=1e-7)
        assert exact.bound == pytest.approx(value, rel=1e-7)


def test_a_node_limit_gives_the_same_answer_twice(best: Optimum) -> None:
    """Stopped after a number of nodes, two runs with one seed have the same point, bound and nodes."""
    program = best.program
    job = Job(program.lower, program.upper, program.integer, gap=0.0, nodes=3, seed=5)
    first, second = run(program, job), run(program, job)
    assert (first.objective, first.bound, first.nodes) == (second.objective, second.bound, second.nodes)


def test_the_tracker_keeps_the_best_of_both_sides() -> None:
    """Worse incumbents and bounds are passed over; the gap is that of the best two, in money of the listener."""
    told: list[Progress] = []
    tracker = Tracker(1000.0, 60.0, told.append)
    assert tracker.gap == float("inf")
    assert tracker.found(10.0)
    assert not tracker.found(11.0)
    tracker.proved(None)
    tracker.proved(8.0)
    tracker.proved(7.0)
    assert tracker.gap == pytest.approx(0.2)
    assert (told[-1].incumbent, told[-1].bound) == (10_000.0, 8_000.0)
    tracker.enter("check")
    assert told[-1].phase == "check"
    assert [(incumbent, bound) for _, incumbent, bound in tracker.trace] == [(10_000.0, None), (10_000.0, 8_000.0)]
    assert 0 < tracker.left <= 60


def test_ctrl_c_waits_while_a_process_starts() -> None:
    """An interrupt inside the block is raised at its end, once, and the handler of before is back."""
    before = signal.getsignal(signal.SIGINT)
    reached = False
    with pytest.raises(KeyboardInterrupt), _ctrl_c_later():
        signal.raise_signal(signal.SIGINT)
        reached = True
    assert reached
    assert signal.getsignal(signal.SIGINT) is before
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_offers_never_wait_for_the_process(best: Optimum, point: Vector) -> None:
    """Thousands of points may be offered to a process that does not ask; it then works on as before."""
    program = best.program
    job = Job(program.lower, program.upper, program.integer, gap=1e-6)
    with SolverProcess(program) as solver:
        for _ in range(2000):
            solver.offer(point)
        outcome = solver.run(job)
    assert isinstance(outcome, Outcome)
    assert outcome.reason == "optimal"


def test_only_the_latest_offer_is_handed_over(point: Vector) -> None:
    """A point is taken once, and an older one that was not taken in time is forgotten."""
    offers = Offers(multiprocessing.get_context("spawn"), len(point))
    offers.put(point * 0)
    offers.put(point)
    seen, latest = offers.newer_than(0)
    assert latest is not None
    assert (latest == point).all()
    assert offers.newer_than(seen) == (seen, None)
