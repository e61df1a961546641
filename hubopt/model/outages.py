"""Outages: with any one hub or gateway out, rerouted goods still serve a share of the demand.

What the lower levels handle stays as planned, so lower nodes that the same hubs can reach are one class, and
commodities that pass the same gateways, hubs and classes with the same requirement are one kind of goods: any split of
their sum is possible, so that nothing is lost by adding them up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyomo.environ as pyo

from hubopt.model.constraint import Constraint, row
from hubopt.model.facilities import modules_in_use
from hubopt.model.network import Network
from hubopt.model.variables import flow_into

NOTHING = 1e-6
"""Share so small that serving nothing reaches it within the tolerance of rules: an outage that is only looked at."""

FREE = ""
"""Stands for the gateway where goods start at the hub itself."""


@dataclass(frozen=True)
class Kind:
    """Commodities that can be rerouted as one: (gateway, hub) pairs, and classes of lower nodes with their hubs."""

    id: str
    commodities: tuple[str, ...]
    requirement: str
    entries: frozenset[tuple[str, str]]
    classes: Mapping[frozenset[str], tuple[tuple[str, str], ...]]

    @property
    def hubs(self) -> frozenset[str]:
        """Hubs that can take the goods in."""
        return frozenset(hub for _, hub in self.entries)

    @property
    def has_one_class(self) -> bool:
        """Whether every lower node can be reached from every hub."""
        return len(self.classes) == 1 and set(self.classes) == {self.hubs}


@dataclass(frozen=True, eq=False)
class Outages:
    """Outages that a network must withstand, and what can be rerouted."""

    network: Network

    @cached_property
    def commodities(self) -> tuple[str, ...]:
        """Commodities whose chain starts at a hub."""
        return tuple(k for k, item in self.network.commodities.items() if item.chain[0] == "hub")

    def _entries(self, k: str) -> frozenset[tuple[str, str]]:
        network = self.network
        if k not in network.admitted:
            return frozenset((FREE, arc[1]) for arc, c in network.passable if c == k and self._leaves_hub(arc[1]))
        leg = network.commodities[k].gateway_leg
        return frozenset((arc[1], arc[2]) for arc, c in network.passable if c == k and arc[0] == leg)

    def _leaves_hub(self, node: str) -> bool:
        return node in self.network.sites and self.network.sites[node].level == "hub"

    def _classes(self, k: str) -> Mapping[frozenset[str], tuple[str, ...]]:
        """Lower nodes by the hubs from which they can be reached."""
        hubs_of: dict[str, set[str]] = defaultdict(set)
        leg = self.network.commodities[k].legs[0]
        for arc, c in self.network.passable:
            if c == k and arc[0] == leg:
                hubs_of[arc[2]].add(arc[1])
        found: dict[frozenset[str], list[str]] = defaultdict(list)
        for node, hubs in hubs_of.items():
            found[frozenset(hubs)].append(node)
        return {hubs: tuple(nodes) for hubs, nodes in found.items()}

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """Kinds of goods."""
        alike: dict[Any, list[str]] = defaultdict(list)
        for k in self.commodities:
            item = self.network.commodities[k]
            requirement = item.requirement_at("hub") if self.network.policy.holds("requirements") else "ambient"
            alike[requirement, self._entries(k), frozenset(self._classes(k))].append(k)
        kinds = []
        for (requirement, entries, _), commodities in alike.items():
            classes: dict[frozenset[str], list[tuple[str, str]]] = defaultdict(list)
            for k in commodities:
                for hubs, nodes in self._classes(k).items():
                    classes[hubs] += [(node, k) for node in nodes]
            frozen = {hubs: tuple(nodes) for hubs, nodes in classes.items()}
            kinds.append(Kind(commodities[0], tuple(commodities), requirement, entries, frozen))
        return tuple(kinds)

    @cached_property
    def kind(self) -> Mapping[str, Kind]:
        """Kinds by id."""
        return {kind.id: kind for kind in self.kinds}

    @cached_property
    def shares(self) -> Mapping[str, float]:
        """Share that must be served, by what is out."""
        network, asked = self.network, self.network.instance.structure.resilience
        shares: dict[str, float] = {}
        if asked.hub_outage_share > 0:
            openable = [i for i in network.sites_of("hub") if network.designs_at[i]]
            shares |= dict.fromkeys(openable or network.sites_of("hub")[:1], asked.hub_outage_share)
        if asked.gateway_outage_share > 0:
            shares |= dict.fromkeys(network.instance.gateways["id"], asked.gateway_outage_share)
        return shares

    @cached_property
    def number(self) -> Mapping[frozenset[str], str]:
        """Name of each class of lower nodes."""
        classes = dict.fromkeys(hubs for kind in self.kinds for hubs in kind.classes)
        return {hubs: str(place) for place, hubs in enumerate(sorted(classes, key=sorted))}


def outage_periods(network: Network) -> list[tuple[str, str]]:
    """(hub or gateway that is out, period)."""
    if not network.policy.holds("resilience"):
        return []
    return [(w, t) for w in Outages(network).shares for t in network.periods]


def reroutings(network: Network) -> list[tuple[str, str, str, str, str]]:
    """(outage, gateway, hub, kind of goods, period) of everything that can take over."""
    sets = Outages(network)
    return [
        (w, g, h, kind.id, t)
        for w, t in outage_periods(network)
        for kind in sets.kinds
        for g, h in sorted(kind.entries)
        if w not in (g, h)
    ]


def reroutings_down(network: Network) -> list[tuple[str, str, str, str, str]]:
    """(outage, hub, class of lower nodes, kind of goods, period), where not every hub reaches every lower node."""
    sets = Outages(network)
    return [
        (w, h, sets.number[hubs], kind.id, t)
        for w, t in outage_periods(network)
        for kind in sets.kinds
        if not kind.has_one_class
        for hubs in kind.classes
        for h in sorted(hubs)
        if h != w
    ]


def add_outage_variables(model: pyo.ConcreteModel) -> None:
    """Add ``rerouted``, ``rerouted_down`` and ``planned``.

    ========================  =============================================  =========  ==================
    variable                  index                                          domain     unit
    ========================  =============================================  =========  ==================
    ``rerouted``              outage, gateway, hub, kind, period             real >= 0  flow units
    ``rerouted_down``         outage, hub, class, kind, period               real >= 0  flow units
    ``planned``               class, kind, period                            real >= 0  flow units
    ========================  =============================================  =========  ==================
    """
    network: Network = model.network
    model.outage_sets = Outages(network)
    model.rerouted = pyo.Var(reroutings(network), domain=pyo.NonNegativeReals)
    model.rerouted_down = pyo.Var(reroutings_down(network), domain=pyo.NonNegativeReals)
    model.planned = pyo.Var(planned_classes(network), domain=pyo.NonNegativeReals)
    by_hub: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    by_gateway: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    by_outage: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for x in model.rerouted:
        w, g, h, _, t = x
        by_hub[w, h, t].append(x)
        by_gateway[w, g, t].append(x)
        by_outage[w, t].append(x)
    model.rerouted_at_hub, model.rerouted_at_gateway, model.rerouted_in = by_hub, by_gateway, by_outage


def planned_classes(network: Network) -> list[tuple[str, str, str]]:
    """(class of lower nodes, kind of goods, period), if there is an outage to withstand."""
    sets = Outages(network)
    periods = dict.fromkeys(t for _, t in outage_periods(network))
    return [(sets.number[hubs], kind.id, t) for kind in sets.kinds for hubs in kind.classes for t in periods]


def planned_is_handled(m: Any, c: str, kind: str, t: str) -> Any:
    r"""What a class of lower nodes can be sent is what it takes in from the hubs in the plan.

    .. math:: planned_{c,\kappa,t} = \sum_{k \in \kappa} \sum_{j \in c} inflow_{j,k,t} \qquad \forall c, \kappa, t

    In flow units.
    """
    sets: Outages = m.outage_sets
    nodes = next(nodes for hubs, nodes in sets.kind[kind].classes.items() if sets.number[hubs] == c)
    return m.planned[c, kind, t] == pyo.quicksum(flow_into(m, node, k, t) for node, k in nodes)


def outage_hubs(network: Network) -> list[tuple[str, str, str]]:
    """(outage, hub, period) of hubs that can take over."""
    hubs = dict.fromkeys(h for kind in Outages(network).kinds for h in sorted(kind.hubs))
    return [(w, h, t) for w, t in outage_periods(network) for h in hubs if h != w]


def outage_within_hub(m: Any, w: str, h: str, t: str) -> Any:
    r"""What a hub takes over is within its capacity.

    .. math:: \sum_{g,\kappa} rerouted_{w,g,h,\kappa,t} \le
        \sum_d q_d (modules_{h,d,t} - \delta_{d,t} converted_{h,d,t}) \qquad \forall w, h \ne w, t

    In flow units.
    """
    network: Network = m.network
    room = pyo.quicksum(network.module_capacity(h, d) * modules_in_use(m, h, d, t) for d in network.designs_at[h])
    taken = pyo.quicksum(m.rerouted[x] for x in m.rerouted_at_hub.get((w, h, t), ()))
    return row(m, taken - room, "<=", 0)


def outage_requirements(network: Network) -> list[tuple[str, str, str, str]]:
    """(outage, hub, class of handling other than ambient, period)."""
    asked = sorted({kind.requirement for kind in Outages(network).kinds} - {"ambient"})
    return [(w, h, r, t) for w, h, t in outage_hubs(network) for r in asked]


def outage_within_requirement(m: Any, w: str, h: str, r: str, t: str) -> Any:
    r"""... and the goods of a class of handling (bonded, cold or another) within its capacity for them.

    .. math:: \sum_{g,\kappa: req(\kappa)=r} rerouted_{w,g,h,\kappa,t} \le
        \sum_d q_{d,r} (modules_{h,d,t} - \delta_{d,t} converted_{h,d,t}) \qquad \forall w, h \ne w, r, t

    In flow units.
    """
    network: Network = m.network
    room = pyo.quicksum(network.module_capacity(h, d, r) * modules_in_use(m, h, d, t) for d in network.designs_at[h])
    kinds = m.outage_sets.kind
    taken = [m.rerouted[x] for x in m.rerouted_at_hub.get((w, h, t), ()) if kinds[x[3]].requirement == r]
    return row(m, pyo.quicksum(taken) - room, "<=", 0)


def outage_gateways(network: Network) -> list[tuple[str, str, str]]:
    """(outage, gateway, period) of gateways with a capacity."""
    limits = network.gateway_capacity if network.policy.holds("gateway_capacity") else {}
    return [(w, g, t) for w, t in outage_periods(network) for g, s in limits if s == t and g != w]


def outage_within_gateway(m: Any, w: str, g: str, t: str) -> Any:
    r"""What passes a gateway during an outage is within its capacity.

    .. math:: \sum_{h,\kappa} rerouted_{w,g,h,\kappa,t} \le Q_{g,t} \qquad \forall w, g \ne w, t

    In flow units.
    """
    taken = pyo.quicksum(m.rerouted[x] for x in m.rerouted_at_gateway.get((w, g, t), ()))
    return row(m, taken, "<=", m.network.gateway_capacity[g, t])


def outage_kinds(network: Network) -> list[tuple[str, str, str]]:
    """(outage, kind of goods, period) where every hub reaches every lower node."""
    kinds = [kind.id for kind in Outages(network).kinds if kind.has_one_class]
    return [(w, kind, t) for w, t in outage_periods(network) for kind in kinds]


def outage_within_plan(m: Any, w: str, kind: str, t: str) -> Any:
    r"""No more is rerouted than the lower level handles in the plan.

    .. math:: \sum_{g,h} rerouted_{w,g,h,\kappa,t} \le planned_{c,\kappa,t} \qquad \forall w, \kappa, t

    In flow units.
    """
    sets: Outages = m.outage_sets
    (only,) = (sets.number[hubs] for hubs in sets.kind[kind].classes)
    taken = [m.rerouted[x] for x in m.rerouted_in.get((w, t), ()) if x[3] == kind]
    return row(m, pyo.quicksum(taken) - m.planned[only, kind, t], "<=", 0)


def _split_kinds(network: Network) -> list[Kind]:
    return [kind for kind in Outages(network).kinds if not kind.has_one_class]


def outage_hub_kinds(network: Network) -> list[tuple[str, str, str, str]]:
    """(outage, hub, kind of goods, period) where not every hub reaches every lower node."""
    kinds = _split_kinds(network)
    return [(w, h, kind.id, t) for w, t in outage_periods(network) for kind in kinds for h in sorted(kind.hubs - {w})]


def outage_passes_hub(m: Any, w: str, h: str, kind: str, t: str) -> Any:
    r"""What a hub takes over it sends on.

    .. math:: \sum_g rerouted_{w,g,h,\kappa,t} = \sum_c down_{w,h,c,\kappa,t} \qquad \forall w, h \ne w, \kappa, t

    In flow units.
    """
    taken = pyo.quicksum(m.rerouted[x] for x in m.rerouted_at_hub.get((w, h, t), ()) if x[3] == kind)
    number = m.outage_sets.number
    sent = pyo.quicksum(
        m.rerouted_down[w, h, number[hubs], kind, t] for hubs in m.outage_sets.kind[kind].classes if h in hubs
    )
    return row(m, taken - sent, "==", 0)


def outage_classes(network: Network) -> list[tuple[str, str, str, str]]:
    """(outage, class of lower nodes, kind of goods, period) where not every hub reaches every lower node."""
    number = Outages(network).number
    kinds = _split_kinds(network)
    return [
        (w, number[hubs], kind.id, t) for w, t in outage_periods(network) for kind in kinds for hubs in kind.classes
    ]


def outage_within_class(m: Any, w: str, c: str, kind: str, t: str) -> Any:
    r"""No more is sent to the lower nodes of a class than they handle in the plan.

    .. math:: \sum_h down_{w,h,c,\kappa,t} \le planned_{c,\kappa,t} \qquad \forall w, c, \kappa, t

    In flow units.
    """
    hubs = next(hubs for hubs in m.outage_sets.kind[kind].classes if m.outage_sets.number[hubs] == c)
    sent = pyo.quicksum(m.rerouted_down[w, h, c, kind, t] for h in sorted(hubs) if h != w)
    return row(m, sent - m.planned[c, kind, t], "<=", 0)


def share_served(m: Any, w: str, t: str) -> Any:
    """Share of the demand served in an outage, as a linear expression; None where nothing comes over hubs."""
    counted = set(m.outage_sets.commodities)
    demand = sum(amount for (_, k, s), amount in m.network.demand.items() if k in counted and s == t)
    return pyo.quicksum(m.rerouted[x] / demand for x in m.rerouted_in.get((w, t), ())) if demand > 0 else None


def outage_share_served(m: Any, w: str, t: str) -> Any:
    r"""With a hub or gateway out, a share of the demand is still served.

    .. math:: \sum_{g,h,\kappa} rerouted_{w,g,h,\kappa,t} \ge \phi_w \sum_{k \in K^{hub}} \sum_z D_{z,k,t}
        \qquad \forall w, t

    As a share of the demand for goods that come over hubs (dimensionless).
    """
    served, least = share_served(m, w, t), m.outage_sets.shares[w]
    if served is None or (least <= NOTHING and (w, t) not in m.rerouted_in):
        return pyo.Constraint.Skip
    return row(m, served, ">=", least)


CONSTRAINTS = (
    Constraint(planned_is_handled, planned_classes, "resilience"),
    Constraint(outage_within_hub, outage_hubs, "resilience"),
    Constraint(outage_within_requirement, outage_requirements, "resilience"),
    Constraint(outage_within_gateway, outage_gateways, "resilience"),
    Constraint(outage_within_plan, outage_kinds, "resilience"),
    Constraint(outage_passes_hub, outage_hub_kinds, "resilience"),
    Constraint(outage_within_class, outage_classes, "resilience"),
    Constraint(outage_share_served, outage_periods, "resilience"),
)
