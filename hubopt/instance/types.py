"""The instance: everything that a solve may know, in frozen, documented types.

Structure (commodities, designs, modes, standards) is pydantic models read from ``instance.toml``, with figures
filled in from ``parameters.csv``; the long tables are pandas frames whose columns :mod:`hubopt.instance.schema`
defines. Nothing else is passed from the geography to the model, the solver, the checker or the report.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from hubopt.instance.frames import same
from hubopt.instance.schema import TABLES

if TYPE_CHECKING:
    import geopandas as gpd

Level = Literal["hub", "utc", "station"]
Direction = Literal["inbound", "outbound"]
Requirement = Literal["ambient", "bonded", "cold"]

LEVELS: tuple[Level, ...] = ("hub", "utc", "station")
"""Levels from the outside world to the community; a commodity's chain is a sub-sequence of these."""

Identifier = Annotated[
    str, Field(pattern=r"^[^\s,;|]{1,100}$", description="identifier: up to 100 characters without spaces , ; or |")
]
EnglishName = Annotated[str, Field(min_length=1, max_length=200, description="name in English")]
ChineseName = Annotated[str, Field(min_length=1, max_length=200, description="name in Chinese")]


class Record(BaseModel):
    """Base of the frozen records; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


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


class Period(Record):
    """One planning period; one is the common case."""

    id: Identifier
    years: float = Field(default=1, gt=0, description="years covered", json_schema_extra={"unit": "years"})
    weight: float = Field(
        default=1,
        gt=0,
        description="discount weight of a year's cost in the objective",
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
    requirement: Requirement = Field(default="ambient", description="handling that a facility must offer")
    unmet_cny_t: float = Field(gt=0, description="penalty of a tonne not carried", json_schema_extra={"unit": "CNY/t"})

    @property
    def legs(self) -> tuple[str, ...]:
        """Legs between facilities and to the zone (without the gateway leg), e.g. ``("hub-utc", "utc-zone")``."""
        stops = [*self.chain, "zone"]
        return tuple(f"{a}-{b}" for a, b in itertools.pairwise(stops))

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
    energy_kwh_t: float = Field(
        default=0, ge=0, description="electricity per tonne handled", json_schema_extra={"unit": "kWh/t"}
    )

    def capacity_t_d(self, requirement: Requirement) -> float:
        """Throughput of one module that may carry ``requirement`` (t/d); ambient goods may use all of it."""
        return {"ambient": self.throughput_t_d, "bonded": self.bonded_t_d, "cold": self.cold_t_d}[requirement]


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


class HubType(Record):
    """The plan's division of labour between hubs."""

    id: Identifier
    name_en: EnglishName
    name_zh: ChineseName
    gateway_kinds: tuple[str, ...] | None = Field(
        default=None, description="kinds of gateway it may serve; none given: all"
    )
    commodities: tuple[str, ...] | None = Field(default=None, description="commodities it may handle; none given: all")
    min_open: int = Field(
        default=0, ge=0, description="hubs of this type that must be open", json_schema_extra={"unit": "sites"}
    )
    max_open: int | None = Field(
        default=None, ge=0, description="hubs of this type that may be open", json_schema_extra={"unit": "sites"}
    )


class LevelRule(Record):
    """Counts and dwell time of one level."""

    dwell_minutes: float = Field(
        default=0,
        ge=0,
        description="time between arrival and departure in a facility",
        json_schema_extra={"unit": "min"},
    )
    min_open: int = Field(default=0, ge=0, description="sites that must be open", json_schema_extra={"unit": "sites"})
    max_open: int | None = Field(
        default=None, ge=0, description="sites that may be open", json_schema_extra={"unit": "sites"}
    )


class ServiceLimit(Record):
    """A hard limit: arcs of the leg beyond it cannot be used."""

    leg: str = Field(description="such as station-zone")
    max_km: float | None = Field(
        default=None, gt=0, json_schema_extra={"unit": "km"}, description="longest driven distance"
    )
    max_minutes: float | None = Field(
        default=None, gt=0, json_schema_extra={"unit": "min"}, description="longest driving time"
    )


class ServiceTarget(Record):
    """A standard: at least ``share`` of the demand must be within ``limit``.

    ``access``: a zone counts when an open facility of ``level`` lies within ``limit`` of it (arcs of leg
    ``level-zone``, km or minutes as ``measure`` says). ``delivery``: a zone's station-served demand counts when the
    driving and dwell minutes from the facility of ``level`` that feeds its station, through the station, to the zone
    stay within ``limit`` minutes (``level`` is the one above ``station``; its links must be single-sourced).
    Demand is weighed in t/d, over ``commodities`` (default: all whose chain passes ``level``), unmet included.
    """

    id: Identifier
    name_en: EnglishName
    name_zh: ChineseName
    kind: Literal["access", "delivery"] = Field(description="what is measured, see above")
    level: Level = Field(description="level of the facilities that are to be near, or that deliveries start from")
    measure: Literal["km", "minutes"] = Field(description="unit of the limit")
    limit: float = Field(gt=0, description="km or minutes, as measure says", json_schema_extra={"unit": "km or min"})
    share: float = Field(
        ge=0, le=1, description="least share of demand within the limit", json_schema_extra={"unit": "-"}
    )
    commodities: tuple[str, ...] | None = Field(
        default=None, description="commodities whose demand counts; none given: all whose chain passes the level"
    )
    standard: str = Field(default="", description="where the standard comes from and how it was fitted here")


class Service(Record):
    """How zones must be served."""

    single_sourcing: tuple[str, ...] = Field(
        default=(), description="legs whose lower end has one upper end for everything"
    )
    limits: tuple[ServiceLimit, ...] = Field(default=(), description="see `[[service.limits]]`")
    targets: tuple[ServiceTarget, ...] = Field(default=(), description="see `[[service.targets]]`")


class Source(Record):
    """Where data come from; printed on the map and in the report."""

    id: Identifier
    title: str = Field(description="what it is called and who made it")
    date: str = Field(default="", description="date of the data")
    licence: str = Field(default="", description="licence of the data")
    url: str = Field(default="", description="where it is published")
    note: str = Field(default="", description="what else to know")


class Structure(Record):
    """The content of ``instance.toml`` once ``parameters.csv`` has been merged into it."""

    instance: Info
    periods: tuple[Period, ...] = Field(min_length=1)
    commodities: tuple[Commodity, ...] = Field(min_length=1)
    designs: tuple[Design, ...] = Field(min_length=1)
    modes: tuple[Mode, ...] = Field(min_length=1)
    hub_types: tuple[HubType, ...] = ()
    levels: Mapping[Level, LevelRule] = Field(default_factory=dict)
    service: Service = Service()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, eq=False)
class Instance:
    """A complete case. Treat the frames as read-only; derive a changed case with :meth:`with_tables` or ``replace``.

    Two instances are equal when their structures are and their tables have the same cells in the same order;
    :func:`hubopt.instance.sha256` does not look at the order.

    Tables (columns, units and defaults in :data:`hubopt.instance.schema.TABLES`): ``gateways``, ``admissions``,
    ``sites``, ``existing``, ``zones``, ``demand``, ``land``, ``arcs``, ``parameters``.
    ``geometry`` holds optional WGS84 layers for maps (``zones``, ``districts``, ``land``, ``expressways``, ``sites``)
    and takes no part in solving or in the digest.
    """

    structure: Structure
    gateways: pd.DataFrame
    admissions: pd.DataFrame
    sites: pd.DataFrame
    existing: pd.DataFrame
    zones: pd.DataFrame
    demand: pd.DataFrame
    land: pd.DataFrame
    arcs: pd.DataFrame
    parameters: pd.DataFrame
    geometry: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict, repr=False, compare=False)

    @property
    def info(self) -> Info:
        """General facts of the instance."""
        return self.structure.instance

    def with_tables(self, **tables: pd.DataFrame) -> Instance:
        """The same case with some tables replaced."""
        changed: dict[str, Any] = dict(tables)
        return replace(self, **changed)

    def table(self, name: str) -> pd.DataFrame:
        """The table called ``name``; KeyError if there is none of that name."""
        tables: dict[str, pd.DataFrame] = {table: getattr(self, table) for table in TABLES}
        return tables[name]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Instance):
            return NotImplemented
        same_tables = all(same(self.table(name), other.table(name)) for name in TABLES)
        return same_tables and self.structure == other.structure
