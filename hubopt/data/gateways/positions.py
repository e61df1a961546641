"""Gateways: position from the raw table or where an expressway leaves the city; capacity from yearly volumes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.roads.expressways import gate
from hubopt.instance.errors import InputError, Problem

TABLE = "gateways"

DAYS = 365


def place_gateways(
    table: pd.DataFrame, known: pd.DataFrame, expressways: gpd.GeoDataFrame, city: shapely.Geometry
) -> pd.DataFrame:
    """The table with lon and lat filled in.

    Args:
        table: id, and either lon and lat, or a ``route`` and ``side`` to leave the city by; else the position is that
            of ``known`` by id.
        known: id, lon, lat, precision_m.
        expressways: edges with a column ``route``, WGS84.
        city: outline of the city, WGS84.

    Raises:
        InputError: if a gateway has no position.
    """
    positions = known.set_index("id")[["lon", "lat", "precision_m"]].to_dict("index")
    rows: list[dict[Hashable, Any]] = []
    for row in table.to_dict("records"):
        own: dict[Hashable, Any] = {key: row[key] for key in ("lon", "lat", "precision_m") if not np.isnan(row[key])}
        found = _position(row, positions.get(row["id"], {}), expressways, city)
        rows.append({**row, **found, **own})
    return pd.DataFrame(rows)


def _position(
    row: Mapping[Hashable, Any], known: Mapping[Hashable, Any], expressways: gpd.GeoDataFrame, city: shapely.Geometry
) -> Mapping[Hashable, Any]:
    if isinstance(row["route"], str):
        found = gate(expressways, row["route"], city, str(row["side"]))
        if found is None:
            message = f"route {row['route']!r} of {row['id']} does not leave the city"
            raise InputError([Problem(TABLE, message, "name another route, or give lon and lat", column="route")])
        return {"lon": found[0], "lat": found[1]}
    if not known and np.isnan(row["lon"]):
        message = f"{row['id']} has neither position nor route, and the raw table does not know it"
        raise InputError([Problem(TABLE, message, "give lon and lat", column="lon")])
    return known


def capacities(table: pd.DataFrame) -> pd.Series:
    """Capacity in t/d: yearly volume * t per unit * share that touches the city's network / 365."""
    return (table["volume_year"] * table["t_per_unit"] * table["city_share"] / DAYS).round(0)
