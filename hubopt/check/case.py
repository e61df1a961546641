"""The effective instance as the checker looks at it: lookup tables in pandas, made once per check."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hubopt.check.tolerance import within
from hubopt.instance.effective import apply
from hubopt.instance.policy import Policy
from hubopt.instance.schema import TABLES
from hubopt.instance.types import LEVELS, Commodity, Instance, Level, LevelRule, Record, ServiceTarget

GATEWAY = "gateway"
ZONE = "zone"
ARC = ["leg", "origin", "destination", "mode"]
ARC_FIGURES = ["km", "minutes", "toll_cny_t", "border_cny_t", "load"]


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
        """Periods by id in order of time: years, weight, factor on gateways, budget (CNY) and cap (t/year; or NaN)."""
        columns = ["years", "weight", "gateway_factor", "capital_budget_cny", "carbon_cap_t_year"]
        return _by_id(self.instance.structure.periods, columns).astype(float)

    @cached_property
    def designs(self) -> pd.DataFrame:
        """Figures of the designs by id, in the units of :class:`hubopt.instance.types.Design`."""
        columns = [
            "module_gfa_m2", "min_modules", "max_modules", "floor_area_ratio", "throughput_t_d", "bonded_t_d",
            "cold_t_d", "capital_cny_m2", "fixed_capital_cny", "conversion_cny_m2", "life_years",
            "running_cny_m2_year", "fixed_running_cny_year", "handling_cny_t", "energy_kwh_t", "energy_kwh_m2_year",
            "conversion_months", "staff",
        ]  # fmt: skip
        return _by_id(self.instance.structure.designs, columns).astype(float)

    @cached_property
    def overflow(self) -> pd.Series:
        """Price of a tonne beyond the capacity of a design's modules (CNY/t) by id; NaN: there is no such way."""
        prices = {item.id: item.overflow_cny_t for item in self.instance.structure.designs}
        return pd.Series(prices, dtype=float)

    def offered(self, requirement: str) -> pd.Series:
        """Tonnes a day that one module of each design (by id) takes of a class of handling; 0 where it takes none."""
        columns = {"ambient": "throughput_t_d", "bonded": "bonded_t_d", "cold": "cold_t_d"}
        if requirement in columns:
            return self.designs[columns[requirement]]
        named = {item.id: float(item.requirement_t_d.get(requirement, 0)) for item in self.instance.structure.designs}
        return pd.Series(named, dtype=float)

    @cached_property
    def conversions(self) -> frozenset[tuple[str, str]]:
        """(from, to) designs whose floor area may be converted, at less than the cost of building."""
        designs = self.instance.structure.designs
        return frozenset(
            (old.id, new.id)
            for old, new in itertools.permutations(designs, 2)
            if new.conversion_cny_m2 < new.capital_cny_m2 and (new.converts_from is None or old.id in new.converts_from)
        )

    @cached_property
    def modes(self) -> pd.DataFrame:
        """Cost, emission, share of empty running and capacity (t/d, or NaN) of the modes by id."""
        columns = ["cny_t_km", "cny_t", "kgco2e_t_km", "empty_running", "capacity_t_d"]
        return _by_id(self.instance.structure.modes, columns).astype(float)

    @cached_property
    def commodities(self) -> pd.DataFrame:
        """Direction, requirement, penalty (CNY/t) of the commodities by id, and whether all demand must be met."""
        columns = ["direction", "requirement", "unmet_cny_t", "must_be_met"]
        return _by_id(self.instance.structure.commodities, columns)

    @cached_property
    def needs(self) -> pd.DataFrame:
        """Handling that a facility must offer: ``commodity``, ``level``, ``requirement``, for the levels of a chain."""
        goods = self.instance.structure.commodities
        rows = [(item.id, level, item.requirement_at(level)) for item in goods for level in item.chain]
        return plain(pd.DataFrame(rows, columns=["commodity", "level", "requirement"]))

    @cached_property
    def exchanged(self) -> Mapping[str, Commodity]:
        """In-city goods as they are delivered, by id; none if the policy switches the exchange off."""
        if not self.policy.holds("exchange"):
            return {}
        return {item.id: item for item in self.instance.structure.commodities if item.exchange_with is not None}

    @cached_property
    def groups(self) -> pd.Series:
        """Group of origin of each zone: its own, or its district."""
        zones = self.instance.zones.set_index("id")
        return zones["group"].where(zones["group"] != "", zones["district"]).rename("group")

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
    def moving_legs(self) -> tuple[str, ...]:
        """:attr:`legs` and those over which in-city goods are exchanged."""
        return (*self.legs, *sorted({item.exchange_leg for item in self.exchanged.values()}))

    @cached_property
    def single_legs(self) -> tuple[str, ...]:
        """Travelled legs on which every lower end must have one upper end; none if the policy switches that off."""
        if not self.policy.holds("single_sourcing"):
            return ()
        return tuple(leg for leg in self.legs if leg in self.instance.structure.service.single_sourcing)

    @cached_property
    def barred(self) -> frozenset[tuple[str, str]]:
        """(mode, commodity) pairs that do not go together."""
        goods = [item.id for item in self.instance.structure.commodities]
        return frozenset(
            (mode.id, name)
            for mode in self.instance.structure.modes
            if mode.commodities is not None
            for name in goods
            if name not in mode.commodities
        )

    @cached_property
    def sites(self) -> pd.DataFrame:
        """Sites by id, in the order of the instance, with what stands there today.

        ``parcel`` is the site's own id where the instance leaves it empty. ``today_design`` is empty and
        ``today_modules`` and ``today_gfa_m2`` are 0 where nothing stands.
        """
        sites = self.instance.sites.set_index("id")
        text = ["name_en", "level", "hub_type", "city", "district", "parcel", "operator", "designs", "forced"]
        sites = sites[[*text, "land_ha", "land_price_cny_m2", "max_far", "availability"]].copy()
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
        """All arcs: leg, origin, destination, mode, km, minutes, toll and border (CNY/t), load on the origin (t/t).

        ``allowed`` says whether the arc keeps the hard service limits.
        """
        arcs = self.instance.arcs[[*ARC, *ARC_FIGURES]].reset_index(drop=True)
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
        """Gateways by id; ``capacity_t_d`` without the factor of the period."""
        return self.instance.gateways.set_index("id")

    def gateway_rooms(self, period: str) -> pd.Series:
        """Capacity of the gateways in a period (t/d) by id; NaN: unlimited."""
        return self.gateways["capacity_t_d"].astype(float) * float(self.periods["gateway_factor"][period])

    def level_rule(self, level: Level) -> LevelRule:
        """Counts and dwell time of a level; the defaults where the instance has none."""
        return self.instance.structure.levels.get(level, LevelRule())

    def target_commodities(self, target: ServiceTarget) -> list[str]:
        """Commodities whose demand a target weighs: its own list, or all whose chain passes its level.

        By itself a chain target weighs what begins at its level.
        A chain target does not weigh the collection of in-city goods whose delivery it weighs: they are the same goods.
        """
        goods = self.instance.structure.commodities
        if target.commodities is not None:
            listed = [item for item in goods if item.id in target.commodities]
        else:
            levels = {item.id: item.chain[:1] if target.kind == "chain" else item.chain for item in goods}
            listed = [item for item in goods if target.level in levels[item.id]]
        partners = {item.exchange_with for item in listed} if target.kind == "chain" else set()
        return [item.id for item in listed if item.id not in partners]

    def target_share(self, target: ServiceTarget, period: str) -> float:
        """Share that a target asks for in a period."""
        shares = {item.id: item.target_shares for item in self.instance.structure.periods}
        return shares[period].get(target.id, target.share)

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
