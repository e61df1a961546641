"""Demand by zone and commodity from coefficients per resident."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd


def demand(
    zones: pd.DataFrame, coefficients: Mapping[str, float], drivers: Mapping[str, str], industry: pd.Series, period: str
) -> pd.DataFrame:
    """Tonnes a day by zone and commodity (columns of the instance table ``demand``).

    Args:
        zones: id, district, population.
        coefficients: kg per resident of the city and day, by commodity.
        drivers: by commodity ``population`` (spread by residents) or ``industry`` (by residents times the weight of
            their district); the city total is the coefficient times the residents either way.
        industry: weight by district.
        period: id of the period.
    """
    people = zones["population"].to_numpy(dtype=float)
    weight = {"population": np.ones(len(zones)), "industry": zones["district"].map(industry).to_numpy(dtype=float)}
    tables = []
    for commodity, kg in coefficients.items():
        spread = people * weight[drivers[commodity]]
        tonnes = spread / spread.sum() * people.sum() * kg / 1000
        tables.append(
            pd.DataFrame({"zone": zones["id"], "commodity": commodity, "period": period, "t_d": tonnes.round(3)})
        )
    table = pd.concat(tables, ignore_index=True)
    return table[table["t_d"] > 0].sort_values(["zone", "commodity"]).reset_index(drop=True)
