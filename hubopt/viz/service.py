"""How each zone is served, as the checker finds it: what reaches it and which standards it meets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hubopt.check import Report
from hubopt.instance.types import Instance, ServiceTarget, Structure
from hubopt.solution.types import Plan

UNMET_TOLERANCE = 1e-6
"""Unmet demand below this share of a zone's demand is the solver's rounding, not a shortage."""


def demand_table(instance: Instance, period: str) -> pd.DataFrame:
    """Demand in t/d, one row per zone (in the order of the table) and one column per commodity."""
    rows = instance.demand[instance.demand["period"] == period]
    return _by_zone(instance, rows, "zone")


def delivered_table(instance: Instance, plan: Plan, period: str) -> pd.DataFrame:
    """What the last leg of each commodity's chain carries, in the shape of :func:`demand_table` (t/d)."""
    last = {item.id: item.legs[-1] for item in instance.structure.commodities}
    flows = plan.flows[plan.flows["period"] == period]
    return _by_zone(instance, flows[flows["leg"] == flows["commodity"].map(last)], "destination")


def _by_zone(instance: Instance, rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    table = rows.pivot_table(index=zone, columns="commodity", values="t_d", aggfunc="sum")
    commodities = [item.id for item in instance.structure.commodities]
    return table.reindex(index=list(instance.zones["id"]), columns=commodities).fillna(0.0).astype(float)


def measured(target: ServiceTarget) -> str | None:
    """Column of the checker's zone table with what the target compares with its limit; None if the table lacks it."""
    if target.kind == "delivery":
        return "delivery_minutes"
    return f"nearest_{target.level}_km" if target.measure == "km" else None


def passing(structure: Structure, target: ServiceTarget) -> list[str]:
    """Commodities whose demand the target weighs: those it names, or all that pass its level."""
    levels = 1 if target.kind == "chain" else None
    by_level = [item.id for item in structure.commodities if target.level in item.chain[:levels]]
    return list(target.commodities or by_level)


def weighed(instance: Instance, demand: pd.DataFrame, target: ServiceTarget) -> pd.Series:
    """Demand by zone that the target weighs (t/d)."""
    return demand[passing(instance.structure, target)].sum(axis=1)


def zone_states(instance: Instance, report: Report | None, period: str) -> pd.Series:
    """One word for each zone (index: zone id): how well it is served.

    ``within``: everything is delivered and every target that weighs the zone is met there; ``beyond``: everything is
    delivered but a target is missed; ``unmet``: something is not delivered; ``none``: no demand, or no plan.
    """
    demand = demand_table(instance, period)
    total = demand.sum(axis=1)
    if report is None:
        return pd.Series("none", index=demand.index)
    zones = zone_rows(report, period).reindex(demand.index)
    missed = pd.Series(False, index=demand.index)
    changed = next(item.target_shares for item in instance.structure.periods if item.id == period)
    for target in instance.structure.service.targets:
        if changed.get(target.id, target.share) <= 0:  # switched off by the policy
            continue
        missed |= (weighed(instance, demand, target) > 0) & ~zones[f"within.{target.id}"].astype(bool)
    short = zones["unmet_t_d"] > UNMET_TOLERANCE * total
    return pd.Series(np.select([total <= 0, short, missed], ["none", "unmet", "beyond"], "within"), index=demand.index)


def zone_rows(report: Report, period: str) -> pd.DataFrame:
    """The checker's zone table of one period, by zone id."""
    return report.zones[report.zones["period"] == period].set_index("zone")
