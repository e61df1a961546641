"""Emissions of a year of each period, by cause and by leg, and the cap on them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hubopt.check.facts import Facts, remembered
from hubopt.check.haulage import empties, hauls
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import above

KG_PER_T = 1000.0


def by_period(facts: Facts, periods: pd.Series, amounts: pd.Series) -> pd.Series:
    """Sums of amounts by the period beside them, over all periods in order."""
    index = facts.case.periods.index
    sums = np.bincount(index.get_indexer(pd.Index(periods)), amounts.to_numpy(dtype=float), len(index))
    return pd.Series(sums, index=index)


@remembered
def _on_the_road(facts: Facts) -> pd.DataFrame:
    """Emissions of a year, in rows: ``period``, ``leg``, ``cause`` (transport or empty), ``kg`` CO2e."""
    case = facts.case
    days, per_t_km = case.instance.info.operating_days, case.modes["kgco2e_t_km"]
    loaded, run = hauls(facts), empties(facts)
    full = days * loaded["t_d"] * loaded["km"].fillna(0.0) * loaded["mode"].map(per_t_km).astype(float)
    void = days * run["t_d"] * run["km"] * run["share"] * run["mode"].map(per_t_km).astype(float)
    parts = [
        loaded[["period", "leg"]].assign(cause="transport", kg=full),
        run[["period", "leg"]].assign(cause="empty", kg=void),
    ]
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


@remembered
def emissions(facts: Facts) -> pd.DataFrame:
    """Emissions by period and cause, in kg CO2e/year.

    ``transport`` (by mode and tonne-km, exchange included), ``empty`` (empty running), ``handling`` (electricity per
    tonne), ``building`` (electricity of the floor area) and ``beyond`` (what lies beyond the gateways).
    """
    case, table, moved = facts.case, facts.facilities, _on_the_road(facts)
    info = case.instance.info
    per_m2 = table["design"].map(case.designs["energy_kwh_m2_year"]).astype(float).fillna(0.0)
    per_t = table["design"].map(case.designs["energy_kwh_t"]).astype(float).fillna(0.0)
    entering = facts.gateway_flows
    beyond = entering["gateway"].map(case.gateways["beyond_kgco2e_t"].astype(float)).fillna(0.0)
    road = {
        cause: by_period(facts, moved.loc[moved["cause"] == cause, "period"], moved.loc[moved["cause"] == cause, "kg"])
        for cause in ("transport", "empty")
    }
    handled = info.operating_days * info.grid_kgco2e_kwh * table["throughput_t_d"] * per_t
    return pd.DataFrame(
        {
            **road,
            "handling": by_period(facts, table["period"], handled),
            "building": by_period(facts, table["period"], info.grid_kgco2e_kwh * table["gfa_m2"] * per_m2),
            "beyond": by_period(facts, entering["period"], info.operating_days * entering["t_d"] * beyond),
        }
    )


@remembered
def emissions_by_leg(facts: Facts) -> pd.DataFrame:
    """Emissions (kg CO2e/year) of carrying and empty running, by period (rows) and leg (columns)."""
    moved = _on_the_road(facts)
    table = moved.pivot_table(index="period", columns="leg", values="kg", aggfunc="sum", observed=False)
    return table.reindex(facts.case.periods.index).reindex(columns=list(facts.case.moving_legs)).fillna(0.0)


def carbon_cap(facts: Facts) -> Iterator[Finding]:
    """All that is emitted in a year keeps the period's cap."""
    tonnes = emissions(facts).sum(axis=1) / KG_PER_T
    rows = facts.case.periods.assign(tonnes=tonnes)
    for row in each(rows[above(rows["tonnes"], rows["carbon_cap_t_year"])]):
        cap = float(row.carbon_cap_t_year)
        message = f"{shown(row.tonnes)} t CO2e are emitted in a year, but the cap is {shown(cap)} t"
        yield Finding("carbon_cap", message, f"period {row.Index}", float(row.tonnes), cap)
