"""Places of an instance that are given: gateways and demand zones."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from hubopt.data.gateways.known import check_gateways
from hubopt.data.gateways.positions import capacities, place_gateways
from hubopt.data.ground.coordinates import WGS84
from hubopt.data.ground.fabric import Fabric
from hubopt.data.pipeline.ground import Ground, Notes, distinct_names, named
from hubopt.data.zones.census import read_census
from hubopt.data.zones.merge import ZoneRule
from hubopt.data.zones.pieces import Evidence, Spread, gather_fabric, place_weights, unpeopled
from hubopt.data.zones.sources import from_census, spreads_of


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


def make_zones(ground: Ground, gateways: pd.DataFrame) -> Peopled:
    """Demand zones from the census, spread over road fabric, places and area."""
    recipe, regions = ground.recipe, ground.regions
    census = read_census(ground.root / recipe.data.populations, regions)
    evidence = Evidence(ground.vertices, place_weights(ground.places), unpeopled(gateways))
    given = {city: Spread(**item.model_dump()) for city, item in recipe.spreading.items()}
    rule = ZoneRule(**recipe.zones.model_dump())
    made = from_census(regions, census, evidence, rule, given)
    fabric = gather_fabric(evidence, regions, spreads_of(regions, census, set(ground.vertices), given), rule.resolution)
    zones = distinct_names(named(made.table, ground, "zone", "片区"))
    width = max(3, len(str(len(zones))))
    zones = zones.assign(
        id=[f"zone-{number:0{width}d}" for number in range(1, len(zones) + 1)],
        group=zones["district"].map(ground.regions.set_index("district")["group"]),
    )
    return Peopled(gpd.GeoDataFrame(zones, geometry="geometry", crs=WGS84), fabric, list(made.notes))
