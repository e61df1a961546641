"""Rules on single sourcing: one upper end for everything that a lower end gets on a leg."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from hubopt.check.case import ends
from hubopt.check.facts import Facts
from hubopt.check.report import Finding, each
from hubopt.instance.types import LEVELS
from hubopt.solution.types import ASSIGNMENT_COLUMNS


def _on_single_legs(facts: Facts, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["leg"].isin(facts.case.single_legs)]


def single_source_legs(facts: Facts) -> Iterator[Finding]:
    """Only single-sourced legs have links."""
    single = facts.case.instance.structure.service.single_sourcing
    for row in each(facts.links[~facts.links["leg"].isin(single)]):
        where = facts.case.link(row.leg, row.origin, row.destination, row.period)
        yield Finding("single_source_legs", f"is assigned, but leg {row.leg} is not single-sourced", where)


def one_upper_end(facts: Facts) -> Iterator[Finding]:
    """On a single-sourced leg no lower end has two upper ends, neither by assignment nor by flow."""
    both = pd.concat([_on_single_legs(facts, facts.links), _on_single_legs(facts, facts.pairs)]).drop_duplicates()
    several = both[both.duplicated(["period", "leg", "destination"], keep=False)]
    origins = several.groupby(["period", "leg", "destination"])["origin"].agg(sorted).reset_index()
    for row in each(origins):
        upper, lower = ends(row.leg)
        found = ", ".join(row.origin)
        message = f"has {len(row.origin)} {upper} ends on leg {row.leg}, but only one is allowed: {found}"
        where = facts.case.place(lower, row.destination, row.period)
        yield Finding("one_upper_end", message, where, float(len(row.origin)), 1.0)


def every_facility_fed(facts: Facts) -> Iterator[Finding]:
    """An open facility at the lower end of a single-sourced leg has its upper end, even if nothing flows."""
    for leg in facts.case.single_legs:
        level = ends(leg)[1]
        if level not in LEVELS:
            continue
        rows = facts.open_sites[facts.open_sites["level"] == level]
        linked = facts.links.loc[facts.links["leg"] == leg, ["period", "destination"]]
        fed = pd.MultiIndex.from_frame(rows[["period", "site"]]).isin(pd.MultiIndex.from_frame(linked))
        for row in each(rows[~fed]):
            message = f"is open, but no link of leg {leg} feeds it"
            yield Finding("every_facility_fed", message, facts.case.site(row.site, row.period), 0.0, 1.0)


def listed_links(facts: Facts) -> Iterator[Finding]:
    """What flows on a single-sourced leg flows along a listed link."""
    listed = pd.MultiIndex.from_frame(facts.links)
    rows = _on_single_legs(facts, facts.pairs)
    for row in each(rows[~pd.MultiIndex.from_frame(rows[list(ASSIGNMENT_COLUMNS)]).isin(listed)]):
        where = facts.case.link(row.leg, row.origin, row.destination, row.period)
        yield Finding("listed_links", f"carries goods, but is not among the assignments of leg {row.leg}", where)
