"""Doubts about single figures that stand apart from all others of their kind: kg among tonnes, m2 among hectares.

Figures of one kind are spread, but without a hole of a power of ten between them. A value counts as a slip if it lies
many times beyond the middle of the others and nothing lies between it and them. Demand is compared per resident, so
that a city among villages is no slip.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hubopt.instance.draft import TOML, Draft
from hubopt.instance.errors import Problem
from hubopt.instance.rules.magnitudes import doubted, is_abstract


@dataclass(frozen=True)
class Apart:
    """From when on values stand apart: ``times`` the middle of the others, with a hole of a factor ``hole`` below."""

    times: float
    hole: float

    def above(self, values: pd.Series[float]) -> pd.Series[bool]:
        """Which of some values, 0 and absent ones aside, stand apart above the others; the others are most of them."""
        found = pd.Series(False, index=values.index)
        known = values[np.isfinite(values) & (values > 0)].sort_values(kind="stable")
        steps = known.to_numpy(dtype=float)
        for first in range(max(1, (len(steps) + 1) // 2), len(steps)):
            below = steps[:first]
            if steps[first] >= self.hole * below[-1] and steps[first] >= self.times * float(np.median(below)):
                found[known.index[first:]] = True
                break
        return found

    def below(self, values: pd.Series[float]) -> pd.Series[bool]:
        """Which of some values stand apart below the others."""
        return self.above(1.0 / values.where(values > 0))


PER_RESIDENT, PER_RESIDENT_LOW = Apart(50, 10), Apart(300, 10)
"""Tonnes for each resident, by commodity: kg for t is a factor of 1,000, of which a zone that has less of it takes a
part. Low ones are more common in earnest, and cost less."""

PER_ROW, PER_ROW_LOW = Apart(300, 30), Apart(1000, 100)
"""Tonnes as they stand, where residents are not known."""

LAND, LAND_LOW = Apart(300, 10), Apart(1000, 10)
"""Land of sites of one level: m2 for ha is a factor of 10,000."""

CAPACITY = Apart(300, 50)
"""Capacities of gateways; one without a limit is left empty."""

ALL_DEMAND = 10.0
"""A capacity below this many times the demand of all zones is no slip, however the others are."""

LIMIT_OF_LAND = 1_000.0
"""A limit on land this many times the land of all its sites was not meant in hectares."""

LIMIT_OF_WAY = 50.0
"""A standard this many times the longest way was not meant in km."""

T_D_M2 = (0.0004, 4.0)
"""Throughput in t/d for each m2 of floor; warehouses have 0.005 to 0.3."""


def _told(draft: Draft, wrong: pd.Series[bool], table: str, column: str, message: str, mend: str) -> Iterator[Problem]:
    if wrong.any():
        yield from doubted(draft, table, column, wrong.astype("bool"), message, mend)


def single_demands_are_in_tonnes(draft: Draft) -> Iterator[Problem]:
    """No row of the demand is hundreds of times what its commodity is elsewhere, nor a small part of it."""
    demand, zones = draft.tables["demand"], draft.tables["zones"]
    if is_abstract(draft) or demand.empty:
        return
    people = demand["zone"].map(zones.drop_duplicates("id").set_index("id")["population"])
    known = people > 0
    each = (demand["t_d"] / people).where(known)
    for commodity, rows in demand.groupby("commodity", sort=False):
        for values, high, low, whose in (
            (each[rows.index], PER_RESIDENT, PER_RESIDENT_LOW, " per resident"),
            (rows["t_d"].where(~known), PER_ROW, PER_ROW_LOW, ""),
        ):
            usual = f"what is usual{whose} for commodity {commodity!r}"
            wrong = high.above(values).reindex(demand.index, fill_value=False)
            message = f"is more than {high.times:g} times {usual}: kg/d, not t/d?"
            yield from _told(draft, wrong, "demand", "t_d", message, "give t/d; look at the population of the zone too")
            wrong = low.below(values).reindex(demand.index, fill_value=False)
            message = f"is less than one part in {low.times:g} of {usual}: thousands of tonnes?"
            yield from _told(draft, wrong, "demand", "t_d", message, "give t/d; look at the population of the zone too")


def single_sites_are_in_hectares(draft: Draft) -> Iterator[Problem]:
    """No site has hundreds of times the land of the others of its level, nor a small part of it."""
    sites = draft.tables["sites"]
    if is_abstract(draft):
        return
    for level, rows in sites.groupby("level", sort=False):
        wrong = LAND.above(rows["land_ha"]).reindex(sites.index, fill_value=False)
        message = f"is more than {LAND.times:g} times the land of other sites of level {level!r}: m2, not ha?"
        yield from _told(draft, wrong, "sites", "land_ha", message, "give hectares: 1 ha is 10,000 m2 or 15 mu")
        wrong = LAND_LOW.below(rows["land_ha"]).reindex(sites.index, fill_value=False)
        message = f"is less than one part in {LAND_LOW.times:g} of the land of other sites of level {level!r}"
        yield from _told(draft, wrong, "sites", "land_ha", message, "give hectares: 1 ha is 10,000 m2 or 15 mu")


def limits_of_land_are_in_hectares(draft: Draft) -> Iterator[Problem]:
    """No limit on land is a thousand times the land of all sites that it is for."""
    land, sites = draft.tables["land"], draft.tables["sites"]
    if is_abstract(draft) or land.empty:
        return
    whole = float(sites["land_ha"].sum())
    sums = {scope: sites.groupby(scope)["land_ha"].sum().to_dict() for scope in ("parcel", "district", "city")}
    own = [
        whole if scope == "total" else sums.get(scope, {}).get(name, 0.0)
        for scope, name in zip(land["scope"], land["id"], strict=True)
    ]
    there = pd.Series(own, index=land.index, dtype="float64")
    wrong = (there > 0) & (land["limit_ha"] >= LIMIT_OF_LAND * there)
    message = f"is more than {LIMIT_OF_LAND:,.0f} times the land of all sites that it is for: m2, not ha?"
    yield from _told(draft, wrong, "land", "limit_ha", message, "give hectares: 1 ha is 10,000 m2 or 15 mu")


def single_gateways_are_in_tonnes(draft: Draft) -> Iterator[Problem]:
    """No gateway takes hundreds of times what the others do, and many times what all zones ask for."""
    gateways, demand = draft.tables["gateways"], draft.tables["demand"]
    if is_abstract(draft) or demand.empty:
        return
    most = float(demand.groupby("period")["t_d"].sum().max())
    wrong = CAPACITY.above(gateways["capacity_t_d"]) & (gateways["capacity_t_d"] > ALL_DEMAND * most)
    message = f"is more than {CAPACITY.times:g} times the capacity of other gateways: kg/d or t/year, not t/d?"
    yield from _told(draft, wrong, "gateways", "capacity_t_d", message, "give t/d; leave it empty if it has no limit")


def throughput_suits_the_floor(draft: Draft) -> Iterator[Problem]:
    """A design handles what its floor can: neither kg for t, nor hectares for m2."""
    if is_abstract(draft) or draft.structure is None:
        return
    low, high = T_D_M2
    for design in draft.structure.designs:
        each = design.throughput_t_d / design.module_gfa_m2 if design.module_gfa_m2 > 0 else 0.0
        if each > 0 and not low <= each <= high:
            message = f"comes to {each:,.3g} t/d per m2 of floor (usual: {low:g} to {high:g})"
            mend = "the units are t/d and m2, not kg/d or ha"
            where = f"designs.{design.id}.throughput_t_d"
            yield Problem(TOML, message, mend, column=where, value=design.throughput_t_d, warning=True)


def standards_are_in_km(draft: Draft) -> Iterator[Problem]:
    """No limit or target in km lies far beyond the longest way there is."""
    arcs = draft.tables["arcs"]
    if is_abstract(draft) or draft.structure is None or arcs.empty:
        return
    longest = arcs.groupby("leg")["km"].max()
    given = [
        (f"limits.{item.leg}.max_km", item.max_km, float(longest.get(item.leg, 0.0)))
        for item in draft.structure.service.limits
    ]
    given += [
        (f"targets.{item.id}.limit", item.limit, float(longest.max()))
        for item in draft.structure.service.targets
        if item.measure == "km"
    ]
    for where, value, way in given:
        if value is not None and 0 < LIMIT_OF_WAY * way <= value:
            message = f"is more than {LIMIT_OF_WAY:g} times the longest way: metres, not km?"
            yield Problem(TOML, message, "give km", column=f"service.{where}", value=value, warning=True)


RULES = (
    single_demands_are_in_tonnes,
    single_sites_are_in_hectares,
    limits_of_land_are_in_hectares,
    single_gateways_are_in_tonnes,
    throughput_suits_the_floor,
    standards_are_in_km,
)
