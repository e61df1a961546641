"""What the effective instance consists of, by identifier: periods, goods, designs, modes, sites, today's facilities.

Flows are in ``scale.flow_t_d`` t/d, money in ``scale.money_cny`` CNY/year, land in ha.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from hubopt.instance import Instance, Policy, rows
from hubopt.instance.types import Commodity, Design, HubType, Level, LevelRule, Mode, Period, ServiceTarget
from hubopt.model.scale import Scale


@dataclass(frozen=True)
class Site:
    """A candidate site as the model sees it (land in ha, price in CNY/m2, ``max_far`` infinite if there is none)."""

    id: str
    level: str
    hub_type: str
    parcel: str
    district: str
    city: str
    land_ha: float
    land_price_cny_m2: float
    max_far: float
    operator: str
    forced: str
    availability: float


@dataclass(frozen=True)
class Existing:
    """Today's facility of a site."""

    design: str
    modules: int
    may_close: bool
    closure_cny: float


@dataclass(frozen=True, eq=False)
class Elements:
    """Elements of the model by identifier, as the policy leaves them."""

    instance: Instance
    policy: Policy
    scale: Scale

    @cached_property
    def periods(self) -> tuple[str, ...]:
        """Periods in order."""
        return tuple(self.period)

    @cached_property
    def period(self) -> Mapping[str, Period]:
        """Periods by id, in order."""
        return {item.id: item for item in self.instance.structure.periods}

    @cached_property
    def before(self) -> Mapping[str, str | None]:
        """The period before each period; None before the first, when today's facilities stand."""
        return dict(zip(self.periods, (None, *self.periods), strict=False))

    def up_to(self, period: str) -> tuple[str, ...]:
        """The periods up to and including ``period``."""
        return self.periods[: self.periods.index(period) + 1]

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

    def level_rule(self, level: str) -> LevelRule:
        """Counts, dwell time and shares of a level."""
        rules: Mapping[str, LevelRule] = self.instance.structure.levels  # type: ignore[assignment]
        return rules.get(level, LevelRule())

    def dwell_minutes(self, level: Level) -> float:
        """Minutes between arrival and departure at a level."""
        return self.level_rule(level).dwell_minutes

    @cached_property
    def sites(self) -> Mapping[str, Site]:
        """Candidate sites by id; an empty parcel is the site's own."""
        return {
            row.id: Site(
                row.id, row.level, row.hub_type, row.parcel or f"parcel-of-{row.id}", row.district, row.city,
                float(row.land_ha), float(row.land_price_cny_m2),
                math.inf if math.isnan(row.max_far) else float(row.max_far), row.operator, row.forced,
                float(row.availability),
            )
            for row in rows(self.instance.sites)
        }  # fmt: skip

    def sites_of(self, level: str) -> tuple[str, ...]:
        """Sites of a level."""
        return tuple(i for i, site in self.sites.items() if site.level == level)

    @cached_property
    def existing(self) -> Mapping[str, Existing]:
        """Facilities of today by site."""
        return {
            row.site: Existing(row.design, int(row.modules), bool(row.may_close), float(row.closure_cny))
            for row in rows(self.instance.existing)
        }

    def may_close(self, site: str) -> bool:
        """Whether a facility that is open may close in a later period."""
        today = self.existing.get(site)
        if today is None:
            return self.policy.allow_closing
        return today.may_close or not self.policy.holds("existing_must_stay")

    @cached_property
    def demand(self) -> Mapping[tuple[str, str, str], float]:
        """Positive demand by (zone, commodity, period), flow units."""
        return {
            (row.zone, row.commodity, row.period): float(row.t_d) / self.scale.flow_t_d
            for row in rows(self.instance.demand)
            if row.t_d > 0
        }

    @cached_property
    def own_site(self) -> Mapping[str, str]:
        """Site in the same place as a zone, by zone; zones without one, or whose site is out of use, are absent."""
        table = self.instance.zones
        return {
            z: i for z, i in zip(table["id"], table["own_site"], strict=True) if i and self.sites[i].availability > 0
        }

    @cached_property
    def gateway_kind(self) -> Mapping[str, str]:
        """Kind of each gateway."""
        return dict(zip(self.instance.gateways["id"], self.instance.gateways["kind"], strict=True))

    @cached_property
    def gateway_capacity(self) -> Mapping[tuple[str, str], float]:
        """Capacity of the gateways that have one, by (gateway, period) (flow units)."""
        table = self.instance.gateways
        return {
            (g, t): float(q) * period.gateway_factor / self.scale.flow_t_d
            for g, q in zip(table["id"], table["capacity_t_d"], strict=True)
            if not math.isnan(q)
            for t, period in self.period.items()
        }

    def gateway_figure(self, column: str) -> Mapping[str, float]:
        """A column of the gateways table by gateway."""
        table = self.instance.gateways
        return {g: float(value) for g, value in zip(table["id"], table[column], strict=True)}

    @cached_property
    def land_limit(self) -> Mapping[tuple[str, str], float]:
        """Limits of the land table (ha) by (scope, id)."""
        table = self.instance.land
        return {(s, i): float(x) for s, i, x in zip(table["scope"], table["id"], table["limit_ha"], strict=True)}

    @cached_property
    def targets(self) -> Mapping[str, ServiceTarget]:
        """Service targets by id."""
        return {target.id: target for target in self.instance.structure.service.targets}

    def share_asked(self, target: str, period: str) -> float:
        """Share of the demand that must meet a service target in a period (dimensionless)."""
        return self.period[period].target_shares.get(target, self.targets[target].share)
