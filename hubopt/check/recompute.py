"""From decisions to the facility table: sizes, land, throughput and yearly costs, computed from the contract alone.

A decision is a period, a site, a design and a whole number of modules. Everything else in the table follows from it,
from the flows and from the instance, so that no figure of a result is ever copied from a solver.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from hubopt.check.case import ARC, Case
from hubopt.check.history import convertible_modules, history, working_modules
from hubopt.check.tolerance import WHOLE
from hubopt.instance.policy import Policy
from hubopt.instance.types import LEVELS, Instance
from hubopt.solution.types import (
    ASSIGNMENT_COLUMNS,
    EXCHANGE_COLUMNS,
    FACILITY_COLUMNS,
    FLOW_COLUMNS,
    OUTAGE_COLUMNS,
    Plan,
)

DECISION_COLUMNS = ("period", "site", "design", "modules")
"""What is decided about an open site (and, if less than possible, ``converted_modules``); closed ones need no row."""

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "facilities": FACILITY_COLUMNS,
    "assignments": ASSIGNMENT_COLUMNS,
    "flows": FLOW_COLUMNS,
    "exchanges": EXCHANGE_COLUMNS,
    "outages": OUTAGE_COLUMNS,
}
"""The tables of a plan and their columns."""

M2_PER_HA = 10_000.0


def annuity(rate: float, years: float) -> float:
    """Yearly payment that recovers an outlay of 1 over ``years`` at ``rate`` (1/year)."""
    if rate == 0:
        return 1.0 / years
    return rate / -math.expm1(-years * math.log1p(rate))


def on_chain(case: Case, flows: pd.DataFrame) -> pd.DataFrame:
    """The flows with the kinds of their ends in ``upper`` and ``lower``, empty off the commodity's own chain.

    ``load`` is what a tonne takes of the throughput of its origin (t/t), 1 where there is no such arc.
    """
    if "load" not in flows:
        flows = flows.merge(case.arcs[[*ARC, "load"]], on=ARC, how="left")
    placed = flows.merge(case.steps, on=["commodity", "leg"], how="left")
    return placed.fillna({"upper": "", "lower": "", "load": 1.0})


def site_flows(flows: pd.DataFrame) -> pd.DataFrame:
    """Tonnes a day into and out of every site by commodity: period, site, commodity, inflow, outflow.

    ``flows`` are those of :func:`on_chain`; only flows on the chain count. ``inflow`` comes over the leg
    above the site, and stays 0 where the site is the commodity's first level and no gateway is admitted. In
    ``outflow`` every tonne counts with the load of its arc.
    """
    key = ["period", "site", "commodity"]
    entering = flows[flows["lower"].isin(LEVELS)].rename(columns={"destination": "site"})
    leaving = flows[flows["upper"].isin(LEVELS)].rename(columns={"origin": "site"})
    into = entering.groupby(key, sort=False)["t_d"].sum()
    out = leaving.assign(t_d=leaving["t_d"] * leaving["load"]).groupby(key, sort=False)["t_d"].sum()
    sums = pd.concat({"inflow": into, "outflow": out}, axis=1).fillna(0.0)
    sums.index = sums.index.set_names(key)
    return sums.reset_index().sort_values(key, ignore_index=True)


def _arrays(table: pd.DataFrame) -> dict[str, np.ndarray]:
    return {str(name): column.to_numpy() for name, column in table.items()}


def _actions(rows: pd.DataFrame) -> np.ndarray:
    """What becomes of each site of a history against the period before."""
    stood = rows["before_modules"] > 0
    same = rows["design"] == rows["before_design"]
    grows = rows["modules"] > rows["before_modules"]
    cases = [rows["modules"] == 0, ~stood, same & grows, same]
    return np.select(cases, ["close", "new", "expand", "keep"], "upgrade")


def _money(case: Case, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Modules built and converted, investment (CNY) and yearly cost of capital, land, running and closing.

    ``rows`` is a history with ``gfa_m2`` and ``land_ha``; yearly amounts are CNY in a year of the row's period.
    """
    info = case.instance.info
    site, design = _arrays(case.sites.loc[rows["site"]]), _arrays(case.designs.reindex(rows["design"]))
    before, modules = rows["before_modules"].to_numpy(), rows["modules"].to_numpy()
    is_open, stood, listed = modules > 0, before > 0, site["today_modules"] > 0
    same = stood & (rows["design"] == rows["before_design"]).to_numpy(dtype=bool)
    upgrade = is_open & stood & ~same
    decided = rows["converted_modules"].to_numpy()
    largest = convertible_modules(case, rows)
    converted = np.where(upgrade, np.where(decided > -WHOLE, np.clip(decided, 0.0, modules), largest), 0.0)
    built = np.where(is_open, np.maximum(modules - converted - np.where(same, before, 0.0), 0.0), 0.0)
    outlay = np.where(
        is_open,
        design["module_gfa_m2"] * (built * design["capital_cny_m2"] + converted * design["conversion_cny_m2"])
        + np.where(stood | listed, 0.0, design["fixed_capital_cny"]),
        0.0,
    )
    recovery = np.array([annuity(info.discount_rate, years) for years in design["life_years"]])
    yearly = pd.Series(np.where(is_open, recovery * outlay, 0.0))
    land_recovery = annuity(info.discount_rate, info.land_life_years)
    closes = listed & stood & ~is_open
    return {
        "built_modules": built,
        "converted_modules": converted,
        "investment_cny": outlay + np.where(closes, site["closure_cny"], 0.0),
        # what was once laid out is paid off to the end of the horizon, whatever becomes of the building
        "capital_cny_year": yearly.groupby(rows["site"].to_numpy(), sort=False).cumsum().to_numpy(),
        "land_cny_year": rows["land_ha"].to_numpy() * M2_PER_HA * site["land_price_cny_m2"] * land_recovery,
        "running_cny_year": np.where(
            is_open, rows["gfa_m2"] * design["running_cny_m2_year"] + design["fixed_running_cny_year"], 0.0
        ),
        "closure_cny_year": np.where(is_open, 0.0, land_recovery * site["closure_cny"] * listed),
    }


def _facility_rows(case: Case, decisions: pd.DataFrame, throughput: pd.Series) -> pd.DataFrame:
    """The rows of all sites that are open or stood before; ``throughput`` is t/d by (period, site)."""
    info = case.instance.info
    rows = history(case, decisions)
    site, design = _arrays(case.sites.loc[rows["site"]]), _arrays(case.designs.reindex(rows["design"]))
    is_open = (rows["modules"] > 0).to_numpy()
    ratio = np.fmin(design["floor_area_ratio"], site["max_far"].astype(float))
    gfa = np.where(is_open, rows["modules"] * design["module_gfa_m2"], 0.0)
    rows = rows.assign(level=site["level"], action=_actions(rows), gfa_m2=gfa)
    rows = rows.assign(land_ha=np.where(is_open, gfa / ratio / M2_PER_HA, 0.0))
    rows = rows.assign(**_money(case, rows))
    places = pd.MultiIndex.from_frame(rows[["period", "site"]])
    carried = np.where(is_open, throughput.astype(float).reindex(places).fillna(0.0).to_numpy(dtype=float), 0.0)
    capacity = np.where(is_open, working_modules(case, rows) * design["throughput_t_d"], 0.0)
    price = case.overflow.reindex(rows["design"]).fillna(0.0).to_numpy()
    beyond = np.where(is_open, np.maximum(carried - capacity, 0.0) * price, 0.0)
    handling = np.where(is_open, info.operating_days * carried * design["energy_kwh_t"], 0.0)
    building = np.where(is_open, gfa * design["energy_kwh_m2_year"], 0.0)
    return rows.assign(
        throughput_t_d=carried,
        capacity_t_d=capacity,
        utilisation=np.divide(carried, capacity, out=np.zeros_like(carried), where=capacity > 0),
        staff=np.where(is_open, rows["modules"] * design["staff"], 0.0),
        kgco2e_year=info.grid_kgco2e_kwh * (handling + building),
        handling_cny_year=np.where(is_open, info.operating_days * (carried * design["handling_cny_t"] + beyond), 0.0),
    )


def facility_table(case: Case, decisions: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """The facility table of clean decisions (known ids, one design per site and period) and of :func:`site_flows`.

    ``converted_modules`` of the decisions, if any, are taken as they stand; where there are none, what may be converted
    is (it is cheaper than building).
    """
    throughput = sums.groupby(["period", "site"])["outflow"].sum()
    table = _facility_rows(case, decisions, throughput)[list(FACILITY_COLUMNS)]
    period = case.periods.index.get_indexer(pd.Index(table["period"]))
    level = table["level"].map({level: place for place, level in enumerate(LEVELS)})
    site = case.sites.index.get_indexer(pd.Index(table["site"]))
    table = table.iloc[np.lexsort((site, level, period))].reset_index(drop=True)
    # a broken plan can hold sizes that no integer type does
    if bool(((table["modules"] == table["modules"].round()) & (table["modules"] < 2**53)).all()):
        table["modules"] = table["modules"].astype("int64")
    return table


def _refuse(wrong: pd.DataFrame, reason: str) -> None:
    if len(wrong):
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise ValueError(f"{reason}: {wrong.iloc[0].to_dict()}{more}")


def _clean_decisions(case: Case, decisions: pd.DataFrame) -> pd.DataFrame:
    converted = ["converted_modules"] if "converted_modules" in decisions else []
    rows = decisions[[*DECISION_COLUMNS, *converted]].reset_index(drop=True)
    _refuse(rows[~rows["period"].isin(case.periods.index)], "unknown period in a decision")
    _refuse(rows[~rows["site"].isin(case.sites.index)], "unknown site in a decision")
    rows = rows[rows["modules"] != 0]
    _refuse(rows[~rows["design"].isin(case.designs.index)], "unknown design in a decision")
    _refuse(rows[rows.duplicated(["period", "site"], keep=False)], "a site has more than one decision")
    modules = rows["modules"].astype(float)
    _refuse(rows[~((modules - modules.round()).abs() <= WHOLE) | (modules < 0)], "modules are not a whole number")
    return rows.assign(modules=modules.round())


def recompute_facilities(
    instance: Instance, policy: Policy, decisions: pd.DataFrame, flows: pd.DataFrame
) -> pd.DataFrame:
    """The complete facility table (``FACILITY_COLUMNS``) that follows from decisions and flows.

    Args:
        instance: the raw instance; the policy is applied here.
        policy: the policy of the run.
        decisions: one row per open site: ``period``, ``site``, ``design``, ``modules`` (whole, rounded here if the
            solver left it within 1e-6); rows with 0 modules are ignored. ``converted_modules`` says how much of the
            size is converted from what stood there; without it, or where it is NaN, as much as may be.
        flows: the flow table (``FLOW_COLUMNS``, t/d).

    Returns:
        One row per open site and one per closed site that stood before, by period, level and site, costs in CNY per
        year of the period (not weighted). A plan that breaks rules is computed as it stands;
        :func:`hubopt.check.check` finds the breaks.

    Raises:
        ValueError: for unknown ids, modules that are not whole, or two decisions for one site and period.
    """
    case = Case.of(instance, policy)
    sums = site_flows(on_chain(case, flows[list(FLOW_COLUMNS)]))
    return facility_table(case, _clean_decisions(case, decisions), sums)


def complete_plan(
    instance: Instance,
    policy: Policy,
    decisions: pd.DataFrame,
    assignments: pd.DataFrame,
    flows: pd.DataFrame,
    exchanges: pd.DataFrame | None = None,
    outages: pd.DataFrame | None = None,
) -> Plan:
    """The plan of bare decisions: :func:`recompute_facilities` beside the other tables, columns and rows in order.

    Raises:
        ValueError: as :func:`recompute_facilities`.
    """
    tables = {"assignments": assignments, "flows": flows, "exchanges": exchanges, "outages": outages}
    given = {
        name: table[list(COLUMNS[name])].sort_values(
            [column for column in COLUMNS[name] if column != "t_d"], ignore_index=True
        )
        for name, table in tables.items()
        if table is not None
    }
    return Plan(facilities=recompute_facilities(instance, policy, decisions, flows), **given)
