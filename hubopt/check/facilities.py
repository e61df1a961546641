"""Rules on facilities: designs, sizes, actions and the figures recorded about them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pandas as pd

from hubopt.check.facts import Facts, remembered
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import MONEY, WHOLE, above, differs

SIZE_COLUMNS = ("gfa_m2", "land_ha", "throughput_t_d", "capacity_t_d", "utilisation", "staff", "kgco2e_year")
COST_COLUMNS = (
    "investment_cny",
    *(f"{part}_cny_year" for part in ("capital", "land", "running", "handling", "closure")),
)
MODULE_COLUMNS = ("built_modules", "converted_modules")


def one_design(facts: Facts) -> Iterator[Finding]:
    """A site has at most one design at a time."""
    rows = facts.tables["facilities"][["period", "site", "design"]].drop_duplicates()
    several = rows[rows.duplicated(["period", "site"], keep=False)]
    designs = several.groupby(["period", "site"])["design"].agg(sorted).reset_index()
    for row in each(designs):
        message = f"has several designs at once: {', '.join(row.design)}"
        yield Finding("one_design", message, facts.case.site(row.site, row.period), float(len(row.design)), 1.0)


def allowed_design(facts: Facts) -> Iterator[Finding]:
    """A site runs one of its own designs (all of its level if it lists none) or the design that stands there today."""
    of_level = {
        level: {design.id for design in facts.case.instance.structure.designs if level in design.levels}
        for level in facts.open_sites["level"].unique()
    }
    for row in each(facts.open_sites):
        listed = {part.strip() for part in row.designs.split(";")} - {""}
        allowed = listed or of_level[row.level]
        if row.design not in allowed and row.design != row.today_design:
            choice = ", ".join(sorted((allowed | {row.today_design}) - {""}))
            message = f"runs design {row.design}, but may only have {choice}"
            yield Finding("allowed_design", message, facts.case.site(row.site, row.period))


def module_bounds(facts: Facts) -> Iterator[Finding]:
    """Sizes keep the design's bounds; a kept design never shrinks below today's size, which is always allowed."""
    rows = facts.open_sites.join(facts.case.designs, on="design")
    kept = rows["design"] == rows["today_design"]
    least = rows["today_modules"].where(kept, rows["min_modules"])
    most = rows["max_modules"].where(~kept | (rows["today_modules"] < rows["max_modules"]), rows["today_modules"])
    rows = rows.assign(least=least, most=most, kept=kept)
    off = (rows["modules"] < least - WHOLE) | (rows["modules"] > most + WHOLE)
    for row in each(rows[off]):
        where = facts.case.site(row.site, row.period)
        if row.modules < row.least - WHOLE:
            why = "stand there today and are kept" if row.kept else f"are the least of design {row.design}"
            message = f"has {shown(row.modules)} modules, but {shown(row.least)} {why}"
            yield Finding("module_bounds", message, where, row.modules, float(row.least))
        if row.modules > row.most + WHOLE:
            message = f"has {shown(row.modules)} modules, but {shown(row.most)} are the most of design {row.design}"
            yield Finding("module_bounds", message, where, row.modules, float(row.most))


def site_land(facts: Facts) -> Iterator[Finding]:
    """A facility fits on its site's land; one that stands today in its present design and size always does."""
    sites = facts.case.sites[["land_ha", "today_design", "today_modules"]].rename(columns={"land_ha": "site_ha"})
    rows = facts.facilities[facts.facilities["modules"] > 0].join(sites, on="site")
    standing = (rows["design"] == rows["today_design"]) & (rows["modules"] <= rows["today_modules"] + WHOLE)
    for row in each(rows[above(rows["land_ha"], rows["site_ha"]) & ~standing]):
        message = f"uses {shown(row.land_ha)} ha of land, but the site has {shown(row.site_ha)} ha"
        where = facts.case.site(row.site, row.period)
        yield Finding("site_land", message, where, row.land_ha, row.site_ha)


def site_level(facts: Facts) -> Iterator[Finding]:
    """The recorded level is the site's own."""
    rows = facts.recorded.join(facts.case.sites["level"].rename("own_level"), on="site")
    for row in each(rows[rows["level"] != rows["own_level"]]):
        message = f"is recorded as level '{row.level}', but the site is a {row.own_level}"
        yield Finding("site_level", message, facts.case.site(row.site, row.period))


@remembered
def _beside(facts: Facts) -> pd.DataFrame:
    """Recorded rows (columns ending in ``_recorded``) beside the recomputed ones; ``side`` says where a row is."""
    key = ["period", "site"]
    right = facts.recorded.rename(columns={name: f"{name}_recorded" for name in facts.recorded if name not in key})
    return facts.facilities.merge(right, on=key, how="outer", indicator="side").sort_values(key)


def actions(facts: Facts) -> Iterator[Finding]:
    """Every site is listed with the action that its size and design, now and in the period before, make it."""
    rows = _beside(facts)
    for row in each(rows[(rows["side"] != "both") | (rows["action"] != rows["action_recorded"])]):
        where = facts.case.site(row.site, row.period)
        if row.side == "left_only":
            yield Finding("actions", "stood before and is not open, so it needs a row with action 'close'", where)
        elif row.side == "right_only":
            yield Finding("actions", "has no modules, and nothing stood there before that could be closed", where)
        else:
            yield Finding("actions", f"action is recorded as '{row.action_recorded}', but is '{row.action}'", where)


def _recorded(rule: str, columns: tuple[str, ...], facts: Facts) -> Iterator[Finding]:
    rows = _beside(facts)
    rows = rows[rows["side"] == "both"]
    for name in columns:
        if name not in facts.plan.facilities.columns:
            continue
        least = MONEY if name in COST_COLUMNS else 1.0
        wrong = rows[differs(rows[f"{name}_recorded"], rows[name], least)]
        for period, site, recorded, true in zip(
            wrong["period"], wrong["site"], wrong[f"{name}_recorded"], wrong[name], strict=True
        ):
            message = f"'{name}' is recorded as {shown(recorded)}, but follows as {shown(true)}"
            yield Finding(rule, message, facts.case.site(site, period), float(recorded), float(true))


recorded_modules = partial(_recorded, "recorded_modules", MODULE_COLUMNS)
"""Built modules follow from size, design, conversion and the period before; only upgrades convert."""

recorded_sizes = partial(_recorded, "recorded_sizes", SIZE_COLUMNS)
"""Floor area, land, throughput, capacity, utilisation, staff and emission follow from decisions and flows."""

recorded_costs = partial(_recorded, "recorded_costs", COST_COLUMNS)
"""Investment and yearly costs of each facility follow from decisions, flows and the instance's prices."""
