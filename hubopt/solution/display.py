"""A solution in one line and as a small table, for the terminal and for notebooks."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from hubopt.instance.types import LEVELS

if TYPE_CHECKING:
    from hubopt.solution.types import Solution


def _money(value: float | None) -> str:
    return "-" if value is None else f"{value / 1e6:,.2f} M CNY/year"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.2%}"


def sites_open(solution: Solution) -> dict[str, int]:
    """Sites by level that stand in the last period of the plan; none without a plan."""
    if solution.plan is None or solution.plan.facilities.empty:
        return {}
    rows = solution.plan.facilities
    standing = rows[(rows["period"] == rows["period"].iloc[-1]) & (rows["modules"] > 0)]
    return {level: int((standing["level"] == level).sum()) for level in LEVELS}


def in_a_line(solution: Solution) -> str:
    """Instance, policy, how the run ended, and what it came to."""
    proof = solution.proof
    parts = [solution.policy.name_en, str(proof.status)]
    if proof.limit != "none":
        parts.append(f"limit {proof.limit}")
    if proof.objective is not None:
        parts += [_money(proof.objective), f"gap {_percent(proof.gap)}"]
    parts += [f"{count} {level}s" for level, count in sites_open(solution).items() if count]
    return f"Solution({solution.instance_id!r}: {', '.join(parts)})"


def as_table(solution: Solution) -> str:
    """The same as an HTML table, with cost parts; every text escaped."""
    proof = solution.proof
    ended = proof.status if proof.limit == "none" else f"{proof.status} (limit: {proof.limit})"
    rows = [
        ("instance", solution.instance_id),
        ("policy", solution.policy.name_en),
        ("status", ended),
        ("objective", _money(proof.objective)),
        ("bound", _money(proof.bound)),
        ("gap", f"{_percent(proof.gap)} (asked: {_percent(proof.gap_asked)})"),
        ("method", f"{proof.method}, {proof.seconds.get('total', 0.0):,.1f} s"),
        *((f"{level}s open", str(count)) for level, count in sites_open(solution).items()),
        *((f"cost, {part}", _money(value)) for part, value in solution.cost.items() if value),
    ]
    body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{body}</table>"
