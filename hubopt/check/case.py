"""The effective instance as the checker looks at it: lookup tables in pandas, made once per check."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hubopt.check.tolerance import within
from hubopt.instance.effective import apply
from hubopt.instance.policy import Policy
from hubopt.instance.schema import TABLES
from hubopt.instance.types import LEVELS, Instance, Level, LevelRule, Record, ServiceTarget

GATEWAY = "gateway"
ZONE = "zone"
ARC = ["leg", "origin", "destination", "mode"]


def plain(table: pd.DataFrame) -> pd.DataFrame:
    """The table with text as Python strings: alike in all versions of pandas, and quicker on small tables."""
    text = {name: object for name, dtype in table.dtypes.items() if isinstance(dtype, pd.StringDtype)}
    return table.astype(text) if text else table


def _by_id(records: Iterable[Record], columns: Iterable[str]) -> pd.DataFrame:
    items = list(records)
    ids = pd.Index([getattr(item, "id") for item in items], dtype=object, name="id")  # noqa: B009 (not all records have one)
    return pd.DataFrame({name: [getattr(item, name) for item in items] for name in columns}, index=ids)


def ends(leg: str) -> tuple[str, str]:
    """Kinds of the upper and the lower end of a leg: a level, ``gateway`` or ``zone``; empty where there is none."""
    upper, _, lower = leg.partition("-")
    return upper, lower


@dataclass(frozen=True)
class Case:
    """An effective instance and its policy; the tables are derived from it when first asked for."""

    instance: Instance
    policy: Policy

    @classmethod
    def of(cls, instance: Instance, policy: Policy) -> Case:
        """The case of a raw instance; raises InputError if the policy names what the instance does not have."""
        effective = apply(instance, policy)
        tables = {name: plain(getattr(effective, name)) for name in TABLES if name != "parameters"}
        return cls(effective.with_tables(**tables), policy)

    @cached_property
    def periods(self) -> pd.DataFrame:
        """Years covered and discount weight, by period id in order of time."""
        return _by_id(self.instance.structure.periods, ["years", "weight"])

    @cached_property
    def designs(self) -> pd.DataFrame:
        """Figures of the designs by id, in the units of :class:`hubopt.instance.types.Design`."""
        columns = [
            "module_gfa_m2", "min_modules", "max_modules", "floor_area_ratio", "throughput_t_d", "bonded_t_d",
            "cold_t_d", "capital_cny_m2", "fixed_capital_cny", "conversion_cny_m2", "life_years",
            "running_cny_m2_year", "fixed_running_cny_year", "handling_cny_t", "energy_kwh_t",
        ]  # fmt: skip
        return _by_id(self.instance.structure.designs, columns)

    @cached_property
    def modes(self) -> pd.DataFrame:
        """Cost and emission of the modes by id."""
        return _by_id(self.instance.structure.modes, ["cny_t_km", "cny_t", "kgco2e_t_km"])

    @cached_property
    def commodities(self) -> pd.DataFrame:
        """Requirement and penalty (CNY/t) of the commodities by id."""
        return _by_id(self.instance.structure.commodities, ["requirement", "unmet_cny_t"])

    @cached_property
    def admitted(self) -> frozenset[str]:
        """Commodities with rows in ``admissions``: they come from gateways; the others start at their first level."""
        return frozenset(self.instance.admissions["commodity"])

    @cached_property
    def steps(self) -> pd.DataFrame:
        """Legs of each commodity's way: ``commodity``, ``leg``, ``upper``, ``lower`` (kinds of the ends)."""
        rows = []
        for commodity in self.instance.structure.commodities:
            start = [GATEWAY] if commodity.id in self.admitted else []
            stops = [*start, *commodity.chain, ZONE]
            rows += [(commodity.id, f"{a}-{b}", a, b) for a, b in itertools.pairwise(stops)]
        return plain(pd.DataFrame(rows, columns=["commodity", "leg", "upper", "lower"]))

    @cached_property
    def legs(self) -> tuple[str, ...]:
        """Legs on which some commodity travels, from the gateways to the zones."""
        order = {kind: place for place, kind in enumerate([GATEWAY, *LEVELS, ZONE])}
        return tuple(sorted(set(self.steps["leg"]), key=lambda leg: [order[end] for end in ends(leg)]))

    @cached_property
    def single_legs(self) -> tuple[str, ...]:
        """Travelled legs on which every lower end must have one upper end; none if the policy switches that off."""
        if not self.policy.holds("single_sourcing"):
            return ()
        return tuple(leg for leg in self.legs if leg in self.instance.structure.service.single_sourcing)

    @cached_property
    def sites(self) -> pd.DataFrame:
        """Sites by id, in the order of the instance, with what stands there today.

        ``parcel`` is the site's own id where the instance leaves it empty. ``today_design`` is empty and
        ``today_modules`` and ``today_gfa_m2`` are 0 where nothing stands.
        """
        sites = self.instance.sites.set_index("id")
        text = ["name_en", "level", "hub_type", "city", "district", "parcel", "designs", "forced"]
        sites = sites[[*text, "land_ha", "land_price_cny_m2"]].copy()
        sites[text] = sites[text].fillna("")
        own = pd.Series(sites.index.to_numpy(dtype=object), index=sites.index)
        sites["parcel"] = sites["parcel"].where(sites["parcel"] != "", own)
        today = self.instance.existing.set_index("site").reindex(sites.index)
        stands = today["modules"].notna()
        sites["today_design"] = today["design"].where(stands, "")
        sites["today_modules"] = today["modules"].astype(float).fillna(0.0)
        module_gfa = self.designs["module_gfa_m2"].reindex(sites["today_design"]).to_numpy(dtype=float)
        sites["today_gfa_m2"] = sites["today_modules"] * np.nan_to_num(module_gfa)
        sites["must_stay"] = stands & (today["may_close"].astype(object) == False)  # noqa: E712 (NaN is not False)
        sites["closure_cny"] = today["closure_cny"].astype(float).fillna(0.0)
        return sites

    @cached_property
    def arcs(self) -> pd.DataFrame:
        """All arcs (leg, origin, destination, mode, km, minutes) with ``allowed``: within the hard service limits."""
        arcs = self.instance.arcs[[*ARC, "km", "minutes"]].reset_index(drop=True)
        allowed = np.ones(len(arcs), dtype=bool)
        if self.policy.holds("service_limits"):
            for limit in self.instance.structure.service.limits:
                on_leg = (arcs["leg"] == limit.leg).to_numpy(dtype=bool)
                for column, most in (("km", limit.max_km), ("minutes", limit.max_minutes)):
                    if most is not None:
                        allowed &= ~on_leg | within(arcs[column].to_numpy(dtype=float), most)
        arcs["allowed"] = allowed
        return arcs

    @cached_property
    def demand(self) -> pd.DataFrame:
        """Demand ``t_d`` by period, zone and commodity."""
        return self.instance.demand.groupby(["period", "zone", "commodity"], sort=False)["t_d"].sum().reset_index()

    @cached_property
    def gateways(self) -> pd.DataFrame:
        """Gateways by id."""
        return self.instance.gateways.set_index("id")

    def level_rule(self, level: Level) -> LevelRule:
        """Counts and dwell time of a level; the defaults where the instance has none."""
        return self.instance.structure.levels.get(level, LevelRule())

    def target_commodities(self, target: ServiceTarget) -> list[str]:
        """Commodities whose demand a target weighs: its own list or all whose chain passes its level."""
        if target.commodities is not None:
            return list(target.commodities)
        return [item.id for item in self.instance.structure.commodities if target.level in item.chain]

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        def names(table: pd.DataFrame) -> dict[str, str]:
            return dict(zip(table["id"], table["name_en"], strict=True))

        sites = names(self.instance.sites)
        gateways, zones = names(self.instance.gateways), names(self.instance.zones)
        return {GATEWAY: gateways, ZONE: zones, **dict.fromkeys(LEVELS, sites)}

    @cached_property
    def _ids(self) -> dict[str, frozenset[str]]:
        found = {GATEWAY: frozenset(self.gateways.index), ZONE: frozenset(self.instance.zones["id"])}
        for level in LEVELS:
            found[level] = frozenset(self.sites.index[self.sites["level"] == level])
        return found

    def ids(self, kind: str) -> frozenset[str]:
        """Ids of one kind of end: a level, ``gateway`` or ``zone``; empty for other words."""
        return self._ids.get(kind, frozenset())

    def place(self, kind: str, identifier: str, period: str | None = None) -> str:
        """A place as a message names it, e.g. ``station S1 (Xixiang), period 2035`` (the period only among several)."""
        name = self._names.get(kind, {}).get(identifier, "")
        text = f"{kind} {identifier}" + (f" ({name})" if name and name != identifier else "")
        return text + self.when(period)

    def site(self, identifier: str, period: str | None = None) -> str:
        """A site as a message names it, with its level."""
        return self.place(str(self.sites["level"].get(identifier, "site")), identifier, period)

    def link(self, leg: str, origin: str, destination: str, period: str | None = None) -> str:
        """A pair of ends as a message names it."""
        upper, lower = ends(leg)
        return f"{self.place(upper, origin)} - {self.place(lower, destination)}{self.when(period)}"

    def when(self, period: str | None) -> str:
        """``, period ID`` if the case has several periods."""
        return f", period {period}" if period is not None and len(self.periods) > 1 else ""
