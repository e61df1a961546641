"""Least cost by trying every network, written from the description of the problem alone: no code of the model is used.

All choices of open sites, designs, sizes and single sources are listed; for each, the flows left over are a linear
program. Only for cases of a handful of sites. Choices whose yearly cost of facilities alone is not below
the best total found are passed over, since everything else costs money.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from hubopt.instance import Instance
from hubopt.instance.frames import frame, in_order
from hubopt.instance.types import Commodity, HubType, LevelRule, Mode, Period, ServiceLimit
from tests.cases import random_case

Size = tuple[str, int]
"""(design, modules)."""
Choice = Mapping[str, Size]
"""Open sites with what stands on them."""
Sources = frozenset[tuple[str, str, str]]
"""(leg, upper end, lower end) of the single-sourced legs."""


def yearly(rate: float, years: float) -> float:
    """Yearly share of an outlay."""
    return rate / (1 - (1 + rate) ** -years) if rate else 1 / years


@dataclass
class BruteForce:
    """One period of an instance; :meth:`least_cost` is the answer in CNY/year, None if no network is allowed."""

    instance: Instance
    period: str
    tried: int = 0

    # -- the case ----------------------------------------------------------------------------------------------

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
    def demand(self) -> dict[tuple[str, str], float]:
        rows = self.instance.demand
        rows = rows[(rows["period"] == self.period) & (rows["t_d"] > 0)]
        return {(row.zone, row.commodity): row.t_d for row in rows.itertuples()}

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
        return self.instance.structure.service.single_sourcing

    @cached_property
    def admitted(self) -> dict[str, dict[str, tuple[float, float]]]:
        found: dict[str, dict[str, tuple[float, float]]] = {}
        for row in self.instance.admissions.itertuples():
            found.setdefault(row.commodity, {})[row.gateway] = (row.min_share, row.max_share)
        return found

    # -- facilities --------------------------------------------------------------------------------------------

    def module_ha(self, design: str) -> float:
        return self.designs[design].module_gfa_m2 / self.designs[design].floor_area_ratio / 10_000

    def sizes(self, site: str) -> list[Size | None]:
        """Everything that may stand on a site; None: nothing."""
        row, today = self.sites[site], self.today.get(site)
        listed = [name for name in row.designs.split(";") if name]
        found: list[Size | None] = []
        for name, design in self.designs.items():
            stands = today is not None and today.design == name
            if not stands and (row.level not in design.levels or (listed and name not in listed)):
                continue
            for modules in range(1, 20):
                fits = modules <= design.max_modules and modules * self.module_ha(name) <= row.land_ha + 1e-12
                kept = stands and modules == today.modules
                enough = modules >= (today.modules if stands else design.min_modules)
                if (fits or kept) and enough:
                    found.append((name, modules))
        must = row.forced == "open" or (today is not None and not today.may_close)
        if row.forced == "closed":
            return [] if must else [None]
        return found if must else [None, *found]

    def facility_cost(self, site: str, size: Size | None) -> float:
        """CNY/year of everything but handling."""
        info, today = self.instance.info, self.today.get(site)
        land_share = yearly(info.discount_rate, info.land_life_years)
        if size is None:
            return land_share * today.closure_cny if today is not None else 0.0
        name, modules = size
        design = self.designs[name]
        outlay = design.fixed_capital_cny if today is None else 0.0
        new, converted = float(modules), 0.0
        if today is not None and today.design == name:
            new -= today.modules
        elif today is not None and design.conversion_cny_m2 < design.capital_cny_m2:
            area = today.modules * self.designs[today.design].module_gfa_m2
            converted = min(modules, area / design.module_gfa_m2)
            new -= converted
        outlay += design.module_gfa_m2 * (new * design.capital_cny_m2 + converted * design.conversion_cny_m2)
        land = modules * self.module_ha(name) * 10_000 * self.sites[site].land_price_cny_m2
        running = modules * design.module_gfa_m2 * design.running_cny_m2_year + design.fixed_running_cny_year
        return yearly(info.discount_rate, design.life_years) * outlay + land_share * land + running

    def keeps_counts(self, choice: Choice) -> bool:
        """Counts of levels and hub types, and land used together."""
        for level, rule in self.instance.structure.levels.items():
            number = sum(self.sites[site].level == level for site in choice)
            if number < rule.min_open or (rule.max_open is not None and number > rule.max_open):
                return False
        for kind in self.instance.structure.hub_types:
            number = sum(self.sites[site].hub_type == kind.id for site in choice)
            if number < kind.min_open or (kind.max_open is not None and number > kind.max_open):
                return False
        for row in self.instance.land.itertuples():
            used = sum(
                modules * self.module_ha(design)
                for site, (design, modules) in choice.items()
                if row.scope == "total" or getattr(self.sites[site], row.scope) == row.id
            )
            if used > row.limit_ha + 1e-9:
                return False
        return True

    # -- service -----------------------------------------------------------------------------------------------

    def weights(self, target: Any) -> dict[str, float]:
        found: dict[str, float] = {}
        for (zone, name), amount in self.demand.items():
            listed = target.commodities
            if name in listed if listed is not None else target.level in self.goods[name].chain:
                found[zone] = found.get(zone, 0.0) + amount
        return found

    def _reached(self, target: Any, zones: set[str]) -> bool:
        weights = self.weights(target)
        total = sum(weights.values())
        return sum(w for z, w in weights.items() if z in zones) >= target.share * total - 1e-9

    def keeps_access(self, choice: Choice) -> bool:
        for target in self.instance.structure.service.targets:
            if target.kind == "access":
                near = {
                    arc.destination
                    for arc in self.instance.arcs.itertuples()
                    if arc.leg == f"{target.level}-zone"
                    and arc.origin in choice
                    and getattr(arc, target.measure) <= target.limit
                }
                if not self._reached(target, near):
                    return False
        return True

    def keeps_delivery(self, sources: Sources) -> bool:
        levels = self.instance.structure.levels
        dwell = levels["station"].dwell_minutes if "station" in levels else 0.0
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
                if not self._reached(target, on_time):
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

    # -- flows -------------------------------------------------------------------------------------------------

    def _enters(self, arc: Any, name: str) -> bool:
        if arc.origin not in self.admitted.get(name, {}):
            return False
        kinds = {item.id: item for item in self.instance.structure.hub_types}
        kind = kinds.get(self.sites[arc.destination].hub_type)
        if kind is None or kind.gateway_kinds is None:
            return True
        table = self.instance.gateways.set_index("id")
        return table.loc[arc.origin, "kind"] in kind.gateway_kinds

    def _handles(self, site: str, name: str) -> bool:
        kinds = {item.id: item for item in self.instance.structure.hub_types}
        kind = kinds.get(self.sites[site].hub_type)
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

    def flow_cost(self, choice: Choice, sources: Sources | None) -> float | None:
        """Least CNY/year of carrying, handling and unmet demand; without single sourcing if ``sources`` is None."""
        self.tried += 1
        info = self.instance.info
        modes = {mode.id: mode for mode in self.instance.structure.modes}
        gateways = {row.id: row for row in self.instance.gateways.itertuples()}
        ways = [
            (arc, name)
            for arc, name in self.ways
            if (arc.origin in choice or arc.origin in gateways)
            and (arc.destination in choice or arc.destination not in self.sites)
            and (sources is None or arc.leg not in self.single or (arc.leg, arc.origin, arc.destination) in sources)
        ]
        unmet = sum(self.goods[name].unmet_cny_t * amount for (_, name), amount in self.demand.items())
        cost = np.zeros(len(ways))
        at_most: dict[Any, tuple[dict[int, float], float]] = {}
        equal: dict[Any, dict[int, float]] = {}

        def add(key: Any, number: int, factor: float, limit: float) -> None:
            row = at_most.setdefault(key, ({}, limit))[0]
            row[number] = row.get(number, 0.0) + factor

        for number, (arc, name) in enumerate(ways):
            mode, item = modes[arc.mode], self.goods[name]
            per_tonne = arc.km * mode.cny_t_km + mode.cny_t
            kilograms = arc.km * mode.kgco2e_t_km
            if arc.origin in gateways:
                gateway = gateways[arc.origin]
                per_tonne += gateway.beyond_cny_t + gateway.border_cny_t
                if not np.isnan(gateway.capacity_t_d):
                    add(("gateway", arc.origin), number, 1.0, gateway.capacity_t_d)
            else:
                design, modules = choice[arc.origin]
                figures = self.designs[design]
                per_tonne += figures.handling_cny_t
                kilograms += figures.energy_kwh_t * info.grid_kgco2e_kwh
                add(("size", arc.origin), number, 1.0, figures.throughput_t_d * modules)
                if item.requirement == "bonded":
                    add(("bonded", arc.origin), number, 1.0, figures.bonded_t_d * modules)
                if item.requirement == "cold":
                    add(("cold", arc.origin), number, 1.0, figures.cold_t_d * modules)
                if name in self.admitted or self.sites[arc.origin].level != item.chain[0]:
                    equal.setdefault((arc.origin, name), {})[number] = -1.0
            if arc.destination in self.sites:
                equal.setdefault((arc.destination, name), {})[number] = 1.0
            else:
                per_tonne -= item.unmet_cny_t
                add(("demand", arc.destination, name), number, 1.0, self.demand.get((arc.destination, name), 0.0))
            cost[number] = per_tonne + kilograms * info.carbon_price_cny_t / 1000
        for name, shares in self.admitted.items():
            entering = [n for n, (arc, item) in enumerate(ways) if item == name and arc.origin in gateways]
            for gateway_id, (least, most) in shares.items():
                for n in entering:
                    here = 1.0 if ways[n][0].origin == gateway_id else 0.0
                    add(("least", name, gateway_id), n, least - here, 0.0)
                    add(("most", name, gateway_id), n, here - most, 0.0)
        if not ways:
            return info.operating_days * unmet
        result = linprog(
            cost,
            A_ub=_matrix([row for row, _ in at_most.values()], len(ways)),
            b_ub=[limit for _, limit in at_most.values()],
            A_eq=_matrix(list(equal.values()), len(ways)) if equal else None,
            b_eq=np.zeros(len(equal)) if equal else None,
        )
        return info.operating_days * (unmet + result.fun) if result.status == 0 else None

    # -- all of it ---------------------------------------------------------------------------------------------

    def choices(self) -> list[tuple[float, dict[str, Size]]]:
        """Every allowed choice of facilities with its yearly cost, the cheapest first."""
        found = []
        names = list(self.sites)
        for sizes in itertools.product(*(self.sizes(site) for site in names)):
            choice = {site: size for site, size in zip(names, sizes, strict=True) if size is not None}
            if self.keeps_counts(choice) and self.keeps_access(choice):
                cost = sum(self.facility_cost(site, size) for site, size in zip(names, sizes, strict=True))
                found.append((cost, choice))
        return sorted(found, key=lambda pair: pair[0])

    def least_cost(self) -> float | None:
        """CNY/year of the cheapest network, None if no network keeps every rule."""
        best = np.inf
        for cost, choice in self.choices():
            if cost >= best:
                break
            allowed = [sources for sources in self.sourcings(choice) if self.keeps_delivery(sources)]
            if not allowed or (self.single and cost + (self.flow_cost(choice, None) or 0.0) >= best):
                continue
            for sources in allowed:
                flows = self.flow_cost(choice, sources)
                if flows is not None:
                    best = min(best, cost + flows)
        return None if np.isinf(best) else float(best)


def _matrix(rows: list[dict[int, float]], columns: int) -> np.ndarray:
    matrix = np.zeros((len(rows), columns))
    for number, row in enumerate(rows):
        for column, value in row.items():
            matrix[number, column] = value
    return matrix


def least_cost(instance: Instance) -> float | None:
    """Least yearly cost over all periods with their weights (nothing ties the periods together)."""
    total = 0.0
    for period in instance.structure.periods:
        cost = BruteForce(instance, period.id).least_cost()
        if cost is None:
            return None
        total += period.weight * cost
    return total


def varied_case(seed: int) -> Instance:
    """A case like :func:`random_case` with what that lacks: hub types, forced sites, counts, parcels, a second mode,
    a second period, limits in minutes, smallest sizes and no target.
    """
    rng = random.Random(f"varied {seed}")
    case = random_case(rng.randrange(10_000))
    structure = case.structure
    designs = tuple(
        item.model_copy(update={"max_modules": 3, "min_modules": rng.choice([1, 2])}) if "utc" in item.levels else item
        for item in structure.designs
    )
    kinds = (
        HubType(id="a", name_en="a", name_zh="甲", gateway_kinds=rng.choice([None, ("port",), ("rail",)])),
        HubType(
            id="b",
            name_en="b",
            name_zh="乙",
            commodities=rng.choice([None, ("k1",)]),
            max_open=rng.choice([None, 1]),
            min_open=rng.choice([0, 0, 1]),
        ),
    )
    van = Mode(id="van", name_en="Van", name_zh="货车", cny_t_km=rng.randint(1, 9), cny_t=5, kgco2e_t_km=0.3)
    single = structure.service.single_sourcing
    service = structure.service.model_copy(
        update={
            "targets": structure.service.targets if rng.random() < 0.2 else (),
            "limits": (ServiceLimit(leg="utc-station", max_minutes=rng.choice([20, 40])),),
            "single_sourcing": rng.choice([single, ("station-zone",), ("hub-utc", "station-zone"), ("utc-station",)]),
        }
    )
    if service.targets:
        service = service.model_copy(update={"single_sourcing": single})
    structure = structure.model_copy(
        update={
            "designs": designs,
            "hub_types": kinds,
            "modes": (*structure.modes, van),
            "periods": (Period(id="p"), Period(id="q", years=5, weight=2.5)),
            "levels": {"utc": LevelRule(min_open=rng.choice([0, 1])), "hub": LevelRule(max_open=rng.choice([1, 2]))},
            "service": service,
        }
    )
    sites = case.sites.copy()
    sites["land_ha"] *= 2
    hubs = sites["level"] == "hub"
    sites.loc[hubs, "hub_type"] = [rng.choice("ab") for _ in range(int(hubs.sum()))]
    sites.loc[~hubs, "parcel"] = "yard"
    sites.loc[hubs.idxmax(), "district"] = "A"
    sites.loc[rng.randrange(len(sites)), "forced"] = rng.choice(["", "open"])
    sites.loc[hubs.idxmax(), "hub_type"] = "b"
    later = case.demand.assign(period="q", t_d=case.demand["t_d"] * 1.5)
    quick = case.arcs.assign(mode="van", km=case.arcs["km"] * 0.8, minutes=case.arcs["minutes"] * 0.8)
    arcs = pd.concat([case.arcs, quick[quick["leg"] != "gateway-hub"]], ignore_index=True)
    rows = [("district", "A", rng.choice([0.1, 0.4])), ("parcel", "yard", rng.choice([0.2, 0.5]))]
    limits = [dict(zip(("scope", "id", "limit_ha"), row, strict=True)) for row in rows]
    land = in_order("land", frame("land", limits)) if rng.random() < 0.7 else case.land
    return replace(
        case.with_tables(sites=sites, demand=pd.concat([case.demand, later], ignore_index=True), arcs=arcs, land=land),
        structure=structure,
    )
