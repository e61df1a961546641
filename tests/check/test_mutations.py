"""Every rule is broken once at least, is found by name, and falls silent when its family is switched off."""

from __future__ import annotations

from functools import cache
from typing import get_args

import pytest

from hubopt.check import RULES, Finding
from hubopt.instance.policy import Switch
from hubopt.texts import told
from tests.check.hand import hand_trial
from tests.check.mutations import BASE, MUTATIONS
from tests.check.phased import phased_trial
from tests.texts.chinese import english_left


@cache
def findings_of(number: int) -> tuple[Finding, ...]:
    """What the checker finds in one of the mutations."""
    return MUTATIONS[number].trial.findings()


each = pytest.mark.parametrize("number", range(len(MUTATIONS)), ids=[f"{item.rule}-{item.what}" for item in MUTATIONS])


def test_the_unbroken_trials_hold() -> None:
    """Without a mutation there is nothing to find."""
    assert hand_trial().findings() == ()
    assert BASE.findings() == ()
    assert phased_trial().findings() == ()


@each
def test_a_broken_rule_is_found_by_name(number: int) -> None:
    """Each mutation breaks the rule it is for, and no others than those it cannot help breaking."""
    mutation = MUTATIONS[number]
    assert {finding.rule for finding in findings_of(number)} == {mutation.rule, *mutation.besides}


@each
def test_findings_tell_what_and_where(number: int) -> None:
    """Messages are whole sentences about a named place, in both languages, and sorted as the rules are."""
    findings = findings_of(number)
    order = list(RULES)
    assert list(findings) == sorted(findings, key=lambda item: (order.index(item.rule), item.where, item.message))
    for finding in findings:
        assert finding.where
        assert len(finding.message.split()) >= 3
        assert "nan" not in finding.message.lower()
        assert not english_left(finding.message), told(finding.message, "zh")


@each
def test_switching_a_family_off_silences_exactly_its_rules(number: int) -> None:
    """With a family off, the findings are the same without those of that family."""
    mutation, findings = MUTATIONS[number], findings_of(number)
    switch = RULES[mutation.rule].switch
    if switch is not None:
        policy = mutation.trial.policy.model_copy(update={"off": (switch,)})
        expected = [finding for finding in findings if RULES[finding.rule].switch != switch]
        if switch == "single_sourcing":
            # a delivery target follows links, and binds no longer where there are none
            expected = [finding for finding in expected if finding.rule != "service_targets"]
        if switch in ("gateway_capacity", "requirements"):
            # what has no limit in the plan has none in an outage
            expected = [finding for finding in expected if finding.rule != "outage_capacity"]
        if switch == "service_limits":
            # an arc that is allowed again can also deliver in time again
            expected = [finding for finding in expected if finding.rule not in mutation.besides]
        assert list(mutation.trial.but(policy=policy).findings()) == expected


def test_every_rule_has_a_mutation() -> None:
    """No rule is without a test that breaks it."""
    assert {mutation.rule for mutation in MUTATIONS} == set(RULES)


def test_every_switch_has_a_rule() -> None:
    """Each family that a policy can switch off has rules here."""
    assert {rule.switch for rule in RULES.values()} - {None} == set(get_args(Switch))
