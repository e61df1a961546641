"""One candidate per zone: for dense levels, where every zone of a fine grid may have a station of its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from hubopt.data.ground.coordinates import Floats, to_degrees, to_metric


def place_at_zones(
    zones: pd.DataFrame, frontage: Floats, least: float, apart_km: float, search_km: float, taken: Floats
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A made-up candidate near the middle of every zone that is worth one, the most populated first.

    Args:
        zones: id, city, district, lon, lat, population.
        frontage: places on roads that a site may front, metres, shape (n, 2).
        least: residents that a zone needs for a candidate of its own.
        apart_km: least distance between two candidates.
        search_km: how far from a zone's middle its candidate may be.
        taken: places of known sites of the level, metres, shape (m, 2).

    Returns:
        zone, city, district, lon, lat of the candidates in the order of the zones; and of the zones that got none:
        zone, lon, lat, reason.
    """
    middles = to_metric(zones[["lon", "lat"]].to_numpy(dtype=float).reshape(-1, 2))
    people = zones["population"].to_numpy(dtype=float)
    metres, nearest = KDTree(frontage).query(middles)
    old = KDTree(taken).query(frontage[nearest])[0] if len(taken) else np.full(len(zones), np.inf)
    close = KDTree(frontage[nearest]).query_ball_point(frontage[nearest], apart_km * 1000)
    chosen = np.zeros(len(zones), dtype=bool)
    reason = np.full(len(zones), "", dtype=object)
    for i in np.lexsort((np.arange(len(zones)), -people)):
        if people[i] < least:
            reason[i] = f"fewer than {least:g} residents"
        elif metres[i] > search_km * 1000:
            reason[i] = f"no road to front within {search_km:g} km"
        elif old[i] < apart_km * 1000:
            reason[i] = f"a known site within {apart_km:g} km"
        elif any(chosen[j] for j in close[i]):
            reason[i] = f"another candidate within {apart_km:g} km"
        else:
            chosen[i] = True
    lonlat = to_degrees(frontage[nearest])
    own = zones[["city", "district"]].reset_index(drop=True)
    places = own.assign(zone=zones["id"].to_numpy(), lon=lonlat[:, 0], lat=lonlat[:, 1])
    left = pd.DataFrame({"zone": zones["id"].to_numpy(), "lon": zones["lon"].to_numpy(), "lat": zones["lat"].to_numpy(),
                         "reason": reason})  # fmt: skip
    columns = ["zone", "city", "district", "lon", "lat"]
    return places.loc[chosen, columns].reset_index(drop=True), left[~chosen].reset_index(drop=True)
