"""Infeasible cases of known causes: the cause is named, and the suggested limits make the case feasible."""

from __future__ import annotations

import pytest

from hubopt.diagnose import Diagnosis, Words, changed, diagnose
from hubopt.instance import Instance, Policy, validate
from tests.diagnose.causes import Cause, asks, causes, town
from tests.model.paper import best

CAUSES = causes()


def diagnosed(instance: Instance, policy: Policy, **options: object) -> Diagnosis:
    """A diagnosis whose time limit does not matter."""
    return diagnose(instance, policy, seconds=600, **options)  # type: ignore[arg-type]


def named(found: Diagnosis) -> set[str]:
    """Limits that some clash has."""
    return {limit.id for conflict in found.conflicts for limit in conflict.limits}


def assert_mended(instance: Instance, policy: Policy, found: Diagnosis) -> None:
    """The case as suggested is valid and has a plan, which an exact solve finds and the checker confirms."""
    assert found.mend is not None
    assert found.mend.verified
    new_instance, new_policy = changed(instance, policy, found.mend.changes)
    assert validate(new_instance) == []
    assert best(new_instance, new_policy).values is not None


@pytest.mark.parametrize("name", CAUSES)
def test_the_cause_is_named_and_mended(name: str) -> None:
    """The clash names the cause's limits, the proof names it without solving, and the suggestion makes it feasible."""
    cause: Cause = CAUSES[name]
    assert best(cause.instance, cause.policy).values is None
    found = diagnosed(cause.instance, cause.policy)
    assert found.status == "infeasible"
    assert [sorted(limit.id for limit in item.limits) for item in found.conflicts] == [sorted(cause.clash)]
    assert found.conflicts[0].irreducible
    assert cause.proof in {finding.key for finding in found.proofs} | {""}
    assert_mended(cause.instance, cause.policy, found)
    for lang in ("en", "zh"):
        words = Words(cause.instance, found.limits, lang)
        assert all(words.finding(finding) for finding in found.proofs)
        assert all(words.clause(limit) for limit in found.limits)


def test_two_causes_are_both_named() -> None:
    """A budget too small and a count too low at once: both clashes are found, one mend settles them."""
    policy = asks(
        force_open=["u1", "u2"], levels={"utc": {"max_open": 1}}, land_ha={"total:total": 2}, unmet_share_max=0.0
    )
    found = diagnosed(town(), policy)
    assert {"levels.utc.max_open", "land_ha.total:total"} <= named(found)
    assert len(found.conflicts) == 2
    assert_mended(town(), policy, found)


def test_what_is_to_be_kept_is_kept() -> None:
    """A limit that may not change is not in the mend; another is found, or none where nothing else helps."""
    policy = asks(land_ha={"total:total": 2}, unmet_share_max=0.0)
    found = diagnosed(town(), policy, keep=("land_ha",))
    assert found.mend is not None
    assert [change.limit.id for change in found.mend.changes] == ["unmet_share_max"]
    assert_mended(town(), policy, found)
    assert diagnosed(town(), policy, keep=("land_ha", "unmet_share_max")).mend is None


def test_the_change_is_the_least() -> None:
    """Two sites of two modules need 4 ha of land: the suggestion for 2 ha is 4 ha, no more."""
    policy = asks(land_ha={"total:total": 2}, unmet_share_max=0.0, levels={"utc": {"min_open": 2}})
    found = diagnosed(town(ways={"u1 z1": 1, "u2 z2": 1}), policy, keep=("unmet_share_max", "levels"))
    assert found.mend is not None
    assert [(change.limit.id, change.value) for change in found.mend.changes] == [("land_ha.total:total", 4.0)]


def test_a_share_of_what_is_carried_changes_no_more_than_it_must() -> None:
    """A site with 3 of 10 t/d can be used to 30 % and no more: that is what is suggested."""
    cause = CAUSES["least utilisation"]
    found = diagnosed(cause.instance, cause.policy, keep=("force_open", "levels.utc.min_open"))
    assert found.mend is not None
    (change,) = found.mend.changes
    assert change.limit.id == "levels.utc.min_utilisation"
    assert 0.27 <= change.value <= 0.3


@pytest.mark.parametrize("policy", [asks(), asks(unmet_share_max=0.0), asks(force_open=["u1"])])
def test_a_feasible_case_is_called_so(policy: Policy) -> None:
    """Where there is a plan nothing is proven, nothing clashes and nothing is suggested."""
    found = diagnosed(town(), policy)
    assert (found.status, found.proofs, found.conflicts, found.mend) == ("feasible", (), (), None)
