"""The same question asked twice gets the same answer, to the last digit of every table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hubopt.instance import Instance
from hubopt.solution import Solution, write_solution
from hubopt.solution.differences import circumstances, outcomes
from hubopt.solve import solve
from hubopt.solve.lockstep import round_of
from hubopt.solve.run import Method
from tests.bounds.threads import solver_threads
from tests.cases import tiny
from tests.featured_cases import featured_case
from tests.solve.medium import medium


def _files(solution: Solution, instance: Instance, folder: Path) -> dict[str, bytes]:
    """The files of a result but for times: phases and trace."""
    write_solution(solution, instance, folder)
    record = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    del record["seconds"], record["trace"]
    others = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "result.json"}
    return others | {"result.json": json.dumps(record, sort_keys=True).encode()}


def _twice(tmp_path: Path, instance: Instance, method: Method, **options: object) -> Solution:
    runs = []
    options = {"deterministic": True, **options}
    with solver_threads():
        for name in ("first", "second"):
            runs.append(solve(instance, method=method, time_limit=120, **options))  # type: ignore[arg-type]
            if len(runs) > 1:
                one, other = (_files(run, instance, tmp_path / f"{name}{at}") for at, run in enumerate(runs))
                assert one.keys() == other.keys()
                for file, content in one.items():
                    assert content == other[file], file
                assert not outcomes(*runs)
                assert not circumstances(*runs)
    return runs[0]


@pytest.mark.parametrize("threads", [1, 2])
def test_the_monolith_repeats_itself(threads: int, tmp_path: Path) -> None:
    """Byte for byte the same files, on one thread and on two, stopped by a gap."""
    assert _twice(tmp_path, tiny(), "monolith", gap=0.02, seed=5, threads=threads).proof.status == "optimal"


def test_a_node_limit_repeats_itself(tmp_path: Path) -> None:
    """Stopped after some nodes the files are the same too, and the limit is named."""
    found = _twice(tmp_path, medium(zones=16, stations=10, utcs=5, hubs=3), "monolith", gap=0, node_limit=1, threads=1)
    assert found.proof.limit == "nodes"
    assert found.proof.status == "feasible"


@pytest.mark.parametrize("method", ["staged", "phased", "decompose"])
def test_a_node_limit_needs_no_more_than_itself(method: Method, tmp_path: Path) -> None:
    """Whoever counts nodes need not ask for a deterministic run as well: the result is the same, byte for byte."""
    asked: dict[str, object] = {"gap": 0, "node_limit": 3, "deterministic": False}
    case = featured_case(0) if method == "phased" else None
    found = (
        _twice(tmp_path, case.case, method, policy=case.policy, **asked)
        if case
        else _twice(tmp_path, tiny(), method, **asked)
    )
    assert found.plan is not None and found.proof.asked is not None and found.proof.asked.steady


@pytest.mark.slow
def test_the_staged_method_repeats_itself(tmp_path: Path) -> None:
    """Two processes that exchange what they find end the same way twice, because they go in step."""
    found = _twice(tmp_path, medium(zones=24, stations=14, utcs=5, hubs=3), "staged", gap=0.06)
    assert found.proof.limit == "none"


def test_the_method_for_several_periods_repeats_itself(tmp_path: Path) -> None:
    """The same for periods that are solved one by one and then together."""
    case = featured_case(0)
    assert _twice(tmp_path, case.case, "phased", policy=case.policy, gap=0.001).proof.limit == "none"


def test_rounds_weigh_as_much_for_small_and_large_programs() -> None:
    """A program with more entries gets fewer ticks a round, and never none."""
    from hubopt.instance import Policy
    from hubopt.model import build
    from hubopt.solve.compile import compile_model

    small, large = (compile_model(build(case, Policy())) for case in (tiny(), medium()))
    assert round_of(small)[0] > round_of(large)[0] >= 1
    assert round_of(small)[1] >= 1
