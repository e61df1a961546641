"""What becomes of every site from period to period: its state before and after, and what had stood there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hubopt.check.case import Case

MONTHS_PER_YEAR = 12.0


def history(case: Case, decisions: pd.DataFrame) -> pd.DataFrame:
    """One row per period and site that is open then or stood before, by period and in the order of the sites.

    Columns: ``period``, ``site``, ``design`` (of a closed site its last), ``modules`` (0: closed), ``before_design``
    and ``before_modules`` (in the period before, in the first one today; empty and 0 where nothing stood), ``left``
    (whether it had stood and was closed before this period) and ``converted_modules`` (as decided, NaN where not).

    ``decisions`` holds at most one row per period and site: ``period``, ``site``, ``design``, ``modules``, and perhaps
    ``converted_modules``.
    """
    sites = case.sites
    if "converted_modules" not in decisions:
        decisions = decisions.assign(converted_modules=np.nan)
    design = sites["today_design"].to_numpy(dtype=object).copy()
    modules = sites["today_modules"].to_numpy(dtype=float).copy()
    stood = modules > 0
    left = np.zeros(len(sites), dtype=bool)
    last = design.copy()
    parts = []
    for period in case.periods.index:
        rows = decisions[decisions["period"] == period]
        places = sites.index.get_indexer(pd.Index(rows["site"]))
        new_design, new_modules = np.full(len(sites), "", dtype=object), np.zeros(len(sites))
        converted = np.full(len(sites), np.nan)
        new_design[places] = rows["design"].to_numpy(dtype=object)
        new_modules[places] = rows["modules"].to_numpy(dtype=float)
        converted[places] = rows["converted_modules"].to_numpy(dtype=float)
        is_open = new_modules > 0
        last = np.where(is_open, new_design, last)
        left |= stood & (modules == 0)
        part = pd.DataFrame(
            {
                "period": pd.Series([period] * len(sites), dtype=object),
                "site": sites.index.to_numpy(dtype=object),
                "design": last,
                "modules": new_modules,
                "before_design": design,
                "before_modules": modules,
                "left": left.copy(),
                "converted_modules": converted,
            }
        )
        stood |= is_open
        parts.append(part[stood])
        design, modules = new_design, new_modules
    return pd.concat(parts, ignore_index=True)


def convertible_modules(case: Case, rows: pd.DataFrame) -> np.ndarray:
    """Most modules (perhaps fractional) of the new design that can be converted, for each row of a :func:`history`.

    0 unless the row changes the design of what stood to one into which that can be converted at less than the cost of
    building. The floor area of before is the limit, and the size itself.
    """
    gfa = case.designs["module_gfa_m2"]
    changes = (rows["modules"] > 0) & (rows["before_modules"] > 0) & (rows["design"] != rows["before_design"])
    pairs = zip(rows["before_design"], rows["design"], strict=True)
    may = changes.to_numpy(dtype=bool) & np.array([pair in case.conversions for pair in pairs], dtype=bool)
    area = rows["before_modules"].to_numpy() * gfa.reindex(rows["before_design"]).fillna(0.0).to_numpy()
    module = gfa.reindex(rows["design"]).fillna(1.0).to_numpy()
    return np.where(may, np.minimum(rows["modules"].to_numpy(), area / module), 0.0)


def out_of_use(case: Case, rows: pd.DataFrame) -> np.ndarray:
    """Part of the period of each row for which floor area is out of use while it is converted to the row's design."""
    months = case.designs["conversion_months"].reindex(rows["design"]).fillna(0.0).to_numpy()
    years = case.periods["years"].reindex(rows["period"]).to_numpy()
    return np.asarray(np.minimum(1.0, months / MONTHS_PER_YEAR / years))


def working_modules(case: Case, table: pd.DataFrame) -> np.ndarray:
    """Modules in use on average over the period, as far as they are available, for each row of a facility table."""
    lost = out_of_use(case, table) * table["converted_modules"].to_numpy(dtype=float)
    available = case.sites["availability"].reindex(table["site"]).to_numpy(dtype=float)
    return np.asarray((table["modules"].to_numpy(dtype=float) - lost) * available)
