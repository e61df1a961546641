"""Designs at sites: what may be built where, in which sizes, from what, and what it can handle."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from hubopt.instance import rows
from hubopt.instance.types import Design, Requirement
from hubopt.model.elements import Elements, Site


@dataclass(frozen=True)
class Option:
    """A design that a site may have, with its bounds in modules.

    ``sources``: modules of this design that fit the floor area of one module of another design, for the designs whose
    floor area can be converted to this one.
    """

    site: str
    design: str
    lower: int
    upper: int
    land_ha_module: float
    existing_modules: int
    sources: Mapping[str, float]


class Options(Elements):
    """Adds the designs at sites to the elements."""

    def _allowed(self) -> Mapping[str, tuple[str, ...]]:
        """Designs by site: today's, and those of its level that it lists (all if it lists none)."""
        listed = {row.id: [d for d in row.designs.split(";") if d] for row in rows(self.instance.sites)}
        found = {}
        for site in self.sites.values():
            today = self.existing.get(site.id)
            found[site.id] = tuple(
                design.id
                for design in self.designs.values()
                if (today is not None and today.design == design.id)
                or (site.level in design.levels and (not listed[site.id] or design.id in listed[site.id]))
            )
        return found

    def _sources(self, design: Design, others: tuple[str, ...]) -> Mapping[str, float]:
        if design.conversion_cny_m2 >= design.capital_cny_m2:
            return {}
        fitting = others if design.converts_from is None else tuple(d for d in others if d in design.converts_from)
        return {d: self.designs[d].module_gfa_m2 / design.module_gfa_m2 for d in fitting if d != design.id}

    def _option(self, site: Site, design: Design, designs: tuple[str, ...]) -> Option | None:
        today = self.existing.get(site.id)
        land = design.module_gfa_m2 / min(design.floor_area_ratio, site.max_far) / 1e4
        upper = min(design.max_modules, math.floor(site.land_ha / land + 1e-9))
        kept = today.modules if today is not None and today.design == design.id else 0
        upper = max(upper, kept)
        lower = kept or design.min_modules
        if upper < lower:
            return None
        return Option(site.id, design.id, lower, upper, land, kept, self._sources(design, designs))

    @cached_property
    def options(self) -> Mapping[tuple[str, str], Option]:
        """Options by (site, design): allowed designs that fit the land. Forced-closed sites have none."""
        found = {}
        for site, designs in self._allowed().items():
            if self.sites[site].forced == "closed" and self.policy.holds("forced_sites"):
                continue
            for design in designs:
                option = self._option(self.sites[site], self.designs[design], designs)
                if option is not None:
                    found[site, design] = option
        return found

    @cached_property
    def designs_at(self) -> Mapping[str, tuple[str, ...]]:
        """Designs that each site may have (empty tuple: it cannot open)."""
        found: dict[str, list[str]] = {site: [] for site in self.sites}
        for site, design in self.options:
            found[site].append(design)
        return {site: tuple(designs) for site, designs in found.items()}

    def sources(self, site: str, design: str, period: str) -> Mapping[str, float]:
        """Designs at the site before the period whose floor area can be converted to ``design``.

        The value is how many modules of ``design`` fit one module of the other.
        """
        option = self.options[site, design]
        if self.before[period] is not None:
            return {d: ratio for d, ratio in option.sources.items() if d in self.designs_at[site]}
        today = self.existing.get(site)
        return {} if today is None else {d: x for d, x in option.sources.items() if d == today.design}

    def out_of_use(self, design: str, period: str) -> float:
        """Share of the period for which converted floor area is out of use (dimensionless)."""
        return min(1.0, self.designs[design].conversion_months / 12 / self.period[period].years)

    def changes_design(self, site: str) -> bool:
        """Whether a facility that is open can be given up or take another design in a later period."""
        return self.may_close(site) or len(self.designs_at[site]) > 1

    # -- throughput --------------------------------------------------------------------------------------------

    def requirement(self, site: str, commodity: str) -> Requirement:
        """Handling that the site must offer to the commodity."""
        if not self.policy.holds("requirements"):
            return "ambient"
        return self.commodities[commodity].requirement_at(self.sites[site].level)

    def module_capacity(self, site: str, design: str, requirement: Requirement = "ambient") -> float:
        """Throughput of one module at the site for a class of handling, as far as it is available (flow units)."""
        offered = self.designs[design].capacity_t_d(requirement)
        return offered * self.sites[site].availability / self.scale.flow_t_d

    def capacity(self, site: str, design: str, commodity: str) -> float:
        """Throughput of one module that the commodity may use (flow units per module)."""
        offered = self.module_capacity(site, design, self.requirement(site, commodity))
        return min(self.module_capacity(site, design), offered)

    def overflows(self, site: str, design: str) -> bool:
        """Whether a facility may handle more than its modules take, at a price."""
        return self.designs[design].overflow_cny_t is not None and self.sites[site].availability > 0

    def can_handle(self, site: str, design: str, commodity: str) -> bool:
        """Whether the site can handle any of the commodity in the design."""
        ambient = self.requirement(site, commodity) == "ambient"
        return self.capacity(site, design, commodity) > 0 or (ambient and self.overflows(site, design))

    def most_handled(self, site: str, design: str, commodity: str) -> float:
        """Largest throughput of the commodity that the site can have in the design (flow units); inf: no limit."""
        if self.overflows(site, design) and self.requirement(site, commodity) == "ambient":
            return math.inf
        return self.options[site, design].upper * self.capacity(site, design, commodity)

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
                designs = tuple(d for d in self.designs_at[site.id] if self.can_handle(site.id, d, commodity.id))
                if designs:
                    found[site.id, commodity.id] = designs
        return found

    @cached_property
    def _largest_throughputs(self) -> Mapping[str, float]:
        sizes = {
            (i, d): math.inf if self.overflows(i, d) else option.upper * self.module_capacity(i, d)
            for (i, d), option in self.options.items()
        }
        return {i: max((sizes[i, d] for d in designs), default=0.0) for i, designs in self.designs_at.items()}

    def largest_throughput(self, site: str) -> float:
        """Largest throughput of all commodities that the site can have (flow units)."""
        return self._largest_throughputs[site]

    @cached_property
    def _largest_capacities(self) -> Mapping[tuple[str, str], float]:
        return {(i, k): max(self.most_handled(i, d, k) for d in designs) for (i, k), designs in self.handlers.items()}

    def largest_capacity(self, site: str, commodity: str) -> float:
        """Largest throughput of the commodity that the site can have with any design (flow units)."""
        return self._largest_capacities.get((site, commodity), 0.0)
