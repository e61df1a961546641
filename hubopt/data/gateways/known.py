"""The gateways of all eleven cities, in one table with the source and the precision of every row.

Capacities are yearly volumes of what a gateway carries today, most of them assumptions that say so; a case overrides
any of them in a table of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from importlib.resources import files

import geopandas as gpd
import numpy as np
import pandas as pd

from hubopt.data.ground.coordinates import METRIC, WGS84
from hubopt.data.ground.districts import which_district
from hubopt.data.ground.geometry import sound_points
from hubopt.instance.errors import InputError, Problem, choose_from

FILE = "gateways.csv"
KINDS = ("port", "airport", "rail", "border", "expressway", "overseas")
NUMBERS = (
    "lon", "lat", "precision_m", "volume_year", "t_per_unit", "city_share", "beyond_cny_t", "beyond_minutes",
    "beyond_kgco2e_t", "border_cny_t", "border_minutes",
)  # fmt: skip


def known_gateways(cities: Collection[str] | None = None, ids: Sequence[str] | None = None) -> pd.DataFrame:
    """The known gateways, in the columns of a recipe's table of gateways plus ``unit`` and ``year`` of the volume.

    Expressway gates have a ``route`` and a ``side`` instead of a position (see
    :func:`~hubopt.data.gateways.positions.place_gateways`).

    Args:
        cities: English names; None: all eleven.
        ids: rows wanted, in this order; None: all.

    Raises:
        InputError: for an id that is not known.
    """
    with files("hubopt.data.gateways").joinpath(FILE).open(encoding="utf-8") as file:
        table = pd.read_csv(file, keep_default_na=False)
    for name in NUMBERS:
        table[name] = pd.to_numeric(table[name].replace("", None)).astype(float)
    for name in ("route", "side"):
        table[name] = table[name].replace("", np.nan)
    if ids is not None:
        known = set(table["id"])
        wrong = [name for name in ids if name not in known]
        if wrong:
            message = "is no known gateway"
            raise InputError([Problem(FILE, message, choose_from(name, known), value=name) for name in wrong])
        table = table.set_index("id").loc[list(ids)].reset_index()
    if cities is not None:
        table = table[table["city"].isin(list(cities))]
    return table.reset_index(drop=True)


def check_gateways(table: pd.DataFrame, regions: gpd.GeoDataFrame, file: str) -> tuple[pd.DataFrame, list[str]]:
    """The table with sound positions, and a line for every gateway that lies further from its district than it may.

    A gateway may lie outside its district by the precision of its position, because quays and bridges do.

    Args:
        table: id, kind, district, lon, lat, precision_m; positions may be empty.
        regions: district and outline of every district, WGS84.
        file: how problems name the table.

    Raises:
        InputError: for an unknown kind, a wrong position, or a position without its precision.
    """
    problems = [
        Problem(file, "is no kind of gateway", choose_from(str(kind), KINDS), row + 2, "kind", kind)
        for row, kind in enumerate(table["kind"])
        if kind not in KINDS
    ]
    placed = table["lon"].notna().to_numpy()
    problems += [
        Problem(file, "has a position without its precision", "say how exactly it is known, in metres", row + 2,
                "precision_m", table["id"].iloc[row])
        for row in np.flatnonzero(placed & table["precision_m"].isna().to_numpy()).tolist()
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    sound, mended = sound_points(table, file)
    lines = [str(problem) for problem in mended]
    points = gpd.GeoSeries(gpd.points_from_xy(sound["lon"], sound["lat"]), crs=WGS84)
    known = list(regions["district"])
    metric = regions.to_crs(METRIC).geometry
    here = points.to_crs(metric.crs)
    where = which_district(points[placed].reset_index(drop=True), regions)
    for row, found in zip(np.flatnonzero(placed), where, strict=True):
        district = sound["district"].iloc[row]
        if district not in known or (found >= 0 and known[found] == district):
            continue
        metres = float(metric.iloc[known.index(district)].distance(here.iloc[row]))
        if metres > float(sound["precision_m"].iloc[row]):
            name, precision = sound["id"].iloc[row], sound["precision_m"].iloc[row]
            lines.append(f"{name} lies {metres:.0f} m outside {district}, and is known to {precision:.0f} m")
    return sound, lines
