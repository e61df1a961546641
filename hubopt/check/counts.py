"""Rules on which and how many sites are open."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hubopt.check.facts import Facts
from hubopt.check.report import Finding, each
from hubopt.instance.types import LEVELS


def _bounds(facts: Facts, rule: str, name: str, sites: pd.Series, least: int, most: int | None) -> Iterator[Finding]:
    """Counts of open sites among ``sites`` (by id, true or false) against bounds, period by period."""
    inside = facts.open_sites[facts.open_sites["site"].map(sites).astype(bool)]
    for period in facts.case.periods.index:
        count = int((inside["period"] == period).sum())
        where = name + facts.case.when(period)
        if count < least:
            yield Finding(rule, f"{count} are open, but at least {least} must be", where, float(count), float(least))
        if most is not None and count > most:
            yield Finding(rule, f"{count} are open, but at most {most} may be", where, float(count), float(most))


def level_counts(facts: Facts) -> Iterator[Finding]:
    """The number of open sites of each level keeps its bounds."""
    for level in LEVELS:
        rule = facts.case.level_rule(level)
        sites = facts.case.sites["level"] == level
        yield from _bounds(facts, "level_counts", f"level {level}", sites, rule.min_open, rule.max_open)


def hub_type_counts(facts: Facts) -> Iterator[Finding]:
    """The number of open hubs of each type keeps its bounds."""
    for item in facts.case.instance.structure.hub_types:
        sites = (facts.case.sites["hub_type"] == item.id) & (facts.case.sites["level"] == "hub")
        yield from _bounds(facts, "hub_type_counts", f"hub type {item.id}", sites, item.min_open, item.max_open)


def presence(facts: Facts) -> Iterator[Finding]:
    """The number of open sites in a city or district, of a level or hub type if one is named, keeps its bounds."""
    table = facts.case.sites
    for item in facts.case.instance.structure.presence:
        sites = table[item.scope] == item.place
        if item.level is not None:
            sites &= table["level"] == item.level
        if item.hub_type is not None:
            sites &= table["hub_type"] == item.hub_type
        name = f"presence {item.id} ({item.scope} {item.place})"
        yield from _bounds(facts, "presence", name, sites, item.min_open, item.max_open)


def _in_every_period(facts: Facts, sites: pd.Index) -> pd.DataFrame:
    """Each of the sites in each period, with ``open``."""
    rows = pd.MultiIndex.from_product([facts.case.periods.index, sites], names=["period", "site"]).to_frame(index=False)
    return rows.assign(open=facts.is_open(rows["period"], rows["site"]))


def forced_sites(facts: Facts) -> Iterator[Finding]:
    """Sites that are forced open are open, and sites that are forced closed are not."""
    forced = facts.case.sites["forced"]
    for word, wanted in (("open", True), ("closed", False)):
        rows = _in_every_period(facts, forced.index[forced == word])
        for row in each(rows[rows["open"] != wanted]):
            found = "open" if row.open else "not open"
            yield Finding("forced_sites", f"is forced {word}, but is {found}", facts.case.site(row.site, row.period))


def existing_must_stay(facts: Facts) -> Iterator[Finding]:
    """Facilities of today that may not close are open in some design."""
    must = facts.case.sites["must_stay"]
    rows = _in_every_period(facts, must.index[must])
    for row in each(rows[~rows["open"]]):
        message = "stands today and may not close, but is not open"
        yield Finding("existing_must_stay", message, facts.case.site(row.site, row.period))
