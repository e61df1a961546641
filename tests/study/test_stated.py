"""An objective that is stated as a gain, or with a constant, is explained as its cost would be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hubopt.instance import Instance, Policy
from hubopt.solution import Solution
from hubopt.solve.run import solve
from hubopt.study.alternatives import alternatives
from hubopt.study.base import prepare
from hubopt.study.land import land_curve
from hubopt.study.pareto import FrontSearch, measures_of
from hubopt.study.prices import Run, price_of_family
from hubopt.study.shadow import shadow_prices
from hubopt.study.site_prices import site_prices
from tests.study.pareto_case import torn_city
from tests.study.pareto_runs import Runs

pytestmark = pytest.mark.usefixtures("quick")

CONSTANT = 5000.0
QUICK = Run(seconds=30, gap=1e-6, threads=1)


def _gain(case: Instance) -> Instance:
    """The same case, to be solved for what is left of a sum when the cost is paid."""
    info = case.info.model_copy(update={"sense": "max", "objective_constant": CONSTANT})
    return replace(case, structure=case.structure.model_copy(update={"instance": info}))


def _solved(case: Instance) -> Solution:
    return solve(case, Policy(land_ha={"total:total": 0.0003}), method="monolith", gap=1e-6, time_limit=60, threads=1)


def test_a_gain_is_explained_as_its_cost_is() -> None:
    """Prices of limits, families and sites are those of the cost; objectives are stated as the instance states them."""
    cost, gain = torn_city(2), _gain(torn_city(2))
    one, other = _solved(cost), _solved(gain)
    assert one.proof.objective is not None and other.proof.objective is not None
    assert other.proof.objective == pytest.approx(CONSTANT - one.proof.objective)
    bases = prepare(cost, one), prepare(gain, other)
    mine, its = (shadow_prices(base) for base in bases)
    assert its.objective == pytest.approx(CONSTANT - mine.objective)
    assert [item.what for item in its.limits] == [item.what for item in mine.limits]
    assert [item.price for item in its.limits] == pytest.approx([item.price for item in mine.limits], abs=1e-3)
    assert any(item.price > 0 for item in mine.limits)
    families = [price_of_family(case, result, "land", QUICK) for case, result in ((cost, one), (gain, other))]
    assert families[0].least > 0
    assert families[1].least == pytest.approx(families[0].least, rel=1e-4)
    assert families[1].most == pytest.approx(families[0].most, rel=1e-4)
    assert families[1].relaxed_objective == pytest.approx(CONSTANT - families[0].relaxed_objective)
    sites = [site_prices(base, 30) for base in bases]
    assert sites[1].objective == pytest.approx(other.proof.objective)
    rises = [{(item.site, item.action): item.estimate for item in found.sites} for found in sites]
    assert rises[0].keys() == rises[1].keys()
    for key, rise in rises[0].items():
        assert rises[1][key] == (rise if rise is None else pytest.approx(rise, abs=1e-3))


def test_alternatives_of_a_gain_are_those_of_its_cost() -> None:
    """Within the same amount of money the same other site sets are found, and what they lose is positive."""
    cost, gain = torn_city(2), _gain(torn_city(2))
    one, other = _solved(cost), _solved(gain)
    assert one.proof.objective is not None and other.proof.objective is not None
    within = 0.5 * one.proof.objective
    found = [
        alternatives(prepare(case, result), 2, within / abs(result.proof.objective or 1.0), QUICK).found
        for case, result in ((cost, one), (gain, other))
    ]
    assert [item.sites for item in found[0]] == [item.sites for item in found[1]]
    assert found[0], "the case has no other site set"
    for mine, its in zip(*found, strict=True):
        assert its.extra == pytest.approx(mine.extra, abs=1e-3) and mine.extra > -1e-6
        assert its.objective == pytest.approx(CONSTANT - mine.objective)


def test_curves_and_fronts_of_a_gain_are_those_of_its_cost() -> None:
    """The same plans lie on the land curve, with bounds above what is gained; a front trades the cost itself."""
    cost, gain = torn_city(2), _gain(torn_city(2))
    one, other = (land_curve(case, Policy(), 3, QUICK) for case in (cost, gain))
    assert [point.land_ha for point in other.points] == pytest.approx([point.land_ha for point in one.points])
    for mine, its in zip(one.points, other.points, strict=True):
        assert its.objective == pytest.approx(CONSTANT - mine.objective)
        assert its.bound is not None and mine.bound is not None
        assert its.bound == pytest.approx(CONSTANT - mine.bound, rel=1e-6)
        assert its.bound >= its.objective
    fronts = []
    for case in (cost, gain):
        policy = Policy()
        fronts.append(
            FrontSearch(case, policy, measures_of(["cost", "land"], case, policy), 2, Runs(case, QUICK)).run()
        )
    for mine, its in zip(fronts[0].points, fronts[1].points, strict=True):
        assert its.values == pytest.approx(mine.values, rel=1e-5)
        assert its.bound == pytest.approx(mine.bound, rel=1e-5)
