"""The effective instance, indexed and scaled for the model: sparse sets as tuples, coefficients as mappings.

Everything here is derived from the instance and the policy by plain functions; the model's rules read it and add
no data of their own. Flows are in ``scale.flow_t_d`` t/d, money in ``scale.money_cny`` CNY/year, land in ha.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from hubopt.instance import Instance, Policy, apply
from hubopt.model.scale import Scale, choose_scale
from hubopt.model.ways import Arc, Ways

__all__ = ["Arc", "Network", "make_network"]


class Network(Ways):
    """Sets and coefficients of the model. ``D`` is demand by (zone, commodity, period) in flow units."""

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

    @cached_property
    def counted_alike(self) -> frozenset[str]:
        """Commodities of which a tonne is a tonne on every arc."""
        loaded = {commodity for arc, commodity in self.carriers if self.way[arc].load != 1}
        return frozenset(self.commodities) - loaded

    @cached_property
    def least_load(self) -> Mapping[tuple[str, str], float]:
        """Least load that a tonne sent from a site puts on it, by (site, commodity) (t/t)."""
        return {
            key: min((self.way[arc].load for arc in self.arcs_from.get(key, ())), default=1.0) for key in self.handlers
        }

    @cached_property
    def total_demand(self) -> Mapping[tuple[str, str], float]:
        """Demand of all zones by (commodity, period) (flow units)."""
        found: dict[tuple[str, str], float] = defaultdict(float)
        for (_, commodity, period), amount in self.demand.items():
            found[commodity, period] += amount
        return found

    def most_throughput(self, site: str, commodity: str, period: str) -> float:
        """Throughput of the commodity if the site sent all that can be reached downstream (flow units)."""
        if commodity in self.counted_alike:
            return self.reach[site, commodity, period]
        arcs = self.arcs_from.get((site, commodity), ())
        return sum(self.way[arc].load * self.most_entering(arc[2], commodity, period) for arc in arcs)

    def most_entering(self, node: str, commodity: str, period: str) -> float:
        """Most of the commodity that can enter a site or a zone (flow units)."""
        if node not in self.sites:
            return self.demand.get((node, commodity, period), 0.0)
        return min(self.most_throughput(node, commodity, period), self.largest_capacity(node, commodity))

    def most_sent(self, node: str, commodity: str, period: str) -> float:
        """Most of the commodity that can leave a site or a gateway (flow units)."""
        if node in self.sites:
            return self._most_sent_by_site(node, commodity, period)
        most = math.inf
        if self.policy.holds("gateway_capacity"):
            most = self.gateway_capacity.get((node, period), math.inf)
        share = self.admitted[commodity][node][1]
        if share < 1 and commodity in self.counted_alike and self.policy.holds("gateway_shares"):
            most = min(most, share * self.total_demand[commodity, period])
        return most

    def _most_sent_by_site(self, site: str, commodity: str, period: str) -> float:
        least = self.least_load[site, commodity]
        room = self.largest_capacity(site, commodity) / least if least > 0 else math.inf
        if commodity in self.counted_alike:
            return min(self.reach[site, commodity, period], room)
        ends = dict.fromkeys(arc[2] for arc in self.arcs_from.get((site, commodity), ()))
        return min(sum(self.most_entering(end, commodity, period) for end in ends), room)

    def flow_bound(self, arc: Arc, commodity: str, period: str) -> float:
        """Most of the commodity that an arc can carry (flow units)."""
        most = self.most_entering(arc[2], commodity, period)
        return most if arc[1] not in self.sites else min(most, self.most_sent(arc[1], commodity, period))

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


def make_network(instance: Instance, policy: Policy, scale: Scale | None = None) -> Network:
    """Index the effective instance for the model.

    Raises
    ------
    InputError
        If the policy names things that the instance does not have.
    """
    effective = apply(instance, policy)
    return Network(effective, policy, scale or choose_scale(effective))
