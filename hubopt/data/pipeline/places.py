"""Places of an instance that are given: gateways and demand zones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from hubopt.data.gateways.known import check_gateways
from hubopt.data.gateways.positions import capacities, place_gateways
from hubopt.data.ground.coordinates import WGS84
from hubopt.data.ground.fabric import Fabric
from hubopt.data.pipeline.ground import Ground, Notes, distinct_names, named
from hubopt.data.zones.census import Census, read_census
from hubopt.data.zones.merge import ZoneRule
from hubopt.data.zones.pieces import Evidence, Spread, gather_fabric, place_weights, unpeopled
from hubopt.data.zones.sources import Zones, from_census, from_hexagons, from_polygons, from_raster, spreads_of


def make_gateways(ground: Ground) -> tuple[pd.DataFrame, Notes]:
    """The gateways with their positions and capacities (t/d), and lines for the build report.

    Raises:
        InputError: for unknown kinds, missing or wrong positions.
    """
    file = ground.recipe.inputs.gateways[-1]
    table, lines = check_gateways(ground.tables["gateways"], ground.regions, file)
    placed = place_gateways(table, table, ground.expressways, ground.outline)
    return placed.assign(capacity_t_d=capacities(placed)), [("position", line) for line in lines]


@dataclass(frozen=True)
class Peopled:
    """Demand zones (with ``spread_km``), the road fabric they stand on, and lines for the build report."""

    zones: gpd.GeoDataFrame
    fabric: Fabric
    notes: Notes


def _made_zones(ground: Ground, census: Census, evidence: Evidence, given: Mapping[str, Spread]) -> Zones:
    """Zones of the recipe's counts; without any, of the census spread over road fabric, places and area."""
    counts, regions, rule = ground.recipe.counts, ground.regions, ZoneRule(**ground.recipe.zones.model_dump())
    if counts is None:
        return from_census(regions, census, evidence, rule, given)
    path = ground.root / counts.path
    match counts.kind:
        case "raster":
            return from_raster(path, regions, rule, census)
        case "hexagons":
            return from_hexagons(path, regions, rule, census, counts.cell_column, counts.population_column)
        case "polygons":
            return from_polygons(
                path, regions, id_column=counts.id_column, population_column=counts.population_column,
                layer=counts.layer, datum=counts.datum, census=census,
            )  # fmt: skip


def make_zones(ground: Ground, gateways: pd.DataFrame) -> Peopled:
    """Demand zones with the residents of the census, and the road fabric.

    Raises:
        InputError: for mistakes in the census or in the file of counts, and if the two do not fit together.
    """
    recipe, regions = ground.recipe, ground.regions
    census = read_census(ground.root / recipe.data.populations, regions)
    evidence = Evidence(ground.vertices, place_weights(ground.places), unpeopled(gateways))
    given = {city: Spread(**item.model_dump()) for city, item in recipe.spreading.items()}
    made = _made_zones(ground, census, evidence, given)
    spreads = spreads_of(regions, census, set(ground.vertices), given)
    fabric = gather_fabric(evidence, regions, spreads, recipe.zones.resolution)
    zones = distinct_names(named(made.table, ground, "zone", "片区"))
    width = max(3, len(str(len(zones))))
    zones = zones.assign(
        id=[f"zone-{number:0{width}d}" for number in range(1, len(zones) + 1)],
        group=zones["district"].map(ground.regions.set_index("district")["group"]),
    )
    return Peopled(gpd.GeoDataFrame(zones, geometry="geometry", crs=WGS84), fabric, list(made.notes))
