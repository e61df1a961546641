"""Gateways: position from the raw table or where an expressway leaves the city; capacity from yearly volumes."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import shapely

from hubopt.data.expressways import gate

DAYS = 365


def place_gateways(table: pd.DataFrame, known: pd.DataFrame, expressways: gpd.GeoDataFrame, city: shapely.Geometry) -> pd.DataFrame:
    """The table with lon and lat filled in.

    Args:
        table: id, and either lon and lat, or a ``route`` and ``side`` to leave the city by; else the position is that
            of ``known`` by id.
        known: id, lon, lat, precision_m.
        expressways: edges with a column ``route``, WGS84.
        city: outline of the city, WGS84.

    Raises:
        KeyError: if a gateway has no position.
    """
    placed = table.copy()
    positions = known.set_index("id")
    for row in table.itertuples():
        if pd.notna(row.lon):
            continue
        if isinstance(row.route, str) and row.route:
            found = gate(expressways, row.route, city, str(row.side))
            if found is None:
                raise KeyError(f"gateway {row.id}: route {row.route} does not leave the city")
            placed.loc[row.Index, ["lon", "lat"]] = found
        elif row.id in positions.index:
            placed.loc[row.Index, ["lon", "lat"]] = positions.loc[row.id, ["lon", "lat"]].to_numpy(dtype=float)
            if pd.isna(row.precision_m):
                placed.loc[row.Index, "precision_m"] = float(positions.loc[row.id, "precision_m"])
        else:
            raise KeyError(f"gateway {row.id} has neither position nor route, and the raw table does not know it")
    return placed


def capacities(table: pd.DataFrame) -> pd.Series:
    """Capacity in t/d: yearly volume * t per unit * share that touches the city's network / 365."""
    return (table["volume_year"] * table["t_per_unit"] * table["city_share"] / DAYS).round(0)
