"""The instance: everything that a solve may know, in frozen, documented types.

Structure (commodities, designs, modes, standards) is pydantic models read from ``instance.toml``, with figures
filled in from ``parameters.csv``; the long tables are pandas frames whose columns :mod:`hubopt.instance.schema`
defines. Nothing else is passed from the geography to the model, the solver, the checker or the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from pydantic import Field

from hubopt.instance.frames import frame, same
from hubopt.instance.records import (
    LEVELS,
    ChineseName,
    Commodity,
    Design,
    Direction,
    EnglishName,
    Identifier,
    Info,
    Level,
    Mode,
    NotNegative,
    Period,
    Record,
    Requirement,
    Sense,
)
from hubopt.instance.schema import TABLES
from hubopt.instance.standards import (
    HubType,
    LevelRule,
    Presence,
    Resilience,
    Service,
    ServiceLimit,
    ServiceTarget,
)

if TYPE_CHECKING:
    import geopandas as gpd

__all__ = [
    "LEVELS", "ChineseName", "Commodity", "Design", "Direction", "EnglishName", "HubType", "Identifier", "Info",
    "Instance", "Level", "LevelRule", "Mode", "NotNegative", "Period", "Presence", "Record", "Requirement",
    "Resilience", "Sense", "Service", "ServiceLimit", "ServiceTarget", "Source", "Structure",
]  # fmt: skip


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
    presence: tuple[Presence, ...] = ()
    resilience: Resilience = Resilience()
    service: Service = Service()
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, eq=False)
class Instance:
    """A complete case. Treat the frames as read-only; derive a changed case with :meth:`with_tables` or ``replace``.

    Two instances are equal when their structures are and their tables have the same cells in the same order;
    :func:`hubopt.instance.sha256` does not look at the order.

    Tables (columns, units and defaults in :data:`hubopt.instance.schema.TABLES`): ``gateways``, ``admissions``,
    ``sites``, ``existing``, ``zones``, ``demand``, ``exchange``, ``land``, ``terminals``, ``arcs``, ``parameters``.
    ``geometry`` holds optional WGS84 layers for maps (``zones``, ``districts``, ``land``, ``expressways``,
    ``candidates``) and takes no part in solving or in the digest.
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
    exchange: pd.DataFrame = field(default_factory=lambda: frame("exchange", []))
    terminals: pd.DataFrame = field(default_factory=lambda: frame("terminals", []))
    geometry: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict, repr=False, compare=False)

    @property
    def info(self) -> Info:
        """General facts of the instance."""
        return self.structure.instance

    def __repr__(self) -> str:
        sites = self.sites["level"].value_counts()
        parts = [
            f"{len(self.gateways)} gateways",
            *(f"{sites[level]} {level}s" for level in LEVELS if level in sites),
            f"{len(self.zones)} zones",
            f"{len(self.structure.commodities)} commodities",
            f"{len(self.arcs):,} arcs",
            f"{self.demand['t_d'].sum():,.0f} t/d",
        ]
        return f"Instance({self.info.id!r}: {', '.join(parts)})"

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
