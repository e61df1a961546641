"""Build an instance for another city: roads from an OpenStreetMap extract, places of your own.

``town.osm`` beside this file is a made-up town; put an extract of your city (.osm or .osm.pbf) in its place. Goods,
buildings and vehicles come from the instance ``tiny``, and so do the places, moved to the town: put tables of your own
there. Km and minutes between them follow the roads. Needs the extra ``osm``. Lengths are right to 1 % within 500 km of
the Pearl River's mouth; for a whole city from raw data see instances/README.md on recipes.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd

import hubopt
from hubopt.data.roads.osm import read_extract
from hubopt.data.travel import Speeds, matrix
from hubopt.instance import write_instance

EXTRACT = Path(__file__).with_name("town.osm")
KM_H = {"motorway": 80.0, "trunk": 60.0, "primary": 50.0, "secondary": 40.0, "tertiary": 30.0, "minor": 25.0}
EAST, NORTH = 1.0, 0.6  # degrees from the places of tiny to those of the town


def moved(table: pd.DataFrame) -> pd.DataFrame:
    """Places of the town, in the columns of the instance's table."""
    return table.assign(lon=table["lon"] + EAST, lat=table["lat"] + NORTH, source="town.osm")


def by_road(arcs: pd.DataFrame, places: pd.DataFrame, speeds: Speeds) -> pd.DataFrame:
    """The same arcs with km and minutes along the roads of the extract."""
    graph = read_extract(EXTRACT)
    lonlat = places.set_index("id")[["lon", "lat"]].astype(float)
    ends = [arcs[side].drop_duplicates() for side in ("origin", "destination")]
    km, minutes = matrix(graph, speeds, *(lonlat.loc[ids].to_numpy() for ids in ends), keep=False).dense()
    rows, columns = (pd.Index(ids).get_indexer(arcs[ids.name]) for ids in ends)
    return arcs.assign(km=km[rows, columns].round(3), minutes=minutes[rows, columns].round(2))


def main(folder: Path) -> None:
    """Write the town's instance to ``folder``."""
    base = hubopt.load("tiny")
    speeds = Speeds(KM_H, junction_seconds=10, access_km_h=15, access_detour=1.3, terminal_minutes=2)
    sites, zones, gateways = moved(base.sites), moved(base.zones), moved(base.gateways)
    arcs = by_road(base.arcs, pd.concat([sites, zones, gateways]), speeds)
    within_limits = (arcs["leg"] != "utc-station") | ((arcs["km"] <= 12) & (arcs["minutes"] <= 40))
    town = base.with_tables(sites=sites, zones=zones, gateways=gateways, arcs=arcs[within_limits])
    info = base.info.model_copy(update={"id": "town", "name_en": "A town of my own", "name_zh": "我的小城"})
    town = replace(town, structure=base.structure.model_copy(update={"instance": info}))
    write_instance(town, folder)
    print(hubopt.load(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "town"))
