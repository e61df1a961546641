"""Why a site is in or out: the limits it meets, and what it would need, as plain records for the review map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from hubopt.instance.types import LEVELS, Instance
from hubopt.solution.site_prices import SitePrices
from hubopt.solution.types import Plan
from hubopt.viz.values import number, rows_of, text

Record = dict[str, Any]

TIGHT = 1e-6
"""Slack, relative to a limit, below which it binds."""


def standing_rows(plan: Plan | None) -> pd.DataFrame:
    """Rows of facilities that are open."""
    if plan is None:
        return pd.DataFrame({"period": [], "site": [], "level": [], "land_ha": []})
    return plan.facilities[plan.facilities["modules"] > 0]


def _inside(sites: pd.DataFrame, scope: str, name: str) -> pd.Series[bool]:
    """Sites that a row of the land table counts."""
    if scope == "total":
        return pd.Series(True, index=sites.index)
    return sites[scope] == name


def land_rows(instance: Instance, plan: Plan | None, prices: SitePrices | None) -> list[Record]:
    """Every row of the land table with what its tightest period uses of it; without a plan nothing is used.

    ``price``: CNY/year that one more hectare would save with sites and links as they are, where it was computed.
    """
    rows, sites = standing_rows(plan), instance.sites
    priced = {(item.scope, item.id): item.price for item in (prices.land if prices is not None else ())}
    found = []
    for row in rows_of(instance.land):
        scope, name = text(row["scope"]), text(row["id"])
        own = set(sites.loc[_inside(sites, scope, name), "id"])
        by_period = rows[rows["site"].isin(own)].groupby("period")["land_ha"].sum()
        used, limit = float(by_period.max()) if len(by_period) else 0.0, float(row["limit_ha"])
        found.append(
            {
                "scope": scope,
                "id": name,
                "limit": number(limit, 2),
                "used": number(used, 2),
                "left": number(max(0.0, limit - used), 4),
                "binding": plan is not None and used >= limit - TIGHT * max(1.0, limit),
                "price": None if prices is None else number(priced.get((scope, name), 0.0), 0),
            }
        )
    return found


def rows_by_site(instance: Instance) -> list[list[int]]:
    """For each site, in the order of the table, the rows of the land table that count it."""
    sites = instance.sites
    found: list[list[int]] = [[] for _ in range(len(sites))]
    for index, row in enumerate(rows_of(instance.land)):
        inside = _inside(sites, text(row["scope"]), text(row["id"])).to_numpy(dtype=bool)
        for place in np.flatnonzero(inside):
            found[int(place)].append(index)
    return found


def least_land(instance: Instance) -> list[float | None]:
    """Land (ha) of the smallest facility that a site may have, in the order of the table; None where none fits."""
    designs = instance.structure.designs
    found: list[float | None] = []
    for row in rows_of(instance.sites):
        named = [name for name in text(row.get("designs")).split(";") if name]
        most = number(row.get("max_far"))
        needs = [
            item.min_modules * item.module_gfa_m2 / min(item.floor_area_ratio, most or float("inf")) / 1e4
            for item in designs
            if row["level"] in item.levels and (not named or item.id in named)
        ]
        found.append(number(min(needs), 3) if needs else None)
    return found


def counts(instance: Instance, plan: Plan | None) -> dict[str, list[Record]]:
    """Open sites in the fullest period against the largest counts allowed, by level and by hub type.

    Only rules with a largest count; ``full`` says whether it is reached.
    """
    rows = standing_rows(plan)
    kinds = instance.sites.set_index("id")["hub_type"]
    types = rows["site"].map(kinds)

    def fullest(chosen: pd.Series[bool]) -> int:
        by_period = rows[chosen].groupby("period")["site"].nunique()
        return int(by_period.max()) if len(by_period) else 0

    def record(name: str, most: int, chosen: pd.Series[bool]) -> Record:
        open_sites = fullest(chosen)
        return {"id": name, "most": most, "open": open_sites, "full": open_sites >= most}

    structure = instance.structure
    rules = [(name, structure.levels[name].max_open) for name in LEVELS if name in structure.levels]
    return {
        "levels": [record(name, most, rows["level"] == name) for name, most in rules if most is not None],
        "hubTypes": [
            record(item.id, item.max_open, types == item.id)
            for item in structure.hub_types
            if item.max_open is not None
        ],
    }


def _kilometres(lon: Any, lat: Any, here: tuple[float, float]) -> Any:
    """Straight distances (km) from ``here`` (lon, lat); good to a part in a thousand within a few hundred km."""
    east = (lon - here[0]) * np.cos(np.radians((lat + here[1]) / 2))
    return 111.195 * np.hypot(east, lat - here[1])


def neighbours(instance: Instance, plan: Plan | None) -> Iterator[Record | None]:
    """For each site, in the order of the table, the nearest other open site of its level in the last period.

    None where there is none or the site has no coordinates; ``km`` is the straight distance.
    """
    sites, rows = instance.sites, standing_rows(plan)
    last = instance.structure.periods[-1].id
    opened = set(rows.loc[rows["period"] == last, "site"])
    lon, lat = sites["lon"].to_numpy(dtype=float), sites["lat"].to_numpy(dtype=float)
    is_open = sites["id"].isin(opened).to_numpy(dtype=bool) & np.isfinite(lon) & np.isfinite(lat)
    levels = sites["level"].to_numpy()
    for place in range(len(sites)):
        others = np.flatnonzero(is_open & (levels == levels[place]) & (np.arange(len(sites)) != place))
        if not len(others) or not np.isfinite(lon[place]) or not np.isfinite(lat[place]):
            yield None
            continue
        far = _kilometres(lon[others], lat[others], (lon[place], lat[place]))
        nearest = int(np.argmin(far))
        yield {"site": int(others[nearest]), "km": number(far[nearest], 3)}


def served(instance: Instance, plan: Plan | None) -> Mapping[str, Record]:
    """What an open site passes on in the last period, by site: zones and facilities below it, and t/d to each kind."""
    if plan is None:
        return {}
    flows = plan.flows[(plan.flows["period"] == instance.structure.periods[-1].id) & (plan.flows["t_d"] > 0)]
    flows = flows.assign(kind=np.where(flows["leg"].str.endswith("-zone"), "zones", "sites"))
    found: dict[str, Record] = {}
    for (origin, kind), own in flows.groupby(["origin", "kind"]):
        record = found.setdefault(str(origin), {"zones": 0, "sites": 0, "t_d": 0.0})
        record[str(kind)] = int(own["destination"].nunique())
        record["t_d"] = number(record["t_d"] + float(own["t_d"].sum()), 1)
    return found
