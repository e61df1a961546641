"""From decisions to the facility table: sizes, land, throughput and yearly costs, computed from the contract alone.

A decision is a period, a site, a design and a whole number of modules. Everything else in the table follows from it,
from the flows and from the instance, so that no figure of a result is ever copied from a solver.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from hubopt.check.case import Case
from hubopt.check.tolerance import WHOLE
from hubopt.instance.policy import Policy
from hubopt.instance.types import LEVELS, Instance
from hubopt.solution.types import ASSIGNMENT_COLUMNS, FACILITY_COLUMNS, FLOW_COLUMNS, Plan

DECISION_COLUMNS = ("period", "site", "design", "modules")
"""What is decided about an open site; closed existing facilities need no row."""

M2_PER_HA = 10_000.0


def annuity(rate: float, years: float) -> float:
    """Yearly payment that recovers an outlay of 1 over ``years`` at ``rate`` (1/year)."""
    if rate == 0:
        return 1.0 / years
    return rate / -math.expm1(-years * math.log1p(rate))


def on_chain(case: Case, flows: pd.DataFrame) -> pd.DataFrame:
    """The flows with the kinds of their ends in ``upper`` and ``lower``, empty off the commodity's own chain."""
    placed = flows.merge(case.steps, on=["commodity", "leg"], how="left")
    return placed.fillna({"upper": "", "lower": ""})


def site_flows(flows: pd.DataFrame) -> pd.DataFrame:
    """Tonnes a day into and out of every site by commodity: period, site, commodity, inflow, outflow.

    ``flows`` are those of :func:`on_chain`; only flows on the chain count. ``inflow`` comes over the leg
    above the site, and stays 0 where the site is the commodity's first level and no gateway is admitted.
    """
    key = ["period", "site", "commodity"]
    entering = flows[flows["lower"].isin(LEVELS)].rename(columns={"destination": "site"})
    leaving = flows[flows["upper"].isin(LEVELS)].rename(columns={"origin": "site"})
    into = entering.groupby(key, sort=False)["t_d"].sum()
    out = leaving.groupby(key, sort=False)["t_d"].sum()
    sums = pd.concat({"inflow": into, "outflow": out}, axis=1).fillna(0.0)
    sums.index = sums.index.set_names(key)
    return sums.reset_index().sort_values(key, ignore_index=True)


def _arrays(table: pd.DataFrame) -> dict[str, np.ndarray]:
    return {str(name): column.to_numpy() for name, column in table.items()}


def _open_rows(case: Case, decisions: pd.DataFrame, throughput: pd.Series) -> pd.DataFrame:
    """The rows of open sites; ``throughput`` is t/d by (period, site)."""
    info = case.instance.info
    rows = decisions.reset_index(drop=True)
    site = _arrays(case.sites.loc[rows["site"]])
    design = _arrays(case.designs.loc[rows["design"]])
    modules = rows["modules"].to_numpy(dtype=float)
    module_gfa = design["module_gfa_m2"]
    stands = site["today_modules"] > 0
    same = stands & (site["today_design"] == rows["design"].to_numpy(dtype=object))
    grows = same & (modules > site["today_modules"])
    pays = stands & ~same & (design["conversion_cny_m2"] < design["capital_cny_m2"])
    converted = np.where(pays, np.minimum(modules, site["today_gfa_m2"] / module_gfa), 0.0)
    built = np.maximum(modules - converted - np.where(same, site["today_modules"], 0.0), 0.0)
    gfa = modules * module_gfa
    land = gfa / design["floor_area_ratio"] / M2_PER_HA
    places = pd.MultiIndex.from_frame(rows[["period", "site"]])
    carried = throughput.reindex(places).fillna(0.0).to_numpy(dtype=float)
    capacity = modules * design["throughput_t_d"]
    recovery = np.array([annuity(info.discount_rate, years) for years in design["life_years"]])
    land_recovery = annuity(info.discount_rate, info.land_life_years)
    outlay = (
        built * module_gfa * design["capital_cny_m2"]
        + converted * module_gfa * design["conversion_cny_m2"]
        + np.where(stands, 0.0, design["fixed_capital_cny"])
    )
    return pd.DataFrame(
        {
            "period": rows["period"],
            "site": rows["site"],
            "level": site["level"],
            "design": rows["design"],
            "action": np.select([~stands, grows, same], ["new", "expand", "keep"], "upgrade"),
            "modules": modules,
            "built_modules": built,
            "converted_modules": converted,
            "gfa_m2": gfa,
            "land_ha": land,
            "throughput_t_d": carried,
            "capacity_t_d": capacity,
            "utilisation": np.divide(carried, capacity, out=np.zeros_like(carried), where=capacity > 0),
            "capital_cny_year": recovery * outlay,
            "land_cny_year": land * M2_PER_HA * site["land_price_cny_m2"] * land_recovery,
            "running_cny_year": gfa * design["running_cny_m2_year"] + design["fixed_running_cny_year"],
            "handling_cny_year": info.operating_days * carried * design["handling_cny_t"],
            "closure_cny_year": 0.0,
        }
    )


def _closed_rows(case: Case, decisions: pd.DataFrame) -> pd.DataFrame:
    """The rows of existing facilities that are not open: design of today, no modules, the cost of closing."""
    info = case.instance.info
    standing = case.sites[case.sites["today_modules"] > 0]
    everywhere = pd.MultiIndex.from_product([case.periods.index, standing.index], names=["period", "site"])
    closed = everywhere.difference(pd.MultiIndex.from_frame(decisions[["period", "site"]]), sort=False)
    rows = closed.to_frame(index=False)
    site = standing.loc[rows["site"]].reset_index(drop=True)
    rows = rows.assign(level=site["level"], design=site["today_design"], action="close")
    rows = rows.assign(**dict.fromkeys(FACILITY_COLUMNS[5:], 0.0))
    return rows.assign(closure_cny_year=annuity(info.discount_rate, info.land_life_years) * site["closure_cny"])


def facility_table(case: Case, decisions: pd.DataFrame, sums: pd.DataFrame) -> pd.DataFrame:
    """The facility table of clean decisions (known ids, one design per site and period) and of :func:`site_flows`."""
    throughput = sums.groupby(["period", "site"])["outflow"].sum()
    parts = [_open_rows(case, decisions, throughput), _closed_rows(case, decisions)]
    parts = [part for part in parts if len(part)] or parts[:1]
    table = pd.concat(parts, ignore_index=True)[list(FACILITY_COLUMNS)]
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
    rows = decisions[list(DECISION_COLUMNS)].reset_index(drop=True)
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
            solver left it within 1e-6); rows with 0 modules are ignored, other columns too.
        flows: the flow table (``FLOW_COLUMNS``, t/d).

    Returns:
        One row per open site and one per closed existing facility, by period, level and site, costs in CNY per year of
        the period (not weighted). A plan that breaks rules is computed as it stands; :func:`hubopt.check.check` finds
        the breaks.

    Raises:
        ValueError: for unknown ids, modules that are not whole, or two decisions for one site and period.
    """
    case = Case.of(instance, policy)
    sums = site_flows(on_chain(case, flows[list(FLOW_COLUMNS)]))
    return facility_table(case, _clean_decisions(case, decisions), sums)


def complete_plan(
    instance: Instance, policy: Policy, decisions: pd.DataFrame, assignments: pd.DataFrame, flows: pd.DataFrame
) -> Plan:
    """The plan of bare decisions: :func:`recompute_facilities` beside the links and flows, columns and rows in order.

    Raises:
        ValueError: as :func:`recompute_facilities`.
    """
    facilities = recompute_facilities(instance, policy, decisions, flows)
    links = assignments[list(ASSIGNMENT_COLUMNS)].sort_values(list(ASSIGNMENT_COLUMNS), ignore_index=True)
    carried = flows[list(FLOW_COLUMNS)].sort_values(list(FLOW_COLUMNS[:-1]), ignore_index=True)
    return Plan(facilities=facilities, assignments=links, flows=carried)
