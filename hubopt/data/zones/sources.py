"""Where demand zones come from: a census, a raster, counts by hexagon, or polygons with populations.

Each function returns the same table - city, district, lon, lat, area_km2, population (whole, exact by census area),
spread_km, synthetic, source, reliability, geometry - with notes for the build report.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from hubopt.data.files import floats
from hubopt.data.ground.coordinates import METRIC, WGS84, Datum, shapes_to_wgs84, to_degrees, to_metric
from hubopt.data.ground.districts import which_district
from hubopt.data.ground.geometry import sound_shapes
from hubopt.data.zones.census import Census
from hubopt.data.zones.hexagons import EVEN_SPREAD, zones_of
from hubopt.data.zones.merge import ZoneRule
from hubopt.data.zones.pieces import (
    FABRIC_AND_PLACES,
    FABRIC_ONLY,
    PLACES_AND_AREA,
    Evidence,
    Spread,
    census_pieces,
    gather_fabric,
)
from hubopt.data.zones.raster import MOST_RESIDENTS, hexagon_pieces, raster_pieces
from hubopt.data.zones.rounding import round_by_group
from hubopt.instance.errors import InputError, Problem
from hubopt.instance.features import read_features


@dataclass(frozen=True)
class Zones:
    """The table of zones, and lines for the build report."""

    table: gpd.GeoDataFrame
    notes: tuple[tuple[str, str], ...]


def spreads_of(
    regions: gpd.GeoDataFrame, census: Census, cities_with_fabric: set[str], given: Mapping[str, Spread] | None = None
) -> dict[str, Spread]:
    """How each city's residents are spread: as ``given``, else by what is known of it.

    Census by district and road fabric: by fabric alone. One figure for the city: by fabric, places and area. No
    fabric: by places and area, which is an assumption and flagged as such.

    Raises:
        InputError: if a city is to be spread by fabric that it has none of.
    """
    result, problems = {}, []
    for city in dict.fromkeys(regions["city"]):
        usual = PLACES_AND_AREA
        if city in cities_with_fabric:
            usual = FABRIC_AND_PLACES if city in census.whole_city else FABRIC_ONLY
        result[city] = (given or {}).get(city, usual)
        if result[city].fabric > 0 and city not in cities_with_fabric:
            mend = "name its road vertices, or spread it by places and area"
            problems.append(Problem("recipe", "is to be spread by road fabric, but has none", mend, value=city))
    if problems:
        raise InputError(problems)
    return result


def _spread_text(spread: Spread) -> str:
    shares = [("road fabric", spread.fabric), ("named places", spread.places), ("area", spread.area)]
    total = sum(value for _, value in shares)
    return ", ".join(f"{name} {100 * value / total:.0f} %" for name, value in shares if value > 0)


def from_census(
    regions: gpd.GeoDataFrame,
    census: Census,
    evidence: Evidence,
    rule: ZoneRule | Mapping[str, ZoneRule],
    given: Mapping[str, Spread] | None = None,
) -> Zones:
    """Zones of a census whose totals go over road fabric, places and area on a hexagonal grid.

    Args:
        regions: city, district and outline of every district.
        census: totals by district or city.
        evidence: road vertices by city, and places.
        rule: resolution of the grid, and how hexagons are merged: one for all cities together, or one for each city.
        given: by city, how to spread; others as :func:`spreads_of` says.
    """
    spreads = spreads_of(regions, census, set(evidence.vertices), given)
    together = [(rule, list(spreads))] if isinstance(rule, ZoneRule) else [(rule[city], [city]) for city in spreads]
    parts = []
    for own_rule, cities in together:
        ways = {city: spreads[city] for city in cities}
        fabric = gather_fabric(evidence, regions, ways, own_rule.resolution)
        pieces = census_pieces(regions, census.area, census.totals, fabric, evidence.places, ways, own_rule.resolution)
        parts.append(zones_of(pieces, regions, own_rule, fabric))
    zones = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=WGS84)
    area = dict(zip(regions["district"], census.area, strict=True))
    zones["population"] = round_by_group(zones["population"], zones["district"].map(area), dict(census.totals))
    text = {city: f"census of the {'city' if city in census.whole_city else 'district'} spread by {_spread_text(way)}"
            for city, way in spreads.items()}  # fmt: skip
    synthetic = {city: way.synthetic for city, way in spreads.items()}
    zones = zones.assign(
        synthetic=zones["city"].map(synthetic).astype(bool),
        source=zones["city"].map(text),
        reliability=np.where(zones["city"].map(synthetic).astype(bool), "assumption", "derived"),
    )
    notes = [*census.notes(), *((f"residents of {city}", f"{words}") for city, words in text.items())]
    return Zones(zones, (*notes, *reconciliation(zones, census, area)))


def reconciliation(zones: pd.DataFrame, census: Census, area: Mapping[str, str]) -> list[tuple[str, str]]:
    """Residents of the zones against the census, in total and by census area."""
    made = zones.groupby(zones["district"].map(area))["population"].sum()
    lines = [f"{name} {int(made.get(name, 0))} of {total}" for name, total in census.totals.items()]
    whole = sum(census.totals.values())
    return [
        ("population", f"{int(made.sum())}, census {whole}, difference {int(made.sum()) - whole}"),
        ("population by census area, zones of census", "; ".join(lines)),
    ]


def _somebody_everywhere(zones: pd.DataFrame, area: Mapping[str, str], census: Census, source: str) -> None:
    """Refuse counts that leave a census area with residents without a zone."""
    here = set(zones["district"].map(area))
    if empty := [name for name, total in census.totals.items() if total and name not in here]:
        message = "counts nobody in a census area that has residents"
        mend = "give a file that covers the area, or take the area out of the case"
        raise InputError([Problem(source, message, mend, value=name) for name in empty])


def _counted(
    pieces: gpd.GeoDataFrame, regions: gpd.GeoDataFrame, rule: ZoneRule, census: Census | None, source: str
) -> Zones:
    """Zones of pieces with counts, scaled to the census if there is one, else to the counts' own sum by district."""
    zones = zones_of(pieces, regions, rule)
    if census is None:
        area = {name: name for name in regions["district"]}
        sums = zones.groupby("district")["population"].sum()
        totals = {str(name): round(float(people)) for name, people in sums.items()}
        by_district = pd.Series(list(area.values()), index=regions.index, dtype=object)
        census = Census(by_district, totals, frozenset(), {})
    else:
        area = dict(zip(regions["district"], census.area, strict=True))
        _somebody_everywhere(zones, area, census, source)
    counted = float(zones["population"].sum())
    zones["population"] = round_by_group(zones["population"], zones["district"].map(area), dict(census.totals))
    zones = zones.assign(synthetic=False, source=source, reliability="derived")
    note = (f"counted by {source}", f"{counted:.0f} residents; scaled by {sum(census.totals.values()) / counted:.4f}")
    return Zones(zones, (note, *reconciliation(zones, census, area)))


def from_raster(path: Path, regions: gpd.GeoDataFrame, rule: ZoneRule, census: Census | None = None) -> Zones:
    """Zones of a population raster (persons per cell; any format and reference system that GDAL reads).

    Args:
        path: the raster; cells without data count nobody.
        regions: city, district and outline of every district.
        rule: resolution of the hexagonal grid that the cells are gathered on, and how hexagons are merged.
        census: totals that the counts are scaled to; None: their own sums by district, rounded.

    Raises:
        InputError: if the file is no raster, has negative counts, no reference system, or misses the regions.
    """
    pieces, notes = raster_pieces(path, regions, rule.resolution)
    zones = _counted(pieces, regions, rule, census, path.name)
    return Zones(zones.table, (*notes, *zones.notes))


def from_hexagons(
    path: Path, regions: gpd.GeoDataFrame, rule: ZoneRule, census: Census | None = None,
    cell_column: str = "cell", count_column: str = "population",
) -> Zones:  # fmt: skip
    """Zones of a table of residents by H3 cell (of any one resolution, which replaces that of the rule).

    Raises:
        InputError: with every cell that is none, is there twice, or has another resolution, and every bad count.
    """
    pieces, notes = hexagon_pieces(path, regions, cell_column, count_column)
    zones = _counted(pieces, regions, rule, census, path.name)
    return Zones(zones.table, (*notes, *zones.notes))


def from_polygons(
    path: Path, regions: gpd.GeoDataFrame, *, id_column: str, population_column: str, layer: str | None = None,
    datum: Datum = "WGS84", census: Census | None = None,
) -> Zones:  # fmt: skip
    """Zones that are polygons with populations, one zone each; each lies in the district that holds its middle.

    Raises:
        InputError: for bad geometry (see :func:`~hubopt.data.ground.geometry.sound_shapes`), bad populations, and
            polygons outside every district, and census areas that have residents and no polygon.
    """
    raw = read_features(path, layer)
    if missing := [name for name in (id_column, population_column) if name not in raw.columns]:
        mend = f"use columns of the file: {', '.join(map(str, raw.columns))}"
        raise InputError([Problem(path.name, "has no such column", mend, column=name) for name in missing])
    sound, mended = sound_shapes(raw, path.name, id_column=id_column, keep_all=True)
    shapes = shapes_to_wgs84(sound, datum) if datum != "WGS84" else sound
    people = floats(shapes[population_column]).to_numpy(dtype=float)
    inside = shapely.point_on_surface(shapes.geometry.to_numpy())
    where = which_district(gpd.GeoSeries(inside, crs=WGS84), regions)
    rows = list(shapes[id_column])
    problems = [
        Problem(path.name, "is no number of residents", "give a number of at least 0", row + 1, population_column,
                rows[row])
        for row in np.flatnonzero(~((people >= 0) & (people <= MOST_RESIDENTS))).tolist()
    ]  # fmt: skip
    problems += [
        Problem(path.name, "lies in no district of the case", "take it out, or add its city", row + 1, "geometry",
                rows[row])
        for row in np.flatnonzero(where < 0).tolist()
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    metric = shapes.to_crs(METRIC)
    middle = shapely.centroid(metric.geometry.to_numpy())
    held = shapely.contains(metric.geometry.to_numpy(), middle)
    xy = np.where(held[:, None], shapely.get_coordinates(middle), to_metric(shapely.get_coordinates(inside)))
    lonlat = to_degrees(xy)
    area = metric.area.to_numpy()
    zones = gpd.GeoDataFrame(
        {
            "zone": [str(name) for name in rows],
            "city": regions["city"].to_numpy()[where],
            "district": regions["district"].to_numpy()[where],
            "lon": lonlat[:, 0],
            "lat": lonlat[:, 1],
            "area_km2": area / 1e6,
            "population": people,
            "spread_km": np.sqrt(EVEN_SPREAD * area) / 1000,
        },
        geometry=shapes.geometry.to_numpy(),
        crs=WGS84,
    )
    if census is None:
        totals = {"all": round(float(people.sum()))}
        zones["population"] = round_by_group(people, np.full(len(zones), "all"), totals)
        notes = [("population", f"{totals['all']}, that of the polygons")]
    else:
        by_district = dict(zip(regions["district"], census.area, strict=True))
        _somebody_everywhere(zones, by_district, census, path.name)
        zones["population"] = round_by_group(people, zones["district"].map(by_district), dict(census.totals))
        notes = reconciliation(zones, census, by_district)
    zones = zones.assign(synthetic=False, source=path.name, reliability="derived")
    return Zones(zones, (*((f"mended in {path.name}", str(problem)) for problem in mended), *notes))
