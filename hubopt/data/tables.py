"""Instance tables from what the other modules make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from hubopt.data.ground.coordinates import Floats, to_metric
from hubopt.data.recipe import Leg, Sites, Suitability
from hubopt.data.roads import RoadGraph
from hubopt.data.sites.suitability import score
from hubopt.data.structure import figure
from hubopt.data.travel import Places, Speeds, straight_km, travel
from hubopt.data.travel.arcs import LegRule, arcs, to_zone
from hubopt.instance.frames import frame
from hubopt.instance.schema import TABLES

WITHIN_ZONE_KM_H = 20.0
"""Speed of the part of the way that lies within a zone."""


def table(name: str, content: pd.DataFrame) -> pd.DataFrame:
    """``content`` as the instance table ``name``: its columns only, defaults filled, sorted by key."""
    columns = [column.name for column in TABLES[name].columns if column.name in content.columns]
    if not columns:
        return frame(name, [])
    rows = [
        {str(key): value for key, value in row.items() if not pd.isna(value)}
        for row in content[columns].to_dict("records")
    ]
    return frame(name, rows).sort_values(list(TABLES[name].key), ignore_index=True)


def made_up_sites(places: pd.DataFrame, rule: Sites, price: Mapping[str, float]) -> pd.DataFrame:
    """Rows of the table ``sites`` for made-up places (district, lon, lat, name_en, name_zh), numbered by level.

    Land shrinks with the square root of the district's land price over the median price.
    """
    dear = np.array([price[name] for name in places["district"]]) / float(np.median(list(price.values())))
    return places.assign(
        id=[f"{rule.level}-{number:03d}" for number in range(1, len(places) + 1)],
        level=rule.level,
        land_ha=np.round(rule.land_ha * np.clip(dear**-0.5, 0.5, 1.5), 2),
        synthetic=True,
        source=f"made up: middle of a cluster of the road fabric, on a {' or '.join(rule.classes)} road"
        + (", drawn to the nearest expressway junction" if rule.junction_pull else ""),
        reliability="assumption",
        designs=";".join(rule.designs),
    )


def site_scores(
    sites: pd.DataFrame,
    zones: pd.DataFrame,
    demand: pd.DataFrame,
    junctions: Floats,
    gateway_minutes: Floats,
    rule: Suitability,
) -> Floats:
    """Suitability of each site among those of its level, 0 to 100."""
    tonnes = demand.groupby("zone")["t_d"].sum().reindex(zones["id"]).fillna(0).to_numpy()
    xy = to_metric(sites[["lon", "lat"]].to_numpy(dtype=float))
    to_junction = np.hypot(xy[:, None, 0] - junctions[None, :, 0], xy[:, None, 1] - junctions[None, :, 1]).min(axis=1)
    near = straight_km(sites, zones) <= rule.demand_km
    criteria = pd.DataFrame(
        {
            "expressway": to_junction / 1000,
            "demand": near @ tonnes,
            "land_price": sites["land_price_cny_m2"].to_numpy(dtype=float),
            "gateway": gateway_minutes,
        }
    )
    result = np.zeros(len(sites))
    for level in sites["level"].unique():
        own = (sites["level"] == level).to_numpy()
        result[own] = score(criteria[own].reset_index(drop=True), rule.weights)
    return result


def _may_have(sites: pd.DataFrame, designs: Sequence[str]) -> np.ndarray:
    """Which sites may have one of the designs, as booleans; a site that lists none may have all."""
    listed = sites["designs"].fillna("").astype(str).str.split(";")
    return np.array([own == [""] or bool(set(own) & set(designs)) for own in listed], dtype=bool)


def both_ways(km: Floats, minutes: Floats) -> tuple[Floats, Floats]:
    """Means of both directions between the places of one level, shape (n, n), infinite but above the diagonal.

    An arc between two sites of one level serves both ways, so each pair is kept once.
    """
    once = np.triu(np.ones(km.shape, dtype=bool), 1)
    return np.where(once, (km + km.T) / 2, np.inf), np.where(once, (minutes + minutes.T) / 2, np.inf)


def all_arcs(
    graph: RoadGraph,
    speeds: Speeds,
    ends: Mapping[str, pd.DataFrame],
    tied: Mapping[str, Places],
    border_minutes: Floats,
    rules: Sequence[Leg],
) -> pd.DataFrame:
    """The table ``arcs`` for every leg rule.

    Args:
        graph: the road graph.
        speeds: how fast it is driven.
        ends: tables with ``id`` by kind of end (gateway, hub, utc, station, zone); zones with ``spread_km``.
        tied: the same places tied to the graph.
        border_minutes: waiting at each gateway, shape (gateways,).
        rules: one per leg.
    """
    made = []
    for rule in rules:
        upper, lower = rule.leg.split("-")
        km, minutes = travel(graph, speeds, tied[upper], tied[lower])
        if upper == "gateway":
            minutes = minutes + border_minutes[:, None]
        if lower == "zone":
            spread = ends["zone"]["spread_km"].to_numpy(dtype=float)
            km, minutes = to_zone(km, minutes, spread, WITHIN_ZONE_KM_H, speeds.access_detour)
        if rule.upper_designs:
            km = np.where(_may_have(ends[upper], rule.upper_designs)[:, None], km, np.inf)
        if upper == lower:
            km, minutes = both_ways(km, minutes)
        kept = LegRule(rule.leg, rule.mode, rule.max_km, rule.nearest, rule.most, rule.minutes_factor)
        made.append(arcs(list(ends[upper]["id"]), list(ends[lower]["id"]), km, minutes, kept))
    return table("arcs", pd.concat(made, ignore_index=True))


def land_limits(
    districts: gpd.GeoDataFrame, parameters: pd.DataFrame, city: str, further: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The table ``land``: one limit per district, that of the city, the total, and the case's own rows."""
    rows = districts.assign(scope="district", id=districts["district"], limit_ha=districts["land_limit_ha"])
    own = {"reliability": "assumption"}
    wide = [
        {"scope": "city", "id": city, "limit_ha": figure(parameters, "land.city_limit"),
         "source": "see parameters land.city_limit", **own},
        {"scope": "total", "id": "total", "limit_ha": figure(parameters, "land.total_limit"),
         "source": "see parameters land.total_limit", **own},
    ]  # fmt: skip
    chosen = pd.DataFrame(rows[["scope", "id", "limit_ha", "source", "reliability"]])
    parts = [chosen, pd.DataFrame(wide), *([] if further is None else [further])]
    return table("land", pd.concat(parts, ignore_index=True))
