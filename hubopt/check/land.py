"""Rule on the land that facilities use together."""

from __future__ import annotations

from collections.abc import Iterator

from hubopt.check.facts import Facts
from hubopt.check.report import Finding, each, shown
from hubopt.check.tolerance import above


def land_limits(facts: Facts) -> Iterator[Finding]:
    """Per row of ``land``: the facilities of a parcel, district, city or of all places keep the limit in ha."""
    used = facts.facilities[["period", "site", "land_ha"]].join(
        facts.case.sites[["parcel", "district", "city"]], on="site"
    )
    used = used.assign(total="total")
    sums = {
        scope: used.groupby(["period", scope])["land_ha"].sum() for scope in facts.case.instance.land["scope"].unique()
    }
    for limit in each(facts.case.instance.land):
        for period in facts.case.periods.index:
            land = float(sums[limit.scope].get((period, limit.id), 0.0))
            if above(land, limit.limit_ha):
                name = "all places" if limit.scope == "total" else f"{limit.scope} {limit.id}"
                message = f"facilities use {shown(land)} ha, but the limit is {shown(limit.limit_ha)} ha"
                yield Finding("land_limits", message, name + facts.case.when(period), land, float(limit.limit_ha))
