"""A small case as the brute force looks at it: plain lookups, what the periods ask, and what networks must keep."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from hubopt.instance import Instance, Policy
from hubopt.instance.types import Commodity, LevelRule

Size = tuple[str, int]
"""(design, modules)."""
Choice = Mapping[str, Size]
"""Open sites with what stands on them."""
Sources = frozenset[tuple[str, str, str]]
"""(leg, upper end, lower end) of the single-sourced legs."""


@dataclass
class SmallCase:
    """An effective instance and its policy, by id."""

    instance: Instance
    policy: Policy

    def __post_init__(self) -> None:
        assert not self.policy.off, "the brute force knows no switches"

    @cached_property
    def periods(self) -> list[Any]:
        return list(self.instance.structure.periods)

    @cached_property
    def sites(self) -> dict[str, Any]:
        return {row.id: row for row in self.instance.sites.itertuples()}

    @cached_property
    def today(self) -> dict[str, Any]:
        return {row.site: row for row in self.instance.existing.itertuples()}

    @cached_property
    def designs(self) -> dict[str, Any]:
        return {item.id: item for item in self.instance.structure.designs}

    @cached_property
    def goods(self) -> dict[str, Commodity]:
        return {item.id: item for item in self.instance.structure.commodities}

    @cached_property
    def modes(self) -> dict[str, Any]:
        return {item.id: item for item in self.instance.structure.modes}

    @cached_property
    def gateways(self) -> dict[str, Any]:
        return {row.id: row for row in self.instance.gateways.itertuples()}

    @cached_property
    def demands(self) -> dict[str, dict[tuple[str, str], float]]:
        """t/d by period, then (zone, commodity)."""
        found: dict[str, dict[tuple[str, str], float]] = {period.id: {} for period in self.periods}
        for row in self.instance.demand.itertuples():
            if row.t_d > 0:
                found[row.period][row.zone, row.commodity] = row.t_d
        return found

    @cached_property
    def arcs(self) -> list[Any]:
        """Arcs within the hard limits."""
        limits = {item.leg: item for item in self.instance.structure.service.limits}

        def allowed(arc: Any) -> bool:
            limit = limits.get(arc.leg)
            too_far = limit is not None and limit.max_km is not None and arc.km > limit.max_km
            too_long = limit is not None and limit.max_minutes is not None and arc.minutes > limit.max_minutes
            return not too_far and not too_long

        return [arc for arc in self.instance.arcs.itertuples() if allowed(arc)]

    @cached_property
    def single(self) -> tuple[str, ...]:
        travelled = {leg for item in self.goods.values() for leg in item.legs}
        return tuple(leg for leg in self.instance.structure.service.single_sourcing if leg in travelled)

    @cached_property
    def admitted(self) -> dict[str, dict[str, tuple[float, float]]]:
        found: dict[str, dict[str, tuple[float, float]]] = {}
        for row in self.instance.admissions.itertuples():
            found.setdefault(row.commodity, {})[row.gateway] = (row.min_share, row.max_share)
        return found

    def level_rule(self, level: str) -> LevelRule:
        return self.instance.structure.levels.get(level, LevelRule())  # type: ignore[call-overload]

    def share(self, target: Any, period: Any) -> float:
        """Share of a target that a period asks for."""
        return float(period.target_shares.get(target.id, target.share))

    # -- what a network must keep, whatever flows ------------------------------------------------------------------

    def module_ha(self, site: str, design: str) -> float:
        ratio = self.designs[design].floor_area_ratio
        if self.sites[site].max_far == self.sites[site].max_far:
            ratio = min(ratio, self.sites[site].max_far)
        return float(self.designs[design].module_gfa_m2 / ratio / 10_000)

    def _counts(self) -> Iterator[tuple[Any, set[str]]]:
        """Bounds on a number of open sites, and the sites that count."""
        structure = self.instance.structure
        for level, rule in structure.levels.items():
            yield rule, {id for id, row in self.sites.items() if row.level == level}
        for kind in structure.hub_types:
            yield kind, {id for id, row in self.sites.items() if row.hub_type == kind.id}
        for item in structure.presence:
            there = {id for id, row in self.sites.items() if getattr(row, item.scope) == item.place}
            there &= {id for id, row in self.sites.items() if item.level in (None, row.level)}
            yield item, {id for id in there if item.hub_type in (None, self.sites[id].hub_type)}

    def keeps_counts(self, choice: Choice) -> bool:
        """Counts of levels, hub types and places, and land used together."""
        for rule, sites in self._counts():
            number = sum(site in sites for site in choice)
            if number < rule.min_open or (rule.max_open is not None and number > rule.max_open):
                return False
        for row in self.instance.land.itertuples():
            used = sum(
                modules * self.module_ha(site, design)
                for site, (design, modules) in choice.items()
                if row.scope == "total" or getattr(self.sites[site], row.scope) == row.id
            )
            if used > row.limit_ha + 1e-9:
                return False
        return True

    def weights(self, target: Any, period: Any) -> dict[str, float]:
        found: dict[str, float] = {}
        for (zone, name), amount in self.demands[period.id].items():
            listed = target.commodities
            if name in listed if listed is not None else target.level in self.goods[name].chain:
                found[zone] = found.get(zone, 0.0) + amount
        return found

    def _reached(self, target: Any, period: Any, zones: set[str]) -> bool:
        weights = self.weights(target, period)
        total = sum(weights.values())
        return sum(w for z, w in weights.items() if z in zones) >= self.share(target, period) * total - 1e-9

    def keeps_access(self, choice: Choice, period: Any) -> bool:
        for target in self.instance.structure.service.targets:
            if target.kind == "access":
                near = {
                    arc.destination
                    for arc in self.instance.arcs.itertuples()
                    if arc.leg == f"{target.level}-zone"
                    and arc.origin in choice
                    and getattr(arc, target.measure) <= target.limit
                }
                if not self._reached(target, period, near):
                    return False
        return True

    # -- single sources --------------------------------------------------------------------------------------------

    def keeps_delivery(self, sources: Sources, period: Any) -> bool:
        dwell = self.level_rule("station").dwell_minutes
        minutes: dict[tuple[str, str, str], float] = {}
        for arc in self.arcs:
            key = (arc.leg, arc.origin, arc.destination)
            minutes[key] = min(arc.minutes, minutes.get(key, np.inf))
        for target in self.instance.structure.service.targets:
            if target.kind == "delivery":
                feeder = {end: link for link in sources for leg, _, end in (link,) if leg == f"{target.level}-station"}
                on_time = {
                    link[2]
                    for link in sources
                    if link[0] == "station-zone"
                    and link[1] in feeder
                    and minutes[feeder[link[1]]] + dwell + minutes[link] <= target.limit
                }
                if not self._reached(target, period, on_time):
                    return False
        return True

    def sourcings(self, choice: Choice) -> Iterator[Sources]:
        """Every way to give lower ends one upper end: open facilities exactly one, zones at most one."""
        ends: list[list[tuple[str, str, str] | None]] = []
        for leg in self.single:
            lower_level = leg.split("-")[1]
            uppers: dict[str, set[str]] = {}
            for arc in self.arcs:
                if arc.leg == leg and arc.origin in choice:
                    uppers.setdefault(arc.destination, set()).add(arc.origin)
            if lower_level == "zone":
                ends += [[None, *((leg, i, zone) for i in sorted(found))] for zone, found in uppers.items()]
            else:
                lower = [site for site in choice if self.sites[site].level == lower_level]
                ends += [[(leg, i, site) for i in sorted(uppers.get(site, ()))] for site in lower]
        for links in itertools.product(*ends):
            yield frozenset(link for link in links if link is not None)

    # -- ways ------------------------------------------------------------------------------------------------------

    @cached_property
    def _types(self) -> dict[str, Any]:
        return {item.id: item for item in self.instance.structure.hub_types}

    def _enters(self, arc: Any, name: str) -> bool:
        if arc.origin not in self.admitted.get(name, {}):
            return False
        kind = self._types.get(self.sites[arc.destination].hub_type)
        return kind is None or kind.gateway_kinds is None or self.gateways[arc.origin].kind in kind.gateway_kinds

    def _handles(self, site: str, name: str) -> bool:
        kind = self._types.get(self.sites[site].hub_type)
        return kind is None or kind.commodities is None or name in kind.commodities

    @cached_property
    def ways(self) -> list[tuple[Any, str]]:
        """(arc, commodity) on the commodity's chain, whatever is open."""
        found = []
        for name, item in self.goods.items():
            for arc in self.arcs:
                if arc.leg in item.legs:
                    below = arc.destination not in self.sites or self._handles(arc.destination, name)
                    if below and self._handles(arc.origin, name):
                        found.append((arc, name))
                elif arc.leg == item.gateway_leg and self._enters(arc, name) and self._handles(arc.destination, name):
                    found.append((arc, name))
        return found

    # -- in-city goods -----------------------------------------------------------------------------------------------

    @cached_property
    def groups(self) -> dict[str, str]:
        return {row.id: row.group or row.district for row in self.instance.zones.itertuples()}

    def origins(self, name: str, period: Any) -> dict[tuple[str, str], float]:
        """Share of what a zone gets of an in-city commodity by (group of origin, zone)."""
        listed = self.instance.exchange[self.instance.exchange["commodity"] == name]
        found = {(row.group, row.zone): row.share for row in listed.itertuples()}
        sent: dict[str, float] = {}
        for (zone, other), amount in self.demands[period.id].items():
            if other == self.goods[name].exchange_with:
                sent[self.groups[zone]] = sent.get(self.groups[zone], 0.0) + amount
        for zone in set(self.groups) - set(listed["zone"]):
            found |= {(group, zone): amount / sum(sent.values()) for group, amount in sent.items()}
        return found
