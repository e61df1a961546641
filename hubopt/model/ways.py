"""Arcs, and which commodity may use which: within service limits, admitted, able to be handled at both ends."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from hubopt.instance import CostPart, rows
from hubopt.model.options import Options

Arc = tuple[str, str, str, str]
"""(leg, origin, destination, mode); origin is the upper end."""


@dataclass(frozen=True)
class Way:
    """What an arc measures: driven km and minutes, toll and border cost (CNY/t), load on its origin (t/t)."""

    km: float
    minutes: float
    toll_cny_t: float
    border_cny_t: float
    load: float


def is_exchange_leg(leg: str) -> bool:
    """Whether a leg joins facilities of one level, such as ``utc-utc``."""
    upper, lower = leg.split("-")
    return upper == lower


class Ways(Options):
    """Adds the arcs, and the commodities on them, to the options."""

    @cached_property
    def way(self) -> Mapping[Arc, Way]:
        """Every arc within the service limits."""
        limits = {limit.leg: limit for limit in self.instance.structure.service.limits}
        if not self.policy.holds("service_limits"):
            limits = {}

        def within(leg: str, km: float, minutes: float) -> bool:
            limit = limits.get(leg)
            if limit is None:
                return True
            return km <= (limit.max_km or math.inf) and minutes <= (limit.max_minutes or math.inf)

        return {
            (row.leg, row.origin, row.destination, row.mode): Way(
                float(row.km), float(row.minutes), float(row.toll_cny_t), float(row.border_cny_t), float(row.load)
            )
            for row in rows(self.instance.arcs)
            if within(row.leg, row.km, row.minutes)
        }

    @cached_property
    def arcs_by_leg(self) -> Mapping[str, tuple[Arc, ...]]:
        """Usable arcs of each leg."""
        found: dict[str, list[Arc]] = defaultdict(list)
        for arc in self.way:
            found[arc[0]].append(arc)
        return {leg: tuple(arcs) for leg, arcs in found.items()}

    def _arcs_for(self, leg: str, commodity: str) -> Iterable[Arc]:
        """Arcs of a leg whose mode carries the commodity."""
        return (arc for arc in self.arcs_by_leg.get(leg, ()) if self.modes[arc[3]].carries(commodity))

    @cached_property
    def fastest_minutes(self) -> Mapping[tuple[str, str, str], float]:
        """Driving minutes by (leg, origin, destination) with the fastest mode."""
        found: dict[tuple[str, str, str], float] = {}
        for arc, way in self.way.items():
            found[arc[:3]] = min(way.minutes, found.get(arc[:3], math.inf))
        return found

    @cached_property
    def admitted(self) -> Mapping[str, Mapping[str, tuple[float, float]]]:
        """Least and largest share by commodity and admitted gateway; commodities without gateways are absent."""
        found: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
        for row in rows(self.instance.admissions):
            found[row.commodity][row.gateway] = (float(row.min_share), float(row.max_share))
        return found

    def enters(self, gateway: str, site: str, commodity: str) -> bool:
        """Whether the commodity may pass between gateway and site."""
        if gateway not in self.admitted.get(commodity, {}):
            return False
        kind = self.hub_types.get(self.sites[site].hub_type)
        return kind is None or kind.gateway_kinds is None or self.gateway_kind[gateway] in kind.gateway_kinds

    @cached_property
    def passable(self) -> tuple[tuple[Arc, str], ...]:
        """(arc, commodity) pairs that can carry something: every facility on the way can be both fed and emptied."""
        pairs: list[tuple[Arc, str]] = []
        wanted_by: dict[str, set[str]] = defaultdict(set)
        for z, k, _ in self.demand:
            wanted_by[k].add(z)
        for commodity in self.commodities.values():
            wanted = wanted_by[commodity.id]
            last = commodity.legs[-1]
            for leg in commodity.legs:
                for arc in self._arcs_for(leg, commodity.id):
                    can_receive = arc[2] in wanted if leg == last else (arc[2], commodity.id) in self.handlers
                    if can_receive and (arc[1], commodity.id) in self.handlers:
                        pairs.append((arc, commodity.id))
            if commodity.id in self.admitted:
                for arc in self._arcs_for(commodity.gateway_leg, commodity.id):
                    if (arc[2], commodity.id) in self.handlers and self.enters(arc[1], arc[2], commodity.id):
                        pairs.append((arc, commodity.id))
        return tuple(self._connected(pairs))

    def _connected(self, pairs: list[tuple[Arc, str]]) -> list[tuple[Arc, str]]:
        """Drop pairs at facilities that the commodity cannot enter or cannot leave, until none is left."""
        while True:
            fed = {(arc[2], k) for arc, k in pairs}
            emptied = {(arc[1], k) for arc, k in pairs}
            kept = [
                (arc, k)
                for arc, k in pairs
                if (arc[1] not in self.sites or not self.needs_feeding(arc[1], k) or (arc[1], k) in fed)
                and (arc[2] not in self.sites or (arc[2], k) in emptied)
            ]
            if len(kept) == len(pairs):
                return kept
            pairs = kept

    def needs_feeding(self, site: str, commodity: str) -> bool:
        """Whether the commodity must enter the site from above (at its first level without gateways it need not)."""
        item = self.commodities[commodity]
        return commodity in self.admitted or self.sites[site].level != item.chain[0]

    @cached_property
    def terminal_capacity(self) -> Mapping[tuple[str, str], float]:
        """Capacity by (gateway or site, mode) of the terminals that have one (flow units)."""
        if not self.policy.holds("mode_capacity"):
            return {}
        return {
            (row.node, row.mode): float(row.capacity_t_d) / self.scale.flow_t_d for row in rows(self.instance.terminals)
        }

    def is_limited(self, arc: Arc) -> bool:
        """Whether the mode of the arc has a capacity in all, or at one of its ends."""
        mode = arc[3]
        if self.policy.holds("mode_capacity") and self.modes[mode].capacity_t_d is not None:
            return True
        return (arc[1], mode) in self.terminal_capacity or (arc[2], mode) in self.terminal_capacity

    def money_cny_t(self, arc: Arc) -> dict[CostPart, float]:
        """Cost of carrying a tonne over an arc, by cost part (CNY/t); the gateway's own is not among it."""
        way, mode = self.way[arc], self.modes[arc[3]]
        return {
            "transport": way.km * mode.cny_t_km + mode.cny_t + way.toll_cny_t,
            "border": way.border_cny_t,
            "carbon": self.emission_kg_t(arc) * self.instance.info.carbon_price_cny_t / 1000,
        }

    def emission_kg_t(self, arc: Arc) -> float:
        """Emission of carrying a tonne over an arc (kg CO2e/t)."""
        return self.way[arc].km * self.modes[arc[3]].kgco2e_t_km

    def _empty_cny_t(self, arc: Arc, *, weighed: bool = True) -> float:
        """Most that a tonne more or less on an arc changes of the (weighed) cost of empty running (CNY/t)."""
        mode, km = self.modes[arc[3]], self.way[arc].km
        price = self.instance.info.carbon_price_cny_t / 1000
        empty, carbon = (self.policy.weight("empty"), self.policy.weight("carbon")) if weighed else (1.0, 1.0)
        return km * mode.empty_running * (empty * mode.cny_t_km + carbon * price * mode.kgco2e_t_km)

    def _is_beaten(self, arc: Arc, other: Arc) -> bool:
        """Whether all that goes over ``arc`` may as well go over the parallel arc ``other``."""
        if self.is_limited(other) or not self._goods[arc[3]] <= self._goods[other[3]]:
            return False
        mine, theirs = self.money_cny_t(arc), self.money_cny_t(other)
        cost = sum(self.policy.weight(part) * value for part, value in mine.items())
        instead = sum(self.policy.weight(part) * value for part, value in theirs.items())
        empty, empty_instead = self._empty_cny_t(arc), self._empty_cny_t(other)
        pairs = [(cost - empty, instead + empty_instead)]
        if self.has_emission_limit:
            share, other_share = self.modes[arc[3]].empty_running, self.modes[other[3]].empty_running
            pairs.append((self.emission_kg_t(arc) * (1 - share), self.emission_kg_t(other) * (1 + other_share)))
        if self.has_cost_limit:
            unweighed, unweighed_instead = (
                self._empty_cny_t(arc, weighed=False),
                self._empty_cny_t(other, weighed=False),
            )
            pairs.append((sum(mine.values()) - unweighed, sum(theirs.values()) + unweighed_instead))
        if any(target.kind == "chain" for target in self.targets.values()):
            pairs.append((self.way[arc].minutes, self.way[other].minutes))
        return all(theirs <= mine for mine, theirs in pairs) and (
            any(theirs < mine for mine, theirs in pairs) or other < arc
        )

    @cached_property
    def _goods(self) -> Mapping[str, frozenset[str]]:
        """Commodities that each mode carries."""
        return {mode.id: frozenset(k for k in self.commodities if mode.carries(k)) for mode in self.modes.values()}

    @cached_property
    def has_emission_limit(self) -> bool:
        """Whether some period caps what is emitted."""
        return self.policy.holds("carbon_cap") and any(
            item.carbon_cap_t_year is not None for item in self.period.values()
        )

    @cached_property
    def has_cost_limit(self) -> bool:
        """Whether the policy caps the cost."""
        return self.policy.holds("cost_cap") and self.policy.cost_cap_cny_year is not None

    @cached_property
    def beaten(self) -> frozenset[Arc]:
        """Arcs that a parallel arc of another mode makes superfluous: dearer, dirtier, slower where these count."""
        parallel: dict[tuple[str, str, str], list[Arc]] = defaultdict(list)
        for arc in self.way:
            parallel[arc[:3]].append(arc)
        return frozenset(
            arc
            for arcs in parallel.values()
            if len(arcs) > 1
            for arc in arcs
            if any(self._is_beaten(arc, other) for other in arcs if other != arc)
        )

    @cached_property
    def carriers(self) -> tuple[tuple[Arc, str], ...]:
        """(arc, commodity) pairs that may carry something in a best plan: passable, by a mode that is not beaten."""
        return tuple((arc, k) for arc, k in self.passable if arc not in self.beaten)

    @cached_property
    def _ways_along(self) -> Mapping[tuple[str, str, str, str], int]:
        """Number of arcs that carry a commodity between two ends, by (leg, origin, destination, commodity)."""
        return Counter((*arc[:3], k) for arc, k in self.carriers)

    @cached_property
    def modes_on(self) -> Mapping[tuple[str, str, str], tuple[str, ...]]:
        """Modes between two ends, by (leg, origin, destination)."""
        found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for arc in self.way:
            found[arc[:3]].append(arc[3])
        return {ends: tuple(modes) for ends, modes in found.items()}

    def is_only_way(self, arc: Arc, commodity: str) -> bool:
        """Whether no other arc carries the commodity between the ends of the arc."""
        return self._ways_along[(*arc[:3], commodity)] == 1

    @cached_property
    def arcs_into(self) -> Mapping[tuple[str, str], tuple[Arc, ...]]:
        """Arcs that bring the commodity down into a site or zone, by (node, commodity)."""
        return _grouped((arc[2], k, arc) for arc, k in self.carriers)

    @cached_property
    def arcs_from(self) -> Mapping[tuple[str, str], tuple[Arc, ...]]:
        """Arcs that take the commodity down from a gateway or site, by (node, commodity)."""
        return _grouped((arc[1], k, arc) for arc, k in self.carriers)


def _grouped(triples: Iterable[tuple[str, str, Arc]]) -> Mapping[tuple[str, str], tuple[Arc, ...]]:
    found: dict[tuple[str, str], list[Arc]] = defaultdict(list)
    for node, commodity, arc in triples:
        found[node, commodity].append(arc)
    return {key: tuple(arcs) for key, arcs in found.items()}
