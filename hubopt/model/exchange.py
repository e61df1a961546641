"""In-city goods: collected in one facility of a level, exchanged, and delivered from another of the same level.

A pair of commodities stands for them: as collected (outbound) and as delivered (inbound). Goods of one group of zones
are alike. Their mix is followed from the zones up to the level of exchange; variables for it exist only where goods of
several groups can meet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyomo.environ as pyo

from hubopt.instance import rows
from hubopt.model.constraint import Constraint, row
from hubopt.model.network import Arc, Network
from hubopt.model.variables import flow_from

Index = tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Exchange:
    """Sets and figures of the in-city goods of a network."""

    network: Network

    @cached_property
    def collected_as(self) -> Mapping[str, str]:
        """Commodity as collected, by commodity as delivered."""
        if not self.network.policy.holds("exchange"):
            return {}
        return {k: item.exchange_with for k, item in self.network.commodities.items() if item.exchange_with}

    @cached_property
    def group(self) -> Mapping[str, str]:
        """Group of each zone: its own, else its district."""
        return {row.id: row.group or row.district for row in rows(self.network.instance.zones)}

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """All groups that send something or from which something is received; one without a name if nobody sends."""
        sent = set(self.collected_as.values())
        sending = dict.fromkeys(self.group[z] for z, k, _ in self.network.demand if k in sent)
        stated = (shares for k in self.collected_as for shares in self._stated.get(k, {}).values())
        receiving = dict.fromkeys(o for shares in stated for o, share in shares.items() if share > 0)
        return tuple(sending | receiving) or ("",)

    @cached_property
    def _stated(self) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
        """Shares of the exchange table by commodity, zone and group."""
        found: dict[str, dict[str, dict[str, float]]] = {}
        for row_ in rows(self.network.instance.exchange):
            found.setdefault(row_.commodity, {}).setdefault(row_.zone, {})[row_.group] = float(row_.share)
        return found

    def is_uniform(self, commodity: str) -> bool:
        """Whether every zone gets the same mix of groups."""
        return commodity not in self._stated

    @cached_property
    def _sent(self) -> Mapping[tuple[str, str], Mapping[str, float]]:
        found: dict[tuple[str, str], dict[str, float]] = {}
        for (z, k, t), amount in self.network.demand.items():
            by_group = found.setdefault((k, t), {})
            by_group[self.group[z]] = by_group.get(self.group[z], 0.0) + amount
        return found

    def mix(self, delivered: str, period: str) -> Mapping[str, float]:
        """Share of each group in all that is sent (where every zone gets the same).

        Where nothing is sent all is of one group, of which nothing can then be delivered.
        """
        by_group = self._sent.get((self.collected_as[delivered], period), {})
        total = sum(by_group.values())
        return {o: amount / total for o, amount in by_group.items()} if total > 0 else {self.groups[0]: 1.0}

    def share(self, delivered: str, zone: str, group: str, period: str) -> float:
        """Share of a group in what a zone receives."""
        if self.is_uniform(delivered):
            return self.mix(delivered, period).get(group, 0.0)
        return self._stated[delivered].get(zone, {}).get(group, 0.0)

    @cached_property
    def contents(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """Groups of which goods can be at a facility, by (site, commodity)."""
        found: dict[tuple[str, str], frozenset[str]] = {}

        def at(node: str, k: str, collected: bool) -> frozenset[str]:
            if node not in self.network.sites:
                stated = self._stated.get(k, {}).get(node, {})
                return frozenset((self.group[node],)) if collected else frozenset(stated)
            if (node, k) not in found:
                ends = {arc[2] for arc in self.network.arcs_from.get((node, k), ())}
                found[node, k] = frozenset().union(*(at(end, k, collected) for end in ends))
            return found[node, k]

        for delivered, sent in self.collected_as.items():
            for site in self.network.sites:
                at(site, sent, True)
                if not self.is_uniform(delivered):
                    at(site, delivered, False)
        return found

    def follows(self, commodity: str) -> bool:
        """Whether the mix of the commodity has to be followed up from the zones."""
        return commodity in self.collected_as.values() or (
            commodity in self.collected_as and not self.is_uniform(commodity)
        )

    @cached_property
    def mixed_arcs(self) -> tuple[tuple[str, Arc], ...]:
        """(commodity, arc) above the last leg whose lower end can hold goods of several groups."""
        return tuple(
            (k, arc)
            for arc, k in self.network.carriers
            if self.follows(k) and arc[2] in self.network.sites and len(self.contents.get((arc[2], k), ())) > 1
        )

    def level(self, delivered: str) -> str:
        """Level at which a commodity is exchanged."""
        return self.network.commodities[delivered].chain[0]

    @cached_property
    def ways(self) -> tuple[tuple[str, str, str, str], ...]:
        """(commodity as delivered, origin, destination, mode) of every possible exchange; no mode within a facility."""
        found = []
        for delivered, sent in self.collected_as.items():
            leg = self.network.commodities[delivered].exchange_leg
            gives = {i for i, k in self.network.arcs_from if k == sent and self._is_at(i, delivered)}
            takes = {i for i, k in self.network.arcs_from if k == delivered and self._is_at(i, delivered)}
            found += [(delivered, i, i, "") for i in sorted(gives & takes)]
            for arc in self.network.arcs_by_leg.get(leg, ()):
                if arc in self.network.beaten or not self.network.modes[arc[3]].carries(delivered):
                    continue
                both = ((arc[1], arc[2]), (arc[2], arc[1]))
                found += [(delivered, i, j, arc[3]) for i, j in both if i in gives and j in takes]
        return tuple(found)

    def _is_at(self, node: str, delivered: str) -> bool:
        site = self.network.sites.get(node)
        return site is not None and site.level == self.level(delivered)

    def arc(self, index: Index) -> Arc | None:
        """The arc of an exchange (commodity, group, origin, destination, mode, period); None within a facility."""
        delivered, _, i, j, mode, _ = index
        if not mode:
            return None
        leg = self.network.commodities[delivered].exchange_leg
        return (leg, i, j, mode) if (leg, i, j, mode) in self.network.way else (leg, j, i, mode)


def exchanges(network: Network) -> list[Index]:
    """(commodity as delivered, group, origin, destination, mode, period) of all exchanges."""
    sets = Exchange(network)
    return [
        (k, o, i, j, mode, t)
        for k, i, j, mode in sets.ways
        for o in sets.groups
        for t in network.periods
        if o in sets.contents.get((i, sets.collected_as[k]), ())
    ]


def mixes(network: Network) -> list[Index]:
    """(commodity, group, arc (4 parts), period) where goods of several groups can share an arc."""
    sets = Exchange(network)
    return [
        (k, o, *arc, t) for k, arc in sets.mixed_arcs for o in sorted(sets.contents[arc[2], k]) for t in network.periods
    ]


def add_exchange_variables(model: pyo.ConcreteModel) -> None:
    """Add ``exchange`` and ``mixed``, both in flow units.

    ========================  ===============================================================  =========  ==========
    variable                  index                                                            domain     unit
    ========================  ===============================================================  =========  ==========
    ``exchange``              commodity, group, origin, destination, mode, period              real >= 0  flow units
    ``mixed``                 commodity, group, arc (4 parts), period                          real >= 0  flow units
    ========================  ===============================================================  =========  ==========
    """
    network: Network = model.network
    model.exchange_sets = Exchange(network)
    model.exchange = pyo.Var(exchanges(network), domain=pyo.NonNegativeReals)
    model.mixed = pyo.Var(mixes(network), domain=pyo.NonNegativeReals)
    model.exchanges_at = {t: [x for x in model.exchange if x[5] == t] for t in network.periods}
    out: dict[Index, list[Index]] = {}
    into: dict[Index, list[Index]] = {}
    for x in model.exchange:
        k, o, i, j, _, t = x
        out.setdefault((k, o, i, t), []).append(x)
        into.setdefault((k, o, j, t), []).append(x)
    model.exchange_out, model.exchange_in = out, into
    _index_by_arc(model)


def _on_arc(m: Any, k: str, o: str, arc: Arc, t: str) -> Any:
    """Goods of a group on an arc above the last leg, as a linear expression."""
    contents = m.exchange_sets.contents.get((arc[2], k), frozenset())
    if o not in contents or (*arc, k, t) not in m.flow:
        return 0
    return m.flow[arc, k, t] if len(contents) == 1 else m.mixed[(k, o, *arc, t)]


def content(m: Any, k: str, o: str, i: str, t: str) -> Any:
    """Goods of group ``o`` that a facility handles of a commodity of in-city goods, as a linear expression."""
    network: Network = m.network
    sets: Exchange = m.exchange_sets
    if not sets.follows(k):
        return sets.mix(k, t).get(o, 0.0) * flow_from(m, i, k, t)
    terms = []
    for arc in network.arcs_from.get((i, k), ()):
        if arc[2] in network.sites:
            terms.append(_on_arc(m, k, o, arc, t))
        elif (*arc, k, t) in m.flow:
            share = float(sets.group[arc[2]] == o) if k not in sets.collected_as else sets.share(k, arc[2], o, t)
            terms.append(share * m.flow[arc, k, t])
    return pyo.quicksum(terms)


def mixed_arcs_periods(network: Network) -> list[Index]:
    """(commodity, arc (4 parts), period) where goods of several groups can share an arc and something can flow."""
    return [
        (k, *arc, t)
        for k, arc in Exchange(network).mixed_arcs
        for t in network.periods
        if network.flow_bound(arc, k, t) > 0
    ]


def mix_makes_up_flow(m: Any, k: str, leg: str, i: str, j: str, mode: str, t: str) -> Any:
    r"""The goods of all groups on an arc make up its flow.

    .. math:: \sum_o mixed_{k,o,a,t} = flow_{a,k,t} \qquad \forall (k,a) \in A^{mix}, t

    In flow units.
    """
    groups = m.exchange_sets.contents[j, k]
    return pyo.quicksum(m.mixed[k, o, leg, i, j, mode, t] for o in groups) == m.flow[leg, i, j, mode, k, t]


def mixed_sites(network: Network) -> list[tuple[str, str, str, str]]:
    """(commodity, group, site, period) of lower ends of arcs that groups share."""
    sets = Exchange(network)
    ends = dict.fromkeys((k, arc[2]) for k, arc in sets.mixed_arcs)
    return [(k, o, j, t) for k, j in ends for o in sorted(sets.contents[j, k]) for t in network.periods]


def mix_is_kept(m: Any, k: str, o: str, j: str, t: str) -> Any:
    r"""What a facility handles of a group is what comes in over its arcs of that group.

    .. math:: \sum_{a \in A^{in}_{j,k}} mixed_{k,o,a,t} = content_{k,o,j,t} \qquad \forall (k,o,j), t

    In flow units; content adds up the goods of the group on the arcs below, at the last facility those of the zones.
    """
    network: Network = m.network
    above = pyo.quicksum(_on_arc(m, k, o, arc, t) for arc in network.arcs_into.get((j, k), ()))
    return row(m, above - content(m, k, o, j, t), "==", 0)


def exchanging(network: Network) -> list[tuple[str, str, str, str]]:
    """(commodity as delivered, group, site, period) at the level of exchange."""
    sets = Exchange(network)
    return [
        (k, o, i, t)
        for k, sent in sets.collected_as.items()
        for i in network.sites_of(sets.level(k))
        if (i, k) in network.arcs_from or (i, sent) in network.arcs_from
        for o in sets.groups
        for t in network.periods
    ]


def collected_is_passed_on(m: Any, k: str, o: str, i: str, t: str) -> Any:
    r"""What a facility collects of a group it passes on to facilities of its level, itself included.

    .. math:: \sum_{j,m} exchange_{k,o,i,j,m,t} = collected_{k,o,i,t} \qquad \forall k, o, i, t

    In flow units.
    """
    given = pyo.quicksum(m.exchange[x] for x in m.exchange_out.get((k, o, i, t), ()))
    return row(m, given - content(m, m.exchange_sets.collected_as[k], o, i, t), "==", 0)


def delivered_is_received(m: Any, k: str, o: str, j: str, t: str) -> Any:
    r"""What a facility delivers of a group it has received from facilities of its level, itself included.

    .. math:: \sum_{i,m} exchange_{k,o,i,j,m,t} = delivered_{k,o,j,t} \qquad \forall k, o, j, t

    In flow units; together with the row before it makes goods collected in a group equal goods delivered from it.
    """
    taken = pyo.quicksum(m.exchange[x] for x in m.exchange_in.get((k, o, j, t), ()))
    return row(m, taken - content(m, k, o, j, t), "==", 0)


def exchange_on_arc(m: Any, arc: Arc, t: str) -> tuple[Any, Any]:
    """In-city goods on an arc along its direction and against it, as linear expressions (flow units)."""
    along: list[Any] = []
    against: list[Any] = []
    for x in m.exchanges_by_arc.get((*arc, t), ()):
        (along if x[2] == arc[1] else against).append(m.exchange[x])
    return pyo.quicksum(along), pyo.quicksum(against)


def _index_by_arc(model: pyo.ConcreteModel) -> None:
    """Note which exchanges use each arc, by (arc, period)."""
    found: dict[Index, list[Index]] = {}
    for x in model.exchange:
        arc = model.exchange_sets.arc(x)
        if arc is not None:
            found.setdefault((*arc, x[5]), []).append(x)
    model.exchanges_by_arc = found


CONSTRAINTS = (
    Constraint(mix_makes_up_flow, mixed_arcs_periods, "exchange"),
    Constraint(mix_is_kept, mixed_sites, "exchange"),
    Constraint(collected_is_passed_on, exchanging, "exchange"),
    Constraint(delivered_is_received, exchanging, "exchange"),
)
