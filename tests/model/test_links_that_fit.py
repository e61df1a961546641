"""Links over which a zone's goods that must be met cannot pass whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hubopt.bench.scale import scale_instance
from hubopt.instance import Instance
from hubopt.model import build
from hubopt.solve import solve

TOO_LARGE = (8, 30, 3, 2, 5)
"""A case of two zones that ask for more than the largest station holds, one of them 1.34 times as much."""


def with_optional_demand(instance: Instance) -> Instance:
    """The case, with demand that may stay unmet."""
    structure = instance.structure
    goods = tuple(item.model_copy(update={"must_be_met": False, "unmet_cny_t": 1e3}) for item in structure.commodities)
    return replace(instance, structure=structure.model_copy(update={"commodities": goods}))


def test_a_zone_that_fits_nowhere_has_no_link() -> None:
    """Links to zones that ask for more than the largest station holds are bounded by 0, all others by 1."""
    instance, policy = scale_instance(*TOO_LARGE)
    largest = max(d.throughput_t_d for d in instance.structure.designs if "station" in d.levels)
    asked = instance.demand.groupby("zone")["t_d"].sum()
    model = build(instance, policy)
    assert set(asked > largest) == {True, False}
    for (_, _, end, _), link in model.link.items():
        assert link.ub == (0 if asked.get(end, 0.0) > largest else 1)


def test_demand_that_may_stay_unmet_leaves_the_link() -> None:
    """What does not fit may stay unmet, so that the zone can be served in part."""
    instance, policy = scale_instance(*TOO_LARGE)
    model = build(with_optional_demand(instance), policy)
    assert {link.ub for link in model.link.values()} == {1}


@pytest.mark.parametrize("method", ["monolith", "staged", "decompose"])
def test_every_method_says_that_no_network_serves_it(method: Any) -> None:
    """A zone whose demand must be met and fits no station makes the case infeasible, which a run says at once."""
    instance, policy = scale_instance(*TOO_LARGE)
    assert solve(instance, policy, method=method, time_limit=60).proof.status == "infeasible"
