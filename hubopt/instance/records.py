"""Frozen records of what an instance is made of: periods, commodities, designs and modes, as in ``instance.toml``."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

Level = Literal["hub", "utc", "station"]
Direction = Literal["inbound", "outbound"]
Sense = Literal["min", "max"]
Requirement = str
"""Class of handling: ``ambient``, ``bonded``, ``cold``, or one of ``Design.requirement_t_d``."""

NAMED_REQUIREMENTS: tuple[Requirement, ...] = ("ambient", "bonded", "cold")
"""Classes of handling whose capacity has a field of its own in a design."""

LEVELS: tuple[Level, ...] = ("hub", "utc", "station")
"""Levels from the outside world to the community; a commodity's chain is a sub-sequence of these."""

Identifier = Annotated[
    str, Field(pattern=r"^[^\s,;|]{1,100}$", description="identifier: up to 100 characters without spaces , ; or |")
]
NotNegative = Annotated[float, Field(ge=0)]
EnglishName = Annotated[str, Field(min_length=1, max_length=200, description="name in English")]
ChineseName = Annotated[str, Field(min_length=1, max_length=200, description="name in Chinese")]


def _hashable(value: Any) -> Any:
    """``value`` with mappings replaced by what can be hashed; equal values stay equal."""
    return frozenset((key, _hashable(part)) for key, part in value.items()) if isinstance(value, Mapping) else value


class Record(BaseModel):
    """Base of the frozen records; unknown keys are errors. Records can be hashed, those with tables in them too."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __hash__(self) -> int:
        return hash((type(self), *(_hashable(value) for value in self.__dict__.values())))

    @model_serializer(mode="wrap")
    def _without_unused_later_fields(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The content without fields that :func:`later` marks and that hold their default."""
        content: dict[str, Any] = handler(self)
        for name, info in type(self).model_fields.items():
            extra = info.json_schema_extra
            is_later = isinstance(extra, dict) and bool(extra.get("later"))
            if is_later and name in content and getattr(self, name) == info.get_default(call_default_factory=True):
                del content[name]
        return content


def later(unit: str = "-") -> dict[str, Any]:
    """Mark of a field that came after the digest's format was fixed: it counts only where it departs from its default.

    So instances that do not use it keep their files and their digest.
    """
    return {"unit": unit, "later": True}


class Info(Record):
    """What the instance is and the figures that hold everywhere in it."""

    id: Identifier
    name_en: EnglishName
    name_zh: ChineseName
    description: str = Field(default="", description="what the case is, in a paragraph; says what is synthetic")
    synthetic: bool = Field(default=False, description="true if the whole case is made up")
    money_year: int = Field(description="year of the prices", ge=1900, le=2200)
    currency: str = Field(default="CNY", description="currency of every amount")
    operating_days: float = Field(
        default=365, gt=0, le=366, description="days per year with traffic", json_schema_extra={"unit": "d/year"}
    )
    discount_rate: float = Field(
        default=0.06,
        ge=0,
        lt=1,
        description="real rate of the capital recovery factor",
        json_schema_extra={"unit": "1/year"},
    )
    land_life_years: float = Field(
        default=50, gt=0, description="term over which land price is annualised", json_schema_extra={"unit": "years"}
    )
    carbon_price_cny_t: float = Field(
        default=0, ge=0, description="price of carbon in the objective", json_schema_extra={"unit": "CNY/t CO2e"}
    )
    grid_kgco2e_kwh: float = Field(
        default=0, ge=0, description="emission factor of electricity", json_schema_extra={"unit": "kg CO2e/kWh"}
    )
    sense: Sense = Field(
        default="min",
        description="min: the objective is objective_constant + cost; max: it is objective_constant - cost",
        json_schema_extra=later(),
    )
    objective_constant: float = Field(
        default=0,
        description="added to the cost (min), or what the cost is taken from (max: all that could be gained)",
        json_schema_extra=later("CNY/year"),
    )

    @property
    def sign(self) -> int:
        """What the stated objective is multiplied by to be minimised: 1 or -1."""
        return 1 if self.sense == "min" else -1


class Period(Record):
    """One planning period; one is the common case. Periods follow each other in the order of the file."""

    id: Identifier
    year: int | None = Field(default=None, description="first calendar year", ge=1900, le=2200)
    years: float = Field(default=1, gt=0, description="years covered", json_schema_extra={"unit": "years"})
    weight: float = Field(
        default=1,
        gt=0,
        description="discount weight of a year's cost in the objective",
        json_schema_extra={"unit": "-"},
    )
    gateway_factor: float = Field(
        default=1, ge=0, description="gateway capacities are multiplied by this", json_schema_extra={"unit": "-"}
    )
    capital_budget_cny: float | None = Field(
        default=None,
        ge=0,
        description="most that may be invested in the period (not annualised); none given: no limit",
        json_schema_extra={"unit": "CNY"},
    )
    carbon_cap_t_year: float | None = Field(
        default=None, ge=0, description="most that may be emitted in a year", json_schema_extra={"unit": "t CO2e/year"}
    )
    target_shares: Mapping[str, float] = Field(
        default_factory=dict,
        description="share of a service target (by its id) that holds in this period instead of the target's own",
        json_schema_extra={"unit": "-"},
    )


class Commodity(Record):
    """A kind of goods with its direction and the chain of levels it travels."""

    id: Identifier
    name_en: EnglishName
    name_zh: ChineseName
    direction: Direction = Field(
        description="inbound: gateway to zone; outbound: zone to gateway (same arcs, reversed)"
    )
    chain: tuple[Level, ...] = Field(
        min_length=1, description="levels passed, listed from gateway to zone in both directions"
    )
    requirement: Identifier = Field(
        default="ambient",
        description="handling that a facility must offer: ambient, bonded, cold, or a class of requirement_t_d",
    )
    requirement_levels: tuple[Level, ...] | None = Field(
        default=None,
        description="levels at which the requirement holds (bonded goods cleared at the hub: hub); none given: all",
    )
    exchange_with: Identifier | None = Field(
        default=None,
        description="in-city goods (inbound): the outbound commodity in which they are collected; "
        "facilities of the first level of the chain exchange them",
    )
    unmet_cny_t: float = Field(
        default=0,
        ge=0,
        description="penalty of a tonne not carried; needed unless must_be_met",
        json_schema_extra={"unit": "CNY/t"},
    )
    must_be_met: bool = Field(
        default=False,
        description="all demand has to be carried: nothing may stay unmet, at whatever penalty",
        json_schema_extra=later(),
    )

    @property
    def legs(self) -> tuple[str, ...]:
        """Legs between facilities and to the zone (without the gateway leg), e.g. ``("hub-utc", "utc-zone")``."""
        stops = [*self.chain, "zone"]
        return tuple(f"{a}-{b}" for a, b in itertools.pairwise(stops))

    @property
    def exchange_leg(self) -> str:
        """Leg between facilities of the first level, over which in-city goods are exchanged, e.g. ``"utc-utc"``."""
        return f"{self.chain[0]}-{self.chain[0]}"

    def requirement_at(self, level: str) -> Requirement:
        """Handling that a facility of ``level`` must offer."""
        holds = self.requirement_levels is None or level in self.requirement_levels
        return self.requirement if holds else "ambient"

    @property
    def gateway_leg(self) -> str:
        """Leg between the gateways and the first level of the chain, e.g. ``"gateway-hub"``."""
        return f"gateway-{self.chain[0]}"


class Design(Record):
    """A kind of building, sized in whole modules of floor area."""

    id: Identifier
    name_en: EnglishName
    name_zh: ChineseName
    levels: tuple[Level, ...] = Field(min_length=1, description="levels that may be built so")
    storeys: int = Field(default=1, ge=1, description="storeys above ground", json_schema_extra={"unit": "-"})
    module_gfa_m2: float = Field(
        gt=0, description="gross floor area of one module", json_schema_extra={"unit": "m2 GFA"}
    )
    min_modules: int = Field(default=1, ge=1, description="smallest size", json_schema_extra={"unit": "modules"})
    max_modules: int = Field(
        ge=1, description="largest size (the site's land may limit it further)", json_schema_extra={"unit": "modules"}
    )
    floor_area_ratio: float = Field(
        gt=0, description="gross floor area over land", json_schema_extra={"unit": "m2 GFA/m2 land"}
    )
    throughput_t_d: float = Field(
        ge=0, description="throughput of one module, all commodities", json_schema_extra={"unit": "t/d per module"}
    )
    bonded_t_d: float = Field(
        default=0, ge=0, description="of which may be bonded", json_schema_extra={"unit": "t/d per module"}
    )
    cold_t_d: float = Field(
        default=0, ge=0, description="of which may be cold", json_schema_extra={"unit": "t/d per module"}
    )
    requirement_t_d: Mapping[Identifier, NotNegative] = Field(
        default_factory=dict,
        description="the same for classes of handling beyond bonded and cold, by their name",
        json_schema_extra=later("t/d per module"),
    )
    capital_cny_m2: float = Field(
        ge=0, description="capital cost of new floor area", json_schema_extra={"unit": "CNY/m2 GFA"}
    )
    fixed_capital_cny: float = Field(
        default=0, ge=0, description="capital cost of a new site whatever its size", json_schema_extra={"unit": "CNY"}
    )
    conversion_cny_m2: float = Field(
        default=0,
        ge=0,
        description="capital cost of converting existing floor area to this design",
        json_schema_extra={"unit": "CNY/m2 GFA"},
    )
    converts_from: tuple[str, ...] | None = Field(
        default=None, description="designs whose floor area can be converted to this one; none given: all others"
    )
    conversion_months: float = Field(
        default=0,
        ge=0,
        description="time for which converted floor area is out of use in the period of its conversion",
        json_schema_extra={"unit": "months"},
    )
    life_years: float = Field(
        gt=0, description="life over which capital is recovered", json_schema_extra={"unit": "years"}
    )
    running_cny_m2_year: float = Field(
        default=0, ge=0, description="running cost of floor area", json_schema_extra={"unit": "CNY/m2 GFA/year"}
    )
    fixed_running_cny_year: float = Field(
        default=0,
        ge=0,
        description="running cost of an open site whatever its size",
        json_schema_extra={"unit": "CNY/year"},
    )
    handling_cny_t: float = Field(default=0, ge=0, description="handling cost", json_schema_extra={"unit": "CNY/t"})
    overflow_cny_t: float | None = Field(
        default=None,
        ge=0,
        description="price of a tonne handled beyond the capacity of the modules, on top of handling; none given: "
        "nothing can be",
        json_schema_extra=later("CNY/t"),
    )
    energy_kwh_t: float = Field(
        default=0, ge=0, description="electricity per tonne handled", json_schema_extra={"unit": "kWh/t"}
    )
    energy_kwh_m2_year: float = Field(
        default=0,
        ge=0,
        description="electricity of the building (light, cooling), whatever is handled",
        json_schema_extra={"unit": "kWh/m2 GFA/year"},
    )
    staff: float = Field(default=0, ge=0, description="staff of one module", json_schema_extra={"unit": "persons"})
    storey_height_m: float | None = Field(
        default=None, gt=0, description="clear height of a storey", json_schema_extra={"unit": "m"}
    )
    fire_compartment_m2: float | None = Field(
        default=None, gt=0, description="largest floor area of a fire compartment", json_schema_extra={"unit": "m2 GFA"}
    )

    @property
    def classes(self) -> tuple[Requirement, ...]:
        """Classes of handling other than ambient that it has figures for, be they 0."""
        return ("bonded", "cold", *self.requirement_t_d)

    def capacity_t_d(self, requirement: Requirement) -> float:
        """Throughput of one module that may carry ``requirement`` (t/d); ambient goods may use all of it."""
        named = {"ambient": self.throughput_t_d, "bonded": self.bonded_t_d, "cold": self.cold_t_d}
        return {**self.requirement_t_d, **named}.get(requirement, 0.0)


class Mode(Record):
    """A vehicle type and the legs it may run on."""

    id: Identifier
    name_en: EnglishName
    name_zh: ChineseName
    cny_t_km: float = Field(ge=0, description="cost of carrying", json_schema_extra={"unit": "CNY/t-km"})
    cny_t: float = Field(
        default=0,
        ge=0,
        description="cost of loading and stopping, per tonne and leg",
        json_schema_extra={"unit": "CNY/t"},
    )
    kgco2e_t_km: float = Field(
        default=0, ge=0, description="emission of carrying", json_schema_extra={"unit": "kg CO2e/t-km"}
    )
    kind: Literal["truck", "van", "rail", "water", "air"] = Field(default="truck", description="what carries the goods")
    capacity_t_d: float | None = Field(
        default=None,
        ge=0,
        description="tonnes a day that the mode can carry in the whole network, counted once per arc; "
        "none given: unlimited",
        json_schema_extra={"unit": "t/d"},
    )
    empty_running: float = Field(
        default=0,
        ge=0,
        le=1,
        description="cost and emission of an empty kilometre as a share of a loaded one; on each arc the weaker "
        "direction is run empty for what it lacks; 0: not counted",
        json_schema_extra={"unit": "-"},
    )
    commodities: tuple[str, ...] | None = Field(
        default=None,
        description="commodities that it carries (in-city goods on the exchange leg: as delivered); none given: all",
        json_schema_extra=later(),
    )

    def carries(self, commodity: str) -> bool:
        """Whether the mode carries the commodity."""
        return self.commodities is None or commodity in self.commodities
