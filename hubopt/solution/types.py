"""The solution: what was found, in small frozen types; the only thing that leaves the solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from hubopt.instance.frames import same
from hubopt.instance.policy import Policy
from hubopt.instance.types import Sense
from hubopt.solution.display import as_table, in_a_line
from hubopt.solution.duals import Duals

Status = Literal["optimal", "feasible", "infeasible", "no-solution", "error"]
"""optimal: proven within the asked gap; feasible: a checked solution without that proof; no-solution: none found."""

Limit = Literal["none", "time", "interrupt", "memory", "nodes", "crash"]
"""Which limit ended the run; none when it ended by itself, crash when a solver process was lost."""

FACILITY_COLUMNS = (
    "period", "site", "level", "design", "action", "modules", "built_modules", "converted_modules",
    "gfa_m2", "land_ha", "throughput_t_d", "capacity_t_d", "utilisation", "staff", "kgco2e_year", "investment_cny",
    "capital_cny_year", "land_cny_year", "running_cny_year", "handling_cny_year", "closure_cny_year",
)  # fmt: skip
"""One row per period and open site, and one per site that is closed then but stood before (action ``close``).

``action``, against the period before (in the first one against what stands today): new, keep, expand (same design,
more modules), upgrade (another design), close (modules 0; repeated in every later period).
``converted_modules`` is a decision, the other amounts follow from it, the modules and the flows.
"""

ASSIGNMENT_COLUMNS = ("period", "leg", "origin", "destination")
"""One row per link of a single-sourced leg: ``destination`` gets everything on that leg from ``origin``."""

FLOW_COLUMNS = ("period", "leg", "origin", "destination", "mode", "commodity", "t_d")
"""Tonnes a day on each used arc; origin is the upper end in both directions."""

EXCHANGE_COLUMNS = ("period", "commodity", "group", "origin", "destination", "mode", "t_d")
"""In-city goods between facilities of one level: from where they were collected to where they are delivered from.

``commodity`` as delivered, ``group`` of the zones of origin; within one facility the mode is empty.
"""

OUTAGE_COLUMNS = ("period", "outage", "leg", "origin", "destination", "mode", "commodity", "t_d")
"""Flows that take over when ``outage`` (a hub or gateway) is out, on the gateway leg and the leg below the hubs."""


def _no_rows(columns: tuple[str, ...]) -> pd.DataFrame:
    kinds = {column: "float64" if column == "t_d" else "str" for column in columns}
    return pd.DataFrame({column: pd.Series([], dtype=kind) for column, kind in kinds.items()})


@dataclass(frozen=True, eq=False)
class Plan:
    """A network: decisions only, as tables (columns above). Unmet demand is demand less what flows into the zone.

    Two plans are equal when their tables have the same cells in the same order.
    """

    facilities: pd.DataFrame
    assignments: pd.DataFrame
    flows: pd.DataFrame
    exchanges: pd.DataFrame = field(default_factory=lambda: _no_rows(EXCHANGE_COLUMNS))
    outages: pd.DataFrame = field(default_factory=lambda: _no_rows(OUTAGE_COLUMNS))

    def __repr__(self) -> str:
        sizes = (
            (len(self.facilities), "facilities"),
            (len(self.assignments), "assignments"),
            (len(self.flows), "flows"),
        )
        return f"Plan({', '.join(f'{count:,} {what}' for count, what in sizes)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Plan):
            return NotImplemented
        pairs = (
            (self.facilities, other.facilities),
            (self.assignments, other.assignments),
            (self.flows, other.flows),
            (self.exchanges, other.exchanges),
            (self.outages, other.outages),
        )
        return all(same(left, right) for left, right in pairs)


@dataclass(frozen=True)
class Asked:
    """What a run was asked beyond its policy, gap, seed and threads: enough to repeat it.

    ``method`` as asked, perhaps ``auto``; ``time_limit`` in seconds, ``memory_gib`` in GiB. ``start_sha256`` is the
    digest of the plan that the run started from (:func:`hubopt.solution.digest.plan_sha256`), if any.
    """

    method: str
    time_limit: float
    node_limit: int | None = None
    memory_gib: float | None = None
    deterministic: bool = False
    start_sha256: str | None = None

    @property
    def steady(self) -> bool:
        """Whether nothing but the time limit depends on the clock: asked for, or needed by a run that counts nodes."""
        return self.deterministic or self.node_limit is not None


@dataclass(frozen=True)
class Proof:
    """How a run ended and how good its answer is proven to be. Amounts are those of the objective (CNY/year).

    They are in the sense in which the instance states its objective, those of ``trace`` too.
    """

    status: Status
    limit: Limit
    objective: float | None
    bound: float | None
    gap_asked: float
    method: str
    seed: int
    threads: int
    seconds: Mapping[str, float]
    versions: Mapping[str, str]
    instance_sha256: str
    sense: Sense = "min"
    """Whether the objective is to be small (then ``bound`` lies below it) or large (above it)."""
    trace: tuple[tuple[float, float | None, float | None], ...] = ()
    """Points (seconds, incumbent, bound) whenever one of the two improved."""
    asked: Asked | None = None
    """What else the run was asked; None in results of earlier versions."""

    @property
    def gap(self) -> float | None:
        """|objective - bound| / |objective|; None while either is missing."""
        if self.objective is None or self.bound is None:
            return None
        missed = self.objective - self.bound if self.sense == "min" else self.bound - self.objective
        return max(0.0, missed) / max(abs(self.objective), 1e-9)


@dataclass(frozen=True)
class Solution:
    """A plan with its recomputed cost, indicators and proof.

    ``cost``: CNY/year by :data:`hubopt.instance.policy.COST_PARTS`, summed over periods with their weights.
    ``kpi``: indicators by dotted name, e.g. ``land_ha.total``, ``served_share``, ``target.utc-access``,
    ``kgco2e_year.transport``.
    ``plan`` is None when no solution was found.
    ``duals``, of a proof by decomposition, are where a later run can start from; :func:`read_duals` reads them.
    """

    instance_id: str
    policy: Policy
    proof: Proof
    plan: Plan | None
    cost: Mapping[str, float]
    kpi: Mapping[str, float]
    duals: Duals | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        return in_a_line(self)

    def _repr_html_(self) -> str:
        return as_table(self)
