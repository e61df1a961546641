"""The independent checker: instance, policy and result tables to findings and recomputed figures.

It imports neither the model nor the solver and shares no formula with them, so that an error in one shows in the other.
"""

from hubopt.check.recompute import DECISION_COLUMNS, complete_plan, recompute_facilities
from hubopt.check.registry import RULES, Rule, check
from hubopt.check.report import Finding, Report

__all__ = [
    "DECISION_COLUMNS", "RULES", "Finding", "Report", "Rule", "check", "complete_plan", "recompute_facilities",
]  # fmt: skip
