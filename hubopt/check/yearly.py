"""Costs of a year of each period, from flows, facilities and the instance's figures."""

from __future__ import annotations

import pandas as pd

from hubopt.check.carbon import KG_PER_T, by_period, emissions
from hubopt.check.case import GATEWAY, ends
from hubopt.check.facts import Facts, remembered
from hubopt.check.haulage import empties, hauls
from hubopt.check.outages import outage_shares
from hubopt.check.service import worst_target_share
from hubopt.instance.policy import COST_PARTS


@remembered
def costs(facts: Facts) -> pd.DataFrame:
    """CNY per year of each period (rows, not weighted) by cost part (columns in the order of ``COST_PARTS``).

    Flows on arcs that do not exist cost nothing to carry; the rule on arcs reports them.
    """
    case, flows, table = facts.case, facts.flows, facts.facilities
    info, days = case.instance.info, case.instance.info.operating_days
    moved, run = hauls(facts), empties(facts)
    mode = case.modes.reindex(moved["mode"]).set_index(moved.index)
    rate = moved["km"].fillna(0.0) * mode["cny_t_km"] + mode["cny_t"] + moved["toll_cny_t"].fillna(0.0)
    empty_rate = run["km"] * run["share"] * run["mode"].map(case.modes["cny_t_km"]).astype(float)
    from_gateway = flows["leg"].map({leg: ends(str(leg))[0] == GATEWAY for leg in flows["leg"].unique()}).astype(bool)
    entering = flows[from_gateway]
    gateway = case.gateways[["beyond_cny_t", "border_cny_t"]].astype(float).fillna(0.0)
    gateway = gateway.reindex(entering["origin"]).set_index(entering.index)
    missing = facts.carried
    penalty = missing["unmet"] * missing["commodity"].map(case.commodities["unmet_cny_t"]).astype(float)
    kg = emissions(facts).sum(axis=1)
    parts = {
        "transport": days * by_period(facts, moved["period"], moved["t_d"] * rate),
        "empty": days * by_period(facts, run["period"], run["t_d"] * empty_rate),
        "beyond": days * by_period(facts, entering["period"], entering["t_d"] * gateway["beyond_cny_t"]),
        "border": days * by_period(facts, entering["period"], entering["t_d"] * gateway["border_cny_t"])
        + days * by_period(facts, moved["period"], moved["t_d"] * moved["border_cny_t"].fillna(0.0)),
        "carbon": info.carbon_price_cny_t / KG_PER_T * kg,
        "unmet": days * by_period(facts, missing["period"], penalty),
    }
    for part in ("capital", "land", "running", "handling", "closure"):
        parts[part] = by_period(facts, table["period"], table[f"{part}_cny_year"])
    return pd.DataFrame(parts)[list(COST_PARTS)]


@remembered
def weighted_costs(facts: Facts) -> dict[str, float]:
    """CNY/year by cost part, summed over the periods with their weights."""
    weights = facts.case.periods["weight"]
    return {str(part): float((column * weights).sum()) for part, column in costs(facts).items()}


def charged(facts: Facts) -> float:
    """CNY/year: the policy's charges on the most land and emission of a period, missed service, the worst outage."""
    case, prices = facts.case, facts.case.policy.charges
    total = 0.0
    if prices.land_cny_ha_year > 0:
        land_ha = by_period(facts, facts.facilities["period"], facts.facilities["land_ha"])
        total += prices.land_cny_ha_year * float(land_ha.max())
    if prices.carbon_cny_t > 0:
        total += prices.carbon_cny_t * float(emissions(facts).sum(axis=1).max()) / KG_PER_T
    if prices.missed_cny_year > 0 and case.policy.holds("service_targets"):
        total += prices.missed_cny_year * (1.0 - worst_target_share(facts, prices.targets))
    if prices.outage_cny_year > 0:
        served = outage_shares(facts)["share"]
        total += prices.outage_cny_year * max(0.0, 1.0 - float(served.min())) if len(served) else 0.0
    return total


def objective(facts: Facts) -> float:
    """CNY/year: the cost parts, weighed by the policy, and its charges; in the sense of the instance."""
    policy, parts, table = facts.case.policy, weighted_costs(facts), facts.facilities
    land_ha = by_period(facts, table["period"], table["land_ha"])
    charge = policy.land_charge_cny_ha_year * float((land_ha * facts.case.periods["weight"]).sum())
    cost = charge + charged(facts) + sum(policy.weight(part) * parts[part] for part in COST_PARTS)
    info = facts.case.instance.info
    return info.objective_constant - cost if info.sense == "max" else info.objective_constant + cost
