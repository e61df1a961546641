"""A result in a screenful: how the run ended, what is built, which standards are met, what it costs."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from hubopt.cli.progress import amount, percent
from hubopt.instance import COST_PARTS, LEVELS
from hubopt.solution import Solution

_STATUS = {
    "optimal": "optimal within the asked gap",
    "feasible": "feasible, not proven optimal",
    "infeasible": "infeasible",
    "no-solution": "no solution found",
    "error": "error",
}
_LIMIT = {
    "none": "",
    "time": "time limit",
    "interrupt": "interrupted",
    "memory": "out of memory",
    "nodes": "node limit",
}


def _plain_table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left")
    return table


def _proof(solution: Solution) -> Table:
    proof = solution.proof
    table = Table(box=None, show_header=False, pad_edge=False)
    ended = _STATUS[proof.status] + (f" ({_LIMIT[proof.limit]})" if proof.limit != "none" else "")
    seconds = proof.seconds.get("total", sum(proof.seconds.values()))
    for name, value in (
        ("Instance", solution.instance_id),
        ("Policy", solution.policy.name_en),
        ("Status", ended),
        ("Objective", f"{amount(proof.objective)} CNY/year"),
        ("Lower bound", f"{amount(proof.bound)} CNY/year"),
        ("Gap", f"{percent(proof.gap)} (asked {percent(proof.gap_asked)})"),
        ("Time", f"{seconds:.1f} s, {proof.method}, seed {proof.seed}"),
    ):
        table.add_row(name, value)
    return table


def _periods(solution: Solution) -> list[str]:
    """The periods of the plan, in their order."""
    return [] if solution.plan is None else [str(period) for period in solution.plan.facilities["period"].unique()]


def _levels(solution: Solution) -> Table | None:
    """What stands of each level, in the last period if there are several."""
    if solution.plan is None:
        return None
    facilities = solution.plan.facilities
    facilities = facilities[facilities["period"].isin(_periods(solution)[-1:])]
    table = _plain_table("Level", "open", "new", "kept", "closed", "land ha", "throughput t/d", "capacity t/d")
    for level in LEVELS:
        rows = facilities[facilities["level"] == level]
        standing = rows[rows["action"] != "close"]
        kept = int(standing["action"].isin(["keep", "expand", "upgrade"]).sum())
        table.add_row(
            level,
            str(standing["site"].nunique()),
            str(int((standing["action"] == "new").sum())),
            str(kept),
            str(int((rows["action"] == "close").sum())),
            f"{standing['land_ha'].sum():,.2f}",
            f"{standing['throughput_t_d'].sum():,.0f}",
            f"{standing['capacity_t_d'].sum():,.0f}",
        )
    return table


def _phases(solution: Solution) -> Table | None:
    """What is done in each period and what it costs; nothing for a single one."""
    periods, kpi = _periods(solution), solution.kpi
    if solution.plan is None or len(periods) < 2:
        return None
    names = ("new", "expand", "upgrade", "close")
    table = _plain_table("Period", *names, "investment CNY", "land ha", "t CO2e/year", "served", "CNY/year")
    rows = solution.plan.facilities
    gone: set[str] = set()
    for period in periods:
        own = rows[rows["period"] == period]
        done = [str(int((own["action"] == name).sum())) for name in names[:-1]]
        closed = {str(site) for site in own.loc[own["action"] == "close", "site"]}
        carbon = kpi.get(f"kgco2e_year.total.{period}")
        table.add_row(
            period,
            *done,
            str(len(closed - gone)),
            amount(kpi.get(f"investment_cny.{period}")),
            f"{kpi.get(f'land_ha.total.{period}', 0.0):,.2f}",
            amount(None if carbon is None else carbon / 1000),
            percent(kpi.get(f"served_share.{period}")),
            amount(kpi.get(f"cost_cny_year.{period}")),
        )
        gone = closed
    return table


def _standards(solution: Solution) -> Table | None:
    """Standards reached and asked for; with several periods each of them, not only the tightest."""
    kpi, periods = solution.kpi, _periods(solution)
    table = _plain_table("Standard", "reached", "asked", "met")
    if "served_share" in kpi:
        table.add_row("demand served", percent(kpi["served_share"]), "", "")
    several = [period for period in periods if len(periods) > 1]
    for name, reached in kpi.items():
        kind, _, target = name.partition(".")
        if kind == "target" and target and not any(f"{name}.{period}" in kpi for period in several):
            asked = kpi.get(f"target_required.{target}")
            met = "" if asked is None else "yes" if reached >= asked - 1e-6 else "no"
            table.add_row(target, percent(reached), percent(asked), met)
    return table if table.row_count else None


def _figures(solution: Solution) -> Table | None:
    """Staff, investment, existing floor area in use, empty running and the worst outage, as far as they are known."""
    kpi = solution.kpi
    shares = {"empty tonne-km": "empty_share", "served in the worst outage": "resilience.worst_share"}
    if kpi.get("stock.gfa_m2"):
        shares = {"existing floor area in use": "stock.share", **shares}
    rows = [
        (name, amount(kpi[key]))
        for name, key in (("investment CNY", "investment_cny"), ("staff", "staff.total"))
        if kpi.get(key)
    ]
    rows += [(name, percent(kpi[key])) for name, key in shares.items() if key in kpi and kpi[key] > 0]
    table = _plain_table("Figure", "value")
    for row in rows:
        table.add_row(*row)
    return table if table.row_count else None


def _costs(solution: Solution) -> Table | None:
    cost = solution.cost
    total = sum(cost.values())
    if not cost:
        return None
    table = _plain_table("Cost", "CNY/year", "share")
    for part in COST_PARTS:
        if part in cost:
            table.add_row(part, amount(cost[part]), percent(cost[part] / total) if total else "-")
    table.add_row("total", amount(total), "")
    return table


def print_summary(solution: Solution, console: Console) -> None:
    """Print the summary of ``solution``."""
    for part in (_proof, _levels, _phases, _standards, _figures, _costs):
        table = part(solution)
        if table is not None:
            console.print(table)
            console.print()
