"""What a sound instance keeps to: one small function per rule, each yielding the problems it finds in a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hubopt.instance.draft import Draft
from hubopt.instance.errors import Problem
from hubopt.instance.rules import cells, chains, exchange, periods, references, service, standards, structure, tables

Rule = Callable[[Draft], Iterator[Problem]]

RULES: tuple[Rule, ...] = (
    *cells.RULES,
    *tables.RULES,
    *references.RULES,
    *structure.RULES,
    *periods.RULES,
    *standards.RULES,
    *service.RULES,
    *chains.RULES,
    *exchange.RULES,
)
"""All rules, in the order in which their problems are listed."""
