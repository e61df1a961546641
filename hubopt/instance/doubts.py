"""What is implausible in an instance that could be solved: told by ``hubopt validate``, never a reason to refuse."""

from __future__ import annotations

from hubopt.instance.draft import draft_of
from hubopt.instance.errors import Problem
from hubopt.instance.rules import Rule, lookalikes, magnitudes, proportions, reach, slips
from hubopt.instance.types import Instance

RULES: tuple[Rule, ...] = (*magnitudes.RULES, *proportions.RULES, *slips.RULES, *reach.RULES, *lookalikes.RULES)
"""All doubts, in the order in which they are listed."""


def doubts(instance: Instance) -> list[Problem]:
    """Everything implausible in a sound instance, each a :class:`Problem` with ``warning``.

    Units that seem mixed up (throughout or in one row), figures that do not go together, demand that nothing reaches,
    identifiers that look alike.
    Rows count as in a CSV file: the first row of a table is row 2.
    """
    draft = draft_of(instance)
    return [problem for rule in RULES for problem in rule(draft)]
