"""Demand by zone and commodity: what drives it (residents, jobs, trade), how much per unit, and where it goes.

The total of a commodity is a coefficient times the driver's figure of a census area - residents, persons employed, or
tonnes of trade a year - and the zones of the area share it exactly, to the kilogram a day. The reconciliation says for
every city and commodity what was asked for and what the zones got.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from hubopt.data.zones.rounding import round_by_group
from hubopt.instance.errors import InputError, Problem, choose_from

Driver = Literal["population", "industry", "jobs", "trade"]
DRIVERS: tuple[Driver, ...] = ("population", "industry", "jobs", "trade")

DAYS = 365


@dataclass(frozen=True)
class DemandRule:
    """How much of a commodity a city sends or receives, and what spreads it over the zones.

    ``driver``: ``population`` - kg per resident and day, spread by residents; ``industry`` - kg per resident and day,
    spread by residents times the industry weight of their district; ``jobs`` - kg per person employed and day, spread
    by jobs; ``trade`` - tonnes a year of the city times the coefficient (a share), spread by industry as above.
    """

    commodity: str
    driver: Driver
    coefficient: float
    source: str = ""


@dataclass(frozen=True)
class Figures:
    """What drives demand beside the residents.

    ``industry``: weight by district (1: as the mean; must be at least 0); ``employed_share``: persons employed per
    resident by district; ``trade_t_year``: tonnes of goods traded a year by city.
    """

    industry: Mapping[str, float]
    employed_share: Mapping[str, float]
    trade_t_year: Mapping[str, float]


NO_FIGURES = Figures({}, {}, {})


def _spread(zones: pd.DataFrame, rule: DemandRule, figures: Figures) -> np.ndarray:
    """What the zones share the commodity by, shape (zones,)."""
    people = zones["population"].to_numpy(dtype=float)
    match rule.driver:
        case "population":
            return people
        case "industry" | "trade":
            return np.asarray(people * zones["district"].map(figures.industry).to_numpy(dtype=float))
        case "jobs":
            return np.asarray(people * zones["district"].map(figures.employed_share).to_numpy(dtype=float))


def _totals(zones: pd.DataFrame, rule: DemandRule, figures: Figures) -> pd.Series:
    """Tonnes a day of the commodity by city."""
    city = zones["city"]
    match rule.driver:
        case "population" | "industry":
            return zones["population"].groupby(city).sum() * rule.coefficient / 1000
        case "jobs":
            jobs = zones["population"] * zones["district"].map(figures.employed_share).astype(float)
            return jobs.groupby(city).sum() * rule.coefficient / 1000
        case "trade":
            names = sorted(set(city))
            return pd.Series({name: figures.trade_t_year[name] for name in names}) * rule.coefficient / DAYS


def _problems(zones: pd.DataFrame, rules: Sequence[DemandRule], figures: Figures) -> list[Problem]:
    problems = []
    districts, cities = set(zones["district"]), set(zones["city"])
    needs = {
        "industry": [("an industry weight", figures.industry, districts)],
        "jobs": [("a share of persons employed", figures.employed_share, districts)],
        "trade": [
            ("an industry weight", figures.industry, districts),
            ("tonnes of trade", figures.trade_t_year, cities),
        ],
    }
    for rule in rules:
        if rule.driver not in DRIVERS:
            mend = choose_from(rule.driver, DRIVERS)
            problems.append(Problem("recipe", "is no driver of demand", mend, None, rule.commodity, rule.driver))
        if not rule.coefficient >= 0:
            mend = "give a number of at least 0"
            problems.append(
                Problem("parameters.csv", "is no coefficient", mend, None, rule.commodity, rule.coefficient)
            )
        for what, known, asked in needs.get(rule.driver, []):
            problems += [
                Problem("recipe", f"has no {what.split(' ', 1)[1]}, which {rule.commodity} needs", f"give it {what}",
                        value=name)
                for name in sorted(asked) if not known.get(name, -1.0) >= 0
            ]  # fmt: skip
    return problems


def demand_table(
    zones: pd.DataFrame, rules: Sequence[DemandRule], figures: Figures = NO_FIGURES, period: str = "base"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tonnes a day by zone and commodity, and how they reconcile.

    Args:
        zones: id, city, district, population.
        rules: one per commodity, or several that add up.
        figures: industry weights, employment and trade where a rule asks for them.
        period: id of the period.

    Returns:
        zone, commodity, period, t_d (columns of the instance table ``demand``; rows of nothing left out); and the
        reconciliation: city, commodity, driver, coefficient, asked_t_d, made_t_d, source - ``made`` is the sum over the
        zones and differs from ``asked`` by less than half a kilogram.

    Raises:
        InputError: for a driver or a figure that is missing.
    """
    if problems := _problems(zones, rules, figures):
        raise InputError(problems)
    tables, lines = [], []
    for rule in rules:
        totals = _totals(zones, rule, figures)
        kilograms = {str(city): round(1000 * float(tonnes)) for city, tonnes in totals.items()}
        tonnes = round_by_group(_spread(zones, rule, figures), zones["city"], kilograms) / 1000
        rows = {"zone": zones["id"], "commodity": rule.commodity, "period": period, "t_d": tonnes}
        tables.append(pd.DataFrame(rows))
        made = pd.Series(tonnes, index=zones.index).groupby(zones["city"]).sum()
        lines += [
            (city, rule.commodity, rule.driver, rule.coefficient, float(totals[city]), float(made[city]), rule.source)
            for city in totals.index
        ]
    together = pd.concat(tables, ignore_index=True).groupby(["zone", "commodity", "period"], as_index=False).sum()
    table = pd.DataFrame(together[together["t_d"] > 0]).sort_values(["zone", "commodity"]).reset_index(drop=True)
    columns = ["city", "commodity", "driver", "coefficient", "asked_t_d", "made_t_d", "source"]
    return table.assign(t_d=table["t_d"].round(3)), pd.DataFrame(lines, columns=columns)


def reconciliation_notes(reconciliation: pd.DataFrame) -> list[tuple[str, str]]:
    """Lines for the build report: by commodity, the t/d asked for and made, city by city."""
    lines = []
    for (commodity, driver), rows in reconciliation.groupby(["commodity", "driver"], sort=False):
        cities = "; ".join(f"{row.city} {row.made_t_d:.3f} of {row.asked_t_d:.3f}" for row in rows.itertuples())
        asked, made = rows["asked_t_d"].sum(), rows["made_t_d"].sum()
        coefficient = f"{rows['coefficient'].iloc[0]:g} by {driver}"
        lines.append((f"demand of {commodity} in t/d", f"{made:.3f} of {asked:.3f} ({coefficient}): {cities}"))
    return lines
