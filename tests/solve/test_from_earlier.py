"""Runs that start from the duals of an earlier one: valid whatever was changed, and kept in the result folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubopt.bench.scale import scale_instance
from hubopt.instance import InputError, Policy
from hubopt.model import build
from hubopt.solution import Solution, read_duals, write_solution
from hubopt.solution.duals import WHOLE, Duals, Split
from hubopt.solve import solve
from hubopt.solve.compile import compile_model
from hubopt.solve.decompose.tree import Tree
from tests.bounds.threads import solver_threads
from tests.cases import tiny
from tests.plans import tiny_solution
from tests.solve.in_pieces import SIZES, Small, bound_at, small
from tests.solve.in_process import solved

__all__ = ["small"]


@pytest.fixture(scope="module")
def first() -> Solution:
    """A solution of the small case by decomposition."""
    instance, policy = scale_instance(*SIZES, 4)
    with solver_threads():
        return solve(instance, policy, method="decompose", gap=0.05, time_limit=60)


splits = st.builds(
    Split,
    st.sampled_from(["level", "site"]),
    st.sampled_from(["hub", "utc", "station", "h1", "h2", "u1", "u2", "u9", "x"]),
    st.sampled_from(["once", "once", "once", "never"]),
    st.integers(0, 2),
)


@settings(max_examples=8, deadline=None)
@given(
    parted=st.lists(splits, max_size=4), sides=st.lists(st.integers(0, 1), min_size=4, max_size=4),
    seed=st.integers(0, 1000), size=st.sampled_from([0.1, 2.0, 1e12]),
)  # fmt: skip
def test_whatever_was_kept_the_parts_hold_all_plans(
    small: Small, parted: list[Split], sides: list[int], seed: int, size: float
) -> None:
    """Splits and duals made up of anything: the best plan lies in a part, whose bound is at most what it costs."""
    network, program, _, ascent, _, optimum, best = small
    path = "".join(str(side) for side in sides)
    random = np.random.default_rng(seed)
    rows = (*(str(name) for name in random.choice(program.row_names, 40)), "nothing[x]")
    duals = Duals(
        rows,
        np.zeros(41),
        {WHOLE + path[:depth]: split for depth, split in enumerate(parted)},
        {WHOLE + path[: len(parted)]: size * random.normal(0, 1, 41) * random.choice([1, np.nan], 41, p=[0.9, 0.1])},
    )
    tree = Tree(network, ascent)
    root = replace(ascent.root)
    tree.restore(duals)
    mine = [node for node in tree.nodes if node.branch.holds(best[ascent.above])]
    assert len(mine) == 1
    assert bound_at(ascent, mine[0]) <= optimum + 1e-6 * abs(optimum)
    ascent.root.multipliers, ascent.root.trial = root.multipliers, root.trial


def test_duals_come_back_as_they_were_written(tmp_path: Path, first: Solution) -> None:
    """Splits and duals of a result are read as they were kept; a result without them has none."""
    instance, _ = scale_instance(*SIZES, 4)
    assert first.duals is not None
    kept = replace(
        first.duals,
        splits={WHOLE: Split("level", "utc", "once", 1), WHOLE + "1": Split("site", "u1", "once", 0)},
        parts={WHOLE + end: first.duals.parts[WHOLE] + place for place, end in enumerate(("0", "10", "11"))},
    )
    write_solution(replace(first, duals=kept), instance, tmp_path / "result")
    again = read_duals(tmp_path / "result")
    assert again is not None and again.splits == kept.splits and list(again.parts) == list(kept.parts)
    place = {name: number for number, name in enumerate(again.rows)}
    for name, values in kept.parts.items():
        known = np.isfinite(values)
        where = [place[row] for row, is_known in zip(kept.rows, known, strict=True) if is_known]
        assert (again.parts[name][where] == values[known]).all()
    write_solution(tiny_solution(), tiny(), tmp_path / "plain")
    assert read_duals(tmp_path / "plain") is None


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("lost", "there is no such file"),
        ("orphan", "comes from no part that falls in two"),
        ("stray", "is none of the parts that all plans fall into"),
        ("twice", "repeats the key"),
        ("what", "is not one of the choices"),
    ],
)
def test_damaged_duals_are_named(tmp_path: Path, first: Solution, file: str, said: str) -> None:
    """Parts that cannot have come about, rows that come twice and lost files are told, and nothing is taken over."""
    instance, _ = scale_instance(*SIZES, 4)
    assert first.duals is not None
    write_solution(replace(first, duals=replace(first.duals, splits={})), instance, tmp_path / "result")
    splits, duals = tmp_path / "result" / "splits.csv", tmp_path / "result" / "duals.parquet"
    head = "part,what,id,period,at_most\n"
    if file == "lost":
        splits.unlink()
    elif file in ("stray", "twice"):
        frame = pd.read_parquet(duals)
        more = frame.tail(1).assign(part="r01") if file == "stray" else frame.tail(1)
        pd.concat([frame, more]).to_parquet(duals, index=False)
    else:
        row = {"orphan": "r0,level,utc,once,1", "what": "r,zone,utc,once,1"}[file]
        splits.write_text(head + row + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_duals(tmp_path / "result")


def test_a_run_after_a_change_starts_from_them(tmp_path: Path, first: Solution) -> None:
    """After a zone's demand rose the relaxation is left out, and the bound is one of the changed case."""
    instance, policy = scale_instance(*SIZES, 4)
    demand = instance.demand.copy()
    demand.loc[demand["zone"] == demand["zone"].iloc[0], "t_d"] *= 1.1
    changed = replace(instance, demand=demand)
    with solver_threads():
        found = solve(
            changed, policy, method="decompose", gap=0.05, time_limit=60, warm_start=first, log_path=tmp_path / "log"
        )
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert "duals of the earlier run: bound" in log and "not used" not in log
    model = build(changed, policy)
    optimum = solved(compile_model(model)).objective
    assert optimum is not None and found.proof.bound is not None
    assert found.proof.status == "optimal"
    assert found.proof.bound <= optimum * model.network.scale.money_cny * (1 + 1e-6)


def test_duals_that_are_of_no_use_are_not_used(tmp_path: Path, first: Solution) -> None:
    """Duals a thousand times too large leave the run to its own relaxation, and the log says so."""
    instance, _ = scale_instance(*SIZES, 4)
    assert first.duals is not None
    wild = replace(first.duals, parts={name: values * 1e3 for name, values in first.duals.parts.items()})
    with solver_threads():
        found = solve(
            instance, Policy(), method="decompose", gap=0.05, time_limit=60, warm_start=replace(first, duals=wild),
            log_path=tmp_path / "log",
        )  # fmt: skip
    assert "earlier run: not used" in (tmp_path / "log").read_text(encoding="utf-8")
    assert found.proof.status == "optimal"
