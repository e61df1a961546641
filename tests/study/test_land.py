"""The curve of land against cost."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hubopt.instance import InputError, Policy
from hubopt.solution import Solution
from hubopt.solve.run import solve
from hubopt.study import land
from hubopt.study.land import NoPlanError, csv_of, land_curve
from hubopt.study.prices import Run
from tests.cases import random_case
from tests.plans import no_solution

QUICK = Run(seconds=30, gap=1e-6, threads=1)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("seed", [0, 2, 8])
def test_more_land_costs_less(seed: int) -> None:
    """Along the curve land grows, objective and bound fall, and no bound is above its objective."""
    case = random_case(seed)
    curve = land_curve(case, Policy(), 4, QUICK)
    least = solve(case, method="monolith", gap=1e-6, time_limit=60, threads=1).proof.objective
    assert curve.points[-1].objective == pytest.approx(least, rel=1e-5)
    for left, right in pairwise(curve.points):
        assert left.land_ha < right.land_ha
        assert left.objective > right.objective
        assert left.bound is not None and right.bound is not None
        assert left.bound >= right.bound * (1 - 1e-9)
    for point in curve.points:
        assert point.bound is not None and point.bound <= point.objective
        assert 1 - point.served_share <= curve.unmet_share_max + 1e-6
        assert point.limit_ha is None or point.land_ha <= point.limit_ha + 1e-5
    assert len(csv_of(curve).splitlines()) == len(curve.points) + 1


@pytest.mark.parametrize("switch", ["land", "unmet_cap"])
def test_a_policy_without_limits_has_no_curve(switch: str) -> None:
    """What the curve rests on may not be off."""
    with pytest.raises(InputError, match=switch):
        land_curve(random_case(0), Policy.model_validate({"off": [switch]}), 3, QUICK)


def test_without_a_plan_there_is_no_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    """The status of the first run is passed on."""

    def none(*_: object) -> Solution:
        return no_solution("infeasible")

    monkeypatch.setattr(land, "solved", none)
    with pytest.raises(NoPlanError) as raised:
        land_curve(random_case(0), Policy(), 3, QUICK)
    assert raised.value.status == "infeasible"
