"""Rules that compare the reported cost, objective and indicators with the recomputed ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hubopt.check.facts import Facts
from hubopt.check.indicators import indicators
from hubopt.check.report import Finding, shown
from hubopt.check.tolerance import MONEY, differs
from hubopt.check.yearly import objective, weighted_costs


def _against(
    rule: str, unit: str, given: Mapping[str, float], true: Mapping[str, float], least: float
) -> Iterator[Finding]:
    for name in sorted(given):
        value = float(given[name])
        if name not in true:
            message = f"'{name}' is reported as {shown(value)}, but nothing of that name is recomputed"
            yield Finding(rule, message, "result", value)
        elif differs(value, true[name], least):
            message = f"'{name}' is reported as {shown(value)}{unit}, but comes to {shown(true[name])}{unit}"
            yield Finding(rule, message, "result", value, true[name])


def cost_parts(facts: Facts) -> Iterator[Finding]:
    """Every cost part is reported and agrees with the recomputed one."""
    if facts.given_cost is None:
        return
    true = weighted_costs(facts)
    yield from _against("cost_parts", " CNY/year", facts.given_cost, true, MONEY)
    for name in true:
        if name not in facts.given_cost:
            message = f"'{name}' is not reported, but comes to {shown(true[name])} CNY/year"
            yield Finding("cost_parts", message, "result", None, true[name])


def total_objective(facts: Facts) -> Iterator[Finding]:
    """The reported objective agrees with the recomputed one."""
    if facts.given_objective is None:
        return
    yield from _against(
        "objective", " CNY/year", {"objective": facts.given_objective}, {"objective": objective(facts)}, MONEY
    )


def kpi(facts: Facts) -> Iterator[Finding]:
    """Every reported indicator agrees with the recomputed one."""
    if facts.given_kpi is not None:
        yield from _against("kpi", "", facts.given_kpi, indicators(facts), 1.0)
