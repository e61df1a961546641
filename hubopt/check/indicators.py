"""The indicators (kpi) of a plan, by dotted name."""

from __future__ import annotations

import pandas as pd

from hubopt.check.facts import Facts, remembered
from hubopt.check.service import target_shares
from hubopt.check.yearly import emissions, weighted_costs
from hubopt.instance.types import LEVELS

STOCK = {"keep": "kept", "expand": "expanded", "upgrade": "upgraded", "close": "closed"}
"""Actions on what stands today and the word that its indicator uses."""


def _buildings(facts: Facts) -> dict[str, float]:
    """Sites, land, floor area and stock as they stand in the last period."""
    last = facts.facilities[facts.facilities["period"] == facts.case.periods.index[-1]]
    standing = last[last["modules"] > 0]
    found = {f"sites.{level}": float((standing["level"] == level).sum()) for level in LEVELS}
    found["gfa_m2.total"] = float(standing["gfa_m2"].sum())
    found["land_ha.total"] = float(standing["land_ha"].sum())
    by_district = standing.groupby(standing["site"].map(facts.case.sites["district"]).to_numpy())["land_ha"].sum()
    for district in sorted(set(facts.case.sites["district"]) - {""}):
        found[f"land_ha.{district}"] = float(by_district.get(district, 0.0))
    for action, word in STOCK.items():
        found[f"stock.{word}"] = float((last["action"] == action).sum())
    return found


def _years(facts: Facts, periods: pd.Series) -> pd.Series:
    """Part of all the years that each row's period covers."""
    years = facts.case.periods["years"]
    return periods.map(years / years.sum()).astype(float)


def _service(facts: Facts) -> dict[str, float]:
    rows = facts.carried.assign(served=lambda table: table["demand"] - table["unmet"])
    rows[["demand", "served"]] = rows[["demand", "served"]].mul(_years(facts, rows["period"]), axis=0)

    def share(part: pd.DataFrame) -> float:
        asked = float(part["demand"].sum())
        return float(part["served"].sum()) / asked if asked > 0 else 1.0

    found = {"served_share": share(rows)}
    for commodity in facts.case.commodities.index:
        found[f"served_share.{commodity}"] = share(rows[rows["commodity"] == commodity])
    for target in facts.case.instance.structure.service.targets:
        found[f"target.{target.id}"] = min(target_shares(facts, target).values())
        found[f"target_required.{target.id}"] = target.share
    return found


def _movement(facts: Facts) -> dict[str, float]:
    flows, table = facts.flows, facts.facilities
    mean_t_d = flows["t_d"] * _years(facts, flows["period"])
    found = {}
    for leg in facts.case.legs:
        on_leg = (flows["leg"] == leg) & flows["km"].notna()
        found[f"t_km_day.{leg}"] = float((mean_t_d * flows["km"])[on_leg].sum())
        tonnes = float(mean_t_d[on_leg].sum())
        if tonnes > 0:
            found[f"mean_minutes.{leg}"] = float((mean_t_d * flows["minutes"])[on_leg].sum()) / tonnes
    years = _years(facts, table["period"])
    for level in LEVELS:
        at_level = table["level"] == level
        through = float((table["throughput_t_d"] * years)[at_level].sum())
        room = float((table["capacity_t_d"] * years)[at_level].sum())
        found[f"throughput_t_d.{level}"] = through
        found[f"utilisation.{level}"] = through / room if room > 0 else 0.0
    kg = emissions(facts).mul(facts.case.periods["years"] / facts.case.periods["years"].sum(), axis=0).sum()
    found |= {f"kgco2e_year.{part}": float(amount) for part, amount in kg.items()}
    found["kgco2e_year.total"] = float(kg.sum())
    return found


@remembered
def indicators(facts: Facts) -> dict[str, float]:
    """Indicators by dotted name.

    As they stand in the last period: ``sites.LEVEL``, ``gfa_m2.total``, ``land_ha.total``, ``land_ha.DISTRICT`` (every
    named district with a candidate site), ``stock.kept``, ``stock.expanded``, ``stock.upgraded``, ``stock.closed``.

    Means over the periods, weighed by their years: ``served_share`` and ``served_share.COMMODITY`` (delivered over
    demanded t/d, no more than demanded counted; 1 without demand), ``t_km_day.LEG``, ``mean_minutes.LEG`` (driving
    minutes per tonne; absent if nothing flows), ``throughput_t_d.LEVEL``, ``utilisation.LEVEL`` (throughput over
    capacity; 0 if nothing is open), ``kgco2e_year.transport``, ``.handling`` and ``.total``.

    Over all periods: ``target.ID`` (share of demand within the target, in the period where it is least) with
    ``target_required.ID``; ``cost_cny_t`` (all cost parts, not weighed by the policy, over the tonnes delivered in a
    year, both with the periods' weights; absent if nothing is delivered).
    """
    found = _buildings(facts) | _service(facts) | _movement(facts)
    rows = facts.carried
    delivered_t_d = float(((rows["demand"] - rows["unmet"]) * rows["period"].map(facts.case.periods["weight"])).sum())
    if delivered_t_d > 0:
        tonnes = facts.case.instance.info.operating_days * delivered_t_d
        found["cost_cny_t"] = sum(weighted_costs(facts).values()) / tonnes
    return found
