"""Near-equal alternatives differ, stay within the limit, and share no fewer sites than is proven."""

from __future__ import annotations

import pytest

from hubopt.solve.run import solve
from hubopt.study.alternatives import Alternative, alternatives
from hubopt.study.base import prepare
from hubopt.study.compare import open_sites
from hubopt.study.prices import Run
from tests.cases import random_case

pytestmark = pytest.mark.usefixtures("quick")

QUICK = Run(seconds=30, gap=1e-6, threads=1)


@pytest.mark.parametrize(("seed", "within"), [(0, 2.0), (2, 2.0), (5, 2.0), (8, 2.0), (8, 0.0)])
def test_alternatives_differ_and_stay_within_the_limit(seed: int, within: float) -> None:
    """Each drops a site of the result, costs no more than allowed and no less than is possible; none comes twice."""
    case = random_case(seed)
    solution = solve(case, method="monolith", gap=1e-6, time_limit=60, threads=1)
    search = alternatives(prepare(case, solution), 3, within, QUICK)
    assert solution.proof.objective is not None
    here = open_sites(solution, "hub") | open_sites(solution, "utc")
    assert search.found or "no plan within the limit shares fewer" in search.note
    for item in search.found:
        assert item.closed and set(item.closed) <= here
        assert not set(item.opened) & here
        assert set(item.sites) == (here - set(item.closed)) | set(item.opened)
        assert -1e-6 <= item.extra_share <= within + 1e-6
        assert 0 <= item.shared_bound <= item.shared
    assert len({item.sites for item in search.found}) == len(search.found)


def test_some_case_has_an_alternative() -> None:
    """With much room there is another set of hubs and centres, and the first is as far away as proven possible."""
    found: list[Alternative] = []
    for seed in (0, 2, 5, 8):
        case = random_case(seed)
        solution = solve(case, method="monolith", gap=1e-6, time_limit=60, threads=1)
        found += alternatives(prepare(case, solution), 1, 2.0, QUICK).found
    assert found
    assert all(item.shared == item.shared_bound for item in found)
