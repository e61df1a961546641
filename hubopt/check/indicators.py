"""The indicators (kpi) of a plan, by dotted name: over all periods, and of each period where there are several."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from hubopt.check.carbon import emissions, emissions_by_leg
from hubopt.check.concentration import largest_shares
from hubopt.check.facts import Facts, remembered
from hubopt.check.haulage import empty_shares, hauls
from hubopt.check.outages import outage_shares
from hubopt.check.service import target_shares
from hubopt.check.stock import stock
from hubopt.check.yearly import costs, weighted_costs
from hubopt.instance.types import LEVELS


def _standing(facts: Facts, period: str) -> dict[str, float]:
    """Sites, land, floor area, staff and stock as they stand in a period."""
    rows = facts.facilities[facts.facilities["period"] == period]
    standing = rows[rows["modules"] > 0]
    found = {f"sites.{level}": float((standing["level"] == level).sum()) for level in LEVELS}
    found["gfa_m2.total"] = float(standing["gfa_m2"].sum())
    found["staff.total"] = float(standing["staff"].sum())
    found["land_ha.total"] = float(standing["land_ha"].sum())
    by_district = standing.groupby(standing["site"].map(facts.case.sites["district"]).to_numpy())["land_ha"].sum()
    for district in sorted(set(facts.case.sites["district"]) - {""}):
        found[f"land_ha.{district}"] = float(by_district.get(district, 0.0))
    figures = stock(facts).T[period]
    return found | {f"stock.{name}": float(figures[name]) for name in figures.index} | largest_shares(facts, period)


def _years(facts: Facts, periods: pd.Series) -> pd.Series:
    """Part of all the years that each row's period covers."""
    years = facts.case.periods["years"]
    return periods.map(years / years.sum()).astype(float)


def _served(facts: Facts, rows: pd.DataFrame) -> dict[str, float]:
    """Served shares of rows of :attr:`Facts.carried`; demand and unmet may be weighed."""

    def share(part: pd.DataFrame) -> float:
        asked = float(part["demand"].sum())
        return float(part["demand"].sum() - part["unmet"].sum()) / asked if asked > 0 else 1.0

    found = {"served_share": share(rows)}
    for commodity in facts.case.commodities.index:
        found[f"served_share.{commodity}"] = share(rows[rows["commodity"] == commodity])
    return found


def _targets(facts: Facts) -> dict[str, dict[str, tuple[float, float]]]:
    """Share reached and share asked for, by target and period."""
    return {
        target.id: {
            period: (share, facts.case.target_share(target, period))
            for period, share in target_shares(facts, target).items()
        }
        for target in facts.case.instance.structure.service.targets
    }


def _handling(table: pd.DataFrame) -> dict[str, float]:
    """Throughput and utilisation by level; throughput and capacity may be weighed."""
    found = {}
    for level in LEVELS:
        rows = table[table["level"] == level]
        through, room = float(rows["throughput_t_d"].sum()), float(rows["capacity_t_d"].sum())
        found[f"throughput_t_d.{level}"] = through
        found[f"utilisation.{level}"] = through / room if room > 0 else 0.0
    return found


def _movement(facts: Facts) -> dict[str, float]:
    """Means over the periods, weighed by their years."""
    moved = hauls(facts)
    mean_t_d = moved["t_d"] * _years(facts, moved["period"])
    found = {}
    for leg in facts.case.moving_legs:
        on_leg = (moved["leg"] == leg) & moved["km"].notna()
        found[f"t_km_day.{leg}"] = float((mean_t_d * moved["km"])[on_leg].sum())
        tonnes = float(mean_t_d[on_leg].sum())
        if tonnes > 0:
            found[f"mean_minutes.{leg}"] = float((mean_t_d * moved["minutes"])[on_leg].sum()) / tonnes
    years = _years(facts, facts.facilities["period"])
    columns = ["throughput_t_d", "capacity_t_d"]
    return found | _handling(facts.facilities.assign(**facts.facilities[columns].mul(years, axis=0)))


def _carbon(by_cause: pd.Series, by_leg: pd.Series) -> dict[str, float]:
    found = {f"kgco2e_year.{cause}": float(kg) for cause, kg in by_cause.items()}
    found["kgco2e_year.total"] = float(by_cause.sum())
    return found | {f"kgco2e_year.leg.{leg}": float(kg) for leg, kg in by_leg.items()}


def _resilience(facts: Facts, period: str | None) -> dict[str, float]:
    rows = outage_shares(facts)
    if period is not None:
        rows = rows[rows["period"] == period]
    if rows.empty:
        return {}
    worst = {"resilience.worst_share": float(rows["share"].min())}
    return worst if period is not None else worst | {"resilience.worst": worst["resilience.worst_share"]}


def _of_period(facts: Facts, period: str) -> dict[str, float]:
    """Indicators of one period; names as for all periods."""
    table = facts.facilities[facts.facilities["period"] == period]
    found = _standing(facts, period) | _handling(table) | _resilience(facts, period)
    found |= _served(facts, facts.carried[facts.carried["period"] == period])
    found |= _carbon(emissions(facts).T[period], emissions_by_leg(facts).T[period])
    found["investment_cny"] = float(table["investment_cny"].sum())
    found["empty_share"] = empty_shares(facts)[period]
    found["cost_cny_year"] = float(costs(facts).sum(axis=1)[period])
    for name, periods in _targets(facts).items():
        found[f"target.{name}"], found[f"target_required.{name}"] = periods[period]
    return found


def _over_all(facts: Facts, mean: Mapping[str, float]) -> dict[str, float]:
    """Indicators of all periods together; ``mean`` is the part that each period is of all years."""
    last = str(facts.case.periods.index[-1])
    rows = facts.carried
    weighed = rows.assign(**rows[["demand", "unmet"]].mul(_years(facts, rows["period"]), axis=0))
    found = _standing(facts, last) | _movement(facts) | _resilience(facts, None) | _served(facts, weighed)
    part = pd.Series(mean)
    found |= _carbon(emissions(facts).mul(part, axis=0).sum(), emissions_by_leg(facts).mul(part, axis=0).sum())
    found["investment_cny"] = float(facts.facilities["investment_cny"].sum())
    found["empty_share"] = empty_shares(facts)[""]
    for name, periods in _targets(facts).items():
        worst = min(periods.values(), key=lambda pair: pair[0] - pair[1])
        found[f"target.{name}"], found[f"target_required.{name}"] = worst
    delivered_t_d = float(((rows["demand"] - rows["unmet"]) * rows["period"].map(facts.case.periods["weight"])).sum())
    if delivered_t_d > 0:
        tonnes = facts.case.instance.info.operating_days * delivered_t_d
        found["cost_cny_t"] = sum(weighted_costs(facts).values()) / tonnes
    return found


@remembered
def indicators(facts: Facts) -> dict[str, float]:
    """Indicators by dotted name; of a single period too, with its id at the end, where there are several.

    As they stand in the last period: ``sites.LEVEL``, ``gfa_m2.total``, ``staff.total``, ``land_ha.total``,
    ``land_ha.DISTRICT`` (every named district with a candidate site), ``stock.NAME`` (columns of
    :func:`hubopt.check.stock.stock`), ``largest_site_share.LEVEL`` and ``largest_operator_share.LEVEL`` (of the level's
    throughput).

    Means over the periods, weighed by their years: ``served_share`` and ``served_share.COMMODITY`` (delivered over
    demanded t/d, no more than demanded counted; 1 without demand), ``throughput_t_d.LEVEL``, ``utilisation.LEVEL``
    (throughput over capacity; 0 if nothing is open), ``kgco2e_year.CAUSE`` (causes of
    :func:`hubopt.check.carbon.emissions`), ``.total`` and ``.leg.LEG`` (carrying and empty running on the leg),
    ``empty_share`` (empty tonne-km over all, of modes that count them; 0 without any). Not by period: ``t_km_day.LEG``,
    ``mean_minutes.LEG`` (driving minutes per tonne; absent if nothing moves there).

    Over all periods: ``investment_cny`` (sum, not annualised); ``target.ID`` (share of demand within the target) with
    ``target_required.ID``, both of the period in which the first exceeds the second least; ``resilience.worst_share``
    or ``.worst`` (least share served in an outage; absent if no outage is asked about); ``cost_cny_t`` (all cost
    parts, not weighed by the policy, over the tonnes delivered in a year, both with the periods' weights; absent if
    nothing is delivered). Of single periods only: ``cost_cny_year.PERIOD`` (all cost parts of a year).
    """
    years = facts.case.periods["years"]
    found = _over_all(facts, dict(years / years.sum()))
    if len(years) > 1:
        for period in years.index:
            found |= {f"{name}.{period}": value for name, value in _of_period(facts, str(period)).items()}
    return found
