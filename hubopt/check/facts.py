"""What a plan amounts to: its cleaned tables and the sums that several rules need, each computed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
import pandas as pd

from hubopt.check.case import ARC, GATEWAY, ZONE, Case, ends
from hubopt.check.history import history
from hubopt.check.recompute import COLUMNS, facility_table, on_chain, site_flows
from hubopt.check.tolerance import carries
from hubopt.instance.types import LEVELS
from hubopt.solution.types import ASSIGNMENT_COLUMNS, FLOW_COLUMNS, OUTAGE_COLUMNS, Plan

TEXT_COLUMNS = frozenset(
    {
        *("period", "site", "level", "design", "action", "leg", "origin", "destination", "mode", "commodity"),
        *("group", "outage"),
    }
)
"""Columns that hold ids and words; every other column of a plan holds numbers."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def remembered(
    function: Callable[Concatenate[Facts, Arguments], Result], /
) -> Callable[Concatenate[Facts, Arguments], Result]:
    """A function of facts that is computed once for each set of further (hashable, positional) arguments."""

    @wraps(function)
    def recall(facts: Facts, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        key = (function, args, tuple(kwargs.items()))
        if key not in facts.memory:
            facts.memory[key] = function(facts, *args, **kwargs)
        return facts.memory[key]  # type: ignore[return-value]

    return recall


def _coerced(table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    """The table with all of its columns, text as text and numbers as floats (NaN where they are none)."""
    table = table.reset_index(drop=True).reindex(columns=list(columns))
    parts: dict[str, pd.Series] = {}
    for name in columns:
        if name in TEXT_COLUMNS:
            cells = table[name].astype(object)
            parts[name] = pd.Series([str(cell) for cell in cells.where(cells.notna(), "")], dtype=object)
        else:
            parts[name] = pd.to_numeric(table[name], errors="coerce").astype(float)
    return pd.DataFrame(parts, index=table.index)


def known_ends(case: Case, rows: pd.DataFrame, column: str) -> pd.Series:
    """Whether the end in ``column`` (origin or destination) is an id of the kind that its leg asks for."""
    known = pd.Series(False, index=rows.index)
    for leg in rows["leg"].unique():
        on_leg = rows["leg"] == leg
        kind = ends(str(leg))[0 if column == "origin" else 1]
        known |= on_leg & rows[column].isin(case.ids(kind))
    return known


def summed(rows: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Sums of ``t_d`` by key, in rows of the key's columns and ``t_d``."""
    return rows.groupby(list(key))[["t_d"]].sum().reset_index()


@dataclass(frozen=True)
class Facts:
    """A case, a plan, the figures that came with it, and what follows from them.

    The cleaned tables leave out rows that cannot be understood (unknown ids, numbers that are none); the rules on
    tables report those rows, the other rules see the rest.
    """

    case: Case
    plan: Plan
    given_cost: Mapping[str, float] | None = None
    given_objective: float | None = None
    given_kpi: Mapping[str, float] | None = None
    memory: dict[object, object] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The plan's tables with every column, text as text and numbers as floats, no row left out."""
        return {name: _coerced(getattr(self.plan, name), columns) for name, columns in COLUMNS.items()}

    @cached_property
    def recorded(self) -> pd.DataFrame:
        """The facility rows that can be understood, at most one per period and site (an open one if there is)."""
        case, rows = self.case, self.tables["facilities"]
        known = rows["period"].isin(case.periods.index) & rows["site"].isin(case.sites.index)
        numbered = np.isfinite(rows["modules"]) & (rows["modules"] >= 0)
        designed = rows["design"].isin(case.designs.index) | (rows["modules"] == 0)
        understood: pd.DataFrame = rows[known & numbered & designed]
        understood = understood.sort_values(["period", "site", "modules", "design"])
        return understood.drop_duplicates(["period", "site"], keep="last").reset_index(drop=True)

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """Open sites: period, site, design, modules, converted_modules (as recorded)."""
        rows = self.recorded
        columns = ["period", "site", "design", "modules", "converted_modules"]
        return rows.loc[rows["modules"] > 0, columns].reset_index(drop=True)

    @cached_property
    def open_sites(self) -> pd.DataFrame:
        """Open sites with the columns of :attr:`Case.sites`; period, site, design and modules in front."""
        return self.decisions.join(self.case.sites, on="site")

    @cached_property
    def history(self) -> pd.DataFrame:
        """What becomes of every site from period to period (see :func:`hubopt.check.history.history`)."""
        return history(self.case, self.decisions)

    def _linked(self, rows: pd.DataFrame) -> pd.DataFrame:
        legs = set(self.case.arcs["leg"]) | set(self.case.legs)
        known = rows["period"].isin(self.case.periods.index) & rows["leg"].isin(legs)
        return rows[known & known_ends(self.case, rows, "origin") & known_ends(self.case, rows, "destination")]

    @cached_property
    def links(self) -> pd.DataFrame:
        """Assignments with known ids, each once, sorted: period, leg, origin, destination."""
        rows = self._linked(self.tables["assignments"])
        return rows.drop_duplicates().sort_values(list(ASSIGNMENT_COLUMNS), ignore_index=True)

    @cached_property
    def flows(self) -> pd.DataFrame:
        """Flows with known ids and their arc: ``km`` and ``minutes`` (NaN where there is no arc) and ``allowed``.

        ``upper`` and ``lower`` are the kinds of the ends, empty off the commodity's own chain.
        """
        return self._on_arcs("flows", FLOW_COLUMNS)

    def _on_arcs(self, name: str, columns: tuple[str, ...]) -> pd.DataFrame:
        rows = self._linked(self.tables[name])
        known = rows["commodity"].isin(self.case.commodities.index) & rows["mode"].isin(self.case.modes.index)
        understood: pd.DataFrame = rows[known & np.isfinite(rows["t_d"])]
        understood = understood.merge(self.case.arcs, on=ARC, how="left")
        understood["allowed"] = understood["allowed"].astype(object).eq(True)
        understood = on_chain(self.case, understood)
        return understood.sort_values([*columns[:-1], "t_d"], ignore_index=True)

    @cached_property
    def outages(self) -> pd.DataFrame:
        """Flows during outages with known ids and their arc, with the columns of :attr:`flows` and ``outage``."""
        rows = self._on_arcs("outages", OUTAGE_COLUMNS)
        known: pd.DataFrame = rows[rows["outage"].isin(self.case.ids("hub") | self.case.ids(GATEWAY))]
        return known.reset_index(drop=True)

    @cached_property
    def used(self) -> pd.DataFrame:
        """Flows on their commodity's own chain that carry something."""
        rows: pd.DataFrame = self.flows[carries(self.flows["t_d"]) & (self.flows["upper"] != "")]
        return rows

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Pairs of ends over which something flows, each once: period, leg, origin, destination."""
        return (
            self.used[list(ASSIGNMENT_COLUMNS)]
            .drop_duplicates()
            .sort_values(list(ASSIGNMENT_COLUMNS), ignore_index=True)
        )

    @cached_property
    def site_flows(self) -> pd.DataFrame:
        """Inflow and outflow (t/d) by period, site and commodity."""
        return site_flows(self.flows)

    @cached_property
    def facilities(self) -> pd.DataFrame:
        """The recomputed facility table."""
        return facility_table(self.case, self.decisions, self.site_flows)

    @cached_property
    def carried(self) -> pd.DataFrame:
        """Demand and delivery (t/d) by period, zone and commodity: ``demand``, ``delivered``, ``unmet``.

        Rows exist where there is demand or delivery; ``unmet`` is never negative.
        """
        key = ["period", "zone", "commodity"]
        into = self.flows[self.flows["lower"] == ZONE].rename(columns={"destination": "zone"})
        delivered = into.groupby(key, sort=False)["t_d"].sum()
        demand = self.case.demand.set_index(key)["t_d"]
        both = pd.concat({"demand": demand, "delivered": delivered}, axis=1).fillna(0.0)
        both.index = both.index.set_names(key)
        both["unmet"] = (both["demand"] - both["delivered"]).clip(lower=0.0)
        return both.reset_index().sort_values(key, ignore_index=True)

    @cached_property
    def gateway_flows(self) -> pd.DataFrame:
        """Flows (t/d) by period, gateway and commodity, of admitted commodities on their gateway leg."""
        key = ["period", "gateway", "commodity"]
        out = self.flows[self.flows["upper"] == GATEWAY]
        return out.rename(columns={"origin": "gateway"}).groupby(key)["t_d"].sum().reset_index()

    @cached_property
    def opened(self) -> frozenset[tuple[str, str]]:
        """(period, site) of the open sites."""
        return frozenset(zip(self.decisions["period"], self.decisions["site"], strict=True))

    def is_open(self, period: pd.Series, site: pd.Series) -> np.ndarray:
        """Whether each site is open in the period beside it."""
        return np.array([place in self.opened for place in zip(period, site, strict=True)], dtype=bool)

    def closed_end(self, rows: pd.DataFrame, column: str) -> np.ndarray:
        """Whether the end in ``column`` of each row is a site that is not open in the row's period."""
        place = 0 if column == "origin" else 1
        is_site = rows["leg"].map({leg: ends(str(leg))[place] in LEVELS for leg in rows["leg"].unique()})
        return np.asarray(is_site.to_numpy(dtype=bool) & ~self.is_open(rows["period"], rows[column]))
