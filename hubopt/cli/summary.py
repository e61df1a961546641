"""A result in a screenful: how the run ended, what is built, which standards are met, what it costs."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hubopt.cli.progress import amount, percent
from hubopt.cli.speech import say, spoken, word
from hubopt.instance import COST_PARTS, LEVELS
from hubopt.solution import Solution


def _plain_table(*columns: str) -> Table:
    """An empty table; columns by the ends of their keys."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(say(f"cli-summary.{column}"), justify="right" if index else "left")
    return table


def _proof(solution: Solution) -> Table:
    proof = solution.proof
    table = Table(box=None, show_header=False, pad_edge=False)
    ended = say(f"cli-summary.{proof.status}")
    if proof.limit != "none":
        ended = say("cli-summary.ended", status=ended, limit=say(f"cli-summary.limit-{proof.limit}"))
    seconds = f"{proof.seconds.get('total', sum(proof.seconds.values())):.1f}"
    policy = solution.policy.name_zh if spoken() == "zh" else solution.policy.name_en
    for key, value in (
        ("instance", solution.instance_id),
        ("policy", policy or solution.policy.name_en),
        ("status", ended),
        ("objective", say("cli-summary.money-year", amount=amount(proof.objective))),
        (
            "bound" if proof.sense == "min" else "upper-bound",
            say("cli-summary.money-year", amount=amount(proof.bound)),
        ),
        ("gap", say("cli-summary.gap-asked", gap=percent(proof.gap), asked=percent(proof.gap_asked))),
        ("time", say("cli-summary.run", seconds=seconds, method=proof.method, seed=proof.seed)),
    ):
        table.add_row(say(f"cli-summary.{key}"), escape(value))
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
    table = _plain_table("level", "open", "new", "kept", "closed", "land", "throughput", "capacity")
    for level in LEVELS:
        rows = facilities[facilities["level"] == level]
        standing = rows[rows["action"] != "close"]
        kept = int(standing["action"].isin(["keep", "expand", "upgrade"]).sum())
        table.add_row(
            word("node", level),
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
    table = _plain_table("period", *names, "investment", "land", "carbon", "served", "cost-year")
    rows = solution.plan.facilities
    gone: set[str] = set()
    for period in periods:
        own = rows[rows["period"] == period]
        done = [str(int((own["action"] == name).sum())) for name in names[:-1]]
        closed = {str(site) for site in own.loc[own["action"] == "close", "site"]}
        carbon = kpi.get(f"kgco2e_year.total.{period}")
        table.add_row(
            escape(period),
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
    table = _plain_table("standard", "reached", "asked", "met")
    if "served_share" in kpi:
        table.add_row(say("cli-summary.demand-served"), percent(kpi["served_share"]), "", "")
    several = [period for period in periods if len(periods) > 1]
    for name, reached in kpi.items():
        kind, _, target = name.partition(".")
        if kind == "target" and target and not any(f"{name}.{period}" in kpi for period in several):
            asked = kpi.get(f"target_required.{target}") or None
            met = "" if asked is None else say(f"cli-summary.met-{'yes' if reached >= asked - 1e-6 else 'no'}")
            table.add_row(escape(target), percent(reached), percent(asked), met)
    return table if table.row_count else None


def _figures(solution: Solution) -> Table | None:
    """Staff, investment, existing floor area in use, empty running and the worst outage, as far as they are known."""
    kpi = solution.kpi
    shares = {"empty": "empty_share", "outage": "resilience.worst_share"}
    if kpi.get("stock.gfa_m2"):
        shares = {"stock": "stock.share", **shares}
    rows = [
        (name, amount(kpi[key]))
        for name, key in (("investment", "investment_cny"), ("staff", "staff.total"))
        if kpi.get(key)
    ]
    rows += [(name, percent(kpi[key])) for name, key in shares.items() if key in kpi and kpi[key] > 0]
    table = _plain_table("figure", "value")
    for name, value in rows:
        table.add_row(say(f"cli-summary.{name}"), value)
    return table if table.row_count else None


def _costs(solution: Solution) -> Table | None:
    cost = solution.cost
    total = sum(cost.values())
    if not cost:
        return None
    table = _plain_table("cost", "cost-year", "share")
    for part in COST_PARTS:
        if part in cost:
            share = percent(cost[part] / total) if total else "-"
            table.add_row(say(f"cost-part.{part}"), amount(cost[part]), share)
    table.add_row(say("cost-part.total"), amount(total), "")
    return table


def print_summary(solution: Solution, console: Console) -> None:
    """Print the summary of ``solution``."""
    for part in (_proof, _levels, _phases, _standards, _figures, _costs):
        table = part(solution)
        if table is not None:
            console.print(table)
            console.print()
