"""Arcs: which pairs of each leg may be linked, with km and minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hubopt.data.ground.coordinates import Floats


@dataclass(frozen=True)
class LegRule:
    """Which pairs of a leg are kept.

    ``mode`` that runs; ``max_km`` beyond which pairs are dropped (None: none); ``nearest`` upper ends of each lower end
    that are kept whatever the distance; ``most`` upper ends of each lower end kept at all (None: no limit);
    ``minutes_factor``: driving time of the mode over that of the graph.
    """

    leg: str
    mode: str
    max_km: float | None
    nearest: int
    most: int | None
    minutes_factor: float


def kept_pairs(km: Floats, rule: LegRule) -> np.ndarray:
    """Which pairs (origins, destinations) are kept, as booleans of the same shape."""
    rank = km.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    keep = np.isfinite(km) & ((km <= (rule.max_km or np.inf)) | (rank < rule.nearest))
    return keep if rule.most is None else keep & (rank < rule.most)


def arcs(
    origins: Sequence[str], destinations: Sequence[str], km: Floats, minutes: Floats, rule: LegRule
) -> pd.DataFrame:
    """The arcs of a leg from km and minutes, shape (origins, destinations), rounded to 3 and 2 decimals."""
    origin, destination = np.nonzero(kept_pairs(km, rule))
    return pd.DataFrame(
        {
            "leg": rule.leg,
            "origin": np.array(origins, dtype=object)[origin],
            "destination": np.array(destinations, dtype=object)[destination],
            "mode": rule.mode,
            "km": np.round(km[origin, destination], 3),
            "minutes": np.round(minutes[origin, destination] * rule.minutes_factor, 2),
            "estimated": False,
        }
    )


def to_zone(km: Floats, minutes: Floats, spread_km: Floats, km_h: float, detour: float) -> tuple[Floats, Floats]:
    """Km and minutes to the places of a zone instead of its middle, shapes (origins, zones).

    The mean square distance to the fabric is that to the middle plus the square of the fabric's spread around it.
    """
    within = np.sqrt(km**2 + (spread_km[None, :] * detour) ** 2)
    return within, minutes + (within - km) / km_h * 60
