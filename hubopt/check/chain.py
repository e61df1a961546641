"""Chain targets: tonnes that are late on some leg on their way from end to end."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hubopt.check.case import GATEWAY, ends
from hubopt.check.facts import Facts, remembered
from hubopt.check.haulage import hauls
from hubopt.check.tolerance import within
from hubopt.instance.types import ServiceTarget


@remembered
def late_hauls(facts: Facts, target: ServiceTarget) -> pd.DataFrame:
    """The :func:`~hubopt.check.haulage.hauls` of the target's goods that take longer than their leg's budget.

    The collection of in-city goods counts with their delivery. A gateway's ``beyond_minutes`` add to its arcs.
    """
    case, rows = facts.case, hauls(facts)
    weighed = set(case.target_commodities(target))
    weighed |= {str(item.exchange_with) for name, item in case.exchanged.items() if name in weighed}
    rows = rows[rows["commodity"].isin(weighed) & rows["leg"].isin(target.budget_minutes) & rows["minutes"].notna()]
    from_gateway = rows["leg"].map({leg: ends(str(leg))[0] == GATEWAY for leg in rows["leg"].unique()}).astype(bool)
    beyond = rows["origin"].map(case.gateways["beyond_minutes"].astype(float)).fillna(0.0)
    minutes = rows["minutes"] + np.where(from_gateway, beyond, 0.0)
    budget = rows["leg"].map(dict(target.budget_minutes)).astype(float)
    late: pd.DataFrame = rows[~within(minutes, budget)]
    return late


@remembered
def in_time_shares(facts: Facts, target: ServiceTarget) -> dict[str, float]:
    """Share of the target's demand (t/d) that is certainly in time, by period; 1 where nothing is asked for.

    Demand less unmet less everything late on some leg, never below 0.
    """
    case = facts.case
    rows = facts.carried[facts.carried["commodity"].isin(case.target_commodities(target))]
    sums = rows.groupby("period")[["demand", "unmet"]].sum()
    late = late_hauls(facts, target).groupby("period")["t_d"].sum()
    shares = {}
    for period in case.periods.index:
        asked = float(sums["demand"].get(period, 0.0))
        unmet, behind = float(sums["unmet"].get(period, 0.0)), float(late.get(period, 0.0))
        shares[str(period)] = max(0.0, asked - unmet - behind) / asked if asked > 0 else 1.0
    return shares


def late_zones(facts: Facts, target: ServiceTarget) -> pd.MultiIndex:
    """(period, zone) where the last leg of some of the target's goods takes longer than its budget."""
    rows = late_hauls(facts, target)
    last = rows[rows["leg"].map({leg: ends(str(leg))[1] == "zone" for leg in rows["leg"].unique()}).astype(bool)]
    return pd.MultiIndex.from_frame(last[["period", "destination"]], names=["period", "zone"])
