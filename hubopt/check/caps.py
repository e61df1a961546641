"""Rules on what the whole plan may cost and on how much of the demand may stay unmet."""

from __future__ import annotations

from collections.abc import Iterator

from hubopt.check.facts import Facts
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import FEASIBILITY, above
from hubopt.check.yearly import weighted_costs


def cost_cap(facts: Facts) -> Iterator[Finding]:
    """All cost parts together, not weighed by the policy, keep the cap on cost."""
    cap = facts.case.policy.cost_cap_cny_year
    if cap is None:
        return
    total = sum(weighted_costs(facts).values())
    if above(total, cap):
        message = f"all parts of the cost are {shown(total)} CNY/year, but the cap is {shown(cap)} CNY/year"
        yield Finding("cost_cap", message, "cost", total, cap)


def unmet_cap(facts: Facts) -> Iterator[Finding]:
    """No more than the largest share of the demand of all commodities together is left unmet, in any period."""
    most = facts.case.policy.unmet_share_max
    if most is None:
        return
    sums = facts.carried.groupby("period")[["demand", "unmet"]].sum()
    for row in each(sums):
        if row.unmet > (most + FEASIBILITY) * row.demand:
            share = float(row.unmet / row.demand)
            message = f"{shown(100 * share)} % is left unmet, but {shown(100 * most)} % are the most"
            yield Finding("unmet_cap", message, "demand" + facts.case.when(str(row.Index)), share, most)
