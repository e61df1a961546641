"""Rules on what may become of a site from one period to the next, and on what may be invested."""

from __future__ import annotations

from collections.abc import Iterator

from hubopt.check.facts import Facts
from hubopt.check.history import convertible_modules
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import WHOLE, above


def stays_open(facts: Facts) -> Iterator[Finding]:
    """What the plan has opened stays open in later periods, unless the policy allows closing."""
    if facts.case.policy.allow_closing:
        return
    listed = facts.case.sites["today_modules"] > 0
    rows = facts.history
    rows = rows[(rows["before_modules"] > 0) & (rows["modules"] == 0) & ~rows["site"].map(listed).astype(bool)]
    for row in each(rows):
        message = "was open in the period before and is not a facility of today, but is closed"
        yield Finding("stays_open", message, facts.case.site(row.site, row.period))


def no_reopening(facts: Facts) -> Iterator[Finding]:
    """What has closed does not open again."""
    rows = facts.history
    for row in each(rows[rows["left"] & (rows["modules"] > 0) & (rows["before_modules"] == 0)]):
        yield Finding("no_reopening", "is open again after it was closed", facts.case.site(row.site, row.period))


def no_shrinking(facts: Facts) -> Iterator[Finding]:
    """A facility of the plan that keeps its design keeps at least the size of the period before."""
    # the size of today binds in every period, by the rule on bounds
    rows = facts.history[facts.history["period"] != facts.case.periods.index[0]]
    same = (rows["modules"] > 0) & (rows["before_modules"] > 0) & (rows["design"] == rows["before_design"])
    for row in each(rows[same & (rows["modules"] < rows["before_modules"] - WHOLE)]):
        message = f"has {shown(row.modules)} modules, but had {shown(row.before_modules)} in the period before"
        where = facts.case.site(row.site, row.period)
        yield Finding("no_shrinking", message, where, float(row.modules), float(row.before_modules))


def conversions(facts: Facts) -> Iterator[Finding]:
    """No more is converted than the new size and the floor area of before, and only from designs that allow it."""
    rows = facts.history
    changes = (rows["modules"] > 0) & (rows["before_modules"] > 0) & (rows["design"] != rows["before_design"])
    rows = rows.assign(most=convertible_modules(facts.case, rows))[changes]
    for row in each(rows[above(rows["converted_modules"], rows["most"])]):
        message = (
            f"converts {shown(row.converted_modules)} modules to {row.design}, but {shown(row.before_modules)} of "
            f"{row.before_design} give {shown(row.most)}"
        )
        where = facts.case.site(row.site, row.period)
        yield Finding("conversions", message, where, float(row.converted_modules), float(row.most))


def capital_budget(facts: Facts) -> Iterator[Finding]:
    """What is invested in a period, closing included, keeps the period's budget."""
    spent = facts.facilities.groupby("period")["investment_cny"].sum()
    rows = facts.case.periods.assign(spent=spent)
    for row in each(rows[above(rows["spent"], rows["capital_budget_cny"])]):
        budget = float(row.capital_budget_cny)
        message = f"{shown(row.spent)} CNY are invested, but the budget is {shown(budget)} CNY"
        yield Finding("capital_budget", message, f"period {row.Index}", float(row.spent), budget)
