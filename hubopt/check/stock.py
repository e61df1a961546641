"""Stock: how much of today's floor area stays in use, kept or converted."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hubopt.check.facts import Facts, remembered
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import FEASIBILITY, WHOLE


@remembered
def stock(facts: Facts) -> pd.DataFrame:
    """What has become of today's floor area, by period.

    Columns: ``gfa_m2`` (floor area of today), ``kept_m2`` (of facilities that run their design of today, however much
    they have grown), ``converted_m2`` (floor area of today's design that was converted when the design changed, no more
    than there was), ``share`` (of both in today's; 1 where nothing stands today), and numbers of today's facilities:
    ``kept`` (as today), ``expanded``, ``upgraded`` (other design than today) and ``closed`` or ``closed_sites``.
    """
    case, sites = facts.case, facts.case.sites
    today = sites["today_gfa_m2"]
    rows = facts.history.merge(facts.facilities[["period", "site", "converted_modules"]], on=["period", "site"])
    rows = rows[rows["site"].map(today > 0).astype(bool)]
    module_gfa = rows["design"].map(case.designs["module_gfa_m2"]).astype(float).fillna(0.0)
    rows = rows.assign(
        area=rows["site"].map(today).astype(float),
        at_home=rows["design"] == rows["site"].map(sites["today_design"]),
        leaves_home=rows["before_design"] == rows["site"].map(sites["today_design"]),
        is_open=rows["modules"] > 0,
        turned_m2=rows["converted_modules_y"] * module_gfa,
    )
    leaving = rows["leaves_home"] & rows["is_open"] & ~rows["at_home"]
    # the conversion that took a site from its design of today counts until the site returns to it or closes
    turned = rows["turned_m2"].where(leaving).groupby(rows["site"], sort=False).ffill().fillna(0.0)
    rows["turned_m2"] = turned.clip(upper=rows["area"])
    rows["kept_m2"] = rows["area"].where(rows["is_open"] & rows["at_home"], 0.0)
    rows["converted_m2"] = rows["turned_m2"].where(rows["is_open"] & ~rows["at_home"], 0.0)
    grown = rows["modules"] > rows["site"].map(sites["today_modules"]).astype(float) + WHOLE
    rows["kept"] = rows["is_open"] & rows["at_home"] & ~grown
    rows["expanded"] = rows["is_open"] & rows["at_home"] & grown
    rows["upgraded"] = rows["is_open"] & ~rows["at_home"]
    rows["closed"] = rows["closed_sites"] = ~rows["is_open"]
    sums = ["kept_m2", "converted_m2", "kept", "expanded", "upgraded", "closed", "closed_sites"]
    table = rows.groupby("period")[sums].sum().astype(float)
    table = table.reindex(case.periods.index).fillna(0.0)
    total = float(today.sum())
    table.insert(0, "gfa_m2", total)
    table["share"] = (table["kept_m2"] + table["converted_m2"]) / total if total > 0 else 1.0
    return table


def stock_share(facts: Facts) -> Iterator[Finding]:
    """At least the asked share of today's floor area is in use, kept or converted, in every period."""
    least = facts.case.policy.stock_share_min
    if least is None:
        return
    for row in each(stock(facts)):
        if row.share < least - FEASIBILITY:
            message = f"{shown(100 * row.share)} % of today's floor area is in use, but {shown(100 * least)} % must be"
            yield Finding("stock_share", message, "stock" + facts.case.when(row.Index), float(row.share), least)
