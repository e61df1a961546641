"""What charts, report and dossier are about: an instance as it was solved, what was found, what the checker says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from hubopt.check import Report
from hubopt.check.case import Case
from hubopt.check.facts import Facts
from hubopt.check.yearly import costs
from hubopt.instance.effective import apply
from hubopt.instance.policy import COST_PARTS
from hubopt.instance.types import Instance
from hubopt.solution.types import Plan, Solution


@dataclass(frozen=True, eq=False)
class Subject:
    """A raw instance, a solution of it and the checker's report on its plan (None without a plan)."""

    raw: Instance
    solution: Solution
    report: Report | None

    @cached_property
    def instance(self) -> Instance:
        """The effective instance: the raw one as the policy changes it."""
        return apply(self.raw, self.solution.policy)

    @property
    def found(self) -> tuple[Plan, Report] | None:
        """The plan and the checker's report on it; None if there is no plan."""
        plan = self.solution.plan
        return None if plan is None or self.report is None else (plan, self.report)

    @cached_property
    def costs(self) -> Mapping[str, Mapping[str, float]]:
        """CNY a year of each period by cost part, not weighted, as the checker counts them; empty without a plan."""
        if self.found is None:
            return {}
        table = costs(Facts(Case.of(self.raw, self.solution.policy), self.found[0]))
        return {
            str(period): {part: float(row[part]) for part in COST_PARTS}
            for period, row in zip(table.index, table.to_dict("records"), strict=True)
        }
