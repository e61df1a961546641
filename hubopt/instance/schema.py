"""One schema for the instance tables: it drives reading, validation, defaults and the reference page.

Each :class:`Column` has a name, a type, a unit, a default (or none: the value is required) and a description.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["str", "float", "int", "bool"]
REQUIRED: Any = object()
"""Marks a column whose every cell must hold a value."""

RELIABILITY = ("official", "broker", "literature", "derived", "openstreetmap", "assumption")
"""How far a figure can be trusted, best first."""


@dataclass(frozen=True)
class Column:
    """One column of an instance table.

    ``default`` fills an empty cell or an absent column; :data:`REQUIRED` means that there is none; ``None`` means
    that the cell may stay empty (NaN or empty string). ``choices`` and the bounds are checked on reading.
    A ``later`` column came after the digest's format was fixed: it is written and counts in the digest only where some
    cell departs from the default.
    """

    name: str
    kind: Kind
    description: str
    unit: str = "-"
    default: Any = REQUIRED
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    later: bool = False


@dataclass(frozen=True)
class Table:
    """One table: its file, its key (unique together) and its columns."""

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    required: bool = True

    def column(self, name: str) -> Column:
        """The column called ``name``; KeyError if there is none."""
        return {column.name: column for column in self.columns}[name]


def _text(name: str, description: str, default: Any = REQUIRED, choices: tuple[str, ...] = ()) -> Column:
    return Column(name, "str", description, default=default, choices=choices)


def _number(
    name: str,
    unit: str,
    description: str,
    default: Any = REQUIRED,
    minimum: float | None = 0,
    maximum: float | None = None,
) -> Column:
    return Column(name, "float", description, unit=unit, default=default, minimum=minimum, maximum=maximum)


_NAMES = (
    _text("id", "unique identifier"),
    _text("name_en", "name in English"),
    _text("name_zh", "name in Chinese", ""),
)
_PLACE = (
    _text("city", "city", ""),
    _text("district", "district", ""),
    _number("lon", "degrees WGS84", "longitude; may be empty in imported cases", None, -180, 180),
    _number("lat", "degrees WGS84", "latitude; may be empty in imported cases", None, -90, 90),
)
_ORIGIN = (
    Column("synthetic", "bool", "true if the row was generated for want of data", default=False),
    _text("source", "where the row comes from", ""),
    _text("reliability", "how far it can be trusted", "assumption", RELIABILITY),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "gateways",
            "Ports, airports, rail terminals, border crossings and expressway gates: where goods enter and leave.",
            ("id",),
            (
                *_NAMES,
                _text(
                    "kind",
                    "kind of gateway",
                    REQUIRED,
                    ("port", "airport", "rail", "border", "expressway", "overseas"),
                ),
                *_PLACE,
                _number("precision_m", "m", "how exactly the position is known", None),
                _number("capacity_t_d", "t/d", "tonnes a day in both directions together; empty: unlimited", None),
                _number("beyond_cny_t", "CNY/t", "cost of what lies beyond the gateway (terminal, line haul)", 0.0),
                _number("border_cny_t", "CNY/t", "cost of crossing the border here", 0.0),
                _number("beyond_minutes", "min", "time that what lies beyond the gateway takes", 0.0),
                _number("border_minutes", "min", "waiting at the border here; the minutes of its arcs have it", 0.0),
                _number("beyond_kgco2e_t", "kg CO2e/t", "emission of what lies beyond the gateway", 0.0),
                *_ORIGIN,
            ),
            required=False,
        ),
        Table(
            "admissions",
            "Which gateways a commodity may use. A commodity without a row starts at its first level, unlimited.",
            ("commodity", "gateway"),
            (
                _text("commodity", "commodity id"),
                _text("gateway", "gateway id"),
                _number("min_share", "-", "least share of the commodity's carried tonnage", 0.0, 0, 1),
                _number("max_share", "-", "largest share of the commodity's carried tonnage", 1.0, 0, 1),
            ),
            required=False,
        ),
        Table(
            "sites",
            "Candidate sites, one row per site and level; rows of one physical place share a parcel.",
            ("id",),
            (
                *_NAMES,
                _text("level", "level of the network", REQUIRED, ("hub", "utc", "station")),
                _text("hub_type", "hub type id (hubs only)", ""),
                *_PLACE,
                _text("parcel", "parcel of land; empty: its own", ""),
                _number("land_ha", "ha", "land available to the site"),
                _number("land_price_cny_m2", "CNY/m2", "price of land for the remaining term", 0.0),
                _number("max_far", "m2 GFA/m2 land", "largest floor area ratio; empty: the design's", None),
                _text("operator", "who runs it; empty: nobody yet", ""),
                _text("designs", "design ids it may have, separated by ';'; empty: all of its level", ""),
                _text("forced", "open: must be open; closed: must not; empty: free", "", ("", "open", "closed")),
                _number("score", "0-100", "suitability for logistics land", None, 0, 100),
                *_ORIGIN,
                Column(
                    "availability",
                    "float",
                    "share of its capacity that can be used; 0: it stands and costs, but handles nothing",
                    default=1.0,
                    minimum=0,
                    maximum=1,
                    later=True,
                ),
            ),
        ),
        Table(
            "existing",
            "Facilities that stand today: kept, enlarged, converted to another design, or closed.",
            ("site",),
            (
                _text("site", "site id"),
                _text("design", "design of today"),
                Column("modules", "int", "size of today", unit="modules", minimum=1),
                Column("may_close", "bool", "false: must stay open in some design", default=True),
                _number("closure_cny", "CNY", "one-time cost of closing", 0.0),
                _text("source", "where the row comes from", ""),
                _text("reliability", "how far it can be trusted", "assumption", RELIABILITY),
            ),
            required=False,
        ),
        Table(
            "zones",
            "Demand zones.",
            ("id",),
            (
                *_NAMES,
                *_PLACE,
                _number("area_km2", "km2", "area", None),
                _number("population", "persons", "residents", None),
                _text("group", "origin group of in-city goods; empty: the district", ""),
                *_ORIGIN,
                Column(
                    "own_site",
                    "str",
                    "site in the same place: while it is open, nothing else of its level serves the zone; empty: none",
                    default="",
                    later=True,
                ),
            ),
        ),
        Table(
            "demand",
            "Tonnes a day by zone, commodity and period; absent rows are zero.",
            ("zone", "commodity", "period"),
            (
                _text("zone", "zone id"),
                _text("commodity", "commodity id"),
                _text("period", "period id"),
                _number("t_d", "t/d", "demand (inbound) or supply (outbound)"),
            ),
        ),
        Table(
            "exchange",
            "Where in-city goods come from. A commodity without rows: from every group, as much as it sends.",
            ("commodity", "zone", "group"),
            (
                _text("commodity", "in-city commodity as it is delivered"),
                _text("zone", "zone of delivery"),
                _text("group", "group of the zones of origin"),
                _number("share", "-", "share of what the zone receives", REQUIRED, 0, 1),
            ),
            required=False,
        ),
        Table(
            "land",
            "Limits on the land that facilities use together.",
            ("scope", "id"),
            (
                _text("scope", "what the limit is for", REQUIRED, ("parcel", "district", "city", "total")),
                _text("id", "parcel, district or city; 'total' for all"),
                _number("limit_ha", "ha", "land that may be used"),
                _text("source", "where the figure comes from", ""),
                _text("reliability", "how far it can be trusted", "assumption", RELIABILITY),
            ),
            required=False,
        ),
        Table(
            "terminals",
            "Capacities of loading and unloading a mode at a gateway or site (rail sidings, quays); absent: unlimited.",
            ("node", "mode"),
            (
                _text("node", "gateway or site id"),
                _text("mode", "mode id"),
                _number("capacity_t_d", "t/d", "tonnes a day over all its arcs of the mode, both directions together"),
                _text("source", "where the figure comes from", ""),
                _text("reliability", "how far it can be trusted", "assumption", RELIABILITY),
            ),
            required=False,
        ),
        Table(
            "arcs",
            "Pairs that may be linked, per leg and mode, with the driven way; the outbound direction uses it reversed.",
            ("leg", "origin", "destination", "mode"),
            (
                _text(
                    "leg",
                    "upper and lower end, such as gateway-hub, hub-utc, utc-station, station-zone, utc-zone; "
                    "utc-utc for exchange (one row serves both ways)",
                ),
                _text("origin", "id of the upper end (gateway or site)"),
                _text("destination", "id of the lower end (site or zone)"),
                _text("mode", "mode id"),
                _number("km", "km", "driven distance, mean of both directions"),
                _number("minutes", "min", "driving time, mean of both directions, border waiting included", 0.0),
                _number("toll_cny_t", "CNY/t", "tolls on the way", 0.0),
                _number("border_cny_t", "CNY/t", "cost of crossing the border on the way", 0.0),
                Column("estimated", "bool", "true if not from the road network", default=False),
                Column(
                    "load",
                    "float",
                    "throughput of the origin that a tonne over the arc takes; other than 1 only into zones, for goods "
                    "that start at the origin",
                    unit="t/t",
                    default=1.0,
                    minimum=0,
                    later=True,
                ),
            ),
        ),
        Table(
            "parameters",
            "Every figure with unit, source, year and reliability. Names such as designs.ID.FIELD fill instance.toml.",
            ("name",),
            (
                _text("name", "dotted name; see the page on parameters"),
                _number("value", "see unit", "the figure", REQUIRED, None),
                _text("unit", "unit of the figure"),
                _number("low", "see unit", "low end of the plausible range", None, None),
                _number("high", "see unit", "high end of the plausible range", None, None),
                Column("year", "int", "year of the figure", default=None),
                _text("source", "where the figure comes from"),
                _text("reliability", "how far it can be trusted", REQUIRED, RELIABILITY),
            ),
            required=False,
        ),
    )
}

MERGED_PREFIXES = (
    "instance", "periods", "commodities", "designs", "modes", "hub_types", "levels", "presence", "resilience",
    "service",
)  # fmt: skip
"""First parts of parameter names that fill ``instance.toml``; other parameters are for information."""
