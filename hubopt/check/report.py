"""What the checker says: findings and the figures that it recomputed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Finding:
    """One broken rule at one place, in words that a planner can act on.

    ``value`` and ``limit`` are in the unit that the message names; None where the rule is not about a number.
    """

    rule: str
    message: str
    where: str
    value: float | None = None
    limit: float | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.message} [{self.rule}]"


@dataclass(frozen=True)
class Report:
    """The checker's own account of a plan.

    Attributes:
        findings: broken rules, ordered by rule (as in ``RULES``), place and message; empty if the plan holds.
        cost: CNY/year by cost part, summed over the periods with their weights.
        objective: CNY/year, the parts weighed by the policy.
        kpi: indicators by dotted name (see :func:`hubopt.check.indicators.indicators`).
        facilities: the facility table with every column of ``FACILITY_COLUMNS`` recomputed.
        zones: one row per period and zone (see :func:`hubopt.check.service.zone_table`).
    """

    findings: tuple[Finding, ...]
    cost: Mapping[str, float]
    objective: float
    kpi: Mapping[str, float]
    facilities: pd.DataFrame = field(repr=False)
    zones: pd.DataFrame = field(repr=False)

    def __repr__(self) -> str:
        if self.ok:
            return f"Report(holds, {self.objective:,.2f} CNY/year)"
        more = f" and {len(self.findings) - 1} more" if len(self.findings) > 1 else ""
        return f"Report({self.findings[0]}{more})"

    @property
    def ok(self) -> bool:
        """Whether no rule is broken."""
        return not self.findings


def each(rows: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame, with the columns as attributes."""
    return iter(rows.itertuples() if len(rows) else ())


def shown(value: float) -> str:
    """A number as a message prints it: six digits, thousands set apart."""
    number = float(value)
    return f"{number:,.0f}" if abs(number) >= 1e5 else f"{number:.6g}"
