"""What flows in one period through a given network, as rows of a linear program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.brute_case import Choice, SmallCase, Sources
from tests.brute_paths import Conversion
from tests.brute_program import Program, Terms, plus


@dataclass
class Block:
    """The columns of one period in ``program``; costs are CNY/year times the period's weight.

    ``sources`` are the single sources, None: any. ``unused`` holds a column per conversion: modules that might be
    converted and are built anew instead. ``cost`` collects unweighted CNY/year (without policy weights) by column.
    """

    case: SmallCase
    program: Program
    at: int
    choice: Choice
    sources: Sources | None
    unused: dict[Conversion, int]
    building_kg: float
    ways: list[tuple[Any, str, int]] = field(default_factory=list)
    unmet: dict[tuple[str, str], int] = field(default_factory=dict)
    exchanged: list[tuple[str, str, str, str, Any, int]] = field(default_factory=list)
    sums: dict[tuple[str, str, str], Terms] = field(default_factory=dict)
    kg: Terms = field(default_factory=dict)
    cost: Terms = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.period = self.case.periods[self.at]
        self.demand = self.case.demands[self.period.id]
        self.info = self.case.instance.info
        self._flow_columns()
        self._exchange_columns()
        self._empty_columns()
        for rows in (
            self._demand_rows, self._balance_rows, self._facility_rows, self._gateway_rows, self._share_rows,
            self._mode_rows, self._concentration_rows, self._exchange_rows, self._chain_rows, self._cap_rows,
            self._outage_rows,
        ):  # fmt: skip
            rows()

    # -- columns -------------------------------------------------------------------------------------------------------

    def _new(self, parts: dict[str, float], kg: float = 0.0, upper: float | None = None) -> int:
        """A column that costs ``parts`` (CNY/year) and emits ``kg`` (per year) per unit."""
        parts = {**parts, "carbon": kg * self.info.carbon_price_cny_t / 1000}
        weighed = sum(self.case.policy.weight(part) * value for part, value in parts.items())  # type: ignore[arg-type]
        column = self.program.column(self.period.weight * weighed, upper)
        self.kg[column] = kg
        self.cost[column] = self.period.weight * sum(parts.values())
        return column

    def _haul(self, arc: Any) -> tuple[dict[str, float], float]:
        """Cost parts and kg a year of a tonne a day over an arc."""
        mode, days = self.case.modes[arc.mode], self.info.operating_days
        parts = {
            "transport": days * (arc.km * mode.cny_t_km + mode.cny_t + arc.toll_cny_t),
            "border": days * arc.border_cny_t,
        }
        return parts, days * arc.km * mode.kgco2e_t_km

    def _flow_columns(self) -> None:
        case, days = self.case, self.info.operating_days
        for arc, name in case.ways:
            if not (arc.origin in self.choice or arc.origin in case.gateways):
                continue
            if not (arc.destination in self.choice or arc.destination not in case.sites):
                continue
            link = (arc.leg, arc.origin, arc.destination)
            if self.sources is not None and arc.leg in case.single and link not in self.sources:
                continue
            parts, kg = self._haul(arc)
            if arc.origin in case.gateways:
                gateway = case.gateways[arc.origin]
                parts["beyond"] = days * gateway.beyond_cny_t
                parts["border"] += days * gateway.border_cny_t
                kg += days * gateway.beyond_kgco2e_t
            else:
                design = case.designs[self.choice[arc.origin][0]]
                parts["handling"] = days * design.handling_cny_t
                kg += days * design.energy_kwh_t * self.info.grid_kgco2e_kwh
            column = self._new(parts, kg)
            self.ways.append((arc, name, column))
            for key in (("out", arc.origin), ("into", arc.destination)):
                for of in ("", name):
                    self.sums.setdefault((*key, of), {})[column] = 1.0
        for (zone, name), amount in self.demand.items():
            self.unmet[zone, name] = self._new({"unmet": days * case.goods[name].unmet_cny_t}, 0.0, amount)

    def _exchange_columns(self) -> None:
        case = self.case
        for name, item in case.goods.items():
            if item.exchange_with is None:
                continue
            places = [site for site in self.choice if case.sites[site].level == item.chain[0]]
            for group in sorted(set(case.groups.values())):
                for place in places:
                    self.exchanged.append((name, group, place, place, None, self._new({})))
                for arc in case.arcs:
                    if arc.leg == item.exchange_leg and arc.origin in places and arc.destination in places:
                        for i, j in ((arc.origin, arc.destination), (arc.destination, arc.origin)):
                            self.exchanged.append((name, group, i, j, arc, self._new(*self._haul(arc))))

    def _moves(self) -> Iterator[tuple[Any, bool, str, int]]:
        """Everything on the road: arc, whether it goes from the origin, commodity, column."""
        for arc, name, column in self.ways:
            yield arc, self.case.goods[name].direction == "inbound", name, column
        for name, _, origin, _, arc, column in self.exchanged:
            if arc is not None:
                yield arc, origin == arc.origin, name, column

    def _empty_columns(self) -> None:
        nets: dict[Any, Terms] = {}
        arcs = {}
        for arc, forth, _, column in self._moves():
            key = (arc.leg, arc.origin, arc.destination, arc.mode)
            arcs[key] = arc
            nets.setdefault(key, {})[column] = 1.0 if forth else -1.0
        for key, net in nets.items():
            mode = self.case.modes[arcs[key].mode]
            if mode.empty_running > 0:
                per_t = self.info.operating_days * arcs[key].km * mode.empty_running
                column = self._new({"empty": per_t * mode.cny_t_km}, per_t * mode.kgco2e_t_km)
                self.program.limit(plus((1, net), (-1, {column: 1.0})), 0.0)
                self.program.limit(plus((-1, net), (-1, {column: 1.0})), 0.0)

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _out(self, place: str, name: str = "") -> Terms:
        """All flows that leave a place (of one commodity, if named)."""
        return self.sums.get(("out", place, name), {})

    def _into(self, place: str, name: str = "") -> Terms:
        """All flows that reach a place (of one commodity, if named)."""
        return self.sums.get(("into", place, name), {})

    def _demand_rows(self) -> None:
        for zone in self.case.groups:
            for name in self.case.goods:
                here = self._into(zone, name)
                unmet = {self.unmet[zone, name]: 1.0} if (zone, name) in self.unmet else {}
                self.program.balance(plus((1, here), (1, unmet)), self.demand.get((zone, name), 0.0))

    def _balance_rows(self) -> None:
        for site in self.choice:
            for name, item in self.case.goods.items():
                first = self.case.sites[site].level == item.chain[0] and name not in self.case.admitted
                if not first:
                    into, out = self._into(site, name), self._out(site, name)
                    self.program.balance(plus((1, into), (-1, out)))

    def _room(self, site: str, per_module: float) -> tuple[Terms, float]:
        """Capacity of a facility: what conversion that is not used adds, and a number."""
        modules, extra = float(self.choice[site][1]), {}
        for turned, column in self.unused.items():
            if turned.site == site and turned.period == self.at:
                modules -= turned.lost * turned.most
                extra[column] = turned.lost * per_module
        return extra, modules * per_module

    def _needing(self, site: str, need: str, columns: Terms) -> Terms:
        level = self.case.sites[site].level
        names = {column: name for _, name, column in self.ways}
        return {
            column: value
            for column, value in columns.items()
            if self.case.goods[names[column]].requirement_at(level) == need
        }

    def _facility_rows(self) -> None:
        for site, (name, modules) in self.choice.items():
            design, through = self.case.designs[name], self._out(site)
            for need, per_module in (
                ("", design.throughput_t_d),
                ("bonded", design.bonded_t_d),
                ("cold", design.cold_t_d),
            ):
                load = self._needing(site, need, through) if need else through
                extra, room = self._room(site, per_module)
                self.program.limit(plus((1, load), (-1, extra)), room)
            floor = self.case.level_rule(self.case.sites[site].level).min_utilisation * design.throughput_t_d * modules
            self.program.limit(plus((-1, through)), -floor)

    def _gateway_rows(self) -> None:
        for id, row in self.case.gateways.items():
            if row.capacity_t_d == row.capacity_t_d:
                self.program.limit(self._out(id), row.capacity_t_d * self.period.gateway_factor)

    def _share_rows(self) -> None:
        for name, shares in self.case.admitted.items():
            every = {
                column: 1.0 for arc, item, column in self.ways if item == name and arc.origin in self.case.gateways
            }
            for id, (least, most) in shares.items():
                here = self._out(id, name)
                self.program.limit(plus((least, every), (-1, here)), 0.0)
                self.program.limit(plus((1, here), (-most, every)), 0.0)

    def _mode_rows(self) -> None:
        moves = list(self._moves())
        for id, mode in self.case.modes.items():
            if mode.capacity_t_d is not None:
                self.program.limit({column: 1.0 for arc, _, _, column in moves if arc.mode == id}, mode.capacity_t_d)
        for row in self.case.instance.terminals.itertuples():
            touching = {
                column: 1.0
                for arc, _, _, column in moves
                if arc.mode == row.mode and row.node in (arc.origin, arc.destination)
            }
            self.program.limit(touching, row.capacity_t_d)

    def _concentration_rows(self) -> None:
        sites = self.case.sites
        for level in ("hub", "utc", "station"):
            rule = self.case.level_rule(level)
            members = [site for site in self.choice if sites[site].level == level]
            through = {site: self._out(site) for site in members}
            every = plus(*((1, terms) for terms in through.values()))
            for site in members:
                self.program.limit(plus((1, through[site]), (-rule.max_site_share, every)), 0.0)
            for operator in {sites[site].operator for site in members} - {""}:
                mine = plus(*((1, through[site]) for site in members if sites[site].operator == operator))
                self.program.limit(plus((1, mine), (-rule.max_operator_share, every)), 0.0)

    def _root(self, zone: str, legs: tuple[str, ...]) -> str | None:
        """The first-level facility that serves a zone through single sources."""
        assert self.sources is not None
        end: str | None = zone
        for leg in reversed(legs):
            end = next((i for other, i, j in self.sources if other == leg and j == end), None)
        return end

    def _served_from(self, zone: str, item: Any, name: str, place: str) -> Terms:
        """What a zone gets or gives of a commodity through a first-level facility."""
        if len(item.legs) == 1:
            return {c: 1.0 for arc, k, c in self.ways if (k, arc.origin, arc.destination) == (name, place, zone)}
        return self._into(zone, name) if self._root(zone, item.legs) == place else {}

    def _exchange_rows(self) -> None:
        case, add = self.case, self.program.balance
        for name, item in case.goods.items():
            if item.exchange_with is None:
                continue
            moves = [row for row in self.exchanged if row[0] == name]
            places = [site for site in self.choice if case.sites[site].level == item.chain[0]]
            origins = case.origins(name, self.period)
            for place in places:
                leaving = {column: 1.0 for _, _, i, _, _, column in moves if i == place}
                coming = {column: 1.0 for _, _, _, j, _, column in moves if j == place}
                add(plus((1, leaving), (-1, self._out(place, item.exchange_with))))
                add(plus((1, coming), (-1, self._out(place, name))))
            if len(item.legs) > 1 and self.sources is None:
                assert set(item.legs) <= set(case.single), "mixes on legs that are not single-sourced are not followed"
                continue
            for group in sorted(set(case.groups.values())):
                for place in places:
                    leaving = {c: 1.0 for _, o, i, _, _, c in moves if (o, i) == (group, place)}
                    coming = {c: 1.0 for _, o, _, j, _, c in moves if (o, j) == (group, place)}
                    collected = [
                        (-1.0, self._served_from(z, item, item.exchange_with, place))
                        for z, o in case.groups.items()
                        if o == group
                    ]
                    received = [
                        (-origins.get((group, z), 0.0), self._served_from(z, item, name, place)) for z in case.groups
                    ]
                    add(plus((1, leaving), *collected))
                    add(plus((1, coming), *received))

    def _chain_rows(self) -> None:
        case = self.case
        for target in case.instance.structure.service.targets:
            share = case.share(target, self.period)
            if target.kind != "chain" or share <= 0:
                continue
            listed = set(target.commodities or [k for k, item in case.goods.items() if item.chain[0] == target.level])
            partners = {case.goods[name].exchange_with for name in listed} - {None}
            late = {}
            for arc, _, name, column in self._moves():
                beyond = case.gateways[arc.origin].beyond_minutes if arc.origin in case.gateways else 0.0
                budget = target.budget_minutes.get(arc.leg)
                if name in listed | partners and budget is not None and arc.minutes + beyond > budget:
                    late[column] = 1.0
            weighed = {key: amount for key, amount in self.demand.items() if key[1] in listed - partners}
            unmet = {self.unmet[key]: 1.0 for key in weighed}
            total = sum(weighed.values())
            self.program.limit(plus((1, late), (1, unmet)), (1 - share) * total)

    def _cap_rows(self) -> None:
        if self.period.carbon_cap_t_year is not None:
            self.program.limit(dict(self.kg), 1000 * self.period.carbon_cap_t_year - self.building_kg)
        if self.case.policy.unmet_share_max is not None:
            most = self.case.policy.unmet_share_max * sum(self.demand.values())
            self.program.limit(dict.fromkeys(self.unmet.values(), 1.0), most)

    # -- outages -------------------------------------------------------------------------------------------------------

    def _outage_rows(self) -> None:
        floors = self.case.instance.structure.resilience
        hubs = [id for id, row in self.case.sites.items() if row.level == "hub"]
        for out in hubs if floors.hub_outage_share > 0 else []:
            self._outage(out, floors.hub_outage_share)
        for out in self.case.gateways if floors.gateway_outage_share > 0 else []:
            self._outage(out, floors.gateway_outage_share)

    def _outage(self, out: str, share: float) -> None:
        case = self.case
        names = {name: item for name, item in case.goods.items() if item.chain[0] == "hub"}
        total = sum(amount for (_, name), amount in self.demand.items() if name in names)
        rerouted = [
            (arc, name, self.program.column())
            for arc, name in case.ways
            if name in names
            and arc.leg in (names[name].gateway_leg, names[name].legs[0])
            and (arc.origin in self.choice or arc.origin in case.gateways)
            and (arc.destination in self.choice or arc.destination not in case.sites)
            and out not in (arc.origin, arc.destination)
        ]
        below = [(arc, name, column) for arc, name, column in rerouted if arc.origin not in case.gateways]
        for end in {arc.destination for arc, _, _ in below}:
            for name in names:
                more = {c: 1.0 for arc, k, c in below if arc.destination == end and k == name}
                plan = self._into(end, name)
                self.program.limit(plus((1, more), (-1, plan)), 0.0)
        for hub in (site for site in self.choice if case.sites[site].level == "hub"):
            design = case.designs[self.choice[hub][0]]
            needs = (("", design.throughput_t_d), ("bonded", design.bonded_t_d), ("cold", design.cold_t_d))
            for need, per_module in needs:
                load = {
                    c: 1.0 for arc, k, c in below if arc.origin == hub and need in ("", names[k].requirement_at("hub"))
                }
                extra, room = self._room(hub, per_module)
                self.program.limit(plus((1, load), (-1, extra)), room)
            for name in set(names) & set(case.admitted):
                into = {c: 1.0 for arc, k, c in rerouted if arc.destination == hub and k == name}
                leaving = {c: 1.0 for arc, k, c in below if arc.origin == hub and k == name}
                self.program.balance(plus((1, into), (-1, leaving)))
        for id, row in case.gateways.items():
            if row.capacity_t_d == row.capacity_t_d:
                here = {c: 1.0 for arc, _, c in rerouted if arc.origin == id}
                self.program.limit(here, row.capacity_t_d * self.period.gateway_factor)
        self.program.limit({c: -1.0 for _, _, c in below}, -share * total)
