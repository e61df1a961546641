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

    def node_bound(self, node: str, commodity: str, period: str) -> float:
        """Most of the commodity that can pass a site or enter a zone (flow units)."""
        if node not in self.sites:
            return self.demand.get((node, commodity, period), 0.0)
        least = self.least_load[node, commodity]
        room = self.largest_capacity(node, commodity) / least if least > 0 else math.inf
        return min(self.reach[node, commodity, period], room)

    @cached_property
    def least_load(self) -> Mapping[tuple[str, str], float]:
        """Least load that a tonne sent from a site puts on it, by (site, commodity) (t/t)."""
        return {
            key: min((self.way[arc].load for arc in self.arcs_from.get(key, ())), default=1.0) for key in self.handlers
        }

    def most_throughput(self, site: str, commodity: str, period: str) -> float:
        """Throughput of the commodity if the site sent all that can be reached downstream (flow units)."""
        arcs = self.arcs_from.get((site, commodity), ())
        if all(self.way[arc].load == 1 for arc in arcs):
            return self.reach[site, commodity, period]
        return sum(self.way[arc].load * self.node_bound(arc[2], commodity, period) for arc in arcs)

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


def make_network(instance: Instance, policy: Policy, scale: Scale | None = None) -> Network:
    """Index the effective instance for the model.

    Raises
    ------
    InputError
        If the policy names things that the instance does not have.
    """
    effective = apply(instance, policy)
    return Network(effective, policy, scale or choose_scale(effective))
