"""Demand of in-city goods: what is collected and what is delivered sum to the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hubopt.data.ground.coordinates import Floats

STEP = 0.001
"""Demand is rounded to this many t/d."""


def in_steps(tonnes: Floats, total: float) -> Floats:
    """``tonnes`` in whole steps that sum to ``total`` exactly: largest remainders are rounded up.

    Args:
        tonnes: t/d, at least 0, shape (n,), with a positive sum.
        total: t/d, in whole steps.
    """
    wanted = tonnes / tonnes.sum() * total / STEP
    whole = np.floor(wanted + 1e-9)
    missing = round(total / STEP - whole.sum())
    upwards = np.lexsort((np.arange(len(wanted)), -(wanted - whole)))[:missing]
    whole[upwards] += 1
    return np.asarray(np.round(whole * STEP, 3))


def balance(demand: pd.DataFrame, delivered: str, collected: str, region: pd.Series) -> pd.DataFrame:
    """``demand`` with as much collected as is delivered in every region and period, to the gram.

    Args:
        demand: zone, commodity, period, t_d.
        delivered: commodity as it is delivered; its rows are rounded only.
        collected: commodity as it is collected; its rows are scaled.
        region: by zone, the region within which the goods stay.
    """
    result = demand.copy()
    where = result["zone"].map(region)
    for _, rows in result.groupby([where, result["period"]]).groups.items():
        own = result.loc[rows]
        into, out = own[own["commodity"] == delivered], own[own["commodity"] == collected]
        if not len(into) or not len(out):
            continue
        total = round(float(into["t_d"].sum()), 3)
        result.loc[into.index, "t_d"] = in_steps(into["t_d"].to_numpy(dtype=float), total)
        result.loc[out.index, "t_d"] = in_steps(out["t_d"].to_numpy(dtype=float), total)
    return result[result["t_d"] > 0].reset_index(drop=True)
