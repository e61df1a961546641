"""Costs and emissions of a year of each period, from flows, facilities and the instance's figures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hubopt.check.case import GATEWAY, ends
from hubopt.check.facts import Facts, remembered
from hubopt.instance.policy import COST_PARTS

KG_PER_T = 1000.0


def _by_period(facts: Facts, periods: pd.Series, amounts: pd.Series) -> pd.Series:
    index = facts.case.periods.index
    sums = np.bincount(index.get_indexer(pd.Index(periods)), amounts.to_numpy(dtype=float), len(index))
    return pd.Series(sums, index=index)


@remembered
def emissions(facts: Facts) -> pd.DataFrame:
    """Emissions by period, in kg CO2e/year: ``transport`` (by mode and tonne-km) and ``handling`` (electricity)."""
    case, flows, table = facts.case, facts.flows, facts.facilities
    days = case.instance.info.operating_days
    per_t_km = flows["mode"].map(case.modes["kgco2e_t_km"]).astype(float)
    hauled = flows["t_d"] * flows["km"].fillna(0.0) * per_t_km
    per_t = table["design"].map(case.designs["energy_kwh_t"]).astype(float) * case.instance.info.grid_kgco2e_kwh
    handled = table["throughput_t_d"] * per_t.fillna(0.0)
    parts = {
        "transport": days * _by_period(facts, flows["period"], hauled),
        "handling": days * _by_period(facts, table["period"], handled),
    }
    return pd.DataFrame(parts)


@remembered
def costs(facts: Facts) -> pd.DataFrame:
    """CNY per year of each period (rows, not weighted) by cost part (columns in the order of ``COST_PARTS``).

    Flows on arcs that do not exist cost nothing to carry; the rule on arcs reports them.
    """
    case, flows, table = facts.case, facts.flows, facts.facilities
    info, days = case.instance.info, case.instance.info.operating_days
    mode = case.modes.reindex(flows["mode"]).reset_index(drop=True)
    carriage = flows["t_d"] * (flows["km"].fillna(0.0) * mode["cny_t_km"] + mode["cny_t"])
    from_gateway = flows["leg"].map({leg: ends(str(leg))[0] == GATEWAY for leg in flows["leg"].unique()}).astype(bool)
    entering = flows[from_gateway]
    gateway = case.gateways[["beyond_cny_t", "border_cny_t"]].astype(float).fillna(0.0)
    gateway = gateway.reindex(entering["origin"]).set_index(entering.index)
    missing = facts.carried
    penalty = missing["unmet"] * missing["commodity"].map(case.commodities["unmet_cny_t"]).astype(float)
    kg = emissions(facts).sum(axis=1)
    parts = {
        "transport": days * _by_period(facts, flows["period"], carriage),
        "beyond": days * _by_period(facts, entering["period"], entering["t_d"] * gateway["beyond_cny_t"]),
        "border": days * _by_period(facts, entering["period"], entering["t_d"] * gateway["border_cny_t"]),
        "carbon": info.carbon_price_cny_t / KG_PER_T * kg,
        "unmet": days * _by_period(facts, missing["period"], penalty),
    }
    for part in ("capital", "land", "running", "handling", "closure"):
        parts[part] = _by_period(facts, table["period"], table[f"{part}_cny_year"])
    return pd.DataFrame(parts)[list(COST_PARTS)]


@remembered
def weighted_costs(facts: Facts) -> dict[str, float]:
    """CNY/year by cost part, summed over the periods with their weights."""
    weights = facts.case.periods["weight"]
    return {str(part): float((column * weights).sum()) for part, column in costs(facts).items()}


def objective(facts: Facts) -> float:
    """CNY/year: the cost parts, weighed by the policy."""
    parts = weighted_costs(facts)
    return sum(facts.case.policy.weight(part) * parts[part] for part in COST_PARTS)
