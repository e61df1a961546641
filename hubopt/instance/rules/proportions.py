"""Doubts about figures that do not go together: driven km and the straight line, km and minutes, goods and people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hubopt.instance.draft import Draft
from hubopt.instance.errors import Problem
from hubopt.instance.rules.magnitudes import doubted, is_abstract

Floats = NDArray[np.float64]

EARTH_KM = 6371.0
"""Mean radius of the earth."""

NEAR_KM = 1.0
"""Straight lines shorter than this are not compared: places stand for areas, and their positions are rounded."""

SHORTEST, LONGEST = 0.7, 30.0
"""A driven way is hardly shorter than the straight line (places stand for areas), nor this many times as long."""

SPEEDS: dict[str, tuple[float, float]] = {
    "truck": (1.5, 150.0), "van": (1.5, 150.0), "rail": (1.0, 400.0), "water": (0.5, 100.0), "air": (5.0, 1200.0),
}  # fmt: skip
"""Mean km/h from end to end, waiting included, by kind of mode."""

KG_HEAD_DAY = (0.01, 2_000.0)
"""Goods per resident and day, in kg: cities of the world have 20 to 100, ports some hundreds."""

PERSONS_KM2 = (0.05, 400_000.0)
"""Residents per km2; the densest quarters of the world have some 150,000."""

LOADED_KM = 30.0
"""Shorter ways of trains, ships and aircraft are not compared with their minutes, which hold the loading too."""

FAR_KM = 1_500.0
"""A place this far from the middle of all others of its kind is probably elsewhere."""


def straight_km(lon: Floats, lat: Floats, other_lon: Any, other_lat: Any) -> Floats:
    """Length of the great circle between places in degrees, by the haversine formula."""
    x, y, u, v = (np.radians(np.asarray(part, dtype=float)) for part in (lon, lat, other_lon, other_lat))
    half = np.sin((v - y) / 2) ** 2 + np.cos(y) * np.cos(v) * np.sin((u - x) / 2) ** 2
    return np.asarray(2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1))), dtype=float)


def _places(draft: Draft) -> pd.DataFrame:
    """Longitude and latitude of every gateway, site and zone, by id."""
    parts = [draft.tables[name][["id", "lon", "lat"]] for name in ("gateways", "sites", "zones")]
    return pd.concat(parts, ignore_index=True).drop_duplicates("id").set_index("id")


def _crow(draft: Draft) -> pd.Series[float]:
    """The straight line of every arc in km; NaN where an end has no place."""
    arcs, places = draft.tables["arcs"], _places(draft)
    ends = [places.reindex(arcs[column])[["lon", "lat"]].to_numpy(dtype=float) for column in ("origin", "destination")]
    return pd.Series(straight_km(ends[0][:, 0], ends[0][:, 1], ends[1][:, 0], ends[1][:, 1]), index=arcs.index)


def driven_km_suit_the_straight_line(draft: Draft) -> Iterator[Problem]:
    """What is driven is neither much shorter nor many times longer than the straight line between the places."""
    arcs = draft.tables["arcs"]
    if is_abstract(draft) or arcs.empty:
        return
    crow = _crow(draft)
    ratio = (arcs["km"] / crow).where(crow >= NEAR_KM)
    for leg, rows in ratio.groupby(arcs["leg"]):
        middle = float(rows.median())  # NaN where all places are next to each other
        if 300 <= middle <= 3_000:
            message = f"of leg {leg!r} is about a thousand times the straight line: metres, not km?"
            wrong = (arcs["leg"] == leg) & (ratio > LONGEST)
            yield from doubted(draft, "arcs", "km", wrong, message, "give km")
        else:
            short = (arcs["leg"] == leg) & (ratio < SHORTEST)
            message = "is shorter than the straight line between the two places"
            yield from doubted(draft, "arcs", "km", short, message, "look at the km, and at lon and lat of both ends")
            # a way between places that are next to each other is compared with the nearest line that is
            long = (arcs["leg"] == leg) & (arcs["km"] > LONGEST * crow.clip(lower=NEAR_KM))
            message = f"is more than {LONGEST:g} times the straight line between the two places"
            yield from doubted(draft, "arcs", "km", long, message, "look at the km, and at lon and lat of both ends")


def speeds_can_be_driven(draft: Draft) -> Iterator[Problem]:
    """Km and minutes together give a speed that the mode can have."""
    arcs = draft.tables["arcs"]
    if is_abstract(draft) or draft.structure is None:
        return
    for mode in draft.structure.modes:
        slow, fast = SPEEDS[mode.kind]
        nearest = NEAR_KM if mode.kind in ("truck", "van") else LOADED_KM
        own = (arcs["mode"] == mode.id) & (arcs["minutes"] > 0) & (arcs["km"] >= nearest)
        if not own.any():
            continue
        speed = (arcs["km"] / (arcs["minutes"] / 60)).where(own)
        middle = float(speed.median())
        unit = " (minutes in seconds, or km in metres?)" if middle < slow or middle > fast else ""
        for wrong, what in ((speed < slow, "takes so long that it is walked"), (speed > fast, "is faster than can be")):
            message = f"{what} for mode {mode.id!r}{unit}"
            yield from doubted(draft, "arcs", "minutes", wrong.astype("bool"), message, "look at km and minutes")


def goods_suit_the_people(draft: Draft) -> Iterator[Problem]:
    """The demand of all zones is what their residents could cause: neither in kg nor in thousands of tonnes."""
    zones, demand = draft.tables["zones"], draft.tables["demand"]
    people = float(zones["population"].sum())
    if is_abstract(draft) or people <= 0 or demand.empty:
        return
    file = draft.files.get("demand", "demand.csv")
    for period, rows in demand[demand["zone"].isin(zones.loc[zones["population"] > 0, "id"])].groupby("period"):
        each = float(rows["t_d"].sum()) * 1000 / people
        low, high = KG_HEAD_DAY
        if each > 0 and not low <= each <= high:
            unit = "kg/d, not t/d?" if each > high else "thousands of tonnes?"
            message = f"comes to {each:,.3g} kg per resident and day in period {period!r}: {unit}"
            yield Problem(file, message, "give t/d, and residents in persons", column="t_d", warning=True)


def people_suit_the_area(draft: Draft) -> Iterator[Problem]:
    """Zones are neither denser nor emptier than any place."""
    zones = draft.tables["zones"]
    if is_abstract(draft):
        return
    density = (zones["population"] / zones["area_km2"]).where((zones["population"] > 0) & (zones["area_km2"] > 0))
    low, high = PERSONS_KM2
    message = f"gives more than {high:,.0f} residents per km2"
    mend = "the unit is km2, not ha (0.01 km2); look at the population too"
    yield from doubted(draft, "zones", "area_km2", (density > high).astype("bool"), message, mend)
    message = f"gives fewer than {low:g} residents per km2"
    mend = "the unit is km2, not m2 or ha; look at the population too"
    yield from doubted(draft, "zones", "area_km2", (density < low).astype("bool"), message, mend)


def places_lie_together(draft: Draft) -> Iterator[Problem]:
    """No site or zone lies a thousand kilometres from all others; swapped coordinates are told from mistyped ones."""
    for name in ("sites", "zones"):
        table = draft.tables[name]
        lon, lat = table["lon"].to_numpy(dtype=float), table["lat"].to_numpy(dtype=float)
        known = np.isfinite(lon) & np.isfinite(lat)
        if known.sum() < 3:
            continue
        middle = np.median(lon[known]), np.median(lat[known])
        far = straight_km(lon, lat, *middle) > FAR_KM
        turned = (np.abs(lon) <= 90) & (straight_km(lat, np.where(np.abs(lon) <= 90, lon, 0.0), *middle) < FAR_KM / 3)
        index = table.index
        message = "lies where the others are once longitude and latitude are swapped"
        yield from doubted(
            draft, name, "lon", pd.Series(known & far & turned, index=index), message, "swap lon and lat of this row"
        )
        message = f"lies more than {FAR_KM:,.0f} km from the middle of all {name}"
        yield from doubted(
            draft, name, "lon", pd.Series(known & far & ~turned, index=index), message, "look at lon and lat"
        )


RULES = (
    driven_km_suit_the_straight_line,
    speeds_can_be_driven,
    goods_suit_the_people,
    people_suit_the_area,
    places_lie_together,
)
