"""Few sites at a time: what closing the others closes, and searches that begin so."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hubopt.solve import monolith, solve
from hubopt.solve.compile import compile_model
from hubopt.solve.engine import highs
from hubopt.solve.engine.jobs import Job, Outcome
from hubopt.solve.milp import Milp, Vector
from hubopt.solve.plans import kernel
from hubopt.solve.plans.kernel import Kernels
from hubopt.solve.progress import Tracker
from tests.cases import random_case
from tests.model.exact import model_of, solved
from tests.solve.in_process import Deaf
from tests.solve.test_narrowing import optimum, warehouses


def _relaxed(program: Milp, upper: Vector, tolerance: float = 1e-9) -> Outcome:
    """The linear relaxation with other upper bounds."""
    pipe: Any = Deaf()
    stop: Any = threading.Event()
    return highs.run(
        program, Job(program.lower, upper, np.zeros_like(program.integer), tolerance=tolerance), pipe, stop
    )


def _first_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small programs are searched over few sites first, too."""
    for name, value in (("NARROW_FROM", 0), ("UNDECIDED", -1.0)):
        monkeypatch.setattr(monolith, name, value)
    for name, value in (("MOST", 2), ("SPARE", 0.0), ("BESIDE", 1)):
        monkeypatch.setattr(kernel, name, value)


@pytest.mark.parametrize("seed", range(12))
def test_closing_sites_closes_what_follows_and_no_more(seed: int) -> None:
    """With some sites closed the relaxation is worth the same whether or not what follows is closed with them."""
    program = compile_model(model_of(random_case(seed)))
    rng = np.random.default_rng(seed)
    kernels = Kernels(program, np.zeros(program.columns), np.zeros(program.columns), seed)
    columns = np.array(list(program.groups["open"].values()))
    followed = 0
    for _ in range(4):
        chosen = columns[rng.random(len(columns)) < 0.6]
        alone = program.upper.copy()
        alone[np.setdiff1d(columns, chosen)] = 0.0
        upper = kernels.upper(chosen)
        assert (upper <= alone).all() and (upper >= program.lower).all()
        followed += int((upper < alone).sum())
        least, other = _relaxed(program, alone), _relaxed(program, upper)
        assert least.reason == other.reason
        if least.objective is not None and other.objective is not None:
            assert other.objective == pytest.approx(least.objective, rel=1e-6)
    assert followed > 0


def test_kernels_keep_what_is_open() -> None:
    """The first has what the relaxation opens most of; each further one the open sites, none twice, and others."""
    columns = 60
    program = replace(
        warehouses(0), groups={"open": {(f"s{i}", "d", "t"): i for i in range(12)}},
        lower=np.zeros(len(warehouses(0).cost)),
    )  # fmt: skip
    point = np.zeros(program.columns)
    point[[3, 7, 5]] = [0.2, 0.9, 0.1]
    kernels = Kernels(program, point, np.arange(program.columns, dtype=float), 0)
    assert kernels.first()[:4].tolist() == [7, 3, 5, 0]
    assert kernels.lower().max() == 0
    point[7] = 1.0
    assert np.flatnonzero(Kernels(program, point, np.zeros(program.columns), 0).lower()).tolist() == [7]
    wholes = Kernels(program, point, np.zeros(program.columns), 0)
    drawn = [wholes.lower(point)[7] for _ in range(20)]
    assert set(drawn) == {0.0, 1.0} and wholes.lower(np.zeros(program.columns)).max() == 0
    best = np.zeros(program.columns)
    best[[10, 11]] = 1.0
    for _ in range(5):
        chosen = kernels.beside(best)
        assert {10, 11} <= set(chosen.tolist()) and len(set(chosen.tolist())) == len(chosen) > 2
    assert columns > kernels.size


@pytest.mark.parametrize("seed", [2, 9, 18, 27])
def test_runs_end_the_same_after_kernels(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the kernels leave out, also where they allow no plan, the run ends with the optimum and its proof."""
    _first_kernels(monkeypatch)
    found = solve(random_case(seed), method="monolith", gap=1e-6, time_limit=60, threads=1)
    least = solved(random_case(seed)).cost
    assert found.proof.status == ("infeasible" if least is None else "optimal")
    if least is not None:
        assert found.proof.objective == pytest.approx(least, rel=2e-6)


@pytest.mark.parametrize("nodes", [None, 1, 0])
def test_kernels_claim_nothing_of_the_whole(nodes: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds of few sites are none of the program; a run stopped by nodes ends the same each time."""
    _first_kernels(monkeypatch)
    program = replace(warehouses(1), groups={"open": {(f"s{i}", "d", "t"): i for i in range(12)}})
    least, ends = optimum(1)[0], []
    lines: list[str] = []
    for _ in range(2):
        tracker = Tracker(1.0, 60.0)
        found = monolith.Monolith(program, tracker, 1e-6, 0, 1, None, lines.append, nodes, steady=True).run()
        ends.append((found.reason, tracker.incumbent, tracker.bound))
        assert tracker.bound <= least * (1 + 1e-9)
        assert tracker.incumbent >= least * (1 - 1e-9)
        assert found.reason == ("optimal" if tracker.gap <= 1e-6 else "nodes")
    assert ends[0] == ends[1]
    assert nodes is not None or ends[0][0] == "optimal"
    assert any(line.startswith("kernel of") for line in lines)
