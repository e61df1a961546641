"""What the network must keep: hub types, counts, presence, resilience, service limits and targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from hubopt.instance.records import ChineseName, EnglishName, Identifier, Level, Record


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


class Presence(Record):
    """Least (and most) number of sites of a level or hub type in a city or district."""

    id: Identifier
    scope: Literal["city", "district"] = Field(description="what the place is")
    place: str = Field(min_length=1, description="name of the city or district, as in the sites table")
    level: Level | None = Field(default=None, description="level that is counted; none given: every level")
    hub_type: str | None = Field(default=None, description="hub type that is counted; none given: every type")
    min_open: int = Field(default=0, ge=0, description="sites that must be open", json_schema_extra={"unit": "sites"})
    max_open: int | None = Field(
        default=None, ge=0, description="sites that may be open", json_schema_extra={"unit": "sites"}
    )


class Resilience(Record):
    """What the network must still serve when one of its hubs or gateways is out.

    Goods are rerouted between gateways, first-level facilities and what lies below them; sizes, and what the lower
    levels handle, stay as planned. Shares are of the demand of all commodities whose chain starts at a hub.
    """

    hub_outage_share: float = Field(
        default=0, ge=0, le=1, description="least share served when any one hub is out", json_schema_extra={"unit": "-"}
    )
    gateway_outage_share: float = Field(
        default=0,
        ge=0,
        le=1,
        description="least share served when any one gateway is out",
        json_schema_extra={"unit": "-"},
    )


class LevelRule(Record):
    """Counts, dwell time, least utilisation and largest shares of one level."""

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
    min_utilisation: float = Field(
        default=0,
        ge=0,
        le=1,
        description="least throughput of an open facility over its capacity",
        json_schema_extra={"unit": "-"},
    )
    max_site_share: float = Field(
        default=1,
        ge=0,
        le=1,
        description="largest share of the level's throughput in one site",
        json_schema_extra={"unit": "-"},
    )
    max_operator_share: float = Field(
        default=1,
        ge=0,
        le=1,
        description="largest share of the level's throughput with one operator",
        json_schema_extra={"unit": "-"},
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
    ``chain``: ``limit`` minutes from end to end are shared out among the legs of the commodities (``budget_minutes``;
    with the dwell times passed they make up at most ``limit``). Tonnes on arcs beyond their leg's budget are late; the
    demand less all late tonnes, of every leg, and less unmet counts as in time: a share that is certainly kept,
    whichever tonne goes which way. A gateway's ``beyond_minutes`` belong to its leg; in-city goods are collected,
    exchanged and delivered, so that the legs below the exchange, and every dwell, count on both sides. ``level`` is the
    first of the chain.
    Demand is weighed in t/d, over ``commodities`` (default: all whose chain passes ``level``), unmet included.
    """

    id: Identifier
    name_en: EnglishName
    name_zh: ChineseName
    kind: Literal["access", "delivery", "chain"] = Field(description="what is measured, see above")
    level: Level = Field(description="level of the facilities that are to be near, or that deliveries start from")
    measure: Literal["km", "minutes"] = Field(description="unit of the limit")
    limit: float = Field(gt=0, description="km or minutes, as measure says", json_schema_extra={"unit": "km or min"})
    share: float = Field(
        ge=0, le=1, description="least share of demand within the limit", json_schema_extra={"unit": "-"}
    )
    commodities: tuple[str, ...] | None = Field(
        default=None, description="commodities whose demand counts; none given: all whose chain passes the level"
    )
    budget_minutes: Mapping[str, float] = Field(
        default_factory=dict,
        description="minutes that a leg may take, by leg (chain targets only); legs without one are not counted late",
        json_schema_extra={"unit": "min"},
    )
    standard: str = Field(default="", description="where the standard comes from and how it was fitted here")


class Service(Record):
    """How zones must be served."""

    single_sourcing: tuple[str, ...] = Field(
        default=(), description="legs whose lower end has one upper end for everything"
    )
    limits: tuple[ServiceLimit, ...] = Field(default=(), description="see `[[service.limits]]`")
    targets: tuple[ServiceTarget, ...] = Field(default=(), description="see `[[service.targets]]`")
