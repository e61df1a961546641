"""The effective instance, indexed and scaled for the model: sparse sets as tuples, coefficients as mappings.

Everything here is derived from the instance and the policy by plain functions; the model's rules read it and add
no data of their own. Flows are in ``scale.flow_t_d`` t/d, money in ``scale.money_cny`` CNY/year, land in ha.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from hubopt.instance import Instance, Policy, apply, rows
from hubopt.instance.types import Commodity, Design, HubType, Level, Mode, ServiceTarget
from hubopt.model.scale import Scale, choose_scale

Arc = tuple[str, str, str, str]
"""(leg, origin, destination, mode); origin is the upper end."""


@dataclass(frozen=True)
class Site:
    """A candidate site as the model sees it (land in ha, price in CNY/m2)."""

    id: str
    level: str
    hub_type: str
    parcel: str
    district: str
    city: str
    land_ha: float
    land_price_cny_m2: float
    forced: str


@dataclass(frozen=True)
class Existing:
    """Today's facility of a site."""

    design: str
    modules: int
    may_close: bool
    closure_cny: float


@dataclass(frozen=True)
class Option:
    """A design that a site may have, with its bounds in modules.

    ``convertible``: modules of this design that fit the floor area of today's other design (0 if none is converted).
    """

    site: str
    design: str
    lower: int
    upper: int
    land_ha_module: float
    existing_modules: int
    convertible: float


@dataclass(frozen=True, eq=False)
class Network:
    """Sets and coefficients of the model. ``D`` is demand by (zone, commodity, period) in flow units."""

    instance: Instance
    policy: Policy
    scale: Scale

    # -- elements ---------------------------------------------------------------------------------------------

    @cached_property
    def periods(self) -> tuple[str, ...]:
        """Periods in order."""
        return tuple(period.id for period in self.instance.structure.periods)

    @cached_property
    def commodities(self) -> Mapping[str, Commodity]:
        """Commodities by id."""
        return {item.id: item for item in self.instance.structure.commodities}

    @cached_property
    def designs(self) -> Mapping[str, Design]:
        """Designs by id."""
        return {item.id: item for item in self.instance.structure.designs}

    @cached_property
    def modes(self) -> Mapping[str, Mode]:
        """Modes by id."""
        return {item.id: item for item in self.instance.structure.modes}

    @cached_property
    def hub_types(self) -> Mapping[str, HubType]:
        """Hub types by id; empty when the policy switches the family off."""
        if not self.policy.holds("hub_types"):
            return {}
        return {item.id: item for item in self.instance.structure.hub_types}

    @cached_property
    def sites(self) -> Mapping[str, Site]:
        """Candidate sites by id; an empty parcel is the site's own."""
        return {
            row.id: Site(
                row.id, row.level, row.hub_type, row.parcel or f"parcel-of-{row.id}", row.district, row.city,
                float(row.land_ha), float(row.land_price_cny_m2), row.forced,
            )
            for row in rows(self.instance.sites)
        }  # fmt: skip

    @cached_property
    def existing(self) -> Mapping[str, Existing]:
        """Facilities of today by site."""
        return {
            row.site: Existing(row.design, int(row.modules), bool(row.may_close), float(row.closure_cny))
            for row in rows(self.instance.existing)
        }

    @cached_property
    def demand(self) -> Mapping[tuple[str, str, str], float]:
        """Positive demand by (zone, commodity, period), flow units."""
        return {
            (row.zone, row.commodity, row.period): float(row.t_d) / self.scale.flow_t_d
            for row in rows(self.instance.demand)
            if row.t_d > 0
        }

    # -- designs at sites -------------------------------------------------------------------------------------

    def _option(self, site: Site, design: Design) -> Option | None:
        today = self.existing.get(site.id)
        land = design.module_gfa_m2 / design.floor_area_ratio / 1e4
        upper = min(design.max_modules, math.floor(site.land_ha / land + 1e-9))
        kept = today.modules if today is not None and today.design == design.id else 0
        upper = max(upper, kept)
        lower = kept or design.min_modules
        if upper < lower:
            return None
        convertible = 0.0
        if today is not None and not kept and design.conversion_cny_m2 < design.capital_cny_m2:
            convertible = today.modules * self.designs[today.design].module_gfa_m2 / design.module_gfa_m2
        return Option(site.id, design.id, lower, upper, land, kept, convertible)

    @cached_property
    def options(self) -> Mapping[tuple[str, str], Option]:
        """Options by (site, design): allowed designs that fit the land. Forced-closed sites have none."""
        allowed = {row.id: [d for d in row.designs.split(";") if d] for row in rows(self.instance.sites)}
        found = {}
        for site in self.sites.values():
            if site.forced == "closed" and self.policy.holds("forced_sites"):
                continue
            today = self.existing.get(site.id)
            for design in self.designs.values():
                is_today = today is not None and today.design == design.id
                chosen = not allowed[site.id] or design.id in allowed[site.id]
                if is_today or (site.level in design.levels and chosen):
                    option = self._option(site, design)
                    if option is not None:
                        found[site.id, design.id] = option
        return found

    @cached_property
    def designs_at(self) -> Mapping[str, tuple[str, ...]]:
        """Designs that each site may have (empty tuple: it cannot open)."""
        found: dict[str, list[str]] = {site: [] for site in self.sites}
        for site, design in self.options:
            found[site].append(design)
        return {site: tuple(designs) for site, designs in found.items()}

    def capacity(self, design: str, commodity: str) -> float:
        """Throughput of one module that the commodity may use (flow units per module)."""
        item = self.designs[design]
        if not self.policy.holds("requirements"):
            return item.throughput_t_d / self.scale.flow_t_d
        return (
            min(item.throughput_t_d, item.capacity_t_d(self.commodities[commodity].requirement)) / self.scale.flow_t_d
        )

    @cached_property
    def handlers(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Designs by (site, commodity) with which the site can handle the commodity; absent if it cannot."""
        found = {}
        for site in self.sites.values():
            kind = self.hub_types.get(site.hub_type)
            for commodity in self.commodities.values():
                barred = kind is not None and kind.commodities is not None and commodity.id not in kind.commodities
                if site.level not in commodity.chain or barred:
                    continue
                designs = tuple(d for d in self.designs_at[site.id] if self.capacity(d, commodity.id) > 0)
                if designs:
                    found[site.id, commodity.id] = designs
        return found

    def largest_throughput(self, site: str) -> float:
        """Largest throughput of all commodities that the site can have (flow units)."""
        sizes = (self.options[site, d].upper * self.designs[d].throughput_t_d for d in self.designs_at[site])
        return max(sizes, default=0.0) / self.scale.flow_t_d

    def largest_capacity(self, site: str, commodity: str) -> float:
        """Largest throughput of the commodity that the site can have with any design (flow units)."""
        designs = self.handlers.get((site, commodity), ())
        return max((self.options[site, d].upper * self.capacity(d, commodity) for d in designs), default=0.0)

    # -- arcs ---------------------------------------------------------------------------------------------------

    @cached_property
    def km_minutes(self) -> Mapping[Arc, tuple[float, float]]:
        """Driven km and minutes of every arc within the service limits."""
        limits = {limit.leg: limit for limit in self.instance.structure.service.limits}
        if not self.policy.holds("service_limits"):
            limits = {}

        def within(leg: str, km: float, minutes: float) -> bool:
            limit = limits.get(leg)
            if limit is None:
                return True
            return km <= (limit.max_km or math.inf) and minutes <= (limit.max_minutes or math.inf)

        return {
            (row.leg, row.origin, row.destination, row.mode): (float(row.km), float(row.minutes))
            for row in rows(self.instance.arcs)
            if within(row.leg, row.km, row.minutes)
        }

    @cached_property
    def arcs_by_leg(self) -> Mapping[str, tuple[Arc, ...]]:
        """Usable arcs of each leg."""
        found: dict[str, list[Arc]] = defaultdict(list)
        for arc in self.km_minutes:
            found[arc[0]].append(arc)
        return {leg: tuple(arcs) for leg, arcs in found.items()}

    @cached_property
    def admitted(self) -> Mapping[str, Mapping[str, tuple[float, float]]]:
        """Least and largest share by commodity and admitted gateway; commodities without gateways are absent."""
        found: dict[str, dict[str, tuple[float, float]]] = defaultdict(dict)
        for row in rows(self.instance.admissions):
            found[row.commodity][row.gateway] = (float(row.min_share), float(row.max_share))
        return found

    def _enters(self, gateway: str, site: str, commodity: str) -> bool:
        """Whether the commodity may pass between gateway and site."""
        if gateway not in self.admitted.get(commodity, {}):
            return False
        kind = self.hub_types.get(self.sites[site].hub_type)
        return kind is None or kind.gateway_kinds is None or self.gateway_kind[gateway] in kind.gateway_kinds

    @cached_property
    def gateway_kind(self) -> Mapping[str, str]:
        """Kind of each gateway."""
        return dict(zip(self.instance.gateways["id"], self.instance.gateways["kind"], strict=True))

    @cached_property
    def carriers(self) -> tuple[tuple[Arc, str], ...]:
        """(arc, commodity) pairs that can carry something: every facility on the way can be both fed and emptied."""
        pairs: list[tuple[Arc, str]] = []
        for commodity in self.commodities.values():
            wanted = {z for (z, k, _) in self.demand if k == commodity.id}
            last = commodity.legs[-1]
            for leg in commodity.legs:
                for arc in self.arcs_by_leg.get(leg, ()):
                    can_receive = arc[2] in wanted if leg == last else (arc[2], commodity.id) in self.handlers
                    if can_receive and (arc[1], commodity.id) in self.handlers:
                        pairs.append((arc, commodity.id))
            if commodity.id in self.admitted:
                for arc in self.arcs_by_leg.get(commodity.gateway_leg, ()):
                    if (arc[2], commodity.id) in self.handlers and self._enters(arc[1], arc[2], commodity.id):
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
    def arcs_into(self) -> Mapping[tuple[str, str], tuple[Arc, ...]]:
        """Arcs that bring the commodity down into a site or zone, by (node, commodity)."""
        return _grouped((arc[2], k, arc) for arc, k in self.carriers)

    @cached_property
    def arcs_from(self) -> Mapping[tuple[str, str], tuple[Arc, ...]]:
        """Arcs that take the commodity down from a gateway or site, by (node, commodity)."""
        return _grouped((arc[1], k, arc) for arc, k in self.carriers)

    # -- bounds on flow -----------------------------------------------------------------------------------------

    @cached_property
    def reach(self) -> Mapping[tuple[str, str, str], float]:
        """Demand that can be reached downstream of a site, by (site, commodity, period), flow units."""
        zones_below: dict[tuple[str, str], frozenset[str]] = {}

        def below(node: str, commodity: str) -> frozenset[str]:
            if node not in self.sites:
                return frozenset((node,))
            key = (node, commodity)
            if key not in zones_below:
                ends = {arc[2] for arc in self.arcs_from.get(key, ())}
                zones_below[key] = frozenset().union(*(below(end, commodity) for end in ends))
            return zones_below[key]

        return {
            (site, commodity, period): sum(self.demand.get((z, commodity, period), 0.0) for z in below(site, commodity))
            for site, commodity in self.handlers
            for period in self.periods
        }

    def node_bound(self, node: str, commodity: str, period: str) -> float:
        """Most of the commodity that can pass a site or enter a zone (flow units)."""
        if node not in self.sites:
            return self.demand.get((node, commodity, period), 0.0)
        return min(self.reach[node, commodity, period], self.largest_capacity(node, commodity))

    def flow_bound(self, arc: Arc, commodity: str, period: str) -> float:
        """Most of the commodity that an arc can carry (flow units)."""
        lower_end = self.node_bound(arc[2], commodity, period)
        return lower_end if arc[1] not in self.sites else min(lower_end, self.node_bound(arc[1], commodity, period))

    @cached_property
    def single_sourced(self) -> frozenset[str]:
        """Legs whose lower ends have one upper end."""
        if not self.policy.holds("single_sourcing"):
            return frozenset()
        return frozenset(self.instance.structure.service.single_sourcing)

    @cached_property
    def links(self) -> tuple[tuple[str, str, str], ...]:
        """(leg, origin, destination) of single-sourced legs, also where nothing could be carried.

        A facility that must be open needs its upper end even if no goods can pass it. Zones without demand and sites
        without any option are left out.
        """
        wanted = {z for z, _, _ in self.demand}

        def may_link(arc: Arc) -> bool:
            from_here = arc[1] not in self.sites or bool(self.designs_at[arc[1]])
            return from_here and (bool(self.designs_at[arc[2]]) if arc[2] in self.sites else arc[2] in wanted)

        legs = sorted(self.single_sourced)
        return tuple(dict.fromkeys(arc[:3] for leg in legs for arc in self.arcs_by_leg.get(leg, ()) if may_link(arc)))

    @cached_property
    def upper_ends(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """Upper ends that a lower end may be linked to, by (leg, destination)."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for leg, origin, destination in self.links:
            found[leg, destination].append(origin)
        return {key: tuple(ends) for key, ends in found.items()}

    # -- limits -------------------------------------------------------------------------------------------------

    @cached_property
    def gateway_capacity(self) -> Mapping[str, float]:
        """Capacity of the gateways that have one (flow units)."""
        table = self.instance.gateways
        pairs = zip(table["id"], table["capacity_t_d"], strict=True)
        return {g: float(q) / self.scale.flow_t_d for g, q in pairs if not math.isnan(q)}

    @cached_property
    def land_limit(self) -> Mapping[tuple[str, str], float]:
        """Limits of the land table (ha) by (scope, id)."""
        table = self.instance.land
        return {(s, i): float(x) for s, i, x in zip(table["scope"], table["id"], table["limit_ha"], strict=True)}

    @cached_property
    def targets(self) -> Mapping[str, ServiceTarget]:
        """Service targets by id."""
        return {target.id: target for target in self.instance.structure.service.targets}

    @cached_property
    def fastest_minutes(self) -> Mapping[tuple[str, str, str], float]:
        """Driving minutes by (leg, origin, destination) with the fastest mode."""
        found: dict[tuple[str, str, str], float] = {}
        for arc, (_, minutes) in self.km_minutes.items():
            found[arc[:3]] = min(minutes, found.get(arc[:3], math.inf))
        return found

    def dwell_minutes(self, level: Level) -> float:
        """Minutes between arrival and departure at a level."""
        rule = self.instance.structure.levels.get(level)
        return rule.dwell_minutes if rule is not None else 0.0


def _grouped(triples: Iterable[tuple[str, str, Arc]]) -> Mapping[tuple[str, str], tuple[Arc, ...]]:
    found: dict[tuple[str, str], list[Arc]] = defaultdict(list)
    for node, commodity, arc in triples:
        found[node, commodity].append(arc)
    return {key: tuple(arcs) for key, arcs in found.items()}


def make_network(instance: Instance, policy: Policy, scale: Scale | None = None) -> Network:
    """Index the effective instance for the model.

    Raises
    ------
    InputError
        If the policy names things that the instance does not have.
    """
    effective = apply(instance, policy)
    return Network(effective, policy, scale or choose_scale(effective))
