"""Rules on how much of a level's work lies in one place or with one operator, and how much of its room is used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from hubopt.check.facts import Facts, remembered
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import above, below
from hubopt.instance.types import LEVELS


@remembered
def _handled(facts: Facts) -> pd.DataFrame:
    """Throughput of the open facilities (t/d) with their operator and that of their level in the period."""
    table = facts.facilities[facts.facilities["modules"] > 0].join(facts.case.sites["operator"], on="site")
    return table.assign(level_t_d=table.groupby(["period", "level"])["throughput_t_d"].transform("sum"))


def _by_operator(facts: Facts) -> pd.DataFrame:
    rows = _handled(facts)
    rows = rows[rows["operator"] != ""]
    sums = rows.groupby(["period", "level", "operator"], as_index=False)
    return sums.agg(throughput_t_d=("throughput_t_d", "sum"), level_t_d=("level_t_d", "first"))


def _largest(rows: pd.DataFrame, level: str) -> float:
    rows = rows[(rows["level"] == level) & (rows["level_t_d"] > 0)]
    return float((rows["throughput_t_d"] / rows["level_t_d"]).max()) if len(rows) else 0.0


def largest_shares(facts: Facts, period: str) -> dict[str, float]:
    """Largest share of one site and of one operator in each level's throughput; 0 where nothing is handled."""
    sites, operators = _handled(facts), _by_operator(facts)
    found = {}
    for level in LEVELS:
        found[f"largest_site_share.{level}"] = _largest(sites[sites["period"] == period], level)
        found[f"largest_operator_share.{level}"] = _largest(operators[operators["period"] == period], level)
    return found


def _message(row: Any, who: str, most: float) -> str:
    handled, level_t_d, level = row.throughput_t_d, row.level_t_d, row.level
    return (
        f"{who} {shown(handled)} of the {shown(level_t_d)} t/d of level {level}, but {shown(100 * most)} % are the most"
    )


def site_share(facts: Facts) -> Iterator[Finding]:
    """No site handles more than the largest share of its level's throughput."""
    rows = _handled(facts)
    for level in LEVELS:
        most = facts.case.level_rule(level).max_site_share
        for row in each(rows[(rows["level"] == level) & above(rows["throughput_t_d"], most * rows["level_t_d"])]):
            where = facts.case.site(row.site, row.period)
            yield Finding("site_share", _message(row, "handles", most), where, row.throughput_t_d, most * row.level_t_d)


def operator_share(facts: Facts) -> Iterator[Finding]:
    """The sites of one operator together handle no more than its largest share of their level's throughput."""
    rows = _by_operator(facts)
    for level in LEVELS:
        most = facts.case.level_rule(level).max_operator_share
        for row in each(rows[(rows["level"] == level) & above(rows["throughput_t_d"], most * rows["level_t_d"])]):
            where = f"operator {row.operator}" + facts.case.when(row.period)
            message = _message(row, "handles", most)
            yield Finding("operator_share", message, where, row.throughput_t_d, most * row.level_t_d)


def utilisation(facts: Facts) -> Iterator[Finding]:
    """An open facility handles at least the asked share of what its modules are made for and is available of them."""
    rows = _handled(facts)
    made_for = rows["modules"] * rows["design"].map(facts.case.designs["throughput_t_d"]).astype(float)
    made_for *= rows["site"].map(facts.case.sites["availability"]).astype(float)
    least = rows["level"].map({level: facts.case.level_rule(level).min_utilisation for level in LEVELS}).astype(float)
    rows = rows.assign(least=least, floor=least * made_for)
    for row in each(rows[below(rows["throughput_t_d"], rows["floor"])]):
        message = (
            f"handles {shown(row.throughput_t_d)} t/d, but {shown(100 * row.least)} % of what its {row.modules} "
            f"modules take is {shown(row.floor)} t/d"
        )
        where = facts.case.site(row.site, row.period)
        yield Finding("utilisation", message, where, row.throughput_t_d, row.floor)
